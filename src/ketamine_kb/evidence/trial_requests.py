"""``transform-2 response nnt``: from a request to a number, its interval, a plain sentence and its working.

The grammar: ``trial outcome measure [arm words] [at "time point"]``.

* *trial*: an id of ``evidence/trials.yaml``.
* *outcome*: ``response``, ``remission``, ``relapse``, ``score``, or the id of one of the trial's harms.
* *measure*: of an outcome ``count``, ``rate``, ``difference``, ``ratio``, ``odds``, ``nnt``; of a harm ``nnh`` in place of ``nnt``; of the
  score ``change``, ``difference`` (as the source prints it) and ``smd``.
* *arm words*: words that stand in the names of the arms wanted, in any order. Without them all tested arms count together.
* *time point*: a further table of the trial, by its time point or, where that is the main table's, by the people counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ketamine_kb.evidence import trial_words as words
from ketamine_kb.evidence import trials as sums
from ketamine_kb.evidence.trial_context import compared_with, conflicts, context, defined, harms, limits
from ketamine_kb.evidence.trial_data import Arm, Effect, Harm, HarmGroup, Measured, Trial
from ketamine_kb.evidence.trials import Estimate, Unanswerable
from ketamine_kb.messages import Code, nearest

#: Outcomes and the counts of an arm that hold them.
FIELDS = {"response": "responders", "remission": "remitters", "relapse": "relapsed"}
MEASURES = ("count", "rate", "difference", "ratio", "odds", "nnt")
HARM_MEASURES = ("count", "rate", "difference", "ratio", "odds", "nnh")
SCORE_MEASURES = ("change", "difference", "smd")
#: The two-group measures: how each is computed and written.
COMPARED: dict[str, tuple[Callable[[int, int, int, int], Estimate], Callable[[Estimate], str]]] = {
    "difference": (sums.difference, words.points),
    "ratio": (sums.ratio, words.ratio),
    "odds": (sums.odds, words.ratio),
}
_REQUEST = re.compile(r'(?P<trial>\S+)\s+(?P<outcome>\S+)\s+(?P<measure>[^\s"]+)(?P<arm>(?:\s+(?!at\s+")\S+)*)(?:\s+at\s+"(?P<at>[^"]+)")?')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page shows for one request.

    :param value: the number as it stands in the sentence.
    :param plain: one or two sentences in natural frequencies.
    :param working: counts, definitions, comparator, method, harms: one line each.
    :param trial: id of the trial.
    :param estimate: the number itself, where there is one.
    """

    request: str
    value: str
    plain: str
    working: tuple[str, ...]
    trial: str
    estimate: Estimate | sums.Needed | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """People of one side of a comparison: one arm, or several tested arms together."""

    name: str
    events: int
    people: int
    marks: tuple[str, ...]


def resolve(trials: Sequence[Trial], request: str) -> Answer:
    """The answer to a request.

    :raises Unanswerable: with what was asked, what would be right, and the nearest known word.
    """
    request = " ".join(request.split())
    match = _REQUEST.fullmatch(request)
    if not match:
        raise Unanswerable(f"request {request!r}", 'trial outcome measure [arm words] [at "time point"]')
    name, outcome, measure = match["trial"], match["outcome"], match["measure"]
    trial, arms, at = _trial(trials, name), match["arm"].split(), match["at"]
    harm = next((harm for harm in trial.harms if harm.id == outcome), None)
    outcomes = [*FIELDS, "score", *(item.id for item in trial.harms)]
    if outcome not in outcomes:
        near = nearest(outcome, outcomes)
        raise Unanswerable(f"{name}: unknown outcome {outcome!r}", "one of " + ", ".join(outcomes), near)
    measures = HARM_MEASURES if harm else SCORE_MEASURES if outcome == "score" else MEASURES
    if measure not in measures:
        raise Unanswerable(f"{name} {outcome}: unknown measure {measure!r}", "one of " + ", ".join(measures), nearest(measure, measures))
    if measure == "nnt":
        _may_show_nnt(trial)
    if harm:
        if at:
            raise Unanswerable(f'{name} {outcome}: at "{at}"', f"no time point: this harm was counted over {harm.time}")
        return _of_harm(trial, harm, measure, arms, request)
    measured = table(trial, at)
    if outcome == "score":
        return _of_score(trial, measured, measure, arms, request)
    answer = _of_outcome(trial, measured, outcome, measure, arms, request)
    return replace(answer, working=(*answer.working, *harms(trials, trial)))


def named(trials: Sequence[Trial], line: str) -> tuple[Trial, Measured, list[str]]:
    """The trial, table and arm words of one line of a directive: ``trial [arm words] [at "time point"]``.

    :raises Unanswerable: where it names no trial or table.
    """
    name, _, rest = " ".join(line.split()).partition(" ")
    chosen, quote, at = rest.partition('at "')
    trial = _trial(trials, name)
    return trial, table(trial, at.rstrip('"') if quote else None), chosen.split()


def table(trial: Trial, at: str | None = None) -> Measured:
    """The trial's main table, or the further one that ``at`` names.

    :raises Unanswerable: where no table, or more than one, has that name.
    """
    if at is None:
        return trial
    tables: list[Measured] = [trial, *trial.further]
    main = {trial.time_point.casefold(), trial.counted}
    named: dict[str, list[Measured]] = {}
    for measured in tables:
        for name in {measured.time_point.casefold(), measured.counted} - (main if measured is not trial else set()):
            named.setdefault(name, []).append(measured)
    found = named.get(at.casefold(), [])
    if len(found) != 1:
        known = sorted(name for name, held in named.items() if len(held) == 1 and name != "not stated")
        raise Unanswerable(f'{trial.id}: at "{at}"', "one of " + ", ".join(f'"{name}"' for name in known), nearest(at.casefold(), known))
    return found[0]


def sides(trial: Trial, measured: Measured, chosen: list[str]) -> tuple[list[Arm], Arm | None]:
    """The arms that are tested, and the one they are compared with (None in a trial without control).

    :raises Unanswerable: where the words name no arm, or leave more than one control.
    """
    arms = _named(trial, [arm.name for arm in measured.arms], chosen)
    wanted = [arm for arm in measured.arms if arm.name in arms]
    tested = [arm for arm in wanted if arm.role == "tested"]
    controls = [arm for arm in wanted if arm.role == "control"]
    if chosen and not controls:
        controls = [arm for arm in measured.arms if arm.role == "control"]
    if chosen and not tested:
        # The words name the control group itself: its rate is wanted.
        return controls, None
    if len(controls) > 1 and len(tested) == 1:
        # The source itself says which groups it compared.
        pairs = {effect.control for effect in measured.effects if effect.tested == tested[0].name}
        controls = [arm for arm in controls if arm.name in pairs] or controls
    if len(controls) > 1:
        names = ", ".join(repr(arm.name) for arm in controls)
        raise Unanswerable(f"{trial.id}: {len(controls)} groups to compare with ({names})", "arm words that leave one of them")
    return tested, controls[0] if controls else None


def group(trial: Trial, arms: Sequence[Arm], outcome: str) -> Group:
    """The counts of one or more arms together.

    :raises Unanswerable: where a count was not seen.
    """
    field = FIELDS[outcome]
    events = people = 0
    marks: dict[str, None] = {}
    for arm in arms:
        count, whole = getattr(arm, field), arm.denominator
        if count is None or whole is None:
            missing = field if count is None else "people counted"
            raise Unanswerable(
                f"{trial.id}: no count of {missing} for {arm.name!r}", "an outcome that was counted", code=Code.STAT_WITHHELD
            )
        events, people = events + count.count, people + whole[1].count
        marks.update(dict.fromkeys(words.basis(arm, field)))
    name = arms[0].name if len(arms) == 1 else "any of: " + "; ".join(arm.name for arm in arms)
    return Group(name, events, people, tuple(marks))


def counts(trials: Sequence[Trial], request: str) -> tuple[int, int, int, int]:
    """Events and people of the tested and of the control group, for ``trial outcome [arm words] [at "time point"]``.

    :raises Unanswerable: as :func:`resolve`.
    """
    name, _, rest = request.strip().partition(" ")
    outcome, _, rest = rest.partition(" ")
    resolve(trials, f"{name} {outcome} difference {rest}")  # says what is wrong, in the words of requests
    trial = next(trial for trial in trials if trial.id == name)
    harm = next((harm for harm in trial.harms if harm.id == outcome), None)
    match = _REQUEST.fullmatch(" ".join(f"{name} {outcome} difference {rest}".split()))
    arms, at = (match["arm"].split(), match["at"]) if match else ([], None)
    if harm:
        one, two = (_harm_counts(trial, harm, side) for side in _harm_sides(trial, harm, arms))
        return *one, *two
    tested, control = sides(trial, table(trial, at), arms)
    first, second = group(trial, tested, outcome), group(trial, [control] if control else [], outcome)
    return first.events, first.people, second.events, second.people


def _trial(trials: Sequence[Trial], name: str) -> Trial:
    known = {trial.id: trial for trial in trials}
    if name not in known:
        raise Unanswerable(f"unknown trial {name!r}", "the id of a trial in evidence/trials.yaml", nearest(name, known))
    return known[name]


def _may_show_nnt(trial: Trial) -> None:
    if trial.aim == "non-inferiority":
        found = f"{trial.id} is a non-inferiority trial"
        raise Unanswerable(found, "a rate or a difference: it cannot show that one treatment is better", code=Code.STAT_WITHHELD)
    if trial.no_nnt:
        raise Unanswerable(f"{trial.id}: {trial.no_nnt}", "a rate or a difference", code=Code.STAT_WITHHELD)


def _named(trial: Trial, names: list[str], chosen: list[str]) -> list[str]:
    """The names that hold all of some words."""
    found = [name for name in names if all(word.casefold() in re.split(r"[^\w.%/-]+", name.casefold()) for word in chosen)]
    if not found:
        wanted = " ".join(chosen)
        every = sorted({word for name in names for word in re.split(r"[^\w.%/-]+", name.casefold()) if word})
        wrong = next((word for word in chosen if word.casefold() not in every), "")
        listed = "; ".join(names)
        raise Unanswerable(
            f"{trial.id}: no arm {wanted!r}", f"words of one of: {listed}", nearest(wrong.casefold(), every) if wrong else ""
        )
    return found


def _compared(trial: Trial, control: object) -> None:
    if control is None:
        reason = "has no comparison group" if trial.comparison == "none" else "cannot compare a comparison group with itself"
        raise Unanswerable(f"{trial.id} {reason}", "a count or a rate", code=Code.STAT_WITHHELD)
    if trial.crossover:
        found = f"{trial.id} is a crossover: the same people are in both groups"
        raise Unanswerable(found, "a count or a rate", code=Code.STAT_WITHHELD)


def _of_outcome(trial: Trial, measured: Measured, outcome: str, measure: str, chosen: list[str], request: str) -> Answer:
    tested, control = sides(trial, measured, chosen)
    first = group(trial, tested, outcome)
    share = sums.rate(first.events, first.people)
    lines = [words.counts(first.name, first.events, first.people, share, list(first.marks))]
    had, when = words.HAD[outcome] + defined(trial, measured, outcome), measured.time_point
    about = [context(trial, measured, outcome), *conflicts(measured)]
    if measure in ("count", "rate"):
        plain = words.rate_sentence(first.name, share.value, had, when)
        if control:
            other = group(trial, [control], outcome)
            beside = sums.rate(other.events, other.people)
            lines.append(words.counts(other.name, other.events, other.people, beside, list(other.marks)))
            plain += f" With {control.name} it was {words.of_hundred(beside.value)} of every 100."
        mark = " (reconstructed)" if first.marks else ""
        value = f"{words.number(share.value)}%" if measure == "rate" else f"{first.events} of {first.people}{mark}"
        return Answer(request, value, plain, (*lines, *about, f"Method: {share.method}.", *limits(trial)), trial.id, share)
    _compared(trial, control)
    other = group(trial, [control] if control else [], outcome)
    return _between(trial, first, other, measure, had, about, request, wanted=outcome != "relapse")


def _between(trial: Trial, first: Group, other: Group, measure: str, had: str, about: list[str], request: str, *, wanted: bool) -> Answer:
    four = first.events, first.people, other.events, other.people
    share, beside = sums.rate(*four[:2]), sums.rate(*four[2:])
    lines = [words.counts(side.name, side.events, side.people, rate, list(side.marks)) for side, rate in ((first, share), (other, beside))]
    result: Estimate | sums.Needed
    if measure in ("nnt", "nnh"):
        result = sums.needed(*four, wanted=wanted)
        # A number needed to harm counts the people with one more harm, so its benefit is read the other way round.
        value, plain = words.needed(result), words.needed_sentence(first.name, other.name, had, result, wanted=wanted)
        if measure == "nnh":
            value = (
                words.needed(sums.needed(*four, wanted=True)).replace(" for benefit", " more harmed").replace(" for harm", " fewer harmed")
            )
        if not result.spans_infinity:
            lines.append(f"Before rounding: 1 / {words.number(abs(result.difference.value), 2)}% = {words.number(abs(result.value), 2)}.")
    else:
        compute, write = COMPARED[measure]
        result = compute(*four)
        value = write(result)
        plain = words.difference_sentence(first.name, other.name, share.value, beside.value, had, sums.difference(*four))
    return Answer(request, value, plain, (*lines, *about, f"Method: {result.method}.", *limits(trial)), trial.id, result)


def _harm_sides(trial: Trial, harm: Harm, chosen: list[str]) -> tuple[HarmGroup, HarmGroup]:
    held = _named(trial, [item.name for item in harm.groups], chosen)
    tested = [item for item in harm.groups if item.role == "tested" and (item.name in held or not chosen)]
    controls = [item for item in harm.groups if item.role == "control"]
    if len(tested) != 1 or len(controls) != 1:
        found = f"{trial.id} {harm.id}: {len(tested)} tested and {len(controls)} comparison groups"
        expected = "a rate: the comparison group's figure was not seen" if harm.comparator_not_seen else "arm words that leave one of each"
        raise Unanswerable(found, expected, code=Code.STAT_WITHHELD)
    return tested[0], controls[0]


def _harm_counts(trial: Trial, harm: Harm, side: HarmGroup) -> tuple[int, int]:
    if side.events is None or side.people is None:
        found = f"{trial.id} {harm.id}: no count for {side.name!r}, only a percentage"
        raise Unanswerable(found, "a rate", code=Code.STAT_WITHHELD)
    return side.events.count, side.people.count


def _of_harm(trial: Trial, harm: Harm, measure: str, chosen: list[str], request: str) -> Answer:
    what = f"{harm.event[0].upper()}{harm.event[1:]}"
    about = [f"{what}: counted per {harm.per}, {harm.time}. {compared_with(trial)}", *([trial.harms_note] if trial.harms_note else [])]
    if measure in ("count", "rate"):
        _named(trial, [item.name for item in harm.groups], chosen)
        line = words.harm_line(harm)
        if measure == "count":
            pairs = [(*_harm_counts(trial, harm, item), item) for item in harm.groups]
            value = " against ".join(f"{events} of {whole}" for events, whole, _ in pairs)
            value += " (reconstructed)" if any(item.events and item.events.basis == "reconstructed" for item in harm.groups) else ""
        else:
            value = " against ".join(words.share_words(item) for item in harm.groups)
        value += " (comparison group's figure not seen)" if harm.comparator_not_seen else ""
        unit = "people" if harm.per == "patient" else "sessions"
        plain = " ".join(words.rate_sentence(item.name, words.group_share(item), harm.event, harm.time, unit) for item in harm.groups)
        return Answer(request, value, plain, (f"{line[0].upper()}{line[1:]}.", *about, *limits(trial)), trial.id)
    first, second = _harm_sides(trial, harm, chosen)
    _compared(trial, second)
    groups = []
    for side in (first, second):
        events, people = _harm_counts(trial, harm, side)
        marks = ["count reconstructed"] if side.events and side.events.basis == "reconstructed" else []
        groups.append(Group(side.name, events, people, tuple(marks)))
    return _between(trial, groups[0], groups[1], measure, harm.event, about, request, wanted=False)


def _of_score(trial: Trial, measured: Measured, measure: str, chosen: list[str], request: str) -> Answer:
    tested, control = sides(trial, measured, chosen)
    if len(tested) != 1:
        listed = "; ".join(arm.name for arm in measured.arms)
        raise Unanswerable(f"{trial.id} score: {len(tested)} groups", f"arm words that leave one of: {listed}")
    arm = tested[0]
    about = [f"Scale: {trial.scale}. Time: {measured.time_point}. {compared_with(trial)}"]
    if measure == "change":
        if arm.mean_change is None:
            raise Unanswerable(f"{trial.id}: no mean change for {arm.name!r}", "an arm whose change was seen", code=Code.STAT_WITHHELD)
        spread = f", standard deviation {words.printed(arm.sd)}" if arm.sd is not None else ""
        way = "fell" if arm.mean_change < 0 else "rose"
        plain = f"On average the score {way} by {words.number(abs(arm.mean_change))} points with {arm.name} ({measured.time_point})."
        if control and control.mean_change is not None:
            way = "fell" if control.mean_change < 0 else "rose"
            plain += f" With {control.name} it {way} by {words.number(abs(control.mean_change))} points."
        line = f"{arm.name}: {words.printed(arm.mean_change)} points{spread}, as printed."
        return Answer(request, f"{words.printed(arm.mean_change)} points", plain, (line, *about, *limits(trial)), trial.id)
    _compared(trial, control)
    if control is None:  # for the type checker: _compared has refused it
        raise AssertionError
    if measure == "difference":
        return _printed_difference(trial, measured, arm, control, about, request)
    numbers = [(item.mean_change, item.sd, item.denominator[1].count if item.denominator else None) for item in (arm, control)]
    (mean, sd, people), (mean_2, sd_2, people_2) = numbers
    if mean is None or sd is None or people is None or mean_2 is None or sd_2 is None or people_2 is None:
        found = f"{trial.id}: mean change, standard deviation and people of both groups were not all seen"
        raise Unanswerable(found, "a change or a difference", code=Code.STAT_WITHHELD)
    result = sums.standardised(mean, sd, people, mean_2, sd_2, people_2)
    plain = (
        f"The gap between {arm.name} and {control.name} is {words.number(abs(result.value))} of the usual spread between people; "
        f"{'below' if result.value < 0 else 'above'} zero {'favours' if result.value < 0 else 'is against'} {arm.name}."
    )
    lines = [
        f"{item.name}: {words.printed(item.mean_change or 0.0)} points, standard deviation {words.printed(item.sd or 0.0)}, {count} people."
        for item, count in ((arm, people), (control, people_2))
    ]
    return Answer(request, words.ratio(result), plain, (*lines, *about, f"Method: {result.method}.", *limits(trial)), trial.id, result)


def printed_difference(measured: Measured, arm: Arm, control: Arm) -> Effect | None:
    """The mean difference that a source prints between all people of two arms at the time point of the table."""
    for effect in measured.effects:
        same = (effect.tested, effect.control) == (arm.name, control.name) and effect.time_point is None and effect.among is None
        if effect.measure == "mean difference" and same and effect.estimate is not None:
            return effect
    return None


def _printed_difference(trial: Trial, measured: Measured, arm: Arm, control: Arm, about: list[str], request: str) -> Answer:
    """The mean difference as the source prints it: it is adjusted, so it cannot be worked out from the arms."""
    effect = printed_difference(measured, arm, control)
    if effect is None or effect.estimate is None:
        found = f"{trial.id}: no printed mean difference between {arm.name!r} and {control.name!r}"
        raise Unanswerable(found, "a measure that was seen", code=Code.STAT_WITHHELD)
    value = f"{words.printed(effect.estimate)} points"
    if effect.low is not None and effect.high is not None:
        value += f" (95% CI {words.printed(effect.low)} to {words.printed(effect.high)})"
    way = "lower" if effect.estimate < 0 else "higher"
    plain = f"On average scores were {words.number(abs(effect.estimate))} points {way} with {arm.name} than with {control.name}."
    if effect.low is not None and effect.high is not None and effect.low <= 0 <= effect.high:
        plain += " No difference at all also fits the data."
    note = [effect.note] if effect.note else []
    return Answer(request, value, plain, ("As printed in the source.", *note, *about, *limits(trial)), trial.id)
