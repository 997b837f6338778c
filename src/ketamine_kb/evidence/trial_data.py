"""Trials as typed data: arms with counts, comparisons, what was counted and in whom, and the harms beside the benefit.

Only what a source states is held. Data that cannot be true is a fault, with a message that says which numbers collide.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ketamine_kb.evidence.base import Fact, Identifier, Key, Number, Percent, Prose, Words, impossible
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

#: Out of whom the counts are. People who left early are missing from observed cases, so such rates look better.
Counted = Literal["observed cases", "all dosed", "all randomised", "not stated"]
#: What the tested arms are compared with; unlike comparisons never stand in one table or one pooled number.
Comparison = Literal[
    "inert placebo",
    "active placebo",
    "placebo spray",
    "placebo spray with a new antidepressant",
    "placebo spray with the antidepressant continued",
    "placebo spray with standard hospital care",
    "switch to placebo after improvement",
    "active treatment",
    "another form of ketamine",
    "added treatment",
    "none",
]
#: What the trial was set up to show.
Aim = Literal["superiority", "non-inferiority", "dose finding", "prevention of relapse", "pooled analysis", "no comparison"]

#: Each percentage of an arm and the count that it goes with.
PERCENTAGES = (("responder_percent", "responders"), ("remitter_percent", "remitters"), ("relapse_percent", "relapsed"))
#: Groups of people: the first of each pair lies within the second.
WITHIN = (("treated", "randomised"), ("size", "randomised"), ("analysed", "randomised"), ("analysed", "treated"), ("analysed", "size"))


def _words(group: str) -> str:
    """How a group of people is called in messages."""
    return "in the arm" if group == "size" else group


def misfit(percent: float, part: int, whole: int) -> str:
    """The true percentage of ``part`` in ``whole`` where the printed one is not its rounding, else ``""``."""
    if not whole:
        return ""
    exact = 100 * part / whole
    # Half a unit of the last printed digit; a whole number may have been printed without decimals.
    decimals = 0 if percent == int(percent) else -int(Decimal(repr(percent)).as_tuple().exponent)
    return f"{exact:.{max(decimals, 1)}f}" if abs(exact - percent) > 0.5 * 10**-decimals + 1e-9 else ""


class Count(Fact):
    """How many people, and where the number comes from."""

    count: int = Field(ge=0, le=1_000_000, description="How many people.")
    basis: Basis = Field(description="reported: printed in a source; reconstructed: worked out from printed numbers. Show it to readers.")


class Threshold(Fact):
    """Where a score counts as response or remission, in numbers, so that unlike thresholds are told apart."""

    scale: Words = Field(description="The scale, such as MADRS.")
    at_most: Number | None = Field(default=None, description="The highest score that counts.")
    below: Number | None = Field(default=None, description="The score below which it counts.")
    fall_percent: Percent | None = Field(default=None, description="The smallest fall from baseline that counts, in percent.")

    @property
    def words(self) -> str:
        """For readers, such as ``MADRS 12 or less``."""
        parts = [f"{self.scale} {self.at_most:g} or less"] if self.at_most is not None else []
        parts += [f"{self.scale} below {self.below:g}"] if self.below is not None else []
        parts += [f"a fall of {self.fall_percent:g}% or more on the {self.scale}"] if self.fall_percent is not None else []
        return " and ".join(parts)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.at_most is not None and self.below is not None:
            raise impossible("below", f"{self.scale}: both at_most and below", "one of them")
        if self.at_most is None and self.below is None and self.fall_percent is None:
            raise impossible("scale", f"{self.scale}: no threshold", "at_most, below or fall_percent")
        return self


class HarmGroup(Fact):
    """How many of one group had an unwanted event."""

    name: Words = Field(description="What this group was given.")
    role: Role = Field(description="tested, or the control that it is compared with.")
    people: Count | None = Field(default=None, description="People, or sessions, out of whom the events are.")
    events: Count | None = Field(default=None, description="People, or sessions, with the event.")
    percent: Percent | None = Field(default=None, description="Share with the event as printed.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.events is None and self.percent is None:
            raise impossible("name", f"{self.name}: neither events nor percent", "one of them")
        if self.events is None or self.people is None:
            return self
        if self.events.count > self.people.count:
            raise impossible(
                "events", f"{self.name}: {self.events.count} events of {self.people.count}", f"no more than {self.people.count}"
            )
        if self.percent is not None and (exact := misfit(self.percent, self.events.count, self.people.count)):
            found = f"{self.name}: percent {self.percent:g}, but {self.events.count} of {self.people.count} is {exact}"
            raise impossible("percent", found, "a percentage that fits its counts")
        return self


class Harm(Fact):
    """One kind of unwanted event, in the tested group and beside it in the group compared with."""

    id: Identifier = Field(description="By which a page asks for it; used once in a trial.")
    event: Words = Field(description="The event in words that follow 'had'.")
    per: Literal["patient", "session"] = Field(description="Whether people or sessions were counted: the two differ widely.")
    time: Words = Field(description="Over what time the events were counted.")
    source: Key = Field(description="Key of the source in evidence/references.bib.")
    groups: list[HarmGroup] = Field(min_length=1, max_length=12, description="The groups, in the order of the source.")
    comparator_not_seen: bool = Field(default=False, description="True where no copy seen gives the comparison group's figure.")

    @model_validator(mode="after")
    def _beside_its_comparator(self) -> Self:
        names = [group.name for group in self.groups]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise impossible("groups", f"{self.id}: group {name!r} again", "each group once")
        if self.comparator_not_seen and any(group.role == "control" for group in self.groups):
            raise impossible("comparator_not_seen", f"{self.id}: comparator_not_seen, but a control group is given", "one of them")
        return self


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
            if exact := misfit(percent, part.count, whole):
                found = f"{self.name}: {field} {percent:g}, but {part.count} of {whole} is {exact}"
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
    counted: Counted = Field(default="not stated", description="Out of whom the counts are.")
    response_threshold: Threshold | None = Field(default=None, description="Response in numbers, where seen.")
    remission_threshold: Threshold | None = Field(default=None, description="Remission in numbers, where seen.")

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
    comparison: Comparison = Field(description="The kind of comparator; decides which trials may stand beside each other.")
    aim: Aim = Field(description="What the trial was set up to show; a non-inferiority trial gives no number needed to treat.")
    crossover: bool = Field(default=False, description="True where the same people are in both arms: no difference is computed then.")
    pools: list[Identifier] = Field(default_factory=list, description="Other trials of this file whose people are in this one.")
    no_nnt: Prose | None = Field(default=None, description="Why no number needed to treat may be shown, where the evidence pack says so.")
    caution: Prose | None = Field(default=None, description="What readers must know beside every number of this trial.")
    scale: Words = Field(description="What was measured.")
    response: Words | None = Field(default=None, description="Definition of response, where seen.")
    remission: Words | None = Field(default=None, description="Definition of remission, where seen.")
    relapse: Words | None = Field(default=None, description="Definition of relapse, where seen.")
    further: list[Further] = Field(default_factory=list, description="Further time points or outcomes.")
    harms: list[Harm] = Field(default_factory=list, description="Unwanted events with their comparator's figure.")
    harms_note: Prose | None = Field(default=None, description="What weakens the counts of harms, or who made them.")
    harms_in: Identifier | None = Field(default=None, description="The trial of this file that holds the harms, where they were pooled.")
    harms_in_words: Prose | None = Field(default=None, description="Harms that were seen without numbers.")
    funding: Words | None = Field(default=None, description="Who paid or ran it, where seen.")
    limits: Prose = Field(description="What weakens the trial or what was seen of it.")
    note: Prose | None = Field(default=None, description="How the numbers were come by, and cautions.")

    @property
    def sources(self) -> list[str]:
        """Keys of the sources in order."""
        return [self.source, *self.also_from]

    @model_validator(mode="after")
    def _comparator_fits(self) -> Self:
        controls = any(arm.role == "control" for arm in self.arms)
        if controls == (self.comparison == "none"):
            said = "a control arm, but comparison is none" if controls else f"no control arm, but comparison is {self.comparison}"
            raise impossible("comparison", f"{self.id}: {said}", "a comparison that fits the arms")
        for field, words in (("response_threshold", self.response), ("remission_threshold", self.remission)):
            limit: Threshold | None = getattr(self, field)
            for number in (limit.at_most, limit.below, limit.fall_percent) if limit and words else ():
                if number is not None and f"{number:g}" not in (words or ""):
                    raise impossible(field, f"{self.id}: {field} {number:g}, but the definition is {words!r}", "the same number")
        return self

    @model_validator(mode="after")
    def _harms_have_a_comparator(self) -> Self:
        seen: list[str] = []
        for harm in self.harms:
            if harm.id in seen:
                raise impossible("harms", f"{self.id}: harm {harm.id!r} again", "each harm once")
            seen.append(harm.id)
            alone = not harm.comparator_not_seen and not any(group.role == "control" for group in harm.groups)
            if alone and self.comparison != "none":
                found = f"{self.id}: {harm.id} without the comparator's figure"
                raise impossible("harms", found, "the control group's figure, or comparator_not_seen: true")
        return self


class TrialFile(Fact):
    """The file ``evidence/trials.yaml``."""

    trials: list[Trial] = Field(min_length=1, max_length=1000, description="All trials.")
