"""What the site offers to print: every PDF with its size, pages and SHA-256, beside the pages that it belongs to."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ketamine_kb import manifest
from ketamine_kb.sphinxext.downloads import language_name, pages_words, size_words


def soup(site: Path, page: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


def test_the_page_lists_every_pdf_and_each_is_there_as_printed(site: Path, handouts: Path) -> None:
    tree = soup(site, "handouts/index")
    files = manifest.read(handouts)
    assert len(files) >= 18
    listed = {str(link["href"]).removeprefix("../print/") for link in tree.select('article a[href^="../print/"]')}
    assert listed == {file.file for file in files} == {path.name for path in (site / "print").iterdir()}
    block = tree.select_one("article pre")
    assert block is not None
    sums = {line.split("  ")[1]: line.split("  ")[0] for line in block.get_text().strip().splitlines()}
    assert sums == {name: hashlib.sha256((site / "print" / name).read_bytes()).hexdigest() for name in listed}
    rows = {row.find("a")["href"].rsplit("/", 1)[-1]: row.get_text(" ", strip=True) for row in tree.select("table tbody tr")}  # type: ignore[index, union-attr]
    for file in files:
        row = rows[file.file]
        assert file.title in row
        assert size_words((site / "print" / file.file).stat().st_size) in row
        if file.page:
            assert pages_words(file.pages) in row
            assert file.paper in row
            assert "21 November 2026" in row
            assert "English" in row


@pytest.mark.parametrize(
    ("page", "handout"),
    [
        ("mechanism/overview", "how-ketamine-may-work"),
        ("treatment/session", "treatment-session"),
        ("questions-to-ask", "questions-to-ask"),
        ("start/families", "for-families"),
        ("evidence/trials", "evidence-at-a-glance"),
        ("handouts/for-families", "for-families"),
    ],
)
def test_a_page_offers_its_handout(site: Path, page: str, handout: str) -> None:
    section = soup(site, page).select_one("section.kb-prints")
    assert section is not None
    links = [str(link["href"]) for link in section.select('a[type="application/pdf"]')]
    large = [] if handout == "evidence-at-a-glance" else [f"handout-{handout}-large-a4.pdf", f"handout-{handout}-large-letter.pdf"]
    assert [link.rsplit("/", 1)[-1] for link in links] == [f"handout-{handout}-a4.pdf", f"handout-{handout}-letter.pdf", *large]
    for link in links:
        assert ((site / f"{page}.html").parent / link).resolve().is_file()
    words = re.sub(r"\s+", " ", section.get_text(" ", strip=True))
    assert "PDF, A4 (2 pages, " in words.replace(" ( ", " (")
    assert "Evidence checked 21 November 2026. Language: English." in words


def test_a_page_without_a_handout_offers_none(site: Path) -> None:
    assert soup(site, "brain/glia").select_one(".kb-prints") is None


def test_words_for_sizes_pages_and_languages() -> None:
    assert [size_words(count) for count in (12, 93_400, 1_250_000)] == ["1 kB", "93 kB", "1.2 MB"]
    assert [pages_words(count) for count in (0, 1, 2)] == ["", "1 page", "2 pages"]
    assert [language_name(tag) for tag in ("", "en-GB", "de")] == ["", "English", "German"]
