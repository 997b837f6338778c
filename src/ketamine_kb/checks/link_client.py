"""Asks for one address, and always ends: in time, in size and in redirects, whatever the server does."""

from __future__ import annotations

import html
import ipaddress
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

import requests

from ketamine_kb.checks.links import Answer
from ketamine_kb.evidence import bounded

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LASTING = frozenset({301, 308})
_TITLE = re.compile(rb"<title[^>]*>(.{0,2000}?)</title", re.IGNORECASE | re.DOTALL)
#: Longest address that is asked for.
LONGEST_ADDRESS = 2_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How patiently and politely links are asked for; times in seconds.

    :param run: longest time of all links together.
    :param patience: longest time of one request, from asking to the last byte that is read.
    :param silence: longest time without a byte, and longest time to connect.
    :param tries: how often one address is asked when the network fails or the server is busy.
    :param pause: shortest time between two requests to one host.
    :param longest_wait: longest wait that a server may ask for; a longer one is not waited for.
    :param refusals: refusals or silences of a host in a row after which it is not asked again.
    :param workers: most hosts that are asked at one time.
    :param redirects: most redirects that are followed.
    :param body: most bytes of a page that are read, for its title.
    :param private: whether hosts in private networks may be asked, for tests.
    """

    run: float = 1500.0
    patience: float = 30.0
    silence: float = 20.0
    tries: int = 2
    pause: float = 1.0
    longest_wait: float = 60.0
    refusals: int = 3
    workers: int = 4
    redirects: int = 8
    body: int = 65_536
    private: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    verify: bool = True


@dataclass(frozen=True, slots=True)
class _Reply:
    code: int
    location: str
    wait: float
    title: str


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    nameless: bool = False


def ask(address: str, limits: Limits, deadline: float) -> Answer:
    """What one address answers, redirects followed.

    :param deadline: when the whole run ends, as :func:`time.monotonic` counts.
    """
    here, lasting, seen = address, True, {address}
    for _ in range(limits.redirects + 1):
        if refused := _refused(here, limits):
            return Answer(0, here, lasting, reason=refused)
        reply = _once(here, limits, deadline)
        if isinstance(reply, _Failure):
            return Answer(0, here, lasting, reason=reply.reason, nameless=reply.nameless, silent=not reply.nameless)
        if reply.code not in _REDIRECTS or not reply.location:
            return Answer(reply.code, here, lasting, reply.title, wait=reply.wait)
        try:
            # What follows "#" is kept by browsers and never sent.
            target = urljoin(here, reply.location)
            if not urlsplit(target).fragment and urlsplit(address).fragment:
                target += "#" + urlsplit(address).fragment
        except ValueError:
            return Answer(0, here, lasting, reason="redirects to something that is no address")
        if target in seen:
            return Answer(0, here, lasting, reason="redirects in a circle")
        seen.add(target)
        here, lasting = target, lasting and reply.code in _LASTING
    return Answer(0, here, lasting, reason=f"redirects more than {limits.redirects} times")


def _refused(address: str, limits: Limits) -> str:
    """Why an address is not asked at all, or ``""``."""
    if len(address) > LONGEST_ADDRESS:
        return f"an address of more than {LONGEST_ADDRESS} characters"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "not an address"
    if parts.scheme not in ("http", "https") or not host:
        return "not the address of a web page"
    if not limits.private and _private(host):
        return "a host inside a private network, which is not asked"
    return ""


def _private(host: str) -> bool:
    """True for a name or number that can only be a machine near by; a page must not make the check ask one."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    return not number.is_global


def _once(address: str, limits: Limits, deadline: float) -> _Reply | _Failure:
    """One request, in a thread that is left behind when a server drips its answer for ever."""
    left = deadline - time.monotonic()
    if left <= 0:
        return _Failure("not asked within the time of the whole run")
    seconds = min(limits.patience, left)
    within = replace(limits, silence=min(limits.silence, seconds))
    return bounded.in_time(lambda: _request(address, within), seconds) or _Failure(f"no whole answer within {seconds:.0f} seconds")


def _request(address: str, limits: Limits) -> _Reply | _Failure:
    headers = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Encoding": "identity", **limits.headers}
    headers["Connection"] = "close"
    try:
        with requests.get(
            address, headers=headers, timeout=limits.silence, stream=True, allow_redirects=False, verify=limits.verify
        ) as response:
            title = ""
            if "html" in response.headers.get("Content-Type", "").lower() and 200 <= response.status_code < 300:
                title = _title(response, limits.body)
            wait = bounded.retry_after(response.headers.get("Retry-After", ""))
            return _Reply(response.status_code, response.headers.get("Location", ""), wait, title)
    except Exception as error:  # whatever a hostile answer brings up in a library
        return _Failure(bounded.reason(error, limits.silence), nameless=_nameless(error))


def _title(response: requests.Response, most: int) -> str:
    """The title of a page, from no more than its first bytes; a page that breaks off has still answered."""
    read = bytearray()
    try:
        for chunk in response.iter_content(4096):
            read += chunk
            if len(read) >= most or b"</title" in read.lower():
                break
    except requests.exceptions.RequestException:
        pass
    found = _TITLE.search(bytes(read[:most]))
    text = html.unescape(found[1].decode("utf-8", "replace")) if found else ""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:200]


def _nameless(error: BaseException) -> bool:
    """True when the resolver said that no such host exists; False when it could not be asked."""
    for _ in range(10):
        if isinstance(error, socket.gaierror):
            return error.errno == socket.EAI_NONAME
        inner = getattr(error, "reason", None) or error.__cause__ or error.__context__ or next(iter(error.args), None)
        if not isinstance(inner, BaseException):
            return False
        error = inner
    return False
