"""The bibliography ``evidence/references.bib``: keys with their lines, and what every entry must have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from pybtex.database import BibliographyData, BibliographyDataError, Entry
from pybtex.database.input.bibtex import Parser
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

_ENTRY = re.compile(r"^@(\w+)\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)
_DOI = re.compile(r"^10\.\d{4,9}/\S+$")
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
    faults: list[Fault] = []
    for match in _ENTRY.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match[2] in lines:
            first = lines[match[2]]
            faults.append(Fault(shown, line, 0, Code.BIBLIOGRAPHY, f"key {match[2]!r} again", f"one entry a key (first on line {first})"))
        lines.setdefault(match[2], line)
    if faults:
        raise Faulty(faults)
    try:
        data = Parser().parse_stream(StringIO(text))
    except PybtexSyntaxError as error:
        line, column = error.lineno, error.error_context_info[1] if error.error_context_info else 0
        said = str(error).split(": ", 1)[-1]
        raise Faulty([Fault(shown, line, column or 0, Code.BIBLIOGRAPHY, said, "valid BibTeX")]) from error
    except BibliographyDataError as error:
        raise Faulty([Fault(shown, 0, 0, Code.BIBLIOGRAPHY, str(error), "valid BibTeX")]) from error
    except RecursionError as error:
        raise Faulty([Fault(shown, 0, 0, Code.BIBLIOGRAPHY, "braces nested too deeply", "valid BibTeX")]) from error
    for key, entry in data.entries.items():
        faults += _faults_of(key, entry, shown, lines.get(key, 0))
    if faults:
        raise Faulty(faults)
    return Bibliography(shown, data, lines)


def issuer(entry: Entry) -> str:
    """The first author's family name, or the body that issued the source; ``""`` when neither is recorded."""
    authors = entry.persons.get("author", [])
    if authors:
        name = " ".join([*authors[0].prelast_names, *authors[0].last_names]) or str(authors[0])
    else:
        name = entry.fields.get("howpublished", "")
    return name.replace("{", "").replace("}", "").replace("\\&", "&").strip()


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
    if "pmid" in fields and not _PMID.match(fields["pmid"]):
        faults.append(fault(f"pmid {fields['pmid']!r}", "digits only"))
    return faults
