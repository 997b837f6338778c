"""Formulas whose braces, brackets or environments do not close; what their commands mean is for the reader of TeX underneath."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ketamine_kb.checks import markdown, tokens
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Project

_PAIRS = re.compile(r"\\(?P<command>left|right|begin|end)\b\s*(?:\{(?P<name>[^{}]*)\})?|(?P<escaped>\\.)|(?P<brace>[{}])", re.DOTALL)


def check(project: Project) -> list[Fault]:
    """Every fault of every page."""
    faults: list[Fault] = []
    for page, text in markdown.read_pages(project):
        faults += page_faults(text, project.relative(page))
    return faults


def page_faults(text: str, name: str) -> Iterator[Fault]:
    """The formulas of one page, in roles and directives."""
    rows = text.split("\n")
    for block in tokens.read(text):
        for child in block.parts:
            if child.type == "myst_role" and child.meta.get("name") == "math" and (reason := problem(child.content)):
                first = child.content.split("\n")[0]
                line = next((number for number in range(block.line, block.end) if first in rows[number - 1]), block.line)
                column = rows[line - 1].find(first) + 1
                yield Fault(name, line, column, Code.MATHS, f"the formula {child.content[:60]!r}: {reason}", "a formula that parses")
    for found in tokens.directives(text):
        if found.name == "math" and (reason := problem(f"{found.argument} {found.content}")):
            yield Fault(name, found.line, 1, Code.MATHS, f"the formula {found.content.strip()[:60]!r}: {reason}", "a formula that parses")


def problem(formula: str) -> str:
    """Why a formula does not parse, or ``""``."""
    if not formula.strip():
        return "nothing in it"
    if "$" in formula.replace("\\$", ""):
        return "a $ in it"
    open_parts: list[str] = []
    for match in _PAIRS.finditer(formula):
        command, brace = match["command"], match["brace"]
        if command in ("left", "begin") or brace == "{":
            open_parts.append(_sign(match))
        elif command in ("right", "end") or brace == "}":
            wanted = {"right": "\\left", "end": f"\\begin{{{match['name']}}}"}.get(command or "", "{")
            if not open_parts or open_parts[-1] != wanted:
                return f"{match[0].strip()} without {wanted}"
            open_parts.pop()
    if open_parts:
        return f"{open_parts[-1]} is not closed"
    if re.search(r"[\^_]\s*$", formula) or re.search(r"(?<!\\)[\^_]\s*[}&]", formula):
        return "nothing after ^ or _"
    return ""


def _sign(match: re.Match[str]) -> str:
    if match["command"] == "begin":
        return f"\\begin{{{match['name']}}}"
    return "\\left" if match["command"] else "{"
