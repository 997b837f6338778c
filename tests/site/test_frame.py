"""The frame of every page: nothing inline, light, the same size however large the site, and the line under the title."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from ketamine_kb.sphinxext.layout import NEIGHBOURS, POLICY, Navigation, edit_address, facts_line, kept
from tests.site.test_pages import PAGES, front_matter, soup

BUDGET, SCRIPT_BUDGET, REQUESTS = 120_000, 40_000, 16


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_inline_and_the_policy_stands_before_any_asset(site: Path, page: str) -> None:
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    tree = BeautifulSoup(text, "html.parser")
    policy = tree.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert isinstance(policy, Tag)
    assert policy["content"] == POLICY
    assert text.index("Content-Security-Policy") < min(text.index("<link"), text.index("<script"))
    wrong = [tag.name for tag in tree.find_all(True) if "style" in tag.attrs or any(name.startswith("on") for name in tag.attrs)]
    assert wrong == []
    assert tree.find_all("style") == []
    assert [script for script in tree.find_all("script", src=False) if script.get("type") != "application/ld+json"] == []
    assert [link["href"] for link in tree.find_all("a", href=re.compile(r"^\s*(javascript|data):", re.IGNORECASE))] == []


def loaded(site: Path, page: str) -> list[Path]:
    """Files that a page asks for by itself."""
    tree, here = soup(site, page), site / f"{page}.html"
    named = [tag["href"] for tag in tree.find_all("link", rel="stylesheet")] + [
        tag["src"] for tag in tree.find_all(["script", "img"], src=True)
    ]
    files = [(here.parent / urlsplit(str(address)).path).resolve() for address in named]
    return files + [site / "_static" / "inter-diagram.woff2"] * ("kb-svg" in str(tree) or "kb-plot" in str(tree))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_keeps_its_budget(site: Path, page: str) -> None:
    files = loaded(site, page)
    weights = {path: len(path.read_bytes() if path.suffix == ".woff2" else gzip.compress(path.read_bytes(), 6)) for path in files}
    html = len(gzip.compress((site / f"{page}.html").read_bytes(), 6))
    assert html + sum(weights.values()) <= BUDGET
    assert sum(weight for path, weight in weights.items() if path.suffix == ".js") <= SCRIPT_BUDGET
    assert 1 + len(files) <= REQUESTS


def test_the_site_carries_no_part_of_the_theme_that_no_page_loads(site: Path) -> None:
    left = [
        path.relative_to(site).as_posix()
        for path in (site / "_static").rglob("*")
        if re.search("fontawesome|fa-solid|bootstrap|jquery", path.name)
    ]
    assert left == []
    assert not (site / "_static" / "styles").exists()
    for page in PAGES:
        assert not re.search(r'class="[^"]*\bfa-', (site / f"{page}.html").read_text(encoding="utf-8")), page


def test_style_sheets_name_no_colour_scheme_twice_over(site: Path) -> None:
    css = (site / "_static" / "site.css").read_text(encoding="utf-8")
    for mode in ("prefers-contrast: more", "forced-colors: active", "prefers-color-scheme: dark", "prefers-reduced-motion"):
        assert mode in css
    assert "data:" not in css, "the policy forbids it"


@pytest.mark.parametrize("page", [page for page in PAGES if page != "index"])
def test_the_line_under_the_title_says_when_who_and_how_long(site: Path, page: str) -> None:
    tree = soup(site, page)
    line = tree.select_one("article h1 + ul.kb-page-facts")
    assert isinstance(line, Tag)
    assert cast(Tag, line.find("time"))["datetime"] == str(front_matter(page)["evidence_checked"])
    reviewers = cast("list[str]", front_matter(page)["clinical_reviewers"])
    assert ("Reviewed by" if reviewers else "Not yet reviewed by a clinician") in line.get_text()


def test_reading_time_follows_the_words() -> None:
    from docutils.utils import new_document

    from ketamine_kb.sphinxext.pages import status_of

    status = status_of({"evidence_checked": "2026-01-02", "review_by": "2199-01-02", "clinical_reviewers": "[]"})
    document = new_document("page")
    for words, said in ((10, "About 1 minute to read"), (201, "About 2 minutes to read"), (4000, "About 20 minutes to read"), (5200, None)):
        document.clear()
        from docutils import nodes

        document += nodes.paragraph("", "word " * words)
        line = facts_line(status, document)
        assert (said in line) if said else ("to read" not in line)
    assert facts_line(None, document) == ""


@pytest.mark.parametrize("page", ["index", "faq", "reference/glossary", "contribute/publish"])
def test_without_a_repository_a_change_is_suggested_at_the_contribute_page(site: Path, page: str) -> None:
    footer = soup(site, page).select_one("footer.bd-footer")
    assert isinstance(footer, Tag)
    link = footer.find("a", string="Suggest a change to this page")
    assert isinstance(link, Tag)
    assert str(link["href"]).endswith("contribute/index.html") or (page.startswith("contribute") and str(link["href"]) == "index.html")


@pytest.mark.parametrize(
    ("repository", "wanted"),
    [
        ("", ""),
        ("https://github.com/a/b", "https://github.com/a/b/edit/main/docs/faq.md"),
        ("https://gitlab.com/a/b", "https://gitlab.com/a/b/-/edit/main/docs/faq.md"),
        ("https://codeberg.org/a/b", "https://codeberg.org/a/b/_edit/main/docs/faq.md"),
        ("https://example.org/b", "https://example.org/b"),
    ],
)
def test_with_a_repository_the_page_is_edited_there(repository: str, wanted: str) -> None:
    assert edit_address(repository, "docs/faq.md") == wanted


def large(pages: int) -> Navigation:
    """The menus of a site with one chapter of many pages."""
    from docutils import nodes
    from sphinx import addnodes

    def toc(targets: list[str]) -> nodes.bullet_list:
        return nodes.bullet_list("", nodes.list_item("", addnodes.toctree(entries=[(None, target) for target in targets])))

    names = [f"c/p{number}" for number in range(pages)]
    env: Any = SimpleNamespace(
        config=SimpleNamespace(root_doc="index"),
        titles={name: nodes.title("", name) for name in ("index", "c/index", *names)},
        tocs={"index": toc(["c/index"]), "c/index": toc(names)},
        toctree_includes={"index": ["c/index"], "c/index": names},
    )
    return Navigation(env)


@pytest.mark.parametrize("pages", [3, 60, 4000])
def test_menus_do_not_grow_with_the_site(pages: int) -> None:
    navigation = large(pages)
    for name in ("c/p0", f"c/p{pages // 2}", f"c/p{pages - 1}"):
        title, entries = navigation.section(name, str)
        assert title == "c/index"
        assert len(entries) == min(pages, NEIGHBOURS) + 1
        assert [entry.link for entry in entries if entry.here] == [name]
        assert [entry.link for entry in navigation.chapters(name, str) if entry.current] == ["c/index"]
    assert navigation.section("search", str) == ("", [])


def test_assets_that_a_page_does_not_use_are_left_out() -> None:
    names = [
        "_static/site.css",
        "_static/pygments.css",
        "_static/plots.css",
        "_static/styles/x.css",
        "_static/doctools.js",
        "_static/diagrams.js",
    ]
    assets: list[Any] = [SimpleNamespace(filename=name) for name in names] + [SimpleNamespace(filename=None, body="inline")]
    assert [asset.filename for asset in kept(assets, "<p>")] == ["_static/site.css"]
    assert [asset.filename for asset in kept(assets, '<div class="highlight"><svg class="kb-plot">')] == names[:3]
