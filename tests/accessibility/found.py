"""One fault of a built page, in the one line that `nox -s a11y` prints for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Found:
    """A rule that a page breaks.

    :param page: address within the site, such as ``faq.html``.
    :param rule: the tool and its rule, such as ``axe color-contrast``.
    :param state: how the page was looked at, such as ``dark 375 popovers``.
    :param element: the element, shortened.
    :param why: what is wrong, in the tool's words.
    """

    page: str
    rule: str
    state: str
    element: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.page}: {self.rule}: {self.element} ({self.state}){f': {self.why}' if self.why else ''}"


def pages(site: Path) -> list[str]:
    """Every page of a built site that a reader can read: not those that lead on, nor what the theme left among its static files."""
    every = (path for path in site.rglob("*.html") if 'http-equiv="refresh"' not in path.read_text(encoding="utf-8"))
    return sorted(name for path in every if not (name := path.relative_to(site).as_posix()).startswith("_static/"))
