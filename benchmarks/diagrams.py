"""How much faster our pictures are made than a browser makes one, in one run.

    python -m benchmarks.diagrams path/to/mmdc path/to/chromium

``mmdc`` is the command of @mermaid-js/mermaid-cli, installed by hand with npm; it is not needed to build the site. Each diagram is
rendered by both, its own start included for theirs (a build calls it once a diagram) and a cold cache for ours; medians of RUNS.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ketamine_kb.diagrams import arrows, engine, measure, render, source
from ketamine_kb.evidence import load
from ketamine_kb.evidence.model import Claim
from ketamine_kb.project import here

RUNS = 3


def ours(path: Path, claims: dict[str, Claim]) -> float:
    """Seconds from a source to its picture, nothing kept from before."""
    source.parse.cache_clear()
    source.layout.cache_clear()
    measure.width.cache_clear()
    engine._measured.cache_clear()
    before = time.perf_counter()
    render.draw(arrows.read(path.read_text("utf-8"), path.name, claims), "u")
    return time.perf_counter() - before


def theirs(path: Path, command: str, settings: str) -> float:
    """Seconds of one call of the browser renderer."""
    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        call = [command, "-q", "-p", settings, "-i", str(path), "-o", f"{folder}/out.svg"]
        subprocess.run(call, check=True, capture_output=True, timeout=120)
        return time.perf_counter() - before


def main() -> None:
    """Print a line a diagram, then the two ratios of the budget."""
    command, browser = sys.argv[1:3]
    claims = load.load(here()).claims
    paths = sorted(here().diagrams.glob("*.mmd"))
    ours(paths[0], claims)  # imports
    mine: list[float] = []
    browsers: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "puppeteer.json"
        settings.write_text(json.dumps({"executablePath": browser, "args": ["--no-sandbox"]}), encoding="utf-8")
        for path in paths:
            mine.append(statistics.median(ours(path, claims) for _ in range(RUNS)))
            browsers.append(statistics.median(theirs(path, command, str(settings)) for _ in range(RUNS)))
            print(f"{path.stem}: {1000 * mine[-1]:.1f} ms, browser {browsers[-1]:.2f} s, x{browsers[-1] / mine[-1]:.0f}")
    least = min(theirs / our for our, theirs in zip(mine, browsers, strict=True))
    print(f"all {len(paths)} of ours: {sum(mine):.3f} s; the fastest one in the browser: {min(browsers):.2f} s")
    mean = statistics.mean(browsers) / statistics.mean(mine)
    middle = statistics.median(browsers) / statistics.median(mine)
    print(f"faster per diagram by {mean:.0f} times on average, {middle:.0f} times in the middle, {least:.0f} times at least")


if __name__ == "__main__":
    main()
