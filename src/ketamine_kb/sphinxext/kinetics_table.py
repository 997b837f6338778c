"""``{published-and-computed}``: what was printed of levels and half-lives, beside what the models give, from the data."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ketamine_kb.evidence.kinetics_data import KineticsFile, Measured
from ketamine_kb.evidence.pharmacokinetics import check
from ketamine_kb.messages import Code, Fault
from ketamine_kb.plots.scale import number, short
from ketamine_kb.sphinxext.report import warn
from ketamine_kb.sphinxext.tables import FromFacts, Rows, table

#: Decimals of each unit.
DECIMALS = {"h": 1, "percent": 1, "ng/mL": 0, "L/h": 0, "L": 0}
WORDS = {"h": "hours", "percent": "%", "ng/mL": "ng/mL", "L/h": "litres an hour", "L": "litres"}


class PublishedAndComputed(FromFacts):
    """One row a published value: of what and in whom, printed, computed, the difference."""

    optional_arguments = 1
    final_argument_whitespace = True
    files = ("pharmacokinetics.yaml",)

    def make(self) -> list[nodes.Node]:
        """The table."""
        facts = self.knowledge.kinetics
        if facts is None:
            warn(Fault(self.page, self.lineno, 0, Code.PLOT_DATA, "no evidence/pharmacokinetics.yaml", "models and measured values"))
            return []
        rows: Rows = []
        for item in facts.measured:
            row: list[list[nodes.Node]] = [[nodes.Text(word)] for word in cells(item, facts)]
            rows.append([*row, self.cite([item.source])])
        caption = str(self.arguments[0]) if self.arguments else "Published values beside what the models give"
        return [table(caption, ["What, and in whom", "Printed", "Model", "Difference", "Source"], rows, (40, 16, 18, 14, 12))]


def cells(item: Measured, facts: KineticsFile) -> tuple[str, ...]:
    """The words of one row."""
    if item.model:
        subject = facts.model_of(item.model).name
    elif item.dose:
        subject = next(dose.name for dose in facts.doses if dose.id == item.dose)
    else:
        subject = f"{item.route}, {item.given}, {item.drug}"
    unit, decimals = WORDS.get(item.unit, item.unit), 2 if item.of == "time of peak" else DECIMALS.get(item.unit, 1)
    printed = short(item.value) if item.value is not None else f"{number(item.low or 0, decimals)} to {number(item.high or 0, decimals)}"
    first = f"{item.of[0].upper()}{item.of[1:]} ({subject}). {item.note}"
    found = check(item, facts)
    if found is None:
        return first, f"{printed} {unit}", "no model", ""
    difference = "within the range" if found.difference is None else f"{number(found.difference, 0)}%"
    return (
        first,
        f"{printed} {unit}",
        f"{number(found.computed, decimals)} {unit}",
        difference if found.fits else f"{difference} (does not fit)",
    )


def setup_kinetics_table(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("published-and-computed", PublishedAndComputed)
