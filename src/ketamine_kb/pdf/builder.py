"""The ``handout`` builder: chosen pages as PDF, in A4 and Letter."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typst
from docutils import nodes
from pybtex.database import Entry
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from ketamine_kb.evidence import bibliography, crisis
from ketamine_kb.evidence.words import shown_in
from ketamine_kb.messages import Code, Fault
from ketamine_kb.pdf.writer import Printed, citation_mark, literal, write
from ketamine_kb.project import Faulty, here
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.pages import DISCLAIMER, long_date, status_of
from ketamine_kb.sphinxext.report import warn

_LOGGER = logging.getLogger(__name__)
HERE = Path(__file__).parent
FONTS = HERE.parent / "fonts"
#: File suffix and Typst's name of each paper.
PAPERS = {"a4": "a4", "letter": "us-letter"}


class KeepCitations(SphinxPostTransform):
    """Keep citation keys for print, before they are resolved to labels of the bibliography page."""

    default_priority = 5
    builders = ("handout",)

    def run(self, **kwargs: Any) -> None:
        """Replace each citation by a :class:`citation_mark`."""
        for node in list(self.document.findall(addnodes.pending_xref)):
            if node.get("refdomain") == "cite":
                keys = [key.strip() for key in node["reftarget"].split(",")]
                before = node.previous_sibling()
                if isinstance(before, nodes.Text):  # a raised number stands right after its word
                    before.parent.replace(before, nodes.Text(before.rstrip()))
                node.replace_self(citation_mark(keys=keys))


class HandoutBuilder(Builder):
    """Writes ``handout-<name>-a4.pdf`` and ``handout-<name>-letter.pdf`` for every page in ``kb_handouts``."""

    name = "handout"
    format = "typst"
    epilog = "The handouts are in %(outdir)s."
    allow_parallel = False

    def get_outdated_docs(self) -> Iterator[str]:
        """Every handout, every time: two pages take a fraction of a second."""
        yield from self.config.kb_handouts

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Links to other pages keep their words only, so the address is never printed."""
        return docname

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Nothing to prepare."""

    def write_documents(self, docnames: Set[str]) -> None:
        """Print the chosen pages; Sphinx may ask for more."""
        entries = bibliography.load(here()).data.entries
        for docname in self.config.kb_handouts:
            if docname not in self.env.found_docs:
                found = f"no page {docname!r}"
                warn(Fault("docs/conf.py", 0, 0, Code.FILE_MISSING, found, "pages of docs/ in kb_handouts", run="nox -s pdf"))
                continue
            try:
                self._print(docname, entries)
            except Faulty as error:
                for fault in error.faults:
                    warn(fault)

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Unused: handouts are written together."""

    def _print(self, docname: str, entries: dict[str, Entry]) -> None:
        page = here().relative(Path(self.env.doc2path(docname)))
        document = self.env.get_and_resolve_doctree(docname, self)
        printed = write(document, page, domain_of(self.env).knowledge.claims)
        name = docname.rsplit("/", 1)[-1]
        title = next(document.findall(nodes.title)).astext()
        for suffix, paper in PAPERS.items():
            target = Path(self.outdir) / f"handout-{name}-{suffix}.pdf"
            self._compile(printed, self._head(docname, title, paper, printed, entries), target, page)
        counted = ", ".join(f"{number} {what}" for what, number in printed.counts.items() if number)
        _LOGGER.info("printed %s (%s)", docname, counted)

    def _head(self, docname: str, title: str, paper: str, printed: Printed, entries: dict[str, Entry]) -> str:
        status = status_of(self.env.metadata[docname])
        lines = crisis.load(here()).by_country(footer_only=True)
        shown_lines: list[tuple[str, ...]] = [
            (country, "; ".join(f"{line.name}, {line.contact}" for line in group)) for country, group in lines.items()
        ]
        values = {
            "title": title,
            "language": self.config.language.partition("-")[0],
            "region": self.config.language.partition("-")[2],
            "version": self.config.version,
            "site": self.config.project,
            "checked": long_date(status.evidence_checked) if status else "",
            "review": status.review if status else "",
            "disclaimer": DISCLAIMER,
            "paper": paper,
        }
        given = ", ".join(f"{key}: {literal(value)}" for key, value in values.items())
        facts = domain_of(self.env).knowledge
        rows_of: dict[str, list[tuple[str, ...]]] = {
            "crisis": shown_lines,
            "notes": [
                (claim.plain, f"{claim.certainty}; shown in {shown_in(claim.shown_in)}")
                for claim in (facts.claims[key] for key in printed.claims)
            ],
            "numbers": list(printed.numbers.values()),
            "sources": [source_line(entries[key]) for key in printed.sources],
        }
        for key, rows in rows_of.items():
            given += f", {key}: (" + "".join("(" + "".join(f"{literal(word)}, " for word in row) + ")," for row in rows) + ")"
        return f'#import "handout.typ": handout, admonition, cited, noted\n#show: handout.with({given})\n'

    def _compile(self, printed: Printed, head: str, target: Path, page: str) -> None:
        work = Path(self.outdir).with_name("typst")
        work.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / "handout.typ", work / "handout.typ")
        for name, picture in printed.pictures.items():
            (work / name).write_text(picture, encoding="utf-8")
        source = work / f"{target.stem}.typ"
        source.write_text(head + printed.body, encoding="utf-8")
        try:
            typst.compile(
                str(source),
                output=str(target),
                root=str(work),
                font_paths=[str(FONTS)],
                ignore_system_fonts=True,
                pdf_standards=["ua-1"],
            )
        except typst.TypstError as error:
            found = " ".join(str(error).split())[:300]
            raise Faulty([Fault(page, 0, 0, Code.PRINT_FAILED, found, "a page that Typst can set", run="nox -s pdf")]) from error


def source_line(entry: Entry) -> tuple[str, str, str]:
    """A source for print: who, where and when; the words of its link; its most lasting address."""
    fields = entry.fields
    others = " and others" if len(entry.persons.get("author", [])) > 1 else ""
    # A web page is found by its title; what follows a colon or bracket there is left to the linked page.
    where = fields["journal"] if "doi" in fields or "pmid" in fields else re.split(r"[:;(]", fields["title"])[0].strip()
    words = f"{bibliography.issuer(entry)}{others}. {where}, {fields['year']}."
    words = words.replace("{", "").replace("}", "").replace("\\&", "&")
    shown, address = bibliography.address(entry)
    # On paper "web page" says nothing: print whose page it is.
    return words, urlsplit(address).netloc.removeprefix("www.") if shown == "web page" else shown, address


def setup_pdf(app: Sphinx) -> None:
    """Register the builder."""
    app.add_builder(HandoutBuilder)
    app.add_node(citation_mark)
    app.add_post_transform(KeepCitations)
    app.add_config_value("kb_handouts", [], "env", types=frozenset({list}))
