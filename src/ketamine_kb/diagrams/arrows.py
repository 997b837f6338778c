"""A diagram with what stands behind it: the claim of every line, and the term and molecule of every box."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ketamine_kb.diagrams import source
from ketamine_kb.diagrams.graph import Edge, Graph, Layout, drawn, in_bars
from ketamine_kb.evidence import words
from ketamine_kb.evidence.model import Claim

#: What a source says of a box: ``%% node nmda: term=NMDA receptor; molecule=nmda-receptor``.
_NOTE = re.compile(r"^[ \t]*%%[ \t]*node[ \t]+(?P<node>[\w-]+)[ \t]*:[ \t]*(?P<said>.*?)[ \t]*$", re.MULTILINE)
#: Characters that would end a label, or begin a code or Mermaid's own marked-up text.
_ESCAPED = str.maketrans({"#": "#35;", '"': "#quot;", "`": "#96;"})
#: The word by which an author says that no term of the glossary fits.
NO_TERM = "none"


@dataclass(frozen=True, slots=True)
class Note:
    """What a source says of one box.

    :param term: a term of the glossary, ``none``, or ``""`` where nothing is said.
    :param molecule: the id of a molecule, or ``""``.
    :param unknown: keys that are neither.
    :param line: from 1.
    """

    term: str
    molecule: str
    unknown: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """One line with its claim; a line of an orientation may have none."""

    edge: Edge
    claim: Claim | None

    @property
    def certainty(self) -> str:
        """The claim's certainty, or ``""``."""
        return self.claim.certainty if self.claim else ""

    @property
    def only_in(self) -> str:
        """The animals or preparations, in a word each, where it was not shown in people."""
        return words.only_in(self.claim.shown_in) if self.claim else ""

    @property
    def label(self) -> list[str]:
        """What is written on the line: the verb with its mark, then the animals or preparations."""
        if self.claim is None:
            return [self.edge.verb] if self.edge.verb else []
        first = f"{self.edge.verb} {words.SIGNS[self.certainty]}"
        return [first, self.only_in] if self.only_in else [first]


@dataclass(frozen=True, slots=True)
class Diagram:
    """One source, read."""

    text: str
    path: str
    graph: Graph
    arrows: tuple[Arrow, ...]
    notes: Mapping[str, Note]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.rsplit("/", 1)[-1].removesuffix(".mmd")

    @property
    def claims(self) -> list[str]:
        """Ids of the claims that its lines stand for, each once."""
        return list(dict.fromkeys(arrow.claim.id for arrow in self.arrows if arrow.claim))

    def place(self) -> Layout:
        """Positions, with room for the marks on the lines."""
        return source.layout(labelled(self.text, self.arrows), self.path)


def claim_of(edge: Edge) -> str:
    """The id of the claim that a line stands for: its own id, without the number of a second line under the same claim."""
    return edge.id.split("--")[0]


def read(text: str, path: str, claims: Mapping[str, Claim]) -> Diagram:
    """The diagram of one source.

    :raises Faulty: when the source does not parse.
    """
    graph = source.parse(text, path)
    carried = graph.kind == "mechanism"
    arrows = tuple(Arrow(edge, claims.get(claim_of(edge)) if carried or edge.verb else None) for edge in graph.edges)
    return Diagram(text, path, graph, arrows, notes(text))


def notes(text: str) -> dict[str, Note]:
    """What a source says of its boxes, by node id; of two notes for one box the last counts."""
    found: dict[str, Note] = {}
    for match in _NOTE.finditer(text):
        said: dict[str, str] = {}
        for part in match["said"].split(";"):
            key, _, value = part.partition("=")
            if key.strip():
                said[key.strip()] = value.strip()
        unknown = tuple(key for key in said if key not in ("term", "molecule"))
        line = text.count("\n", 0, match.start("node")) + 1
        found[match["node"]] = Note(said.get("term", ""), said.get("molecule", ""), unknown, line)
    return found


def labelled(text: str, arrows: tuple[Arrow, ...]) -> str:
    """The source with what is drawn on each line in place of its verb, so that the layout keeps room for it."""
    only_drawn = drawn(text)
    places = [(place, arrow) for arrow in arrows if arrow.claim is not None and (place := in_bars(arrow.edge, only_drawn))]
    # From the end, so that the places before stay true.
    for place, arrow in sorted(places, key=lambda item: item[0].start("word"), reverse=True):
        said = "<br/>".join(line.translate(_ESCAPED) for line in arrow.label)
        text = f'{text[: place.start("word")]}"{said}"{text[place.end("word") :]}'
    return text
