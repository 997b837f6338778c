"""From the recorded harms of a trial to rows of event frequencies; a share never stands without its comparison group's."""

from __future__ import annotations

from collections.abc import Sequence

from ketamine_kb.evidence import trial_words as words
from ketamine_kb.evidence import trials as sums
from ketamine_kb.evidence.trial_data import Harm, HarmGroup, Trial
from ketamine_kb.messages import nearest
from ketamine_kb.plots.bars import EventRow, Groups
from ketamine_kb.plots.scale import number


class Unlike(ValueError):
    """Harms that cannot be drawn, or that must not stand in one picture.

    :param found: what was asked.
    :param expected: what would be right instead.
    :param near: the closest valid word, if any.
    """

    def __init__(self, found: str, expected: str, near: str = "") -> None:
        super().__init__(found)
        self.found, self.expected, self.near = found, expected, near


def harm_of(trial: Trial, identifier: str) -> Harm:
    """One recorded harm of a trial.

    :raises Unlike: where it has none of that name.
    """
    known = {harm.id: harm for harm in trial.harms}
    if identifier not in known:
        raise Unlike(f"event {identifier!r} of {trial.id}", "one of " + (", ".join(known) or "none"), nearest(identifier, known))
    return known[identifier]


def both(trial: Trial, harm: Harm) -> tuple[HarmGroup, HarmGroup]:
    """The tested and the comparison group of a harm.

    :raises Unlike: where there is not one of each.
    """
    tested = [item for item in harm.groups if item.role == "tested"]
    controls = [item for item in harm.groups if item.role == "control"]
    if len(tested) != 1 or len(controls) != 1:
        why = "its comparison group's share was not seen" if not controls else f"it has {len(tested)} tested groups"
        raise Unlike(f"{trial.id} {harm.id} cannot be drawn: {why}", "an event with one tested and one comparison group")
    return tested[0], controls[0]


def event_rows(trial: Trial, identifiers: Sequence[str] = ()) -> tuple[list[EventRow], Groups]:
    """The rows of a picture of event frequencies most frequent first, or in the order of the names given.

    :raises Unlike: where an event cannot be drawn, or where events were counted in unlike ways.
    """
    chosen = [harm_of(trial, identifier) for identifier in identifiers] or trial.harms
    if not chosen:
        raise Unlike(f"{trial.id}: no counts of harms", "a trial whose harms were counted", trial.harms_in or "")
    rows: list[EventRow] = []
    first = chosen[0]
    for harm in chosen:
        tested, control = both(trial, harm)
        counted = [(item.per, item.time, *(group.name for group in both(trial, item))) for item in (first, harm)]
        if counted[0] != counted[1]:
            found = f"{trial.id}: {first.id} and {harm.id} were counted in unlike ways ({'; '.join(', '.join(way) for way in counted)})"
            raise Unlike(found, "events counted alike: name them with :events:")
        rows.append(
            EventRow(
                name=sentence_case(harm.event),
                tested=words.group_share(tested),
                control=words.group_share(control),
                tested_counts=people_words(tested),
                control_counts=people_words(control),
                basis="reconstructed" if reconstructed(tested) or reconstructed(control) else "reported",
                difference=difference_words(tested, control),
                sources=(harm.source,),
            )
        )
    if not identifiers:
        rows.sort(key=lambda row: -row.tested)
    tested, control = both(trial, first)
    limits = " ".join(part for part in (trial.harms_note, trial.caution) if part)
    return rows, Groups(trial.name, tested.name, control.name, f"per {first.per}", first.time, limits)


def people_words(item: HarmGroup) -> str:
    """Out of whom a share is: ``41 of 343``."""
    if item.events and item.people:
        return f"{item.events.count} of {item.people.count}"
    return f"of {item.people.count}" if item.people else "people not seen"


def reconstructed(item: HarmGroup) -> bool:
    """Whether a group's counts were worked out from printed numbers."""
    return "reconstructed" in [count.basis for count in (item.events, item.people) if count]


def difference_words(tested: HarmGroup, control: HarmGroup) -> str:
    """The difference in points, with its interval where both counts are known."""
    if tested.events and tested.people and control.events and control.people:
        gap = sums.difference(tested.events.count, tested.people.count, control.events.count, control.people.count)
        return f"{number(gap.value)} ({number(gap.low)} to {number(gap.high)})"
    return number(words.group_share(tested) - words.group_share(control))


def sentence_case(text: str) -> str:
    """A capital first; the rest as it stands."""
    return text[:1].upper() + text[1:]
