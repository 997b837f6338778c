"""Like beside like: what must agree before rates of two trials stand in one table or in one pooled number, and the pooling.

Two rates are alike when the threshold, the people counted and the kind of comparator are known and the same. To pool them, the time
point must agree too, people may be in one trial only, the arms must hold different people, no trial may be one of non-inferiority, and at
least three trials are needed. A rule cannot know whether the people themselves are alike: the page that pools must say who they were.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from statistics import NormalDist

from ketamine_kb.evidence.trial_data import Measured, Trial
from ketamine_kb.evidence.trials import ALPHA, Estimate, Unanswerable, ratio
from ketamine_kb.messages import Code

#: Fewer trials than this are not pooled: their spread cannot be estimated.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """What decides whether two rates are alike, in words for readers."""

    threshold: str
    counted: str
    comparison: str

    def differs(self, other: Likeness) -> list[str]:
        """How another differs, one entry a field."""
        pairs = ((field.name, getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return [f"{name} ({mine}; {theirs})" for name, mine, theirs in pairs if mine != theirs]


@dataclass(frozen=True, slots=True)
class Part:
    """One trial's counts for pooling: tested and control."""

    trial: Trial
    measured: Measured
    counts: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled risk ratio with the spread between trials.

    :param estimate: the pooled risk ratio.
    :param tau2: variance between trials, of the logarithm of the ratio.
    :param i2: share of the variance that lies between trials, in percent.
    """

    estimate: Estimate
    tau2: float
    i2: float
    trials: tuple[str, ...]


def threshold(trial: Trial, measured: Measured, outcome: str) -> str:
    """The definition of an outcome in words, or that it was not seen."""
    if outcome == "relapse":
        return trial.relapse or "definition not seen"
    field = f"{outcome}_threshold"
    found = getattr(measured, field, None) or getattr(trial, field, None)
    return found.words if found else "definition not seen"


def likeness(trial: Trial, measured: Measured, outcome: str) -> Likeness:
    """What must agree. What was not seen is unlike everything: it carries the trial's name."""
    limit = threshold(trial, measured, outcome)
    counted: str = measured.counted
    return Likeness(
        threshold=limit if limit != "definition not seen" else f"not seen for {trial.id}",
        counted=counted if counted != "not stated" else f"not stated for {trial.id}",
        comparison=trial.comparison,
    )


def alike(parts: Sequence[tuple[Trial, Measured]], outcome: str) -> None:
    """Refuse to put unlike rates beside each other.

    :raises Unanswerable: saying which two trials differ, and in what.
    """
    if not parts:
        return
    first_trial, first = parts[0]
    for trial, measured in parts[1:]:
        different = likeness(first_trial, first, outcome).differs(likeness(trial, measured, outcome))
        if different:
            found = f"{first_trial.id} and {trial.id} differ in {', '.join(different)}"
            raise Unanswerable(found, "trials that are alike, or the option apart", code=Code.STAT_UNLIKE)


def poolable(parts: Sequence[Part], outcome: str) -> None:
    """Refuse to pool what must not be pooled.

    :raises Unanswerable: with the first reason.
    """
    if len(parts) < FEWEST:
        raise Unanswerable(f"{len(parts)} trials", f"at least {FEWEST} to pool", code=Code.STAT_UNLIKE)
    alike([(part.trial, part.measured) for part in parts], outcome)
    names = [part.trial.id for part in parts]
    for part in parts:
        trial = part.trial
        if names.count(trial.id) > 1:
            raise Unanswerable(f"{trial.id} twice", "each trial once", code=Code.STAT_UNLIKE)
        inside = [name for name in trial.pools if name in names]
        if inside:
            raise Unanswerable(f"{trial.id} holds the people of {inside[0]}", "each person once", code=Code.STAT_UNLIKE)
        if trial.crossover:
            raise Unanswerable(f"{trial.id} is a crossover", "arms of different people", code=Code.STAT_UNLIKE)
        if trial.aim == "non-inferiority":
            raise Unanswerable(f"{trial.id} is a non-inferiority trial", "trials of superiority", code=Code.STAT_UNLIKE)
        if part.measured.time_point != parts[0].measured.time_point:
            found = f"{names[0]} at {parts[0].measured.time_point} and {trial.id} at {part.measured.time_point}"
            raise Unanswerable(found, "the same time point", code=Code.STAT_UNLIKE)


def pooled(parts: Sequence[Part], outcome: str) -> Pooled:
    """Random-effects pooled risk ratio (no unit), tested to control.

    statsmodels ``combine_effects`` on logarithms of the ratios: Paule and Mandel's variance between trials, and the interval of Hartung and
    Knapp in the form that is never narrower than the ordinary one (with Paule and Mandel's variance that is the t interval with one degree
    of freedom fewer than trials; Röver 2015, BMC Medical Research Methodology 15, 99).

    :raises Unanswerable: where the trials must not be pooled (:func:`poolable`).
    """
    poolable(parts, outcome)
    return _combined(parts)


def leave_one_out(parts: Sequence[Part], outcome: str) -> dict[str, Pooled]:
    """The pooled ratio without each trial in turn, by the id of the trial left out, methods as :func:`pooled`.

    With three trials each of these rests on two, so its interval is very wide: it shows whether one trial carries the result.

    :raises Unanswerable: where the trials must not be pooled.
    """
    poolable(parts, outcome)
    return {left.trial.id: _combined([part for part in parts if part is not left]) for left in parts}


def _combined(parts: Sequence[Part]) -> Pooled:
    import numpy as np
    from statsmodels.stats.meta_analysis import combine_effects

    estimates = [ratio(*part.counts) for part in parts]
    spread = 2 * NormalDist().inv_cdf(1 - ALPHA / 2)
    # The interval of each ratio is normal in its logarithm, so its width gives the variance back exactly.
    effects = np.array([math.log(estimate.value) for estimate in estimates])
    variances = np.array([(math.log(estimate.high / estimate.low) / spread) ** 2 for estimate in estimates])
    result = combine_effects(effects, variances, method_re="pm", use_t=True)
    low, high = result.conf_int(ALPHA)[1]
    back: Callable[[float], float] = math.exp
    method = "random effects: Paule and Mandel's variance, Hartung and Knapp's interval"
    estimate = Estimate(back(float(result.mean_effect_re)), back(float(low)), back(float(high)), method)
    return Pooled(estimate, float(result.tau2), max(0.0, 100 * float(result.i2)), tuple(part.trial.id for part in parts))
