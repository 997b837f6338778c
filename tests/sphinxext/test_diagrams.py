"""Diagrams in a small site of their own: links, the table of evidence, the gallery, words, files and refusals."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from ketamine_kb.diagrams import arrows, describe, exchange, render
from ketamine_kb.diagrams.arrows import NO_TERM, Diagram
from ketamine_kb.evidence.words import SIGNS
from tests import running
from tests.conftest import ROOT
from tests.diagrams.examples import SOURCES, facts, real
from tests.diagrams.test_render import harmful

CONF = f"""\
project = "diagrams"
extensions = ["myst_parser", "sphinxcontrib.bibtex", "ketamine_kb.sphinxext"]
bibtex_bibfiles = [{os.fspath(ROOT / "evidence" / "references.bib")!r}]
exclude_patterns = ["_build"]
"""
#: A diagram whose boxes name terms.
PATH = next(path for path in SOURCES if any(note.term not in ("", NO_TERM) for note in real(path).notes.values()))
SHOWN = real(PATH)
FACTS = facts()
TERMS = sorted({note.term for note in SHOWN.notes.values()} - {"", NO_TERM})


def relative(path: Path, page: Path) -> str:
    return Path(os.path.relpath(path, page)).as_posix()


def sphinx(folder: Path, builder: str, *options: str) -> running.Run:
    command = [sys.executable, "-m", "sphinx", "-b", builder, "-n", *options, str(folder), str(folder / "_build" / builder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1", "PYTHONHASHSEED": "0"}
    return running.run(command, env=environment, within=200)


def pages(folder: Path, **texts: str) -> Path:
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built site of a page with a diagram and its evidence, a glossary, a gallery, a ledger and a bibliography."""
    folder = tmp_path_factory.mktemp("site")
    terms = "\n\n".join(f"{term}\n: What it is." for term in TERMS)
    entries = {f"evidence__ledger__{name}": f"# Claims: {name}\n\n```{{claim-ledger}} {name}\n```\n" for name in FACTS.chapters}
    chapters = "\n".join(f"ledger/{name}" for name in FACTS.chapters)
    made = pages(
        folder,
        index="# Home\n\n```{toctree}\npicture\nevidence/ledger\nreference/gallery\nreference/glossary\nreference/bibliography\n```\n",
        picture=f"# Picture\n\n```{{mermaid}} {relative(PATH, folder)}\n:name: the-picture\n:caption: A caption.\n```\n\n"
        f"```{{diagram-evidence}} {relative(PATH, folder)}\n```\n",
        evidence__ledger=f"# Ledger\n\n```{{claim-index}}\n```\n\n```{{toctree}}\n{chapters}\n```\n",
        **entries,
        reference__glossary=f"# Glossary\n\n```{{glossary}}\n{terms}\n```\n",
        reference__bibliography="# Bibliography\n\n```{bibliography}\n```\n",
        reference__gallery="# Gallery\n\n```{diagram-gallery}\n```\n",
    )
    for builder in ("html", "text"):
        run = sphinx(made, builder)
        assert run.code == 0, run.said
        assert "Traceback" not in run.said
    return made / "_build"


def soup(small: Path, page: str) -> BeautifulSoup:
    return BeautifulSoup((small / "html" / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


def one(tree: BeautifulSoup | Tag, selector: str) -> Tag:
    found = tree.select_one(selector)
    assert isinstance(found, Tag), selector
    return found


def test_every_line_leads_to_the_details_of_its_claim(small: Path) -> None:
    tree = soup(small, "picture")
    lines = [link for link in tree.select(".kb-svg a") if str(link["href"]).startswith("#")]
    with_words = [arrow for arrow in SHOWN.arrows if arrow.claim and arrow.edge.verb]
    assert [link["href"] for link in lines] == [f"#pop-{arrow.claim.id}" for arrow in with_words if arrow.claim]
    assert [link["aria-label"] for link in lines] == [describe.sentence(SHOWN.graph, arrow) for arrow in with_words]
    for link in lines:
        details = one(tree, str(link["href"]))
        assert details.has_attr("popover")
        assert one(details, ".kb-popover-close")["href"] == "#closed"
    assert tree.find(id="closed") is None, "closing leads nowhere, so that the page does not move"


def test_every_box_with_a_term_leads_to_its_entry(small: Path) -> None:
    tree, glossary = soup(small, "picture"), soup(small, "reference/glossary")
    found = {one(link, "g")["id"]: str(link["href"]) for link in tree.select(".kb-svg a") if not str(link["href"]).startswith("#")}
    svg = one(tree, ".kb-svg")
    named = {name: note.term for name, note in SHOWN.notes.items() if note.term not in ("", NO_TERM)}
    assert set(found) == {f"{svg['id']}--{name}" for name in named}
    for name, term in named.items():
        page, _, anchor = found[f"{svg['id']}--{name}"].partition("#")
        assert page == "reference/glossary.html"
        entry = glossary.find(id=anchor)
        assert isinstance(entry, Tag)
        assert entry.get_text(strip=True).removesuffix("¶") == term


def test_the_picture_on_the_page_is_clean(small: Path) -> None:
    svg = str(one(soup(small, "picture"), ".kb-svg"))
    assert [found for found in harmful(svg) if not found.startswith(("reference/glossary.html#term-", "viewbox"))] == []


def test_the_text_version_says_every_line_with_its_mark(small: Path) -> None:
    tree = soup(small, "picture")
    items = tree.select(".kb-words li")
    said = [f"{one(item, '.kb-step').get_text()}{one(item, '.kb-hidden').get_text()}." for item in items]
    assert said == describe.sentences(SHOWN)
    assert [item["data-edge"] for item in items] == [arrow.edge.id for arrow in SHOWN.arrows]
    for item, arrow in zip(items, SHOWN.arrows, strict=True):
        assert arrow.claim
        assert one(item, "button")["popovertarget"] == f"pop-{arrow.claim.id}"
    assert one(tree, ".kb-words p").get_text() == SHOWN.graph.description


def test_the_table_has_a_row_a_line_with_its_sources(small: Path) -> None:
    (table,) = [found for found in soup(small, "picture").find_all("table") if "behind each line" in found.get_text()]
    rows = table.select("tbody tr")
    assert len(rows) == len([arrow for arrow in SHOWN.arrows if arrow.claim])
    for row, arrow in zip(rows, [arrow for arrow in SHOWN.arrows if arrow.claim], strict=True):
        assert arrow.claim
        cells = [" ".join(cell.get_text(" ", strip=True).split()) for cell in row.find_all("td")]
        assert cells[0] == describe.step(SHOWN.graph, arrow)
        assert " ".join(arrow.claim.statement.split()) in cells[1]
        assert arrow.certainty in cells[2]
        chapter = FACTS.chapter_of[arrow.claim.id]
        assert one(row, 'a[href*="#claim-"]')["href"] == f"evidence/ledger/{chapter}.html#claim-{arrow.claim.id}"
        assert len(row.select('a[href*="bibliography.html#"]')) >= len(arrow.claim.sources)


def test_the_gallery_shows_every_diagram_with_its_counts_and_pages(small: Path) -> None:
    tree = soup(small, "reference/gallery")
    shown = sorted((real(path) for path in SOURCES), key=lambda one: one.graph.title)
    pictures = tree.select(".kb-svg")
    assert [one(picture, "title").get_text() for picture in pictures] == [one.graph.title for one in shown]
    assert tree.select(".kb-words, [data-steps]") == [], "pictures only"
    drawn = {arrow.claim.id for diagram in shown for arrow in diagram.arrows if arrow.claim and arrow.edge.verb}
    leads = {str(link["href"]) for link in tree.select('.kb-svg a[href*="#claim-"]')}
    assert leads == {f"../evidence/ledger/{FACTS.chapter_of[key]}.html#claim-{key}" for key in drawn}
    ids = [str(tag["id"]) for tag in tree.find_all(id=True)]
    assert sorted(ids) == sorted(set(ids))
    rows = [[cell.get_text(strip=True) for cell in row.find_all("td")] for row in tree.select("tbody tr")]
    for row, one_shown in zip(rows, shown, strict=True):
        of = {word: sum(arrow.certainty == word for arrow in one_shown.arrows) for word in SIGNS}
        parts = [f"{count} {SIGNS[word]} {word}" for word, count in of.items() if count]
        if order := len(one_shown.arrows) - sum(of.values()):
            parts.append(f"{order} that only say what comes next")
        lines = f"{len(one_shown.arrows)}: " + ", ".join(parts)
        assert row == [one_shown.graph.title, str(len(one_shown.graph.nodes)), lines]
    for one_shown in shown:
        section = one(tree, f"#diagram-{one_shown.name}")
        assert ("picture.html" in str(section)) == (one_shown.name == SHOWN.name)
        assert ("Shown on: no page" in section.get_text()) == (one_shown.name != SHOWN.name)


def test_each_diagram_can_be_had_as_a_picture_and_as_a_network(small: Path) -> None:
    folder = small / "html" / "_downloads" / "diagrams"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{path.stem}.{ending}" for path in SOURCES for ending in ("svg", "cx2")
    )
    molecules = {molecule.id: molecule for molecule in facts().molecules}
    for path in SOURCES:
        shown = real(path)
        picture = render.draw(shown, f"kb-{shown.name}", print_colours=True).svg
        assert (folder / f"{path.stem}.svg").read_text(encoding="utf-8") == picture + "\n"
        assert (folder / f"{path.stem}.cx2").read_text(encoding="utf-8") == exchange.cx2(shown, facts().sources, molecules)
    for link in soup(small, "picture").select(".kb-files a"):
        assert link.has_attr("download")
        assert (small / "html" / str(link["href"])).is_file()


def test_in_plain_text_a_diagram_is_told_in_words(small: Path) -> None:
    said = " ".join((small / "text" / "picture.txt").read_text(encoding="utf-8").split())
    assert " ".join(describe.alternative(SHOWN).split()) in said


def test_the_style_sheet_and_the_script_are_there(small: Path) -> None:
    head = str(one(soup(small, "picture"), "head"))
    assert "_static/diagrams.css" in head
    assert "_static/diagrams.js" in head
    assert (small / "html" / "_static" / "inter-diagram.woff2").is_file()


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("```{{mermaid}} {path}\n:zoom:\n```", "option :zoom: - expected no :zoom:, it needs a script from another host"),
        ("```{{mermaid}} {path}\n:config: {{}}\n```", "option :config: - expected no :config:, the look comes from the palette"),
        ("```{{mermaid}} {path}\n:title: T\n```", "option :title: - expected no :title:, the title is accTitle in the source"),
        ("```{{mermaid}} {path}\n:alt: T\n```", "option :alt: - expected no :alt:, the description is accDescr in the source"),
        ("```{{mermaid}}\nflowchart TB\n```", "a diagram typed into the page - expected the file of a diagram as the directive's argument"),
        ("```{{diagram-evidence}} {path}x\n```", "x - expected a file in diagrams/"),
        ("```{{diagram-evidence}} conf.py\n```", "no file conf.py - expected a file in diagrams/"),
    ],
)
def test_what_is_refused_is_told_once_with_its_place(tmp_path: Path, block: str, told: str) -> None:
    made = pages(tmp_path, index="# Home\n\n" + block.format(path=relative(PATH, tmp_path)) + "\n")
    run = sphinx(made, "html", "-W", "--keep-going")
    assert run.code == 1
    lines = [line for line in run.said.splitlines() if told in line]
    assert len(lines) == 1, run.said
    assert "index.md:3: " in lines[0]
    assert "Traceback" not in run.said
    assert "<svg" not in (tmp_path / "_build" / "html" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("builder", ["html", "text"])
def test_a_diagram_that_does_not_parse_is_told_and_left_out(tmp_path: Path, builder: str) -> None:
    (tmp_path / "bad.mmd").write_text("flowchart TB\na[\n", encoding="utf-8")
    made = pages(tmp_path, index="# Home\n\n```{mermaid} bad.mmd\n```\n")
    run = sphinx(made, builder, "-W", "--keep-going")
    assert run.code == 1
    assert len([line for line in run.said.splitlines() if "bad.mmd:2:" in line]) == 1, run.said
    assert "Traceback" not in run.said


def test_two_pictures_of_one_diagram_share_no_id(tmp_path: Path) -> None:
    block = f"```{{mermaid}} {relative(PATH, tmp_path)}\n```\n"
    made = pages(tmp_path, index=f"# Home\n\n{block}\n{block}")
    assert sphinx(made, "html").code == 0
    tree = BeautifulSoup((tmp_path / "_build" / "html" / "index.html").read_text(encoding="utf-8"), "html.parser")
    ids = [str(tag["id"]) for tag in tree.find_all(id=True)]
    assert sorted(ids) == sorted(set(ids))
    assert len(tree.select(".kb-svg")) == 2


def test_a_box_without_an_entry_in_the_glossary_is_no_link(tmp_path: Path) -> None:
    made = pages(tmp_path, index=f"# Home\n\n```{{mermaid}} {relative(PATH, tmp_path)}\n```\n")
    assert sphinx(made, "html").code == 0
    text = (tmp_path / "_build" / "html" / "index.html").read_text(encoding="utf-8")
    assert "glossary" not in text
    shown: Diagram = arrows.read(SHOWN.text, SHOWN.path, facts().claims)
    assert text.count('href="#pop-') == len([arrow for arrow in shown.arrows if arrow.claim and arrow.edge.verb])
