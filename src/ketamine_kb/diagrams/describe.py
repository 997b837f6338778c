"""The text version of a diagram: one sentence an edge, made from the graph the picture is made from."""

from __future__ import annotations

import re

from ketamine_kb.diagrams.source import Edge, Graph

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


def _plural(words: str) -> bool:
    """True when the thing a label names is several ("pyramidal cells"), judged by its head word."""
    head = _HEAD.split(words, maxsplit=1)[0]
    return head.endswith("s") and not head.endswith(_SINGULAR_S)


def _inside(words: str) -> str:
    """A label as it stands inside a sentence: no capital unless it is a name such as TrkB or NMDA."""
    first = words.split(" ", 1)[0]
    return words[0].lower() + words[1:] if first[:1].isupper() and first[1:].islower() else words


def sentence(graph: Graph, edge: Edge) -> str:
    """One edge in words, ending in how firm the line is."""
    source, target = graph.nodes[edge.source].words, graph.nodes[edge.target].words
    one, several = _READS.get(edge.verb, (edge.verb, edge.verb))
    return f"{source} {several if _plural(source) else one} {_inside(target)} ({firmness(edge)})."


def firmness(edge: Edge) -> str:
    """What the line form says about the evidence."""
    return "dashed line" if edge.dashed else "firm line"


def sentences(graph: Graph) -> list[str]:
    """Every edge in words, in the order of the source."""
    return [sentence(graph, edge) for edge in graph.edges]


def alternative(graph: Graph) -> str:
    """The text that stands for the picture where no picture can be seen."""
    return " ".join([f"{graph.title}.", graph.description, *sentences(graph)])
