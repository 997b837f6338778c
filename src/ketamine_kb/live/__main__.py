"""``python -m ketamine_kb.live``: the command line of ``nox -s live``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from watchfiles import Change, watch

from ketamine_kb.live.rebuild import RUN, Outcome, Rebuilder, faults
from ketamine_kb.live.server import News, Server
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Project, here

#: Kinds of files whose change matters; an editor's own files beside them do not.
KINDS = frozenset({".md", ".yaml", ".bib", ".mmd", ".py", ".css", ".js", ".json", ".html", ".svg", ".png", ".otf", ".typ"})
#: Milliseconds without a further change after which a save counts as finished, and the longest wait for that.
PAUSE, LONGEST_PAUSE = 60, 400
#: Milliseconds between looks at what browsers have opened.
LOOK = 300


def watched(change: Change, path: str) -> bool:
    """Whether a change of this file is one of the writer's."""
    name = Path(path).name
    return Path(path).suffix in KINDS and not name.startswith((".", "#", "~")) and "__pycache__" not in path


class Writing:
    """Builds after each change and tells the browser and the terminal."""

    def __init__(self, project: Project, news: News) -> None:
        self.project, self.news = project, news
        # build/live/ is for reading while writing; what is published comes from a strict build.
        self.rebuilder = Rebuilder(project, project.build / "live", project.build / "live-doctrees")
        self._number = 0
        self._problems: list[str] = []
        self._waiting: frozenset[str] = frozenset()

    def turn(self, changed: Sequence[Path] = ()) -> Outcome:
        """One build: the changed page and the pages that a browser shows; then every check.

        Other pages that show a changed claim or diagram are built when somebody opens them, so that the next save need not wait.
        """
        outcome = self._build(changed, self.news.open_pages if changed else None)
        self._waiting = outcome.held_back if outcome.done else self._waiting
        name = self._name
        problems = list(dict.fromkeys([*faults(self.project), *outcome.problems]))
        self._problems = problems
        self.news.tell(name, problems)
        for problem in problems:
            print(problem, file=sys.stderr)
        pages = f"{outcome.pages} page{'' if outcome.pages == 1 else 's'} in {outcome.seconds:.1f} s" if outcome.done else "nothing built"
        print(f"{pages}, {len(problems)} problem{'' if len(problems) == 1 else 's'}", file=sys.stderr, flush=True)
        return outcome

    def catch_up(self) -> None:
        """Build what a browser shows and what earlier builds left."""
        if wanted := self._waiting & self.news.open_pages:
            outcome = self._build((), wanted)
            self._waiting -= wanted
            print(f"{outcome.pages} opened, in {outcome.seconds:.1f} s", file=sys.stderr, flush=True)

    def _build(self, changed: Sequence[Path] = (), first: Iterable[str] | None = None) -> Outcome:
        outcome = self.rebuilder.build(changed, first)
        if outcome.done and outcome.pages:
            self._number += 1
        # Until the checks have run, what they said last still stands, or it would flicker.
        self.news.tell(self._name, list(dict.fromkeys([*self._problems, *outcome.problems])))
        return outcome

    @property
    def _name(self) -> str:
        # The process is in the name of the build, so that a page opened before a restart is loaded again.
        return f"{os.getpid()}-{self._number}"

    def must_restart(self, path: Path) -> bool:
        """Whether a change of this file is seen only by a new process: our own code and the settings of Sphinx."""
        return path.suffix == ".py" and (path.is_relative_to(self.project.root / "src") or path.parent == self.project.docs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; ends with Ctrl-C."""
    parser = argparse.ArgumentParser(prog=RUN + " --", description=__doc__, allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1", help="name or address to answer on (this machine only: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to answer on (%(default)d)")
    parser.add_argument("--open", action="store_true", help="open the site in the browser")
    given = parser.parse_args(arguments)
    project, news = here(), News()
    writing = Writing(project, news)
    try:
        server = Server(project.build / "live", news, given.host, given.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        found = f"port {given.port} on {given.host} cannot be used: {reason}"
        print(Fault("nox -s live", 0, 0, Code.LIVE, found, "a free port", run=f"{RUN} -- --port 8001"), file=sys.stderr)
        return 2
    address = f"http://{given.host}:{server.port}/"
    folders = [project.docs, project.diagrams, project.evidence, project.root / "src"]
    try:
        saves = watch(
            *folders,
            watch_filter=watched,
            debounce=LONGEST_PAUSE,
            step=PAUSE,
            rust_timeout=LOOK,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
        # Watched from here on: what is saved during the first build is built after it.
        early = next(saves, None)
        if early is None:
            return 0
        print(f"Building into build/live/ (the first time takes a while), then open {address}", file=sys.stderr, flush=True)
        writing.turn()
        print(f"Ready: {address} (Ctrl-C ends)", file=sys.stderr, flush=True)
        if given.open:
            import webbrowser

            webbrowser.open(address)
        for changes in chain([early], saves):
            if not changes:
                writing.catch_up()
                continue
            changed = sorted({Path(path) for _, path in changes})
            if any(writing.must_restart(path) for path in changed):
                print("The code changed: starting anew.", file=sys.stderr, flush=True)
                server.close()
                words = [word for word in (sys.argv[1:] if arguments is None else arguments) if word != "--open"]
                os.execv(sys.executable, [sys.executable, "-m", "ketamine_kb.live", *words])
            writing.turn(changed)
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
