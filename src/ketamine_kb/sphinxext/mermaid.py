"""The ``{mermaid}`` directive: sphinxcontrib-mermaid's syntax, our picture, the same in every output.

The directive is theirs (name, caption, numbering); a post-transform replaces their node by :class:`diagram`, which each
output draws from the same source: inline SVG for the web, vector with a text alternative in the PDF, words in plain text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinxcontrib.mermaid import Mermaid
from sphinxcontrib.mermaid import mermaid as mermaid_node

from ketamine_kb.diagrams import arrows, describe, exchange, render, source
from ketamine_kb.diagrams.arrows import NO_TERM, Arrow, Diagram
from ketamine_kb.diagrams.graph import Node
from ketamine_kb.diagrams.palette import web_style_sheet
from ketamine_kb.evidence.model import Claim
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, here
from ketamine_kb.sphinxext.chips import mark
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.report import warn

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.text import TextTranslator

_LOGGER = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"
#: Where the files of each diagram lie in the site.
DOWNLOADS = "_downloads/diagrams"
#: Options that would make the forms of a diagram disagree, with the reason for refusing each.
REFUSED = {
    "config": "no :config:, the look comes from the palette",
    "title": "no :title:, the title is accTitle in the source",
    "zoom": "no :zoom:, it needs a script from another host",
    "alt": "no :alt:, the description is accDescr in the source",
}


class diagram(nodes.General, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """A diagram in a document: ``code`` (Mermaid source), ``path`` (its file), ``uid`` (prefix of its ids) and ``kb_claims``.

    With ``bare`` it is shown without its text version, as in the gallery.
    """


class DiagramDirective(Mermaid):  # type: ignore[misc]  # sphinxcontrib-mermaid ships no types
    """``{mermaid} ../../diagrams/name.mmd`` with ``:name:``, ``:caption:`` and ``:align:``."""

    def run(self, **kwargs: Any) -> list[nodes.Node]:
        """Their nodes, with the file's name noted for messages and the claims of its lines for the page."""
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
                note_claims(env, node["code"], node["path"])
                domain_of(env).note_diagram(env.docname, node["path"])
        return result


def note_claims(env: BuildEnvironment, code: str, path: str) -> None:
    """Remember that the page being read shows the claims of a diagram."""
    domain = domain_of(env)
    try:
        for identifier in arrows.read(code, path, domain.knowledge.claims).claims:
            domain.note(env.docname, identifier)
    except Faulty:
        return  # told when the picture is made


class DrawDiagrams(SphinxPostTransform):
    """Replace sphinxcontrib-mermaid's nodes by :class:`diagram`."""

    default_priority = 190

    def run(self, **kwargs: Any) -> None:
        """Parse every source once; one that does not parse is reported and left out."""
        claims = domain_of(self.env).knowledge.claims
        for number, node in enumerate(list(self.document.findall(mermaid_node))):
            path = node.get("path", f"{self.env.docname}.md")
            try:
                shown = arrows.read(node["code"], path, claims)
                shown.place()
            except Faulty as error:
                for fault in error.faults:
                    warn(fault)
                node.replace_self(nodes.paragraph("", f"[{path}]"))
                continue
            made = diagram(code=node["code"], path=path, uid=uid(self.env.docname, number, path), bare=node.get("bare", False))
            made["ids"], made["names"] = node["ids"], node["names"]
            # The gallery would hold the findings of every diagram; its lines lead to the ledger instead.
            made["kb_claims"] = [] if made["bare"] else shown.claims
            node.replace_self(made)


def uid(docname: str, number: int, path: str) -> str:
    """The prefix of a picture's ids: the same in every build, another for each picture of a page."""
    return "mm-" + hashlib.sha256(f"{docname}/{number}/{path}".encode()).hexdigest()[:8]


def diagram_of(env: BuildEnvironment, node: diagram) -> Diagram:
    """What a node shows, with its claims."""
    return arrows.read(node["code"], node["path"], domain_of(env).knowledge.claims)


def glossary_address(env: BuildEnvironment, term: str) -> tuple[str, str] | None:
    """Page and anchor of a term, or None where the glossary has none."""
    objects = env.get_domain("std").data["objects"]
    if ("term", term) in objects:
        return cast("tuple[str, str]", objects[("term", term)])
    folded = {name.casefold(): place for (kind, name), place in objects.items() if kind == "term"}
    return folded.get(term.casefold())


def visit_html(self: HTML5Translator, node: diagram) -> None:
    """Inline SVG in a box that scrolls sideways on narrow screens, then the text version and the files."""
    env, current = self.builder.env, self.builder.current_docname
    shown = diagram_of(env, node)

    def address(box: Node) -> str:
        note = shown.notes.get(box.id)
        place = glossary_address(env, note.term) if note and note.term not in ("", NO_TERM) else None
        return f"{self.builder.get_relative_uri(current, place[0])}#{place[1]}" if place else ""

    def entry(claim: Claim) -> str:
        return domain_of(env).entry_address(self.builder, current, claim.id)

    def findings(arrow: Arrow) -> str:
        if not arrow.claim:
            return ""
        return entry(arrow.claim) if node["bare"] else f"#pop-{arrow.claim.id}"

    links = render.Links(findings, address)
    picture = render.draw(shown, node["uid"], links=links).svg
    anchors = "".join(f'<span id="{escape(identifier)}"></span>' for identifier in node["ids"])
    label = escape(f"Diagram: {shown.graph.title}", quote=True)
    steps = ' data-steps="yes"' if shown.graph.kind == "mechanism" and not node["bare"] else ""
    self.body.append(
        f'{anchors}<div class="kb-diagram"{steps}><div class="kb-picture" role="region" tabindex="0" aria-label="{label}">{picture}</div>'
    )
    if not node["bare"]:
        self.body.append(_words(shown, entry))
        up = self.builder.get_relative_uri(current, "index").rpartition("/")[0]
        base = escape(f"{up}/{DOWNLOADS}/{shown.name}" if up else f"{DOWNLOADS}/{shown.name}")
        self.body.append(
            f'<p class="kb-files">Download this diagram: <a href="{base}.svg" download>picture (SVG)</a>, '
            f'<a href="{base}.cx2" download>network for Cytoscape (CX2)</a></p>'
        )
    self.body.append("</div>")
    raise nodes.SkipNode


def _words(shown: Diagram, entry: Callable[[Claim], str]) -> str:
    """The text version: the description, then a sentence a line with the mark of its claim."""
    items = ""
    for arrow in shown.arrows:
        items += f'<li data-edge="{escape(arrow.edge.id)}"><span class="kb-step">{escape(describe.step(shown.graph, arrow))}</span>'
        if arrow.claim:
            items += f'<span class="kb-hidden"> ({escape(describe.evidence(arrow))})</span> {mark(arrow.claim, entry(arrow.claim))}'
        items += "</li>"
    return (
        f'<details class="kb-words"><summary>Read this diagram as text</summary><p>{escape(shown.graph.description)}</p>'
        f"<ol>{items}</ol></details>"
    )


def visit_text(self: TextTranslator, node: diagram) -> None:
    """The diagram in words."""
    self.new_state()
    self.add_text(describe.alternative(diagram_of(self.builder.env, node)))
    self.end_state()
    raise nodes.SkipNode


def _add_static(app: Sphinx) -> None:
    """Let Sphinx copy the diagrams' font, the step script and the style sheet made from the palette."""
    if not source.drawn_here():
        _LOGGER.info("diagrams: merman is not installed here; the recorded pictures are shown")
    if app.builder.format == "html":
        made = Path(app.doctreedir) / "static"
        made.mkdir(parents=True, exist_ok=True)
        (made / "diagrams.css").write_text(web_style_sheet(), encoding="utf-8")
        app.config.html_static_path += [str(STATIC), str(made)]


def _write_files(app: Sphinx, exception: Exception | None) -> None:
    """Each diagram as a picture that stands alone and as a network."""
    if exception is not None or app.builder.name != "html":
        return
    project, facts = here(), domain_of(app.env).knowledge
    folder = Path(app.outdir) / DOWNLOADS
    folder.mkdir(parents=True, exist_ok=True)
    molecules = {molecule.id: molecule for molecule in facts.molecules}
    for path in sorted(project.diagrams.glob("*.mmd")):
        shown = arrows.read(project.read(path), project.relative(path), facts.claims)
        (folder / f"{shown.name}.svg").write_text(render.draw(shown, f"kb-{shown.name}", print_colours=True).svg + "\n", encoding="utf-8")
        (folder / f"{shown.name}.cx2").write_text(exchange.cx2(shown, facts.sources, molecules), encoding="utf-8")


def setup_mermaid(app: Sphinx) -> None:
    """Register the directive, the node and the transform."""
    app.setup_extension("sphinxcontrib.mermaid")
    app.add_directive("mermaid", DiagramDirective, override=True)
    app.add_node(diagram, html=(visit_html, None), text=(visit_text, None))
    app.add_post_transform(DrawDiagrams)
    app.connect("builder-inited", _add_static)
    app.connect("build-finished", _write_files)
    app.add_css_file("diagrams.css")
    app.add_js_file("diagrams.js", loading_method="defer")
