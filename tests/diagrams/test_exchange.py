"""The network file, read back by NDEx's own library: the same boxes, lines, directions, certainties and identifiers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ketamine_kb.diagrams import exchange
from ketamine_kb.diagrams.arrows import NO_TERM, Diagram
from ketamine_kb.diagrams.exchange import RELATIONS
from ketamine_kb.diagrams.lint import VERBS
from ketamine_kb.evidence.model import Finding, Source
from ketamine_kb.evidence.tables import Molecule
from tests.diagrams.examples import HEAD, ORIENTATION, SMALL, SOURCES, claim, claims_for, diagrams, facts, read, real

MOLECULES = {
    molecule.id: molecule
    for molecule in (
        Molecule(id="drug", name="Drug", kind="drug", chebi="CHEBI:1", pubchem_cid=2, seen_in=["a copy"]),
        Molecule(id="gene", name="Gene", kind="receptor", hgnc_symbol="GRIN1", hgnc_id="HGNC:4584", uniprot="Q05586", seen_in=["a copy"]),
        Molecule(id="protein", name="Protein", kind="receptor", uniprot="Q05586", seen_in=["a copy"]),
        Molecule(id="compound", name="Compound", kind="drug", pubchem_cid=2, seen_in=["a copy"]),
        Molecule(id="other", name="Other", kind="drug", drugbank="DB00001", seen_in=["a copy"]),
    )
}


def source(key: str) -> Source:
    facts = {"title": "T", "issuer": "I", "year": 2020, "container": "C", "design": "rct", "verified": "abstract", "words": "w"}
    return Source.model_validate({"key": key, "address": f"https://example.org/{key}", **facts})


def network(text: str) -> Any:
    """The file as NDEx's library reads it."""
    factory = pytest.importorskip("ndex2.cx2", reason="ndex2 is not installed here").RawCX2NetworkFactory
    return factory().get_cx2network(json.loads(text))


def read_back(shown: Diagram, sources: dict[str, Source], molecules: dict[str, Molecule]) -> Any:
    """The network, after its boxes and lines were compared with the picture."""
    read = network(exchange.cx2(shown, sources, molecules))
    boxes, lines = read.get_nodes(), read.get_edges()
    names = {number: box["v"]["node"] for number, box in boxes.items()}
    assert list(names.values()) == list(shown.graph.nodes)
    assert [box["v"]["name"] for box in boxes.values()] == [node.words for node in shown.graph.nodes.values()]
    placed = shown.place().nodes
    assert [(box["x"], box["y"]) for box in boxes.values()] == [(placed[name].x, placed[name].y) for name in names.values()]
    told = [
        (line["v"]["name"], names[line["s"]], names[line["t"]], line["v"]["interaction"], line["v"]["directed"], line["v"].get("certainty"))
        for line in lines.values()
    ]
    assert told == [
        (edge.id, edge.source, edge.target, edge.verb or "then", edge.tip != "none", arrow.certainty or None)
        for arrow in shown.arrows
        for edge in [arrow.edge]
    ]
    for arrow, line in zip(shown.arrows, lines.values(), strict=True):
        values = line["v"]
        assert values.get("relation") == RELATIONS.get(arrow.edge.verb)
        assert values.get("shown_in") == (list(arrow.claim.shown_in) if arrow.claim else None)
        assert values.get("claim") == (arrow.claim.id if arrow.claim else None)
        assert values.get("statement") == (arrow.claim.statement if arrow.claim else None)
    tips = {"arrow": "triangle", "cross": "tee", "none": "none"}
    bypasses = {number: drawn["EDGE_TARGET_ARROW_SHAPE"] for number, drawn in read.get_edge_bypasses().items()}
    assert bypasses == {number: tips[arrow.edge.tip] for number, arrow in enumerate(shown.arrows)}
    assert (read.get_name(), read.get_network_attributes()["description"]) == (shown.graph.title, shown.graph.description)
    return read


@pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])
def test_the_networks_of_the_project(path: Path) -> None:
    known = {molecule.id: molecule for molecule in facts().molecules}
    shown = real(path)
    read = read_back(shown, facts().sources, known)
    for box in read.get_nodes().values():
        values = box["v"]
        note = shown.notes.get(values["node"])
        assert values.get("term") == (note.term if note and note.term not in ("", NO_TERM) else None)
        molecule = known.get(note.molecule) if note else None
        assert (values.get("hgnc"), values.get("chebi")) == ((molecule.hgnc_id, molecule.chebi) if molecule else (None, None))
    for arrow, line in zip(shown.arrows, read.get_edges().values(), strict=True):
        if arrow.claim:
            assert line["v"]["citations"] == [facts().sources[key].address for key in arrow.claim.sources]
            for relation in ("supports", "disputes", "qualifies"):
                keys = list(dict.fromkeys(item.source for item in arrow.claim.evidence if item.relation == relation))
                assert line["v"].get(relation, []) == keys


@settings(max_examples=40, deadline=None)
@given(diagrams())
def test_any_network_is_read_back(shown: Diagram) -> None:
    read_back(shown, {"rct": source("rct")}, {})


@pytest.mark.parametrize(
    ("molecule", "values"),
    [
        ("drug", {"chebi": "CHEBI:1", "pubchem": "pubchem.compound:2", "represents": "CHEBI:1"}),
        ("gene", {"hgnc_symbol": "GRIN1", "hgnc": "HGNC:4584", "uniprot": "uniprot:Q05586", "represents": "HGNC:4584"}),
        ("protein", {"uniprot": "uniprot:Q05586", "represents": "uniprot:Q05586"}),
        ("compound", {"pubchem": "pubchem.compound:2", "represents": "pubchem.compound:2"}),
        ("other", {}),
    ],
)
def test_identifiers(molecule: str, values: dict[str, str]) -> None:
    shown = read(SMALL + f"%% node a: term=neuron; molecule={molecule}\n%% node b: term=none\n")
    first, second = read_back(shown, {}, MOLECULES).get_nodes().values()
    assert first["v"] == {"name": "Alpha", "node": "a", "kind": "cell", "term": "neuron", "molecule": molecule, **values}
    assert second["v"] == {"name": "Beta", "node": "b", "kind": "cell"}


def test_a_molecule_that_is_not_known_is_left_out() -> None:
    first, _ = read_back(read(SMALL + "%% node a: molecule=nothing\n"), {}, MOLECULES).get_nodes().values()
    assert "molecule" not in first["v"]


def test_findings_are_told_by_how_they_bear_on_the_claim() -> None:
    relations = [("one", "supports"), ("two", "disputes"), ("one", "supports"), ("three", "qualifies"), ("one", "disputes")]
    behind = [
        Finding.model_validate({"source": key, "relation": relation, "shown_in": ["human"], "finding": "What this source found."})
        for key, relation in relations
    ]
    shown = read(SMALL, {"a-activates-b": claim("a-activates-b", "contested", evidence=behind)})
    (line,) = read_back(shown, {key: source(key) for key in ("one", "three")}, {}).get_edges().values()
    assert {key: line["v"][key] for key in ("supports", "disputes", "qualifies")} == {
        "supports": ["one"],
        "disputes": ["two", "one"],
        "qualifies": ["three"],
    }
    assert line["v"]["citations"] == ["https://example.org/one", "https://example.org/three"]


@pytest.mark.parametrize("verb", VERBS)
def test_the_relation_of_each_verb_has_its_direction(verb: str) -> None:
    positive, negative = {"activates", "increases"}, {"inhibits", "blocks", "decreases"}
    if verb in positive:
        assert RELATIONS[verb] == "RO:0002213"
    elif verb in negative:
        assert RELATIONS[verb] == "RO:0002212"
    else:
        assert RELATIONS.get(verb) not in ("RO:0002213", "RO:0002212")


def test_relations_are_of_verbs_only() -> None:
    assert set(RELATIONS) <= set(VERBS)


def test_the_form_of_the_file() -> None:
    text = exchange.cx2(read(SMALL), {"rct": source("rct")}, {})
    assert text == exchange.cx2(read(SMALL), {"rct": source("rct")}, {})
    data = json.loads(text)
    assert data[0] == {"CXVersion": "2.0", "hasFragments": False}
    assert data[-1] == {"status": [{"error": "", "success": True}]}
    counted = {item["name"]: item["elementCount"] for item in data[1]["metaData"]}
    assert counted == {name: len(items) for aspect in data[2:-1] for name, items in aspect.items()}
    (declared,) = next(aspect["attributeDeclarations"] for aspect in data if "attributeDeclarations" in aspect)
    for name, items in (("nodes", "nodes"), ("edges", "edges")):
        used = {key for aspect in data if items in aspect for item in aspect[items] for key in item["v"]}
        assert used == set(declared[name])
    kinds = {str: "string", bool: "boolean", list: "list_of_string"}
    for item in next(aspect["edges"] for aspect in data if "edges" in aspect):
        assert {key: kinds[type(value)] for key, value in item["v"].items()} == {key: declared["edges"][key]["d"] for key in item["v"]}


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace("Alpha", "</script><script>alert(1)"),
        SMALL.replace("Alpha", "#quot;,#quot;x#quot;:1"),
        SMALL.replace("A title", '"}]<script>alert(1)</script>'),
        SMALL.replace("Alpha", "\\\\u0000 javascript:alert(1)"),
        ORIENTATION + 'a["A"]\nb["B"]\na a-b@-->|"#quot;}, {"| b\n',
        HEAD + 'a["A"]\n',
        SMALL + 'subgraph g["G"]\nc["C"]\nend\ng e2@-->|activates| a\n',
    ],
    ids=["script", "quotes", "title", "backslash", "free words", "no line", "a line of a group"],
)
def test_hostile_words_stay_words(text: str) -> None:
    shown = read(text, claims_for(text))
    data = json.loads(exchange.cx2(shown, {}, {}))
    assert [next(iter(aspect)) for aspect in data] == [
        "CXVersion",
        "metaData",
        "attributeDeclarations",
        "networkAttributes",
        "nodes",
        "edges",
        "visualProperties",
        "edgeBypasses",
        "status",
    ]
    assert [box["v"]["name"] for box in data[4]["nodes"]] == [
        node.words for name, node in shown.graph.nodes.items() if name in shown.place().nodes
    ]
