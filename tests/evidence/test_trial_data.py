"""Trials that cannot be: thresholds, comparators and harms, each fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketamine_kb.evidence import load
from ketamine_kb.evidence.trial_data import Threshold
from ketamine_kb.project import Project
from tests.conftest import ROOT
from tests.evidence.facts import faults
from tests.evidence.test_tables import END, TRIAL, tables

HARM = """\
  harms:
  - id: dizziness
    event: dizziness
    per: patient
    time: four weeks
    source: rct
    groups:
    - {name: drug, role: tested, people: {count: 40, basis: reported}, events: {count: 10, basis: reconstructed}, percent: 25}
    - {name: placebo, role: control, percent: 12.5}
"""
GOOD = TRIAL + "  response: fall of 50% or more\n  response_threshold: {scale: MADRS, fall_percent: 50}\n" + HARM
OTHER = GOOD[GOOD.index("- id:") :].replace("small-trial", "other-trial")
CASES = {
    "a control but no comparison": (("comparison: inert placebo", "comparison: none"),
        "evidence/trials.yaml:32:3: small-trial: a control arm, but comparison is none - expected a comparison that fits the arms" + END),
    "a comparison but no control": (("  - name: placebo\n    role: control\n", "  - name: placebo\n    role: tested\n"),
        "evidence/trials.yaml:32:3: small-trial: no control arm, but comparison is inert placebo - expected a comparison that fits the arms" + END),
    "an unknown comparison": (("comparison: inert placebo", "comparison: inert plcebo"),
        "evidence/trials.yaml:32:3: trials.0.comparison: 'inert plcebo' - expected one of inert placebo, active placebo, placebo spray, placebo spray with a new antidepressant, placebo spray with the antidepressant continued, placebo spray with standard hospital care, switch to placebo after improvement, active treatment, another form of ketamine, added treatment, none - did you mean 'inert placebo'?" + END),
    "no aim": (("  aim: superiority\n", ""),
        "evidence/trials.yaml:2:3: no 'aim' - expected every entry to have 'aim'" + END),
    "a threshold of another number": (("fall_percent: 50", "fall_percent: 40"),
        "evidence/trials.yaml:35:3: small-trial: response_threshold 40, but the definition is 'fall of 50% or more' - expected the same number" + END),
    "a threshold of nothing": (("{scale: MADRS, fall_percent: 50}", "{scale: MADRS}"),
        "evidence/trials.yaml:35:24: MADRS: no threshold - expected at_most, below or fall_percent" + END),
    "a threshold with two ends": (("{scale: MADRS, fall_percent: 50}", "{scale: MADRS, at_most: 10, below: 10}"),
        "evidence/trials.yaml:35:51: MADRS: both at_most and below - expected one of them" + END),
    "a harm without its comparator": (("    - {name: placebo, role: control, percent: 12.5}\n", ""),
        "evidence/trials.yaml:36:3: small-trial: dizziness without the comparator's figure - expected the control group's figure, or comparator_not_seen: true" + END),
    "a comparator seen and not seen": (("    source: rct\n    groups", "    source: rct\n    comparator_not_seen: true\n    groups"),
        "evidence/trials.yaml:42:5: dizziness: comparator_not_seen, but a control group is given - expected one of them" + END),
    "more harmed than people": (("events: {count: 10,", "events: {count: 41,"),
        "evidence/trials.yaml:43:72: drug: 41 events of 40 - expected no more than 40" + END),
    "a harm's percentage of other counts": (("percent: 25}", "percent: 26}"),
        "evidence/trials.yaml:43:115: drug: percent 26, but 10 of 40 is 25.0 - expected a percentage that fits its counts" + END),
    "a harm of nobody": ((", percent: 12.5}", "}"),
        "evidence/trials.yaml:44:8: placebo: neither events nor percent - expected one of them" + END),
    "a harm's group twice": (("{name: placebo, role: control, percent", "{name: drug, role: control, percent"),
        "evidence/trials.yaml:42:5: dizziness: group 'drug' again - expected each group once" + END),
    "a harm twice": ((HARM, HARM + HARM.partition("\n")[2]),
        "evidence/trials.yaml:36:3: small-trial: harm 'dizziness' again - expected each harm once" + END),
    "a harm of an unknown source": (("    source: rct\n    groups", "    source: rct3\n    groups"),
        "evidence/trials.yaml:41:5: small-trial dizziness: unknown source 'rct3' - expected a key of evidence/references.bib - did you mean 'rct'? - run: nox -s html [claim-source]"),
    "harms in a trial that is not there": (("  aim: superiority\n", "  aim: superiority\n  harms_in: other-trail\n"),
        "evidence/trials.yaml:34:3: small-trial: harms_in names 'other-trail' - expected the id of another trial - did you mean 'other-trial'?" + END),
    "a trial that pools itself": (("  aim: superiority\n", "  aim: superiority\n  pools: [small-trial]\n"),
        "evidence/trials.yaml:34:3: small-trial: pools names 'small-trial' - expected the id of another trial" + END),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_fault_names_its_line(case: str, tmp_path: Path) -> None:
    (old, new), wanted = CASES[case]
    assert GOOD.count(old) == 1, old
    assert faults(tables(tmp_path, trials=GOOD.replace(old, new) + OTHER)) == [wanted]


NEAR = {
    "as it is": ("", ""),
    "a comparator not seen": ("    - {name: placebo, role: control, percent: 12.5}\n", "    comparator_not_seen: true\n"),
    "all had it": ("events: {count: 10, basis: reconstructed}, percent: 25}", "events: {count: 40, basis: reported}, percent: 100}"),
    "only a percentage": ("people: {count: 40, basis: reported}, events: {count: 10, basis: reconstructed}, percent: 25}", "percent: 25}"),
    "what weakens the counts": ("  harms:\n", "  harms_note: Counted by the company alone.\n  harms:\n"),
    "harms in another trial": ("  aim: superiority\n", "  aim: superiority\n  harms_in: other-trial\n  pools: [other-trial]\n"),
}


@pytest.mark.parametrize("case", NEAR)
def test_what_is_possible_is_taken(case: str, tmp_path: Path) -> None:
    old, new = NEAR[case]
    assert faults(tables(tmp_path, trials=GOOD.replace(old, new) + OTHER)) == []


def test_thresholds_in_words() -> None:
    assert Threshold(scale="MADRS", at_most=12.0).words == "MADRS 12 or less"
    assert Threshold(scale="MADRS", below=10.0).words == "MADRS below 10"
    both = Threshold(scale="MADRS", at_most=12.0, fall_percent=50.0)
    assert both.words == "MADRS 12 or less and a fall of 50% or more on the MADRS"


def test_every_real_harm_has_its_comparator_or_says_that_it_was_not_seen() -> None:
    trials = load.trials(Project(ROOT))
    harms = [(trial.id, harm) for trial in trials for harm in trial.harms]
    assert len(harms) > 25
    assert {name for name, harm in harms if harm.comparator_not_seen} == {"esketamine-alone"}


def test_every_real_trial_of_less_than_superiority_is_marked() -> None:
    trials = load.trials(Project(ROOT))
    assert {trial.id for trial in trials if trial.aim == "non-inferiority"} == {"elekt-d", "ketect", "esketamine-or-racemic-ketamine"}
    assert all(("crossover" in trial.design) == trial.crossover for trial in trials)
    assert all(("non-inferiority" in trial.design) == (trial.aim == "non-inferiority") for trial in trials)
    assert all(("pooled" in trial.design) == bool(trial.pools) == (trial.aim == "pooled analysis") for trial in trials)
