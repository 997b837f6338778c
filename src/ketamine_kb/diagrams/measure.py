"""Exact text widths for the layout, read from the font the site ships (no system fonts)."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

#: The font of every diagram; the web page and the PDF use subsets of the same file.
FONT = Path(__file__).resolve().parents[1] / "fonts" / "Inter-Regular.otf"


@cache
def _metrics() -> tuple[dict[int, str], dict[str, tuple[int, int]], int]:
    font = TTFont(FONT)
    return font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm


def missing_glyphs(text: str) -> list[str]:
    """Characters of ``text`` that the font cannot draw."""
    known = _metrics()[0]
    return sorted({character for character in text if ord(character) not in known and character not in "\n\r\t"})


@lru_cache(maxsize=16_384)
def width(text: str, size: float) -> float:
    """Advance width of one line in pixels at ``size`` pixels, without kerning (the web subset has none)."""
    glyphs, advances, units = _metrics()
    return sum(advances[glyphs.get(ord(character), ".notdef")][0] for character in text) * size / units


def wrap(text: str, size: float, limit: float | None) -> list[str]:
    """Break ``text`` at spaces so that no line is wider than ``limit`` pixels where that is possible."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current = ""
        for word in paragraph.split(" "):
            candidate = f"{current} {word}" if current else word
            if limit and current and width(candidate, size) > limit:
                lines.append(current)
                current = word
            else:
                current = candidate
        lines.append(current)
    return lines
