"""Closing what a browser test has opened, so that it always ends."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

#: How often a page is sent away from the one that it is about to load.
TRIES = 3


def close(context: BrowserContext) -> None:
    """Close a context, with no page of it on the way to another one.

    Chromium 156 never answers when it is told to close while a page has just begun to load (2026-11-22: with Playwright 1.65, a press on
    a link and ``context.close()`` directly after it hang in the first five tries; the same was seen by users of Puppeteer, in
    duckduckgo/tracker-radar-collector, pull request 88). To be removed when that ends.
    """
    from playwright.sync_api import Error

    for page in context.pages:
        for _ in range(TRIES):
            with suppress(Error):  # another page came first: it is there now, and the next try leaves it
                page.goto("about:blank", timeout=5000)
                break
    context.close()
