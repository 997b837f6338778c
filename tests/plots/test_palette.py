"""Every word and every line of a plot can be seen (WCAG 2.2: 1.4.3, 1.4.11), in every medium."""

from __future__ import annotations

import re

import pytest

from ketamine_kb.diagrams.palette import contrast
from ketamine_kb.plots import palette
from ketamine_kb.plots.palette import AREAS, DARK, INKS, LIGHT, LINES, PRINT

MEDIA = {"light": LIGHT, "dark": DARK, "print": PRINT}
media = pytest.mark.parametrize("medium", MEDIA)


@media
def test_every_word_can_be_read_on_every_area(medium: str) -> None:
    colours = MEDIA[medium]
    faint = {(ink, area): contrast(colours[ink], colours[area]) for ink in INKS for area in AREAS}
    assert {pair: round(ratio, 2) for pair, ratio in faint.items() if ratio < 4.5} == {}


@media
def test_every_line_can_be_seen_on_paper(medium: str) -> None:
    colours = MEDIA[medium]
    faint = {line: contrast(colours[line], colours["paper"]) for line in LINES}
    assert {line: round(ratio, 2) for line, ratio in faint.items() if ratio < 3} == {}


@media
def test_lines_that_cross_the_band_can_be_seen_there(medium: str) -> None:
    colours = MEDIA[medium]
    faint = {line: contrast(colours[line], colours["band"]) for line in ("vein", "nose", "mouth", "muscle", "drug", "axis")}
    assert {line: round(ratio, 2) for line, ratio in faint.items() if ratio < 3} == {}


@media
def test_every_role_has_a_colour_and_no_other(medium: str) -> None:
    assert set(MEDIA[medium]) == {*LINES, *INKS, *AREAS}
    assert [value for value in MEDIA[medium].values() if not re.fullmatch(r"#[0-9a-f]{6}", value)] == []


def test_the_web_style_sheet_has_every_value_once_in_each_medium() -> None:
    css = palette.web_style_sheet()
    blocks = re.findall(r"([^{}\n]*)\{((?:--kb-plot-[^;{}]+;)+)\}", css)
    for (_, body), colours in zip(blocks, (LIGHT, DARK, DARK, PRINT), strict=True):
        assert dict(re.findall(r"--kb-plot-([\w-]+):([^;]+);", body)) == colours
    assert set(re.findall(r"var\(--kb-plot-([\w-]+)\)", css)) == set(LIGHT)
    assert css.count("{") == css.count("}")


def test_the_print_style_block_stands_alone() -> None:
    css = palette.print_style_block()
    assert "var(" not in css
    assert set(re.findall(r"#[0-9a-f]{6}\b", css)) == set(PRINT.values())
