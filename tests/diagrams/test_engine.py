"""A Mermaid source becomes exactly the graph that it says, and positions inside the picture."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.diagrams.engine import layout, parse
from ketamine_kb.diagrams.graph import MAX_CHARACTERS, MAX_LINES, Edge, Graph, Group, Node
from ketamine_kb.messages import Code
from ketamine_kb.project import Faulty
from tests import running
from tests.diagrams.examples import HEAD, ORIENTATION, SMALL, graphs


def test_the_whole_graph() -> None:
    text = ORIENTATION + (
        'subgraph g["A group"]\na(["Alpha<br/>beta"])\nend\nb["<5 & \'x\'"]\na a-b@-.-x|blocks| b\nb --> a\nclass a drug\n'
    )
    assert parse(text, "d.mmd") == Graph(
        title="A title",
        description="A description of this.",
        kind="orientation",
        nodes={"a": Node("a", "Alpha<br/>beta", "stadium", ("drug",)), "b": Node("b", "<5 & 'x'", "square", ())},
        edges=(Edge("a-b", "a", "b", "blocks", "-.-x", True), Edge("L_b_a_0", "b", "a", "", "-->", False)),
        groups=(Group("g", "A group", ("a",)),),
    )


@pytest.mark.parametrize("line", ["%% kind: orientation", "  %%kind:orientation", "%%  kind:  orientation  "])
def test_an_orientation_says_so_in_a_line_of_its_own(line: str) -> None:
    assert parse(SMALL + line + "\n", "d.mmd").kind == "orientation"
    assert parse(SMALL + "%% not " + line + "\n", "d.mmd").kind == "mechanism"
    assert parse(SMALL + line + "s\n", "d.mmd").kind == "mechanism"


def test_notes_on_boxes_are_not_part_of_the_graph() -> None:
    assert parse(SMALL + "%% node a: term=neuron; molecule=x\n", "d.mmd") == parse(SMALL, "d.mmd")


def test_longest_source() -> None:
    padding = "%% " + "x" * (MAX_CHARACTERS - len(SMALL) - 4) + "\n"
    assert len(SMALL + padding) == MAX_CHARACTERS
    assert parse(SMALL + padding, "d.mmd").edges
    with pytest.raises(Faulty, match=r"d\.mmd:1: 20001 characters - expected at most 20000"):
        parse(SMALL + padding + "\n", "d.mmd")


def test_most_lines() -> None:
    lines = SMALL + "\n" * (MAX_LINES - SMALL.count("\n") - 1)
    assert parse(lines, "d.mmd").edges
    with pytest.raises(Faulty, match=r"d\.mmd:1: 2001 lines - expected at most 2000"):
        parse(lines + "\n", "d.mmd")


@pytest.mark.parametrize("text", ["\ud800", "a\0", "flowchart TB\n\uffff", "flowchart TB\n\x0b"])
def test_characters_that_no_picture_can_hold(text: str) -> None:
    with pytest.raises(Faulty) as caught:
        parse(text, "d.mmd")
    assert [(fault.code, fault.line) for fault in caught.value.faults] == [(Code.DIAGRAM_GLYPH, text.count("\n") + 1)]


def test_too_deep_groups_are_told_in_words() -> None:
    text = HEAD + "".join(f"subgraph s{number}\n" for number in range(300)) + 'a["A"]\n' + "end\n" * 300
    with pytest.raises(Faulty) as caught:
        parse(text, "d.mmd")
    assert caught.value.faults[0].found.startswith("resource limit exceeded")


def test_layout_of_nothing() -> None:
    assert layout(HEAD, "d.mmd").nodes == {}


def test_two_layouts_are_equal_and_rounded() -> None:
    first, second = layout(SMALL, "d.mmd"), layout(SMALL, "d.mmd")
    assert first == second
    numbers = [first.width, first.height, *(value for box in first.nodes.values() for value in (box.x, box.y, box.width, box.height))]
    assert numbers == [round(number, 2) for number in numbers]


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_everything_is_placed_inside_the_picture(text: str) -> None:
    graph, placed = parse(text, "d.mmd"), layout(text, "d.mmd")
    assert set(placed.nodes) == set(graph.nodes)
    assert set(placed.edges) == {edge.id for edge in graph.edges}
    assert set(placed.groups) == {group.id for group in graph.groups}
    for box in [*placed.nodes.values(), *placed.groups.values()]:
        assert box.x - box.width / 2 > 0
        assert box.x + box.width / 2 < placed.width
        assert box.y - box.height / 2 > 0
        assert box.y + box.height / 2 < placed.height
    boxes = list(placed.nodes.values())
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = abs(one.x - other.x) >= (one.width + other.width) / 2 or abs(one.y - other.y) >= (one.height + other.height) / 2
            assert apart, "two nodes lie on each other"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.booleans())
def test_any_text_is_parsed_or_told(text: str, head: bool) -> None:
    try:
        parse(HEAD * head + text, "d.mmd")
    except Faulty as error:
        assert error.faults
        assert all(fault.path == "d.mmd" for fault in error.faults)


def test_positions_of_what_does_not_parse_are_a_fault() -> None:
    with pytest.raises(Faulty, match=r"d\.mmd:1: .*Unterminated"):
        layout(SMALL.replace("activates|", '"`x` y"|'), "d.mmd")


def test_the_engine_serves_forked_processes_and_ends_in_silence() -> None:
    code = (
        "import multiprocessing as m\n"
        "from ketamine_kb.diagrams.engine import layout\n"
        f"text = {SMALL!r}\n"
        "here = layout(text, 'd.mmd')\n"
        "with m.get_context('fork').Pool(2) as pool:\n"
        "    there = pool.starmap(layout, [(text, 'd.mmd')] * 4)\n"
        "    pool.close()\n"
        "    pool.join()\n"
        "assert there == [here] * 4\n"
        "print('same')\n"
    )
    assert running.run([sys.executable, "-c", code], within=120) == running.Run(0, "same\n", "")
