"""Help to read on: the foot of each page, the remembered place, print and copy, with and without scripts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup, Tag
from pybtex.database import parse_string

from ketamine_kb.checks import reading_paths
from ketamine_kb.evidence import load
from ketamine_kb.project import Project
from tests.browsing import close
from tests.conftest import ROOT
from tests.site.test_browser import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

KEY = "how-ketamine-works.place"
PATHS = reading_paths.load(Project(ROOT)).paths


@cache
def soup(site: Path, page: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


@cache
def foot(site: Path, page: str) -> BeautifulSoup:
    """The foot alone: reading whole pages for it would take most of the time of these tests."""
    _, mark, rest = (site / f"{page}.html").read_text(encoding="utf-8").partition('<div class="kb-foot"')
    return BeautifulSoup(mark + rest.partition("<footer")[0], "html.parser")


def target(site: Path, page: str, link: Tag) -> str:
    """The page that a link leads to."""
    return (site / page).parent.joinpath(str(link["href"])).resolve().relative_to(site.resolve()).with_suffix("").as_posix()


@pytest.mark.parametrize("reader", PATHS)
def test_the_foot_of_each_page_leads_along_the_path_and_back(site: Path, reader: str) -> None:
    every = [PATHS[reader].start, *PATHS[reader].pages]
    for number, page in enumerate(every):
        row = foot(site, page).select_one(f'.kb-paths li[data-reader="{reader}"]')
        assert row is not None, page
        links = [target(site, page, link) for link in row.find_all("a")]
        assert links == [every[number + 1] if number + 1 < len(every) else every[0], *every[max(number - 1, 0) : number]], page


@pytest.mark.parametrize("reader", PATHS)
def test_the_start_page_lists_its_path_in_order(site: Path, reader: str) -> None:
    path = PATHS[reader]
    links = [target(site, path.start, link) for link in soup(site, path.start).select("article ol a.reference.internal")]
    assert [link for link in links if link in path.pages][: len(path.pages)] == path.pages


def test_a_page_on_no_path_has_no_list_of_paths(site: Path) -> None:
    assert soup(site, "about/corrections").select(".kb-paths") == []
    assert soup(site, "search").select(".kb-foot") == []


def test_a_page_is_cited_in_both_forms(site: Path) -> None:
    plain, bibtex = (part.get_text() for part in soup(site, "safety/side-effects").select(".kb-foot .kb-cite [data-cite]"))
    title = "Side effects: common on the day, mostly short, and not always mild"
    assert plain.startswith(f"The How Ketamine Works contributors (2026). {title}. In: How Ketamine Works, version ")
    entry = parse_string(bibtex, "bibtex").entries["how-ketamine-works-safety-side-effects"]
    assert entry.fields["title"] == "{" + title + "}"
    assert "http" not in plain + bibtex


def test_every_claim_is_cited_under_its_own_address(site: Path) -> None:
    facts = load.load(Project(ROOT))
    claims = dict(facts.claims)
    for entry in (entry for chapter in facts.chapters for entry in soup(site, f"evidence/ledger/{chapter}").select(".kb-entry")):
        cite = entry.select_one("details.kb-cite")
        assert cite is not None, entry["id"]
        assert cite.select_one("a")["href"] == f"../ledger.html#{entry['id']}"  # type: ignore[index]
        plain, bibtex = (part.get_text() for part in cite.select("[data-cite]"))
        assert claims.pop(str(entry["id"]).removeprefix("claim-")).statement in plain
        assert f"@misc{{how-ketamine-works-{entry['id']}," in bibtex
        assert next(iter(parse_string(bibtex, "bibtex").entries.values())).fields["note"].startswith("Claim graded ")
    assert claims == {}


def test_nothing_is_written_inline(site: Path) -> None:
    for page in ("index", "start/patients", "safety/side-effects", "404"):
        for part in soup(site, page).select(".kb-foot, .kb-continue, .kb-lost"):
            for tag in [part, *part.find_all(True)]:
                assert [name for name in tag.attrs if name == "style" or name.startswith("on")] == []


def test_the_script_is_small(site: Path) -> None:
    assert (site / "_static" / "reading.js").stat().st_size <= 4096


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address of the site on a server of this machine: for files Chromium may bring what is stored to the next page late."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def opened(browser: Browser, base: str, page: str, **options: Any) -> tuple[BrowserContext, Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    tab = context.new_page()
    go(tab, base, page)
    return context, tab


def go(tab: Page, base: str, page: str) -> None:
    tab.goto(f"{base}/{page}.html")


@pytest.mark.browser
class TestInTheBrowser:
    """With scripts, without, and with storage blocked."""

    def test_the_home_page_offers_to_go_on_and_forgets_on_request(self, browser: Browser, served: str) -> None:
        context, tab = opened(browser, served, "index", reduced_motion="reduce")  # else the way to a part takes a while
        assert not tab.locator(".kb-continue").is_visible()
        go(tab, served, "treatment/efficacy")
        last = tab.locator("article section section[id]").nth(2)
        name = last.get_attribute("id")
        last.evaluate("part => part.scrollIntoView()")
        go(tab, served, "get-help")
        go(tab, served, "index")
        link = tab.locator(".kb-continue a")
        assert link.is_visible()
        assert link.inner_text() == "Does it work? What the trials found, good and bad"
        link.click()
        assert tab.url == f"{served}/treatment/efficacy.html#{name}"
        go(tab, served, "start/families")
        tab.locator(".kb-continue button").click()
        assert not tab.locator(".kb-continue").is_visible()
        assert tab.evaluate(f"localStorage.getItem('{KEY}')") is None
        go(tab, served, "index")
        assert not tab.locator(".kb-continue").is_visible()
        close(context)

    def test_the_path_that_a_reader_followed_stands_first(self, browser: Browser, served: str) -> None:
        context, tab = opened(browser, served, "treatment/efficacy")
        first = ".kb-paths li >> nth=0"
        assert tab.locator(first).get_attribute("data-reader") == "patient"
        go(tab, served, "start/students")
        go(tab, served, "treatment/efficacy")
        assert tab.locator(first).get_attribute("data-reader") == "student"
        tab.locator('.kb-paths li[data-reader="clinician"] a').first.click()
        assert tab.url.endswith("/treatment/who.html")
        assert tab.locator(first).get_attribute("data-reader") == "clinician"
        close(context)

    def test_only_what_the_page_on_privacy_names_is_kept(self, browser: Browser, served: str, site: Path) -> None:
        context, tab = opened(browser, served, "start/patients")
        for page in ("safety/side-effects", "get-help", "index"):
            go(tab, served, page)
        kept = tab.evaluate("({ local: Object.keys(localStorage).sort(), session: Object.keys(sessionStorage) })")
        assert set(kept["local"]) <= {KEY, "mode", "theme"}
        assert KEY in kept["local"]
        assert set(kept["session"]) <= {"sidebar-scroll-top"}
        assert context.cookies() == []
        assert sorted(tab.evaluate(f"Object.keys(JSON.parse(localStorage.getItem('{KEY}')))")) == ["at", "page", "reader", "title"]
        assert KEY in (site / "about" / "privacy.html").read_text(encoding="utf-8")
        close(context)

    @pytest.mark.parametrize(
        "kept", ["null", "3", '"text"', "{", '{"page": "../../x", "title": "T"}', '{"page": "https://a.example", "title": "T"}']
    )
    def test_what_others_left_in_the_storage_does_no_harm(self, browser: Browser, served: str, kept: str) -> None:
        context, tab = opened(browser, served, "index")
        tab.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
        errors: list[str] = []
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.reload()
        assert tab.evaluate(f"localStorage.getItem('{KEY}')") == kept
        assert not tab.locator(".kb-continue").is_visible()
        assert errors == []
        close(context)

    def test_with_storage_blocked_everything_else_works(self, browser: Browser, served: str) -> None:
        context = browser.new_context()
        context.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked'); } })")
        tab = context.new_page()
        go(tab, served, "start/patients")
        go(tab, served, "treatment/efficacy")
        assert tab.locator(".kb-print").is_visible()
        go(tab, served, "index")
        assert not tab.locator(".kb-continue").is_visible()
        close(context)

    def test_copy_puts_the_citation_on_the_clipboard_and_says_so(self, browser: Browser, served: str) -> None:
        context, tab = opened(browser, served, "faq", permissions=["clipboard-read", "clipboard-write"])
        box = tab.locator(".kb-foot .kb-cite")
        box.locator("summary").click()
        for number, text in enumerate(box.locator("[data-cite]").all()):
            box.locator("button").nth(number).click()
            eventually(tab, f"Boolean(document.querySelectorAll('.kb-foot [role=status]')[{number}].textContent)")
            assert box.locator("[role=status]").nth(number).inner_text().strip() == "Copied."
            # Not awaited: a browser that never answers would hold the test for ever.
            tab.evaluate("() => { window.held = null; navigator.clipboard.readText().then(words => { window.held = words; }); }")
            eventually(tab, "window.held !== null")
            assert tab.evaluate("window.held") == text.text_content()
        close(context)

    def test_where_the_clipboard_is_refused_the_text_is_marked(self, browser: Browser, served: str) -> None:
        context, tab = opened(browser, served, "faq")
        tab.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
        box = tab.locator(".kb-foot .kb-cite")
        box.locator("summary").click()
        box.locator("button").first.click()
        eventually(tab, "document.querySelector('.kb-foot [role=status]').textContent.includes('Marked')")
        assert tab.evaluate("getSelection().toString()").strip() == box.locator("[data-cite]").first.inner_text().strip()
        close(context)

    def test_print_asks_the_browser_to_print(self, browser: Browser, served: str) -> None:
        context, tab = opened(browser, served, "faq")
        tab.evaluate("window.print = () => { window.printed = true; }")
        tab.locator(".kb-print").click()
        assert tab.evaluate("window.printed")
        tab.emulate_media(media="print")
        assert not tab.locator(".kb-foot").is_visible()
        close(context)

    def test_without_scripts_the_paths_and_citations_are_there_and_no_dead_button(self, browser: Browser, site: Path) -> None:
        context, tab = opened(browser, site.as_uri(), "treatment/efficacy", java_script_enabled=False)
        assert tab.locator(".kb-foot button:visible").count() == 0
        box = tab.locator(".kb-foot .kb-cite")
        box.locator("summary").click()
        assert box.locator("pre").is_visible()
        tab.locator('.kb-paths li[data-reader="patient"] a').first.click()
        assert tab.url.endswith("/treatment/who.html")
        go(tab, site.as_uri(), "index")
        assert not tab.locator(".kb-continue").is_visible()
        close(context)

    @pytest.mark.parametrize("width", [1280, 320])
    @pytest.mark.parametrize("page", ["treatment/efficacy", "404"])
    def test_opened_citations_and_the_lost_page_fit(self, browser: Browser, site: Path, page: str, width: int) -> None:
        context, tab = opened(browser, site.as_uri(), page)
        tab.set_viewport_size({"width": width, "height": 800})
        for box in tab.locator(".kb-foot .kb-cite summary").all():
            box.click()
        assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        close(context)
