"""The glossary: terms at the margin, each once whatever its capitals, definitions indented below."""

from __future__ import annotations

from collections.abc import Iterator

from ketamine_kb.checks import markdown, tokens
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Project

_SHAPE = "a term at the margin, then its definition indented by two blanks"


def check(project: Project) -> list[Fault]:
    """Every fault of every glossary; terms are compared across pages."""
    faults: list[Fault] = []
    first: dict[str, tuple[str, str]] = {}
    for page, text in markdown.read_pages(project):
        faults += page_faults(text, project.relative(page), first)
    return faults


def page_faults(text: str, name: str, first: dict[str, tuple[str, str]]) -> Iterator[Fault]:
    """Faults of one page's glossaries; adds its terms to ``first``."""
    for found in tokens.directives(text):
        if found.name != "glossary":
            continue
        if found.content.strip():
            yield from _entries(found, name, first)
        else:
            yield Fault(name, found.line, 1, Code.GLOSSARY, "a glossary without terms", _SHAPE)


def _entries(found: tokens.Directive, name: str, first: dict[str, tuple[str, str]]) -> Iterator[Fault]:
    rows = [*found.content.split("\n"), ""]
    open_terms: list[tuple[str, int]] = []
    indent, blank, defined = 0, True, False
    for number, row in enumerate(rows):
        line, word = found.body + number, row.strip()
        if not word:
            blank = True
            continue
        if row[0] not in " \t":
            if word.startswith((".. ", "% ")):
                continue
            if not blank and defined:
                yield Fault(
                    name,
                    line,
                    1,
                    Code.GLOSSARY,
                    f"the term {word[:60]!r} right below a definition",
                    "an empty line before a term, or the definition indented",
                )
            if blank and open_terms:
                yield _undefined(name, open_terms)
                open_terms = []
            if word[:2] in ("- ", "* ", ": ") or word.startswith("#"):
                yield Fault(name, line, 1, Code.GLOSSARY, f"a term that begins with a mark: {word[:60]!r}", _SHAPE)
            elif word.endswith((".", ";")) and len(word) > 25 and open_terms:
                yield Fault(name, line, 1, Code.GLOSSARY, f"a definition that is not indented: {word[:60]!r}", _SHAPE)
                open_terms, defined, indent, blank = [], True, 0, False
                continue
            term = word.split(" : ")[0].strip()
            key = term.casefold()
            if key in first:
                other, place = first[key]
                what = f"the term {term!r} again" if other == term else f"the term {term!r}, which differs from {other!r} only in capitals"
                yield Fault(name, line, 1, Code.GLOSSARY, what, f"each term once (first {place})")
            first.setdefault(key, (term, f"{name}:{line}"))
            open_terms.append((term, line))
            defined, indent = False, 0
        else:
            depth = len(row) - len(row.lstrip())
            if not open_terms and not defined:
                yield Fault(name, line, 1, Code.GLOSSARY, f"an indented term, or a definition without one: {word[:60]!r}", _SHAPE)
                defined = True
            elif not defined and blank:
                yield Fault(
                    name, line, 1, Code.GLOSSARY, f"an empty line between the term {open_terms[-1][0]!r} and its definition", _SHAPE
                )
            elif not defined and depth < 2:
                yield Fault(name, line, 1, Code.GLOSSARY, f"a definition indented by {depth} blank", _SHAPE)
            elif blank and depth == indent and len(word) < 40 and word[-1] not in ".:;" and _deeper(rows, number, depth):
                yield Fault(name, line, 1, Code.GLOSSARY, f"an indented term: {word!r}", _SHAPE)
            elif indent and 0 < depth < indent:
                yield Fault(name, line, 1, Code.GLOSSARY, f"a line of a definition indented by {depth} instead of {indent} blanks", _SHAPE)
            indent, defined, open_terms = indent or depth, True, []
        blank = False
    if open_terms:
        yield _undefined(name, open_terms)


def _deeper(rows: list[str], number: int, depth: int) -> bool:
    """True when the next row is indented more, as a definition below a term."""
    following = rows[number + 1]
    return (
        bool(following.strip())
        and len(following) - len(following.lstrip()) > depth
        and not rows[number].lstrip().startswith(("-", "*", "`"))
    )


def _undefined(name: str, terms: list[tuple[str, int]]) -> Fault:
    term, line = terms[-1]
    return Fault(name, line, 1, Code.GLOSSARY, f"the term {term[:60]!r} without a definition", _SHAPE)
