"""The directives of the ledger in a small project, and what makes a page be written again."""

from __future__ import annotations

from pathlib import Path

from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.sphinxext.claims import ClaimDomain
from ketamine_kb.sphinxext.ledger import counted
from tests.diagrams.examples import claim
from tests.faults.test_underneath import build


def test_an_unknown_chapter_is_told_where_it_is_named(tmp_path: Path) -> None:
    run = build(tmp_path, {"index": "# T\n\n```{claim-ledger} brian\n```\n\n```{claim-ledger}\n```\n"})
    known = "one of brain, mechanism, networks, safety, treatment"
    assert [line for line in run.err.splitlines() if line] == [
        f"index.md:3: chapter 'brian' - expected {known} - did you mean 'brain'? - run: nox -s html [claim-unknown]",
        f"index.md:6: a ledger without a chapter - expected {known} - run: nox -s html [claim-unknown]",
    ]


def test_a_claim_that_moves_to_another_chapter_changes_the_pages_that_show_it() -> None:
    def digest(chapter: str) -> str:
        domain = ClaimDomain.__new__(ClaimDomain)
        domain.knowledge = Knowledge(claims={"a": claim("a")}, chapters={chapter: ["a"]}, retired={}, sources={}, statements=[])
        assert domain.entry_page("a") == f"evidence/ledger/{chapter}"
        return domain.digest(["a"])

    assert digest("brain") == digest("brain") != digest("safety")


def test_one_claim_is_not_many() -> None:
    assert [counted(["a"]), counted(["a", "b"])] == ["1 claim", "2 claims"]
