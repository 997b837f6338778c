"""From a request to a number: exact answers, exact refusals, and a golden that every count is in."""

from __future__ import annotations

import locale
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.evidence import trial_requests, trial_words
from ketamine_kb.evidence.lessons import counts, number, trials
from ketamine_kb.evidence.trial_data import Trial
from ketamine_kb.evidence.trials import Unanswerable, needed
from tests.evidence.renew import GOLDEN
from tests.evidence.trial_lines import lines

ANSWERS = {
    "transform-2 response count": "70 of 101 (reconstructed)",
    "transform-2 response rate": "69.3%",
    "transform-2 response rate placebo": "52.0%",
    "transform-2 response difference": "17.3 points (95% CI 3.8 to 30.0)",
    'transform-2 response difference at "all dosed"': "13.7 points (95% CI 0.6 to 26.1)",
    'transform-2 response difference at "day 28"': "17.3 points (95% CI 3.8 to 30.0)",
    "transform-2 response ratio": "1.33 (95% CI 1.06 to 1.68)",
    "transform-2 response nnt": "6 (95% CI 4 to 27)",
    "transform-3 response nnt": "no single number (95% CI 4 for benefit through infinity to 145 for harm)",
    "sustain-1 relapse nnt remission": "6 (95% CI 4 to 23)",
    "sustain-1 relapse rate response esketamine": "25.8%",
    "transform-1 response rate 56": "54.1%",
    "transform-1 response rate": "53.6%",
    'transform-1-and-2-pooled response count at "day 2"': "55 of 318",
    "transform-1-and-2-pooled serious-or-severe nnh": "12 (95% CI 8 to 27)",
    "transform-1-and-2-pooled suicidal-ideation nnh": "no single number (95% CI 26 more harmed through infinity to 12 fewer harmed)",
    "aspire-1-and-2-pooled dissociation rate": "33.9% against 5.8%",
    "aspire-1-and-2-pooled dissociation count": "77 of 227 against 13 of 225 (reconstructed)",
    "transform-2 stopped-for-adverse-event rate": "7% against 0.9%",
    "esketamine-alone nausea rate": "24.8% (comparison group's figure not seen)",
    "aspire-2 score change": "−15.7 points",
    "aspire-2 score difference": "−3.9 points (95% CI −6.6 to −1.11)",
    "aspire-2 score smd": "−0.30 (95% CI −0.56 to −0.04)",
    "lapidus-2014-intranasal response rate": "44.4%",
    "  transform-2   response  rate ": "69.3%",
}
REFUSED = {
    "": "request '' - expected trial outcome measure [arm words] [at \"time point\"]",
    "transform-2 response": "request 'transform-2 response' - expected trial outcome measure [arm words] [at \"time point\"]",
    'transform-2 response rate at "': 'request \'transform-2 response rate at "\' - expected trial outcome measure [arm words] [at "time point"]',
    "transfrom-2 response nnt": "unknown trial 'transfrom-2' - expected the id of a trial in evidence/trials.yaml - did you mean 'transform-2'?",
    "transform-2 respons nnt": "transform-2: unknown outcome 'respons' - expected one of response, remission, relapse, score, stopped-for-adverse-event - did you mean 'response'?",
    "transform-2 response ntn": "transform-2 response: unknown measure 'ntn' - expected one of count, rate, difference, ratio, odds, nnt - did you mean 'nnt'?",
    "aspire-1-and-2-pooled dissociation nnt": "aspire-1-and-2-pooled dissociation: unknown measure 'nnt' - expected one of count, rate, difference, ratio, odds, nnh - did you mean 'nnh'?",
    "transform-2 response rate placbo": "transform-2: no arm 'placbo' - expected words of one of: esketamine 56/84 mg twice weekly + new antidepressant; placebo spray + new antidepressant - did you mean 'placebo'?",
    'transform-2 response rate at "day 82"': 'transform-2: at "day 82" - expected one of "all dosed", "day 28", "observed cases" - did you mean \'day 28\'?',
    'transform-1-and-2-pooled serious-or-severe rate at "day 2"': 'transform-1-and-2-pooled serious-or-severe: at "day 2" - expected no time point: this harm was counted over four weeks',
    "sustain-1 relapse nnt": "sustain-1: 2 groups to compare with ('stable remission, switched to placebo spray', 'stable response, switched to placebo spray') - expected arm words that leave one of them",
    "elekt-d response nnt": "elekt-d is a non-inferiority trial - expected a rate or a difference: it cannot show that one treatment is better",
    "esketamine-or-racemic-ketamine remission nnt": "esketamine-or-racemic-ketamine is a non-inferiority trial - expected a rate or a difference: it cannot show that one treatment is better",
    "abbar-2022-suicidal-ideation remission nnt": "abbar-2022-suicidal-ideation: The pooled result is driven by bipolar disorder and was not shown in depressive disorder (odds ratio 1.3, 0.3 to 5.2), and the abstract prints inconsistent group sizes. - expected a rate or a difference",
    "transform-1 response nnt": "transform-1: The trial missed its main goal, so its secondary rates are shown without a number needed to treat. - expected a rate or a difference",
    "lapidus-2014-intranasal response difference": "lapidus-2014-intranasal is a crossover: the same people are in both groups - expected a count or a rate",
    "murrough-2013-series response nnt": "murrough-2013-series has no comparison group - expected a count or a rate",
    "transform-2 response difference placebo": "transform-2 cannot compare a comparison group with itself - expected a count or a rate",
    "ketect remission rate": "ketect: no count of remitters for 'IV ketamine 0.5 mg/kg three times weekly, up to 12' - expected an outcome that was counted",
    "ionescu-2019-repeat-dose remission rate": "ionescu-2019-repeat-dose: no count of people counted for 'six ketamine infusions 0.5 mg/kg over 45 min' - expected an outcome that was counted",
    "esketamine-alone nausea nnh": "esketamine-alone nausea: 1 tested and 0 comparison groups - expected a rate: the comparison group's figure was not seen",
    "transform-2 stopped-for-adverse-event nnh": "transform-2 stopped-for-adverse-event: no count for 'esketamine 56/84 mg twice weekly + new antidepressant', only a percentage - expected a rate",
    "transform-2 score smd": "transform-2: mean change, standard deviation and people of both groups were not all seen - expected a change or a difference",
    "transform-2 score change": "transform-2: no mean change for 'esketamine 56/84 mg twice weekly + new antidepressant' - expected an arm whose change was seen",
    "elekt-d score difference": "elekt-d: no printed mean difference between 'IV ketamine 0.5 mg/kg twice weekly for 3 weeks' and 'ECT three times weekly for 3 weeks' - expected a measure that was seen",
    "japan-phase-2b score change": "japan-phase-2b score: 3 groups - expected arm words that leave one of: esketamine 28 mg; esketamine 56 mg; esketamine 84 mg; placebo spray",
}


@pytest.mark.parametrize("request_", ANSWERS)
def test_each_request_has_its_answer(request_: str) -> None:
    assert number(request_) == ANSWERS[request_]


@pytest.mark.parametrize("request_", REFUSED)
def test_each_refusal_says_why(request_: str) -> None:
    with pytest.raises(Unanswerable) as raised:
        number(request_)
    assert str(raised.value) == REFUSED[request_]


def test_the_plain_words_are_natural_frequencies() -> None:
    known = trials()
    assert trial_requests.resolve(known, "transform-2 response rate").plain == (
        "Of every 100 people in this group (esketamine 56/84 mg twice weekly + new antidepressant), about 69 had a response "
        "(a fall of 50% or more on the MADRS) (day 28); about 31 did not. With placebo spray + new antidepressant it was about 52 of every 100."
    )
    assert trial_requests.resolve(known, "transform-2 response nnt").plain == (
        "For one person more with a response (a fall of 50% or more on the MADRS), about 6 people are treated (esketamine 56/84 mg twice "
        "weekly + new antidepressant, compared with placebo spray + new antidepressant); 4 to 27 fit the data."
    )
    assert trial_requests.resolve(known, "karma-dep-2 response difference").plain.endswith(
        "The data fit anything from 10 fewer through no difference to 35 more."
    )


def every_answer() -> Iterator[tuple[Trial, str, trial_requests.Answer]]:
    for trial in trials():
        for outcome in trial_requests.FIELDS:
            for measure in trial_requests.MEASURES:
                try:
                    yield trial, outcome, trial_requests.resolve(trials(), f"{trial.id} {outcome} {measure}")
                except Unanswerable:
                    continue


def test_every_rate_says_threshold_people_counted_comparator_and_harms() -> None:
    seen = 0
    for trial, outcome, answer in every_answer():
        working = " ".join(answer.working)
        assert f"{outcome.capitalize()}: " in working
        assert f"Counted: {trial.counted}" in working
        assert "Compared with: " + trial.comparison in working or trial.comparison == "none"
        assert "Harm" in working
        assert ("reconstructed" in working) >= any(
            arm.denominator and arm.denominator[1].basis == "reconstructed" and getattr(arm, trial_requests.FIELDS[outcome])
            for arm in trial.arms
        )
        assert all(arm.conflict in working for arm in trial.arms if arm.conflict)
        seen += 1
    assert seen > 40


def test_the_golden_numbers_are_these() -> None:
    assert "\n".join(lines(trials())) + "\n" == GOLDEN.read_text(encoding="utf-8"), "run: python -m tests.evidence.renew"


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the counts lie in dumped data."""
    if isinstance(data, dict):
        if set(data) == {"count", "basis"}:
            yield path
        else:
            for key, value in data.items():
                yield from places(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from places(value, (*path, index))


def test_any_one_changed_count_is_noticed() -> None:
    """It no longer fits the data, or it changes a line of the golden."""
    noticed = 0
    for trial in trials():
        dumped = trial.model_dump()
        before = lines([trial, *(other for other in trials() if other.id == trial.harms_in)])
        for path in places(dumped):
            changed = trial.model_dump()
            part: Any = changed
            for step in path:
                part = part[step]
            part["count"] += 1
            try:
                made = Trial.model_validate(changed)
            except ValueError:
                noticed += 1
                continue
            assert lines([made, *(other for other in trials() if other.id == trial.harms_in)]) != before, (trial.id, path)
            noticed += 1
    assert noticed > 150


def test_numbers_do_not_follow_the_locale() -> None:
    before = locale.setlocale(locale.LC_ALL)
    try:
        for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            assert number("aspire-2 score smd") == "−0.30 (95% CI −0.56 to −0.04)"
    finally:
        locale.setlocale(locale.LC_ALL, before)


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(0.0, 1, "0.0"), (-0.04, 1, "0.0"), (-0.06, 1, "−0.1"), (1234.5, 0, "1234"), (float("inf"), 1, "infinity"), (-3.96, 1, "−4.0")],
)
def test_a_number_has_a_proper_minus_and_never_minus_zero(value: float, decimals: int, shown: str) -> None:
    assert trial_words.number(value, decimals) == shown


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (0, "none"),
        (0.2, "fewer than 1"),
        (0.5, "fewer than 1"),
        (1.2, "about 1"),
        (99.4, "about 99"),
        (99.5, "more than 99"),
        (99.7, "more than 99"),
        (100, "all"),
    ],
)
def test_people_of_every_hundred(percent: float, shown: str) -> None:
    assert trial_words.of_hundred(percent) == shown


def test_a_number_for_harm_says_so() -> None:
    assert trial_words.needed(needed(10, 100, 40, 100)) == "4 for harm (95% CI 3 to 6)"
    assert trial_words.people(float("inf")) == "infinity"
    assert trial_words.people(25.0000000001) == "25"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "transform-2",
                "sustain-1",
                "response",
                "relapse",
                "score",
                "nnt",
                "rate",
                "smd",
                "placebo",
                "remission",
                "at",
                '"day 28"',
                '"',
                "",
                "é",
                "\n",
                "(",
            ]
        ),
        max_size=7,
    )
)
def test_any_request_is_answered_or_refused(words: list[str]) -> None:
    request = " ".join(words)
    try:
        answer = trial_requests.resolve(trials(), request)
    except Unanswerable as error:
        assert error.found
        assert error.expected
        return
    assert "nan" not in answer.value


def test_counts_are_those_of_the_file() -> None:
    assert counts("transform-2 response") == (70, 101, 52, 100)
    assert counts('transform-2 remission at "all dosed"') == (53, 114, 31, 109)
    assert counts("transform-1 response 84") == (52, 98, 42, 108)
    assert counts("aspire-1-and-2-pooled dissociation") == (77, 227, 13, 225)
    with pytest.raises(Unanswerable, match="unknown trial"):
        counts("nothing response")
    with pytest.raises(Unanswerable, match="request"):
        counts("transform-2")
