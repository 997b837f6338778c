"""The index that the browser reads: what is found, under which words, as small as it can be.

One document is a page, a section, a claim, a term of the glossary, or a line of the A to Z. Only words and where they stand are kept,
not the texts: the browser shows titles, descriptions, claims and first sentences, and those are what is shipped besides the words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ketamine_kb.evidence.model import Claim
from ketamine_kb.evidence.words import SIGNS, only_in
from ketamine_kb.search import words
from ketamine_kb.search.synonyms import SynonymFile

#: Fields of a document, by number in the index: headings, the plain section (of a page: its name and the subject of its title), all
#: other text.
TITLE, PLAIN, TEXT = range(3)
#: A word in more than this share of all documents says nothing there: it is searched in headings and plain sections only.
COMMON = 0.06
#: Most letters of a definition that are shown with a term.
MOST_SHOWN = 170
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class SectionRecord:
    """One section of a page: its own text, without that of the sections in it."""

    anchor: str
    title: str
    text: str
    plain: bool = False
    claims: list[str] = field(default_factory=list)


@dataclass(slots=True)
class TermRecord:
    """One term of the glossary."""

    anchor: str
    term: str
    text: str


@dataclass(slots=True)
class TopicRecord:
    """One line of the A to Z: words, and the pages that answer them, the best first."""

    words: str
    pages: list[str]


@dataclass(slots=True)
class PageRecord:
    """What the search keeps of one page."""

    title: str
    description: str
    sections: list[SectionRecord] = field(default_factory=list)
    terms: list[TermRecord] = field(default_factory=list)
    topics: list[TopicRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page with its address.

    :param rank: 2 for a page on one subject, 1 for a page that touches many (questions in brief, reading paths), 0 for lists, logs and
        guides to the making of the site.
    :param with_text: its text is searched too, not only its headings.
    """

    name: str
    address: str
    record: PageRecord
    rank: int = 2
    with_text: bool = True


@dataclass(slots=True)
class Index:
    """The finished index: ``data`` is what the browser reads, ``counts`` how many documents of each kind went in."""

    data: dict[str, object]
    counts: dict[str, int]
    vocabulary: set[str]

    @property
    def script(self) -> str:
        """The index as a script, because a page opened from a file may not fetch anything."""
        text = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        # A script file cannot be ended by its content, but these two letters end a line in older JavaScript.
        return "globalThis.kbSearchIndex=" + text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + ";\n"


def make(pages: Sequence[ListedPage], claims: Iterable[Claim], synonyms: SynonymFile, ledger: Mapping[str, str]) -> Index:
    """The index of the whole site.

    :param pages: in the order of the contents.
    :param ledger: the page with the entry of each claim, by id.
    """
    numbers = {page.name: number for number, page in enumerate(pages)}
    postings = _Postings()
    for page in pages:
        subject = page.name.rpartition("/")[2].replace("-", " ") + " " + page.record.title.partition(":")[0]
        postings.add({TITLE: words.terms(page.record.title), PLAIN: words.terms(subject), TEXT: words.terms(page.record.description)})
    sections: list[list[object]] = []
    cited: dict[str, list[int]] = {}
    aside: dict[str, list[int]] = {}
    for page in pages:
        for section in page.record.sections:
            for shown in dict.fromkeys(section.claims):
                (cited if page.rank else aside).setdefault(shown, []).append(len(sections))
            # The title of the page is its first section's, so it is not shipped twice.
            first = section.title == page.record.title
            anchor = "" if section.anchor == anchor_of(section.title) else section.anchor
            sections.append([numbers[page.name], "" if first else section.title, *([anchor] if anchor else [])])
            field_of_text = PLAIN if section.plain else TEXT
            postings.add({TITLE: words.terms(section.title), field_of_text: words.terms(section.text if page.with_text else "")})
    answers: list[list[object]] = []
    for claim in claims:
        homes = cited.get(claim.id) or aside.get(claim.id, [])
        page_of_entry = numbers.get(ledger.get(claim.id, ""))
        if not homes and page_of_entry is None:  # nowhere to lead to
            continue
        # The ledger is for claims without a page of their own: ids are long.
        listed = [] if homes else [page_of_entry, claim.id]
        answers.append([claim.plain, list(SIGNS).index(claim.certainty), homes, only_in(claim.shown_in), *listed])
        postings.add({PLAIN: words.terms(claim.plain), TEXT: words.terms(claim.statement)})
    terms: list[list[object]] = []
    for page in pages:
        for term in page.record.terms:
            anchor = "" if term.anchor == "term-" + anchor_of(term.term) else term.anchor
            terms.append([numbers[page.name], term.term, _shortened(term.text), *([anchor] if anchor else [])])
            postings.add({TITLE: words.terms(term.term), TEXT: words.terms(term.text)})
    topics: list[list[object]] = []
    for page in pages:
        for topic in page.record.topics:
            topics.append([numbers[name] for name in topic.pages if name in numbers])
            postings.add({TITLE: words.terms(topic.words)})
    entries = synonyms.entries
    data: dict[str, object] = {
        "first": [[_phrases(entry.said), numbers[entry.first]] for entry in entries if entry.first in numbers],
        "pages": [[page.address, page.record.title, page.record.description, page.rank] for page in pages],
        "sections": sections,
        "claims": answers,
        "signs": list(SIGNS.items()),
        "terms": terms,
        "topics": topics,
        "stop": " ".join(sorted(words.STOP_WORDS)),
        "synonyms": [[_phrases(entry.said), _phrases(entry.means)] for entry in entries],
        "phrases": _names(pages),
        **postings.written(),
    }
    counts = {name: len(listed) for name, listed in (("pages", pages), ("sections", sections), ("claims", answers), ("terms", terms))}
    return Index(data, {**counts, "topics": len(topics)}, set(postings.places))


def anchor_of(title: str) -> str:
    """The anchor that docutils gives to a heading of plain letters; where it gave another, that one is shipped."""
    return re.sub(r"^[-0-9]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", title.lower()))


def _names(pages: Sequence[ListedPage]) -> str:
    """Terms of several words, each as the words of a question would read, with a hyphen or without."""
    terms = (term.term for page in pages for term in page.record.terms)
    spoken = {" ".join(words.terms(form, all_words=True)) for term in terms for form in (term, term.replace("-", " "))}
    return "|".join(sorted(name for name in spoken if " " in name))


def _phrases(sayings: Sequence[str]) -> str:
    return "|".join(" ".join(words.terms(saying, all_words=True)) for saying in sayings)


def _shortened(text: str) -> str:
    """The first sentence, cut at a word where it is long."""
    first = text.split(". ")[0].rstrip(".")
    return first + "." if len(first) <= MOST_SHOWN else first[:MOST_SHOWN].rsplit(" ", 1)[0] + " …"


class _Postings:
    """Which word stands in which document and field."""

    def __init__(self) -> None:
        self.places: dict[str, dict[int, list[int]]] = {}
        self.documents = 0

    def add(self, fields: dict[int, list[str]]) -> None:
        """Add the next document; a word counts once a field, so that a long table does not outweigh a sentence."""
        for number, terms in fields.items():
            for term in dict.fromkeys(terms):
                self.places.setdefault(term, {}).setdefault(number, []).append(self.documents)
        self.documents += 1

    def written(self) -> dict[str, object]:
        """Words in order, each without the letters it shares with the one before; places as gaps, in base 36."""
        most = COMMON * self.documents
        before = ""
        listed: list[str] = []
        where: list[str] = []
        for term in sorted(self.places):
            shared = next(
                (at for at, pair in enumerate(zip(before, term, strict=False)) if pair[0] != pair[1]), min(len(before), len(term))
            )
            shared = min(shared, len(_DIGITS) - 1)
            listed.append(_DIGITS[shared] + term[shared:])
            fields = sorted(self.places[term].items())
            kept = [(number, places) for number, places in fields if number != TEXT or len(places) <= most] or fields
            where.append(";".join(f"{number}{_gaps(places)}" for number, places in kept))
            before = term
        return {"documents": self.documents, "words": " ".join(listed), "places": " ".join(where)}


def _gaps(numbers: list[int]) -> str:
    """Growing numbers as gaps: one letter for a gap under 36, otherwise a capital for each full 36 before it."""
    text, last = "", -1
    for number in numbers:
        gap = number - last - 1
        last = number
        high, low = divmod(gap, 36)
        text += (_capitals(high) if high else "") + _DIGITS[low]
    return text


def _capitals(number: int) -> str:
    """A number from 1 in base 26, written with capitals."""
    text = ""
    while number:
        number, digit = divmod(number, 26)
        text = chr(65 + digit) + text
    return text
