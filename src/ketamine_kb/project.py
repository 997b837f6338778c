"""Where things lie in the project, how they are read, and how large they may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ketamine_kb.messages import Code, Fault

#: Largest source file that is read, in bytes. A page of this site is about 15 kB.
MAX_SOURCE_BYTES = 2_000_000


class Faulty(Exception):
    """Raised when work cannot go on; carries every fault found so far."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one checkout.

    :param without: pages that are left out, because something is wrong with them that was told already.
    """

    root: Path
    without: frozenset[Path] = frozenset()

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
        yield from sorted(path for path in self.docs.rglob("*.md") if not path.name.startswith("_") and path not in self.without)

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


def here() -> Project:
    """The project this code belongs to (it runs from a checkout, installed as editable)."""
    return Project(Path(__file__).resolve().parents[2])
