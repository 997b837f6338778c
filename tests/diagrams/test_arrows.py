"""What stands behind a picture: claims behind lines, notes on boxes, and room for the marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ketamine_kb.diagrams import arrows
from ketamine_kb.diagrams.arrows import Arrow, Diagram, Note, claim_of, labelled, notes
from ketamine_kb.diagrams.graph import FONT_SIZE, Edge, Graph
from ketamine_kb.diagrams.measure import width
from ketamine_kb.diagrams.source import parse
from ketamine_kb.evidence.words import SHORT, SIGNS
from tests.diagrams.examples import FREE, ORIENTATION, SMALL, SOURCES, claim, diagrams, read, real


@pytest.mark.parametrize(
    ("identifier", "named"),
    [("a-activates-b", "a-activates-b"), ("a-activates-b--2", "a-activates-b"), ("a--12", "a"), ("a-2", "a-2"), ("L_a_b_0", "L_a_b_0")],
)
def test_the_claim_that_a_line_names(identifier: str, named: str) -> None:
    assert claim_of(Edge(identifier, "a", "b", "activates", "-->", True)) == named


def test_two_lines_may_stand_for_one_claim() -> None:
    shown = read(SMALL + 'c["C"]\na a-activates-b--2@-->|activates| c\n', {"a-activates-b": claim("a-activates-b")})
    assert [arrow.claim.id for arrow in shown.arrows if arrow.claim] == ["a-activates-b"] * 2
    assert shown.claims == ["a-activates-b"]


def test_a_line_without_a_claim_says_only_its_verb() -> None:
    (arrow,) = read(SMALL, {}).arrows
    assert (arrow.claim, arrow.certainty, arrow.only_in, arrow.label) == (None, "", "", ["activates"])


@pytest.mark.parametrize("certainty", SIGNS)
@pytest.mark.parametrize("species", [*SHORT, "human"])
def test_the_label_has_verb_sign_and_species(certainty: str, species: str) -> None:
    (arrow,) = read(SMALL, {"a-activates-b": claim("a-activates-b", certainty, (species,))}).arrows
    first = f"activates {SIGNS[certainty]}"
    assert arrow.label == ([first] if species == "human" else [first, SHORT[species]])


def test_species_are_left_out_where_people_are_among_them() -> None:
    (arrow,) = read(SMALL, {"a-activates-b": claim("a-activates-b", shown_in=("rodent", "human"))}).arrows
    assert arrow.label == ["activates ✓"]
    (arrow,) = read(SMALL, {"a-activates-b": claim("a-activates-b", shown_in=("rodent", "in-vitro"))}).arrows
    assert arrow.label == ["activates ✓", "rodents, cells"]


def test_in_an_orientation_only_lines_with_words_have_claims() -> None:
    text = ORIENTATION + 'a["A"]\nb["B"]\na a-b@--> b\nb b-a@-->|later| a\n'
    shown = read(text, {"a-b": claim("a-b"), "b-a": claim("b-a")})
    assert [arrow.claim.id if arrow.claim else "" for arrow in shown.arrows] == ["", "b-a"]
    assert [arrow.label for arrow in shown.arrows] == [[], ["later ✓"]]


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("%% node a: term=neuron", Note("neuron", "", (), 1)),
        ("  %%node a:term=NMDA receptor;molecule=grin1  ", Note("NMDA receptor", "grin1", (), 1)),
        ("%% node a: molecule=x; term=none", Note("none", "x", (), 1)),
        ("%% node a: term = long-term potentiation ; ", Note("long-term potentiation", "", (), 1)),
        ("%% node a: term=a; term=b", Note("b", "", (), 1)),
        ("%% node a: trem=neuron; colour", Note("", "", ("trem", "colour"), 1)),
        ("%% node a:", Note("", "", (), 1)),
        ("%% node a: term=x=y", Note("x=y", "", (), 1)),
    ],
)
def test_a_note(line: str, note: Note) -> None:
    assert notes(line) == {"a": note}


@pytest.mark.parametrize("line", ["%% a: term=x", "% node a: term=x", 'a["%% node a: term=x"]', "%% nodes a: term=x", "%% node a term=x"])
def test_what_is_no_note(line: str) -> None:
    assert notes(line) == {}


def test_notes_know_their_line_and_the_last_counts() -> None:
    assert notes("\n%% node a: term=x\n\n%% node b-c: term=y\n%% node a: term=z") == {
        "a": Note("z", "", (), 5),
        "b-c": Note("y", "", (), 4),
    }


def test_a_diagram_is_named_by_its_file() -> None:
    assert arrows.read(SMALL, "diagrams/a-b.mmd", {}).name == "a-b"
    assert arrows.read(SMALL, "a.mmd", {}).name == "a"


def without_verbs(graph: Graph) -> Graph:
    edges = tuple(Edge(edge.id, edge.source, edge.target, "", edge.arrow, edge.named) for edge in graph.edges)
    return Graph(graph.title, graph.description, graph.kind, graph.nodes, edges, graph.groups)


def wrongly_labelled(shown: Diagram) -> list[str]:
    """Lines of the labelled source that do not say what is drawn on them, or that have no room for it."""
    text = labelled(shown.text, shown.arrows)
    graph, placed = parse(text, "d.mmd"), shown.place()
    assert without_verbs(graph) == without_verbs(shown.graph)
    wrong = [edge.id for edge, arrow in zip(graph.edges, shown.arrows, strict=True) if edge.verb != " ".join(arrow.label)]
    for arrow in shown.arrows:
        box = placed.edges[arrow.edge.id].label
        needed = max((width(line, FONT_SIZE) for line in arrow.label), default=0.0)
        if needed and (box is None or box.width + 0.01 < needed):
            wrong.append(f"{arrow.edge.id} has no room")
    return wrong


@settings(max_examples=80, deadline=None)
@given(diagrams())
def test_the_labelled_source_is_the_same_graph_with_other_words(shown: Diagram) -> None:
    assert wrongly_labelled(shown) == []
    if not shown.claims:
        assert labelled(shown.text, shown.arrows) == shown.text


@pytest.mark.parametrize("source", SOURCES, ids=[path.stem for path in SOURCES])
def test_the_diagrams_of_the_project_have_room_for_their_marks(source: Path) -> None:
    assert wrongly_labelled(real(source)) == []


@pytest.mark.parametrize("word", FREE)
def test_free_words_get_their_marks(word: str) -> None:
    text = f'{ORIENTATION}a["A"]\nb["B"]\na a-b@-->|"{word}"| b\n'
    assert wrongly_labelled(read(text, {"a-b": claim("a-b", "hypothesis", ("rodent",))})) == []


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace("accTitle", "%% a-activates-b@-->|blocks| is another\naccTitle"),
        SMALL.replace("A description of this.", "About a-activates-b@-->|blocks| alone."),
        SMALL.replace("accDescr: A description of this.", "accDescr {\n a a-activates-b@-->|blocks| b\n}"),
        SMALL.replace("a a-activates-b@-->|activates|", "a a-activates-b@-->|activates| c\nc x-a-activates-b@-->|activates|") + 'c["C"]\n',
        SMALL.replace("|activates|", '|"activates"|'),
        SMALL.replace("-->|activates|", " -...-> | activates |"),
    ],
    ids=["comment", "description", "braces", "an id within an id", "quotes", "spaces"],
)
def test_marks_are_written_on_the_line_itself(text: str) -> None:
    assert wrongly_labelled(read(text)) == []


def test_lines_without_a_claim_stay_as_they_are() -> None:
    assert labelled(SMALL, read(SMALL, {}).arrows) == SMALL


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
@example("%% node " * 500)
@example("%% node a:" + "=;" * 5000)
@example("a-activates-b@" * 500)
def test_any_text_is_searched_for_notes_and_labels(text: str) -> None:
    for note in notes(text).values():
        assert 1 <= note.line <= text.count("\n") + 1
    edge = Edge("a-activates-b", "a", "b", "activates", "-->", True)
    labelled(text, (Arrow(edge, claim("a-activates-b")),))
