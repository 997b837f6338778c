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

from ketamine_kb import faultlog, settings
from ketamine_kb.checks import (
    addresses,
    claims,
    figures,
    ledger,
    markdown,
    pages,
    readability,
    reading_paths,
    sources,
    unsourced,
    untrusted,
)
from ketamine_kb.diagrams import lint, records
from ketamine_kb.evidence import bibliography, crisis, load
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.messages import Code, Fault, summary, with_command
from ketamine_kb.project import Faulty, Project, here
from ketamine_kb.search import synonyms

#: Sphinx builders of each task, run one after the other into one folder.
BUILDERS = {"html": ("html",), "doctest": ("doctest",), "linkcheck": ("linkcheck",), "pdf": ("handout", "book")}
#: The report for machines, below the folder of what is made; written by every build and check.
REPORT = "faults.sarif"
#: Sphinx builders that write the PDFs which the site offers.
PRINTERS = ("handout", "book")


def check(project: Project, today: dt.date | None = None) -> list[Fault]:
    """Every fault of the sources, sorted by place; an empty list means that Sphinx may run.

    :param today: also report claims and pages whose next review was due before this day, and stale records of diagrams. A reader's
        build does not fail for those.
    """
    faults = untrusted.check(project)
    if faults:  # a link out of the tree must not be followed by what comes next
        return faults
    facts: Knowledge | None = None
    keys: dict[str, int] = {}
    shown = project.relative(bibliography.path_of(project))
    faults, read = pages.check(project)
    faults += settings.check(project) + reading_paths.check(project)
    try:
        keys = bibliography.load(project).lines
        facts = load.load(project)
    except Faulty as error:
        faults += _with_places(read, error.faults)
    for load_one in (crisis.load, synonyms.read):
        try:
            load_one(project)
        except Faulty as error:
            faults += error.faults
    if keys:
        # Also when a claim is at fault: a source that is gone is missed by claims and by pages, and both must be mended.
        faults += sources.check(read, keys) + figures.check(read)
    if facts:
        faults += claims.check(read, facts) + ledger.check(read, facts)
        faults += claims.overdue(read, facts, today) if today else []
        faults += sources.uncited(read, keys, shown, facts.used)
    if project.docs / markdown.GLOSSARY not in read.without:
        faults += lint.check_all(project, facts, markdown.glossary_terms(project))
    if facts and not faults:  # a page that cannot be read, or an id with a slip, is told as such
        faults += addresses.check(project, facts)
    faults = pages.told_once(project, faults)
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


def run(project: Project, task: str, extra: Sequence[str] = (), *, with_print: bool = False) -> int:
    """Carry out one task; the exit code is 0 when all is well, 1 for faults of the sources, 2 for others.

    :param with_print: print the PDFs first, and hand them to the site.
    """
    try:
        faults = check(project)
    except Faulty as error:
        faults = error.faults
    if faults:
        return _say(project, faults)
    if task == "doctest" and not sources.runnable_blocks(project):
        nothing = Fault("docs", 0, 0, Code.DOCTEST_NOT_RUN, "no {doctest} block", "at least one page with runnable examples")
        return _say(project, [nothing])
    if with_print and task == "html":
        printed = project.build / "work" / "pdf"
        printed.mkdir(parents=True, exist_ok=True)
        extra = [*extra, "-D", f"kb_print={project.relative(printed)}", "-D", "kb_printers=" + ",".join(PRINTERS)]
        code = _make(project, task, extra)
        if code == 0:
            replace(printed, project.build / "pdf")
            print(f"Done: {(project.build / 'pdf').relative_to(project.root).as_posix()}/")
        return code
    return _make(project, task, extra)


def _make(project: Project, task: str, extra: Sequence[str]) -> int:
    """Run Sphinx, and replace what was there when all went well."""
    work = project.build / "work" / task
    work.mkdir(parents=True, exist_ok=True)
    code, told = _sphinx(project, task, work, extra)
    _report(project, told)
    if told:
        print(summary(told), file=sys.stderr)
    if code == 0:
        replace(work, project.build / task)
        print(f"Done: {(project.build / task).relative_to(project.root).as_posix()}/")
        return 0
    if task == "linkcheck":  # a report of dead links is the result, not a failure to keep back
        replace(work, project.build / task)
        return code
    # Sphinx tells a fault of reading once: the next build would not read the page again, and would pass.
    shutil.rmtree(_doctrees(project, task), ignore_errors=True)
    kept = project.build / task
    note = "the last good output is untouched" if kept.exists() else "nothing was written"
    print(f"Not done: {note}. Mend what is said above, then run: nox -s {task}", file=sys.stderr)
    return code


def _doctrees(project: Project, task: str) -> Path:
    """Where the pages lie that were read for a task.

    A page is read again when a fact that it shows has changed, and is then written. If another task had read it, the site would
    not know that it has to write it.
    """
    return project.build / ("doctrees" if task == "html" else f"doctrees-{task}")


def _say(project: Project, faults: list[Fault]) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    print(summary(faults), file=sys.stderr)
    _report(project, faults)
    return 1


def _report(project: Project, faults: list[Fault]) -> None:
    """The same for machines: a SARIF file, and in a job of GitHub Actions a line for each fault beside the changed line."""
    faultlog.write(project.build / REPORT, faults)
    if faultlog.on_github():
        for fault in faults:
            print(faultlog.annotation(fault))


def _sphinx(project: Project, task: str, work: Path, extra: Sequence[str]) -> tuple[int, list[Fault]]:
    """Run the builders of a task until one fails; the exit code, and the faults that were told."""
    told: list[Fault] = []
    for builder in BUILDERS[task]:
        code, found = _sphinx_once(project, task, builder, work, extra)
        told += found
        if code:
            return code, told
    return 0, told


def _sphinx_once(project: Project, task: str, builder: str, work: Path, extra: Sequence[str]) -> tuple[int, list[Fault]]:
    """Run one builder; its exit code, and the faults that it told while it ran."""
    command = [
        *(sys.executable, "-m", "ketamine_kb.sphinxext.launch"),
        *("-b", builder),
        # Warnings are errors, and all of them are shown before the build ends.
        *("-W", "--keep-going", "-n"),
        # Apart from the output, so that what is published holds no pickles.
        *("-d", str(_doctrees(project, task))),
        *extra,
        str(project.docs),
        str(work),
    ]
    told = project.build / "work" / f"{task}.faults"
    told.unlink(missing_ok=True)
    # One locale and hash seed: the same tree gives the same bytes on every machine.
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "0")
    environment = {**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": epoch, "KB_FAULTS": str(told)}
    code = subprocess.run(command, check=False, env=environment, cwd=project.root).returncode
    found = faultlog.read(told)
    if code and not found and task != "linkcheck":
        found = [
            Fault("docs", 0, 0, Code.STOPPED, f"Sphinx ended with {code} and said nothing more", "a build that ends", run=f"nox -s {task}")
        ]
        print(found[0], file=sys.stderr)
    return code, found


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
    parser.add_argument("--with-print", action="store_true", help="html: print the PDFs first, and offer them on the site")
    known, extra = parser.parse_known_args(arguments)
    project = here()
    if known.task == "check":
        faults = with_command(check(project, dt.date.today()), "nox -s lint")
        if faults:
            return _say(project, faults)
        _report(project, [])
        print("Sources checked: no faults.")
        return 0
    return run(project, known.task, extra, with_print=known.with_print)


if __name__ == "__main__":
    raise SystemExit(main())
