"""Checks of the page sources: encoding, front matter, citations, fences, filler words, files they name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from ketamine_kb import plain_yaml
from ketamine_kb.checks import markdown, tokens
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project

AUDIENCES = ("patient", "family", "clinician", "student", "contributor")
KEYS = ("description", "audience", "evidence_checked", "review_by", "clinical_reviewers")
DESCRIPTION_LENGTH = (50, 160)

_CITE = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`")
_FILLER = re.compile(
    r"lorem ipsum|dolor sit amet|\bTODO\b|\bFIXME\b|\bXXX\b|coming soon|to be written|placeholder text|customer retention",
    re.IGNORECASE,
)
#: Words that sell, and marks that only an owner of a brand needs.
_PROMOTION = re.compile(
    r"\b(?:book (?:a|an|your) (?:visit|session|consultation|appointment)|call us|contact us today|free consultation|special offer|discount|"
    r"our (?:clinic|therapists|doctors|treatments?)|cutting[- ]edge|state[- ]of[- ]the[- ]art|revolutionary|miracle|game[- ]chang\w+|"
    r"life[- ]changing|world[- ]class|transform your life|healing journey|ground[- ]?breaking)\b|[®™]",
    re.IGNORECASE,
)
_HTML = re.compile(
    r"(?<!\\)</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|<!--|<!\[CDATA\[|<!(?=[A-Za-z])|<\?|^\s*</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?$"
)
_PROMPT = re.compile(r"\s*>>>(?!>)")
_SKIPPED = re.compile(r"#\s*doctest:.*\+SKIP\b.*|^\s*:skipif:.*|^\s*:pyversion:.*|^\s*:options:.*\+SKIP\b.*")
_AUTOLINK = re.compile(r"<(?:https?|mailto|tel):[^<>\s]+>")
#: Fences that look as if they did something but are only shown.
_PLAIN = {"mermaid": "```{mermaid} with a file of diagrams/", "doctest": "```{doctest}"}


def check(project: Project, citation_keys: Iterable[str]) -> list[Fault]:
    """Every fault of every page, in reading order."""
    keys = frozenset(citation_keys)
    faults: list[Fault] = []
    for page in project.pages():
        try:
            text = project.read(page)
        except Faulty as error:
            faults += error.faults
            continue
        name = project.relative(page)
        faults += front_matter_faults(text, name)
        faults += body_faults(text, name, keys)
    return faults


def citations(text: str) -> list[str]:
    """Every key cited in the text of a page, in order, with repeats."""
    return [key.strip() for line in markdown.lines(text) for match in _CITE.finditer(line.prose) for key in match[1].split(",")]


def front_matter_faults(text: str, name: str) -> list[Fault]:
    """What is wrong with a page's front matter."""

    def fault(line: int, found: str, expected: str, near: str = "") -> Fault:
        return Fault(name, line, 0, Code.FRONT_MATTER, found, expected, near)

    matter = markdown.front_matter(text)
    wanted = "front matter between two lines `---` with " + ", ".join(KEYS)
    if matter is None:
        return [fault(1, "no front matter, or it is not closed", wanted)]
    try:
        document = plain_yaml.read(matter[0], name, Code.FRONT_MATTER, first=2)
    except Faulty as error:
        return error.faults
    data = document.data
    if not isinstance(data, dict):
        return [fault(1, "front matter that is not a mapping", wanted)]

    where = {str(key): document.place([str(key)])[0] for key in data}
    faults = [
        fault(where[str(key)], f"unknown key {key!r}", "one of " + ", ".join(KEYS), nearest(str(key), KEYS))
        for key in data
        if key not in KEYS
    ]
    faults += [fault(1, f"no {key!r}", f"{key!r} in the front matter") for key in KEYS if key not in data]
    if faults:
        return faults

    low, high = DESCRIPTION_LENGTH
    description = data["description"]
    if not (isinstance(description, str) and low <= len(description) <= high):
        size = len(description) if isinstance(description, str) else 0
        faults.append(fault(where["description"], f"a description of {size} characters", f"one sentence of {low} to {high} characters"))
    audience = data["audience"]
    if not (isinstance(audience, list) and audience and all(isinstance(word, str) for word in audience)):
        faults.append(fault(where["audience"], f"audience {audience!r}", "a list of " + ", ".join(AUDIENCES)))
    else:
        faults += [
            fault(where["audience"], f"audience {word!r}", "one of " + ", ".join(AUDIENCES), nearest(word, AUDIENCES))
            for word in audience
            if word not in AUDIENCES
        ]
    for key in ("evidence_checked", "review_by"):
        if not isinstance(data[key], dt.date) or isinstance(data[key], dt.datetime):
            faults.append(fault(where[key], f"{key}: {data[key]!r}", "a date as YYYY-MM-DD"))
    if not faults and data["review_by"] <= data["evidence_checked"]:
        faults.append(fault(where["review_by"], f"review_by {data['review_by']}", "a date after evidence_checked"))
    reviewers = data["clinical_reviewers"]
    if not (isinstance(reviewers, list) and all(isinstance(person, str) and person.strip() for person in reviewers)):
        faults.append(
            fault(where["clinical_reviewers"], f"clinical_reviewers: {reviewers!r}", "a list of names, [] when nobody has signed")
        )
    return faults


def body_faults(text: str, name: str, keys: frozenset[str]) -> list[Fault]:
    """What is wrong in the body of a page."""
    faults: list[Fault] = []
    opened: set[str] = set()
    for line in markdown.lines(text):
        if line.fence == "front-matter":
            continue
        if markdown.directive(line.fence) in ("doctest", "testcode") and (skip := _SKIPPED.search(line.text)):
            found = f"an example that is never run: {skip[0].strip()}"
            faults.append(
                Fault(name, line.number, skip.start() + 1, Code.DOCTEST_NOT_RUN, found, "examples that run", run="nox -s doctest")
            )
        if line.opens is not None and (word := line.opens.split(" ")[0].lower()) in _PLAIN:
            found = f"a plain ```{line.opens} fence, which is only shown as source"
            faults.append(Fault(name, line.number, 1, Code.PLAIN_FENCE, found, _PLAIN[word]))
        if line.opens is not None and markdown.directive(line.opens) in ("raw", "eval-rst"):
            faults.append(Fault(name, line.number, 1, Code.RAW_HTML, f"a {line.opens} block", "MyST, which prints too"))
        if _PROMPT.match(line.text) and markdown.directive(line.fence) != "doctest":
            found = "a >>> prompt in a block that is never run" if line.code else "a >>> prompt outside a block, which is never run"
            faults.append(Fault(name, line.number, 1, Code.PLAIN_FENCE, found, "```{doctest}", run="nox -s doctest"))
        if line.code:
            continue
        prose = line.prose
        for match in _CITE.finditer(prose):
            for key in (part.strip() for part in match[1].split(",")):
                if key not in keys:
                    found = f"unknown citation key {key!r}" if key else "an empty citation key"
                    expected = "a key of evidence/references.bib"
                    faults.append(Fault(name, line.number, match.start() + 1, Code.CITATION_UNKNOWN, found, expected, nearest(key, keys)))
        if filler := _FILLER.search(prose):
            faults.append(Fault(name, line.number, filler.start() + 1, Code.PLACEHOLDER, f"{filler[0]!r}", "finished text"))
        if selling := _PROMOTION.search(prose):
            expected = "plain words, and a brand only to identify an approved product"
            faults.append(Fault(name, line.number, selling.start() + 1, Code.PROMOTION, f"{selling[0]!r}", expected))
        if html := _HTML.search(_AUTOLINK.sub(lambda match: " " * len(match[0]), _without_roles(prose))):
            tag = re.match(r"</?([\w-]+)", html[0].strip())
            # The end of an element that was told where it begins is the same fault.
            if not (tag and "</" in html[0] and tag[1].lower() in opened):
                faults.append(Fault(name, line.number, html.start() + 1, Code.RAW_HTML, f"raw HTML {html[0]!r}", "MyST, which prints too"))
            opened |= {tag[1].lower()} if tag else set()
    return faults + _without_prompt(text, name)


def _without_prompt(text: str, name: str) -> list[Fault]:
    """Blocks of examples without an example."""
    return [
        Fault(
            name,
            found.line,
            1,
            Code.DOCTEST_NOT_RUN,
            "a {doctest} block without a >>> prompt",
            "an example that runs",
            run="nox -s doctest",
        )
        for found in tokens.directives(text)
        if found.name == "doctest" and not re.search(r"^\s*>>> \S", found.content, re.MULTILINE)
    ]


def _without_roles(prose: str) -> str:
    """Blank out roles, whose ``text <target>`` form is not HTML."""
    return re.sub(r"\{[\w:+-]+\}`[^`]*`", lambda match: " " * len(match[0]), prose)


def uncited(project: Project, citation_lines: dict[str, int], bibliography: str, by_claims: Iterable[str] = ()) -> list[Fault]:
    """Sources that neither a page nor a claim cites.

    :param by_claims: keys of the sources that claims use.
    """
    cited = set(by_claims)
    for page in project.pages():
        cited |= set(citations(project.read(page)))
    return [
        Fault(bibliography, line, 0, Code.SOURCE_UNCITED, f"{key!r} is cited nowhere", "a page or a claim that cites it")
        for key, line in citation_lines.items()
        if key not in cited
    ]


def runnable_blocks(project: Project) -> int:
    """How many ``{doctest}`` blocks the pages hold."""
    return sum(
        1
        for page in project.pages()
        for line in markdown.lines(project.read(page))
        if line.opens is not None and markdown.directive(line.opens) in ("doctest", "testcode")
    )
