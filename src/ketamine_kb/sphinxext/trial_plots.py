"""The directives that draw trials: forest plot, event frequencies, icon array.

Trials are named as in tables (``trial [arm words] [at "time point"]``), and like stands with like by the same rules.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from ketamine_kb.evidence.trial_data import Measured, Trial
from ketamine_kb.evidence.trial_requests import named
from ketamine_kb.evidence.trials import Unanswerable
from ketamine_kb.messages import Code
from ketamine_kb.plots import harm_rows, icon_rows, trial_rows
from ketamine_kb.plots.bars import frequencies
from ketamine_kb.plots.draw import Picture
from ketamine_kb.plots.forest import forest
from ketamine_kb.plots.icons import icons
from ketamine_kb.sphinxext.plots import Plot, Refused
from ketamine_kb.sphinxext.stats import EVERY, trials_of


class TrialPlot(Plot):
    """Base: pages are read again by the content of the trials that they show."""

    def run(self) -> list[nodes.Node]:
        """The nodes; :class:`~ketamine_kb.sphinxext.stats.TrialDomain` knows when they are outdated."""
        return self.make()

    def asked(self, line: str) -> tuple[Trial, Measured, list[str]]:
        """The trial, table and arm words that a line names.

        :raises Refused: where it names none.
        """
        trials_of(self.env).note(self.env.docname, *line.split()[:1])
        try:
            return named(self.knowledge.trials, line)
        except Unanswerable as error:
            raise Refused(error.code, error.found, error.expected, error.near) from error

    def one_trial(self, example: str) -> tuple[Trial, Measured, list[str]]:
        """The trial of the option ``:trial:``.

        :raises Refused: where there is none.
        """
        line = str(self.options.get("trial", "")).strip()
        if not line:
            raise Refused(Code.PLOT_OPTION, "no :trial:", f"the id of a trial in evidence/trials.yaml, such as {example}")
        return self.asked(line)


class ForestPlot(TrialPlot):
    """``:outcome:`` (response, remission or madrs), ``:against:`` kinds of comparison with commas; trials one a line, or all that fit."""

    kind = "forest"
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"outcome": directives.unchanged_required, "against": directives.unchanged_required}

    def picture(self) -> Picture:
        """One row a comparison."""
        outcome = self.option("outcome", trial_rows.OUTCOMES)
        kinds = [
            self.one_of(words.strip(), trial_rows.KINDS, ":against:") for words in str(self.options.get("against", "")).split(",") if words
        ]
        trials = self.knowledge.trials
        lines = [line for line in self.content if line.strip()]
        chosen = [self.asked(line) for line in lines] if lines else trial_rows.whole(trials)
        if not lines:
            trials_of(self.env).note(self.env.docname, EVERY)
        made, left = trial_rows.forest_rows(trials, chosen, outcome, kinds)
        if lines:
            for item in left:
                found, expected = f"{item.trial.id} cannot be drawn: {item.reason}", f"trials with {outcome} in both groups"
                raise Refused(Code.PLOT_DATA, found, expected)
            for trial, _, _ in chosen:
                if kinds and trial.comparison not in kinds:
                    found, expected = f"{trial.id} is compared with {trial.comparison}", "only trials of :against: " + ", ".join(kinds)
                    raise Refused(Code.PLOT_DATA, found, expected)
        if not made:
            raise Refused(Code.PLOT_DATA, f"no trial with {outcome} in both groups", "at least one")
        words = [f"Not drawn: {item.trial.name}, because {item.reason}." for item in left]
        return forest(self.title(f"{outcome.capitalize()} in single trials"), made, trial_rows.OUTCOMES[outcome], words)


class EventFrequencies(TrialPlot):
    """How often side effects came up: ``:trial:``, and ``:events:`` ids of its harms (all where not given)."""

    kind = "event-frequencies"
    option_spec: ClassVar[dict[str, Any]] = {"trial": directives.unchanged_required, "events": directives.unchanged_required}

    def picture(self) -> Picture:
        """One row a side effect, both groups."""
        trial, _, _ = self.one_trial("sustain-1")
        try:
            made, groups = harm_rows.event_rows(trial, str(self.options.get("events", "")).split())
        except harm_rows.Unlike as error:
            raise Refused(Code.PLOT_DATA, error.found, error.expected, error.near) from error
        return frequencies(self.title(f"Side effects in both groups: {groups.name}"), made, groups)


class IconArray(TrialPlot):
    """``:trial:``, ``:outcome:`` (response or remission; none for a harm alone), and always ``:harm:``, the id of one of its harms."""

    kind = "icon-array"
    option_spec: ClassVar[dict[str, Any]] = {
        "trial": directives.unchanged_required,
        "outcome": directives.unchanged_required,
        "harm": directives.unchanged_required,
    }

    def picture(self) -> Picture:
        """Two grids of 100 for the benefit, two for the harm."""
        trial, measured, chosen = self.one_trial("transform-1-and-2-pooled")
        pairs = []
        if "outcome" in self.options:
            outcome = self.option("outcome", icon_rows.WHAT)
            try:
                pairs.append(icon_rows.benefit_pair(trial, measured, chosen, outcome))
            except trial_rows.NotDrawn as why:
                raise Refused(Code.PLOT_DATA, f"{trial.id} cannot be drawn: {why}", f"a trial with {outcome} in both groups") from why
        harm = str(self.options.get("harm", "")).strip()
        if not harm:
            raise Refused(Code.PLOT_HARM, "an icon array without :harm:", ":harm: with the id of a harm of the same trial, such as nausea")
        try:
            pairs.append(icon_rows.harm_pair(self.knowledge.trials, trial, harm))
        except harm_rows.Unlike as error:
            raise Refused(Code.PLOT_DATA, error.found, error.expected, error.near) from error
        return icons(self.title("Of 100 people in each group"), pairs)


def setup_trial_plots(app: Sphinx) -> None:
    """Register the directives."""
    for name, directive in (("forest-plot", ForestPlot), ("event-frequencies", EventFrequencies), ("icon-array", IconArray)):
        app.add_directive(name, directive)
