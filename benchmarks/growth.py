"""How the cost and the size of a page grow with the number of pages.

    python -m benchmarks.growth [PAGES ...]        (default: 40 400; 4000 takes long)

Pages of this site's own kind (claims, citations, terms, a table) are generated into a temporary project with the real settings,
templates, styles and facts, and built by Sphinx once per number, clean. Eight chapters hold sections of at most twenty pages, as a
site that grows would. Told are processor seconds, seconds per page, seconds per further page, the largest memory, and bytes of HTML
per page. The budget: a page at 400 pages costs at most 1.3 times one at 40, and its HTML does not grow.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from ketamine_kb.checks import markdown
from ketamine_kb.evidence import load
from ketamine_kb.project import Project

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = 8
SECTION = 20
HEAD = """---
description: "A generated page about claims, made to measure how long a build takes."
audience: [student]
evidence_checked: 2026-01-01
review_by: 2027-01-01
clinical_reviewers: []
---

"""


@dataclass(frozen=True)
class Measured:
    """One clean build.

    :param seconds: of processor time.
    :param memory: largest resident size in MB.
    :param html: mean bytes of a generated page.
    """

    pages: int
    seconds: float
    memory: float
    html: float


def body(number: int, claims: list[str], sources: list[str], terms: list[str]) -> str:
    """A page of four sections with some twenty claims, citations and terms, and a table; each page has other ones."""
    claim, source, term = (cycle(given[number % len(given) :] + given[: number % len(given)]) for given in (claims, sources, terms))
    text = f"# Page {number}\n\n"
    for section in range(4):
        text += f"## Part {section} of page {number}\n\n"
        for _ in range(5):
            text += f"A sentence on {{term}}`{next(term)}` that carries a source {{cite:p}}`{next(source)}`. {{claim}}`{next(claim)}`\n\n"
        rows = "".join(f"* - {name}\n  - Row {name} of part {section}\n" for name in "abc")
        text += f"```{{list-table}} Table {section} of page {number}\n:header-rows: 1\n\n* - Name\n  - Words\n{rows}```\n\n"
    return text


def generate(folder: Path, pages: int) -> list[Path]:
    """A project with this many generated pages; returns the addresses of their HTML below the site."""
    for part in ("diagrams", "evidence", "src"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", folder)
    docs = folder / "docs"
    docs.mkdir()
    for path in (ROOT / "docs").iterdir():
        if path.is_dir() and path.name.startswith("_"):
            shutil.copytree(path, docs / path.name)
        elif path.is_file() and path.suffix != ".md":
            shutil.copy2(path, docs)
    # The pages that marks, terms and citations lead to.
    entries = sorted(path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs/evidence/ledger").glob("*.md"))
    for name in ("reference/glossary", "reference/bibliography", "evidence/ledger", *entries, "get-help"):
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / "docs" / f"{name}.md", docs / f"{name}.md")
    project = Project(ROOT)
    facts = load.load(project)
    claims, sources, terms = sorted(facts.claims), sorted(facts.used), markdown.glossary_terms(project)
    made: dict[tuple[int, int], list[str]] = {}
    for number in range(pages):
        place = (number % CHAPTERS, number // CHAPTERS // SECTION)
        name = f"page-{number}"
        made.setdefault(place, []).append(name)
        target = docs / f"chapter-{place[0]}" / f"section-{place[1]}" / f"{name}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(HEAD + body(number, claims, sources, terms), encoding="utf-8")
    for (chapter, section), names in made.items():
        write_index(docs / f"chapter-{chapter}" / f"section-{section}", f"Section {section} of chapter {chapter}", names)
    for chapter in sorted({chapter for chapter, _ in made}):
        sections = [f"section-{section}/index" for other, section in sorted(made) if other == chapter]
        write_index(docs / f"chapter-{chapter}", f"Chapter {chapter}", sections)
    chapters = [f"chapter-{chapter}/index" for chapter in sorted({chapter for chapter, _ in made})]
    write_index(docs, "Home", [*chapters, "reference/glossary", "reference/bibliography", "evidence/ledger", "get-help"])
    return [Path(f"chapter-{chapter}/section-{section}/{name}.html") for (chapter, section), names in made.items() for name in names]


def write_index(folder: Path, title: str, entries: list[str]) -> None:
    """A page that leads to others."""
    listed = "\n".join(entries)
    (folder / "index.md").write_text(f"{HEAD}# {title}\n\n```{{toctree}}\n{listed}\n```\n", encoding="utf-8")


def measure(pages: int) -> Measured:
    """Generate and build one project.

    :raises SystemExit: with what Sphinx said when it failed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = generate(folder, pages)
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", "out/doctrees", "docs", "out/html"]
        environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0"}
        with (folder / "said").open("w", encoding="utf-8") as said:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
            _, code, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(code)
        if process.returncode:
            raise SystemExit((folder / "said").read_text(encoding="utf-8")[-3000:])
        some = list(islice(made, 0, None, max(1, len(made) // 40)))
        html = statistics.mean((folder / "out/html" / path).stat().st_size for path in some)
        return Measured(pages, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, html)


def main() -> None:
    """Print the figures, one line for each number of pages."""
    numbers = [int(word) for word in sys.argv[1:]] or [40, 400]
    before: Measured | None = None
    first: Measured | None = None
    for number in numbers:
        now = measure(number)
        first = first or now
        line = f"{now.pages} pages: {now.seconds:.1f} s of processor, {now.seconds / now.pages:.3f} s a page, {now.memory:.0f} MB"
        line += f", {now.html:.0f} bytes of HTML a page ({now.html / first.html:.2f} of that at {first.pages})"
        if before:
            further = (now.seconds - before.seconds) / (now.pages - before.pages)
            ratio = now.seconds / now.pages / (before.seconds / before.pages)
            line += f"; each further page {further:.3f} s; cost per page {ratio:.2f} of that at {before.pages} (budget 1.3)"
        print(line, flush=True)
        before = now


if __name__ == "__main__":
    main()
