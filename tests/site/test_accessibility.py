"""Zero faults by axe on a part of the pages (all of them: `nox -s a11y`), by the Nu HTML Checker on every page, and what neither sees."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup, Tag

from tests.accessibility import axe, markup
from tests.accessibility.found import Found, pages
from tests.browsing import close

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Letters that English does not use; a few of them stand alone in names of molecules and units.
FOREIGN = re.compile(r"[\u0386-\u03ff]{3,}|[\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
#: WCAG 1.4.12.
SPACED = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }"
CUT_OFF = """() => [...document.querySelectorAll("main *, header *, footer *, nav *")].filter(element => {
  if (element.closest("svg") || !element.checkVisibility() || !element.textContent.trim()) return false;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  if (box.width <= 2 || box.height <= 2 || style.display === "inline") return false;
  const cut = how => how === "hidden" || how === "clip";
  return (cut(style.overflowY) && element.scrollHeight > element.clientHeight + 2)
      || (cut(style.overflowX) && element.scrollWidth > element.clientWidth + 2);
}).map(element => element.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def parsed(site: Path) -> dict[str, BeautifulSoup]:
    """Every page, read once for all tests here; not to be changed."""
    return {name: BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser") for name in pages(site)}


@pytest.mark.browser
@pytest.mark.parametrize("look", axe.QUICK, ids=str)
def test_axe_finds_nothing_on_the_pages_that_it_looks_at(browser: Browser, site: Path, look: axe.Look) -> None:
    result = axe.audit(browser, site, [look])
    assert result.runs >= len(pages(site)) // look.every
    # On a wide page the menus stand open.
    wanted = len(axe.MENUS_OF) if look.width < 800 else 0
    assert result.opened["menus"] >= wanted, "a header with nothing to open is not what was looked at"
    assert result.opened["popovers"] > 50
    assert result.found == set(), "\n" + "\n".join(str(fault) for fault in sorted(result.found))


@pytest.mark.browser
def test_axe_here_does_find_faults(browser: Browser, tmp_path: Path) -> None:
    """The same audit on a bad page: a fault in what is shown, and one that only opening shows."""
    (tmp_path / "bad.html").write_text(
        '<!doctype html><html lang="en"><head><title>T</title></head><body><header><p>H</p></header><main><h1>T</h1><img src="x.png">'
        '<p style="color:#aaa;background:#fff">Faint words that nobody can read</p><button popovertarget="p">Open</button>'
        '<div popover id="p"><input type="text"></div><details><summary>S</summary><a href="#p"></a></details></main></body></html>',
        encoding="utf-8",
    )
    result = axe.audit(browser, tmp_path, [axe.Look(False, 1280)])
    rules = {fault.rule for fault in result.found}
    assert {"axe image-alt", "axe color-contrast", "axe label", "axe link-name"} <= rules
    assert str(min(fault for fault in result.found if fault.rule == "axe image-alt")).startswith("bad.html: axe image-alt: img")


@pytest.mark.skipif(bool(markup.missing()), reason=markup.missing())
def test_the_html_checker_finds_no_error_on_any_page(site: Path) -> None:
    found = markup.check(site)
    assert found == [], "\n" + "\n".join(str(fault) for fault in found)


@pytest.mark.skipif(bool(markup.missing()), reason=markup.missing())
def test_the_html_checker_here_does_find_errors(tmp_path: Path) -> None:
    text = '<!doctype html><html lang="en"><head><title>T</title></head><body><p><div></div></p><b id="a"></b><i id="a"></i></body></html>'
    (tmp_path / "bad.html").write_text(text, encoding="utf-8")
    found = markup.check(tmp_path)
    assert {fault.page for fault in found} == {"bad.html"}
    assert any("Duplicate ID" in fault.why for fault in found)


def test_every_popover_is_opened_by_something_and_every_button_opens_one(site: Path) -> None:
    assert markup.popovers(site) == []


def test_a_button_without_its_popover_is_found(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text('<button popovertarget="no">A</button><div popover id="alone"></div>', encoding="utf-8")
    assert [str(fault) for fault in markup.popovers(tmp_path)] == [
        str(Found("x.html", "popover", "source", "#no", "a button names it, and it is not there")),
        str(Found("x.html", "popover", "source", "#alone", "nothing opens it")),
    ]


def test_the_language_is_said_and_other_languages_are_marked(parsed: dict[str, BeautifulSoup]) -> None:
    unmarked = []
    for name, page in parsed.items():
        root = page.find("html")
        assert isinstance(root, Tag)
        assert root.get("lang") == "en-GB", name
        for text in page.find_all(string=FOREIGN):
            holder = text.find_parent(lang=True)
            if holder is None or holder.get("lang") == "en-GB":
                unmarked.append(f"{name}: {str(text).strip()[:60]}")
    assert unmarked == []


def test_nothing_changes_the_order_of_the_tab_key(parsed: dict[str, BeautifulSoup]) -> None:
    assert [f"{name}: {str(tag)[:100]}" for name, page in parsed.items() for tag in page.find_all(tabindex=re.compile(r"^\+?[1-9]"))] == []


def test_every_table_has_headings_and_every_picture_words(parsed: dict[str, BeautifulSoup]) -> None:
    wrong = []
    for name, page in parsed.items():
        wrong += [f"{name}: a table without headings" for table in page.find_all("table") if table.find("th") is None]
        wrong += [f"{name}: {str(image)[:100]}" for image in page.find_all("img") if image.get("alt") is None]
        for picture in page.select("svg[role=img]:not([aria-hidden=true]), svg[role=group]:not([aria-hidden=true])"):
            named = [page.find(id=one) for one in str(picture.get("aria-labelledby", "")).split()]
            if not picture.get("aria-label") and not (named and all(isinstance(one, Tag) and one.get_text(strip=True) for one in named)):
                wrong.append(f"{name}: a picture without a name: {str(picture)[:100]}")
    assert wrong == []


def opened(browser: Browser, width: int, height: int = 900) -> Page:
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True, reduced_motion="reduce")
    return context.new_page()


@pytest.mark.browser
def test_at_four_times_the_size_no_page_scrolls_sideways(browser: Browser, site: Path) -> None:
    """1280 by 1024 at 400 % is 320 by 256."""
    page = opened(browser, 320, 256)
    wide = []
    for name in pages(site):
        page.goto((site / name).as_uri(), wait_until="domcontentloaded")
        if (over := page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) > 0:
            wide.append(f"{name}: {over} px too wide")
    close(page.context)
    assert wide == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 375])
def test_wider_spaced_text_loses_nothing(browser: Browser, site: Path, width: int) -> None:
    page = opened(browser, width)
    wrong = []
    for name in ("index.html", "faq.html", "mechanism/pathway.html", "treatment/efficacy.html", "get-help.html", "reference/glossary.html"):
        page.goto((site / name).as_uri())
        page.add_style_tag(content=SPACED)
        if (over := page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) > 0:
            wrong.append(f"{name}: {over} px too wide")
        wrong += [f"{name}: cut off: {element}" for element in page.evaluate(CUT_OFF)]
    close(page.context)
    assert wrong == []


#: Parts of the site that list, define or document and so cannot explain each word where it first stands.
LISTS = ("reference/", "evidence/", "contribute/", "about/", "search", "genindex")
ACRONYM = re.compile(r"\b[A-Za-z]?[A-Z]{2,}[A-Za-z0-9]*\b")


def acronyms(glossary: BeautifulSoup) -> set[str]:
    """Short forms that the glossary explains."""
    return {word for term in glossary.select("dl.glossary dt") for word in ACRONYM.findall(term.get_text(" "))}


def unexplained(page: BeautifulSoup, known: set[str]) -> list[str]:
    """Short forms of the glossary that a page uses in its sentences and explains nowhere: by a link to the glossary, ``abbr`` or brackets."""
    article = copy.copy(page.find("article") or page.find("main"))
    assert isinstance(article, Tag)
    explained = " ".join(link.get_text(" ") for link in article.select('.kb-term, [href*="#term-"], abbr[title], dfn')).replace("-", " ")
    for part in article.select(
        "[popover], .kb-popovers, svg, code, pre, button, figure, details, table, .citation, .kb-diagram, a:not([href*='#term-'])"
    ):
        part.decompose()
    text = article.get_text(" ")
    found = []
    for word in sorted(set(ACRONYM.findall(text))):
        bare = word.removesuffix("s")
        in_brackets = re.search(rf"\w+ \({bare}s?\)|\b{bare}s? \(|\([^()]{{0,40}}\b{bare}\b[^()]{{0,10}}\)", text)
        if bare in known and bare not in explained and not in_brackets:
            found.append(word)
    return found


def test_short_forms_of_the_glossary_are_explained_on_every_page_that_uses_them(parsed: dict[str, BeautifulSoup]) -> None:
    known = acronyms(parsed["reference/glossary.html"])
    assert {"BDNF", "FDA", "GABA"} <= known
    wrong = {name: words for name, page in parsed.items() if not name.startswith(LISTS) and (words := unexplained(page, known))}
    assert wrong == {}


def test_a_short_form_without_its_explanation_is_found() -> None:
    page = '<article><p>The FDA and <a href="x.html#term-BDNF">BDNF</a>, and the European agency (EMA). <code>GABA</code></p></article>'
    assert unexplained(BeautifulSoup(page, "html.parser"), {"FDA", "BDNF", "EMA", "GABA"}) == ["FDA"]
