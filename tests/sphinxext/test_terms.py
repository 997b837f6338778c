"""What of a glossary entry is shown beside a word: what it means, not the findings that need their source."""

from __future__ import annotations

import doctest

import pytest
from docutils import nodes
from sphinx import addnodes

from ketamine_kb.sphinxext import terms
from ketamine_kb.sphinxext.claims import claim_chip
from ketamine_kb.sphinxext.terms import Terms, meaning, spoken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A quick pulse. It was fast in rats\0. More.", "A quick pulse."),
        ("A pulse \0. More.", "A pulse."),
        ("ABC: a protein. A receptor for it. In mice it fell\0.", "ABC: a protein. A receptor for it."),
        ("A trial of 12 people. \0 More.", "A trial of 12 people."),
        ("Only words", "Only words"),
    ],
)
def test_a_meaning_ends_before_the_first_sentence_with_a_source(text: str, shown: str) -> None:
    assert meaning(text) == shown


def test_examples() -> None:
    assert doctest.testmod(terms).failed == 0


def test_sources_and_claims_are_marked_and_links_are_read() -> None:
    cited = addnodes.pending_xref("", nodes.inline("", "[1]"), refdomain="cite")
    term = addnodes.pending_xref("", nodes.inline("", "neuron"), refdomain="std")
    paragraph = nodes.paragraph("", "", nodes.Text("A part of a "), term, nodes.Text(" "), cited, nodes.Text(". "), claim_chip(claim="x"))
    assert spoken(paragraph) == "A part of a neuron \0. \0"
    assert meaning(spoken(paragraph)) == "A part of a neuron."


def test_only_pages_that_use_a_changed_term_are_written_again() -> None:
    from types import SimpleNamespace
    from typing import Any

    known = Terms()
    env: Any = SimpleNamespace(kb_terms=known)
    known.defined = {"glossary": {"term-a": ("A", "one"), "term-b": ("B", "two")}}
    known.used = {"p": ["a"], "q": ["b"], "r": []}
    assert terms._outdated(env, env) == ["p", "q"], "the first build writes all"
    assert terms._outdated(env, env) == []
    known.defined["glossary"]["term-b"] = ("B", "three")
    assert terms._outdated(env, env) == ["q"]
    known.forget("glossary")
    assert terms._outdated(env, env) == ["p", "q"]
