"""What the answer of a server says about a link."""

from __future__ import annotations

import pytest

from ketamine_kb.checks.links import LinkResult, Verdict, registry_address, summary, verdict


@pytest.mark.parametrize(
    ("status", "code", "message", "expected"),
    [
        ("working", 0, "", Verdict.WORKS),
        ("working", 200, "404 words on the page", Verdict.WORKS),
        ("redirected", 301, "https://example.org/new", Verdict.MOVED),
        ("redirected", 308, "https://example.org/new", Verdict.MOVED),
        ("redirected", 302, "https://example.org/login", Verdict.WORKS),
        ("redirected", 307, "https://example.org/now", Verdict.WORKS),
        ("redirected", 0, "https://example.org/unknown", Verdict.WORKS),
        ("broken", 0, "404 Client Error: Not Found for url: https://example.org/", Verdict.DEAD),
        ("broken", 0, "410 Client Error: Gone for url: https://example.org/", Verdict.DEAD),
        ("broken", 0, "403 Client Error: Forbidden for url: https://example.org/", Verdict.UNKNOWN),
        ("broken", 0, "429 Client Error: Too Many Requests for url: https://example.org/", Verdict.UNKNOWN),
        ("broken", 0, "500 Server Error: Internal Server Error", Verdict.UNKNOWN),
        ("broken", 0, "HTTPSConnectionPool(host='example.org', port=443): Max retries exceeded", Verdict.UNKNOWN),
        ("broken", 0, "", Verdict.DEAD),
        ("timeout", 0, "read timed out", Verdict.UNKNOWN),
        ("rate-limited", 0, "", Verdict.UNKNOWN),
        ("ignored", 0, "503 Server Error: Service Unavailable", Verdict.UNKNOWN),
        ("ignored", 0, "", Verdict.LEFT_OUT),
        ("unchecked", 0, "", Verdict.LEFT_OUT),
        ("a new word of Sphinx", 0, "", Verdict.UNKNOWN),
    ],
)
def test_verdict(status: str, code: int, message: str, expected: Verdict) -> None:
    assert verdict(status, code, message) is expected


@pytest.mark.parametrize(
    "address",
    ["https://example.org/404", "https://example.org/a-404-b", "https://doi.org/10.1000/404", "https://example.org/?id=410"],
)
@pytest.mark.parametrize(
    "message", ["403 Client Error: Forbidden for url: {}", "500 Server Error for url: {}", "Max retries exceeded with url: {}"]
)
def test_a_number_in_the_address_is_not_an_answer(address: str, message: str) -> None:
    assert verdict("broken", 0, message.format(address)) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://doi.org/10.1038/s41586-021-03769-9", "https://doi.org/api/handles/10.1038/s41586-021-03769-9"),
        ("http://dx.doi.org/10.1000/a/b(c)", "https://doi.org/api/handles/10.1000/a/b(c)"),
        ("https://doi.org/", None),
        ("https://doi.org/10.1/x", None),
        ("https://doi.org.example.org/10.1000/x", None),
        ("https://example.org/https://doi.org/10.1000/x", None),
        ("https://doi.org/10.1000/x y", None),
        ("", None),
    ],
)
def test_registry_address(address: str, asked: str | None) -> None:
    assert registry_address(address) == asked


@pytest.mark.parametrize(
    ("found", "reason", "message"),
    [
        (Verdict.DEAD, "404", "docs/a.md:4: https://x.org (404) - expected an address that answers - run: nox -s linkcheck [link-dead]"),
        (Verdict.DEAD, "", "docs/a.md:4: https://x.org - expected an address that answers - run: nox -s linkcheck [link-dead]"),
        (
            Verdict.MOVED,
            "https://y.org",
            "docs/a.md:4: https://x.org - expected its new address https://y.org - run: nox -s linkcheck [link-moved]",
        ),
        (
            Verdict.UNKNOWN,
            "no network",
            "docs/a.md:4: https://x.org (no network) - expected an answer; try again later or look by hand"
            " - run: nox -s linkcheck [link-unknown]",
        ),
    ],
)
def test_messages(found: Verdict, reason: str, message: str) -> None:
    assert str(LinkResult("https://x.org", "docs/a.md", 4, found, reason).fault()) == message


@pytest.mark.parametrize("found", [Verdict.WORKS, Verdict.LEFT_OUT])
def test_nothing_to_do_is_no_message(found: Verdict) -> None:
    assert LinkResult("https://x.org", "docs/a.md", 4, found, "302").fault() is None


def test_summary_counts_every_verdict_in_a_fixed_order() -> None:
    results = [LinkResult("a", "p", 0, word) for word in (Verdict.UNKNOWN, Verdict.WORKS, Verdict.DEAD, Verdict.UNKNOWN)]
    assert summary(results) == "1 works, 0 moved, 1 dead, 2 could not tell, 0 left out"
    assert summary([]) == "0 works, 0 moved, 0 dead, 0 could not tell, 0 left out"
