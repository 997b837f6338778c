"""Citations: plain and BibTeX."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from ketamine_kb.evidence.cite import Citable, key_of, latex


def citable(title: str, address: str = "") -> Citable:
    return Citable("k", "The contributors", title, "The site", "0.1.0", dt.date(2026, 11, 21), "Evidence checked 21 November 2026", address)


def test_plain_with_and_without_an_address() -> None:
    assert citable("Side effects").plain == (
        "The contributors (2026). Side effects. In: The site, version 0.1.0. Evidence checked 21 November 2026."
    )
    assert citable("Does it work?", "https://a.example/b.html").plain == (
        "The contributors (2026). Does it work? In: The site, version 0.1.0. Evidence checked 21 November 2026. https://a.example/b.html"
    )


def test_bibtex() -> None:
    assert citable("NMDA: 50% & more", "https://a.example/b_c.html").bibtex == (
        "@misc{k,\n  author = {{The contributors}},\n  title = {{NMDA: 50\\% \\& more}},\n  howpublished = {The site, version 0.1.0},\n"
        "  year = {2026},\n  month = nov,\n  note = {Evidence checked 21 November 2026},\n  url = {https://a.example/b_c.html}\n}"
    )


def test_no_address_is_invented() -> None:
    assert "url" not in citable("A").bibtex


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("{", r"\textbraceleft{}"),
        ("}", r"\textbraceright{}"),
        ("\\", r"\textbackslash{}"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("$x_1 #2", r"\$x\_1 \#2"),
        ("a\n  b", "a b"),
        ("β−3 “naïve”", "β−3 “naïve”"),
    ],
)
def test_what_latex_reads_as_commands_is_escaped(text: str, escaped: str) -> None:
    assert latex(text) == escaped


@settings(deadline=None, max_examples=40)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_title_makes_an_entry_that_can_be_read(title: str) -> None:
    entry = parse_string(citable(title).bibtex, "bibtex").entries["k"]
    assert entry.fields["title"] == "{" + latex(title) + "}" or " ".join(entry.fields["title"].split()) == "{" + latex(title) + "}"
    assert entry.fields["note"] == "Evidence checked 21 November 2026"


def test_keys() -> None:
    assert key_of("how-ketamine-works", "safety/side-effects") == "how-ketamine-works-safety-side-effects"
    assert key_of("Ä b", "") == "b"
