"""What the answer of a server says about a link."""

from __future__ import annotations

import pytest

from ketamine_kb.checks.links import Answer, LinkResult, Verdict, registry_of, registry_verdict, says_no_page, summary, verdict
from ketamine_kb.evidence.registries import Kind, NotFound, Notice, Record, Unanswered

PAGE = "https://example.org/a/page"


@pytest.mark.parametrize(
    ("answer", "expected", "reason"),
    [
        (Answer(200, PAGE), Verdict.WORKS, ""),
        (Answer(204, PAGE), Verdict.WORKS, ""),
        (Answer(200, PAGE, title="404 patients with depression: a cohort"), Verdict.WORKS, ""),
        (Answer(404, PAGE), Verdict.DEAD, "answers 404"),
        (Answer(410, PAGE), Verdict.DEAD, "answers 410"),
        (Answer(404, PAGE + "2"), Verdict.DEAD, f"answers 404, after a redirect to {PAGE}2"),
        (Answer(403, PAGE), Verdict.UNKNOWN, "answers 403"),
        (Answer(418, PAGE), Verdict.UNKNOWN, "answers 418"),
        (Answer(429, PAGE), Verdict.UNKNOWN, "answers 429"),
        (Answer(500, PAGE), Verdict.UNKNOWN, "answers 500"),
        (Answer(304, PAGE), Verdict.UNKNOWN, "answers 304"),
        (Answer(0, PAGE, reason="no connection"), Verdict.UNKNOWN, "no connection"),
        (Answer(0, PAGE, reason="no connection", nameless=True), Verdict.UNKNOWN, "no connection"),
        (Answer(200, PAGE + "2"), Verdict.MOVED, PAGE + "2"),
        (Answer(200, PAGE + "2", lasting=False), Verdict.WORKS, ""),
        (Answer(200, PAGE, title="Page not found | Example"), Verdict.SOFT, "answers 200 with the title 'Page not found | Example'"),
        (Answer(200, "https://example.org/", lasting=False), Verdict.SOFT, "leads to the front page https://example.org/"),
        (Answer(200, "https://other.example"), Verdict.SOFT, "leads to the front page https://other.example"),
    ],
)
def test_verdict(answer: Answer, expected: Verdict, reason: str) -> None:
    assert verdict(answer, PAGE) == (expected, reason)


def test_a_name_that_nobody_knows_is_dead_only_where_there_is_a_network() -> None:
    answer = Answer(0, PAGE, reason="no connection", nameless=True)
    assert verdict(answer, PAGE, others_answered=True) == (Verdict.DEAD, "there is no host of this name")


def test_a_front_page_that_moves_to_a_front_page_is_no_soft_404() -> None:
    assert verdict(Answer(200, "https://www.example.org/"), "https://example.org/") == (Verdict.MOVED, "https://www.example.org/")
    assert verdict(Answer(200, "https://example.org/", lasting=False), "https://example.org") == (Verdict.WORKS, "")


@pytest.mark.parametrize(
    "title",
    [
        "404",
        "404 Not Found",
        "Error 404",
        "404 error",
        "Page not found",
        "Page Not Found - NIMH",
        "NIMH | Page not found",
        "Not Found",
        "404: Page not found",
        "Sorry, the page you requested could not be found",
        "This page doesn't exist",
        "The requested document was not found",
        "DOI Not Found",
        "The page is no longer available",
        "Example: 404 - file not found",
    ],
)
def test_titles_that_say_there_is_no_page(title: str) -> None:
    assert says_no_page(title)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Ketamine",
        "No evidence of benefit was found in 404 patients",
        "What we have not found: a review",
        "Lost and found",
        "Why the drug was not found to work",
        "Area 404",
        "Sources not found in a search for ketamine",
    ],
)
def test_titles_that_do_not(title: str) -> None:
    assert not says_no_page(title)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://doi.org/10.1038/s41586-021-03769-9", ("crossref", "10.1038/s41586-021-03769-9")),
        ("http://dx.doi.org/10.1000/a/b(c)", ("crossref", "10.1000/a/b(c)")),
        ("https://pubmed.ncbi.nlm.nih.gov/34321660/", ("pubmed", "34321660")),
        ("https://pubmed.ncbi.nlm.nih.gov/34321660", ("pubmed", "34321660")),
        ("https://pubmed.ncbi.nlm.nih.gov/?term=ketamine", None),
        ("https://doi.org/", None),
        ("https://doi.org/10.1/x", None),
        ("https://doi.org.example.org/10.1000/x", None),
        ("https://example.org/https://doi.org/10.1000/x", None),
        ("https://doi.org/10.1000/x y", None),
        ("", None),
    ],
)
def test_registry_of(address: str, asked: tuple[str, str] | None) -> None:
    assert registry_of(address) == asked


def test_registry_verdict() -> None:
    correction, retraction = Notice(Kind.CORRECTION, "correction of 2020"), Notice(Kind.RETRACTION, "retraction of 2021")
    assert registry_verdict(Record(("A title",), (2020,))) == (Verdict.WORKS, "")
    assert registry_verdict(Record(("A title",), (2020,), (correction,))) == (Verdict.WORKS, "")
    assert registry_verdict(Record(("A title",), (2020,), (retraction, correction))) == (Verdict.RETRACTED, "retraction of 2021")
    assert registry_verdict(NotFound("no such DOI")) == (Verdict.DEAD, "no such DOI")
    assert registry_verdict(Unanswered("no connection", offline=True)) == (Verdict.UNKNOWN, "no connection")


@pytest.mark.parametrize(
    ("found", "reason", "message"),
    [
        (Verdict.DEAD, "answers 404", "https://x.org (answers 404) - expected an address that answers - run: nox -s linkcheck [link-dead]"),
        (
            Verdict.SOFT,
            "x",
            "https://x.org (x) - expected the page itself; look at it in a browser - run: nox -s linkcheck [link-soft-404]",
        ),
        (Verdict.RETRACTED, "x", "https://x.org (x) - expected a source that stands - run: nox -s linkcheck [link-retracted]"),
        (Verdict.MOVED, "https://y.org", "https://x.org - expected its new address https://y.org - run: nox -s linkcheck [link-moved]"),
        (
            Verdict.UNKNOWN,
            "no network",
            "https://x.org (no network) - expected an answer; try again later or look by hand - run: nox -s linkcheck [link-unknown]",
        ),
    ],
)
def test_messages(found: Verdict, reason: str, message: str) -> None:
    assert str(LinkResult("https://x.org", "docs/a.md", 4, found, reason).fault()) == "docs/a.md:4: " + message


@pytest.mark.parametrize("found", [Verdict.WORKS, Verdict.LEFT_OUT])
def test_nothing_to_do_is_no_message(found: Verdict) -> None:
    assert LinkResult("https://x.org", "docs/a.md", 4, found, "302").fault() is None


def test_summary_counts_every_verdict_in_a_fixed_order() -> None:
    results = [LinkResult("a", "p", 0, word) for word in (Verdict.UNKNOWN, Verdict.WORKS, Verdict.DEAD, Verdict.UNKNOWN)]
    assert summary(results) == "1 works, 0 moved, 1 dead, 0 soft-404, 0 retracted, 2 could not tell, 0 left out"
    assert summary([]) == "0 works, 0 moved, 0 dead, 0 soft-404, 0 retracted, 0 could not tell, 0 left out"
