"""Rules for diagrams beyond the cases of tests/faults: limits, places, and that no text brings them down."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.diagrams import lint
from ketamine_kb.diagrams.lint import MAX_EDGES, MAX_NODES, MAX_WIDTH, VERBS
from ketamine_kb.diagrams.palette import CLASSES
from ketamine_kb.diagrams.source import layout
from ketamine_kb.messages import Code
from ketamine_kb.project import Project
from tests.diagrams.examples import ARROWS, HEAD, SHAPES, SMALL, graphs


def codes(text: str) -> list[Code]:
    return [fault.code for fault in lint.check(text, "d.mmd")]


def chain(nodes: int, edges: int) -> str:
    """A source with so many nodes and edges, in one column."""
    lines = [f'n{number}["Node {number}"]' for number in range(nodes)]
    for number in range(edges):
        start = number % (nodes - 1)
        lines.append(f"n{start} e{number}@-->|activates| n{start + 1}")
    return HEAD + "\n".join(lines) + "\nclass " + ",".join(f"n{number}" for number in range(nodes)) + " cell\n"


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_takes_its_arrows_and_no_other(verb: str) -> None:
    for tip, arrows in ARROWS.items():
        for arrow in arrows:
            found = codes(SMALL.replace("-->|activates|", f"{arrow}|{verb}|"))
            assert found == ([] if VERBS[verb] == tip else [Code.DIAGRAM_EDGE]), (verb, arrow)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_is_taken(name: str) -> None:
    assert codes(SMALL.replace("b cell", f"b {name}")) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_taken(shape: str) -> None:
    assert codes(SMALL.replace('["Alpha"]', SHAPES[shape].format("Alpha"))) == []


@pytest.mark.parametrize("identifier", ["a", "a1-b2", "nmda-at-rest--2", "x" * 60])
def test_ids_that_are_taken(identifier: str) -> None:
    assert codes(SMALL.replace("a-activates-b@", f"{identifier}@")) == []


@pytest.mark.parametrize("identifier", ["A-b", "a_b", "a-b--c", "cross", "arrow", "desc", "title"])
def test_ids_that_are_refused(identifier: str) -> None:
    assert codes(SMALL.replace("a-activates-b@", f"{identifier}@")) == [Code.DIAGRAM_EDGE]


def test_most_nodes_and_edges() -> None:
    assert codes(chain(MAX_NODES, MAX_EDGES)) == []
    assert codes(chain(MAX_NODES + 1, MAX_NODES)) == [Code.DIAGRAM_SIZE]
    assert codes(chain(10, MAX_EDGES + 1)) == [Code.DIAGRAM_SIZE]


def fan(count: int, last: str = "Some words") -> str:
    """One node above a row of so many."""
    labels = ["Some words"] * (count - 1) + [last]
    lines = [f'n{number}["{label}"]\na e{number}@-->|activates| n{number}' for number, label in enumerate(labels)]
    return HEAD + 'a["Alpha"]\n' + "\n".join(lines) + "\nclass a," + ",".join(f"n{number}" for number in range(count)) + " cell\n"


def test_widest_diagram() -> None:
    sources = [fan(count, "l" * letters) for count in (5, 6) for letters in range(1, 50)]
    widths = [layout(source).width for source in sources]
    assert any(MAX_WIDTH - 15 < wide <= MAX_WIDTH for wide in widths), "no example just below the limit"
    assert any(MAX_WIDTH < wide < MAX_WIDTH + 15 for wide in widths), "no example just above the limit"
    for source, wide in zip(sources, widths, strict=True):
        assert codes(source) == ([Code.DIAGRAM_SIZE] if wide > 900 else [])


def test_verbs_and_tips_are_those_agreed() -> None:
    crosses = {"inhibits", "blocks"}
    plain = {"part of", "connects with"}
    arrows = {"activates", "releases", "binds", "increases", "decreases", "disinhibits"}
    assert dict.fromkeys(crosses, "cross") | dict.fromkeys(plain, "none") | dict.fromkeys(arrows, "arrow") == VERBS


def test_a_place_is_never_that_of_a_word_in_the_description() -> None:
    text = SMALL.replace("A description of this.", "Of beta, 漢, zeta and b-activates-a@.").replace('b["Beta"]', 'beta["Beta 漢"]')
    text = text.replace("| b", "| beta").replace("class a,b", "class a")
    assert [(fault.line, fault.code) for fault in lint.check(text, "d.mmd")] == [(5, Code.DIAGRAM_NODE), (5, Code.DIAGRAM_GLYPH)]


def test_an_id_that_ends_another_id_has_its_own_place() -> None:
    text = SMALL + "b x-a-activates-b@-->|activates| a\n"
    text = text.replace("a a-activates-b@-->|activates| b\n", "") + "a a-activates-b@-->|wrong| b\n"
    assert [(fault.line, fault.column) for fault in lint.check(text, "d.mmd")] == [(8, 3)]


def test_check_all_tells_of_files_that_cannot_be_read(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.diagrams.mkdir()
    (project.diagrams / "a.mmd").write_bytes(b"\xff")
    (project.diagrams / "b.mmd").write_text(SMALL.replace("accTitle: A title\n", ""), encoding="utf-8")
    (project.diagrams / "c.mmd").write_text(SMALL, encoding="utf-8")
    found = [(fault.path, fault.code) for fault in lint.check_all(project)]
    assert found == [("diagrams/a.mmd", Code.PAGE_NOT_UTF8), ("diagrams/b.mmd", Code.DIAGRAM_ACCESS)]


def test_the_real_diagrams_are_quiet(project: Project) -> None:
    assert [str(fault) for fault in lint.check_all(project)] == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "a --> b & " * 1500,
        HEAD + "a & " * 4000 + "a --> b",
        HEAD + "a" * 19_000,
        HEAD + "a-->" * 4500 + "a",
        HEAD + "subgraph x\n" * 1700,
        HEAD + "((((" * 4000,
        HEAD + 'a["' + "<br/>" * 3500 + '"]',
        HEAD + "accDescr {" * 1800,
        "%%{" * 6000,
        HEAD + "\n".join(f"n{number} --> n{number + 1}" for number in range(1200)),
    ],
    ids="and many long chain groups brackets breaks descriptions settings lines".split(),
)
def test_hostile_sources_end_soon(text: str) -> None:
    start = time.monotonic()
    assert lint.check(text, "d.mmd")
    assert time.monotonic() - start < 15


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_valid_graphs_are_quiet_unless_too_wide(text: str) -> None:
    assert set(codes(text)) <= {Code.DIAGRAM_SIZE}


PIECES = [
    "subgraph g",
    "end",
    "\n",
    "-->",
    "-.-x",
    "|activates|",
    "a",
    "b",
    "e1@",
    "[",
    '"',
    "]",
    "(",
    "{{",
    "}}",
    "class ",
    "cell",
    ":::",
    "style ",
    "accDescr",
    "{",
    "}",
    "&",
    "#1;",
    "%%",
    "@{shape: ",
    ";",
    " ",
]
mermaid_like = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["", HEAD, SMALL, "flowchart TB\n"]), mermaid_like)
def test_any_text_is_taken_or_told(head: str, text: str) -> None:
    source = (head + text).replace("\r", "\n")  # as Project.read hands it over
    for fault in lint.check(source, "d.mmd"):
        assert fault.path == "d.mmd"
        assert 1 <= fault.line <= source.count("\n") + 1
