"""YAML without surprises, and the line and column of everything in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty

#: Deepest nesting of YAML that is read; the files of this project need 5.
MAX_YAML_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Document:
    """What a YAML text says and where it says it.

    :param text: the text that was read.
    :param first: the line of the file on which ``text`` starts.
    """

    data: Any
    root: yaml.Node | None
    text: str
    first: int = 1
    line_ends: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "line_ends", [match.start() for match in re.finditer("\n", self.text)])

    def place(self, location: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of a value, by the keys and indexes that lead to it.

        Where the path leads nowhere, the place of the last part that exists; for a key, the place of the key itself.
        """
        node, mark = self.root, self.root.start_mark if self.root else None
        for step in location:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if str(key.value) == str(step)), None)
                if found is None:
                    break
                mark, node = found[0].start_mark, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                mark = node.start_mark
            else:
                break
        return (self.line_at(mark.index), mark.column + 1) if mark else (self.first, 0)

    def line_at(self, position: int) -> int:
        """The line of a position in the text."""
        return self.first + bisect_left(self.line_ends, position)


class _Unusable(yaml.MarkedYAMLError):
    """YAML that is valid but not taken here."""

    def __init__(self, found: str, expected: str, mark: Any) -> None:
        super().__init__(problem=found, problem_mark=mark)
        self.expected = expected


class _Plain:
    """YAML without surprises: no anchors, tags, merged or repeated keys, and no deep nesting. To be mixed into a loader."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse what a small file of facts does not need, before it is built."""
        event = self.peek_event()  # type: ignore[attr-defined]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Unusable(f"an anchor or alias {event.anchor!r}", "the text itself, written out", event.start_mark)
        if getattr(event, "tag", None):
            raise _Unusable(f"a tag {event.tag!r}", "plain text, numbers and dates", event.start_mark)
        if self.depth >= MAX_YAML_DEPTH:
            raise _Unusable("lists or keys nested too deeply", f"at most {MAX_YAML_DEPTH} levels", event.start_mark)
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)  # type: ignore[misc]
        self.depth -= 1
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.tag.endswith(":merge"):
                        raise _Unusable("a merge key '<<'", "the text itself, written out", key.start_mark)
                    if key.value in seen:
                        raise _Unusable(f"key {key.value!r} again", "each key once", key.start_mark)
                    seen.add(key.value)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """A value, or a message with the place of one that cannot exist, such as 2026-02-30."""
        try:
            made = super().construct_object(node, deep)  # type: ignore[misc]
        except (ValueError, OverflowError) as error:
            expected = "dates that exist, as YYYY-MM-DD" if node.tag.endswith(":timestamp") else "valid YAML"
            raise _Unusable(str(error), expected, node.start_mark) from error
        if isinstance(made, str) and not made.isascii() and any("\ud800" <= letter <= "\udfff" for letter in made):
            raise _Unusable("half of a character (a surrogate)", "the character itself", node.start_mark)
        return made


class _PlainLoader(_Plain, yaml.SafeLoader):
    """In Python: slow, with the messages that authors see."""


def _fast_loader() -> type[Any] | None:
    """The same on libyaml's scanner, ten times as fast; None where PyYAML was built without it."""
    if not yaml.__with_libyaml__:
        return None
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    class Fast(_Plain, yaml.composer.Composer, CParser, yaml.constructor.SafeConstructor, yaml.resolver.Resolver):
        def __init__(self, stream: str) -> None:
            CParser.__init__(self, stream)
            yaml.composer.Composer.__init__(self)
            yaml.constructor.SafeConstructor.__init__(self)
            yaml.resolver.Resolver.__init__(self)

    return Fast


_FAST = _fast_loader()


def _read_fast(text: str, first: int) -> Document | None:
    """The document, or None when something is wrong with it and the slow loader must say what."""
    if _FAST is None:
        return None
    try:
        loader = _FAST(text)
        root = loader.get_single_node()
        return Document(loader.construct_document(root) if root is not None else None, root, text, first)
    except (yaml.YAMLError, ValueError, OverflowError):
        return None


def read(text: str, shown: str, code: Code, first: int = 1) -> Document:
    """Read a YAML text.

    :param shown: how the file is named in messages.
    :param code: the code of the message when it cannot be read.
    :param first: the line of the file on which ``text`` starts.
    :raises Faulty: with line and column when it cannot be read.
    """
    if (fast := _read_fast(text, first)) is not None:
        return fast
    loader: _PlainLoader | None = None
    root: yaml.Node | None = None
    data: Any = None
    found, expected, position = "", "valid YAML", 0
    try:
        loader = _PlainLoader(text)
        root = loader.get_single_node()
        data = loader.construct_document(root) if root is not None else None
    except yaml.reader.ReaderError as error:
        found, position = f"character U+{error.character:04X}", error.position
    except yaml.MarkedYAMLError as error:
        found, position = error.problem or "cannot be read as YAML", error.problem_mark.index if error.problem_mark else 0
        expected = getattr(error, "expected", expected)
    except (ValueError, OverflowError) as error:  # an escape such as "\\UFFFFFFFF"
        found, position = str(error), loader.index if loader else 0
    document = Document(data, root, text, first)
    if found:
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        raise Faulty([Fault(shown, document.line_at(position), column, code, found, expected)])
    return document
