"""The link check against a local server that answers in every awkward way; it must always end."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import running
from tests.checks.awkward_server import awkward
from tests.evidence.registry_server import serving, update, work

CONF = """\
project = "links"
extensions = ["myst_parser", "ketamine_kb.sphinxext"]
bibtex_bibfiles = []
suppress_warnings = ["bibtex"]
linkcheck_timeout = 1
linkcheck_retries = 2
linkcheck_rate_limit_timeout = 5
linkcheck_ignore = [r".*/ignored$"]
linkcheck_allowed_redirects = {{r".*/moved-for-good$": r".*/fine$"}}
kb_linkcheck_limit = {limit}
kb_linkcheck_refusals = {refusals}
kb_linkcheck_pause = 0
kb_linkcheck_private = True
kb_linkcheck_registries = {registries!r}
"""
#: The name of an address on the awkward server, and what the check says of it.
WANTED = {
    "fine": "works",
    "titled": "works",
    "gone": "dead",
    "removed": "dead",
    "to-gone": "dead",
    "soft": "soft-404",
    "home": "soft-404",
    "moved": "moved",
    "moved-for-good": "works",
    "away": "works",
    "ignored": "left out",
    "closed": "could not tell",
    "teapot": "could not tell",
    "circle": "could not tell",
    "to-script": "could not tell",
    "endless-body": "works",
}


@pytest.fixture
def server() -> Iterator[tuple[str, Counter[str]]]:
    with awkward() as (address, asked, _):
        yield address, asked


def check(
    folder: Path, links: list[str], limit: float = 60, refusals: int = 3, registries: dict[str, str] | None = None
) -> tuple[running.Run, dict[str, tuple[str, int]], str]:
    """Run the check on one page; the verdict and line of every link, and the report."""
    source, out = folder / "docs", folder / "out"
    source.mkdir(exist_ok=True)
    (source / "conf.py").write_text(CONF.format(limit=limit, refusals=refusals, registries=registries or {}), encoding="utf-8")
    lines = "\n".join(f"- [link]({address})" for address in links)
    (source / "index.md").write_text(f"# Links\n\n{lines}\n", encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-b", "linkcheck", str(source), str(out)]
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    done = running.run(command, env={**environment, "NO_COLOR": "1"}, within=120)
    rows = json.loads((out / "report.json").read_text(encoding="utf-8"))["links"]
    verdicts = {row["address"]: (row["verdict"], row["line"]) for row in rows}
    return done, verdicts, (out / "report.txt").read_text(encoding="utf-8")


def test_every_kind_of_answer_gets_its_verdict_and_line(server: tuple[str, Counter[str]], tmp_path: Path) -> None:
    address, _ = server
    refused = "http://127.0.0.1:9/refused"
    run, verdicts, report = check(tmp_path, [*(f"{address}/{name}" for name in WANTED), refused])
    expected = {f"{address}/{name}": (verdict, number) for number, (name, verdict) in enumerate(WANTED.items(), start=3)}
    assert verdicts == {**expected, refused: ("could not tell", 3 + len(WANTED))}
    assert run.code == 1
    assert "Traceback" not in run.said
    for name, code in (("gone", "link-dead"), ("closed", "link-unknown"), ("moved", "link-moved"), ("soft", "link-soft-404")):
        told = [line for line in report.splitlines() if f"{address}/{name} " in line]
        assert len(told) == 1
        assert told[0].endswith(f"[{code}]")
    assert report.splitlines()[-1] == "5 works, 1 moved, 3 dead, 2 soft-404, 0 retracted, 5 could not tell, 1 left out"
    assert (tmp_path / "out" / "issue.md").read_text(encoding="utf-8").startswith("<!-- links: open -->\n")


@pytest.mark.parametrize(
    "name", ["busy", "later", "down", "broken", "silent", "drip-headers", "drip-body", "hang-up", "rubbish", "endless-redirects"]
)
def test_no_habit_of_a_server_holds_the_check_up(server: tuple[str, Counter[str]], tmp_path: Path, name: str) -> None:
    """The stock check never ends on the first: 429 with a numeric Retry-After, for ever."""
    address, asked = server
    started = time.monotonic()
    run, verdicts, _ = check(tmp_path, [f"{address}/{name}?{number}" for number in range(6)] + [address.replace("127.0.0.1", "localhost")])
    assert time.monotonic() - started < 40
    assert [verdict for link, (verdict, _) in verdicts.items() if name in link] == ["could not tell"] * 6
    assert verdicts[address.replace("127.0.0.1", "localhost")][0] == "works"
    assert asked[name] <= 54  # six links, nine requests each where redirects never end
    assert run.code == 0


def test_the_whole_run_has_an_end(server: tuple[str, Counter[str]], tmp_path: Path) -> None:
    address, _ = server
    links = [f"{address}/silent?{number}" for number in range(40)]
    started = time.monotonic()
    run, verdicts, report = check(tmp_path, links, limit=3, refusals=100)
    assert time.monotonic() - started < 30
    assert len(verdicts) == 40
    assert "no answer within the 3 seconds of the whole run" in report
    assert run.code == 2


def test_a_second_run_asks_only_what_is_worth_asking_again(server: tuple[str, Counter[str]], tmp_path: Path) -> None:
    address, asked = server
    links = [f"{address}/{name}" for name in ("fine", "gone", "closed")]
    first = check(tmp_path, links)
    second = check(tmp_path, links)
    assert asked == {"fine": 1, "gone": 2, "closed": 2}
    assert first[1:] == second[1:]
    assert "1 links answered within the last 24 hours are not asked again." in second[0].out


def test_no_network_is_not_green(tmp_path: Path) -> None:
    run, verdicts, _ = check(tmp_path, ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"])
    assert {verdict for verdict, _ in verdicts.values()} == {"could not tell"}
    assert run.code == 2
    assert "docs: no link could be checked - expected a network - run: nox -s linkcheck [link-unknown]" in run.out


def test_papers_are_asked_for_at_their_registry(tmp_path: Path) -> None:
    with serving() as server:
        server.answers["10.1000/taken"] = (200, work("10.1000/taken", by=[update("retraction")]))
        server.answers["10.1000/fine"] = (200, work("10.1000/fine"))
        links = ["https://doi.org/10.1000/taken", "https://doi.org/10.1000/fine"]
        run, verdicts, report = check(tmp_path, links, registries={"crossref": server.url})
    assert [verdict for verdict, _ in verdicts.values()] == ["works", "retracted"]
    assert "[link-retracted]" in report
    assert run.code == 0
