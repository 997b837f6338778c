"""What happens when after one dose: bars from when to when, benefit and harm on one scale of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketamine_kb.plots.draw import SECOND, WIDTH, Canvas, Picture
from ketamine_kb.plots.scale import Scale, short, span

#: The words of each kind of row, with the class of its bar. The word stands in the picture, so colour only repeats it.
KINDS = {"benefit": "benefit", "harm": "side effect", "level": "level in blood"}
#: What the key says of a kind, where its word is not enough.
_MORE = {"level": "level in blood, above a hundredth of its peak"}
_BAR = {"benefit": ("benefit-full",), "harm": ("harm", "hollow"), "level": ("drug", "band")}
_ROLE = {"benefit": "benefit", "harm": "harm", "level": "drug"}
#: Where the bars start and end, in pixels.
LEFT, RIGHT = 12.0, WIDTH - 12.0


@dataclass(frozen=True)
class Bar:
    """One thing that lasts from ``start`` to ``end`` hours.

    :param kind: a key of :data:`KINDS`.
    :param peak: when it is largest, in hours.
    :param gone: when it was no longer seen, in hours.
    :param says: the same as a sentence, with what it was compared with.
    :param note: what weakens it.
    """

    name: str
    kind: str
    start: float
    end: float
    says: str
    note: str
    peak: float | None = None
    gone: float | None = None
    sources: tuple[str, ...] = ()

    def when(self) -> str:
        """From when to when, in words."""
        first = "at once" if self.start == 0 else f"from {span(self.start)}"
        words = f"{first} to {span(self.end)}"
        if self.peak is not None:
            words += f", most at {span(self.peak)}"
        return words

    def row(self) -> tuple[str, ...]:
        """Its data for a table."""
        gone = "" if self.gone is None else span(self.gone)
        return self.name, KINDS[self.kind], self.when(), gone, self.says, self.note


HEAD = ("What", "Kind", "When after the dose", "Not seen any more at", "In words", "Limits")


def strip(canvas: Canvas, bars: Sequence[Bar], scale: Scale, top: float) -> float:
    """Draw bars below each other on a given scale of hours; returns where they end."""
    y = top
    for bar in bars:
        below = canvas.block(LEFT, y + 13, f"{bar.name} ({KINDS[bar.kind]}): {bar.when()}", RIGHT - LEFT, "second", size=SECOND)
        middle = below - 4
        canvas.line(LEFT, middle, RIGHT, middle, "grid", "dots")
        start, end = scale.clipped(bar.start), scale.clipped(bar.end)
        beyond = bar.end > scale.high
        # However short, a bar can be seen.
        canvas.rect(start, middle - 5, max(end - (8 if beyond else 0) - start, 4), 10, *_BAR[bar.kind])
        if beyond:
            canvas.tip(scale.end, middle, True, f"{_ROLE[bar.kind]}-full")
        if bar.peak is not None and scale.holds(bar.peak):
            canvas.diamond(scale.at(bar.peak), middle, 6, "axis", "hollow")
        if bar.gone is not None and scale.holds(bar.gone) and bar.gone > bar.end:
            x = scale.at(bar.gone)
            canvas.line(x, middle - 8, x, middle + 8, "axis")
        y = middle + 18
    return y


def key(canvas: Canvas, bars: Sequence[Bar], y: float) -> float:
    """What the marks mean, in two lines that begin at the left, where a narrow screen begins; returns where it ends."""
    present = [kind for kind in KINDS if any(bar.kind == kind for bar in bars)]
    for index, kind in enumerate(present):
        x = LEFT + 108 * index
        canvas.rect(x, y, 20, 10, *_BAR[kind])
        canvas.text(x + 26, y + 9.5, _MORE.get(kind, KINDS[kind]), "second")
    y += 20
    canvas.diamond(LEFT + 10, y + 5, 6, "axis", "hollow")
    canvas.text(LEFT + 26, y + 9.5, "most at this time", "second")
    canvas.line(LEFT + 152, y - 3, LEFT + 152, y + 13, "axis")
    canvas.text(LEFT + 160, y + 9.5, "no longer seen", "second")
    return y + 18


def timeline(title: str, bars: Sequence[Bar], days: float) -> Picture:
    """Bars on a scale of days.

    :raises ValueError: where a benefit stands without a side effect, or nothing is to be drawn.
    """
    kinds = {bar.kind for bar in bars}
    if not bars:
        raise ValueError("a time course without rows, expected at least one")
    if "benefit" in kinds and "harm" not in kinds:
        raise ValueError("a time course of a benefit without a side effect, expected both")
    canvas = Canvas()
    scale = Scale(0, days * 24, LEFT, RIGHT)
    top = key(canvas, bars, 6) + 8
    bottom = strip(canvas, bars, scale, top)
    canvas.line(LEFT, bottom, RIGHT, bottom, "axis")
    for day in range(0, int(days) + 1, 1 if days <= 14 else 7):
        x = scale.at(day * 24)
        canvas.line(x, bottom, x, bottom + 5, "axis")
        canvas.text(x, bottom + 20, short(day), "second", "middle")
    canvas.text((LEFT + RIGHT) / 2, bottom + 40, "days after one dose", "second", "middle")
    sentences = [f"{title}.", *(f"{bar.name} ({KINDS[bar.kind]}): {bar.when()}. {bar.says} Limits: {bar.note}" for bar in bars)]
    return Picture(
        title=title,
        sentences=tuple(sentences),
        head=HEAD,
        rows=tuple(bar.row() for bar in bars),
        sources=tuple(bar.sources for bar in bars),
        body=str(canvas),
        width=WIDTH,
        height=bottom + 40 + SECOND * 0.5,
    )
