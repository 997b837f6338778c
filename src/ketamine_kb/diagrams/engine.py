"""merman, the only place that knows it: a Mermaid source to a graph, and a graph's source to positions."""

from __future__ import annotations

import atexit
import json
import os
import re
from functools import lru_cache
from typing import Any

import merman

from ketamine_kb.checks.figures import ORIENTATION
from ketamine_kb.diagrams.graph import FONT_SIZE, LABEL_WIDTH, MAX_CHARACTERS, MAX_LINES, Box, Edge, Graph, Group, Layout, Line, Node, plain
from ketamine_kb.diagrams.measure import width, wrap
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty

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
        "rankSpacing": 44,
        "diagramPadding": 8,
        "subGraphTitleMargin": {"top": 4, "bottom": 12},
    },
    "themeVariables": {"fontSize": f"{FONT_SIZE}px", "fontFamily": "Inter"},
}


_Kind = merman.MermanTextMeasurementResultKind
_Operation = merman.MermanTextMeasurementOperation
_LENGTHS = frozenset(
    {
        _Operation.COMPUTED_LENGTH,
        _Operation.SIMPLE_B_BOX_WIDTH,
        _Operation.RAW_B_BOX_WIDTH,
        _Operation.TSPAN_B_BOX_WIDTH,
        _Operation.WRAP_PROBE_B_BOX_WIDTH,
        _Operation.BOUNDING_CLIENT_RECT_WIDTH,
        _Operation.CANVAS_MEASURE_TEXT_WIDTH,
    }
)
_EXTENTS = frozenset({_Operation.B_BOX_X, _Operation.B_BOX_X_WITH_ASCII_OVERHANG, _Operation.TITLE_B_BOX_X})
_LINE_HEIGHT = 1.2


@lru_cache(maxsize=1)
def _engine(process: int) -> merman.MermanEngine:
    """One engine a process, which costs as much to make as half a diagram; a forked process makes its own."""
    services = merman.MermanEngineServices().with_text_measurer(FontMeasurer())
    engine = merman.MermanEngine(options_json=json.dumps({"site_config": _SITE_CONFIG}), services=services)
    # Left open, it raises from its finaliser when Python ends (merman 0.9.2, seen 2026-11-21).
    atexit.register(engine.close)
    return engine


def _unescaped(text: str) -> str:
    """Merman hands over ``<5`` as ``&lt;5``; the drawing and the words escape for themselves."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def parse(text: str, path: str) -> Graph:
    """The graph of one source.

    :param path: how the file is named in messages.
    :raises Faulty: with line and column when the source is too long or does not parse.
    """
    if len(text) > MAX_CHARACTERS:
        fault = Fault(path, 1, 0, Code.DIAGRAM_SIZE, f"{len(text)} characters", f"at most {MAX_CHARACTERS}")
        raise Faulty([fault])
    if (lines := text.count("\n") + 1) > MAX_LINES:
        raise Faulty([Fault(path, 1, 0, Code.DIAGRAM_SIZE, f"{lines} lines", f"at most {MAX_LINES}")])
    if bad := _NOT_XML.search(text):
        line, column = text.count("\n", 0, bad.start()) + 1, bad.start() - text.rfind("\n", 0, bad.start())
        found = f"character U+{ord(bad[0]):04X}"
        raise Faulty([Fault(path, line, column, Code.DIAGRAM_GLYPH, found, "characters that a picture may hold")])
    engine = _engine(os.getpid())
    try:
        model = json.loads(engine.parse_json(text, None))
    except merman.MermanError as error:
        # The parser's error has no place; the analysis has, and costs as much as a parse, so it is asked only here.
        raise Faulty(_syntax_faults(engine, text, path) or [_unplaced(error, path)]) from error
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
    orientation = ORIENTATION.search(text)
    return Graph(
        title=plain(_unescaped(model.get("accTitle") or "")),
        description=plain(_unescaped(model.get("accDescr") or "")),
        kind="orientation" if orientation else "mechanism",
        nodes=nodes,
        edges=edges,
        groups=groups,
    )


def _syntax_faults(engine: merman.MermanEngine, text: str, path: str) -> list[Fault]:
    """What merman's analysis finds wrong, with places."""
    try:
        diagnostics = json.loads(engine.analyze_json(text, None))["diagnostics"]
    except merman.MermanError:
        return []
    faults = []
    for item in diagnostics:
        if item["severity"] == "error":
            span, found = item.get("span") or {}, item.get("message") or "a syntax error"
            faults.append(Fault(path, span.get("line", 1), span.get("column", 0), Code.DIAGRAM_SYNTAX, found, "valid Mermaid"))
    return faults


def _unplaced(error: Exception, path: str) -> Fault:
    return Fault(path, 1, 0, Code.DIAGRAM_SYNTAX, getattr(error, "message", "") or str(error), "valid Mermaid")


def layout(text: str, path: str) -> Layout:
    """Positions by merman's dagre layout with the font's own text widths; the source must have been parsed before.

    :param path: how the file is named in messages.
    :raises Faulty: when merman finds no positions.
    """
    try:
        placed = json.loads(_engine(os.getpid()).layout_json(text, None))["layout"]["FlowchartV2"]
    except merman.MermanError as error:
        raise Faulty([_unplaced(error, path)]) from error
    bounds = placed["bounds"] or dict.fromkeys(("min_x", "min_y", "max_x", "max_y"), 0.0)  # none without nodes
    margin = 8.0
    left, top = bounds["min_x"] - margin, bounds["min_y"] - margin

    def number(value: float) -> float:
        return round(value, 2)  # the same bytes on machines whose last digits differ

    def box(item: dict[str, Any]) -> Box:
        return Box(number(item["x"] - left), number(item["y"] - top), number(item["width"]), number(item["height"]))

    return Layout(
        width=number(bounds["max_x"] - left + margin),
        height=number(bounds["max_y"] - top + margin),
        nodes={item["id"]: box(item) for item in placed["nodes"] if not item["is_cluster"]},
        edges={
            item["id"]: Line(
                tuple((number(point["x"] - left), number(point["y"] - top)) for point in item["points"]),
                box(item["label"]) if item["label"] else None,
            )
            for item in placed["edges"]
        },
        groups={item["id"]: box(item) for item in placed["clusters"]},
    )


class FontMeasurer(merman.MermanTextMeasurer):  # type: ignore[misc]  # merman ships no types
    """Answers merman's questions about text with the font's own metrics."""

    def measure(self, request: merman.MermanTextMeasureRequest) -> merman.MermanTextMeasureResult | None:
        """Size of the text in ``request``, or None to let merman estimate it."""
        return _measured(request.operation, request.text, request.font_size, request.max_width)


@lru_cache(maxsize=4096)
def _measured(
    operation: merman.MermanTextMeasurementOperation, text: str, size: float, limit: float | None
) -> merman.MermanTextMeasureResult | None:
    """The same question is asked several times for each label."""
    if operation in _LENGTHS:
        return _result(_Kind.LENGTH, length=width(text, size))
    if operation in _EXTENTS:
        half = width(text, size) / 2
        return _result(_Kind.HORIZONTAL_EXTENTS, bbox_left=half, bbox_right=half)
    if operation == _Operation.MERMAID_CALCULATE_TEXT_DIMENSIONS:
        return _result(_Kind.METRICS, width=width(text, size), height=size * _LINE_HEIGHT, line_count=1)
    if operation == _Operation.WRAPPED:
        lines = wrap(text, size, limit)
        widest = max(width(line, size) for line in lines)
        return _result(_Kind.METRICS, width=widest, height=len(lines) * size * 1.1 + 2.4, line_count=len(lines))
    return None


def _result(kind: object, **values: object) -> merman.MermanTextMeasureResult:
    base: dict[str, object] = {
        "result_kind": kind,
        "width": 0.0,
        "height": 0.0,
        "length": 0.0,
        "line_count": 0,
        "bbox_left": None,
        "bbox_right": None,
        "raw_width": None,
    }
    return merman.MermanTextMeasureResult(**(base | values))
