"""Every way to look at a site, as many at a time as there are processors."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.accessibility import axe
from tests.conftest import BROWSER_OPTIONS


def look(path: str, site: Path, only: Sequence[str], way: axe.Look) -> axe.Audit:
    """Look at the site in one way, in a browser of its own."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        result = axe.audit(browser, site, [way], only)
        browser.close()
    return result


def looks(path: str, site: Path, only: Sequence[str], ways: Sequence[axe.Look]) -> Iterator[tuple[axe.Look, axe.Audit]]:
    """Look at the site in each of these ways.

    :param path: the browser.
    :param only: pages such as ``faq.html``; all when empty.
    """
    with ProcessPoolExecutor(min(len(ways), os.cpu_count() or 1), mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from zip(ways, pool.map(partial(look, path, site, only), ways), strict=True)
