"""A new claim, with a new source where it needs one, cited on a page."""

from __future__ import annotations

import datetime as dt
import re
from typing import get_args

from ketamine_kb.evidence import bibliography
from ketamine_kb.evidence.model import Certainty, Kind, Relation, Species
from ketamine_kb.evidence.registries import Settings
from ketamine_kb.project import Faulty, Project
from ketamine_kb.scaffold import insert
from ketamine_kb.scaffold.answers import Answers, fault
from ketamine_kb.scaffold.plan import Plan
from ketamine_kb.scaffold.source import plan_source

SPECIES: tuple[str, ...] = get_args(Species)
#: Where the next sentence begins.
_NEXT = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def plan_claim(plan: Plan, answers: Answers, today: dt.date, settings: Settings, *, online: bool = True) -> str:
    """Add the claim that the answers describe; its id.

    :raises Faulty: with everything that is wrong or missing.
    """
    chapters = sorted(path.stem for path in (plan.project.evidence / "claims").glob("*.yaml"))
    chapter = answers.word("chapter", "chapter", chapters)
    identifier = answers.slug("id", "id of the claim, which never changes")
    kind = answers.word("kind", "kind", get_args(Kind))
    statement = answers.text("statement", "one exact sentence, hedged as the evidence is", least=15)
    plain = answers.text("plain", "the same in plain words", least=15)
    certainty = answers.word("certainty", "how sure", get_args(Certainty))
    species = answers.words("shown-in", "shown in", SPECIES)
    fresh = any(answers.has(name) for name in ("doi", "pmid", "url"))
    about = "key of the source" if answers.ask is None else "key of the source, or nothing for a new source"
    source = "" if fresh else answers.text("source", about, optional=answers.ask is not None)
    relation = answers.word("relation", "how the finding bears on the claim", get_args(Relation), default="supports")
    found_in = answers.words("finding-in", "the finding was shown in", SPECIES, default=",".join(species))
    finding = answers.text("finding", "what the source found, in your own words, with its numbers", least=15)
    reviewed, due = _dates(answers, today)
    answers.done()
    if source and source not in bibliography.load(plan.project).lines:
        raise Faulty([fault(f"no source {source!r}", "a key of evidence/references.bib, or --doi or --pmid of a new source")])
    key = source or plan_source(plan, answers, settings, online=online)
    entry = {
        "id": identifier,
        "kind": kind,
        "statement": statement,
        "plain": plain,
        "certainty": certainty,
        "shown_in": species,
        "evidence": [{"source": key, "relation": relation, "shown_in": found_in, "finding": finding}],
        "reviewed": reviewed,
        "review_by": due,
    }
    name = f"evidence/claims/{chapter}.yaml"
    text = plan.read(name)
    plan.change(name, insert.into_list(text, name, "claims", entry))
    cite_on(plan, answers, marked(statement, key, identifier))
    return identifier


def sentence(words: str, key: str) -> str:
    """A sentence with its source right before the full stop."""
    return f"{words.rstrip('. ')} {{cite:p}}`{key}`."


def marked(words: str, key: str, identifier: str) -> str:
    """One or more sentences, each with its source and the mark of its claim: a sentence without one counts as a fact without evidence."""
    return " ".join(f"{sentence(part, key)} {{claim}}`{identifier}`" for part in _NEXT.split(words))


def cite_on(plan: Plan, answers: Answers, line: str) -> None:
    """Show something on the page that the answers name, if they name one."""
    if not answers.has("cite-on") and answers.ask is None:
        return
    said = answers.text("cite-on", "page that shows it, such as docs/mechanism/nmda.md", optional=True)
    if not said:
        answers.done()
        return
    name = page_name(plan.project, said)
    text = plan.read(name)
    heading = answers.text("under", "heading on that page: " + "; ".join(insert.headings(text)))
    answers.done()
    plan.change(name, insert.under(text, name, heading, [line]))


def page_name(project: Project, said: str) -> str:
    """The path of a page that exists, from what somebody typed.

    :raises Faulty: when it is no page of the project.
    """
    path = (project.root / said).resolve()
    pages = {project.relative(page): page for page in project.pages()}
    name = project.relative(path)
    if name not in pages or not path.is_relative_to(project.docs.resolve()):
        raise Faulty([fault(f"no page {said[:80]!r}", "a page in docs/, such as docs/mechanism/nmda.md")])
    return name


def _dates(answers: Answers, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """The day of the comparison with the sources, and when it is due again: a year later unless said."""
    found: list[dt.date | None] = []
    for name, usual in (("reviewed", today), ("review-by", _in_a_year(today))):
        said = answers.given.get(name)
        try:
            if isinstance(said, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", said):
                raise ValueError
            found.append(dt.date.fromisoformat(said) if isinstance(said, str) else usual)
        except ValueError:
            answers.missing.append(fault(f"--{name} {str(said)[:40]!r}", "a date as YYYY-MM-DD"))
            found.append(None)
    return found[0], found[1]


def _in_a_year(day: dt.date) -> dt.date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
