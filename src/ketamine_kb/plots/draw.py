"""A plain SVG canvas: text stays text, colour comes from classes, no ``style`` attribute, the same bytes every time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from ketamine_kb.diagrams.measure import wrap
from ketamine_kb.plots.palette import print_style_block

#: Sizes of words in pixels, as in the style sheet.
TEXT, SECOND, HEAD = 14.0, 12.5, 15.0
#: The width of a plot in pixels: what a page of the site has room for on a screen of 1280 pixels, without scrolling.
WIDTH = 650.0


def pixels(value: float) -> str:
    """A coordinate: at most two decimals, no minus before zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@dataclass(frozen=True)
class Picture:
    """One plot in all its forms.

    :param title: what it shows, in a few words.
    :param sentences: the text version, one sentence a thing shown.
    :param head: the headings of its data.
    :param rows: its data, one tuple a row.
    :param sources: for each row the keys of its sources.
    :param body: the SVG elements.
    :param width: in pixels.
    :param height: in pixels.
    """

    title: str
    sentences: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sources: tuple[tuple[str, ...], ...]
    body: str
    width: float
    height: float

    @property
    def alternative(self) -> str:
        """The text version in one piece."""
        return " ".join(self.sentences)

    def svg(self, uid: str, *, print_colours: bool = False) -> str:
        """The picture.

        :param uid: prefix of its ids, unique on its page.
        :param print_colours: write the print palette into the file, for a picture that stands alone.
        """
        width, height = pixels(self.width), pixels(self.height)
        style = f"<style>{escape(print_style_block())}</style>" if print_colours else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{uid}" class="kb-plot" role="img" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" aria-labelledby="{uid}-title" aria-describedby="{uid}-desc">'
            f'<title id="{uid}-title">{escape(self.title)}</title><desc id="{uid}-desc">{escape(self.alternative)}</desc>'
            f"{style}{self.body}</svg>"
        )

    def csv(self) -> str:
        """The data for other programs: comma-separated, the keys of the sources last."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*self.head, "sources"])
        for row, keys in zip(self.rows, self.sources, strict=True):
            writer.writerow([*row, " ".join(keys)])
        return out.getvalue()


@dataclass
class Canvas:
    """Collects elements from top to bottom."""

    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, *classes: str) -> None:
        """One line of words, its baseline at ``y``; classes ``end`` and ``middle`` set what ``x`` is."""
        named = f' class="{" ".join(f"kb-{name}" for name in classes)}"' if classes else ""
        self.parts.append(f'<text x="{pixels(x)}" y="{pixels(y)}"{named}>{escape(words)}</text>')

    def block(self, x: float, y: float, words: str, limit: float, *classes: str, size: float = TEXT, step: float = 1.25) -> float:
        """Words broken at spaces so that no line is wider than ``limit``; returns the baseline after the last line."""
        for line in wrap(words, size, limit):
            self.text(x, y, line, *classes)
            y += size * step
        return y

    def line(self, x1: float, y1: float, x2: float, y2: float, *classes: str) -> None:
        """A straight line."""
        place = f'x1="{pixels(x1)}" y1="{pixels(y1)}" x2="{pixels(x2)}" y2="{pixels(y2)}"'
        self.parts.append(f'<line {place} class="{_classes(classes)}"/>')

    def rect(self, x: float, y: float, width: float, height: float, *classes: str, radius: float = 0) -> None:
        """A rectangle."""
        corner = f' rx="{pixels(radius)}"' if radius else ""
        place = f'x="{pixels(x)}" y="{pixels(y)}" width="{pixels(width)}" height="{pixels(height)}"'
        self.parts.append(f'<rect {place}{corner} class="{_classes(classes)}"/>')

    def circle(self, x: float, y: float, radius: float, *classes: str) -> None:
        """A circle."""
        self.parts.append(f'<circle cx="{pixels(x)}" cy="{pixels(y)}" r="{pixels(radius)}" class="{_classes(classes)}"/>')

    def path(self, points: Iterable[tuple[float, float]], *classes: str, closed: bool = False) -> None:
        """A line through points, or an area."""
        moves = "L".join(f"{pixels(x)} {pixels(y)}" for x, y in points)
        self.parts.append(f'<path d="M{moves}{"Z" if closed else ""}" class="{_classes(classes)}"/>')

    def diamond(self, x: float, y: float, radius: float, *classes: str) -> None:
        """A square on its corner."""
        self.path([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], *classes, closed=True)

    def square(self, x: float, y: float, radius: float, *classes: str) -> None:
        """A square."""
        self.rect(x - radius, y - radius, 2 * radius, 2 * radius, *classes)

    def tip(self, x: float, y: float, to_right: bool, *classes: str) -> None:
        """The tip of an arrow that ends at ``x``."""
        back = -8 if to_right else 8
        self.path([(x, y), (x + back, y - 5), (x + back, y + 5)], *classes, closed=True)

    def __str__(self) -> str:
        return "".join(self.parts)


def _classes(names: Iterable[str]) -> str:
    return " ".join(f"kb-{name}" for name in names)
