"""The site in a real browser: wide and narrow, light and dark, with and without scripts, keyboard only."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsing import close

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser
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


def eventually(opened: Page, expression: str, *, within: float = 3) -> None:
    """Wait until an expression is true.

    Playwright's own waiting asks the page's script to evaluate text again and again, which the security policy of our pages forbids.
    """
    end = time.monotonic() + within
    while not opened.evaluate(expression):
        assert time.monotonic() < end, f"never became true: {expression}"
        opened.wait_for_timeout(20)


@pytest.mark.parametrize("page", LOOKED_AT)
@pytest.mark.parametrize("width", [1280, 375, 320])
def test_nothing_is_asked_of_other_hosts_and_nothing_overflows(browser: Browser, site: Path, page: str, width: int) -> None:
    opened, asked = open_page(browser, site, page, width=width)
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    overflow = opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
    close(opened.context)


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
    close(opened.context)


def test_dark_colours_need_no_script(browser: Browser, site: Path) -> None:
    """Without scripts nothing can be evaluated in the page, so the picture itself is compared."""
    shots = []
    for dark in (False, True):
        opened, _ = open_page(browser, site, "mechanism/pathway", dark=dark, scripts=False)
        shots.append(opened.locator(".kb-picture svg").first.screenshot())
        close(opened.context)
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
        close(opened.context)


def test_the_diagram_font_is_the_shipped_one(browser: Browser, site: Path) -> None:
    opened, asked = open_page(browser, site, "mechanism/pathway")
    opened.evaluate("document.fonts.ready")
    assert opened.evaluate("document.fonts.check('15px \"KB Diagram\"')")
    assert any(address.endswith("inter-diagram.woff2") for address in asked)
    close(opened.context)


def test_on_a_phone_the_words_of_a_diagram_keep_their_size(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "mechanism/pathway", width=375)
    scale = opened.evaluate("(() => { const m = document.querySelector('.kb-picture svg').getScreenCTM(); return m.a; })()")
    assert scale == pytest.approx(1.0, abs=0.01)
    close(opened.context)


def test_the_text_version_opens_by_keyboard_without_scripts(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "mechanism/pathway", scripts=False)
    summary = opened.locator("details.kb-words summary").first
    summary.focus()
    opened.keyboard.press("Enter")
    assert opened.locator("details.kb-words li").first.is_visible()
    close(opened.context)


def test_the_picture_can_be_reached_and_scrolled_by_keyboard(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "networks/ketamine", width=375)
    picture = opened.locator(".kb-picture").first
    picture.focus()
    assert opened.evaluate("document.activeElement.classList.contains('kb-picture')")
    opened.keyboard.press("ArrowRight")
    eventually(opened, "document.querySelector('.kb-picture').scrollLeft > 0")
    close(opened.context)


@pytest.mark.parametrize("page", LOOKED_AT)
def test_a_reader_without_scripts_can_read_and_go_on(browser: Browser, site: Path, page: str) -> None:
    opened, _ = open_page(browser, site, page, scripts=False)
    assert opened.locator("article h1").is_visible()
    before = opened.url
    opened.locator("#pst-header a.nav-internal", has_text="Mechanism").first.click()
    assert opened.url != before
    assert opened.url.endswith("mechanism/index.html")
    close(opened.context)


def test_printed_pages_keep_the_text_version_and_drop_the_navigation(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "mechanism/pathway")
    opened.emulate_media(media="print")
    assert not opened.locator("#pst-header").is_visible()
    assert not opened.locator(".bd-sidebar-primary").is_visible()
    assert opened.locator("details.kb-words li").first.bounding_box() is not None
    close(opened.context)


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
    close(opened.context)


def test_marks_are_large_enough_to_touch(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "faq", width=375)
    heights = opened.evaluate("[...document.querySelectorAll('button.kb-chip')].map(mark => mark.getBoundingClientRect().height)")
    assert heights
    assert min(heights) >= 24
    close(opened.context)


def test_a_browser_without_popovers_shows_links_and_no_details(browser: Browser, site: Path) -> None:
    """The rule for such browsers, applied by hand: this Chromium knows popovers."""
    css = (site / "_static" / "site.css").read_text(encoding="utf-8")
    rule = css.split("@supports not selector(:popover-open) {", 1)[1].split("\n}", 1)[0]
    opened = browser.new_context(bypass_csp=True).new_page()  # the policy forbids a style sheet written into the page
    opened.goto((site / "faq.html").as_uri())
    opened.add_style_tag(content=rule)
    assert not opened.locator("button.kb-chip").first.is_visible()
    link = opened.locator("a.kb-chip-link").first
    assert link.is_visible()
    assert [part.is_visible() for part in opened.locator(".kb-popovers").all()] == [False, False], "of claims and of numbers"
    link.click()
    opened.locator(".kb-entry:target").wait_for(state="attached")
    assert re.search(r"/evidence/ledger/[a-z]+\.html#claim-", opened.url)
    close(opened.context)


# -- diagrams: links, evidence, steps --------------------------------------------------------------------------------------

PICTURED = "mechanism/pathway"
LINE = '.kb-svg a[href^="#pop-"]'
BOX = '.kb-svg a:not([href^="#"])'
FOCUSED = """(() => {
  const at = document.activeElement, style = getComputedStyle(at);
  return { tag: at.tagName.toLowerCase(), href: at.getAttribute("href"), inside: Boolean(at.closest(".kb-svg")),
           outline: style.outlineStyle, width: parseFloat(style.outlineWidth), visible: at.matches(":focus-visible") };
})()"""
OPEN = "document.querySelector(':popover-open') && document.querySelector(':popover-open').id"


def tab_into(opened: Page, selector: str) -> dict[str, object]:
    """Press Tab from the picture's frame until something of this kind has the focus."""
    opened.locator(".kb-picture").first.focus()
    for _ in range(60):
        opened.keyboard.press("Tab")
        if opened.evaluate("selector => document.activeElement.matches(selector)", selector):
            return dict(opened.evaluate(FOCUSED))
    raise AssertionError(f"Tab never reached {selector}")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("selector", [LINE, BOX])
def test_lines_and_boxes_are_reached_by_tab_with_a_focus_that_is_seen(browser: Browser, site: Path, selector: str, dark: bool) -> None:
    opened, _ = open_page(browser, site, PICTURED, dark=dark)
    before = opened.locator(selector).first.screenshot()
    focused = tab_into(opened, selector)
    assert (focused["tag"], focused["inside"], focused["visible"], focused["outline"]) == ("a", True, True, "solid")
    assert float(str(focused["width"])) >= 3
    assert opened.locator(selector).first.screenshot() != before
    close(opened.context)


def test_every_link_of_a_picture_is_reached_once_and_in_order(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, PICTURED)
    wanted = opened.evaluate("[...document.querySelector('.kb-svg').querySelectorAll('a')].map(link => link.getAttribute('href'))")
    opened.locator(".kb-picture").first.focus()
    reached = []
    for _ in wanted:
        opened.keyboard.press("Tab")
        reached.append(opened.evaluate(FOCUSED)["href"])
    assert reached == wanted
    assert len(wanted) > 10
    close(opened.context)


def test_enter_on_a_line_opens_its_evidence_and_escape_leads_back(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, PICTURED)
    focused = tab_into(opened, LINE)
    address = opened.url
    opened.keyboard.press("Enter")
    assert opened.evaluate(OPEN) == str(focused["href"]).removeprefix("#")
    assert opened.url == address, "the page stays where it is"
    opened.keyboard.press("Tab")
    assert opened.evaluate("Boolean(document.activeElement.closest(':popover-open'))"), "the next Tab is inside the details"
    opened.keyboard.press("Escape")
    eventually(opened, f"!({OPEN})")
    assert opened.evaluate(FOCUSED)["href"] == focused["href"]
    close(opened.context)


@pytest.mark.parametrize("width", [1280, 375])
def test_a_press_on_a_line_or_its_word_opens_its_evidence(browser: Browser, site: Path, width: int) -> None:
    opened, _ = open_page(browser, site, PICTURED, width=width)
    count = opened.locator(".kb-diagram").first.locator(LINE).count()
    assert count > 5
    for number in (0, count - 1):
        line = opened.locator(".kb-diagram").first.locator(LINE).nth(number)
        line.locator(".kb-plate").click()
        assert opened.evaluate(OPEN) == str(line.get_attribute("href")).removeprefix("#")
        opened.keyboard.press("Escape")
        eventually(opened, f"!({OPEN})")
    close(opened.context)


@pytest.mark.parametrize("page", [PICTURED, "networks/ketamine", "brain/glia"])
def test_no_link_of_a_picture_is_covered_by_another(browser: Browser, site: Path, page: str) -> None:
    opened, _ = open_page(browser, site, page)
    covered = opened.evaluate(
        """() => [...document.querySelectorAll('.kb-svg a')].filter(link => {
             const part = link.querySelector('.kb-plate, .kb-shape');
             part.scrollIntoView({ block: 'center', behavior: 'instant' });
             const box = part.getBoundingClientRect();
             return !link.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
           }).map(link => link.getAttribute('href'))"""
    )
    assert covered == []
    close(opened.context)


@pytest.mark.parametrize("width", [1280, 320])
def test_without_scripts_a_line_shows_its_evidence_and_close_hides_it(browser: Browser, site: Path, width: int) -> None:
    opened, _ = open_page(browser, site, PICTURED, width=width, scripts=False)
    line = opened.locator(LINE).first
    address = str(line.get_attribute("href"))
    details = opened.locator(address)
    assert not details.is_visible()
    line.focus()
    opened.keyboard.press("Enter")
    assert opened.url.endswith(address)
    assert details.is_visible()
    box = details.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 900
    details.locator(".kb-popover-close").click()
    assert not details.is_visible()
    close(opened.context)


def test_a_box_leads_to_its_term_in_the_glossary(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, PICTURED)
    boxes = opened.locator(BOX)
    assert boxes.count() >= 3
    boxes.first.focus()
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/reference/glossary.html#term-*")
    assert opened.locator("dt:target, dt:has(:target), :target").first.is_visible()
    close(opened.context)


def stepper(opened: Page) -> tuple[Locator, int]:
    """The first diagram that can be walked through, and how many steps it has."""
    box = opened.locator('.kb-diagram[data-steps="yes"]').first
    return box, box.locator(".kb-words li").count()


def shown(opened: Page) -> list[int]:
    """How many parts of all pictures are walked, now and past."""
    return [int(opened.locator(name).count()) for name in (".kb-walking", ".kb-now", ".kb-past")]


def test_a_picture_is_walked_through_by_its_buttons(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, PICTURED)
    box, count = stepper(opened)
    said = box.locator(".kb-said")
    assert said.get_attribute("aria-live") == "polite"
    assert shown(opened) == [0, 0, 0]
    assert not box.locator(".kb-next").is_visible()
    box.locator(".kb-begin").click()
    assert opened.evaluate("document.activeElement.className") == "kb-button kb-next"
    for number in range(1, count + 1):
        item = box.locator(".kb-words li").nth(number - 1)
        sentence = f"{item.locator('.kb-step').text_content()}{item.locator('.kb-hidden').first.text_content()}."
        assert said.text_content() == f"Step {number} of {count}: {sentence}"
        assert "shown in" in sentence
        edge = item.get_attribute("data-edge")
        assert opened.evaluate("edge => document.querySelector(`path.kb-now[id$='-${edge}']`) !== null", edge)
        assert shown(opened)[:2] == [1, 4], "the line, its word and its two boxes"
        box.locator(".kb-next").click(force=number == count)
    assert said.text_content() == f"Step {count} of {count}: {sentence}", "after the last step nothing more"
    box.locator(".kb-back").click()
    assert str(said.text_content()).startswith(f"Step {count - 1} of {count}: ")
    box.locator(".kb-whole").click()
    assert shown(opened) == [0, 0, 0]
    assert said.text_content() == ""
    assert opened.evaluate("document.activeElement.className") == "kb-button kb-begin"
    close(opened.context)


def test_a_picture_is_walked_through_by_keys_alone(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, PICTURED)
    box, count = stepper(opened)
    said = box.locator(".kb-said")

    def at() -> int:
        return int(str(said.text_content()).split()[1])

    box.locator(".kb-begin").focus()
    opened.keyboard.press("Enter")
    for key, number in [("ArrowRight", 2), ("ArrowDown", 3), ("ArrowLeft", 2), ("ArrowUp", 1), ("ArrowLeft", 1), ("Enter", 2)]:
        opened.keyboard.press(key)
        assert at() == number, key
    for _ in range(count + 2):
        opened.keyboard.press("Enter")
    assert at() == count
    opened.keyboard.press("ArrowLeft")
    assert at() == count - 1, "the keys still work after the last step"
    for _ in range(count):
        opened.keyboard.press("ArrowLeft")
    assert at() == 1
    box.locator(".kb-back").focus()
    opened.keyboard.press("Enter")
    assert shown(opened) == [0, 0, 0]
    assert opened.evaluate("document.activeElement.className") == "kb-button kb-begin", "back from the first step is the whole picture"
    close(opened.context)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_on_a_phone_the_step_is_scrolled_to_as_the_reader_wishes(browser: Browser, site: Path, motion: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 700}, reduced_motion=motion)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.add_init_script(
        "window.moves = []; const to = Element.prototype.scrollTo;"
        "Element.prototype.scrollTo = function (...how) { moves.push(how[0].behavior); return to.apply(this, how); };"
    )
    opened.goto((site / f"{PICTURED}.html").as_uri())
    box, count = stepper(opened)
    box.locator(".kb-begin").click()
    for _ in range(count - 1):
        box.locator(".kb-next").click()
    assert set(opened.evaluate("moves")) == {"auto" if motion == "reduce" else "smooth"}
    close(context)


def test_without_scripts_there_is_no_button_and_the_whole_picture(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, PICTURED, scripts=False)
    assert opened.locator(".kb-steps, .kb-begin").count() == 0
    assert opened.locator(".kb-picture svg").first.is_visible()
    assert opened.locator("details.kb-words").first.is_visible()
    close(opened.context)


def test_walking_and_details_raise_no_error(browser: Browser, site: Path) -> None:
    opened, _ = open_page(browser, site, "index")
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    for page in (PICTURED, "brain/glia", "index"):
        opened.goto((site / f"{page}.html").as_uri())
        for begin in opened.locator(".kb-begin").all():
            begin.click()
        if opened.locator(LINE).count():
            opened.locator(LINE).last.focus()
            for key in ("Enter", "Escape", "Enter"):
                opened.keyboard.press(key)
    assert wrong == []
    close(opened.context)


def test_the_script_of_diagrams_is_small_and_pages_have_no_inline_handler(site: Path) -> None:
    script = (site / "_static" / "diagrams.js").read_bytes()
    assert 0 < len(script) <= 5_000
    for word in (b"innerHTML", b"outerHTML", b"eval(", b"document.write", b"insertAdjacentHTML", b"fetch(", b"XMLHttpRequest", b"http"):
        assert word not in script
    for path in site.rglob("*.html"):
        pictures = re.findall(r'<div class="kb-diagram".*?</div>', path.read_text(encoding="utf-8"), re.DOTALL)
        assert [found for picture in pictures for found in re.findall(r"<[^>]*\s(?:on\w+|style)\s*=", picture)] == [], path.name
