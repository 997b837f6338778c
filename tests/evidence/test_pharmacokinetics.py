"""Levels in blood: against closed forms, against printed values, and laws that hold for every body."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.evidence import load
from ketamine_kb.evidence import pharmacokinetics as pk
from ketamine_kb.evidence.kinetics_data import KineticsFile
from ketamine_kb.evidence.pharmacokinetics import Impossible, Intake
from ketamine_kb.project import Faulty, Project
from tests.conftest import ROOT
from tests.evidence.facts import GOOD, world

#: Relative tolerance against closed forms: rounding only.
EXACT = 1e-9


@pytest.fixture(scope="module")
def facts() -> KineticsFile:
    found = load.load(Project(ROOT)).kinetics
    assert found is not None
    return found


# -- closed forms ----------------------------------------------------------------------------------------------------------


def test_a_bolus_into_one_compartment_falls_as_an_exponential() -> None:
    body = pk.one_compartment(79, 252)
    found = pk.levels(body, [Intake(35, "blood")], [0, 1, 5, 24])
    for hour, level in zip(found.hours, found.ng_per_ml, strict=True):
        assert level == pytest.approx(1000 * 35 / 252 * math.exp(-79 / 252 * hour), rel=EXACT)


def test_an_infusion_into_one_compartment_rises_and_falls_as_its_closed_form() -> None:
    clearance, volume, mg, stop = 79.0, 252.0, 35.0, 2 / 3
    rate, k = mg / stop, clearance / volume
    found = pk.levels(pk.one_compartment(clearance, volume), [Intake(mg, "blood", stop)], [0, 0.3, stop, 1, 8])
    for hour, level in zip(found.hours, found.ng_per_ml, strict=True):
        end = rate / clearance * (1 - math.exp(-k * min(hour, stop)))
        assert level == pytest.approx(1000 * end * math.exp(-k * max(hour - stop, 0)), rel=EXACT, abs=1e-9)


def test_first_order_absorption_is_batemans_function() -> None:
    volume, k, ka, mg = 252.0, 79 / 252, 2.93, 30.0
    found = pk.levels(pk.one_compartment(79, volume), [Intake(mg, "blood", 0, ka)], [0, 0.1, 0.5, 2, 12])
    for hour, level in zip(found.hours, found.ng_per_ml, strict=True):
        bateman = mg * ka / (volume * (ka - k)) * (math.exp(-k * hour) - math.exp(-ka * hour))
        assert level == pytest.approx(1000 * bateman, rel=EXACT, abs=1e-9)


def test_two_compartments_fall_as_two_exponentials() -> None:
    clearance, central, exchange, peripheral, mg = 90.0, 38.7, 215.0, 102.0, 35.0
    out, there, back = clearance / central, exchange / central, exchange / peripheral
    total = out + there + back
    root = math.sqrt(total**2 - 4 * out * back)
    fast, slow = (total + root) / 2, (total - root) / 2
    body = pk.two_compartments(clearance, central, exchange, peripheral)
    found = pk.levels(body, [Intake(mg, "blood")], [0, 0.1, 1, 6])
    for hour, level in zip(found.hours, found.ng_per_ml, strict=True):
        first = (fast - back) / (fast - slow) * math.exp(-fast * hour)
        second = (back - slow) / (fast - slow) * math.exp(-slow * hour)
        assert level == pytest.approx(1000 * mg / central * (first + second), rel=EXACT)
    assert pk.half_lives(body) == pytest.approx((math.log(2) / fast, math.log(2) / slow), rel=EXACT)


def test_the_solution_agrees_with_small_steps() -> None:
    from scipy.integrate import solve_ivp

    body = pk.two_compartments(60.6, 57.3, 73.2, 152)
    matrix = body.matrix()

    def slope(time: float, amounts: Any) -> Any:
        moved = matrix @ amounts
        moved[0] += 35 / 0.5 if time < 0.5 else 0
        return moved

    ran = solve_ivp(slope, (0, 4), [0, 0], t_eval=[0.25, 0.5, 1, 4], rtol=1e-9, atol=1e-12, max_step=0.01)
    found = pk.levels(body, [Intake(35, "blood", 0.5)], [0.25, 0.5, 1, 4])
    assert found.ng_per_ml == pytest.approx([1000 * amount / 57.3 for amount in ran.y[0]], rel=1e-5)


# -- printed values --------------------------------------------------------------------------------------------------------

#: What is printed | what the model gives | how far off. The tolerance stands in the data file.
PRINTED = {
    "infusion-peak": ("185 ng/mL", 253.4, 37.0),
    "half-life-volunteers": ("2 h", 2.21, 10.6),
    "half-life-cited": ("3 h", 3.57, 19.0),
    "half-life-spray": ("7 to 12 h", 11.03, None),
    "spray-time-of-peak": ("0.333 to 0.667 h", 0.633, None),
    "spray-reaches-blood": ("54 percent", 53.76, -0.5),
    "spray-steady-volume": ("752 L", 752, 0.0),
    "spray-clearance": ("114 L/h", 109.0, -4.4),
    "swallowed-reaches-blood": ("18.6 percent", 17.80, -4.3),
}


def test_every_printed_value_is_met_within_its_tolerance(facts: KineticsFile) -> None:
    found = {item.id: check for item in facts.measured if (check := pk.check(item, facts))}
    assert set(found) == set(PRINTED)
    for name, (published, computed, difference) in PRINTED.items():
        check = found[name]
        assert check.published == published
        assert check.computed == pytest.approx(computed, rel=0.005)
        assert check.difference == (None if difference is None else pytest.approx(difference, abs=0.1))
        assert check.fits, name


def test_a_value_that_is_missed_does_not_fit(facts: KineticsFile) -> None:
    item = next(item for item in facts.measured if item.id == "half-life-volunteers")
    wrong = item.model_copy(update={"value": 4.0})
    check = pk.check(wrong, facts)
    assert check is not None
    assert not check.fits


def test_the_share_of_a_spray_that_is_swallowed_counts_once(facts: KineticsFile) -> None:
    # The abstract gives 54% for 56 mg and 51% for 84 mg.
    dose = next(dose for dose in facts.doses if dose.id == "nose-56")
    model = facts.model_of(dose.model)
    larger = dose.model_copy(update={"mg": 84.0, "devices": 3})
    share = pk.bioavailability(pk.compartments(model), pk.intakes(larger, model), 84)
    assert 100 * share == pytest.approx(51, abs=0.6)


def test_the_level_falls_below_a_share_of_its_peak_and_stays(facts: KineticsFile) -> None:
    for dose in facts.doses:
        model = facts.model_of(dose.model)
        body, streams = pk.compartments(model), pk.intakes(dose, model)
        hour, (_, top) = pk.falls_below(body, streams, 0.01), pk.peak(body, streams)
        after = pk.levels(body, streams, [hour, hour + 1, hour + 24])
        assert max(after.ng_per_ml) < 0.01 * top


# -- laws --------------------------------------------------------------------------------------------------------------------

sizes = st.floats(0.5, 1000)
doses = st.floats(0.1, 500)
hours = st.lists(st.floats(0, 72), min_size=1, max_size=8).map(sorted)


@given(sizes, sizes, sizes, sizes, doses, st.floats(0, 5), st.floats(0.05, 20) | st.none(), hours)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_and_no_level_is_negative(
    clearance: float, central: float, exchange: float, peripheral: float, mg: float, lasts: float, ka: float | None, times: list[float]
) -> None:
    body = pk.two_compartments(clearance, central, exchange, peripheral)
    found = pk.levels(body, [Intake(mg, "blood", lasts, ka)], times)
    for hour, level, inside, gone in zip(found.hours, found.ng_per_ml, found.inside, found.gone, strict=True):
        assert level >= 0
        given_so_far = mg if lasts < pk.AT_ONCE else mg * min(hour / lasts, 1)
        assert inside + gone == pytest.approx(given_so_far, rel=1e-6, abs=1e-6)


@given(sizes, sizes, doses, st.floats(0.1, 10), hours)
@settings(max_examples=40, deadline=None)
def test_twice_the_dose_is_twice_the_level(clearance: float, volume: float, mg: float, times_as_much: float, when: list[float]) -> None:
    body = pk.one_compartment(clearance, volume)
    once = pk.levels(body, [Intake(mg, "blood", 0.5)], when)
    more = pk.levels(body, [Intake(mg * times_as_much, "blood", 0.5)], when)
    assert more.ng_per_ml == pytest.approx([times_as_much * level for level in once.ng_per_ml], rel=1e-6, abs=1e-9)


@given(sizes, sizes, sizes, sizes, doses)
@settings(max_examples=40, deadline=None)
def test_clearance_is_what_went_in_and_a_straight_dose_arrives_whole(
    clearance: float, central: float, exchange: float, peripheral: float, mg: float
) -> None:
    body = pk.two_compartments(clearance, central, exchange, peripheral)
    assert pk.clearance(body) == pytest.approx(clearance, rel=1e-6)
    assert pk.bioavailability(body, [Intake(mg, "blood")], mg) == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: pk.one_compartment(0, 10), "clearance of 0, expected a number above 0"),
        (lambda: pk.one_compartment(5, float("nan")), "volume of nan, expected a number above 0"),
        (lambda: pk.two_compartments(1, -2, 1, 1), "central volume of -2, expected a number above 0"),
        (lambda: pk.levels(pk.one_compartment(1, 1), [], [1, 0]), "times that are not numbers of 0 or more in rising order"),
        (lambda: pk.levels(pk.one_compartment(1, 1), [], []), "times that are not numbers of 0 or more in rising order"),
        (
            lambda: pk.levels(pk.one_compartment(1, 1), [Intake(-1, "blood")], [1]),
            "an intake of -1 mg over 0 hours, expected numbers of 0 or more",
        ),
        (lambda: pk.levels(pk.one_compartment(1, 1), [Intake(1, "lung")], [1]), "an intake into 'lung', expected one of blood"),
        (
            lambda: pk.levels(pk.one_compartment(1, 1), [Intake(1, "blood", 0, 0)], [1]),
            "rate of absorption of 0, expected a number above 0",
        ),
        (lambda: pk.falls_below(pk.one_compartment(1, 1), [Intake(1, "blood")], 1), "a share of 1, expected one between 0 and 1"),
        (lambda: pk.bioavailability(pk.one_compartment(1, 1), [], 0), "dose of 0, expected a number above 0"),
    ],
)
def test_what_cannot_be_is_told(make: Any, says: str) -> None:
    with pytest.raises(Impossible) as raised:
        make()
    assert str(raised.value) == says


# -- the files ---------------------------------------------------------------------------------------------------------------

KINETICS: dict[str, Any] = {
    "models": [
        {
            "id": "one",
            "name": "a pooled model",
            "drug": "ketamine",
            "structure": "one compartment",
            "source": "meta-analysis",
            "population": "healthy adults",
            "read": "abstract",
            "parameters": {
                "clearance": {"value": 79.0, "unit": "L/h", "low": 69.0, "high": 90.0, "interval": "95% confidence interval"},
                "volume": {"value": 252.0, "unit": "L"},
            },
            "limits": "The studies differ a good deal.",
        }
    ],
    "doses": [
        {
            "id": "drip",
            "name": "a drip",
            "route": "vein",
            "drug": "ketamine",
            "model": "one",
            "mg": 35.0,
            "hours": 0.7,
            "source": "rct",
            "note": "as reported",
        }
    ],
    "measured": [
        {
            "id": "half",
            "of": "half-life",
            "model": "one",
            "value": 2.0,
            "unit": "h",
            "within_percent": 15.0,
            "source": "rct",
            "note": "three people",
        }
    ],
    "course": [
        {
            "id": "felt",
            "kind": "harm",
            "name": "Side effects",
            "from_hours": 0.0,
            "to_hours": 4.0,
            "says": "They were gone after four hours.",
            "source": "rct",
            "note": "one dose",
        }
    ],
}


def said(folder: Path, name: str, data: Any) -> list[str]:
    project = world(folder, [GOOD])
    (folder / "evidence" / f"{name}.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    try:
        load.load(project)
    except Faulty as error:
        return [str(fault) for fault in error.faults]
    return []


def changed(base: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A deep copy with one value set (``None`` removes it); the path is separated by dots."""
    made: Any = yaml.safe_load(yaml.safe_dump(base))
    here = made
    *steps, last = path.split(".")
    for step in steps:
        here = here[int(step) if step.isdigit() else step]
    if value is None:
        del here[last]
    else:
        here[int(last) if last.isdigit() else last] = value
    return dict(made)


def test_good_files_are_quiet(tmp_path: Path) -> None:
    assert said(tmp_path / "a", "pharmacokinetics", KINETICS) == []


RUN = " - run: nox -s html [claim-data]"
KINETIC_FAULTS = [
    ("models.0.parameters.clearance.value", 95.0, "40:7: 95 outside its range 69 to 90 - expected a range that holds it"),
    ("models.0.parameters.clearance.high", None, "39:7: 79 with one end of a range - expected both ends, or neither"),
    (
        "models.0.parameters.clearance.interval",
        None,
        "39:7: 79 with a range that is not named - expected interval: what kind of range it is",
    ),
    ("models.0.parameters.volume.value", -252.0, "43:7: models.0.parameters.volume.value: -252.0 - expected greater than 0"),
    (
        "models.0.parameters.volume.unit",
        "mL",
        "42:7: models.0.parameters.volume.unit: 'mL' - expected one of L, L/h, 1/h, h, fraction, percent, ng/mL - did you mean 'L'?",
    ),
    ("models.0.parameters.volume.unit", "L/h", "34:3: one: volume in L/h - expected volume in L"),
    (
        "models.0.parameters.volume",
        None,
        "34:3: one: no volume - expected every parameter of its structure: clearance, volume",
    ),
    (
        "models.0.read",
        "transcription",
        "45:3: one: a transcription without its address - expected read_at: where it was read",
    ),
    ("doses.0.hours", None, "11:3: drip: route vein, hours None - expected hours for an infusion into a vein, and only there"),
    ("doses.0.route", "nose", "12:3: drip: route nose, hours 0.7 - expected hours for an infusion into a vein, and only there"),
    ("doses.0.model", "two", "10:1: drip: unknown model 'two' - expected the id of one of models"),
    ("measured.0.unit", "L", "26:3: half: half-life in L - expected half-life in h"),
    ("measured.0.within_percent", None, "27:3: half: no tolerance - expected within_percent: how far a model may be off"),
    ("measured.0.of", "clearance", "26:3: half: clearance in h - expected clearance in L/h"),
    ("course.0.to_hours", 0.0, "2:3: felt: from 0 to 0 hours - expected the times in order: from, peak, to, gone"),
]


@pytest.mark.parametrize(("path", "value", "says"), KINETIC_FAULTS, ids=[f"{path} {value}" for path, value, _ in KINETIC_FAULTS])
def test_what_is_wrong_in_the_file_of_levels(tmp_path: Path, path: str, value: Any, says: str) -> None:
    told = said(tmp_path, "pharmacokinetics", changed(KINETICS, path, value))
    assert told == [f"evidence/pharmacokinetics.yaml:{says}{RUN}"]


def test_a_source_that_the_bibliography_does_not_hold(tmp_path: Path) -> None:
    told = said(tmp_path / "a", "pharmacokinetics", changed(KINETICS, "models.0.source", "rct3"))
    assert [fault.partition(": ")[2] for fault in told] == [
        "one: unknown source 'rct3' - expected a key of evidence/references.bib - did you mean 'rct'? - run: nox -s html [claim-source]"
    ]
