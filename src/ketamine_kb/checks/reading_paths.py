"""Reading paths: which pages a kind of reader meets in which order, from ``docs/reading-paths.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ketamine_kb import plain_yaml
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.plain_yaml import Document
from ketamine_kb.project import Faulty, Project

#: The readers who have a path, each with the word for many of them.
READERS = {"patient": "patients", "family": "families", "clinician": "clinicians", "student": "students"}
#: Most pages of one path.
LONGEST = 60
_STEP_KEYS = ("pages", "why", "ask")


@dataclass(frozen=True, slots=True)
class Step:
    """Pages that belong together, why to read them, and a question to take along; the words may be empty."""

    pages: tuple[str, ...]
    why: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class ReadingPath:
    """One way through the site: the page it starts on, and its parts by name, each with its steps."""

    reader: str
    start: str
    parts: dict[str, tuple[Step, ...]]

    @property
    def pages(self) -> list[str]:
        """Every page after the start page, in order."""
        return [page for steps in self.parts.values() for step in steps for page in step.pages]

    @property
    def readers(self) -> str:
        """The word for many such readers."""
        return READERS[self.reader]


@dataclass(frozen=True, slots=True)
class Paths:
    """All reading paths, and the short names of pages whose title is too long for a list."""

    names: dict[str, str]
    paths: dict[str, ReadingPath]

    def around(self, page: str) -> list[tuple[ReadingPath, int, str, str]]:
        """Each path that a page is on: the path, the page's number from 1 (0 for the start page), the page before and the next."""
        found = []
        for path in self.paths.values():
            every = [path.start, *path.pages]
            if page in every:
                at = every.index(page)
                found.append((path, at, every[at - 1] if at else "", every[at + 1] if at + 1 < len(every) else ""))
        return found


def path_of(project: Project) -> Path:
    """The data file."""
    return project.docs / "reading-paths.yaml"


def load(project: Project) -> Paths:
    """Read and validate the reading paths; none where there is no file.

    :raises Faulty: with file and line for every fault.
    """
    path = path_of(project)
    if not path.is_file():
        return Paths({}, {})
    shown = project.relative(path)
    document = plain_yaml.read(project.read(path), shown, Code.READING_PATH)
    known = frozenset(page.relative_to(project.docs).with_suffix("").as_posix() for page in project.pages())
    return _Reader(document, shown, known).read()


def check(project: Project) -> list[Fault]:
    """What is wrong with the reading paths."""
    try:
        load(project)
    except Faulty as error:
        return error.faults
    return []


class _Reader:
    """One pass over the file that collects every fault."""

    def __init__(self, document: Document, shown: str, known: frozenset[str]) -> None:
        self.document, self.shown, self.known = document, shown, known
        self.faults: list[Fault] = []

    def say(self, at: list[str | int], found: str, expected: str, near: str = "") -> None:
        self.faults.append(Fault(self.shown, self.document.place(at)[0], 0, Code.READING_PATH, found, expected, near))

    def read(self) -> Paths:
        data = self.document.data
        if not isinstance(data, dict) or not isinstance(data.get("paths"), dict):
            self.say([], "no mapping `paths:`", "`paths:` with a path for " + ", ".join(READERS))
            raise Faulty(self.faults)
        for key in data:
            if key not in ("paths", "names"):
                self.say([key], f"unknown key {key!r}", "paths or names", nearest(str(key), ("paths", "names")))
        for reader in data["paths"]:
            if reader not in READERS:
                self.say(["paths", reader], f"path for {reader!r}", "one of " + ", ".join(READERS), nearest(str(reader), READERS))
        for reader in READERS:
            if reader not in data["paths"]:
                self.say(["paths"], f"no path for {reader!r}", "a path for " + ", ".join(READERS))
        names = self.names(data.get("names") or {})
        paths = {reader: self.path(reader, data["paths"][reader]) for reader in READERS if reader in data["paths"]}
        if self.faults:
            raise Faulty(self.faults)
        return Paths(names, paths)

    def names(self, given: Any) -> dict[str, str]:
        if not isinstance(given, dict):
            self.say(["names"], "names that are not a mapping", "lines `folder/page: Short name`")
            return {}
        for page, name in given.items():
            self.page(page, ["names", page])
            if not (isinstance(name, str) and name.strip()):
                self.say(["names", page], f"name {name!r}", "a short name in words")
        return given

    def page(self, page: Any, at: list[str | int]) -> None:
        if page not in self.known:
            self.say(at, f"unknown page {page!r}", "a page of docs/ such as treatment/routes", nearest(str(page), self.known))

    def path(self, reader: str, given: Any) -> ReadingPath:
        at: list[str | int] = ["paths", reader]
        empty = ReadingPath(reader, "", {})
        if not isinstance(given, dict) or set(given) != {"start", "parts"}:
            self.say(at, f"path for {reader!r} without exactly start and parts", "`start: <page>` and `parts:`")
            return empty
        self.page(given["start"], [*at, "start"])
        if not isinstance(given["parts"], dict) or not given["parts"]:
            self.say([*at, "parts"], f"path for {reader!r} is empty", "at least one part with steps")
            return empty
        parts = {str(name): self.steps(steps, [*at, "parts", name]) for name, steps in given["parts"].items()}
        made = ReadingPath(reader, given["start"], parts)
        if len(made.pages) > LONGEST:
            self.say(at, f"{len(made.pages)} pages", f"at most {LONGEST} pages on one path")
        self.once(made, at)
        return made

    def once(self, path: ReadingPath, at: list[str | int]) -> None:
        """Every page stands on a path once, or the next page would not be known."""
        seen = {path.start}
        for name, steps in path.parts.items():
            for number, step in enumerate(steps):
                for index, page in enumerate(step.pages):
                    if page in seen:
                        place = [*at, "parts", name, number, "pages", index]
                        self.say(place, f"page {page!r} twice on the path for {path.reader!r}", "each page once")
                    seen.add(page)

    def steps(self, given: Any, at: list[str | int]) -> tuple[Step, ...]:
        if not isinstance(given, list) or not given:
            self.say(at, f"part {at[-1]!r} is empty", "a list of steps `- pages: [...]`")
            return ()
        return tuple(step for number, entry in enumerate(given) if (step := self.step(entry, [*at, number])))

    def step(self, entry: Any, at: list[str | int]) -> Step | None:
        if not isinstance(entry, dict) or not isinstance(entry.get("pages"), list) or not entry["pages"]:
            self.say(at, "a step without pages", "`pages: [folder/page]`")
            return None
        for key in entry:
            if key not in _STEP_KEYS:
                self.say([*at, key], f"unknown key {key!r}", "one of " + ", ".join(_STEP_KEYS), nearest(str(key), _STEP_KEYS))
        for index, page in enumerate(entry["pages"]):
            self.page(page, [*at, "pages", index])
        for key in ("why", "ask"):
            if key in entry and not (isinstance(entry[key], str) and entry[key].strip()):
                self.say([*at, key], f"{key} {entry[key]!r}", "a sentence in words")
                return None
        return Step(tuple(str(page) for page in entry["pages"]), entry.get("why", ""), entry.get("ask", ""))
