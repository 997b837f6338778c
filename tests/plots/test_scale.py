"""Ticks, scales and numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketamine_kb.plots.scale import Scale, number, short, span, ticks

finite = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("low", "high", "made"),
    [
        (-12, 65, [0, 20, 40, 60]),
        (0, 12.3, [0, 5, 10]),
        (0, 12, [0, 2, 4, 6, 8, 10, 12]),
        (0, 8, [0, 2, 4, 6, 8]),
        (-0.3, 0.3, [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]),
    ],
)
def test_ticks_are_round(low: float, high: float, made: list[float]) -> None:
    assert ticks(low, high) == made


@given(finite, st.floats(1e-3, 1e6), st.integers(2, 12))
def test_ticks_lie_within_and_are_few(low: float, size: float, most: int) -> None:
    made = ticks(low, low + size, most)
    assert len(made) <= most + 1
    assert all(low - size * 1e-6 <= tick <= low + size * (1 + 1e-6) for tick in made)
    assert made == sorted(made)


@given(finite, st.floats(1, 1e6), st.floats(0, 1))
def test_a_scale_is_straight(low: float, size: float, share: float) -> None:
    scale = Scale(low, low + size, 10, 110)
    assert math.isclose(scale.at(low + share * size), 10 + 100 * share, abs_tol=1e-4)
    assert 10 <= scale.clipped(low - 5) <= scale.clipped(low + size + 5) <= 110
    assert scale.holds(low)


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(ValueError, match="a scale from 2 to 1, expected the lower end first"):
        Scale(2, 1, 0, 1)
    with pytest.raises(ValueError, match="ticks from nan to 1, expected the lower end first"):
        ticks(float("nan"), 1)


@pytest.mark.parametrize(("value", "words"), [(-4.04, "−4.0"), (-0.01, "0.0"), (17.3, "17.3"), (0, "0.0")])
def test_numbers_have_a_point_and_a_proper_minus(value: float, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(("value", "words"), [(2.0, "2"), (2.5, "2.5"), (0.25, "0.25"), (-3.0, "−3")])
def test_short_numbers(value: float, words: str) -> None:
    assert short(value) == words


@pytest.mark.parametrize(
    ("hours", "words"), [(1 / 60, "1 minute"), (0.6667, "40 minutes"), (1, "1 hour"), (4, "4 hours"), (24, "24 hours"), (168, "7 days")]
)
def test_lengths_of_time(hours: float, words: str) -> None:
    assert span(hours) == words
