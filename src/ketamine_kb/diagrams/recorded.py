"""The recorded pictures: graph and positions of every diagram beside its source, found by the source's content.

They are what a change of a picture is seen by, and what is shown on a platform that merman has no wheel for.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ketamine_kb.diagrams.graph import Box, Edge, Graph, Group, Layout, Line, Node
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, here

#: The folder of the records, below the folder of the sources.
FOLDER = "recorded"
#: The command that renews them.
RENEW = "nox -s diagrams"


def digest(text: str) -> str:
    """By which a source is known."""
    return hashlib.sha256(text.encode()).hexdigest()


def record(source: str, labelled: str, graph: Graph, placed: Layout, arrows: list[dict[str, Any]]) -> str:
    """The content of one record.

    :param source: the file as written.
    :param labelled: the same with the marks of certainty on its lines, as it was placed.
    :param arrows: what stands behind each line: claim, certainty, species and sources.
    """
    data = {
        "source": digest(source),
        "labelled": digest(labelled),
        "graph": asdict(graph),
        "layout": asdict(placed),
        "arrows": arrows,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def graph(text: str, path: str) -> Graph:
    """The recorded graph of a source.

    :raises Faulty: when there is none.
    """
    return _find("source", digest(text), path).graph


def layout(text: str, path: str) -> Layout:
    """The recorded positions of a source with its marks.

    :raises Faulty: when there are none.
    """
    return _find("labelled", digest(text), path).layout


@dataclass(frozen=True, slots=True)
class _Record:
    source: str
    labelled: str
    graph: Graph
    layout: Layout


def _find(by: str, value: str, path: str) -> _Record:
    folder = here().diagrams / FOLDER
    for data in _all(folder):
        if getattr(data, by) == value:
            return data
    found = "a diagram that was changed since its picture was recorded, and merman is not installed here"
    expected = f"the recorded picture renewed by `{RENEW}` on a machine that merman has a wheel for"
    raise Faulty([Fault(path or "diagrams", 1, 0, Code.DIAGRAM_RECORD, found, expected)])


@lru_cache(maxsize=4)
def _all(folder: Path) -> tuple[_Record, ...]:
    records = []
    for path in sorted(folder.glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            records.append(_Record(data["source"], data["labelled"], _graph(data["graph"]), _layout(data["layout"])))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            fault = Fault(here().relative(path), 1, 0, Code.DIAGRAM_RECORD, "a record that cannot be read", f"one renewed by `{RENEW}`")
            raise Faulty([fault]) from error
    return tuple(records)


def _graph(found: dict[str, Any]) -> Graph:
    return Graph(
        title=found["title"],
        description=found["description"],
        kind=found["kind"],
        nodes={name: Node(**{**node, "classes": tuple(node["classes"])}) for name, node in found["nodes"].items()},
        edges=tuple(Edge(**edge) for edge in found["edges"]),
        groups=tuple(Group(group["id"], group["title"], tuple(group["nodes"])) for group in found["groups"]),
    )


def _layout(found: dict[str, Any]) -> Layout:
    return Layout(
        width=found["width"],
        height=found["height"],
        nodes={name: Box(**box) for name, box in found["nodes"].items()},
        edges={
            name: Line(tuple((x, y) for x, y in line["points"]), Box(**line["label"]) if line["label"] else None)
            for name, line in found["edges"].items()
        },
        groups={name: Box(**box) for name, box in found["groups"].items()},
    )
