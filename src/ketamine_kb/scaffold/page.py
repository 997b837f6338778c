"""A new page of a chapter, made from claims that exist."""

from __future__ import annotations

import datetime as dt
import json

from ketamine_kb.checks.claims import CHAPTERS
from ketamine_kb.checks.sources import AUDIENCES, DESCRIPTION_LENGTH
from ketamine_kb.evidence import load
from ketamine_kb.messages import nearest
from ketamine_kb.project import Faulty
from ketamine_kb.scaffold import insert
from ketamine_kb.scaffold.answers import Answers, fault
from ketamine_kb.scaffold.claim import _in_a_year, marked
from ketamine_kb.scaffold.plan import Plan


def plan_page(plan: Plan, answers: Answers, today: dt.date) -> str:
    """Add the page that the answers describe and name it in its chapter's table of contents; its path.

    :raises Faulty: with everything that is wrong or missing.
    """
    chapters = sorted(path.parent.name for path in plan.project.docs.glob("*/index.md") if path.parent.name != "contribute")
    chapter = answers.word("chapter", "chapter", chapters)
    name = answers.slug("name", "name of the file, without .md")
    title = answers.text("title", "title of the page", least=5)
    low, high = DESCRIPTION_LENGTH
    description = answers.text("description", f"one sentence of {low} to {high} characters for search engines", least=low)
    audience = answers.words("audience", "who it is for", AUDIENCES, default="patient,family,clinician,student")
    unknown = answers.text("not-known", "what is not known, in a sentence", least=15)
    identifiers = answers.several("claim")
    if not identifiers and answers.ask is not None:
        identifiers = [part.strip() for part in answers.ask("claims that the page rests on (ids with commas): ").split(",") if part.strip()]
    if not identifiers:
        answers.missing.append(fault("no --claim", "at least one claim that the page rests on; may stand several times"))
    answers.done()
    facts = load.load(plan.project)
    wrong = [identifier for identifier in identifiers if identifier not in facts.claims]
    if wrong:
        raise Faulty(
            [fault(f"no claim {word[:80]!r}", "the id of a claim in evidence/claims/", nearest(word[:100], facts.claims)) for word in wrong]
        )
    claims = [facts.claims[identifier] for identifier in dict.fromkeys(identifiers)]
    path = f"docs/{chapter}/{name}.md"
    supports = {
        claim.id: next((item.source for item in claim.evidence if item.relation == "supports"), claim.sources[0]) for claim in claims
    }
    plan.add(
        path,
        "\n".join(
            [
                "---",
                f"description: {json.dumps(description, ensure_ascii=False)}",
                f"audience: [{', '.join(audience)}]",
                f"evidence_checked: {today}",
                f"review_by: {_in_a_year(today)}",
                "clinical_reviewers: []",
                "---",
                "",
                f"# {title}",
                "",
                "## In plain words",
                "",
                *(marked(claim.plain, supports[claim.id], claim.id) for claim in claims),
                "",
                "## What was found",
                "",
                *(line for claim in claims for line in (marked(claim.statement, supports[claim.id], claim.id), "")),
                "## What is not known",
                "",
                unknown.rstrip(". ") + ".",
            ]
        )
        + "\n",
    )
    index = f"docs/{chapter}/index.md"
    plan.change(index, insert.into_contents(plan.read(index), index, name))
    if chapter in CHAPTERS:
        plan.notes.append(f"Also add a row to the table of questions in {index}, so that readers of the chapter find the page.")
    return path
