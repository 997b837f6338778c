"""From the facts about levels in blood to curves, measured points and bars of time."""

from __future__ import annotations

from ketamine_kb.evidence import pharmacokinetics
from ketamine_kb.evidence.kinetics_data import CourseRow, GivenDose, KineticsFile
from ketamine_kb.plots.curves import Curve, Point
from ketamine_kb.plots.scale import number
from ketamine_kb.plots.timeline import Bar


def curve(dose: GivenDose, facts: KineticsFile, hours: float, step: float = 1 / 30) -> Curve:
    """One dose as a curve from 0 to ``hours``, with the band of all published models of that drug and route."""
    names = (dose.model, *dose.compare_with)
    grid = sorted({*(round(step * index, 6) for index in range(int(hours / step) + 1)), hours, *([dose.hours] if dose.hours else [])})
    all_levels = []
    for name in names:
        model = facts.model_of(name)
        body, streams = pharmacokinetics.compartments(model), pharmacokinetics.intakes(dose, model)
        all_levels.append(pharmacokinetics.levels(body, streams, grid).ng_per_ml)
    model = facts.model_of(dose.model)
    body, streams = pharmacokinetics.compartments(model), pharmacokinetics.intakes(dose, model)
    several = len(names) > 1
    return Curve(
        name=f"{dose.name}, {dose.drug}" if dose.drug not in dose.name else dose.name,
        route=dose.route,
        hours=tuple(grid),
        levels=all_levels[0],
        peak=pharmacokinetics.peak(body, streams),
        small=pharmacokinetics.falls_below(body, streams, 0.01),
        models="; ".join(facts.model_of(name).name for name in names) + f". {dose.note}",
        low=tuple(min(values) for values in zip(*all_levels, strict=True)) if several else (),
        high=tuple(max(values) for values in zip(*all_levels, strict=True)) if several else (),
        sources=tuple(dict.fromkeys([dose.source, *(facts.model_of(name).source for name in names)])),
    )


def measured_points(facts: KineticsFile) -> list[Point]:
    """Levels that were measured: beside a curve, or alone where no model pictures the route."""
    doses = {dose.id: dose for dose in facts.doses}
    made = []
    for item in facts.measured:
        if item.of != "peak level" or item.value is None or item.at_hours is None:
            continue
        dose = doses.get(item.dose or "")
        route = dose.route if dose else item.route
        if route is None:
            continue
        name = (
            f"Peak of this infusion as a review lists it: {item.value:g} ng/mL"
            if dose
            else f"{route.capitalize()}: {item.given} {item.drug}, measured"
        )
        mark = f"{item.value:g}" if dose else f"{item.given}: {item.value:g}"
        made.append(Point(name, mark, route, item.at_hours, item.value, item.note, (item.source,)))
    return made


def course_bar(row: CourseRow) -> Bar:
    """One row of the course of the effect."""
    says = f"{row.says} {row.ends}" if row.ends else row.says
    sources = (row.source, *row.also_from)
    return Bar(row.name, row.kind, row.from_hours, row.to_hours, says, row.note, row.peak_hours, row.gone_hours, sources)


def level_bar(line: Curve) -> Bar:
    """How long a level stays above a hundredth of its peak, as a row of a time course."""
    says = f"In the model the level falls below a hundredth of its peak after about {number(line.small, 0)} hours."
    return Bar(line.name, "level", 0.0, float(round(line.small)), says, f"A model: {line.models}", line.peak[0], None, line.sources)
