"""What an answer says about a link: works, moved, dead, dead behind a friendly face, retracted, or could not be told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from ketamine_kb.evidence.registries import Kind, NotFound, Record, Unanswered
from ketamine_kb.messages import Code, Fault


class Verdict(Enum):
    """What a link check can say of one link."""

    WORKS = "works"
    MOVED = "moved"
    DEAD = "dead"
    SOFT = "soft-404"
    RETRACTED = "retracted"
    UNKNOWN = "could not tell"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking for one address brought.

    :param code: the HTTP status of the last server that answered; 0 when none did.
    :param address: where the redirects ended.
    :param lasting: True when every redirect on the way was a permanent one.
    :param title: the title of the page, or ``""``.
    :param reason: why there is no answer, or ``""``.
    :param wait: seconds that the server asked to wait.
    :param nameless: True when the host's name is not known.
    :param silent: True when the network or the host failed, so that asking again may help.
    """

    code: int
    address: str
    lasting: bool = True
    title: str = ""
    reason: str = ""
    wait: float = 0.0
    nameless: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class LinkResult:
    """One link with what was found.

    :param address: the address on the page.
    :param path: the file in which an author mends it, relative to the project.
    :param line: the line in that file, or 0.
    :param reason: what the server, the registry or the network said; of a moved link, its new address.
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

        def fault(code: Code, found: str, expected: str) -> Fault:
            return Fault(self.path, self.line, 0, code, found, expected, run=run)

        if self.verdict is Verdict.DEAD:
            return fault(Code.LINK_DEAD, found, "an address that answers")
        if self.verdict is Verdict.SOFT:
            return fault(Code.LINK_SOFT, found, "the page itself; look at it in a browser")
        if self.verdict is Verdict.RETRACTED:
            return fault(Code.LINK_RETRACTED, found, "a source that stands")
        if self.verdict is Verdict.MOVED:
            return fault(Code.LINK_MOVED, self.address, f"its new address {self.reason}")
        if self.verdict is Verdict.UNKNOWN:
            return fault(Code.LINK_UNKNOWN, found, "an answer; try again later or look by hand")
        return None


#: Answers that mean the page is gone. Everything else that is not a success proves nothing about the page.
_GONE = frozenset({404, 410})
#: A part of a title that says by itself that there is no such page.
_NO_PAGE = re.compile(
    r"(?:(?:http )?(?:error|status)(?: code)?:? )?404(?:(?: error|:)? ?(?:(?:page |file )?(?:was )?not found)?)?"
    r"|(?:sorry,? )?(?:the |this |that )?(?:requested )?(?:page|file|document|resource|url|article|site)(?: you requested)?"
    r" (?:(?:was |is |could |can|could ?n[o']t |can ?n[o']t )*(?:not )?(?:be )?found"
    r"|(?:does not|doesn't|no longer) exists?|(?:is )?no longer available|has (?:been removed|moved))"
    r"|(?:page|file|document|resource|doi) not found|not found|nothing (?:was )?found",
    re.IGNORECASE,
)


def verdict(answer: Answer, asked: str, *, others_answered: bool = False) -> tuple[Verdict, str]:
    """Read one answer: the verdict, and its reason in words.

    :param asked: the address on the page.
    :param others_answered: True when another host has answered in the same run, so that there is a network.
    """
    went = f", after a redirect to {answer.address}" if answer.address != asked else ""
    if answer.nameless and others_answered:
        return Verdict.DEAD, f"there is no host of this name{went}"
    if answer.code == 0:
        return Verdict.UNKNOWN, answer.reason + went
    if answer.code in _GONE:
        return Verdict.DEAD, f"answers {answer.code}{went}"
    if not 200 <= answer.code < 300:
        return Verdict.UNKNOWN, f"answers {answer.code}{went}"
    if says_no_page(answer.title):
        return Verdict.SOFT, f"answers {answer.code} with the title {answer.title!r}{went}"
    if _to_the_front(asked, answer.address):
        return Verdict.SOFT, f"leads to the front page {answer.address}"
    if answer.address != asked and answer.lasting:
        return Verdict.MOVED, answer.address
    return Verdict.WORKS, ""


def says_no_page(title: str) -> bool:
    """True when a part of a page's title, between bars, dashes or colons, says nothing but that the page is not there."""
    parts = [title, *re.split(r"\s[|\-–—·:»«]+\s|[|»«·]|:\s", title)]
    return any(_NO_PAGE.fullmatch(part.strip(" .!?\t")) for part in parts)


def _to_the_front(asked: str, reached: str) -> bool:
    """True when the address of a page led to the front page of a site."""
    before, after = urlsplit(asked), urlsplit(reached)
    deep = before.path.strip("/") != "" or before.query != ""
    return deep and after.path.strip("/") == "" and after.query == "" and asked != reached


def registry_of(address: str) -> tuple[str, str] | None:
    """The registry ("crossref" or "pubmed") and the identifier behind the address of a paper, or None.

    A publisher's page may refuse machines; the registry says whether the identifier exists and whether the paper stands.
    """
    if match := re.fullmatch(r"https?://(?:dx\.|www\.)?doi\.org/(10\.\d{4,9}/\S+)", address, re.IGNORECASE):
        return "crossref", match[1]
    if match := re.fullmatch(r"https?://pubmed\.ncbi\.nlm\.nih\.gov/(\d{1,9})/?", address, re.IGNORECASE):
        return "pubmed", match[1]
    return None


def registry_verdict(answer: Record | NotFound | Unanswered) -> tuple[Verdict, str]:
    """What a registry's answer says of a link."""
    if isinstance(answer, NotFound):
        return Verdict.DEAD, answer.reason
    if isinstance(answer, Unanswered):
        return Verdict.UNKNOWN, answer.reason
    retracted = [notice.words for notice in answer.notices if notice.kind is Kind.RETRACTION]
    return (Verdict.RETRACTED, "; ".join(retracted)) if retracted else (Verdict.WORKS, "")


def summary(results: Iterable[LinkResult]) -> str:
    """One line with the count of each verdict."""
    counts = Counter(result.verdict for result in results)
    return ", ".join(f"{counts[word]} {word.value}" for word in Verdict)
