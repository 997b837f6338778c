"""A light reading of MyST text: front matter, fences and prose, each with its lines.

It does not parse Markdown; it tells prose from code so that checks do not report what is only shown as an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ketamine_kb.project import Faulty, Project

#: The page with the glossary, below the folder of the pages.
GLOSSARY = "reference/glossary.md"
_FENCE = re.compile(r"^(?P<indent>(?:\s|>|[-*+]\s|\d{1,9}[.)]\s)*)(?P<marks>`{3,}|~{3,})\s*(?P<info>.*?)\s*$")
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page.

    :param number: from 1.
    :param text: without the line end.
    :param fence: the info string of the innermost code or directive fence around it, or ``""``.
    :param code: True inside a fence whose content is shown or run as is.
    :param opens: the info string when this line opens a fence.
    """

    number: int
    text: str
    fence: str
    code: bool
    opens: str | None = None

    @property
    def prose(self) -> str:
        """The text with inline code blanked out; roles keep their content."""
        return "" if self.code else _without_code(self.text)


def _without_code(text: str) -> str:
    """``text`` with inline code blanked out; as in CommonMark, a run of backticks ends at the next run as long."""
    runs = [match.span() for match in _TICKS.finditer(text)]
    following: dict[int, int] = {}
    closing = [-1] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        size = runs[number][1] - runs[number][0]
        closing[number] = following.get(size, -1)
        following[size] = number
    kept, end, number = "", 0, 0
    while number < len(runs):
        if (last := closing[number]) < 0:
            number += 1
            continue
        start, stop = runs[number][0], runs[last][1]
        role = start > 0 and text[start - 1] == "}"
        kept += text[end:start] + (text[start:stop] if role else " " * (stop - start))
        end, number = stop, last + 1
    return kept + text[end:]


#: Directives whose content is prose, so that checks must look inside.
_PROSE_DIRECTIVES = frozenset(
    "note important warning tip hint caution danger attention seealso admonition list-table table glossary grid "
    "grid-item grid-item-card card figure epigraph dropdown tab-set tab-item topic sidebar container".split()
)


def is_prose(name: str) -> bool:
    """True for a directive whose content is prose."""
    return name in _PROSE_DIRECTIVES


def read_pages(project: Project) -> Iterator[tuple[Path, str]]:
    """Every page with its text, in order, without those that cannot be read: the checks of characters tell them."""
    for page in project.pages():
        try:
            yield page, project.read(page)
        except Faulty:
            continue


def front_matter(text: str) -> tuple[str, int] | None:
    """The YAML between the opening and closing ``---`` and the number of lines it takes, or None."""
    lines = text.split("\n")
    if not lines or lines[0].rstrip() != "---":
        return None
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number]), number + 1
    return None


def glossary_terms(project: Project) -> list[str]:
    """Every term of the glossary, as written there; none where the project has no glossary."""
    path = project.docs / GLOSSARY
    if not path.exists():
        return []
    return [
        line.text.strip()
        for line in lines(project.read(path))
        if directive(line.fence) == "glossary" and line.opens is None and re.match(r"[^\s:`]", line.text)
    ]


def directive(info: str) -> str:
    """The directive's name in an info string such as ``{mermaid} file``, or ``""``."""
    match = re.match(r"^\{([\w:-]+)\}", info)
    return match[1] if match else ""


def lines(text: str) -> list[Line]:
    """Every line of a page with what it stands in."""
    found: list[Line] = []
    matter = front_matter(text)
    skip = matter[1] if matter else 0
    stack: list[tuple[str, str, bool]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if number <= skip:
            found.append(Line(number, line, "front-matter", True))
            continue
        fence = _FENCE.match(line)
        info, code = (stack[-1][1], stack[-1][2]) if stack else ("", False)
        if fence:
            marks = fence["marks"]
            if stack and not fence["info"] and marks[0] == stack[-1][0][0] and len(marks) >= len(stack[-1][0]):
                stack.pop()
                found.append(Line(number, line, info, True))
                continue
            if not code and not (marks[0] == "`" and "`" in fence["info"]):
                name = directive(fence["info"])
                stack.append((marks, fence["info"], name not in _PROSE_DIRECTIVES))
                found.append(Line(number, line, info, True, opens=fence["info"]))
                continue
        found.append(Line(number, line, info, code))
    return found
