"""Asks Crossref and PubMed what they hold on one source, politely, and believes no answer before it is checked.

Whatever a server sends, a question ends as a :class:`Record`, as :class:`NotFound` or as :class:`Unanswered` with its
reason: never as an exception, and never later than the time that :class:`Settings` gives it.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests

from ketamine_kb.evidence import bounded

#: Largest answer that is read, in bytes, after unpacking. Crossref's record of a review with 500 references is 300 kB.
MAX_ANSWER_BYTES = 2_000_000
#: Longest text that is kept from an answer, and the most notices and forms of the title of one record.
MAX_TEXT, MAX_NOTICES, MAX_TITLES = 500, 20, 5
#: Names the project; Crossref and PubMed also take an address, which this project does not have.
USER_AGENT = "HowKetamineWorks/0.1 (source status check)"
#: The registries, with their names as shown to readers.
NAMES = {"crossref": "Crossref", "pubmed": "PubMed"}

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_YEAR = re.compile(r"\b(?:1[6-9]|20)\d\d\b")
_MARKED = re.compile(r"^\W*(?:retracted|withdrawn|removed)(?:\s+(?:article|paper|chapter))?\s*(?::|\]|\s[-–—]\s)\s*", re.IGNORECASE)


class Kind(IntEnum):
    """What a notice means for a source, the gravest first."""

    RETRACTION = 0
    CONCERN = 1
    CORRECTION = 2
    OTHER = 3


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """One thing that a registry says happened to a source, in words for a reader."""

    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a registry holds.

    :param titles: every form of the title, the one to show first; empty when the record has none.
    :param years: every year of publication, in print and online.
    """

    titles: tuple[str, ...]
    years: tuple[int, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class NotFound:
    """The registry says that the identifier does not exist."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing was learnt.

    :param offline: no connection was made at all.
    """

    reason: str
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to ask, how politely and how patiently; times in seconds.

    :param rates: most requests a second. PubMed allows 3 to whoever has no key.
    :param limit: longest time of all questions together.
    :param patience: longest time of one request, from asking to the last byte.
    :param silence: longest time without a byte, and longest time to connect.
    :param tries: how often one thing is asked when the server is busy or the network fails.
    :param pause: wait before the second try; doubled each time.
    :param longest_wait: longest wait that a server may ask for; a longer one is not waited for.
    :param refusals: questions in a row without an answer after which a registry is not asked again.
    """

    bases: dict[str, str] = field(
        default_factory=lambda: {"crossref": "https://api.crossref.org", "pubmed": "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"}
    )
    rates: dict[str, float] = field(default_factory=lambda: {"crossref": 5.0, "pubmed": 3.0})
    limit: float = 900.0
    patience: float = 20.0
    silence: float = 10.0
    tries: int = 4
    pause: float = 1.0
    longest_wait: float = 30.0
    refusals: int = 5


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer of a server, of whatever kind."""

    code: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Failure:
    """No answer, or one that must not be read."""

    reason: str
    again: bool = True
    offline: bool = False


class Client:
    """Asks one question after the other; keeps to the rates and to the time of the whole run."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        #: Whether any server has answered anything so far.
        self.reached = False
        self._deadline = time.monotonic() + settings.limit
        self._turns: dict[str, float] = {}
        self._silent: Counter[str] = Counter()
        self._sessions: dict[str, requests.Session] = {}
        self._whole: Any = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions.values():
            session.close()

    def ask(self, registry: str, identifier: str) -> Record | NotFound | Unanswered:
        """What a registry ("crossref" or "pubmed") holds under a DOI or a PMID."""
        if self._silent[registry] >= self.settings.refusals:
            return Unanswered(f"{NAMES[registry]} gave no answer {self.settings.refusals} times in a row and was not asked again")
        if time.monotonic() >= self._deadline:
            return Unanswered(self._over())
        self._whole = None
        answer = self._crossref(identifier) if registry == "crossref" else self._pubmed(identifier)
        self._silent[registry] = self._silent[registry] + 1 if isinstance(answer, Unanswered) else 0
        return answer

    def ask_whole(self, registry: str, identifier: str) -> tuple[Record | NotFound | Unanswered, Any]:
        """The same, with everything that the registry sent, in which nothing but the record was checked; None without a record."""
        answer = self.ask(registry, identifier)
        return answer, self._whole if isinstance(answer, Record) else None

    def _crossref(self, doi: str) -> Record | NotFound | Unanswered:
        path = "/works/" + quote(doi, safe="")
        reply = self._get("crossref", path)
        if isinstance(reply, Unanswered):
            return reply
        if reply.code not in (404, 410):
            data = self._whole = _parsed(reply)
            return data if isinstance(data, Unanswered) else crossref_record(data, doi)
        # A DOI of another agency, such as DataCite, is unknown to Crossref and exists all the same.
        reply = self._get("crossref", path + "/agency")
        if isinstance(reply, Unanswered):
            return Unanswered(f"not at Crossref, and whether another agency has it was not told: {reply.reason}", reply.offline)
        if reply.code in (404, 410):
            return NotFound("no such DOI")
        data = _parsed(reply)
        if isinstance(data, Unanswered):
            return data
        agency = _text(_mapping(_mapping(_mapping(data).get("message")).get("agency")).get("label"))
        if not agency:
            return Unanswered("an answer of another form than Crossref describes")
        if agency.casefold() == "crossref":
            return NotFound("no such DOI")
        return Unanswered(f"registered at {agency}, which is not asked")

    def _pubmed(self, pmid: str) -> Record | NotFound | Unanswered:
        query = {"db": "pubmed", "id": pmid, "retmode": "json", "tool": "how-ketamine-works"}
        reply = self._get("pubmed", "/esummary.fcgi", query)
        if isinstance(reply, Unanswered):
            return reply
        data = self._whole = _parsed(reply)
        return data if isinstance(data, Unanswered) else pubmed_record(data, pmid)

    def _get(self, registry: str, path: str, query: dict[str, str] | None = None) -> _Reply | Unanswered:
        """One thing from a registry, asked again after a while where that may help."""
        reason, offline = "", False
        for attempt in range(self.settings.tries):
            wait = self.settings.pause * 2**attempt
            reply = self._follow(registry, self.settings.bases[registry].rstrip("/") + path, query)
            if isinstance(reply, _Failure):
                reason, offline = reply.reason, reply.offline
                # As long as nothing has answered, there may be no network: that is not worth a wait.
                if not reply.again or (offline and not self.reached):
                    break
            elif reply.code in _AGAIN:
                reason, offline = f"answered {reply.code}", False
                asked = bounded.retry_after(reply.headers.get("retry-after", ""))
                if asked > self.settings.longest_wait:
                    return Unanswered(f"answered {reply.code} and asked to wait {asked:.0f} seconds")
                wait = max(asked, wait)
            else:
                return reply
            if attempt + 1 < self.settings.tries and not self._sleep(wait):
                reason = f"{reason}; {self._over()}"
                break
        return Unanswered(reason, offline)

    def _follow(self, registry: str, url: str, query: dict[str, str] | None) -> _Reply | _Failure:
        """One request, with the few redirects that stay where they are."""
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self._once(registry, url, query)
            if isinstance(reply, _Failure) or reply.code not in _REDIRECTS:
                return reply
            try:
                target = urljoin(url, reply.headers.get("location", ""))
                same = urlsplit(target)[:2] == urlsplit(url)[:2]
            except ValueError:
                same = False
            if not same:
                return _Failure("redirected to another server", again=False)
            url, query = target, None
        return _Failure("redirected too often", again=False)

    def _once(self, registry: str, url: str, query: dict[str, str] | None) -> _Reply | _Failure:
        """One request, in a thread that is left behind when a server drips its answer for ever."""
        turn = self._turns.get(registry, 0.0)
        if not self._sleep(turn - time.monotonic()):
            return _Failure(self._over(), again=False)
        self._turns[registry] = time.monotonic() + 1 / self.settings.rates[registry]
        if registry not in self._sessions:
            self._sessions[registry] = requests.Session()
        session = self._sessions[registry]
        seconds = max(min(self.settings.patience, self._deadline - time.monotonic()), 0.05)
        silence = min(self.settings.silence, seconds)
        reply = bounded.in_time(lambda: _request(session, url, query, silence), seconds)
        if reply is None:
            self._sessions.pop(registry)
            return _Failure(f"no whole answer within {seconds:.0f} seconds")
        if not (isinstance(reply, _Failure) and reply.offline):
            self.reached = True
        return reply

    def _sleep(self, seconds: float) -> bool:
        """Wait; False when the run would be over before the end, or is over."""
        if time.monotonic() + max(seconds, 0) >= self._deadline:
            return False
        if seconds > 0:
            time.sleep(seconds)
        return True

    def _over(self) -> str:
        return f"not asked within the {self.settings.limit:g} seconds of the whole run"


def _request(session: requests.Session, url: str, query: dict[str, str] | None, silence: float) -> _Reply | _Failure:
    """Ask once and read at most :data:`MAX_ANSWER_BYTES`."""
    # A few questions a second need no kept connection, and one that the server has just closed would look like a failure.
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"}
    try:
        with session.get(url, params=query, headers=headers, timeout=silence, stream=True, allow_redirects=False) as response:
            body = bytearray()
            for chunk in response.iter_content(16_384):
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    return _Failure(f"an answer of more than {MAX_ANSWER_BYTES} bytes", again=False)
            return _Reply(response.status_code, {name.lower(): value for name, value in response.headers.items()}, bytes(body))
    except Exception as error:  # whatever a hostile answer brings up in a library
        return _Failure(bounded.reason(error, silence), again=not bounded.lasting(error), offline=bounded.never_connected(error))


def _parsed(reply: _Reply) -> Any:
    """The JSON of an answer, or :class:`Unanswered`."""
    if reply.code != 200:
        return Unanswered(f"answered {reply.code}")
    if reply.body.lstrip()[:1] == b"<":
        return Unanswered("a page instead of JSON")
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return Unanswered("an answer that is not valid JSON")


def crossref_record(data: Any, doi: str) -> Record | Unanswered:
    """Read an answer of Crossref's `works`, in which nothing is sure to be there or of its type."""
    message = _mapping(data).get("message")
    if not isinstance(message, dict):
        return Unanswered("an answer of another form than Crossref describes")
    titles = _texts(message.get("title"))
    for below in _texts(message.get("subtitle"))[:1]:
        titles += [f"{title}: {below}" for title in titles[:1]]
    titles += _texts(message.get("original-title"))
    years: list[int] = []
    for name in ("published-print", "published-online", "published", "issued"):
        parts = _mapping(message.get(name)).get("date-parts")
        first = parts[0] if isinstance(parts, list) and parts else None
        year = first[0] if isinstance(first, list) and first else None
        if isinstance(year, int) and 1600 <= year <= 2200:
            years.append(year)
    notices = _marks(titles)
    for update in _mappings(message.get("updated-by")):
        notices.append(_update(update))
    for update in _mappings(message.get("update-to")):
        notice = _update(update)
        if _text(update.get("DOI")).casefold() != doi.casefold():  # else the notice took the place of the paper itself
            notice = Notice(Kind.OTHER if notice.kind is Kind.OTHER else Kind.CORRECTION, f"is itself a notice: {notice.words}")
        notices.append(notice)
    for name, others in _mapping(message.get("relation")).items():
        kind = _related(str(name))
        if kind is not None:
            words = _text(str(name)).replace("-", " ")
            notices += [Notice(kind, f"{words} {_text(other.get('id'))}".strip()) for other in _mappings(others)]
    return Record(tuple(_unmarked(titles)), tuple(dict.fromkeys(years)), _gravest(notices))


def pubmed_record(data: Any, pmid: str) -> Record | NotFound | Unanswered:
    """Read an answer of PubMed's `esummary`, in which nothing is sure to be there or of its type."""
    known = _mapping(data)
    entry = _mapping(known.get("result")).get(pmid)
    if not isinstance(entry, dict):
        said = _text(known.get("error")) or " ".join(_texts(known.get("esummaryresult")))
        if "invalid uid" in said.casefold():
            return NotFound("no such PMID")
        return Unanswered(f"PubMed said: {said}" if said else "an answer of another form than PubMed describes")
    if said := _text(entry.get("error")):
        return NotFound("no such PMID") if "cannot get document summary" in said.casefold() else Unanswered(f"PubMed said: {said}")
    titles = [title.removeprefix("[").removesuffix(".").removesuffix("]") for title in _texts([entry.get("title")])]
    titles += _texts([entry.get("vernaculartitle"), entry.get("booktitle")])
    dates = [_text(entry.get(name)) for name in ("pubdate", "epubdate", "sortpubdate")]
    years = [int(match[0]) for date in dates if (match := _YEAR.search(date))]
    notices = _marks(titles)
    for kind_of in _texts(entry.get("pubtype")):
        if kind_of.casefold() == "retracted publication":
            notices.append(Notice(Kind.RETRACTION, kind_of))
        elif kind_of.casefold() in _NOTICES_THEMSELVES:
            notices.append(Notice(Kind.CORRECTION, f"is itself a notice: {kind_of}"))
    for reference in _mappings(entry.get("references")):
        name = _text(reference.get("reftype"))
        kind = _PUBMED_KINDS.get(re.sub(r"[^a-z]+", " ", name.casefold()).strip())
        if kind is not None:
            notices.append(Notice(kind, f"{name}: {_text(reference.get('refsource'))}".rstrip(": ")))
    return Record(tuple(_unmarked(titles)), tuple(dict.fromkeys(years)), _gravest(notices))


#: What PubMed's comments and corrections mean for the source that carries them; comments mean nothing.
_PUBMED_KINDS = {
    "retraction in": Kind.RETRACTION,
    "retracted and republished in": Kind.RETRACTION,
    "expression of concern in": Kind.CONCERN,
    "partial retraction in": Kind.CORRECTION,
    "erratum in": Kind.CORRECTION,
    "corrected and republished in": Kind.CORRECTION,
    "update in": Kind.OTHER,
    "republished in": Kind.OTHER,
}
_NOTICES_THEMSELVES = frozenset({"retraction of publication", "retraction notice", "published erratum", "expression of concern"})
_CROSSREF_KINDS = {
    "retraction": Kind.RETRACTION,
    "withdrawal": Kind.RETRACTION,
    "removal": Kind.RETRACTION,
    "expression of concern": Kind.CONCERN,
    "new version": Kind.OTHER,
    "new edition": Kind.OTHER,
}


def _update(update: dict[str, Any]) -> Notice:
    """A notice of Crossref. A type that is not known must be seen, so it counts as a correction."""
    name = re.sub(r"[_\W]+", " ", _text(update.get("type")) or _text(update.get("label"))).strip() or "update"
    by = _text(update.get("source"))
    words = " ".join([name, _text(update.get("DOI")), f"({by})" if by else ""]).strip()
    return Notice(_CROSSREF_KINDS.get(name.casefold(), Kind.CORRECTION), words)


def _related(name: str) -> Kind | None:
    """What a relation of Crossref means for the work that carries it, or None when it means nothing."""
    if name in ("is-preprint-of", "is-replaced-by"):
        return Kind.OTHER
    if not (name.startswith("has-") or name.endswith("-by")):
        return None
    for part, kind in (
        ("retract", Kind.RETRACTION),
        ("withdraw", Kind.RETRACTION),
        ("concern", Kind.CONCERN),
        ("correct", Kind.CORRECTION),
    ):
        if part in name:
            return kind
    return Kind.CORRECTION if "errat" in name else None


def _marks(titles: Iterable[str]) -> list[Notice]:
    """Publishers write RETRACTED before a title, sometimes without any other sign."""
    return [Notice(Kind.RETRACTION, f"title begins {match[0].strip()}") for title in titles if (match := _MARKED.match(title))][:1]


def _unmarked(titles: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(plain for title in titles if (plain := _MARKED.sub("", title))))[:MAX_TITLES]


def _gravest(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple(sorted(set(notices))[:MAX_NOTICES])


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[dict[Any, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [text for item in value[:MAX_NOTICES] if (text := _text(item))] if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A text as a reader would see it: no tags, entities or control characters, one line, of bounded length."""
    if not isinstance(value, str):
        return ""
    return printable(_TAG.sub("", html.unescape(value[: 4 * MAX_TEXT])))[:MAX_TEXT].rstrip()


def printable(text: str) -> str:
    """``text`` in one line, without anything that a terminal or a file could take for a command."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
