"""The collector is held back inside, and as it was after."""

from __future__ import annotations

import gc

import pytest

from ketamine_kb.memory import collector_paused


def test_paused_inside_and_on_again_after() -> None:
    assert gc.isenabled()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_on_again_after_a_fault() -> None:
    def fail() -> None:
        with collector_paused():
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert gc.isenabled()
