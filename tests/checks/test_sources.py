"""Checks of whole pages: what is found across files, and that no text brings them down."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.checks import figures, sources
from ketamine_kb.evidence import bibliography
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import MAX_SOURCE_BYTES, Faulty, Project
from tests.matter import MATTER

GOOD = MATTER


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """A project with one diagram and one page that shows it."""
    project = Project(tmp_path)
    for folder in (project.docs / "deep", project.diagrams, project.evidence):
        folder.mkdir(parents=True)
    (project.diagrams / "known.mmd").write_text("flowchart TB\n%% kind: orientation\n", encoding="utf-8")
    (project.docs / "deep" / "a.md").write_text(GOOD + "```{mermaid} ../../diagrams/known.mmd\n```\n{cite}`a1`\n", encoding="utf-8")
    return project


def check(project: Project, keys: Sequence[str]) -> list[Fault]:
    return sources.check(project, keys) + figures.check(project)


def told(project: Project, *keys: str) -> list[str]:
    return [str(fault) for fault in check(project, keys)]


def test_a_good_project_is_quiet(small: Project) -> None:
    assert told(small, "a1") == []


def test_a_diagram_that_no_page_shows(small: Project) -> None:
    (small.diagrams / "other.mmd").touch()
    expected = "a page that shows it with the {mermaid} directive"
    unused = f"diagrams/other.mmd:1: no page shows this diagram - expected {expected} - run: nox -s html [diagram-unused]"
    assert told(small, "a1") == [unused]


def test_a_diagram_shown_in_an_example_only_is_not_shown(small: Project) -> None:
    page = small.docs / "deep" / "a.md"
    page.write_text(GOOD + "````text\n```{mermaid} ../../diagrams/known.mmd\n```\n````\n", encoding="utf-8")
    assert [fault.code for fault in check(small, ())] == [Code.DIAGRAM_UNUSED]


def test_a_path_from_the_root_of_the_pages(small: Project) -> None:
    page = small.docs / "deep" / "a.md"
    page.write_text(GOOD + "```{mermaid} /../diagrams/known.mmd\n```\n", encoding="utf-8")
    assert told(small) == []


def test_a_link_out_of_the_diagrams_is_outside(small: Project, tmp_path: Path) -> None:
    secret = tmp_path / "secret.mmd"
    secret.write_text("flowchart TB", encoding="utf-8")
    (small.diagrams / "link.mmd").symlink_to(secret)
    page = small.docs / "deep" / "b.md"
    page.write_text(GOOD + "```{mermaid} ../../diagrams/link.mmd\n```\n", encoding="utf-8")
    assert [(fault.path, fault.line, fault.code) for fault in check(small, ["a1"]) if fault.path.startswith("docs")] == [
        ("docs/deep/b.md", 8, Code.PATH_OUTSIDE)
    ]


def test_a_page_that_cannot_be_read_does_not_hide_the_others(small: Project) -> None:
    (small.docs / "a.md").write_bytes(b"\xff")
    (small.docs / "b.md").write_bytes(b"x" * (MAX_SOURCE_BYTES + 1))
    (small.docs / "c.md").write_text(GOOD + "TODO\n", encoding="utf-8")
    places = [(fault.path, fault.line, fault.code) for fault in check(small, ["a1"])]
    assert places == [
        ("docs/a.md", 1, Code.PAGE_NOT_UTF8),
        ("docs/b.md", 0, Code.FILE_TOO_LARGE),
        ("docs/c.md", 8, Code.PLACEHOLDER),
    ]


def test_citations_in_order_with_repeats() -> None:
    text = GOOD + "{cite}`b2, a1` `{cite}` {cite:t}`a1`\n```text\n{cite}`no`\n```\n```{note}\n{cite}`c3`\n```\n`` {cite}`no` ``\n"
    assert sources.citations(text) == ["b2", "a1", "a1", "c3"]


def test_uncited_sources(small: Project) -> None:
    faults = sources.uncited(small, {"a1": 3, "b2": 12}, "evidence/references.bib")
    expected = (
        "evidence/references.bib:12: 'b2' is cited nowhere - expected a page or a claim that cites it - run: nox -s html [source-uncited]"
    )
    assert [str(fault) for fault in faults] == [expected]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (">>> 1 + 1", "outside a block, which is never run"),
        (">>>", "outside a block, which is never run"),
        ("- item\n\n      >>> 1 + 1", "outside a block, which is never run"),
        ("```python\n>>> 1 + 1\n```", "in a block that is never run"),
        ("```{testcode}\n>>> 1 + 1\n```", "in a block that is never run"),
        ("````{note}\n```text\n>>>1\n```\n````", "in a block that is never run"),
    ],
)
def test_a_prompt_that_no_doctest_collects(text: str, place: str) -> None:
    (fault,) = sources.body_faults(text + "\n", "p.md", frozenset())
    assert str(fault).endswith(f": a >>> prompt {place} - expected ```{{doctest}} - run: nox -s doctest [plain-fence]")


def test_runnable_blocks_are_counted(small: Project) -> None:
    assert sources.runnable_blocks(small) == 0
    text = "```{doctest}\n>>> 1\n1\n```\n````{note}\n```{testcode}\nx = 1\n```\n````\n````text\n```{doctest}\n```\n````\n```doctest\n```\n"
    (small.docs / "b.md").write_text(GOOD + text, encoding="utf-8")
    assert sources.runnable_blocks(small) == 2


@pytest.mark.parametrize("length", [49, 50, 160, 161])
def test_length_of_the_description(length: int) -> None:
    text = GOOD.replace("A page about how things work, long enough to pass the check.", "é" * length)
    assert len(sources.front_matter_faults(text, "p.md")) == (0 if 50 <= length <= 160 else 1)


@pytest.mark.parametrize("audience", sources.AUDIENCES)
def test_every_audience_is_taken(audience: str) -> None:
    assert sources.front_matter_faults(GOOD.replace("[patient]", f"[{audience}]"), "p.md") == []


@pytest.mark.parametrize("key", sources.KEYS)
def test_every_key_is_asked_for(key: str) -> None:
    text = "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith(f"{key}:"))
    assert [fault.found for fault in sources.front_matter_faults(text, "p.md")] == [f"no {key!r}"]


@pytest.mark.parametrize("key", sources.KEYS)
@pytest.mark.parametrize("value", ["", "null", "12", "{a: b}", "[1]", "[[a]]", "1e999999", "yes"])
def test_wrong_values_are_told_on_their_line(key: str, value: str) -> None:
    lines = [f"{key}: {value}" if line.startswith(f"{key}:") else line for line in GOOD.splitlines()]
    faults = sources.front_matter_faults("\n".join(lines), "p.md")
    assert [fault.line for fault in faults] == [lines.index(f"{key}: {value}") + 1]


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 600_000,
        "`" * 500_000 + "<b>",
        "{cite}`" * 100_000,
        "{" + "a" * 1_000_000,
        "<" * 1_000_000,
        "<a" + " " * 1_000_000,
        "".join("`" * size + " " for size in range(1, 900)),
        "<https://" * 100_000,
        "{cite}`" + "," * 100_000 + "`",
        "```{mermaid}\n" * 20_000,
    ],
    ids="tags ticks cites brace smaller spaces runs autolinks commas directives".split(),
)
def test_hostile_pages_end_soon(text: str) -> None:
    start = time.monotonic()
    sources.body_faults(text, "p.md", frozenset())
    sources.citations(text)
    assert time.monotonic() - start < 10


def test_the_real_pages_are_quiet_on_the_floor_below_sphinx(project: Project) -> None:
    keys = bibliography.load(project).lines
    assert told(project, *keys) == []


front_like = st.lists(
    st.sampled_from([f"{key}: " for key in sources.KEYS])
    | st.sampled_from([*":-[]{}&*!|>'\"#,?\n \t%@", "---\n", "2026-01-01", "2026-13-45", "patient", "<<: ", "&a ", "*a", "!!bool x"])
    | st.text(max_size=4),
    max_size=25,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.booleans(), front_like)
def test_any_front_matter_is_taken_or_told(whole: bool, text: str) -> None:
    page = f"---\n{text}\n---\n" if whole else text
    for fault in sources.front_matter_faults(page, "p.md"):
        assert fault.code is Code.FRONT_MATTER
        assert 1 <= fault.line <= page.count("\n") + 1


body_like = st.lists(
    st.sampled_from(
        [
            "`",
            "```",
            "~~~",
            "{cite}`",
            "{note}",
            "{mermaid} ",
            "{doctest}",
            "\n",
            "---\n",
            "<b>",
            "<!--",
            "<",
            ">",
            "a1",
            "TODO",
            ">>> 1",
            "\\",
            "\0",
            "\r",
        ]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(body_like)
def test_any_body_is_taken_or_told(text: str) -> None:
    lines = text.split("\n")
    for fault in sources.body_faults(text, "p.md", frozenset({"a1"})):
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= max(len(lines[fault.line - 1]), 1)
        if fault.code is Code.RAW_HTML and fault.found.startswith("raw HTML"):
            assert lines[fault.line - 1][fault.column - 1 :].lstrip().startswith("<")
        if fault.code is Code.PLACEHOLDER:
            assert lines[fault.line - 1].startswith("TODO", fault.column - 1) or "TODO" not in text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_name_of_a_diagram_is_taken_or_told(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "names"
    project = Project(folder)
    for made in (project.docs, project.diagrams):
        made.mkdir(parents=True, exist_ok=True)
    shown: set[Path] = set()
    try:
        faults = figures.diagram_faults(project, project.docs / "p.md", f"```{{mermaid}} {name}\n```", shown)
    except Faulty as error:
        faults = error.faults
    assert shown == set(), "no such file exists"
    assert faults or "`" in name
