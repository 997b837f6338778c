"""The text version: one true sentence an edge."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from ketamine_kb.diagrams import describe
from ketamine_kb.diagrams.lint import VERBS
from ketamine_kb.diagrams.source import parse
from tests.diagrams.examples import HEAD, SMALL, graphs


def sentence(source: str, verb: str, target: str, arrow: str = "-->") -> str:
    text = f'{HEAD}a["{source}"]\nb["{target}"]\na a-b@{arrow}|{verb}| b\n'
    (said,) = describe.sentences(parse(text, "d.mmd"))
    return said


@pytest.mark.parametrize(
    ("source", "verb", "target", "said"),
    [
        ("Ketamine", "blocks", "NMDA receptor", "Ketamine blocks NMDA receptor (firm line)."),
        ("Pyramidal cells", "releases", "Glutamate", "Pyramidal cells release glutamate (firm line)."),
        ("GABA interneurons<br/>(disinhibition)", "inhibits", "TrkB", "GABA interneurons (disinhibition) inhibit TrkB (firm line)."),
        ("Symptoms of depression", "decreases", "mTORC1", "Symptoms of depression decrease mTORC1 (firm line)."),
        ("Stress", "increases", "Cortisol", "Stress increases cortisol (firm line)."),
        ("Hippocampus", "part of", "Brain", "Hippocampus is part of brain (firm line)."),
        ("Synapsis", "binds", "X", "Synapsis binds X (firm line)."),
        ("Links of the dorsal nexus", "connects with", "A hub", "Links of the dorsal nexus connect with A hub (firm line)."),
        ("Angular gyrus, cells", "activates", "B", "Angular gyrus, cells activates B (firm line)."),
    ],
)
def test_sentence(source: str, verb: str, target: str, said: str) -> None:
    assert sentence(source, verb, target) == said


@pytest.mark.parametrize(
    ("arrow", "line"), [("-->", "firm"), ("--x", "firm"), ("---", "firm"), ("-.->", "dashed"), ("-.-x", "dashed"), ("-.-", "dashed")]
)
def test_how_firm_a_line_is(arrow: str, line: str) -> None:
    assert sentence("A", "activates", "B", arrow).endswith(f" ({line} line).")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_form_for_one_and_for_several(verb: str) -> None:
    assert verb in describe._READS
    one, several = describe._READS[verb]
    assert one != several
    assert sentence("Cell", verb, "X") == f"Cell {one} X (firm line)."
    assert sentence("Cells", verb, "X") == f"Cells {several} X (firm line)."


def test_no_verb_without_an_arrow() -> None:
    assert set(describe._READS) == set(VERBS)


def test_alternative_begins_with_the_title() -> None:
    assert describe.alternative(parse(SMALL, "d.mmd")) == "A title. A description of this. Alpha activates beta (firm line)."


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_one_sentence_an_edge_with_both_ends(text: str) -> None:
    graph = parse(text, "d.mmd")
    said = describe.sentences(graph)
    assert len(said) == len(graph.edges)
    for edge, words in zip(graph.edges, said, strict=True):
        assert words.startswith(graph.nodes[edge.source].words + " ")
        assert graph.nodes[edge.target].words[1:] in words
        assert "\n" not in words
