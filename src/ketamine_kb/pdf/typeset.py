"""Typst source to PDF/UA-1, and how long it came out: the only module that runs Typst."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import typst

from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty

FONTS = Path(__file__).resolve().parent.parent / "fonts"


@dataclass(frozen=True, slots=True)
class Length:
    """How long a document came out, as its template measured it.

    :param pages: pages of the PDF.
    :param lines: how many lines of body text its content takes on pages of its paper.
    :param a_page: how many such lines a page holds.
    :param starts: for each second-level heading, in reading order, the line on which it begins.
    """

    pages: int
    lines: float
    a_page: float
    starts: tuple[float, ...]

    def over(self, pages: int) -> int:
        """By how many lines it is longer than so many pages; 0 when it fits."""
        return max(0, math.ceil(self.lines - pages * self.a_page))

    def sections(self) -> list[int]:
        """How many lines each section takes, to the next heading."""
        ends = [*self.starts[1:], self.lines]
        return [max(1, round(end - start)) for start, end in zip(self.starts, ends, strict=True)]


def typeset(source: Path, target: Path, page: str) -> None:
    """Compile one file to PDF/UA-1 with the shipped fonts alone.

    :param page: the page that it was made of, for the message.

    :raises Faulty: when Typst refuses it: a missing glyph, a picture without words, a broken outline.
    """
    try:
        typst.compile(
            str(source),
            output=str(target),
            root=str(source.parent),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
        )
    except typst.TypstError as error:
        found = " ".join(str(error).split())[:300]
        raise Faulty([Fault(page, 0, 0, Code.PRINT_FAILED, found, "a page that Typst can set", run="nox -s pdf")]) from error


def measure(source: Path, height: float) -> Length:
    """How long a document of ``handout.typ`` is; Typst takes the layout that it has just made from its memory.

    :param height: of the paper, in points.
    """
    answer = typst.query(
        str(source), "<kb-measure>", field="value", one=True, root=str(source.parent), font_paths=[str(FONTS)], ignore_system_fonts=True
    )
    found = json.loads(answer) if isinstance(answer, str) else answer
    top, text_height, pitch = found["top"], height - found["top"] - found["bottom"], found["pitch"]

    def line(place: list[float]) -> float:
        return float((place[0] - 1) * text_height + place[1] - top) / float(pitch)

    return Length(int(found["pages"]), line(found["end"]), text_height / pitch, tuple(line(place) for place in found["headings"]))
