"""Small questions to a graph: what a line is, what a label says, what of a source is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketamine_kb.diagrams.graph import Edge, Node, drawn, in_bars, plain
from ketamine_kb.diagrams.source import parse
from tests.diagrams.examples import HEAD, ORIENTATION, SMALL


def edge(arrow: str, identifier: str = "e") -> Edge:
    return Edge(identifier, "a", "b", "activates", arrow, True)


@pytest.mark.parametrize(
    ("arrow", "tip", "dashed", "two_way"),
    [
        ("-->", "arrow", False, False),
        ("-.->", "arrow", True, False),
        ("-....->", "arrow", True, False),
        ("--x", "cross", False, False),
        ("-.-x", "cross", True, False),
        ("---", "none", False, False),
        ("-.-", "none", True, False),
        ("<-->", "arrow", False, True),
        ("x--x", "cross", False, True),
        ("<-.->", "arrow", True, True),
    ],
)
def test_arrows(arrow: str, tip: str, dashed: bool, two_way: bool) -> None:
    assert (edge(arrow).tip, edge(arrow).dashed, edge(arrow).two_way) == (tip, dashed, two_way)
    (parsed,) = parse(SMALL.replace("-->", arrow), "d.mmd").edges
    assert (parsed.tip, parsed.dashed, parsed.two_way) == (tip, dashed, two_way), "merman says the arrow in other words"


@pytest.mark.parametrize(
    ("label", "words"),
    [("a<br/>b", "a b"), ("a<br>b<br />c", "a b c"), ("  a \n\t b ", "a b"), ("", ""), ("<br/>", ""), ("a <b>", "a <b>")],
)
def test_plain(label: str, words: str) -> None:
    assert plain(label) == words
    assert Node("a", label, "square", ()).words == words


def test_what_is_drawn() -> None:
    text = ORIENTATION + '  %% node a: term=none\naccDescr {\n a e@-->|x| b\n}\na["Alpha"]\na e@-->|x| b\n'
    kept = [line for line in drawn(text).split("\n") if line.strip()]
    assert kept == ['a["Alpha"]', "a e@-->|x| b"]
    assert "%%{init" in drawn("%%{init: {}}%%\n"), "a setting is not a comment"


@given(st.text(st.sampled_from("a%{} \nc:"), max_size=40))
def test_every_place_stays_where_it_was(text: str) -> None:
    kept = drawn(HEAD + text)
    assert len(kept) == len(HEAD + text)
    assert [number for number, letter in enumerate(kept) if letter == "\n"] == [
        number for number, letter in enumerate(HEAD + text) if letter == "\n"
    ]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("a e@-->|activates| b", "activates"),
        ("a e@ -.-> | part of | b", " part of "),
        ('a e@--x|"a | b"| b', '"a | b"'),
        ("a e@-->|| b", ""),
        ("a e@--> b", None),
        ("a e@-- activates --> b", None),
        ("a e@--> b f@-->|blocks| c", None),
        ("a x-e@-->|blocks| b", None),
        ("a e@-->\n|blocks| b", None),
    ],
)
def test_the_word_between_bars(line: str, word: str | None) -> None:
    found = in_bars(edge("-->"), line)
    assert (found["word"] if found else None) == word
