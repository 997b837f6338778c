"""Sentences that look like facts and carry no claim."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.checks import unsourced
from ketamine_kb.project import Project
from tests.conftest import ROOT


def told(folder: Path, text: str, name: str = "safety/a.md") -> list[str]:
    page = folder / "docs" / name
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    return [str(fault) for fault in unsourced.check(Project(folder))]


def message(line: int, column: int, what: str, kind: str = "sentence") -> str:
    return (
        f"docs/safety/a.md:{line}:{column}: a {kind} without a claim: {what} - expected the mark of its claim, {{claim}}`id` "
        "- run: nox -s lint [fact-without-claim]"
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("In 12 people it helped.", 1, 1, "'In 12 people it helped.'"),
        ("It was higher after a week {cite:p}`one`.", 1, 1, "'It was higher after a week.'"),
        ("Ketamine acts there.", 1, 1, "'Ketamine acts there.'"),
        ("First words.\n\n- The {term}`hippocampus` shrinks.", 3, 3, "'The hippocampus shrinks.'"),
        ("Carried by ketamine. {claim}`a-claim` Not carried: 5 of 10.", 1, 39, "'Not carried: 5 of 10.'"),
    ],
)
def test_what_looks_like_a_fact_is_told(tmp_path: Path, text: str, line: int, column: int, what: str) -> None:
    assert told(tmp_path, text + "\n") == [message(line, column, what)]


@pytest.mark.parametrize(
    "text",
    [
        "In 12 people it helped {cite:p}`one`. {claim}`a-claim`",
        "{claim}`Ketamine helped 12 people <a-claim>`.",
        "We found no trial with 12 people.",
        "Whether ketamine helps longer is open.",
        "Does ketamine raise blood pressure?",
        "Ask the team about ketamine.",
        "See the page on ketamine.",
        "This page has 3 tables.",
        "The rest is told below.",
        "## What is not known\n\n- How ketamine acts after 2 years.",
        "# In 12 people it helped",
        "% no claim: says how to read the picture\nA line means that it was lower.",
        "```{list-table} Numbers of ketamine\n:header-rows: 1\n\n* - 5 of 10\n  - Ketamine\n* - 38.3%\n  - Dizziness {claim}`a-claim`\n```",
        "```{note}\n:class: more-than-2\n\nRest.\n```",
        "```python\n12 people\n```",
    ],
)
def test_what_is_carried_or_no_fact_is_quiet(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text + "\n") == []


def test_a_row_of_a_table_is_one_unit(tmp_path: Path) -> None:
    text = "```{list-table} A table\n:header-rows: 1\n\n* - Head\n  - Head\n* - 38.3%\n  - 12 people. 13 more.\n```\n\n| a | 5% | 6% |\n"
    assert told(tmp_path, text) == [message(6, 5, "'38.3%'", "row"), message(10, 7, "'5%'", "row")]


@pytest.mark.parametrize("name", ["start.md", "safety/index.md", "evidence/a.md"])
def test_only_the_pages_of_chapters_are_looked_at(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, "In 12 people it helped.\n", name) == []


def test_the_real_pages_are_quiet() -> None:
    assert [str(fault) for fault in unsourced.check(Project(ROOT))] == []


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab5 .|-*%`{}:>\n#", max_size=120))
def test_any_text_is_taken(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "unsourced"
    for fault in told(folder, text):
        assert fault.startswith("docs/safety/a.md:")
