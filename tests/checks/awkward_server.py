"""A local server that answers in every awkward way a web server can."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CODES = {"gone": 404, "removed": 410, "closed": 403, "broken": 500, "down": 503, "busy": 429, "later": 429, "teapot": 418}
PLACES = {
    "moved": (301, "/fine"),
    "moved-for-good": (308, "/fine"),
    "away": (302, "/fine"),
    "moved-away": (301, "/away"),
    "to-gone": (301, "/gone"),
    "home": (302, "/"),
    "circle": (302, "/circle"),
    "circle-of-two": (302, "/circle-back"),
    "circle-back": (302, "/circle-of-two"),
    "to-script": (302, "javascript:alert(1)"),
    "to-file": (302, "file:///etc/passwd"),
    "to-rubbish": (302, "http://[::1"),
}
TITLES = {"soft": "Page not found | Example", "titled": "404 patients with depression"}


class Awkward(BaseHTTPRequestHandler):
    """Answers by the name in the address."""

    asked: Counter[str]
    times: list[float]

    def do_GET(self) -> None:
        name = self.path.split("?")[0].strip("/")
        self.asked[name] += 1
        self.times.append(time.monotonic())
        with suppress(OSError):
            self.answer(name)

    def answer(self, name: str) -> None:
        if name == "silent":
            time.sleep(30)
        elif name == "drip-headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(300):
                self.wfile.write(b"X-%d: x\r\n" % number)
                self.wfile.flush()
                time.sleep(0.1)
        elif name == "rubbish":
            self.wfile.write(b"\xff\xfe\0\0 not http\r\n\r\n")
        elif name == "hang-up":
            self.connection.close()
        elif name == "endless-redirects":
            number = int(self.path.partition("?")[2] or 0)
            self.head(302, Location=f"/endless-redirects?{number + 1}")
        elif name in ("drip-body", "endless-body", "broken-body"):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(10**9))
            self.end_headers()
            self.wfile.write(b"<html>")
            while name == "drip-body":
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
            while name == "endless-body":
                self.wfile.write(b"<p>" * 10_000)
        elif name in PLACES:
            code, place = PLACES[name]
            self.head(code, Location=place)
        elif name in CODES:
            wait = {"busy": "1", "later": "86400"}.get(name)
            self.head(CODES[name], **({"Retry-After": wait} if wait else {}))
        elif name == "no-place":
            self.head(302)
        else:
            body = f"<html><head><title>{TITLES.get(name, 'A page')}</title></head></html>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def head(self, code: int, **headers: str) -> None:
        self.send_response(code)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Be quiet."""


@contextmanager
def awkward() -> Iterator[tuple[str, Counter[str], list[float]]]:
    """The address of a running server, how often each name was asked, and when."""
    asked: Counter[str] = Counter()
    times: list[float] = []
    handler = type("Handler", (Awkward,), {"asked": asked, "times": times})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}", asked, times
    finally:
        running.shutdown()
        running.server_close()
