"""Crisis lines: read from ``evidence/crisis-lines.yaml``, validated, never guessed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ketamine_kb import plain_yaml
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project

KINDS = ("emergency", "crisis", "poison", "directory")
REQUIRED = ("country", "name", "kind", "contact", "hours", "official", "footer", "seen_at")
OPTIONAL = ("note",)


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """One service a person in crisis can turn to."""

    country: str
    name: str
    kind: str
    contact: str
    hours: str
    official: bool
    footer: bool
    seen_at: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class CrisisLines:
    """All lines with the date on which they were last checked."""

    checked: dt.date
    lines: tuple[CrisisLine, ...]

    def by_country(self, *, footer_only: bool = False) -> dict[str, list[CrisisLine]]:
        """Lines grouped by country, in the order of the file."""
        grouped: dict[str, list[CrisisLine]] = {}
        for line in self.lines:
            if line.footer or not footer_only:
                grouped.setdefault(line.country, []).append(line)
        return grouped


def path_of(project: Project) -> Path:
    """The data file."""
    return project.evidence / "crisis-lines.yaml"


def load(project: Project) -> CrisisLines:
    """Read and validate the crisis lines.

    :raises Faulty: with file and line for every fault.
    """
    path = path_of(project)
    shown = project.relative(path)
    text = project.read(path)
    document = plain_yaml.read(text, shown, Code.CRISIS_LINES)
    data = document.data
    if not isinstance(data, dict) or not _is_day(data.get("checked")) or not isinstance(data.get("lines"), list):
        raise Faulty([Fault(shown, 1, 0, Code.CRISIS_LINES, "other keys", "`checked: <date>` and a list `lines:`")])
    if not data["lines"]:
        raise Faulty([Fault(shown, 1, 0, Code.CRISIS_LINES, "no crisis line at all", "at least one entry under `lines:`")])
    faults: list[Fault] = []
    lines: list[CrisisLine] = []
    for index, entry in enumerate(data["lines"]):
        wrong = _faults_of(entry, shown, document.place(["lines", index])[0])
        faults += wrong
        if not wrong:
            lines.append(CrisisLine(**{**entry, "seen_at": tuple(entry["seen_at"])}))
    if faults:
        raise Faulty(faults)
    return CrisisLines(data["checked"], tuple(lines))


def _is_day(value: Any) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _faults_of(entry: Any, shown: str, line: int) -> list[Fault]:
    def fault(found: str, expected: str, near: str = "") -> Fault:
        return Fault(shown, line, 0, Code.CRISIS_LINES, found, expected, near)

    if not isinstance(entry, dict):
        return [fault("an entry that is not a mapping", "keys " + ", ".join(REQUIRED))]
    faults = [
        fault(f"unknown key {key!r}", "one of " + ", ".join(REQUIRED + OPTIONAL), nearest(str(key), REQUIRED + OPTIONAL))
        for key in entry
        if key not in REQUIRED + OPTIONAL
    ]
    faults += [fault(f"no {key!r}", f"every line to have {key!r}") for key in REQUIRED if key not in entry]
    if faults:
        return faults
    for key in ("country", "name", "kind", "contact", "hours", "note"):
        if key in entry and not (isinstance(entry[key], str) and entry[key].strip()):
            faults.append(fault(f"{key}: {entry[key]!r}", "text in quotes"))
    for key in ("official", "footer"):
        if not isinstance(entry[key], bool):
            faults.append(fault(f"{key}: {entry[key]!r}", "true or false"))
    if entry["kind"] not in KINDS:
        faults.append(fault(f"kind {entry['kind']!r}", "one of " + ", ".join(KINDS), nearest(str(entry["kind"]), KINDS)))
    seen = entry["seen_at"]
    if not (isinstance(seen, list) and seen and all(isinstance(at, str) and at.startswith("http") for at in seen)):
        faults.append(fault("no address in seen_at", "at least one address where the number was read"))
    return faults
