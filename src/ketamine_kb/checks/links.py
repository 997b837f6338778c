"""What the answer of a server says about a link: works, moved, dead, or could not be told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ketamine_kb.messages import Code, Fault


class Verdict(Enum):
    """The four things a link check can say."""

    WORKS = "works"
    MOVED = "moved"
    DEAD = "dead"
    UNKNOWN = "could not tell"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class LinkResult:
    """One link with what was found.

    :param address: the address on the page.
    :param path: the page, relative to the project.
    :param line: the line on the page, or 0.
    :param reason: what the server or the network said.
    """

    address: str
    path: str
    line: int
    verdict: Verdict
    reason: str = ""

    def fault(self) -> Fault | None:
        """The message for an author, or None when there is nothing to do."""
        found = self.address + (f" ({self.reason})" if self.reason else "")
        run = "nox -s linkcheck"
        if self.verdict is Verdict.DEAD:
            return Fault(self.path, self.line, 0, Code.LINK_DEAD, found, "an address that answers", run=run)
        if self.verdict is Verdict.MOVED:
            return Fault(self.path, self.line, 0, Code.LINK_MOVED, self.address, f"its new address {self.reason}", run=run)
        if self.verdict is Verdict.UNKNOWN:
            return Fault(self.path, self.line, 0, Code.LINK_UNKNOWN, found, "an answer; try again later or look by hand", run=run)
        return None


#: Answers that mean the page is gone. Everything else that is not a success proves nothing about the page.
#: Only at the start of the message: later on, such a number may be a part of the address.
_GONE = re.compile(r"(404|410)\b")
_PERMANENT = (301, 308)


def verdict(status: str, code: int, message: str) -> Verdict:
    """Read one answer.

    :param status: Sphinx's word for it ("working", "redirected", "broken", "timeout", "ignored", "unchecked").
    :param code: the HTTP code of a redirect, else 0.
    :param message: what the server or the network said.
    """
    if status == "working":
        return Verdict.WORKS
    if status == "redirected":
        return Verdict.MOVED if code in _PERMANENT else Verdict.WORKS
    if status == "broken":
        return Verdict.DEAD if _GONE.match(message) or not message else Verdict.UNKNOWN
    if status == "ignored" and message:  # Sphinx ignores 503 and answers it cannot decode: not told
        return Verdict.UNKNOWN
    if status in ("ignored", "unchecked"):
        return Verdict.LEFT_OUT
    return Verdict.UNKNOWN


def registry_address(address: str) -> str | None:
    """Where to ask whether an identifier exists, instead of the publisher's page that may refuse machines.

    A DOI is looked up in the registry's own handle service, which answers 404 for a DOI that was never registered.
    """
    match = re.fullmatch(r"https?://(?:dx\.)?doi\.org/(10\.\d{4,9}/\S+)", address)
    return f"https://doi.org/api/handles/{match[1]}" if match else None


def summary(results: Iterable[LinkResult]) -> str:
    """One line with the count of each verdict."""
    counts = Counter(result.verdict for result in results)
    return ", ".join(f"{counts[word]} {word.value}" for word in Verdict)
