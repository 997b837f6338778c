"""The text version of a diagram: one sentence an edge, made from what the picture is made from."""

from __future__ import annotations

import re

from ketamine_kb.diagrams.arrows import Arrow, Diagram
from ketamine_kb.diagrams.graph import Graph
from ketamine_kb.evidence import words

#: Each verb as it reads after one thing and after several.
_READS = {
    "activates": ("activates", "activate"),
    "inhibits": ("inhibits", "inhibit"),
    "blocks": ("blocks", "block"),
    "releases": ("releases", "release"),
    "binds": ("binds", "bind"),
    "increases": ("increases", "increase"),
    "decreases": ("decreases", "decrease"),
    "disinhibits": ("disinhibits", "disinhibit"),
    "part of": ("is part of", "are part of"),
    "connects with": ("connects with", "connect with"),
}
_HEAD = re.compile(r"\s(?:of|between|in|on|with|from)\s|\s*[(,]")
_SINGULAR_S = ("ss", "us", "is")


def _plural(label: str) -> bool:
    """True when the thing a label names is several ("pyramidal cells"), judged by its head word."""
    head = _HEAD.split(label, maxsplit=1)[0]
    return head.endswith("s") and not head.endswith(_SINGULAR_S)


def _inside(label: str) -> str:
    """A label as it stands inside a sentence: no capital unless it is a name such as TrkB or NMDA."""
    first = label.split(" ", 1)[0]
    return label[0].lower() + label[1:] if first[:1].isupper() and first[1:].islower() else label


def step(graph: Graph, arrow: Arrow) -> str:
    """One line in words, without its evidence."""
    start, end = graph.nodes[arrow.edge.source].words, graph.nodes[arrow.edge.target].words
    if not arrow.edge.verb:
        return f"{start}, then {_inside(end)}" if arrow.edge.tip == "arrow" else f"{start} and {_inside(end)}"
    if graph.kind == "orientation":
        return f"{start}, {arrow.edge.verb}: {_inside(end)}"
    one, several = _READS.get(arrow.edge.verb, (arrow.edge.verb, arrow.edge.verb))
    return f"{start} {several if _plural(start) else one} {_inside(end)}"


def evidence(arrow: Arrow) -> str:
    """How sure a line is and in whom it was shown; ``""`` for a line without a claim."""
    return f"{arrow.certainty}, shown in {words.shown_in(arrow.claim.shown_in)}" if arrow.claim else ""


def sentence(graph: Graph, arrow: Arrow) -> str:
    """One line in words, ending in its certainty and species."""
    behind = evidence(arrow)
    return step(graph, arrow) + (f" ({behind})." if behind else ".")


def sentences(diagram: Diagram) -> list[str]:
    """Every line in words, in the order of the source."""
    return [sentence(diagram.graph, arrow) for arrow in diagram.arrows]


def alternative(diagram: Diagram) -> str:
    """The text that stands for the picture where no picture can be seen."""
    return " ".join([f"{diagram.graph.title}.", diagram.graph.description, *sentences(diagram)])
