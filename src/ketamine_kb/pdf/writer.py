"""A Sphinx doctree as Typst markup.

Text goes through Typst string literals, so nothing an author writes can be read as markup. A node without a rule here is
a fault with page and line: print may fail, but it may not drop anything in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docutils import nodes

from ketamine_kb.diagrams import arrows, describe, render
from ketamine_kb.diagrams.graph import FONT_SIZE, PX, SMALLEST_TEXT
from ketamine_kb.evidence.model import Claim
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty
from ketamine_kb.sphinxext.claims import claim_chip, claim_popovers
from ketamine_kb.sphinxext.mermaid import diagram
from ketamine_kb.sphinxext.plot_nodes import plot, plot_data, plot_link
from ketamine_kb.sphinxext.stats import trial_number, trial_numbers

#: Room for a diagram on paper, in points (the text block of a Letter page with 16 mm margins).
WIDEST, TALLEST = 515.0, 264.0
#: A plot may take a page of its own, in points.
TALLEST_PLOT = 640.0

ADMONITIONS = {
    "note": "Note",
    "important": "Important",
    "warning": "Warning",
    "tip": "Tip",
    "hint": "Hint",
    "caution": "Caution",
    "danger": "Danger",
    "attention": "Attention",
    "seealso": "See also",
}


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


def _ids(node: nodes.Element) -> list[str]:
    return list(node.get("ids", []))


def literal(text: str) -> str:
    """A Typst string literal."""
    flat = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def label(identifier: str) -> str:
    """A Typst label name made from a docutils id."""
    return "id-" + re.sub(r"[^A-Za-z0-9-]", "-", identifier)


class TypstVisitor(nodes.NodeVisitor):
    """Walks one document and collects Typst markup.

    :param page: the page's file, for messages.
    :param known: all claims, for the lines of diagrams.
    """

    def __init__(self, document: nodes.document, page: str, known: Mapping[str, Claim]) -> None:
        super().__init__(document)
        self.page = page
        self.known = known
        self.out: list[str] = []
        self.level = 0
        self.pictures: dict[str, str] = {}
        self.sources: list[str] = []
        self.claims: list[str] = []
        self.numbers: dict[str, tuple[str, str]] = {}
        self.counts = {"diagrams": 0, "plots": 0, "tables": 0, "links": 0, "citations": 0, "claims": 0, "numbers": 0}
        self.ids = {identifier for node in document.findall(nodes.Element) for identifier in _ids(node)}

    def printed(self) -> Printed:
        """The result, after the walk."""
        return Printed("".join(self.out), self.pictures, self.sources, self.claims, self.counts, self.numbers)

    def add(self, text: str) -> None:
        """Append markup."""
        self.out.append(text)

    # -- anything else ---------------------------------------------------------------------------------------------------

    def unknown_visit(self, node: nodes.Node) -> None:
        """A node without a rule."""
        found = f"a {type(node).__name__} node"
        fault = Fault(self.page, _line(node), 0, Code.PRINT_NODE, found, "something the PDF writer has a rule for", run="nox -s pdf")
        raise Faulty([fault])

    def unknown_departure(self, node: nodes.Node) -> None:
        """Never reached: the visit has failed."""

    # -- text ------------------------------------------------------------------------------------------------------------

    def visit_Text(self, node: nodes.Text) -> None:  # noqa: N802
        """Plain text."""
        self.add(f"#{literal(node.astext())};")

    def depart_Text(self, node: nodes.Text) -> None:  # noqa: N802
        """Nothing to close."""

    def visit_literal(self, node: nodes.literal) -> None:
        """Code in a line."""
        self.add(f"#raw({literal(node.astext())});")
        raise nodes.SkipNode

    def visit_literal_block(self, node: nodes.Element) -> None:
        """Code in a block, line ends kept."""
        text = node.astext().replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        self.add(f'\n#raw(block: true, "{text}")\n')
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
        self.add(f"\n#heading(level: {max(self.level, 1)})[")

    def depart_title(self, node: nodes.title) -> None:
        """Close the heading and set its label."""
        identifiers = _ids(node.parent)
        self.add("]" + (f" <{label(identifiers[0])}>" if identifiers else "") + "\n")
        for extra in identifiers[1:]:
            self.add(f"#metadata(none) <{label(extra)}>\n")

    def visit_target(self, node: nodes.target) -> None:
        """An address inside the document."""
        for identifier in _ids(node):
            self.add(f"#metadata(none) <{label(identifier)}>")
        raise nodes.SkipNode

    def visit_comment(self, node: nodes.Node) -> None:
        """Not for readers."""
        raise nodes.SkipNode

    visit_docinfo = visit_meta = visit_substitution_definition = visit_comment

    def visit_toctree(self, node: nodes.Node) -> None:
        """Navigation, which a printed page does not have."""
        raise nodes.SkipNode

    # -- links and citations ---------------------------------------------------------------------------------------------

    def visit_reference(self, node: nodes.reference) -> None:
        """A link: outward, inside this document, or to a page that this PDF does not hold (then its words only)."""
        address = node.get("refuri", "")
        identifier = node.get("refid") or address.partition("#")[2]
        if address.startswith(("https://", "http://", "mailto:", "tel:")):
            self.counts["links"] += 1
            self.add(f"#link({literal(address)})[")
        elif identifier in self.ids and not address.partition("#")[0]:
            self.counts["links"] += 1
            self.add(f"#link(<{label(identifier)}>)[")
        else:
            self.add("#[")

    def depart_reference(self, node: nodes.reference) -> None:
        """Close the link."""
        self.add("];")

    visit_number_reference = visit_reference
    depart_number_reference = depart_reference

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

    def visit_claim_chip(self, node: claim_chip) -> None:
        """The number of a note that tells what a claim rests on."""
        if node["claim"] not in self.claims:
            self.claims.append(node["claim"])
        self.counts["claims"] += 1
        number = f"n{self.claims.index(node['claim']) + 1}"
        self.add(f"#noted({literal(number)});")
        raise nodes.SkipNode

    def visit_trial_number(self, node: trial_number) -> None:
        """The number, and unless it is plain the number of a note that tells what it means and how it is made."""
        self.counts["numbers"] += 1
        if not node["noted"]:
            self.add(f"#{literal(node.astext())};")
            raise nodes.SkipNode
        self.numbers.setdefault(node["request"], (node["plain"], " ".join(node["working"])))
        mark = f"m{list(self.numbers).index(node['request']) + 1}"
        self.add(f"#{literal(node.astext())};#noted({literal(mark)});")
        raise nodes.SkipNode

    def visit_trial_numbers(self, node: trial_numbers) -> None:
        """On paper the notes at the end say the same."""
        raise nodes.SkipNode

    def visit_claim_popovers(self, node: claim_popovers) -> None:
        """On paper the notes at the end say the same."""
        raise nodes.SkipNode

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

    # -- figures and tables ----------------------------------------------------------------------------------------------

    def visit_figure(self, node: nodes.figure) -> None:
        """A figure with a caption below."""
        self.add("\n#figure(kind: image, supplement: none, numbering: none, ")

    def depart_figure(self, node: nodes.figure) -> None:
        """Close it and set its label."""
        identifiers = _ids(node)
        self.add(")" + (f" <{label(identifiers[0])}>" if identifiers else "") + "\n")

    def visit_caption(self, node: nodes.caption) -> None:
        """A caption."""
        self.add(", caption: [")

    def depart_caption(self, node: nodes.caption) -> None:
        """Close it."""
        self.add("]")

    def visit_diagram(self, node: diagram) -> None:
        """A diagram as a vector picture with its text version as alternative text."""
        shown = arrows.read(node["code"], node["path"], self.known)
        picture = render.draw(shown, node["uid"], print_colours=True)
        scale = min(1.0, WIDEST / (picture.width * PX), TALLEST / (picture.height * PX))
        size = FONT_SIZE * PX * scale
        if size < SMALLEST_TEXT:
            found = f"text of {size:.1f} pt in print"
            raise Faulty(
                [Fault(node["path"], 1, 0, Code.DIAGRAM_SIZE, found, f"at least {SMALLEST_TEXT:g} pt: a smaller diagram", run="nox -s pdf")]
            )
        name = f"{shown.name}-{node['uid']}.svg"
        self.pictures[name] = picture.svg
        self.counts["diagrams"] += 1
        image = f"image({literal(name)}, alt: {literal(describe.alternative(shown))}, width: {picture.width * PX * scale:.2f}pt)"
        self.add(image if isinstance(node.parent, nodes.figure) else f"\n#figure({image})\n")
        raise nodes.SkipNode

    def visit_plot(self, node: plot) -> None:
        """A plot as a vector picture in print colours, its text version as alternative text, its title below."""
        width, height = node["width"] * PX, node["height"] * PX
        scale = min(1.0, WIDEST / width, TALLEST_PLOT / height)
        size = node["smallest"] * PX * scale
        if size < SMALLEST_TEXT:
            found = f"text of {size:.1f} pt in print"
            expected = f"at least {SMALLEST_TEXT:g} pt: fewer rows in this plot"
            raise Faulty([Fault(self.page, _line(node), 0, Code.DIAGRAM_SIZE, found, expected, run="nox -s pdf")])
        name = f"{node['uid']}.svg"
        self.pictures[name] = node["print_svg"]
        self.counts["plots"] += 1
        image = f"image({literal(name)}, alt: {literal(' '.join(node['sentences']))}, width: {width * scale:.2f}pt)"
        caption = f"caption: [#{literal(node['title'])}]"
        self.add(f"\n#figure(kind: image, supplement: none, numbering: none, {image}, {caption})\n")
        raise nodes.SkipNode

    def visit_plot_data(self, node: plot_data) -> None:
        """The data stand open on paper: small words, and a table that may go on to the next page so that no row is lost."""
        self.add("\n#[\n#show figure.where(kind: table): set block(breakable: true)\n")
        self.add("#show table.cell: set text(8pt)\n#set table(inset: (x: 1.2mm, y: .8mm))\n")

    def depart_plot_data(self, node: plot_data) -> None:
        """Back to the usual size."""
        self.add("]\n")

    def visit_plot_link(self, node: plot_link) -> None:
        """A file that paper cannot give."""
        raise nodes.SkipNode

    def visit_table(self, node: nodes.table) -> None:
        """A table; a caption comes from its title."""
        self.counts["tables"] += 1
        title = next((child for child in node.children if isinstance(child, nodes.title)), None)
        specifications = list(node.findall(nodes.colspec))
        given = "colwidths-given" in node.get("classes", [])
        columns = ", ".join(
            f"{spec['colwidth']}fr" if given else ("1fr" if spec is specifications[-1] else "auto") for spec in specifications
        )
        caption = f"caption: [#{literal(title.astext())}], " if title is not None else ""
        self.add(f"\n#figure(kind: table, supplement: none, numbering: none, {caption}table(columns: ({columns},), ")

    def depart_table(self, node: nodes.table) -> None:
        """Close it."""
        self.add("))\n")

    def visit_thead(self, node: nodes.thead) -> None:
        """The header rows, which are repeated on each page and tagged as headers."""
        self.add("table.header(")

    def depart_thead(self, node: nodes.thead) -> None:
        """Close them."""
        self.add("), ")

    def visit_entry(self, node: nodes.entry) -> None:
        """A cell with its spans."""
        spans = [
            f"{name}: {int(node.get(key, 0)) + 1}" for name, key in (("colspan", "morecols"), ("rowspan", "morerows")) if node.get(key)
        ]
        self.add(f"table.cell({', '.join(spans)})[" if spans else "[")

    def depart_entry(self, node: nodes.entry) -> None:
        """Close it."""
        self.add("], ")

    def visit_colspec(self, node: nodes.colspec) -> None:
        """Read by the table."""
        raise nodes.SkipNode


def _wrap(before: str, after: str) -> tuple[Callable[[Any, nodes.Node], None], Callable[[Any, nodes.Node], None]]:
    def visit(self: TypstVisitor, node: nodes.Node) -> None:
        self.add(before)

    def depart(self: TypstVisitor, node: nodes.Node) -> None:
        self.add(after)

    return visit, depart


#: Nodes that are only something before and something after their content.
_SIMPLE = {
    "document": ("", ""),
    "paragraph": ("\n", "\n\n"),
    "compact_paragraph": ("", ""),
    "inline": ("", ""),
    "strong": ("#strong[", "];"),
    "emphasis": ("#emph[", "];"),
    "subscript": ("#sub[", "];"),
    "superscript": ("#super[", "];"),
    "abbreviation": ("", ""),
    "title_reference": ("#emph[", "];"),
    "bullet_list": ("\n#list(", ")\n"),
    "enumerated_list": ("\n#enum(", ")\n"),
    "list_item": ("[", "], "),
    "definition_list": ("\n", "\n"),
    "definition_list_item": ("\n#block[", "]\n"),
    "term": ("#strong[", "];"),
    "definition": ("\n\n#pad(left: 5mm)[", "]"),
    "block_quote": ("\n#quote(block: true)[", "]\n"),
    "compound": ("", ""),
    "legend": ("", ""),
    "tgroup": ("", ""),
    "tbody": ("", ""),
    "row": ("", ""),
}
for _name, (_before, _after) in _SIMPLE.items():
    _visit, _depart = _wrap(_before, _after)
    setattr(TypstVisitor, f"visit_{_name}", _visit)
    setattr(TypstVisitor, f"depart_{_name}", _depart)


def _line(node: nodes.Node) -> int:
    """The nearest line that docutils knows for a node, or 0."""
    current: nodes.Node | None = node
    while current is not None:
        if current.line:
            return int(current.line)
        current = current.parent
    return 0


def write(document: nodes.document, page: str, known: Mapping[str, Claim]) -> Printed:
    """The Typst body of a resolved document.

    :param known: all claims, for the lines of diagrams.

    :raises Faulty: on a node without a rule, or a diagram that would be too small.
    """
    visitor = TypstVisitor(document, page, known)
    document.walkabout(visitor)
    return visitor.printed()
