"""The printed handouts: tagged, whole, in the sizes promised, every figure told in words, fonts inside, nothing lost or cut."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
import yaml

from ketamine_kb.diagrams import describe
from ketamine_kb.diagrams.palette import contrast
from ketamine_kb.evidence import bibliography, crisis, load, trial_requests, trial_words
from ketamine_kb.evidence.words import SIGNS
from ketamine_kb.project import Project
from ketamine_kb.sphinxext.pages import DISCLAIMER
from tests.conftest import ROOT
from tests.diagrams.examples import real
from tests.pdf.pages import elements, pages_of, pieces, words

SIZES = {"a4": (595.276, 841.890), "letter": (612.0, 792.0)}
PATIENT = ("how-ketamine-may-work", "treatment-session", "questions-to-ask", "for-families")
CLINICIAN = ("evidence-at-a-glance",)
#: Body, and smallest text; in large print the raised numbers are the smallest.
PROMISED = {"patient": (12.0, 8.0), "clinician": (11.0, 8.0), "large": (18.0, 11.1)}
PRINTS = [(name, "", paper) for name in PATIENT + CLINICIAN for paper in SIZES]
PRINTS += [(name, "large-", paper) for name in PATIENT for paper in SIZES]
#: Darkest ground on which a handout sets words: the head of a table.
GROUND = "#e2e8f0"

type_of = {**dict.fromkeys(PATIENT, "patient"), **dict.fromkeys(CLINICIAN, "clinician")}


class Printed:
    """One PDF under test."""

    def __init__(self, folder: Path, name: str, prefix: str, paper: str) -> None:
        self.name, self.large, self.paper = name, bool(prefix), paper
        self.path = folder / f"handout-{name}-{prefix}{paper}.pdf"
        self.pdf = pikepdf.open(self.path)
        self.source = page_source(name)
        self.body, self.least = PROMISED["large" if self.large else type_of[name]]

    @property
    def text(self) -> str:
        return words(self.path)

    def by_page(self) -> list[str]:
        return [words(self.path, number) for number in range(1, len(self.pdf.pages) + 1)]


def page_source(name: str) -> str:
    return (ROOT / "docs" / "handouts" / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture(params=PRINTS, ids=lambda given: f"{given[0]}-{given[1]}{given[2]}")
def printed(request: pytest.FixtureRequest, handouts: Path) -> Iterator[Printed]:
    held = Printed(handouts, *request.param)
    yield held
    held.pdf.close()


def test_every_print_is_there_and_nothing_else(handouts: Path) -> None:
    assert sorted(path.name for path in handouts.glob("handout-*.pdf")) == sorted(
        f"handout-{name}-{prefix}{paper}.pdf" for name, prefix, paper in PRINTS
    )
    pages = {path.stem for path in (ROOT / "docs" / "handouts").glob("*.md")} - {"index"}
    assert pages == {*PATIENT, *CLINICIAN}


def test_two_pages_of_the_right_size(printed: Printed) -> None:
    assert len(printed.pdf.pages) > 2 if printed.large else len(printed.pdf.pages) == 2
    for page in printed.pdf.pages:
        assert [float(page.mediabox[2]), float(page.mediabox[3])] == pytest.approx(SIZES[printed.paper], abs=0.5)


def test_tagged_named_and_in_a_language(printed: Printed) -> None:
    root = printed.pdf.Root
    assert str(root.Lang) == "en-GB"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    xmp = bytes(root.Metadata.read_bytes()).decode("utf-8")
    assert re.search(r"pdfuaid:part[^0-9]{1,3}1", xmp)
    title = re.search(r"^# (.*)$", printed.source, re.MULTILINE)
    assert title
    assert title[1] in xmp


def test_headings_are_one_title_then_sections_and_the_outline_is_the_same(printed: Printed) -> None:
    tags = [tag for tag, _ in elements(printed.pdf)]
    headings = [tag for tag in tags if re.fullmatch(r"/H[1-6]", tag)]
    assert headings[0] == "/H1"
    assert headings.count("/H1") == 1
    assert set(headings[1:]) == {"/H2"}
    sections = [line.removeprefix("## ") for line in printed.source.splitlines() if line.startswith("## ")]
    with printed.pdf.open_outline() as outline:
        entries = [item.title for item in outline.root[0].children]
    assert entries == [*sections, "In danger or in crisis now?", "Sources", "Room for your notes"]
    assert len(headings) == len(entries) + 1


def test_each_figure_is_told_in_words_that_are_not_its_caption(printed: Printed, project: Project) -> None:
    shown = [real(project.diagrams / name) for name in re.findall(r"^```\{mermaid\} .*/(\S+\.mmd)$", printed.source, re.MULTILINE)]
    alternatives = [str(node.get("/Alt", "")) for tag, node in elements(printed.pdf) if tag == "/Figure"]
    assert alternatives == [describe.alternative(picture) for picture in shown]
    captions = re.findall(r"^:caption: (.*)$", printed.source, re.MULTILINE)
    assert not set(alternatives) & set(captions)


def test_tables_have_header_cells(printed: Printed) -> None:
    tables = [node for tag, node in elements(printed.pdf) if tag == "/Table"]
    assert len(tables) == len(re.findall(r"^```\{(?:list|harms)-table\}", printed.source, re.MULTILINE))
    for table in tables:
        tags = Counter(tag for tag, _ in _inside(table))
        assert tags["/TH"] >= 2
        assert tags["/TD"] > tags["/TH"]


def _inside(node: pikepdf.Dictionary) -> list[tuple[str, pikepdf.Dictionary]]:
    found: list[tuple[str, pikepdf.Dictionary]] = []

    def walk(part: object) -> None:
        if isinstance(part, pikepdf.Array):
            for kid in part:
                walk(kid)
        elif isinstance(part, pikepdf.Dictionary):
            if "/S" in part:
                found.append((str(part["/S"]), part))
            if "/K" in part:
                walk(part["/K"])

    walk(node["/K"])
    return found


def test_links_are_tagged_and_say_where_they_go(printed: Printed) -> None:
    links = [note for page in printed.pdf.pages for note in page.get("/Annots", []) if note.get("/Subtype") == "/Link"]
    assert len(links) >= 10
    assert [link for link in links if "/Contents" not in link or "/StructParent" not in link] == []


def test_every_font_is_inside_and_only_its_used_letters_and_every_picture_is_vector(printed: Printed) -> None:
    fonts = [thing for thing in printed.pdf.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"]
    assert fonts
    for font in fonts:
        assert any(key in font for key in ("/FontFile", "/FontFile2", "/FontFile3")), font.FontName
        assert re.fullmatch(r"/[A-Z]{6}\+Inter-\w+", str(font.FontName)), font.FontName
    pictures = [thing for thing in printed.pdf.objects if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"]
    assert pictures == []


def test_syntax_is_clean(printed: Printed) -> None:
    assert printed.pdf.check_pdf_syntax() == []


# -- the look of the pages -----------------------------------------------------------------------------------------------------


def test_no_text_is_smaller_than_promised_and_the_body_has_its_size(printed: Printed) -> None:
    found = pieces(printed.pdf)
    assert min(piece.size for piece in found) >= printed.least
    glyphs: Counter[float] = Counter()
    for piece in found:
        glyphs[piece.size] += piece.glyphs
    # Sources may take more letters than the body, and the tables of the sheet for clinicians do.
    running = {size: count for size, count in glyphs.items() if size >= 10}
    assert max(running, key=lambda size: running[size]) == printed.body
    assert glyphs[printed.body] > 1000


def test_text_in_a_picture_is_at_least_8_points(handouts: Path) -> None:
    with pikepdf.open(handouts / "handout-how-ketamine-may-work-letter.pdf") as pdf:
        (figure,) = [node for tag, node in elements(pdf) if tag == "/Figure"]
        assert pages_of(figure, pdf) == {1}
        inside = [piece.size for piece in pieces(pdf) if piece.page == 1 and piece.size not in (19, 15.84, 12, 9.5, 8)]
        assert len(inside) >= 15
        assert min(inside) >= 8


def test_every_word_can_be_read_in_black_and_white(printed: Printed) -> None:
    colours = {piece.colour for piece in pieces(printed.pdf)}
    for colour in colours:
        parts = colour * 3 if len(colour) == 1 else colour
        tone = "#" + "".join(f"{round(part * 255):02x}" for part in parts)
        assert contrast(tone, GROUND) >= 4.5, tone


def test_no_heading_is_left_alone_at_the_foot_of_a_page(printed: Printed) -> None:
    # Typst sets a heading of the second level in 1.2 em, and the template in 1.1 em of that.
    heading = round(1.2 * 1.1 * printed.body, 2)
    found = pieces(printed.pdf)
    assert any(piece.size == heading for piece in found)
    for number in range(1, len(printed.pdf.pages) + 1):
        # The foot of the page stands below 19 mm.
        last = min((piece for piece in found if piece.page == number and piece.y > 54), key=lambda piece: piece.y, default=None)
        if number < len(printed.pdf.pages):
            assert last is not None
            assert last.size != heading


def test_nothing_stands_beyond_the_edge(printed: Printed) -> None:
    width, height = SIZES[printed.paper]
    for piece in pieces(printed.pdf):
        assert 40 < piece.x < width - 40, piece
        assert 15 < piece.y < height - 30, piece


def test_no_table_row_and_no_figure_is_cut(printed: Printed) -> None:
    """On two pages each table stands on one of them; in large print it may go on, but no row is cut."""
    whole = {"/Figure", "/TR"} if printed.large else {"/Figure", "/Table", "/TR"}
    parts = [(tag, node) for tag, node in elements(printed.pdf) if tag in whole]
    assert [tag for tag, node in parts if len(pages_of(node, printed.pdf)) != 1] == []
    assert parts or printed.name == "questions-to-ask"
    for table in (node for tag, node in elements(printed.pdf) if tag == "/Table"):
        inside = _inside(table)
        (caption,) = [pages_of(node, printed.pdf) for tag, node in inside if tag == "/Caption"]
        assert caption == pages_of(next(node for tag, node in inside if tag == "/TR"), printed.pdf)


def test_no_emergency_list_is_split(printed: Printed, project: Project) -> None:
    texts = printed.by_page()
    (number,) = [index for index, text in enumerate(texts) if "In danger or in crisis now?" in text]
    for line in crisis.load(project).lines:
        if line.footer:
            assert f"{line.name}, {line.contact}" in texts[number], line.name
    warnings = re.findall(r"^```\{warning\}\n(.*?)^```", printed.source, re.MULTILINE | re.DOTALL)
    assert warnings or printed.name in CLINICIAN
    for warning in warnings:
        plain = re.sub(r"\{[\w:]+\}`[^`]*`|[*]", " ", warning)
        wanted = Counter(re.findall(r"[A-Za-z]{4,}", plain))
        assert any("Warning." in text and not wanted - Counter(re.findall(r"[A-Za-z]{4,}", text)) for text in texts)


def test_there_is_room_for_notes(printed: Printed) -> None:
    """At least two lines to write on, 8 mm apart, on the last page or on the page of their heading."""
    assert "Room for your notes" in printed.text
    steps = [step for page in printed.pdf.pages for step in pikepdf.parse_content_stream(page)]
    assert sum(str(step.operator) in ("l", "re") for step in steps) >= 3


# -- what is said --------------------------------------------------------------------------------------------------------------


def test_disclaimer_dates_and_crisis_lines_are_on_paper(printed: Printed, project: Project) -> None:
    text = printed.text
    assert text.count(DISCLAIMER) == (1 if printed.large else 2)
    checked = yaml.safe_load(printed.source.split("---", 2)[1])["evidence_checked"]
    assert f"Evidence checked {checked.day} {checked:%B} {checked.year}" in text
    assert "No clinician has reviewed this page yet." in text
    assert "version 0." in text
    assert "This page is on the site How Ketamine Works: look for" in text


def test_every_cited_source_is_listed_once_and_counts_agree(printed: Printed, project: Project) -> None:
    text = printed.text
    keys = {key.strip() for group in re.findall(r"\{cite:p\}`([^`]+)`", printed.source) for key in group.split(",")}
    if "{harms-table}" in printed.source:
        keys |= {"canuso2021"}
    entries = bibliography.load(project).data.entries
    flat = text.replace(" ", "")
    for key in keys:
        if "doi" in entries[key].fields:
            assert flat.count(f"doi:{entries[key].fields['doi']}") == 1, key
    listed = text[text.index(" Sources ") :]
    assert f" {len(keys)}. " in listed
    assert f" {len(keys) + 1}. " not in listed


def test_every_marked_sentence_shows_how_sure_it_is_and_the_signs_are_explained(printed: Printed, project: Project) -> None:
    known = load.load(project).claims
    wanted = Counter(SIGNS[known[key].certainty] for key in re.findall(r"\{claim\}`([^`]+)`", printed.source))
    found = Counter(re.findall("|".join(sorted(map(re.escape, SIGNS.values()), key=len, reverse=True)), printed.text))
    for sign, count in wanted.items():
        assert found[sign] >= count + 1, sign  # and once where it is explained
    for word, sign in SIGNS.items():
        assert (f"{sign} {word}: " in printed.text) == (sign in wanted)


def test_nothing_of_the_page_is_lost(printed: Printed) -> None:
    """Every word of the page's prose is on paper."""
    body = printed.source.split("---", 2)[2]
    body = re.sub(r"```\{mermaid\}.*?```", "", body, flags=re.DOTALL)
    body = re.sub(r"\{(?:cite:p|claim|stat)\}`[^`]*`", "", body)
    body = re.sub(r"```\{harms-table\}.*?```", "", body, flags=re.DOTALL)
    body = re.sub(r"\{term\}`([^`<]*?)\s*(?:<[^>]*>)?`", r"\1", body)
    body = re.sub(r"\]\([^)]*\)", "] ", body)
    body = re.sub(r"^:.*$|```.*$|^\s*\* -|^\s*-", " ", body, flags=re.MULTILINE)
    on_paper = Counter(re.findall(r"[A-Za-z]{4,}", printed.text))
    wanted = Counter(re.findall(r"[A-Za-z]{4,}", body))
    assert {word for word, number in wanted.items() if on_paper[word] < number} - {"hyphenated"} == set()


def test_numbers_of_trials_are_on_paper_without_notes(printed: Printed, handouts: Path, project: Project) -> None:
    text, known = printed.text, load.trials(project)
    requests = re.findall(r"\{stat\}`([^`]*) plain`", printed.source)
    assert len(requests) == printed.source.count("{stat}")
    for request in requests:
        assert trial_requests.resolve(known, request).value in text, request
    held = next(trial for trial in known if trial.id == "aspire-1-and-2-pooled")
    for events in re.findall(r"^:events: (.*)$", printed.source, re.MULTILINE):
        for harm in (harm for harm in held.harms if harm.id in events.split()):
            shares = " ".join(trial_words.share_words(group) for group in harm.groups)
            assert f"{harm.event[0].upper()}{harm.event[1:]} {shares}" in text
    source = handouts.parent / "work" / "typst" / f"{printed.path.stem}.typ"
    assert '#noted("m' not in source.read_text(encoding="utf-8")
