"""The one shape of every message, and the closed list of codes."""

from __future__ import annotations

import re

import pytest

from ketamine_kb.messages import MOST_PLACES, Code, Fault, nearest, summary, with_command
from tests.conftest import ROOT


def fault(line: int = 3, column: int = 5, near: str = "", code: Code = Code.RAW_HTML, found: str = "this") -> Fault:
    return Fault("docs/page.md", line, column, code, found, "that", near)


@pytest.mark.parametrize(
    ("line", "column", "where"),
    [(3, 5, "docs/page.md:3:5: "), (3, 0, "docs/page.md:3: "), (0, 0, "docs/page.md: "), (0, 7, "docs/page.md: ")],
)
def test_place(line: int, column: int, where: str) -> None:
    assert str(fault(line, column)) == where + "this - expected that - run: nox -s html [raw-html]"


def test_nearest_word_and_command_are_told() -> None:
    told = str(Fault("a.md", 1, 0, Code.PLAIN_FENCE, "x", "y", "z", run="nox -s doctest"))
    assert told == "a.md:1: x - expected y - did you mean 'z'? - run: nox -s doctest [plain-fence]"


def test_places_are_told_and_the_rest_counted() -> None:
    places = tuple(f"docs/p.md:{line}" for line in range(1, MOST_PLACES + 3))
    fault = Fault("a.yaml", 3, 0, Code.NO_SUPPORT, "x", "y", shown_at=places)
    first = ", ".join(places[:MOST_PLACES])
    assert str(fault) == f"a.yaml:3: x - expected y - shown at {first} and 2 more - run: nox -s html [no-support]"
    assert str(Fault("a.yaml", 3, 0, Code.NO_SUPPORT, "x", "y", shown_at=("d:1",))) == (
        "a.yaml:3: x - expected y - shown at d:1 - run: nox -s html [no-support]"
    )


def test_faults_sort_by_place_then_words() -> None:
    unsorted = [fault(10), fault(9, 2), fault(9, 1, found="b"), fault(9, 1, found="a")]
    assert sorted(unsorted) == [unsorted[3], unsorted[2], unsorted[1], unsorted[0]]


def test_faults_with_different_codes_can_be_sorted() -> None:
    assert len(sorted([fault(code=Code.RAW_HTML), fault(code=Code.PLACEHOLDER)])) == 2


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("audienze", ["audience", "description"], "audience"),
        ("xyz", ["audience"], ""),
        ("", ["audience"], ""),
        ("word", [], ""),
        ("word1", ["word2", "zz", "other"], "word2"),
    ],
)
def test_nearest(word: str, known: list[str], expected: str) -> None:
    assert nearest(word, known) == expected
    assert nearest(word, reversed(known)) == expected, "the order of the known words must not matter"


def test_summary_counts_each_code() -> None:
    faults = [fault(), fault(code=Code.PLACEHOLDER), fault()]
    assert summary(faults) == "3 faults: placeholder-text 1, raw-html 2"
    assert summary(faults[:1]) == "1 fault: raw-html 1"
    assert summary([]) == "0 faults: "


def test_codes_are_unique_words_of_small_letters() -> None:
    values = [code.value for code in Code]
    assert len(set(values)) == len(values)
    assert [value for value in values if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value)] == []
    assert len(Code.__members__) == len(values), "two names for one code"


def test_every_code_is_used_and_none_is_invented() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py")))
    used = set(re.findall(r"\bCode\.([A-Z0-9_]+)\b", source))
    assert used == set(Code.__members__)


def test_the_command_that_was_run_stands_where_the_build_is_named() -> None:
    usual = Fault("docs/a.md", 1, 0, Code.PAGE_NOT_UTF8, "bytes", "UTF-8 text")
    own = Fault("docs/a.md", 1, 0, Code.PAGE_NOT_UTF8, "bytes", "UTF-8 text", run="nox -s diagrams")
    assert [str(fault) for fault in with_command([usual, own], "nox -s lint")] == [
        "docs/a.md:1: bytes - expected UTF-8 text - run: nox -s lint [page-not-utf8]",
        "docs/a.md:1: bytes - expected UTF-8 text - run: nox -s diagrams [page-not-utf8]",
    ]
