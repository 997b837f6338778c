"""What the body does with ketamine, as published: parameters of models, reported doses, measured values, the course of the effect.

Only what was read is held, each value with its unit, its printed range and its source. What is made of it is illustration:
:mod:`ketamine_kb.evidence.pharmacokinetics` draws levels for doses that studies reported, and nothing here is a dose to take.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from ketamine_kb.evidence.base import Fact, Identifier, Key, Number, Prose, Words, impossible

#: Litres, litres an hour, one per hour, hours, a share between 0 and 1, percent, nanograms in a millilitre.
Unit = Literal["L", "L/h", "1/h", "h", "fraction", "percent", "ng/mL"]
#: How the body is pictured.
Structure = Literal["one compartment", "two compartments", "three compartments and liver"]
#: How the drug gets in.
RouteName = Literal["vein", "muscle", "nose", "mouth"]
#: How much of the source was read for the numbers.
Reading = Literal["abstract", "fulltext", "transcription"]
#: What a measured value is of.
Quantity = Literal["half-life", "peak level", "time of peak", "bioavailability", "clearance", "volume at steady state"]

Positive = Annotated[Number, Field(gt=0)]
Hours = Annotated[Number, Field(ge=0, le=10_000)]

#: The parameters of each structure, with the unit that each must have.
PARAMETERS: dict[str, dict[str, str]] = {
    "one compartment": {"clearance": "L/h", "volume": "L"},
    "two compartments": {"clearance": "L/h", "central_volume": "L", "exchange": "L/h", "peripheral_volume": "L"},
    "three compartments and liver": {
        "central_volume": "L",
        "exchange": "L/h",
        "peripheral_volume": "L",
        "second_exchange": "L/h",
        "second_peripheral_volume": "L",
        "liver_flow": "L/h",
        "liver_volume": "L",
        "liver_to_norketamine": "1/h",
        "liver_to_other": "1/h",
        "nasal_fraction": "fraction",
        "nasal_fraction_of_later_devices": "fraction",
        "nasal_absorption": "1/h",
        "swallowed_release": "h",
        "swallowed_absorption": "1/h",
        "oral_release": "h",
        "oral_absorption": "1/h",
        "gut_fraction": "fraction",
    },
}
#: The unit of each measured quantity.
QUANTITIES: dict[str, str] = {
    "half-life": "h",
    "peak level": "ng/mL",
    "time of peak": "h",
    "bioavailability": "percent",
    "clearance": "L/h",
    "volume at steady state": "L",
}
#: The routes that a structure can picture.
ROUTES: dict[str, tuple[str, ...]] = {
    "one compartment": ("vein",),
    "two compartments": ("vein",),
    "three compartments and liver": ("nose", "mouth"),
}


class Parameter(Fact):
    """One published number of a model."""

    value: Positive = Field(description="The value as printed.")
    unit: Unit = Field(description="Its unit.")
    low: Positive | None = Field(default=None, description="Lower end of the printed range.")
    high: Positive | None = Field(default=None, description="Upper end of the printed range.")
    interval: Words | None = Field(default=None, description="What kind of range it is, as printed.")
    between_people: Positive | None = Field(default=None, description="Printed variation between people, in percent.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise impossible("value", f"{self.value:g} with one end of a range", "both ends, or neither")
        if self.low is not None and self.high is not None:
            if not self.low <= self.value <= self.high:
                raise impossible("value", f"{self.value:g} outside its range {self.low:g} to {self.high:g}", "a range that holds it")
            if self.interval is None:
                raise impossible("value", f"{self.value:g} with a range that is not named", "interval: what kind of range it is")
        if self.unit == "fraction" and self.value > 1:
            raise impossible("value", f"a fraction of {self.value:g}", "at most 1")
        return self


class KineticModel(Fact):
    """One published model of how a drug spreads and leaves."""

    id: Identifier = Field(description="Never used again for another model.")
    name: Words = Field(description="Name for readers.")
    drug: Words = Field(description="The drug or the form of it.")
    structure: Structure = Field(description="How the body is pictured.")
    source: Key = Field(description="Key of the source in evidence/references.bib.")
    people: int | None = Field(default=None, ge=1, description="How many people were studied.")
    population: Words = Field(description="Who they were.")
    weight_kg: Positive | None = Field(default=None, description="The body weight that the numbers are printed for.")
    read: Reading = Field(description="abstract, fulltext, or transcription: read in a public work that copies the paper's table.")
    read_at: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = Field(
        default=None, description="Where a transcription was read."
    )
    parameters: dict[str, Parameter] = Field(description="The numbers, by name.")
    limits: Prose = Field(description="What weakens the model.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wanted = PARAMETERS[self.structure]
        for name in wanted:
            if name not in self.parameters:
                raise impossible("parameters", f"{self.id}: no {name}", "every parameter of its structure: " + ", ".join(wanted))
        for name, parameter in self.parameters.items():
            if name not in wanted:
                raise impossible("parameters", f"{self.id}: parameter {name!r}", "one of " + ", ".join(wanted))
            if parameter.unit != wanted[name]:
                raise impossible("parameters", f"{self.id}: {name} in {parameter.unit}", f"{name} in {wanted[name]}")
        if self.read == "transcription" and self.read_at is None:
            raise impossible("read", f"{self.id}: a transcription without its address", "read_at: where it was read")
        return self

    def number(self, name: str) -> float:
        """The value of one parameter, in the unit that :data:`PARAMETERS` gives it."""
        return self.parameters[name].value


class GivenDose(Fact):
    """One dose as a study or review reported it, to be pictured. Never advice."""

    id: Identifier = Field(description="Never used again for another dose.")
    name: Words = Field(description="Name for readers: route, drug, dose, how fast.")
    route: RouteName = Field(description="How it was given.")
    drug: Words = Field(description="The drug.")
    model: Identifier = Field(description="The model that pictures it.")
    compare_with: list[Identifier] = Field(default_factory=list, description="Other published models of the same drug, for a band.")
    mg: Positive = Field(description="Milligrams given.")
    hours: Hours | None = Field(default=None, description="How long an infusion ran, in hours.")
    devices: int | None = Field(default=None, ge=1, le=3, description="How many spray devices the dose was split over.")
    source: Key = Field(description="Who reported this dose.")
    note: Words = Field(description="What a reader must know of this dose.")

    @model_validator(mode="after")
    def _fits_its_route(self) -> Self:
        if (self.route == "vein") != (self.hours is not None):
            found = f"{self.id}: route {self.route}, hours {self.hours}"
            raise impossible("hours", found, "hours for an infusion into a vein, and only there")
        if (self.route == "nose") != (self.devices is not None):
            raise impossible("devices", f"{self.id}: route {self.route}, devices {self.devices}", "devices for a spray, and only there")
        return self


class Measured(Fact):
    """A value that was measured or printed, to set beside what a model gives."""

    id: Identifier = Field(description="Never used again for another value.")
    of: Quantity = Field(description="What was measured.")
    model: Identifier | None = Field(default=None, description="The model that it is set beside.")
    dose: Identifier | None = Field(default=None, description="The dose that it is set beside.")
    route: RouteName | None = Field(default=None, description="How it was given, where no model pictures it.")
    drug: Words | None = Field(default=None, description="The drug, where no model pictures it.")
    given: Words | None = Field(default=None, description="The dose as reported, where no model pictures it.")
    value: Positive | None = Field(default=None, description="The value.")
    low: Positive | None = Field(default=None, description="Lower end, where a range was printed.")
    high: Positive | None = Field(default=None, description="Upper end, where a range was printed.")
    unit: Unit = Field(description="Its unit.")
    at_hours: Hours | None = Field(default=None, description="When, in hours after the start.")
    within_percent: Positive | None = Field(default=None, description="How far a model may be off, in percent.")
    people: int | None = Field(default=None, ge=1, description="How many people were studied.")
    source: Key = Field(description="Key of the source in evidence/references.bib.")
    note: Words = Field(description="What was measured in whom.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.value is None) == (self.low is None or self.high is None):
            raise impossible("value", f"{self.id}: neither a value nor a range, or both", "a value, or low and high")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise impossible("low", f"{self.id}: from {self.low:g} to {self.high:g}", "the lower end first")
        if self.unit != QUANTITIES[self.of]:
            raise impossible("unit", f"{self.id}: {self.of} in {self.unit}", f"{self.of} in {QUANTITIES[self.of]}")
        pictured = self.model is not None or self.dose is not None
        if pictured == (self.given is not None):
            found = f"{self.id}: set beside a model and told by itself, or neither"
            raise impossible("of", found, "model or dose; else route, drug and given")
        needs = "dose" if self.of in ("peak level", "time of peak", "bioavailability") else "model"
        if pictured and getattr(self, needs) is None:
            raise impossible("of", f"{self.id}: {self.of} without {needs}", f"the {needs} that it is set beside")
        if pictured and self.value is not None and self.within_percent is None:
            raise impossible("value", f"{self.id}: no tolerance", "within_percent: how far a model may be off")
        return self


class CourseRow(Fact):
    """What happens when after one dose: a benefit or a harm, from when to when."""

    id: Identifier = Field(description="Never used again for another row.")
    kind: Literal["benefit", "harm"] = Field(description="benefit, always shown beside a harm.")
    name: Words = Field(description="Name for readers.")
    from_hours: Hours = Field(description="When it begins.")
    to_hours: Hours = Field(description="Until when it was seen.")
    peak_hours: Hours | None = Field(default=None, description="When it is largest.")
    gone_hours: Hours | None = Field(default=None, description="When it was no longer seen.")
    says: Prose = Field(description="The same in a sentence, against what it was compared.")
    ends: Words | None = Field(default=None, description="How it ends.")
    source: Key = Field(description="Key of the source in evidence/references.bib.")
    also_from: list[Key] = Field(default_factory=list, description="Other sources.")
    people: int | None = Field(default=None, ge=1, description="How many people were studied.")
    note: Words = Field(description="What weakens it.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        times = [self.from_hours, self.peak_hours, self.to_hours, self.gone_hours]
        given = [time for time in times if time is not None]
        if given != sorted(given) or self.from_hours == self.to_hours:
            found = f"{self.id}: from {self.from_hours:g} to {self.to_hours:g} hours"
            raise impossible("from_hours", found, "the times in order: from, peak, to, gone")
        return self


class KineticsFile(Fact):
    """The file ``evidence/pharmacokinetics.yaml``."""

    models: list[KineticModel] = Field(min_length=1, max_length=100, description="Published models.")
    doses: list[GivenDose] = Field(min_length=1, max_length=100, description="Doses as reported, to be pictured.")
    measured: list[Measured] = Field(default_factory=list, description="Measured values, to set beside the models.")
    course: list[CourseRow] = Field(default_factory=list, description="What happens when after one dose.")

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        structures = {model.id: model.structure for model in self.models}
        for dose in self.doses:
            for name in (dose.model, *dose.compare_with):
                if name not in structures:
                    raise impossible("doses", f"{dose.id}: unknown model {name!r}", "the id of one of models")
                if dose.route not in ROUTES[structures[name]]:
                    found = f"{dose.id}: route {dose.route} with the model {name}"
                    raise impossible("doses", found, f"a model with {dose.route}")
        doses = {dose.id for dose in self.doses}
        for item in self.measured:
            if item.model is not None and item.model not in structures:
                raise impossible("measured", f"{item.id}: unknown model {item.model!r}", "the id of one of models")
            if item.dose is not None and item.dose not in doses:
                raise impossible("measured", f"{item.id}: unknown dose {item.dose!r}", "the id of one of doses")
        return self

    @property
    def sources(self) -> list[str]:
        """Keys of all sources, each once."""
        keys = [*(row.source for row in self.models), *(row.source for row in self.doses), *(row.source for row in self.measured)]
        keys += [key for row in self.course for key in (row.source, *row.also_from)]
        return list(dict.fromkeys(keys))

    def model_of(self, identifier: str) -> KineticModel:
        """The model with this id; the file's own validation makes sure that there is one."""
        return next(model for model in self.models if model.id == identifier)
