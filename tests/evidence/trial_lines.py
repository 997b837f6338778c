"""Every number of every trial in plain lines: a golden that any changed count changes."""

from __future__ import annotations

from collections.abc import Sequence

from ketamine_kb.evidence import trial_requests
from ketamine_kb.evidence.trial_data import Count, Trial
from ketamine_kb.evidence.trials import Unanswerable


def lines(trials: Sequence[Trial]) -> list[str]:
    """Counts as they stand, and the answer to every request that can be made without arm words."""
    made: list[str] = []
    for trial in trials:
        made.append(f"# {trial.id}: {trial.comparison}; {trial.aim}")
        for table in (trial, *trial.further):
            for arm in table.arms:
                held = [f"{name} {value.count} {value.basis}" for name, value in arm if isinstance(value, Count)]
                made.append(f"  {table.time_point} ({table.counted}) {arm.name}: {', '.join(held) or 'no counts'}")
        outcomes = {
            **dict.fromkeys(trial_requests.FIELDS, trial_requests.MEASURES),
            "score": trial_requests.SCORE_MEASURES,
            **{harm.id: trial_requests.HARM_MEASURES for harm in trial.harms},
        }
        for outcome, measures in outcomes.items():
            for measure in measures:
                try:
                    answer = trial_requests.resolve(trials, f"{trial.id} {outcome} {measure}")
                except Unanswerable:
                    continue
                made.append(f"  {outcome} {measure}: {answer.value}")
    return made
