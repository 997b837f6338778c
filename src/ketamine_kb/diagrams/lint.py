"""Rules for a diagram source. Each fault names file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ketamine_kb.diagrams import arrows, legend
from ketamine_kb.diagrams.graph import FONT_SIZE, LABEL_WIDTH, PRINT_HEIGHT, PRINT_WIDTH, PX, SMALLEST_TEXT, Edge, Graph, drawn, in_bars
from ketamine_kb.diagrams.measure import missing_glyphs, width, wrap
from ketamine_kb.diagrams.palette import CLASSES
from ketamine_kb.diagrams.source import drawn_here, layout, parse
from ketamine_kb.evidence.model import Claim, Knowledge
from ketamine_kb.evidence.words import FIRM
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

_FIRM_FORMS, _DASHED_FORMS = "--> --x or ---", "-.-> -.-x or -.-"
#: Every line form that an author may write.
_ARROWS = ("-->", "-.->", "--x", "-.-x", "---", "-.-")
#: The same, which an author may draw longer to move a box down.
_ARROW = re.compile(r"-{2,}>|-\.+->|-{2,}x|-\.+-x|-{3,}|-\.+-")
_FORMS = {"arrow": "--> or -.->", "cross": "--x or -.-x", "none": "--- or -.-"}
_STYLING = re.compile(r"^[^\S\n]*(?:(?:classDef|style|linkStyle|click)\b|---[^\S\n]*$|%%\{)|:::", re.MULTILINE)
#: Ids that the picture itself uses.
_RESERVED = ("title", "desc", "arrow", "cross")
#: Words with which Mermaid 11 takes no edge id to begin (tried one by one with mermaid-cli on 2026-11-21; merman 0.9.2 takes them).
_KEYWORDS = ("default", "end", "style", "class", "graph", "subgraph", "flowchart", "interpolate")
_MARKUP = re.compile(r"</?(?!br\b)[A-Za-z][^<>]*>|\*\*")
#: What merman takes for markup on a line, also unclosed.
_OPENS = re.compile(r"<[A-Za-z/!][^<>]*>?|\*\*")
_PLAIN = "plain words (only <br/> breaks a line)"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:--[0-9]+)?")


def check(text: str, path: str) -> list[Fault]:
    """Every fault of one source; a syntax error hides the rest."""
    styling = [
        _at(text, match.start() + len(match[0]) - len(match[0].lstrip()), path, Code.DIAGRAM_STYLE, f"{match[0].strip()!r}", _NO_STYLE)
        for match in _STYLING.finditer(drawn(text))
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
    shown = drawn(text)
    faults = (
        _access(graph, path)
        + _nodes(graph, shown, path)
        + _edges(graph, shown, path)
        + _pieces(graph, shown, path)
        + _glyphs(graph, shown, path)
    )
    if not faults:
        faults += _widths(graph, text, path)
    return faults


_NO_STYLE = "no colours, links or settings in the source: `class node name` takes them from the palette"


def claim_faults(graph: Graph, text: str, path: str, claims: Mapping[str, Claim]) -> list[Fault]:
    """Lines that stand for no claim, and lines whose form says another certainty than their claim."""
    faults: list[Fault] = []
    shown = drawn(text)
    for edge in graph.edges:
        if graph.kind == "orientation" and not edge.verb:
            continue  # it only says what comes next
        claim = claims.get(arrows.claim_of(edge))
        start = _edge_position(edge, shown)
        if claim is None:
            near = nearest(edge.id, claims)
            faults.append(_at(text, start, path, Code.CLAIM_UNKNOWN, f"the edge {edge.id!r} is no claim", "the id of a claim", near))
        elif edge.dashed == (claim.certainty in FIRM):
            form = "a dashed line" if edge.dashed else "a firm line"
            expected = f"the form of that certainty, {_FIRM_FORMS if edge.dashed else _DASHED_FORMS}"
            faults.append(_at(text, start, path, Code.DIAGRAM_EDGE, f"{form} for {edge.id!r}, which is {claim.certainty}", expected))
    return faults


def note_faults(graph: Graph, text: str, path: str, terms: Iterable[str], molecules: Iterable[str]) -> list[Fault]:
    """Boxes that do not say their term of the glossary, and notes that name what does not exist."""
    known_terms, known_molecules = list(terms), list(molecules)
    faults: list[Fault] = []

    def fault(line: int, found: str, expected: str, near: str = "") -> None:
        faults.append(Fault(path, line, 0, Code.DIAGRAM_NOTE, found, expected, near))

    said, shown = arrows.notes(text), drawn(text)
    for name, note in said.items():
        if name not in graph.nodes:
            fault(note.line, f"a note on {name!r}, which is no node", "the id of a node", nearest(name, graph.nodes))
            continue
        for key in note.unknown:
            fault(note.line, f"{key!r} in the note on {name!r}", "term or molecule", nearest(key, ("term", "molecule")))
        if note.term not in ("", arrows.NO_TERM) and note.term not in known_terms:
            fault(note.line, f"term {note.term!r}", "a term of the glossary, or none", nearest(note.term, known_terms))
        if note.molecule and note.molecule not in known_molecules:
            expected = "the id of a molecule in evidence/molecules.yaml"
            fault(note.line, f"molecule {note.molecule!r}", expected, nearest(note.molecule, known_molecules))
    for node in graph.nodes.values():
        if graph.kind == "mechanism" and not (node.id in said and said[node.id].term):
            place = re.search(rf"^[ \t]*{re.escape(node.id)}[ \t]*[\[({{>@]", shown, re.MULTILINE)
            line = text.count("\n", 0, place.start()) + 1 if place else 1
            fault(line, f"node {node.id!r} without its term", f"a line `%% node {node.id}: term=...` with a term of the glossary, or none")
    return faults


def check_all(project: Project, facts: Knowledge | None = None, terms: Iterable[str] = ()) -> list[Fault]:
    """Faults of every diagram of the project.

    :param facts: claims and molecules, to compare lines and boxes with; left out when they could not be read.
    :param terms: the terms of the glossary.
    """
    faults: list[Fault] = []
    known_terms = list(terms)
    for source in sorted(project.diagrams.glob("*.mmd")):
        try:
            text, path = project.read(source), project.relative(source)
            wrong = check(text, path)
            if not wrong and facts is not None:
                graph = parse(text, path)
                wrong = claim_faults(graph, text, path, facts.claims)
                wrong += note_faults(graph, text, path, known_terms, [molecule.id for molecule in facts.molecules])
                wrong = wrong or _marked_sizes(text, path, facts.claims)
            faults += wrong
        except Faulty as error:
            faults += error.faults
    return faults


def _marked_sizes(text: str, path: str, claims: Mapping[str, Claim]) -> list[Fault]:
    """Width on the web and size of words in print, with the marks of certainty on the lines and the legend below."""
    shown = arrows.read(text, path, claims)
    placed = shown.place()
    wide = max(placed.width, legend.needed_width(shown))
    high = placed.height + legend.draw(shown, wide, 0.0)[1]
    faults: list[Fault] = []
    if wide > MAX_WIDTH:
        faults.append(Fault(path, 1, 0, Code.DIAGRAM_SIZE, f"{wide:.0f} px wide with its marks", f"at most {MAX_WIDTH} px"))
    points = FONT_SIZE * PX * min(1.0, PRINT_WIDTH / (wide * PX), PRINT_HEIGHT / (high * PX))
    if points < SMALLEST_TEXT:
        tallest = PRINT_HEIGHT * FONT_SIZE / SMALLEST_TEXT
        found = f"words of {points:.1f} pt on a printed page ({high:.0f} px high with its legend)"
        faults.append(Fault(path, 1, 0, Code.DIAGRAM_SIZE, found, f"at least {SMALLEST_TEXT:g} pt: at most {tallest:.0f} px high"))
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
        if markup := _MARKUP.search(group.title):
            place = re.search(rf"\bsubgraph\s+{re.escape(group.id)}", text)
            found = f"markup {markup[0]!r} in the title of {group.id!r}"
            faults.append(_at(text, place.start() if place else 0, path, Code.DIAGRAM_NODE, found, _PLAIN))
    groups = {group.id for group in graph.groups}
    for node in graph.nodes.values():
        if node.id in groups:
            continue  # an edge to a group, told below
        name = re.escape(node.id)
        place = re.search(rf"^[^\S\n]*({name})\s*[\[({{>@]", text, re.MULTILINE) or re.search(rf"(?<![\w-])({name})(?![\w-])", text)
        start = place.start(1) if place else 0

        def fault(found: str, expected: str, near: str = "", start: int = start) -> None:
            faults.append(_at(text, start, path, Code.DIAGRAM_NODE, found, expected, near))

        if node.words in ("", node.id):
            others = [other.id for other in graph.nodes.values() if other.id != node.id]
            fault(f"node {node.id!r} has no label of its own", "a label, or the id of a node that has one", nearest(node.id, others))
            continue
        if markup := _MARKUP.search(node.label):
            fault(f"markup {markup[0]!r} in the label of {node.id!r}", _PLAIN)
        if node.id not in joined:
            fault(f"node {node.id!r} has no edge", "an edge to it or from it")
        named = [name for name in node.classes if name != "default"]
        if not named:
            fault(f"node {node.id!r} has no class", "a line `class {} name` with one of {}".format(node.id, ", ".join(CLASSES)))
        if len(set(named)) > 1:
            fault(f"node {node.id!r} has the classes {' and '.join(named)}", "one class")
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
        elif edge.id.split("-")[0] in _KEYWORDS:
            fault(
                f"edge id {edge.id!r} begins with a word of Mermaid's own", "an id that Mermaid reads everywhere, so a claim of another id"
            )
        if edge.id in seen:
            fault(f"edge id {edge.id!r} again", f"an id of its own, such as {edge.id + '--2'!r}")
        seen.add(edge.id)
        if edge.id in _RESERVED:
            fault(f"edge id {edge.id!r}, which the picture itself uses", "an id that names the claim")
        if edge.source == edge.target:
            fault(f"the edge {edge.id!r} leads back to its own node", "edges between two nodes")
        if edge.source in groups or edge.target in groups:
            fault(f"the edge {edge.id!r} ends at a group", "edges between nodes")
        if not _ARROW.fullmatch(edge.arrow):
            fault(f"the arrow {edge.arrow!r} on {edge.id!r}", "one of " + ", ".join(_ARROWS), nearest(edge.arrow, _ARROWS))
        elif edge.verb and not in_bars(edge, text):
            fault(f"the word on {edge.id!r} is not between bars", f"`{edge.source} {edge.id}@{edge.arrow}|{edge.verb}| {edge.target}`")
        elif graph.kind == "orientation":
            if markup := _OPENS.search(edge.verb):
                fault(f"markup {markup[0]!r} on {edge.id!r}", "plain words")
        elif edge.verb not in VERBS:
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


def _pieces(graph: Graph, text: str, path: str) -> list[Fault]:
    """Boxes that no line joins with the rest, directly or through others."""
    joined: dict[str, set[str]] = {name: set() for name in graph.nodes}
    for edge in graph.edges:
        if edge.source in joined and edge.target in joined:
            joined[edge.source].add(edge.target)
            joined[edge.target].add(edge.source)
    pieces: list[set[str]] = []
    for name in graph.nodes:
        if any(name in piece for piece in pieces):
            continue
        piece, waiting = {name}, [name]
        while waiting:
            fresh = joined[waiting.pop()] - piece
            piece |= fresh
            waiting += fresh
        pieces.append(piece)
    largest = max(pieces, key=len, default=set())
    faults = []
    for piece in pieces:
        if piece is not largest and len(piece) > 1:
            first = next(name for name in graph.nodes if name in piece)
            place = re.search(rf"^[^\S\n]*({re.escape(first)})\s*[\[({{>@]", text, re.MULTILINE)
            found = f"{len(piece)} nodes that no edge joins with the rest: " + ", ".join(name for name in graph.nodes if name in piece)
            faults.append(_at(text, place.start(1) if place else 0, path, Code.DIAGRAM_NODE, found, "one diagram in one piece"))
    return faults


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
    if not drawn_here():
        return faults  # recorded are only the positions with the marks
    placed = layout(text, path)
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
