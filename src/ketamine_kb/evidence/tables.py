"""Facts that are tables: molecules with their database identifiers, and routes with their harms.

Only what a source states is held. Data that cannot be true is a fault, with a message that says which numbers collide.
Trials have a module of their own, :mod:`ketamine_kb.evidence.trial_data`.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from ketamine_kb.evidence.base import Fact, Identifier, Key, Prose, Words, impossible


class Molecule(Fact):
    """A drug, transmitter or protein with its identifiers, as they were seen."""

    id: Identifier = Field(description="Never used again for another molecule.")
    name: Words = Field(description="Name by which readers know it.")
    kind: Words = Field(description="What it is, such as drug, metabolite or receptor.")
    hgnc_symbol: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]+$")] | None = Field(
        default=None, description="Symbol of the human gene."
    )
    hgnc_id: Annotated[str, StringConstraints(pattern=r"^HGNC:[0-9]+$")] | None = Field(
        default=None, description="Number of the human gene."
    )
    uniprot: Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9][A-Z0-9]{3}[0-9]$")] | None = Field(
        default=None, description="UniProt accession of the human protein."
    )
    chebi: Annotated[str, StringConstraints(pattern=r"^CHEBI:[0-9]+$")] | None = Field(default=None, description="ChEBI number.")
    chebi_name: Words | None = Field(default=None, description="Name under that ChEBI number, where it differs.")
    chebi_acid: Annotated[str, StringConstraints(pattern=r"^CHEBI:[0-9]+$")] | None = Field(
        default=None, description="ChEBI number of the acid."
    )
    chebi_acid_name: Words | None = Field(default=None, description="Name under that ChEBI number.")
    pubchem_cid: int | None = Field(default=None, ge=1, description="PubChem compound number.")
    pubchem_cid_acid: int | None = Field(default=None, ge=1, description="PubChem compound number of the acid.")
    pubchem_cid_no_stereo: int | None = Field(default=None, ge=1, description="PubChem compound number without stereochemistry.")
    inchikey: Annotated[str, StringConstraints(pattern=r"^[A-Z]{14}-[A-Z]{10}-[A-Z]$")] | None = Field(
        default=None, description="InChIKey."
    )
    inchikey_no_stereo: Annotated[str, StringConstraints(pattern=r"^[A-Z]{14}-UHFFFAOYSA-[A-Z]$")] | None = Field(
        default=None, description="InChIKey without stereochemistry."
    )
    cas: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,7}-[0-9]{2}-[0-9]$")] | None = Field(default=None, description="CAS number.")
    cas_no_stereo: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,7}-[0-9]{2}-[0-9]$")] | None = Field(
        default=None, description="CAS number without stereochemistry."
    )
    unii: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{10}$")] | None = Field(default=None, description="UNII of the US regulator.")
    chembl: Annotated[str, StringConstraints(pattern=r"^CHEMBL[0-9]+$")] | None = Field(default=None, description="ChEMBL number.")
    drugbank: Annotated[str, StringConstraints(pattern=r"^DB[0-9]{5}$")] | None = Field(default=None, description="DrugBank number.")
    gtopdb_ligand: int | None = Field(default=None, ge=1, description="Ligand number of the IUPHAR/BPS Guide to Pharmacology.")
    formula: Annotated[str, StringConstraints(pattern=r"^(?:[A-Z][a-z]?[0-9]*)+$")] | None = Field(default=None, description="Sum formula.")
    seen_in: list[Words] = Field(min_length=1, description="The public copies in which the identifiers were read.")
    seen_at: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = Field(
        default=None, description="Address of a page read."
    )
    note: Words | None = Field(default=None, description="What was not seen, or contradicts.")

    @model_validator(mode="after")
    def _has_an_identifier(self) -> Self:
        if not any(
            (self.hgnc_id, self.uniprot, self.chebi, self.pubchem_cid, self.inchikey, self.gtopdb_ligand, self.drugbank, self.chembl)
        ):
            raise impossible("id", f"{self.id}: no identifier of any database", "at least one")
        return self


class MoleculeFile(Fact):
    """The file ``evidence/molecules.yaml``."""

    molecules: list[Molecule] = Field(min_length=1, max_length=1000, description="All molecules.")


class CommonHarms(Fact):
    """The harms by any route: to be shown wherever a route is shown."""

    says: Prose = Field(description="The harms that every route shares.")
    note: Prose = Field(description="How the table of routes is to be read.")
    sources: list[Key] = Field(min_length=1, description="Keys in evidence/references.bib.")
    unlisted: list[Key] = Field(
        default_factory=list, description="Keys of the evidence pack whose record is not complete enough for evidence/references.bib."
    )


class Route(Fact):
    """One way of giving the drug. It is never shown without its harms and the common harms."""

    id: Identifier = Field(description="Never used again for another route.")
    route: Words = Field(description="The route and the drug given by it.")
    bioavailability: Words = Field(description="How much reaches the blood, as seen, with the number of people.")
    onset: Words = Field(description="How soon, as seen.")
    dosing_as_reported: Words = Field(description="What labels and studies report, with country. Not advice.")
    regulatory_status: Words = Field(description="Approved or not, with country and authority.")
    pros: list[Words] = Field(description="What speaks for this route.")
    cons: list[Words] = Field(description="What speaks against this route.")
    harms: Prose = Field(description="Harms by this route.")
    sources: list[Key] = Field(min_length=1, description="Keys in evidence/references.bib.")
    unlisted: list[Key] = Field(
        default_factory=list, description="Keys of the evidence pack whose record is not complete enough for evidence/references.bib."
    )


class RouteFile(Fact):
    """The file ``evidence/routes.yaml``."""

    common_harms: CommonHarms = Field(description="The harms by any route.")
    routes: list[Route] = Field(min_length=1, max_length=100, description="All routes.")
