"""Every text and every line can be seen, computed from the table itself (WCAG 2.2: 1.4.3, 1.4.6, 1.4.11)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketamine_kb.diagrams import palette
from ketamine_kb.diagrams.palette import CLASSES, DARK, LIGHT, PRINT, Palette, contrast, luminance

PALETTES = {"light": LIGHT, "dark": DARK, "print": PRINT}
TEXT, LINE = 4.5, 3.0
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
all_palettes = pytest.mark.parametrize("medium", PALETTES)


def too_faint(pairs: dict[str, tuple[str, str]], least: float) -> dict[str, float]:
    found = {name: contrast(*pair) for name, pair in pairs.items()}
    return {name: round(ratio, 2) for name, ratio in found.items() if ratio < least}


def texts(colour: Palette) -> dict[str, tuple[str, str]]:
    """Each text with what lies behind it."""
    pairs = {f"{name} on its fill": (tone.ink, tone.fill) for name, tone in colour.tones.items()}
    pairs |= {f"{name} on paper": (tone.ink, colour.paper) for name, tone in colour.tones.items()}
    return pairs | {"verb on its plate": (colour.ink, colour.paper), "title on its group": (colour.ink, colour.cluster_fill)}


def strokes(colour: Palette) -> dict[str, tuple[str, str]]:
    """Each line with what lies on either side."""
    pairs = {}
    for name, tone in colour.tones.items():
        pairs[f"{name} against its fill"] = (tone.line, tone.fill)
        pairs[f"{name} against paper"] = (tone.line, colour.paper)
        pairs[f"{name} against a group"] = (tone.line, colour.cluster_fill)
        pairs[f"edge against {name}"] = (colour.edge, tone.fill)
    pairs["edge against paper"] = (colour.edge, colour.paper)
    pairs["edge against a group"] = (colour.edge, colour.cluster_fill)
    pairs["group against its fill"] = (colour.cluster_line, colour.cluster_fill)
    pairs["group against paper"] = (colour.cluster_line, colour.paper)
    return pairs


@all_palettes
def test_every_text_can_be_read(medium: str) -> None:
    assert too_faint(texts(PALETTES[medium]), TEXT) == {}


@all_palettes
def test_every_line_can_be_seen(medium: str) -> None:
    assert too_faint(strokes(PALETTES[medium]), LINE) == {}


def test_the_measure_of_contrast_finds_what_is_too_faint() -> None:
    assert too_faint({"grey": ("#999999", "#ffffff"), "black": ("#000000", "#ffffff")}, TEXT) == {"grey": 2.85}


@all_palettes
def test_every_class_has_a_tone_and_no_other(medium: str) -> None:
    assert set(PALETTES[medium].tones) == set(CLASSES)


@all_palettes
def test_colours_are_six_digits(medium: str) -> None:
    assert [value for value in palette.variables(PALETTES[medium]).values() if not re.fullmatch(r"#[0-9a-f]{6}", value)] == []


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#00ff00", 2.91),
    ],
)
def test_known_contrasts(first: str, second: str, ratio: float) -> None:
    assert round(contrast(first, second), 2) == ratio


@given(colours, colours)
def test_contrast_is_symmetric_and_within_bounds(first: str, second: str) -> None:
    assert contrast(first, second) == contrast(second, first)
    assert 1 <= contrast(first, second) <= 21.0001
    assert (contrast(first, second) == 1) == (luminance(first) == luminance(second))


@given(st.integers(0, 254), st.sampled_from([0, 8, 16]))
def test_a_brighter_channel_is_brighter(value: int, shift: int) -> None:
    assert luminance(f"#{value << shift:06x}") < luminance(f"#{(value + 1) << shift:06x}")


def test_the_web_style_sheet_has_every_value_once_in_each_medium() -> None:
    css = palette.web_style_sheet()
    blocks = re.findall(r"([^{}\n]*)\{((?:--kb-[^;{}]+;)+)\}", css)
    assert [selector for selector, _ in blocks] == [
        ":root",
        "html[data-theme=dark]",
        "html:not([data-theme=light])",
        "html:root,html[data-theme]",
    ]
    for (_, body), colour in zip(blocks, (LIGHT, DARK, DARK, PRINT), strict=True):
        assert dict(re.findall(r"--kb-([\w-]+):([^;]+);", body)) == palette.variables(colour)
    used = set(re.findall(r"var\(--kb-([\w-]+)\)", css))
    assert used == set(palette.variables(LIGHT)), "a variable without a rule, or a rule without a variable"
    rules = css.split("@media print", 1)[1].split("}\n}\n", 1)[1]
    assert re.findall(r"#[0-9a-f]{3,6}\b", rules) == [], "a colour outside the table"


def test_the_print_style_block_stands_alone() -> None:
    css = palette.print_style_block()
    assert "var(" not in css
    assert "url(" not in css
    assert set(re.findall(r"#[0-9a-f]{6}\b", css)) == set(palette.variables(PRINT).values())
    assert all(f".kb-{name}>.kb-shape{{fill:{tone.fill};stroke:{tone.line}}}" in css for name, tone in PRINT.tones.items())


@pytest.mark.parametrize("css", [palette.web_style_sheet(), palette.print_style_block()], ids=["web", "print"])
def test_braces_are_balanced(css: str) -> None:
    depth = 0
    for letter in css:
        depth += (letter == "{") - (letter == "}")
        assert 0 <= depth <= 2
    assert depth == 0
