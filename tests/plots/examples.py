"""One picture of each kind, from the real facts."""

from __future__ import annotations

from functools import cache

from ketamine_kb.evidence import load
from ketamine_kb.evidence.kinetics_data import KineticsFile
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.plots import harm_rows, icon_rows, level_rows, trial_rows
from ketamine_kb.plots.bars import frequencies
from ketamine_kb.plots.curves import curves
from ketamine_kb.plots.draw import Picture
from ketamine_kb.plots.forest import forest
from ketamine_kb.plots.icons import icons
from ketamine_kb.plots.timeline import timeline
from ketamine_kb.project import Project
from tests.conftest import ROOT


@cache
def facts() -> Knowledge:
    return load.load(Project(ROOT))


def kinetics() -> KineticsFile:
    found = facts().kinetics
    assert found is not None
    return found


@cache
def pictures() -> dict[str, Picture]:
    """By name."""
    known, levels = facts(), kinetics()
    trials = {trial.id: trial for trial in known.trials}
    made = {}
    for outcome, direction in trial_rows.OUTCOMES.items():
        found, left = trial_rows.forest_rows(known.trials, trial_rows.whole(known.trials), outcome)
        words = [f"{item.trial.name}: {item.reason}." for item in left]
        made[f"forest-{outcome}"] = forest(f"{outcome} in trials", found, direction, words)
    lines = [level_rows.curve(dose, levels, 8) for dose in levels.doses]
    bars = [level_rows.course_bar(row) for row in levels.course]
    made["curves"] = curves("Levels in blood", lines, level_rows.measured_points(levels), bars, 8)
    made["timeline"] = timeline("After one dose", [*(level_rows.level_bar(line) for line in lines), *bars], 14)
    for name in ("aspire-1-and-2-pooled", "transform-1-and-2-pooled", "transform-2", "sustain-1"):
        made[f"events-{name}"] = frequencies("Side effects", *harm_rows.event_rows(trials[name]))
    pooled = trials["transform-1-and-2-pooled"]
    pair = icon_rows.benefit_pair(pooled, pooled, (), "response")
    made["icons"] = icons("Of 100 people", [pair, icon_rows.harm_pair(known.trials, pooled, "serious-or-severe")])
    return made
