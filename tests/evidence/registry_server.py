"""A local server that stands for Crossref and PubMed: real shapes of answers, and every awkward one."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TITLE = "Structural basis of ketamine action on human NMDA receptors"


def work(
    doi: str = "10.1000/xyz",
    title: str = TITLE,
    year: int = 2021,
    by: list[dict[str, Any]] | None = None,
    to: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An answer of Crossref's works, shortened; ``by`` and ``to`` are its updated-by and update-to."""
    updates = {name: of for name, of in (("updated-by", by), ("update-to", to)) if of is not None}
    return {
        "status": "ok",
        "message-type": "work",
        "message-version": "1.0.0",
        "message": {
            "DOI": doi,
            "type": "journal-article",
            "title": [title],
            "subtitle": [],
            "original-title": [],
            "container-title": ["Nature"],
            "issued": {"date-parts": [[year, 7, 28]]},
            "published": {"date-parts": [[year, 7, 28]]},
            "published-print": {"date-parts": [[year, 8, 12]]},
            "relation": {},
            **updates,
            **more,
        },
    }


def update(kind: str, doi: str = "10.1000/notice", source: str = "publisher") -> dict[str, Any]:
    """One entry of updated-by or update-to."""
    updated = {"date-parts": [[2023, 4, 22]], "date-time": "2023-04-22T00:00:00Z", "timestamp": 1682121600000}
    return {"DOI": doi, "type": kind, "label": kind.title(), "source": source, "updated": updated}


def agency(label: str) -> dict[str, Any]:
    return {"status": "ok", "message-type": "work-agency", "message": {"DOI": "10.1", "agency": {"id": label.lower(), "label": label}}}


def summary(pmid: str = "34321660", title: str = TITLE + ".", pubdate: str = "2021 Aug", **more: Any) -> dict[str, Any]:
    """An answer of PubMed's esummary, shortened."""
    entry = {
        "uid": pmid,
        "pubdate": pubdate,
        "epubdate": "2021 Jul 28",
        "source": "Nature",
        "title": title,
        "sorttitle": title.lower(),
        "lang": ["eng"],
        "pubtype": ["Journal Article"],
        "references": [],
        "sortpubdate": "2021/08/01 00:00",
        "vernaculartitle": "",
        "booktitle": "",
        **more,
    }
    return {"header": {"type": "esummary", "version": "0.3"}, "result": {"uids": [pmid], pmid: entry}}


def no_summary(pmid: str) -> dict[str, Any]:
    entry = {"uid": pmid, "error": "cannot get document summary"}
    return {"header": {"type": "esummary", "version": "0.3"}, "result": {"uids": [pmid], pmid: entry}}


def reference(kind: str, pmid: int | str = 35000000) -> dict[str, Any]:
    return {"refsource": "Nature. 2022 Mar 3;352(9):950", "reftype": kind, "pmid": pmid, "note": ""}


class Server(ThreadingHTTPServer):
    """Answers by the identifier that is asked for.

    :ivar answers: for an identifier (or ``identifier/agency``) a code with a body, or the name of a bad habit.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Any] = {}
        self.asked: Counter[str] = Counter()
        self.moments: list[float] = []
        self.agents: set[str] = set()
        self.ending = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        name = parse_qs(parts.query).get("id", [""])[0] or unquote(parts.path.removeprefix("/works/"))
        self.server.asked[name] += 1
        self.server.moments.append(time.monotonic())
        self.server.agents.add(self.headers["User-Agent"])
        answer = self.server.answers.get(name, (404, b"Resource not found."))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        with suppress(OSError):
            self.habit(answer) if isinstance(answer, str) else self.say(*answer)
        if isinstance(answer, str):
            self.close_connection = True

    def say(self, code: int, body: Any, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def habit(self, habit: str) -> None:
        if habit.startswith("busy"):
            self.say(429, {"error": "API rate limit exceeded"}, **({"Retry_After": habit.removeprefix("busy ")} if " " in habit else {}))
        elif habit.startswith("to "):
            self.say(302, b"", Location=habit.removeprefix("to "))
        elif habit == "hang":
            self.server.ending.wait(20)
        elif habit == "break":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"status": ')
        elif habit == "endless":
            self.send_response(200)
            self.end_headers()
            while not self.server.ending.is_set():
                self.wfile.write(b" " * 65_536)
        else:
            assert habit in ("drip", "drip headers"), habit
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: " if habit == "drip headers" else b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.server.ending.wait(0.05):
                self.wfile.write(b" ")
                self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Be quiet."""


@contextmanager
def serving() -> Iterator[Server]:
    """A running server."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.ending.set()
    server.shutdown()
    thread.join()
    server.server_close()
