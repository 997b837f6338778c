"""Exact text widths for the layout, read from the font the site ships (no system fonts)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import merman
from fontTools.ttLib import TTFont

#: The font of every diagram; the web page and the PDF use subsets of the same file.
FONT = Path(__file__).resolve().parents[1] / "fonts" / "Inter-Regular.otf"

_Kind = merman.MermanTextMeasurementResultKind
_Operation = merman.MermanTextMeasurementOperation
_LENGTHS = frozenset(
    {
        _Operation.COMPUTED_LENGTH,
        _Operation.SIMPLE_B_BOX_WIDTH,
        _Operation.RAW_B_BOX_WIDTH,
        _Operation.TSPAN_B_BOX_WIDTH,
        _Operation.WRAP_PROBE_B_BOX_WIDTH,
        _Operation.BOUNDING_CLIENT_RECT_WIDTH,
        _Operation.CANVAS_MEASURE_TEXT_WIDTH,
    }
)
_EXTENTS = frozenset({_Operation.B_BOX_X, _Operation.B_BOX_X_WITH_ASCII_OVERHANG, _Operation.TITLE_B_BOX_X})
_LINE_HEIGHT = 1.2


@cache
def _metrics() -> tuple[dict[int, str], dict[str, tuple[int, int]], int]:
    font = TTFont(FONT)
    return font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm


def missing_glyphs(text: str) -> list[str]:
    """Characters of ``text`` that the font cannot draw."""
    known = _metrics()[0]
    return sorted({character for character in text if ord(character) not in known and character not in "\n\r\t"})


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


class FontMeasurer(merman.MermanTextMeasurer):  # type: ignore[misc]  # merman ships no types
    """Answers merman's questions about text with the font's own metrics."""

    def measure(self, request: merman.MermanTextMeasureRequest) -> merman.MermanTextMeasureResult | None:
        """Size of the text in ``request``, or None to let merman estimate it."""
        size = request.font_size
        if request.operation in _LENGTHS:
            return _result(_Kind.LENGTH, length=width(request.text, size))
        if request.operation in _EXTENTS:
            half = width(request.text, size) / 2
            return _result(_Kind.HORIZONTAL_EXTENTS, bbox_left=half, bbox_right=half)
        if request.operation == _Operation.MERMAID_CALCULATE_TEXT_DIMENSIONS:
            return _result(_Kind.METRICS, width=width(request.text, size), height=size * _LINE_HEIGHT, line_count=1)
        if request.operation == _Operation.WRAPPED:
            lines = wrap(request.text, size, request.max_width)
            widest = max(width(line, size) for line in lines)
            return _result(_Kind.METRICS, width=widest, height=len(lines) * size * 1.1 + 2.4, line_count=len(lines))
        return None


def _result(kind: object, **values: object) -> merman.MermanTextMeasureResult:
    base: dict[str, object] = {
        "result_kind": kind,
        "width": 0.0,
        "height": 0.0,
        "length": 0.0,
        "line_count": 0,
        "bbox_left": None,
        "bbox_right": None,
        "raw_width": None,
    }
    return merman.MermanTextMeasureResult(**(base | values))
