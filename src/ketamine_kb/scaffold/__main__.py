"""``python -m ketamine_kb.scaffold``: the command line of ``nox -s new``."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterable, Sequence
from typing import NoReturn, get_args

from ketamine_kb.evidence.bibliography import DESIGNS, VERIFIED
from ketamine_kb.evidence.model import Certainty, Kind, Relation, Species
from ketamine_kb.evidence.registries import Settings
from ketamine_kb.messages import Code, Fault, summary, with_command
from ketamine_kb.project import Faulty, Project, here
from ketamine_kb.scaffold.answers import RUN, Answers, fault
from ketamine_kb.scaffold.claim import cite_on, plan_claim, sentence
from ketamine_kb.scaffold.diagram import BOX, EDGE, plan_diagram
from ketamine_kb.scaffold.page import plan_page
from ketamine_kb.scaffold.plan import Plan
from ketamine_kb.scaffold.source import plan_source
from ketamine_kb.scaffold.trial import ARM, plan_trial

_SOURCE = (
    *("doi", "pmid", "url", "title", "author", "year", "journal", "volume", "number", "pages"),
    *("design", "verified", "size", "key"),
)
_SHOWN = ("cite-on", "under")


def one_of(words: Iterable[str]) -> str:
    """Words to choose from, for the help."""
    return "one of " + ", ".join(words)


#: The options of each kind; those with a star may stand several times.
OPTIONS = {
    "claim": (
        *("chapter", "id", "kind", "statement", "plain", "certainty", "shown-in"),
        *("source", "relation", "finding", "finding-in", "reviewed", "review-by", *_SHOWN, *_SOURCE),
    ),
    "page": ("chapter", "name", "title", "description", "audience", "claim*", "not-known"),
    "diagram": ("name", "title", "description", "edge*", "box*", *_SHOWN),
    "source": (*_SOURCE, *_SHOWN, "sentence"),
    "trial": (
        *("id", "source", "title", "population", "design", "comparator", "comparison", "aim", "counted", "basis", "scale"),
        *("time-point", "arm*", "limits"),
    ),
}
_HELP = {
    "edge": EDGE,
    "box": BOX,
    "arm": ARM,
    "cite-on": "page of docs/ that shows it",
    "under": "heading on that page",
    "kind": one_of(get_args(Kind)),
    "certainty": one_of(get_args(Certainty)),
    "shown-in": one_of(get_args(Species)) + "; several with commas",
    "relation": one_of(get_args(Relation)),
    "verified": "how much of it you have read yourself: " + one_of(VERIFIED) + "; a source seen as citation only carries no claim alone",
    "size": "people studied, in digits",
    "author": "Family, Given and Family, Given; or the issuing body",
    "reviewed": "day on which you read the source, such as 2026-11-21",
}
#: The same where the word means something else for another kind of thing.
_HELP_OF = {
    **{(kind, "design"): one_of(sorted(DESIGNS)) for kind in ("claim", "source")},
    ("claim", "chapter"): "name of a file of evidence/claims/, without .yaml",
}
#: Faults that say only that something is not finished: not shown yet, or hard to read.
_LATER = frozenset({Code.SOURCE_UNCITED, Code.CLAIM_UNCITED, Code.DIAGRAM_UNUSED, Code.HARD_TO_READ})


class _Parser(argparse.ArgumentParser):
    """Answers wrong words with the right command."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{fault(message[:300], 'claim, page, diagram, source or trial, with its options', run=f'{RUN} claim --help')}\n")


def run(project: Project, kind: str, answers: Answers, settings: Settings, today: dt.date, *, online: bool, unfinished: bool) -> int:
    """Make one thing; 0 when it was written, 1 when not, with the reasons in one list."""
    plan = Plan(project)
    try:
        made = _plan(plan, kind, answers, settings, today, online=online)
        faults = plan.try_out(today)
        if faults and answers.ask is not None and all(item.code in _LATER for item in faults):
            for item in faults:
                sys.stderr.write(f"{item}\n")
            unfinished = unfinished or answers.ask("Write it all the same, and finish it later? (yes or no): ").strip().lower() == "yes"
        if faults and not (unfinished and all(item.code in _LATER for item in faults)):
            return _say(faults)
        written = plan.write()
    except Faulty as error:
        return _say(error.faults)
    print(f"Made {kind} {made}:")
    for name in written:
        print(f"  {name}")
    for item in faults:
        print(f"Still missing: {item}")
    for note in plan.notes:
        print(note)
    print("Look at the difference with: git diff. Then run: nox -s lint")
    return 0


def _plan(plan: Plan, kind: str, answers: Answers, settings: Settings, today: dt.date, *, online: bool) -> str:
    if kind == "claim":
        return plan_claim(plan, answers, today, settings, online=online)
    if kind == "page":
        return plan_page(plan, answers, today)
    if kind == "diagram":
        return plan_diagram(plan, answers)
    if kind == "trial":
        return plan_trial(plan, answers)
    key = plan_source(plan, answers, settings, online=online)
    if answers.has("sentence") or answers.has("cite-on"):
        words = answers.text("sentence", "the sentence that cites the source", least=15)
        answers.done()
        cite_on(plan, answers, sentence(words, key))
    return key


def _say(faults: Sequence[Fault]) -> int:
    for item in with_command(faults, RUN.removesuffix(" --")):
        sys.stderr.write(f"{item}\n")
    if any(item.line for item in faults):
        sys.stderr.write("The lines are those of the files as they would have been.\n")
    sys.stderr.write(f"{summary(faults)}\nNothing was written.\n")
    return 1


def main(arguments: Sequence[str] | None = None, project: Project | None = None, today: dt.date | None = None) -> int:
    """Entry point."""
    parser = _Parser(prog=RUN.removesuffix(" --") + " --", description=__doc__, allow_abbrev=False)
    kinds = parser.add_subparsers(dest="made", required=True, parser_class=_Parser, metavar="claim|page|diagram|source|trial")
    for kind, options in OPTIONS.items():
        one = kinds.add_parser(kind, help=f"a new {kind}", allow_abbrev=False)
        for option in options:
            name = option.removesuffix("*")
            one.add_argument(
                f"--{name}",
                dest=name,
                help=_HELP_OF.get((kind, name), _HELP.get(name)),
                action="append" if option.endswith("*") else "store",
            )
        one.add_argument("--unfinished", action="store_true", help="write it although nothing shows it yet or it is hard to read")
        one.add_argument("--offline", action="store_true", help="ask no registry")
        one.add_argument("--base-crossref", help=argparse.SUPPRESS)
        one.add_argument("--base-pubmed", help=argparse.SUPPRESS)
    given = vars(parser.parse_args(arguments))
    usual = Settings(limit=40.0, tries=2)
    bases = {name: given.pop(f"base_{name}") or usual.bases[name] for name in usual.bases}
    kind, unfinished, offline = given.pop("made"), given.pop("unfinished"), given.pop("offline")
    there = sys.stdin.isatty() and sys.stderr.isatty()
    answers = Answers(given, input if there else None)
    settings = Settings(bases=bases, limit=usual.limit, tries=usual.tries)
    try:
        return run(project or here(), kind, answers, settings, today or dt.date.today(), online=not offline, unfinished=unfinished)
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\nStopped. Nothing was written.\n")
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
