"""The ``{mermaid}`` directive: sphinxcontrib-mermaid's syntax, our picture, the same in every output.

The directive is theirs (name, caption, numbering); a post-transform replaces their node by :class:`diagram`, which each
output draws from the same source: inline SVG for the web, vector with a text alternative in the PDF, words in plain text.
"""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinxcontrib.mermaid import Mermaid
from sphinxcontrib.mermaid import mermaid as mermaid_node

from ketamine_kb.diagrams import describe, render
from ketamine_kb.diagrams.palette import web_style_sheet
from ketamine_kb.diagrams.source import Graph, parse
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, here
from ketamine_kb.sphinxext.report import warn

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.text import TextTranslator

STATIC = Path(__file__).parent / "static"
#: Options that would make the forms of a diagram disagree, with the reason for refusing each.
REFUSED = {
    "config": "no :config:, the look comes from the palette",
    "title": "no :title:, the title is accTitle in the source",
    "zoom": "no :zoom:, it needs a script from another host",
    "alt": "no :alt:, the description is accDescr in the source",
}


class diagram(nodes.General, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """A diagram in a document: ``code`` (Mermaid source), ``path`` (its file) and ``uid`` (prefix of its ids)."""


class DiagramDirective(Mermaid):  # type: ignore[misc]  # sphinxcontrib-mermaid ships no types
    """``{mermaid} ../../diagrams/name.mmd`` with ``:name:``, ``:caption:`` and ``:align:``."""

    def run(self, **kwargs: Any) -> list[nodes.Node]:
        """Their nodes, with the file's name noted for messages."""
        env = self.state.document.settings.env
        page = here().relative(Path(env.doc2path(env.docname)))
        refused = [option for option in REFUSED if option in self.options]
        for option in refused:
            warn(Fault(page, self.lineno, 0, Code.DIAGRAM_OPTION, f"option :{option}:", REFUSED[option]))
        if refused:
            return []
        if not self.arguments:
            found, expected = "a diagram typed into the page", "the file of a diagram as the directive's argument"
            warn(Fault(page, self.lineno, 0, Code.FILE_MISSING, found, expected))
            return []
        _, filename = env.relfn2path(self.arguments[0])
        result = cast("list[nodes.Node]", super().run(**kwargs))
        for top in result:
            for node in top.findall(mermaid_node):
                node["path"] = here().relative(Path(filename))
                node.line = self.lineno
        return result


class DrawDiagrams(SphinxPostTransform):
    """Replace sphinxcontrib-mermaid's nodes by :class:`diagram`."""

    default_priority = 190

    def run(self, **kwargs: Any) -> None:
        """Parse every source once; one that does not parse is reported and left out."""
        for number, node in enumerate(list(self.document.findall(mermaid_node))):
            path = node.get("path", f"{self.env.docname}.md")
            uid = "mm-" + hashlib.sha256(f"{self.env.docname}/{number}/{path}".encode()).hexdigest()[:8]
            try:
                parse(node["code"], path)
            except Faulty as error:
                for fault in error.faults:
                    warn(fault)
                node.replace_self(nodes.paragraph("", f"[{path}]"))
                continue
            node.replace_self(diagram(code=node["code"], path=path, uid=uid, ids=node["ids"], names=node["names"]))


def graph_of(node: diagram) -> Graph:
    """The parsed graph of a diagram node."""
    return parse(node["code"], node["path"])


def visit_html(self: HTML5Translator, node: diagram) -> None:
    """Inline SVG in a box that scrolls sideways on narrow screens, then the text version."""
    graph = graph_of(node)
    picture = render.svg(node["code"], node["path"], node["uid"])
    anchors = "".join(f'<span id="{escape(identifier)}"></span>' for identifier in node["ids"])
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in describe.sentences(graph))
    label = escape(f"Diagram: {graph.title}", quote=True)
    self.body.append(
        f'{anchors}<div class="kb-diagram"><div class="kb-picture" role="region" tabindex="0" aria-label="{label}">{picture}</div>'
        f'<details class="kb-words"><summary>Read this diagram as text</summary><p>{escape(graph.description)}</p>'
        f"<ol>{items}</ol></details></div>"
    )
    raise nodes.SkipNode


def visit_text(self: TextTranslator, node: diagram) -> None:
    """The diagram in words."""
    self.new_state()
    self.add_text(describe.alternative(graph_of(node)))
    self.end_state()
    raise nodes.SkipNode


def _add_static(app: Sphinx) -> None:
    """Let Sphinx copy the diagrams' font and the style sheet made from the palette."""
    if app.builder.format == "html":
        made = Path(app.doctreedir) / "static"
        made.mkdir(parents=True, exist_ok=True)
        (made / "diagrams.css").write_text(web_style_sheet(), encoding="utf-8")
        app.config.html_static_path += [str(STATIC), str(made)]


def setup_mermaid(app: Sphinx) -> None:
    """Register the directive, the node and the transform."""
    app.setup_extension("sphinxcontrib.mermaid")
    app.add_directive("mermaid", DiagramDirective, override=True)
    app.add_node(diagram, html=(visit_html, None), text=(visit_text, None))
    app.add_post_transform(DrawDiagrams)
    app.connect("builder-inited", _add_static)
    app.add_css_file("diagrams.css")
