"""Every diagram prints as vectors on one page, with words of at least 8 pt."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
import typst

from ketamine_kb.diagrams import describe, render
from ketamine_kb.diagrams.source import FONT_SIZE, layout, parse
from ketamine_kb.pdf.builder import FONTS
from ketamine_kb.pdf.writer import PX, SMALLEST_TEXT, literal
from tests.conftest import ROOT

DIAGRAMS = sorted((ROOT / "diagrams").glob("*.mmd"))
#: The text block that A4 and Letter share with 16 mm margins, in points.
WIDTH, HEIGHT = 504.0, 690.0


@pytest.mark.parametrize("source", DIAGRAMS, ids=lambda path: path.stem)
def test_a_diagram_prints_as_vectors_on_one_page_at_a_readable_size(source: Path, tmp_path: Path) -> None:
    text = source.read_text(encoding="utf-8")
    placed = layout(text)
    scale = min(1.0, WIDTH / (placed.width * PX), HEIGHT / (placed.height * PX))
    assert FONT_SIZE * PX * scale >= SMALLEST_TEXT
    (tmp_path / "d.svg").write_text(render.svg(text, source.name, "d", print_colours=True), encoding="utf-8")
    words = literal(describe.alternative(parse(text, source.name)))
    page = '#set document(title: "d", date: none)\n#set text(lang: "en", font: "Inter")\n#set page(width: auto, height: auto)\n'
    page += f'#image("d.svg", width: {placed.width * PX * scale:.1f}pt, alt: {words})\n'
    (tmp_path / "d.typ").write_text(page, encoding="utf-8")
    made = typst.compile(
        str(tmp_path / "d.typ"), root=str(tmp_path), font_paths=[str(FONTS)], ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    assert isinstance(made, bytes)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 1
        pictures = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"]
        assert pictures == []
        fonts = {str(thing["/BaseFont"]) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/BaseFont" in thing}
        assert fonts
        assert [font for font in fonts if "Inter" not in font] == []
