"""``python -m ketamine_kb.build``: check the sources, run Sphinx, and only then replace what was built before.

A failed build leaves the last good output whole, and ends in messages, never in a traceback.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ketamine_kb.checks import claims, figures, markdown, readability, sources, unsourced
from ketamine_kb.diagrams import lint, records
from ketamine_kb.evidence import bibliography, crisis, load
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.messages import Code, Fault, summary
from ketamine_kb.project import Faulty, Project, here

#: Sphinx builder of each task, and whether its output replaces an earlier one.
BUILDERS = {"html": "html", "doctest": "doctest", "linkcheck": "linkcheck", "pdf": "handout"}


def check(project: Project, today: dt.date | None = None) -> list[Fault]:
    """Every fault of the sources, sorted by place; an empty list means that Sphinx may run.

    :param today: also report claims and pages whose next review was due before this day, and stale records of diagrams. A reader's
        build does not fail for those.
    """
    faults: list[Fault] = []
    facts: Knowledge | None = None
    keys: dict[str, int] = {}
    shown = project.relative(bibliography.path_of(project))
    try:
        keys = bibliography.load(project).lines
        facts = load.load(project)
    except Faulty as error:
        faults += _with_places(project, error.faults)
    try:
        crisis.load(project)
    except Faulty as error:
        faults += error.faults
    if keys:
        # Also when a claim is at fault: a source that is gone is missed by claims and by pages, and both must be mended.
        faults += sources.check(project, keys) + figures.check(project)
    if facts:
        faults += claims.check(project, facts)
        faults += claims.overdue(project, facts, today) if today else []
        faults += sources.uncited(project, keys, shown, facts.used)
    faults += lint.check_all(project, facts, markdown.glossary_terms(project))
    if today and facts and not faults:
        faults += records.stale(project, facts.claims) + readability.check(project) + unsourced.check(project)
    return sorted(faults)


def _with_places(project: Project, faults: list[Fault]) -> list[Fault]:
    """The same faults, each about a claim with the pages and diagrams that show it."""
    if not any(fault.about for fault in faults):
        return faults
    try:
        places = claims.places(project)
    except Faulty:  # a page that cannot be read is told by the checks of the pages
        return faults
    return [dataclasses.replace(fault, shown_at=tuple(places.get(fault.about, ()))) for fault in faults]


def run(project: Project, task: str, extra: Sequence[str] = ()) -> int:
    """Carry out one task; the exit code is 0 when all is well, 1 for faults of the sources, 2 for others."""
    try:
        faults = check(project)
    except Faulty as error:
        faults = error.faults
    if faults:
        return _say(faults)
    if task == "doctest" and not sources.runnable_blocks(project):
        nothing = Fault("docs", 0, 0, Code.DOCTEST_NOT_RUN, "no {doctest} block", "at least one page with runnable examples")
        return _say([nothing])
    work = project.build / "work" / task
    work.mkdir(parents=True, exist_ok=True)
    code = _sphinx(project, task, work, extra)
    if code == 0:
        replace(work, project.build / task)
        print(f"Done: {(project.build / task).relative_to(project.root).as_posix()}/")
        return 0
    if task == "linkcheck":  # a report of dead links is the result, not a failure to keep back
        replace(work, project.build / task)
        return code
    # Sphinx tells a fault of reading once: the next build would not read the page again, and would pass.
    shutil.rmtree(project.build / "doctrees", ignore_errors=True)
    kept = project.build / task
    note = "the last good output is untouched" if kept.exists() else "nothing was written"
    print(f"Not done: {note}. Mend what is said above, then run: nox -s {task}", file=sys.stderr)
    return code


def _say(faults: list[Fault]) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    print(summary(faults), file=sys.stderr)
    return 1


def _sphinx(project: Project, task: str, work: Path, extra: Sequence[str]) -> int:
    command = [
        *(sys.executable, "-m", "sphinx"),
        *("-b", BUILDERS[task]),
        # Warnings are errors, and all of them are shown before the build ends.
        *("-W", "--keep-going", "-n"),
        # Apart from the output, so that what is published holds no pickles.
        *("-d", str(project.build / "doctrees")),
        *extra,
        str(project.docs),
        str(work),
    ]
    # One locale and hash seed: the same tree gives the same bytes on every machine.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", "0")}
    return subprocess.run(command, check=False, env=environment, cwd=project.root).returncode


def replace(new: Path, old: Path) -> None:
    """Put a copy of ``new`` where ``old`` is, in one rename; ``new`` stays for the next incremental build."""
    fresh, previous = old.with_name(old.name + ".new"), old.with_name(old.name + ".old")
    for leftover in (fresh, previous):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(new, fresh)
    if old.exists():
        old.rename(previous)
    fresh.rename(old)
    shutil.rmtree(previous, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; unknown arguments go to Sphinx as they are."""
    parser = argparse.ArgumentParser(prog="python -m ketamine_kb.build", description=__doc__)
    parser.add_argument("task", choices=[*BUILDERS, "check"])
    known, extra = parser.parse_known_args(arguments)
    project = here()
    if known.task == "check":
        faults = check(project, dt.date.today())
        if faults:
            return _say(faults)
        print("Sources checked: no faults.")
        return 0
    return run(project, known.task, extra)


if __name__ == "__main__":
    raise SystemExit(main())
