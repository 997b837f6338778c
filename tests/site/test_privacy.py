"""In a browser: the policy holds on every page, no other host is asked, nothing is stored but what the reader chose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.pages import pages, served
from tests.browsing import close

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
BROKEN = (
    "window.broken = []; document.addEventListener('securitypolicyviolation', e => broken.push(`${e.violatedDirective} ${e.blockedURI}`));"
)
#: What may be kept on the reader's device: the choice of colours, and the reading place.
STORED = {"theme", "how-ketamine-works.place"}


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as found:
        yield found


def watched(browser: Browser, **context: object) -> tuple[Page, list[str]]:
    """A page that counts what it asks for and what the policy refuses."""
    opened = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.add_init_script(BROKEN)
    return opened, asked


def test_no_page_breaks_the_policy_or_asks_another_host_or_stores_anything(browser: Browser, site: Path, address: str) -> None:
    opened, asked = watched(browser)
    wrong: dict[str, object] = {}
    for page in pages(site):
        answer = opened.goto(f"{address}/{page}.html")
        assert answer is not None
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        broken = opened.evaluate("broken")
        stored = opened.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean)")
        if broken or not set(stored) <= STORED:
            wrong[page] = [broken, stored]
    assert wrong == {}
    assert [url for url in asked if not url.startswith(address)] == []
    assert opened.context.cookies() == []
    close(opened.context)


@pytest.mark.parametrize("page", ["index", "faq", "treatment/efficacy", "contribute/architecture", "mechanism/pathway"])
def test_the_policy_of_the_page_itself_holds_from_a_disk(browser: Browser, site: Path, page: str) -> None:
    opened, asked = watched(browser)
    opened.goto((site / f"{page}.html").as_uri())
    assert opened.evaluate("broken") == []
    assert opened.evaluate("document.styleSheets.length") >= 2
    assert opened.evaluate("document.documentElement.dataset.theme") in ("light", "dark")
    assert [url for url in asked if not url.startswith("file:")] == []
    close(opened.context)


def test_what_is_written_into_a_page_is_refused(browser: Browser, site: Path, address: str, tmp_path: Path) -> None:
    """The check above can fail: the same policy, met by what it forbids."""
    policy = (site / "faq.html").read_text(encoding="utf-8").split('<meta http-equiv="Content-Security-Policy"', 1)[1].split(">", 1)[0]
    text = f'<!DOCTYPE html><head><meta http-equiv="Content-Security-Policy"{policy}></head><p style="color:red" onclick="x()">a</p><script>window.ran = 1</script>'
    (tmp_path / "bad.html").write_text(text, encoding="utf-8")
    opened, _ = watched(browser)
    opened.goto((tmp_path / "bad.html").as_uri())
    assert opened.evaluate("window.ran") is None
    assert len(opened.evaluate("broken")) >= 2
    close(opened.context)


@pytest.mark.parametrize("device", ["light", "dark"])
def test_the_choice_of_colours_is_kept_and_can_be_taken_back(browser: Browser, address: str, device: str) -> None:
    opened, _ = watched(browser, color_scheme=device)
    opened.goto(f"{address}/faq.html")
    other = "dark" if device == "light" else "light"
    theme = "document.documentElement.dataset.theme"
    assert opened.evaluate(theme) == device
    opened.select_option("#kb-colours", other)
    assert opened.evaluate(theme) == other
    opened.goto(f"{address}/get-help.html")
    assert (opened.evaluate(theme), opened.input_value("#kb-colours")) == (other, other)
    opened.select_option("#kb-colours", "")
    assert opened.evaluate(theme) == device
    assert opened.evaluate("localStorage.getItem('theme')") is None
    close(opened.context)


@pytest.mark.parametrize("page", ["mechanism/pathway", "networks/ketamine", "treatment/efficacy", "index"])
def test_diagrams_do_not_shift_the_page(browser: Browser, address: str, page: str) -> None:
    opened, _ = watched(browser, viewport={"width": 375, "height": 800})
    opened.add_init_script(
        "window.moved = []; new PerformanceObserver(list => list.getEntries().forEach(entry => entry.sources.forEach(source => "
        "source.node && source.node.closest && source.node.closest('.kb-diagram, figure') && moved.push(entry.value))))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    opened.goto(f"{address}/{page}.html", wait_until="networkidle")
    assert opened.locator(".kb-picture svg").count() > 0
    sized = opened.evaluate(
        "[...document.querySelectorAll('.kb-picture > svg')].every(svg => svg.getAttribute('width') && svg.getAttribute('height'))"
    )
    assert sized
    assert opened.evaluate("moved") == []
    close(opened.context)
