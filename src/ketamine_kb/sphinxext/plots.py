"""What all directives of plots share, and those of time: effect over time and concentration curves.

An author names what is to be shown, never a number. Every number comes from ``evidence/``, and a page is read again when that changes.
Plots of trials are :mod:`ketamine_kb.sphinxext.trial_plots`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from ketamine_kb.evidence.kinetics_data import KineticsFile
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.plots import level_rows
from ketamine_kb.plots.curves import curves
from ketamine_kb.plots.draw import Picture
from ketamine_kb.plots.timeline import timeline
from ketamine_kb.sphinxext.plot_nodes import make, plot_data, setup_plot_nodes
from ketamine_kb.sphinxext.report import warn
from ketamine_kb.sphinxext.tables import FromFacts, Rows, table


class Refused(Exception):
    """Nothing is drawn; the fault says why."""

    def __init__(self, code: Code, found: str, expected: str, near: str = "") -> None:
        super().__init__(found)
        self.code, self.found, self.expected, self.near = code, found, expected, near


class Plot(FromFacts):
    """Base: a picture from the facts, its words, its data. The argument, if any, is the title."""

    optional_arguments = 1
    final_argument_whitespace = True
    files = ("pharmacokinetics.yaml",)
    #: Name of the kind of plot, for the file of its data.
    kind: ClassVar[str]

    def picture(self) -> Picture:
        """The picture.

        :raises Refused: where it cannot be drawn.
        """
        raise NotImplementedError

    def make(self) -> list[nodes.Node]:
        """The picture, then its data."""
        try:
            picture = self.picture()
        except Refused as why:
            warn(Fault(self.page, self.lineno, 0, why.code, why.found, why.expected, why.near))
            return []
        number = self.env.new_serialno("kb-plot") + 1
        file = f"{self.env.docname.replace('/', '-')}-{number}-{self.kind}.csv"
        uid = "pl-" + hashlib.sha256(f"{self.env.docname}/{number}".encode()).hexdigest()[:8]
        drawn, link = make(picture, uid, file)
        drawn.line = self.lineno
        cells: Rows = [[*_texts(row), self.cite(list(keys))] for row, keys in zip(picture.rows, picture.sources, strict=True)]
        return [drawn, plot_data("", table(f"Data: {picture.title}", [*picture.head, "Sources"], cells, _widths(picture)), link)]

    def title(self, otherwise: str) -> str:
        """The title given, or another."""
        return str(self.arguments[0]) if self.arguments else otherwise

    def option(self, name: str, known: Mapping[str, object] | Iterable[str]) -> str:
        """A required option whose value is one of ``known``."""
        found = str(self.options.get(name, "")).strip()
        return self.one_of(found, known, f":{name}:")

    def one_of(self, found: str, known: Mapping[str, object] | Iterable[str], what: str) -> str:
        """``found``, if it is known.

        :raises Refused: otherwise, with the nearest.
        """
        names = list(known)
        if found not in names:
            shown = f"{what} {found!r}" if found else f"no {what}"
            raise Refused(Code.PLOT_OPTION, shown, "one of " + ", ".join(names), nearest(found, names))
        return found

    def kinetics(self) -> KineticsFile:
        """The facts about levels.

        :raises Refused: where there are none.
        """
        if self.knowledge.kinetics is None:
            raise Refused(Code.PLOT_DATA, "no evidence/pharmacokinetics.yaml", "models and doses to draw")
        return self.knowledge.kinetics


class EffectOverTime(Plot):
    """What is seen when after one dose, with levels in blood; ``:days:`` (14 where not given)."""

    kind = "effect-over-time"
    option_spec: ClassVar[dict[str, Any]] = {"days": directives.positive_int}

    def picture(self) -> Picture:
        """Levels first, then benefits and harms."""
        facts = self.kinetics()
        days = int(self.options.get("days", 14))
        levels = [level_rows.level_bar(level_rows.curve(dose, facts, 24)) for dose in facts.doses]
        bars = [level_rows.course_bar(row) for row in facts.course]
        _harm_beside({bar.kind for bar in bars})
        return timeline(self.title("What is seen when after one dose"), levels + bars, days)


class ConcentrationCurves(Plot):
    """Levels in blood by route over what is felt and when; ``:doses:`` ids (all where not given), ``:hours:`` (8 where not given)."""

    kind = "concentration-curves"
    option_spec: ClassVar[dict[str, Any]] = {"doses": directives.unchanged_required, "hours": directives.positive_int}

    def picture(self) -> Picture:
        """Curves, measured points, and bars on the same scale."""
        facts = self.kinetics()
        doses = {dose.id: dose for dose in facts.doses}
        names = [self.one_of(word, doses, "dose") for word in str(self.options.get("doses", "")).split()] or list(doses)
        hours = int(self.options.get("hours", 8))
        lines = [level_rows.curve(doses[name], facts, hours) for name in names]
        bars = [level_rows.course_bar(row) for row in facts.course]
        _harm_beside({bar.kind for bar in bars})
        points = [point for point in level_rows.measured_points(facts) if point.hour <= hours]
        return curves(self.title("Levels of ketamine in blood, and what is felt when"), lines, points, bars, hours)


def _widths(picture: Picture) -> tuple[int, ...]:
    """Columns in percent: room for the longest word, more where there is more to read."""
    weights: list[float] = []
    for column, head in enumerate(picture.head):
        cells = [row[column] for row in picture.rows]
        # Capitals are wider.
        longest = max(len(word) + 0.4 * sum(map(str.isupper, word)) for text in (head, *cells) for word in text.split() or [""])
        weights.append(max(1.3 * longest + 2, min(30, sum(len(cell) for cell in cells) // len(cells))))
    weights.append(14)
    return tuple(round(100 * weight / sum(weights)) for weight in weights)


def _texts(row: tuple[str, ...]) -> list[list[nodes.Node]]:
    return [[nodes.Text(cell)] for cell in row]


def _harm_beside(kinds: set[str]) -> None:
    if "benefit" in kinds and "harm" not in kinds:
        raise Refused(Code.PLOT_HARM, "a course of benefits without a harm", "a row with kind: harm in evidence/pharmacokinetics.yaml")


def setup_plots(app: Sphinx) -> None:
    """Register the directives and their nodes."""
    setup_plot_nodes(app)
    for name, directive in (
        ("effect-over-time", EffectOverTime),
        ("concentration-curves", ConcentrationCurves),
    ):
        app.add_directive(name, directive)
