"""Blocks of a page that are not what the author meant: fences, headings, tables, directives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ketamine_kb.checks import markdown, tokens
from ketamine_kb.checks.tokens import Block
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Project

_CLOSING = re.compile(r"^[\s>]*(`{3,}|~{3,})\s*$")
_OPENING = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([^\s`].*)?$")
_HALF_FENCE = re.compile(r"^\s*`{3,}[^`]*`.*$")
_DELIMITER = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_OPTION = re.compile(r"^:[a-z][a-z-]*:(?:\s.*)?$")
_HALF_OPTION = re.compile(r"^:[a-z][a-z-]*(?:\s[^:]*)?$")
#: A fence of these words without braces is a directive whose braces were forgotten.
_FORGOTTEN = frozenset(
    "note important warning tip hint caution danger attention seealso admonition list-table table glossary figure image toctree "
    "claim-table diagram-evidence dropdown grid csv-table literalinclude include".split()
)
_RST = re.compile(r"^\s*\.\.\s+(?:[\w:-]+::|_[^:]+:)")
_TWO_MARKS = re.compile(r"^\s*(?:``|~~)\{[\w:-]+\}[^`]*$")
_COLONS = re.compile(r"^\s*:{3,}\s*(?:\{[\w:-]+\}.*)?$")
_BAD_NAME = re.compile(r"^(?:\{\s+[\w:-]+\s*\}|\{[\w:-]+\s+\}|\{[\w:-]+|[\w:-]+\}|\[[\w:-]+\]|\([\w:-]+\))(?:\s|$)")
_TARGET = re.compile(r"^\(([\w-]+)\)(?:\s+=|\s*:|)\s*$")


def fences(project: Project) -> list[Fault]:
    """Fences of every page that close where they were not meant to, or never."""
    return _of_pages(project, fence_faults)


def check(project: Project) -> list[Fault]:
    """Headings, tables and directives of every page."""
    return _of_pages(project, lambda text, name: [*heading_faults(text, name), *table_faults(text, name), *directive_faults(text, name)])


def _of_pages(project: Project, of_text: Callable[[str, str], Iterable[Fault]]) -> list[Fault]:
    return [fault for page, text in markdown.read_pages(project) for fault in of_text(text, project.relative(page))]


# -- fences ------------------------------------------------------------------------------------------------------------------


def fence_faults(text: str, name: str) -> list[Fault]:
    """The first fence of a page that swallows what follows; what comes after it cannot be trusted."""
    rows = text.split("\n")
    for block in tokens.blocks(text):
        if block.token.type == "fence" and (fault := _fence(block, rows, name)):
            return [fault]
    return []


def _fence(block: Block, rows: list[str], name: str) -> Fault | None:
    marks, info = block.token.markup, block.token.info.strip()
    shown = f"{marks}{info}"[:60]
    lines = block.token.content.split("\n")
    for number, row in enumerate(lines, 1):
        inner = _OPENING.match(row)
        if not inner or inner[1][0] != marks[0] or not inner[2]:
            continue
        if len(inner[1]) >= len(marks):
            if info:
                found = f"a fence {row.strip()[:60]} inside the fence {shown} of line {block.line}, whose end then ends the outer one"
                expected = f"more marks outside than inside, such as {marks[0] * (len(inner[1]) + 1)}{info}, or an end of the fence before"
                return Fault(name, block.line + number, 1, Code.FENCE_OPEN, found, expected[:200])
            return _not_opened(block, shown, rows, name)
    last = rows[min(block.end, len(rows) + 1) - 2] if block.end >= 2 else ""
    closing = _CLOSING.match(last)
    if block.end - 1 == block.line or not closing or closing[1][0] != marks[0] or len(closing[1]) < len(marks):
        if not info:
            return _not_opened(block, shown, rows, name)
        return Fault(name, block.line, 1, Code.FENCE_OPEN, f"the fence {shown} is never closed", f"a line {marks} after its content")
    return None


def _not_opened(block: Block, shown: str, rows: list[str], name: str) -> Fault:
    """A fence without a word that swallows what follows: mostly the end of one that was not read as a fence."""
    for number in range(block.line - 1, 0, -1):
        if _HALF_FENCE.match(rows[number - 1]):
            found = f"a fence with a backtick in its words, which is not read: {rows[number - 1].strip()[:60]}"
            return Fault(name, number, 1, Code.FENCE_OPEN, found, "words without backticks on the line that opens a fence")
        if _TWO_MARKS.match(rows[number - 1]):
            found = f"a fence of two marks, which is not read: {rows[number - 1].strip()[:60]}"
            return Fault(name, number, 1, Code.FENCE_OPEN, found, "three marks or more")
        if re.match(r"\s*`{3}", rows[number - 1]):
            break
    found = f"a fence {shown} that is never closed, or that closes one a second time"
    return Fault(name, block.line, 1, Code.FENCE_OPEN, found, "one line that opens a fence and one that closes it")


# -- headings ----------------------------------------------------------------------------------------------------------------


def heading_faults(text: str, name: str) -> Iterator[Fault]:
    """First-level headings, levels, and lines that only look like a heading, or look like none."""

    def fault(line: int, found: str, expected: str) -> Fault:
        return Fault(name, line, 1, Code.HEADING, found, expected)

    first = 0
    before = 0
    found_one = False
    parts = tokens.blocks(text)
    for block, content in zip(parts, (*parts[1:], *parts[-1:]), strict=True):
        token = block.token
        if token.type == "inline" and not block.inside:
            yield from _swallowed(block, name)
        if token.type == "code_block" and (sign := re.match(r"#{1,6}\s|`{3}|~{3}|!\[|\|.*\||[-*]\s|>\s|\{[\w:]+\}`", token.content)):
            what = "a heading" if sign[0].startswith("#") else f"{token.content.split(chr(10))[0].strip()[:40]!r}"
            yield fault(block.line, f"{what} indented by four blanks, which is shown as code", "the same at the margin")
        if token.type != "heading_open":
            continue
        words = content.token.content.strip()
        level = int(token.tag[1])
        if token.markup in "=-" and token.markup:
            mark = token.markup * 3
            yield fault(
                block.line,
                f"text over a line {mark}, which is read as a heading: {words[:60]!r}",
                f"an empty line before {mark}, or `## ` before the text",
            )
            before = level
            found_one = found_one or level == 1
            continue
        if not words:
            yield fault(block.line, "a heading without words", "words after the marks")
            continue
        if block.inside:
            yield fault(
                block.line, f"a heading inside {{{block.inside[-1]}}}: {words[:60]!r}", "headings outside of directives, or bold words"
            )
            continue
        if block.nested:
            yield fault(block.line, f"a heading inside a list or a quotation: {words[:60]!r}", "the heading at the margin")
            continue
        if words.endswith("##"):
            yield fault(
                block.line, f"marks at the end that are shown: {words[-20:]!r}", "a blank before the closing marks, or none of them"
            )
        if level == 1:
            if first:
                yield fault(block.line, f"a second first-level heading {words[:60]!r}", f"one, the title of the page (on line {first})")
            first, found_one = first or block.line, True
        elif before == 0:
            yield fault(block.line, f"the first heading is of level {level}", "a heading of the first level, `# Title`")
            found_one = True
        elif level > before + 1:
            yield fault(
                block.line, f"a heading of level {level} right after one of level {before}", f"level {before + 1}, `{'#' * (before + 1)} `"
            )
        before = level
    if not found_one:
        matter = markdown.front_matter(text)
        yield fault(matter[1] + 1 if matter else 1, "no first-level heading", "a title, `# Title`")


def _swallowed(block: Block, name: str) -> Iterator[Fault]:
    """Lines of a paragraph that were meant as headings."""
    for number, row in enumerate(block.token.content.split("\n")):
        if re.match(r"#{1,6}[^\s#\d{!\\]", row):
            found = f"{row[:60]!r}, which is not read as a heading"
            yield Fault(name, block.line + number, 1, Code.HEADING, found, "a blank after the marks")
        elif re.match(r"#{7,}\s", row):
            yield Fault(name, block.line + number, 1, Code.HEADING, "a heading of more than six levels", "one to six marks")
        elif re.match(r"\\#{1,6}\s+\w", row):
            yield Fault(
                name, block.line + number, 1, Code.HEADING, f"{row[:60]!r}, which is not read as a heading", "no backslash before the marks"
            )


# -- tables ------------------------------------------------------------------------------------------------------------------


def table_faults(text: str, name: str) -> Iterator[Fault]:
    """Rows with more or fewer cells than the header, and tables that are not read as such."""
    rows = text.split("\n")
    width = 0
    for block in tokens.blocks(text):
        token = block.token
        if token.type == "table_open":
            width = 0
        elif token.type == "tr_open":
            row = rows[block.line - 1] if block.line <= len(rows) else ""
            count = _cells(re.sub(r"^[\s>]*(?:[-*+]\s+|\d+[.)]\s+)*(?=\|)", "", row))
            if not width:
                width = count
            elif count != width:
                found = f"a row of {count} cell{'s' * (count != 1)} in a table of {width} columns"
                yield Fault(name, block.line, 1, Code.TABLE_RAGGED, found, f"{width} cells in every row")
        elif token.type == "inline":
            yield from _no_table(block, name)


def _cells(row: str) -> int:
    """How many cells a row of a pipe table has; in MyST a bar counts inside code too, unless it is escaped."""
    bare = re.sub(r"\\.", "", row).strip()
    return bare.removeprefix("|").removesuffix("|").count("|") + 1


def _no_table(block: Block, name: str) -> Iterator[Fault]:
    lines = block.token.content.split("\n")
    barred = [number for number, row in enumerate(lines) if row.lstrip().startswith("|") and row.count("|") >= 2]
    delimiter = [number for number, row in enumerate(lines) if "|" in row and "-" in row and _DELIMITER.match(row)]
    if len(lines) < 2 or not (delimiter or len(barred) >= 2):
        return
    if delimiter and delimiter[0]:
        one, two = _cells(lines[delimiter[0] - 1]), _cells(lines[delimiter[0]])
        found = f"a table that is not read as one: {one} cells in its header, {two} in the line below"
        yield Fault(name, block.line + delimiter[0], 1, Code.TABLE_RAGGED, found, "as many cells in both")
    else:
        found = "rows of a table without a line |---| below the first"
        yield Fault(
            name, block.line + (barred[0] if barred else 0), 1, Code.TABLE_RAGGED, found, "a header, then a line |---| with as many cells"
        )


# -- directives --------------------------------------------------------------------------------------------------------------


def directive_faults(text: str, name: str) -> Iterator[Fault]:
    """Directives that are not written as one, so that they are shown as they stand."""

    def fault(line: int, found: str, expected: str) -> Fault:
        return Fault(name, line, 1, Code.DIRECTIVE_FORM, found, expected)

    for block in tokens.blocks(text):
        token = block.token
        if token.type == "fence":
            yield from _directive(block, fault, name)
        elif token.type == "inline":
            for number, row in enumerate(token.content.split("\n")):
                if _RST.match(row):
                    yield fault(block.line + number, f"reStructuredText {row.strip()[:60]!r}", "MyST, as in ```{note}")
                elif _COLONS.match(row):
                    if "{" in row:
                        yield fault(
                            block.line + number,
                            f"a fence of colons {row.strip()[:60]!r}, which is not read",
                            "a fence of backticks, as in ```{note}",
                        )
                elif _TWO_MARKS.match(row):
                    yield fault(block.line + number, f"a fence of two marks {row.strip()[:60]!r}", "three marks or more")
                elif number == 0 and "\n" not in token.content and (bad := _TARGET.match(row)) and ("-" in bad[1] or "=" in row):
                    yield fault(block.line, f"{row.strip()!r}, which is not read as a label", f"({bad[1]})= on a line of its own")


def _directive(block: Block, fault: Callable[[int, str, str], Fault], name: str) -> Iterator[Fault]:
    info = block.token.info.strip()
    word = info.split(" ")[0].lower()
    if word in _FORGOTTEN:
        found = f"a plain ```{info[:60]} fence, which is only shown as source"
        yield Fault(name, block.line, 1, Code.PLAIN_FENCE, found, f"```{{{word}}}")
        return
    if _BAD_NAME.match(info):
        bare = re.sub(r"[{}\[\]()\s]+", " ", info).split()[0]
        yield fault(block.line, f"a fence {info[:60]!r}, which is not read as a directive", f"```{{{bare}}}")
        return
    found_one = tokens.directive(block.token, block.line)
    if found_one is None:
        return
    if found_one.name in ("code-block", "code", "sourcecode") and found_one.argument.lower() in ("mermaid", "doctest"):
        what = f"a {{{found_one.name}}} of {found_one.argument}, which is only shown as source"
        yield Fault(name, block.line, 1, Code.PLAIN_FENCE, what, f"```{{{found_one.argument.lower()}}}")
    if not (markdown.is_prose(found_one.name) or found_one.name in ("image", "mermaid", "toctree")):
        return
    content = found_one.content.split("\n")
    for number, row in enumerate(content):
        if _OPTION.match(row):
            what = f"the option {row.split(':')[1]!r} of {{{found_one.name}}} after its content began, which is not read"
            yield fault(found_one.body + number, what, "options right below the fence, without an empty line before")
            return
        if number == 0 and row and _HALF_OPTION.match(row):
            what = f"{row.strip()[:60]!r}, which is not read as an option of {{{found_one.name}}}"
            yield fault(found_one.body, what, f":{row.strip()[1:].split()[0]}: and then its value")
            return
        if row.strip() and not row.startswith(":"):
            return
