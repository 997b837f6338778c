"""Words that readers use for words that the pages use: ``docs/search-synonyms.yaml``, validated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from ketamine_kb.evidence import load
from ketamine_kb.evidence.base import Fact
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.plain_yaml import Document
from ketamine_kb.project import Faulty, Project
from ketamine_kb.search import words

Saying = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60, pattern=r"[A-Za-z0-9]")]


class Synonym(Fact):
    """What readers say, and the words of the pages to look for as well."""

    said: list[Saying] = Field(min_length=1, max_length=40, description="Words or short phrases that readers type.")
    means: list[Saying] = Field(min_length=1, max_length=12, description="Words or short phrases of the pages.")
    first: Annotated[str, StringConstraints(pattern=r"^[a-z0-9/-]+$", max_length=90)] | None = Field(
        default=None, description="A page that then stands first, whatever else fits: for people in danger."
    )


class Family(Fact):
    """Synonyms of one kind."""

    family: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=60)]
    words: list[Synonym] = Field(min_length=1, max_length=200)


class SynonymFile(Fact):
    """The file ``docs/search-synonyms.yaml``."""

    families: list[Family] = Field(min_length=1, max_length=30)

    @property
    def entries(self) -> list[Synonym]:
        """All synonyms in the order of the file."""
        return [entry for family in self.families for entry in family.words]


def path_of(project: Project) -> Path:
    """The data file."""
    return project.docs / "search-synonyms.yaml"


def read(project: Project) -> tuple[Document, SynonymFile]:
    """The synonyms with their places.

    :raises Faulty: with the line of each wrong key or value, and of each saying that stands in the file twice.
    """
    path = path_of(project)
    try:
        document, file = load.read(project, path, SynonymFile)
    except Faulty as error:
        own = (Code.FILE_MISSING, Code.FILE_TOO_LARGE, Code.PAGE_NOT_UTF8)
        raise Faulty([fault if fault.code in own else replace(fault, code=Code.SEARCH_WORDS) for fault in error.faults]) from error
    faults: list[Fault] = []
    seen: dict[tuple[str, ...], int] = {}
    for place, saying in _places(file, "said"):
        line, column = document.place(place)
        stems = tuple(words.terms(saying, all_words=True))
        if stems in seen:
            found, expected = f"{saying!r} again", f"each saying once (first on line {seen[stems]})"
            faults.append(Fault(project.relative(path), line, column, Code.SEARCH_WORDS, found, expected))
        seen.setdefault(stems, line)
    if faults:
        raise Faulty(faults)
    return document, file


def astray(project: Project, known: set[str], pages: set[str]) -> list[Fault]:
    """A fault for each word under ``means`` that no page has, so that looking for it would find nothing, and for each page that is none.

    :param known: all stems of the index.
    :param pages: names of all pages.
    """
    document, file = read(project)
    shown = project.relative(path_of(project))
    faults = []
    for place, meaning in _places(file, "means"):
        missing = [word for word in words.tokens(meaning) if len(words.terms(word)) and words.stem(word) not in known]
        if missing:
            line, column = document.place(place)
            expected = "words that a page, claim or term of the glossary uses"
            near = nearest(words.stem(missing[0]), known)
            faults.append(Fault(shown, line, column, Code.SEARCH_WORDS, f"{missing[0]!r}, which is on no page", expected, near))
    for number, family in enumerate(file.families):
        for index, entry in enumerate(family.words):
            if entry.first and entry.first not in pages:
                line, column = document.place(["families", number, "words", index, "first"])
                found, near = f"no page {entry.first!r}", nearest(entry.first, pages)
                faults.append(Fault(shown, line, column, Code.SEARCH_WORDS, found, "a page below docs/, without .md", near))
    return faults


def _places(file: SynonymFile, part: str) -> list[tuple[list[str | int], str]]:
    return [
        (["families", number, "words", index, part, at], saying)
        for number, family in enumerate(file.families)
        for index, entry in enumerate(family.words)
        for at, saying in enumerate(getattr(entry, part))
    ]
