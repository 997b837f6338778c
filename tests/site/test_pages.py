"""The built site: every page complete, every link inside it leads somewhere, nothing reaches outside."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from ketamine_kb.diagrams import describe
from ketamine_kb.evidence import crisis
from ketamine_kb.project import Project
from ketamine_kb.sphinxext.pages import DISCLAIMER
from tests.conftest import ROOT
from tests.diagrams.examples import SOURCES, real

PAGES = sorted(path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md"))
#: Asked for by the plan of the site; a page that vanishes must be noticed.
PROMISED = """
start brain/neurons brain/glia brain/plasticity mechanism/overview mechanism/nmda mechanism/pathway networks/dmn networks/ketamine
treatment/routes safety/side-effects faq reference/glossary reference/bibliography evidence/numbers contribute/index index get-help
""".split()
DIAGRAMS = {"mechanism/pathway": "glutamate-to-bdnf", "networks/ketamine": "default-mode-network"}
#: Pages whose sentences of fact need sources (the others are ways to find them).
SOURCED = [page for page in PROMISED if page not in ("index", "contribute/index", "get-help", "reference/bibliography")]


def soup(site: Path, page: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


def front_matter(page: str) -> dict[str, object]:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    data = yaml.safe_load(text.split("---", 2)[1])
    assert isinstance(data, dict)
    return data


def test_the_promised_pages_exist() -> None:
    assert [page for page in PROMISED if page not in PAGES] == []


def test_every_source_page_is_built(site: Path) -> None:
    assert [page for page in PAGES if not (site / f"{page}.html").is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_one_title_and_no_skipped_heading_level(site: Path, page: str) -> None:
    main = soup(site, page).find("article")
    assert isinstance(main, Tag)
    levels = [int(heading.name[1]) for heading in main.find_all(re.compile(r"^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize("page", [*PAGES, "search"])
def test_disclaimer_and_crisis_lines_stand_on_every_page(site: Path, project: Project, page: str) -> None:
    footer = soup(site, page).find("footer", class_="bd-footer")
    assert isinstance(footer, Tag)
    text = footer.get_text(" ", strip=True)
    assert DISCLAIMER in text
    for line in crisis.load(project).lines:
        if line.footer:
            assert f"{line.name}, {line.contact}" in text
    assert any(str(link.get("href", "")).endswith("get-help.html") for link in footer.find_all("a")) or page == "get-help"


@pytest.mark.parametrize("page", PAGES)
def test_dates_and_review_are_those_of_the_front_matter(site: Path, page: str) -> None:
    data = front_matter(page)
    status = soup(site, page).find("section", class_="kb-status")
    assert isinstance(status, Tag)
    assert [time["datetime"] for time in status.find_all("time")] == [str(data["evidence_checked"]), str(data["review_by"])]
    reviewers = data["clinical_reviewers"]
    assert isinstance(reviewers, list)
    wanted = "Reviewed by " + ", ".join(reviewers) if reviewers else "No clinician has reviewed this page yet."
    assert wanted in status.get_text(" ", strip=True)


@pytest.mark.parametrize("page", PAGES)
def test_description_reaches_search_engines(site: Path, page: str) -> None:
    tag = soup(site, page).find("meta", attrs={"name": "description"})
    assert isinstance(tag, Tag)
    assert tag["content"] == front_matter(page)["description"]


def test_every_link_inside_the_site_leads_to_a_page_and_an_id(site: Path) -> None:
    known: dict[Path, set[str]] = {}

    def ids(path: Path) -> set[str]:
        if path not in known:
            tree = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            known[path] = {str(tag["id"]) for tag in tree.find_all(id=True)}
        return known[path]

    wrong = []
    for page in PAGES:
        here = site / f"{page}.html"
        for link in soup(site, page).find_all("a", href=True):
            parts = urlsplit(str(link["href"]))
            # Close leads to no id, so that nothing is the page's target and the page does not move.
            if parts.scheme or parts.netloc or "kb-popover-close" in str(link.get("class")):
                continue
            target = (here.parent / unquote(parts.path)).resolve() if parts.path else here
            if not target.is_file() or (parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in ids(target)):
                wrong.append(f"{page}: {link['href']}")
    assert wrong == []


@pytest.mark.parametrize("page", [*PAGES, "search"])
def test_no_page_loads_anything_from_another_host(site: Path, page: str) -> None:
    tree = soup(site, page)
    loaded = [
        str(tag[attribute])
        for name, attribute in (
            ("script", "src"),
            ("link", "href"),
            ("img", "src"),
            ("iframe", "src"),
            ("object", "data"),
            ("source", "src"),
        )
        for tag in tree.find_all(name, attrs={attribute: True})
        if not (name == "link" and "canonical" in str(tag.get("rel")))
    ]
    assert [address for address in loaded if urlsplit(address).netloc] == []
    assert "fetch(" not in "".join(script.get_text() for script in tree.find_all("script"))


def test_style_sheets_and_scripts_name_no_other_host(site: Path) -> None:
    for path in [*site.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"(?:url\(|@import\s+)[\"']?(?:https?:)?//[^)\"']+", text) == [], path.name


@pytest.mark.parametrize(("page", "name"), DIAGRAMS.items())
def test_flagship_diagrams_are_inline_named_and_told_in_words(site: Path, project: Project, page: str, name: str) -> None:
    shown = real(project.diagrams / f"{name}.mmd")
    graph = shown.graph
    box = soup(site, page).find("div", class_="kb-diagram")
    assert isinstance(box, Tag)
    picture = box.find("svg")
    assert isinstance(picture, Tag)
    assert picture["role"] == "group"
    assert picture.find("title").get_text() == graph.title  # type: ignore[union-attr]
    assert picture.find("desc").get_text() == graph.description  # type: ignore[union-attr]
    words = box.find("details", class_="kb-words")
    assert isinstance(words, Tag)
    said = ["".join(part.get_text() for part in item.select(".kb-step, :scope > .kb-hidden")) + "." for item in words.find_all("li")]
    assert said == describe.sentences(shown)
    figure = box.find_parent("figure")
    assert isinstance(figure, Tag)
    assert figure.find("figcaption")
    drawn = {path["id"] for path in picture.find_all("path", class_="kb-edge") if path.get("id")}
    assert drawn == {f"{picture['id']}-{edge.id}" for edge in graph.edges}


def test_no_diagram_is_left_as_source_or_foreign_object(site: Path) -> None:
    for page in PAGES:
        html = (site / f"{page}.html").read_text(encoding="utf-8")
        assert '<pre class="mermaid"' not in html
        assert "foreignObject" not in html
        assert "<object" not in html


def test_diagrams_in_are_pictures_out(site: Path) -> None:
    texts = [(ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8") for page in PAGES]
    asked = sum(
        len(re.findall(r"^```\{mermaid\}", text, re.MULTILINE)) + text.count("```{diagram-gallery}") * len(SOURCES) for text in texts
    )
    drawn = sum(len(soup(site, page).find_all("svg", class_="kb-svg")) for page in PAGES)
    assert drawn == asked > 0


@pytest.mark.parametrize("page", PAGES)
def test_ids_are_unique(site: Path, page: str) -> None:
    ids = [str(tag["id"]) for tag in soup(site, page).find_all(id=True)]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("page", SOURCED)
def test_chapters_cite_sources(site: Path, page: str) -> None:
    links = [str(link["href"]) for link in soup(site, page).select('article a[href*="bibliography.html#"]')]
    assert len(set(links)) >= 10


CHAPTERS = [page for page in SOURCED if page.split("/")[0] in ("brain", "mechanism", "networks", "treatment", "safety")]


@pytest.mark.parametrize("page", CHAPTERS)
def test_chapters_open_in_plain_words_and_end_with_what_is_not_known(site: Path, page: str) -> None:
    headings = [heading.get_text().rstrip("#") for heading in soup(site, page).select("article h2")]
    assert headings[0] == "In plain words"
    assert headings[-1] == "What is not known"
    assert "How sure are we?" in headings


def test_the_glossary_has_its_terms(site: Path) -> None:
    assert len(soup(site, "reference/glossary").select("dl.glossary dt")) >= 60


def test_the_bibliography_shows_design_and_depth_of_reading(site: Path) -> None:
    entries = soup(site, "reference/bibliography").select("div.citation")
    assert len(entries) > 100
    for entry in entries:
        assert re.search(r"\((?:[^()]|\([^()]*\))*; (full text read|abstract read|seen as a citation only)\)", entry.get_text()), (
            entry.get_text()
        )


def test_the_home_page_has_four_doors(site: Path) -> None:
    doors = [card.get_text(" ", strip=True) for card in soup(site, "index").select(".sd-card .sd-card-title")]
    assert doors == ["For patients", "For families", "For clinicians", "For students"]
