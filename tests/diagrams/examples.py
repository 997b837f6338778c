"""Small valid diagrams with their claims, written by hand and made by hypothesis."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import cycle
from pathlib import Path

from hypothesis import strategies as st

from ketamine_kb.diagrams import arrows
from ketamine_kb.diagrams.arrows import Diagram, claim_of
from ketamine_kb.diagrams.lint import VERBS
from ketamine_kb.diagrams.palette import CLASSES
from ketamine_kb.diagrams.source import parse
from ketamine_kb.evidence import load
from ketamine_kb.evidence.model import Claim, Finding, Knowledge
from ketamine_kb.evidence.words import SIGNS, SPECIES
from ketamine_kb.project import Project
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "diagrams").glob("*.mmd"))
HEAD = "flowchart TB\naccTitle: A title\naccDescr: A description of this.\n"
ORIENTATION = HEAD.replace("flowchart TB\n", "flowchart TB\n%% kind: orientation\n")
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
#: What may stand on a line of an orientation.
FREE = ("later", "if it helps", "2 to 4 weeks", "a | b", "#quot;so#quot;", "it's", "<5 & >2", "x #35;1", "100%", "β, ±")


def claim(identifier: str, certainty: str = "supported", shown_in: tuple[str, ...] = ("human",), **changes: object) -> Claim:
    """A claim with one finding."""
    found = Finding(source="rct", relation="supports", shown_in=list(shown_in), finding="What this source found, told in our own words.")  # type: ignore[arg-type]
    made = Claim(
        id=identifier,
        kind="biological",
        statement=f"The statement of {identifier}.",
        plain=f"The plain words of {identifier}.",
        certainty=certainty,  # type: ignore[arg-type]
        shown_in=list(shown_in),  # type: ignore[arg-type]
        evidence=[found],
        reviewed=dt.date(2026, 11, 21),
        review_by=dt.date(2027, 11, 21),
    )
    return made.model_copy(update=changes)


def claims_for(text: str, shown_in: tuple[str, ...] = ("human",)) -> dict[str, Claim]:
    """A claim behind every line of a source, as sure as the line is firm."""
    firm, broken = cycle(["supported", "established"]), cycle(["mixed", "contested", "hypothesis"])
    names = {claim_of(edge): broken if edge.dashed else firm for edge in parse(text, "d.mmd").edges}
    # No claim can have an id of another form.
    return {name: claim(name, next(words), shown_in) for name, words in names.items() if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name)}


def read(text: str, claims: Mapping[str, Claim] | None = None) -> Diagram:
    """A diagram, by default with a claim behind every line."""
    return arrows.read(text, "d.mmd", claims_for(text) if claims is None else claims)


@lru_cache(maxsize=1)
def facts() -> Knowledge:
    """The project's facts."""
    return load.load(Project(ROOT))


def real(path: Path) -> Diagram:
    """A diagram of the project with its claims."""
    return arrows.read(path.read_text(encoding="utf-8"), f"diagrams/{path.name}", facts().claims)


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


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    """A diagram with a claim of any certainty and species behind every line, sometimes an orientation with free words."""
    text = draw(graphs())
    if draw(st.booleans()):
        text = text.replace("flowchart TB\n", "flowchart TB\n%% kind: orientation\n")
        for edge in parse(text, "d.mmd").edges:
            words = draw(st.sampled_from(["", *FREE]))
            text = text.replace(f"|{edge.verb}| {edge.target}\n", f'|"{words}"| {edge.target}\n' if words else f" {edge.target}\n", 1)
    species = st.lists(st.sampled_from(sorted(SPECIES)), min_size=1, max_size=3, unique=True).map(tuple)
    claims = {edge.id: claim(edge.id, draw(st.sampled_from(sorted(SIGNS))), draw(species)) for edge in parse(text, "d.mmd").edges}
    return arrows.read(text, "d.mmd", claims)
