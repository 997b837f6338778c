"""The legend below a picture: each line form that it uses with its sign and word, and what a second word on a line means."""

from __future__ import annotations

from xml.sax.saxutils import escape

from ketamine_kb.diagrams.arrows import Diagram
from ketamine_kb.diagrams.graph import FONT_SIZE
from ketamine_kb.diagrams.measure import width, wrap
from ketamine_kb.evidence import words

SAMPLE, GAP, SPACE = 36.0, 7.0, 22.0
#: A picture is at least this wide where that puts the legend on fewer rows, so that a small one stays low on paper.
ROOM = 420.0
ROW = FONT_SIZE * 1.6
#: Said where a line carries the animals or preparations in which it was shown.
SECOND_WORD = "Second word on a line: shown there, not in people."


def items(diagram: Diagram) -> list[str]:
    """The certainties that the picture uses, the surest first."""
    used = {arrow.certainty for arrow in diagram.arrows if arrow.claim}
    return [certainty for certainty in words.SIGNS if certainty in used]


def text(diagram: Diagram) -> list[str]:
    """What the legend says, one entry a line form, then the note."""
    said = [f"{words.SIGNS[certainty]} {certainty}" for certainty in items(diagram)]
    return said + ([SECOND_WORD] if any(arrow.only_in for arrow in diagram.arrows) else [])


def draw(diagram: Diagram, wide: float, top: float) -> tuple[str, float]:
    """The legend as SVG and its height in pixels.

    :param wide: room from side to side.
    :param top: where it begins.
    """
    used = items(diagram)
    if not used:
        return "", 0.0
    parts: list[str] = []
    left, y = 0.0, top + ROW / 2
    for certainty in used:
        said = f"{words.SIGNS[certainty]} {certainty}"
        needed = SAMPLE + GAP + width(said, FONT_SIZE)
        if left and left + needed > wide - 16:
            left, y = 0.0, y + ROW
        x = 8 + left
        parts.append(f'<path class="kb-edge kb-line-{certainty}" d="M{x:g} {y:g}H{x + SAMPLE:g}"/>')
        centre = x + SAMPLE + GAP + width(said, FONT_SIZE) / 2
        parts.append(f'<text x="{centre:.2f}" y="{y + FONT_SIZE * 0.36:.2f}">{escape(said)}</text>')
        left += needed + SPACE
    if any(arrow.only_in for arrow in diagram.arrows):
        for line in wrap(SECOND_WORD, FONT_SIZE, wide - 16):
            y += ROW
            parts.append(f'<text x="{8 + width(line, FONT_SIZE) / 2:.2f}" y="{y + FONT_SIZE * 0.36:.2f}">{escape(line)}</text>')
    return f'<g class="kb-legend">{"".join(parts)}</g>', y + ROW / 2 - top


def needed_width(diagram: Diagram) -> float:
    """The narrowest picture into which the legend fits, on one row where :data:`ROOM` allows it."""
    entries = [SAMPLE + GAP + width(f"{words.SIGNS[certainty]} {certainty}", FONT_SIZE) for certainty in items(diagram)]
    if not entries:
        return 0.0
    row = 16 + sum(entries) + SPACE * (len(entries) - 1)
    note = 16 + width(SECOND_WORD, FONT_SIZE) if SECOND_WORD in text(diagram) else 0.0
    return max(16 + max(entries), row if row <= ROOM else 0.0, note if note <= ROOM else 0.0)
