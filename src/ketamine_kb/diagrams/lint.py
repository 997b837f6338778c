"""Rules for a diagram source. Each fault names file, line and column."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ketamine_kb.diagrams.measure import missing_glyphs, width, wrap
from ketamine_kb.diagrams.palette import CLASSES
from ketamine_kb.diagrams.source import FONT_SIZE, LABEL_WIDTH, Edge, Graph, layout, parse
from ketamine_kb.evidence.model import Claim
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project

#: Verbs an edge may carry, with the arrow tip that each needs.
VERBS = {
    "activates": "arrow",
    "inhibits": "cross",
    "blocks": "cross",
    "releases": "arrow",
    "binds": "arrow",
    "increases": "arrow",
    "decreases": "arrow",
    "disinhibits": "arrow",
    "part of": "none",
    "connects with": "none",
}
#: Widest diagram on the web, in pixels.
MAX_WIDTH = 900
MAX_NODES = 60
MAX_EDGES = 80

_FORMS = {"arrow": "--> or -.->", "cross": "--x or -.-x", "none": "--- or -.-"}
_STYLING = re.compile(r"^\s*(?:classDef|style|linkStyle|click)\b|^\s*(?:---\s*$|%%\{)|:::", re.MULTILINE)
#: What is not a node, an edge or a group: the header, comments, title and description (of one line or in braces).
_NOT_DRAWN = re.compile(r"^[ \t]*(?:(?:flowchart|graph)\b|%%(?!\{)|acc(?:Title|Descr)[ \t]*:).*$|^[ \t]*accDescr\s*\{[^}]*\}", re.MULTILINE)
#: Ids that the picture itself uses.
_RESERVED = ("title", "desc", "arrow", "cross")
_MARKUP = re.compile(r"</?(?!br\b)[A-Za-z][^<>]*>|\*\*")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:--[0-9]+)?")


def check(text: str, path: str) -> list[Fault]:
    """Every fault of one source; a syntax error hides the rest."""
    styling = [
        _at(text, match.start() + len(match[0]) - len(match[0].lstrip()), path, Code.DIAGRAM_STYLE, f"{match[0].strip()!r}", _NO_STYLE)
        for match in _STYLING.finditer(_drawn(text))
    ]
    if styling:
        return styling
    try:
        graph = parse(text, path)
    except Faulty as error:
        return error.faults
    if not graph.nodes:
        return [*_access(graph, path), Fault(path, 1, 0, Code.DIAGRAM_NODE, "no node", "nodes and edges between them")]
    if len(graph.nodes) > MAX_NODES or len(graph.edges) > MAX_EDGES:
        found = f"{len(graph.nodes)} nodes and {len(graph.edges)} edges"
        return [*_access(graph, path), Fault(path, 1, 0, Code.DIAGRAM_SIZE, found, f"at most {MAX_NODES} nodes and {MAX_EDGES} edges")]
    drawn = _drawn(text)
    faults = _access(graph, path) + _nodes(graph, drawn, path) + _edges(graph, drawn, path) + _glyphs(graph, drawn, path)
    if not faults:
        faults += _widths(graph, text, path)
    return faults


def _drawn(text: str) -> str:
    """``text`` of the same length with everything blanked out that is not a node, an edge or a group."""
    return _NOT_DRAWN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


_NO_STYLE = "no colours, links or settings in the source: `class node name` takes them from the palette"


def claim_faults(graph: Graph, text: str, path: str, claims: Mapping[str, Claim]) -> list[Fault]:
    """Edges of a mechanism that are no claim, or are drawn firmer than their claim is."""
    faults: list[Fault] = []
    for edge in graph.edges:
        if graph.kind == "orientation":
            continue
        claim = claims.get(edge.id.split("--")[0])
        start = _edge_position(edge, text)
        if claim is None:
            near = nearest(edge.id, claims)
            faults.append(_at(text, start, path, Code.CLAIM_UNKNOWN, f"the edge {edge.id!r} is no claim", "the id of a claim", near))
        elif not edge.dashed and claim.certainty not in ("established", "supported"):
            found = f"a firm line for {edge.id!r}, which is {claim.certainty}"
            faults.append(_at(text, start, path, Code.DIAGRAM_EDGE, found, "a dashed line"))
    return faults


def check_all(project: Project, claims: Mapping[str, Claim] | None = None) -> list[Fault]:
    """Faults of every diagram of the project.

    :param claims: all claims, to compare the edges with; left out when they could not be read.
    """
    faults: list[Fault] = []
    for source in sorted(project.diagrams.glob("*.mmd")):
        try:
            text, path = project.read(source), project.relative(source)
            wrong = check(text, path)
            if not wrong and claims is not None:
                wrong = claim_faults(parse(text, path), text, path, claims)
            faults += wrong
        except Faulty as error:
            faults += error.faults
    return faults


def _at(text: str, position: int, path: str, code: Code, found: str, expected: str, near: str = "") -> Fault:
    position = max(position, 0)
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return Fault(path, line, column, code, found, expected, near)


def _access(graph: Graph, path: str) -> list[Fault]:
    return [
        Fault(path, 1, 0, Code.DIAGRAM_ACCESS, f"no {name}", f"a line `{name}: ...` that a screen reader can say")
        for name, value in (("accTitle", graph.title), ("accDescr", graph.description))
        if not value
    ]


def _nodes(graph: Graph, text: str, path: str) -> list[Fault]:
    faults: list[Fault] = []
    joined = {edge.source for edge in graph.edges} | {edge.target for edge in graph.edges}
    for group in graph.groups:
        if not group.nodes:
            place = re.search(rf"\bsubgraph\s+{re.escape(group.id)}", text)
            start = place.start() if place else 0
            faults.append(_at(text, start, path, Code.DIAGRAM_NODE, f"group {group.id!r} has no node", "nodes inside every group"))
    groups = {group.id for group in graph.groups}
    for node in graph.nodes.values():
        if node.id in groups:
            continue  # an edge to a group, told below
        name = re.escape(node.id)
        place = re.search(rf"^\s*({name})\s*[\[({{>@]", text, re.MULTILINE) or re.search(rf"(?<![\w-])({name})(?![\w-])", text)
        start = place.start(1) if place else 0

        def fault(found: str, expected: str, near: str = "", start: int = start) -> None:
            faults.append(_at(text, start, path, Code.DIAGRAM_NODE, found, expected, near))

        if node.words in ("", node.id):
            others = [other.id for other in graph.nodes.values() if other.id != node.id]
            fault(f"node {node.id!r} has no label of its own", "a label, or the id of a node that has one", nearest(node.id, others))
            continue
        if markup := _MARKUP.search(node.label):
            fault(f"markup {markup[0]!r} in the label of {node.id!r}", "plain words (only <br/> breaks a line)")
        if node.id not in joined:
            fault(f"node {node.id!r} has no edge", "an edge to it or from it")
        named = [name for name in node.classes if name != "default"]
        if not named:
            fault(f"node {node.id!r} has no class", "a line `class {} name` with one of {}".format(node.id, ", ".join(CLASSES)))
        for name in named:
            if name not in CLASSES:
                fault(f"class {name!r}", "one of " + ", ".join(CLASSES), nearest(name, CLASSES))
    return faults


def _edges(graph: Graph, text: str, path: str) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[str] = set()
    groups = {group.id for group in graph.groups}
    for edge in graph.edges:
        start = _edge_position(edge, text)

        def fault(found: str, expected: str, near: str = "", start: int = start) -> None:
            faults.append(_at(text, start, path, Code.DIAGRAM_EDGE, found, expected, near))

        shown = f"{edge.source} to {edge.target}"
        if not edge.named:
            again = re.match(rf"{re.escape(edge.source)}\s+([\w-]+)@", text[start:])
            if again and again[1] in seen:
                fault(f"edge id {again[1]!r} again", f"an id of its own, such as {again[1] + '--2'!r}")
                continue
            fault(f"the edge from {shown} has no id", "an id before the arrow, as in `a claim-id@-->|verb| b`")
            continue
        if not _ID.fullmatch(edge.id):
            fault(f"edge id {edge.id!r}", "small letters, digits and hyphens")
        if edge.id in seen:
            fault(f"edge id {edge.id!r} again", f"an id of its own, such as {edge.id + '--2'!r}")
        seen.add(edge.id)
        if edge.id in _RESERVED:
            fault(f"edge id {edge.id!r}, which the picture itself uses", "an id that names the claim")
        if edge.source == edge.target:
            fault(f"the edge {edge.id!r} leads back to its own node", "edges between two nodes")
        if edge.source in groups or edge.target in groups:
            fault(f"the edge {edge.id!r} ends at a group", "edges between nodes")
        if edge.verb not in VERBS:
            fault(f"verb {edge.verb!r} on {edge.id!r}", "one of " + ", ".join(VERBS), nearest(edge.verb, VERBS))
        elif edge.tip != VERBS[edge.verb]:
            fault(f"{edge.id!r} says {edge.verb!r} with the arrow {edge.arrow!r}", _FORMS[VERBS[edge.verb]] + f" for {edge.verb!r}")
    return faults


def _edge_position(edge: Edge, text: str) -> int:
    if edge.named:
        named = re.search(rf"(?<![\w-]){re.escape(edge.id)}@", text)
        return named.start() if named else 0
    source, target = re.escape(edge.source), re.escape(edge.target)
    ends = re.search(rf"(?<![\w-]){source}(?![\w-]).{{0,200}}?{re.escape(edge.arrow)}.{{0,200}}?(?<![\w-]){target}(?![\w-])", text)
    return ends.start() if ends else 0


def _glyphs(graph: Graph, text: str, path: str) -> list[Fault]:
    labels = [node.words for node in graph.nodes.values()] + [edge.verb for edge in graph.edges] + [group.title for group in graph.groups]
    return [
        _at(
            text,
            text.find(character),
            path,
            Code.DIAGRAM_GLYPH,
            f"{character!r} (U+{ord(character):04X})",
            "a character of the shipped font",
        )
        for character in missing_glyphs("".join(labels))
    ]


def _widths(graph: Graph, text: str, path: str) -> list[Fault]:
    faults: list[Fault] = []
    for node in graph.nodes.values():
        for part in re.split(r"<br\s*/?>", node.label):
            for line in wrap(part.strip(), FONT_SIZE, LABEL_WIDTH):
                if width(line, FONT_SIZE) > LABEL_WIDTH:
                    found = f"{line!r} is {width(line, FONT_SIZE):.0f} px wide"
                    faults.append(_at(text, text.find(line), path, Code.DIAGRAM_SIZE, found, f"words of at most {LABEL_WIDTH} px"))
    placed = layout(text)
    for group in graph.groups:
        needed, room = width(group.title, FONT_SIZE), placed.groups[group.id].width
        if needed > room:
            found = f"the title {group.title!r} of a group is {needed:.0f} px wide"
            place = re.search(rf"\bsubgraph\s+{re.escape(group.id)}", text)
            start = place.start() if place else 0
            faults.append(_at(text, start, path, Code.DIAGRAM_SIZE, found, f"at most {room:.0f} px, as wide as the group"))
    wide = placed.width
    if wide > MAX_WIDTH:
        faults.append(Fault(path, 1, 0, Code.DIAGRAM_SIZE, f"{wide:.0f} px wide", f"at most {MAX_WIDTH} px"))
    return faults
