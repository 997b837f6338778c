"""Effect measures from counts and means, with their intervals: every formula is a library's.

All intervals are of 95%. Rates are percentages, differences of rates are percentage points, tested minus control. Bad input is
:class:`Unanswerable`, never a traceback of a library or a number that is none. statsmodels is imported when a number is asked for:
it takes a second that a page without numbers should not pay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

from ketamine_kb.messages import Code

#: Chance that an interval misses, as statsmodels wants it.
ALPHA = 0.05


class Unanswerable(ValueError):
    """A number that cannot or may not be given.

    :param found: what was asked or what the data hold.
    :param expected: what would be right instead.
    :param near: the closest valid word, if any.
    :param code: which of the closed list of messages it is.
    """

    def __init__(self, found: str, expected: str, near: str = "", code: Code = Code.STAT_UNKNOWN) -> None:
        super().__init__(f"{found} - expected {expected}" + (f" - did you mean {near!r}?" if near else ""))
        self.found, self.expected, self.near, self.code = found, expected, near, code


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95% interval and the method behind both."""

    value: float
    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True)
class Needed:
    """How many people must be treated for one more (or one fewer) to have an outcome.

    :param value: people, positive for benefit, negative for harm, infinite where the groups are alike.
    :param best: the end of the interval that favours the treatment most.
    :param worst: the end that favours it least; where :attr:`spans_infinity`, the interval runs from ``best`` through infinity to here.
    :param difference: the benefit in percentage points, from which this is worked out.
    """

    value: float
    best: float
    worst: float
    difference: Estimate
    method: str

    @property
    def spans_infinity(self) -> bool:
        """Whether no difference at all fits the data."""
        return self.difference.low <= 0 <= self.difference.high


def rate(events: int, people: int) -> Estimate:
    """Share of people with an event, in percent; Wilson's interval (Wilson 1927; statsmodels ``proportion_confint``).

    :raises Unanswerable: for an empty group or impossible counts.
    """
    _possible(events, people)
    low, high = _proportion().proportion_confint(events, people, alpha=ALPHA, method="wilson")
    share = 100 * events / people
    # At 0 and at all the formula's end differs from the share by a rounding error of the computer.
    return Estimate(share, min(100 * float(low), share), max(100 * float(high), share), "Wilson's interval")


def difference(events: int, people: int, control_events: int, control_people: int) -> Estimate:
    """Risk difference in percentage points, tested minus control; Newcombe's hybrid score interval.

    Newcombe 1998 (Statistics in Medicine 17, 873), his method 10, as statsmodels ``confint_proportions_2indep(method="newcomb")`` has it.
    Papers often print Wald's interval, which is shorter in small groups.

    :raises Unanswerable: for an empty group or impossible counts.
    """
    _possible(events, people)
    _possible(control_events, control_people)
    low, high = _proportion().confint_proportions_2indep(
        events, people, control_events, control_people, method="newcomb", compare="diff", alpha=ALPHA
    )
    value = 100 * (events / people - control_events / control_people)
    return Estimate(value, min(100 * float(low), value), max(100 * float(high), value), "Newcombe's interval")


def ratio(events: int, people: int, control_events: int, control_people: int) -> Estimate:
    """Risk ratio, tested to control; normal interval of its logarithm (Katz 1978; statsmodels ``Table2x2.riskratio``).

    Where a cell is 0, half a person is added to each cell (Haldane and Anscombe), and the method says so.

    :raises Unanswerable: for an empty group or impossible counts, and where nobody or everybody in both groups had the event.
    """
    table, method = _table(events, people, control_events, control_people)
    low, high = table.riskratio_confint(ALPHA)
    return Estimate(float(table.riskratio), float(low), float(high), method)


def odds(events: int, people: int, control_events: int, control_people: int) -> Estimate:
    """Odds ratio, tested to control; normal interval of its logarithm (Woolf 1955; statsmodels ``Table2x2.oddsratio``).

    Where a cell is 0, half a person is added to each cell (Haldane and Anscombe), and the method says so.

    :raises Unanswerable: as :func:`ratio`.
    """
    table, method = _table(events, people, control_events, control_people)
    low, high = table.oddsratio_confint(ALPHA)
    return Estimate(float(table.oddsratio), float(low), float(high), method)


def needed(events: int, people: int, control_events: int, control_people: int, *, wanted: bool = True) -> Needed:
    """Number needed to treat: the inverse of the risk difference, and the inverses of the ends of its interval.

    Altman 1998 (BMJ 317, 1309): where the difference may be zero, the interval runs from a number for benefit through infinity to a
    number for harm, and no single number stands for it.

    :param wanted: False for an unwanted outcome such as relapse, of which fewer is the benefit.
    :raises Unanswerable: as :func:`difference`.
    """
    points = difference(events, people, control_events, control_people)
    if not wanted:
        points = Estimate(0.0 - points.value, 0.0 - points.high, 0.0 - points.low, points.method)
    return Needed(
        value=_inverse(points.value),
        best=_inverse(points.high),
        worst=_inverse(points.low),
        difference=points,
        method="1 divided by the risk difference, with the ends of Newcombe's interval (Altman 1998)",
    )


def standardised(mean: float, sd: float, people: int, control_mean: float, control_sd: float, control_people: int) -> Estimate:
    """Standardised mean difference, tested minus control, in standard deviations, with Hedges' correction for small groups.

    Hedges 1981, as in Borenstein 2009; statsmodels ``effectsize_smd``, with the normal interval of its variance.

    :raises Unanswerable: for fewer than two people in a group, a spread that is not above zero, or a number that is not finite.
    """
    from statsmodels.stats.meta_analysis import effectsize_smd

    for count in (people, control_people):
        if count < 2:
            raise Unanswerable(f"a group of {count}", "at least two people in each group", code=Code.STAT_WITHHELD)
    for spread in (sd, control_sd):
        if not (math.isfinite(spread) and spread > 0):
            raise Unanswerable(f"a standard deviation of {spread:g}", "a spread above zero", code=Code.STAT_WITHHELD)
    for score in (mean, control_mean):
        if not math.isfinite(score):
            raise Unanswerable(f"a mean of {score:g}", "a finite number", code=Code.STAT_WITHHELD)
    value, variance = effectsize_smd(mean, sd, people, control_mean, control_sd, control_people)
    half = NormalDist().inv_cdf(1 - ALPHA / 2) * math.sqrt(variance)
    return Estimate(float(value), float(value) - half, float(value) + half, "Hedges' correction, normal interval")


def _possible(events: int, people: int) -> None:
    if people <= 0:
        raise Unanswerable(f"{events} of {people} people", "a group that is not empty", code=Code.STAT_WITHHELD)
    if not 0 <= events <= people:
        raise Unanswerable(f"{events} of {people} people", f"a count from 0 to {people}", code=Code.STAT_WITHHELD)


def _table(events: int, people: int, control_events: int, control_people: int) -> tuple[Any, str]:
    """The two groups as a table of statsmodels, and its method in words."""
    from statsmodels.stats.contingency_tables import Table2x2

    _possible(events, people)
    _possible(control_events, control_people)
    cells = [[events, people - events], [control_events, control_people - control_events]]
    if events + control_events in (0, people + control_people):
        nobody = "nobody" if events == 0 else "everybody"
        raise Unanswerable(f"{nobody} in both groups had the event", "a group that differs: no ratio exists", code=Code.STAT_WITHHELD)
    method = "normal interval of the logarithm"
    if 0 in cells[0] + cells[1]:
        method += "; half a person added to each cell because one is 0"
    return Table2x2(cells, shift_zeros=True), method


def _inverse(points: float) -> float:
    return math.inf if points == 0 else 100 / points


@cache
def _proportion() -> Any:
    from statsmodels.stats import proportion

    return proportion
