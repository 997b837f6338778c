"""Counts in are counts out: what the pages of a book hold, and what its PDF holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import pikepdf
from docutils import nodes

from ketamine_kb.pdf.writer_base import Place
from ketamine_kb.pdf.writer_links import is_link
from ketamine_kb.sphinxext.claims import claim_chip
from ketamine_kb.sphinxext.mermaid import diagram
from ketamine_kb.sphinxext.plot_nodes import plot
from ketamine_kb.sphinxext.stats import trial_number


@dataclass
class Counts:
    """How many of each thing, in the body of a book."""

    figures: int = 0
    tables: int = 0
    claims: int = 0
    numbers: int = 0
    links: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{getattr(self, one.name)} {one.name}" for one in fields(self))


def in_pages(documents: Iterable[tuple[nodes.document, Place]]) -> Counts:
    """What the resolved doctrees hold: ``claims`` are the marks of claims, ``numbers`` those of numbers that have a note."""
    counts = Counts()
    for document, place in documents:
        for node in document.findall(nodes.Element):
            if isinstance(node, (diagram, plot, nodes.image)):
                counts.figures += 1
            elif isinstance(node, nodes.table):
                counts.tables += 1
            elif isinstance(node, claim_chip):
                counts.claims += 1
            elif isinstance(node, trial_number):
                counts.numbers += bool(node["noted"])
            elif node.tagname in ("reference", "number_reference"):
                counts.links += is_link(node, place)
    return counts


def elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Every structure element, in reading order."""
    waiting: list[Any] = [pdf.Root.StructTreeRoot.K]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(reversed(list(node)))
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield node
            if "/K" in node:
                waiting.append(node.K)


class Destinations:
    """Where the links of a PDF lead: the index of the page of each destination, named or not."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        names = pdf.Root.Names.get("/Dests") if "/Names" in pdf.Root else None
        self.named = dict(pikepdf.NameTree(names)) if names is not None else {}

    def explicit(self, destination: Any) -> pikepdf.Array:
        """The destination itself, for a name."""
        if isinstance(destination, (str, pikepdf.String)):
            destination = self.named[str(destination)]
        return cast("pikepdf.Array", destination.D if isinstance(destination, pikepdf.Dictionary) else destination)

    def page(self, destination: Any) -> int:
        """The index of its page."""
        return self.pages[self.explicit(destination)[0].objgen]


def outline(pdf: pikepdf.Pdf) -> list[tuple[str, int]]:
    """The headings of the first level with the index of the page that each is on."""
    places = Destinations(pdf)
    with pdf.open_outline() as opened:
        return [(str(item.title), places.page(item.destination)) for item in opened.root]


def in_pdf(path: Path, first: str, claims: str, numbers: str, after: str) -> Counts:
    """What a printed book holds between two headings of the first level.

    :param first: the first heading of the body.
    :param claims: the heading of the notes on claims, which ends the body.
    :param numbers: the heading of the notes on numbers.
    :param after: the heading that ends those.
    """
    counts = Counts()
    with pikepdf.open(path) as pdf:
        places = Destinations(pdf)
        starts = dict(reversed(outline(pdf)))
        body = range(starts[first], starts[claims])
        for element in elements(pdf):
            kind = str(element.S)
            if kind not in ("/Figure", "/Table", "/Link"):
                continue
            where, target = _place(element, places)
            if where not in body:
                continue
            if kind == "/Figure":
                counts.figures += 1
            elif kind == "/Table":
                counts.tables += 1
            elif target in range(starts[claims], starts[numbers]):
                counts.claims += 1
            elif target in range(starts[numbers], starts[after]):
                counts.numbers += 1
            else:
                counts.links += 1
    return counts


def _place(element: pikepdf.Dictionary, places: Destinations) -> tuple[int, int]:
    """Indexes of the page that an element begins on and, for a link, of the page that it leads to; -1 where there is none."""
    waiting: list[Any] = [element]
    where = target = -1
    while waiting and (where < 0 or target < 0):
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(reversed(list(node)))
        elif isinstance(node, pikepdf.Dictionary):
            if where < 0 and "/Pg" in node:
                where = places.pages[node.Pg.objgen]
            if "/Obj" in node and "/Dest" in node.Obj:
                target = places.page(node.Obj.Dest)
            if "/K" in node:
                waiting.append(node.K)
        if str(element.S) != "/Link" and where >= 0:
            break
    return where, target
