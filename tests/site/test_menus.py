"""Menus and words of the glossary in a browser: on hover, focus and tap, with and without scripts, narrow and wide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsing import close
from tests.site.test_pages import PAGES, soup

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


#: A place of the window with nothing to press around it: a tap chooses what is near the finger.
FREE = """() => {
  const far = 24, near = [[0, 0], [far, 0], [-far, 0], [0, far], [0, -far], [far, far], [-far, far], [far, -far], [-far, -far]];
  const pressed = (x, y) => document.elementFromPoint(x, y)?.closest("a, button, summary, input, label, [popover], header, nav");
  for (let y = far; y < innerHeight - far; y += 8)
    for (let x = far; x < innerWidth - far; x += 8)
      if (!near.some(([right, down]) => pressed(x + right, y + down))) return [x, y];
}"""


def opened_page(browser: Browser, site: Path, page: str, **context: object) -> Page:
    opened = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    opened.goto((site / f"{page}.html").as_uri())
    return opened


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("button", "menu"),
    [
        (".kb-menu-button", "#site-menu"),
        (".kb-page-menus [popovertarget=section-menu]", "#section-menu"),
        (".kb-page-menus [popovertarget=page-menu]", "#page-menu"),
    ],
)
def test_on_a_phone_each_menu_opens_and_closes_by_keyboard(browser: Browser, site: Path, button: str, menu: str, scripts: bool) -> None:
    opened = opened_page(browser, site, "mechanism/pathway", viewport={"width": 320, "height": 640}, java_script_enabled=scripts)
    part = opened.locator(menu)
    assert not part.is_visible()
    for way in ("Escape", "Close"):
        opened.locator(button).first.focus()
        opened.keyboard.press("Enter")
        assert part.is_visible()
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        assert part.locator("a").first.is_visible()
        if way == "Escape":
            opened.keyboard.press("Escape")
        else:
            part.locator(".kb-close").click()
        assert not part.is_visible()
    close(opened.context)


@pytest.mark.parametrize("width", [1440, 1100])
def test_on_a_wide_screen_the_chapters_stand_open(browser: Browser, site: Path, width: int) -> None:
    opened = opened_page(browser, site, "mechanism/pathway", viewport={"width": width, "height": 900}, java_script_enabled=False)
    assert opened.locator("#site-menu a").first.is_visible()
    assert opened.locator("#section-menu a[aria-current=page]").is_visible()
    assert not opened.locator(".kb-menu-button").is_visible()
    assert opened.locator("#page-menu").is_visible() or opened.locator(".kb-page-menus [popovertarget=page-menu]").is_visible()
    close(opened.context)


def test_a_menu_closes_when_a_place_on_the_page_is_chosen(browser: Browser, site: Path) -> None:
    opened = opened_page(browser, site, "faq", viewport={"width": 375, "height": 700})
    opened.locator(".kb-page-menus [popovertarget=page-menu]").first.click()
    opened.locator("#page-menu a").nth(3).click()
    assert not opened.locator("#page-menu").is_visible()
    assert "#" in opened.url
    close(opened.context)


def test_each_term_is_explained_once_a_page_and_never_in_a_heading(site: Path) -> None:
    total = 0
    for page in PAGES:
        tree = soup(site, page)
        boxes = tree.select(".kb-term-box")
        total += len(boxes)
        targets = [str(box.select_one(".kb-def")["id"]) for box in boxes]  # type: ignore[index]
        assert len(targets) == len(set(targets)), page
        assert tree.select("h1 .kb-term-box, h2 .kb-term-box, h3 .kb-term-box, .kb-popover .kb-term-box") == []
        for box in boxes:
            shown = box.select_one(".kb-def")
            assert shown is not None
            assert len(shown.get_text()) > 15
            assert str(shown.find("a")["href"]).split("#")[0].endswith("glossary.html")  # type: ignore[index]
            button = box.select_one("button")
            assert button is not None
            assert button.get_text() == "", "the word itself stays text"
    assert total > 200
    assert soup(site, "reference/glossary").select(".kb-term-box") == []


@pytest.mark.parametrize("width", [1280, 320])
def test_a_term_shows_its_meaning_on_hover_and_on_focus_without_scripts(browser: Browser, site: Path, width: int) -> None:
    opened = opened_page(browser, site, "faq", viewport={"width": width, "height": 800}, java_script_enabled=False)
    for number in (0, 3):
        term = opened.locator(".kb-term-open").nth(number)
        meaning = opened.locator("#" + str(term.get_attribute("popovertarget")))
        opened.mouse.move(1, 1)
        assert not meaning.is_visible()
        term.hover()
        assert meaning.is_visible()
        box = meaning.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 800
        meaning.locator("a").hover()
        assert meaning.is_visible(), "the pointer can go onto it"
        opened.mouse.move(1, 1)
        assert not meaning.is_visible()
    first, meaning = opened.locator(".kb-term-open").first, opened.locator(".kb-def").first
    first.focus()
    opened.keyboard.press("Shift+Tab")
    assert not meaning.is_visible()
    opened.keyboard.press("Tab")
    assert meaning.is_visible()
    opened.keyboard.press("Tab")
    assert not meaning.is_visible(), "one stop a word"
    opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("Enter")
    assert meaning.is_visible()
    opened.keyboard.press("Tab")
    assert meaning.is_visible(), "pressed open, its link is the next stop"
    opened.keyboard.press("Escape")
    assert not meaning.locator("a").is_visible()
    opened.keyboard.press("Shift+Tab")
    assert not meaning.is_visible()
    close(opened.context)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_term_opens_by_tap_and_closes_by_a_tap_elsewhere(browser: Browser, site: Path, scripts: bool) -> None:
    opened = opened_page(
        browser, site, "faq", viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True, java_script_enabled=scripts
    )
    term = opened.locator(".kb-term-open").nth(2)
    meaning = opened.locator("#" + str(term.get_attribute("popovertarget")))
    address = opened.url
    term.tap()
    assert meaning.is_visible()
    x, y = opened.evaluate(FREE)
    opened.touchscreen.tap(x, y)
    assert not meaning.is_visible()
    assert opened.url == address, "the tap fell on nothing"
    close(opened.context)


def test_escape_hides_a_meaning_shown_by_the_focus(browser: Browser, site: Path) -> None:
    opened = opened_page(browser, site, "faq")
    opened.keyboard.press("Tab")
    opened.locator(".kb-term-open").first.focus()
    assert opened.locator(".kb-def").first.is_visible()
    opened.keyboard.press("Escape")
    assert not opened.locator(".kb-def").first.is_visible()
    close(opened.context)


def test_wide_tables_can_be_reached_and_named_on_a_phone(browser: Browser, site: Path) -> None:
    opened = opened_page(browser, site, "treatment/efficacy", viewport={"width": 320, "height": 640})
    opened.wait_for_selector(".pst-scrollable-table-container[tabindex]")
    parts = opened.evaluate(
        "[...document.querySelectorAll('.pst-scrollable-table-container')].filter(p => p.scrollWidth > p.clientWidth).map(p => [p.tabIndex, p.getAttribute('role'), Boolean(p.getAttribute('aria-label'))])"
    )
    assert parts
    assert all(part == [0, "group", True] for part in parts)
    close(opened.context)
