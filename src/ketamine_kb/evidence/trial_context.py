"""What must stand beside a number of a trial: definition, people counted, comparator, harms, cautions."""

from __future__ import annotations

from collections.abc import Sequence

from ketamine_kb.evidence import trial_words as words
from ketamine_kb.evidence.trial_data import Measured, Trial
from ketamine_kb.evidence.trial_pooling import threshold


def context(trial: Trial, measured: Measured, outcome: str) -> str:
    """What must stand beside every rate: threshold, people counted, comparator, time."""
    limit = threshold(trial, measured, outcome)
    defined = f"{outcome.capitalize()}: {limit}. "
    counted = measured.counted + (" (people with data at that time)" if measured.counted == "observed cases" else "")
    return f"{defined}Counted: {counted}. Time: {measured.time_point}. {compared_with(trial)}"


def compared_with(trial: Trial) -> str:
    """The kind of comparator, and what exactly it was."""
    if not trial.comparator:
        return "No comparison group."
    exact = "" if trial.comparator == trial.comparison else f" ({trial.comparator})"
    return f"Compared with: {trial.comparison}{exact}."


def kind(trial: Trial, measured: Measured, outcome: str) -> str:
    """What trials that stand together share, as captions of tables and headings of plots have it."""
    against = "No comparison group" if trial.comparison == "none" else f"Compared with: {trial.comparison}"
    return f"{outcome.capitalize()}: {threshold(trial, measured, outcome)}. Counted: {measured.counted}. {against}"


def conflicts(measured: Measured) -> list[str]:
    """Printed numbers that disagree with each other, one sentence an arm."""
    return [f"Printed numbers disagree: {arm.conflict}" for arm in measured.arms if arm.conflict]


def harms(trials: Sequence[Trial], trial: Trial) -> list[str]:
    """The harms of a trial beside its benefit, or that our record holds none."""
    held = trial.harms
    lines = [f"Harm: {words.harm_line(harm)}." for harm in held[:3]]
    if len(held) > len(lines):
        lines.append(f"{len(held) - len(lines)} more harms of this trial are recorded.")
    if trial.harms_in:
        pooled = next(other for other in trials if other.id == trial.harms_in)
        lines += [f"Harm ({pooled.name}): {words.harm_line(harm)}." for harm in pooled.harms[:2]]
    if trial.harms_in_words:
        lines.append(f"Harms: {trial.harms_in_words}")
    return lines or ["Harms: our record of this trial has no counts of harms."]


def harms_short(trials: Sequence[Trial], trial: Trial) -> str:
    """The first recorded harm of a trial, or of the trial that holds its harms, for a cell of a table."""
    pooled = next((other for other in trials if other.id == trial.harms_in), None)
    for held, where in ((trial.harms, ""), (pooled.harms if pooled else [], f" ({pooled.name})" if pooled else "")):
        if held:
            shares = " against ".join(words.share_words(item) for item in held[0].groups)
            missing = "; comparison group not seen" if held[0].comparator_not_seen else ""
            return f"{held[0].event[0].upper()}{held[0].event[1:]}: {shares}{missing}{where}."
    return trial.harms_in_words or "No counts of harms in our record."


def defined(trial: Trial, measured: Measured, outcome: str) -> str:
    """The threshold in brackets: a remission of suicidal thoughts is not one of depression."""
    limit = threshold(trial, measured, outcome)
    return f" ({limit})" if outcome != "relapse" and limit != "definition not seen" else ""


def limits(trial: Trial) -> list[str]:
    """What weakens a trial or who stood behind it, as far as seen."""
    caution = [f"Caution: {trial.caution}"] if trial.caution else []
    blind = [f"Blinding: {trial.blinding}."] if trial.blinding else []
    return caution + blind + ([f"Paid for or run by: {trial.funding}."] if trial.funding else [])
