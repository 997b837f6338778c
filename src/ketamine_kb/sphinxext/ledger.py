"""The ledger: ``{claim-ledger}`` shows the claims of one chapter with their findings, ``{claim-index}`` lists all in plain words."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from ketamine_kb.checks import ledger
from ketamine_kb.evidence import certainty
from ketamine_kb.evidence.model import Claim
from ketamine_kb.evidence.words import MEANING, RELATIONS, shown_in
from ketamine_kb.sphinxext.pages import today
from ketamine_kb.sphinxext.report import warn
from ketamine_kb.sphinxext.tables import FromFacts, certainty_words

#: Class of the parts that are left out in print.
LISTED = "kb-claims"
NO_BREAK = "\u00a0"


class Ledger(FromFacts):
    """The claims of the chapter that the argument names, each with its findings."""

    optional_arguments = 1

    def read_from(self, evidence: Path) -> list[Path]:
        """The file of the chapter."""
        return [evidence / "claims" / f"{chapter}.yaml" for chapter in self.arguments if chapter in self.knowledge.chapters]

    def make(self) -> list[nodes.Node]:
        """An entry a claim; an unknown chapter is told."""
        chapter = self.arguments[0] if self.arguments else ""
        identifiers = self.knowledge.chapters.get(chapter)
        if identifiers is None:
            warn(ledger.unknown_chapter(self.page, self.lineno, chapter, self.knowledge.chapters))
            return []
        title = nodes.title("", f"{counted(identifiers)}, each with its findings")
        return [nodes.section("", title, *(self.entry(self.knowledge.claims[key]) for key in identifiers), ids=[f"chapter-{chapter}"])]

    def entry(self, claim: Claim) -> nodes.Node:
        """One claim with its findings."""
        entry = nodes.container("", ids=[f"claim-{claim.id}"], classes=["kb-entry"])
        entry += nodes.paragraph("", "", nodes.strong("", claim.statement))
        entry += nodes.paragraph("", "In plain words: " + claim.plain)
        words = nodes.paragraph(
            "", "", *certainty_words(claim), nodes.Text(f": {MEANING[claim.certainty]}. Shown in: {shown_in(claim.shown_in)}. ")
        )
        words += nodes.Text(f"Reviewed {claim.reviewed.isoformat()}, next by {claim.review_by.isoformat()}. ")
        if certainty.overdue(claim, today()):
            words += [nodes.strong("", "Overdue: its sources should have been compared again."), nodes.Text(" ")]
        words += [nodes.Text("Address: "), nodes.literal("", claim.id)]
        entry += words
        for relation, title in RELATIONS.items():
            found = [item for item in claim.evidence if item.relation == relation]
            if found:
                entry += nodes.paragraph("", f"{title}:")
                entry += nodes.bullet_list(
                    "",
                    *(
                        nodes.list_item("", nodes.paragraph("", "", nodes.Text(item.finding + " "), *self.cite([item.source])))
                        for item in found
                    ),
                )
        return entry


class ClaimIndex(FromFacts):
    """The pages of the ledger, then every claim in plain words; each keeps its address here when it moves to another chapter."""

    def read_from(self, evidence: Path) -> list[Path]:
        """All files of claims."""
        return sorted((evidence / "claims").glob("*.yaml"))

    def make(self) -> list[nodes.Node]:
        """Links to the chapters, a list for each, and the claims that were taken back."""
        chapters = self.knowledge.chapters.items()
        pages = nodes.bullet_list("")
        for chapter, identifiers in chapters:
            number = nodes.Text(f" ({counted(identifiers).replace(' ', NO_BREAK)})")
            pages += nodes.list_item("", nodes.paragraph("", "", self.page_link(chapter), number))
        made: list[nodes.Node] = [pages]
        made += [self.chapter(chapter, identifiers) for chapter, identifiers in chapters]
        if self.knowledge.retired:
            made.append(self.retired())
        return made

    def page_link(self, chapter: str) -> nodes.Node:
        """A link to the page of a chapter, by its title."""
        return addnodes.pending_xref(
            "",
            nodes.inline("", chapter.capitalize()),
            refdomain="std",
            reftype="doc",
            reftarget=f"/{ledger.page_of(chapter)}",
            refdoc=self.env.docname,
            refexplicit=False,
            refwarn=True,
        )

    def chapter(self, chapter: str, identifiers: list[str]) -> nodes.Node:
        """The claims of a chapter, each a link to its entry."""
        title = nodes.title("", f"{chapter.capitalize()}: {counted(identifiers)} in plain words")
        rows = nodes.bullet_list("")
        for claim in (self.knowledge.claims[key] for key in identifiers):
            words = [self.claim_link(claim.id, claim.plain), nodes.Text(" "), *certainty_words(claim)]
            rows += nodes.list_item("", nodes.paragraph("", "", *words), ids=[f"claim-{claim.id}"])
        return nodes.section("", title, rows, ids=[f"chapter-{chapter}"], classes=[LISTED])

    def retired(self) -> nodes.Node:
        """Claims that were taken back, so that their addresses still answer."""
        section = nodes.section("", nodes.title("", "Claims taken back or replaced"), ids=["claims-taken-back"])
        for old in self.knowledge.retired.values():
            text = nodes.paragraph("", f"{old.id}: {old.reason} ({old.date.isoformat()}) ", ids=[f"claim-{old.id}"])
            if old.instead:
                text += self.claim_link(old.instead, "the claim that took its place")
            section += text
        return section


class LeaveOutList(SphinxPostTransform):
    """Take the list of all claims out of what is printed: their entries stand there, and nobody follows a link to find one."""

    default_priority = 5  # before the links are resolved
    formats = ("typst",)

    def run(self, **kwargs: object) -> None:
        """Remove each list with its heading."""
        for section in list(self.document.findall(nodes.section)):
            if LISTED in section["classes"] and section.parent is not None:
                section.parent.remove(section)


def counted(identifiers: list[str]) -> str:
    """``70 claims``."""
    return f"{len(identifiers)} claim{'' if len(identifiers) == 1 else 's'}"


def setup_ledger(app: Sphinx) -> None:
    """Register both directives and the transform."""
    app.add_directive(ledger.ENTRIES, Ledger)
    app.add_directive(ledger.LIST, ClaimIndex)
    app.add_post_transform(LeaveOutList)
