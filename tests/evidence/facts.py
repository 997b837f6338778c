"""A small world of facts for tests: a bibliography with one source of each design, and claims made by changing one good claim."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from ketamine_kb.evidence import load
from ketamine_kb.evidence.bibliography import DESIGNS
from ketamine_kb.project import Faulty, Project

GOOD: dict[str, Any] = {
    "id": "spines-grow-in-mice",
    "kind": "biological",
    "statement": "In mice ketamine raised the number of dendritic spines within a day.",
    "plain": "In mice, ketamine led to more contacts on nerve cells within a day.",
    "certainty": "supported",
    "shown_in": ["rodent"],
    "evidence": [
        {
            "source": "preclinical-rodent",
            "relation": "supports",
            "shown_in": ["rodent"],
            "finding": "More spines in mice one day after a dose.",
        }
    ],
    "reviewed": "2026-11-21",
    "review_by": "2027-11-21",
}
CLINICAL: dict[str, Any] = {
    **GOOD,
    "id": "relief-within-a-day",
    "kind": "clinical",
    "statement": "In people with depression one infusion lowered symptom scores within a day.",
    "plain": "One drip may ease low mood within a day in some people.",
    "shown_in": ["human"],
    "evidence": [
        {"source": "rct", "relation": "supports", "shown_in": ["human"], "finding": "In 20 people scores fell more than on placebo."}
    ],
}


def bibliography() -> str:
    """One source of each design, its key the design; and one seen only as a citation."""
    entry = "@article{{{key},\n author = {{Doe, Jane}},\n title = {{A study}},\n journal = {{B}},\n year = {{2020}},\n doi = {{10.1000/{key}}},\n design = {{{design}}},\n verified = {{{verified}}},\n}}\n"
    text = "".join(entry.format(key=design, design=design, verified="abstract") for design in DESIGNS)
    text += entry.format(key="rct2", design="rct", verified="abstract")
    return text + entry.format(key="cited", design="rct", verified="citation")


def changed(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy of a claim with some keys changed."""
    made = copy.deepcopy(base)
    made.update(changes)
    return made


def finding(source: str, relation: str = "supports", shown_in: tuple[str, ...] = ("human",)) -> dict[str, Any]:
    return {"source": source, "relation": relation, "shown_in": list(shown_in), "finding": "What this source found, told in our own words."}


def as_yaml(data: Any) -> str:
    """YAML with bare dates, as an author writes them."""
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)
    return text.replace("'2026-11-21'", "2026-11-21").replace("'2027-11-21'", "2027-11-21")


def world(
    folder: Path, claims: list[dict[str, Any]] | str, *, chapter: str = "brain", statements: str | None = None, retired: Any = None
) -> Project:
    """A project that holds these claims."""
    (folder / "evidence" / "claims").mkdir(parents=True, exist_ok=True)
    (folder / "evidence" / "references.bib").write_text(bibliography(), encoding="utf-8")
    text = claims if isinstance(claims, str) else as_yaml({"claims": claims, **({"retired": retired} if retired else {})})
    (folder / "evidence" / "claims" / f"{chapter}.yaml").write_text(text, encoding="utf-8")
    if statements is not None:
        (folder / "evidence" / "statements.yaml").write_text(statements, encoding="utf-8")
    return Project(folder)


def faults(project: Project) -> list[str]:
    """What loading a project says."""
    try:
        load.load(project)
    except Faulty as error:
        return [str(fault) for fault in error.faults]
    return []
