"""A Mermaid source as a typed graph, through merman's own parser and layout."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import merman

from ketamine_kb.diagrams.measure import FontMeasurer
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty

FONT_SIZE = 15
#: Labels wrap above this width, in pixels.
LABEL_WIDTH = 240
#: Sources longer than this are refused before they are parsed.
MAX_CHARACTERS = 20_000
#: Characters that XML, and so SVG, cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SITE_CONFIG: dict[str, Any] = {
    # merman 0.9 follows Mermaid 12, whose defaults are another look, theme and layout: pin all three.
    "look": "classic",
    "theme": "base",
    "layout": "dagre",
    "htmlLabels": False,
    "fontFamily": "Inter",
    "flowchart": {
        "wrappingWidth": LABEL_WIDTH,
        "minNodeWidth": 40,
        "padding": 12,
        "nodeSpacing": 36,
        "rankSpacing": 52,
        "diagramPadding": 8,
        "subGraphTitleMargin": {"top": 4, "bottom": 12},
    },
    "themeVariables": {"fontSize": f"{FONT_SIZE}px", "fontFamily": "Inter"},
}


@dataclass(frozen=True, slots=True)
class Node:
    """One box of a diagram."""

    id: str
    label: str
    shape: str
    classes: tuple[str, ...]

    @property
    def words(self) -> str:
        """The label on one line."""
        return plain(self.label)


@dataclass(frozen=True, slots=True)
class Edge:
    """One line of a diagram; ``id`` names the claim it stands for."""

    id: str
    source: str
    target: str
    verb: str
    arrow: str
    named: bool

    @property
    def dashed(self) -> bool:
        """True for a dashed line: animals or cells only, or contested."""
        return "-." in self.arrow

    @property
    def tip(self) -> str:
        """``arrow``, ``cross`` or ``none`` at the end of the line."""
        if self.arrow.endswith("x"):
            return "cross"
        return "arrow" if self.arrow.endswith(">") else "none"

    @property
    def two_way(self) -> bool:
        """True when the line has a tip at both ends."""
        return self.arrow.startswith(("<", "x"))


@dataclass(frozen=True, slots=True)
class Group:
    """A box around several nodes."""

    id: str
    title: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything a diagram says, without positions."""

    title: str
    description: str
    kind: str
    nodes: dict[str, Node]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A placed rectangle: centre and size in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A placed edge: its points and its label's box, in pixels."""

    points: tuple[tuple[float, float], ...]
    label: Box | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of everything in a diagram, in pixels."""

    width: float
    height: float
    nodes: dict[str, Box] = field(default_factory=dict)
    edges: dict[str, Line] = field(default_factory=dict)
    groups: dict[str, Box] = field(default_factory=dict)


def _unescaped(text: str) -> str:
    """Merman hands over ``<5`` as ``&lt;5``; the drawing and the words escape for themselves."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain(label: str) -> str:
    """A label without line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"<br\s*/?>", " ", label)).strip()


def parse(text: str, path: str) -> Graph:
    """The graph of one source.

    :param path: how the file is named in messages.
    :raises Faulty: with line and column when the source is too long or does not parse.
    """
    if len(text) > MAX_CHARACTERS:
        fault = Fault(path, 1, 0, Code.DIAGRAM_SIZE, f"{len(text)} characters", f"at most {MAX_CHARACTERS}")
        raise Faulty([fault])
    if bad := _NOT_XML.search(text):
        line, column = text.count("\n", 0, bad.start()) + 1, bad.start() - text.rfind("\n", 0, bad.start())
        found = f"character U+{ord(bad[0]):04X}"
        raise Faulty([Fault(path, line, column, Code.DIAGRAM_GLYPH, found, "characters that a picture may hold")])
    # One client a call: a shared one raises from its finaliser when Python ends (merman 0.9.2, seen 2026-11-21).
    client = merman.Merman()
    try:
        diagnostics = json.loads(client.analyze_json(text, None))["diagnostics"]
        errors = [item for item in diagnostics if item["severity"] == "error"]
        if errors:
            raise Faulty([_syntax_fault(item, path) for item in errors])
        model = json.loads(client.parse_json(text, None))
    except merman.MermanError as error:
        raise Faulty([Fault(path, 1, 0, Code.DIAGRAM_SYNTAX, getattr(error, "message", "") or str(error), "valid Mermaid")]) from error
    if "nodes" not in model or not str(model.get("type", "")).startswith("flowchart"):
        kind = model.get("type", "unknown")
        raise Faulty([Fault(path, 1, 1, Code.DIAGRAM_KIND, f"a diagram of kind {kind!r}", "a flowchart")])
    nodes = {
        item["id"]: Node(item["id"], _unescaped(item["label"] or ""), item["shape"] or "square", tuple(item["classes"]))
        for item in model["nodes"]
    }
    edges = tuple(
        Edge(item["id"], item["from"], item["to"], plain(_unescaped(item["label"] or "")), item["arrow"], bool(item["isUserDefinedId"]))
        for item in model["edges"]
    )
    groups = tuple(Group(item["id"], plain(_unescaped(item["title"] or "")), tuple(item["nodes"])) for item in model["subgraphs"])
    said = [model.get("accTitle") or "", model.get("accDescr") or "", *(node.id + node.label for node in nodes.values())]
    said += [edge.id + edge.verb for edge in edges] + [group.id + group.title for group in groups]
    if bad := _NOT_XML.search("".join(said)):  # written as #1; or &#1;
        found = f"character U+{ord(bad[0]):04X}"
        raise Faulty([Fault(path, 1, 0, Code.DIAGRAM_GLYPH, found, "characters that a picture may hold")])
    orientation = re.search(r"^\s*%%\s*kind:\s*orientation\s*$", text, re.MULTILINE)
    return Graph(
        title=plain(_unescaped(model.get("accTitle") or "")),
        description=plain(_unescaped(model.get("accDescr") or "")),
        kind="orientation" if orientation else "mechanism",
        nodes=nodes,
        edges=edges,
        groups=groups,
    )


def _syntax_fault(item: dict[str, Any], path: str) -> Fault:
    span = item.get("span") or {}
    found = item.get("message") or "a syntax error"
    return Fault(path, span.get("line", 1), span.get("column", 0), Code.DIAGRAM_SYNTAX, found, "valid Mermaid")


def layout(text: str) -> Layout:
    """Positions by merman's dagre layout with the font's own text widths; the source must have been parsed before."""
    services = merman.MermanEngineServices().with_text_measurer(FontMeasurer())
    engine = merman.MermanEngine(options_json=json.dumps({"site_config": _SITE_CONFIG}), services=services)
    try:
        placed = json.loads(engine.layout_json(text, json.dumps({"site_config": _SITE_CONFIG})))["layout"]["FlowchartV2"]
    finally:
        engine.close()
    bounds = placed["bounds"] or dict.fromkeys(("min_x", "min_y", "max_x", "max_y"), 0.0)  # none without nodes
    margin = 8.0
    left, top = bounds["min_x"] - margin, bounds["min_y"] - margin

    def box(item: dict[str, Any]) -> Box:
        return Box(item["x"] - left, item["y"] - top, item["width"], item["height"])

    return Layout(
        width=bounds["max_x"] - left + margin,
        height=bounds["max_y"] - top + margin,
        nodes={item["id"]: box(item) for item in placed["nodes"] if not item["is_cluster"]},
        edges={
            item["id"]: Line(
                tuple((point["x"] - left, point["y"] - top) for point in item["points"]),
                box(item["label"]) if item["label"] else None,
            )
            for item in placed["edges"]
        },
        groups={item["id"]: box(item) for item in placed["clusters"]},
    )
