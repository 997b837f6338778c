"""What every page costs a reader: bytes, requests, and how soon something can be seen on a slow phone.

    python -m benchmarks.pages [folder of the built site] [page ...]

The site is served here with gzip and with the headers of ``docs/contribute/publish.md``. Each page is opened cold in headless
Chromium, 412 pixels wide, processor slowed four times, 150 ms a round trip and 1.6 Mbit/s down (what Lighthouse calls slow 4G).
The table goes to ``benchmarks/results-pages.md``.
"""

from __future__ import annotations

import gzip
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketamine_kb.sphinxext.layout import POLICY

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results-pages.md"
KINDS = ("document", "stylesheet", "script", "font", "image")
#: Budgets: all bytes, bytes of script, requests, milliseconds until content is seen.
BUDGET = {"total": 120_000, "script": 40_000, "requests": 16, "seen": 1000}
#: Loads of each page, and of one whose median is over the budget: a machine with other work makes single loads late.
LOADS, MORE = 3, 7
PACKED = (".html", ".css", ".js", ".svg", ".json", ".txt", ".xml")
#: Shift of the layout and largest paint, as the browser reports them.
WATCH = """
window.kb = { lcp: 0, cls: 0 };
const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note)).observe({ type, buffered: true });
watch("largest-contentful-paint", entry => { kb.lcp = entry.startTime; });
watch("layout-shift", entry => { kb.cls += entry.value; });
"""


@dataclass
class Cost:
    """What one page cost: bytes by kind, requests, milliseconds, shift."""

    page: str
    bytes: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    first: float = 0
    largest: float = 0
    shift: float = 0

    @property
    def total(self) -> int:
        """All bytes."""
        return sum(self.bytes.values())


class Handler(SimpleHTTPRequestHandler):
    """Files with gzip and the policy, nothing printed."""

    def do_GET(self) -> None:
        """One file, packed where packing helps."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path = path / "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Security-Policy", POLICY + "; frame-ancestors 'none'")
        if path.suffix in PACKED:
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of the site, served until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Handler(*given, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def measure(browser: Browser, address: str, page: str, slow: bool = True) -> Cost:
    """Open one page cold and read what it cost."""
    context = browser.new_context(viewport={"width": 412, "height": 823})
    opened = context.new_page()
    cost = Cost(page)
    tools = context.new_cdp_session(opened)
    tools.send("Network.enable")
    if slow:
        speed = 1.6 * 1024 * 1024 / 8
        tools.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 150, "downloadThroughput": speed, "uploadThroughput": speed / 2},
        )
        tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    opened.add_init_script(WATCH)
    sizes: dict[str, tuple[str, int]] = {}

    def finished(request: Any) -> None:
        response = request.response()
        sizes[request.url] = (request.resource_type, int(response.headers.get("content-length", 0)) if response else 0)

    opened.on("requestfinished", finished)
    opened.goto(f"{address}/{page}.html", wait_until="networkidle")
    opened.wait_for_timeout(100)
    cost.first = opened.evaluate("performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0] || 0")
    cost.largest, cost.shift = opened.evaluate("[kb.lcp, kb.cls]")
    context.close()
    # The browser asks every host for an icon by itself once; it is no part of a page.
    for kind, size in (value for url, value in sizes.items() if not url.endswith("favicon.ico")):
        cost.bytes[kind if kind in KINDS else "other"] += size
        cost.requests += 1
    return cost


def middle(loads: list[Cost]) -> Cost:
    """The load whose first paint is the median; the layout shift is the largest of all."""
    found = sorted(loads, key=lambda cost: cost.first)[len(loads) // 2]
    found.shift = max(cost.shift for cost in loads)
    return found


def several(browser: Browser, address: str, page: str) -> Cost:
    """The median load of a page, of more loads where the first ones were late."""
    loads = [measure(browser, address, page) for _ in range(LOADS)]
    if middle(loads).first > BUDGET["seen"]:
        loads += [measure(browser, address, page) for _ in range(MORE - LOADS)]
    return middle(loads)


def pages(site: Path) -> list[str]:
    """Every page of a built site, without those that lead on."""
    every = (path for path in site.rglob("*.html") if 'http-equiv="refresh"' not in path.read_text(encoding="utf-8"))
    found = (path.relative_to(site).with_suffix("").as_posix() for path in every)
    return sorted(page for page in found if not page.startswith("_"))


def table(costs: list[Cost]) -> str:
    """The results as a Markdown table, heaviest first."""
    lines = [
        "| page | HTML | CSS | script | fonts | all bytes | requests | first paint, ms | largest paint, ms | layout shift |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for cost in sorted(costs, key=lambda cost: (-cost.total, cost.page)):
        kinds = " | ".join(f"{cost.bytes[kind]:,}" for kind in KINDS[:4])
        over = " (over)" if cost.total > BUDGET["total"] else ""
        lines.append(
            f"| {cost.page} | {kinds} | {cost.total:,}{over} | {cost.requests} | {cost.first:.0f} | {cost.largest:.0f} | {cost.shift:.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure every page and write the table."""
    from playwright.sync_api import sync_playwright

    chosen = sys.argv[2:]
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "html"
    path = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    with served(site) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        costs = [several(browser, address, page) for page in chosen or pages(site)]
        browser.close()
    late = [cost.page for cost in costs if cost.first > BUDGET["seen"]]
    heavy = [cost.page for cost in costs if cost.total > BUDGET["total"]]
    script = max(cost.bytes["script"] for cost in costs)
    requests = max(cost.requests for cost in costs)
    text = f"""# What each page costs a reader

Written by `python -m benchmarks.pages`. Bytes as transferred with gzip, the page opened cold; time on a simulated phone (slow 4G:
150 ms a round trip, 1.6 Mbit/s; processor slowed four times) in headless Chromium, the median of {LOADS} loads,
of {MORE} where that was late.

Budget of a content page: {BUDGET["total"]:,} bytes, of them {BUDGET["script"]:,} script; {BUDGET["requests"]} requests; something to read
within {BUDGET["seen"]} ms; no layout shift.

- {len(costs)} pages; heaviest {max(cost.total for cost in costs):,} bytes; most script {script:,} bytes; most requests {requests}
- over the budget of bytes: {", ".join(heavy) or "none"}
- later than {BUDGET["seen"]} ms: {", ".join(late) or "none"}
- largest layout shift: {max(cost.shift for cost in costs):.3f}

{table(costs)}
"""
    if not chosen:
        RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
