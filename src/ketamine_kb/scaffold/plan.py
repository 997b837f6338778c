"""Changes held in memory, tried out on a copy of the sources, and then written all together or not at all."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ketamine_kb import build
from ketamine_kb.diagrams import records
from ketamine_kb.evidence import load
from ketamine_kb.messages import Fault
from ketamine_kb.project import Faulty, Project
from ketamine_kb.scaffold.answers import fault

#: The folders that the checks read.
PARTS = ("docs", "diagrams", "evidence")


@dataclass
class Plan:
    """New contents of files, by their path in the project."""

    project: Project
    files: dict[str, str] = field(default_factory=dict)
    #: Files that were read before they were changed, as they were.
    before: dict[str, str | None] = field(default_factory=dict)
    #: What to tell at the end.
    notes: list[str] = field(default_factory=list)
    draws: bool = False

    def read(self, name: str) -> str:
        """A file as it will be.

        :raises Faulty: when it cannot be read.
        """
        if name not in self.files:
            self.files[name] = self.project.read(self.project.root / name)
            self.before[name] = self.files[name]
        return self.files[name]

    def change(self, name: str, text: str) -> None:
        """Give a file that was read its new content."""
        self.files[name] = text

    def add(self, name: str, text: str) -> None:
        """A file that does not exist yet.

        :raises Faulty: when it does.
        """
        if os.path.lexists(self.project.root / name) or name in self.files:
            raise Faulty([fault(f"{name} is there already", "a name that is free")])
        self.files[name], self.before[name] = text, None

    def try_out(self, today: dt.date) -> list[Fault]:
        """Every fault that the sources would have with these changes and do not have without them."""
        with tempfile.TemporaryDirectory(prefix="new-") as folder:
            trial = Project(Path(folder).resolve())
            for part in PARTS:
                shutil.copytree(self.project.root / part, trial.root / part, symlinks=True)
            for name, text in self.files.items():
                path = trial.root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
            if self.draws:
                with suppress(Faulty):  # told below
                    self._record(trial)
            later = _told(trial, today)
        known = {_same(item) for item in _told(self.project, today)} if later else set()
        return [item for item in later if _same(item) not in known]

    def _record(self, trial: Project) -> None:
        """Take over the records of the pictures as they are with these changes."""
        records.renew(trial, load.load(trial).claims)
        folder = trial.diagrams / "recorded"
        for path in sorted(folder.glob("*")):
            name = f"diagrams/recorded/{path.name}"
            real = self.project.root / name
            text = path.read_text(encoding="utf-8")
            old = real.read_text(encoding="utf-8") if real.is_file() else None
            if text != old:
                self.files[name], self.before[name] = text, old

    def write(self) -> list[str]:
        """Write everything; the names of the files.

        :raises Faulty: when one cannot be written or was changed in the meantime; nothing has changed then.
        """
        changed = {name: text for name, text in self.files.items() if text != self.before[name]}
        fresh: dict[Path, Path] = {}
        done: list[Path] = []
        try:
            for name, text in changed.items():
                path = self.project.root / name
                handle, made = tempfile.mkstemp(prefix=".new-", dir=path.parent)
                fresh[path] = Path(made)
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                    stream.write(text)
                fresh[path].chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
            for name in changed:
                path, old = self.project.root / name, self.before[name]
                if os.path.lexists(path) if old is None else not path.is_file() or self.project.read(path) != old:
                    raise OSError(None, f"{name} was changed in the meantime")
            for path, beside in fresh.items():
                beside.replace(path)
                done.append(path)
        except OSError as error:
            for path in done:
                text_before = self.before[path.relative_to(self.project.root).as_posix()]
                if text_before is None:
                    path.unlink(missing_ok=True)
                else:
                    path.write_text(text_before, encoding="utf-8", newline="\n")
            raise Faulty([fault(f"not written: {error.strerror or error}", "files that can be written")]) from error
        finally:
            for beside in fresh.values():
                beside.unlink(missing_ok=True)
        return sorted(changed)


def _told(project: Project, today: dt.date) -> list[Fault]:
    try:
        return build.check(project, today)
    except Faulty as error:
        return error.faults


def _same(item: Fault) -> tuple[str, str, str]:
    """What makes two faults the same when lines have moved."""
    return item.path, item.code.value, item.found
