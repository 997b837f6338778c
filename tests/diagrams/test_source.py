"""The way in: merman where it is, the recorded pictures where it is not."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from ketamine_kb.diagrams import engine, recorded, source
from ketamine_kb.diagrams.graph import Graph, Layout
from tests.conftest import ROOT
from tests.diagrams.examples import SMALL


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Nothing remembered before or after the test."""
    cached = (source.drawn_here, source.parse, source.layout)
    for one in cached:
        one.cache_clear()
    yield
    for one in cached:
        one.cache_clear()


def test_with_merman_its_graph_and_positions_are_used(forgetful: None) -> None:
    assert source.drawn_here()
    assert source.parse(SMALL, "d.mmd") == engine.parse(SMALL, "d.mmd")
    assert source.layout(SMALL, "d.mmd") == engine.layout(SMALL, "d.mmd")


def test_without_merman_the_records_are_asked(forgetful: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str]] = []
    graph, placed = Graph("t", "d", "mechanism", {}, ()), Layout(1.0, 2.0)

    def graph_of(text: str, path: str) -> Graph:
        asked.append(("graph", text, path))
        return graph

    def layout_of(text: str, path: str) -> Layout:
        asked.append(("layout", text, path))
        return placed

    monkeypatch.setattr(source, "drawn_here", lambda: False)
    monkeypatch.setattr(recorded, "graph", graph_of)
    monkeypatch.setattr(recorded, "layout", layout_of)
    assert source.parse("text", "d.mmd") is graph
    assert source.layout("text", "d.mmd") is placed
    assert asked == [("graph", "text", "d.mmd"), ("layout", "text", "d.mmd")]


def test_only_the_engine_imports_merman() -> None:
    importing = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "merman" for name in names):
                importing.append(path.name)
    assert importing == ["engine.py"]
