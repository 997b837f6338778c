"""Everything that Sphinx's log is given leaves it as a :class:`~ketamine_kb.messages.Fault`: ours as they are, others said again.

Each fault is shown once. With ``KB_FAULTS`` naming a file, each is also added to it as one line of JSON, for the closing summary.
"""

from __future__ import annotations

import logging as plain_logging
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from docutils.parsers.rst import directives, roles
from sphinx.util import logging

from ketamine_kb.checks import targets
from ketamine_kb.faultlog import append
from ketamine_kb.messages import Fault
from ketamine_kb.project import Faulty, Project, here
from ketamine_kb.sphinxext import restate

if TYPE_CHECKING:
    from sphinx.application import Sphinx

T = TypeVar("T")
_LOGGER = logging.getLogger("ketamine_kb")
#: The environment variable that names the file for faults.
FAULTS = "KB_FAULTS"
#: The task of each builder, for the command to run again.
TASKS = {"html": "html", "handout": "pdf", "doctest": "doctest", "linkcheck": "linkcheck"}
_PLACE = re.compile(r"^(?P<path>.*?)(?::(?P<line>\d+))?:?$")


#: Files of which something was told in this build.
_TOLD: set[str] = set()


def told(path: str) -> bool:
    """True when something was already told of a file."""
    return path in _TOLD


def warn(fault: Fault) -> None:
    """Log one fault as a warning of type ``kb`` whose subtype is its code."""
    _LOGGER.warning("%s", fault, type="kb", subtype=fault.code.value, extra={"fault": fault})


def read_or_warn(read: Callable[[], T], otherwise: T) -> T:
    """What ``read`` returns; where it cannot be read, each fault is logged and ``otherwise`` returned.

    The checks stop a build before it comes here, except one that was started without them.
    """
    try:
        return read()
    except Faulty as error:
        for fault in error.faults:
            warn(fault)
        return otherwise


class Restating(plain_logging.Filter):
    """The last filter of Sphinx's handler of warnings: puts the fault in the place of what was said, and drops what was said before."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__()
        self._app = app
        self._project = project_of(app)
        self._said: set[str] = set()
        self._lines: dict[str, list[str]] = {}

    def filter(self, record: plain_logging.LogRecord) -> bool:
        """Change the record; False when it was already said."""
        if restate.ADDED.match(str(record.msg)):
            return False
        fault = getattr(record, "fault", None)
        if not isinstance(fault, Fault):
            fault = self._restated(record)
        words = str(fault)
        if words in self._said:
            return False
        self._said.add(words)
        _TOLD.add(fault.path)
        record.__class__ = plain_logging.LogRecord  # Sphinx's own class would add the place and "WARNING" again
        record.msg, record.args, record.exc_info, record.exc_text = words, (), None, None
        if name := os.environ.get(FAULTS):
            append(Path(name), fault)
        return True

    def _restated(self, record: plain_logging.LogRecord) -> Fault:
        words = self._without_machine(str(record.msg) % record.args if record.args else str(record.msg))
        place = _PLACE.match(str(getattr(record, "location", None) or ""))
        path, line = (place["path"], int(place["line"] or 0)) if place else ("", 0)
        shown = self._project.relative(Path(path)) if path and not path.startswith("<") else "docs"
        word = restate.word_at_fault(words)
        line, column = restate.place(self._text(shown), line, word)
        fault = restate.restate(shown, line, words, self._known, f"nox -s {task(self._app)}")
        return _at(fault, line, column)

    def _without_machine(self, words: str) -> str:
        """No path of this machine in a message."""
        for folder in (self._project.docs, self._project.root):
            words = words.replace(f"{folder.resolve()}{os.sep}", "").replace(f"{folder}{os.sep}", "")
        return words

    def _text(self, shown: str) -> Sequence[str]:
        if shown not in self._lines:
            path = self._project.root / shown
            try:
                text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
            except OSError:
                text = ""
            self._lines[shown] = text.split("\n")
        return self._lines[shown]

    def _known(self, kind: str) -> Sequence[str]:
        kind, _, about = kind.partition(":")
        if kind == "words":
            return re.findall(r"[\w-]+", about)
        env = getattr(self._app, "env", None)
        if env is None:
            return ()
        std = env.domains.standard_domain
        if kind == "role":
            own = {f"{name}:{role}" for name, domain in sorted(env.domains.items()) for role in domain.roles}
            return sorted({*vars(roles)["_roles"], *vars(roles)["_role_registry"], *std.roles, *own})
        if kind == "directive":
            own = {f"{name}:{directive}" for name, domain in sorted(env.domains.items()) for directive in domain.directives}
            return sorted({*vars(directives)["_directives"], *vars(directives)["_directive_registry"], *std.directives, *own})
        if kind == "label":
            return sorted({*std.labels, *std.anonlabels})
        if kind == "term":
            return sorted({name for kind_of, name in std.objects if kind_of == "term"})
        if kind == "key":
            return sorted(getattr(env.get_domain("cite"), "bibtex_keys", ()) or targets.keys(self._project))
        if kind == "page":
            return sorted(env.found_docs)
        if kind == "file":
            return targets.files(self._project)
        if kind == "anchor":
            return targets.anchors(self._project, about)
        if kind == "target":
            return sorted({*std.labels, *std.anonlabels, *targets.links(self._project)})
        return ()


def _at(fault: Fault, line: int, column: int) -> Fault:
    return Fault(fault.path, line, column if line else 0, fault.code, fault.found, fault.expected, fault.nearest, fault.run)


def project_of(app: Sphinx) -> Project:
    """The checkout whose pages are built; a test's folder of pages counts as one."""
    own = here()
    return own if Path(app.srcdir).resolve() == own.docs.resolve() else Project(Path(app.srcdir).resolve().parent)


def task(app: Sphinx) -> str:
    """The task that is carried out."""
    builder = getattr(app, "builder", None)
    return TASKS.get(builder.name if builder else "html", "html")


def setup_report(app: Sphinx) -> None:
    """Put the filter behind those of Sphinx."""
    _TOLD.clear()
    for handler in plain_logging.getLogger(logging.NAMESPACE).handlers:
        if isinstance(handler, logging.WarningStreamHandler):
            handler.addFilter(Restating(app))
