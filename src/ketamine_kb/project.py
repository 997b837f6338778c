"""Where things lie in the project, how they are read, and how large they may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ketamine_kb.messages import Code, Fault

#: Largest source file that is read, in bytes. A page of this site is about 15 kB.
MAX_SOURCE_BYTES = 2_000_000
#: Deepest nesting of YAML that is read; the files of this project need 4.
MAX_YAML_DEPTH = 20


class Faulty(Exception):
    """Raised when work cannot go on; carries every fault found so far."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one checkout."""

    root: Path

    @property
    def docs(self) -> Path:
        """The pages and the Sphinx configuration."""
        return self.root / "docs"

    @property
    def diagrams(self) -> Path:
        """The Mermaid sources."""
        return self.root / "diagrams"

    @property
    def evidence(self) -> Path:
        """The facts and the bibliography."""
        return self.root / "evidence"

    @property
    def build(self) -> Path:
        """Everything that is made; safe to delete."""
        return self.root / "build"

    def relative(self, path: Path) -> str:
        """``path`` as shown in messages: relative to the project, forward slashes."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return path.name

    def pages(self) -> Iterator[Path]:
        """Every page source, in a fixed order."""
        yield from sorted(path for path in self.docs.rglob("*.md") if not path.name.startswith("_"))

    def read(self, path: Path) -> str:
        """The text of a source file.

        :raises Faulty: when it is missing, too large or not UTF-8.
        """
        shown = self.relative(path)
        try:
            size = path.stat().st_size
            if size > MAX_SOURCE_BYTES:
                raise Faulty([Fault(shown, 0, 0, Code.FILE_TOO_LARGE, f"{size} bytes", f"at most {MAX_SOURCE_BYTES} bytes")])
            data = path.read_bytes()
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            raise Faulty([Fault(shown, 0, 0, Code.FILE_MISSING, reason, "a file that can be read")]) from error
        try:
            return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            line = before.count(b"\n") + 1
            column = error.start - (before.rfind(b"\n") + 1) + 1
            bad = f"byte 0x{data[error.start]:02x}"
            raise Faulty([Fault(shown, line, column, Code.PAGE_NOT_UTF8, f"{bad} is not UTF-8", "a file saved as UTF-8")]) from error


class _Unusable(yaml.MarkedYAMLError):
    """YAML that is valid but not taken here."""

    def __init__(self, found: str, expected: str, mark: Any) -> None:
        super().__init__(problem=found, problem_mark=mark)
        self.expected = expected


class _PlainLoader(yaml.SafeLoader):
    """YAML without surprises: no anchors, tags, merged or repeated keys, and no deep nesting."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse what a small file of facts does not need, before it is built."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Unusable(f"an anchor or alias {event.anchor!r}", "the text itself, written out", event.start_mark)
        if getattr(event, "tag", None):
            raise _Unusable(f"a tag {event.tag!r}", "plain text, numbers and dates", event.start_mark)
        if self.depth >= MAX_YAML_DEPTH:
            raise _Unusable("lists or keys nested too deeply", f"at most {MAX_YAML_DEPTH} levels", event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
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
            made = super().construct_object(node, deep)
        except (ValueError, OverflowError) as error:
            expected = "dates that exist, as YYYY-MM-DD" if node.tag.endswith(":timestamp") else "valid YAML"
            raise _Unusable(str(error), expected, node.start_mark) from error
        if isinstance(made, str) and not made.isascii() and any("\ud800" <= letter <= "\udfff" for letter in made):
            raise _Unusable("half of a character (a surrogate)", "the character itself", node.start_mark)
        return made


def plain_yaml(text: str, shown: str, code: Code, first: int = 1) -> tuple[Any, dict[str, int], list[int]]:
    """The data of a YAML text, the line of each top key, and of each entry of the top key ``lines``.

    :param first: the line of the file on which ``text`` starts.
    :raises Faulty: with line and column when it cannot be read.
    """

    def line_at(position: int) -> int:
        return first + text.count("\n", 0, position)

    loader: _PlainLoader | None = None
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
    if found:
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        raise Faulty([Fault(shown, line_at(position), column, code, found, expected)])
    keys: dict[str, int] = {}
    entries: list[int] = []
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            keys[str(key.value)] = line_at(key.start_mark.index)
            if key.value == "lines" and isinstance(value, yaml.SequenceNode):
                entries = [line_at(item.start_mark.index) for item in value.value]
    return data, keys, entries


def here() -> Project:
    """The project this code belongs to (it runs from a checkout, installed as editable)."""
    return Project(Path(__file__).resolve().parents[2])
