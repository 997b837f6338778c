"""A diagram as SVG: plain text, classes for colour, no script, no ``style`` attribute.

merman places nodes, edges and labels; the drawing is ours, so that the web page and the PDF share one small, clean picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ketamine_kb.diagrams import describe, legend
from ketamine_kb.diagrams.arrows import Arrow, Diagram
from ketamine_kb.diagrams.graph import FONT_SIZE, LABEL_WIDTH, Box, Layout, Node
from ketamine_kb.diagrams.measure import wrap
from ketamine_kb.diagrams.palette import print_style_block

#: Distance of two lines of a label, in pixels (merman reserves 1.1 times the size).
LINE_STEP = FONT_SIZE * 1.1
#: Height of the font's capitals relative to its size; centres a line of text on a point.
CAP_SHARE = 0.727


@dataclass(frozen=True, slots=True)
class Links:
    """Where the parts of a picture lead: the address for a line or a box, or ``""``."""

    arrow: Callable[[Arrow], str]
    node: Callable[[Node], str]


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG with its size in pixels."""

    svg: str
    width: float
    height: float


def draw(diagram: Diagram, uid: str, *, links: Links | None = None, print_colours: bool = False) -> Picture:
    """The picture of a diagram.

    :param uid: prefix of every id, unique on its page.
    :param links: makes lines and boxes links, for the web. Without it the picture is one image.
    :param print_colours: write the print palette into the file, for a picture that stands alone.
    :raises Faulty: where no positions can be found.
    """
    graph, placed = diagram.graph, diagram.place()
    wide = max(placed.width, legend.needed_width(diagram))
    key, key_height = legend.draw(diagram, wide, placed.height)
    width, height = _number(wide), _number(placed.height + key_height)
    role = "group" if links else "img"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{uid}" class="kb-svg" role="{role}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-labelledby="{uid}-title" aria-describedby="{uid}-desc">',
        f'<title id="{uid}-title">{escape(graph.title)}</title>',
        f'<desc id="{uid}-desc">{escape(graph.description if links else describe.alternative(diagram))}</desc>',
    ]
    if print_colours:
        parts.append(f"<style>{escape(print_style_block())}</style>")
    parts.append(_markers(uid))
    # What merman does not place (an empty group, a second loop at a node) is a fault that the checks have told.
    arrows = [arrow for arrow in diagram.arrows if arrow.edge.id in placed.edges]
    parts += [_group(placed.groups[group.id], group.title) for group in graph.groups if group.id in placed.groups]
    parts += [_line(arrow, placed, uid) for arrow in arrows]
    parts += [
        _linked(_node(node, placed.nodes[node.id], f"{uid}--{node.id}"), links.node(node) if links else "")
        for node in graph.nodes.values()
        if node.id in placed.nodes
    ]
    parts += [_label(arrow, placed, links, diagram) for arrow in arrows]
    parts += [key, "</svg>"]
    return Picture("".join(parts), wide, placed.height + key_height)


def _linked(drawing: str, address: str, said: str = "") -> str:
    """A drawing as a link, named by its own text or by ``said``."""
    if not address or not drawing:
        return drawing
    name = f" aria-label={quoteattr(said)}" if said else ""
    return f"<a href={quoteattr(address)}{name}>{drawing}</a>"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _markers(uid: str) -> str:
    def marker(name: str, ref: float, size: float, drawing: str) -> str:
        return (
            f'<marker id="{uid}-{name}" viewBox="0 0 10 10" refX="{ref:g}" refY="5" markerUnits="userSpaceOnUse" '
            f'markerWidth="{size:g}" markerHeight="{size:g}" orient="auto-start-reverse">{drawing}</marker>'
        )

    arrow = marker("arrow", 9, 11, '<path class="kb-tip" d="M0 0.5L10 5L0 9.5z"/>')
    cross = marker("cross", 11, 13, '<path class="kb-edge" d="M1 1L9 9M9 1L1 9"/>')
    return f"<defs>{arrow}{cross}</defs>"


def _lines(label: str) -> list[str]:
    return [line for part in re.split(r"<br\s*/?>", label) for line in wrap(part.strip(), FONT_SIZE, LABEL_WIDTH)]


def _text(lines: list[str], x: float, y: float) -> str:
    """Lines of text centred on a point."""
    first = y - (len(lines) - 1) * LINE_STEP / 2 + CAP_SHARE * FONT_SIZE / 2
    if len(lines) == 1:
        return f'<text x="{_number(x)}" y="{_number(first)}">{escape(lines[0])}</text>'
    spans = "".join(
        f'<tspan x="{_number(x)}" y="{_number(first + index * LINE_STEP)}">{escape(line)}</tspan>' for index, line in enumerate(lines)
    )
    return f"<text>{spans}</text>"


def _node(node: Node, box: Box, identifier: str) -> str:
    classes = " ".join(["kb-node", *(f"kb-{name}" for name in node.classes if name != "default")])
    body = _shape(node.shape, box) + _text(_lines(node.label), box.x, box.y)
    return f"<g id={quoteattr(identifier)} class={quoteattr(classes)}>{body}</g>"


def _shape(shape: str, box: Box) -> str:
    left, top = box.x - box.width / 2, box.y - box.height / 2
    right, bottom = left + box.width, top + box.height
    if shape == "hexagon":
        slant = min(box.height / 4, box.width / 6)
        corners = [
            (left + slant, top),
            (right - slant, top),
            (right, box.y),
            (right - slant, bottom),
            (left + slant, bottom),
            (left, box.y),
        ]
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)
        return f'<polygon class="kb-shape" points="{points}"/>'
    radius = {"stadium": box.height / 2, "round": 6.0}.get(shape, 0.0)
    corner = f' rx="{_number(radius)}"' if radius else ""
    rect = (
        f'<rect class="kb-shape" x="{_number(left)}" y="{_number(top)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}"{corner}/>'
    )
    if shape == "subroutine":
        inset = 6.0
        bars = f"M{_number(left + inset)} {_number(top)}V{_number(bottom)}M{_number(right - inset)} {_number(top)}V{_number(bottom)}"
        rect += f'<path class="kb-shape" d="{bars}"/>'
    return rect


def _line(arrow: Arrow, placed: Layout, uid: str) -> str:
    edge = arrow.edge
    form = f" kb-line-{arrow.certainty}" if arrow.certainty else ""
    tips = f' marker-end="url(#{uid}-{edge.tip})"' if edge.tip != "none" else ""
    if edge.two_way and edge.tip != "none":
        tips += f' marker-start="url(#{uid}-{edge.tip})"'
    facts = {"from": edge.source, "to": edge.target, "verb": edge.verb, "certainty": arrow.certainty}
    data = "".join(f" data-{key}={quoteattr(value)}" for key, value in facts.items() if value)
    return f'<path id={quoteattr(f"{uid}-{edge.id}")} class="kb-edge{form}" d="{_curve(placed.edges[edge.id].points)}"{data}{tips}/>'


def _curve(points: tuple[tuple[float, float], ...]) -> str:
    """A uniform cubic B-spline through the layout's points, its ends tied down (as Mermaid's "basis" curve)."""
    (x0, y0), *rest = points
    path = f"M{_number(x0)} {_number(y0)}"
    if len(rest) == 1:
        return path + f"L{_number(rest[0][0])} {_number(rest[0][1])}"
    (ax, ay), (bx, by) = points[0], points[1]
    path += f"L{_number((5 * ax + bx) / 6)} {_number((5 * ay + by) / 6)}"
    for cx, cy in (*points[2:], points[-1]):
        controls = ((2 * ax + bx) / 3, (2 * ay + by) / 3, (ax + 2 * bx) / 3, (ay + 2 * by) / 3)
        end = ((ax + 4 * bx + cx) / 6, (ay + 4 * by + cy) / 6)
        path += "C" + " ".join(_number(value) for value in (*controls, *end))
        ax, ay, bx, by = bx, by, cx, cy
    return path + f"L{_number(bx)} {_number(by)}"


def _label(arrow: Arrow, placed: Layout, links: Links | None, diagram: Diagram) -> str:
    """What is written on a line; as a link also a wide clear line above the thin one, for fingers."""
    line = placed.edges[arrow.edge.id]
    box = line.label
    if box is None or not arrow.edge.verb:
        return ""
    plate = (
        f'<rect class="kb-plate" x="{_number(box.x - box.width / 2)}" y="{_number(box.y - box.height / 2)}" '
        f'width="{_number(box.width)}" height="{_number(box.height)}"/>'
    )
    address = links.arrow(arrow) if links else ""
    reach = f'<path class="kb-reach" d="{_curve(line.points)}"/>' if address else ""
    said = _text(arrow.label or [arrow.edge.verb], box.x, box.y)
    drawing = f'<g class="kb-label" data-label={quoteattr(arrow.edge.id)}>{reach}{plate}{said}</g>'
    return _linked(drawing, address, describe.sentence(diagram.graph, arrow))


def _group(box: Box, title: str) -> str:
    top = box.y - box.height / 2
    left, width, height = _number(box.x - box.width / 2), _number(box.width), _number(box.height)
    rect = f'<rect x="{left}" y="{_number(top)}" width="{width}" height="{height}" rx="4"/>'
    return f'<g class="kb-cluster">{rect}{_text([title], box.x, top + FONT_SIZE * 1.1)}</g>'
