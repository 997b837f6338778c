"""From text to the words that are searched."""

from __future__ import annotations

import pytest

from ketamine_kb.search import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Half-life", ["half", "life", "halflife"]),
        ("St John’s wort", ["st", "john", "wort"]),
        ("I can't — naïve CAFÉ", ["i", "cant", "naive", "cafe"]),
        ("5-HT2A and C₂", ["5", "ht2a", "5ht2a", "and", "c2"]),
        ("1/2 STAR*D", ["1", "2", "12", "star", "d", "stard"]),
        ("", []),
        ("<img src=x onerror=alert(1)>", ["img", "src", "x", "onerror", "alert", "1"]),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    assert words.tokens(text) == expected


def test_endings_fold_and_questions_lose_their_common_words() -> None:
    assert words.terms("How long do the effects of the infusions last?") == ["long", "effect", "infus", "last"]
    assert words.terms("How long", all_words=True) == ["how", "long"]
    assert words.terms("in 24 hours, in 2019") == ["hour", "2019"]


def test_stop_words_are_written_as_texts_are_read() -> None:
    assert [word for word in sorted(words.STOP_WORDS) if words.tokens(word) != [word]] == []
