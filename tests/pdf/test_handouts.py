"""The printed handouts: two tagged pages each, every figure told in words, fonts inside, nothing lost."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import yaml

from ketamine_kb.diagrams import describe
from ketamine_kb.evidence import bibliography, crisis, load, trial_requests, trial_words
from ketamine_kb.project import Project
from ketamine_kb.sphinxext.pages import DISCLAIMER
from tests.conftest import ROOT
from tests.diagrams.examples import real

NAME = "how-ketamine-may-work"
SIZES = {"a4": (595.276, 841.890), "letter": (612.0, 792.0)}


@pytest.fixture(params=sorted(SIZES))
def paper(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pdf(handouts: Path, paper: str) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(handouts / f"handout-{NAME}-{paper}.pdf") as opened:
        yield opened


def elements(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Dictionary]]:
    """Every structure element with its tag, in reading order."""

    def walk(node: Any) -> Iterator[tuple[str, pikepdf.Dictionary]]:
        if isinstance(node, pikepdf.Array):
            for kid in node:
                yield from walk(kid)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield str(node["/S"]), node
            if "/K" in node:
                yield from walk(node["/K"])

    yield from walk(pdf.Root.StructTreeRoot.K)


def words(handouts: Path, paper: str) -> str:
    """The text, as a reader for the blind would get it; needs Poppler."""
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext on this machine (Debian: poppler-utils)")
    command = ["pdftotext", "-raw", str(handouts / f"handout-{NAME}-{paper}.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"\s+", " ", text)


def page_source() -> str:
    return (ROOT / "docs" / "handouts" / f"{NAME}.md").read_text(encoding="utf-8")


def test_both_papers_are_printed_and_nothing_else(handouts: Path) -> None:
    assert sorted(path.name for path in handouts.iterdir() if path.suffix == ".pdf") == [
        f"handout-{NAME}-{size}.pdf" for size in sorted(SIZES)
    ]


def test_two_pages_of_the_right_size(pdf: pikepdf.Pdf, paper: str) -> None:
    assert len(pdf.pages) == 2
    for page in pdf.pages:
        assert [float(page.mediabox[2]), float(page.mediabox[3])] == pytest.approx(SIZES[paper], abs=0.5)


def test_tagged_named_and_in_a_language(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    assert str(root.Lang) == "en-GB"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    xmp = bytes(root.Metadata.read_bytes()).decode("utf-8")
    assert re.search(r"pdfuaid:part[^0-9]{1,3}1", xmp)
    assert "How ketamine may work" in xmp


def test_headings_are_one_title_then_sections_and_the_outline_is_the_same(pdf: pikepdf.Pdf) -> None:
    tags = [tag for tag, _ in elements(pdf)]
    headings = [tag for tag in tags if re.fullmatch(r"/H[1-6]", tag)]
    assert headings[0] == "/H1"
    assert headings.count("/H1") == 1
    assert set(headings[1:]) == {"/H2"}
    sections = [line.removeprefix("## ") for line in page_source().splitlines() if line.startswith("## ")]
    with pdf.open_outline() as outline:
        entries = [item.title for item in outline.root[0].children]
    assert entries == [*sections, "In danger or in crisis now?", "Sources"]


def test_each_figure_is_told_in_words(pdf: pikepdf.Pdf, project: Project) -> None:
    name = "glutamate-to-bdnf-short.mmd"
    shown = real(project.diagrams / name)
    alternatives = [str(node.get("/Alt", "")) for tag, node in elements(pdf) if tag == "/Figure"]
    assert alternatives == [describe.alternative(shown)]


def test_tables_have_header_cells(pdf: pikepdf.Pdf) -> None:
    counts = Counter(tag for tag, _ in elements(pdf))
    assert counts["/Table"] == len(re.findall(r"^```\{(?:list|harms)-table\}", page_source(), re.MULTILINE)) > 0
    assert counts["/TH"] >= 3 * counts["/Table"]
    assert counts["/TD"] > counts["/TH"]


def test_links_are_tagged_and_say_where_they_go(pdf: pikepdf.Pdf) -> None:
    links = [note for page in pdf.pages for note in page.get("/Annots", []) if note.get("/Subtype") == "/Link"]
    assert len(links) > 20
    assert [link for link in links if "/Contents" not in link or "/StructParent" not in link] == []


def test_every_font_is_inside_and_every_picture_is_vector(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        for font in page.Resources.Font.values():
            descriptor = font.DescendantFonts[0].FontDescriptor if "/DescendantFonts" in font else font.FontDescriptor
            assert any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")), font.BaseFont
            assert "Inter" in str(font.BaseFont)
    pictures = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"]
    assert pictures == []


def test_syntax_is_clean(handouts: Path, paper: str) -> None:
    with pikepdf.open(handouts / f"handout-{NAME}-{paper}.pdf") as opened:
        assert opened.check_pdf_syntax() == []


def test_disclaimer_dates_and_crisis_lines_are_on_paper(handouts: Path, paper: str, project: Project) -> None:
    text = words(handouts, paper)
    assert text.count(DISCLAIMER) == 2
    checked = yaml.safe_load(page_source().split("---", 2)[1])["evidence_checked"]
    assert f"Evidence checked {checked.day} {checked:%B} {checked.year}" in text
    assert "No clinician has reviewed this page yet." in text
    for line in crisis.load(project).lines:
        if line.footer:
            assert f"{line.name}, {line.contact}" in text


def test_every_cited_source_is_listed_once_and_counts_agree(handouts: Path, paper: str, project: Project) -> None:
    text = words(handouts, paper)
    keys = {key.strip() for group in re.findall(r"\{cite:p\}`([^`]+)`", page_source()) for key in group.split(",")}
    entries = bibliography.load(project).data.entries
    for key in keys:
        if "doi" in entries[key].fields:
            assert text.replace(" ", "").count(f"doi:{entries[key].fields['doi']}") == 1, key
    listed = text[text.index(" Sources ") :]
    assert f" {len(keys)}. " in listed
    assert f" {len(keys) + 1}. " not in listed


def test_nothing_of_the_page_is_lost(handouts: Path, paper: str) -> None:
    """Every word of the page's prose is on paper."""
    body = page_source().split("---", 2)[2]
    body = re.sub(r"```\{mermaid\}.*?```", "", body, flags=re.DOTALL)
    body = re.sub(r"\{cite:p\}`[^`]*`", "", body)
    body = re.sub(r"\{stat\}`[^`]*`", "", body)
    body = re.sub(r"```\{harms-table\}.*?```", "", body, flags=re.DOTALL)
    body = re.sub(r"\{term\}`([^`<]*?)\s*(?:<[^>]*>)?`", r"\1", body)
    body = re.sub(r"^:.*$|```.*$|^\s*\* -|^\s*-", " ", body, flags=re.MULTILINE)
    printed = Counter(re.findall(r"[A-Za-z]{4,}", words(handouts, paper)))
    wanted = Counter(re.findall(r"[A-Za-z]{4,}", body))
    lost = {word for word, number in wanted.items() if printed[word] < number}
    assert lost - {"hyphenated"} == set()


def test_numbers_of_trials_are_on_paper_without_notes(handouts: Path, paper: str, project: Project) -> None:
    text, known = words(handouts, paper), load.trials(project)
    requests = re.findall(r"\{stat\}`([^`]*) plain`", page_source())
    assert len(requests) == page_source().count("{stat}") >= 3
    for request in requests:
        assert trial_requests.resolve(known, request).value in text
    held = next(trial for trial in known if trial.id == "aspire-1-and-2-pooled")
    (events,) = re.findall(r"^:events: (.*)$", page_source(), re.MULTILINE)
    for harm in (harm for harm in held.harms if harm.id in events.split()):
        shares = " ".join(trial_words.share_words(group) for group in harm.groups)
        assert f"{harm.event[0].upper()}{harm.event[1:]} {shares}" in text
    source = handouts.parent / "work" / "typst" / f"handout-{NAME}-{paper}.typ"
    assert '#noted("m' not in source.read_text(encoding="utf-8")
