"""The bibliography ``evidence/references.bib``: keys with their lines, and what every entry must have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from pathlib import Path

from pybtex.database import BibliographyData, Entry
from pybtex.database.input.bibtex import Parser, UndefinedMacro
from pybtex.exceptions import PybtexError
from pybtex.scanner import PybtexSyntaxError

from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project

#: How much of a source was seen by whoever recorded its findings.
VERIFIED = ("fulltext", "abstract", "citation")

#: Study designs in use, with the words shown to readers.
DESIGNS = {
    "meta-analysis": "meta-analysis",
    "systematic-review": "systematic review",
    "narrative-review": "review article",
    "guideline": "guideline",
    "label": "medicine label",
    "regulatory": "regulator's document",
    "rct": "randomised trial",
    "open-label": "trial without a control group",
    "cohort": "cohort study",
    "survey": "survey",
    "human-experimental": "experiment in people",
    "case-report": "case report",
    "letter": "letter",
    "disproportionality-analysis": "analysis of side-effect reports",
    "model": "computer or economic model",
    "validation-study": "study of a measuring scale",
    "preclinical-rodent": "study in rodents",
    "in-vitro": "laboratory study of cells or receptors",
    "drug-guide": "drug guide of a publisher",
    "manufacturer": "manufacturer's information",
    "news-report": "news report or press release, not a paper",
}

_ENTRY = re.compile(r"^[ \t}]*@(?!string\b|comment\b|preamble\b)(\w+)\s*\{\s*([^,\s]+)\s*,", re.MULTILINE | re.IGNORECASE)
_FIELD = re.compile(r"^\s*[a-z]+\s*=\s*[{\"\d]", re.IGNORECASE)
_WITHOUT_MARK = re.compile(
    r"^[ \t]*(article|book|misc|incollection|inproceedings|techreport|report|online)\s*\{\s*[\w:.-]+\s*,", re.MULTILINE | re.IGNORECASE
)
#: Kinds of entry that BibTeX and biblatex know.
TYPES = frozenset(
    "article book booklet collection conference dataset inbook incollection inproceedings manual mastersthesis misc online phdthesis "
    "proceedings report software techreport thesis unpublished".split()
)
_DOI = re.compile(r"^10\.\d{4,9}/[^\s\"<>]*[^\s\"<>.,;:]$")
_FORMS = {
    "pmcid": (re.compile(r"^PMC\d{1,9}$"), "PMC and digits"),
    "year": (re.compile(r"^[12]\d{3}$"), "a year of four digits"),
    "url": (re.compile(r"^https?://[^\s/]+\.[^\s]+$"), "an address that begins with https://"),
}
_PMID = re.compile(r"^\d{1,8}$")


@dataclass(frozen=True, slots=True)
class Bibliography:
    """Parsed entries and the line on which each starts."""

    path: str
    data: BibliographyData
    lines: dict[str, int]


def path_of(project: Project) -> Path:
    """The data file."""
    return project.evidence / "references.bib"


def load(project: Project) -> Bibliography:
    """Parse and check the bibliography.

    :raises Faulty: with file and line for every fault.
    """
    path = path_of(project)
    shown = project.relative(path)
    text = project.read(path)
    lines: dict[str, int] = {}
    firsts: dict[str, int] = {}
    faults: list[Fault] = []
    for match in _ENTRY.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        if first := firsts.get(match[2].lower()):  # BibTeX takes a1 and A1 for the same key
            faults.append(Fault(shown, line, 0, Code.BIBLIOGRAPHY, f"key {match[2]!r} again", f"one entry a key (first on line {first})"))
        firsts.setdefault(match[2].lower(), line)
        lines.setdefault(match[2], line)
    faults += _unbalanced(text, shown)
    if faults:
        raise Faulty(faults)
    try:
        data = Parser().parse_stream(StringIO(text))
    except PybtexSyntaxError as error:
        position = error.parser.pos
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        said = str(error).split(": ", 1)[-1]
        if isinstance(error, UndefinedMacro):
            said = f"undefined string {said!r}"
        raise Faulty([Fault(shown, error.lineno or 0, column, Code.BIBLIOGRAPHY, said, "valid BibTeX")]) from error
    except PybtexError as error:  # a field twice, or a name with too many commas
        raise Faulty([Fault(shown, _line_of(str(error), text, lines), 0, Code.BIBLIOGRAPHY, str(error), "valid BibTeX")]) from error
    except RecursionError as error:
        raise Faulty([Fault(shown, 0, 0, Code.BIBLIOGRAPHY, "braces nested too deeply", "valid BibTeX")]) from error
    for match in _WITHOUT_MARK.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        faults.append(
            Fault(shown, line, 1, Code.BIBLIOGRAPHY, f"{match[0].strip()} without @, which is read as a comment", f"@{match[1]}{{")
        )
    for match in _ENTRY.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        if match[1].lower() not in TYPES:
            near = nearest(match[1].lower(), TYPES)
            faults.append(Fault(shown, line, 1, Code.BIBLIOGRAPHY, f"{match[2]}: unknown type @{match[1]}", "a type of BibTeX", near))
        if match[2] not in data.entries:
            faults.append(
                Fault(shown, line, 1, Code.BIBLIOGRAPHY, f"{match[2]}: swallowed by the entry before", "braces that close before it")
            )
    for key, entry in data.entries.items():
        faults += _faults_of(key, entry, shown, lines.get(key, 0))
    if faults:
        raise Faulty(faults)
    if not data.entries:
        raise Faulty([Fault(shown, 0, 0, Code.BIBLIOGRAPHY, "no source at all", "at least one entry")])
    return Bibliography(shown, data, lines)


def _unbalanced(text: str, shown: str) -> Iterator[Fault]:
    """Entries with a brace too many or too few, told at the field where it is; the parser tells them far below."""
    starts = [match.start() for match in _ENTRY.finditer(text)]
    for start, stop in pairwise([*starts, len(text)]):
        depth, line = 0, text.count("\n", 0, start)
        before = 0  # line of the field before
        for row in text[start:stop].split("\n"):
            line += 1
            field = _FIELD.match(row)
            if field and depth != 1 and not row.lstrip().startswith("@"):
                if depth == 0:
                    found, expected = "a brace too many, which ends the entry", "as many braces closed as opened"
                else:
                    found, expected = "a brace too few, which swallows the next field", "as many braces closed as opened"
                yield Fault(shown, before or line, 0, Code.BIBLIOGRAPHY, found, expected)
                break
            before = line
            bare = re.sub(r"\\.", "", row)
            depth += bare.count("{") - bare.count("}")


def _line_of(said: str, text: str, lines: dict[str, int]) -> int:
    """The line that pybtex speaks of without saying which."""
    if twice := re.fullmatch(r"entry with key (\S+) has a duplicate (\S+) field", said):
        return lines.get(twice[1], 0)
    name = re.search(r"'(.*)'", said)
    position = text.find(name[1]) if name else -1
    return text.count("\n", 0, position) + 1 if position >= 0 else 0


def issuer(entry: Entry) -> str:
    """The first author's family name, or the body that issued the source; ``""`` when neither is recorded."""
    authors = entry.persons.get("author", [])
    if authors:
        name = " ".join([*authors[0].prelast_names, *authors[0].last_names]) or str(authors[0])
    else:
        name = entry.fields.get("howpublished", "")
    if name == "others":  # BibTeX's word for authors that are not named is not a name
        return ""
    return name.replace("{", "").replace("}", "").replace("\\&", "&").strip()


def address(entry: Entry) -> tuple[str, str]:
    """The most lasting link to a source: its words and its address."""
    fields = entry.fields
    if "doi" in fields:
        return f"doi:{fields['doi']}", f"https://doi.org/{fields['doi']}"
    if "pmid" in fields:
        return f"PMID {fields['pmid']}", f"https://pubmed.ncbi.nlm.nih.gov/{fields['pmid']}/"
    if "pmcid" in fields:
        return fields["pmcid"], f"https://pmc.ncbi.nlm.nih.gov/articles/{fields['pmcid']}/"
    return "web page", fields["url"]


def _faults_of(key: str, entry: Entry, shown: str, line: int) -> list[Fault]:
    fields = entry.fields

    def fault(found: str, expected: str, near: str = "") -> Fault:
        return Fault(shown, line, 0, Code.BIBLIOGRAPHY, f"{key}: {found}", expected, near)

    faults = [fault(f"no {name}", f"a {name}") for name in ("title", "year", "design", "verified") if not fields.get(name)]
    if not issuer(entry):
        faults.append(fault("no author", "an author, or howpublished with the issuing body"))
    if not any(fields.get(name) for name in ("doi", "pmid", "pmcid", "url")):
        faults.append(fault("no identifier", "a doi, pmid, pmcid or url"))
    if "incomplete" in fields:
        faults.append(fault(f"marked incomplete ({fields['incomplete']})", "a complete record before it is cited"))
    design, verified = fields.get("design", ""), fields.get("verified", "")
    if design and design not in DESIGNS:
        faults.append(fault(f"design {design!r}", "a known design", nearest(design, DESIGNS)))
    if verified and verified not in VERIFIED:
        faults.append(fault(f"verified {verified!r}", "one of " + ", ".join(VERIFIED), nearest(verified, VERIFIED)))
    if "doi" in fields and not _DOI.match(fields["doi"]):
        faults.append(fault(f"doi {fields['doi']!r}", "10.<registrant>/<suffix> without spaces or address"))
    if "size" in fields and not fields["size"].isdigit():
        faults.append(fault(f"size {fields['size']!r}", "the number of people studied, in digits"))
    for name, (form, expected) in _FORMS.items():
        if fields.get(name) and not form.match(fields[name]):
            faults.append(fault(f"{name} {fields[name]!r}", expected))
    if "pmid" in fields and not _PMID.match(fields["pmid"]):
        faults.append(fault(f"pmid {fields['pmid']!r}", "digits only"))
    return faults
