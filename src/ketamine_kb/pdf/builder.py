"""The ``handout`` builder: chosen pages as PDF, in A4 and Letter."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from pybtex.database import Entry
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.config import ENUM
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from ketamine_kb import manifest, settings
from ketamine_kb.checks import addresses, claims
from ketamine_kb.evidence import bibliography, certainty, crisis
from ketamine_kb.evidence.words import MEANING, SIGNS
from ketamine_kb.manifest import PrintedFile
from ketamine_kb.messages import Code, Fault
from ketamine_kb.pdf import handout
from ketamine_kb.pdf.handout import Print
from ketamine_kb.pdf.typeset import FONTS as FONTS
from ketamine_kb.pdf.typeset import Length, measure, typeset
from ketamine_kb.pdf.writer import Printed, citation_mark, literal, write
from ketamine_kb.project import Faulty, here
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.pages import DISCLAIMER, long_date, status_of, today
from ketamine_kb.sphinxext.report import warn

_LOGGER = logging.getLogger(__name__)
HERE = Path(__file__).parent


_SECTION = "\n#heading(level: 2)["


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
    """Writes ``handout-<name>-<paper>.pdf``, and for patients ``handout-<name>-large-<paper>.pdf``, for every page in ``kb_handouts``."""

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
        for left in Path(self.outdir).glob("handout-*.pdf"):
            left.unlink()  # of a handout that is gone, or that is not printed this time
        self.entries = bibliography.load(here()).data.entries
        printed: list[PrintedFile] = []
        try:
            region = self.config.kb_handout_region or os.environ.get("KB_REGION", "")
            self.crisis = handout.crisis_rows(crisis.load(here()), region)
            self.address = settings.load(here().root).site
            self.short = {page: word for word, page in addresses.short(here()).items()}
            chosen = [(docname, *handout.settings_of(docname, given)) for docname, given in self.config.kb_handouts.items()]
        except (Faulty, ValueError) as error:
            self._tell(error)
            return
        for docname, reader, _ in chosen:
            if docname not in self.env.found_docs:
                found = f"no page {docname!r}"
                warn(Fault("docs/conf.py", 0, 0, Code.FILE_MISSING, found, "pages of docs/ in kb_handouts", run="nox -s pdf"))
                continue
            try:
                printed += self._print(docname, reader)
            except Faulty as error:
                self._tell(error)
        manifest.write(Path(self.outdir), self.name, printed)

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Unused: handouts are written together."""

    def _tell(self, error: Faulty | ValueError) -> None:
        if isinstance(error, Faulty):
            for fault in error.faults:
                warn(fault)
        else:
            warn(Fault("pyproject.toml", 0, 0, Code.HANDOUT_SETTING, str(error), "an address, or nothing", run="nox -s pdf"))

    def _print(self, docname: str, reader: str) -> list[PrintedFile]:
        """Every print of one handout.

        :raises Faulty: when it cannot be printed, is too long, or shows what is overdue.
        """
        page = here().relative(Path(self.env.doc2path(docname)))
        late = self._overdue(docname, page)
        if late and self.config.kb_handout_overdue == "leave-out":
            _LOGGER.info("not printed: %s (overdue for review)", docname)
            return []
        if late:
            raise Faulty(late)
        document = self.env.get_and_resolve_doctree(docname, self)
        printed = write(document, page, domain_of(self.env).knowledge.claims)
        name, title = docname.rsplit("/", 1)[-1], next(document.findall(nodes.title)).astext()
        status = status_of(self.env.metadata[docname])
        made: list[PrintedFile] = []
        lengths: list[tuple[handout.Paper, Print, Length]] = []
        for prefix, sizes in handout.PRINTS[reader].items():
            for suffix, paper in handout.PAPERS.items():
                target = Path(self.outdir) / f"handout-{name}-{prefix}{suffix}.pdf"
                source = self._source(target.stem, self._text(docname, title, paper, sizes, printed), printed.pictures)
                typeset(source, target, page)
                length = measure(source, paper.height)
                lengths.append((paper, sizes, length))
                checked = status.evidence_checked.isoformat() if status else ""
                kind = "large print" if sizes.large else ""
                made.append(
                    manifest.note(
                        target,
                        page=docname,
                        title=title,
                        paper=paper.name,
                        kind=kind,
                        pages=length.pages,
                        checked=checked,
                        language=self.config.language,
                    )
                )
        self._refuse_too_long(document, page, lengths)
        counted = ", ".join(f"{number} {what}" for what, number in printed.counts.items() if number)
        _LOGGER.info("printed %s (%s)", docname, counted)
        return made

    def _overdue(self, docname: str, page: str) -> list[Fault]:
        """What a handout shows whose next review was due: itself, claims of its sentences, claims of its diagrams."""
        status = status_of(self.env.metadata[docname])
        expected = "its findings compared with their sources again and new dates, or its sentence cut"
        late: list[Fault] = []
        if status and status.overdue:
            found = f"this handout was due for review on {status.review_by}"
            what = "its sentences compared with their sources again, and new dates"
            late.append(Fault(page, 2, 0, Code.HANDOUT_OVERDUE, found, what, run="nox -s pdf"))
        domain, project = domain_of(self.env), here()
        places = [(page, *place) for place in claims.cited(project.read(Path(self.env.doc2path(docname))))]
        for path in domain.data["diagrams"].get(docname, ()):
            places += [(path, identifier, line, 0) for identifier, line in claims.drawn(project.read(project.root / path))]
        told: set[str] = set()
        for path, identifier, line, column in places:
            claim = domain.knowledge.claims.get(identifier)
            if claim and identifier not in told and certainty.overdue(claim, today()):
                told.add(identifier)
                found = f"claim {identifier!r} was due for review on {claim.review_by}"
                late.append(Fault(path, line, column, Code.HANDOUT_OVERDUE, found, expected, run="nox -s pdf"))
        return late

    def _refuse_too_long(self, document: nodes.document, page: str, lengths: list[tuple[handout.Paper, Print, Length]]) -> None:
        """One message for all papers: by how many lines the longest is over, and which section takes most."""
        most = self.config.kb_handout_pages
        paper, sizes, length = max(lengths, key=lambda item: 0 if item[1].large else item[2].over(most))
        over = 0 if sizes.large else length.over(most)
        if not over:
            return
        sections = [node for node in document.findall(nodes.section) if not isinstance(node.parent, nodes.document)]
        taken = list(zip(length.sections(), sections, strict=False))
        lines, longest = max(taken, key=lambda item: item[0])
        heading = next(longest.findall(nodes.title)).astext()
        found = f"{over} line{'' if over == 1 else 's'} too long for {most} pages of {paper.name} at {sizes.body:g} pt"
        expected = f"{over} lines cut, first from the longest section {heading!r} ({lines} lines)"
        raise Faulty([Fault(page, longest.line or 0, 0, Code.HANDOUT_LONG, found, expected, run="nox -s pdf")])

    def _text(self, docname: str, title: str, paper: handout.Paper, sizes: Print, printed: Printed) -> str:
        """The text of the page with the call of the template, which sets all that stands around it."""
        status = status_of(self.env.metadata[docname])
        index = self.env.titles.get("handouts/index")
        place = f"look for “{index.astext()}”, then “{title}”" if index is not None else f"look for “{title}”"
        values = {
            "title": title,
            "language": self.config.language.partition("-")[0],
            "region": self.config.language.partition("-")[2],
            "version": self.config.version,
            "site": self.config.project,
            "checked": long_date(status.evidence_checked) if status else "",
            "review": status.review if status else "",
            "disclaimer": DISCLAIMER,
            "paper": paper.typst,
            "address": self._address(docname),
            "place": place,
        }
        given = ", ".join(f"{key}: {literal(value)}" for key, value in values.items())
        given += f", body-size: {sizes.body}pt, table-size: {sizes.table}pt, small: {sizes.small}pt, least: {sizes.least}pt"
        given += f", large: {str(sizes.large).lower()}"
        known = domain_of(self.env).knowledge.claims
        words_used = [word for word in SIGNS if word in {known[key].certainty for key in printed.claims}]
        signs_used = [(SIGNS[word], f"{word}: {MEANING[word]}") for word in words_used]
        said = f"{DISCLAIMER} Evidence checked {values['checked']}. {values['review']}" if sizes.large else ""
        rows_of: dict[str, Iterable[tuple[str, ...]]] = {
            "crisis": self.crisis,
            "numbers": list(printed.numbers.values()),
            "sources": [source_line(self.entries[key]) for key in printed.sources],
        }
        for key, rows in rows_of.items():
            given += f", {key}: {array(rows)}"
        # A sentence shows how sure its claim is; the numbers of trials keep their numbered notes.
        signs = "".join(f"n{number}: {literal(SIGNS[known[key].certainty])}, " for number, key in enumerate(printed.claims, start=1))
        noted = f"#let signs = ({signs or ':'})\n#let noted(mark) = if mark in signs {{ marked(signs.at(mark)) }} else {{ raised(mark) }}\n"
        head = f'#import "handout.typ": handout, admonition, cited, raised, marked, opening\n{noted}#show: handout.with({given})\n'
        # Under the title, before the first section.
        # A mark of certainty stays on the line of its sentence.
        body = re.sub(r' ";#noted\("n', '\N{NO-BREAK SPACE}";#noted("n', printed.body)
        return head + body.replace(_SECTION, f"\n#opening({sizes.small}pt, {array(signs_used)}, {literal(said)})\n{_SECTION}", 1)

    def _address(self, docname: str) -> str:
        """The address that paper shows: the short one where there is one; nothing before the site has one."""
        if not self.address:
            return ""
        return f"{self.address}/{self.short[docname]}/" if docname in self.short else f"{self.address}/{docname}.html"

    def _source(self, stem: str, text: str, pictures: dict[str, str]) -> Path:
        """The Typst file of one print, with the template and pictures beside it."""
        work = Path(self.outdir).with_name("typst")
        work.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / "handout.typ", work / "handout.typ")
        address = re.search(r'address: "(https://[^"]*)"', text)
        for name, picture in {**pictures, **({"qr.svg": handout.qr_code(address[1])} if address else {})}.items():
            (work / name).write_text(picture, encoding="utf-8")
        source = work / f"{stem}.typ"
        source.write_text(text, encoding="utf-8")
        return source


def array(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows of words as a Typst array of arrays."""
    return "(" + "".join("(" + "".join(f"{literal(word)}, " for word in row) + ")," for row in rows) + ")"


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
    app.add_config_value("kb_handout_region", "", "", types=frozenset({str}))
    app.add_config_value("kb_handout_pages", handout.MOST_PAGES, "", types=frozenset({int}))
    app.add_config_value("kb_handout_overdue", "fail", "", types=ENUM("fail", "leave-out"))
