"""The glossary: enough terms, in order, each with where it comes from."""

from __future__ import annotations

import re

from ketamine_kb.checks import markdown
from ketamine_kb.project import Project
from tests.conftest import ROOT


def entries() -> dict[str, str]:
    text = (ROOT / "docs" / markdown.GLOSSARY).read_text(encoding="utf-8")
    body = text[text.index("```{glossary}\n") :].split("\n", 1)[1].split("\n```", 1)[0]
    parts = [part for part in re.split(r"\n\n+(?=\S)", body.strip()) if not part.startswith(":")]
    return {part.split("\n")[0]: part for part in parts}


def test_there_are_enough_terms_and_the_checks_see_the_same() -> None:
    assert len(entries()) >= 140
    assert markdown.glossary_terms(Project(ROOT)) == list(entries())


def test_every_term_has_a_source_or_a_claim() -> None:
    assert [term for term, text in entries().items() if "{cite" not in text and "{claim}" not in text] == []


def test_terms_are_in_order_and_differ_in_more_than_case() -> None:
    terms = list(entries())
    assert terms == sorted(terms, key=str.casefold)
    assert len({term.casefold() for term in terms}) == len(terms)
