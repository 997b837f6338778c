"""Whole copies of the project that several tests look at: each is changed, built and kept once for all workers."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests import running
from tests.conftest import Copy, copy_project


@dataclass(frozen=True)
class Builds:
    """One copy of the project, built once or several times; what each build said and made. Not to be changed by a test."""

    root: Path

    @property
    def copy(self) -> Copy:
        """The copy as it is after the last build."""
        return Copy(self.root / "project")

    def said(self, stage: str) -> str:
        return (self.root / f"{stage}.txt").read_text(encoding="utf-8")

    def site(self, stage: str) -> Path:
        """The folder of the site that a build made; there is none when it failed."""
        return self.root / stage

    def line(self, page: str, text: str) -> int:
        """The line of a page on which a text begins, which is there once."""
        content = self.copy.path(f"docs/{page}.md").read_text(encoding="utf-8")
        assert content.count(text) == 1, (page, text)
        return content[: content.index(text)].count("\n") + 1


def _begin(target: Path, more: Mapping[str, str]) -> Builds:
    builds = Builds(target)
    copy = copy_project(target / "project")
    for page, text in more.items():
        path = copy.path(f"docs/{page}.md")
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n\n{text}\n", encoding="utf-8")
    return builds


def _keep(builds: Builds, stage: str, run: running.Run) -> None:
    (builds.root / f"{stage}.txt").write_text(run.said, encoding="utf-8")
    if run.code == 0:
        shutil.copytree(builds.copy.path("build/html"), builds.site(stage))


def make_grown(target: Path, more: Mapping[str, str], edits: Mapping[str, tuple[str, str, str]]) -> None:
    """The site with longer pages (stage ``first``), made anew (``anew``), then after each change of one fact.

    :param more: what is added to the end of each page.
    :param edits: of each stage the file, what is replaced in it, and by what.
    """
    builds = _begin(target, more)
    _keep(builds, "first", builds.copy.build("html"))
    _keep(builds, "anew", builds.copy.build("html", "-E"))
    for stage, (file, old, new) in edits.items():
        builds.copy.edit(file, old, new)
        _keep(builds, stage, builds.copy.build("html"))
    assert all(builds.site(stage).exists() for stage in ("first", "anew", *edits)), "".join(map(builds.said, ("first", "anew", *edits)))


def make_mistaken(target: Path, more: Mapping[str, str]) -> None:
    """One build of pages with mistakes; nothing is told of other pages."""
    builds = _begin(target, more)
    _keep(builds, "mistaken", builds.copy.build("html"))
    told = [line for line in builds.said("mistaken").splitlines() if " - run: nox " in line]
    wrong = [line for line in told if not line.removeprefix("WARNING: ").startswith(tuple(f"docs/{page}.md:" for page in more))]
    assert told, builds.said("mistaken")
    assert wrong == []


def make_printed(target: Path, more: Mapping[str, str]) -> None:
    """Handouts with more on them than their two pages hold."""
    builds = _begin(target, more)
    run = builds.copy.print_handouts("-D", "kb_handout_pages=9")
    assert run.code == 0, run.said
    (target / "printed.txt").write_text(run.said, encoding="utf-8")
