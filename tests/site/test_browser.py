"""The site in a real browser: wide and narrow, light and dark, with and without scripts, keyboard only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LOOKED_AT = ("index", "start", "mechanism/pathway", "networks/ketamine", "treatment/routes", "faq")


def open_page(
    browser: Browser, site: Path, page: str, *, width: int = 1280, dark: bool = False, scripts: bool = True
) -> tuple[Page, list[str]]:
    """A page with the list of addresses it asked for."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", java_script_enabled=scripts
    )
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((site / f"{page}.html").as_uri())
    return opened, asked


@pytest.mark.parametrize("page", LOOKED_AT)
@pytest.mark.parametrize("width", [1280, 375, 320])
def test_nothing_is_asked_of_other_hosts_and_nothing_overflows(browser: Browser, site: Path, page: str, width: int) -> None:
    opened, asked = open_page(browser, site, page, width=width)
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    overflow = opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
    opened.context.close()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("scripts", [False, True])
def test_diagrams_are_seen_without_scripts_and_in_both_themes(browser: Browser, site: Path, dark: bool, scripts: bool) -> None:
    opened, _ = open_page(browser, site, "mechanism/pathway", dark=dark, scripts=scripts)
    seen = opened.locator(".kb-picture svg").first
    assert seen.is_visible()
    box = seen.bounding_box()
    assert box is not None
    assert box["width"] > 200
    fill = "getComputedStyle(document.querySelector('.kb-drug > .kb-shape')).fill"
    paper = "getComputedStyle(document.querySelector('.kb-picture')).backgroundColor"
    wanted = ("rgb(66, 32, 6)", "rgb(18, 20, 23)") if dark else ("rgb(254, 243, 199)", "rgb(255, 255, 255)")
    if scripts:
        assert (opened.evaluate(fill), opened.evaluate(paper)) == wanted
    opened.context.close()


def test_dark_colours_need_no_script(browser: Browser, site: Path) -> None:
    """Without scripts nothing can be evaluated in the page, so the picture itself is compared."""
    shots = []
    for dark in (False, True):
        opened, _ = open_page(browser, site, "mechanism/pathway", dark=dark, scripts=False)
        shots.append(opened.locator(".kb-picture svg").first.screenshot())
        opened.context.close()
    assert shots[0] != shots[1]


def test_labels_stay_inside_their_boxes(browser: Browser, site: Path) -> None:
    for page in ("mechanism/pathway", "networks/ketamine"):
        opened, _ = open_page(browser, site, page)
        opened.evaluate("document.fonts.ready")
        outside = opened.evaluate(
            """() => [...document.querySelectorAll('.kb-node')].filter(node => {
                 const box = node.querySelector('.kb-shape').getBBox(), text = node.querySelector('text').getBBox();
                 return text.x < box.x || text.x + text.width > box.x + box.width || text.y < box.y || text.y + text.height > box.y + box.height;
               }).map(node => node.id)"""
        )
        assert outside == []
        opened.context.close()


def test_the_diagram_font_is_the_shipped_one(browser: Browser, site: Path) -> None:
    opened, asked = open_page(browser, site, "mechanism/pathway")
    opened.evaluate("document.fonts.ready")
    assert opened.evaluate("document.fonts.check('15px \"KB Diagram\"')")
    assert any(address.endswith("inter-diagram.woff2") for address in asked)
    opened.context.close()


def test_on_a_phone_the_words_of_a_diagram_keep_their_size(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "mechanism/pathway", width=375)
    scale = opened.evaluate("(() => { const m = document.querySelector('.kb-picture svg').getScreenCTM(); return m.a; })()")
    assert scale == pytest.approx(1.0, abs=0.01)
    opened.context.close()


def test_the_text_version_opens_by_keyboard_without_scripts(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "mechanism/pathway", scripts=False)
    summary = opened.locator("details.kb-words summary").first
    summary.focus()
    opened.keyboard.press("Enter")
    assert opened.locator("details.kb-words li").first.is_visible()
    opened.context.close()


def test_the_picture_can_be_reached_and_scrolled_by_keyboard(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "networks/ketamine", width=375)
    picture = opened.locator(".kb-picture").first
    picture.focus()
    assert opened.evaluate("document.activeElement.classList.contains('kb-picture')")
    opened.keyboard.press("ArrowRight")
    opened.wait_for_function("document.querySelector('.kb-picture').scrollLeft > 0", timeout=3000)
    opened.context.close()


@pytest.mark.parametrize("page", LOOKED_AT)
def test_a_reader_without_scripts_can_read_and_go_on(browser: Browser, site: Path, page: str) -> None:
    opened, _ = open_page(browser, site, page, scripts=False)
    assert opened.locator("article h1").is_visible()
    before = opened.url
    opened.locator("#pst-header a.nav-internal", has_text="Mechanism").first.click()
    assert opened.url != before
    assert opened.url.endswith("mechanism/index.html")
    opened.context.close()


def test_printed_pages_keep_the_text_version_and_drop_the_navigation(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "mechanism/pathway")
    opened.emulate_media(media="print")
    assert not opened.locator("#pst-header").is_visible()
    assert not opened.locator(".bd-sidebar-primary").is_visible()
    assert opened.locator("details.kb-words li").first.bounding_box() is not None
    opened.context.close()


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("scripts", [True, False])
def test_the_evidence_of_a_sentence_opens_by_keyboard_and_fits(browser: Browser, site: Path, width: int, scripts: bool) -> None:
    opened, _ = open_page(browser, site, "safety/side-effects", width=width, scripts=scripts)
    mark = opened.locator("button.kb-chip").first
    details = opened.locator("#" + str(mark.get_attribute("popovertarget")))
    assert not details.is_visible()
    mark.focus()
    opened.keyboard.press("Enter")
    assert details.is_visible()
    box = details.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["height"] <= 900
    assert details.locator("a").last.is_visible() or box["height"] > 300
    opened.keyboard.press("Escape")
    assert not details.is_visible()
    opened.context.close()


def test_marks_are_large_enough_to_touch(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "faq", width=375)
    heights = opened.evaluate("[...document.querySelectorAll('button.kb-chip')].map(mark => mark.getBoundingClientRect().height)")
    assert heights
    assert min(heights) >= 24
    opened.context.close()


def test_a_browser_without_popovers_shows_links_and_no_details(browser: Browser, site: Path) -> None:
    """The rule for such browsers, applied by hand: this Chromium knows popovers."""
    css = (site / "_static" / "site.css").read_text(encoding="utf-8")
    rule = css.split("@supports not selector(:popover-open) {", 1)[1].split("\n}", 1)[0]
    opened, _ = open_page(browser, site, "faq")
    opened.add_style_tag(content=rule)
    assert not opened.locator("button.kb-chip").first.is_visible()
    link = opened.locator("a.kb-chip-link").first
    assert link.is_visible()
    assert not opened.locator(".kb-popovers").is_visible()
    link.click()
    assert "/evidence/ledger.html#claim-" in opened.url
    opened.context.close()
