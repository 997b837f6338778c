"""YAML without surprises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb import plain_yaml
from ketamine_kb.messages import Code
from ketamine_kb.plain_yaml import MAX_YAML_DEPTH
from ketamine_kb.project import Faulty


def test_plain_yaml_knows_its_lines() -> None:
    text = "# first\nchecked: 2026-01-01\nlines:\n  - a\n  # between\n  - b\n'quoted': {x: 1}\n"
    read = plain_yaml.read(text, "f", Code.CRISIS_LINES, first=11)
    paths: list[list[str | int]] = [["checked"], ["lines"], ["quoted"], ["quoted", "x"], ["lines", 0], ["lines", 1], ["lines", 7], []]
    places = [read.place(path) for path in paths]
    assert places == [(12, 1), (13, 1), (17, 1), (17, 12), (14, 5), (16, 5), (13, 1), (12, 1)]
    assert read.data["lines"] == ["a", "b"]


def test_yaml_lines_are_counted_as_editors_count_them() -> None:
    with pytest.raises(Faulty) as caught:
        plain_yaml.read("a: 'x\u2028\u0085y'\nb: [\n", "f", Code.FRONT_MATTER)
    assert caught.value.faults[0].line == 3


@pytest.mark.parametrize("depth", [MAX_YAML_DEPTH, MAX_YAML_DEPTH + 1, 10_000])
def test_yaml_depth(depth: int) -> None:
    text = "[" * depth + "]" * depth
    if depth <= MAX_YAML_DEPTH:
        assert str(plain_yaml.read(text, "f", Code.FRONT_MATTER).data) == text
        return
    with pytest.raises(Faulty, match="f:1:21: lists or keys nested too deeply"):
        plain_yaml.read(text, "f", Code.FRONT_MATTER)


yaml_like = st.text(st.sampled_from("ab: -[]{}&*!|>'\"#,?\n\t%@`<=~0129.\\xuU\0\u2028é"), max_size=80)


@settings(max_examples=300, deadline=None)
@given(st.one_of(yaml_like, st.text(max_size=80)))
def test_plain_yaml_raises_nothing_but_faulty(text: str) -> None:
    try:
        plain_yaml.read(text, "f", Code.FRONT_MATTER)
    except Faulty as error:
        (fault,) = error.faults
        assert 1 <= fault.line <= text.count("\n") + 1
        assert 1 <= fault.column <= len(text.split("\n")[fault.line - 1]) + 1
