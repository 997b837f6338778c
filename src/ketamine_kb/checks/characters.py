"""Characters and lines that no source may hold: markers of a merge, characters that nobody sees, wrong encodings, tabs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ketamine_kb.checks import markdown
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, Project

#: Other sources than pages that people edit by hand.
SOURCES = ("evidence/*.bib", "evidence/**/*.yaml", "diagrams/*.mmd", "docs/*.yaml", "docs/conf.py")
#: Characters without a shape of their own, with what they do.
_HIDDEN = {
    **dict.fromkeys("\u200b\u2060\ufeff\u180e\u034f\u115f\u1160\u3164\uffa0\u2061\u2062\u2063\u2064", "which nobody sees"),
    **dict.fromkeys("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "which changes the order of the text"),
    **dict.fromkeys("\u2028\u2029\x0b\x0c\x85", "which breaks the line"),
    **dict.fromkeys("\ufff9\ufffa\ufffb", "which nobody sees"),
    "\ufffd": "which stands for a letter that was lost",
}
_NAMES = {"\x0b": "LINE TABULATION", "\x0c": "FORM FEED", "\x85": "NEXT LINE", "\x00": "NULL"}
_BLANKS = "\u00a0\u202f\u2007"
_SUSPECT = re.compile(
    "["
    + "".join(map(re.escape, _HIDDEN))
    + _BLANKS
    + "\u00ad\u200c\u200d\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ue000-\uf8ff\U000e0000-\U000e007f]"
)
_MOJIBAKE = re.compile(
    "[\u00c2-\u00c5\u00ce\u00cf\u00e2][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152"
    "\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]{1,2}"
)
_MIXED = re.compile(r"(?=\w*[A-Za-z])(?=\w*[\u0400-\u04ff])\w+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_MARKER = re.compile(r"^(?:<{7}|>{7}|\|{7})(?:\s|$)|^={7}$")
#: Where a blank must be a plain one: indentation, after the mark of a heading or a list item, around fences and roles.
_STRUCTURE = re.compile(r"^(?P<lead>\s*(?:#{1,6}|[-*+>]|\d{1,9}[.)]|`{3,}|~{3,}|\|)?\s*)")
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^<>]*>")


def check(project: Project) -> list[Fault]:
    """Every such fault of every source; files that cannot be read are told here too."""
    faults: list[Fault] = []
    pages = list(project.pages())
    for path in [*pages, *sorted({path for pattern in SOURCES for path in project.root.glob(pattern) if path.is_file()})]:
        try:
            text = project.read(path)
        except Faulty as error:
            if path in pages:  # the readers of the other files tell their own
                faults += error.faults
            continue
        faults += of_text(text, project.relative(path), page=path.suffix == ".md")
    return faults


def of_text(text: str, name: str, *, page: bool) -> list[Fault]:
    """The faults of one source."""
    faults = [*_markers(text, name, page=page)]
    if _SUSPECT.search(text) or "\t" in text or not text.isascii():
        shown = {line.number: line for line in markdown.lines(text)} if page and "\t" in text else {}
        for number, row in enumerate(text.split("\n"), 1):
            if row.isascii() and "\t" not in row and row.isprintable():
                continue
            faults += _of_row(row, number, name, page=page)
            if "\t" in row and page and not _in_code(shown[number]):
                column = row.index("\t") + 1
                faults.append(Fault(name, number, column, Code.TAB, "a tab", "blanks"))
    return faults


def _in_code(line: markdown.Line) -> bool:
    """True for what is only shown or run, and for front matter, which YAML reads."""
    return line.code or line.fence == "front-matter"


def _markers(text: str, name: str, *, page: bool) -> Iterator[Fault]:
    if not re.search(r"^(?:<{7}|>{7}|\|{7}|={7})", text, re.MULTILINE):
        return
    shown = {line.number: line for line in markdown.lines(text)} if page else {}
    rows = text.split("\n")
    inside = False
    for number, row in enumerate(rows, 1):
        if not _MARKER.match(row):
            continue
        line = shown.get(number)
        if line is not None and line.fence not in ("", "front-matter") and not markdown.directive(line.fence):
            continue  # an example
        first = row[0]
        if first == "=" and not inside:
            continue  # the line below a heading
        if first == "<" or not inside:
            found = f"a marker of an unfinished merge, {row[:40].strip()!r}"
            yield Fault(
                name, number, 1, Code.MERGE_MARKER, found, "the text as it should be, without the lines <<<<<<<, ======= and >>>>>>>"
            )
        inside = first != ">" and (inside or first == "<")


def _of_row(row: str, number: int, name: str, *, page: bool) -> Iterator[Fault]:
    told: set[str] = set()
    inside = {position for match in _CODE.finditer(row) for position in range(match.start() + 1, match.end())}
    for match in _SUSPECT.finditer(row):
        character = match[0]
        reason = _reason(row, match.start(), match.start() in inside, page=page)
        if reason and reason not in told:
            told.add(reason)
            yield Fault(name, number, match.start() + 1, Code.CHARACTER, f"{_name(character)}, {reason}", _expected(character))
    for match in _MOJIBAKE.finditer(row):
        for piece in (match[0], match[0][:2]):
            if (meant := _read_again(piece)) and "mojibake" not in told:
                told.add("mojibake")
                found = f"{piece!r}, letters that were read in a wrong encoding"
                yield Fault(name, number, match.start() + 1, Code.CHARACTER, found, "the file saved as UTF-8 once", meant)
                break
    if _CYRILLIC.search(row):
        for match in _MIXED.finditer(row):
            letter = next(iter(_CYRILLIC.findall(match[0])))
            column = match.start() + match[0].index(letter) + 1
            yield Fault(
                name, number, column, Code.CHARACTER, f"{_name(letter)} in the word {match[0]!r}", "letters of one alphabet in a word"
            )


def _reason(row: str, position: int, code: bool, *, page: bool) -> str:
    """Why a suspect character is a fault where it stands, or ``""``."""
    character = row[position]
    before, after = row[position - 1 : position], row[position + 1 : position + 2]
    if character in _HIDDEN:
        return _HIDDEN[character]
    if character in _BLANKS:
        lead = _STRUCTURE.match(row)
        if lead and position < lead.end():
            return "which is not read as a blank"
        if code:
            return "which is not read as a blank"
        return "beside another blank" if before == " " or after == " " else ""
    if character == "\u00ad":
        return "" if before.isalpha() and after.isalpha() and not code else "which nobody sees"
    if character in "\u200c\u200d":
        # Joins emoji, and letters of scripts that need it.
        return "which nobody sees" if code or ((before.isascii() or not before) and (after.isascii() or not after)) else ""
    return "which nobody sees"


def _expected(character: str) -> str:
    return "a blank" if character in _BLANKS else "the text without it"


def _name(character: str) -> str:
    name = _NAMES.get(character, unicodedata.name(character, "a character without a name"))
    return f"U+{ord(character):04X} {name.lower()}"


def _read_again(piece: str) -> str:
    """The letters that were meant, when these are UTF-8 read as Windows-1252."""
    data = b"".join(bytes([ord(letter)]) if ord(letter) < 256 else letter.encode("cp1252", "replace") for letter in piece)
    try:
        meant = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return meant if len(meant) == 1 else ""
