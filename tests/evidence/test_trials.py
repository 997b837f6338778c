"""Effect measures: against published values, by their properties, and with input that is none."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ketamine_kb.evidence import trials
from ketamine_kb.evidence.lessons import counts
from ketamine_kb.evidence.trials import Estimate, Needed, Unanswerable

Four = tuple[int, int, int, int]

WALD = "the paper's interval is Wald's, ours Newcombe's"
ROUNDED = "the paper subtracts rounded percentages"
UP = "printed as whole people, rounded up"
#: Printed in a paper (or in the evidence pack, where it says so) against computed here, and why they differ.
PRINTED: dict[str, tuple[str, str, tuple[float, ...], tuple[float, ...], str]] = {
    # request of counts: measure, printed by, printed, computed (rounded to the digits printed), reason
    "transform-1 response 56": ("difference", "katz2021", (15.2, 2.11, 28.22), (15.2, 1.96, 27.64), WALD),
    "transform-1 response 84": ("difference", "katz2021", (14.2, 0.68, 27.67), (14.2, 0.57, 27.09), WALD),
    "transform-1 remission 56": ("difference", "katz2021", (5.5, -6.98, 17.94), (5.5, -6.95, 17.65), WALD),
    "transform-1 remission 84": ("difference", "katz2021", (8.2, -4.76, 21.2), (8.2, -4.71, 20.9), WALD),
    "transform-2 response": ("difference", "katz2021", (17.3, 4.01, 30.6), (17.3, 3.8, 29.96), WALD),
    "transform-2 remission": ("difference", "katz2021", (21.5, 8.17, 34.78), (21.5, 7.84, 34.01), WALD),
    "transform-3 response": ("difference", "katz2021", (13.7, -0.28, 27.58), (13.7, -0.69, 27.3), WALD),
    'transform-2 response at "all dosed"': ("difference", "evidence pack", (13.7, 0.7, 26.7), (13.7, 0.6, 26.1), WALD),
    'transform-2 remission at "all dosed"': ("difference", "evidence pack", (18.1, 5.6, 30.5), (18.1, 5.3, 29.9), WALD),
    "transform-1-and-2-pooled serious-or-severe": (
        "difference", "katz2021", (8.4, 4.13, 12.57), (8.3, 3.84, 12.6), f"{WALD}; {ROUNDED}"),
    "transform-1-and-2-pooled suicidal-ideation": ("difference", "katz2021", (-2.1, -8.4, 4.18), (-2.1, -8.85, 3.94), WALD),
    "transform-3 serious-or-severe": ("difference", "katz2021", (1.1, -5.15, 7.33), (1.1, -6.86, 8.8), WALD),
    "elekt-d response": ("difference", "anand2023", (14.2, 3.9, 24.2), (14.2, 3.9, 24.1), "the method of the printed interval was not seen; it is neither Wald's (4.0 to 24.4) nor quite ours"),
    "escape-trd remission": ("difference", "evidence pack", (9.4, 3.2, 15.7), (9.4, 3.2, 15.6), WALD),
    "esketamine-or-racemic-ketamine remission": (
        "difference", "correiamelo2020", (5.3, -13.6), (5.3, -16.7), "the lower bound of a non-inferiority test, probably one-sided"),
    "abbar-2022-suicidal-ideation remission": (
        "odds", "abbar2022", (3.7, 1.9, 7.3), (4.0, 2.0, 7.7), "the paper's 31.6% leaves out 4 of the 83 people on saline: 25 of 79 gives 3.7"),
    "grunebaum-2018-suicidal-ideation response": ("odds", "grunebaum2018", (2.85, 1.14, 7.15), (2.85, 1.14, 7.15), ""),
    "sustain-1 relapse remission": ("needed", "daly2019", (6.0,), (5.4,), UP),
    "sustain-1 relapse response": ("needed", "daly2019", (4.0,), (3.1,), UP),
    "domany-2019-oral remission": ("needed", "domany2019", (3.7,), (3.7,), ""),
    "grunebaum-2018-suicidal-ideation response ": ("needed", "grunebaum2018", (4.0,), (4.0,), ""),
    "transform-2 response ": ("needed", "evidence pack", (6.0,), (5.8,), UP),
    "transform-2 remission ": ("needed", "evidence pack", (5.0,), (4.7,), UP),
    "transform-1-and-2-pooled serious-or-severe ": ("needed", "katz2021", (12.0,), (12.0,), ""),
}  # fmt: skip


def digits(value: float) -> int:
    return len(repr(value).partition(".")[2].rstrip("0")) or 1


@pytest.mark.parametrize("request_", PRINTED)
def test_published_values_against_computed(request_: str) -> None:
    measure, _, printed, wanted, reason = PRINTED[request_]
    four = counts(request_.strip())
    bad = "relapse" in request_ or "serious" in request_
    result: Estimate | Needed = trials.needed(*four, wanted=not bad) if measure == "needed" else getattr(trials, measure)(*four)
    ends = (result.low, result.high) if isinstance(result, Estimate) else ()
    computed = (abs(result.value) if measure == "needed" else result.value, *ends)
    places = [max(digits(one), digits(two)) for one, two in zip(printed, wanted, strict=True)]
    assert tuple(round(value, place) for value, place in zip(computed, places, strict=False)) == wanted
    assert (printed == wanted) == (not reason)
    if measure == "needed":
        assert math.ceil(computed[0] - 1e-9) == math.ceil(printed[0] - 1e-9)


@pytest.mark.parametrize("request_", [name for name, row in PRINTED.items() if row[4].startswith(WALD)])
def test_walds_interval_of_our_counts_is_the_printed_one(request_: str) -> None:
    """So the counts are right, reconstructed or not, and only the method of the interval differs."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    printed = PRINTED[request_][2]
    low, high = confint_proportions_2indep(*counts(request_.strip()), method="wald", compare="diff")
    assert (round(100 * low, digits(printed[1])), round(100 * high, max(digits(printed[2]), digits(printed[1])))) == printed[1:]


def test_newcombe_as_in_his_paper() -> None:
    """Newcombe 1998, table II, method 10, example (a): 56/70 - 48/80."""
    made = trials.difference(56, 70, 48, 80)
    assert [round(value / 100, 4) for value in (made.value, made.low, made.high)] == [0.2, 0.0524, 0.3339]


def test_wilson_as_in_newcombes_paper() -> None:
    """Newcombe 1998 (Statistics in Medicine 17, 857), table I, method 3: 81/263 and 0/20."""
    assert [round(value / 100, 4) for value in (trials.rate(81, 263).low, trials.rate(81, 263).high)] == [0.2553, 0.3662]
    assert [round(value / 100, 4) for value in (trials.rate(0, 20).low, trials.rate(0, 20).high)] == [0.0, 0.1611]


def test_altman_a_difference_that_may_be_zero_runs_through_infinity() -> None:
    made = trials.needed(15, 32, 10, 30)
    assert made.spans_infinity
    assert made.best > 0 > made.worst
    assert trials.needed(20, 40, 20, 40).value == math.inf
    assert not trials.needed(70, 101, 52, 100).spans_infinity


def test_fewer_of_an_unwanted_outcome_is_benefit() -> None:
    assert trials.needed(24, 90, 39, 86, wanted=False).value == pytest.approx(5.3527, abs=1e-4)
    assert trials.needed(24, 90, 39, 86).value == pytest.approx(-5.3527, abs=1e-4)


def test_hedges_correction() -> None:
    """By hand: pooled SD 11.01, d = -0.29973, correction 1 - 3/(4*230 - 9)."""
    made = trials.standardised(-15.7, 11.56, 115, -12.4, 10.43, 115)
    spread = math.sqrt((11.56**2 + 10.43**2) / 2)
    assert made.value == pytest.approx(-3.3 / spread * (1 - 3 / 911), abs=1e-9)


def test_an_empty_cell_is_said_in_the_method() -> None:
    assert "half a person" in trials.ratio(6, 22, 0, 19).method
    assert "half a person" not in trials.ratio(6, 22, 1, 19).method


IMPOSSIBLE: dict[str, tuple[Callable[[], object], str]] = {
    "nobody in the group": (lambda: trials.rate(0, 0), "0 of 0 people - expected a group that is not empty"),
    "more events than people": (lambda: trials.difference(5, 4, 1, 4), "5 of 4 people - expected a count from 0 to 4"),
    "fewer than none": (lambda: trials.needed(1, 4, -1, 4), "-1 of 4 people - expected a count from 0 to 4"),
    "nobody had it": (
        lambda: trials.ratio(0, 9, 0, 8), "nobody in both groups had the event - expected a group that differs: no ratio exists"),
    "everybody had it": (
        lambda: trials.odds(9, 9, 8, 8), "everybody in both groups had the event - expected a group that differs: no ratio exists"),
    "one person": (
        lambda: trials.standardised(-1, 2, 1, -1, 2, 9), "a group of 1 - expected at least two people in each group"),
    "no spread": (
        lambda: trials.standardised(-1, 0.0, 9, -1, 2, 9), "a standard deviation of 0 - expected a spread above zero"),
    "a spread that is none": (
        lambda: trials.standardised(-1, math.nan, 9, -1, 2, 9), "a standard deviation of nan - expected a spread above zero"),
    "an endless mean": (
        lambda: trials.standardised(math.inf, 1, 9, -1, 2, 9), "a mean of inf - expected a finite number"),
}  # fmt: skip


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_impossible_arms_give_messages(case: str) -> None:
    compute, said = IMPOSSIBLE[case]
    with pytest.raises(Unanswerable) as raised:
        compute()
    assert str(raised.value) == said


#: Scores as trials have them, and what is no number.
SCORE = st.floats(-60, 60).map(lambda score: round(score, 2)) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0])


def arm(most: int = 400) -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, most).flatmap(lambda people: st.tuples(st.integers(0, people), st.just(people)))


@settings(max_examples=200, deadline=None)
@given(arm(), arm())
def test_swapping_the_groups_flips_the_sign(one: tuple[int, int], two: tuple[int, int]) -> None:
    there, back = trials.difference(*one, *two), trials.difference(*two, *one)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low), abs=1e-9)
    benefit, harm = trials.needed(*one, *two), trials.needed(*two, *one)
    assert benefit.value == harm.value == math.inf or benefit.value == pytest.approx(-harm.value)
    assert benefit.spans_infinity == harm.spans_infinity


@settings(max_examples=200, deadline=None)
@given(arm(), arm())
def test_swapping_the_groups_inverts_the_ratios(one: tuple[int, int], two: tuple[int, int]) -> None:
    assume(one[0] + two[0] not in (0, one[1] + two[1]))
    for compute in (trials.ratio, trials.odds):
        there, back = compute(*one, *two), compute(*two, *one)
        assert there.value * back.value == pytest.approx(1)
        assert there.low * back.high == pytest.approx(1)


@settings(max_examples=200, deadline=None)
@given(arm(100), arm(100), st.integers(2, 20))
def test_more_people_of_the_same_kind_keep_the_rate_and_narrow_the_interval(one: tuple[int, int], two: tuple[int, int], times: int) -> None:
    more = one[0] * times, one[1] * times
    few, many = trials.rate(*one), trials.rate(*more)
    assert many.value == pytest.approx(few.value)
    assert many.high - many.low <= few.high - few.low + 1e-9
    gap, wide = trials.difference(*one, *two), trials.difference(*more, two[0] * times, two[1] * times)
    assert wide.value == pytest.approx(gap.value, abs=1e-9)
    assert wide.high - wide.low <= gap.high - gap.low + 1e-9


@settings(max_examples=300, deadline=None)
@given(*[st.integers(-3, 40)] * 4)
def test_counts_give_numbers_or_messages_never_nan(a: int, n: int, b: int, m: int) -> None:
    for compute in (trials.difference, trials.ratio, trials.odds, trials.needed):
        try:
            made = compute(a, n, b, m)
        except Unanswerable:
            continue
        inner = made.difference if isinstance(made, Needed) else made
        assert not any(math.isnan(value) for value in (made.value, inner.low, inner.high))
        assert inner.low <= inner.value <= inner.high


@settings(max_examples=200, deadline=None)
@given(SCORE, SCORE, st.integers(-1, 50), SCORE, SCORE, st.integers(-1, 50))
def test_means_give_numbers_or_messages_never_nan(m1: float, s1: float, n1: int, m2: float, s2: float, n2: int) -> None:
    try:
        made = trials.standardised(m1, s1, n1, m2, s2, n2)
    except Unanswerable:
        return
    assert made.low <= made.value <= made.high
