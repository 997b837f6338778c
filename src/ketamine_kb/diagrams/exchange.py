"""A diagram as CX2, the exchange format of Cytoscape: nodes, directed edges, certainty, species, sources and identifiers.

Format: "CX2 specification", Cytoscape Exchange format version 2 (the files are read back in the tests with the ndex2 library).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ketamine_kb.diagrams.arrows import NO_TERM, Arrow, Diagram
from ketamine_kb.diagrams.graph import Layout, Node
from ketamine_kb.evidence.model import Source
from ketamine_kb.evidence.tables import Molecule

#: Relation of each verb in the OBO Relation Ontology (labels read in public copies of it on 2026-11-21). Verbs without one of the same
#: meaning have none.
RELATIONS = {
    "activates": "RO:0002213",  # positively regulates
    "increases": "RO:0002213",
    "inhibits": "RO:0002212",  # negatively regulates
    "blocks": "RO:0002212",
    "decreases": "RO:0002212",
    "binds": "RO:0002436",  # molecularly interacts with
    "part of": "BFO:0000050",  # part of
    "connects with": "RO:0002170",  # connected to
}
_TIPS = {"arrow": "triangle", "cross": "tee", "none": "none"}
_LISTS = frozenset({"shown_in", "supports", "disputes", "qualifies", "citations"})


def cx2(diagram: Diagram, sources: Mapping[str, Source], molecules: Mapping[str, Molecule]) -> str:
    """The file's content: the same bytes for the same diagram."""
    placed = diagram.place()
    # What is not placed (a group with an edge of its own) is a fault that the checks have told.
    drawn = [node for node in diagram.graph.nodes.values() if node.id in placed.nodes]
    arrows = [arrow for arrow in diagram.arrows if {arrow.edge.source, arrow.edge.target} <= set(placed.nodes)]
    numbers = {node.id: number for number, node in enumerate(drawn)}
    nodes = [
        {
            "id": numbers[node.id],
            "x": placed.nodes[node.id].x,
            "y": placed.nodes[node.id].y,
            "v": _node(node, diagram, molecules),
        }
        for node in drawn
    ]
    edges = [
        {"id": number, "s": numbers[arrow.edge.source], "t": numbers[arrow.edge.target], "v": _edge(arrow, sources)}
        for number, arrow in enumerate(arrows)
    ]
    about = {
        "name": diagram.graph.title,
        "description": diagram.graph.description,
        "kind": diagram.graph.kind,
        "rights": "CC BY 4.0",
        "source": f"How Ketamine Works, {diagram.path}",
    }
    aspects: list[dict[str, Any]] = [
        {"attributeDeclarations": [{"networkAttributes": _declared([about]), "nodes": _declared_of(nodes), "edges": _declared_of(edges)}]},
        {"networkAttributes": [about]},
        {"nodes": nodes},
        {"edges": edges},
        {"visualProperties": [_look(placed)]},
        {"edgeBypasses": [{"id": number, "v": _drawn(arrow)} for number, arrow in enumerate(arrows)]},
    ]
    counted = [{"name": name, "elementCount": len(items)} for aspect in aspects for name, items in aspect.items()]
    file = [
        {"CXVersion": "2.0", "hasFragments": False},
        {"metaData": counted},
        *aspects,
        {"status": [{"error": "", "success": True}]},
    ]
    return json.dumps(file, ensure_ascii=False, indent=1) + "\n"


def _node(node: Node, diagram: Diagram, molecules: Mapping[str, Molecule]) -> dict[str, Any]:
    values: dict[str, Any] = {"name": node.words, "node": node.id, "kind": next((name for name in node.classes if name != "default"), "")}
    note = diagram.notes.get(node.id)
    if note and note.term and note.term != NO_TERM:
        values["term"] = note.term
    molecule = molecules.get(note.molecule) if note else None
    if molecule:
        values["molecule"] = molecule.id
        identifiers = {
            "hgnc_symbol": molecule.hgnc_symbol,
            "hgnc": molecule.hgnc_id,
            "uniprot": f"uniprot:{molecule.uniprot}" if molecule.uniprot else None,
            "chebi": molecule.chebi,
            "pubchem": f"pubchem.compound:{molecule.pubchem_cid}" if molecule.pubchem_cid else None,
        }
        values |= {key: value for key, value in identifiers.items() if value}
        represents = molecule.hgnc_id or molecule.chebi or identifiers["uniprot"] or identifiers["pubchem"]
        if represents:
            values["represents"] = represents
    return values


def _edge(arrow: Arrow, sources: Mapping[str, Source]) -> dict[str, Any]:
    values: dict[str, Any] = {"name": arrow.edge.id, "interaction": arrow.edge.verb or "then", "directed": arrow.edge.tip != "none"}
    if arrow.edge.verb in RELATIONS:
        values["relation"] = RELATIONS[arrow.edge.verb]
    if arrow.claim:
        values |= {
            "claim": arrow.claim.id,
            "statement": arrow.claim.statement,
            "certainty": arrow.certainty,
            "shown_in": list(arrow.claim.shown_in),
        }
        for relation in ("supports", "disputes", "qualifies"):
            keys = list(dict.fromkeys(item.source for item in arrow.claim.evidence if item.relation == relation))
            if keys:
                values[relation] = keys
        values["citations"] = [sources[key].address for key in arrow.claim.sources if key in sources]
    return values


def _drawn(arrow: Arrow) -> dict[str, Any]:
    return {"EDGE_TARGET_ARROW_SHAPE": _TIPS[arrow.edge.tip]}


def _look(placed: Layout) -> dict[str, Any]:
    """The simplest look in which names and verbs are read."""
    largest = max((box.width for box in placed.nodes.values()), default=100.0)
    return {
        "default": {
            "network": {"NETWORK_BACKGROUND_COLOR": "#FFFFFF"},
            "node": {"NODE_SHAPE": "round-rectangle", "NODE_WIDTH": largest, "NODE_HEIGHT": 44.0, "NODE_BACKGROUND_COLOR": "#F3F4F6"},
            "edge": {"EDGE_WIDTH": 2.0, "EDGE_LINE_COLOR": "#334155"},
        },
        "nodeMapping": {"NODE_LABEL": {"type": "PASSTHROUGH", "definition": {"attribute": "name", "type": "string"}}},
        "edgeMapping": {"EDGE_LABEL": {"type": "PASSTHROUGH", "definition": {"attribute": "interaction", "type": "string"}}},
    }


def _declared_of(items: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    return _declared([item["v"] for item in items])


def _declared(values: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """The type of each attribute, by name."""
    names = sorted({name for item in values for name in item})
    return {name: {"d": _type_of(name, values)} for name in names}


def _type_of(name: str, values: list[dict[str, Any]]) -> str:
    if name in _LISTS:
        return "list_of_string"
    return "boolean" if any(isinstance(item.get(name), bool) for item in values) else "string"
