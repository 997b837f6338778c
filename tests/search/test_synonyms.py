"""Synonyms: each mistake in the file is told with its line; each word that they lead to is on a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketamine_kb.project import Faulty, Project
from ketamine_kb.search import synonyms

GOOD = """\
families:
  - family: bladder
    words:
      - {said: [pee, passing water], means: [urine, bladder]}
      - {said: [hotline], means: [crisis line], first: get-help}
"""


def said(folder: Path, text: str) -> list[str]:
    (folder / "docs").mkdir()
    (folder / "docs/search-synonyms.yaml").write_text(text, encoding="utf-8")
    try:
        synonyms.read(Project(folder))
    except Faulty as error:
        return [str(fault) for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        (
            "family: bladder",
            "familly: bladder",
            [
                ":2:5: no 'family' - expected every entry to have 'family'",
                ":2:5: unknown key 'familly' - expected one of family, words - did you mean 'family'?",
            ],
        ),
        (
            "means: [urine, bladder]",
            "means: []",
            [":4:38: families.0.words.0.means - expected list should have at least 1 item after validation, not 0"],
        ),
        ("means: [urine, bladder]", "means: urine", [":4:38: families.0.words.0.means: 'urine' - expected a valid list"]),
        ("hotline", "peeing", [":5:17: 'peeing' again - expected each saying once (first on line 4)"]),
        ("hotline", "x", [":5:17: families.0.words.1.said.0: 'x' - expected have at least 2 characters"]),
        ("hotline", "--", [":5:17: families.0.words.1.said.0: '--' - expected match pattern '[A-Za-z0-9]'"]),
        ("get-help", "../x", [":5:49: families.0.words.1.first: '../x' - expected match pattern '^[a-z0-9/-]+$'"]),
        ("{said: [hotline]", "{said: [hotline", [":5:63: expected ',' or ']', but got '}' - expected valid YAML"]),
        ("pee,", "&a pee,", [":4:17: an anchor or alias 'a' - expected the text itself, written out"]),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, messages: list[str]) -> None:
    told = said(tmp_path, GOOD.replace(old, new, 1))
    assert told == [f"docs/search-synonyms.yaml{message} - run: nox -s html [search-words]" for message in messages]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match=r"docs/search-synonyms.yaml: no such file or directory .* \[file-missing\]"):
        synonyms.read(Project(tmp_path))


def test_a_good_file_is_read_and_words_on_no_page_are_told(tmp_path: Path) -> None:
    assert said(tmp_path, GOOD) == []
    known = {"urin", "crisi", "line"}
    assert [str(fault) for fault in synonyms.astray(Project(tmp_path), known, {"faq"})] == [
        "docs/search-synonyms.yaml:4:53: 'bladder', which is on no page - expected words that a page, claim or term of the glossary uses"
        " - run: nox -s html [search-words]",
        "docs/search-synonyms.yaml:5:49: no page 'get-help' - expected a page below docs/, without .md - run: nox -s html [search-words]",
    ]


def test_the_synonyms_of_the_site_are_broad(project: Project) -> None:
    entries = synonyms.read(project)[1].entries
    sayings = {saying for entry in entries for saying in entry.said}
    assert len(sayings) > 500
    assert {"pee", "k hole", "spravato", "drive home", "zone out", "dmn", "ect", "hnk", "trd", "rtms", "iv"} <= sayings
    assert {entry.first for entry in entries if entry.first} == {"get-help", "safety/emergencies"}, "for people in danger only"
