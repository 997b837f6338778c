"""A browser test ends, whatever its page is doing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsing import close

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("page", ["faq", "reference/bibliography"])
def test_a_page_on_its_way_to_another_can_be_closed(browser: Browser, site: Path, page: str) -> None:
    """Chromium alone does not answer, mostly within five tries; the limit of pytest-timeout would end this."""
    before = len(browser.contexts)
    for _ in range(10):
        opened = browser.new_context().new_page()
        opened.goto((site / f"{page}.html").as_uri())
        opened.evaluate("document.querySelector('a.kb-brand').click()")
        close(opened.context)
    assert len(browser.contexts) == before
