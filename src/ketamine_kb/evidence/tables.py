"""Facts that are tables: arms of trials, molecules with their database identifiers, and routes with their harms.

Only what a source states is held. Data that cannot be true is a fault, with a message that says which numbers collide.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ketamine_kb.evidence.base import Fact, Identifier, Key, Prose
from ketamine_kb.messages import nearest

#: Whether a number stands in a source or was worked out from other printed numbers.
Basis = Literal["reported", "reconstructed"]
#: What an arm is for. In a comparison of two active treatments the control is the one compared with.
Role = Literal["tested", "control"]
#: How two arms are compared.
Measure = Literal[
    "mean difference",
    "risk difference",
    "odds ratio",
    "hazard ratio",
    "effect size",
    "regression coefficient",
    "number needed to treat",
]

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=600)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Percent = Annotated[Number, Field(ge=0, le=100)]

#: Each percentage of an arm and the count that it goes with.
PERCENTAGES = (("responder_percent", "responders"), ("remitter_percent", "remitters"), ("relapse_percent", "relapsed"))
#: Groups of people: the first of each pair lies within the second.
WITHIN = (("treated", "randomised"), ("size", "randomised"), ("analysed", "randomised"), ("analysed", "treated"), ("analysed", "size"))


def impossible(field: str, found: str, expected: str) -> PydanticCustomError:
    """A fault for data that cannot be true, shown at ``field``."""
    return PydanticCustomError("impossible", "{found}, expected {expected}", {"field": field, "found": found, "expected": expected})


def _words(group: str) -> str:
    """How a group of people is called in messages."""
    return "in the arm" if group == "size" else group


class Count(Fact):
    """How many people, and where the number comes from."""

    count: int = Field(ge=0, le=1_000_000, description="How many people.")
    basis: Basis = Field(description="reported: printed in a source; reconstructed: worked out from printed numbers. Show it to readers.")


class Arm(Fact):
    """One group of a trial at one time point."""

    name: Words = Field(description="What this group was given.")
    role: Role = Field(description="tested, or the control that it is compared with.")
    randomised: Count | None = Field(default=None, description="People allocated to this arm.")
    treated: Count | None = Field(default=None, description="People who got at least one dose.")
    analysed: Count | None = Field(default=None, description="People out of whom the counts are, at this time point.")
    size: Count | None = Field(
        default=None, description="People in the arm where the evidence pack does not say at which stage they were counted."
    )
    responders: Count | None = Field(default=None, description="People who met the definition of response.")
    responder_percent: Percent | None = Field(default=None, description="Share of responders as printed.")
    remitters: Count | None = Field(default=None, description="People who met the definition of remission.")
    remitter_percent: Percent | None = Field(default=None, description="Share of remitters as printed.")
    relapsed: Count | None = Field(default=None, description="People who met the definition of relapse.")
    relapse_percent: Percent | None = Field(default=None, description="Share of people with a relapse as printed.")
    mean_change: Number | None = Field(default=None, description="Mean change of the score from baseline; negative is a fall.")
    sd: Annotated[Number, Field(ge=0)] | None = Field(default=None, description="Standard deviation of the change.")
    conflict: Prose | None = Field(default=None, description="Why a printed percentage does not fit its counts; needed where it does not.")

    @property
    def denominator(self) -> tuple[str, Count] | None:
        """The group out of whom the counts are, as exactly as it is known, with its name."""
        for group in ("analysed", "treated", "size", "randomised"):
            count: Count | None = getattr(self, group)
            if count is not None:
                return group, count
        return None

    @model_validator(mode="after")
    def _groups_narrow(self) -> Self:
        for inner, outer in WITHIN:
            few, many = getattr(self, inner), getattr(self, outer)
            if few and many and few.count > many.count:
                found = f"{self.name}: {few.count} {_words(inner)} of {many.count} {_words(outer)}"
                raise impossible(inner, found, f"no more than {many.count}")
        return self

    @model_validator(mode="after")
    def _counts_fit(self) -> Self:
        if self.denominator:
            group, whole = self.denominator
            for field in ("responders", "remitters", "relapsed"):
                part: Count | None = getattr(self, field)
                if part and part.count > whole.count:
                    found = f"{self.name}: {part.count} {field} of {whole.count} {_words(group)}"
                    raise impossible(field, found, f"no more than {whole.count}")
        if self.responders and self.remitters and self.remitters.count > self.responders.count:
            found = f"{self.name}: {self.remitters.count} remitters of {self.responders.count} responders"
            raise impossible("remitters", found, f"no more than {self.responders.count}")
        return self

    @model_validator(mode="after")
    def _percentages_fit(self) -> Self:
        collisions = list(self._collisions())
        if collisions and not self.conflict:
            raise collisions[0]
        if self.conflict and not collisions:
            raise impossible("conflict", f"{self.name}: a conflict, but every percentage fits its counts", "no conflict")
        return self

    def _collisions(self) -> Iterable[PydanticCustomError]:
        if not self.denominator or not self.denominator[1].count:
            return
        whole = self.denominator[1].count
        for field, counted in PERCENTAGES:
            percent: float | None = getattr(self, field)
            part: Count | None = getattr(self, counted)
            if percent is None or part is None:
                continue
            exact = 100 * part.count / whole
            # Half a unit of the last printed digit; a whole number may have been printed without decimals.
            decimals = 0 if percent == int(percent) else -int(Decimal(repr(percent)).as_tuple().exponent)
            if abs(exact - percent) > 0.5 * 10**-decimals + 1e-9:
                found = f"{self.name}: {field} {percent:g}, but {part.count} of {whole} is {exact:.{max(decimals, 1)}f}"
                yield impossible(field, found, "a percentage that fits its counts")


class Effect(Fact):
    """One comparison between arms. Differences are tested minus control: negative favours the tested drug on a depression scale."""

    of: Words = Field(description="The scale or outcome compared.")
    measure: Measure | None = Field(default=None, description="How the arms are compared; left out where only a p value was seen.")
    basis: Basis = Field(default="reported", description="reconstructed where it was worked out from reconstructed counts.")
    tested: Words | None = Field(default=None, description="Name of the arm tested, as in arms.")
    control: Words | None = Field(default=None, description="Name of the arm it is compared with, as in arms.")
    among: Words | None = Field(default=None, description="The people compared, where not all.")
    time_point: Words | None = Field(default=None, description="When, where it is not the time point of the arms.")
    estimate: Number | None = Field(default=None, description="Size of the difference or ratio; risk differences in percentage points.")
    low: Number | None = Field(default=None, description="Lower end of the 95% confidence interval.")
    high: Number | None = Field(default=None, description="Upper end of the 95% confidence interval.")
    margin: Number | None = Field(default=None, description="Non-inferiority margin set beforehand.")
    p: Annotated[Number, Field(ge=0, le=1)] | None = Field(default=None, description="The p value.")
    p_below: bool = Field(default=False, description="True where the source prints that p is smaller than this number.")
    note: Prose | None = Field(default=None, description="What a reader must know to read these numbers.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.estimate is None and self.p is None:
            raise impossible("of", f"{self.of}: neither estimate nor p", "an estimate or a p value")
        if (self.estimate is None) != (self.measure is None):
            raise impossible("of", f"{self.of}: only one of measure and estimate", "both, or neither")
        if self.p_below and self.p is None:
            raise impossible("p_below", f"{self.of}: p_below without p", "the p value")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise impossible("low", f"{self.of}: interval from {self.low:g} to {self.high:g}", "the lower end first")
        return self

    @model_validator(mode="after")
    def _interval_holds_estimate(self) -> Self:
        if self.estimate is None:
            if self.low is not None or self.high is not None:
                raise impossible("of", f"{self.of}: an interval without its estimate", "the estimate")
            return self
        if self.measure in ("odds ratio", "hazard ratio") and min(self.estimate, self.low or 0) < 0:
            raise impossible("estimate", f"{self.of}: {self.measure} below 0", "a ratio of 0 or more")
        below = self.low is not None and self.estimate < self.low
        above = self.high is not None and self.estimate > self.high
        if below or above:
            low = "?" if self.low is None else f"{self.low:g}"
            high = "?" if self.high is None else f"{self.high:g}"
            raise impossible("estimate", f"{self.of}: {self.estimate:g} outside its interval {low} to {high}", "an interval that holds it")
        return self


class Measured(Fact):
    """Arms measured at one time point, and how they compare."""

    time_point: Words = Field(description="When the arms were measured.")
    arms: list[Arm] = Field(min_length=1, max_length=12, description="The groups, in the order of the source.")
    effects: list[Effect] = Field(default_factory=list, description="Comparisons between arms, as far as given.")

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [arm.name for arm in self.arms]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise impossible("arms", f"arm {name!r} again", "each arm once")
        for effect in self.effects:
            for side in (effect.tested, effect.control):
                if side is not None and side not in names:
                    near = nearest(side, names)
                    raise impossible(
                        "effects", f"{effect.of}: no arm {side!r}", "the name of an arm" + (f", such as {near!r}" if near else "")
                    )
        return self


class Further(Measured):
    """The same trial at another time point, or for another outcome."""

    of: Words = Field(description="What differs from the trial's main table.")


class Trial(Measured):
    """One trial, with its arms at its main time point."""

    id: Identifier = Field(description="Never used again for another trial.")
    source: Key = Field(description="Key of the source in evidence/references.bib.")
    also_from: list[Key] = Field(default_factory=list, description="Other sources that some of the numbers come from.")
    name: Words = Field(description="Name by which readers know it.")
    people: int | None = Field(default=None, ge=1, description="People in the trial, as the evidence pack counts them.")
    population: Words = Field(description="Who took part.")
    design: Words = Field(description="Design in words.")
    registration: Annotated[str, StringConstraints(pattern=r"^NCT[0-9]{8}$")] | None = Field(default=None, description="Registry number.")
    comparator: Words | None = Field(default=None, description="What the tested arms are compared with; none in a trial without control.")
    blinding: Words | None = Field(default=None, description="Who knew the treatment, as the source says; left out where it was not seen.")
    scale: Words = Field(description="What was measured.")
    response: Words | None = Field(default=None, description="Definition of response, where seen.")
    remission: Words | None = Field(default=None, description="Definition of remission, where seen.")
    relapse: Words | None = Field(default=None, description="Definition of relapse, where seen.")
    further: list[Further] = Field(default_factory=list, description="Further time points or outcomes.")
    funding: Words | None = Field(default=None, description="Who paid or ran it, where seen.")
    limits: Prose = Field(description="What weakens the trial or what was seen of it.")
    note: Prose | None = Field(default=None, description="How the numbers were come by, and cautions.")

    @property
    def sources(self) -> list[str]:
        """Keys of the sources in order."""
        return [self.source, *self.also_from]


class TrialFile(Fact):
    """The file ``evidence/trials.yaml``."""

    trials: list[Trial] = Field(min_length=1, max_length=1000, description="All trials.")


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
