"""Claims on pages: what is cited where, and what is told when a page and the facts do not fit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ketamine_kb.checks import claims
from ketamine_kb.evidence import load
from ketamine_kb.project import Project
from tests.evidence.facts import CLINICAL, GOOD, world

FRONT = "---\nevidence_checked: 2026-11-21\nreview_by: 2027-11-21\n---\n"


def told(project: Project) -> list[str]:
    return [str(fault) for fault in claims.check(project, load.load(project))]


def page(folder: Path, name: str, text: str) -> None:
    path = folder / "docs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FRONT + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A fact. {claim}`one-claim` More.", [("one-claim", 1, 9)]),
        ("{claim}`some words <one-claim>`", [("one-claim", 1, 1)]),
        ("{claim}`a` and {claim}`b`", [("a", 1, 1), ("b", 1, 16)]),
        ("```{claim-table}\n:caption: words here\n\nfirst-claim\nsecond-claim\n```", [("first-claim", 4, 1), ("second-claim", 5, 1)]),
        ("```text\n{claim}`shown-only`\n```", []),
        ("`` {claim}`shown-only` ``", []),
        ("```{note}\nInside. {claim}`one-claim`\n```", [("one-claim", 2, 9)]),
    ],
)
def test_what_a_page_cites(text: str, found: list[tuple[str, int, int]]) -> None:
    assert claims.cited(text) == found


def test_a_page_that_fits_is_quiet(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD, CLINICAL])
    page(tmp_path, "brain/a.md", "# A\n\nIn mice. {claim}`spines-grow-in-mice`\n")
    page(tmp_path, "faq.md", "# Q\n\nRelief. {claim}`relief-within-a-day`\n")
    page(tmp_path, "brain/index.md", "# Chapter\n")
    assert told(project) == []


def test_an_unknown_claim_names_page_line_and_nearest(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD])
    page(tmp_path, "brain/a.md", "# A\n\nIn mice. {claim}`spines-grow-in-mouse` {claim}`spines-grow-in-mice`\n")
    assert told(project) == [
        "docs/brain/a.md:7:10: unknown claim 'spines-grow-in-mouse' - expected the id of a claim in evidence/claims/ "
        "- did you mean 'spines-grow-in-mice'? - run: nox -s html [claim-unknown]"
    ]


def test_a_retired_claim_names_the_one_that_took_its_place(tmp_path: Path) -> None:
    retired = [{"id": "old-claim", "instead": "spines-grow-in-mice", "reason": "It said too much.", "date": "2026-11-21"}]
    project = world(tmp_path, [GOOD], retired=retired)
    page(tmp_path, "brain/a.md", "# A\n\nIn mice. {claim}`old-claim` {claim}`spines-grow-in-mice`\n")
    assert told(project) == [
        "docs/brain/a.md:7:10: retired claim 'old-claim' - expected the claim that took its place "
        "- did you mean 'spines-grow-in-mice'? - run: nox -s html [claim-unknown]"
    ]


def test_a_page_of_a_chapter_without_a_claim(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD])
    page(tmp_path, "brain/a.md", "# A\n\nFacts and facts.\n")
    page(tmp_path, "start.md", "# S\n\n{claim}`spines-grow-in-mice`\n")
    assert told(project) == [
        "docs/brain/a.md:1: no claim on this page - expected its facts carried by claims: {claim}`id` - run: nox -s html [page-without-claim]"
    ]


def test_a_claim_shown_nowhere_names_its_line(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD, CLINICAL])
    page(tmp_path, "start.md", "# S\n\n{claim}`spines-grow-in-mice`\n")
    assert told(project) == [
        "evidence/claims/brain.yaml:17: claim 'relief-within-a-day' is shown nowhere - expected a page, a diagram or a statement that shows it "
        "- run: nox -s html [claim-uncited]"
    ]


def test_a_diagram_shows_its_claims(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD])
    (tmp_path / "docs").mkdir()
    (tmp_path / "diagrams").mkdir()
    (tmp_path / "diagrams" / "d.mmd").write_text('flowchart TB\n  a["A"] spines-grow-in-mice--2@-.->|increases| b["B"]\n', encoding="utf-8")
    assert told(project) == []


def test_overdue_claims_and_pages(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD])
    page(tmp_path, "start.md", "# S\n\n{claim}`spines-grow-in-mice`\n")
    facts = load.load(project)
    assert claims.overdue(project, facts, dt.date(2027, 11, 21)) == []
    assert [str(fault) for fault in claims.overdue(project, facts, dt.date(2027, 11, 22))] == [
        "evidence/claims/brain.yaml: claim 'spines-grow-in-mice' was due on 2027-11-21 - expected its findings compared with their sources "
        "again, and new dates - run: nox -s lint [review-overdue]",
        "docs/start.md:2: this page was due on 2027-11-21 - expected its findings compared with their sources again, and new dates "
        "- run: nox -s lint [review-overdue]",
    ]


def test_a_sentence_cites_only_what_its_claim_has_found(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD])
    page(tmp_path, "brain/a.md", "# A\n\nOther. In mice {cite:p}`preclinical-rodent,rct`. {claim}`spines-grow-in-mice`\n")
    assert told(project) == [
        "docs/brain/a.md:7:8: the sentence cites 'rct', of which its claim 'spines-grow-in-mice' has no finding - expected a finding of "
        "that source in the claim, or only preclinical-rodent - run: nox -s html [claim-citation]"
    ]


def test_two_claims_of_a_sentence_share_its_sources(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD, CLINICAL])
    page(
        tmp_path, "brain/a.md", "# A\n\nBoth {cite:p}`preclinical-rodent,rct`. {claim}`spines-grow-in-mice` {claim}`relief-within-a-day`\n"
    )
    assert told(project) == []


def test_places_of_claims_are_pages_then_diagrams(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD, CLINICAL])
    page(tmp_path, "brain/a.md", "# A\n\n{claim}`spines-grow-in-mice`\n\n```{claim-table}\nspines-grow-in-mice\nrelief-within-a-day\n```\n")
    (tmp_path / "diagrams").mkdir()
    (tmp_path / "diagrams/a.mmd").write_text("flowchart TB\n  a spines-grow-in-mice--2@-.->|increases| b\n", encoding="utf-8")
    assert claims.places(project) == {
        "spines-grow-in-mice": ["docs/brain/a.md:7", "docs/brain/a.md:10", "diagrams/a.mmd:2"],
        "relief-within-a-day": ["docs/brain/a.md:11"],
    }


def test_a_page_on_treatment_names_a_harm(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD])
    world(tmp_path, [CLINICAL], chapter="safety")
    page(tmp_path, "treatment/a.md", "# A\n\nBenefit. {claim}`spines-grow-in-mice`\n")
    page(tmp_path, "treatment/b.md", "# B\n\nBoth. {claim}`spines-grow-in-mice` {claim}`relief-within-a-day`\n")
    page(tmp_path, "treatment/index.md", "# Chapter\n")
    assert told(project) == [
        "docs/treatment/a.md:1: a page on treatment without a claim about harm - expected at least one claim of evidence/claims/safety.yaml: "
        "no benefit without harm - run: nox -s html [page-without-harm]"
    ]
