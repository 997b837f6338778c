"""Diagrams on pages: each file exists and is shown, no option makes its forms disagree, and a mechanism stands with its evidence."""

from __future__ import annotations

import re
from pathlib import Path

from ketamine_kb.checks import markdown
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project

#: How a source says that it is an orientation and no mechanism.
ORIENTATION = re.compile(r"^[^\S\n]*%%[^\S\n]*kind:[^\S\n]*orientation[^\S\n]*$", re.MULTILINE)


def check(project: Project) -> list[Fault]:
    """Every fault of every page's diagrams, and diagrams that no page shows."""
    faults: list[Fault] = []
    shown: set[Path] = set()
    for page in project.pages():
        try:
            text = project.read(page)
        except Faulty:  # told by the checks of the pages
            continue
        faults += diagram_faults(project, page, text, shown)
        faults += untabled(project, page, text)
    for source in sorted(project.diagrams.glob("*.mmd")):
        if source.resolve() not in shown:
            expected = "a page that shows it with the {mermaid} directive"
            faults.append(Fault(project.relative(source), 1, 0, Code.DIAGRAM_UNUSED, "no page shows this diagram", expected))
    return faults


def diagram_faults(project: Project, page: Path, text: str, shown: set[Path]) -> list[Fault]:
    """Faults of ``{mermaid}`` directives; adds the files they show to ``shown``."""
    faults: list[Fault] = []
    name = project.relative(page)
    known = [project.relative(path) for path in sorted(project.diagrams.glob("*.mmd"))]
    inside: markdown.Line | None = None
    for line in markdown.lines(text):
        if line.opens is not None and markdown.directive(line.opens) == "mermaid":
            inside = line
            argument = line.opens.removeprefix("{mermaid}").strip()
            if not argument:
                found, expected = "a diagram typed into the page", "the file of a diagram as the directive's argument"
                faults.append(Fault(name, line.number, 1, Code.FILE_MISSING, found, expected))
                continue
            base = project.docs if argument.startswith("/") else page.parent
            try:
                target = (base / argument.removeprefix("/")).resolve()
                exists = target.is_file()
            except (OSError, RuntimeError, ValueError):  # a name too long, a loop of links, a NUL byte
                faults.append(Fault(name, line.number, 1, Code.FILE_MISSING, "a name that no file can have", "a file in diagrams/"))
                continue
            if not target.is_relative_to(project.diagrams.resolve()):
                faults.append(Fault(name, line.number, 1, Code.PATH_OUTSIDE, argument, "a file in diagrams/"))
            elif not exists:
                near = nearest(f"diagrams/{target.name}", known)
                faults.append(Fault(name, line.number, 1, Code.FILE_MISSING, f"no file {argument}", "a file in diagrams/", near))
            else:
                shown.add(target)
        elif inside is not None and line.fence == inside.opens:
            option = re.match(r"\s*:(config|title|zoom|alt):", line.text)
            if option:
                reason = {
                    "config": "no :config:, the look comes from the palette",
                    "title": "no :title:, the title is accTitle in the source",
                    "zoom": "no :zoom:, it needs a script from another host",
                    "alt": "no :alt:, the description is accDescr in the source",
                }[option[1]]
                faults.append(Fault(name, line.number, 1, Code.DIAGRAM_OPTION, f"option :{option[1]}:", reason))
    return faults


def untabled(project: Project, page: Path, text: str) -> list[Fault]:
    """Mechanisms that a page shows without the table of their evidence.

    A handout has no room for it and names its sources itself; the home page leads to the page with the table.
    """
    if page.is_relative_to(project.docs / "handouts") or page == project.docs / "index.md":
        return []
    folder = project.diagrams.resolve()
    sources = {path.stem: path for path in project.diagrams.glob("*.mmd") if path.resolve().is_relative_to(folder)}
    named: dict[str, dict[str, int]] = {"mermaid": {}, "diagram-evidence": {}}
    for line in markdown.lines(text):
        if line.opens is not None and (name := markdown.directive(line.opens)) in named:
            stem = line.opens.rpartition("/")[2].removesuffix(".mmd").strip()
            named[name].setdefault(stem, line.number)
    faults: list[Fault] = []
    for stem, number in named["mermaid"].items():
        source = sources.get(stem)
        if source is not None and stem not in named["diagram-evidence"] and not ORIENTATION.search(project.read(source)):
            found = f"the mechanism {stem} without the table of its evidence"
            expected = f"```{{diagram-evidence}} with the same file, {project.relative(source)}, on this page"
            faults.append(Fault(project.relative(page), number, 1, Code.DIAGRAM_TABLE, found, expected))
    return faults
