"""The Typst writer: text is never markup, and what it does not know stops it with page and line."""

from __future__ import annotations

import io
import re
from collections import Counter

import pikepdf
import pytest
import typst
from docutils import nodes
from docutils.utils import new_document
from hypothesis import given, settings
from hypothesis import strategies as st
from sphinx_design.badges_buttons import sd_badge
from sphinx_design.shared import PassthroughTextElement

from ketamine_kb.pdf import maths, writer
from ketamine_kb.pdf.builder import FONTS
from ketamine_kb.pdf.counts import elements
from ketamine_kb.pdf.writer_base import Book, Place
from ketamine_kb.project import Faulty
from tests.conftest import Copy


def document(*children: nodes.Node) -> nodes.document:
    made = new_document("page.md")
    made += list(children)
    return made


def typeset(body: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("typst")
    source = folder / "x.typ"
    head = (
        '#set document(title: "x")\n#set text(lang: "en", font: "Inter")\n#let cited(x) = super(x)\n#let admonition(k, t, b) = block(b)\n'
    )
    source.write_text(head + body, encoding="utf-8")
    done = typst.compile(str(source), root=str(folder), font_paths=[str(FONTS)], ignore_system_fonts=True, pdf_standards=["ua-1"])
    assert isinstance(done, bytes)
    return done


def test_an_unknown_node_is_a_fault_with_page_and_line() -> None:
    unknown = nodes.option_list("", nodes.option_list_item(""))
    unknown.line = 12
    with pytest.raises(Faulty) as raised:
        writer.write(document(nodes.paragraph("", "", nodes.Text("before")), unknown), "docs/handouts/x.md", {})
    assert [str(fault) for fault in raised.value.faults] == [
        "docs/handouts/x.md:12: a option_list node - expected something the PDF writer has a rule for - run: nox -s pdf [print-node]"
    ]


def test_an_unknown_node_stops_the_print_and_keeps_the_last_good_one(copy: Copy) -> None:
    kept = copy.path("build/pdf/handout-how-ketamine-may-work-a4.pdf")
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"good")
    page = copy.path("docs/handouts/how-ketamine-may-work.md")
    text = page.read_text(encoding="utf-8")
    page.write_text(text + "\n```{acks}\n- a\n- b\n```\n", encoding="utf-8")
    run = copy.print_handouts()
    assert run.code != 0
    told = [line for line in run.said.splitlines() if "[print-node]" in line]
    assert len(told) == 1, run.said
    assert "docs/handouts/how-ketamine-may-work.md:" in told[0]
    assert "a acks node" in told[0]
    assert "Traceback" not in run.said
    assert kept.read_bytes() == b"good"


HOSTILE = ['#panic("no")', "*bold* _it_ `raw` $x$ @ref <label>", '"]; #read("/etc/passwd")', "\\u{41} \\n", "// comment /* */", "= heading"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_markup(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    printed = writer.write(document(nodes.paragraph("", "", nodes.Text(text))), "p.md", {})
    assert typeset(printed.body, tmp_path_factory).startswith(b"%PDF")


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_a_literal_holds_its_text(text: str) -> None:
    made = writer.literal(text)
    assert made.startswith('"')
    assert made.endswith('"')
    inside = made[1:-1]
    assert '"' not in inside.replace("\\\\", "").replace('\\"', "")
    assert "\n" not in made


def entry(word: str, **spans: int) -> nodes.entry:
    return nodes.entry("", nodes.paragraph("", "", nodes.Text(word)), **spans)


def rows_of(*rows: nodes.row, columns: int, heads: int = 1) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in range(columns)), cols=columns)
    group += nodes.thead("", *rows[:heads])
    group += nodes.tbody("", *rows[heads:])
    return nodes.table("", nodes.title("", "A table"), group)


def tags(made: bytes) -> Counter[str]:
    with pikepdf.open(io.BytesIO(made)) as pdf:
        return Counter(str(element.S) for element in elements(pdf))


def component(name: str, *children: nodes.Node, classes: tuple[str, ...] = ()) -> nodes.container:
    return nodes.container("", *children, design_component=name, is_div=True, classes=list(classes))


def test_header_rows_and_spanning_cells_are_tagged(tmp_path_factory: pytest.TempPathFactory) -> None:
    table = rows_of(
        nodes.row("", entry("both", morecols=1), entry("c", morerows=1)),
        nodes.row("", entry("a"), entry("b")),
        nodes.row("", entry("long", morerows=1), entry("x"), entry("y")),
        nodes.row("", entry("z", morecols=1)),
        columns=3,
        heads=2,
    )
    body = writer.write(document(table), "p.md", {}).body
    assert body.count("colspan: 2") == 2
    assert body.count("rowspan: 2") == 2
    found = tags(typeset("= x\n" + body, tmp_path_factory))
    assert (found["/TH"], found["/TD"]) == (4, 4)


def test_cards_grids_tabs_and_folds_stand_open(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = PassthroughTextElement("", "", nodes.Text("Title"))
    card = component("card", component("card-body", component("card-title", text), nodes.paragraph("", "Body")))
    row = component(
        "grid-row", component("grid-item", card), component("grid-item", nodes.paragraph("", "Two")), classes=("sd-row-cols-3",)
    )
    fold = component("dropdown", nodes.rubric("", "More"), nodes.paragraph("", "Folded"))
    tab = component("tab-set", component("tab-item", nodes.rubric("", "Tab"), component("tab-content", nodes.paragraph("", "In the tab"))))
    badge = nodes.paragraph("", "", sd_badge("", "", nodes.Text("New"), classes=["sd-badge"]))
    button = nodes.paragraph("", "", nodes.reference("", "Press", refuri="https://example.org/", classes=["sd-btn"]))
    body = writer.write(document(component("grid-container", row), fold, tab, badge, button), "p.md", {}).body
    for word in ("Title", "Body", "Two", "More", "Folded", "Tab", "In the tab", "New", "Press"):
        assert f'"{word}"' in body
    assert "(1fr,) * 2" in body
    assert tags(typeset(body, tmp_path_factory))["/Link"] == 1


def test_an_unknown_component_is_a_fault() -> None:
    with pytest.raises(Faulty, match=r"a marquee container"):
        writer.write(document(component("marquee")), "p.md", {})


def test_footnotes_stand_at_the_foot_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    note = nodes.footnote("", nodes.label("", "1"), nodes.paragraph("", "The note"), ids=["f1"])
    text = nodes.paragraph("", "", *(nodes.footnote_reference("", "1", refid="f1") for _ in range(2)))
    body = writer.write(document(text, note), "p.md", {}).body
    assert body.count("The note") == 1
    assert tags(typeset(body, tmp_path_factory))["/Note"] == 1


def test_a_footnote_that_nothing_names_is_a_fault() -> None:
    with pytest.raises(Faulty, match="a footnote that nothing names"):
        writer.write(document(nodes.footnote("", nodes.paragraph("", "x"), ids=["f1"])), "p.md", {})


FORMULAS = {
    r"\frac{a}{b} \le 0.5": "a over b, at most 0.5",
    r"NNT = \frac{1}{p_1 - p_2}": "N N T equals 1 over p sub 1 minus p sub 2",
    r"x^{2} \cdot \sqrt{\alpha}": "x to the power 2 times the square root of alpha",
    r"t_{\text{half life}} = \ln 2 / k": "t sub half life equals the natural logarithm of 2 divided by k",
    r"50\,\% \pm (1, 2)": "50 percent plus or minus ( 1 , 2 )",
}


@pytest.mark.parametrize("source", FORMULAS)
def test_a_formula_is_set_and_said(source: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert maths.words(source) == FORMULAS[source]
    body = writer.write(document(nodes.paragraph("", "", nodes.math("", source)), nodes.math_block("", source)), "p.md", {}).body
    assert tags(typeset(body, tmp_path_factory))["/Formula"] == 2


@pytest.mark.parametrize("source", [r"\input{x}", "{a", "a}", "x^", r"\frac{1}", r"\text x", "{" * 40 + "}" * 40, "1" + "+1" * 2000])
def test_a_formula_that_is_not_known_is_a_fault(source: str) -> None:
    with pytest.raises(Faulty, match="a formula with"):
        writer.write(document(nodes.math_block("", source)), "p.md", {})


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_formula_is_read_or_refused(source: str) -> None:
    try:
        assert isinstance(maths.typst(source), str)
    except maths.Unknown as why:
        assert str(why)


def test_a_character_without_a_glyph_is_a_fault_with_its_place() -> None:
    text = nodes.paragraph("", "", nodes.Text("a 漢 b"))
    text.line = 7
    with pytest.raises(Faulty) as raised:
        writer.write(document(text), "docs/x.md", {})
    assert [str(fault) for fault in raised.value.faults] == [
        "docs/x.md:7: no glyph for '漢' (U+6F22) - expected characters that the fonts in src/ketamine_kb/fonts/ have"
        " - run: nox -s pdf [print-glyph]"
    ]


def test_a_picture_without_words_is_a_fault() -> None:
    with pytest.raises(Faulty, match="without words"):
        writer.write(document(nodes.image("", uri="x.svg")), "docs/x.md", {})


@pytest.mark.parametrize("uri", ["../pyproject.toml", "/etc/passwd", "none.svg", "photo.png"])
def test_only_a_drawing_of_the_project_is_printed(uri: str) -> None:
    with pytest.raises(Faulty, match="an SVG file in docs/"):
        writer.write(document(nodes.image("", uri=uri, alt="words")), "docs/x.md", {})


def in_book(*children: nodes.Node, wanted: set[str]) -> tuple[str, Book]:
    book = Book(frozenset({"a", "b"}), wanted)
    return writer.write(document(*children), "docs/a.md", {}, place=Place(book, "a")).body, book


def test_links_of_a_book_lead_to_its_pages_and_say_which() -> None:
    def link(address: str) -> nodes.paragraph:
        return nodes.paragraph("", "", nodes.reference("", "there", refuri=address))

    section = nodes.section("", nodes.title("", "Title"), ids=["title", "again"])
    section += [
        link("%b#deep"),
        link("%c"),
        link("https://example.org/"),
        nodes.paragraph("", "", nodes.reference("", "up", refid="title")),
    ]
    body, book = in_book(section, wanted={"a:", "a:title", "b:deep"})
    assert '#link(<b:deep>)[#"there";];#seen(<b:deep>);' in body
    assert '#["' not in body
    assert '#[#"there";];' in body  # the book does not hold that page
    assert '#link("https://example.org/")' in body
    assert '#link(<a:title>)[#"up";];' in body
    assert "<a:again>" not in body
    assert book.placed == {"a:", "a:title"}


def test_a_citation_of_a_book_opens_the_source_itself() -> None:
    book = Book(frozenset({"a", "reference/bibliography"}), sources={"source-x": "https://doi.org/10.1/x"})
    cited = [nodes.reference("", "X 2020", refuri=f"%reference/bibliography#source-{key}") for key in "xy"]
    body = writer.write(document(nodes.paragraph("", "", *cited)), "docs/a.md", {}, place=Place(book, "a"))
    assert '#link("https://doi.org/10.1/x")[#"X 2020";];' in body.body
    assert '#link(<reference.bibliography:source-y>)[#"X 2020";];' in body.body  # no address is known: its entry
    assert body.counts["links"] == 2


def test_terms_are_marked_for_the_index() -> None:
    term = nodes.reference("", "", nodes.inline("", "word", classes=["xref", "std", "std-term"]), refuri="%b#term-word")
    body, _ = in_book(nodes.paragraph("", "", term), wanted=set())
    assert body.strip() == '#indexed("term-word");#link(<b:term-word>)[#"word";];'


def test_a_table_of_a_book_has_a_number_and_room_in_every_column() -> None:
    table = rows_of(nodes.row("", entry("a"), entry("b")), nodes.row("", entry("x"), entry("many words " * 20)), columns=2)
    body, _ = in_book(table, wanted=set())
    assert 'supplement: [Table], numbering: "1"' in body
    first, second = (int(width) for width in re.findall(r"(\d+)fr", body))
    assert 4 <= first < second


def test_a_small_document_with_everything_compiles_to_an_accessible_pdf(tmp_path_factory: pytest.TempPathFactory) -> None:
    table = rows_of(nodes.row("", entry("a"), entry("b")), nodes.row("", entry("c"), entry("d")), columns=2)
    section = nodes.section("", nodes.title("", "Title"), ids=["title"])
    section += [
        nodes.paragraph("", "", nodes.strong("", "strong"), nodes.Text(" and "), nodes.emphasis("", "soft")),
        nodes.bullet_list("", nodes.list_item("", nodes.paragraph("", "one")), nodes.list_item("", nodes.paragraph("", "two"))),
        nodes.enumerated_list("", nodes.list_item("", nodes.paragraph("", "first"))),
        nodes.definition_list("", nodes.definition_list_item("", nodes.term("", "t"), nodes.definition("", nodes.paragraph("", "d")))),
        nodes.warning("", nodes.paragraph("", "careful")),
        nodes.paragraph("", "", nodes.reference("", "there", refuri="https://example.org/"), writer.citation_mark(keys=["b2020", "a2019"])),
        nodes.paragraph("", "", writer.citation_mark(keys=["a2019"]), nodes.literal("", "code")),
        nodes.literal_block("", "line one\nline two"),
        table,
    ]
    printed = writer.write(document(section), "p.md", {})
    assert printed.sources == ["b2020", "a2019"]
    assert printed.counts == {"diagrams": 0, "plots": 0, "tables": 1, "links": 1, "citations": 2, "claims": 0, "numbers": 0}
    assert typeset(printed.body, tmp_path_factory).startswith(b"%PDF")
