"""From trials to rows of plots: what the tables refuse no plot shows, and each trial left out has its reason."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ketamine_kb.evidence.trial_data import Trial
from ketamine_kb.evidence.trial_pooling import alike
from ketamine_kb.evidence.trial_requests import named, resolve
from ketamine_kb.evidence.trials import Unanswerable
from ketamine_kb.plots import harm_rows, icon_rows, trial_rows
from ketamine_kb.plots.forest import Direction, ForestRow
from ketamine_kb.plots.harm_rows import Unlike
from ketamine_kb.plots.trial_rows import NOT_WORSE, LeftOut, NotDrawn
from tests.plots.examples import facts

OUTCOMES = ("response", "remission")


def trials() -> list[Trial]:
    return facts().trials


def trial(name: str) -> Trial:
    return next(item for item in trials() if item.id == name)


def rows(outcome: str, *lines: str) -> tuple[list[ForestRow], list[LeftOut]]:
    asked = [named(trials(), line) for line in lines] if lines else trial_rows.whole(trials())
    return trial_rows.forest_rows(trials(), asked, outcome)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_group_holds_only_trials_that_one_table_may_hold(outcome: str) -> None:
    names = {item.name[0].upper() + item.name[1:]: item for item in trials()}
    groups: dict[tuple[str, str], list[Trial]] = {}
    for row in rows(outcome)[0]:
        groups.setdefault((row.group, row.apart), []).append(names[re.sub(r", [\d/]+ mg$", "", row.label)])
    assert len(groups) > 2
    for held in groups.values():
        alike([(item, item) for item in held], outcome)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_difference_is_the_one_that_the_role_gives(outcome: str) -> None:
    checked = 0
    for item in trials():
        try:
            answer = resolve(trials(), f"{item.id} {outcome} difference")
        except Unanswerable:
            continue
        found, _ = rows(outcome, item.id)
        if len(found) == 1:
            assert answer.value == f"{found[0].value:.1f} points (95% CI {found[0].low:.1f} to {found[0].high:.1f})".replace("-", "−")
            checked += 1
    assert checked >= 2


@pytest.mark.parametrize("outcome", [*OUTCOMES, "madrs"])
def test_every_trial_is_drawn_or_has_its_reason(outcome: str) -> None:
    found, left = rows(outcome)
    drawn = {re.sub(r", [\d/]+ mg$", "", row.label).casefold() for row in found}
    assert drawn.isdisjoint(item.trial.name.casefold() for item in left)
    assert len(drawn) + len(left) == len(trials())
    assert all(item.reason for item in left)


REASONS = {
    ("response", "lapidus-2014-intranasal"): "the same people are in both groups (crossover)",
    ("madrs", "lapidus-2014-intranasal"): "the same people are in both groups (crossover)",
    ("madrs", "bedroc"): "it took only people who had already responded",
    ("response", "murrough-2013-series"): "it had no comparison group",
    ("remission", "esketamine-or-racemic-ketamine"): "both groups had ketamine",
    ("response", "cbt-after-ketamine"): "it tested something given with ketamine",
    ("response", "grunebaum-2018-suicidal-ideation"): "its main measure is suicidal thoughts, not depression",
    ("response", "japan-phase-2b"): "its count of responders was not seen",
    ("response", "kads"): "its count of responders was not seen",
    ("madrs", "singh-2016-dose-frequency"): "no MADRS difference with its interval was seen",
    ("response", "transform-1-and-2-pooled"): "it pools trials that are shown singly",
    ("madrs", "transform-1"): "no MADRS difference with its interval was seen",
}


@pytest.mark.parametrize(("outcome", "name"), REASONS)
def test_why_a_trial_is_left_out(outcome: str, name: str) -> None:
    (item,) = [item for item in rows(outcome)[1] if item.trial.id == name]
    assert item.reason == REASONS[(outcome, name)]


def test_a_pooled_trial_may_stand_where_its_trials_do_not() -> None:
    (row,), left = rows("response", "transform-1-and-2-pooled")
    assert left == []
    assert row.counts == "182 of 310 against 94 of 208"


def test_people_counted_keep_one_trial_apart_from_itself() -> None:
    found, _ = rows("response", "transform-2", 'transform-2 at "all dosed"')
    assert [row.group.partition("Counted: ")[2].partition(".")[0] for row in found] == ["observed cases", "all dosed"]


def test_doses_are_rows_of_their_own_and_say_that_they_share_a_comparison_group() -> None:
    found, _ = rows("response", "transform-1")
    assert [row.label for row in found] == ["TRANSFORM-1, 56 mg", "TRANSFORM-1, 84 mg"]
    assert [row.note for row in found] == ["day 28", "day 28; the same comparison group as in the row above"]
    assert [row.label for row in rows("response", "transform-1 84")[0]] == ["TRANSFORM-1, 84 mg"]


def test_cautions_conflicts_and_non_inferiority_are_marked() -> None:
    (ect,), _ = rows("response", "elekt-d")
    assert ect.note.endswith("; a non-inferiority trial")
    assert Direction("u", "l", "r").side(ect) == "a trial of non-inferiority, so it does not show which is better"
    assert ect.cautions == (trial("elekt-d").caution,)
    assert trial_rows.cautions(trial("ketect"), trial("ketect")) == (NOT_WORSE,)
    (conflict,) = trial_rows.cautions(trial("abbar-2022-suicidal-ideation"), trial("abbar-2022-suicidal-ideation"))
    assert conflict.startswith("Printed numbers disagree: The published abstract prints 31.6%")


def test_kinds_choose_trials() -> None:
    found, left = trial_rows.forest_rows(trials(), trial_rows.whole(trials()), "response", ["active placebo"])
    assert {row.group.rpartition("Compared with: ")[2] for row in found} == {"active placebo"}
    assert {item.trial.comparison for item in left} == {"active placebo"}


# -- harms -------------------------------------------------------------------------------------------------------------------


def test_events_stand_most_frequent_first_with_counts_and_interval() -> None:
    found, groups = harm_rows.event_rows(trial("sustain-1"))
    assert [row.tested for row in found] == sorted((row.tested for row in found), reverse=True)
    assert len(found) == len(trial("sustain-1").harms)
    taste = found[0]
    assert (taste.name, taste.tested_counts, taste.control_counts, taste.basis) == (
        "A bad taste",
        "41 of 152",
        "10 of 145",
        "reconstructed",
    )
    assert taste.difference == "20.1 (11.7 to 28.2)"
    assert groups.counted == "per patient"
    assert "tolerated the spray for 16 weeks" in groups.limits
    assert [row.name for row in harm_rows.event_rows(trial("sustain-1"), ["nausea", "vertigo"])[0]] == ["Nausea", "Vertigo"]


def test_an_event_known_only_in_percent_says_that_the_people_were_not_seen() -> None:
    (row,), _ = harm_rows.event_rows(trial("transform-2"))
    assert (row.tested_counts, row.control_counts, row.difference, row.basis) == ("people not seen", "people not seen", "6.1", "reported")


def unlike() -> Trial:
    base = trial("sustain-1")
    return base.model_copy(update={"harms": [base.harms[0], base.harms[1].model_copy(update={"per": "session"})]})


BAD: dict[str, tuple[Callable[[], object], str, str, str]] = {
    "unknown": (
        lambda: harm_rows.event_rows(trial("aspire-1-and-2-pooled"), ["nauseas"]),
        "event 'nauseas' of aspire-1-and-2-pooled",
        "one of dizziness, dissociation, nausea, sleepiness, headache, raised-blood-pressure, vomiting, sedation",
        "nausea",
    ),
    "no harms": (
        lambda: harm_rows.event_rows(trial("transform-1")),
        "transform-1: no counts of harms",
        "a trial whose harms were counted",
        "transform-1-and-2-pooled",
    ),
    "no comparator": (
        lambda: harm_rows.event_rows(trial("esketamine-alone")),
        "esketamine-alone nausea cannot be drawn: its comparison group's share was not seen",
        "an event with one tested and one comparison group",
        "",
    ),
    "sessions beside patients": (
        lambda: harm_rows.event_rows(unlike()),
        "sustain-1: bad-taste and vertigo were counted in unlike ways (patient, maintenance phase, esketamine continued, switched to placebo "
        "spray; session, maintenance phase, esketamine continued, switched to placebo spray)",
        "events counted alike: name them with :events:",
        "",
    ),
    "icons without harms": (
        lambda: icon_rows.harm_pair(trials(), trial("elekt-d"), "nausea"),
        "elekt-d: no counts of harms",
        "a trial whose harms were counted",
        "",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_harms_that_cannot_be_drawn(case: str) -> None:
    call, found, expected, near = BAD[case]
    with pytest.raises(Unlike) as told:
        call()
    assert (told.value.found, told.value.expected, told.value.near) == (found, expected, near)


def test_an_icon_array_takes_the_harm_of_the_trial_that_holds_it() -> None:
    pair = icon_rows.harm_pair(trials(), trial("transform-1"), "serious-or-severe")
    assert pair.what == "had a serious or severe common side effect"
    assert pair.tested.people == "12.0%: 41 of 343 people, count reconstructed"
    assert "Pooled TRANSFORM-1 and TRANSFORM-2." in pair.note
    own = icon_rows.harm_pair(trials(), trial("transform-2"), "stopped-for-adverse-event")
    assert own.tested.people == "7%: people not seen"


def test_a_benefit_says_how_it_was_defined_and_counted() -> None:
    item = trial("transform-1")
    pair = icon_rows.benefit_pair(item, item, ["84"], "response")
    assert pair.note == (
        "By day 28. Response: a fall of 50% or more on the MADRS. Counted: observed cases. Compared with: placebo spray with a new "
        "antidepressant. TRANSFORM-1. This trial missed its main goal, the change of the score on 84 mg; response and remission were "
        "secondary outcomes."
    )
    assert pair.tested.people == "52 of 98 people, count reconstructed, group size reconstructed"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("transform-1", "it tested several doses: arm words after the trial choose one group"),
        ("murrough-2013-series", "it had no comparison group"),
        ("karma-dep-2 aspirin", "no arm 'aspirin'; needed: words of one of: "),
        ("murrough-2013-midazolam midazolam", "only its comparison group was named"),
        ("phillips-2019", "the same people are in both groups (crossover)"),
        ("ketamine-and-naltrexone-with-alcohol-use-disorder saline naltrexone", "no arm 'saline naltrexone'"),
        ("aspire-2", "no count of responders for 'esketamine 84 mg twice weekly + standard care'"),
    ],
)
def test_a_benefit_that_an_icon_array_cannot_show(name: str, says: str) -> None:
    item, measured, words = named(trials(), name)
    with pytest.raises(NotDrawn, match=re.escape(says)):
        icon_rows.benefit_pair(item, measured, words, "response")
