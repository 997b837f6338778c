"""The picture: complete, clean, linked, and the same everywhere (how it looks is kept in diagrams/recorded)."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ketamine_kb.diagrams import describe, exchange, legend, render, source
from ketamine_kb.diagrams.arrows import Arrow, Diagram
from ketamine_kb.diagrams.graph import FONT_SIZE, Node
from ketamine_kb.diagrams.lint import MAX_WIDTH
from ketamine_kb.diagrams.measure import width
from ketamine_kb.diagrams.palette import print_style_block
from ketamine_kb.diagrams.render import Links
from ketamine_kb.evidence.words import SIGNS
from ketamine_kb.project import Faulty
from tests import running
from tests.conftest import ROOT
from tests.diagrams.examples import HEAD, ORIENTATION, SHAPES, SMALL, SOURCES, claim, claims_for, diagrams, read, real

SVG = "{http://www.w3.org/2000/svg}"
each = pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])


def _claim_address(arrow: Arrow) -> str:
    return f"#pop-{arrow.claim.id}" if arrow.claim else ""


def _node_address(node: Node) -> str:
    return f"glossary.html#term-{node.id}"


#: As the site links its pictures.
LINKS = Links(_claim_address, _node_address)


def fresh(shown: Diagram | str, uid: str = "u", *, links: Links | None = None, print_colours: bool = False) -> str:
    """A picture, with nothing remembered of an earlier one."""
    source.parse.cache_clear()
    source.layout.cache_clear()
    shown = read(shown) if isinstance(shown, str) else shown
    return render.draw(shown, uid, links=links, print_colours=print_colours).svg


def words_of(part: ElementTree.Element) -> str:
    return " ".join(" ".join(words for words in part.itertext()).split())


def faults_of_picture(svg: str, shown: Diagram, links: Links | None = None) -> list[str]:
    """What is wrong with a picture, apart from where things lie."""
    graph = shown.graph
    root = ElementTree.fromstring(svg)
    parts = list(root.iter())
    wrong = []
    ids = [part.attrib["id"] for part in parts if "id" in part.attrib]
    names = {part.tag.removeprefix(SVG) for part in parts}
    if strange := names - set("svg title desc style defs marker g path rect polygon text tspan".split()) - ({"a"} if links else set()):
        wrong.append(f"elements {strange}")
    if any(key in ("style", "fill", "stroke") or key.startswith(("on", "{")) for part in parts for key in part.attrib):
        wrong.append("an attribute of style, a link or an event")
    if [part.tag for part in parts if "href" in part.attrib and part.tag != SVG + "a"]:
        wrong.append("an address on something that is no link")
    if repeated := [name for name, count in Counter(ids).items() if count > 1]:
        wrong.append(f"ids again: {repeated}")
    if [child.tag for child in root][:2] != [SVG + "title", SVG + "desc"]:
        wrong.append("title and desc are not first")
    if root.get("role") != ("group" if links else "img"):
        wrong.append(f"role is {root.get('role')}")
    if root.get("aria-labelledby") != root[0].get("id") or root.get("aria-describedby") != root[1].get("id"):
        wrong.append("not named by its title and described by its desc")
    if (root[0].text, root[1].text or "") != (graph.title, graph.description if links else describe.alternative(shown)):
        wrong.append("title or desc says something else")
    for arrow in shown.arrows:
        line = next((part for part in parts if part.get("id") == f"u-{arrow.edge.id}"), None)
        if line is None:
            wrong.append(f"{arrow.edge.id} is missing")
            continue
        said = {key.removeprefix("data-"): value for key, value in line.attrib.items() if key.startswith("data-")}
        meant = {"from": arrow.edge.source, "to": arrow.edge.target, "verb": arrow.edge.verb, "certainty": arrow.certainty}
        if said != {key: value for key, value in meant.items() if value}:
            wrong.append(f"{arrow.edge.id} tells {said}")
        if line.get("class") != ("kb-edge" + f" kb-line-{arrow.certainty}" * bool(arrow.certainty)):
            wrong.append(f"{arrow.edge.id} has the form {line.get('class')}")
    if dangling := [name for name in re.findall(r"url\(#([^)]+)\)", svg) if name not in ids]:
        wrong.append(f"references to nothing: {dangling}")
    drawn = Counter(words_of(part) for part in root.iter(SVG + "text"))
    labels = [node.words for node in graph.nodes.values()] + [group.title for group in graph.groups]
    labels += [" ".join(arrow.label) for arrow in shown.arrows if arrow.label]
    labels += [f"{SIGNS[word]} {word}" for word in legend.items(shown)]
    missing = Counter(" ".join(words.split()) for words in labels) - drawn
    if legend.SECOND_WORD in legend.text(shown) and not svg.count("Second word on a line"):
        missing[legend.SECOND_WORD] = 1
    return wrong + [f"{words!r} is not drawn" for words in missing] + faults_of_links(root, shown, links)


def faults_of_links(root: ElementTree.Element, shown: Diagram, links: Links | None) -> list[str]:
    """Links that are missing, lead elsewhere, say something else or hold no words."""
    found = [(str(link.get("href")), link.get("aria-label"), words_of(link)) for link in root.iter(SVG + "a")]
    if links is None:
        return [f"a link to {address}" for address, *_ in found]
    meant: list[tuple[str, str | None, str]] = [
        (links.node(node), None, node.words) for node in shown.graph.nodes.values() if links.node(node)
    ]
    meant += [
        (links.arrow(arrow), describe.sentence(shown.graph, arrow), " ".join(arrow.label))
        for arrow in shown.arrows
        if links.arrow(arrow) and arrow.edge.verb
    ]
    same = [(address, name, " ".join(words.split())) for address, name, words in meant]
    return [] if found == same else [f"the links are {found}, not {same}"]


def labels_too_wide(shown: Diagram) -> list[str]:
    placed, graph = shown.place(), shown.graph
    wide = []
    for node in graph.nodes.values():
        wide += [line for line in render._lines(node.label) if width(line, FONT_SIZE) > placed.nodes[node.id].width]
        if len(render._lines(node.label)) * render.LINE_STEP > placed.nodes[node.id].height:
            wide.append(f"{node.label} is too high")
    for arrow in shown.arrows:
        box = placed.edges[arrow.edge.id].label
        for line in arrow.label:
            if box is None or width(line, FONT_SIZE) > box.width + 0.01:
                wide.append(line)
        if box is not None and len(arrow.label) * render.LINE_STEP > box.height + 0.01:
            wide.append(f"{arrow.label} is too high")
    return wide + [group.title for group in graph.groups if width(group.title, FONT_SIZE) > placed.groups[group.id].width]


def test_there_are_diagrams() -> None:
    assert len(SOURCES) >= 3


@each
@pytest.mark.parametrize("form", ["alone", "print", "linked"])
def test_real_pictures_are_complete_and_clean(path: Path, form: str) -> None:
    shown, links = real(path), LINKS if form == "linked" else None
    assert faults_of_picture(fresh(shown, links=links, print_colours=form == "print"), shown, links) == []


@each
def test_no_label_is_wider_than_its_box(path: Path) -> None:
    assert labels_too_wide(real(path)) == []


@each
def test_real_pictures_fit_the_page(path: Path) -> None:
    picture = render.draw(real(path), "u")
    root = ElementTree.fromstring(picture.svg)
    assert 0 < picture.width <= MAX_WIDTH == 900
    assert float(root.attrib["width"]) == pytest.approx(picture.width, abs=0.01)
    assert float(root.attrib["height"]) == pytest.approx(picture.height, abs=0.01)
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"


@each
def test_every_edge_starts_and_ends_at_its_nodes(path: Path) -> None:
    shown = real(path)
    placed = shown.place()
    away = []
    for edge in shown.graph.edges:
        for name, (x, y) in ((edge.source, placed.edges[edge.id].points[0]), (edge.target, placed.edges[edge.id].points[-1])):
            box = placed.nodes[name]
            if abs(x - box.x) > box.width / 2 + 6 or abs(y - box.y) > box.height / 2 + 6:
                away.append((edge.id, name))
    assert away == []


@each
def test_two_calls_give_the_same_bytes(path: Path) -> None:
    assert fresh(real(path), links=LINKS) == fresh(real(path), links=LINKS)


def test_other_hash_seeds_give_the_same_bytes() -> None:
    """Other versions of Python are compared by the records, which every one of them makes anew."""
    script = (
        "import hashlib\nfrom tests.diagrams.examples import SOURCES, facts, real\nfrom tests.diagrams.test_render import LINKS, fresh\n"
        "from ketamine_kb.diagrams import exchange\n"
        "for path in SOURCES:\n"
        "    made = [fresh(real(path)), fresh(real(path), print_colours=True), fresh(real(path), links=LINKS)]\n"
        "    made.append(exchange.cx2(real(path), facts().sources, {one.id: one for one in facts().molecules}))\n"
        "    print(hashlib.sha256(''.join(made).encode()).hexdigest())\n"
    )
    said = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        command = [sys.executable, "-c", script]
        done = running.run(command, env=environment, within=120)
        assert (done.code, done.err) == (0, ""), done.err
        assert done.out.count("\n") == len(SOURCES)
        said.add(done.out)
    assert len(said) == 1


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
    ("arrow", "start", "end"),
    [
        ("-->", None, "url(#u-arrow)"),
        ("-.->", None, "url(#u-arrow)"),
        ("--x", None, "url(#u-cross)"),
        ("-.-", None, None),
        ("<-->", "url(#u-arrow)", "url(#u-arrow)"),
        ("x-.-x", "url(#u-cross)", "url(#u-cross)"),
    ],
)
def test_tips(arrow: str, start: str | None, end: str | None) -> None:
    root = ElementTree.fromstring(fresh(SMALL.replace("-->", arrow)))
    path = root.find(f"{SVG}path[@id='u-a-activates-b']")
    assert path is not None
    assert (path.get("marker-start"), path.get("marker-end")) == (start, end)


@pytest.mark.parametrize("certainty", SIGNS)
def test_the_line_form_is_that_of_the_certainty(certainty: str) -> None:
    shown = read(SMALL, {"a-activates-b": claim("a-activates-b", certainty)})
    svg = fresh(shown)
    assert f'id="u-a-activates-b" class="kb-edge kb-line-{certainty}"' in svg
    assert f">activates {SIGNS[certainty]}</text>" in svg
    assert f">{SIGNS[certainty]} {certainty}</text>" in svg, "the legend"


def test_a_line_without_a_claim_is_plain() -> None:
    svg = fresh(read(SMALL, {}), links=LINKS)
    assert 'id="u-a-activates-b" class="kb-edge" ' in svg
    assert "kb-legend" not in svg
    assert "#pop-" not in svg


def test_a_linked_line_can_be_hit_beside_its_thin_stroke() -> None:
    root = ElementTree.fromstring(fresh(SMALL, links=LINKS))
    link = root.find(f"{SVG}a[@href='#pop-a-activates-b']")
    assert link is not None
    assert link.get("aria-label") == "Alpha activates beta (supported, shown in people)."
    assert [part.get("class") for part in link.iter() if part.get("class")] == ["kb-label", "kb-reach", "kb-plate"]
    assert "kb-reach" not in fresh(SMALL)


def test_only_boxes_with_an_address_are_links() -> None:
    links = Links(lambda arrow: "", lambda node: "g.html#x" if node.id == "b" else "")
    root = ElementTree.fromstring(fresh(SMALL, links=links))
    assert [(link.get("href"), words_of(link)) for link in root.iter(SVG + "a")] == [("g.html#x", "Beta")]


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


#: Words that would be more than words where they were written without care.
NASTY = [
    "</text><script>alert(1)</script>",
    "#lt;script#gt;alert(1)#lt;/script#gt;",
    "#quot; onload=#quot;alert(1)",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "#106;avascript:alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "]]><!--",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "&#60;script&#62;",
    "&lt;script&gt;",
    "#amp;#lt;script",
    "' onfocus='alert(1)",
    "\\u003cscript\\u003e",
    "`**x**`",
    "url(#u-arrow)",
]


def harmful(svg: str) -> list[str]:
    """What of a picture could run, load or lead elsewhere."""
    root = ElementTree.fromstring(svg)
    allowed = {SVG + name for name in "svg title desc style defs marker g path rect polygon text tspan a".split()}
    found = [part.tag for part in root.iter() if part.tag not in allowed]
    found += [key for part in root.iter() for key in part.attrib if key.startswith("on") or key == "style" or ":" in key or "{" in key]
    addresses = [str(part.get("href")) for part in root.iter() if "href" in part.attrib]
    return found + [address for address in addresses if not re.fullmatch(r"#pop-[\w-]+|glossary\.html#term-[^:]+", address)]


@pytest.mark.parametrize("words", NASTY)
@pytest.mark.parametrize("place", ["label", "title", "description", "line", "group", "class", "id"])
def test_nothing_in_a_source_becomes_markup_or_a_link(words: str, place: str) -> None:
    text = {
        "label": SMALL.replace("Alpha", words),
        "title": SMALL.replace("A title", words),
        "description": SMALL.replace("A description", words),
        "line": ORIENTATION + f'a["A"]\nb["B"]\na a-b@-->|"{words}"| b\n',
        "group": SMALL.replace('a["Alpha"]', f'subgraph g["{words}"]\na["Alpha"]\nend'),
        "class": SMALL.replace('["Alpha"]', f'["Alpha"]:::x{words}'),
        "id": SMALL.replace("a-activates-b@", f"{words}@"),
    }[place]
    try:
        shown = read(text)
        pictures = [fresh(shown, links=LINKS), fresh(shown), fresh(shown, print_colours=True)]
        network = exchange.cx2(shown, {}, {})
    except Faulty:
        return
    assert [harmful(svg) for svg in pictures] == [[], [], []]
    assert len(ElementTree.fromstring(pictures[0]).findall(f".//{SVG}path[@data-from]")) == len(shown.graph.edges)
    assert "edgeBypasses" in network


@example("`**x**`")
@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*NASTY, "x", '"', "<", ">", "&", "'", "#", ";", "%", "|", "(", "{"]), max_size=5).map("".join))
def test_mixed_tricks_stay_words(words: str) -> None:
    for text in (SMALL.replace("Alpha", words), ORIENTATION + f'a["A"]\nb["B"]\na a-b@-->|"{words}"| b\n'):
        try:
            shown = read(text)
            svg = fresh(shown, links=LINKS)
        except Faulty:
            continue
        assert harmful(svg) == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        SMALL + 'subgraph g["Group"]\nend\n',
        SMALL + 'subgraph g["G"]\nc["C"]\nend\ng e2@-->|activates| a\n',
        SMALL.replace("| b\n", "| a\na l-l@-->|activates| a\n"),
        HEAD + "\n".join(f"n{number} --> n{number + 1}" for number in range(1000)),
        HEAD + "".join(f'subgraph s{number}["S"]\n' for number in range(20)) + 'a["A"]\nb["B"]\na --> b\n' + "end\n" * 20,
        SMALL.replace("Alpha", "word " * 3000),
        SMALL.replace("Alpha", "x" * 15_000),
        HEAD + "a & " * 60 + "a --> " + "b & " * 60 + "b",
    ],
    ids=["nothing", "an empty group", "an edge of a group", "two loops", "1000 nodes", "deep groups", "words", "a word", "all with all"],
)
@pytest.mark.parametrize("links", [None, LINKS], ids=["alone", "linked"])
def test_odd_graphs_are_drawn_soon_or_told(text: str, links: Links | None) -> None:
    start = time.monotonic()
    try:
        shown = read(text, {})
        svg = render.draw(shown, "u", links=links).svg
        exchange.cx2(shown, {}, {})
    except Faulty as error:
        assert error.faults
    else:
        assert ElementTree.fromstring(svg).get("role") == ("group" if links else "img")
    assert time.monotonic() - start < 5


def test_a_source_that_does_not_parse_is_told() -> None:
    with pytest.raises(Faulty, match=r"^d\.mmd:5:2: "):
        fresh(read(SMALL.replace('b["Beta"]', 'b["Beta"'), {}))


@settings(max_examples=60, deadline=None)
@given(diagrams())
def test_generated_pictures_are_complete_and_clean(shown: Diagram) -> None:
    assert faults_of_picture(fresh(shown), shown) == []
    assert faults_of_picture(fresh(shown, print_colours=True), shown) == []
    assert faults_of_picture(fresh(shown, links=LINKS), shown, LINKS) == []
    assert labels_too_wide(shown) == []


def test_the_checks_of_pictures_find_what_is_wrong() -> None:
    shown = read(SMALL)
    svg = fresh(shown)
    spoilt = {
        "a link": svg.replace("<rect", '<rect href="x"', 1),
        "a script": svg.replace("</svg>", "<script/></svg>"),
        "an id again": svg.replace('id="u--a"', 'id="u--b"'),
        "a label": svg.replace(">Beta<", ">Gamma<"),
        "a form": svg.replace("kb-line-supported", "kb-line-mixed"),
        "a role": svg.replace('role="img"', 'role="group"'),
        "a direction": svg.replace('data-from="a"', 'data-from="b"'),
    }
    assert [name for name, bad in spoilt.items() if not faults_of_picture(bad, shown)] == []
    assert claims_for(SMALL).keys() == {"a-activates-b"}
