"""Every diagram: source, picture, text version, table, PDF and exchange file hold the same boxes, lines, directions and certainties."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest
import typst
from docutils.utils import new_document
from ndex2.cx2 import RawCX2NetworkFactory

from ketamine_kb.diagrams import arrows, describe, render
from ketamine_kb.diagrams.arrows import Diagram
from ketamine_kb.diagrams.graph import PRINT_HEIGHT
from ketamine_kb.evidence import load
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.pdf import writer, writer_figures
from ketamine_kb.pdf.builder import FONTS
from ketamine_kb.project import Project
from ketamine_kb.sphinxext.mermaid import diagram
from tests.conftest import ROOT
from tests.diagrams.examples import SOURCES

SVG = "{http://www.w3.org/2000/svg}"
#: From, to, verb and certainty of each line, in order.
Lines = list[tuple[str, str, str, str]]
each = pytest.mark.parametrize("source", SOURCES, ids=[path.stem for path in SOURCES])


@pytest.fixture(scope="module")
def facts() -> Knowledge:
    return load.load(Project(ROOT))


def wanted(source: Path, facts: Knowledge) -> tuple[list[str], Lines]:
    """What the source and the claims say, read without our own parser: labels by id and lines."""
    text = source.read_text(encoding="utf-8")
    labels = dict(re.findall(r"^\s*([\w-]+)\s*[\[({]+\"([^\"]*)\"", text, re.MULTILINE))
    words = {name: " ".join(label.replace("<br/>", " ").split()) for name, label in labels.items()}
    orientation = re.search(r"^\s*%% kind: orientation$", text, re.MULTILINE)
    lines: Lines = []
    for start, edge, verb, end in re.findall(r"^\s*([\w-]+)\s+([a-z0-9-]+)@[-.]+[>x-]?(?:\|([^|]*)\|)?\s*([\w-]+)", text, re.MULTILINE):
        verb = verb.strip('" ')
        claim = facts.claims.get(edge.split("--")[0]) if verb or not orientation else None
        lines.append((words[start], words[end], verb, claim.certainty if claim else ""))
    return sorted(words.values()), lines


def read(source: Path, facts: Knowledge) -> Diagram:
    return arrows.read(source.read_text(encoding="utf-8"), f"diagrams/{source.name}", facts.claims)


def of_picture(svg: str, uid: str) -> tuple[list[str], Lines]:
    root = ElementTree.fromstring(svg)
    boxes = {part.attrib["id"].removeprefix(f"{uid}--"): part for part in root.iter(SVG + "g") if part.get("id", "").startswith(f"{uid}--")}
    words = {name: " ".join(" ".join(text for text in part.itertext()).split()) for name, part in boxes.items()}
    lines = []
    for part in root.iter(SVG + "path"):
        if "data-from" in part.attrib:
            get = part.attrib.get
            form = re.search(r"kb-line-(\w+)", get("class", ""))
            assert (form[1] if form else "") == get("data-certainty", "")
            lines.append((words[get("data-from", "")], words[get("data-to", "")], get("data-verb", ""), get("data-certainty", "")))
    return sorted(words.values()), lines


@each
def test_the_picture_holds_what_the_source_says(source: Path, facts: Knowledge) -> None:
    shown = read(source, facts)
    for print_colours in (False, True):
        assert of_picture(render.draw(shown, "u", print_colours=print_colours).svg, "u") == wanted(source, facts)


@each
def test_the_published_picture_and_list_hold_it(source: Path, facts: Knowledge, site: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))]
    boxes, lines = wanted(source, facts)
    shown = read(source, facts)
    title = re.escape(shown.graph.title.replace("&", "&amp;"))
    found = 0
    for page in pages:
        for svg in re.findall(rf'<svg [^>]*class="kb-svg"[^>]*><title[^>]*>{title}</title>.*?</svg>', page, re.DOTALL):
            uid = re.search(r'id="(mm-\w+)"', svg)
            assert uid
            assert of_picture(svg, uid[1]) == (boxes, lines)
            after = page[page.index(svg) + len(svg) :]
            found += 1
            if not after.startswith('</div><details class="kb-words">'):
                continue  # the gallery shows the picture alone
            listed = re.search(r"<ol>(.*?)</ol>", after, re.DOTALL)
            assert listed
            told = [unescape(re.sub(r"<[^>]+>", "", item)) for item in re.findall(r"<li[^>]*>(.*?)</li>", listed[1], re.DOTALL)]
            assert len(told) == len(lines)
            for item, (start, end, _, certainty) in zip(told, lines, strict=True):
                assert item.startswith(start)
                assert end[1:] in item
                assert certainty in item
    assert found >= 2, "its page and the gallery"


@each
def test_the_table_holds_it(source: Path, facts: Knowledge, site: Path) -> None:
    _, lines = wanted(source, facts)
    shown = read(source, facts)
    caption = f"The evidence behind each line of “{shown.graph.title}”, in the order of the text version"
    tables = [
        match
        for path in sorted(site.rglob("*.html"))
        for match in re.findall(r"<table[^>]*>.*?</table>", path.read_text(encoding="utf-8"), re.DOTALL)
        if caption in unescape(match)
    ]
    if shown.graph.kind == "orientation":
        assert tables == []
        return
    assert tables or "short" in source.stem, "a mechanism without the table of its evidence"
    for table in tables:
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)[1:]
        assert len(rows) == len(lines)
        for row, (start, end, _, certainty) in zip(rows, lines, strict=True):
            cells = [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
            assert cells[0].startswith(start)
            assert end[1:] in cells[0]
            assert cells[2].endswith(certainty)


@each
def test_the_exchange_file_holds_it(source: Path, facts: Knowledge, site: Path) -> None:
    path = site / "_downloads/diagrams" / f"{source.stem}.cx2"
    network = RawCX2NetworkFactory().get_cx2network(json.loads(path.read_text(encoding="utf-8")))
    nodes: dict[int, dict[str, Any]] = network.get_nodes()
    names = {number: node["v"]["name"] for number, node in nodes.items()}
    edges = [network.get_edge(number) for number in sorted(network.get_edges())]
    lines = [
        (names[edge["s"]], names[edge["t"]], edge["v"]["interaction"].replace("then", ""), edge["v"].get("certainty", "")) for edge in edges
    ]
    boxes, expected = wanted(source, facts)
    assert (sorted(names.values()), lines) == (boxes, expected)


@each
def test_the_printed_diagram_holds_it(source: Path, facts: Knowledge, tmp_path: Path) -> None:
    """Through the PDF writer: the picture and its alternative text say every line with its certainty."""
    node = diagram(code=source.read_text(encoding="utf-8"), path=f"diagrams/{source.name}", uid="u", bare=False, ids=[], names=[])
    document = new_document("a")
    document += node
    visitor = writer.TypstVisitor(document, "docs/a.md", facts.claims)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer_figures, "TALLEST", PRINT_HEIGHT)  # a page of its own, as in a book
        document.walkabout(visitor)
    printed = visitor.printed()
    assert printed.counts["diagrams"] == 1
    ((name, picture),) = printed.pictures.items()
    assert of_picture(picture, "u") == wanted(source, facts)
    (tmp_path / name).write_text(picture, encoding="utf-8")
    page = (
        '#set document(title: "d", date: none)\n#set text(lang: "en", font: "Inter")\n#set page(width: 560pt, height: auto)\n'
        + printed.body
    )
    (tmp_path / "d.typ").write_text(page, encoding="utf-8")
    made = typst.compile(
        str(tmp_path / "d.typ"), root=str(tmp_path), font_paths=[str(FONTS)], ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    assert isinstance(made, bytes)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        (told,) = [str(item.Alt) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert told == describe.alternative(read(source, facts))
    place = 0
    for start, end, _, certainty in wanted(source, facts)[1]:
        place = told.index(start, place)
        assert end[1:] in told[place:]
        assert not certainty or f"({certainty}, shown in " in told[place:]


def test_the_pdf_holds_it(facts: Knowledge, handouts: Path) -> None:
    """Every diagram that is printed: its alternative text says every line with its certainty."""
    told = []
    for path in sorted(handouts.glob("*.pdf")):
        with pikepdf.open(path) as pdf:
            told += [str(item.Alt) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    printed = 0
    for source in SOURCES:
        shown = read(source, facts)
        mine = [text for text in told if text.startswith(f"{shown.graph.title}.")]
        for text in mine:
            printed += 1
            assert text == describe.alternative(shown)
            for start, end, _, certainty in wanted(source, facts)[1]:
                said = rf" \({certainty}, shown in " if certainty else ""  # a line of an orientation may carry no claim
                assert re.search(rf"{re.escape(start)}[^.]*{re.escape(end[1:])}{said}", text)
    assert printed >= 1
