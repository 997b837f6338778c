"""Every diagram prints as vectors on one page, with words of at least 8 pt."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
import typst

from ketamine_kb.diagrams import describe, render
from ketamine_kb.diagrams.graph import FONT_SIZE, PRINT_HEIGHT, PRINT_WIDTH, PX, SMALLEST_TEXT
from ketamine_kb.pdf.builder import FONTS
from ketamine_kb.pdf.writer import literal
from tests.diagrams.examples import SOURCES, real


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_diagram_prints_as_vectors_on_one_page_at_a_readable_size(source: Path, tmp_path: Path) -> None:
    shown = real(source)
    picture = render.draw(shown, "d", print_colours=True)
    scale = min(1.0, PRINT_WIDTH / (picture.width * PX), PRINT_HEIGHT / (picture.height * PX))
    assert FONT_SIZE * PX * scale >= SMALLEST_TEXT
    (tmp_path / "d.svg").write_text(picture.svg, encoding="utf-8")
    words = literal(describe.alternative(shown))
    page = '#set document(title: "d", date: none)\n#set text(lang: "en", font: "Inter")\n#set page(width: auto, height: auto)\n'
    page += f'#image("d.svg", width: {picture.width * PX * scale:.1f}pt, alt: {words})\n'
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
