"""Python's cyclic garbage collector, held back while a large tree is built."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for cyclic garbage inside.

    Each search walks every living object, so building N objects that all stay alive costs more than N. With 5,000 claims it was two
    thirds of the time to load them and five sixths of the time to make the ledger (``benchmarks/claims.py``, 2026-11-21).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
