"""How long after a save the changed page is served while writing: medians, on the whole project.

    python -m benchmarks.live [repetitions]

Saves a page, a claim and a diagram in turn in a copy of the project, each with an open page that shows it, and waits for the words in
what the server gives. The budget is two seconds, on a machine without other work.
"""

from __future__ import annotations

import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from ketamine_kb.live.server import News, Server

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("docs", "diagrams", "evidence", "src", "pyproject.toml")
#: What is saved, the words that change in it, and the page that must show them.
SAVES = {
    "page": ("docs/mechanism/nmda.md", "# NMDA receptors:", "mechanism/nmda"),
    "claim": ("evidence/claims/mechanism.yaml", "Cryo-electron microscopy of", "mechanism/nmda"),
    "diagram": ("diagrams/default-mode-network.mmd", "accDescr: From", "networks/ketamine"),
}
#: Most seconds from a save to the served page.
LIMIT = 2.0
PATIENCE = 120.0


def served(port: int, page: str) -> str:
    """What the server gives for a page now."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("GET", f"/{page}.html")
        return connection.getresponse().read().decode("utf-8", "replace")


class Open:
    """A page kept open, as a browser does: it fetches the page again when it is told to."""

    def __init__(self, port: int, page: str) -> None:
        self.port, self.page = port, page
        self.told = threading.Event()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE * 10)
        connection.request("GET", f"/_live/events?page=/{page}.html")
        self.answer = connection.getresponse()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.answer:
            if line.startswith(b"data: "):
                self.told.set()

    def until(self, mark: str, *, there: bool) -> None:
        """Wait until the page shows a mark, or no longer does."""
        end = time.perf_counter() + PATIENCE
        while (mark in served(self.port, self.page)) != there:
            self.told.wait(max(end - time.perf_counter(), 0))
            self.told.clear()
            if time.perf_counter() > end:
                raise SystemExit(f"{mark!r} did not come to {self.page} within {PATIENCE:g} s")


def save(root: Path, opened: Open, kind: str, number: int) -> float:
    """Seconds from a save to the page that shows it."""
    name, words, _ = SAVES[kind]
    path = root / name
    text = path.read_text(encoding="utf-8")
    mark = f"Saved{number}x"
    changed = words.replace(words.split()[-1], f"{mark} {words.split()[-1]}")
    opened.told.clear()
    path.write_text(text.replace(words, changed, 1), encoding="utf-8")
    begun = time.perf_counter()
    opened.until(mark, there=True)
    taken = time.perf_counter() - begun
    path.write_text(text, encoding="utf-8")
    opened.until(mark, there=False)
    time.sleep(6)  # the checks that follow a build end before the next save, as between the saves of a person
    return taken


def main(repetitions: int) -> None:
    """Print one line a kind of save."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        for part in PARTS:
            source = ROOT / part
            shutil.copytree(source, root / part) if source.is_dir() else shutil.copy2(source, root / part)
        with closing(Server(root, News(), "127.0.0.1", 0)) as probe:
            port = probe.port
        log = root / "live.log"
        with log.open("w") as stream:
            command = [sys.executable, "-m", "ketamine_kb.live", "--port", str(port)]
            environment = {**os.environ, "PYTHONPATH": str(root / "src")}
            process = subprocess.Popen(command, cwd=root, env=environment, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL)
        try:
            while "Ready:" not in log.read_text(encoding="utf-8"):
                if process.poll() is not None:
                    raise SystemExit(log.read_text(encoding="utf-8"))
                time.sleep(0.1)
            opened = {page: Open(port, page) for page in sorted({page for _, _, page in SAVES.values()})}
            for kind, (_, _, page) in SAVES.items():
                times = [save(root, opened[page], kind, number) for number in range(repetitions)]
                median, worst = statistics.median(times), max(times)
                print(f"{kind}: median {median:.2f} s, worst {worst:.2f} s (at most {LIMIT:g} s), {repetitions} saves")
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
