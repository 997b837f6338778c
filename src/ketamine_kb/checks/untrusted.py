"""What a contributor may send: no links out of the tree, no kind of file that would be read or published unchecked, no endless nesting."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ketamine_kb.checks import markdown
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Project

#: Kinds that a browser would run, or that Sphinx would read as a page past the checks of the pages.
_REFUSED = frozenset(".rst .rest .txt .html .htm .xhtml .shtml .xml .xsl .svgz .ipynb .po .mo .php".split())
#: Lists that our own code reads line by line.
_LISTS = frozenset({("docs", "addresses.txt"), ("docs", "contribute", "message-examples.txt")})
#: Folders of the machinery below ``docs/``, read by a reviewer as code is.
_TEMPLATES = ("_templates",)
_FENCE = re.compile(r"[ \t>*+.)0-9-]*(?:`{3,}|~{3,})[ \t]*(?P<info>\S?)")
#: Deepest nesting of fences. The parser of Markdown calls itself for each, and Python stops at some hundreds of calls.
MAX_FENCES = 20


def check(project: Project) -> list[Fault]:
    """Every file of ``docs/``, ``diagrams/`` and ``evidence/`` that must not be there, and pages nested too deep, sorted by place."""
    faults: list[Fault] = []
    for folder in (project.docs, project.diagrams, project.evidence):
        # Links are told, never followed.
        for at, folders, files in os.walk(folder, followlinks=False):
            faults += [fault for name in sorted([*folders, *files]) if (fault := _fault(project, Path(at) / name)) is not None]
    return sorted(faults or nested(project))


def nested(project: Project) -> list[Fault]:
    """Pages with more fences inside each other than any text needs."""
    faults = []
    for page, text in markdown.read_pages(project):
        depth = 0
        for number, line in enumerate(text.split("\n"), start=1):
            if fence := _FENCE.match(line):
                depth = depth + 1 if fence["info"] else max(0, depth - 1)
                if depth > MAX_FENCES:
                    found, expected = f"{depth} fences inside each other", f"at most {MAX_FENCES}, each closed"
                    faults.append(Fault(project.relative(page), number, 0, Code.NOT_ALLOWED, found, expected))
                    break
    return faults


def _fault(project: Project, path: Path) -> Fault | None:
    name = path.relative_to(project.root).as_posix()
    if path.is_symlink():
        return Fault(name, 0, 0, Code.PATH_OUTSIDE, "a link to another place", "the file itself")
    if path.is_dir():
        return None
    if not path.is_file():
        return Fault(name, 0, 0, Code.NOT_A_SOURCE, "neither a file nor a folder", "an ordinary file")
    parts = path.relative_to(project.root).parts
    if parts[0] != "docs" or parts in _LISTS:
        return None
    kind = path.suffix.lower()
    if kind in _REFUSED and not (len(parts) > 2 and parts[1] in _TEMPLATES):
        return Fault(name, 0, 0, Code.NOT_A_SOURCE, f"a {kind} file", "a page in MyST Markdown (.md)")
    if kind in (".md", ".markdown") and (path.suffix != ".md" or path.name.startswith("_")):
        return Fault(name, 0, 0, Code.NOT_A_SOURCE, "a page that would never be shown", "a name that ends in .md and begins with a letter")
    return None
