"""Links, citations, marks of claims and numbers of trials as Typst markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes

from ketamine_kb.pdf.writer_base import INSIDE, OUTSIDE, Place, WriterBase, citation_mark, label, literal
from ketamine_kb.sphinxext.chips import BIBLIOGRAPHY
from ketamine_kb.sphinxext.claims import claim_chip, claim_popovers
from ketamine_kb.sphinxext.stats import trial_number, trial_numbers

#: Links in a cell of a table that are printed with the page that they lead to.
MOST_PAGES = 3


def inside(node: nodes.Element, place: Place) -> tuple[str, str] | None:
    """Document and id that a link of a book leads to; None for a link out, or to a document that the book does not hold."""
    address: str = node.get("refuri", "")
    if address.startswith(INSIDE):
        docname, _, identifier = address.removeprefix(INSIDE).partition("#")
    elif node.get("refid"):
        docname, identifier = place.docname, node["refid"]
    else:
        return None
    return (docname, identifier) if docname in place.book.held else None


def is_link(node: nodes.Element, place: Place) -> bool:
    """True when a reference is printed as a link, not as its words only."""
    return str(node.get("refuri", "")).startswith(OUTSIDE) or inside(node, place) is not None


def note_label(kind: str, key: str) -> str:
    """The label of a note at the end of a book; ``kind`` is ``claim`` or ``number``."""
    return f"note-{kind}:{re.sub(r'[^A-Za-z0-9.-]', '_', key)}"


def _parents(node: nodes.Node) -> Iterator[nodes.Element]:
    """The nodes around a node, the nearest first."""
    while node.parent is not None:
        node = node.parent
        yield node


def is_term(node: nodes.Element) -> bool:
    """True for a link to the glossary."""
    return bool(node.children) and isinstance(node[0], nodes.Element) and "std-term" in node[0].get("classes", [])


class LinkWriter(WriterBase):
    """The rules for what leads elsewhere."""

    def visit_reference(self, node: nodes.reference) -> None:
        """A link: outward, inside this document or book, or to a page that this PDF does not hold (then its words only)."""
        button = "sd-btn" in node.get("classes", [])
        self.closings.append("];" + (self._page(node) if self.place else "") + ("];" if button else ""))
        if button:
            self.add("#box(stroke: .7pt, inset: 1.2mm, radius: 1mm)[")
        address = node.get("refuri", "")
        if address.startswith(OUTSIDE):
            self.counts["links"] += 1
            self.add(f"#link({literal(address)})[")
        elif self.place:
            self._open_inside(node, self.place)
        elif (identifier := node.get("refid") or address.partition("#")[2]) in self.ids and not address.partition("#")[0]:
            self.counts["links"] += 1
            self.add(f"#link(<{label(identifier)}>)[")
        else:
            self.add("#[")

    def depart_reference(self, node: nodes.reference) -> None:
        """Close the link, in a book with the page that it leads to."""
        self.add(self.closings.pop())

    def _open_inside(self, node: nodes.Element, place: Place) -> None:
        target = inside(node, place)
        if target is None:
            self.add("#[")
            return
        self.counts["links"] += 1
        if target[0] == BIBLIOGRAPHY and (source := place.book.sources.get(target[1])):
            # The source itself is what a reader wants to see, and its entry is found by its name. Besides, Typst asks for the page of
            # whatever a link inside the book leads to, and with thousands of citations that took two fifths of its time.
            self.add(f"#link({literal(source)})[")
            return
        if is_term(node):
            self.add(f"#indexed({literal(target[1])});")
        self.add(f"#link(<{label(target[1], target[0])}>)[")

    def _page(self, node: nodes.Element) -> str:
        """The page that a link leads to, where paper cannot follow it: not for terms and sources, which have lists of their own."""
        assert self.place is not None
        target = inside(node, self.place)
        if target is None or target[0] in (self.place.docname, BIBLIOGRAPHY) or is_term(node) or self._crowded(node):
            return ""
        return f"#seen(<{label(target[1], target[0])}>);"

    @staticmethod
    def _crowded(node: nodes.Element) -> bool:
        """True in a cell of a table that is a list of links: with a page after each it could not be read."""
        cell = next((parent for parent in _parents(node) if isinstance(parent, nodes.entry)), None)
        return cell is not None and sum(1 for _ in cell.findall(nodes.reference)) > MOST_PAGES

    def visit_number_reference(self, node: nodes.Element) -> None:
        """The number of a figure or table; a book numbers for itself."""
        target = inside(node, self.place) if self.place else None
        if target is None:
            self.visit_reference(node)  # type: ignore[arg-type]  # it has the same attributes
            return
        self.counts["links"] += 1
        name = label(target[1], target[0])
        self.add(f"#link(<{name}>, numbered(<{name}>));")
        raise nodes.SkipNode

    def depart_number_reference(self, node: nodes.Element) -> None:
        """Close it."""
        self.add(self.closings.pop())

    def visit_download_reference(self, node: nodes.Element) -> None:
        """A file that paper cannot give: its words."""

    def depart_download_reference(self, node: nodes.Element) -> None:
        """Nothing to close."""

    # -- sources ---------------------------------------------------------------------------------------------------------

    def visit_citation_mark(self, node: citation_mark) -> None:
        """Numbers of the sources, raised."""
        numbers = []
        for key in node["keys"]:
            if key not in self.sources:
                self.sources.append(key)
            numbers.append(str(self.sources.index(key) + 1))
        self.counts["citations"] += 1
        self.add(f"#cited({literal(', '.join(numbers))});")
        raise nodes.SkipNode

    def visit_citation(self, node: nodes.citation) -> None:
        """An entry of the bibliography: its label, then what follows."""
        name = next(child for child in node.children if isinstance(child, nodes.label))
        self.check_glyphs(node, name.astext())
        shown = literal(f"[{name.astext()}]")
        self.add(f"\n#block(breakable: false, inset: (left: 6mm))[#set text(size: 9pt); #h(-6mm);#strong[#{shown};] ")

    def depart_citation(self, node: nodes.citation) -> None:
        """Close it."""
        self.add("]\n")

    def visit_label(self, node: nodes.label) -> None:
        """Written by the entry."""
        raise nodes.SkipNode

    # -- marks -----------------------------------------------------------------------------------------------------------

    def _mark(self, kind: str, key: str, mark: str) -> str:
        return f"#noted-at(<{note_label(kind, key)}>, {literal(mark)});" if self.place else f"#noted({literal(mark)});"

    def visit_claim_chip(self, node: claim_chip) -> None:
        """The number of a note that tells what a claim rests on."""
        if node["claim"] not in self.claims:
            self.claims.append(node["claim"])
        self.counts["claims"] += 1
        self.add(self._mark("claim", node["claim"], f"n{self.claims.index(node['claim']) + 1}"))
        raise nodes.SkipNode

    def visit_trial_number(self, node: trial_number) -> None:
        """The number, and unless it is plain the number of a note that tells what it means and how it is made."""
        self.counts["numbers"] += 1
        self.check_glyphs(node, node.astext())
        if not node["noted"]:
            self.add(f"#{literal(node.astext())};")
            raise nodes.SkipNode
        self.numbers.setdefault(node["request"], (node["plain"], " ".join(node["working"])))
        mark = f"m{list(self.numbers).index(node['request']) + 1}"
        self.add(f"#{literal(node.astext())};" + self._mark("number", node["request"], mark))
        raise nodes.SkipNode

    def visit_trial_numbers(self, node: trial_numbers) -> None:
        """On paper the notes at the end say the same."""
        raise nodes.SkipNode

    def visit_claim_popovers(self, node: claim_popovers) -> None:
        """On paper the notes at the end say the same."""
        raise nodes.SkipNode
