"""The picture: complete, clean, the same everywhere, and as it was agreed (goldens)."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from ketamine_kb.diagrams import describe, render
from ketamine_kb.diagrams.lint import MAX_WIDTH
from ketamine_kb.diagrams.measure import width
from ketamine_kb.diagrams.palette import print_style_block
from ketamine_kb.diagrams.source import FONT_SIZE, layout, parse
from ketamine_kb.project import Faulty
from tests.conftest import ROOT
from tests.diagrams.examples import HEAD, SHAPES, SMALL, SOURCES, graphs
from tests.diagrams.renew import COMMAND, GOLDENS, expected

SVG = "{http://www.w3.org/2000/svg}"
each = pytest.mark.parametrize("source", SOURCES, ids=[path.stem for path in SOURCES])


def fresh(text: str, uid: str = "u", *, print_colours: bool = False) -> str:
    render.svg.cache_clear()
    return render.svg(text, "d.mmd", uid, print_colours=print_colours)


def faults_of_picture(svg: str, text: str) -> list[str]:
    """What is wrong with a picture, apart from where things lie."""
    graph = parse(text, "d.mmd")
    root = ElementTree.fromstring(svg)
    parts = list(root.iter())
    wrong = []
    ids = [part.attrib["id"] for part in parts if "id" in part.attrib]
    names = {part.tag.removeprefix(SVG) for part in parts}
    if allowed := names - set("svg title desc style defs marker g path rect polygon text tspan".split()):
        wrong.append(f"elements {allowed}")
    if any(key in ("style", "fill", "stroke", "href") or key.startswith(("on", "{")) for part in parts for key in part.attrib):
        wrong.append("an attribute of style, a link or an event")
    if repeated := [name for name, count in Counter(ids).items() if count > 1]:
        wrong.append(f"ids again: {repeated}")
    if [child.tag for child in root][:2] != [SVG + "title", SVG + "desc"]:
        wrong.append("title and desc are not first")
    if root.get("role") != "img":
        wrong.append("role is not img")
    if root.get("aria-labelledby") != root[0].get("id") or root.get("aria-describedby") != root[1].get("id"):
        wrong.append("not named by its title and described by its desc")
    if (root[0].text, root[1].text) != (graph.title, describe.alternative(graph)):
        wrong.append("title or desc says something else")
    if missing := [edge.id for edge in graph.edges if f"u-{edge.id}" not in ids]:
        wrong.append(f"edges missing: {missing}")
    if dangling := [name for name in re.findall(r"url\(#([^)]+)\)", svg) if name not in ids]:
        wrong.append(f"references to nothing: {dangling}")
    drawn = [" ".join(" ".join(part.itertext()) for part in group.iter(SVG + "text")) for group in root.iter(SVG + "g")]
    said = [" ".join(words.split()) for words in drawn]
    labels = [node.words for node in graph.nodes.values()] + [edge.verb for edge in graph.edges] + [group.title for group in graph.groups]
    return wrong + [f"{words!r} is not drawn" for words in labels if words not in said]


def labels_too_wide(text: str) -> list[str]:
    placed, graph = layout(text), parse(text, "d.mmd")
    wide = []
    for node in graph.nodes.values():
        wide += [line for line in render._lines(node.label) if width(line, FONT_SIZE) > placed.nodes[node.id].width]
        if len(render._lines(node.label)) * render.LINE_STEP > placed.nodes[node.id].height:
            wide.append(f"{node.label} is too high")
    for edge in graph.edges:
        box = placed.edges[edge.id].label
        if box is None or width(edge.verb, FONT_SIZE) > box.width + 0.01:
            wide.append(edge.verb)
    return wide + [group.title for group in graph.groups if width(group.title, FONT_SIZE) > placed.groups[group.id].width]


def test_there_are_diagrams() -> None:
    assert len(SOURCES) >= 3


@each
def test_goldens(source: Path) -> None:
    for name, content in expected(source).items():
        kept = GOLDENS / name
        was = kept.read_text(encoding="utf-8") if kept.exists() else ""
        same = was == content  # not shown by pytest: the pictures are long
        assert same, f"{name} is not as it was. If the change is meant, run: {COMMAND} (and look at the difference)"


def test_no_golden_is_left_over() -> None:
    assert sorted(path.name for path in GOLDENS.iterdir()) == sorted(name for source in SOURCES for name in expected(source))


@each
@pytest.mark.parametrize("print_colours", [False, True], ids=["web", "print"])
def test_real_pictures_are_complete_and_clean(source: Path, print_colours: bool) -> None:
    text = source.read_text(encoding="utf-8")
    assert faults_of_picture(fresh(text, print_colours=print_colours), text) == []


@each
def test_no_label_is_wider_than_its_box(source: Path) -> None:
    assert labels_too_wide(source.read_text(encoding="utf-8")) == []


@each
def test_real_pictures_fit_the_page(source: Path) -> None:
    root = ElementTree.fromstring(fresh(source.read_text(encoding="utf-8")))
    assert 0 < float(root.attrib["width"]) <= MAX_WIDTH == 900
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"


@each
def test_every_edge_starts_and_ends_at_its_nodes(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    placed = layout(text)
    away = []
    for edge in parse(text, "d.mmd").edges:
        for name, (x, y) in ((edge.source, placed.edges[edge.id].points[0]), (edge.target, placed.edges[edge.id].points[-1])):
            box = placed.nodes[name]
            if abs(x - box.x) > box.width / 2 + 6 or abs(y - box.y) > box.height / 2 + 6:
                away.append((edge.id, name))
    assert away == []


@each
def test_two_calls_give_the_same_bytes(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert fresh(text) == fresh(text)


def test_other_hash_seeds_give_the_same_bytes() -> None:
    script = (
        "import hashlib, sys\nfrom pathlib import Path\nfrom ketamine_kb.diagrams.render import svg\n"
        "for name in sys.argv[1:]:\n"
        "    text = Path(name).read_text(encoding='utf-8')\n"
        "    for paper in (False, True):\n"
        "        print(hashlib.sha256(svg(text, 'd.mmd', 'u', print_colours=paper).encode()).hexdigest())\n"
    )
    here = [
        hashlib.sha256(fresh(path.read_text(encoding="utf-8"), print_colours=paper).encode()).hexdigest()
        for path in SOURCES
        for paper in (False, True)
    ]
    for seed in ("1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")}
        command = [sys.executable, "-c", script, *map(str, SOURCES)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert done.stdout.split() == here


def test_two_pictures_on_a_page_share_no_id() -> None:
    first, second = (set(re.findall(r'\bid="([^"]+)"', fresh(SMALL, uid))) for uid in ("mm-1", "mm-2"))
    assert len(first) == len(second) >= 8
    assert first & second == set()


def test_the_print_picture_carries_its_colours_and_the_web_picture_none() -> None:
    assert "<style>" not in fresh(SMALL)
    assert re.findall(r"#[0-9a-f]{6}\b", fresh(SMALL)) == []
    style = ElementTree.fromstring(fresh(SMALL, print_colours=True)).find(SVG + "style")
    assert style is not None
    assert style.text == print_style_block()


@pytest.mark.parametrize(
    ("arrow", "classes", "start", "end"),
    [
        ("-->", "kb-edge", None, "url(#u-arrow)"),
        ("-.->", "kb-edge kb-dashed", None, "url(#u-arrow)"),
        ("--x", "kb-edge", None, "url(#u-cross)"),
        ("-.-", "kb-edge kb-dashed", None, None),
        ("<-->", "kb-edge", "url(#u-arrow)", "url(#u-arrow)"),
        ("x-.-x", "kb-edge kb-dashed", "url(#u-cross)", "url(#u-cross)"),
    ],
)
def test_line_and_tips(arrow: str, classes: str, start: str | None, end: str | None) -> None:
    root = ElementTree.fromstring(fresh(SMALL.replace("-->", arrow)))
    path = root.find(f"{SVG}path[@id='u-a-activates-b']")
    assert path is not None
    assert (path.get("class"), path.get("marker-start"), path.get("marker-end")) == (classes, start, end)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_drawn_in_its_own_way(shape: str) -> None:
    def outline(name: str) -> str:
        root = ElementTree.fromstring(fresh(SMALL.replace('["Alpha"]', SHAPES[name].format("Alpha"))))
        node = root.find(f"{SVG}g[@id='u--a']")
        assert node is not None
        assert node.get("class") == "kb-node kb-cell"
        return " ".join(f"{part.tag.removeprefix(SVG)}{sorted(part.attrib)}" for part in node if part.tag != SVG + "text") + str(
            node[0].get("rx")
        )

    assert [other for other in SHAPES if other != shape and outline(other) == outline(shape)] == []


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace("Alpha", "</text><script>alert(1)</script>"),
        SMALL.replace("A title", "</title><script>alert(1)</script>"),
        SMALL.replace("A description", '"><img src=x onerror=alert(1)>'),
        SMALL.replace("Alpha", "#lt;script#gt;alert(1)#lt;/script#gt;"),
        SMALL.replace('["Alpha"]', '["Alpha"]:::x" onload="alert(1)'),
    ],
    ids="label title description entity class".split(),
)
def test_no_script_gets_in(text: str) -> None:
    try:
        svg = fresh(text)
    except Faulty:
        return
    root = ElementTree.fromstring(svg)
    assert [part.tag for part in root.iter() if part.tag.lower().endswith(("script", "img"))] == []
    assert [key for part in root.iter() for key in part.attrib if key.startswith("on")] == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        SMALL + 'subgraph g["Group"]\nend\n',
        SMALL + 'subgraph g["G"]\nc["C"]\nend\ng e2@-->|activates| a\n',
        SMALL.replace("| b\n", "| a\na l-l@-->|activates| a\n"),
    ],
    ids=["nothing", "an empty group", "an edge of a group", "two loops"],
)
def test_odd_graphs_are_drawn(text: str) -> None:
    assert ElementTree.fromstring(fresh(text)).get("role") == "img"


def test_a_source_that_does_not_parse_is_told() -> None:
    with pytest.raises(Faulty, match=r"^d\.mmd:5:2: "):
        fresh(SMALL.replace('b["Beta"]', 'b["Beta"'))


def test_text_size_at() -> None:
    assert render.text_size_at(900, 450) == FONT_SIZE / 2


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_generated_pictures_are_complete_and_clean(text: str) -> None:
    assert faults_of_picture(fresh(text), text) == []
    assert faults_of_picture(fresh(text, print_colours=True), text) == []
    assert labels_too_wide(text) == []
