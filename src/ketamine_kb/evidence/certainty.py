"""The rules that every claim must keep. Each rule is a pure function; its docstring is what readers are told.

A rule returns what is wrong as ``(what was found, what is expected)``, or None.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ketamine_kb.evidence.model import Claim, Source
from ketamine_kb.messages import Code

Wrong = tuple[str, str] | None
Rule = Callable[[Claim, Mapping[str, Source]], Wrong]

#: Kinds of source that carry the word "established" alone.
STRONG = frozenset({"label", "regulatory", "guideline", "meta-analysis", "systematic-review"})
#: Kinds of source of which two together carry it.
TRIALS = frozenset({"rct", "human-experimental"})
#: Kinds of source in which somebody speaks for what they sell or reports what others said.
PROMOTIONAL = frozenset({"news-report", "manufacturer"})
#: The species that a design can show by itself; reviews show what they review.
SHOWS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "rct",
            "human-experimental",
            "cohort",
            "open-label",
            "survey",
            "case-report",
            "guideline",
            "label",
            "regulatory",
            "disproportionality-analysis",
            "validation-study",
        ),
        frozenset({"human"}),
    ),
    "preclinical-rodent": frozenset({"rodent", "in-vitro"}),
    "in-vitro": frozenset({"in-vitro", "in-silico"}),
    "model": frozenset({"in-silico"}),
}

_PEOPLE = re.compile(r"\b(people|persons?|patients?|adults|men|women|volunteers?|human beings)\b", re.IGNORECASE)
#: How a sentence may name a species or preparation.
_NAMES: Mapping[str, re.Pattern[str]] = {
    "non-human-primate": re.compile(r"\b(monkeys?|macaques?|primates?|animals?|baboons?)\b", re.IGNORECASE),
    "rodent": re.compile(r"\b(rats?|mouse|mice|rodents?|animals?|guinea pigs?)\b", re.IGNORECASE),
    "in-vitro": re.compile(
        r"\b(cells?|cultures?|cultured|neurons?|slices?|laborator(?:y|ies)|laboratory-made|test tube|recombinant|in vitro|tissue|"
        r"preparations?|membranes?|oocytes?)\b",
        re.IGNORECASE,
    ),
    "in-silico": re.compile(r"\b(models?|modelling|simulations?|computers?|calculations?)\b", re.IGNORECASE),
}


def supporting_finding(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """Every claim has at least one finding that supports it, unless it is called mixed or contested."""
    if claim.certainty not in ("mixed", "contested") and not any(item.relation == "supports" for item in claim.evidence):
        return f"{claim.certainty} without a finding that supports it", "a finding with `relation: supports`"
    return None


def established_needs_strong_evidence(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """We say *established* only when a medicine label, a regulator, a guideline or a pooled analysis of studies in people says so, or
    two separate trials or experiments in people, and when nothing speaks against it.
    """
    if claim.certainty != "established":
        return None
    human = {item.source for item in claim.evidence if item.relation == "supports" and "human" in item.shown_in}
    designs = [sources[key].design for key in human if key in sources]
    if any(design in STRONG for design in designs) or sum(design in TRIALS for design in designs) >= 2:
        return None
    return "established on " + (
        ", ".join(sorted(designs)) or "no evidence in people"
    ), "a label, guideline or pooled analysis in people, or two trials"


def disputed_is_not_sure(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """As soon as one finding disputes a claim, we call it *mixed* or *contested*, and we show that finding."""
    if claim.certainty not in ("mixed", "contested") and any(item.relation == "disputes" for item in claim.evidence):
        return f"{claim.certainty} with a finding that disputes it", "mixed or contested"
    return None


def clinical_needs_people(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """What treatment does to people is called *established* or *supported* only when it was shown in people."""
    if claim.kind != "clinical" or claim.certainty not in ("established", "supported"):
        return None
    if any(item.relation == "supports" and "human" in item.shown_in for item in claim.evidence):
        return None
    return f"a clinical claim called {claim.certainty} without a supporting finding in people", "a supporting finding shown in human"


def species_were_shown(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """A claim names only species, cells or models in which one of its findings was shown."""
    shown = {species for item in claim.evidence for species in item.shown_in}
    missing = [species for species in claim.shown_in if species not in shown]
    if missing:
        return f"shown_in {', '.join(missing)}", "only what a finding was shown in: " + ", ".join(sorted(shown))
    return None


def species_fit_the_design(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """A trial in people cannot show something in rats, nor a study in rats something in people: the species of a finding fits the
    design of its source.
    """
    for item in claim.evidence:
        source = sources.get(item.source)
        allowed = SHOWS.get(source.design) if source else None
        if source and allowed is not None and not set(item.shown_in) <= allowed:
            wrong = sorted(set(item.shown_in) - allowed)
            return f"{item.source} ({source.design}) shown in {', '.join(wrong)}", "one of " + ", ".join(sorted(allowed))
    return None


def animals_are_not_people(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """What was shown only in animals, cells or models is nowhere worded as if it were about people."""
    if "human" in claim.shown_in:
        return None
    for text in (claim.statement, claim.plain):
        if found := _PEOPLE.search(text):
            return f"{found[0]!r} in a claim not shown in people", "a sentence about what was studied"
    return None


def animals_are_named(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """A sentence about animals, cells or models names them itself, in the exact and in the plain wording."""
    if "human" in claim.shown_in:
        return None
    for name, text in (("statement", claim.statement), ("plain", claim.plain)):
        if not any(_NAMES[species].search(text) for species in claim.shown_in):
            return (
                f"the {name} does not say that it was shown in {', '.join(claim.shown_in)}",
                "the animal or preparation named in the sentence",
            )
    return None


def more_than_a_citation(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """A source of which we saw only the citation never carries a claim alone."""
    seen = [sources[key].verified for key in claim.sources if key in sources]
    if seen and all(verified == "citation" for verified in seen):
        return "only sources seen as a citation", "a source whose abstract or text was read"
    return None


def more_than_promotion(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """News and what a manufacturer says never carry a claim alone, except a claim about what was announced."""
    designs = [sources[key].design for key in claim.sources if key in sources]
    if claim.kind != "regulatory" and designs and all(design in PROMOTIONAL for design in designs):
        return "only " + " and ".join(sorted(set(designs))), "an independent source"
    return None


def review_follows(claim: Claim, sources: Mapping[str, Source]) -> Wrong:
    """Every claim has a date on which its sources were last compared and a later one by which that is done again."""
    if claim.review_by <= claim.reviewed:
        return f"review_by {claim.review_by}", f"a date after {claim.reviewed}"
    return None


@dataclass(frozen=True, slots=True)
class Named:
    """A rule with its message code and the field of the claim that it is about."""

    code: Code
    field: str
    rule: Rule


RULES: tuple[Named, ...] = (
    Named(Code.NO_SUPPORT, "evidence", supporting_finding),
    Named(Code.NOT_ESTABLISHED, "certainty", established_needs_strong_evidence),
    Named(Code.TOO_SURE, "certainty", disputed_is_not_sure),
    Named(Code.NEEDS_HUMAN, "certainty", clinical_needs_people),
    Named(Code.SPECIES_NOT_SHOWN, "shown_in", species_were_shown),
    Named(Code.SPECIES_DESIGN, "evidence", species_fit_the_design),
    Named(Code.SPECIES_WORDING, "statement", animals_are_not_people),
    Named(Code.SPECIES_UNNAMED, "statement", animals_are_named),
    Named(Code.CITATION_ALONE, "evidence", more_than_a_citation),
    Named(Code.PROMOTION_ALONE, "evidence", more_than_promotion),
    Named(Code.REVIEW_DATES, "review_by", review_follows),
)


def overdue(claim: Claim, today: dt.date) -> bool:
    """True when the claim should have been compared with its sources again."""
    return claim.review_by < today
