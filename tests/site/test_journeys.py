"""Ways that readers go with the keyboard alone, and without scripts. By roles and behaviour, so that a new look needs no new test."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsing import close

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
#: What has the focus, as a reader meets it.
FOCUSED = """() => {
  let at = document.activeElement;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  const look = () => { const s = getComputedStyle(at); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor, s.borderColor, s.textDecorationLine, s.color].join(); };
  return {
    tag: at.tagName.toLowerCase(), href: at.getAttribute("href") || "", id: at.id,
    name: (at.getAttribute("aria-label") || at.innerText || at.value || at.getAttribute("placeholder") || "").trim().replace(/\\s+/g, " "),
    main: Boolean(at.closest("main")), article: Boolean(at.closest("article")), header: Boolean(at.closest("header, [role=banner]")), dialog: Boolean(at.closest("dialog, [role=dialog]")),
    popover: at.getAttribute("popovertarget") || "", type: at.getAttribute("type") || "",
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    outline: style.outlineStyle !== "none" ? parseFloat(style.outlineWidth) : 0, look: look(),
  };
}"""
#: True when the focused element is covered at every place looked at (WCAG 2.4.11).
COVERED = """() => {
  const at = document.activeElement, boxes = [...at.getClientRects()];
  if (at.closest("svg")) return false;
  return boxes.length > 0 && boxes.every(box => [[.5, .5], [.1, .2], [.9, .8]].every(([x, y]) => {
    const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return !hit || !(at.contains(hit) || hit.contains(at));
  }));
}"""
UNFOCUSED = """() => { const at = document.activeElement; at.blur(); const s = getComputedStyle(at);
  const look = [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor, s.borderColor, s.textDecorationLine, s.color].join();
  at.focus({ preventScroll: true }); return look; }"""
#: A reader who must press Tab more often than this has not been given a way.
MOST_TABS = 60


@contextmanager
def reader(browser: Browser, site: Path, page: str, *, width: int = 1280, scripts: bool = True, motion: str = "reduce") -> Iterator[Page]:
    """A reader on one page."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        reduced_motion=motion,  # type: ignore[arg-type]
    )
    opened = context.new_page()
    opened.set_default_timeout(8000)
    opened.goto((site / page).as_uri())
    yield opened
    close(context)


def until(page: Page, expression: str) -> None:
    """Wait for something in the page; playwright's own wait evaluates text inside the page, which the site's policy refuses."""
    for _ in range(80):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {expression}")


def tab_to(page: Page, what: str, wanted: Any) -> dict[str, Any]:
    """Press Tab until what has the focus is wanted."""
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        at = dict(page.evaluate(FOCUSED))
        if wanted(at):
            assert at["seen"], f"the focus on {at['name']!r} is out of sight"
            return at
        passed.append(at["name"])
    raise AssertionError(f"{MOST_TABS} presses of Tab never reached {what}; passed {passed}")


def leads_to(ending: str) -> Any:
    return lambda at: at["tag"] == "a" and at["href"].split("#")[0].endswith(ending)


def follow(page: Page, ending: str) -> None:
    """Tab to a link and press Enter."""
    tab_to(page, f"a link to {ending}", leads_to(ending))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{ending}*")
    assert page.locator("main h1").first.is_visible()


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("start", ["index.html", "faq.html"])
def test_the_first_press_of_tab_offers_to_skip_to_the_text(browser: Browser, site: Path, start: str, width: int) -> None:
    with reader(browser, site, start, width=width) as page:
        page.keyboard.press("Tab")
        first = page.evaluate(FOCUSED)
        assert first["tag"] == "a"
        assert first["href"].startswith("#")
        assert re.search(r"skip|main content", first["name"], re.IGNORECASE)
        until(page, "document.activeElement.getBoundingClientRect().top >= 0")
        assert page.evaluate(FOCUSED)["seen"]
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED)["main"], "after skipping, the next stop is in the text"


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, 375])
def test_from_home_to_the_crisis_lines(browser: Browser, site: Path, width: int, scripts: bool) -> None:
    with reader(browser, site, "index.html", width=width, scripts=scripts) as page:
        if scripts:
            follow(page, "get-help.html")
        else:
            link = page.get_by_role("link").and_(page.locator('a[href$="get-help.html"]')).locator("visible=true").first
            link.focus()
            page.keyboard.press("Enter")
            page.wait_for_url("**/get-help.html")
        assert page.locator('main a[href^="tel:"]').first.is_visible(), "a number that a telephone dials"


def test_from_home_to_a_chapter_and_the_evidence_of_a_sentence(browser: Browser, site: Path) -> None:
    with reader(browser, site, "index.html") as page:
        follow(page, "mechanism/index.html")
        follow(page, "nmda.html")
        mark = tab_to(page, "the mark of a claim", lambda at: at["article"] and at["popover"].startswith("pop-"))
        page.keyboard.press("Enter")
        details = page.locator(f"#{mark['popover']}")
        assert details.is_visible()
        assert len(details.inner_text()) > 60
        page.keyboard.press("Tab")
        assert page.evaluate("id => Boolean(document.activeElement.closest('#' + id))", mark["popover"]), "Tab goes into the details"
        page.keyboard.press("Escape")
        assert not details.is_visible()
        assert page.evaluate(FOCUSED)["popover"] == mark["popover"], "the focus is back on the mark"


@pytest.mark.parametrize("width", [1280, 375])
def test_search_by_keyboard(browser: Browser, site: Path, width: int) -> None:
    with reader(browser, site, "index.html", width=width) as page:
        at = tab_to(
            page, "the search", lambda at: re.search(r"search", at["name"], re.IGNORECASE) and at["tag"] in ("button", "input", "a")
        )
        if at["tag"] != "input":
            page.keyboard.press("Enter")
            page.wait_for_timeout(500)
            if not page.evaluate("document.activeElement.matches('input')"):
                tab_to(page, "the search field", lambda at: at["tag"] == "input" and at["type"] in ("search", "text"))
        page.keyboard.type("bladder")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?*")
        until(page, "[...document.querySelectorAll('main li a')].some(link => /bladder/i.test(link.closest('li').textContent))")
        result = tab_to(page, "a result", lambda at: at["main"] and at["tag"] == "a" and ".html" in at["href"])
        assert result["name"]
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "search.html" not in address)
        assert page.locator("main h1").first.is_visible()


def test_the_menu_of_a_phone(browser: Browser, site: Path) -> None:
    with reader(browser, site, "faq.html", width=375) as page:
        opens = lambda at: at["tag"] in ("button", "summary") and re.search(r"menu|navigation", at["name"], re.IGNORECASE)  # noqa: E731
        button = tab_to(page, "the button of the menu", opens)
        page.keyboard.press("Enter")
        until(page, "[...document.querySelectorAll('a[href$=\"safety/index.html\"]')].some(link => link.checkVisibility())")
        tab_to(page, "a chapter", leads_to("safety/index.html"))
        page.keyboard.press("Escape")
        until(page, f"({FOCUSED})().name === {json.dumps(button['name'])}")
        page.keyboard.press("Enter")
        follow(page, "safety/index.html")


def test_without_scripts_evidence_topics_and_every_chapter_can_be_reached(browser: Browser, site: Path) -> None:
    with reader(browser, site, "search.html", scripts=False) as page:
        topics = page.locator('main a[href$="reference/topics.html"]').first
        assert topics.is_visible(), "the search page sends a reader without scripts to the topics"
        topics.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/reference/topics.html")
        page.locator('main a[href*="safety/"]').first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/safety/**")
        mark = page.locator('article button[popovertarget^="pop-"]').first
        mark.focus()
        page.keyboard.press("Enter")
        details = page.locator("#" + str(mark.get_attribute("popovertarget")))
        assert details.is_visible()
        page.keyboard.press("Escape")
        assert not details.is_visible()


@pytest.mark.parametrize("start", ["index.html", "faq.html", "mechanism/pathway.html", "search.html"])
def test_the_focus_is_always_seen_and_never_covered(browser: Browser, site: Path, start: str) -> None:
    with reader(browser, site, start) as page:
        wrong = []
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUSED)
            if at["tag"] == "body":
                break
            if not at["seen"]:  # a link that slides into view
                page.wait_for_timeout(400)
                at = page.evaluate(FOCUSED)
            if not at["seen"] or page.evaluate(COVERED):
                wrong.append(f"{at['tag']} {at['name'][:40]!r} is out of sight or covered")
            if at["outline"] < 1 and page.evaluate(UNFOCUSED) == at["look"]:
                wrong.append(f"{at['tag']} {at['name'][:40]!r} looks the same with the focus")
        assert wrong == []


def test_who_wants_less_motion_gets_none(browser: Browser, site: Path) -> None:
    with reader(browser, site, "mechanism/pathway.html", width=375) as page:
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        for button in page.locator("header button:visible").all():
            if not button.is_visible():
                continue
            button.click()
            moving = page.evaluate(
                """() => document.getAnimations().filter(motion => motion.effect.getComputedTiming().endTime > 20)
                     .map(motion => `${motion.transitionProperty || motion.animationName} of ${motion.effect.target.outerHTML.slice(0, 80)}`)"""
            )
            page.keyboard.press("Escape")
            assert [each for each in moving if not re.match(r"(?:color|background-color|border|outline|text-decoration|fill)", each)] == []
