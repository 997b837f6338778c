"""Small valid graphs, written by hand and made by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from ketamine_kb.diagrams.lint import VERBS
from ketamine_kb.diagrams.palette import CLASSES
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "diagrams").glob("*.mmd"))
HEAD = "flowchart TB\naccTitle: A title\naccDescr: A description of this.\n"
SMALL = HEAD + 'a["Alpha"]\nb["Beta"]\na a-activates-b@-->|activates| b\nclass a,b cell\n'
SHAPES = {
    "square": '["{}"]',
    "round": '("{}")',
    "stadium": '(["{}"])',
    "subroutine": '[["{}"]]',
    "hexagon": '{{{{"{}"}}}}',
}
ARROWS = {"arrow": ("-->", "-.->"), "cross": ("--x", "-.-x"), "none": ("---", "-.-")}
#: What is hard to write into XML, next to plain words.
_WORDS = st.sampled_from(
    ["Alpha", "TrkB", "cells", "eEF2", "<5", "&", "'x'", "a > b", "β", "5-HT", "mTORC1 (fast)", "<br/>two", "100%", "x;y"]
)
_LABELS = st.lists(_WORDS, min_size=1, max_size=4).map(lambda words: "Z " + " ".join(words))

_TITLES = st.sampled_from(["Group", "A & B", "p <5", "β"])


def _two(pair: tuple[str, str]) -> bool:
    """Two ends, for lint refuses loops."""
    return pair[0] != pair[1]


@st.composite
def graphs(draw: st.DrawFn) -> str:
    """The source of a graph that lint has no fault with, unless it is too wide."""
    count = draw(st.integers(2, 5))
    names = [f"n{number}" for number in range(count)]
    nodes = [name + draw(st.sampled_from(sorted(SHAPES.values()))).format(draw(_LABELS)) for name in names]
    if draw(st.booleans()):
        nodes = [f'subgraph g["{draw(_TITLES)}"]', nodes[0], "end", *nodes[1:]]
    edges = []
    pairs = [(names[number], names[number + 1]) for number in range(count - 1)]
    pairs += draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(_two), max_size=3))
    for number, (source, target) in enumerate(pairs):
        verb = draw(st.sampled_from(sorted(VERBS)))
        arrow = draw(st.sampled_from(ARROWS[VERBS[verb]]))
        edges.append(f"{source} e{number}-x@{arrow}|{verb}| {target}")
    classes = [f"class {name} {draw(st.sampled_from(sorted(CLASSES)))}" for name in names]
    return HEAD + "\n".join([*nodes, *edges, *classes]) + "\n"
