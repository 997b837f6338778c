"""A forest plot: one row a comparison, in groups of trials that are alike, never pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketamine_kb.diagrams.measure import wrap
from ketamine_kb.plots.draw import HEAD, SECOND, TEXT, WIDTH, Canvas, Picture
from ketamine_kb.plots.scale import Scale, number, ticks

#: Columns in pixels: the words, the drawing, the numbers.
LABEL, LEFT, RIGHT, NUMBERS = 246.0, 262.0, 526.0, 540.0


@dataclass(frozen=True)
class ForestRow:
    """One comparison.

    :param label: the trial.
    :param value: the estimate.
    :param low: lower end of the 95% interval.
    :param high: upper end of the 95% interval.
    :param counts: both groups' counts or scores, as readers are to see them.
    :param note: when.
    :param group: what the rows of one group share, as its heading: definition, people counted, kind of comparison.
    :param apart: keeps trials with the same heading in groups of their own, where what they share is not known.
    :param reconstructed: True where a count was worked out from printed percentages.
    :param not_worse: True in a trial of non-inferiority, which cannot show that one side is better.
    :param cautions: what readers must know beside every number of the trial.
    :param harms: a harm of the same trial, or that none was counted.
    :param sources: keys of the sources.
    """

    label: str
    value: float
    low: float
    high: float
    counts: str
    note: str
    group: str
    apart: str = ""
    reconstructed: bool = False
    not_worse: bool = False
    cautions: tuple[str, ...] = ()
    harms: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Direction:
    """What the sides of the line of no difference mean.

    :param unit: what the numbers are, such as "more of every 100 people".
    :param left: words for the side below zero.
    :param right: words for the side above zero.
    """

    unit: str
    left: str
    right: str

    def side(self, row: ForestRow) -> str:
        """What the interval says, in words."""
        if row.not_worse:
            return "a trial of non-inferiority, so it does not show which is better"
        if row.low > 0:
            return self.right
        if row.high < 0:
            return self.left
        return "the interval includes no difference"


def forest(title: str, rows: Sequence[ForestRow], direction: Direction, left_out: Sequence[str] = ()) -> Picture:
    """Draw rows in the order of their groups.

    :param left_out: sentences on what could not be drawn; their number stands in the picture.

    :raises ValueError: without rows, or where an interval does not hold its estimate.
    """
    if not rows:
        raise ValueError("a forest plot without rows, expected at least one")
    for row in rows:
        if not row.low <= row.value <= row.high:
            raise ValueError(f"{row.label}: {row.value:g} outside its interval {row.low:g} to {row.high:g}")
    low, high = min(0.0, *(row.low for row in rows)), max(0.0, *(row.high for row in rows))
    marks = ticks(low, high, 7)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    scale = Scale(marks[0] - (step if marks[0] > low else 0), marks[-1] + (step if marks[-1] < high else 0), LEFT, RIGHT)
    marks = ticks(scale.low, scale.high, 9)
    canvas, body = Canvas(), Canvas()
    zero = scale.at(0)
    canvas.text(zero - 10, 16, f"← {direction.left}", "end", "second")
    canvas.text(zero + 10, 16, f"{direction.right} →", "second")
    canvas.text(NUMBERS, 34, "Difference", "second")
    canvas.text(NUMBERS, 48, "(95% interval)", "second")
    top = 34.0
    y = top + 18
    marked = {words: chr(ord("a") + index) for index, words in enumerate(dict.fromkeys(one for row in rows for one in row.cautions))}
    for group in dict.fromkeys((row.group, row.apart) for row in rows):
        y += 6
        heading = wrap(group[0], HEAD, WIDTH - 12)
        body.rect(0, y - 3, WIDTH, 6 + 18 * len(heading), "band")
        for line in heading:
            body.text(6, y + 14, line, "head")
            y += 18
        y += 9
        for row in (row for row in rows if (row.group, row.apart) == group):
            y = _row(body, row, scale, y, "".join(f" [{marked[words]}]" for words in row.cautions))
    bottom = y + 4
    canvas.line(zero, top - 8, zero, bottom, "axis")
    canvas.parts += body.parts
    canvas.line(LEFT, bottom, RIGHT, bottom, "axis")
    for mark in marks:
        canvas.line(scale.at(mark), bottom, scale.at(mark), bottom + 5, "axis")
        canvas.text(scale.at(mark), bottom + 20, number(mark, 0), "second", "middle")
    canvas.text((LEFT + RIGHT) / 2, bottom + 40, direction.unit, "second", "middle")
    canvas.square(8, bottom + 62, 5, "drug-full")
    canvas.text(20, bottom + 66.5, "printed in a source", "second")
    canvas.square(188, bottom + 62, 5, "drug", "hollow")
    canvas.text(200, bottom + 66.5, "counts reconstructed from printed percentages", "second")
    end = bottom + 76
    for words, letter in marked.items():
        end = canvas.block(0, end + 10, f"[{letter}] {words}", WIDTH, "second", size=SECOND) - 8
    if left_out:
        words = f"Not drawn: {len(left_out)} more trial{'' if len(left_out) == 1 else 's'}, listed in the text version with the reasons. "
        end = canvas.block(0, end + 10, words + "Among them are trials that found no clear difference.", WIDTH, "second", size=SECOND)
    sentences = [
        f"{title}. Each row is one comparison; trials that differ in definition, people counted or comparison group are kept apart, "
        "and nothing is pooled.",
        *(_sentence(row, direction) for row in rows),
        *left_out,
    ]
    return Picture(
        title=title,
        sentences=tuple(sentences),
        head=("Trial", "Group", "Counts", "When", f"Difference: {direction.unit}", "95% interval", "Counts are", "Cautions", "Harms"),
        rows=tuple(
            (
                row.label,
                row.group,
                row.counts,
                row.note,
                number(row.value),
                f"{number(row.low)} to {number(row.high)}",
                "reconstructed" if row.reconstructed else "reported",
                " ".join(row.cautions) or "none recorded",
                row.harms,
            )
            for row in rows
        ),
        sources=tuple(row.sources for row in rows),
        body=str(canvas),
        width=WIDTH,
        height=end,
    )


def _row(canvas: Canvas, row: ForestRow, scale: Scale, y: float, marks: str) -> float:
    first = y + TEXT
    after = canvas.block(0, first, row.label + marks, LABEL)
    after = canvas.block(0, after, row.counts, LABEL, "second", size=SECOND)
    after = canvas.block(0, after, row.note, LABEL, "second", size=SECOND)
    middle = first - 5
    canvas.line(scale.clipped(row.low), middle, scale.clipped(row.high), middle, "drug")
    for end in (row.low, row.high):
        if scale.holds(end):
            canvas.line(scale.at(end), middle - 4, scale.at(end), middle + 4, "drug")
        else:
            canvas.tip(scale.clipped(end), middle, end > scale.high, "drug-full")
    canvas.square(scale.clipped(row.value), middle, 5.5, *(("drug", "hollow") if row.reconstructed else ("drug-full",)))
    canvas.text(NUMBERS, first, number(row.value))
    canvas.text(NUMBERS, first + 16, f"({number(row.low)} to {number(row.high)})", "second")
    return max(after - TEXT * 0.55, first + 26)


def _sentence(row: ForestRow, direction: Direction) -> str:
    basis = " The counts are reconstructed from printed percentages." if row.reconstructed else ""
    interval = f"{number(row.low)} to {number(row.high)}"
    more = "".join(f" {words}" for words in (*row.cautions, row.harms and f"Harms: {row.harms}") if words)
    return (
        f"{row.label}: {row.counts}; {row.note}. {row.group}. "
        f"Difference {number(row.value)} (95% interval {interval}): {direction.side(row)}.{basis}{more}"
    )
