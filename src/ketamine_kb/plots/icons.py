"""An icon array: of 100 people in each group, how many; a benefit is only ever shown with a harm below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketamine_kb.plots.draw import HEAD, SECOND, TEXT, Canvas, Picture
from ketamine_kb.plots.scale import short

#: The distance of two icons, and where the two grids begin, in pixels.
STEP = 13.8
COLUMNS = (1.0, 154.0)
#: Narrow enough for a telephone, and the width of a column of words.
ACROSS, COLUMN = 294.0, 140.0


@dataclass(frozen=True)
class Share:
    """One group: what it had, the share of it in percent, and what that is out of."""

    group: str
    percent: float
    people: str


@dataclass(frozen=True)
class Pair:
    """One thing that happened, in both groups.

    :param kind: ``benefit`` or ``harm``.
    :param what: what happened, such as "responded".
    :param note: when, by which threshold, how counted.
    """

    kind: str
    what: str
    note: str
    tested: Share
    control: Share
    sources: tuple[str, ...] = ()


def whole(percent: float) -> int:
    """Whole people of 100, halves rounded up."""
    return int(percent + 0.5)


def icons(title: str, pairs: Sequence[Pair]) -> Picture:
    """Two grids of 100 side by side for each thing: the tested group and the comparison group.

    :raises ValueError: for a share outside 0 to 100, or a benefit without a harm.
    """
    kinds = {pair.kind for pair in pairs}
    if not pairs:
        raise ValueError("an icon array without groups, expected at least one thing that happened")
    if "benefit" in kinds and "harm" not in kinds:
        raise ValueError("an icon array of a benefit without a harm, expected both")
    canvas = Canvas()
    y = 0.0
    for pair in pairs:
        mark = "filled circle" if pair.kind == "benefit" else "filled diamond"
        y = canvas.block(0, y + HEAD, f"{pair.what[0].upper()}{pair.what[1:]} ({mark})", ACROSS, "head", size=HEAD)
        y = canvas.block(0, y, pair.note, ACROSS, "second", size=SECOND) - 2
        ends = []
        for x, share in zip(COLUMNS, (pair.tested, pair.control), strict=True):
            if not 0 <= share.percent <= 100:
                raise ValueError(f"{share.group}: {share.percent:g} percent, expected 0 to 100")
            below = canvas.block(x, y + TEXT, share.group, COLUMN)
            ends.append(below)
        grid = max(ends) - 2
        for x, share in zip(COLUMNS, (pair.tested, pair.control), strict=True):
            _grid(canvas, x, grid, whole(share.percent), pair.kind)
            canvas.text(x, grid + 10 * STEP + 16, f"{whole(share.percent)} of 100", "head")
            canvas.block(x, grid + 10 * STEP + 33, share.people, COLUMN, "second", size=SECOND)
        y = grid + 10 * STEP + 66
    sentences = [f"{title}. Rounded to whole people; each group is drawn as 100 people."]
    sentences += [
        f"{'Benefit' if pair.kind == 'benefit' else 'Harm'}: {pair.what}. {pair.tested.group}: {whole(pair.tested.percent)} of 100 "
        f"({pair.tested.people}). {pair.control.group}: {whole(pair.control.percent)} of 100 ({pair.control.people}). {pair.note}"
        for pair in pairs
    ]
    sentences.append("A number about a group cannot tell one person what will happen.")
    return Picture(
        title=title,
        sentences=tuple(sentences),
        head=("What happened", "Kind", "Group", "Of 100", "Counted as", "When and how counted"),
        rows=tuple(
            (pair.what, pair.kind, share.group, short(round(share.percent, 1)), share.people, pair.note)
            for pair in pairs
            for share in (pair.tested, pair.control)
        ),
        sources=tuple(pair.sources for pair in pairs for _ in range(2)),
        body=str(canvas),
        width=ACROSS,
        height=y,
    )


def _grid(canvas: Canvas, x: float, y: float, count: int, kind: str) -> None:
    for index in range(100):
        middle = (x + 7 + index % 10 * STEP, y + 7 + index // 10 * STEP)
        if index >= count:
            canvas.circle(*middle, 4.5, "grid", "none")
        elif kind == "benefit":
            canvas.circle(*middle, 5, "benefit-full")
        else:
            canvas.diamond(*middle, 6, "harm-full")
