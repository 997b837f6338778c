"""What a link could have meant: pages, headings and files of the project, in the words an author would write."""

from __future__ import annotations

import re
from functools import lru_cache

from ketamine_kb.checks import markdown
from ketamine_kb.project import Faulty, Project

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
_ROLE = re.compile(r"\{[\w:+-]+\}`([^`]*)`")
_KEY = re.compile(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)
#: Files that a page may show or offer.
SHOWN = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".mmd", ".yaml", ".bib", ".txt", ".csv", ".md")


def slug(heading: str) -> str:
    """The anchor that MyST gives a heading (as on GitHub)."""
    bare = _ROLE.sub(lambda match: match[1], heading).strip().lower().replace(" ", "-")
    return re.sub(r"[^\w\u4e00-\u9fff\- ]", "", bare)


def anchors(project: Project, page: str) -> list[str]:
    """The anchors of one page's headings."""
    path = project.docs / f"{page.removesuffix('.md')}.md"
    try:
        return sorted(
            {slug(match[1]) for line in markdown.lines(project.read(path)) if not line.code and (match := _HEADING.match(line.text))}
        )
    except Faulty:
        return []


@lru_cache(maxsize=4)
def links(project: Project) -> tuple[str, ...]:
    """Every page as a link from the top and by its own name."""
    found: set[str] = set()
    for page in project.pages():
        name = page.relative_to(project.docs).as_posix()
        found |= {name, f"../{name}", page.name}
    return tuple(sorted(found))


def files(project: Project) -> list[str]:
    """Every file that a page could show, relative to the pages and to the project."""
    found: set[str] = set()
    for folder in (project.docs, project.diagrams):
        for path in folder.rglob("*"):
            if path.suffix.lower() in SHOWN and path.is_file():
                found |= {path.relative_to(project.root).as_posix(), path.relative_to(folder).as_posix(), path.name}
    return sorted(found)


def keys(project: Project) -> list[str]:
    """The keys of the bibliography, read lightly."""
    try:
        return sorted(set(_KEY.findall(project.read(project.evidence / "references.bib"))))
    except Faulty:
        return []
