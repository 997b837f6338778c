"""The printed book: everything of the site in one tagged PDF, nothing lost, nothing cut, nothing too small, the same bytes each time."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
import typst
from docutils import nodes
from docutils.utils import new_document

from ketamine_kb.diagrams import describe
from ketamine_kb.evidence import bibliography, crisis, load
from ketamine_kb.pdf import counts
from ketamine_kb.pdf.book import lost_links, lost_things, typeset
from ketamine_kb.pdf.writer_base import Book, Place
from ketamine_kb.project import Project
from ketamine_kb.sphinxext.claims import claim_chip
from ketamine_kb.sphinxext.pages import DISCLAIMER
from ketamine_kb.sphinxext.stats import trial_number
from tests import running
from tests.conftest import ROOT, Copy, copy_project
from tests.diagrams.examples import SOURCES, real

#: Height of a line of Inter as Poppler tells it, in parts of the size.
HEIGHT = 1.21
#: The foot of the page, in points from the top.
FOOT = 842 - 48
PARTS = ("Notes on claims", "Notes on numbers", "Index")


@pytest.fixture(scope="session")
def path(handouts: Path) -> Path:
    return handouts / "book.pdf"


@pytest.fixture(scope="session")
def pdf(path: Path) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(path) as opened:
        yield opened


@pytest.fixture(scope="session")
def tree(pdf: pikepdf.Pdf) -> list[tuple[str, pikepdf.Dictionary]]:
    """Every structure element with its tag, in reading order."""
    return [(str(element.S), element) for element in counts.elements(pdf)]


@dataclass(frozen=True)
class Word:
    page: int
    text: str
    top: float
    bottom: float

    @property
    def size(self) -> float:
        return (self.bottom - self.top) / HEIGHT


@pytest.fixture(scope="session")
def words(path: Path) -> list[Word]:
    """Every word with its place, in points from the top of its page; needs Poppler."""
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext on this machine (Debian: poppler-utils)")
    told = running.run(["pdftotext", "-bbox", path, "-"])
    assert told.code == 0, told.err
    found: list[Word] = []
    page = 0
    for line in told.out.splitlines():
        page += line.lstrip().startswith("<page ")
        if match := re.search(r'yMin="([\d.]+)" .*yMax="([\d.]+)">(.*)</word>', line):
            found.append(Word(page, match[3], float(match[1]), float(match[2])))
    return found


def headings(pdf: pikepdf.Pdf) -> list[tuple[str, int, float, int]]:
    """Title, page from 1, points from the top, and depth of each entry of the outline."""
    places = counts.Destinations(pdf)
    found = []
    with pdf.open_outline() as outline:
        waiting = [(item, 1) for item in reversed(outline.root)]
        while waiting:
            item, depth = waiting.pop()
            place = places.explicit(item.destination)
            found.append((item.title, places.page(place) + 1, 841.89 - float(place[3]), depth))
            waiting += [(child, depth + 1) for child in reversed(item.children)]
    return found


def test_it_says_what_it_is(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    assert str(root.Lang) == "en-GB"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    xmp = bytes(root.Metadata.read_bytes()).decode("utf-8")
    assert re.search(r"pdfuaid:part[^0-9]{1,3}1", xmp)
    assert "How Ketamine Works" in xmp
    assert {tuple(float(number) for number in page.mediabox) for page in pdf.pages} == {(0, 0, 595.2756, 841.8898)}


def test_no_level_of_heading_is_skipped_and_the_outline_is_the_headings(
    pdf: pikepdf.Pdf, tree: list[tuple[str, pikepdf.Dictionary]]
) -> None:
    levels = [int(tag[2]) for tag, _ in tree if re.fullmatch(r"/H[1-6]", tag)]
    assert levels[0] == 1
    assert [pair for pair in itertools.pairwise(levels) if pair[1] > pair[0] + 1] == []
    assert [depth for _, _, _, depth in headings(pdf)] == levels


def test_chapters_stand_in_the_order_of_the_site(pdf: pikepdf.Pdf) -> None:
    first = [title for title, _, _, depth in headings(pdf) if depth == 1]
    numbered = [int(found[1]) for title in first if (found := re.match(r"(\d+) ", title))]
    assert numbered == list(range(1, len(numbered) + 1))
    assert len(numbered) == 12
    pages = [(int(found[1]), int(found[2])) for title, *_ in headings(pdf) if (found := re.match(r"(\d+)\.(\d+) ", title))]
    assert len(pages) > 50
    assert all(
        page == (chapter, number + 1) or (page[0] > chapter and page[1] == 1)
        for (chapter, number), page in itertools.pairwise([(0, 0), *pages])
    )
    assert tuple(first[-3:]) == PARTS


def test_each_figure_is_told_in_words_that_are_not_its_caption(tree: list[tuple[str, pikepdf.Dictionary]]) -> None:
    alternatives = [str(node.get("/Alt", "")) for tag, node in tree if tag == "/Figure"]
    assert all(len(words) > 60 for words in alternatives)
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md") if "handouts" not in path.parts]
    for source in SOURCES:  # once on each of its pages and once in the gallery
        shown = sum(page.count(f"diagrams/{source.name}\n:") for page in pages)
        assert alternatives.count(describe.alternative(real(source))) == shown + 1, source.name
    captions = {str(node.get("/ActualText", "")) for tag, node in tree if tag == "/Caption"}
    assert not captions & set(alternatives)


def test_each_table_has_header_cells(tree: list[tuple[str, pikepdf.Dictionary]]) -> None:
    tables = [node for tag, node in tree if tag == "/Table"]
    assert len(tables) > 100
    for table in tables:
        tags = Counter(str(node.S) for node in _inside(table))
        assert tags["/TH"] >= 2
        assert tags["/TD"] >= tags["/TH"] - 1


def _inside(node: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
    kids = node.get("/K")
    for kid in list(kids) if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            if "/S" in kid:
                yield kid
            yield from _inside(kid)


def test_no_row_of_a_table_is_cut_at_the_edge_of_a_page(tree: list[tuple[str, pikepdf.Dictionary]]) -> None:
    rows = [node for tag, node in tree if tag == "/TR"]
    assert len(rows) > 1000
    cut = [row for row in rows if len({node.Pg.objgen for node in _inside(row) if "/Pg" in node}) > 1]
    assert cut == []


def test_no_figure_is_cut_at_the_edge_of_a_page(tree: list[tuple[str, pikepdf.Dictionary]]) -> None:
    boxes = [attributes for tag, node in tree if tag == "/Figure" for attributes in node.A if "/BBox" in attributes]
    assert len(boxes) > 20
    for box in boxes:
        left, bottom, right, top = (float(number) for number in box.BBox)
        assert 30 <= left < right <= 566
        assert 30 <= bottom < top <= 812


def test_links_are_tagged_and_say_where_they_go(pdf: pikepdf.Pdf) -> None:
    links = [note for page in pdf.pages for note in page.get("/Annots", []) if note.get("/Subtype") == "/Link"]
    assert len(links) > 5000
    assert [link for link in links if "/Contents" not in link or "/StructParent" not in link] == []
    used = load.load(Project(ROOT)).used
    entries = bibliography.load(Project(ROOT)).data.entries
    opened = Counter(str(link.A.URI) for link in links if "/A" in link and "/URI" in link.A)
    # Once where it is cited, once in its entry.
    assert [key for key in used if opened[bibliography.address(entries[key])[1]] < 2] == []


def test_every_font_is_inside_and_every_picture_is_vector(pdf: pikepdf.Pdf) -> None:
    names = set()
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream):
            assert thing.get("/Subtype") != "/Image"
        elif isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font" and thing.get("/Subtype") != "/Type0":
            assert any(key in thing.FontDescriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")), thing.BaseFont
            names.add(str(thing.BaseFont))
    assert all(re.match(r"/[A-Z]{6}\+(Inter|DejaVuSansMono|NewCMMath)", name) for name in names), names


def test_syntax_is_clean(path: Path) -> None:
    with pikepdf.open(path) as opened:
        assert opened.check_pdf_syntax() == []


def test_no_heading_stands_at_the_foot_of_a_page(pdf: pikepdf.Pdf, words: list[Word]) -> None:
    lowest: dict[int, float] = {}
    for word in words:
        if word.bottom < FOOT and word.size < 10.9:
            lowest[word.page] = max(lowest.get(word.page, 0), word.top)
    # A picture below the heading counts as well as a line of text; its words are words too.
    alone = [(title, page) for title, page, top, _ in headings(pdf) if lowest.get(page, 0) < top]
    assert alone == []


def test_no_text_is_smaller_than_stated(pdf: pikepdf.Pdf, words: list[Word]) -> None:
    sizes = Counter(round(word.size, 1) for word in words)
    # Poppler tells a word of the font for code as high as its size, so code of 8.5 pt looks like Inter of 7.0 pt.
    code = {
        number
        for number, page in enumerate(pdf.pages, start=1)
        if any("DejaVuSansMono" in str(font.BaseFont) for font in page.Resources.get("/Font", {}).values())
    }
    small = {(word.page in code, round(word.bottom - word.top, 1)) for word in words if word.size < 7.9}
    assert small == {(True, 8.5)}
    body = [word for word in words if len(word.text) > 2]
    assert sum(word.size >= 8.4 for word in body) / len(body) > 0.95
    assert sizes.most_common(3)[0][0] in (10.5, 9.0)
    assert sizes[10.5] > 40_000


def test_nothing_is_set_in_capitals_only(words: list[Word]) -> None:
    run = [word.text for word in words]
    shouted = [
        run[index : index + 4] for index in range(len(run) - 4) if all(re.fullmatch(r"[A-Z]{5,}", word) for word in run[index : index + 4])
    ]
    assert shouted == []


def test_cover_lists_and_index_are_there(words: list[Word], project: Project) -> None:
    pages: dict[int, str] = {}
    for word in words:
        pages[word.page] = f"{pages.get(word.page, '')} {word.text.replace('&amp;', '&')}"
    cover = pages[1]
    assert "How Ketamine Works" in cover
    assert DISCLAIMER.replace("this page", "this book") in re.sub(r"- ", "", cover) or DISCLAIMER[:40] in cover
    assert "No clinician has reviewed the pages of this book yet." in cover
    assert "Evidence checked" in cover
    for line in crisis.load(project).lines:
        if line.footer:
            assert line.name in cover
    text = " ".join(pages.values())
    assert "Contents" in pages[2]
    assert re.search(r"Diagrams and plots Figure 1 ", text)
    assert re.search(r"\(page \d+\)", text)
    last = " ".join(list(pages.values())[-3:])
    for entry in ("AMPA receptor", "amygdala"):  # also a term that no page uses has the page of the glossary
        assert re.search(rf"\b{entry}, \d+", last)


def test_counts_in_are_counts_out(built: Copy, pdf: pikepdf.Pdf, path: Path, project: Project) -> None:
    facts = load.load(project)
    found = counts.in_pdf(path, "How ketamine works", *PARTS)
    source = (built.root / "build/work/typst-book/main.typ").read_text(encoding="utf-8")
    assert found.tables == source.count("table(columns:") > 100
    assert found.claims == source.count("#noted-at(<note-claim:") > 1500
    assert found.numbers == source.count("#noted-at(<note-number:") > 50
    assert found.figures == len(re.findall(r"image\(\"", source)) > 20
    assert source.count("\n#entry[") == len(facts.claims)
    entries = {f"evidence.ledger.{chapter}:claim-{key}" for key, chapter in facts.chapter_of.items()}
    assert set(re.findall(r"<(evidence\.ledger[^>]*:claim-[^>]+)>", source)) == entries, "the list of all claims is for the screen"
    notes = set(re.findall(r"<note-claim:([^>]+)>\n", source))
    assert notes <= set(facts.claims)
    assert len(notes) > 300
    used = {key for key in bibliography.load(project).data.entries if f"<reference.bibliography:source-{key.replace('_', '-')}>" in source}
    assert len(used) > 300


SMALL = """#set document(title: "x")
#set text(lang: "en", font: "Inter")
= Body
#figure([A], alt: "one")
#figure([B], alt: "two")
#figure(table(columns: 1, table.header([a]), [b]))
#link("https://example.org/")[out] #link(<c>)[n1] #link(<c>)[n1] #link(<n>)[m1]
#pagebreak()
= Notes on claims
claim #metadata(none) <c> #link("https://example.org/")[not counted]
#pagebreak()
= Notes on numbers
number #metadata(none) <n>
#pagebreak()
= Index
"""


def test_what_a_pdf_holds_is_counted_in_its_body_only(tmp_path: Path) -> None:
    main = tmp_path / "main.typ"
    main.write_text(SMALL, encoding="utf-8")
    assert typeset(main, tmp_path / "x.pdf") == []
    assert counts.in_pdf(tmp_path / "x.pdf", "Body", *PARTS) == counts.Counts(figures=2, tables=1, claims=2, numbers=1, links=1)


def test_what_pages_hold_is_counted() -> None:
    place = Place(Book(frozenset({"a"})), "a")
    links = [nodes.reference("", "x", refuri=address) for address in ("https://example.org/", "%a#b", "%not-in-the-book", "file.csv")]
    numbers = [trial_number("", "1", noted=noted) for noted in (True, False)]
    made = new_document("page.md")
    made += [nodes.paragraph("", "", *links, claim_chip(claim="c"), *numbers), nodes.table(), nodes.image(uri="x.svg")]
    assert counts.in_pages([(made, place)]) == counts.Counts(figures=1, tables=1, claims=1, numbers=1, links=2)


def test_a_link_to_what_the_book_does_not_hold_is_told_with_its_place() -> None:
    book = Book(frozenset({"a", "b/c"}), placed={"b.c:there"})
    links = [nodes.reference("", "x", refuri=address) for address in ("%b/c#there", "%b/c#gone", "https://example.org/", "%d#left-out")]
    made = new_document("page.md")
    paragraph = nodes.paragraph("", "", *links)
    paragraph.line = 12
    made += paragraph
    assert [str(fault) for fault in lost_links([(made, Place(book, "a"))], lambda docname: f"docs/{docname}.md")] == [
        "docs/a.md:12: a link to 'gone' in docs/b/c.md - expected something that the book holds - run: nox -s pdf [print-link]"
    ]


def test_a_book_that_lost_something_is_told() -> None:
    whole, less = counts.Counts(figures=2, tables=1), counts.Counts(figures=1, tables=1)
    assert lost_things(whole, whole, "docs/index.md") == []
    assert [str(fault) for fault in lost_things(less, whole, "docs/index.md")] == [
        "docs/index.md: a book with 1 figures, 1 tables, 0 claims, 0 numbers, 0 links"
        " - expected 2 figures, 1 tables, 0 claims, 0 numbers, 0 links - run: nox -s pdf [print-counts]"
    ]


def test_what_typst_refuses_is_not_printed(tmp_path: Path) -> None:
    main = tmp_path / "main.typ"
    main.write_text(SMALL.replace("= Body", "= Body 漢"), encoding="utf-8")
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        typeset(main, tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()


def test_a_clean_build_elsewhere_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    """Another folder, time zone, locale and hash seed; the clock of the machine is another anyway."""
    elsewhere = copy_project(tmp_path / "another place with spaces" / "ünïcode").root
    environment = {
        **os.environ,
        "PYTHONPATH": str(elsewhere / "src"),
        "PYTHONHASHSEED": "4711",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C.UTF-8",
    }
    environment.pop("SOURCE_DATE_EPOCH", None)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "book", "-d", str(elsewhere / "build/d"), "docs", "build/work/pdf"]
    done = running.run(command, cwd=elsewhere, env=environment)
    assert done.code == 0, done.err
    assert (elsewhere / "build/work/pdf/book.pdf").read_bytes() == path.read_bytes()
