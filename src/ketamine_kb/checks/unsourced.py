"""Sentences that look like facts and carry no claim.

A sentence looks like a fact when it has a number, a comparison, or the name of a medicine or of a part of the brain. It needs the mark of
a claim in the chapters that state facts. A row of a table is one unit: a mark in one of its cells carries the row. Exempt are questions,
what we searched for and did not find, sections on what is not known, and lines after an annotation ``% no claim: why``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ketamine_kb.checks import markdown
from ketamine_kb.checks.claims import CHAPTERS
from ketamine_kb.checks.prose import Sentence, sentences
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Project

#: Stands for the first row of a list-table.
HEADER = -1
_NUMBER = re.compile(r"(?<![\w.-])\d")
_COMPARES = re.compile(
    r"\b(?:more|less|fewer|higher|lower|greater|larger|smaller|stronger|weaker|faster|slower|better|worse|most|least|r[oi]se[sn]?|f[ae]ll[s]?|"
    r"(?:raise|lower|increase|decrease|reduce|improve|relieve|prevent|cause|block|activate|inhibit)[sd]?)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:(?:es|ar|nor|hydroxynor)?ketamine|midazolam|memantine|lanicemine|rapastinel|naltrexone|benzodiazepines?|opioids?|lamotrigine|"
    r"rapamycin|quetiapine|ECT|SSRIs?|hippocampus|prefrontal|cingulate|amygdala|insula|habenula|cortex|thalamus|striatum|"
    r"default mode network|salience network|central executive network)\b",
    re.IGNORECASE,
)
#: What is said about our search, about this site or to the reader, not about the world.
_NOT_A_FACT = re.compile(
    r"^(?:\W|\d+\.)*(?:we (?:found|know|hold|saw|could|read|did|use|count|give|show|call|do)\b|"
    r"this (?:page|table|chapter|site)\b|whether\b|see\b|more:|"
    r"(?:ask|tell|call|bring|plan|read|never|do not|please)\b)|\b(?:we found no|we could not|not known|unknown)\b|\?$",
    re.IGNORECASE,
)
#: Sections that list questions and gaps.
_OPEN = re.compile(r"^(?:what is not known|what we do not know|questions?\b.*|what (?:is|was) not (?:seen|found).*)$", re.IGNORECASE)
_EXEMPT = re.compile(r"^%\s*no claim:\s*\S")
_ROLE = re.compile(r"\{(?!term)[\w:+-]+\}`[^`]*`")


def check(project: Project) -> list[Fault]:
    """Every such sentence, or row of a table, of the chapters."""
    faults: list[Fault] = []
    for page in project.pages():
        name = project.relative(page)
        parts = page.relative_to(project.docs).parts
        if parts[0] in CHAPTERS and parts[-1] != "index.md":
            faults += _of_page(project.read(page), name)
    return faults


def _of_page(text: str, name: str) -> Iterator[Fault]:
    rows = _rows(text)
    exempt = {number + 1 for number, line in enumerate(text.split("\n"), 1) if _EXEMPT.match(line)}
    found = list(sentences(text))
    carried = {rows[part.line] for part in found if part.claims and part.line in rows}
    told: set[int] = set()
    heading = ""
    for part in found:
        if part.block == "heading":
            heading = part.text
        if part.block in ("heading", "option") or part.claims or part.line in exempt or _OPEN.match(heading) or not _factual(part):
            continue
        row = rows.get(part.line)
        if row is not None:
            if row == HEADER or row in carried or row in told or row in exempt:
                continue
            told.add(row)
        what = f"a {'row' if row is not None else 'sentence'} without a claim: {_short(part.text)}"
        yield Fault(name, part.line, part.column, Code.FACT_WITHOUT_CLAIM, what, "the mark of its claim, {claim}`id`", run="nox -s lint")


def _factual(part: Sentence) -> bool:
    bare = _ROLE.sub(" ", part.text)
    if _NOT_A_FACT.search(bare.strip()):
        return False
    return any(pattern.search(bare) for pattern in (_NUMBER, _COMPARES, _NAMED))


def _rows(text: str) -> dict[int, int]:
    """For each line of a table, the line on which its row begins, or :data:`HEADER`."""
    rows: dict[int, int] = {}
    start = 0
    header = False
    for line in markdown.lines(text):
        if line.opens is not None:
            start, header = 0, markdown.directive(line.opens) == "list-table"
        elif markdown.directive(line.fence) == "list-table":
            if re.match(r"\s*\*\s+-", line.text):
                if header:
                    header, start = False, HEADER
                else:
                    start = line.number
            if start:
                rows[line.number] = start
        elif line.text.lstrip().startswith("|"):
            rows[line.number] = line.number
    return rows


def _short(text: str) -> str:
    bare = re.sub(r"\{term\}`([^`<]*)[^`]*`", lambda match: match[1].strip(), text)
    bare = " ".join(_ROLE.sub("", bare).split()).replace(" .", ".").replace(" ,", ",")
    return repr(bare[:70] + "…" if len(bare) > 70 else bare)
