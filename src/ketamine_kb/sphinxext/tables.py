"""Pages made from data: claim tables, clinic statements, sources, and the rules of certainty."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ketamine_kb.evidence import certainty, status
from ketamine_kb.evidence.bibliography import DESIGNS
from ketamine_kb.evidence.model import Claim, Finding, Knowledge
from ketamine_kb.evidence.words import MEANING, RELATIONS, SIGNS, SPECIES, shown_in
from ketamine_kb.memory import collector_paused
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import here
from ketamine_kb.sphinxext.claims import domain_of, unknown_claim
from ketamine_kb.sphinxext.report import warn

#: Cells by row, each a list of nodes.
Rows = list[list[list[nodes.Node]]]

VERDICTS = {
    "supported": "The evidence supports it.",
    "supported-with-limits": "The evidence supports it, with limits.",
    "mixed": "The evidence is mixed.",
    "weak": "The evidence is weak.",
    "contradicted": "The evidence contradicts it.",
    "not-a-claim": "It says nothing that can be tested.",
}
SEEN = {"fulltext": "full text", "abstract": "abstract", "citation": "citation only"}


class FromFacts(SphinxDirective):
    """Base: makes nodes from the facts; subclasses implement :meth:`make`."""

    option_spec: ClassVar[dict[str, Any]] = {}
    #: The files of evidence/ that it reads, so that only a change of these makes its page be read again; none named is all.
    files: ClassVar[tuple[str, ...]] = ()

    @property
    def knowledge(self) -> Knowledge:
        """All facts."""
        return domain_of(self.env).knowledge

    @property
    def page(self) -> str:
        """The page's file, for messages."""
        return here().relative(self.env.doc2path(self.env.docname))

    def run(self) -> list[nodes.Node]:
        """The nodes, and the page rebuilt when a fact that it reads changes."""
        for path in self.read_from(here().evidence):
            self.env.note_dependency(str(path))
        with collector_paused():
            return self.make()

    def read_from(self, evidence: Path) -> list[Path]:
        """The files whose change makes the page be read again, besides the claims that it notes one by one."""
        # Numbers of trials are followed by their content, page by page (ketamine_kb.sphinxext.stats).
        return [evidence / name for name in self.files] or [path for path in sorted(evidence.rglob("*.yaml")) if path.name != "trials.yaml"]

    def make(self) -> list[nodes.Node]:
        """What the directive shows."""
        raise NotImplementedError

    def cite(self, keys: list[str]) -> list[nodes.Node]:
        """Citations of some sources, as the page would write them."""
        if not keys:
            return []
        # The role itself instead of a parsed "{cite:p}`...`": the ledger cites once a finding, and parsing was most of its cost.
        role = self.env.get_domain("cite").role("p")
        assert role is not None
        made, _ = role("cite:p", "", ",".join(keys), self.lineno, self.state.inliner)
        return made

    def claim_link(self, identifier: str, text: str) -> nodes.Node:
        """A link to a claim in the ledger."""
        inner = nodes.inline("", text)
        # Resolved when a page is written, because each output has addresses of its own.
        return addnodes.pending_xref(
            "", inner, refdomain="kb", reftype="claim", reftarget=identifier, refdoc=self.env.docname, refexplicit=True, refwarn=True
        )


class ClaimTable(FromFacts):
    """A table of claims: named in the content, one id a line, or chosen by the options."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "chapter": directives.unchanged_required,
        "certainty": directives.unchanged_required,
        "species": directives.unchanged_required,
        "source": directives.unchanged_required,
        "caption": directives.unchanged,
    }

    def read_from(self, evidence: Path) -> list[Path]:
        """Named claims are followed one by one; a filter may choose other claims after any change."""
        return [] if any(line.strip() for line in self.content) else sorted((evidence / "claims").glob("*.yaml"))

    def make(self) -> list[nodes.Node]:
        """One row a claim: statement with a link to its findings, certainty, shown in, sources."""
        domain = domain_of(self.env)
        rows: Rows = []
        for claim in self.choose():
            domain.note(self.env.docname, claim.id)
            statement = [nodes.Text(claim.statement + " "), self.claim_link(claim.id, "Details")]
            rows.append([statement, certainty_words(claim), [nodes.Text(shown_in(claim.shown_in))], self.cite(claim.sources)])
        caption = self.options.get("caption", "What is claimed here, how sure it is, and in whom it was shown")
        return [table(caption, ["Statement", "Certainty", "Shown in", "Sources"], rows, (52, 16, 14, 18))]

    def choose(self) -> list[Claim]:
        """The claims named or filtered; an unknown name is told once."""
        claims = self.knowledge.claims
        named = [line.strip() for line in self.content if line.strip()]
        chosen: list[Claim] = []
        for offset, identifier in enumerate(named):
            if identifier in claims:
                chosen.append(claims[identifier])
            else:
                warn(unknown_claim(self.knowledge, identifier, self.page, self.lineno + offset + 1))
        if named:
            return chosen
        wanted = {key: self.options.get(key, "") for key in ("chapter", "certainty", "species", "source")}
        known = {
            "chapter": list(self.knowledge.chapters),
            "certainty": list(MEANING),
            "species": list(SPECIES),
            "source": list(self.knowledge.sources),
        }
        for key, word in wanted.items():
            if word and word not in known[key]:
                expected = "one of " + ", ".join(known[key][:12])
                warn(Fault(self.page, self.lineno, 0, Code.CLAIM_UNKNOWN, f"{key} {word!r}", expected, nearest(word, known[key])))
        return [
            claim
            for chapter, identifiers in self.knowledge.chapters.items()
            for claim in (claims[identifier] for identifier in identifiers)
            if (not wanted["chapter"] or chapter == wanted["chapter"])
            and (not wanted["certainty"] or claim.certainty == wanted["certainty"])
            and (not wanted["species"] or wanted["species"] in claim.shown_in)
            and (not wanted["source"] or wanted["source"] in claim.sources)
        ]


class Statements(FromFacts):
    """What clinic pages say, with our verdict, the reason and the claims that decide it."""

    def make(self) -> list[nodes.Node]:
        """One row a statement."""
        domain = domain_of(self.env)
        rows: Rows = []
        for statement in self.knowledge.statements:
            links: list[nodes.Node] = []
            for identifier in statement.claims:
                domain.note(self.env.docname, identifier)
                if links:
                    links.append(nodes.Text(", "))
                links.append(self.claim_link(identifier, identifier.replace("-", " ")))
            verdict = nodes.strong("", VERDICTS[statement.verdict])
            rows.append([[nodes.Text(statement.says)], [verdict, nodes.Text(" " + statement.reason)], links])
        return [
            table(
                "Clinic claims, checked", ["What clinic pages say", "What the evidence says", "Claims that decide it"], rows, (36, 40, 24)
            )
        ]


class Sources(FromFacts):
    """Every source: kind of study, how much was read, what it supports and disputes."""

    def make(self) -> list[nodes.Node]:
        """One row a source that a claim uses."""
        uses: dict[str, list[tuple[Finding, Claim]]] = {}
        for claim in self.knowledge.claims.values():
            for item in claim.evidence:
                uses.setdefault(item.source, []).append((item, claim))
        rows: Rows = []
        for key in sorted(uses, key=lambda key: (self.knowledge.sources[key].issuer.casefold(), key)):
            source = self.knowledge.sources[key]
            species = sorted({SPECIES[name] for item, _ in uses[key] for name in item.shown_in})
            bears: list[nodes.Node] = []
            for relation in RELATIONS:
                for identifier in dict.fromkeys(claim.id for item, claim in uses[key] if item.relation == relation):
                    bears += [nodes.Text(f"{'; ' if bears else ''}{relation} "), self.claim_link(identifier, identifier.replace("-", " "))]
            people = f"; {source.size:,} people" if source.size else ""
            kind = nodes.Text(f"{DESIGNS[source.design]}{people}; {SEEN[source.verified]} read")
            rows.append([self.cite([key]), [kind], [nodes.Text(", ".join(species))], bears, [nodes.Text(self.status_words(key))]])
        head = ["Source", "Kind, size and reading", "Shown in", "Bears on", "Status"]
        return [table(f"The {len(rows)} sources behind the claims", head, rows, (16, 20, 14, 36, 14))]

    def status_words(self, key: str) -> str:
        """What the registries said of a source, and when."""
        results = domain_of(self.env).standing.get(key, {}).values()
        if not results:
            return "not yet asked"
        said = status.overall(results).value.replace("-", " ")
        return f"{said}, asked {max(result.checked for result in results).isoformat()}"


class Rules(FromFacts):
    """The words of certainty and the rules behind them, from the rules' own descriptions."""

    def make(self) -> list[nodes.Node]:
        """A table of words, then the list of rules."""
        rows: Rows = [
            [[nodes.strong("", f"{SIGNS[word]} {word}")], [nodes.Text(meaning[0].upper() + meaning[1:] + ".")]]
            for word, meaning in MEANING.items()
        ]
        items = []
        for named in certainty.RULES:
            parsed, _ = self.parse_inline(" ".join(inspect.getdoc(named.rule).split()), lineno=self.lineno)  # type: ignore[union-attr]
            items.append(nodes.list_item("", nodes.paragraph("", "", *parsed)))
        return [table("The words of certainty", ["Word", "Meaning"], rows, (25, 75)), nodes.bullet_list("", *items)]


def certainty_words(claim: Claim) -> list[nodes.Node]:
    """The sign and the word."""
    return [nodes.inline("", f"{SIGNS[claim.certainty]} {claim.certainty}", classes=["kb-certainty", f"kb-chip-{claim.certainty}"])]


def table(caption: str, head: list[str], rows: Rows, widths: tuple[int, ...]) -> nodes.table:
    """A table with a caption, a header row and one paragraph a cell."""
    made = nodes.table("", nodes.title("", caption), classes=["colwidths-given", "kb-facts"])
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(widths))
    made += group

    def row(cells: list[list[nodes.Node]]) -> nodes.row:
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))

    group += nodes.thead("", row([[nodes.Text(word)] for word in head]))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return made


def setup_tables(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("claim-table", ClaimTable)
    app.add_directive("clinic-statements", Statements)
    app.add_directive("claim-sources", Sources)
    app.add_directive("certainty-rules", Rules)
