"""A Sphinx doctree as Typst markup.

A node without a rule is a fault with page and line: print may fail, but it may not drop anything in silence. The rules are in the
``writer_*`` modules; this one puts them together.
"""

from __future__ import annotations

from collections.abc import Mapping

from docutils import nodes
from sphinx import addnodes

from ketamine_kb.evidence.model import Claim
from ketamine_kb.pdf.writer_base import Place, Printed, citation_mark, label, literal
from ketamine_kb.pdf.writer_design import DesignWriter
from ketamine_kb.pdf.writer_figures import FigureWriter
from ketamine_kb.pdf.writer_links import LinkWriter
from ketamine_kb.pdf.writer_tables import TableWriter
from ketamine_kb.pdf.writer_text import TextWriter

__all__ = ["Place", "Printed", "TypstVisitor", "citation_mark", "label", "literal", "write"]

#: Nodes that set the labels of their ids themselves, because markup cannot stand before them.
_LABELS_ITSELF = (
    *(nodes.document, nodes.section, nodes.target, nodes.title, nodes.list_item, nodes.container),
    *(nodes.table, nodes.tgroup, nodes.colspec, nodes.thead, nodes.tbody, nodes.row, nodes.entry),
    *(nodes.figure, nodes.caption, nodes.legend, nodes.footnote, nodes.label, addnodes.index),
)


class TypstVisitor(TextWriter, LinkWriter, TableWriter, FigureWriter, DesignWriter):
    """Walks one document and collects Typst markup."""

    def dispatch_visit(self, node: nodes.Node) -> None:
        """Set the labels that links of a book lead to, then the rule of the node."""
        alone = isinstance(node, nodes.Element) and not isinstance(node, _LABELS_ITSELF) and not isinstance(node.parent, nodes.figure)
        if self.place and alone and node.get("ids"):  # type: ignore[attr-defined]  # it is an Element
            self.add(self.anchors(node))  # type: ignore[arg-type]
        super().dispatch_visit(node)


def write(document: nodes.document, page: str, known: Mapping[str, Claim], *, place: Place | None = None) -> Printed:
    """The Typst body of a resolved document.

    :param known: all claims, for the lines of diagrams.
    :param place: where it stands in a book; None for a document that is printed alone.

    :raises Faulty: on a node without a rule, a character without a glyph, or a diagram that would be too small.
    """
    visitor = TypstVisitor(document, page, known, place)
    document.walkabout(visitor)
    return visitor.printed()
