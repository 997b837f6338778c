"""Text, headings, lists, boxes, code, footnotes and formulas as Typst markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docutils import nodes

from ketamine_kb.messages import Code
from ketamine_kb.pdf import maths
from ketamine_kb.pdf.writer_base import WriterBase, lines_literal, literal
from ketamine_kb.sphinxext.claims import claim_chip

ADMONITIONS = {
    "note": "Note",
    "important": "Important",
    "warning": "Warning",
    "tip": "Tip",
    "hint": "Hint",
    "caution": "Caution",
    "danger": "Danger",
    "error": "Error",
    "attention": "Attention",
    "seealso": "See also",
}
#: A list of at most so many characters stands on one page of a book.
WHOLE_LIST = 900


class TextWriter(WriterBase):
    """The rules for text."""

    def visit_Text(self, node: nodes.Text) -> None:  # noqa: N802
        """Plain text."""
        text = node.astext()
        self.check_glyphs(node, text)
        if self.place and isinstance(node.next_node(descend=False, siblings=True), claim_chip):
            # A mark stands right after its sentence, never alone at the start of a line; two marks are kept apart by a comma.
            at = node.parent.index(node)
            between = not text.strip() and at > 0 and isinstance(node.parent[at - 1], claim_chip)
            self.add('#cited(",");' if between else f"#{literal(text.rstrip())};")
            return
        self.add(f"#{literal(text)};")

    def depart_Text(self, node: nodes.Text) -> None:  # noqa: N802
        """Nothing to close."""

    def visit_literal(self, node: nodes.literal) -> None:
        """Code in a line."""
        self.add(f"#raw({literal(node.astext())});")
        raise nodes.SkipNode

    def visit_literal_block(self, node: nodes.Element) -> None:
        """Code in a block, line ends kept."""
        self.add(f"\n#raw(block: true, {lines_literal(node.astext())})\n")
        raise nodes.SkipNode

    visit_doctest_block = visit_literal_block

    # -- structure -------------------------------------------------------------------------------------------------------

    def visit_section(self, node: nodes.section) -> None:
        """A level deeper."""
        self.level += 1

    def depart_section(self, node: nodes.section) -> None:
        """A level up."""
        self.level -= 1

    def visit_title(self, node: nodes.title) -> None:
        """A heading, or the caption of a table."""
        if isinstance(node.parent, (nodes.table, nodes.Admonition)):
            raise nodes.SkipNode  # written by the table or the admonition itself
        if isinstance(node.parent, (nodes.topic, nodes.sidebar)):
            self.add("\n#strong[")
            return
        own = number = ""
        if self.place:
            # The contents list chapters and pages; the parts of a page are in the outline only. Numbers are written here: Typst counts
            # them only once it has laid out the whole book, and lays it out again.
            first = self.level == self.place.depth
            own = f", bookmarked: true, outlined: {'true' if first else 'false'}"
            number = f"#{literal(self.place.number + ' ')};#h(2mm)" if first and self.place.number else ""
        self.add(f"\n#heading(level: {max(self.level, 1)}{own})[{number}")

    def depart_title(self, node: nodes.title) -> None:
        """Close the heading and set its label."""
        if isinstance(node.parent, (nodes.topic, nodes.sidebar)):
            self.add("]\n\n")
            return
        identifiers = list(node.parent.get("ids", []))
        first = self.place is not None and node is next(self.document.findall(nodes.title))
        # For running heads, which may hold no links.
        running = f"#metadata({literal(node.astext())}) <chapter>\n" if first and self.level == 1 else ""
        if first:
            identifiers = ["", *identifiers]  # an address of the page itself
        names = self.labels(identifiers)
        self.add("]" + (f" <{names[0]}>" if names else "") + "\n" + running)
        for extra in names[1:]:
            self.add(f"#metadata(none) <{extra}>\n")
        if first and self.place and self.place.status:
            self.add(f"#status({literal(self.place.status)})\n")

    def visit_target(self, node: nodes.target) -> None:
        """An address inside the document."""
        for name in self.labels(node.get("ids", [])):
            self.add(f"#metadata(none) <{name}>")
        raise nodes.SkipNode

    def visit_comment(self, node: nodes.Node) -> None:
        """Not for readers."""
        raise nodes.SkipNode

    visit_docinfo = visit_meta = visit_substitution_definition = visit_comment
    #: What only steers Sphinx: the terms of the index are marked where they stand.
    visit_index = visit_highlightlang = visit_tabular_col_spec = visit_comment

    def visit_toctree(self, node: nodes.Node) -> None:
        """Navigation, which a printed page does not have."""
        raise nodes.SkipNode

    def visit_transition(self, node: nodes.transition) -> None:
        """A rule across the page."""
        self.add("\n#line(length: 100%, stroke: .5pt)\n")
        raise nodes.SkipNode

    def visit_paragraph(self, node: nodes.paragraph) -> None:
        """A paragraph; in a book one that announces what follows stays with it."""
        sticky = self.place is not None and self._announces(node)
        self.add("\n#block(sticky: true)[" if sticky else "\n")
        self.closings.append("]\n\n" if sticky else "\n\n")

    def depart_paragraph(self, node: nodes.paragraph) -> None:
        """Close it."""
        self.add(self.closings.pop())

    @staticmethod
    def _announces(node: nodes.paragraph) -> bool:
        after = node.next_node(descend=False, siblings=True)
        if after is None or isinstance(node.parent, (nodes.list_item, nodes.entry)):
            return False
        return node.astext().endswith(":") or (len(node) == 1 and isinstance(node[0], nodes.strong))

    # -- lists -----------------------------------------------------------------------------------------------------------

    def _open_list(self, node: nodes.Element, opening: str) -> None:
        whole = self.place is not None and not isinstance(node.parent, nodes.list_item) and len(node.astext()) <= WHOLE_LIST
        self.add(f"\n#block(breakable: false, {opening}" if whole else f"\n#{opening}")
        self.closings.append("))\n" if whole else ")\n")

    def _close_list(self, node: nodes.Element) -> None:
        self.add(self.closings.pop())

    def visit_bullet_list(self, node: nodes.bullet_list) -> None:
        """A list with signs."""
        self._open_list(node, "list(")

    def visit_enumerated_list(self, node: nodes.enumerated_list) -> None:
        """A list with numbers, from the first that the author gave."""
        start = node.get("start", 1)
        self._open_list(node, f"enum(start: {start}, " if start != 1 else "enum(")

    depart_bullet_list = _close_list
    depart_enumerated_list = _close_list

    def visit_list_item(self, node: nodes.list_item) -> None:
        """An item."""
        self.add("[" + self.anchors(node))

    def depart_list_item(self, node: nodes.list_item) -> None:
        """Close it."""
        self.add("], ")

    # -- admonitions -----------------------------------------------------------------------------------------------------

    def _open_admonition(self, node: nodes.Element) -> None:
        kind = type(node).__name__
        title = ADMONITIONS.get(kind, "Note")
        if kind == "admonition":
            title = next(node.findall(nodes.title)).astext()
            classes: list[str] = node.get("classes", [])
            kind = next((name for name in classes if name in ADMONITIONS), "note")
        self.add(f"\n#admonition({literal(kind)}, {literal(title)})[")

    def _close_admonition(self, node: nodes.Element) -> None:
        self.add("]\n")

    visit_admonition = _open_admonition
    depart_admonition = _close_admonition
    for _name in ADMONITIONS:
        locals()[f"visit_{_name}"] = _open_admonition
        locals()[f"depart_{_name}"] = _close_admonition

    # -- footnotes -------------------------------------------------------------------------------------------------------

    def visit_footnote_reference(self, node: nodes.footnote_reference) -> None:
        """The note itself where it is first named, at the foot of the page; its number again after that."""
        note = next((found for found in self.document.findall(nodes.footnote) if node["refid"] in found["ids"]), None)
        if note is None:
            self.refuse(node, Code.PRINT_NODE, f"a footnote mark {node.astext()!r} without its note", "a footnote on the same page")
        if "kb_printed" in note:
            self.add(f"#footnote(<{note['kb_printed']}>);")
            raise nodes.SkipNode
        number = list(self.document.findall(nodes.footnote)).index(note) + 1
        note["kb_printed"] = f"footnote:{self.place.docname.replace('/', '.') if self.place else ''}:{number}"
        self.hold_back()
        for child in note.children:
            if not isinstance(child, nodes.label):
                child.walkabout(self)
        body = self.held().strip()
        self.add(f"#footnote[{body}] <{note['kb_printed']}>;")
        raise nodes.SkipNode

    def visit_footnote(self, node: nodes.footnote) -> None:
        """Printed where it is named; a note that nothing names would be lost."""
        if not node.get("kb_printed"):
            self.refuse(node, Code.PRINT_NODE, "a footnote that nothing names", "a mark that names it")
        raise nodes.SkipNode

    # -- formulas --------------------------------------------------------------------------------------------------------

    def _formula(self, node: nodes.Element, block: bool) -> None:
        source = node.astext()
        try:
            formula = maths.typst(source)
        except maths.Unknown as why:
            self.refuse(node, Code.PRINT_NODE, f"a formula with {why}", "the commands of ketamine_kb.pdf.maths")
        words = literal(maths.words(source))
        made = f"math.equation(block: {'true' if block else 'false'}, alt: {words}, ${formula}$)"
        self.add(f"\n#{made}\n" if block else f"#{made};")
        raise nodes.SkipNode

    def visit_math(self, node: nodes.math) -> None:
        """A formula in a line."""
        self._formula(node, block=False)

    def visit_math_block(self, node: nodes.math_block) -> None:
        """A formula of its own."""
        self._formula(node, block=True)


def _wrap(before: str, after: str) -> tuple[Callable[[Any, nodes.Node], None], Callable[[Any, nodes.Node], None]]:
    def visit(self: TextWriter, node: nodes.Node) -> None:
        self.add(before)

    def depart(self: TextWriter, node: nodes.Node) -> None:
        self.add(after)

    return visit, depart


#: Nodes that are only something before and something after their content.
_SIMPLE = {
    "document": ("", ""),
    "compact_paragraph": ("", ""),
    "inline": ("", ""),
    "strong": ("#strong[", "];"),
    "emphasis": ("#emph[", "];"),
    "subscript": ("#sub[", "];"),
    "superscript": ("#super[", "];"),
    "abbreviation": ("", ""),
    "title_reference": ("#emph[", "];"),
    "definition_list": ("\n", "\n"),
    "glossary": ("", ""),
    "definition_list_item": ("\n#block[", "]\n"),
    "term": ("#strong[", "];"),
    "classifier": ("#emph[ (", ")];"),
    "definition": ("\n\n#pad(left: 5mm)[", "]"),
    "block_quote": ("\n#quote(block: true)[", "]\n"),
    "attribution": ("\n#align(right)[", "]\n"),
    "compound": ("", ""),
    "rubric": ("\n#strong[", "]\n\n"),
    "topic": ("\n#block(width: 100%, inset: 3mm, stroke: .5pt)[", "]\n"),
    "sidebar": ("\n#block(width: 100%, inset: 3mm, stroke: .5pt)[", "]\n"),
    "line_block": ("\n", "\n\n"),
    "line": ("", "#linebreak();"),
}
for _name, (_before, _after) in _SIMPLE.items():
    _visit, _depart = _wrap(_before, _after)
    setattr(TextWriter, f"visit_{_name}", _visit)
    setattr(TextWriter, f"depart_{_name}", _depart)
