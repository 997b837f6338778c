"""The pages of the ledger: a page for each chapter, each once, and one list of all claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketamine_kb.checks import ledger
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.project import Project
from tests.diagrams.examples import claim

FACTS = Knowledge(
    claims={name: claim(name) for name in ("a-b", "c-d")},
    chapters={"brain": ["a-b"], "safety": ["c-d"]},
    retired={},
    sources={},
    statements=[],
)
GOOD = {
    "evidence/ledger": "# L\n\n```{claim-index}\n```\n",
    "evidence/ledger/brain": "# B\n\n```{claim-ledger} brain\n```\n",
    "evidence/ledger/safety": "# S\n\n```{claim-ledger} safety\n```\n",
}
AGAIN = GOOD["evidence/ledger/brain"].partition("\n")[2]


def told(folder: Path, **changed: str) -> list[str]:
    """What is said of the good pages with some changed; a page without text is left out."""
    project = Project(folder)
    for name, text in {**GOOD, **{key.replace("__", "/"): text for key, text in changed.items()}}.items():
        path = project.docs / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        if text:
            path.write_text(text, encoding="utf-8")
    return [str(fault) for fault in ledger.check(project, FACTS)]


def test_a_chapter_is_the_stem_of_its_file() -> None:
    assert FACTS.chapter_of == {"a-b": "brain", "c-d": "safety"}
    assert ledger.page_of("brain") == "evidence/ledger/brain"


def test_pages_that_fit_are_quiet(tmp_path: Path) -> None:
    shown_as_code = "# F\n\n````text\n```{claim-ledger} brain\n```\n````\n"
    assert told(tmp_path, faq=shown_as_code) == []


@pytest.mark.parametrize(
    ("page", "text", "message"),
    [
        (
            "evidence__ledger__brain",
            "# B\n\n```{claim-ledger} brian\n```\n",
            "docs/evidence/ledger/brain.md:3: chapter 'brian' - expected one of brain, safety - did you mean 'brain'? - run: nox -s html "
            "[claim-unknown]",
        ),
        (
            "evidence__ledger__brain",
            "# B\n\n```{claim-ledger}\n```\n",
            "docs/evidence/ledger/brain.md:3: a ledger without a chapter - expected one of brain, safety - run: nox -s html [claim-unknown]",
        ),
        (
            "evidence__ledger__brain",
            "",
            "evidence/claims/brain.yaml: chapter 'brain' without a page in the ledger - expected docs/evidence/ledger/brain.md with the "
            "directive {claim-ledger} brain - run: nox -s html [ledger-page]",
        ),
        (
            "evidence__ledger__brain",
            GOOD["evidence/ledger/brain"] + AGAIN,
            "docs/evidence/ledger/brain.md:6: claims of 'brain' again - expected each once (first in line 3) - run: nox -s html [ledger-page]",
        ),
        (
            "faq",
            GOOD["evidence/ledger/safety"],
            "docs/faq.md:3: claims of 'safety' on this page - expected docs/evidence/ledger/safety.md, where links to claims lead - run: "
            "nox -s html [ledger-page]",
        ),
        (
            "evidence__ledger",
            "# L\n",
            "docs/evidence/ledger.md: no list of all claims - expected the directive {claim-index}, so that every published address of a claim "
            "answers - run: nox -s html [ledger-page]",
        ),
        (
            "evidence__ledger__safety",
            GOOD["evidence/ledger/safety"] + "\n```{claim-index}\n```\n",
            "docs/evidence/ledger/safety.md:6: list of all claims on this page - expected docs/evidence/ledger.md, where links to claims lead "
            "- run: nox -s html [ledger-page]",
        ),
    ],
)
def test_exact_message(tmp_path: Path, page: str, text: str, message: str) -> None:
    assert told(tmp_path, **{page: text}) == [message]


def test_a_chapter_on_another_page_is_told_once(tmp_path: Path) -> None:
    assert told(tmp_path, evidence__ledger__brain="", evidence__ledger__cells=GOOD["evidence/ledger/brain"]) == [
        "docs/evidence/ledger/cells.md:3: claims of 'brain' on this page - expected docs/evidence/ledger/brain.md, where links to claims "
        "lead - run: nox -s html [ledger-page]"
    ]
