"""What stops a handout, each with its exact message; region, address and QR code; and the same bytes from any machine.

One small project, with a few pages in place of the whole site, is printed by Sphinx itself.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pikepdf
import pytest
import segno

from ketamine_kb import manifest
from ketamine_kb.evidence import crisis
from ketamine_kb.evidence.crisis import CrisisLine, CrisisLines
from ketamine_kb.pdf import handout
from ketamine_kb.project import Faulty, Project
from tests import running
from tests.conftest import ROOT
from tests.pdf.pages import elements, words

MATTER = """---
description: A handout of a test, which says nothing that anyone should read or hand out to a patient.
audience: [patient]
evidence_checked: 2026-11-21
review_by: {due}
clinical_reviewers: []
---

"""


def page(title: str, body: str, due: str = "2040-01-01") -> str:
    return MATTER.format(due=due) + f"# {title}\n\n{body}"


def small(root: Path, pages: dict[str, str]) -> Path:
    """A project with these handouts alone."""
    for part in ("src", "evidence"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", root / "pyproject.toml")
    (root / "diagrams").mkdir()
    docs = root / "docs"
    shutil.copytree(ROOT / "docs" / "_templates", docs / "_templates")
    shutil.copytree(ROOT / "docs" / "_static", docs / "_static")
    given = ", ".join(f'"handouts/{name}": {{"reader": "patient", "beside": ["index"]}}' for name in pages)
    settings = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8") + f"\nkb_handouts = {{{given}}}\n"
    (docs / "conf.py").write_text(settings, encoding="utf-8")
    (docs / "index.md").write_text(page("Index", "Text.\n"), encoding="utf-8")
    (docs / "handouts").mkdir()
    for name, text in pages.items():
        if text:
            (docs / "handouts" / f"{name}.md").write_text(text, encoding="utf-8")
    return root


def build(root: Path, builder: str, out: str, *extra: str, env: dict[str, str] | None = None) -> running.Run:
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONHASHSEED": "0", "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "0"}
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, "-d", "build/doctrees", *extra, "docs", f"build/{out}"]
    return running.run(command, cwd=root, env={**environment, **(env or {})})


def told(run: running.Run) -> list[str]:
    """The messages, one a line, without those about the pages that this small project leaves out."""
    lines = re.findall(r"^(.* \[[a-z-]+\])$", run.err, re.MULTILINE)
    left_out = ("[toctree]", "[target-unknown]", "[citation-unknown]")
    return [line for line in lines if not line.endswith(left_out) and not line.startswith("docs/search-synonyms.yaml")]


TEXT = "Words that fill a line and then another one, as a page does, and nothing else at all. "
LONG = "## A short section\n\nOne line.\n\n## A long section\n\n" + "\n\n".join([TEXT] * 60) + "\n"
LATE = "## Marked\n\nA sentence. {claim}`ketamine-blocks-nmda`\n"
TALL = """%% kind: orientation
flowchart TB
    accTitle: A tall diagram
    accDescr: A column of boxes that is far too tall for its room on paper.
"""


def tall() -> str:
    """A column of boxes; the diagram names no claim, so nothing in it can be overdue."""
    names = [f'b{number}["Box number {number}"]:::process' for number in range(14)]
    return TALL + "".join(f"    {line}\n" for line in names + [f"b{number} --> b{number + 1}" for number in range(13)])


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> tuple[running.Run, Path]:
    """One build in the year after next of every handout that must not be printed, beside one that may."""
    tall_one = "```{mermaid} ../../diagrams/tall.mmd\n```\n"
    root = small(
        tmp_path_factory.mktemp("stopped") / "project",
        {
            "good": page("Good", "## Section\n\nText.\n"),
            "long": page("Long", LONG),
            "late": page("Late", LATE),
            "old": page("Old", "## Section\n\nText.\n", due="2027-11-21"),
            "letters": page("Letters", "## Section\n\nThe word 漢字 has no letters in the font.\n"),
            "tall": page("Tall", "## Section\n\n" + tall_one),
            "gone": "",
        },
    )
    (root / "diagrams" / "tall.mmd").write_text(tall(), encoding="utf-8")
    return build(root, "handout", "pdf", env={"KB_TODAY": "2028-01-01"}), root


def test_a_handout_longer_than_two_pages_says_what_to_cut(stopped: tuple[running.Run, Path]) -> None:
    (message,) = [line for line in told(stopped[0]) if "[handout-long]" in line]
    assert message == (
        "docs/handouts/long.md:15: 4 lines too long for 2 pages of US Letter at 12 pt - "
        "expected 4 lines cut, first from the longest section 'A long section' (72 lines) - run: nox -s pdf [handout-long]"
    )


def test_a_claim_or_a_handout_overdue_for_review_is_not_printed(stopped: tuple[running.Run, Path]) -> None:
    assert [line for line in told(stopped[0]) if "[handout-overdue]" in line] == [
        "docs/handouts/late.md:13:13: claim 'ketamine-blocks-nmda' was due for review on 2027-11-21 - "
        "expected its findings compared with their sources again and new dates, or its sentence cut - run: nox -s pdf [handout-overdue]",
        "docs/handouts/old.md:2: this handout was due for review on 2027-11-21 - "
        "expected its sentences compared with their sources again, and new dates - run: nox -s pdf [handout-overdue]",
    ]


def test_a_missing_letter_stops_the_print(stopped: tuple[running.Run, Path]) -> None:
    (message,) = [line for line in told(stopped[0]) if "letters.md" in line]
    assert "漢" in message
    assert message.endswith("- run: nox -s pdf [print-failed]") or "[print-glyph]" in message


def test_a_diagram_too_small_to_read_stops_the_print(stopped: tuple[running.Run, Path]) -> None:
    (message,) = [line for line in told(stopped[0]) if "tall.mmd" in line and "diagram-size" in line]
    assert re.fullmatch(
        r"diagrams/tall\.mmd:1: text of [0-7]\.\d pt in print, \d+ px wide and \d+ px high - "
        r"expected at least 8 pt: at most 966 px wide and 495 px high \(cut boxes, or shorten labels\) - run: nox -s pdf \[diagram-size\]",
        message,
    )


def test_a_handout_without_a_page_is_told(stopped: tuple[running.Run, Path]) -> None:
    assert "docs/conf.py: no page 'handouts/gone' - expected pages of docs/ in kb_handouts - run: nox -s pdf [file-missing]" in told(
        stopped[0]
    )


def test_what_is_overdue_may_be_left_out_and_the_rest_is_printed(stopped: tuple[running.Run, Path]) -> None:
    _, root = stopped
    for name in ("long", "letters", "tall"):
        (root / "docs" / "handouts" / f"{name}.md").write_text(page(name, "## Section\n\nText.\n"), encoding="utf-8")
    run = build(root, "handout", "pdf", "-D", "kb_handout_overdue=leave-out", env={"KB_TODAY": "2028-01-01"})
    assert [line for line in told(run) if "overdue" in line] == []
    names = {path.name for path in (root / "build" / "pdf").glob("*.pdf")}
    assert "handout-good-a4.pdf" in names
    assert not {name for name in names if "late" in name or "old" in name}


# -- settings ------------------------------------------------------------------------------------------------------------------


def test_an_unknown_reader_is_told_once() -> None:
    with pytest.raises(Faulty) as caught:
        handout.settings_of("handouts/x", {"reader": "patients"})
    assert [str(fault) for fault in caught.value.faults] == [
        "docs/conf.py: kb_handouts['handouts/x'] = {'reader': 'patients'} - "
        "expected {'reader': 'patient' or 'clinician', 'beside': [pages]} - run: nox -s pdf [handout-setting]"
    ]
    assert handout.settings_of("handouts/x", {"reader": "clinician", "beside": ["start"]}) == ("clinician", ("start",))


def test_an_unknown_region_is_told_with_the_nearest(project: Project) -> None:
    with pytest.raises(Faulty) as caught:
        handout.crisis_rows(crisis.load(project), "Irland")
    (message,) = [str(fault) for fault in caught.value.faults]
    assert message == (
        "evidence/crisis-lines.yaml: no crisis lines for the region 'Irland' - expected one of United States, Canada, United Kingdom, "
        "Ireland, European Union, Australia, New Zealand - did you mean 'Ireland'? - run: nox -s pdf [handout-setting]"
    )


def test_a_region_gives_all_its_lines_in_full_and_the_way_to_others(project: Project) -> None:
    lines = crisis.load(project)
    rows = handout.crisis_rows(lines, "Ireland")
    irish: list[CrisisLine] = [line for line in lines.lines if line.country == "Ireland"]
    assert len(rows) == len(irish) + 1
    assert rows[0] == ("Emergency services", "call 999 or 112 (day and night, free)")
    assert rows[-1] == ("Other countries", "Find A Helpline, findahelpline.com")
    assert [country for country, _ in handout.crisis_rows(lines, "")] == list(lines.by_country(footer_only=True))
    assert handout.crisis_rows(CrisisLines(lines.checked, ()), "") == []


# -- address, QR code, same bytes ------------------------------------------------------------------------------------------------

SITE = "https://ketamine.example"


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The real handout for families, printed twice: elsewhere, in another time zone and locale, with another hash seed."""
    source = (ROOT / "docs" / "handouts" / "for-families.md").read_text(encoding="utf-8")
    made = []
    for folder, env in (("one", {}), ("another/place", {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7"})):
        root = small(tmp_path_factory.mktemp("twice") / folder, {"for-families": source})
        (root / "docs" / "short-addresses.yaml").write_text("families: handouts/for-families\n", encoding="utf-8")
        run = build(root, "handout", "pdf", env={"KB_SITE": SITE + "/", "KB_REGION": "Ireland", **env})
        assert told(run) == []
        made.append(root / "build" / "pdf")
    return made[0], made[1]


def test_two_prints_are_the_same_bytes(twice: tuple[Path, Path]) -> None:
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in twice)
    assert len(first) == 5
    assert first == second


def test_with_an_address_the_page_is_linked_in_words_and_as_a_qr_code(twice: tuple[Path, Path]) -> None:
    address = f"{SITE}/families/"  # the short one, which a hand can type
    with pikepdf.open(twice[0] / "handout-for-families-a4.pdf") as pdf:
        assert len(pdf.pages) == 2
        figures = [str(node.get("/Alt", "")) for tag, node in elements(pdf) if tag == "/Figure"]
        assert figures == [f"QR code with the address of this page: {address}"]
        links = [str(note.A.URI) for page_ in pdf.pages for note in page_.get("/Annots", []) if "/A" in note and "/URI" in note.A]
        assert links.count(address) == 1
        assert [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"] == []
    text = words(twice[0] / "handout-for-families-a4.pdf")
    assert "each mark: ketamine.example/families Room for" in text
    assert "Samaritans: call 116 123 (day and night, free)" in text
    assert "988" not in text


def test_the_qr_code_draws_the_address_itself() -> None:
    """The dark squares of the picture are those of the code."""
    drawn = handout.qr_code(SITE)
    code = segno.make(SITE, error="q", micro=False, boost_error=False)
    wide = len(code.matrix) + 8
    assert f'viewBox="0 0 {wide} {wide}"' in drawn
    path = re.findall(r' d="([^"]+)"', drawn)[-1]
    dark: set[tuple[int, int]] = set()
    x = y = 0.0
    for step, given in re.findall(r"([MmhHvV])([-\d. ]+)", path):
        values = [float(value) for value in re.findall(r"-?[\d.]+", given)]
        if step == "M":
            x, y = values
        elif step == "m":
            x, y = x + values[0], y + values[1]
        else:
            dark |= {(int(y) - 4, int(x) - 4 + offset) for offset in range(int(values[0]))}
            x += values[0]
    assert dark == {(row, column) for row, line in enumerate(code.matrix) for column, bit in enumerate(line) if bit}


# -- the notes beside the PDFs ---------------------------------------------------------------------------------------------------


def test_the_notes_are_about_the_files(twice: tuple[Path, Path]) -> None:
    files = manifest.read(twice[0])
    assert [(file.file, file.paper, file.kind) for file in files] == [
        ("handout-for-families-a4.pdf", "A4", ""),
        ("handout-for-families-letter.pdf", "US Letter", ""),
        ("handout-for-families-large-a4.pdf", "A4", "large print"),
        ("handout-for-families-large-letter.pdf", "US Letter", "large print"),
    ]
    for file in files:
        with pikepdf.open(twice[0] / file.file) as pdf:
            assert len(pdf.pages) == file.pages
    assert {(file.page, file.title, file.checked, file.language) for file in files} == {
        ("handouts/for-families", "For families and friends", "2026-11-21", "en-GB")
    }


def test_a_changed_or_missing_file_and_damaged_notes_are_told(twice: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "pdf"
    shutil.copytree(twice[0], folder)
    changed = folder / "handout-for-families-a4.pdf"
    changed.write_bytes(changed.read_bytes() + b"\n")
    with pytest.raises(ValueError, match=r"^handout-for-families-a4\.pdf is not the file that was noted when it was printed: print again$"):
        manifest.read(folder)
    changed.unlink()
    with pytest.raises(ValueError, match=r"^handout-for-families-a4\.pdf is not there any more: print again$"):
        manifest.read(folder)
    (folder / "printed-handout.json").write_text("[{}]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^printed-handout\.json cannot be read: print again$"):
        manifest.read(folder)


def test_a_site_built_alone_says_how_the_pdfs_are_made_and_one_with_stale_pdfs_says_so(twice: tuple[Path, Path]) -> None:
    root = twice[1].parents[1]
    (root / "docs" / "handouts" / "index.md").write_text(page("To print", "```{printed-files}\n```\n"), encoding="utf-8")
    alone = build(root, "html", "html")
    assert told(alone) == []
    shown = (root / "build" / "html" / "handouts" / "index.html").read_text(encoding="utf-8")
    assert "The PDFs are not part of this build of the site. They are made by" in shown
    assert not (root / "build" / "html" / "print").exists()
    (twice[1] / "printed-handout.json").write_text("{", encoding="utf-8")
    stale = build(root, "html", "html", "-D", "kb_print=build/pdf")
    assert told(stale) == [
        "build/pdf: printed-handout.json cannot be read: print again - expected the PDFs that were just printed - run: nox -s pdf [print-stale]"
    ]


def test_a_site_whose_handout_is_too_long_is_not_built_and_ends_without_a_traceback(tmp_path: Path) -> None:
    root = small(tmp_path / "project", {"long": page("Long", LONG)})
    run = build(root, "html", "html", "-D", "kb_print=build/pdf", "-D", "kb_printers=handout")
    assert run.code != 0
    assert [line for line in told(run) if "[handout-long]" in line] != []
    assert "Traceback" not in run.said
    assert not (root / "build" / "html" / "index.html").exists()
