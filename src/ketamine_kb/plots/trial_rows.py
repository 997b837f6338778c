"""From trials to the rows of a forest plot: like stands with like as in the tables, and each trial left out has its reason.

Which arms are compared, their counts and the interval are those of the tables and of the role ``stat``: what these refuse, no plot shows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from ketamine_kb.evidence import trials as sums
from ketamine_kb.evidence.trial_context import conflicts, harms_short, kind
from ketamine_kb.evidence.trial_data import Arm, Comparison, Measured, Trial
from ketamine_kb.evidence.trial_pooling import likeness
from ketamine_kb.evidence.trial_requests import FIELDS, group, printed_difference, sides
from ketamine_kb.evidence.trials import Unanswerable
from ketamine_kb.plots.forest import Direction, ForestRow

#: What a forest plot can show, and what the sides of its line of no difference mean.
OUTCOMES: dict[str, Direction] = {
    "response": Direction("more responders of every 100 people", "favours comparison", "favours ketamine"),
    "remission": Direction("more remitters of every 100 people", "favours comparison", "favours ketamine"),
    "madrs": Direction("points on the MADRS scale, drug minus comparison", "favours ketamine", "favours comparison"),
}
#: Kinds of comparison, in the order in which groups stand.
KINDS: tuple[str, ...] = get_args(Comparison)
#: Comparisons that do not show what ketamine does to a depression, and why.
NOT_OF_KETAMINE = {
    "none": "it had no comparison group",
    "another form of ketamine": "both groups had ketamine",
    "added treatment": "it tested something given with ketamine",
    "switch to placebo after improvement": "it took only people who had already responded",
}
#: What readers must know of a trial of non-inferiority, where its data hold no words of their own.
NOT_WORSE = "A non-inferiority trial: it asked whether ketamine is not much worse, and cannot show that one treatment is better."

#: A trial, its table, and words of the arms wanted, as :func:`ketamine_kb.evidence.trial_requests.named` gives them.
Asked = tuple[Trial, Measured, Sequence[str]]


class NotDrawn(ValueError):
    """A trial that a plot cannot show; the message completes "it cannot be drawn, because"."""


@dataclass(frozen=True)
class LeftOut:
    """A trial that a plot cannot show, and why."""

    trial: Trial
    reason: str


def whole(trials: Sequence[Trial]) -> list[Asked]:
    """Every trial with its main table."""
    return [(trial, trial, ()) for trial in trials]


def forest_rows(
    trials: Sequence[Trial], asked: Sequence[Asked], outcome: str, kinds: Sequence[str] = ()
) -> tuple[list[ForestRow], list[LeftOut]]:
    """The rows of a forest plot, group by group, and the trials of these kinds that it leaves out.

    :param trials: all trials, because one may hold the harms of another.
    :param outcome: a key of :data:`OUTCOMES`.
    :param kinds: some of :data:`KINDS`; all where empty.
    """
    rows: list[tuple[int, ForestRow]] = []
    left: list[LeftOut] = []
    inside = {trial.id for trial, _, _ in asked}
    for trial, measured, words in asked:
        if kinds and trial.comparison not in kinds:
            continue
        try:
            if inside & set(trial.pools):
                raise NotDrawn("it pools trials that are shown singly")
            found = score_rows(trials, trial, measured, words) if outcome == "madrs" else rate_rows(trials, trial, measured, words, outcome)
        except NotDrawn as why:
            left.append(LeftOut(trial, str(why)))
        else:
            rows += [(KINDS.index(trial.comparison), row) for row in found]
    return [row for _, row in sorted(rows, key=lambda item: item[0])], left


def allowed(trial: Trial) -> None:
    """Refuse trials that cannot show what ketamine does to a depression.

    :raises NotDrawn: with the reason.
    """
    if reason := NOT_OF_KETAMINE.get(trial.comparison):
        raise NotDrawn(reason)
    if trial.crossover:
        raise NotDrawn("the same people are in both groups (crossover)")
    if "suicid" in trial.scale.casefold():
        raise NotDrawn("its main measure is suicidal thoughts, not depression")


def compared(trial: Trial, measured: Measured, words: Sequence[str]) -> tuple[list[Arm], Arm]:
    """The tested arms and the one that they are compared with.

    :raises NotDrawn: where no comparison can be shown.
    """
    allowed(trial)
    try:
        tested, control = sides(trial, measured, list(words))
    except Unanswerable as error:
        raise NotDrawn(f"{error.found.removeprefix(f'{trial.id}: ')}; needed: {error.expected}") from error
    if control is None:
        raise NotDrawn("only its comparison group was named")
    return tested, control


def rate_rows(trials: Sequence[Trial], trial: Trial, measured: Measured, words: Sequence[str], outcome: str) -> list[ForestRow]:
    """One row a tested arm, from counts.

    :raises NotDrawn: where the trial cannot be shown.
    """
    allowed(trial)
    if not any(_counted(arm, outcome) for arm in measured.arms if arm.role == "tested"):
        raise NotDrawn(f"its count of {FIELDS[outcome]} was not seen")
    tested, control = compared(trial, measured, words)
    seen = [arm for arm in tested if _counted(arm, outcome)]
    if not seen:
        raise NotDrawn(f"the count of {FIELDS[outcome]} of the group named was not seen")
    try:
        beside = group(trial, [control], outcome)
    except Unanswerable as error:
        raise NotDrawn(f"its comparison group's count of {FIELDS[outcome]} was not seen") from error
    against = f" ({trial.comparator})" if trial.comparison == "active treatment" else ""
    aim = "; a non-inferiority trial" if trial.aim == "non-inferiority" else ""
    alike = likeness(trial, measured, outcome)
    rows = []
    for number, arm in enumerate(seen):
        one = group(trial, [arm], outcome)
        gap = sums.difference(one.events, one.people, beside.events, beside.people)
        again = "; the same comparison group as in the row above" if number else ""
        rows.append(
            ForestRow(
                label=_label(trial, measured, arm),
                value=gap.value,
                low=gap.low,
                high=gap.high,
                counts=f"{one.events} of {one.people} against {beside.events} of {beside.people}{against}",
                note=measured.time_point + aim + again,
                group=kind(trial, measured, outcome),
                # What was not seen is like nothing else, so that trial stands alone.
                apart=f"{alike.threshold}; {alike.counted}",
                reconstructed=bool(one.marks or beside.marks),
                not_worse=trial.aim == "non-inferiority",
                cautions=cautions(trial, measured),
                harms=harms_short(trials, trial),
                sources=tuple(trial.sources),
            )
        )
    return rows


def score_rows(trials: Sequence[Trial], trial: Trial, measured: Measured, words: Sequence[str]) -> list[ForestRow]:
    """One row a tested arm, from the MADRS difference that the source prints.

    :raises NotDrawn: where the trial cannot be shown.
    """
    allowed(trial)
    printed = [effect for effect in measured.effects if effect.measure == "mean difference" and effect.of.startswith("MADRS")]
    if not any(effect.low is not None and effect.high is not None for effect in printed):
        raise NotDrawn("no MADRS difference with its interval was seen")
    tested, control = compared(trial, measured, words)
    rows = []
    for arm in tested:
        effect = printed_difference(measured, arm, control)
        if effect is None or not effect.of.startswith("MADRS") or effect.estimate is None or effect.low is None or effect.high is None:
            continue
        rows.append(
            ForestRow(
                label=_label(trial, measured, arm),
                value=effect.estimate,
                low=effect.low,
                high=effect.high,
                counts=f"against {trial.comparator}",
                note=measured.time_point,
                group=f"MADRS difference as printed. Compared with: {trial.comparison}",
                reconstructed=effect.basis == "reconstructed",
                not_worse=trial.aim == "non-inferiority",
                cautions=cautions(trial, measured),
                harms=harms_short(trials, trial),
                sources=tuple(trial.sources),
            )
        )
    if not rows:
        raise NotDrawn("no MADRS difference with its interval was seen")
    return rows


def cautions(trial: Trial, measured: Measured) -> tuple[str, ...]:
    """What must stand beside every number of a trial."""
    said = [trial.caution] if trial.caution else [NOT_WORSE] if trial.aim == "non-inferiority" else []
    return (*said, *conflicts(measured))


def _counted(arm: Arm, outcome: str) -> bool:
    return bool(getattr(arm, FIELDS[outcome]) and arm.denominator)


def _label(trial: Trial, measured: Measured, arm: Arm) -> str:
    """The trial's name, with the dose where it tested several."""
    dose = re.search(r"\d+(?:/\d+)? mg", arm.name)
    name = trial.name[0].upper() + trial.name[1:]
    return f"{name}, {dose[0]}" if dose and len(measured.arms) > 2 else name
