"""The legend names each line form that a picture uses, no other, and stays inside the picture."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from ketamine_kb.diagrams import legend
from ketamine_kb.diagrams.arrows import Diagram
from ketamine_kb.diagrams.graph import FONT_SIZE
from ketamine_kb.diagrams.measure import width
from ketamine_kb.diagrams.palette import web_style_sheet
from ketamine_kb.evidence.words import FIRM, SIGNS
from tests.diagrams.examples import SMALL, SOURCES, claim, diagrams, read, real


def small(certainty: str, *species: str) -> Diagram:
    return read(SMALL, {"a-activates-b": claim("a-activates-b", certainty, species or ("human",))})


def entries(drawing: str) -> list[tuple[str, list[tuple[float, float, str]]]]:
    """Each drawn line form with its class, and the texts with left end, right end and words."""
    root = ElementTree.fromstring(drawing)
    assert (root.tag, root.get("class")) == ("g", "kb-legend")
    found: list[tuple[str, list[tuple[float, float, str]]]] = []
    for part in root:
        if part.tag == "path":
            found.append((str(part.get("class")), []))
        else:
            words, middle = part.text or "", float(part.attrib["x"])
            half = width(words, FONT_SIZE) / 2
            found[-1][1].append((middle - half, middle + half, words))
    return found


@pytest.mark.parametrize("certainty", SIGNS)
def test_one_entry_for_the_one_form_that_is_used(certainty: str) -> None:
    shown = small(certainty)
    assert legend.items(shown) == [certainty]
    assert legend.text(shown) == [f"{SIGNS[certainty]} {certainty}"]
    drawing, height = legend.draw(shown, 300.0, 50.0)
    ((form, texts),) = entries(drawing)
    assert form == f"kb-edge kb-line-{certainty}"
    assert [words for *_, words in texts] == [f"{SIGNS[certainty]} {certainty}"]
    assert height == legend.ROW


def test_the_surest_comes_first() -> None:
    text = SMALL + 'c["C"]\nb b-c@-->|activates| c\nc c-a@-->|activates| a\n'
    known = {"a-activates-b": claim("a-activates-b", "hypothesis"), "b-c": claim("b-c", "established"), "c-a": claim("c-a", "mixed")}
    assert legend.items(read(text, known)) == ["established", "mixed", "hypothesis"]


def test_the_second_word_is_explained_where_there_is_one() -> None:
    assert legend.SECOND_WORD not in legend.text(small("mixed"))
    shown = small("mixed", "rodent")
    assert legend.text(shown) == ["± mixed", legend.SECOND_WORD]
    drawing, height = legend.draw(shown, 2000.0, 0.0)
    ((_, texts),) = entries(drawing)
    assert [words for *_, words in texts] == legend.text(shown)
    assert height == 2 * legend.ROW


def test_nothing_where_no_line_has_a_claim() -> None:
    shown = read(SMALL, {})
    assert (legend.items(shown), legend.text(shown), legend.draw(shown, 300.0, 50.0)) == ([], [], ("", 0.0))
    assert legend.needed_width(shown) == 0


def faults_of_legend(shown: Diagram, wide: float) -> list[str]:
    top = 123.0
    drawing, height = legend.draw(shown, wide, top)
    wrong, said = [], []
    for form, texts in entries(drawing):
        assert form.startswith("kb-edge kb-line-")
        for left, right, words in texts:
            said.append(words)
            if left < 7.9 or right > wide:
                wrong.append(f"{words!r} leaves the picture")
    if " ".join(said) != " ".join(legend.text(shown)):
        wrong.append(f"{said} is said")
    lines = [float(y) for y in re.findall(r' y="([\d.]+)"', drawing)]
    if min(lines) - FONT_SIZE < top or max(lines) > top + height:
        wrong.append("a line lies outside its height")
    return wrong


@settings(max_examples=60, deadline=None)
@given(diagrams())
def test_the_legend_stays_inside_any_picture(shown: Diagram) -> None:
    if legend.items(shown):
        for wide in (legend.needed_width(shown), shown.place().width, 2000.0):
            assert faults_of_legend(shown, max(wide, legend.needed_width(shown))) == []


@pytest.mark.parametrize("source", SOURCES, ids=[path.stem for path in SOURCES])
def test_the_legends_of_the_project(source: Path) -> None:
    shown = real(source)
    assert faults_of_legend(shown, max(shown.place().width, legend.needed_width(shown))) == []
    assert set(legend.items(shown)) == {arrow.certainty for arrow in shown.arrows if arrow.claim}


def test_each_broken_form_has_its_own_pattern_and_firm_ones_have_none() -> None:
    patterns = dict(re.findall(r"\.kb-line-(\w+)\{stroke-dasharray:([\d ]+)\}", web_style_sheet()))
    assert set(patterns) == set(SIGNS) - set(FIRM)
    assert len(set(patterns.values())) == len(patterns)
    assert len(set(SIGNS.values())) == len(SIGNS), "a sign of its own for each word"
