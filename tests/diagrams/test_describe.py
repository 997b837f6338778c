"""The text version: one true sentence a line, ending in its certainty and species."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from ketamine_kb.diagrams import describe
from ketamine_kb.diagrams.arrows import Diagram
from ketamine_kb.diagrams.lint import VERBS
from ketamine_kb.evidence.words import SIGNS, SPECIES
from tests.diagrams.examples import HEAD, ORIENTATION, SMALL, claim, diagrams, read


def sentence(source: str, verb: str, target: str, **known: object) -> str:
    text = f'{HEAD}a["{source}"]\nb["{target}"]\na a-b@-->|{verb}| b\n'
    (said,) = describe.sentences(read(text, {"a-b": claim("a-b", **known)} if known else {}))  # type: ignore[arg-type]
    return said


@pytest.mark.parametrize(
    ("source", "verb", "target", "said"),
    [
        ("Ketamine", "blocks", "NMDA receptor", "Ketamine blocks NMDA receptor."),
        ("Pyramidal cells", "releases", "Glutamate", "Pyramidal cells release glutamate."),
        ("GABA interneurons<br/>(disinhibition)", "inhibits", "TrkB", "GABA interneurons (disinhibition) inhibit TrkB."),
        ("Symptoms of depression", "decreases", "mTORC1", "Symptoms of depression decrease mTORC1."),
        ("Stress", "increases", "Cortisol", "Stress increases cortisol."),
        ("Hippocampus", "part of", "Brain", "Hippocampus is part of brain."),
        ("Synapsis", "binds", "X", "Synapsis binds X."),
        ("Links of the dorsal nexus", "connects with", "A hub", "Links of the dorsal nexus connect with A hub."),
        ("Angular gyrus, cells", "activates", "B", "Angular gyrus, cells activates B."),
    ],
)
def test_sentence(source: str, verb: str, target: str, said: str) -> None:
    assert sentence(source, verb, target) == said


@pytest.mark.parametrize("certainty", SIGNS)
def test_every_certainty_is_said_in_its_word(certainty: str) -> None:
    assert sentence("A", "activates", "B", certainty=certainty) == f"A activates B ({certainty}, shown in people)."


@pytest.mark.parametrize("species", SPECIES)
def test_every_species_is_said_in_its_words(species: str) -> None:
    assert sentence("A", "activates", "B", shown_in=(species,)) == f"A activates B (supported, shown in {SPECIES[species]})."


def test_several_species_are_all_said() -> None:
    said = sentence("A", "activates", "B", certainty="hypothesis", shown_in=("rodent", "in-vitro"))
    assert said == "A activates B (hypothesis, shown in rodents, cells or receptors in the laboratory)."


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_form_for_one_and_for_several(verb: str) -> None:
    assert verb in describe._READS
    one, several = describe._READS[verb]
    assert one != several
    assert sentence("Cell", verb, "X") == f"Cell {one} X."
    assert sentence("Cells", verb, "X") == f"Cells {several} X."


def test_no_verb_without_an_arrow() -> None:
    assert set(describe._READS) == set(VERBS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a next-step@--> b", "Alpha, then beta."),
        ("a next-step@--- b", "Alpha and beta."),
        ('a a-b@-->|"if it helps"| b', "Alpha, if it helps: beta (supported, shown in people)."),
        ('a other@-->|"if it helps"| b', "Alpha, if it helps: beta."),
    ],
)
def test_an_orientation_says_order_and_free_words(line: str, said: str) -> None:
    text = ORIENTATION + 'a["Alpha"]\nb["Beta"]\n' + line + "\n"
    assert describe.sentences(read(text, {"a-b": claim("a-b"), "next-step": claim("next-step")})) == [said]


def test_alternative_begins_with_the_title() -> None:
    shown = read(SMALL, {"a-activates-b": claim("a-activates-b", "mixed", ("rodent",))})
    assert describe.alternative(shown) == "A title. A description of this. Alpha activates beta (mixed, shown in rodents)."


@settings(max_examples=40, deadline=None)
@given(diagrams())
def test_one_sentence_a_line_with_both_ends(shown: Diagram) -> None:
    said = describe.sentences(shown)
    assert len(said) == len(shown.graph.edges)
    for arrow, words in zip(shown.arrows, said, strict=True):
        assert words.startswith(shown.graph.nodes[arrow.edge.source].words)
        assert shown.graph.nodes[arrow.edge.target].words[1:] in words
        assert arrow.certainty in words
        assert words.endswith(".")
        assert "\n" not in words
