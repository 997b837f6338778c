"""Pages made from diagrams: the evidence behind each line of one diagram, and the gallery of all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinxcontrib.mermaid import mermaid as mermaid_node

from ketamine_kb.diagrams import arrows, describe
from ketamine_kb.diagrams.arrows import Diagram
from ketamine_kb.evidence.words import FIRM, SIGNS, shown_in
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, here
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.mermaid import note_claims
from ketamine_kb.sphinxext.report import warn
from ketamine_kb.sphinxext.tables import FromFacts, Rows, certainty_words, table


class gallery_uses(nodes.General, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """Where a diagram is shown, filled in when every page has been read: ``path``."""


class DiagramEvidence(FromFacts):
    """``{diagram-evidence} ../../diagrams/name.mmd``: a row a line of the diagram, with its claim and its sources."""

    required_arguments = 1
    final_argument_whitespace = True

    def read_from(self, evidence: Path) -> list[Path]:
        """Its claims are followed one by one."""
        return []

    def make(self) -> list[nodes.Node]:
        """The table."""
        shown = self.read(self.arguments[0])
        if shown is None:
            return []
        note_claims(self.env, shown.text, shown.path)
        rows: Rows = []
        for arrow in shown.arrows:
            if arrow.claim is None:
                continue
            found = [nodes.Text(arrow.claim.statement + " "), self.claim_link(arrow.claim.id, "Findings for and against")]
            words: list[nodes.Node] = [nodes.Text(describe.step(shown.graph, arrow))]
            species: list[nodes.Node] = [nodes.Text(shown_in(arrow.claim.shown_in))]
            rows.append([words, found, certainty_words(arrow.claim), species, self.cite(arrow.claim.sources)])
        caption = f"The evidence behind each line of “{shown.graph.title}”, in the order of the text version"
        made = table(caption, ["Line", "What is claimed", "Certainty", "Shown in", "Sources"], rows, (20, 34, 15, 13, 18))
        made["kb_diagram"] = shown.name
        return [made]

    def read(self, argument: str) -> Diagram | None:
        """The diagram of a file named as in the ``{mermaid}`` directive; a fault is told once."""
        _, filename = self.env.relfn2path(argument)
        path = Path(filename).resolve()
        project = here()
        if not path.is_relative_to(project.diagrams.resolve()) or not path.is_file():
            warn(Fault(self.page, self.lineno, 0, Code.FILE_MISSING, f"no file {argument}", "a file in diagrams/"))
            return None
        self.env.note_dependency(str(path))
        try:
            return arrows.read(project.read(path), project.relative(path), self.knowledge.claims)
        except Faulty as error:
            for fault in error.faults:
                warn(fault)
            return None


class Gallery(FromFacts):
    """Every diagram with where it is shown, how many lines of each certainty it has, and its files."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def make(self) -> list[nodes.Node]:
        """A section a diagram, after a table of counts."""
        project = here()
        shown = []
        for path in sorted(project.diagrams.glob("*.mmd")):
            self.env.note_dependency(str(path))
            try:
                shown.append(arrows.read(project.read(path), project.relative(path), self.knowledge.claims))
            except Faulty as error:
                for fault in error.faults:
                    warn(fault)
        made: list[nodes.Node] = [self.counts(shown)]
        made += [self.section(one) for one in sorted(shown, key=lambda one: one.graph.title)]
        return made

    def counts(self, shown: list[Diagram]) -> nodes.Node:
        """Lines by certainty."""
        rows: Rows = []
        for one in sorted(shown, key=lambda one: one.graph.title):
            link = nodes.reference("", one.graph.title, internal=True, refid=f"diagram-{one.name}")
            rows.append([[link], [nodes.Text(str(len(one.graph.nodes)))], [nodes.Text(lines_by_certainty(one))]])
        total = sum(len(one.arrows) for one in shown)
        firm = sum(arrow.certainty in FIRM for one in shown for arrow in one.arrows)
        caption = f"{len(shown)} diagrams with {total} lines, {firm} of them firm"
        return table(caption, ["Diagram", "Boxes", "Lines by certainty"], rows, (48, 10, 42))

    def section(self, one: Diagram) -> nodes.Node:
        """One diagram: where it is shown, its picture, its files."""
        section = nodes.section("", nodes.title("", one.graph.title), ids=[f"diagram-{one.name}"])
        kind = "an orientation: it explains an order or a choice, not a mechanism" if one.graph.kind == "orientation" else "a mechanism"
        section += nodes.paragraph("", f"This is {kind}. {one.graph.description}")
        section += nodes.paragraph("", "", nodes.Text("Shown on: "), gallery_uses(path=one.path))
        picture = mermaid_node()
        picture["code"], picture["path"], picture["bare"] = one.text, one.path, True
        section += picture
        note_claims(self.env, one.text, one.path)
        return section


def lines_by_certainty(one: Diagram) -> str:
    """How many lines of each certainty a diagram has, in words, the surest first."""
    of = {word: sum(arrow.certainty == word for arrow in one.arrows) for word in SIGNS}
    parts = [f"{of[word]} {sign} {word}" for word, sign in SIGNS.items() if of[word]]
    if order := sum(not arrow.claim for arrow in one.arrows):
        parts.append(f"{order} that only say what comes next")
    return f"{len(one.arrows)}: " + ", ".join(parts)


class FillUses(SphinxPostTransform):
    """Write the links to the pages that show each diagram."""

    default_priority = 8

    def run(self, **kwargs: Any) -> None:
        """The pages that noted the diagram when they were read."""
        wanted = list(self.document.findall(gallery_uses))
        if not wanted:
            return
        shown: dict[str, list[str]] = domain_of(self.env).data["diagrams"]
        for node in wanted:
            links: list[nodes.Node] = []
            for docname in sorted(name for name, paths in shown.items() if node["path"] in paths):
                title = self.env.titles[docname].astext()
                inner = nodes.inline("", title)
                facts = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{docname}", "refdoc": self.env.docname}
                link = addnodes.pending_xref("", inner, refexplicit=True, refwarn=True, **facts)
                links += [nodes.Text("; "), link] if links else [link]
            node.replace_self(links or [nodes.Text("no page")])


def setup_gallery(app: Sphinx) -> None:
    """Register the directives and the transform."""
    app.add_directive("diagram-evidence", DiagramEvidence)
    app.add_directive("diagram-gallery", Gallery)
    app.add_node(gallery_uses)
    app.add_post_transform(FillUses)
