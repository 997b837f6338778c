"""Live writing: a save reaches the browser, what is wrong stands in the page, and the last good page stays."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from watchfiles import Change

from ketamine_kb.live.__main__ import main, watched
from ketamine_kb.live.server import News, Server
from tests.conftest import ROOT, Copy, copy_project

#: Pages that the small site keeps; others would only make the test slow.
KEPT = ("mechanism/nmda.md", "networks/ketamine.md", "reference/bibliography.md", "reference/glossary.md")
#: Seconds after which a save counts as lost; what it usually takes is measured by hand, on a quiet machine.
PATIENCE = 120.0


@pytest.fixture
def news() -> News:
    return News()


@pytest.fixture
def server(tmp_path: Path, news: News) -> Iterator[Server]:
    (tmp_path / "site/sub").mkdir(parents=True)
    (tmp_path / "site/index.html").write_text("<html><head><title>T</title></head><body>Hello</body></html>")
    (tmp_path / "site/plain.txt").write_text("words")
    (tmp_path / "secret.txt").write_text("secret")
    running = Server(tmp_path / "site", news, "127.0.0.1", 0)
    yield running
    running.close()


def get(port: int, path: str, host: str | None = None) -> tuple[int, str, dict[str, str]]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())


def test_a_page_gets_the_live_script_and_is_never_kept(server: Server) -> None:
    for path in ("/", "/index.html", "/index.html?x=1"):
        status, body, headers = get(server.port, path)
        assert status == 200
        assert body.index('<script src="/_live/live.js" defer></script></head>') > 0
        assert headers["Cache-Control"] == "no-store"
    assert get(server.port, "/plain.txt")[1] == "words"


@pytest.mark.parametrize("name", ["live.js", "live.css"])
def test_what_is_added_is_served_and_never_inline(server: Server, name: str) -> None:
    status, body, _ = get(server.port, f"/_live/{name}")
    assert status == 200
    assert body == (ROOT / "src/ketamine_kb/live" / name).read_text(encoding="utf-8")
    assert "innerHTML" not in body


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/sub/", "/none.html", "/_live/__main__.py", "/..%2fsecret.txt"])
def test_nothing_else_is_served(server: Server, path: str) -> None:
    assert get(server.port, path)[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "localhost.evil.example:80"])
def test_another_name_for_this_machine_is_refused(server: Server, host: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.putrequest("GET", "/", skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        assert connection.getresponse().status == (400 if host == "[" else 403)


@dataclass
class Listener:
    """A browser that shows one page."""

    port: int
    page: str
    told: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self.connection.request("GET", f"/_live/events?page={self.page}")
        self.answer = self.connection.getresponse()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while line := self.answer.readline():
                if line.startswith(b"data: "):
                    self.told.append(json.loads(line[6:]))
        except (OSError, ValueError, AttributeError):
            return

    def problems(self) -> list[str]:
        return [str(problem) for problem in self.told[-1]["problems"]] if self.told else []  # type: ignore[attr-defined]

    def until(self, wanted: str, *, gone: bool = False) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.told and any(wanted in problem for problem in self.problems()) != gone:
                return
            time.sleep(0.05)
        raise AssertionError(f"{wanted!r} {'stayed' if gone else 'never came'}: {self.told[-1:]}")


def test_news_reach_every_open_page(server: Server, news: News) -> None:
    listeners = [Listener(server.port, "/index.html"), Listener(server.port, "/sub/page.html")]
    end = time.monotonic() + 30
    while news.open_pages != {"index", "sub/page"} and time.monotonic() < end:
        time.sleep(0.01)
    assert news.open_pages == {"index", "sub/page"}
    news.tell("1", ["<b>wrong</b>"])
    for listener in listeners:
        listener.until("<b>wrong</b>")
        assert listener.told[-1] == {"build": "1", "problems": ["<b>wrong</b>"]}


def test_a_taken_port_is_told_with_the_command(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", str(server.port)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"nox -s live: port {server.port} on 127.0.0.1 cannot be used: Address already in use - expected a free port")
    assert main(["--port", "99999999"]) == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("docs/page.md", True),
        ("evidence/claims/brain.yaml", True),
        ("diagrams/a.mmd", True),
        ("docs/.page.md.swp", False),
        ("docs/.#page.md", False),
        ("docs/page.md~", False),
        ("docs/4913", False),
        ("src/x/__pycache__/a.py", False),
    ],
)
def test_only_the_writers_files_are_watched(name: str, expected: bool) -> None:
    assert watched(Change.modified, name) is expected


@dataclass
class Live:
    """A running `nox -s live` on a small copy of the project."""

    copy: Copy
    port: int

    def page(self, name: str) -> str:
        return get(self.port, f"/{name}.html")[1]

    def until(self, name: str, wanted: str) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if wanted in (text := self.page(name)):
                return text
            time.sleep(0.05)
        raise AssertionError(f"{wanted!r} never came to {name}")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    copy = copy_project(tmp_path_factory.mktemp("live") / "project")
    for page in list((copy.root / "docs").rglob("*.md")):
        if page.relative_to(copy.root / "docs").as_posix() not in KEPT:
            page.unlink()
    contents = "\n".join(name.removesuffix(".md") for name in KEPT)
    front = (ROOT / "docs/index.md").read_text(encoding="utf-8").split("---\n")[1]
    copy.path("docs/index.md").write_text(f"---\n{front}---\n\n# Small\n\n```{{toctree}}\n{contents}\n```\n", encoding="utf-8")
    with closing(Server(copy.root, News(), "127.0.0.1", 0)) as probe:
        port = probe.port
    environment = {**os.environ, "PYTHONPATH": str(copy.root / "src"), "NO_COLOR": "1"}
    log = copy.path("live.log")
    with log.open("w") as stream:
        command = [sys.executable, "-m", "ketamine_kb.live", "--port", str(port)]
        process = subprocess.Popen(command, cwd=copy.root, env=environment, stderr=stream, stdin=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE
    saved = False
    while "Ready:" not in (said := log.read_text(encoding="utf-8")):
        assert process.poll() is None and time.monotonic() < end, said
        # Read by the first build, not yet written: too late for this build.
        if not saved and copy.path("build/live-doctrees/networks/ketamine.doctree").exists():
            copy.edit("docs/networks/ketamine.md", "\n# ", "\n# Saved early: ")
            saved = True
        time.sleep(0.01)
    assert saved
    yield Live(copy, port)
    process.terminate()
    process.wait(30)


def test_a_page_saved_during_the_first_build_is_served(live: Live) -> None:
    assert "<h1>Saved early: " in live.until("networks/ketamine", "<h1>Saved early: ")


def test_a_saved_page_is_served(live: Live) -> None:
    live.copy.edit("docs/mechanism/nmda.md", "# NMDA receptors:", "# Saved just now:")
    assert "Saved just now:" in live.until("mechanism/nmda", "Saved just now:")


def test_a_saved_claim_reaches_the_open_page_and_others_when_they_are_opened(live: Live) -> None:
    listener = Listener(live.port, "/mechanism/nmda.html")
    live.copy.edit("evidence/claims/mechanism.yaml", "Cryo-electron microscopy of", "Freshly written: cryo-electron microscopy of")
    assert live.copy.path("evidence/claims/mechanism.yaml").read_text(encoding="utf-8").count("Freshly written") == 1
    live.until("mechanism/nmda", "Freshly written")
    assert listener.told


def test_a_saved_diagram_is_served(live: Live) -> None:
    listener = Listener(live.port, "/networks/ketamine.html")
    live.copy.edit("diagrams/default-mode-network.mmd", "accDescr: From", "accDescr: Redrawn. From")
    live.until("networks/ketamine", "Redrawn. From")
    assert listener.told


def test_a_fault_stands_in_the_page_until_it_is_mended(live: Live) -> None:
    listener = Listener(live.port, "/mechanism/nmda.html")
    live.copy.edit("docs/mechanism/nmda.md", "{cite:p}`bliss1993`", "{cite:p}`blis1993`")
    listener.until("unknown citation key 'blis1993' - expected a key of evidence/references.bib - did you mean 'bliss1993'?")
    live.copy.edit("docs/mechanism/nmda.md", "{cite:p}`blis1993`", "{cite:p}`bliss1993`")
    listener.until("blis1993", gone=True)


def test_broken_facts_leave_the_last_good_pages(live: Live) -> None:
    listener = Listener(live.port, "/mechanism/nmda.html")
    before = live.page("mechanism/nmda")
    live.copy.edit("evidence/claims/mechanism.yaml", "\nclaims:\n", "\nclaims: [\n")
    listener.until("expected valid YAML")
    assert live.page("mechanism/nmda") == before
    live.copy.edit("evidence/claims/mechanism.yaml", "\nclaims: [\n", "\nclaims:\n")
    listener.until("expected valid YAML", gone=True)


def test_a_page_not_in_utf8_does_not_end_the_writing(live: Live) -> None:
    listener = Listener(live.port, "/mechanism/nmda.html")
    path = live.copy.path("docs/reference/glossary.md")
    good = path.read_bytes()
    path.write_bytes(good + b"\n\xff\xfe\n")
    listener.until("is not UTF-8")
    path.write_bytes(good)
    listener.until("is not UTF-8", gone=True)
