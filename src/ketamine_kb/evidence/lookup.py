"""The bibliographic record of one source from Crossref or PubMed, for a new entry of the bibliography."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ketamine_kb.evidence.registries import Client, Kind, NotFound, Record, Unanswered, printable

#: Most authors that are written out, and the longest text of one field, in characters.
MOST_AUTHORS, MOST_TEXT = 60, 300
#: Signs that BibTeX would take for a command.
_SIGNS = str.maketrans("", "", '{}\\"%$#~^')


@dataclass(frozen=True, slots=True)
class Details:
    """What a registry holds on a source; empty where it holds nothing.

    :param authors: as ``Family, Given``.
    :param warnings: retractions and corrections, in words.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    warnings: tuple[str, ...] = ()


def describe(client: Client, registry: str, identifier: str) -> Details | NotFound | Unanswered:
    """What a registry ("crossref" or "pubmed") holds under a DOI or a PMID."""
    answer, data = client.ask_whole(registry, identifier)
    if not isinstance(answer, Record):
        return answer
    warnings = tuple(f"{notice.kind.name.lower()}: {notice.words}" for notice in answer.notices if notice.kind is not Kind.OTHER)
    return _crossref(data, identifier, answer, warnings) if registry == "crossref" else _pubmed(data, identifier, answer, warnings)


def _crossref(data: Any, doi: str, record: Record, warnings: tuple[str, ...]) -> Details:
    message = data["message"]
    authors = [_name(_field(person, "family"), _field(person, "given")) for person in _list(message, "author") if isinstance(person, dict)]
    return Details(
        title=_clean(record.titles[0]) if record.titles else "",
        authors=tuple(name for name in authors if name)[:MOST_AUTHORS],
        journal=_first(message, "container-title"),
        year=str(min(record.years)) if record.years else "",
        volume=_field(message, "volume"),
        number=_field(message, "issue"),
        pages=_field(message, "page"),
        doi=doi,
        warnings=warnings,
    )


def _pubmed(data: Any, pmid: str, record: Record, warnings: tuple[str, ...]) -> Details:
    entry = data["result"][pmid]
    people = [_field(person, "name") for person in _list(entry, "authors") if isinstance(person, dict)]
    # PubMed writes "Zarate CA Jr": the family name, then initials.
    split = [re.fullmatch(r"(.+?) ([A-Z]{1,4}(?: \w+)?)", name) for name in people]
    authors = [
        _name(match[1], " ".join(match[2])) if match and " " not in match[2] else name for match, name in zip(split, people, strict=True)
    ]
    identifiers = {_field(item, "idtype"): _field(item, "value") for item in _list(entry, "articleids") if isinstance(item, dict)}
    return Details(
        title=_clean(record.titles[0]) if record.titles else "",
        authors=tuple(name for name in authors if name)[:MOST_AUTHORS],
        journal=_field(entry, "fulljournalname") or _field(entry, "source"),
        year=str(min(record.years)) if record.years else "",
        volume=_field(entry, "volume"),
        number=_field(entry, "issue"),
        pages=_field(entry, "pages"),
        doi=identifiers.get("doi", ""),
        pmid=pmid,
        warnings=warnings,
    )


def _name(family: str, given: str) -> str:
    return f"{family}, {given}" if family and given else family


def _clean(text: str) -> str:
    return printable(text.translate(_SIGNS))[:MOST_TEXT].strip()


def _field(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return _clean(value) if isinstance(value, str) else ""


def _first(data: dict[str, Any], name: str) -> str:
    return next((_clean(item) for item in _list(data, name) if isinstance(item, str)), "")


def _list(data: dict[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    return value[: 10 * MOST_AUTHORS] if isinstance(value, list) else []
