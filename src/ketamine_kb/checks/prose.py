"""The sentences of a page: where each stands, what it cites and which claims carry it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ketamine_kb.checks import markdown

#: What begins a block of its own: a heading, a list item, a row of a list-table, an option of a directive.
_STARTS = re.compile(r"^\s*(?:>\s*)*(?:#{1,6}\s|[-*+]\s+(?:-\s+)?|\d{1,9}[.)]\s|:[\w-]+:|-\s)")
#: Where a sentence ends: after its mark, before white space and what may begin the next one.
_END = re.compile(r"(?<=[.!?])[)\"'”’]*\s+(?=[A-Z0-9{`*_\[(\"'“‘])")
#: Marks of claims that stand after the full stop and belong to the sentence before.
_TRAILING = re.compile(r"(?:\s*\{claim\}`[^`<>]+`[,;.]?)+")
_CITES = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`")
_CLAIMS = re.compile(r"\{claim\}`(?:[^`<]*<)?\s*([^`<>]+?)\s*>?`")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as written, with its roles.

    :param line: line of its first character, from 1.
    :param column: column of its first character, from 1.
    :param block: what it stands in: ``heading``, ``cell``, ``item``, ``option`` or ``text``.
    """

    text: str
    line: int
    column: int
    block: str

    @property
    def cites(self) -> list[str]:
        """Keys of the sources it cites, in order."""
        return [key.strip() for match in _CITES.finditer(self.text) for key in match[1].split(",")]

    @property
    def claims(self) -> list[str]:
        """Ids of the claims whose mark it carries, in order."""
        return [match[1] for match in _CLAIMS.finditer(self.text)]


def sentences(text: str) -> Iterator[Sentence]:
    """Every sentence of a page's prose in order; code, front matter and inline code are left out."""
    block: list[markdown.Line] = []
    kind = "text"
    for line in [*markdown.lines(text), markdown.Line(0, "", "", False)]:
        prose = "" if line.code else line.prose
        if not prose.strip() or prose.startswith("%"):  # a comment is nobody's sentence
            yield from _of_block(block, kind)
            block, kind = [], "text"
            continue
        if prose.lstrip().startswith("|"):
            yield from _of_block(block, kind)
            yield from _of_row(line)
            block, kind = [], "text"
            continue
        start = _STARTS.match(prose)
        if start or kind in ("heading", "option"):
            yield from _of_block(block, kind)
            block, kind = [], _kind(start[0].strip()) if start else "text"
        block.append(line)


def _kind(start: str) -> str:
    if start.startswith("#"):
        return "heading"
    return "option" if start.startswith(":") else "item"


def _of_row(line: markdown.Line) -> Iterator[Sentence]:
    """The sentences of each cell of a pipe table's row."""
    position = 0
    for cell in line.prose.split("|"):
        yield from _split(cell, [(0, line.number, position + 1)], "cell")
        position += len(cell) + 1


def _of_block(block: list[markdown.Line], kind: str) -> Iterator[Sentence]:
    if not block:
        return
    start = _STARTS.match(block[0].prose)
    skip = start.end() if start and kind != "option" else 0
    joined, places = "", []
    for number, line in enumerate(block):
        prose = line.prose[skip:] if number == 0 else line.prose
        places.append((len(joined), line.number, 1 + (skip if number == 0 else 0)))
        joined += prose + "\n"
    yield from _split(joined, places, kind)


def _split(text: str, places: list[tuple[int, int, int]], kind: str) -> Iterator[Sentence]:
    """Cut ``text`` into sentences; ``places`` says at which offset which line and column begins."""
    bounds, begin = [], 0
    for end in _END.finditer(text):
        if end.end() <= begin:
            continue
        trailing = _TRAILING.match(text, end.end())
        # A mark of a claim after the full stop belongs to the sentence that it carries, unless it wraps the words of the next one.
        stop = trailing.end() if trailing else end.end()
        bounds.append((begin, stop))
        begin = stop
    bounds.append((begin, len(text)))
    for begin, stop in bounds:
        piece = text[begin:stop]
        if not piece.strip():
            continue
        first = begin + len(piece) - len(piece.lstrip())
        offset, line, column = next(place for place in reversed(places) if place[0] <= first)
        yield Sentence(" ".join(piece.split()), line, column + first - offset, kind)
