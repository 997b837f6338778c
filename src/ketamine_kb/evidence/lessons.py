"""What the page of worked sums imports: the recorded trials in one word each, so that a changed count changes the lesson.

``counts`` and ``number`` take the requests of :mod:`ketamine_kb.evidence.trial_requests`.
"""

from __future__ import annotations

from functools import cache

from ketamine_kb.evidence import load, trial_requests
from ketamine_kb.evidence.trial_data import Trial
from ketamine_kb.project import here


@cache
def trials() -> tuple[Trial, ...]:
    """The trials of this checkout.

    :raises Faulty: where the file cannot be read.
    """
    return tuple(load.trials(here()))


def counts(request: str) -> tuple[int, int, int, int]:
    """People with the outcome and people counted, tested group first: ``counts("transform-2 response")``.

    :raises Unanswerable: where the request names nothing that was recorded, or what may not be compared.
    """
    return trial_requests.counts(trials(), request)


def number(request: str) -> str:
    """The number as a page shows it: ``number("transform-2 response nnt")``.

    :raises Unanswerable: as :func:`counts`.
    """
    return trial_requests.resolve(trials(), request).value
