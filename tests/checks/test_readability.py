"""How hard plain sections are to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketamine_kb.checks import readability
from ketamine_kb.checks.readability import HIGHEST, MIDDLE, WORDS, Reading, syllables
from ketamine_kb.project import Project
from tests.conftest import ROOT

EASY = "The drug may help some of us. It can do harm too."
HARD = "Pharmacological neuromodulation demonstrates considerable interindividual variability regarding antidepressant efficacy."


def page(folder: Path, plain: str, name: str = "a.md") -> Project:
    path = folder / "docs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ndescription: x\n---\n\n# Title\n\n## In plain words\n\n{plain}\n\n## The detail\n\n{HARD}\n", encoding="utf-8")
    return Project(folder)


@pytest.mark.parametrize(
    ("word", "count"),
    {
        "use": 1, "dose": 1, "week": 1, "blood": 1, "helped": 1, "breathe": 1, "people": 2, "trial": 2, "little": 2, "treated": 2,
        "patients": 2, "being": 2, "depression": 3, "ketamine": 3, "medicine": 3, "area": 3, "serious": 3, "evidence": 3,
        "usually": 4, "esketamine": 4, "58.7%": 1, "well-known": 2, "doctor's": 2,
    }.items(),
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


@given(st.text(alphabet="abcdeiouyltsr'-", min_size=1, max_size=30))
def test_every_word_has_a_syllable(word: str) -> None:
    assert syllables(word) >= 1


def test_the_grade_is_that_of_the_formula() -> None:
    reading = Reading("a", 1, sentences=2, words=20, syllables=30)
    assert reading.length == 10
    assert reading.grade == pytest.approx(0.39 * 10 + 11.8 * 1.5 - 15.59)


def test_only_the_plain_section_is_measured_and_terms_are_left_out(tmp_path: Path) -> None:
    plain = "{term}`Electroconvulsive therapy` can help {cite:p}`a,b`. {claim}`some-claim-id` See [the long page](x.md) for **more**."
    (reading,) = readability.measure(page(tmp_path, plain))
    assert (reading.line, reading.sentences, reading.words) == (7, 2, 8)


def test_easy_words_are_quiet(tmp_path: Path) -> None:
    assert readability.check(page(tmp_path, EASY)) == []


def test_hard_words_and_long_sentences_are_told(tmp_path: Path) -> None:
    long = "The team will ask you how you are and " + "then you ask and " * 4 + "then you go."
    project = page(tmp_path, HARD)
    page(tmp_path, long, "b.md")
    grade = readability.measure(project)[0].grade
    middle = sum(reading.grade for reading in readability.measure(project)) / 2
    assert [str(fault) for fault in readability.check(project)] == [
        f"docs/a.md:7: a plain section of grade {grade:.1f} - expected at most 10: shorter sentences and shorter words - run: nox -s lint [hard-to-read]",
        "docs/b.md:7: plain sentences of 28.0 words on average - expected at most 18 - run: nox -s lint [hard-to-read]",
        f"docs/a.md:7: plain sections of grade {middle:.1f} in the middle - expected at most 8: begin with this one - run: nox -s lint [hard-to-read]",
    ]


def test_the_real_pages_can_be_read() -> None:
    project = Project(ROOT)
    readings = readability.measure(project)
    assert len(readings) >= 25
    assert readability.check(project) == []
    assert max(reading.grade for reading in readings) <= HIGHEST
    assert sorted(reading.grade for reading in readings)[len(readings) // 2] <= MIDDLE
    assert max(reading.length for reading in readings) <= WORDS
