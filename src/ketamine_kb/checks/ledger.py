"""The ledger: the claims of each chapter stand on its own page, once, and all of them are listed on one page whose addresses stay."""

from __future__ import annotations

from collections.abc import Iterable

from ketamine_kb.checks import tokens
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Project

#: The page that lists every claim.
LEDGER = "evidence/ledger"
#: The directives that show the claims of one chapter with their findings, and the list of all.
ENTRIES, LIST = "claim-ledger", "claim-index"


def page_of(chapter: str) -> str:
    """The page with the entries of a chapter; links to its claims lead there."""
    return f"{LEDGER}/{chapter}"


def unknown_chapter(path: str, line: int, chapter: str, known: Iterable[str]) -> Fault:
    """The message for a chapter without a file of claims, or for none named."""
    listed = sorted(known)
    found = f"chapter {chapter!r}" if chapter else "a ledger without a chapter"
    return Fault(path, line, 0, Code.CLAIM_UNKNOWN, found, "one of " + ", ".join(listed), nearest(chapter, listed))


def check(project: Project, facts: Knowledge) -> list[Fault]:
    """Chapters without a page of their own or shown elsewhere or twice, and a list of all claims that is missing or astray."""
    faults: list[Fault] = []
    #: Line of what stands on its own page, or 0 for what was told already.
    shown: dict[str, int] = {}

    def meet(what: str, name: str, home: str) -> None:
        """What stands on another page than links lead to, or there a second time."""
        if docname != home:
            faults.append(Fault(path, one.line, 0, Code.LEDGER_PAGE, f"{what} on this page", f"docs/{home}.md, where links to claims lead"))
            shown.setdefault(name, 0)
        elif shown.get(name):
            faults.append(Fault(path, one.line, 0, Code.LEDGER_PAGE, f"{what} again", f"each once (first in line {shown[name]})"))
        else:
            shown[name] = one.line

    for page in project.pages():
        text = project.read(page)
        if ENTRIES not in text and LIST not in text:
            continue
        path, docname = project.relative(page), page.relative_to(project.docs).with_suffix("").as_posix()
        for one in tokens.directives(text):
            if one.name == LIST:
                meet("list of all claims", LIST, LEDGER)
            elif one.name == ENTRIES and one.argument in facts.chapters:
                meet(f"claims of {one.argument!r}", one.argument, page_of(one.argument))
            elif one.name == ENTRIES:
                faults.append(unknown_chapter(path, one.line, one.argument, facts.chapters))
                shown.update({chapter: 0 for chapter in facts.chapters if page_of(chapter) == docname and chapter not in shown})
    for chapter in facts.chapters:
        if chapter not in shown:
            found = f"chapter {chapter!r} without a page in the ledger"
            expected = f"docs/{page_of(chapter)}.md with the directive {{{ENTRIES}}} {chapter}"
            file = project.relative(project.evidence / "claims" / f"{chapter}.yaml")
            faults.append(Fault(file, 0, 0, Code.LEDGER_PAGE, found, expected))
    if LIST not in shown:
        found, expected = "no list of all claims", f"the directive {{{LIST}}}, so that every published address of a claim answers"
        faults.append(Fault(f"docs/{LEDGER}.md", 0, 0, Code.LEDGER_PAGE, found, expected))
    return faults
