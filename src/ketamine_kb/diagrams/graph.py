"""What a diagram says and where its parts lie, as plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FONT_SIZE = 15
#: A CSS pixel in points.
PX = 0.75
#: Words of a diagram are never smaller on paper, in points.
SMALLEST_TEXT = 8.0
#: The text block that A4 and Letter share with 16 mm margins, in points.
PRINT_WIDTH, PRINT_HEIGHT = 504.0, 690.0
#: Labels wrap above this width, in pixels.
LABEL_WIDTH = 240
#: Sources longer than this are refused before they are parsed.
MAX_CHARACTERS = 20_000
#: Also with more lines than this: merman 0.9.2 takes seconds for thousands of empty ones.
MAX_LINES = 2_000
#: What is not a node, an edge or a group: the header, comments, title and description (of one line or in braces).
_NOT_DRAWN = re.compile(r"^[ \t]*(?:(?:flowchart|graph)\b|%%(?!\{)|acc(?:Title|Descr)[ \t]*:).*$|^[ \t]*accDescr\s*\{[^}]*\}", re.MULTILINE)


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


def drawn(text: str) -> str:
    """A source of the same length with everything blanked out that is not a node, an edge or a group."""
    return _NOT_DRAWN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def in_bars(edge: Edge, text: str) -> re.Match[str] | None:
    """Where the word of a line stands between bars, as group ``word``.

    :param text: the source, of which only what is drawn was kept.
    """
    return re.search(rf'(?<![\w-]){re.escape(edge.id)}@[ \t]*[-.=<>xo~]+[ \t]*\|(?P<word>[ \t]*(?:"[^"\n]*"|[^|"\n]*)[ \t]*)\|', text)


def plain(label: str) -> str:
    """A label without line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"<br\s*/?>", " ", label)).strip()
