"""One request that always ends, and the words for each way in which it can fail."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue
from typing import TypeVar

import requests

T = TypeVar("T")


def in_time(call: Callable[[], T], seconds: float) -> T | None:
    """What ``call`` returns, or None after ``seconds``: its thread is left behind when a server drips its answer for ever.

    :param call: must raise nothing.
    """
    box: SimpleQueue[T] = SimpleQueue()
    threading.Thread(target=lambda: box.put(call()), daemon=True).start()
    try:
        return box.get(timeout=seconds)
    except Empty:
        return None


def never_connected(error: BaseException) -> bool:
    """True when no connection was made at all."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    # urllib3 gives a reason where it could not connect, and none where a connection broke.
    plain = isinstance(error, requests.exceptions.ConnectionError) and not isinstance(error, requests.exceptions.SSLError)
    return plain and bool(error.args) and hasattr(error.args[0], "reason")


def reason(error: BaseException, silence: float) -> str:
    """Why a request failed, in words.

    :param silence: seconds without a byte after which the request was given up.
    """
    if isinstance(error, requests.exceptions.SSLError):
        return "no trusted connection"
    if never_connected(error):
        return "no connection"
    if isinstance(error, requests.exceptions.Timeout):
        return f"no byte for {silence:.0f} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ConnectionError):
        return "the connection broke"
    return f"an answer that cannot be read ({type(error).__name__})"


def lasting(error: BaseException) -> bool:
    """True when asking again would bring the same: no trust, or an answer that no library can read."""
    if isinstance(error, requests.exceptions.SSLError):
        return True
    passing = (requests.exceptions.Timeout, requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)
    return not isinstance(error, passing)


def retry_after(asked: str) -> float:
    """A Retry-After as seconds from now; 0 when there is none or it makes no sense."""
    if re.fullmatch(r"\d{1,9}", asked.strip(), re.ASCII):
        return float(asked)
    try:
        moment = parsedate_to_datetime(asked)
        return max((moment - dt.datetime.now(moment.tzinfo)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0.0
