"""Published addresses and moved pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketamine_kb.checks import addresses
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.project import Project
from tests.diagrams.examples import claim

FACTS = Knowledge(claims={"some-claim": claim("some-claim")}, chapters={}, retired={}, sources={}, statements=[])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    for page in ("index", "folder/new"):
        path = made.docs / f"{page}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Title\n", encoding="utf-8")
    return made


def said(project: Project, listed: str = "", moved: str = "", short: str = "") -> list[str]:
    addresses.list_of(project).write_text(listed, encoding="utf-8")
    addresses.redirects_of(project).write_text(moved, encoding="utf-8")
    addresses.short_of(project).write_text(short, encoding="utf-8")
    return [str(fault) for fault in addresses.check(project, FACTS)]


def test_nothing_published_and_nothing_moved(project: Project) -> None:
    assert addresses.check(project, FACTS) == []
    assert said(project, "# a comment\n\n", "# nothing\n{}\n") == []


def test_addresses_that_answer_are_quiet(project: Project) -> None:
    listed = "index.html\nfolder/new.html\nfolder/old.html\nevidence/ledger.html#claim-some-claim\n"
    assert said(project, listed, "folder/old.html: folder/new\n") == []
    assert said(project, "typed/\n", short="typed: folder/new\n") == []
    assert addresses.short(project) == {"typed": "folder/new"}
    assert "typed/" in addresses.renewed(project, FACTS).split("\n")


def test_a_short_address_that_is_gone_is_told_with_the_nearest(project: Project) -> None:
    assert said(project, "tipped/\n", short="typed: folder/new\n") == [
        "docs/addresses.txt:1: published address 'tipped/' answers no longer - expected a page of this address, or a line for it in "
        "docs/short-addresses.yaml - did you mean 'typed/'? - run: nox -s html [address-gone]"
    ]


@pytest.mark.parametrize(
    ("short", "message"),
    [
        ("- a\n", ":1: a file that is not a mapping - expected lines `word: folder/page`"),
        ("../up: index\n", ":1: short address '../up' - expected a word of 3 to 20 small letters"),
        ("ab: index\n", ":1: short address 'ab' - expected a word of 3 to 20 small letters"),
        ("index: index\n", ":1: short address 'index' is a page or a folder of pages - expected another word"),
        ("folder: index\n", ":1: short address 'folder' is a page or a folder of pages - expected another word"),
        (
            "typed: folder/knew\n",
            ":1: 'typed' leads to 'folder/knew', which is not a page - expected a page such as treatment/routes - did you mean 'folder/new'?",
        ),
        ("typed: index\ntyped: folder/new\n", ":2:1: key 'typed' again - expected each key once"),
    ],
)
def test_exact_message_for_a_short_address(project: Project, short: str, message: str) -> None:
    assert said(project, short=short) == [f"docs/short-addresses.yaml{message} - run: nox -s html [redirect]"]


def test_a_page_that_is_gone_is_told_with_the_nearest(project: Project) -> None:
    assert said(project, "# head\nfolder/knew.html\n") == [
        "docs/addresses.txt:2: published address 'folder/knew.html' answers no longer - expected a page of this address, or a line for it "
        "in docs/redirects.yaml - did you mean 'folder/new.html'? - run: nox -s html [address-gone]"
    ]


def test_a_claim_that_is_gone_is_told_with_the_nearest(project: Project) -> None:
    assert said(project, "evidence/ledger.html#claim-same-claim\n") == [
        "docs/addresses.txt:1: published address 'evidence/ledger.html#claim-same-claim' answers no longer - expected the claim, or its id "
        "under `retired:` in evidence/claims/ - did you mean 'evidence/ledger.html#claim-some-claim'? - run: nox -s html [address-gone]"
    ]


@pytest.mark.parametrize(
    ("moved", "message"),
    [
        ("- a\n", ":1: a file that is not a mapping - expected lines `old/address.html: new/page`"),
        ("../up.html: index\n", ":1: old address '../up.html' - expected a path inside the site such as treatment/routes.html"),
        ("/root.html: index\n", ":1: old address '/root.html' - expected a path inside the site such as treatment/routes.html"),
        ("old.html#a: index\n", ":1: old address 'old.html#a' - expected a path inside the site such as treatment/routes.html"),
        ("folder/new.html: index\n", ":1: 'folder/new.html' is still a page - expected the address of a page that is gone"),
        (
            "\nold.html: folder/knew\n",
            ":2: 'old.html' leads to 'folder/knew', which is not a page - expected a page such as treatment/routes - did you mean 'folder/new'?",
        ),
        (
            "old.html: https://example.org\n",
            ":1: 'old.html' leads to 'https://example.org', which is not a page - expected a page such as treatment/routes",
        ),
        ("old.html: index\nold.html: folder/new\n", ":2:1: key 'old.html' again - expected each key once"),
    ],
)
def test_exact_message_for_a_redirect(project: Project, moved: str, message: str) -> None:
    assert said(project, "", moved) == [f"docs/redirects.yaml{message} - run: nox -s html [redirect]"]


def test_renewing_adds_and_never_takes_away(project: Project) -> None:
    said(project, "gone.html\nindex.html\n")
    assert addresses.renewed(project, FACTS).split("\n") == [
        addresses.HEAD.rstrip("\n"),
        "folder/new.html",
        "gone.html",
        "index.html",
        "evidence/ledger.html#claim-some-claim",
        "",
    ]
