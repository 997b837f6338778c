"""Widths of text, and lines that lose no word."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from ketamine_kb.diagrams.measure import FONT, missing_glyphs, width, wrap

words = st.text(st.sampled_from("aWi. \n\tß漢"), max_size=60)


def test_widths_are_those_of_the_font() -> None:
    with TTFont(FONT) as font:
        advance, units = font["hmtx"][font.getBestCmap()[ord("W")]][0], font["head"].unitsPerEm
    assert width("W", units) == advance
    assert width("WW", units) == 2 * advance
    assert width("", 15) == 0
    assert width("i", 15) < width("W", 15)


@given(words, words, st.floats(1, 100))
def test_width_adds_up_and_scales(first: str, second: str, size: float) -> None:
    assert width(first + second, size) == pytest.approx(width(first, size) + width(second, size))
    assert width(first, 2 * size) == pytest.approx(2 * width(first, size))


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", []),
        ("Ketamine (R,S) – β₂ “x” µ ≥ 5 %", []),
        ("a漢b漢字", ["字", "漢"]),
        ("🧠", ["🧠"]),
        ("a\n\t\rb", []),
        ("\0\u202e", ["\0", "\u202e"]),
    ],
)
def test_missing_glyphs(text: str, missing: list[str]) -> None:
    assert missing_glyphs(text) == missing


@pytest.mark.parametrize(
    ("text", "limit", "lines"),
    [
        ("", 100, [""]),
        ("one", 1, ["one"]),
        ("one two", 1, ["one", "two"]),
        ("one two", None, ["one two"]),
        ("one two", 1000, ["one two"]),
        ("one\ntwo", 1000, ["one", "two"]),
        ("one\n\ntwo", 1000, ["one", "", "two"]),
    ],
)
def test_wrap(text: str, limit: float | None, lines: list[str]) -> None:
    assert wrap(text, 15, limit) == lines


@given(words, st.one_of(st.none(), st.floats(0, 400)))
def test_wrap_loses_no_word_and_keeps_their_order(text: str, limit: float | None) -> None:
    assert " ".join(wrap(text, 15, limit)).split() == text.split()


@given(words, st.floats(20, 400))
def test_a_line_is_too_wide_only_when_it_cannot_be_broken(text: str, limit: float) -> None:
    assert [line for line in wrap(text, 15, limit) if width(line, 15) > limit and " " in line.strip(" ")] == []
