"""The link check against a local server that answers in every awkward way; it must always end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import Run

CONF = """\
project = "links"
extensions = ["myst_parser", "ketamine_kb.sphinxext"]
bibtex_bibfiles = []
suppress_warnings = ["bibtex"]
linkcheck_timeout = 2
linkcheck_retries = 1
linkcheck_rate_limit_timeout = 5
linkcheck_report_timeouts_as_broken = False
kb_linkcheck_limit = {limit}
kb_linkcheck_refusals = 2
"""


class Awkward(BaseHTTPRequestHandler):
    """Answers by the address asked for."""

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        path = self.path.split("?")[0]
        if path == "/slow":
            time.sleep(6)
        if path == "/hang":
            time.sleep(40)
        code = {"/gone": 404, "/removed": 410, "/closed": 403, "/broken": 500, "/down": 503, "/busy": 429, "/moved": 301, "/away": 302}.get(
            path, 200
        )
        self.send_response(code)
        if code == 429:
            self.send_header("Retry-After", "1")
        if code in (301, 302):
            self.send_header("Location", "/fine")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Be quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Awkward)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def check(folder: Path, links: list[str], limit: float = 60) -> tuple[Run, dict[str, tuple[str, int]], str]:
    """Run the check on one page; the verdict and line of every link, and the report."""
    source, out = folder / "docs", folder / "out"
    source.mkdir()
    (source / "conf.py").write_text(CONF.format(limit=limit), encoding="utf-8")
    lines = "\n".join(f"- [link]({address})" for address in links)
    (source / "index.md").write_text(f"# Links\n\n{lines}\n", encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-b", "linkcheck", "-q", str(source), str(out)]
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    rows = [json.loads(line) for line in (out / "report.jsonl").read_text(encoding="utf-8").splitlines()]
    verdicts = {row["address"]: (row["verdict"], row["line"]) for row in rows}
    return Run(done.returncode, done.stdout, done.stderr), verdicts, (out / "report.txt").read_text(encoding="utf-8")


def test_every_kind_of_answer_gets_its_verdict_and_line(server: str, tmp_path: Path) -> None:
    wanted = {
        "fine": "works",
        "gone": "dead",
        "removed": "dead",
        "closed": "could not tell",
        "broken": "could not tell",
        "down": "could not tell",
        "busy": "could not tell",
        "slow": "could not tell",
        "moved": "moved",
        "away": "works",
    }
    links = [f"{server}/{name}" for name in wanted]
    refused = "http://127.0.0.1:9/refused"
    run, verdicts, report = check(tmp_path, [*links, refused])
    expected = {f"{server}/{name}": (verdict, number) for number, (name, verdict) in enumerate(wanted.items(), start=3)}
    assert verdicts == {**expected, refused: ("could not tell", 3 + len(wanted))}
    assert run.code == 1
    assert "Traceback" not in run.said
    # Sphinx writes some lines of its own; the faults are ours, each once.
    for name, code in (("gone", "link-dead"), ("busy", "link-unknown"), ("moved", "link-moved")):
        told = [line for line in report.splitlines() if f"{server}/{name}" in line]
        assert len(told) == 1
        assert told[0].endswith(f"[{code}]")
    assert report.splitlines()[-1] == "2 works, 1 moved, 2 dead, 6 could not tell, 0 left out"


def test_a_host_that_always_refuses_does_not_hold_the_check_up(server: str, tmp_path: Path) -> None:
    """The stock check never ends here: 429 with a numeric Retry-After, for ever."""
    links = [f"{server}/busy?{number}" for number in range(6)]
    started = time.monotonic()
    run, verdicts, _ = check(tmp_path, [*links, f"{server}/fine"])
    assert time.monotonic() - started < 40
    assert {verdict for link, (verdict, _) in verdicts.items() if "busy" in link} == {"could not tell"}
    assert verdicts[f"{server}/fine"][0] == "works"
    assert run.code == 0


def test_the_whole_run_has_an_end(server: str, tmp_path: Path) -> None:
    links = [f"{server}/slow?{number}" for number in range(40)]
    started = time.monotonic()
    run, verdicts, report = check(tmp_path, [*links, f"{server}/fine"], limit=4)
    assert time.monotonic() - started < 30
    assert len(verdicts) == 41
    assert "no answer within the 4 seconds of the whole run" in report
    assert run.code in (0, 1)


def test_no_network_is_not_green(tmp_path: Path) -> None:
    run, verdicts, _ = check(tmp_path, ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"])
    assert {verdict for verdict, _ in verdicts.values()} == {"could not tell"}
    assert run.code == 1


def test_dead_links_fail_the_check(server: str, tmp_path: Path) -> None:
    run, _, report = check(tmp_path, [f"{server}/fine", f"{server}/gone"])
    assert run.code == 1
    assert report.splitlines()[0].startswith("index.md:4: ") or "index.md:4: " in report.splitlines()[0]
