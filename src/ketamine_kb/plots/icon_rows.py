"""From a trial to the pairs of an icon array: a benefit with what defines it, and a harm that was counted in the same trial."""

from __future__ import annotations

from collections.abc import Sequence

from ketamine_kb.evidence import trial_words as words
from ketamine_kb.evidence.trial_context import kind
from ketamine_kb.evidence.trial_data import HarmGroup, Measured, Trial
from ketamine_kb.evidence.trial_requests import Group, group
from ketamine_kb.evidence.trials import Unanswerable
from ketamine_kb.plots.harm_rows import Unlike, both, harm_of, people_words, reconstructed, sentence_case
from ketamine_kb.plots.icons import Pair, Share
from ketamine_kb.plots.trial_rows import NotDrawn, cautions, compared

#: What happened to people with an outcome.
WHAT = {"response": "responded to treatment", "remission": "had few or no symptoms left (remission)"}


def benefit_pair(trial: Trial, measured: Measured, chosen: Sequence[str], outcome: str) -> Pair:
    """A trial's response or remission.

    :raises NotDrawn: where the trial cannot be shown.
    """
    tested, control = compared(trial, measured, chosen)
    if len(tested) > 1:
        raise NotDrawn("it tested several doses: arm words after the trial choose one group")
    try:
        one, other = group(trial, tested, outcome), group(trial, [control], outcome)
    except Unanswerable as error:
        raise NotDrawn(error.found.removeprefix(f"{trial.id}: ")) from error
    note = " ".join(
        [f"By {measured.time_point}. {kind(trial, measured, outcome)}. {sentence_case(trial.name)}.", *cautions(trial, measured)]
    )
    return Pair("benefit", WHAT[outcome], note, _counted(one), _counted(other), tuple(trial.sources))


def harm_pair(trials: Sequence[Trial], trial: Trial, identifier: str) -> Pair:
    """One harm of a trial, or of the trial that holds its harms.

    :raises Unlike: where neither has such an event with both groups.
    """
    held = trial
    if trial.harms_in and identifier not in [harm.id for harm in trial.harms]:
        held = next(other for other in trials if other.id == trial.harms_in)
    if not held.harms:
        raise Unlike(f"{held.id}: no counts of harms", "a trial whose harms were counted")
    harm = harm_of(held, identifier)
    tested, control = both(held, harm)
    note = " ".join(part for part in (f"Over {harm.time}, per {harm.per}. {sentence_case(held.name)}.", held.harms_note) if part)
    return Pair("harm", f"had {harm.event}", note, _share(tested), _share(control), (harm.source,))


def _counted(side: Group) -> Share:
    marks = f", {', '.join(side.marks)}" if side.marks else ""
    return Share(sentence_case(side.name), 100 * side.events / side.people, f"{side.events} of {side.people} people{marks}")


def _share(item: HarmGroup) -> Share:
    mark = " people, count reconstructed" if reconstructed(item) else " people" if item.people else ""
    return Share(sentence_case(item.name), words.group_share(item), f"{words.share_words(item)}: {people_words(item)}{mark}")
