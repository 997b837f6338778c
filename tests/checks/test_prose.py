"""The sentences of a page: where each stands and what it carries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.checks.prose import Sentence, sentences


def told(text: str) -> list[tuple[str, int, int, str]]:
    return [(found.text, found.line, found.column, found.block) for found in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two!\n", [("One.", 1, 1, "text"), ("Two!", 1, 6, "text")]),
        ("One that\nwraps. Next.\n", [("One that wraps.", 1, 1, "text"), ("Next.", 2, 8, "text")]),
        ("# A head\nText.\n", [("A head", 1, 3, "heading"), ("Text.", 2, 1, "text")]),
        ("- First. Again.\n- Second.\n", [("First.", 1, 3, "item"), ("Again.", 1, 10, "item"), ("Second.", 2, 3, "item")]),
        ("* - Cell one\n  - Cell two\n", [("Cell one", 1, 5, "item"), ("Cell two", 2, 5, "item")]),
        ("| a | b. C |\n", [("a", 1, 3, "cell"), ("b.", 1, 7, "cell"), ("C", 1, 10, "cell")]),
        ("---\nkey: value\n---\nText.\n", [("Text.", 4, 1, "text")]),
        ("```python\ncode. Here.\n```\nText.\n", [("Text.", 4, 1, "text")]),
        ("```{note}\nInside.\n```\n", [("Inside.", 2, 1, "text")]),
        ("It rose by 0.5 mg. Then no.\n", [("It rose by 0.5 mg.", 1, 1, "text"), ("Then no.", 1, 20, "text")]),
        ("% a comment.\nText.\n", [("Text.", 2, 1, "text")]),
        ("He said so e.g. in mice.\n", [("He said so e.g. in mice.", 1, 1, "text")]),
    ],
)
def test_where_sentences_begin_and_end(text: str, expected: list[tuple[str, int, int, str]]) -> None:
    assert told(text) == expected


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before() -> None:
    first, second = sentences("A fact {cite:p}`one,two`. {claim}`a-claim` {claim}`b-claim` Next {cite:p}`three`. {claim}`c-claim`\n")
    assert (first.cites, first.claims) == (["one", "two"], ["a-claim", "b-claim"])
    assert (second.cites, second.claims) == (["three"], ["c-claim"])


def test_a_mark_around_words_belongs_to_its_own_sentence() -> None:
    first, second = sentences("A fact. {claim}`More spines grew <a-claim>` in mice.\n")
    assert first.claims == []
    assert second.claims == ["a-claim"]


@settings(deadline=None)
@given(st.text(alphabet="ab .!?\n|-*#`{}:>", max_size=120))
def test_no_word_is_lost_and_every_place_is_true(text: str) -> None:
    lines = text.split("\n")
    for found in sentences(text):
        assert isinstance(found, Sentence)
        assert lines[found.line - 1][found.column - 1] == found.text[0]
