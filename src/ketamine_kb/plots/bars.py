"""How often side effects came up: for each one the tested group and the comparison group, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketamine_kb.diagrams.measure import wrap
from ketamine_kb.plots.draw import SECOND, TEXT, WIDTH, Canvas, Picture
from ketamine_kb.plots.scale import Scale, number, short, ticks

#: Columns in pixels.
LABEL, LEFT, RIGHT = 206.0, 222.0, WIDTH - 44.0
#: The word for counts that were worked out, and their mark in the picture.
RECONSTRUCTED, MARK = "reconstructed", " *"


@dataclass(frozen=True)
class EventRow:
    """One side effect, in percent of each group.

    :param tested_counts: out of whom the tested group's share is, in words.
    :param control_counts: the same of the comparison group.
    :param basis: ``reported`` or ``reconstructed``, of the counts.
    :param difference: the difference in points, with its interval where counts are known.
    """

    name: str
    tested: float
    control: float
    tested_counts: str
    control_counts: str
    basis: str
    difference: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Groups:
    """What both groups had, and how events were counted."""

    name: str
    tested: str
    control: str
    counted: str
    period: str
    limits: str


def percent(value: float) -> str:
    """A share with one decimal, as sources print it; zero without."""
    return "0%" if value == 0 else f"{number(value)}%"


def frequencies(title: str, rows: Sequence[EventRow], groups: Groups) -> Picture:
    """A filled circle for the tested group, a hollow square for the comparison group, joined by a line.

    :raises ValueError: without rows, or for a share outside 0 to 100.
    """
    if not rows:
        raise ValueError("a picture of events without rows, expected at least one")
    for row in rows:
        if not (0 <= row.tested <= 100 and 0 <= row.control <= 100):
            raise ValueError(f"{row.name}: {row.tested:g} and {row.control:g} percent, expected 0 to 100")
    canvas = Canvas()
    marks = ticks(0, max(max(row.tested, row.control) for row in rows) or 1, 7)
    step = marks[1] - marks[0]
    scale = Scale(0, marks[-1] + step, LEFT, RIGHT)
    canvas.circle(8, 12, 5.5, "harm-full")
    y = canvas.block(22, 16.5, groups.tested, WIDTH - 30, "second", size=SECOND)
    canvas.square(8, y - 4.5, 5, "control", "hollow")
    y = canvas.block(22, y, groups.control, WIDTH - 30, "second", size=SECOND) + 8
    top = y
    body = Canvas()
    for row in rows:
        lines = wrap(row.name, TEXT, LABEL)
        for index, line in enumerate(lines):
            body.text(0, y + TEXT + index * 17, line)
        under = wrap(f"{row.tested_counts} against {row.control_counts}{MARK * (row.basis == RECONSTRUCTED)}", SECOND, LABEL)
        for index, line in enumerate(under):
            body.text(0, y + TEXT + 17 * len(lines) + index * 15, line, "second")
        height = 17.0 * len(lines) + 15 * len(under)
        middle = y + height / 2 + 1
        tested, control = scale.at(row.tested), scale.at(row.control)
        body.line(min(tested, control), middle, max(tested, control), middle, "grid")
        body.square(control, middle, 5, "control", "hollow")
        body.circle(tested, middle, 5.5, "harm-full")
        crowded = min(tested, control) - LEFT <= 40
        right, left = (tested, control) if tested >= control else (control, tested)
        larger, smaller = max(row.tested, row.control), min(row.tested, row.control)
        # The larger number stands right of its mark; the smaller left of it, or below where the scale leaves no room.
        body.text(right + 11, middle + 4.5, percent(larger), "second")
        if crowded:
            body.text(max(left - 6, LEFT + 5), middle + 18, percent(smaller), "second")
        else:
            body.text(left - 11, middle + 4.5, percent(smaller), "second", "end")
        y += max(height, 24.0) + (12 if crowded else 8)
    for mark in ticks(0, scale.high, 8):
        canvas.line(scale.at(mark), top, scale.at(mark), y, *(("axis",) if mark == 0 else ("grid", "dots")))
        canvas.text(scale.at(mark), y + 16, short(mark), "second", "middle")
    canvas.parts += body.parts
    middle = (LEFT + RIGHT) / 2
    unit = wrap(f"of every 100 people ({groups.counted}, {groups.period})", SECOND, 2 * (WIDTH - middle) - 4)
    for index, line in enumerate(unit):
        canvas.text(middle, y + 34 + 15 * index, line, "second", "middle")
    end = y + 27 + 15 * len(unit)
    if any(row.basis == RECONSTRUCTED for row in rows):
        end = canvas.block(0, end + 14, f"{MARK.strip()} counts reconstructed from printed percentages", WIDTH, "second", size=SECOND)
    return Picture(
        title=title,
        sentences=(
            f"{title}. Counted {groups.counted}, over {groups.period}. {groups.limits}".rstrip(),
            *(_sentence(row, groups) for row in rows),
        ),
        head=(
            "Side effect",
            f"{groups.tested}, %",
            "Counts",
            f"{groups.control}, %",
            "Counts",
            "Difference, points (95% interval)",
            "Counts are",
        ),
        rows=tuple(
            (
                row.name,
                number(row.tested),
                row.tested_counts,
                number(row.control),
                row.control_counts,
                row.difference,
                row.basis,
            )
            for row in rows
        ),
        sources=tuple(row.sources for row in rows),
        body=str(canvas),
        width=WIDTH,
        height=end,
    )


def _sentence(row: EventRow, groups: Groups) -> str:
    basis = " The counts are reconstructed from printed percentages." if row.basis == RECONSTRUCTED else ""
    return (
        f"{row.name}: {number(row.tested)} of every 100 with {groups.tested} ({row.tested_counts}), {number(row.control)} of every 100 "
        f"with {groups.control} ({row.control_counts}; {groups.counted}).{basis}"
    )
