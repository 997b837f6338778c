"""Pictures as Typst markup: diagrams, plots and images, always as vectors and always told in words."""

from __future__ import annotations

import re

from docutils import nodes

from ketamine_kb.diagrams import arrows, describe, render
from ketamine_kb.diagrams.graph import FONT_SIZE, PRINT_HEIGHT, PX, SMALLEST_TEXT
from ketamine_kb.messages import Code, Fault
from ketamine_kb.pdf.writer_base import WriterBase, literal
from ketamine_kb.project import Faulty, here
from ketamine_kb.sphinxext.mermaid import diagram
from ketamine_kb.sphinxext.plot_nodes import plot, plot_data, plot_link

#: Room for a diagram on paper, in points (the text block of a Letter page with 16 mm margins).
WIDEST, TALLEST = 515.0, 264.0
#: A plot may take a page of its own, in points.
TALLEST_PLOT = 640.0
#: Room on a page of a book that has narrow margins.
TALLEST_PAGE = 732.0


class FigureWriter(WriterBase):
    """The rules for pictures."""

    legend = ""

    @property
    def _numbering(self) -> str:
        return 'supplement: [Figure], numbering: "1"' if self.place else "supplement: none, numbering: none"

    def visit_figure(self, node: nodes.figure) -> None:
        """A figure with a caption below."""
        captioned = any(isinstance(child, nodes.caption) for child in node.children)
        self.add(f"\n#figure(kind: image, {self._numbering if captioned else 'supplement: none, numbering: none'}, ")

    def depart_figure(self, node: nodes.figure) -> None:
        """Close it, set its label, and add what the author wrote below the caption."""
        names = self.labels(node.get("ids", []))
        self.add(")" + (f" <{names[0]}>" if names else "") + "\n")
        if self.legend:
            self.add(f"\n{self.legend}\n")
            self.legend = ""

    def visit_caption(self, node: nodes.caption) -> None:
        """The caption of a figure, or of a block of code."""
        self.add(", caption: [" if isinstance(node.parent, nodes.figure) else "\n#strong[")

    def depart_caption(self, node: nodes.caption) -> None:
        """Close it."""
        self.add("]" if isinstance(node.parent, nodes.figure) else "]\n\n")

    def visit_legend(self, node: nodes.legend) -> None:
        """Kept until the figure is closed."""
        self.legend = self.write_children(node)
        raise nodes.SkipNode

    def _picture(self, node: nodes.Element, name: str, alternative: str, width: float) -> None:
        image = f"image({literal(name)}, alt: {literal(alternative)}, width: {width:.2f}pt)"
        alone = "kind: image, supplement: none, numbering: none, outlined: false, " if self.place else ""
        self.add(image if isinstance(node.parent, nodes.figure) else f"\n#figure({alone}{image})\n")

    def visit_diagram(self, node: diagram) -> None:
        """A diagram as a vector picture with its text version as alternative text."""
        shown = arrows.read(node["code"], node["path"], self.known)
        picture = render.draw(shown, node["uid"], print_colours=True)
        # In a book a diagram may take a page of its own.
        tallest = PRINT_HEIGHT if self.place else TALLEST
        scale = min(1.0, WIDEST / (picture.width * PX), tallest / (picture.height * PX))
        size = FONT_SIZE * PX * scale
        if size < SMALLEST_TEXT:
            least = SMALLEST_TEXT / (FONT_SIZE * PX)
            found = f"text of {size:.1f} pt in print, {picture.width:.0f} px wide and {picture.height:.0f} px high"
            room = f"at most {WIDEST / PX / least:.0f} px wide and {tallest / PX / least:.0f} px high"
            expected = f"at least {SMALLEST_TEXT:g} pt: {room} (cut boxes, or shorten labels)"
            raise Faulty([Fault(node["path"], 1, 0, Code.DIAGRAM_SIZE, found, expected, run="nox -s pdf")])
        name = f"{shown.name}-{node['uid']}.svg"
        self.pictures[name] = picture.svg
        self.counts["diagrams"] += 1
        self._picture(node, name, describe.alternative(shown), picture.width * PX * scale)
        raise nodes.SkipNode

    def visit_plot(self, node: plot) -> None:
        """A plot as a vector picture in print colours, its text version as alternative text, its title below."""
        width, height = node["width"] * PX, node["height"] * PX
        # In a book a plot that would be too small takes a page with narrow margins for itself.
        rooms = (PRINT_HEIGHT, TALLEST_PAGE) if self.place else (TALLEST_PLOT,)
        scales = [min(1.0, WIDEST / width, tallest / height) for tallest in rooms]
        scale = next((scale for scale in scales if node["smallest"] * PX * scale >= SMALLEST_TEXT), scales[-1])
        whole = scale > scales[0]
        size = node["smallest"] * PX * scale
        if size < SMALLEST_TEXT:
            expected = f"at least {SMALLEST_TEXT:g} pt: fewer rows in this plot"
            self.refuse(node, Code.DIAGRAM_SIZE, f"text of {size:.1f} pt in print", expected)
        name = f"{node['uid']}.svg"
        self.pictures[name] = node["print_svg"]
        self.counts["plots"] += 1
        image = f"image({literal(name)}, alt: {literal(' '.join(node['sentences']))}, width: {width * scale:.2f}pt)"
        caption = f"caption: [#{literal(node['title'])}]"
        made = f"figure(kind: image, {self._numbering}, {image}, {caption})"
        self.add(f"\n#whole-page({made})\n" if whole else f"\n#{made}\n")
        raise nodes.SkipNode

    def visit_image(self, node: nodes.image) -> None:
        """A drawing from a file, at its own size or smaller."""
        alternative = node.get("alt", "")
        if not alternative:
            self.refuse(node, Code.PRINT_PICTURE, f"the picture {node['uri']} without words", "an alternative text (:alt:)")
        project = here()
        path = (project.docs / node["uri"]).resolve()
        if not path.is_relative_to(project.docs.resolve()) or path.suffix != ".svg" or not path.is_file():
            self.refuse(node, Code.PRINT_PICTURE, f"the picture {node['uri']}", "an SVG file in docs/, which stays sharp on paper")
        drawing = project.read(path)
        box = re.search(r"<svg[^>]*\bviewBox=\"[\d.-]+[ ,]+[\d.-]+[ ,]+([\d.]+)[ ,]+([\d.]+)\"", drawing)
        if box is None:
            self.refuse(node, Code.PRINT_PICTURE, f"the picture {node['uri']} without a viewBox", "an SVG file that says its size")
        width, height = float(box[1]) * PX, float(box[2]) * PX
        name = "image-" + re.sub(r"[^A-Za-z0-9.]", "-", str(node["uri"]))
        self.pictures[name] = drawing
        self.counts["images"] = self.counts.get("images", 0) + 1
        self._picture(node, name, alternative, width * min(1.0, WIDEST / max(width, 1), TALLEST_PLOT / max(height, 1)))
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
