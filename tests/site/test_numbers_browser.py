"""Numbers of trials in a real browser: keyboard, touch, no script, narrow screens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsing import close
from tests.site.test_browser import open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_a_number_opens_and_closes_by_keyboard_and_without_scripts(browser: Browser, site: Path, scripts: bool) -> None:
    opened, _ = open_page(browser, site, "treatment/efficacy", scripts=scripts)
    mark = opened.locator("button.kb-number").first
    details = opened.locator(f"[id='{mark.get_attribute('popovertarget')}']")
    assert not details.is_visible()
    mark.focus()
    opened.keyboard.press("Enter")
    assert details.is_visible()
    assert "Of every 100 people" in details.inner_text()
    opened.keyboard.press("Escape")
    assert not details.is_visible()
    close(opened.context)


def test_a_number_opens_by_touch(browser: Browser, site: Path) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 800}, has_touch=True)
    opened = context.new_page()
    opened.goto((site / "evidence/numbers.html").as_uri())
    mark = opened.locator("button.kb-number").first
    mark.tap()
    details = opened.locator(f"[id='{mark.get_attribute('popovertarget')}']")
    assert details.is_visible()
    box = details.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375
    close(context)


@pytest.mark.parametrize("page", ["treatment/efficacy", "evidence/numbers"])
@pytest.mark.parametrize("width", [1280, 375, 320])
def test_tables_and_numbers_do_not_overflow(browser: Browser, site: Path, page: str, width: int) -> None:
    opened, asked = open_page(browser, site, page, width=width)
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    assert opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    close(opened.context)
