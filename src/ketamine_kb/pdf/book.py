"""The ``book`` builder: the whole site as one PDF, ``book.pdf``."""

from __future__ import annotations

import datetime as dt
import fnmatch
import shutil
from collections.abc import Callable, Iterator, Set
from pathlib import Path

import pikepdf
import typst
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging

from ketamine_kb import manifest
from ketamine_kb.evidence import bibliography, crisis
from ketamine_kb.evidence.words import shown_in
from ketamine_kb.messages import Code, Fault
from ketamine_kb.pdf import counts
from ketamine_kb.pdf.writer import write
from ketamine_kb.pdf.writer_base import FONTS, INSIDE, Book, Place, label, line_of, literal
from ketamine_kb.pdf.writer_links import inside, note_label
from ketamine_kb.project import Faulty, here
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.pages import DISCLAIMER, long_date, status_of
from ketamine_kb.sphinxext.plot_nodes import plot
from ketamine_kb.sphinxext.report import warn

_LOGGER = logging.getLogger(__name__)
TEMPLATE = Path(__file__).with_name("book.typ")
GLOSSARY = "reference/glossary"
#: Headings of the parts that the book adds after its chapters.
CLAIMS, NUMBERS, INDEX = "Notes on claims", "Notes on numbers", "Index"

#: Resolved pages, each with its place in the book.
Documents = list[tuple[nodes.document, Place]]
#: Characters in a line, and lines on a page, of the lists at the front.
LINE, LINES = 80, 50
#: The deepest level of titles in the contents.
LISTED = 2


class BookBuilder(Builder):
    """Writes ``book.pdf``: every page in the order of the contents, with notes, lists and an index."""

    name = "book"
    format = "typst"
    epilog = "The book is in %(outdir)s."
    allow_parallel = False

    def get_outdated_docs(self) -> str:
        """Always the whole book: any page may move all that follow."""
        return "all pages, as one book"

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """An address inside the book."""
        return INSIDE + docname

    def get_relative_uri(self, from_: str, to: str, typ: str | None = None) -> str:
        """The same from everywhere."""
        return self.get_target_uri(to, typ)

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Nothing to prepare."""

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Unused: the book is written as one."""

    def write_documents(self, docnames: Set[str]) -> None:
        """Print the book; Sphinx may ask for fewer pages."""
        try:
            self._print()
        except Faulty as error:
            for fault in error.faults:
                warn(fault)

    # -- contents --------------------------------------------------------------------------------------------------------

    def _order(self) -> Iterator[tuple[str, int]]:
        """Every page of the book with the level of its title, in the order of the contents."""
        left_out: list[str] = self.config.kb_book_leave_out
        waiting, seen = [(self.config.root_doc, 0)], set[str]()
        while waiting:
            docname, depth = waiting.pop()
            if docname in seen:
                continue
            seen.add(docname)
            if not any(fnmatch.fnmatchcase(docname, pattern) for pattern in left_out):
                yield docname, max(depth, 1)
            waiting += [(child, depth + 1) for child in reversed(self.env.toctree_includes.get(docname, []))]

    def _status(self, docname: str) -> str:
        status = status_of(self.env.metadata[docname])
        return f"Evidence checked {long_date(status.evidence_checked)}. {status.review}" if status else ""

    def _documents(self) -> Documents:
        """The resolved pages, with the labels that their links want noted in the book that they share."""
        order = list(self._order())
        entries = bibliography.load(here()).data.entries
        sources = {nodes.make_id(f"source-{key}"): bibliography.address(entry)[1] for key, entry in entries.items()}
        book = Book(frozenset(docname for docname, _ in order), sources=sources)
        made = []
        numbers: list[int] = []
        for docname, depth in order:
            number = ""
            if docname != self.config.root_doc:
                numbers = [*numbers, *[0] * depth][:depth]
                numbers[-1] += 1
                number = ".".join(map(str, numbers))
            place = Place(book, docname, depth, number, self._status(docname))
            document = self.env.get_and_resolve_doctree(docname, self)
            for node in document.findall(nodes.Element):
                if node.tagname in ("reference", "number_reference") and (target := inside(node, place)):
                    book.wanted.add(label(target[1], target[0]))
                elif isinstance(node, nodes.term) and docname == GLOSSARY and node["ids"]:
                    book.wanted.add(label(node["ids"][0], docname))
            made.append((document, place))
        domain = domain_of(self.env)
        pages = ((key, domain.entry_page(key)) for key in domain.knowledge.claims)
        book.wanted |= {label(f"claim-{key}", page) for key, page in pages if page in book.held}
        return made

    # -- print -----------------------------------------------------------------------------------------------------------

    def _print(self) -> None:
        documents = self._documents()
        book = documents[0][1].book
        expected = counts.in_pages(documents)
        bodies: list[str] = []
        pictures: dict[str, str] = {}
        for document, place in documents:
            printed = write(document, self._page(place.docname), domain_of(self.env).knowledge.claims, place=place)
            bodies.append(printed.body)
            pictures.update(printed.pictures)
        if lost := lost_links(documents, self._page):
            raise Faulty(lost)
        terms = self._terms(documents)
        source = "".join([self._head(documents), *bodies, self._notes(book), terms])
        target = Path(self.outdir) / "book.pdf"
        self._compile(source, pictures, target)
        first = next(documents[0][0].findall(nodes.title)).astext()
        found = counts.in_pdf(target, first, CLAIMS, NUMBERS, INDEX)
        if lost := lost_things(found, expected, self._page(self.config.root_doc)):
            raise Faulty(lost)
        with pikepdf.open(target) as pdf:
            sheets = len(pdf.pages)
        title, days = f"{self.config.project}: the whole site as a book", self._checked(documents)
        held = manifest.note(target, page="", title=title, paper="A4", pages=sheets, checked=days[0], language=self.config.language)
        manifest.write(Path(self.outdir), self.name, [held])
        _LOGGER.info("printed the book: %d pages of the site; in the pages and in the PDF: %s", len(documents), found)

    def _checked(self, documents: Documents) -> list[str]:
        """The days on which the evidence of the pages was checked, the oldest first."""
        statuses = [status for _, place in documents if (status := status_of(self.env.metadata[place.docname]))]
        return sorted({status.evidence_checked.isoformat() for status in statuses}) or [""]

    def _page(self, docname: str) -> str:
        return here().relative(Path(self.env.doc2path(docname)))

    def _fault(self, code: Code, found: str, expected: str) -> Fault:
        return Fault(self._page(self.config.root_doc), 0, 0, code, found, expected, run="nox -s pdf")

    def _head(self, documents: Documents) -> str:
        """Cover, contents and lists."""
        statuses = [status for _, place in documents if (status := status_of(self.env.metadata[place.docname]))]
        days = sorted({status.evidence_checked for status in statuses})
        reviewed = sum(bool(status.reviewers) for status in statuses)
        language, _, region = self.config.language.partition("-")
        values = {
            "title": self.config.project,
            "author": self.config.author,
            "language": language,
            "region": region,
            "version": self.config.version,
            "checked": checked(days),
            "review": (
                f"Clinicians have reviewed {reviewed} of the {len(statuses)} pages in this book; below each title stands by whom."
                if reviewed
                else "No clinician has reviewed the pages of this book yet."
            ),
            "disclaimer": DISCLAIMER.replace("this page", "this book"),
            "rights": self.config.copyright,
        }
        given = ", ".join(f"{key}: {literal(str(value))}" for key, value in values.items())
        lines = crisis.load(here()).by_country(footer_only=True)
        shown = "".join(
            f"({literal(country)}, {literal('; '.join(f'{line.name}, {line.contact}' for line in group))}), "
            for country, group in lines.items()
        )
        names = "admonition, book, book-index, cited, entry, indexed, link, note, noted-at, numbered, seen, status, whole-page"
        titles = [next(document.findall(nodes.title)).astext() for document, place in documents if place.depth <= LISTED]
        figures = [node for document, _ in documents for node in document.findall(nodes.caption) if isinstance(node.parent, nodes.figure)]
        captions = [node.astext() for node in figures] + [node["title"] for document, _ in documents for node in document.findall(plot)]
        room = f"contents: {pages_of([*titles, CLAIMS, NUMBERS, INDEX])}, pictures: {pages_of(captions)}"
        return f'#import "book.typ": {names}\n#show: book.with({given}, {room}, crisis: ({shown}))\n'

    def _notes(self, book: Book) -> str:
        """A note for each claim and each number that the pages show, in the order of their marks."""
        domain = domain_of(self.env)
        parts = [_part(CLAIMS)]
        parts.append(
            "Each mark such as n1 in the text leads here: what is claimed in plain words, how sure it is, and in whom it was shown.\n"
        )
        for number, key in enumerate(book.claims, start=1):
            claim, page = domain.knowledge.claims[key], domain.entry_page(key)
            words = f"#{literal(claim.plain)}; #strong[#{literal(f'{claim.certainty}; shown in {shown_in(claim.shown_in)}.')}]"
            entry = label(f"claim-{key}", page)
            more = f" #link(<{entry}>)[Findings for and against];#seen(<{entry}>);" if page in book.held else ""
            parts.append(f'\n#note("n{number}")[{words}{more}] <{note_label("claim", key)}>\n')
        parts.append(_part(NUMBERS))
        parts.append("Each mark such as m1 in the text leads here: what the number means, and how it is made from the data of the trial.\n")
        for number, (request, (plain, working)) in enumerate(book.numbers.items(), start=1):
            parts.append(f'\n#note("m{number}")[#strong[#{literal(plain)};] #{literal(working)};] <{note_label("number", request)}>\n')
        return "".join(parts)

    def _terms(self, documents: Documents) -> str:
        """The index: every term of the glossary with the pages that use it."""
        found: list[tuple[str, str]] = []
        for document, place in documents:
            if place.docname == GLOSSARY:
                found += [(node.astext(), node["ids"][0]) for node in document.findall(nodes.term) if node["ids"]]
        rows = "".join(
            f"({literal(words)}, {literal(identifier)}), "
            for words, identifier in sorted(found, key=lambda pair: (pair[0].casefold(), pair[1]))
        )
        return f"{_part(INDEX)}#book-index(({rows}))\n"

    def _compile(self, source: str, pictures: dict[str, str], target: Path) -> None:
        """Set the book.

        :raises Faulty: for whatever Typst refuses or warns of.
        """
        work = Path(self.outdir).with_name("typst-book")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        shutil.copyfile(TEMPLATE, work / TEMPLATE.name)
        for name, picture in pictures.items():
            (work / name).write_text(picture, encoding="utf-8")
        main = work / "main.typ"
        main.write_text(source, encoding="utf-8")
        try:
            warnings = typeset(main, target)
        except typst.TypstError as error:
            warnings = [str(error)]
        if warnings:
            said = [" ".join(warning.split())[:300] for warning in warnings]
            raise Faulty([self._fault(Code.PRINT_FAILED, one, "a book that Typst can set") for one in said])


def pages_of(entries: list[str]) -> int:
    """About how many pages a list of contents will take."""
    lines = sum(1 + len(entry) // LINE for entry in entries)
    return max(1, -(-lines // LINES))


def _part(title: str) -> str:
    """The heading of a part that the book adds."""
    return f"\n#heading(level: 1)[{title}]\n#metadata({literal(title)}) <chapter>\n"


def lost_links(documents: Documents, page_of: Callable[[str], str]) -> list[Fault]:
    """Links to ids for which the writer set no label, each with its place.

    :param page_of: the file of a document, for messages.
    """
    faults = []
    for document, place in documents:
        for node in document.findall(nodes.Element):
            target = inside(node, place) if node.tagname in ("reference", "number_reference") else None
            if target and label(target[1], target[0]) not in place.book.placed:
                found = f"a link to {target[1]!r} in {page_of(target[0])}"
                page = page_of(place.docname)
                faults.append(Fault(page, line_of(node), 0, Code.PRINT_LINK, found, "something that the book holds", run="nox -s pdf"))
    return faults


def lost_things(found: counts.Counts, expected: counts.Counts, page: str) -> list[Fault]:
    """The message for a book that does not hold what its pages hold."""
    if found == expected:
        return []
    return [Fault(page, 0, 0, Code.PRINT_COUNTS, f"a book with {found}", str(expected), run="nox -s pdf")]


def typeset(main: Path, target: Path) -> list[str]:
    """Set a Typst file as PDF/UA-1 with the shipped fonts; what Typst warns of.

    :raises typst.TypstError: for what Typst refuses, such as a character without a glyph or a picture without words.
    """
    made, warnings = typst.compile_with_warnings(
        str(main), root=str(main.parent), font_paths=[str(FONTS)], ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    target.write_bytes(made)
    return [warning.message for warning in warnings]


def checked(days: list[dt.date]) -> str:
    """When the evidence was checked, in words."""
    if not days:
        return ""
    first, last = long_date(days[0]), long_date(days[-1])
    return f"Evidence checked {first}." if first == last else f"Evidence checked between {first} and {last}; below each title stands when."


def setup_book(app: Sphinx) -> None:
    """Register the builder."""
    app.add_builder(BookBuilder)
    app.add_config_value("kb_book_leave_out", [], "", types=frozenset({list}))
