"""What was printed: one JSON file a printer, beside its PDFs, so that the site can offer them with pages, size and SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

_PREFIX = "printed-"


@dataclass(frozen=True, slots=True)
class PrintedFile:
    """One PDF.

    :param file: its name.
    :param page: the page that it was made of, or ``""`` for more than one.
    :param kind: what sets it apart from the usual print, such as ``large print``; else empty.
    :param pages: how many; 0 when not noted.
    :param checked: the day on which its evidence was checked, YYYY-MM-DD; empty when not noted.
    :param language: a language tag such as ``en-GB``.
    """

    file: str
    page: str
    title: str
    paper: str
    kind: str
    pages: int
    bytes: int
    sha256: str
    checked: str
    language: str


def note(path: Path, *, page: str, title: str, paper: str, pages: int, checked: str, language: str, kind: str = "") -> PrintedFile:
    """What is to be said of a PDF that was just written."""
    data = path.read_bytes()
    return PrintedFile(path.name, page, title, paper, kind, pages, len(data), hashlib.sha256(data).hexdigest(), checked, language)


def write(folder: Path, printer: str, files: Iterable[PrintedFile]) -> None:
    """Write the notes of one printer beside its PDFs."""
    text = json.dumps([asdict(file) for file in files], indent=1, ensure_ascii=False) + "\n"
    (folder / f"{_PREFIX}{printer}.json").write_text(text, encoding="utf-8")


def read(folder: Path) -> list[PrintedFile]:
    """Every PDF of a folder with its notes, in the order of the printers' notes; one without notes has its name, size and SHA-256.

    :raises ValueError: when the notes cannot be read, or a file is not the one they are about.
    """
    found: dict[str, PrintedFile] = {}
    for notes in sorted(folder.glob(f"{_PREFIX}*.json")):
        try:
            for entry in json.loads(notes.read_text(encoding="utf-8")):
                held = PrintedFile(**entry)
                found[held.file] = held
        except (TypeError, ValueError) as error:
            raise ValueError(f"{notes.name} cannot be read: print again") from error
    for path in sorted(folder.glob("*.pdf")):
        plain = note(path, page="", title=path.name, paper="", pages=0, checked="", language="")
        if found.setdefault(path.name, plain).sha256 != plain.sha256:
            raise ValueError(f"{path.name} is not the file that was noted when it was printed: print again")
    missing = [name for name in found if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"{missing[0]} is not there any more: print again")
    return list(found.values())
