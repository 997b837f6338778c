"""A page as MyST's own parser reads it: tokens with their lines, also inside directives whose content is prose."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from ketamine_kb.checks import markdown

#: How deep directives may stand in directives; deeper ones are not read.
DEEPEST = 12
#: Longest paragraph that is looked into, in characters; the longest of this site has about 3000.
LONGEST = 10_000
#: Most marks in a paragraph that is looked into.
MOST_MARKS = 600
_OPTION = re.compile(r"^:[\w-]+:(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Block:
    """One block token of a page.

    :param line: its first line, from 1.
    :param end: the line after its last.
    :param inside: names of the directives around it, outermost first.
    :param nested: True in a list, a quotation or a definition.
    :param parts: what stands inside a paragraph, heading or cell.
    """

    token: Token
    line: int
    end: int
    inside: tuple[str, ...]
    nested: bool
    parts: Sequence[Token] = ()


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive with its parts.

    :param options: value and line of each option.
    :param body: line of the first line of its content, from 1.
    """

    name: str
    argument: str
    options: dict[str, tuple[str, int]]
    content: str
    line: int
    body: int


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # The rules that conf.py gives MyST: deflist is on, raw HTML is off.
    parser = MarkdownIt("commonmark").enable("table")
    parser.use(front_matter_plugin).use(myst_block_plugin).use(myst_role_plugin)
    parser.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True).use(deflist_plugin)
    parser.disable(["html_block", "html_inline"])
    # What stands inside a paragraph is parsed only when somebody asks, and never more than LONGEST of it.
    return parser.disable("inline")


def too_long(block: Block) -> bool:
    """True for a paragraph that is not looked into: some orders of marks take the parser the square of their number."""
    content = block.token.content
    return block.token.type == "inline" and (len(content) > LONGEST or sum(map(content.count, "[*_`<$")) > MOST_MARKS)


@lru_cache(maxsize=256)
def read(text: str) -> tuple[Block, ...]:
    """Every block of a page with what stands inside it."""
    found: list[Block] = []
    for block, env in _parsed(text):
        if block.token.type == "inline" and not too_long(block):
            parts: list[Token] = []
            _parser().inline.parse(block.token.content, _parser(), env, parts)
            block = dataclasses.replace(block, parts=_joined(parts))
        found.append(block)
    return tuple(found)


def blocks(text: str) -> tuple[Block, ...]:
    """Every block of a page in order, with those inside directives."""
    return tuple(block for block, _ in _parsed(text))


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[tuple[Block, dict[str, Any]], ...]:
    return tuple(_blocks(text, 0, (), False, {}))


def _joined(parts: Sequence[Token]) -> tuple[Token, ...]:
    """The same parts with text in one piece; a character that was escaped stays apart, because it is meant as it stands."""
    found: list[Token] = []
    for part in parts:
        if part.type == "text_special" and part.content == part.markup:
            part.type = "text"
        if part.type == "text" and found and found[-1].type == "text":
            found[-1].content += part.content
        else:
            found.append(part)
    return tuple(found)


def _blocks(text: str, offset: int, inside: tuple[str, ...], within: bool, env: dict[str, Any]) -> Iterator[tuple[Block, dict[str, Any]]]:
    depth, last = 0, offset
    for token in _parser().parse(text, env):
        start, end = token.map or (None, None)
        line = last if start is None else start + offset
        last = line
        container = token.type.startswith(("bullet_list", "ordered_list", "blockquote", "dl_", "footnote_block", "footnote_reference"))
        if container and token.nesting < 0:
            depth -= 1
        yield Block(token, line + 1, (end or 0) + offset + 1, inside, within or depth > 0), env
        if container and token.nesting > 0:
            depth += 1
        if token.type == "fence" and len(inside) < DEEPEST and (found := directive(token, line + 1)) and markdown.is_prose(found.name):
            yield from _blocks(found.content, found.body - 1, (*inside, found.name), within or depth > 0, env)


def directive(token: Token, line: int) -> Directive | None:
    """The directive that a fence is, or None for code."""
    info = token.info.strip()
    name = markdown.directive(info)
    if not name:
        return None
    rows = token.content.split("\n")
    options: dict[str, tuple[str, int]] = {}
    number = 0
    if rows and rows[0].strip() == "---":
        number = next((index + 1 for index, row in enumerate(rows[1:], 1) if row.strip() == "---"), 0)
        for index, row in enumerate(rows[1 : max(number - 1, 0)], 1):
            key, colon, value = row.partition(":")
            if colon:
                options[key.strip()] = (value.strip(), line + 1 + index)
    else:
        while number < len(rows) and _OPTION.match(rows[number].lstrip()):
            key, _, value = rows[number].lstrip()[1:].partition(":")
            options[key] = (value.strip(), line + 1 + number)
            number += 1
            while number < len(rows) and options and rows[number][:1] in (" ", "\t") and rows[number].strip():
                number += 1
    return Directive(name, info.partition("}")[2].strip(), options, "\n".join(rows[number:]), line, line + 1 + number)


def directives(text: str) -> Iterator[Directive]:
    """Every directive of a page, in order."""
    for block in blocks(text):
        if block.token.type == "fence" and (found := directive(block.token, block.line)):
            yield found
