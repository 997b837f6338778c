"""The Typst writer: text is never markup, and what it does not know stops it with page and line."""

from __future__ import annotations

import pytest
import typst
from docutils import nodes
from docutils.utils import new_document
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.pdf import writer
from ketamine_kb.pdf.builder import FONTS
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
    unknown = nodes.math_block("", "x")
    unknown.line = 12
    with pytest.raises(Faulty) as raised:
        writer.write(document(nodes.paragraph("", "", nodes.Text("before")), unknown), "docs/handouts/x.md", {})
    assert [str(fault) for fault in raised.value.faults] == [
        "docs/handouts/x.md:12: a math_block node - expected something the PDF writer has a rule for - run: nox -s pdf [print-node]"
    ]


def test_an_unknown_node_stops_the_print_and_keeps_the_last_good_one(copy: Copy) -> None:
    kept = copy.path("build/pdf/handout-how-ketamine-may-work-a4.pdf")
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"good")
    page = copy.path("docs/handouts/how-ketamine-may-work.md")
    text = page.read_text(encoding="utf-8")
    page.write_text(text + "\n```{card} A card\nwith words\n```\n", encoding="utf-8")
    run = copy.build("pdf")
    assert run.code != 0
    told = [line for line in run.said.splitlines() if "[print-node]" in line]
    assert len(told) == 1, run.said
    assert "docs/handouts/how-ketamine-may-work.md:" in told[0]
    assert "a container node" in told[0]
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


def test_a_small_document_with_everything_compiles_to_an_accessible_pdf(tmp_path_factory: pytest.TempPathFactory) -> None:
    def entry(word: str) -> nodes.entry:
        return nodes.entry("", nodes.paragraph("", "", nodes.Text(word)))

    table = nodes.table("", nodes.title("", "A table"))
    group = nodes.tgroup("", nodes.colspec(colwidth=1), nodes.colspec(colwidth=1), cols=2)
    group += nodes.thead("", nodes.row("", entry("a"), entry("b")))
    group += nodes.tbody("", nodes.row("", entry("c"), entry("d")))
    table += group
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
