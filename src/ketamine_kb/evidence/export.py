"""The facts for other programs: ``evidence.json`` with its schema, ``llms.txt``, and JSON-LD for each page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ketamine_kb.evidence.base import Fact
from ketamine_kb.evidence.kinetics_data import KineticsFile
from ketamine_kb.evidence.model import Claim, ClaimFile, Knowledge, Retired, Source, Statement, StatementFile
from ketamine_kb.evidence.tables import CommonHarms, Molecule, MoleculeFile, Route, RouteFile
from ketamine_kb.evidence.trial_data import Trial, TrialFile

#: Raised when the shape of ``evidence.json`` changes.
SCHEMA_VERSION: Literal[1] = 1

#: How a finding bears on a claim, in terms of the Citation Typing Ontology.
CITO = {"supports": "cito:supports", "disputes": "cito:disputes", "qualifies": "cito:qualifies"}


class Export(Fact):
    """The file ``evidence.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, title="How Ketamine Works: evidence")

    schema_version: Literal[1]
    relations: dict[str, str]
    chapters: dict[str, list[str]]
    claims: list[Claim]
    retired: list[Retired]
    sources: list[Source]
    statements: list[Statement]
    trials: list[Trial]
    molecules: list[Molecule]
    routes: list[Route]
    common_harms: CommonHarms | None
    kinetics: KineticsFile | None


def to_json(knowledge: Knowledge) -> str:
    """All facts as JSON, the same bytes for the same facts."""
    made = Export(
        schema_version=SCHEMA_VERSION,
        relations=CITO,
        chapters=knowledge.chapters,
        claims=list(knowledge.claims.values()),
        retired=list(knowledge.retired.values()),
        sources=list(knowledge.sources.values()),
        statements=knowledge.statements,
        trials=knowledge.trials,
        molecules=knowledge.molecules,
        routes=knowledge.routes,
        common_harms=knowledge.common_harms,
        kinetics=knowledge.kinetics,
    )
    return made.model_dump_json(indent=1) + "\n"


def from_json(text: str) -> Knowledge:
    """The facts in an ``evidence.json``.

    :raises pydantic.ValidationError: when it has another shape.
    """
    read = Export.model_validate_json(text)
    return Knowledge(
        claims={claim.id: claim for claim in read.claims},
        chapters=read.chapters,
        retired={old.id: old for old in read.retired},
        sources={source.key: source for source in read.sources},
        statements=read.statements,
        trials=read.trials,
        molecules=read.molecules,
        routes=read.routes,
        common_harms=read.common_harms,
        kinetics=read.kinetics,
    )


def schemas() -> dict[str, str]:
    """JSON Schemas by file name: for editors (one for each kind of file) and for readers of the export."""
    models: dict[str, type[BaseModel]] = {
        "claims.schema.json": ClaimFile,
        "statements.schema.json": StatementFile,
        "trials.schema.json": TrialFile,
        "molecules.schema.json": MoleculeFile,
        "routes.schema.json": RouteFile,
        "pharmacokinetics.schema.json": KineticsFile,
        "evidence.schema.json": Export,
    }
    return {
        name: json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}, indent=1) + "\n"
        for name, model in models.items()
    }


def llms_text(knowledge: Knowledge, pages: Iterable[tuple[str, str, str]], disclaimer: str) -> str:
    """A plain guide to the site for language models: pages, then every claim with its id, certainty and species.

    :param pages: title, address and description of each page, in reading order.
    """
    lines = ["# How Ketamine Works", "", f"> {disclaimer}", "", "## Pages", ""]
    lines += [f"- [{title}]({address}): {description}" for title, address, description in pages]
    for chapter, identifiers in knowledge.chapters.items():
        lines += ["", f"## Claims: {chapter}", ""]
        for identifier in identifiers:
            claim = knowledge.claims[identifier]
            lines.append(f"- {identifier} ({claim.certainty}; shown in {', '.join(claim.shown_in)}): {claim.statement}")
    return "\n".join(lines) + "\n"


def page_data(
    title: str, description: str, checked: str, reviewers: Iterable[str], claims: Iterable[Claim], sources: Iterable[Source], language: str
) -> dict[str, Any]:
    """JSON-LD (schema.org ``MedicalWebPage``) of one page.

    :param checked: the date of the evidence, as YYYY-MM-DD.
    :param reviewers: names of clinicians who have signed; none is invented.
    """
    made: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "name": title,
        "description": description,
        "inLanguage": language,
        "lastReviewed": checked,
        "about": {"@type": "MedicalTherapy", "name": "Ketamine and esketamine for depression"},
        "mainEntity": [{"@type": "Claim", "identifier": claim.id, "text": claim.statement} for claim in claims],
        "citation": [
            {"@type": "CreativeWork", "name": source.title, "url": source.address, "datePublished": str(source.year)} for source in sources
        ],
    }
    names = list(reviewers)
    if names:
        made["reviewedBy"] = [{"@type": "Person", "name": name} for name in names]
    return made
