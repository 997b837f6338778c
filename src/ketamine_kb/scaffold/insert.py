"""Puts text into the files of the project where a person would put it, and changes nothing else in them."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence

from ketamine_kb import plain_yaml
from ketamine_kb.checks import markdown
from ketamine_kb.messages import Code, nearest
from ketamine_kb.project import Faulty
from ketamine_kb.scaffold.answers import fault

#: Where lines of the files of facts are broken, in characters.
WIDTH = 158
#: Keys whose text stands folded on lines of its own.
FOLDED = frozenset({"statement", "plain", "finding", "limits"})
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 /().,;%+-]*[A-Za-z0-9).%]|[A-Za-z]")
_WORDS_OF_YAML = frozenset("true false yes no on off null y n".split())


def yaml_entry(values: Mapping[str, object], indent: int) -> str:
    """One entry of a list in the style of the project's files."""
    lines: list[str] = []
    for key, value in values.items():
        lines += _pair(key, value, indent + 2)
    lines[0] = " " * indent + "- " + lines[0].lstrip()
    return "\n".join(lines) + "\n"


def _pair(key: str, value: object, indent: int) -> list[str]:
    space = " " * indent
    if isinstance(value, list) and value and isinstance(value[0], dict) and all(len(item) > 2 or key == "evidence" for item in value):
        return [f"{space}{key}:", *(line for item in value for line in yaml_entry(item, indent + 2).splitlines())]
    if isinstance(value, list):
        return [f"{space}{key}: [{', '.join(_scalar(item) for item in value)}]"]
    if isinstance(value, dict):
        return [f"{space}{key}: {{{', '.join(f'{name}: {_scalar(item)}' for name, item in value.items())}}}"]
    if key in FOLDED and isinstance(value, str):
        # Long words and hyphens are never broken: folding would put a space there.
        folded = textwrap.wrap(value, WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
        return [f"{space}{key}: >-", *(f"{space}  {line}" for line in folded)]
    return [f"{space}{key}: {_scalar(value)}"]


def _scalar(value: object) -> str:
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML and ", " not in value:
        return value
    return json.dumps(value, ensure_ascii=False)


def into_list(text: str, name: str, key: str, entry: Mapping[str, object]) -> str:
    """A YAML file with one more entry at the end of the list ``key``.

    :raises Faulty: when the file is not a mapping with that list, or would not say exactly one entry more.
    """
    before = plain_yaml.read(text, name, Code.CLAIM_DATA).data
    if not isinstance(before, dict) or not isinstance(before.get(key), list):
        raise Faulty([fault(f"{name} has no list {key}", "a file of facts")])
    lines = text.rstrip("\n").split("\n")
    start = next(number for number, line in enumerate(lines) if re.match(rf"{key}:\s*(#.*)?$", line))
    end = next((number for number in range(start + 1, len(lines)) if re.match(r"[A-Za-z_]+:", lines[number])), len(lines))
    # Comments in the first column above the next key belong to that key.
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    made = yaml_entry(entry, 2).rstrip("\n").split("\n")
    after = lines[end:]
    result = "\n".join([*lines[:end], "", *made, *([""] if after and after[0].strip() else []), *after]) + "\n"
    data = plain_yaml.read(result, name, Code.CLAIM_DATA).data
    if data != {**before, key: [*before[key], _native(entry)]}:
        raise Faulty([fault(f"{name}: the new entry would not read as it was said", "words without unusual signs")])
    return result


def _native(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _native(item) for key, item in value.items()}
    return [_native(item) for item in value] if isinstance(value, list) else value


def headings(text: str) -> list[str]:
    """The second-level headings of a page."""
    return [line.text[3:].strip() for line in markdown.lines(text) if not line.code and line.text.startswith("## ")]


def under(text: str, name: str, heading: str, addition: Sequence[str]) -> str:
    """A page with some lines more at the end of the section with this heading.

    :raises Faulty: when there is no such section.
    """
    places = {line.text[3:].strip(): line.number for line in markdown.lines(text) if not line.code and line.text.startswith("## ")}
    if heading not in places:
        expected = "one of its headings: " + "; ".join(places)
        raise Faulty([fault(f"{name} has no heading {heading[:80]!r}", expected, nearest(heading[:100], places))])
    lines = text.rstrip("\n").split("\n")
    later = [number for number in places.values() if number > places[heading]]
    end = min(later) - 1 if later else len(lines)
    while end > places[heading] and not lines[end - 1].strip():
        end -= 1
    rest = lines[end:]
    return "\n".join([*lines[:end], "", *addition, *([""] if rest and rest[0].strip() else []), *rest]) + "\n"


def into_contents(text: str, name: str, entry: str) -> str:
    """A page with one more line at the end of its last table of contents.

    :raises Faulty: when it has none.
    """
    lines = text.rstrip("\n").split("\n")
    inside = [line.number for line in markdown.lines(text) if markdown.directive(line.fence) == "toctree"]
    inside = [number for number in inside if not lines[number - 1].lstrip().startswith("```")]
    if not inside:
        raise Faulty([fault(f"{name} has no table of contents", "a chapter with a toctree")])
    at = inside[-1]
    return "\n".join([*lines[:at], entry, *lines[at:]]) + "\n"
