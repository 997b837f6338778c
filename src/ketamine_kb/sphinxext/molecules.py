"""The table of molecules with their database identifiers."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from ketamine_kb.evidence.tables import Molecule
from ketamine_kb.sphinxext.tables import FromFacts, Rows, table

#: Fields with what readers call them, in the order shown.
IDENTIFIERS = {
    "hgnc_symbol": "gene",
    "hgnc_id": "",
    "uniprot": "UniProt",
    "chebi": "",
    "pubchem_cid": "PubChem",
    "pubchem_cid_no_stereo": "PubChem, form not told apart",
    "drugbank": "DrugBank",
    "chembl": "",
    "gtopdb_ligand": "Guide to Pharmacology",
    "unii": "UNII",
    "cas": "CAS",
    "inchikey": "InChIKey",
    "formula": "formula",
}


class MoleculeTable(FromFacts):
    """Every molecule of ``evidence/molecules.yaml``: name, kind, identifiers, and what was not seen."""

    def make(self) -> list[nodes.Node]:
        """One row a molecule, each with an address of its own."""
        rows: Rows = []
        for molecule in self.knowledge.molecules:
            name = nodes.inline("", molecule.name, ids=[f"molecule-{molecule.id}"])
            note: list[nodes.Node] = [nodes.Text(molecule.note or "")]
            rows.append([[name], [nodes.Text(molecule.kind)], [nodes.Text(identifiers(molecule))], note])
        caption = f"The {len(rows)} molecules, with the identifiers that were read in public copies of the databases"
        return [table(caption, ["Molecule", "Kind", "Identifiers", "Not seen, or unclear"], rows, (22, 14, 40, 24))]


def identifiers(molecule: Molecule) -> str:
    """Its identifiers in words, in a fixed order."""
    said = [(words, getattr(molecule, field)) for field, words in IDENTIFIERS.items() if getattr(molecule, field)]
    return "; ".join(f"{words} {value}".strip() for words, value in said)


def setup_molecules(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("molecule-table", MoleculeTable)
