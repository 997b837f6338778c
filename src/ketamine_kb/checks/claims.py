"""Claims and pages: every claim is shown somewhere, every chapter page cites claims, every cited id exists."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from ketamine_kb import plain_yaml
from ketamine_kb.checks import markdown, prose
from ketamine_kb.evidence import certainty
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Project

#: Chapters whose pages state facts, so that each must cite claims.
CHAPTERS = ("brain", "mechanism", "networks", "treatment", "safety")

_EDGE = re.compile(r"([a-z0-9-]+?)(?:--[0-9]+)?@[-=.<x]")
_ROLE = re.compile(r"\{claim\}`(?:[^`<]*<)?\s*([^`<>]+?)\s*>?`")


def check(project: Project, facts: Knowledge) -> list[Fault]:
    """Unknown ids on pages, pages of a chapter without a claim, claims that are shown nowhere."""
    faults: list[Fault] = []
    shown = {identifier for statement in facts.statements for identifier in statement.claims}
    safety = set(facts.chapters.get("safety", ()))
    for page in project.pages():
        text, name = project.read(page), project.relative(page)
        found = cited(text)
        for identifier, line, column in found:
            if identifier not in facts.claims:
                faults.append(_unknown(facts, identifier, name, line, column))
        faults += _beyond(facts, text, name)
        parts = page.relative_to(project.docs).parts
        if parts[0] in CHAPTERS and parts[-1] != "index.md" and not found:
            faults.append(Fault(name, 1, 0, Code.PAGE_WITHOUT_CLAIM, "no claim on this page", "its facts carried by claims: {claim}`id`"))
        if parts[0] == "treatment" and parts[-1] != "index.md" and not {identifier for identifier, _, _ in found} & safety:
            expected = "at least one claim of evidence/claims/safety.yaml: no benefit without harm"
            faults.append(Fault(name, 1, 0, Code.PAGE_WITHOUT_HARM, "a page on treatment without a claim about harm", expected))
        shown |= {identifier for identifier, _, _ in found}
    shown |= {identifier for source in _diagrams(project) for identifier, _ in drawn(project.read(source))}
    return faults + _unshown(project, facts, shown)


def places(project: Project) -> dict[str, list[str]]:
    """Where each claim is shown, as ``path:line``: pages first, then diagrams."""
    found: dict[str, list[str]] = {}
    for page in project.pages():
        for identifier, line, _ in cited(project.read(page)):
            found.setdefault(identifier, []).append(f"{project.relative(page)}:{line}")
    for source in _diagrams(project):
        for identifier, line in drawn(project.read(source)):
            found.setdefault(identifier, []).append(f"{project.relative(source)}:{line}")
    return {identifier: list(dict.fromkeys(shown)) for identifier, shown in found.items()}


def overdue(project: Project, facts: Knowledge, today: dt.date) -> list[Fault]:
    """Claims and pages whose next review was due before ``today``."""
    expected = "its findings compared with their sources again, and new dates"
    faults: list[Fault] = []
    for chapter, identifiers in facts.chapters.items():
        name = project.relative(project.evidence / "claims" / f"{chapter}.yaml")
        late = [facts.claims[key] for key in identifiers if certainty.overdue(facts.claims[key], today)]
        for claim in late:
            found = f"claim {claim.id!r} was due on {claim.review_by}"
            faults.append(Fault(name, 0, 0, Code.REVIEW_OVERDUE, found, expected, run="nox -s lint"))
    for page in project.pages():
        matter = markdown.front_matter(project.read(page))
        data = plain_yaml.read(matter[0], project.relative(page), Code.FRONT_MATTER, first=2).data if matter else {}
        due = data.get("review_by") if isinstance(data, dict) else None
        if isinstance(due, dt.date) and due < today:
            found = f"this page was due on {due}"
            faults.append(Fault(project.relative(page), 2, 0, Code.REVIEW_OVERDUE, found, expected, run="nox -s lint"))
    return faults


def cited(text: str) -> list[tuple[str, int, int]]:
    """Every claim id that a page names in a role or in a claim table, with line and column."""
    found: list[tuple[str, int, int]] = []
    for line in markdown.lines(text):
        if markdown.directive(line.fence) == "claim-table" and line.opens is None:
            word = line.text.strip()
            if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", word):
                found.append((word, line.number, line.text.index(word) + 1))
        elif not line.code:
            found += [(match[1], line.number, match.start() + 1) for match in _ROLE.finditer(line.prose)]
    return found


def drawn(text: str) -> list[tuple[str, int]]:
    """Every claim id that a diagram source names on an edge, with its line."""
    return [(match[1], text.count("\n", 0, match.start()) + 1) for match in _EDGE.finditer(text)]


def _diagrams(project: Project) -> list[Path]:
    return sorted(project.diagrams.glob("*.mmd"))


def _beyond(facts: Knowledge, text: str, path: str) -> list[Fault]:
    """Sentences that cite a source of which the claim that they carry has no finding.

    It also tells when a finding is removed that a sentence rests on.
    """
    faults: list[Fault] = []
    for sentence in prose.sentences(text):
        carried = [identifier for identifier in sentence.claims if identifier in facts.claims]
        found = list(dict.fromkeys(key for identifier in carried for key in facts.claims[identifier].sources))
        for key in sentence.cites if carried else []:
            # A key that no source has is told by the checks of the page.
            if key not in found and key in facts.sources:
                what = f"the sentence cites {key!r}, of which its claim {' or '.join(carried)!r} has no finding"
                expected = "a finding of that source in the claim, or only " + ", ".join(found)
                faults.append(Fault(path, sentence.line, sentence.column, Code.CLAIM_CITATION, what, expected))
    return faults


def _unknown(facts: Knowledge, identifier: str, path: str, line: int, column: int) -> Fault:
    if identifier in facts.retired:
        found, expected = f"retired claim {identifier!r}", "the claim that took its place"
        return Fault(path, line, column, Code.CLAIM_UNKNOWN, found, expected, facts.retired[identifier].instead or "")
    near = nearest(identifier, facts.claims)
    return Fault(path, line, column, Code.CLAIM_UNKNOWN, f"unknown claim {identifier!r}", "the id of a claim in evidence/claims/", near)


def _unshown(project: Project, facts: Knowledge, shown: set[str]) -> list[Fault]:
    faults: list[Fault] = []
    for chapter, identifiers in facts.chapters.items():
        path = project.evidence / "claims" / f"{chapter}.yaml"
        missing = [identifier for identifier in identifiers if identifier not in shown]
        if missing:
            text, name = project.read(path), project.relative(path)
            for identifier in missing:
                place = re.search(rf"^\s*-\s+id:\s*{re.escape(identifier)}\s*(?:#.*)?$", text, re.MULTILINE)
                line = text.count("\n", 0, place.start()) + 1 if place else 0
                expected = "a page, a diagram or a statement that shows it"
                faults.append(Fault(name, line, 0, Code.CLAIM_UNCITED, f"claim {identifier!r} is shown nowhere", expected))
    return faults
