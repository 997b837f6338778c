"""Files that pages name: images, downloads, includes. Each exists, with the same capitals, inside the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from ketamine_kb.checks import markdown, targets, tokens
from ketamine_kb.checks.inline import address_fault
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Project

#: Options of directives that name a file.
_OPTIONS = {"csv-table": ("file",), "literalinclude": ("diff",)}
_DIRECTIVES = ("image", "figure", "include", "literalinclude")
_PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp")


def check(project: Project) -> list[Fault]:
    """Every fault of every page."""
    faults: list[Fault] = []
    for page, text in markdown.read_pages(project):
        faults += page_faults(project, page, text)
    return faults


def page_faults(project: Project, page: Path, text: str) -> Iterator[Fault]:
    """Files that one page names and may not, or that do not exist."""
    rows = text.split("\n")
    for words, line, end, kind in _named(text):
        fault = _fault(project, page, words, kind)
        if fault is not None:
            number = next((number for number in range(line, end) if number <= len(rows) and words in rows[number - 1]), line)
            column = rows[number - 1].find(words) + 1
            yield Fault(project.relative(page), number, column, *fault)


def _named(text: str) -> Iterator[tuple[str, int, int, str]]:
    """Every file that a page names: its words, the lines where they stand, and whether it is a picture, a file or a link."""
    for block in tokens.read(text):
        for child in block.parts:
            if child.type == "image":
                yield unquote(str(child.attrGet("src") or "")), block.line, block.end, "picture"
            elif child.type == "link_open":
                href = unquote(str(child.attrGet("href") or "")).partition("#")[0]
                # A page that does not exist is told by Sphinx, with every other target.
                if href and not re.match(r"[a-z][a-z0-9+.-]*:", href, re.IGNORECASE) and not address_fault(href):
                    yield href, block.line, block.end, "link"
            elif child.type == "myst_role" and child.meta.get("name") == "download":
                titled = re.fullmatch(r"(?s).*<([^<>]*)>", child.content)
                yield (titled[1] if titled else child.content).strip(), block.line, block.end, "file"
    for found in tokens.directives(text):
        if found.name in _DIRECTIVES:
            yield found.argument, found.line, found.line + 1, "picture" if found.name in ("image", "figure") else "file"
        for option in _OPTIONS.get(found.name, ()):
            if option in found.options:
                yield found.options[option][0], found.options[option][1], found.options[option][1] + 1, "file"
        if found.name == "csv-table" and "url" in found.options:
            yield found.options["url"][0], found.options["url"][1], found.options["url"][1] + 1, "file"


def _fault(project: Project, page: Path, words: str, kind: str) -> tuple[Code, str, str, str] | None:
    picture = kind == "picture"
    missing = Code.IMAGE_MISSING if picture else Code.FILE_MISSING
    if not words:
        return (missing, "no file named", "the name of a file", "") if picture else None
    if re.match(r"[a-z][a-z0-9+.-]*:|//", words, re.IGNORECASE):
        return Code.PATH_OUTSIDE, f"{words[:80]} from another place", "a file of this project", ""
    base = project.docs if words.startswith("/") else page.parent
    try:
        named = base / words.lstrip("/")
        target = named.resolve()
        exists = target.exists()
    except (OSError, RuntimeError, ValueError):  # a name too long, a loop of links, a NUL byte
        return missing, "a name that no file can have", "a file of this project", ""
    root = project.root.resolve()
    if (
        not target.is_relative_to(root)
        or any(part.startswith(".") for part in target.relative_to(root).parts)
        or target.is_relative_to(project.build.resolve())
    ):
        return Code.PATH_OUTSIDE, f"{words} leads out of the project's sources", "a file in docs/, diagrams/ or evidence/", ""
    if exists and not _same_letters(target, root):
        exists = False  # a file system that does not tell capitals apart
    if not exists:
        if kind == "link" and not re.search(r"\.(?!md$|html?$)\w{1,5}$", words):
            return None
        near = next((name for name in targets.files(project) if name.casefold() == target.relative_to(root).as_posix().casefold()), "")
        near = near or nearest(target.name, [Path(name).name for name in targets.files(project)])
        return missing, f"no file {words}", "a file that exists, with the same capitals", near
    if picture and target.suffix.lower() not in _PICTURES:
        return missing, f"{words} is no picture", "a file " + ", ".join(_PICTURES), ""
    if target.is_file() and not target.stat().st_size:
        return missing, f"the file {words} is empty", "a file with content", ""
    return None


def _same_letters(target: Path, root: Path) -> bool:
    """True when every part of the path is spelt as on the disk."""
    for part in [target, *target.parents]:
        if part == root:
            return True
        if part.name not in {entry.name for entry in part.parent.iterdir()}:
            return False
    return True
