"""Every mistake in the Markdown files beside this one is told with exactly the words written there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from ketamine_kb.checks import figures, pages, sources
from ketamine_kb.diagrams import lint
from ketamine_kb.evidence import bibliography, certainty, crisis
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.evidence.tables import Molecule
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, Project
from tests.diagrams.examples import claim
from tests.matter import MATTER

HERE = Path(__file__).parent
FAMILIES = (
    *("pages", "diagrams", "evidence"),
    *("fences", "headings", "tables", "characters", "examples", "links", "images", "roles", "identifiers", "files", "contents", "glossary"),
)
KEYS = frozenset({"zhang2021", "abbott2024"})
GOOD_PAGE = (
    MATTER
    + """\

```{mermaid} ../diagrams/known.mmd
```
"""
)
#: Codes of faults that these checks cannot raise, with the tests that cover them.
ELSEWHERE = {
    Code.FILE_TOO_LARGE,  # tests/test_project.py
    Code.HANDOUT_LONG,  # tests/pdf/test_handout_faults.py
    Code.HANDOUT_OVERDUE,
    Code.HANDOUT_SETTING,
    Code.PRINT_STALE,  # tests/sphinxext/test_downloads.py
    Code.LINK_SOFT,  # tests/checks/test_links.py
    Code.LINK_RETRACTED,
    Code.SOURCE_UNCITED,  # tests/checks/test_sources.py
    Code.DIAGRAM_UNUSED,  # tests/checks/test_sources.py
    Code.DIAGRAM_RECORD,  # tests/diagrams/test_records.py and test_recorded.py
    Code.PLOT_OPTION,  # tests/sphinxext/test_plots.py
    Code.PLOT_DATA,
    Code.PLOT_HARM,
    Code.PRINT_NODE,  # the PDF writer
    Code.PRINT_FAILED,  # the PDF writer
    Code.TARGET_UNKNOWN,  # tests/faults/test_underneath.py
    Code.TARGET_AGAIN,
    Code.HIGHLIGHT,
    Code.UNDERNEATH,
    Code.STOPPED,  # tests/sphinxext/test_launch.py
    Code.DOCTEST_FAILED,  # tests/test_build.py
    Code.COUNTS_DIFFER,  # tests/sphinxext/test_audit.py
    Code.PRINT_GLYPH,  # tests/pdf/test_writer.py
    Code.PRINT_PICTURE,
    Code.PRINT_LINK,  # tests/pdf/test_book.py
    Code.PRINT_COUNTS,
    Code.LINK_DEAD,  # tests/checks/test_links.py
    Code.LINK_MOVED,
    Code.LINK_UNKNOWN,
    Code.SETTINGS,  # tests/test_settings.py
    Code.READING_PATH,  # tests/checks/test_reading_paths.py
    Code.REDIRECT,  # tests/checks/test_addresses.py
    Code.ADDRESS_GONE,
    *(named.code for named in certainty.RULES),  # tests/evidence/test_certainty.py
    Code.CLAIM_DATA,  # tests/evidence/test_load.py
    Code.CLAIM_AGAIN,
    Code.CLAIM_SOURCE,
    Code.CLAIM_CITATION,  # tests/checks/test_claims.py
    Code.CLAIM_UNCITED,  # tests/checks/test_claims.py
    Code.LEDGER_PAGE,  # tests/checks/test_ledger.py
    Code.PAGE_WITHOUT_CLAIM,  # tests/checks/test_claims.py
    Code.PAGE_WITHOUT_HARM,
    Code.FACT_WITHOUT_CLAIM,  # tests/checks/test_unsourced.py
    Code.HARD_TO_READ,  # tests/checks/test_readability.py
    Code.STAT_UNKNOWN,  # tests/sphinxext/test_stats.py
    Code.STAT_WITHHELD,
    Code.STAT_UNLIKE,
    Code.REVIEW_OVERDUE,
    Code.SOURCE_RETRACTED,  # tests/evidence/test_status.py
    Code.SOURCE_CORRECTED,
    Code.SOURCE_MISMATCH,
    Code.SOURCE_NOT_FOUND,
    Code.SOURCE_UNCHECKED,
    Code.SOURCE_STATUS,
    Code.SEARCH_WORDS,  # tests/search/test_synonyms.py
    Code.NOT_ALLOWED,  # tests/site/test_hardening.py
    Code.NOT_A_SOURCE,
    Code.SCAFFOLD,  # tests/test_scaffold.py
    Code.CLAIMS_DIFF,  # tests/test_claims_diff.py
    Code.LIVE,  # tests/test_live.py
}
#: What a diagram of the kind ``drawn`` may name: two claims, three terms of the glossary, one molecule.
KNOWN = Knowledge(
    claims={"a-activates-b": claim("a-activates-b", "supported"), "a-may-activate-b": claim("a-may-activate-b", "hypothesis", ("rodent",))},
    chapters={},
    retired={},
    sources={},
    statements=[],
    molecules=[Molecule(id="grin1", name="GluN1", kind="receptor", hgnc_id="HGNC:4584", seen_in=["a public copy"])],
)
TERMS = ("NMDA receptor", "neuron", "BDNF")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([rn0]))")


@dataclass(frozen=True)
class Case:
    """One mistake: what is written, and what is then said."""

    family: str
    title: str
    kind: str
    given: str
    says: list[str]


def cases(family: str) -> list[Case]:
    """The cases of one file, read by a small grammar of its own: title, fenced input, fenced messages or one sentence."""
    found: list[Case] = []
    text = (HERE / f"{family}.md").read_text(encoding="utf-8")
    for part in re.split(r"^## (?=[^\n]+\n\n~~~~~)", text, flags=re.MULTILINE)[1:]:
        match = re.fullmatch(
            r"(?P<title>[^\n]+)\n\n~~~~~(?P<kind>[a-z ]+)\n(?P<given>.*?)~~~~~\n\n"
            r"(?:~~~~~says\n(?P<says>.+?)~~~~~|(?P<quiet>Nothing is said\.))\n*",
            part,
            re.DOTALL,
        )
        assert match, f"{family}.md: cannot read the case {part[:60]!r}"
        says = match["says"].rstrip("\n").split("\n") if match["says"] else []
        assert bool(match["quiet"]) == match["title"].startswith("Quiet: "), f"{family}.md: {match['title']}: title and case differ"
        found.append(Case(family, match["title"], match["kind"], match["given"].removesuffix("\n"), says))
    return found


def given_bytes(kind: str, given: str) -> bytes:
    """The input as bytes, with what is written as an escape put in."""
    how = kind.split()[1:]
    if "joined" in how:
        given = given.replace("\n", "")
    if "bytes" in how:
        return _ESCAPE.sub(lambda match: "\0" if match[3] else chr(int(match[2], 16)), given).encode("latin-1")
    if "escaped" in how:
        named = {"r": "\r", "n": "\n", "0": "\0"}
        given = _ESCAPE.sub(lambda match: named[match[3]] if match[3] else chr(int(match[1] or match[2], 16)), given)
    return given.encode("utf-8")


def said(kind: str, given: str, folder: Path) -> list[str]:
    """What the checks say about one input, through the functions that the build calls."""
    return [str(fault) for fault in faults(kind, given_bytes(kind, given), Project(folder))]


def faults(kind: str, data: bytes, project: Project) -> list[Fault]:
    for made in (project.docs, project.diagrams, project.evidence):
        made.mkdir()
    page, source = project.docs / "page.md", project.diagrams / "known.mmd"
    source.write_text("flowchart TB\n%% kind: orientation\n", encoding="utf-8")
    (project.docs / "shows.md").write_text(GOOD_PAGE, encoding="utf-8")
    what = kind.split()[0]
    try:
        if what in ("text", "tree"):
            return as_the_build(what, data, project)
        if what == "page":
            page.write_bytes(data)
            return sources.check(project, KEYS) + figures.check(project)
        if what == "body":
            page.write_bytes(data)
            return sources.body_faults(project.read(page), "docs/page.md", KEYS)
        if what == "shows":
            page.write_bytes(data)
            (project.diagrams / "mechanism.mmd").write_text("flowchart TB\n", encoding="utf-8")
            text = project.read(page)
            return figures.diagram_faults(project, page, text, set()) + figures.untabled(project, page, text)
        if what == "diagram":
            source.unlink()
            source = project.diagrams / "case.mmd"
            source.write_bytes(data)
            return lint.check_all(project)
        if what == "drawn":
            source.unlink()
            (project.diagrams / "case.mmd").write_bytes(data)
            return lint.check_all(project, KNOWN, TERMS)
        if what == "bib":
            bibliography.path_of(project).write_bytes(data)
            bibliography.load(project)
            return []
        assert what == "crisis", f"unknown kind {kind!r}"
        crisis.path_of(project).write_bytes(data)
        crisis.load(project)
    except Faulty as error:
        return error.faults
    return []


def as_the_build(what: str, data: bytes, project: Project) -> list[Fault]:
    """One page, or files below lines ``=== path``, through the checks of pages in the order of a build."""
    (project.docs / "shows.md").unlink()
    for left in project.diagrams.iterdir():
        left.unlink()
    (project.docs / "x.png").write_bytes(b"x")
    if what == "text":
        (project.docs / "index.md").write_bytes(data)
    else:
        (project.docs / "x.png").unlink()
        for part in data.decode("utf-8").split("=== ")[1:]:
            name, _, content = part.partition("\n")
            path = project.root / name.strip()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    told, read = pages.check(project)
    for page in read.pages():
        told += sources.body_faults(project.read(page), project.relative(page), KEYS)
    return sorted(pages.told_once(project, told))


ALL = [case for family in FAMILIES for case in cases(family)]


@pytest.mark.parametrize("case", ALL, ids=[f"{case.family}: {case.title}" for case in ALL])
def test_exact_message(case: Case, tmp_path: Path) -> None:
    assert said(case.kind, case.given, tmp_path) == case.says


def test_titles_are_unique() -> None:
    counts = Counter((case.family, case.title) for case in ALL)
    assert [title for title, count in counts.items() if count > 1] == []


def test_enough_mistakes_and_near_misses() -> None:
    assert sum(1 for case in ALL if case.says) >= 45
    assert sum(1 for case in ALL if not case.says) >= 20


def test_every_message_that_these_checks_can_give_has_a_case() -> None:
    told = {match[1] for case in ALL for line in case.says if (match := re.search(r"\[([a-z0-9-]+)\]$", line))}
    assert told == {code.value for code in Code if code not in ELSEWHERE}


def test_the_examples_of_the_page_of_messages_are_real() -> None:
    told = {line for case in ALL for line in case.says} | {line for case in cases("underneath") for line in case.says}
    examples = (HERE.parents[1] / "docs/contribute/message-examples.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in examples if line not in told] == []
    assert len(examples) >= 45
