"""The table of molecules."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from ketamine_kb.evidence import load
from ketamine_kb.project import Project
from ketamine_kb.sphinxext.molecules import identifiers
from tests.conftest import ROOT


def test_every_molecule_is_shown_once_with_its_identifiers(site: Path) -> None:
    page = (site / "reference/molecules.html").read_text(encoding="utf-8")
    molecules = load.load(Project(ROOT)).molecules
    assert sorted(re.findall(r'id="molecule-([a-z0-9-]+)"', page)) == sorted(molecule.id for molecule in molecules)
    words = unescape(re.sub(r"<[^>]+>", " ", page))
    for molecule in molecules:
        assert identifiers(molecule) in words


def test_identifiers_are_told_in_a_fixed_order() -> None:
    ketamine = next(molecule for molecule in load.load(Project(ROOT)).molecules if molecule.id == "ketamine")
    assert identifiers(ketamine) == (
        "CHEBI:6121; PubChem 3821; DrugBank DB01221; Guide to Pharmacology 4233; InChIKey YQEZLKZALYSWHR-UHFFFAOYSA-N; formula C13H16ClNO"
    )
