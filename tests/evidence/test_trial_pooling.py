"""Like beside like: what is refused beside each other, and the pooled ratio of what may be pooled."""

from __future__ import annotations

import dataclasses

import pytest

from ketamine_kb.evidence import trial_pooling as pooling
from ketamine_kb.evidence.lessons import counts, trials
from ketamine_kb.evidence.trial_data import Trial
from ketamine_kb.evidence.trials import Unanswerable

KNOWN = {trial.id: trial for trial in trials()}
THREE = ("transform-1", "transform-2", "transform-3")


def part(name: str, **changes: object) -> pooling.Part:
    trial = KNOWN[name].model_copy(update=changes)
    return pooling.Part(trial, trial, counts(f"{name} response"))


def said(*parts: pooling.Part, outcome: str = "response") -> str:
    with pytest.raises(Unanswerable) as raised:
        pooling.pooled(parts, outcome)
    return str(raised.value)


def test_three_alike_trials_are_pooled() -> None:
    made = pooling.pooled([part(name) for name in THREE], "response")
    assert made.trials == THREE
    assert [round(value, 2) for value in (made.estimate.value, made.estimate.low, made.estimate.high)] == [1.38, 0.95, 2.0]
    assert made.tau2 == 0
    assert made.i2 == 0


def test_each_trial_left_out_in_turn() -> None:
    made = pooling.leave_one_out([part(name) for name in THREE], "response")
    assert {name: round(one.estimate.value, 2) for name, one in made.items()} == {
        "transform-1": 1.39,
        "transform-2": 1.44,
        "transform-3": 1.35,
    }
    assert all(name not in one.trials and len(one.trials) == 2 for name, one in made.items())


def test_trials_that_disagree_spread_the_interval() -> None:
    same = pooling.pooled([part(name) for name in THREE], "response")
    other = dataclasses.replace(part("transform-2"), counts=(80, 101, 20, 100))
    made = pooling.pooled([part("transform-1"), other, part("transform-3")], "response")
    assert made.tau2 > 0
    assert made.i2 > 50
    assert made.estimate.high / made.estimate.low > same.estimate.high / same.estimate.low


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"counted": "all dosed"},
            "transform-1 and transform-3 differ in counted (observed cases; all dosed) - expected trials that are alike, or the option apart",
        ),
        (
            {"comparison": "placebo spray"},
            "transform-1 and transform-3 differ in comparison (placebo spray with a new antidepressant; placebo spray) - expected trials that are alike, or the option apart",
        ),
        (
            {"response_threshold": None},
            "transform-1 and transform-3 differ in threshold (a fall of 50% or more on the MADRS; not seen for transform-3) - expected trials that are alike, or the option apart",
        ),
        ({"time_point": "day 2"}, "transform-1 at day 28 and transform-3 at day 2 - expected the same time point"),
        ({"crossover": True}, "transform-3 is a crossover - expected arms of different people"),
        ({"aim": "non-inferiority"}, "transform-3 is a non-inferiority trial - expected trials of superiority"),
        ({"pools": ["transform-1"]}, "transform-3 holds the people of transform-1 - expected each person once"),
        ({"id": "transform-2"}, "transform-2 twice - expected each trial once"),
    ],
)
def test_what_must_not_be_pooled(changes: dict[str, object], told: str) -> None:
    assert said(part("transform-1"), part("transform-2"), part("transform-3", **changes)) == told


def test_two_trials_are_too_few() -> None:
    assert said(part("transform-1"), part("transform-2")) == "2 trials - expected at least 3 to pool"


def test_the_stricter_remission_is_not_the_other() -> None:
    """MADRS 10 or less in ESCAPE-TRD, 12 or less in the TRANSFORM trials."""
    pairs: list[tuple[Trial, Trial]] = [(KNOWN["transform-2"], KNOWN["transform-2"]), (KNOWN["escape-trd"], KNOWN["escape-trd"])]
    with pytest.raises(Unanswerable) as raised:
        pooling.alike(pairs, "remission")
    assert "threshold (MADRS 12 or less; MADRS 10 or less)" in str(raised.value)


def test_unknown_thresholds_are_alike_with_nothing() -> None:
    pair = [(KNOWN[name], KNOWN[name]) for name in ("karma-dep-2", "murrough-2013-midazolam")]
    with pytest.raises(Unanswerable):
        pooling.alike(pair, "response")
    pooling.alike(pair[:1], "response")
    pooling.alike([], "response")
