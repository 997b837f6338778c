"""Tables of trials: rates with their difference beside their harms, like beside like; and harms beside their comparator's figure."""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from ketamine_kb.evidence import trial_words as words
from ketamine_kb.evidence import trials as sums
from ketamine_kb.evidence.trial_context import harms_short, kind
from ketamine_kb.evidence.trial_data import Harm, Measured, Trial
from ketamine_kb.evidence.trial_pooling import Likeness, alike, likeness
from ketamine_kb.evidence.trial_requests import FIELDS, Group, group, named, sides
from ketamine_kb.evidence.trials import Unanswerable
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.sphinxext.report import warn
from ketamine_kb.sphinxext.stats import EVERY, fault_of, trials_of
from ketamine_kb.sphinxext.tables import FromFacts, Rows
from ketamine_kb.sphinxext.tables import table as facts_table

#: One line of the content: a trial with its table, and the line in the page.
Named = tuple[Trial, Measured, list[str], int]


class TrialNames(FromFacts):
    """Base: trials named in the content, one a line: ``trial [arm words] [at "time point"]``."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The nodes; the page is read again by content (:class:`~ketamine_kb.sphinxext.stats.TrialDomain`), not at any change of a fact."""
        return self.make()

    def named(self) -> list[Named]:
        """The trials of the content; an unknown name is told once."""
        found: list[Named] = []
        # MyST counts the offset of the content from the line of the fence.
        for number, line in enumerate(self.content, start=self.lineno + self.content_offset + 1):
            if not line.strip():
                continue
            trials_of(self.env).note(self.env.docname, *line.split()[:1])
            try:
                found.append((*named(self.knowledge.trials, line), number))
            except Unanswerable as error:
                warn(fault_of(error, self.page, number))
        if not [line for line in self.content if line.strip()]:
            warn(Fault(self.page, self.lineno, 0, Code.STAT_UNKNOWN, f"{self.name} without a trial", "ids of trials, one a line"))
        return found


class TrialTable(TrialNames):
    """Rates of an outcome per group, their difference, the number needed to treat, and harms; only trials that are alike.

    Options: ``outcome`` (response, remission or relapse), ``caption``, and ``apart``: unlike trials go into tables of their own.
    """

    option_spec: ClassVar[dict[str, Any]] = {
        "outcome": directives.unchanged_required,
        "caption": directives.unchanged_required,
        "apart": directives.flag,
    }

    def make(self) -> list[nodes.Node]:
        """One table, or with ``apart`` one for each kind."""
        outcome = self.options.get("outcome", "response")
        if outcome not in FIELDS:
            near = nearest(outcome, FIELDS)
            warn(Fault(self.page, self.lineno, 0, Code.STAT_UNKNOWN, f"outcome {outcome!r}", "one of " + ", ".join(FIELDS), near))
            return []
        named = self.named()
        kinds: dict[Likeness, list[Named]] = {}
        for item in named:
            kinds.setdefault(likeness(item[0], item[1], outcome), []).append(item)
        if "apart" not in self.options:
            try:
                alike([(trial, measured) for trial, measured, _, _ in named], outcome)
            except Unanswerable as error:
                warn(fault_of(error, self.page, self.lineno))
                return []
        return [made for items in kinds.values() for made in self.kind(items, outcome)]

    def kind(self, items: list[Named], outcome: str) -> list[nodes.Node]:
        """The table of trials that are alike; its caption says in what."""
        trial, measured = items[0][:2]
        caption = self.options.get("caption", outcome.capitalize())
        full = f"{caption}. {kind(trial, measured, outcome)}"
        rows = [row for item in items for row in self.rows(item, outcome)]
        head = ["Trial and time", "Tested group", "Comparison group", "Difference, and number needed to treat", "Harms"]
        return [trials_table(full, head, rows, (18, 20, 20, 22, 20))] if rows else []

    def rows(self, item: Named, outcome: str) -> Rows:
        """One row; a trial whose counts were not seen is a fault."""
        trial, measured, chosen, line = item
        try:
            tested, control = sides(trial, measured, chosen)
            first = group(trial, tested, outcome)
            second = group(trial, [control], outcome) if control else None
        except Unanswerable as error:
            warn(fault_of(error, self.page, line))
            return []
        gap = need = "none: no comparison group"
        if second:
            four = first.events, first.people, second.events, second.people
            gap, need = words.points(sums.difference(*four)), words.needed(sums.needed(*four, wanted=outcome != "relapse"))
        if trial.crossover:
            gap = need = "not computed: the same people are in both groups"
        elif trial.aim == "non-inferiority":
            need = "not shown: a non-inferiority trial"
        elif trial.no_nnt:
            need = f"not shown: {trial.no_nnt}"
        conflict = " ".join(arm.conflict for arm in measured.arms if arm.conflict)
        cells: list[list[nodes.Node]] = [
            [nodes.Text(f"{trial.name}, {measured.time_point}. {trial.caution or ''} "), *self.cite(trial.sources)],
            [nodes.Text(side(first))],
            [nodes.Text((side(second) if second else "none") + (f" {conflict}" if conflict else ""))],
            [nodes.Text(gap if gap == need else f"{gap}. Number needed to treat: {need}")],
            [nodes.Text(harms_short(self.knowledge.trials, trial))],
        ]
        return [cells]


class HarmsTable(TrialNames):
    """Unwanted events of the trials named, each with the comparison group's figure.

    Options: ``caption``; ``events``, ids of harms (all where not given); ``short``: of one trial only the shares, one column a group.
    """

    option_spec: ClassVar[dict[str, Any]] = {
        "caption": directives.unchanged_required,
        "events": directives.unchanged_required,
        "short": directives.flag,
    }

    def make(self) -> list[nodes.Node]:
        """One row an event; below it what weakens the counts."""
        chosen: list[tuple[Trial, Harm]] = []
        wanted, notes = str(self.options.get("events", "")).split(), []
        for trial, _, _, line in self.named():
            held = [harm for harm in trial.harms if harm.id in wanted] if wanted else trial.harms
            if not trial.harms:
                self.fault(
                    line, Code.STAT_WITHHELD, f"{trial.id}: no counts of harms", "a trial whose harms were counted", trial.harms_in or ""
                )
            for name in wanted:
                known = [harm.id for harm in trial.harms]
                if known and name not in known:
                    self.fault(
                        line, Code.STAT_UNKNOWN, f"{trial.id}: unknown event {name!r}", "one of " + ", ".join(known), nearest(name, known)
                    )
            chosen += [(trial, harm) for harm in held]
            if held and trial.harms_note:
                notes.append(f"{sentence_of(trial.name).removesuffix('.')}: {trial.harms_note}")
        caption = self.options.get("caption", "Unwanted events beside the comparison group's figure")
        if not chosen:
            return []
        if "short" in self.options:
            return self.short(caption, chosen)
        rows: Rows = []
        for trial, harm in chosen:
            tested = [item for item in harm.groups if item.role == "tested"]
            controls = [item for item in harm.groups if item.role == "control"]
            beside = "; ".join(words.group_words(item) for item in controls) or "not seen"
            event = f"{harm.event[0].upper()}{harm.event[1:]}, per {harm.per}"
            shares = "; ".join(words.group_words(item) for item in tested)
            source: list[nodes.Node] = [nodes.Text(f"{trial.name}, {harm.time} "), *self.cite([harm.source])]
            rows.append([[nodes.Text(event)], [nodes.Text(shares)], [nodes.Text(beside)], source])
        made: list[nodes.Node] = [
            trials_table(caption, ["Event", "Tested group", "Comparison group", "Trial and time"], rows, (28, 24, 24, 24))
        ]
        return made + [nodes.paragraph("", note) for note in notes]

    def short(self, caption: str, chosen: list[tuple[Trial, Harm]]) -> list[nodes.Node]:
        """Three columns for a page with little room: what all rows share stands in the caption and the head, the source in the head."""
        kinds = {
            (
                trial.name,
                harm.per,
                harm.time,
                harm.source,
                *((item.name, item.role, item.people and item.people.count) for item in harm.groups),
            )
            for trial, harm in chosen
        }
        roles = [item.role for item in chosen[0][1].groups]
        if len(kinds) > 1 or roles != ["tested", "control"]:
            expected = "events of one trial, counted alike in one tested and one comparison group"
            self.fault(self.lineno, Code.STAT_UNLIKE, "a short table of unlike events", expected)
            return []
        harm = chosen[0][1]
        head: list[list[nodes.Node]] = [[nodes.Text(f"Event, per {harm.per} "), *self.cite([harm.source])]]
        for item in harm.groups:
            size = f" ({item.people.count} people)" if item.people else ""
            head.append([nodes.Text(f"{item.name[0].upper()}{item.name[1:]}{size}")])
        rows: Rows = []
        for _, one in chosen:
            shares: list[list[nodes.Node]] = [[nodes.Text(words.share_words(item))] for item in one.groups]
            rows.append([[nodes.Text(f"{one.event[0].upper()}{one.event[1:]}")], *shares])
        made = trials_table(f"{caption}. Time: {harm.time}", ["", "", ""], rows, (34, 38, 28))
        for entry, cell in zip(next(made.findall(nodes.thead)).findall(nodes.paragraph), head, strict=True):
            entry.children = []
            entry += cell
        return [made]

    def fault(self, line: int, code: Code, found: str, expected: str, near: str = "") -> None:
        """Tell one fault of the directive."""
        warn(Fault(self.page, line, 0, code, found, expected, near))


class TrialRegister(FromFacts):
    """Every trial of the data: who, against what, how blinded, who paid, what weakens it, and its harms."""

    def run(self) -> list[nodes.Node]:
        """The table; the page follows every trial by its content."""
        trials_of(self.env).note(self.env.docname, EVERY)
        return self.make()

    def make(self) -> list[nodes.Node]:
        """One row a trial, in the order of the file, each with an address of its own."""
        rows: Rows = []
        for trial in self.knowledge.trials:
            name = nodes.inline("", trial.name, ids=[f"trial-{trial.id}"])
            registered = [nodes.Text(f" Registered as {trial.registration}.")] if trial.registration else []
            people = f"{trial.people:,} people. " if trial.people else ""
            blinding = f" Blinding: {trial.blinding}." if trial.blinding else " Blinding: not seen."
            paid = f" Paid for or run by: {trial.funding}." if trial.funding else " Who paid: not seen."
            rows.append(
                [
                    [name, nodes.Text(" "), *self.cite(trial.sources), *registered],
                    [nodes.Text(f"{people}{sentence_of(trial.population)} {sentence_of(trial.design)}")],
                    [nodes.Text(f"{sentence_of(trial.comparator or 'no comparison group')}{blinding}{paid}")],
                    [nodes.Text(sentence_of(trial.limits))],
                    [nodes.Text(harms_short(self.knowledge.trials, trial))],
                ]
            )
        head = ["Trial", "People and design", "Compared with", "What weakens it", "Harms"]
        return [trials_table(f"The {len(rows)} trials of this site, positive and negative", head, rows, (16, 22, 22, 22, 18))]


def sentence_of(text: str) -> str:
    """A note as a sentence: a capital first and a full stop last."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def trials_table(caption: str, head: list[str], rows: Rows, widths: tuple[int, ...]) -> nodes.table:
    """A table of facts whose first column may be narrow, so that the harms in the last one are seen without scrolling."""
    made = facts_table(caption, head, rows, widths)
    made["classes"].append("kb-trials")
    return made


def side(counted: Group) -> str:
    """A group's rate with interval, counts, name and basis."""
    share = sums.rate(counted.events, counted.people)
    marks = f"; {', '.join(counted.marks)}" if counted.marks else ""
    ends = words.interval(share.low, share.high)
    return f"{words.number(share.value)}% ({counted.events} of {counted.people}; {ends}{marks}): {counted.name}"


def setup_trial_tables(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("trial-table", TrialTable)
    app.add_directive("harms-table", HarmsTable)
    app.add_directive("trial-register", TrialRegister)
