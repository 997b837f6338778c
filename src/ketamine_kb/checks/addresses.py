"""Addresses that readers may have kept: none disappears without a word.

``python -m ketamine_kb.checks.addresses`` adds the addresses of today to the list of published ones, and takes none away.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from ketamine_kb import plain_yaml
from ketamine_kb.checks import ledger
from ketamine_kb.evidence import load
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project, here

#: The page on which every claim has the address that stays, also when the claim moves to another chapter.
LEDGER = f"{ledger.LEDGER}.html"
HEAD = "# Addresses that were published. Lines are added by `nox -s addresses` and never taken away.\n"
_PAGE = re.compile(r"(?:[a-z0-9][a-z0-9._-]*/)*[a-z0-9][a-z0-9._-]*\.html", re.ASCII)
_SHAPE = "a path inside the site such as treatment/routes.html"
#: A short address is typed by hand, so it is one word.
_SHORT = re.compile(r"[a-z]{3,20}", re.ASCII)


def list_of(project: Project) -> Path:
    """The list of published addresses."""
    return project.docs / "addresses.txt"


def redirects_of(project: Project) -> Path:
    """The list of moved pages."""
    return project.docs / "redirects.yaml"


def short_of(project: Project) -> Path:
    """The list of short addresses."""
    return project.docs / "short-addresses.yaml"


def pages(project: Project) -> list[str]:
    """Every page as ``folder/page``, in a fixed order."""
    return [path.relative_to(project.docs).with_suffix("").as_posix() for path in project.pages()]


def current(project: Project, facts: Knowledge) -> list[str]:
    """Every address that answers: pages, short addresses, and claims in the list of the ledger, retired ones too.

    :raises Faulty: when the short addresses cannot be read.
    """
    claims = [*facts.claims, *facts.retired]
    answering = [*(f"{page}.html" for page in pages(project)), *(f"{word}/" for word in short(project))]
    return sorted(answering) + sorted(f"{LEDGER}#claim-{identifier}" for identifier in claims)


def published(project: Project) -> dict[str, int]:
    """The published addresses, each with its line in the list; none where there is no list.

    :raises Faulty: when the list cannot be read.
    """
    path = list_of(project)
    if not path.is_file():
        return {}
    lines = project.read(path).split("\n")
    return {line.strip(): number for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")}


def redirects(project: Project) -> dict[str, str]:
    """The moved pages: the old address, as ``folder/old.html``, and the page that took its place, as ``folder/new``.

    :raises Faulty: with a line for every entry that cannot be.
    """
    known = pages(project)

    def wrong(old: str) -> tuple[str, str] | None:
        if not _PAGE.fullmatch(old):
            return f"old address {old!r}", _SHAPE
        return (f"{old!r} is still a page", "the address of a page that is gone") if old.removesuffix(".html") in known else None

    return _leading(project, redirects_of(project), "old/address.html: new/page", wrong)


def short(project: Project) -> dict[str, str]:
    """The short addresses, for paper: a word, as in ``example.org/word``, and the page that it leads to.

    :raises Faulty: with a line for every entry that cannot be.
    """
    taken = {page.partition("/")[0] for page in pages(project)} | {path.name for path in project.docs.glob("*/")}

    def wrong(word: str) -> tuple[str, str] | None:
        if not _SHORT.fullmatch(word):
            return f"short address {word!r}", "a word of 3 to 20 small letters"
        return (f"short address {word!r} is a page or a folder of pages", "another word") if word in taken else None

    return _leading(project, short_of(project), "word: folder/page", wrong)


def _leading(project: Project, path: Path, lines: str, wrong: Callable[[str], tuple[str, str] | None]) -> dict[str, str]:
    """A list of addresses and the pages that they lead to; empty without the file.

    :param lines: what a line of the file looks like.
    :param wrong: what is found and expected at an address that cannot be.

    :raises Faulty: with a line for every entry that cannot be.
    """
    if not path.is_file():
        return {}
    shown = project.relative(path)
    document = plain_yaml.read(project.read(path), shown, Code.REDIRECT)
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        raise Faulty([Fault(shown, 1, 0, Code.REDIRECT, "a file that is not a mapping", f"lines `{lines}`")])
    known = pages(project)
    faults: list[Fault] = []
    for address, page in data.items():
        line = document.place([address])[0]
        if fault := wrong(str(address)):
            faults.append(Fault(shown, line, 0, Code.REDIRECT, *fault))
        elif page not in known:
            found = f"{address!r} leads to {page!r}, which is not a page"
            faults.append(Fault(shown, line, 0, Code.REDIRECT, found, "a page such as treatment/routes", nearest(str(page), known)))
    if faults:
        raise Faulty(faults)
    return {str(address): str(page) for address, page in data.items()}


def check(project: Project, facts: Knowledge) -> list[Fault]:
    """Moved pages that lead nowhere, and published addresses that answer no longer."""
    try:
        answered = {*current(project, facts), *redirects(project)}
        listed = published(project)
    except Faulty as error:
        return error.faults
    shown = project.relative(list_of(project))
    faults = []
    for address, line in listed.items():
        if address in answered:
            continue
        if "#" in address:
            expected = "the claim, or its id under `retired:` in evidence/claims/"
            near = nearest(address, (other for other in answered if "#" in other))
        else:
            list_for_it = "docs/short-addresses.yaml" if address.endswith("/") else "docs/redirects.yaml"
            expected = f"a page of this address, or a line for it in {list_for_it}"
            near = nearest(address, (other for other in answered if "#" not in other))
        faults.append(Fault(shown, line, 0, Code.ADDRESS_GONE, f"published address {address!r} answers no longer", expected, near))
    return faults


def renewed(project: Project, facts: Knowledge) -> str:
    """The list with the addresses of today added; what it held stays."""
    every = {*published(project), *current(project, facts)}
    return HEAD + "".join(f"{address}\n" for address in sorted(every, key=lambda address: ("#" in address, address)))


def main() -> int:
    """Entry point of ``nox -s addresses``."""
    project = here()
    try:
        before = len(published(project))
        text = renewed(project, load.load(project))
    except Faulty as error:
        sys.stderr.write("".join(f"{fault}\n" for fault in error.faults))
        return 1
    list_of(project).write_text(text, encoding="utf-8", newline="\n")
    after = len(published(project))
    sys.stdout.write(f"{after} addresses, {after - before} of them new: {project.relative(list_of(project))}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
