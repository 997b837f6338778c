"""Serves the built pages on this machine only, and tells open browsers when they are new or at fault."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

HERE = Path(__file__).parent
#: Files that a page gets while it is served live, with their types; a built page holds none of them.
ASSETS = {"/_live/live.js": "text/javascript; charset=utf-8", "/_live/live.css": "text/css; charset=utf-8"}
EVENTS = "/_live/events"
ADDED = b'<link rel="stylesheet" href="/_live/live.css"><script src="/_live/live.js" defer></script></head>'
#: Seconds between signs of life on an open connection.
PULSE = 15.0


@dataclass
class News:
    """What browsers are told: which build they should show, and what is wrong."""

    build: str = ""
    problems: list[str] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _number: int = 0
    _open: Counter[str] = field(default_factory=Counter)

    @property
    def open_pages(self) -> set[str]:
        """Names of the pages that a browser shows now."""
        with self._changed:
            return {name for name, count in self._open.items() if count > 0}

    @contextmanager
    def shown(self, name: str) -> Iterator[None]:
        """Inside, a browser shows this page."""
        with self._changed:
            self._open[name] += 1
        try:
            yield
        finally:
            with self._changed:
                self._open[name] -= 1
                self._open += Counter()  # forgets what nobody shows

    def tell(self, build: str, problems: list[str]) -> None:
        """Tell every open page."""
        with self._changed:
            self.build, self.problems = build, problems
            self._number += 1
            self._changed.notify_all()

    def wait(self, after: int, seconds: float) -> tuple[int, str]:
        """The number and the text of the news, as soon as there is any after number ``after``; the same ones when time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > after, seconds)
            return self._number, json.dumps({"build": self.build, "problems": self.problems})


class _Handler(SimpleHTTPRequestHandler):
    """Files of one folder, with the live script in each page."""

    def __init__(self, *args: Any, news: News, hosts: frozenset[str], **kwargs: Any) -> None:
        self.news, self.hosts = news, hosts
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        """One file, one page with the script, or the news."""
        try:
            host = urlsplit("//" + self.headers.get("Host", "")).hostname or ""
            path = urlsplit(self.path).path
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST, "no address")
            return
        # Another site could point its own name at this machine and read drafts; only the names of this server are answered.
        if host not in self.hosts:
            self.send_error(HTTPStatus.FORBIDDEN, "not the name of this server")
            return
        if path == EVENTS:
            self._stream()
        elif path in ASSETS:
            self._send((HERE / Path(path).name).read_bytes(), ASSETS[path])
        else:
            self._file()

    def do_HEAD(self) -> None:
        """Not answered: nothing here asks for it."""
        self.send_error(HTTPStatus.METHOD_NOT_ALLOWED, "only pages")

    def _file(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path = path / "index.html"
        if path.suffix != ".html" or not path.is_file():
            super().do_GET()
            return
        before, head, after = path.read_bytes().partition(b"</head>")
        self._send(before + (ADDED if head else b"") + after, "text/html; charset=utf-8")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        number = 0
        page = parse_qs(urlsplit(self.path).query).get("page", [""])[0][:200]
        name = page.strip("/").removesuffix(".html") or "index"
        with self.news.shown(name), suppress(OSError):  # which ends when the page is closed
            while True:
                latest, text = self.news.wait(number, PULSE)
                self.wfile.write(f"data: {text}\n\n".encode() if latest > number else b": here\n\n")
                self.wfile.flush()
                number = latest

    def end_headers(self) -> None:
        """Nothing may be kept: the next save makes it old."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        """No lists of files."""
        self.send_error(HTTPStatus.NOT_FOUND, "no such page")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # their name
        """Say nothing of each request."""


class Server:
    """A server in a thread of its own.

    :raises OSError: when the port is taken.
    """

    def __init__(self, folder: Path, news: News, host: str, port: int) -> None:
        hosts = frozenset({host.casefold(), "localhost", "127.0.0.1", "::1"})
        handler = partial(_Handler, directory=str(folder), news=news, hosts=hosts)
        self._http = ThreadingHTTPServer((host, port), handler)
        self._http.daemon_threads = True
        self.port = int(self._http.server_address[1])
        threading.Thread(target=self._http.serve_forever, args=(0.1,), daemon=True).start()

    def close(self) -> None:
        """Stop answering and free the port."""
        self._http.shutdown()
        self._http.server_close()
