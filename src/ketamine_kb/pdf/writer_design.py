"""Cards, grids, badges, tabs and folded parts of sphinx-design as Typst markup: on paper everything stands open."""

from __future__ import annotations

import re

from docutils import nodes

from ketamine_kb.messages import Code
from ketamine_kb.pdf.writer_base import WriterBase

#: Columns that fit beside each other on paper.
MOST_COLUMNS = 2
#: Components that are only something before and something after their content.
COMPONENTS = {
    None: ("\n#block[", "]\n"),
    "accordion": ("\n", "\n"),
    "aside": ("\n#block(width: 100%, inset: 3mm, stroke: .5pt)[", "]\n"),
    "aside-body": ("\n", "\n"),
    "card": ("\n#block(width: 100%, breakable: false, stroke: .7pt, inset: 3mm, radius: 1mm)[", "]\n"),
    "card-body": ("\n", "\n"),
    "card-content": ("\n", "\n"),
    "card-footer": ("\n", "\n"),
    "card-header": ("\n", "\n"),
    "card-title": ("\n#block(sticky: true, below: 2mm)[#strong[", "]]\n"),
    "card-carousel": ("\n", "\n"),
    "div": ("\n", "\n"),
    "dropdown": ("\n#block(width: 100%, inset: (left: 3mm), stroke: (left: 1pt))[", "]\n"),
    "grid-container": ("\n", "\n"),
    "grid-item": ("[", "], "),
    "tab-set": ("\n", "\n"),
    "tab-item": ("\n#block(width: 100%, inset: (left: 3mm), stroke: (left: 1pt))[", "]\n"),
    "tab-content": ("\n", "\n"),
}


class DesignWriter(WriterBase):
    """The rules for sphinx-design."""

    def visit_container(self, node: nodes.container) -> None:
        """A component, or a box without a meaning of its own."""
        component = node.get("design_component")
        if component == "grid-row":
            classes: list[str] = node.get("classes", [])
            columns = [int(found[1]) for name in classes if (found := re.fullmatch(r"sd-row-cols(?:-\w+)?-(\d+)", name))]
            self.add(f"\n#grid(columns: (1fr,) * {min(max(columns, default=MOST_COLUMNS), MOST_COLUMNS)}, gutter: 4mm, ")
            self.closings.append(")\n")
            return
        if component not in COMPONENTS:
            self.refuse(node, Code.PRINT_NODE, f"a {component} container", "something the PDF writer has a rule for")
        before, after = COMPONENTS[component]
        if self.place and "kb-entry" in node.get("classes", []):  # the ledger is there to be looked up
            before = "\n#entry["
        self.closings.append(after)
        self.add(before + (self.anchors(node) if component in (None, "grid-item") else ""))

    def depart_container(self, node: nodes.container) -> None:
        """Close it."""
        self.add(self.closings.pop())

    def visit_sd_badge(self, node: nodes.Element) -> None:
        """Words in a frame."""
        self.add("#box(stroke: .5pt, inset: (x: 1mm), outset: (y: .6mm), radius: .6mm)[")

    def depart_sd_badge(self, node: nodes.Element) -> None:
        """Close it."""
        self.add("];")

    def visit_sd_line_break(self, node: nodes.Element) -> None:
        """The next line."""
        self.add("#linebreak();")
        raise nodes.SkipNode

    def _nothing(self, node: nodes.Node) -> None:
        """Only its content counts."""

    visit_PassthroughTextElement = depart_PassthroughTextElement = _nothing  # noqa: N815  # the node's own name
