"""From a Mermaid source to a graph and to positions: by merman, or from the recorded pictures where merman has no wheel."""

from __future__ import annotations

import importlib.util
from functools import lru_cache

from ketamine_kb.diagrams import recorded
from ketamine_kb.diagrams.graph import Graph, Layout


@lru_cache(maxsize=1)
def drawn_here() -> bool:
    """True where merman is installed; False where only the recorded pictures can be shown."""
    return importlib.util.find_spec("merman") is not None


@lru_cache(maxsize=512)
def parse(text: str, path: str) -> Graph:
    """The graph of one source.

    :param path: how the file is named in messages.
    :raises Faulty: with line and column when the source is too long or does not parse; or, without merman, when it was changed
        since its picture was recorded.
    """
    if not drawn_here():
        return recorded.graph(text, path)
    from ketamine_kb.diagrams import engine

    return engine.parse(text, path)


@lru_cache(maxsize=512)
def layout(text: str, path: str = "") -> Layout:
    """Positions in pixels of everything in a source that has been parsed before.

    :raises Faulty: without merman, when the source or the marks on its lines changed since its picture was recorded.
    """
    if not drawn_here():
        return recorded.layout(text, path)
    from ketamine_kb.diagrams import engine

    return engine.layout(text, path)
