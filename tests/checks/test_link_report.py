"""One result as text, as JSON and as the body of a tracking issue."""

from __future__ import annotations

import json

from ketamine_kb.checks.link_report import as_issue, as_json, as_text
from ketamine_kb.checks.links import LinkResult, Verdict

DEAD = LinkResult("https://a.example/", "docs/b.md", 4, Verdict.DEAD, "answers 404")
MOVED = LinkResult("https://b.example/", "docs/a.md", 9, Verdict.MOVED, "https://c.example/")
FINE = LinkResult("https://d.example/", "docs/a.md", 2, Verdict.WORKS)
REFUSED = LinkResult("https://e.example/", "docs/a.md", 3, Verdict.UNKNOWN, "answers 403")


def test_text() -> None:
    assert as_text([DEAD, FINE, MOVED]) == (
        "docs/a.md:9: https://b.example/ - expected its new address https://c.example/ - run: nox -s linkcheck [link-moved]\n"
        "docs/b.md:4: https://a.example/ (answers 404) - expected an address that answers - run: nox -s linkcheck [link-dead]\n"
        "1 works, 1 moved, 1 dead, 0 soft-404, 0 retracted, 0 could not tell, 0 left out\n"
    )


def test_json() -> None:
    data = json.loads(as_json([FINE, DEAD]))
    assert data["counts"] == {
        "works": 1,
        "moved": 0,
        "dead": 1,
        "soft-404": 0,
        "retracted": 0,
        "could not tell": 0,
        "left out": 0,
    }
    assert data["links"] == [
        {"address": "https://a.example/", "path": "docs/b.md", "line": 4, "verdict": "dead", "reason": "answers 404"},
        {"address": "https://d.example/", "path": "docs/a.md", "line": 2, "verdict": "works", "reason": ""},
    ]


def test_an_issue_is_open_while_there_is_something_to_do() -> None:
    assert as_issue([FINE, DEAD, MOVED, REFUSED]) == (
        "<!-- links: open -->\n\n"
        "1 works, 1 moved, 1 dead, 0 soft-404, 0 retracted, 1 could not tell, 0 left out.\n\n"
        "## Dead: the server, or the registry, says that this does not exist\n\n"
        "- `docs/b.md:4` `https://a.example/`: `answers 404`\n\n"
        "## Moved for good: give the new address\n\n"
        "- `docs/a.md:9` `https://b.example/` is now `https://c.example/`\n\n"
        "## Could not tell: refused, too slow or no connection; this proves nothing about the page\n\n"
        "- `docs/a.md:3` `https://e.example/`: `answers 403`\n\n"
        "To look again: `nox -s linkcheck`.\n"
    )


def test_an_issue_is_closed_when_nothing_asks_for_a_change() -> None:
    body = as_issue([FINE, REFUSED])
    assert body.startswith("<!-- links: close -->\n")
    assert "No link asks for a change." in body


def test_what_a_server_says_is_no_markup() -> None:
    nasty = LinkResult("https://a.example/`@all`", "docs/b.md", 4, Verdict.SOFT, "title `x`\n# @someone [a](b) <img>")
    line = next(line for line in as_issue([nasty]).splitlines() if line.startswith("- "))
    assert line == "- `docs/b.md:4` `https://a.example/ @all `: `title x # @someone [a](b) <img>`".replace("@all `:", "@all`:")


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [LinkResult(f"https://a.example/{number}", "docs/b.md", number, Verdict.DEAD, "answers 404") for number in range(130)]
    body = as_issue(many)
    assert "- and 30 more, in the report of the run" in body
    assert body.count("https://a.example/") == 100
