"""Prose and code are told apart, whatever the page holds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.checks import markdown

FRONT = "---\na: b\n---\n"


def prose(text: str) -> list[str]:
    return [line.text for line in markdown.lines(text) if not line.code]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FRONT, ("a: b", 3)),
        ("---\n---\n", ("", 2)),
        ("---  \na\n---\t\nb", ("a", 3)),
        ("---\na\n--- \n---", ("a", 3)),
        ("", None),
        ("---", None),
        ("---\na: b\n", None),
        ("\n---\na\n---", None),
        (" ---\na\n---", None),
        ("---\na\n ---", None),
        ("----\na\n----", None),
    ],
)
def test_front_matter(text: str, expected: tuple[str, int] | None) -> None:
    assert markdown.front_matter(text) == expected


@pytest.mark.parametrize(
    ("info", "name"),
    [("{mermaid} a.mmd", "mermaid"), ("{doctest}", "doctest"), ("{a:b-c}x", "a:b-c"), ("mermaid", ""), ("", ""), ("{}", ""), (" {a}", "")],
)
def test_directive(info: str, name: str) -> None:
    assert markdown.directive(info) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n```\nb\n```\nc", ["a", "c"]),
        ("a\n~~~ x\nb\n```\n~~~\nc", ["a", "c"]),
        ("````\n```\nb\n```\n````\nc", ["c"]),
        ("```\nb\n`````\nc", ["c"]),
        ("```\nb\n``` x\nc", []),
        ("```\nnever closed", []),
        ("```{note}\nb\n```\nc", ["b", "c"]),
        ("`````{note}\n````{warning}\nb\n```text\nx\n```\nc\n````\nd\n`````\ne", ["b", "c", "d", "e"]),
        ("```{doctest}\nb\n```\nc", ["c"]),
        ("```{unknown}\nb\n```\nc", ["c"]),
        ("- ```\n  b\n  ```\n- c", ["- c"]),
        ("1. ```\n   b\n   ```\nc", ["c"]),
        ("> ```\n> b\n> ```\nc", ["c"]),
        ("* - ```text\n    b\n    ```\nc", ["c"]),
        ("``` a`b\nc", ["``` a`b", "c"]),
        ("``inline``\nc", ["``inline``", "c"]),
        (FRONT + "c", ["c"]),
        (FRONT + "---\nc", ["---", "c"]),
    ],
)
def test_what_is_prose(text: str, expected: list[str]) -> None:
    assert prose(text) == expected


def test_the_fence_around_a_line_is_named() -> None:
    found = markdown.lines(FRONT + "````{note} Title\nb\n```text x\nc\n```\nd\n````\ne")
    assert [(line.number, line.fence, line.opens) for line in found[3:]] == [
        (4, "", "{note} Title"),
        (5, "{note} Title", None),
        (6, "{note} Title", "text x"),
        (7, "text x", None),
        (8, "text x", None),
        (9, "{note} Title", None),
        (10, "{note} Title", None),
        (11, "", None),
    ]
    assert {line.fence for line in found[:3]} == {"front-matter"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `b` c", "a     c"),
        ("a `` b ` c `` d", "a             d"),
        ("{term}`b` and `c`", "{term}`b` and    "),
        ("{term}`b` and {term}`c`", "{term}`b` and {term}`c`"),
        ("`` {cite}`x` `` y", "                y"),
        ("a ` b", "a ` b"),
        ("a `` b ` c", "a `` b ` c"),
        ("``` a `b` c", "``` a     c"),
        ("", ""),
    ],
)
def test_inline_code_is_blanked_out_and_roles_stay(text: str, expected: str) -> None:
    (line,) = markdown.lines(text)
    assert line.prose == expected


def test_code_has_no_prose() -> None:
    assert [line.prose for line in markdown.lines("```\nb\n```")] == ["", "", ""]


@pytest.mark.parametrize(
    "text",
    [
        "`" * 500_000 + "x",
        "".join("`" * size + " " for size in range(1, 900)),
        "` `` " * 100_000,
        "> " * 300_000,
        "- " * 300_000 + "x",
        "```" + " x" * 100_000 + "`",
        "```{note}\n" * 60_000,
        "{term}`" * 100_000,
    ],
    ids=["backticks", "growing runs", "two runs", "quotations", "lists", "long info", "open fences", "open roles"],
)
def test_hostile_pages_end_soon(text: str) -> None:
    start = time.monotonic()
    assert sum(len(line.prose) >= 0 for line in markdown.lines(text)) == text.count("\n") + 1
    assert time.monotonic() - start < 10


page_like = st.lists(
    st.sampled_from(
        ["`", "```", "~~~", "````", "{note}", "{doctest}", "\n", "---\n", "> ", "- ", "1. ", " ", "x", "\r", "\u2028", "\x0c", "\0"]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(page_like)
def test_exactly_one_line_for_each_line(text: str) -> None:
    found = markdown.lines(text)
    assert [line.number for line in found] == list(range(1, text.count("\n") + 2))
    assert "\n".join(line.text for line in found) == text
    for line in found:
        assert line.code or len(line.prose) == len(line.text), "columns in prose must be columns of the page"
        assert line.opens is None or line.code


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="`~\n"), max_size=20), min_size=1, max_size=8))
def test_pages_without_fences_are_prose(parts: list[str]) -> None:
    text = "\n".join(["Title", *parts])
    assert prose(text) == ["Title", *"\n".join(parts).split("\n")]
    assert prose(f"```\n{text}\n```") == []
