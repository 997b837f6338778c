"""The facts as typed data: claims with their findings, and what clinics say.

The same models validate the files, publish the JSON Schema that editors use, and write and read ``evidence.json``.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ketamine_kb.evidence.base import Fact, Identifier, Key, Prose
from ketamine_kb.evidence.kinetics_data import KineticsFile
from ketamine_kb.evidence.tables import CommonHarms, Molecule, Route
from ketamine_kb.evidence.trial_data import Trial

#: In whom or what a finding was shown.
Species = Literal["human", "non-human-primate", "rodent", "in-vitro", "in-silico"]
#: How sure the evidence makes us. The words are explained to readers by :mod:`ketamine_kb.evidence.certainty`.
Certainty = Literal["established", "supported", "mixed", "contested", "hypothesis"]
#: How a finding bears on a claim.
Relation = Literal["supports", "disputes", "qualifies"]
#: What a claim is about: how bodies work, what happens to people who are treated, or what an authority decided.
Kind = Literal["biological", "clinical", "regulatory"]
#: What the evidence says of a clinic's statement.
Verdict = Literal["supported", "supported-with-limits", "mixed", "weak", "contradicted", "not-a-claim"]


class Finding(Fact):
    """What one source found that bears on a claim."""

    source: Key = Field(description="Key of the source in evidence/references.bib.")
    relation: Relation = Field(description="supports, disputes or qualifies the claim.")
    shown_in: list[Species] = Field(min_length=1, description="In whom or what this finding was shown.")
    finding: Prose = Field(description="What the source found, in our own words, with its numbers and population.")


class Claim(Fact):
    """One falsifiable sentence with everything that speaks for and against it."""

    id: Identifier = Field(description="Never used again for another claim.")
    kind: Kind
    statement: Prose = Field(description="One sentence of full precision, hedged as the evidence is.")
    plain: Prose = Field(description="The same in plain language: no number or direction changed.")
    certainty: Certainty
    shown_in: list[Species] = Field(min_length=1)
    evidence: list[Finding] = Field(min_length=1, max_length=40)
    reviewed: dt.date
    review_by: dt.date

    @property
    def sources(self) -> list[str]:
        """Keys of the sources in order, each once."""
        return list(dict.fromkeys(item.source for item in self.evidence))


class Retired(Fact):
    """A claim that was taken back or replaced; its id is never used again."""

    id: Identifier
    instead: Identifier | None = Field(default=None, description="The claim that took its place.")
    reason: Prose
    date: dt.date


class ClaimFile(Fact):
    """One file ``evidence/claims/<chapter>.yaml``."""

    claims: list[Claim] = Field(min_length=1, max_length=5000)
    retired: list[Retired] = Field(default_factory=list)


class Statement(Fact):
    """What clinic pages say, in our words, with our verdict."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[0-9]{2}$")]
    topic: str
    says: Prose
    verdict: Verdict
    reason: Prose = Field(description="One line: why this verdict.")
    claims: list[Identifier] = Field(default_factory=list, description="The claims that decide it.")


class StatementFile(Fact):
    """The file ``evidence/statements.yaml``."""

    statements: list[Statement] = Field(min_length=1, max_length=1000)


class Source(Fact):
    """A source as readers see it."""

    key: Key
    title: str
    issuer: str
    year: int
    container: str
    design: str
    verified: str
    size: int | None = Field(default=None, description="How many people were studied, where the record says.")
    words: str = Field(description="The words of its link.")
    address: str


class Knowledge(Fact):
    """Everything the pages may cite."""

    claims: dict[str, Claim]
    chapters: dict[str, list[str]] = Field(description="Claim ids by chapter, in the order of the files.")
    retired: dict[str, Retired]
    sources: dict[str, Source]
    statements: list[Statement]
    trials: list[Trial] = Field(default_factory=list)
    molecules: list[Molecule] = Field(default_factory=list)
    routes: list[Route] = Field(default_factory=list)
    common_harms: CommonHarms | None = Field(default=None, description="To be shown wherever a route is shown.")
    kinetics: KineticsFile | None = Field(default=None, description="What the body does with ketamine.")

    @cached_property
    def chapter_of(self) -> dict[str, str]:
        """The chapter of each claim: the stem of its file."""
        return {identifier: chapter for chapter, identifiers in self.chapters.items() for identifier in identifiers}

    @property
    def used(self) -> set[str]:
        """Keys of all sources that a claim or a table rests on."""
        keys = {key for claim in self.claims.values() for key in claim.sources}
        keys |= {key for trial in self.trials for key in [*trial.sources, *(harm.source for harm in trial.harms)]}
        keys |= {key for route in self.routes for key in route.sources}
        keys |= set(self.kinetics.sources if self.kinetics else [])
        return keys | set(self.common_harms.sources if self.common_harms else [])
