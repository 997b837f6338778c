"""Rules for diagrams beyond the cases of tests/faults: limits, places, and that no text brings them down."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.checks.markdown import glossary_terms
from ketamine_kb.diagrams import arrows, lint, source
from ketamine_kb.diagrams.lint import MAX_EDGES, MAX_NODES, MAX_WIDTH, VERBS
from ketamine_kb.diagrams.palette import CLASSES
from ketamine_kb.diagrams.source import layout, parse
from ketamine_kb.evidence.model import Claim, Knowledge
from ketamine_kb.evidence.words import FIRM, SIGNS
from ketamine_kb.messages import Code
from ketamine_kb.project import Faulty, Project
from tests.diagrams.examples import ARROWS, FREE, HEAD, ORIENTATION, SHAPES, SMALL, claim, claims_for, facts, graphs


def codes(text: str) -> list[Code]:
    return [fault.code for fault in lint.check(text, "d.mmd")]


def chain(nodes: int, edges: int) -> str:
    """A source with so many nodes and edges, in one column."""
    lines = [f'n{number}["Node {number}"]' for number in range(nodes)]
    for number in range(edges):
        start = number % (nodes - 1)
        lines.append(f"n{start} e{number}@-->|activates| n{start + 1}")
    return HEAD + "\n".join(lines) + "\nclass " + ",".join(f"n{number}" for number in range(nodes)) + " cell\n"


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_takes_its_arrows_and_no_other(verb: str) -> None:
    for tip, forms in ARROWS.items():
        for arrow in forms:
            found = codes(SMALL.replace("-->|activates|", f"{arrow}|{verb}|"))
            assert found == ([] if VERBS[verb] == tip else [Code.DIAGRAM_EDGE]), (verb, arrow)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_is_taken(name: str) -> None:
    assert codes(SMALL.replace("b cell", f"b {name}")) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_taken(shape: str) -> None:
    assert codes(SMALL.replace('["Alpha"]', SHAPES[shape].format("Alpha"))) == []


@pytest.mark.parametrize("identifier", ["a", "a1-b2", "nmda-at-rest--2", "x" * 60])
def test_ids_that_are_taken(identifier: str) -> None:
    assert codes(SMALL.replace("a-activates-b@", f"{identifier}@")) == []


@pytest.mark.parametrize("identifier", ["A-b", "a_b", "a-b--c", "cross", "arrow", "desc", "title"])
def test_ids_that_are_refused(identifier: str) -> None:
    assert codes(SMALL.replace("a-activates-b@", f"{identifier}@")) == [Code.DIAGRAM_EDGE]


def test_most_nodes_and_edges() -> None:
    assert codes(chain(MAX_NODES, MAX_EDGES)) == []
    assert codes(chain(MAX_NODES + 1, MAX_NODES)) == [Code.DIAGRAM_SIZE]
    assert codes(chain(10, MAX_EDGES + 1)) == [Code.DIAGRAM_SIZE]


def fan(count: int, last: str = "Some words") -> str:
    """One node above a row of so many."""
    labels = ["Some words"] * (count - 1) + [last]
    lines = [f'n{number}["{label}"]\na e{number}@-->|activates| n{number}' for number, label in enumerate(labels)]
    return HEAD + 'a["Alpha"]\n' + "\n".join(lines) + "\nclass a," + ",".join(f"n{number}" for number in range(count)) + " cell\n"


def test_widest_diagram() -> None:
    texts = [fan(count, "l" * letters) for count in (5, 6) for letters in range(1, 50)]
    widths = [layout(text).width for text in texts]
    assert any(MAX_WIDTH - 15 < wide <= MAX_WIDTH for wide in widths), "no example just below the limit"
    assert any(MAX_WIDTH < wide < MAX_WIDTH + 15 for wide in widths), "no example just above the limit"
    for text, wide in zip(texts, widths, strict=True):
        assert codes(text) == ([Code.DIAGRAM_SIZE] if wide > 900 else [])


def test_verbs_and_tips_are_those_agreed() -> None:
    crosses = {"inhibits", "blocks"}
    plain = {"part of", "connects with"}
    arrows = {"activates", "releases", "binds", "increases", "decreases", "disinhibits"}
    assert dict.fromkeys(crosses, "cross") | dict.fromkeys(plain, "none") | dict.fromkeys(arrows, "arrow") == VERBS


def test_a_place_is_never_that_of_a_word_in_the_description() -> None:
    text = SMALL.replace("A description of this.", "Of beta, 漢, zeta and b-activates-a@.").replace('b["Beta"]', 'beta["Beta 漢"]')
    text = text.replace("| b", "| beta").replace("class a,b", "class a")
    assert [(fault.line, fault.code) for fault in lint.check(text, "d.mmd")] == [(5, Code.DIAGRAM_NODE), (5, Code.DIAGRAM_GLYPH)]


def test_an_id_that_ends_another_id_has_its_own_place() -> None:
    text = SMALL + "b x-a-activates-b@-->|activates| a\n"
    text = text.replace("a a-activates-b@-->|activates| b\n", "") + "a a-activates-b@-->|wrong| b\n"
    assert [(fault.line, fault.column) for fault in lint.check(text, "d.mmd")] == [(8, 3)]


def test_check_all_tells_of_files_that_cannot_be_read(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.diagrams.mkdir()
    (project.diagrams / "a.mmd").write_bytes(b"\xff")
    (project.diagrams / "b.mmd").write_text(SMALL.replace("accTitle: A title\n", ""), encoding="utf-8")
    (project.diagrams / "c.mmd").write_text(SMALL, encoding="utf-8")
    found = [(fault.path, fault.code) for fault in lint.check_all(project)]
    assert found == [("diagrams/a.mmd", Code.PAGE_NOT_UTF8), ("diagrams/b.mmd", Code.DIAGRAM_ACCESS)]


def test_the_real_diagrams_are_quiet(project: Project) -> None:
    assert [str(fault) for fault in lint.check_all(project, facts(), glossary_terms(project))] == []


# -- lines and their claims ------------------------------------------------------------------------------------------------


def claim_faults(text: str, claims: dict[str, Claim]) -> list[str]:
    return [str(fault) for fault in lint.claim_faults(parse(text, "d.mmd"), text, "d.mmd", claims)]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("certainty", SIGNS)
def test_a_firm_line_means_a_firm_claim_and_a_broken_line_another(verb: str, certainty: str) -> None:
    firm, broken = ARROWS[VERBS[verb]]
    known = {"a-activates-b": claim("a-activates-b", certainty)}
    right, wrong = (firm, broken) if certainty in FIRM else (broken, firm)
    assert claim_faults(SMALL.replace("-->|activates|", f"{right}|{verb}|"), known) == []
    form, wanted = ("a dashed line", "--> --x or ---") if certainty in FIRM else ("a firm line", "-.-> -.-x or -.-")
    assert claim_faults(SMALL.replace("-->|activates|", f"{wrong}|{verb}|"), known) == [
        f"d.mmd:6:3: {form} for 'a-activates-b', which is {certainty} - expected the form of that certainty, {wanted} "
        "- run: nox -s html [diagram-edge]"
    ]


@pytest.mark.parametrize(
    ("known", "near"),
    [("a-activates-c", " - did you mean 'a-activates-c'?"), ("something-else", "")],
)
def test_a_line_needs_a_claim(known: str, near: str) -> None:
    said = f"d.mmd:6:3: the edge 'a-activates-b' is no claim - expected the id of a claim{near} - run: nox -s html [claim-unknown]"
    assert claim_faults(SMALL, {known: claim(known)}) == [said]


def test_a_second_line_stands_for_the_same_claim() -> None:
    text = SMALL.replace("a-activates-b@", "a-activates-b--2@")
    assert claim_faults(text, {"a-activates-b": claim("a-activates-b")}) == []


def test_the_place_is_that_of_the_line_and_not_of_a_comment() -> None:
    text = SMALL.replace("accTitle", "%% a-activates-b@-->|blocks| is another\naccTitle")
    (said,) = claim_faults(text, {})
    assert said.startswith("d.mmd:7:3: ")


@pytest.mark.parametrize(
    ("line", "known", "code"),
    [
        ("a any-word@--> b", {}, None),
        ("a any-word@-.-> b", {}, None),
        ("a any-word@--> b", {"any-word": "mixed"}, None),
        ('a a-b@-->|"if it helps"| b', {"a-b": "supported"}, None),
        ('a a-b@-.->|"if it helps"| b', {"a-b": "hypothesis"}, None),
        ('a a-b@-->|"if it helps"| b', {}, Code.CLAIM_UNKNOWN),
        ('a a-b@-->|"if it helps"| b', {"a-b": "mixed"}, Code.DIAGRAM_EDGE),
        ('a a-b@-.->|"if it helps"| b', {"a-b": "established"}, Code.DIAGRAM_EDGE),
    ],
)
def test_in_an_orientation_only_lines_with_words_need_a_claim(line: str, known: dict[str, str], code: Code | None) -> None:
    text = f'{ORIENTATION}a["A"]\nb["B"]\n{line}\nclass a,b process\n'
    claims = {name: claim(name, certainty) for name, certainty in known.items()}
    assert codes(text) == []
    assert [fault.code for fault in lint.claim_faults(parse(text, "d.mmd"), text, "d.mmd", claims)] == ([code] if code else [])


@pytest.mark.parametrize("word", FREE)
def test_an_orientation_may_use_free_words(word: str) -> None:
    text = f'{ORIENTATION}a["A"]\nb["B"]\na a-b@-->|"{word}"| b\nclass a,b process\n'
    assert codes(text) == []
    assert codes(text.replace("%% kind: orientation\n", "")) == [Code.DIAGRAM_EDGE]


@pytest.mark.parametrize("word", ["<b>x</b>", "**x**", "a #lt;b", "a <b", "</text>"])
def test_markup_on_a_line_is_told(word: str) -> None:
    assert codes(f'{ORIENTATION}a["A"]\nb["B"]\na a-b@-->|"{word}"| b\nclass a,b process\n') == [Code.DIAGRAM_EDGE]


@pytest.mark.parametrize("arrow", ["==>", "==x", "===", "--o", "o--o", "<-->", "x--x", "<-.->", "~~~"])
def test_arrows_of_another_kind_are_told(arrow: str) -> None:
    (fault,) = lint.check(SMALL.replace("-->|activates|", f"{arrow}|activates|"), "d.mmd")
    assert (fault.line, fault.column, fault.code) == (6, 3, Code.DIAGRAM_EDGE)
    assert fault.expected in ("one of -->, -.->, --x, -.-x, ---, -.-", "an id before the arrow, as in `a claim-id@-->|verb| b`")


@pytest.mark.parametrize("arrow", ["--->", "-..->", "---->"])
def test_longer_arrows_are_taken(arrow: str) -> None:
    assert codes(SMALL.replace("-->", arrow)) == []


@pytest.mark.parametrize("line", ["a a-activates-b@-- activates --> b", 'a a-activates-b@-- "activates" --> b'])
def test_a_word_that_is_not_between_bars_is_told(line: str) -> None:
    (fault,) = lint.check(SMALL.replace("a a-activates-b@-->|activates| b", line), "d.mmd")
    assert fault.found == "the word on 'a-activates-b' is not between bars"
    assert fault.expected == "`a a-activates-b@-->|activates| b`"


# -- pieces ----------------------------------------------------------------------------------------------------------------


def islands(*sizes: int) -> str:
    """Chains of so many boxes that nothing joins."""
    lines, names = [], []
    for island, size in enumerate(sizes):
        mine = [f"i{island}n{number}" for number in range(size)]
        names += mine
        lines += [f'{name}["Node {name}"]' for name in mine]
        lines += [f"{one} {one}-x@-->|activates| {other}" for one, other in pairwise(mine)]
    return HEAD + "\n".join(lines) + "\nclass " + ",".join(names) + " cell\n"


@pytest.mark.parametrize(("sizes", "pieces"), [((2,), 0), ((4, 2), 1), ((2, 3), 1), ((2, 2, 2), 2), ((2, 5, 3), 2)])
def test_a_diagram_is_one_piece(sizes: tuple[int, ...], pieces: int) -> None:
    found = lint.check(islands(*sizes), "d.mmd")
    assert [fault.expected for fault in found] == ["one diagram in one piece"] * pieces
    assert all(fault.line > 3 for fault in found)


# -- notes -----------------------------------------------------------------------------------------------------------------

TERMS = ("NMDA receptor", "neuron", "BDNF")
MOLECULES = ("ketamine", "grin1")
NOTED = SMALL + "%% node a: term=neuron\n%% node b: term=none\n"


def note_faults(text: str) -> list[str]:
    return [str(fault) for fault in lint.note_faults(parse(text, "d.mmd"), text, "d.mmd", TERMS, MOLECULES)]


@pytest.mark.parametrize("note", ["term=NMDA receptor; molecule=grin1", "molecule=ketamine;term=none", "term=BDNF"])
def test_notes_that_are_taken(note: str) -> None:
    assert note_faults(NOTED.replace("term=neuron", note)) == []


@pytest.mark.parametrize("text", [SMALL, NOTED.replace("term=neuron", "molecule=grin1"), NOTED.replace("term=neuron", "")])
def test_a_box_without_its_term_is_told_where_it_stands(text: str) -> None:
    assert note_faults(text)[0] == (
        "d.mmd:4: node 'a' without its term - expected a line `%% node a: term=...` with a term of the glossary, or none "
        "- run: nox -s html [diagram-note]"
    )


def test_an_orientation_need_not_name_terms_but_wrong_ones_are_told() -> None:
    text = ORIENTATION + 'a["A"]\nb["B"]\na a-b@--> b\n'
    assert note_faults(text) == []
    assert [said.split(" - ")[0] for said in note_faults(text + "%% node a: term=nuron\n")] == ["d.mmd:8: term 'nuron'"]


@pytest.mark.parametrize("term", ["nmda receptor", "Neuron", "neurons"])
def test_a_term_is_written_as_in_the_glossary(term: str) -> None:
    (said,) = note_faults(NOTED.replace("term=neuron", f"term={term}"))
    assert f"term {term!r} - expected a term of the glossary, or none" in said


def test_the_marks_are_counted_in_the_width(tmp_path: Path) -> None:
    """A diagram that fits only without the marks on its lines is too wide."""
    project = Project(tmp_path)
    project.diagrams.mkdir()
    found = []
    for count, letters in ((4, 1), (4, 50), (5, 1), (5, 20), (5, 45)):
        text = fan(count, "l" * letters)
        names = {edge.id: claim(edge.id, "supported", ("rodent", "in-vitro", "non-human-primate")) for edge in parse(text, "d.mmd").edges}
        notes = "".join(f"%% node {name}: term=none\n" for name in parse(text, "d.mmd").nodes)
        (project.diagrams / "d.mmd").write_text(text + notes, encoding="utf-8")
        wide = arrows.read(text, "d.mmd", names).place().width
        facts = Knowledge(claims=names, chapters={}, retired={}, sources={}, statements=[])
        found.append(wide > MAX_WIDTH)
        said = [str(fault) for fault in lint.check_all(project, facts, ())]
        bare = layout(text).width
        width = f"{bare:.0f} px wide" if bare > MAX_WIDTH else f"{wide:.0f} px wide with its marks"
        told = f"diagrams/d.mmd:1: {width} - expected at most 900 px - run: nox -s html [diagram-size]"
        assert [line for line in said if "printed page" not in line] == ([told] if wide > MAX_WIDTH else [])
    assert set(found) == {True, False}


def test_claims_and_notes_are_checked_only_when_it_is_whole(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.diagrams.mkdir()
    (project.diagrams / "d.mmd").write_text(SMALL.replace("class a,b", "class a"), encoding="utf-8")
    facts = Knowledge(claims={}, chapters={}, retired={}, sources={}, statements=[])
    assert [fault.code for fault in lint.check_all(project, facts, ())] == [Code.DIAGRAM_NODE]
    (project.diagrams / "d.mmd").write_text(SMALL, encoding="utf-8")
    assert [fault.code for fault in lint.check_all(project, facts, ())] == [Code.CLAIM_UNKNOWN, Code.DIAGRAM_NOTE, Code.DIAGRAM_NOTE]


# -- any text --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "a --> b & " * 1500,
        HEAD + "a & " * 4000 + "a --> b",
        HEAD + "a" * 19_000,
        HEAD + "a-->" * 4500 + "a",
        HEAD + "subgraph x\n" * 1700,
        HEAD + "((((" * 4000,
        HEAD + 'a["' + "<br/>" * 3500 + '"]',
        HEAD + "accDescr {" * 1800,
        "%%{" * 6000,
        HEAD + "\n".join(f"n{number} --> n{number + 1}" for number in range(1200)),
        HEAD + "\n".join(f"n{number} --> n{number + 1}" for number in range(10_000)),
        HEAD + "".join(f"subgraph s{number}\n" for number in range(1200)) + 'a["A"]\n',
        HEAD + 'a["' + "x" * 19_000,
        HEAD + 'a["A"] --> b["' * 1300,
        HEAD + "a e@-->|" * 2000,
        HEAD + "a e@--" * 3000,
        HEAD + "%% node a: " * 1500,
        HEAD + "%% node a:" + "term=x;" * 2500,
        SMALL.replace("Alpha", "#amp;" * 3500).replace("class", "klass"),
        SMALL.replace("Alpha", "#" * 19_000),
        HEAD + "a@{" * 5000,
        HEAD + "class a " + "a," * 9000,
        HEAD + " " * 19_000 + "|",
        SMALL + "\n" * 19_000,
        SMALL + "\n" * 1900 + "c",
        HEAD + "accDescr" + " " * 19_000,
        HEAD + "subgraph " + "a-" * 9000,
        HEAD + "".join(f'n{n}["N{n}"]\nn{n} e{n}@-->|activates| n{(n * 7) % 60}\n' for n in range(60)),
    ],
    ids=(
        "and many long chain groups brackets breaks descriptions settings pairs 10000 deep quote quotes bars dashes notes parts "
        "entities signs shapes classes blanks empty lines description title tangle"
    ).split(),
)
def test_hostile_sources_end_soon(text: str) -> None:
    source.parse.cache_clear()
    source.layout.cache_clear()
    start = time.monotonic()
    told = lint.check(text, "d.mmd")
    try:
        graph = parse(text, "d.mmd")
    except Faulty:
        assert told
    else:
        if not told:  # as check_all does
            lint.claim_faults(graph, text, "d.mmd", {"x": claim("x")})
        lint.note_faults(graph, text, "d.mmd", TERMS, MOLECULES)
    assert told
    assert time.monotonic() - start < 5


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_valid_graphs_are_quiet_unless_too_wide(text: str) -> None:
    assert set(codes(text)) <= {Code.DIAGRAM_SIZE}


PIECES = [
    "subgraph g",
    "end",
    "\n",
    "-->",
    "-.-x",
    "|activates|",
    "a",
    "b",
    "e1@",
    "[",
    '"',
    "]",
    "(",
    "{{",
    "}}",
    "class ",
    "cell",
    ":::",
    "style ",
    "accDescr",
    "{",
    "}",
    "&",
    "#1;",
    "%%",
    "%% node a: term=x\n",
    "%% kind: orientation\n",
    '|"',
    '"|',
    "@{shape: ",
    ";",
    " ",
]
mermaid_like = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["", HEAD, SMALL, "flowchart TB\n"]), mermaid_like)
def test_any_text_is_taken_or_told(head: str, text: str) -> None:
    text = (head + text).replace("\r", "\n")  # as Project.read hands it over
    told = lint.check(text, "d.mmd")
    try:
        graph = parse(text, "d.mmd")
    except Faulty:
        assert told
    else:
        claims = claims_for(text)
        told += lint.claim_faults(graph, text, "d.mmd", claims) + lint.note_faults(graph, text, "d.mmd", TERMS, MOLECULES)
        arrows.labelled(text, arrows.read(text, "d.mmd", claims).arrows)
    for fault in told:
        assert fault.path == "d.mmd"
        assert 1 <= fault.line <= text.count("\n") + 1


def test_a_picture_too_high_for_paper_is_told(tmp_path: Path) -> None:
    """Printed on one page its words would be smaller than 8 pt."""
    project = Project(tmp_path)
    project.diagrams.mkdir()
    names = [f"n{number}" for number in range(20)]
    text = HEAD + "\n".join([f'{name}["Box {name}"]' for name in names])
    text += "".join(f"\n{first} {first}-activates@-->|activates| {second}" for first, second in pairwise(names))
    text += f"\nclass {','.join(names)} cell\n" + "".join(f"%% node {name}: term=none\n" for name in names)
    (project.diagrams / "d.mmd").write_text(text, encoding="utf-8")
    claims = {edge.id: claim(edge.id, "supported", ("human",)) for edge in parse(text, "d.mmd").edges}
    (fault,) = lint.check_all(project, Knowledge(claims=claims, chapters={}, retired={}, sources={}, statements=[]), ())
    assert re.fullmatch(
        r"diagrams/d\.mmd:1: words of [4-7]\.\d pt on a printed page \(\d{4} px high with its legend\) - expected at least 8 pt: "
        r"at most 1294 px high - run: nox -s html \[diagram-size\]",
        str(fault),
    )
