"""The status of every source, kept in ``evidence/source-status.yaml``: read, written and compared.

A machine writes the file (``nox -s sources``), and a pull request shows what has changed since the last time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from pathlib import Path
from typing import Any

from ketamine_kb import plain_yaml
from ketamine_kb.evidence.bibliography import Bibliography
from ketamine_kb.evidence.registries import NAMES, Kind, NotFound, Record, Unanswered, printable
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project

SCHEMA = 1
RUN = "nox -s sources"
#: Two titles are the same when difflib finds this much of their letters and digits alike. Titles that differ in a word
#: or two (a spelling, a hyphen, an article) come out above 0.9, titles of two papers on one subject below 0.8.
SAME_TITLE = 0.9
#: A title without its subtitle counts as the whole, if it has at least this many letters and digits.
SHORTEST_TITLE = 25
#: Letters and digits of a title that are compared; the longest title of this bibliography has 219.
MOST_LETTERS = 300

_HEADER = f"""\
# What Crossref and PubMed say about every source of references.bib that has a doi or a pmid.
# Written by `{RUN}`, never by hand: the next run replaces whatever is changed here.
"""
_PLAIN_KEY = re.compile(r"[a-z]{2,40}\d{4}[a-z]?")
_KEYS = ("registry", "id", "status", "checked", "compared", "title", "year", "notices", "reason")
_REQUIRED = ("registry", "id", "status", "checked", "compared")
_DAMAGED = f"the file as `{RUN}` wrote it (or no file: a run makes a new one)"


class Status(Enum):
    """What is known of a source, the gravest first."""

    RETRACTED = "retracted"
    NOT_FOUND = "not-found"
    MISMATCH = "mismatch"
    CONCERN = "expression-of-concern"
    CORRECTED = "corrected"
    NOT_CHECKED = "not-checked"
    OK = "ok"


_GRAVITY = list(Status)


@dataclass(frozen=True, slots=True)
class Question:
    """One source to be looked up in one registry, with what the bibliography says of it."""

    key: str
    line: int
    registry: str
    identifier: str
    title: str
    year: str

    @property
    def compared(self) -> str:
        """A short fingerprint of what the answer is compared with: when it changes, the question is a new one."""
        text = "\n".join((self.registry, self.identifier, self.title, self.year))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Result:
    """What one registry said of one source.

    :param checked: the day of the answer; for a source that is not checked, of the attempt.
    :param title: the title of the record, where it differs.
    :param year: the year of the record, where it differs; 0 where it does not.
    :param notices: what happened to the source, in words.
    :param reason: why there is no answer, or why the answer is not of the last run.
    """

    registry: str
    identifier: str
    status: Status
    checked: dt.date
    compared: str
    title: str = ""
    year: int = 0
    notices: tuple[str, ...] = ()
    reason: str = ""

    def fault(self, question: Question, shown: str) -> Fault | None:
        """The message for an author; None when there is nothing to do, or no answer."""
        name, listed, identifier = NAMES[self.registry], "; ".join(self.notices), printable(self.identifier)
        start = f"{printable(question.key)}: "

        def fault(code: Code, found: str, expected: str) -> Fault:
            return Fault(shown, question.line, 0, code, start + found, expected, run=RUN)

        if self.status is Status.RETRACTED:
            return fault(Code.SOURCE_RETRACTED, f"retracted, says {name} ({listed})", "a source that stands")
        if self.status is Status.NOT_FOUND:
            return fault(Code.SOURCE_NOT_FOUND, f"{identifier} is not known to {name}", "an identifier that exists")
        if self.status is Status.MISMATCH:
            record = f"{self.title!r}" if self.title else ""
            record += f" ({self.year})" if record and self.year else f"the year {self.year}" if self.year else ""
            wanted = f"{printable(question.title)!r} ({printable(question.year)})"
            return fault(Code.SOURCE_MISMATCH, f"{name} has {record} for {identifier}", wanted)
        if self.status in (Status.CONCERN, Status.CORRECTED):
            what = "an expression of concern" if self.status is Status.CONCERN else "a correction"
            return fault(Code.SOURCE_CORRECTED, f"{what}, says {name} ({listed})", "a look whether a cited finding has changed")
        return None


#: Results by key of the source, in the order of the registries.
Results = dict[str, dict[str, Result]]


def path_of(project: Project) -> Path:
    """The data file."""
    return project.evidence / "source-status.yaml"


def questions(known: Bibliography) -> list[Question]:
    """Every source and registry to be asked, sorted by key."""
    found: list[Question] = []
    for key, entry in known.data.entries.items():
        title, year = _without_tex(entry.fields["title"]), str(entry.fields["year"]).strip()
        for registry, name in (("crossref", "doi"), ("pubmed", "pmid")):
            if identifier := str(entry.fields.get(name, "")).strip():
                found.append(Question(key, known.lines.get(key, 0), registry, identifier, title, year))
    return sorted(found, key=lambda question: (question.key, question.registry))


def _without_tex(title: str) -> str:
    return title.replace("{", "").replace("}", "").replace("\\&", "&").strip()


def similarity(one: str, other: str) -> float:
    """How alike two titles are, from 0 to 1, whatever their case, punctuation, accents and spaces; see :data:`SAME_TITLE`."""
    left, right = _letters(one), _letters(other)
    if left == right:
        return 1.0 if left else 0.0
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    # The quick ratio is never below the true one: most titles of other papers need no more.
    return quick if (quick := matcher.quick_ratio()) < SAME_TITLE else matcher.ratio()


def _letters(title: str) -> str:
    """Small letters and digits alone, with Greek letters by their names."""
    signs: list[str] = []
    for sign in unicodedata.normalize("NFKD", title[:500]).casefold():
        name = unicodedata.name(sign, "")
        if name.startswith("GREEK SMALL LETTER "):
            signs.append("lambda" if sign == "λ" else name.split()[3].lower())  # Unicode's name for λ lacks a letter
        elif sign.isalnum():
            signs.append(sign)
    return "".join(signs)[:MOST_LETTERS]


def _forms(title: str) -> list[str]:
    """A title, and what stands before its subtitle where that is long enough to tell papers apart."""
    before = re.split(r":\s|\.\s|\?\s|\s[-–—]\s", title, maxsplit=1)[0]
    return [title, before] if before != title and len(_letters(before)) >= SHORTEST_TITLE else [title]


def same_title(wanted: str, titles: Iterable[str]) -> bool:
    """Whether one of the titles of a record is the wanted one, or either is the other without its subtitle."""
    pairs = [(wanted, form) for title in titles for form in _forms(title)]
    pairs += [(form, title) for title in titles for form in _forms(wanted)[1:]]
    return any(similarity(one, other) >= SAME_TITLE for one, other in pairs)


def judge(question: Question, answer: Record | NotFound | Unanswered, today: dt.date, before: Result | None = None) -> Result:
    """Compare an answer with the bibliography.

    :param before: the last result, which stays when there is no answer now: a retraction once seen is not forgotten.
    """
    base = Result(question.registry, question.identifier, Status.OK, today, question.compared)

    def result(status: Status, **more: Any) -> Result:
        return Result(base.registry, base.identifier, status, base.checked, base.compared, **more)

    if isinstance(answer, Unanswered):
        if before and before.compared == question.compared and before.status is not Status.NOT_CHECKED:
            kept = f"no answer on {today}: {answer.reason}"
            return Result(
                *(before.registry, before.identifier, before.status, before.checked, before.compared),
                *(before.title, before.year, before.notices, kept),
            )
        return result(Status.NOT_CHECKED, reason=answer.reason)
    if isinstance(answer, NotFound):
        return result(Status.NOT_FOUND)
    words = tuple(notice.words for notice in answer.notices)
    gravest = min((notice.kind for notice in answer.notices), default=Kind.OTHER)
    same = same_title(question.title, answer.titles)
    title = "" if same or not answer.titles else answer.titles[0]
    wanted = re.search(r"\d{4}", question.year)
    distance, year = min(((abs(year - int(wanted[0])), year) for year in answer.years), default=(0, 0)) if wanted else (0, 0)
    # A year between online and print is close, and shown without being a fault.
    shown_year = year if distance else 0
    if gravest is Kind.RETRACTION:
        status = Status.RETRACTED
    elif title or distance > 1:
        status = Status.MISMATCH
    elif gravest is Kind.CONCERN:
        status = Status.CONCERN
    elif gravest is Kind.CORRECTION:
        status = Status.CORRECTED
    elif not answer.titles:
        return result(Status.NOT_CHECKED, year=shown_year, notices=words, reason="the record has no title")
    else:
        status = Status.OK
    return result(status, title=title, year=shown_year, notices=words)


def overall(results: Iterable[Result]) -> Status:
    """The gravest of what the registries said; a registry that said nothing hides an ok."""
    return min((result.status for result in results), key=_GRAVITY.index, default=Status.NOT_CHECKED)


def is_fresh(result: Result | None, question: Question, today: dt.date) -> bool:
    """Whether a question need not be asked again today."""
    return (
        result is not None
        and result.checked == today
        and result.compared == question.compared
        and result.status is not Status.NOT_CHECKED
        and not result.reason
    )


def current(results: Results, asked: Iterable[Question]) -> Results:
    """The results that still belong to the bibliography; those of changed or removed entries are left out."""
    kept: Results = {}
    for question in asked:
        result = results.get(question.key, {}).get(question.registry)
        if result and result.compared == question.compared:
            kept.setdefault(question.key, {})[question.registry] = result
    return kept


def text_of(results: Results) -> str:
    """The file: the same results give the same bytes."""
    lines = [_HEADER + f"schema: {SCHEMA}", "sources:" if any(results.values()) else "sources: {}"]
    for key in sorted(key for key in results if results[key]):
        of_key = [results[key][registry] for registry in sorted(results[key])]
        lines += [f"  {key if _PLAIN_KEY.fullmatch(key) else _quoted(key)}:", f"    status: {overall(of_key).value}", "    answers:"]
        for result in of_key:
            lines += [
                f"      - registry: {result.registry}",
                f"        id: {_quoted(result.identifier)}",
                f"        status: {result.status.value}",
                f"        checked: {result.checked.isoformat()}",
                f"        compared: {_quoted(result.compared)}",
            ]
            if result.title:
                lines.append(f"        title: {_quoted(result.title)}")
            if result.year:
                lines.append(f"        year: {result.year}")
            if result.notices:
                lines += ["        notices:", *(f"          - {_quoted(notice)}" for notice in result.notices)]
            if result.reason:
                lines.append(f"        reason: {_quoted(result.reason)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A YAML text in double quotes, with everything escaped that is not plainly printable."""
    signs = (sign if sign.isprintable() and sign not in '"\\' else f"\\{sign}" if sign in '"\\' else f"\\U{ord(sign):08x}" for sign in text)
    return '"' + "".join(signs) + '"'


def write(project: Project, results: Results) -> None:
    """Replace the file in one step, or leave it alone when nothing has changed.

    :raises Faulty: when it cannot be written.
    """
    path, data = path_of(project), text_of(results).encode("utf-8")
    fresh = path.with_name(path.name + ".new")
    try:
        if path.is_file() and path.read_bytes() == data:
            return
        fresh.write_bytes(data)
        os.replace(fresh, path)  # noqa: PTH105 - a rename that replaces on every system
    except OSError as error:
        fresh.unlink(missing_ok=True)
        reason = (error.strerror or "an error").lower()
        shown = project.relative(path)
        fault = Fault(shown, 0, 0, Code.SOURCE_STATUS, f"cannot be written: {reason}", "a folder that can be written to", run=RUN)
        raise Faulty([fault]) from error


def read(project: Project) -> Results:
    """The results of the last run; none when there is no file yet.

    :raises Faulty: when the file is damaged, with its line.
    """
    path = path_of(project)
    if not path.exists():
        return {}
    shown = project.relative(path)
    document = plain_yaml.read(project.read(path), shown, Code.SOURCE_STATUS)

    def fault(found: str, *where: str | int, near: str = "") -> Fault:
        return Fault(shown, document.place(where)[0], 0, Code.SOURCE_STATUS, found, _DAMAGED, near, run=RUN)

    data = document.data
    if not isinstance(data, dict) or data.get("schema") != SCHEMA or isinstance(data.get("schema"), bool):
        raise Faulty([fault(f"no `schema: {SCHEMA}`", "schema")])
    if set(data) != {"schema", "sources"} or not isinstance(data["sources"], dict):
        raise Faulty([fault("other keys than schema and sources")])
    results: Results = {}
    faults: list[Fault] = []
    for key, source in data["sources"].items():
        where = ("sources", str(key))
        if not isinstance(key, str) or not isinstance(source, dict) or not isinstance(source.get("answers"), list):
            faults.append(fault(f"{printable(str(key))}: no list of answers", *where))
            continue
        for index, answer in enumerate(source["answers"]):
            result = _result(answer)
            if isinstance(result, Result):
                results.setdefault(key, {})[result.registry] = result
            else:
                near = nearest(result[1], _KEYS) if result[1] else ""
                faults.append(fault(f"{printable(key)}: {printable(result[0])}", *where, "answers", index, near=near))
    if faults:
        raise Faulty(faults)
    return results


def _result(answer: Any) -> Result | tuple[str, str]:
    """One answer of the file, or what is wrong with it and the wrong key, if it is one."""
    if not isinstance(answer, dict):
        return "an answer that is not a mapping", ""
    for key in answer:
        if key not in _KEYS:
            return f"unknown key {key!r}", str(key)
    for key in _REQUIRED:
        if key not in answer:
            return f"no {key!r}", ""
    notices = answer.get("notices", [])
    right = {
        "registry": answer["registry"] in NAMES if isinstance(answer["registry"], str) else False,
        "id": isinstance(answer["id"], str),
        "status": answer["status"] in [status.value for status in Status],
        "checked": isinstance(answer["checked"], dt.date) and not isinstance(answer["checked"], dt.datetime),
        "compared": isinstance(answer["compared"], str),
        "title": isinstance(answer.get("title", ""), str),
        "year": type(answer.get("year", 0)) is int,
        "notices": isinstance(notices, list) and all(isinstance(notice, str) for notice in notices),
        "reason": isinstance(answer.get("reason", ""), str),
    }
    for key, fine in right.items():
        if not fine:
            return f"{key}: {str(answer.get(key))[:60]!r}", ""
    return Result(
        *(answer["registry"], answer["id"], Status(answer["status"]), answer["checked"], answer["compared"]),
        *(answer.get("title", ""), answer.get("year", 0), tuple(notices), answer.get("reason", "")),
    )


def unanswered(results: Iterable[tuple[Question, Result]], shown: str) -> list[Fault]:
    """One message for every registry and reason without an answer, naming the first sources it concerns."""
    groups: dict[tuple[str, str], list[Question]] = {}
    for question, result in results:
        if result.reason:
            groups.setdefault((result.registry, result.reason), []).append(question)
    faults: list[Fault] = []
    for (registry, reason), asked in groups.items():
        named = ", ".join(printable(question.key) for question in asked[:3])
        named += f" and {len(asked) - 3} more" if len(asked) > 3 else ""
        found = f"{named}: not checked at {NAMES[registry]} ({reason})"
        faults.append(Fault(shown, asked[0].line, 0, Code.SOURCE_UNCHECKED, found, "an answer; try again later or look by hand", run=RUN))
    return faults
