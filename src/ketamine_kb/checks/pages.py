"""Every check of pages that needs no facts, in the order in which one fault makes others meaningless."""

from __future__ import annotations

import dataclasses
import re

from ketamine_kb.checks import blocks, characters, files, formulas, glossary, inline, markdown, navigation
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, Project

#: What is missing somewhere, often because something else is wrong.
_ABSENT = {
    Code.CLAIM_UNCITED,
    Code.LEDGER_PAGE,
    Code.SOURCE_UNCITED,
    Code.DIAGRAM_UNUSED,
    Code.DIAGRAM_TABLE,
    Code.PAGE_WITHOUT_CLAIM,
    Code.PAGE_WITHOUT_HARM,
}


def check(project: Project) -> tuple[list[Fault], Project]:
    """The faults of the pages, and the project without the pages that cannot be read as they were meant.

    A page with bytes that are no text, a merge that is not finished or a fence that swallows the rest is told once; what else could be said
    about it would be wrong.
    """
    faults = characters.check(project) + blocks.fences(project)
    spoilt = {
        fault.path
        for fault in faults
        if fault.code in (Code.PAGE_NOT_UTF8, Code.FILE_TOO_LARGE, Code.FILE_MISSING, Code.MERGE_MARKER, Code.FENCE_OPEN)
    }
    without = frozenset(page for page in project.pages() if project.relative(page) in spoilt)
    rest = dataclasses.replace(project, without=without)
    for one in (blocks, inline, formulas, files, glossary):
        faults += one.check(rest)
    return faults + navigation.check(rest), rest


def told_once(project: Project, faults: list[Fault]) -> list[Fault]:
    """The faults without those that only follow from another: what a page does not show because it is at fault itself.

    :param project: with every page, also those that could not be read.
    """
    spoilt = {(fault.path, fault.line) for fault in faults if fault.code is Code.CHARACTER}
    ragged = {(fault.path, fault.line) for fault in faults if fault.code is Code.TABLE_RAGGED}
    faults = [
        fault
        for fault in faults
        if not (fault.code is not Code.CHARACTER and (fault.path, fault.line) in spoilt)
        and not (fault.code is Code.ROLE_FORM and (fault.path, fault.line) in ragged)
    ]
    others = [fault for fault in faults if fault.code not in _ABSENT]
    if not others:
        return faults
    words = " ".join(f"{fault.found} {fault.nearest}" for fault in others)
    paths = {fault.path for fault in others}
    texts: list[str] = []
    for page in project.pages():
        if project.relative(page) in paths:
            try:
                texts.append(project.read(page))
            except Faulty:
                texts.append(
                    page.read_bytes().decode("latin-1").replace("\0", "") if page.exists() and page.stat().st_size < 2_000_000 else ""
                )
    everything = "\n".join([words, *texts])
    if project.relative(project.docs / markdown.GLOSSARY) in paths:  # its terms are missed by every diagram
        faults = [fault for fault in faults if fault.code is not Code.DIAGRAM_NOTE]
    return [fault for fault in faults if fault.code not in _ABSENT or not _follows(fault, paths, everything)]


def _follows(fault: Fault, paths: set[str], everything: str) -> bool:
    if fault.code in (Code.PAGE_WITHOUT_CLAIM, Code.PAGE_WITHOUT_HARM, Code.DIAGRAM_TABLE):
        return fault.path in paths
    named = re.search(r"'([^']+)'", fault.found)
    word = named[1] if named else fault.path.rpartition("/")[2]
    return bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", everything))
