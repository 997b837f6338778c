"""Claims and pages: every claim is shown somewhere, every chapter page cites claims, every cited id exists."""

from __future__ import annotations

import datetime as dt
import re

from ketamine_kb import plain_yaml
from ketamine_kb.checks import markdown
from ketamine_kb.evidence import certainty
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Project

#: Chapters whose pages state facts, so that each must cite claims.
CHAPTERS = ("brain", "mechanism", "networks", "treatment", "safety")

_ROLE = re.compile(r"\{claim\}`(?:[^`<]*<)?\s*([^`<>]+?)\s*>?`")


def check(project: Project, facts: Knowledge) -> list[Fault]:
    """Unknown ids on pages, pages of a chapter without a claim, claims that are shown nowhere."""
    faults: list[Fault] = []
    shown = {identifier for statement in facts.statements for identifier in statement.claims}
    for page in project.pages():
        text, name = project.read(page), project.relative(page)
        found = cited(text)
        for identifier, line, column in found:
            if identifier not in facts.claims:
                faults.append(_unknown(facts, identifier, name, line, column))
        parts = page.relative_to(project.docs).parts
        if parts[0] in CHAPTERS and parts[-1] != "index.md" and not found:
            faults.append(Fault(name, 1, 0, Code.PAGE_WITHOUT_CLAIM, "no claim on this page", "its facts carried by claims: {claim}`id`"))
        shown |= {identifier for identifier, _, _ in found}
    for source in sorted(project.diagrams.glob("*.mmd")):
        shown |= set(re.findall(r"([a-z0-9-]+?)(?:--[0-9]+)?@[-=.<x]", project.read(source)))
    return faults + _unshown(project, facts, shown)


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
