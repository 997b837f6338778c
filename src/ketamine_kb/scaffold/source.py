"""A new source in the bibliography, with its record from Crossref or PubMed where the network allows."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping

from ketamine_kb.evidence import bibliography
from ketamine_kb.evidence.lookup import Details, describe
from ketamine_kb.evidence.registries import Client, NotFound, Settings, Unanswered, printable
from ketamine_kb.project import Faulty
from ketamine_kb.scaffold.answers import MOST, Answers, fault
from ketamine_kb.scaffold.plan import Plan

FILE = "evidence/references.bib"
_DOI = re.compile(r"10\.\d{4,9}/[!-~]{1,200}")
_PMID = re.compile(r"\d{1,8}")
#: Kinds of record by design, for BibTeX; everything else is an article.
_MISC = frozenset({"label", "regulatory", "guideline", "drug-guide", "manufacturer", "news-report"})


def plan_source(plan: Plan, answers: Answers, settings: Settings, *, online: bool = True) -> str:
    """Add the source that the answers describe; its key.

    :raises Faulty: with everything that is wrong or missing.
    """
    text = plan.read(FILE)
    known = bibliography.load(plan.project).lines
    doi, pmid = _identifier(answers, "doi", _DOI), _identifier(answers, "pmid", _PMID)
    url = answers.text("url", "web address", optional=True) if answers.has("url") else ""
    if not (doi or pmid or url):
        if answers.ask is None:
            answers.missing.append(fault("no --doi, --pmid or --url", "a way for readers to find the source"))
        else:
            said = answers.ask("DOI, or PMID (digits only), or web address: ").strip()
            answers.given["doi" if said.startswith("10.") else "pmid" if said.isdigit() else "url"] = said
            doi, pmid = _identifier(answers, "doi", _DOI), _identifier(answers, "pmid", _PMID)
            url = answers.text("url", "web address", optional=True) if answers.has("url") else ""
    if same := [
        f"{line}: {field} {value}" for field, value in (("doi", doi), ("pmid", pmid)) if value for line in _lines(text, field, value)
    ]:
        raise Faulty([fault(f"the bibliography has this source already, on line {same[0]}", "a source that is new")])
    found = _look_up(doi, pmid, settings) if online else Details()
    title = answers.text("title", "title of the source", default=found.title)
    author = answers.text("author", "authors, as Family, Given and Family, Given; or the issuing body", default=" and ".join(found.authors))
    year = answers.text("year", "year of publication", default=found.year)
    if year and not re.fullmatch(r"(19|20)\d\d", year):
        answers.missing.append(fault(f"--year {year[:20]!r}", "a year such as 2024"))
    journal = answers.text("journal", "journal, book or web site", default=found.journal, optional=True)
    design = answers.word("design", "kind of study", sorted(bibliography.DESIGNS))
    verified = answers.word("verified", "how much of it you have read yourself", bibliography.VERIFIED)
    place = {
        name: answers.text(name, f"{name} of the journal", optional=True) if answers.has(name) else getattr(found, name)
        for name in ("volume", "number", "pages")
    }
    size = answers.text("size", "people studied, in digits", optional=True) if answers.has("size") else ""
    answers.done()
    key = answers.text("key", "key of the source", default=_key(author, year, known))
    if not re.fullmatch(r"[A-Za-z0-9_:-]{1,90}", key):
        raise Faulty([fault(f"--key {key[:60]!r}", "letters, digits, _ : or -, such as zhang2021")])
    if key.lower() in {name.lower() for name in known}:
        raise Faulty([fault(f"the bibliography has a source {key!r} already, on line {known.get(key, 0)}", "a key that is free")])
    misc = design in _MISC
    fields = {
        "howpublished" if misc and ", " not in author else "author": author,
        "title": f"{{{title}}}",
        "howpublished_in" if misc else "journal": journal,
        "year": year,
        **place,
        "pages": re.sub(r"(?<=\w)[-–](?=\w)", "--", place["pages"]),
        "doi": doi or found.doi,
        "pmid": pmid or found.pmid,
        "url": url,
        "size": size,
        "design": design,
        "verified": verified,
    }
    plan.change(FILE, text.rstrip("\n") + "\n\n" + entry("misc" if misc else "article", key, fields))
    if lacking := [name for name, value in {"journal": journal, **place}.items() if not value and not misc]:
        plan.notes.append(f"{FILE} has no {', '.join(lacking)} of {key}: add what the source has.")
    return key


def entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    """A record in the style of the file; empty fields are left out."""
    lines = [f"  {name} = {{{_escaped(value)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"]) + "\n"


def _escaped(value: str) -> str:
    return re.sub(r"(?<!\\)&", r"\\&", value)


def _identifier(answers: Answers, name: str, form: re.Pattern[str]) -> str:
    said = answers.given.get(name)
    if not isinstance(said, str) or not said.strip():
        return ""
    bare = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*|pmid:?\s*)", "", said.strip()[:MOST], flags=re.IGNORECASE)
    if not form.fullmatch(bare) or set(bare) & set('{}\\"%'):
        answers.missing.append(fault(f"--{name} {printable(said[:60])!r}", "10.<registrant>/<suffix>" if name == "doi" else "digits only"))
        return ""
    return bare


def _lines(text: str, field: str, value: str) -> list[int]:
    """The lines of the bibliography that hold this identifier."""
    wanted = re.compile(rf"^\s*{field}\s*=\s*[{{\"]{re.escape(value)}[}}\"]", re.IGNORECASE)
    return [number for number, line in enumerate(text.split("\n"), 1) if wanted.match(line)]


def _look_up(doi: str, pmid: str, settings: Settings) -> Details:
    """What a registry holds; what it does not is asked, and that is said."""
    if not (doi or pmid):
        return Details()
    registry, identifier = ("crossref", doi) if doi else ("pubmed", pmid)
    with Client(settings) as client:
        answer = describe(client, registry, identifier)
    if isinstance(answer, NotFound):
        raise Faulty([fault(f"{identifier}: {answer.reason}", "an identifier that the registry knows")])
    if isinstance(answer, Unanswered):
        sys.stderr.write(f"Not looked up ({answer.reason}): what you type is taken. Later, with a network, run: nox -s sources\n")
        return Details(doi=doi, pmid=pmid)
    sys.stderr.write(f"Found: {answer.title} ({', '.join(answer.authors[:3])}, {answer.year}). Compare it with the paper.\n")
    for warning in answer.warnings:
        sys.stderr.write(f"Take care: {warning}\n")
    return answer


def _key(author: str, year: str, known: Mapping[str, int]) -> str:
    """Family name and year, with a letter where that is taken."""
    family = unicodedata.normalize("NFKD", author.split(",")[0]).encode("ascii", "ignore").decode()
    stem = (re.sub(r"[^A-Za-z]", "", family).lower()[:40] or "source") + year
    taken = {name.lower() for name in known}
    return next(name for name in [stem, *(stem + letter for letter in "abcdefghijklmnopqrstuvwxyz"), ""] if name.lower() not in taken)
