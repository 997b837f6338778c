"""Levels in blood over time by several routes, with measured points, over bars of what is felt and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketamine_kb.plots import timeline
from ketamine_kb.plots.draw import SECOND, WIDTH, Canvas, Picture
from ketamine_kb.plots.scale import Scale, number, short, span, ticks
from ketamine_kb.plots.timeline import Bar

#: Each route has a colour, a line pattern and a mark of its own, and is named in the picture.
PATTERNS: dict[str, tuple[str, ...]] = {"vein": (), "nose": ("dash",), "mouth": ("dots",), "muscle": ()}
#: The area of the levels in pixels.
LEFT, RIGHT, HEIGHT = 52.0, WIDTH - 12.0, 260.0
#: The note that stands in every picture of levels.
WARNING = "An illustration from published models, for doses that studies reported. It is never a guide to dosing."


@dataclass(frozen=True)
class Curve:
    """One route.

    :param name: route, drug, dose, as reported.
    :param route: vein, nose or mouth.
    :param hours: times in hours after the start.
    :param levels: ng/mL at these times.
    :param low: lowest of several models at these times, if there are several.
    :param high: highest of them.
    :param peak: time in hours and level of the peak.
    :param small: the hour from which the level stays below a hundredth of its peak.
    :param models: which models it comes from, in words.
    """

    name: str
    route: str
    hours: tuple[float, ...]
    levels: tuple[float, ...]
    peak: tuple[float, float]
    small: float
    models: str
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """A level that was measured, where no model pictures the route, or to set beside a curve; ``short`` stands beside its mark."""

    name: str
    short: str
    route: str
    hour: float
    level: float
    note: str
    sources: tuple[str, ...] = ()


def curves(title: str, lines: Sequence[Curve], points: Sequence[Point], bars: Sequence[Bar], hours: float) -> Picture:
    """Draw levels from 0 to ``hours``, and below them what is felt and when, on the same scale of time.

    :raises ValueError: without curves, for a level below 0, or where a benefit stands without a side effect.
    """
    if not lines:
        raise ValueError("levels without curves, expected at least one")
    if any(level < 0 for line in lines for level in (*line.levels, *line.low)):
        raise ValueError("a level below 0, expected 0 or more")
    kinds = {bar.kind for bar in bars}
    if "benefit" in kinds and "harm" not in kinds:
        raise ValueError("levels beside a benefit without a side effect, expected both")
    canvas = Canvas()
    across = Scale(0, hours, LEFT, RIGHT)
    highest = max([*(point.level for point in points), *(level for line in lines for level in (*line.levels, *line.high))])
    marks = ticks(0, highest, 6)
    marks.append(marks[-1] + marks[1] - marks[0])
    top = _legend(canvas, lines, points) + 24
    up = Scale(0, marks[-1], top + HEIGHT, top)
    canvas.text(0, top - 12, "Level in blood, nanograms in a millilitre (ng/mL)", "second")
    for mark in marks:
        canvas.line(LEFT, up.at(mark), RIGHT, up.at(mark), *(("axis",) if mark == 0 else ("grid", "dots")))
        canvas.text(LEFT - 8, up.at(mark) + 4.5, number(mark, 0), "second", "end")
    canvas.line(LEFT, top, LEFT, top + HEIGHT, "axis")
    for line in lines:
        if line.low:
            there = list(zip(line.hours, line.high, strict=True))
            back = list(zip(line.hours, line.low, strict=True))[::-1]
            canvas.path([(across.at(x), up.at(y)) for x, y in there + back], "band", closed=True)
    for line in lines:
        shown = [(across.at(x), up.at(y)) for x, y in zip(line.hours, line.levels, strict=True)]
        canvas.path(shown, line.route, "none", *PATTERNS[line.route])
    for point in points:
        _mark(canvas, point.route, across.at(point.hour), up.at(point.level))
        canvas.text(across.at(point.hour) + 10, up.at(point.level) + 4.5, point.short, "second")
    bottom = top + HEIGHT
    for mark in ticks(0, hours, 9):
        canvas.line(across.at(mark), bottom, across.at(mark), bottom + 5, "axis")
        canvas.text(across.at(mark), bottom + 20, short(mark), "second", "middle")
    canvas.text((LEFT + RIGHT) / 2, bottom + 38, "hours after the start", "second", "middle")
    y = bottom + 52
    if bars:
        y = timeline.key(canvas, bars, y) + 6
        # The bars share the scale of the levels, so that what stands above each other happens at the same time.
        y = timeline.strip(canvas, bars, Scale(0, hours, LEFT, RIGHT), y)
    y = canvas.block(0, y + 12, WARNING, WIDTH, "second", size=SECOND)
    return Picture(
        title=title,
        sentences=_sentences(title, lines, points, bars),
        head=("What", "Kind", "Peak or value, ng/mL", "When", "Below a hundredth of the peak after", "From"),
        rows=_rows(lines, points, bars),
        sources=(*(line.sources for line in lines), *(point.sources for point in points), *(bar.sources for bar in bars)),
        body=str(canvas),
        width=WIDTH,
        height=y,
    )


def _mark(canvas: Canvas, route: str, x: float, y: float) -> None:
    if route == "muscle":
        canvas.square(x, y, 5, "muscle", "hollow")
    else:
        canvas.diamond(x, y, 7, route, "hollow")


def _legend(canvas: Canvas, lines: Sequence[Curve], points: Sequence[Point]) -> float:
    """The names above the area, at the left, where a narrow screen begins; returns where they end."""
    y, words = 12.0, 42.0
    for line in lines:
        if line.low:
            canvas.rect(0, y - 11, 34, 12, "band")
        canvas.line(0, y - 5, 34, y - 5, line.route, *PATTERNS[line.route])
        band = "; pale area: several published models" if line.low else ""
        y = canvas.block(words, y, line.name + band, WIDTH - words, "second", size=SECOND) + 3
    for point in points:
        _mark(canvas, point.route, 17, y - 5)
        y = canvas.block(words, y, point.name, WIDTH - words, "second", size=SECOND) + 3
    return y


def _sentences(title: str, lines: Sequence[Curve], points: Sequence[Point], bars: Sequence[Bar]) -> tuple[str, ...]:
    made = [f"{title}. {WARNING}"]
    for line in lines:
        hour, level = line.peak
        words = f"{line.name}: in the model the level is highest after {span(hour)}, at {number(level, 0)} ng/mL"
        if line.low:
            top = max(line.high)
            words += f" (other published models give peaks from {number(max(line.low), 0)} to {number(top, 0)})"
        made.append(f"{words}, and below a hundredth of that after about {span(line.small)}.")
    made += [f"{point.name}: measured {number(point.level, 0)} ng/mL after {span(point.hour)}. {point.note}" for point in points]
    made += [f"{bar.name} ({timeline.KINDS[bar.kind]}): {bar.when()}. {bar.says} Limits: {bar.note}" for bar in bars]
    return tuple(made)


def _rows(lines: Sequence[Curve], points: Sequence[Point], bars: Sequence[Bar]) -> tuple[tuple[str, ...], ...]:
    made = [(line.name, "model", number(line.peak[1], 0), span(line.peak[0]), span(line.small), line.models) for line in lines]
    made += [(point.name, "measured", number(point.level, 0), span(point.hour), "", point.note) for point in points]
    made += [(bar.name, timeline.KINDS[bar.kind], "", bar.when(), "", bar.note) for bar in bars]
    return tuple(made)
