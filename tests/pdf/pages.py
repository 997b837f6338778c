"""What stands on the pages of a PDF: pieces of text with their size and place, and the parts of its structure with their pages."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests import running

#: Rows of a transformation matrix.
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Piece:
    """One run of text: page from 1, size in points, place of its first letter from the lower left, colour, number of glyphs, font."""

    page: int
    size: float
    x: float
    y: float
    colour: tuple[float, ...]
    glyphs: int
    font: str


def _times(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def pieces(pdf: pikepdf.Pdf) -> list[Piece]:
    """Every run of text, inside pictures too."""
    return [piece for number, page in enumerate(pdf.pages, 1) for piece in _of(page, page.Resources, number, (1, 0, 0, 1, 0, 0))]


def _of(stream: Any, resources: Any, number: int, start: Matrix) -> Iterator[Piece]:
    now, text, size, font = start, start, 0.0, ""
    colour: tuple[float, ...] = (0.0,)
    kept: list[tuple[Matrix, tuple[float, ...]]] = []
    for step in pikepdf.parse_content_stream(stream):
        given, operator = step.operands, str(step.operator)
        if operator == "q":
            kept.append((now, colour))
        elif operator == "Q":
            now, colour = kept.pop()
        elif operator == "cm":
            now = _times(tuple(float(value) for value in given), now)  # type: ignore[arg-type]
        elif operator == "Tf":
            font, size = str(resources.Font[str(given[0])].BaseFont), float(given[1])
        elif operator == "Tm":
            text = tuple(float(value) for value in given)  # type: ignore[assignment]
        elif operator in ("scn", "sc", "rg", "g", "k"):
            colour = tuple(float(value) for value in given if not isinstance(value, pikepdf.Name))
        elif operator in ("Tj", "TJ"):
            whole = _times(text, now)
            parts = list(given[0]) if operator == "TJ" else [given[0]]
            glyphs = sum(len(bytes(part)) // 2 for part in parts if isinstance(part, pikepdf.String))
            scale = math.sqrt(abs(whole[0] * whole[3] - whole[1] * whole[2]))
            yield Piece(number, round(size * scale, 2), whole[4], whole[5], colour, glyphs, font)
        elif operator == "Do":
            inner = resources.XObject[str(given[0])]
            if inner.get("/Subtype") == "/Form":
                matrix: Matrix = tuple(float(value) for value in inner.get("/Matrix", [1, 0, 0, 1, 0, 0]))  # type: ignore[assignment]
                yield from _of(inner, inner.get("/Resources", resources), number, _times(matrix, now))


def elements(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Dictionary]]:
    """Every structure element with its tag, in reading order."""
    yield from _walk(pdf.Root.StructTreeRoot.K)


def _walk(node: Any) -> Iterator[tuple[str, pikepdf.Dictionary]]:
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from _walk(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield str(node["/S"]), node
        if "/K" in node:
            yield from _walk(node["/K"])


def pages_of(node: Any, pdf: pikepdf.Pdf) -> set[int]:
    """The pages, from 1, on which what belongs to an element stands."""
    numbers = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
    found: set[int] = set()

    def walk(part: Any, page: Any) -> None:
        if isinstance(part, pikepdf.Array):
            for kid in part:
                walk(kid, page)
        elif isinstance(part, pikepdf.Dictionary):
            page = part.get("/Pg", page)
            if "/K" in part:
                walk(part["/K"], page)
            elif page is not None:
                found.add(numbers[page.objgen])
        elif page is not None:
            found.add(numbers[page.objgen])

    walk(node, None)
    return found


def words(path: Path, page: int | None = None) -> str:
    """The text of a PDF, or of one page, as a reader for the blind would get it; needs Poppler."""
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext on this machine (Debian: poppler-utils)")
    only = ["-f", str(page), "-l", str(page)] if page else []
    told = running.run(["pdftotext", "-raw", *only, path, "-"])
    assert told.code == 0, told.err
    return re.sub(r"\s+", " ", told.out)
