"""One address is asked for, and that always ends."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ketamine_kb.checks.link_client import LONGEST_ADDRESS, Limits, ask
from ketamine_kb.checks.links import Answer
from tests.checks.awkward_server import awkward

QUICK = Limits(patience=1.5, silence=1.0, private=True)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with awkward() as (address, _, _):
        yield address


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def one(address: str, limits: Limits = QUICK) -> Answer:
    return ask(address, limits, time.monotonic() + 10)


@pytest.mark.parametrize(
    ("name", "code", "ends", "lasting"),
    [
        ("fine", 200, "fine", True),
        ("gone", 404, "gone", True),
        ("closed", 403, "closed", True),
        ("moved", 200, "fine", True),
        ("moved-for-good", 200, "fine", True),
        ("away", 200, "fine", False),
        ("moved-away", 200, "fine", False),
        ("to-gone", 404, "gone", True),
        ("no-place", 302, "no-place", True),
        ("endless-body", 200, "endless-body", True),
        ("broken-body", 200, "broken-body", True),
    ],
)
def test_codes_and_redirects(server: str, name: str, code: int, ends: str, lasting: bool) -> None:
    answer = one(f"{server}/{name}")
    assert (answer.code, answer.address, answer.lasting, answer.reason) == (code, f"{server}/{ends}", lasting, "")


def test_the_title_and_the_wait_are_read(server: str) -> None:
    assert one(f"{server}/soft").title == "Page not found | Example"
    assert one(f"{server}/busy").wait == 1.0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("silent", "no byte for 1 seconds"),
        ("drip-headers", "no whole answer within 2 seconds"),
        ("drip-body", "no whole answer within 2 seconds"),
        ("hang-up", "the connection broke"),
        ("rubbish", "the connection broke"),
        ("circle", "redirects in a circle"),
        ("circle-of-two", "redirects in a circle"),
        ("endless-redirects", "redirects more than 8 times"),
        ("to-script", "not the address of a web page"),
        ("to-file", "not the address of a web page"),
        ("to-rubbish", "an answer that cannot be read (ValueError)"),
    ],
)
def test_everything_ends_with_a_reason(server: str, name: str, reason: str) -> None:
    started = time.monotonic()
    answer = one(f"{server}/{name}")
    assert (answer.code, answer.reason) == (0, reason)
    assert time.monotonic() - started < 5


def test_nothing_is_asked_after_the_end(server: str) -> None:
    assert ask(f"{server}/fine", QUICK, time.monotonic()).reason == "not asked within the time of the whole run"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1/admin", "a host inside a private network, which is not asked"),
        ("http://10.0.0.7/", "a host inside a private network, which is not asked"),
        ("http://169.254.169.254/latest/meta-data", "a host inside a private network, which is not asked"),
        ("http://[::1]/", "a host inside a private network, which is not asked"),
        ("http://localhost:8000/", "a host inside a private network, which is not asked"),
        ("http://build.internal/", "a host inside a private network, which is not asked"),
        ("ftp://example.org/", "not the address of a web page"),
        ("http:///nowhere", "not the address of a web page"),
        ("http://[::1", "not an address"),
        ("http://example.org:port/", "not an address"),
        ("https://example.org/" + "x" * LONGEST_ADDRESS, f"an address of more than {LONGEST_ADDRESS} characters"),
    ],
)
def test_what_is_not_asked(address: str, reason: str) -> None:
    assert one(address, Limits()).reason == reason


def test_a_host_without_a_name() -> None:
    answer = one("http://no-such-host.invalid/")
    assert answer.reason == "no connection"


def test_an_untrusted_connection_is_no_answer(server: str) -> None:
    answer = one(server.replace("http:", "https:") + "/fine")
    assert (answer.code, answer.reason) == (0, "no trusted connection")
