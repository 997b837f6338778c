"""Each rule of certainty: what it refuses, with the exact message, and the nearest case that it lets through."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ketamine_kb.evidence import certainty, load
from ketamine_kb.evidence.model import Claim
from ketamine_kb.project import Faulty
from tests.evidence.facts import CLINICAL, GOOD, changed, finding, world


def said(folder: Path, claim: dict[str, Any]) -> list[str]:
    """What the loader says of one claim, without file and line."""
    try:
        load.load(world(folder, [claim]))
    except Faulty as error:
        return [str(fault).split(": ", 1)[1] for fault in error.faults]
    return []


REFUSED = {
    "no support": (
        changed(GOOD, evidence=[finding("preclinical-rodent", "qualifies", ("rodent",))]),
        "spines-grow-in-mice: supported without a finding that supports it - expected a finding with `relation: supports` - run: nox -s html [no-support]",
    ),
    "established on one trial": (
        changed(CLINICAL, certainty="established"),
        "relief-within-a-day: established on rct - expected a label, guideline or pooled analysis in people, or two trials - run: nox -s html [not-established]",
    ),
    "established on cohorts": (
        changed(CLINICAL, certainty="established", evidence=[finding("cohort"), finding("survey")]),
        "relief-within-a-day: established on cohort, survey - expected a label, guideline or pooled analysis in people, or two trials - run: nox -s html [not-established]",
    ),
    "established in mice": (
        changed(GOOD, certainty="established"),
        "spines-grow-in-mice: established on no evidence in people - expected a label, guideline or pooled analysis in people, or two trials - run: nox -s html [not-established]",
    ),
    "disputed yet supported": (
        changed(CLINICAL, evidence=[finding("rct"), finding("rct2", "disputes")]),
        "relief-within-a-day: supported with a finding that disputes it - expected mixed or contested - run: nox -s html [too-sure]",
    ),
    "disputed yet a hypothesis": (
        changed(CLINICAL, certainty="hypothesis", evidence=[finding("rct"), finding("rct2", "disputes")]),
        "relief-within-a-day: hypothesis with a finding that disputes it - expected mixed or contested - run: nox -s html [too-sure]",
    ),
    "clinical on rats": (
        changed(GOOD, kind="clinical"),
        "spines-grow-in-mice: a clinical claim called supported without a supporting finding in people - expected a supporting finding shown in human - run: nox -s html [needs-human]",
    ),
    "a species that nothing was shown in": (
        changed(CLINICAL, shown_in=["human", "rodent"]),
        "relief-within-a-day: shown_in rodent - expected only what a finding was shown in: human - run: nox -s html [species-not-shown]",
    ),
    "a trial in people shown in rats": (
        changed(CLINICAL, evidence=[finding("rct", shown_in=("human", "rodent"))]),
        "relief-within-a-day: rct (rct) shown in rodent - expected one of human - run: nox -s html [species-design]",
    ),
    "a rodent study shown in people": (
        changed(CLINICAL, kind="biological", evidence=[finding("preclinical-rodent")]),
        "relief-within-a-day: preclinical-rodent (preclinical-rodent) shown in human - expected one of in-vitro, rodent - run: nox -s html [species-design]",
    ),
    "mice worded as patients": (
        changed(GOOD, statement="In patients as in mice ketamine raised the number of dendritic spines."),
        "spines-grow-in-mice: 'patients' in a claim not shown in people - expected a sentence about what was studied - run: nox -s html [species-wording]",
    ),
    "mice not named in plain words": (
        changed(GOOD, plain="Ketamine leads to more contacts between nerves within a day."),
        "spines-grow-in-mice: the plain does not say that it was shown in rodent - expected the animal or preparation named in the sentence - run: nox -s html [species-unnamed]",
    ),
    "a citation alone": (
        changed(CLINICAL, evidence=[finding("cited")]),
        "relief-within-a-day: only sources seen as a citation - expected a source whose abstract or text was read - run: nox -s html [citation-alone]",
    ),
    "promotion alone": (
        changed(CLINICAL, certainty="hypothesis", evidence=[finding("manufacturer"), finding("news-report")]),
        "relief-within-a-day: only manufacturer and news-report - expected an independent source - run: nox -s html [promotion-alone]",
    ),
    "reviewed after the next review": (
        changed(GOOD, review_by="2026-11-21"),
        "spines-grow-in-mice: review_by 2026-11-21 - expected a date after 2026-11-21 - run: nox -s html [review-dates]",
    ),
}

ALLOWED = {
    "good": GOOD,
    "clinical": CLINICAL,
    "established on a label": changed(CLINICAL, certainty="established", evidence=[finding("label")]),
    "established on a pooled analysis": changed(CLINICAL, certainty="established", evidence=[finding("meta-analysis")]),
    "established on two trials": changed(CLINICAL, certainty="established", evidence=[finding("rct"), finding("rct2")]),
    "disputed and mixed": changed(CLINICAL, certainty="mixed", evidence=[finding("rct"), finding("rct2", "disputes")]),
    "contested without support": changed(CLINICAL, certainty="contested", evidence=[finding("rct", "disputes")]),
    "qualified and supported": changed(CLINICAL, evidence=[finding("rct"), finding("rct2", "qualifies")]),
    "a clinical hypothesis on rats": changed(GOOD, kind="clinical", certainty="hypothesis"),
    "people and mice": changed(
        CLINICAL,
        kind="biological",
        shown_in=["human", "rodent"],
        evidence=[finding("rct"), finding("preclinical-rodent", shown_in=("rodent",))],
    ),
    "a citation beside an abstract": changed(CLINICAL, evidence=[finding("cited"), finding("rct")]),
    "an announcement": changed(CLINICAL, kind="regulatory", certainty="hypothesis", evidence=[finding("manufacturer")]),
    "cells in a dish": changed(
        GOOD,
        statement="In cultured neurons ketamine raised protein synthesis.",
        plain="In nerve cells in a dish, ketamine raised protein building.",
        shown_in=["in-vitro"],
        evidence=[finding("in-vitro", shown_in=("in-vitro",))],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, tmp_path: Path) -> None:
    claim, message = REFUSED[case]
    assert message in said(tmp_path, claim)


@pytest.mark.parametrize("case", ALLOWED)
def test_allowed(case: str, tmp_path: Path) -> None:
    assert said(tmp_path, ALLOWED[case]) == []


def test_every_rule_is_refused_at_least_once() -> None:
    told = {message.rsplit("[", 1)[1].rstrip("]") for _, message in REFUSED.values()}
    assert told == {named.code.value for named in certainty.RULES}


def test_every_rule_is_explained_to_readers() -> None:
    for named in certainty.RULES:
        words = (named.rule.__doc__ or "").split()
        assert len(words) >= 10
        assert words[-1].endswith(".")


def test_overdue_is_the_day_after() -> None:
    claim = Claim.model_validate(changed(GOOD, reviewed=dt.date(2026, 1, 1), review_by=dt.date(2026, 6, 1)))
    assert [certainty.overdue(claim, dt.date(2026, 6, day)) for day in (1, 2)] == [False, True]
