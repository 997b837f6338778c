"""One Sphinx in memory that builds again only the pages that a change concerns."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from docutils import nodes
from sphinx._cli.util.errors import strip_escape_sequences
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import docutils_namespace, patch_docutils

from ketamine_kb import build
from ketamine_kb.evidence import load
from ketamine_kb.live import shortcuts
from ketamine_kb.memory import collector_paused
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, Project
from ketamine_kb.sphinxext.claims import domain_of

RUN = "nox -s live"
#: Longest text of one problem shown, in characters.
MOST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one build gave.

    :param done: whether pages were written; if not, the last good ones are still there.
    :param pages: how many pages were read or written.
    :param seconds: how long it took.
    :param problems: what Sphinx said, a message each.
    :param held_back: further pages that show the change and were left for a later build.
    """

    done: bool
    pages: int
    seconds: float
    problems: list[str] = field(default_factory=list)
    held_back: frozenset[str] = frozenset()


class Rebuilder:
    """Builds the site into one folder again and again."""

    def __init__(self, project: Project, out: Path, doctrees: Path) -> None:
        self.project, self.out, self.doctrees = project, out, doctrees
        self._said = io.StringIO()
        self._numbers = shortcuts.FigureNumbers()
        self._app: Sphinx | None = None
        #: Roles and directives that Sphinx gave to docutils; a new Sphinx needs them gone.
        self._names = ExitStack()
        self._touched: set[str] = set()
        #: What Sphinx said of each page when it last built it; "" for what belongs to no page.
        self._problems: dict[str, list[str]] = {}
        #: Pages to build before all others, or None for all that are out of date.
        self._first: frozenset[str] | None = None
        self._held_back: set[str] = set()
        shortcuts.install(self._numbers, self._limit)

    def build(self, changed: Iterable[Path] = (), first: Iterable[str] | None = None) -> Outcome:
        """Build what a change of these files concerns; everything that is out of date when there is no Sphinx in memory.

        :param first: names of pages, such as ``safety/misuse``: of the pages that only show what changed, build no others yet.
        """
        start = time.perf_counter()
        self._first, self._held_back = None if first is None else frozenset(first), set()
        changed = [path.resolve() for path in changed]
        self._touched = set()
        self._said.seek(0)
        self._said.truncate()
        try:
            with collector_paused(), patch_docutils():
                if self._app is None or not all(self._can_follow(path) for path in changed):
                    self._start()
                else:
                    self._renew(changed)
                assert self._app is not None
                self._app.build()
                self._only_pages_from_now_on()
        except Faulty as error:
            return Outcome(False, 0, time.perf_counter() - start, [str(fault) for fault in error.faults])
        except Exception as error:  # whatever an unfinished page brings up in a library must not end the writing
            self._app = None
            found = f"Sphinx stopped: {type(error).__name__}: {error}"[:MOST_TEXT]
            fault = Fault("docs", 0, 0, Code.LIVE, found, "a build that ends", run="nox -s html")
            return Outcome(False, 0, time.perf_counter() - start, [str(fault)])
        return Outcome(True, len(self._touched), time.perf_counter() - start, self._told(), frozenset(self._held_back))

    def _start(self) -> None:
        """A new Sphinx, for the first build and after a change that it reads only when it starts."""
        self._app, self._first = None, None
        self._numbers.before = {}
        self._problems = {}
        load.load(self.project)  # a fault of the facts is told as such, and leaves the last Sphinx's pages alone
        self._names.close()
        self._names.enter_context(docutils_namespace())
        source = str(self.project.docs)
        app = Sphinx(source, source, str(self.out), str(self.doctrees), "html", status=None, warning=self._said, parallel=1)
        app.connect("env-before-read-docs", self._numbers.remember)
        app.connect("env-before-read-docs", self._note_read)
        app.connect("doctree-resolved", self._note_written)
        followed = app.events.listeners["env-get-outdated"]
        followed[:] = [listener._replace(handler=self._limited(listener.handler)) for listener in followed]
        self._app = app

    def _limit(self, names: Iterable[str]) -> set[str]:
        """Of these pages, the ones to build now."""
        names = set(names)
        if self._first is None:
            return names
        self._held_back |= names - self._first
        return names & self._first

    def _limited(self, ask: Callable[..., Iterable[str]]) -> Callable[..., list[str]]:
        return lambda *words: sorted(self._limit(ask(*words)))

    def _can_follow(self, path: Path) -> bool:
        """Whether the Sphinx in memory sees a change of this file by itself."""
        if path.suffix == ".md":
            return path.is_relative_to(self.project.docs.resolve())
        if path.suffix == ".mmd":
            return path.is_relative_to(self.project.diagrams.resolve())
        return path.suffix == ".yaml" and path.is_relative_to(self.project.evidence.resolve()) and path.name != "crisis-lines.yaml"

    def _renew(self, changed: list[Path]) -> None:
        """Tell the Sphinx in memory what changed."""
        app = self._app
        assert app is not None
        for path in changed:
            name = app.project.path2doc(path)
            if name and self._first is not None:
                self._first |= {name}
            if name in app.env.all_docs:
                # Sphinx compares times of change with the time at which it had read: a save in between would be lost.
                app.env.all_docs[name] = 0
        if any(path.suffix == ".yaml" for path in changed):
            domain_of(app.env).knowledge = load.load(self.project)

    def _only_pages_from_now_on(self) -> None:
        """Leave out what is made at the end of each build: exports, downloads, counts, the saved environment, the search index."""
        assert self._app is not None
        self._app.events.listeners["build-finished"].clear()
        if isinstance(self._app.builder, StandaloneHTMLBuilder):
            self._app.builder.search = False

    def _note_read(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        self._touched |= set(docnames)

    def _note_written(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        self._touched.add(docname)

    def _told(self) -> list[str]:
        """What Sphinx said, now and earlier, of pages that are not mended yet."""
        assert self._app is not None
        for name in ["", *self._touched]:
            self._problems.pop(name, None)
        for line in strip_escape_sequences(self._said.getvalue()).splitlines():
            name, text = self._page_of(line)
            self._problems.setdefault(name, []).append(text[:MOST_TEXT])
        known = self._app.env.all_docs
        return list(dict.fromkeys(text for name in sorted(self._problems) if not name or name in known for text in self._problems[name]))

    def _page_of(self, line: str) -> tuple[str, str]:
        """The page that a message is about, or "", and the message with the project's own paths."""
        assert self._app is not None
        text = line.replace(str(self.project.root) + "/", "").removeprefix("WARNING: ").removeprefix("ERROR: ")
        path = text.split(":", 1)[0]
        name = self._app.project.path2doc(self.project.root / path) if path.endswith(".md") else None
        return name or "", text


def faults(project: Project) -> list[str]:
    """Every fault that the checks of a build find, in the order of a build."""
    try:
        return [str(fault) for fault in build.check(project)]
    except Faulty as error:
        return [str(fault) for fault in error.faults]
