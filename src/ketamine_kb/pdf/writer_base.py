"""What all parts of the Typst writer share: the output, the place of a document in a book, labels, and the fault of an unknown node.

Text goes through Typst string literals, so nothing an author writes can be read as markup.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from docutils import nodes
from fontTools.ttLib import TTFont

from ketamine_kb.evidence.model import Claim
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty

FONTS = Path(__file__).parents[1] / "fonts"
#: What stands before the name of a page in an address inside a book.
INSIDE = "%"
#: Addresses outside the document, which are printed as links.
OUTSIDE = ("https://", "http://", "mailto:", "tel:")


class citation_mark(nodes.Inline, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """Where the text cites sources in print: ``keys`` in the order given."""


@dataclass
class Printed:
    """What came out of one document: its body, the pictures it needs, and what was counted on the way."""

    body: str
    pictures: dict[str, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Book:
    """What the documents of one book share.

    :param held: names of the documents in the book.
    :param wanted: labels that some link leads to.
    :param sources: the address of each source, by the id of its entry in the bibliography.
    """

    held: frozenset[str]
    wanted: set[str] = field(default_factory=set)
    placed: set[str] = field(default_factory=set)
    claims: list[str] = field(default_factory=list)
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a document stands in a book.

    :param depth: the level of its title.
    :param number: what stands before that title, such as ``1.2``.
    :param status: what stands below that title: when the evidence was checked, and who has reviewed it.
    """

    book: Book
    docname: str
    depth: int = 1
    number: str = ""
    status: str = ""


def literal(text: str) -> str:
    """A Typst string literal on one line."""
    flat = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def lines_literal(text: str) -> str:
    """A Typst string literal that keeps the ends of lines."""
    return '"' + "\\n".join(literal(line)[1:-1] for line in text.split("\n")) + '"'


def label(identifier: str, docname: str | None = None) -> str:
    """A Typst label name made from a docutils id; in a book with the name of the document before it."""
    name = re.sub(r"[^A-Za-z0-9-]", "-", identifier)
    return f"id-{name}" if docname is None else f"{docname.replace('/', '.')}:{name}"


def line_of(node: nodes.Node) -> int:
    """The nearest line that docutils knows for a node, or 0."""
    current: nodes.Node | None = node
    while current is not None:
        if current.line:
            return int(current.line)
        current = current.parent
    return 0


@functools.cache
def printable() -> frozenset[int]:
    """Code points that every font of the text has."""
    shown: list[frozenset[int]] = []
    for path in sorted(FONTS.glob("*.otf")):
        with TTFont(path, lazy=True) as font:
            shown.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*shown)


class WriterBase(nodes.NodeVisitor):
    """Collects Typst markup.

    :param page: the page's file, for messages.
    :param known: all claims, for the lines of diagrams.
    :param place: where the document stands in a book; None for a document that is printed alone.
    """

    def __init__(self, document: nodes.document, page: str, known: Mapping[str, Claim], place: Place | None = None) -> None:
        super().__init__(document)
        self.page = page
        self.known = known
        self.place = place
        self.out: list[str] = []
        self.held_back: list[list[str]] = []
        self.closings: list[str] = []
        self.level = place.depth - 1 if place else 0
        self.pictures: dict[str, str] = {}
        self.sources: list[str] = []
        self.claims: list[str] = place.book.claims if place else []
        self.numbers: dict[str, tuple[str, str]] = place.book.numbers if place else {}
        self.counts = {"diagrams": 0, "plots": 0, "tables": 0, "links": 0, "citations": 0, "claims": 0, "numbers": 0}
        self.ids = {str(identifier) for node in document.findall(nodes.Element) for identifier in list[str](node.get("ids", []))}

    def printed(self) -> Printed:
        """The result, after the walk."""
        return Printed("".join(self.out), self.pictures, self.sources, self.claims, self.counts, self.numbers)

    # -- output ----------------------------------------------------------------------------------------------------------

    def add(self, text: str) -> None:
        """Append markup."""
        self.out.append(text)

    def hold_back(self) -> None:
        """Collect what follows apart, until :meth:`held`."""
        self.held_back.append(self.out)
        self.out = []

    def held(self) -> str:
        """What was collected since :meth:`hold_back`; from now on output goes where it went before."""
        text, self.out = "".join(self.out), self.held_back.pop()
        return text

    def write_children(self, node: nodes.Element) -> str:
        """The markup of a node's children, apart from the output."""
        self.hold_back()
        for child in node.children:
            child.walkabout(self)
        return self.held()

    # -- labels ----------------------------------------------------------------------------------------------------------

    def labels(self, identifiers: list[str]) -> list[str]:
        """Names of the labels to be set for some ids: all of a document alone, those that a link leads to in a book."""
        if self.place is None:
            return [label(identifier) for identifier in identifiers]
        book = self.place.book
        names = [label(identifier, self.place.docname) for identifier in identifiers]
        fresh = [name for name in dict.fromkeys(names) if name in book.wanted and name not in book.placed]
        book.placed.update(fresh)
        return fresh

    def anchors(self, node: nodes.Element) -> str:
        """Invisible labels for the ids of a node of a book, in markup."""
        return "".join(f"#metadata(none) <{name}>" for name in self.labels(node.get("ids", []))) if self.place else ""

    # -- faults ----------------------------------------------------------------------------------------------------------

    def refuse(self, node: nodes.Node, code: Code, found: str, expected: str) -> NoReturn:
        """End the print with the place of a node.

        :raises Faulty: always.
        """
        raise Faulty([Fault(self.page, line_of(node), 0, code, found, expected, run="nox -s pdf")])

    def check_glyphs(self, node: nodes.Node, text: str) -> None:
        """Refuse characters that the fonts of the text cannot show."""
        missing = sorted({character for character in text if ord(character) not in printable() and character not in "\n\t"})
        if missing:
            shown = ", ".join(f"{character!r} (U+{ord(character):04X})" for character in missing[:8])
            self.refuse(node, Code.PRINT_GLYPH, f"no glyph for {shown}", "characters that the fonts in src/ketamine_kb/fonts/ have")

    def unknown_visit(self, node: nodes.Node) -> None:
        """A node without a rule."""
        self.refuse(node, Code.PRINT_NODE, f"a {type(node).__name__} node", "something the PDF writer has a rule for")

    def unknown_departure(self, node: nodes.Node) -> None:
        """Never reached: the visit has failed."""
