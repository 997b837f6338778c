"""Numbers of trials in words: one British form wherever the site is built, and natural frequencies for readers.

Nothing here depends on the locale of the computer: a decimal point, a proper minus sign, "x to y" for intervals.
"""

from __future__ import annotations

import math

from ketamine_kb.evidence.trial_data import Arm, Harm, HarmGroup
from ketamine_kb.evidence.trials import Estimate, Needed

#: The minus sign; a hyphen breaks at line ends and is read aloud as a dash.
MINUS = "\u2212"
#: What people with an outcome had, after "had".
HAD = {"response": "a response", "remission": "a remission", "relapse": "a relapse"}


def number(value: float, decimals: int = 1) -> str:
    """A number with a fixed count of decimals, such as ``−4.0``; never minus zero."""
    if math.isinf(value):
        return "infinity"
    text = f"{abs(value):.{decimals}f}"
    return (MINUS if value < 0 and float(text) else "") + text


def printed(value: float) -> str:
    """A number with the digits of the data, for what a source prints."""
    return (MINUS if value < 0 else "") + repr(abs(value)).removesuffix(".0" if value == 0 else "")


def interval(low: float, high: float, decimals: int = 1) -> str:
    """``95% CI 3.8 to 30.0``."""
    return f"95% CI {number(low, decimals)} to {number(high, decimals)}"


def points(estimate: Estimate) -> str:
    """A difference in percentage points with its interval."""
    return f"{number(estimate.value)} points ({interval(estimate.low, estimate.high)})"


def ratio(estimate: Estimate) -> str:
    """A ratio with its interval."""
    return f"{number(estimate.value, 2)} ({interval(estimate.low, estimate.high, 2)})"


def people(value: float) -> str:
    """A number needed to treat or harm in whole people, rounded up as is usual."""
    # 1e-9: a quotient such as 100 / 25 may miss the whole number by a rounding error of the computer.
    return "infinity" if math.isinf(value) else str(math.ceil(abs(value) - 1e-9))


def needed(result: Needed) -> str:
    """A number needed to treat with its interval, after Altman 1998."""
    if not result.spans_infinity:
        side = "" if result.value > 0 else " for harm"
        ends = sorted((result.best, result.worst), key=abs)
        return f"{people(result.value)}{side} (95% CI {people(ends[0])} to {people(ends[1])})"
    ends_words = f"{people(result.best)} for benefit through infinity to {people(result.worst)} for harm"
    return f"no single number (95% CI {ends_words})"


def of_hundred(percent: float) -> str:
    """People of every 100, in whole people: ``about 69``, ``fewer than 1``, ``none``."""
    if percent in (0, 100):
        return "none" if percent == 0 else "all"
    whole = round(percent)
    return f"about {whole}" if 0 < whole < 100 else ("fewer than 1" if whole == 0 else "more than 99")


def more(low: float, high: float) -> str:
    """What a difference's interval fits, in people of every 100."""

    def side(value: float) -> str:
        whole = round(abs(value))
        return "no difference" if whole == 0 else f"{whole} {'more' if value > 0 else 'fewer'}"

    if low < 0 < high and round(low) and round(high):
        return f"The data fit anything from {side(low)} through no difference to {side(high)}."
    return f"The data fit anything from {side(low)} to {side(high)}."


def rate_sentence(arm: str, share: float, had: str, when: str, unit: str = "people") -> str:
    """Such as ``Of every 100 people in this group (X), about 69 had a response (day 28); about 31 did not.``."""
    rest = f"; {of_hundred(100 - share)} did not" if 0 < round(share) < 100 else ""
    return f"Of every 100 {unit} in this group ({arm}), {of_hundred(share)} had {had} ({when}){rest}."


def difference_sentence(arm: str, control: str, share: float, other: float, had: str, points_: Estimate) -> str:
    """Both groups of every 100, the gap, and what the data fit."""
    whole = round(abs(points_.value))
    gap = f"{whole} {'more' if points_.value > 0 else 'fewer'}" if whole else "no clear difference"
    groups = f"{of_hundred(share)} in the first group ({arm}) and {of_hundred(other)} in the second ({control})"
    return f"Of every 100 people, {groups} had {had}: {gap} in the first. {more(points_.low, points_.high)}"


def needed_sentence(arm: str, control: str, had: str, result: Needed, *, wanted: bool) -> str:
    """What a number needed to treat means, and what the data fit."""
    better, worse = ("more", "fewer") if wanted else ("fewer", "more")
    instead = f"treated ({arm}, compared with {control})"
    if result.spans_infinity:
        best = f"one person {better} with {had} for about every {people(result.best)} people {instead}"
        last = f"one {worse} for about every {people(result.worst)}"
        return f"The data fit {best}, no difference at all, and {last}: no single number holds."
    side = better if result.value > 0 else worse
    low, high = sorted((people(result.best), people(result.worst)), key=int)
    return f"For one person {side} with {had}, about {people(result.value)} people are {instead}; {low} to {high} fit the data."


def counts(name: str, events: int, whole: int, share: Estimate, marks: list[str]) -> str:
    """A group's counts with rate, interval and basis."""
    marked = f"; {', '.join(marks)}" if marks else ""
    return f"{name}: {events} of {whole}, {number(share.value)}% ({interval(share.low, share.high)}){marked}."


def basis(arm: Arm, field: str) -> list[str]:
    """Which counts of an arm were reconstructed."""
    count, group = getattr(arm, field), arm.denominator
    marks = ["count reconstructed"] if count and count.basis == "reconstructed" else []
    return marks + (["group size reconstructed"] if group and group[1].basis == "reconstructed" else [])


def group_share(group: HarmGroup) -> float:
    """Share of a group with an event, in percent: from the counts where they are, else as printed."""
    if group.events and group.people and group.people.count:
        return 100 * group.events.count / group.people.count
    return group.percent or 0.0


def share_words(group: HarmGroup) -> str:
    """A group's share in percent: one decimal from counts, else the digits printed; none is ``0%``."""
    if group.events and group.people and group.events.count:
        return f"{number(group_share(group))}%"
    return f"{group.percent or 0:g}%"


def group_words(group: HarmGroup) -> str:
    """A group's share with an event, its counts and their basis, such as ``12.0% (41 of 343, reconstructed)``."""
    share = share_words(group)
    if group.events and group.people:
        mark = ", reconstructed" if "reconstructed" in (group.events.basis, group.people.basis) else ""
        share += f" ({group.events.count} of {group.people.count}{mark})"
    return share


def harm_line(harm: Harm) -> str:
    """One event in both groups, with its basis; what of the comparator was not seen is said."""
    parts = [f"{group_words(group)} given {group.name}" for group in harm.groups]
    missing = "; the comparison group's figure was not seen" if harm.comparator_not_seen else ""
    return f"{harm.event}, per {harm.per}, {harm.time}: {' against '.join(parts)}{missing}"
