"""Answers are kept for a while, written as they come, and a damaged file costs no more than a question."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketamine_kb.checks.link_cache import Cache, Remembered
from ketamine_kb.checks.links import Verdict

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
A, B = "https://a.example/ü", "https://b.example/"


def test_an_answer_is_there_after_an_interrupted_run(tmp_path: Path) -> None:
    Cache(tmp_path / "answers.jsonl").add(A, Verdict.MOVED, B, NOW)
    again = Cache(tmp_path / "answers.jsonl")
    assert again.fresh(A, 24, NOW + dt.timedelta(hours=23)) == Remembered(Verdict.MOVED, B, NOW)
    assert again.fresh(A, 24, NOW + dt.timedelta(hours=24)) is None
    assert again.fresh(A, 24, NOW - dt.timedelta(seconds=1)) is None
    assert again.fresh(A, 0, NOW) is None
    assert again.fresh(B, 24, NOW) is None


@pytest.mark.parametrize("verdict", [Verdict.DEAD, Verdict.SOFT, Verdict.RETRACTED, Verdict.UNKNOWN, Verdict.LEFT_OUT])
def test_what_may_have_been_mended_is_asked_again(tmp_path: Path, verdict: Verdict) -> None:
    cache = Cache(tmp_path / "answers.jsonl")
    cache.add(A, verdict, "", NOW)
    assert cache.fresh(A, 24, NOW) is None


def test_the_last_answer_counts_and_unused_ones_go(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    cache = Cache(path)
    cache.add(A, Verdict.DEAD, "answers 404", NOW)
    cache.add(B, Verdict.WORKS, "", NOW)
    cache.add(A, Verdict.WORKS, "", NOW)
    cache.keep_only({A: None})
    assert path.read_text(encoding="utf-8").count("\n") == 1
    assert Cache(path).answers == {A: Remembered(Verdict.WORKS, "", NOW)}
    assert [item.name for item in tmp_path.iterdir()] == ["answers.jsonl"]


@given(st.binary(max_size=200))
def test_no_file_brings_it_down(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("cache") / "answers.jsonl"
    path.write_bytes(content)
    assert Cache(path).answers == {}


@pytest.mark.parametrize(
    "line",
    [
        '{"address": "x", "verdict": "works", "reason": "", "asked": "2026-11-21T12:00:00"}',
        '{"address": "x", "verdict": "fine", "reason": "", "asked": "2026-11-21T12:00:00+00:00"}',
        '{"address": "x", "verdict": "works", "asked": "2026-11-21T12:00:00+00:00"}',
        "[" * 100_000,
        "null",
    ],
)
def test_a_damaged_line_is_no_answer(tmp_path: Path, line: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    Cache(path).add(B, Verdict.WORKS, "", NOW)
    assert list(Cache(path).answers) == [B]
