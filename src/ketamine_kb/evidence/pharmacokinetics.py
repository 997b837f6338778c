"""Levels of ketamine in blood over time, from published models. An illustration of what is known, never a guide to dosing.

The body is pictured as compartments that exchange drug at constant rates, so that the amounts follow a linear system dA/dt = K A + b.
Its exact solution over a step without change of input is a matrix exponential, which :func:`levels` takes from
:func:`scipy.linalg.expm`: no step size to choose, no drift.

Units everywhere: milligrams, litres, hours; levels in nanograms in a millilitre (1 mg/L = 1000 ng/mL).

Sources of the formulas: one- and two-compartment models with zero-order input (an infusion) and first-order absorption are those of
the cited studies themselves (Kamp 2020, Herd 2007, Elkomy 2015); the model with the liver is that of Perez-Ruixo 2021. The parameters
are in ``evidence/pharmacokinetics.yaml``, each with its source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketamine_kb.evidence.kinetics_data import GivenDose, KineticModel, KineticsFile, Measured

#: 1 mg/L in ng/mL.
NG_PER_ML = 1000.0
#: The grid on which the time of a peak is looked for, in hours (one minute), and how far.
PEAK_STEP, PEAK_SEARCH = 1 / 60, 24.0
#: An intake shorter than this, in hours (a few milliseconds), is all at once: a shorter step would be lost in rounding.
AT_ONCE = 1e-6
#: Volumes that count for the volume at steady state; the cited studies leave the liver out.
DISTRIBUTION = ("volume", "central_volume", "peripheral_volume", "second_peripheral_volume")

Matrix = NDArray[np.float64]


class Impossible(ValueError):
    """A number that no body or clock can have, such as a negative volume; the message says which."""


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise Impossible(f"{name.replace('_', ' ')} of {value:g}, expected a number above 0")


@dataclass(frozen=True)
class Compartments:
    """A linear model of the body.

    :param names: the compartments; the first is the blood.
    :param rates: ``rates[i][j]`` is the rate constant from compartment j to compartment i, in 1/h.
    :param losses: the rate constant at which drug leaves the body from each compartment, in 1/h.
    :param volume: volume of the blood compartment, in L.
    """

    names: tuple[str, ...]
    rates: tuple[tuple[float, ...], ...]
    losses: tuple[float, ...]
    volume: float

    def matrix(self) -> Matrix:
        """K of dA/dt = K A: what comes in from elsewhere, less what goes out."""
        moves = np.array(self.rates, dtype=float)
        np.fill_diagonal(moves, 0.0)
        return moves - np.diag(moves.sum(axis=0) + np.array(self.losses, dtype=float))


@dataclass(frozen=True)
class Intake:
    """One stream of drug into the body.

    :param mg: milligrams that get in by it.
    :param into: the compartment that it ends in.
    :param hours: how long it runs at a constant rate, in hours; 0 is all at once.
    :param absorption: rate constant of first-order absorption, in 1/h; None where the drug goes straight in.
    """

    mg: float
    into: str
    hours: float = 0.0
    absorption: float | None = None


@dataclass(frozen=True)
class Levels:
    """What a model gives.

    :param hours: the times, in hours after the start.
    :param ng_per_ml: the level in blood at each time.
    :param inside: milligrams in the body, waiting drug included, at each time.
    :param gone: milligrams that have left the body at each time.
    """

    hours: tuple[float, ...]
    ng_per_ml: tuple[float, ...]
    inside: tuple[float, ...]
    gone: tuple[float, ...]


def one_compartment(clearance: float, volume: float) -> Compartments:
    """The body as one well-stirred space.

    :param clearance: in L/h.
    :param volume: in L.
    :raises Impossible: when one is not above 0.
    """
    _positive(clearance=clearance, volume=volume)
    return Compartments(("blood",), ((0.0,),), (clearance / volume,), volume)


def two_compartments(clearance: float, central: float, exchange: float, peripheral: float) -> Compartments:
    """Blood and one further space.

    :param clearance: from the blood, in L/h.
    :param central: volume of the blood compartment, in L.
    :param exchange: clearance between the two, in L/h.
    :param peripheral: volume of the further space, in L.
    :raises Impossible: when one is not above 0.
    """
    _positive(clearance=clearance, central_volume=central, exchange=exchange, peripheral_volume=peripheral)
    rates = ((0.0, exchange / peripheral), (exchange / central, 0.0))
    return Compartments(("blood", "tissue"), rates, (clearance / central, 0.0), central)


def with_liver(model: KineticModel) -> Compartments:
    """Blood, two further spaces, and the liver, where alone the drug is broken down (Perez-Ruixo 2021, figure 1 and table 3)."""
    number = model.number
    central, liver = number("central_volume"), number("liver_volume")
    into = (number("exchange") / central, number("second_exchange") / central, number("liver_flow") / central)
    back = (
        number("exchange") / number("peripheral_volume"),
        number("second_exchange") / number("second_peripheral_volume"),
        number("liver_flow") / liver,
    )
    rates = ((0.0, *back), *((value, 0.0, 0.0, 0.0) for value in into))
    losses = (0.0, 0.0, 0.0, number("liver_to_norketamine") + number("liver_to_other"))
    return Compartments(("blood", "tissue", "deep tissue", "liver"), rates, losses, central)


def compartments(model: KineticModel) -> Compartments:
    """The model that a published set of parameters stands for."""
    if model.structure == "one compartment":
        return one_compartment(model.number("clearance"), model.number("volume"))
    if model.structure == "two compartments":
        return two_compartments(*(model.number(name) for name in ("clearance", "central_volume", "exchange", "peripheral_volume")))
    return with_liver(model)


def intakes(dose: GivenDose, model: KineticModel) -> list[Intake]:
    """How one reported dose gets into one model.

    A spray: of each device a share is absorbed in the nose and the rest is swallowed; from the second device on the share in the nose
    is smaller. What is swallowed passes the wall of the gut, which takes some of it, and then the liver, before it reaches the blood.
    """
    if dose.route == "vein":
        return [Intake(dose.mg, "blood", dose.hours or 0.0)]
    number = model.number
    if dose.route == "mouth":
        return [Intake(dose.mg * number("gut_fraction"), "liver", number("oral_release"), number("oral_absorption"))]
    devices = dose.devices or 1
    later = number("nasal_fraction") * number("nasal_fraction_of_later_devices")
    nose = dose.mg * (number("nasal_fraction") + (devices - 1) * later) / devices
    swallowed = (dose.mg - nose) * number("gut_fraction")
    return [
        Intake(nose, "blood", 0.0, number("nasal_absorption")),
        Intake(swallowed, "liver", number("swallowed_release"), number("swallowed_absorption")),
    ]


def levels(body: Compartments, streams: Sequence[Intake], hours: Iterable[float]) -> Levels:
    """The level in blood at each of ``hours``.

    :param hours: times in hours after the start, in rising order.
    :raises Impossible: for an amount, a rate or a time that cannot be.
    """
    from scipy.linalg import expm

    times = [float(time) for time in hours]
    if not times or any(not math.isfinite(time) or time < 0 for time in times) or times != sorted(times):
        raise Impossible("times that are not numbers of 0 or more in rising order")
    for stream in streams:
        if not (math.isfinite(stream.mg) and stream.mg >= 0 and math.isfinite(stream.hours) and stream.hours >= 0):
            raise Impossible(f"an intake of {stream.mg:g} mg over {stream.hours:g} hours, expected numbers of 0 or more")
        if stream.absorption is not None:
            _positive(rate_of_absorption=stream.absorption)
        if stream.into not in body.names:
            raise Impossible(f"an intake into {stream.into!r}, expected one of {', '.join(body.names)}")

    # The state: the compartments, one waiting place a stream, and what has left the body.
    size, waiting = len(body.names), len(streams)
    gone = size + waiting
    rates = np.zeros((gone + 1, gone + 1))
    rates[:size, :size] = body.matrix()
    rates[gone, :size] = body.losses
    state = np.zeros(gone + 1)
    targets = []
    for index, stream in enumerate(streams):
        end = body.names.index(stream.into)
        if stream.absorption is not None:
            rates[size + index, size + index] -= stream.absorption
            rates[end, size + index] += stream.absorption
        targets.append(end if stream.absorption is None else size + index)
        if stream.hours < AT_ONCE:
            state[targets[-1]] += stream.mg

    steps: dict[tuple[float, tuple[bool, ...]], Matrix] = {}

    def advance(state: Matrix, step: float, running: tuple[bool, ...]) -> Matrix:
        # A constant input is carried along as a further state that never changes. Equal steps share one exponential.
        key = (round(step, 12), running)
        if key not in steps:
            wide = np.zeros((gone + 2, gone + 2))
            wide[:-1, :-1] = rates
            for stream, target, runs in zip(streams, targets, running, strict=True):
                if runs:
                    wide[target, -1] += stream.mg / stream.hours
            steps[key] = expm(wide * key[0])
        moved: Matrix = steps[key] @ np.append(state, 1.0)
        return moved[:-1]

    breaks = sorted({stream.hours for stream in streams if stream.hours >= AT_ONCE})
    now = 0.0
    blood, inside, left = [], [], []
    for time in times:
        for stop in [*(stop for stop in breaks if now < stop < time), time]:
            if stop > now:
                state = advance(state, stop - now, tuple(stream.hours >= AT_ONCE and stream.hours > now for stream in streams))
                now = stop
        # What rounding leaves below zero is zero.
        blood.append(max(float(state[0]), 0.0) / body.volume * NG_PER_ML)
        inside.append(float(state[:gone].sum()))
        left.append(float(state[gone]))
    return Levels(tuple(times), tuple(blood), tuple(inside), tuple(left))


def half_lives(body: Compartments) -> tuple[float, ...]:
    """The half-life of each phase, in hours, the longest (terminal) last: ln 2 over each eigenvalue of K."""
    values = np.linalg.eigvals(body.matrix())
    return tuple(sorted(float(math.log(2) / -value.real) for value in values))


def clearance(body: Compartments) -> float:
    """Clearance in L/h: a dose into the blood divided by the area under the level that it gives, from K alone."""
    start = np.zeros(len(body.names))
    start[0] = 1.0
    area = -np.linalg.solve(body.matrix(), start)[0] / body.volume
    return float(1.0 / area)


def bioavailability(body: Compartments, streams: Sequence[Intake], mg: float) -> float:
    """The share of ``mg`` that reaches the blood, 0 to 1: the area under the level, against that of the same dose straight into the blood.

    :raises Impossible: when ``mg`` is not above 0.
    """
    _positive(dose=mg)
    inverse = np.linalg.inv(body.matrix())
    area = sum(-inverse[0, body.names.index(stream.into)] * stream.mg for stream in streams)
    return float(area / (-inverse[0, 0] * mg))


def peak(body: Compartments, streams: Sequence[Intake]) -> tuple[float, float]:
    """When the level is highest, in hours (to the minute), and how high, in ng/mL."""
    grid = [PEAK_STEP * index for index in range(round(PEAK_SEARCH / PEAK_STEP) + 1)]
    # An infusion peaks as it stops, which need not be on a full minute.
    grid = sorted({*grid, *(stream.hours for stream in streams if stream.hours > 0)})
    found = levels(body, streams, grid)
    index = int(np.argmax(found.ng_per_ml))
    return found.hours[index], found.ng_per_ml[index]


def falls_below(body: Compartments, streams: Sequence[Intake], share: float) -> float:
    """The hour from which the level stays below ``share`` (0 to 1) of its peak, to the minute.

    :raises Impossible: when the share is not between 0 and 1, or is not reached in five longest half-lives after a day.
    """
    if not 0 < share < 1:
        raise Impossible(f"a share of {share:g}, expected one between 0 and 1")
    top_time, top = peak(body, streams)
    longest = PEAK_SEARCH + 5 * half_lives(body)[-1] + math.log2(1 / share) * half_lives(body)[-1]
    grid = [PEAK_STEP * index for index in range(math.ceil(longest / PEAK_STEP) + 1)]
    found = levels(body, streams, grid)
    for time, level in zip(found.hours, found.ng_per_ml, strict=True):
        if time > top_time and level < share * top:
            return time
    raise Impossible(f"a level that does not fall below {share:g} of its peak in {longest:.0f} hours")


@dataclass(frozen=True)
class Check:
    """A published value beside what a model gives.

    :param published: the value or range as printed, with its unit.
    :param computed: what the model gives, in the same unit.
    :param difference: how far off, in percent; None where a range was printed.
    :param fits: within the tolerance that the data file states, or within the printed range.
    """

    item: Measured
    published: str
    computed: float
    difference: float | None
    fits: bool


def check(item: Measured, facts: KineticsFile) -> Check | None:
    """Set one published value beside its model; None where no model pictures it."""
    dose = next((dose for dose in facts.doses if dose.id == item.dose), None)
    name = dose.model if dose else item.model
    if name is None:
        return None
    model = facts.model_of(name)
    body = compartments(model)
    if item.of == "half-life":
        computed = half_lives(body)[-1]
    elif item.of == "clearance":
        computed = clearance(body)
    elif item.of == "volume at steady state":
        computed = sum(parameter.value for name, parameter in model.parameters.items() if name in DISTRIBUTION)
    else:
        if dose is None:
            return None
        streams = intakes(dose, model)
        time, level = peak(body, streams)
        computed = {"peak level": level, "time of peak": time, "bioavailability": 100 * bioavailability(body, streams, dose.mg)}[item.of]
    if item.value is not None and item.within_percent is not None:
        difference = 100 * (computed - item.value) / item.value
        return Check(item, f"{item.value:g} {item.unit}", computed, difference, abs(difference) <= item.within_percent)
    low, high = item.low or 0.0, item.high or math.inf
    return Check(item, f"{low:.3g} to {high:.3g} {item.unit}", computed, None, low <= computed <= high)
