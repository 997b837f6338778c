"""The bibliography: what is kept of it, and that no text brings it down."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.evidence import bibliography
from ketamine_kb.evidence.bibliography import DESIGNS, VERIFIED
from ketamine_kb.messages import Code
from ketamine_kb.project import Faulty, Project

ENTRY = """\
@article{%s,
  author = {%s},
  title = {{A title}},
  year = {2020},
  doi = {10.1000/xyz},
  design = {rct},
  verified = {abstract},
}
"""


def load(folder: Path, text: str) -> bibliography.Bibliography:
    path = folder / "evidence" / "references.bib"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return bibliography.load(Project(folder))


def entry(key: str = "some2020", author: str = "Some, Body") -> str:
    return ENTRY % (key, author)


def test_lines_of_entries(tmp_path: Path) -> None:
    loaded = load(tmp_path, "% comment\n\n" + entry("a1") + "\n" + entry("b2"))
    assert loaded.lines == {"a1": 3, "b2": 12}
    assert loaded.path == "evidence/references.bib"
    assert list(loaded.data.entries) == ["a1", "b2"]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_do_not_depend_on_line_ends(tmp_path: Path, ends: str) -> None:
    text = (entry("a1") + "\n" + entry("b2")).replace("\n", ends)
    assert load(tmp_path, text).lines == {"a1": 1, "b2": 10}


@pytest.mark.parametrize(
    ("author", "issuer"),
    [
        ("Some, Body and Other, Person", "Some"),
        ("Body Some", "Some"),
        ("van den Berg, Jan", "van den Berg"),
        ("{World Health Organization}", "World Health Organization"),
        ("{Food \\& Drug Administration}", "Food & Drug Administration"),
    ],
)
def test_issuer_of_authors(tmp_path: Path, author: str, issuer: str) -> None:
    assert bibliography.issuer(load(tmp_path, entry(author=author)).data.entries["some2020"]) == issuer


def test_issuer_without_authors(tmp_path: Path) -> None:
    text = entry().replace("author = {Some, Body}", "howpublished = {{NICE}}")
    assert bibliography.issuer(load(tmp_path, text).data.entries["some2020"]) == "NICE"


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("verified", VERIFIED)
def test_every_design_and_verification_is_taken(tmp_path: Path, design: str, verified: str) -> None:
    text = entry().replace("{rct}", f"{{{design}}}").replace("{abstract}", f"{{{verified}}}")
    assert load(tmp_path, text).data.entries["some2020"].fields["design"] == design


@pytest.mark.parametrize("field", ["title", "year", "design", "verified"])
def test_every_needed_field_is_asked_for(tmp_path: Path, field: str) -> None:
    lines = [line for line in entry().splitlines() if not line.startswith(f"  {field} ")]
    with pytest.raises(Faulty) as caught:
        load(tmp_path, "\n".join(lines))
    assert [fault.found for fault in caught.value.faults] == [f"some2020: no {field}"]


@pytest.mark.parametrize(("name", "value"), [("pmid", "123"), ("pmcid", "PMC123"), ("url", "https://example.org/a")])
def test_any_identifier_will_do(tmp_path: Path, name: str, value: str) -> None:
    assert load(tmp_path, entry().replace("doi = {10.1000/xyz}", f"{name} = {{{value}}}")).lines == {"some2020": 1}


@pytest.mark.parametrize("doi", ["10.1/x", "10.1000/", "doi:10.1000/x", "10.1000/x y", "https://doi.org/10.1000/x"])
def test_what_is_not_a_doi(tmp_path: Path, doi: str) -> None:
    with pytest.raises(Faulty, match=r"expected 10\.<registrant>/<suffix>"):
        load(tmp_path, entry().replace("10.1000/xyz", doi))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Faulty) as caught:
        load(tmp_path, entry("a1").replace("{rct}", "{x}") + entry("b2").replace("{2020}", "{}"))
    assert [(fault.line, fault.found) for fault in caught.value.faults] == [(1, "a1: design 'x'"), (9, "b2: no year")]


def test_the_real_bibliography_is_whole(project: Project) -> None:
    loaded = bibliography.load(project)
    assert set(loaded.lines) == set(loaded.data.entries)
    source = bibliography.path_of(project).read_text(encoding="utf-8").split("\n")
    assert [key for key, line in loaded.lines.items() if not source[line - 1].endswith(f"{{{key},")] == []


@pytest.mark.parametrize(
    "text",
    [
        "@article{a, title = {" + "{" * 100_000,
        "@article{a, x = {" + "y" * 1_900_000 + "}}",
        "@" * 200_000,
        "@article{" * 50_000,
        "}" * 500_000,
    ],
    ids=["open braces", "a long field", "at signs", "entries in entries", "closing braces"],
)
def test_hostile_sizes_end_soon(tmp_path: Path, text: str) -> None:
    start = time.monotonic()
    with pytest.raises(Faulty):
        load(tmp_path, text)
    assert time.monotonic() - start < 10


bib_like = st.lists(
    st.sampled_from(
        [
            *'@{}(),=#"%\\ \n~-',
            "article",
            "string",
            "comment",
            "preamble",
            "author",
            "title",
            "doi",
            "a1",
            " and ",
            "{A, B}",
            "crossref",
            "é",
        ]
    )
    | st.just(entry())
    | st.text(max_size=4),
    max_size=25,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(bib_like)
def test_any_text_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "bib"
    folder.mkdir(exist_ok=True)
    try:
        loaded = load(folder, text)
    except Faulty as error:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        assert error.faults
        assert all(fault.code in (Code.BIBLIOGRAPHY, Code.PAGE_NOT_UTF8) for fault in error.faults)
        assert all(0 <= fault.line <= lines for fault in error.faults)
    else:
        assert loaded.data.entries
