"""``python -m ketamine_kb.sources``: ask Crossref and PubMed whether every source exists, matches and still stands.

Each answer is written as it comes, so an interrupted run goes on where it stopped. Without a network, no file changes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ketamine_kb.evidence import bibliography, status
from ketamine_kb.evidence.registries import Client, Settings, Unanswered
from ketamine_kb.evidence.status import Question, Result, Results, Status
from ketamine_kb.messages import Code, Fault, nearest, summary
from ketamine_kb.project import Faulty, Project, here

EXAMPLE = f"{status.RUN} -- --only KEY"
#: So many different requests that fail to connect, before any succeeds, mean that there is no network.
OFFLINE_AFTER = 3
#: Codes of messages that make the run fail.
FAILING = frozenset({Code.SOURCE_RETRACTED, Code.SOURCE_MISMATCH, Code.SOURCE_NOT_FOUND})


def run(
    project: Project,
    settings: Settings,
    only: Sequence[str] = (),
    *,
    again: bool = False,
    today: dt.date | None = None,
) -> int:
    """Ask, write and tell; 0 when no source is at fault, 1 for faults of the sources, 2 when nothing could be told."""
    today = today or dt.datetime.now(dt.UTC).date()
    try:
        known = bibliography.load(project)
        asked = status.questions(known)
        chosen = _chosen(asked, only, known)
        results = status.current(status.read(project), asked)
        due = _in_order([q for q in chosen if again or not status.is_fresh(results.get(q.key, {}).get(q.registry), q, today)])
        if due:
            try:
                online = _ask(project, settings, due, results, today)
            except KeyboardInterrupt:
                print(f"Stopped. What was answered is kept; to go on, run: {status.RUN}", file=sys.stderr)
                return 130
            if not online:
                registries = " and ".join(sorted({settings.bases[question.registry] for question in due}))
                found, expected = f"no connection to {registries}, so no source was checked and no file changed", "a network"
                print(Fault(known.path, 0, 0, Code.SOURCE_UNCHECKED, found, expected, run=status.RUN), file=sys.stderr)
                return 2
        else:
            status.write(project, results)
            print("Every source was asked today already; --again asks anew.", file=sys.stderr)
    except Faulty as error:
        return _say(error.faults)
    return _tell(known.path, [(question, results[question.key][question.registry]) for question in chosen], set(due))


def _chosen(asked: list[Question], only: Sequence[str], known: bibliography.Bibliography) -> list[Question]:
    """The questions about the named sources, or all of them."""
    faults: list[Fault] = []
    keys = {question.key for question in asked}
    for key in only:
        if key not in known.lines:
            near = nearest(key, known.lines)
            faults.append(Fault(known.path, 0, 0, Code.SOURCE_UNCHECKED, f"no source {key!r}", "the key of a source", near, run=EXAMPLE))
        elif key not in keys:
            line = known.lines[key]
            found = f"{key}: no doi and no pmid"
            faults.append(Fault(known.path, line, 0, Code.SOURCE_UNCHECKED, found, "a source that a registry can know", run=EXAMPLE))
    if faults:
        raise Faulty(faults)
    return [question for question in asked if question.key in only] if only else asked


def _in_order(due: list[Question]) -> list[Question]:
    """By key, but each registry once before all others: only if none can be reached, there is no network."""
    firsts = {question.registry: question for question in reversed(due)}
    return [*firsts.values(), *(question for question in due if question not in firsts.values())]


def _ask(project: Project, settings: Settings, due: list[Question], results: Results, today: dt.date) -> bool:
    """Fill in the results and write each as it comes; False, with no file touched, when there is no network."""
    with Client(settings) as client, _progress(len(due)) as step:
        held: list[str] = []  # until something has answered, nothing is worth telling
        for number, question in enumerate(due, start=1):
            answer = client.ask(question.registry, question.identifier)
            nowhere = isinstance(answer, Unanswered) and answer.offline and not client.reached
            if nowhere and number >= min(OFFLINE_AFTER, len(due)):
                return False
            before = results.get(question.key, {}).get(question.registry)
            result = status.judge(question, answer, today, before)
            results.setdefault(question.key, {})[question.registry] = result
            told = Status.NOT_CHECKED if result.reason else result.status
            held.append(f"{question.key} {question.registry}: {told.value}")
            if client.reached:
                status.write(project, results)
                while held:
                    step(held.pop(0))
    return True


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal; one line for every answer in a log."""
    if not sys.stderr.isatty():
        count = iter(range(1, total + 1))
        yield lambda words: print(f"{next(count)}/{total} {words}", file=sys.stderr, flush=True)
        return
    columns = (MofNCompleteColumn(), BarColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("asking", total=total)
        yield lambda words: bar.update(task, advance=1, description=words)


def _tell(shown: str, told: list[tuple[Question, Result]], due: set[Question]) -> int:
    """Every message, the counts, and the exit code."""
    faults = sorted([fault for question, result in told if (fault := result.fault(question, shown))] + status.unanswered(told, shown))
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print(summary(faults), file=sys.stderr)
    sources: dict[str, list[Result]] = {}
    for question, result in told:
        sources.setdefault(question.key, []).append(result)
    counts = Counter(status.overall(results) for results in sources.values())
    print(", ".join(f"{counts[word]} {word.value}" for word in reversed(Status)))
    if any(fault.code in FAILING for fault in faults):
        return 1
    if due and all(result.reason for question, result in told if question in due):
        return 2  # nothing was learnt, and that is not a success
    return 0


def _say(faults: list[Fault]) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    print(summary(faults), file=sys.stderr)
    return 1


class _Parser(argparse.ArgumentParser):
    """Answers wrong words with the right command."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message} - run: {EXAMPLE} (or --again, --limit SECONDS, --rate NUMBER)\n")


def _positive(word: str) -> float:
    number = float(word)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(word)
    return number


def _rate(word: str) -> float:
    number = _positive(word)
    if number > 5:
        raise ValueError(word)
    return number


def _address(word: str) -> str:
    parts = urlsplit(word)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(word)
    return word


# argparse names the function in its message.
_positive.__name__, _rate.__name__, _address.__name__ = "number above 0", "number above 0 and at most 5", "http address"


def main(arguments: Sequence[str] | None = None, project: Project | None = None) -> int:
    """Entry point."""
    usual = Settings()
    parser = _Parser(prog="python -m ketamine_kb.sources", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", action="append", default=[], metavar="KEY", help="ask about this source alone; may be repeated")
    parser.add_argument("--again", action="store_true", help="ask even what was answered today")
    parser.add_argument("--limit", type=_positive, default=usual.limit, metavar="SECONDS", help="longest time of the run (%(default)g)")
    parser.add_argument("--rate", type=_rate, default=5.0, metavar="NUMBER", help="most requests a second to one server (%(default)g)")
    for name in usual.bases:
        parser.add_argument(f"--base-{name}", type=_address, default=usual.bases[name], metavar="URL", help=argparse.SUPPRESS)
    known = parser.parse_args(arguments)
    settings = Settings(
        bases={name: getattr(known, f"base_{name}") for name in usual.bases},
        rates={name: min(known.rate, usual.rates[name]) for name in usual.rates},
        limit=known.limit,
    )
    return run(project or here(), settings, known.only, again=known.again)


if __name__ == "__main__":
    raise SystemExit(main())
