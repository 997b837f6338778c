"""``python -m ketamine_kb.sphinxext.launch``: Sphinx's own command line, whose tracebacks end as one message and a log.

The log lies in ``build/stopped.log``; the message names the page and the cause.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import sphinx._cli.util.errors as sphinx_errors
from docutils.nodes import Node
from docutils.parsers.rst import Directive
from sphinx.cmd.build import build_main
from sphinx.errors import ConfigError, ExtensionError, SphinxParallelError
from sphinx.util.docutils import SphinxRole

from ketamine_kb import faultlog
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, Project, here
from ketamine_kb.sphinxext.report import FAULTS

LOG = "stopped.log"
#: Longest cause that is quoted.
LONGEST = 200


def main(arguments: Sequence[str]) -> int:
    """Run Sphinx; 0 when all is well, 1 for faults, 2 when it had to stop, 130 when somebody stopped it."""
    given = list(arguments)
    caught: list[BaseException] = []
    # Sphinx has no public way to say a crash in other words (9.0.4): it prints a report and asks for an issue.
    theirs = sphinx_errors.handle_exception
    sphinx_errors.handle_exception = lambda exception, **_: caught.append(exception)
    try:
        code = build_main(given)
    finally:
        sphinx_errors.handle_exception = theirs
    if not caught:
        return code
    if isinstance(caught[0], KeyboardInterrupt):
        return 130
    if isinstance(caught[0], SphinxParallelError) and (alone := _one_process(given)) != given:
        # What crossed from another process lost its page: once more in this one, which stops at the same place and can name it.
        return main(alone)
    for fault in stopped(here(), caught[0]):
        sys.stderr.write(f"{fault}\n")
        if name := os.environ.get(FAULTS):
            faultlog.append(Path(name), fault)
    return 2


def _one_process(arguments: Sequence[str]) -> list[str]:
    kept, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word in ("-j", "--jobs"):
            skip = True
        elif not re.match(r"-j.|--jobs=", word):
            kept.append(word)
    return kept


def stopped(project: Project, error: BaseException) -> list[Fault]:
    """The faults behind an exception; writes the log with its traceback."""
    root: BaseException = error
    while isinstance(root, ExtensionError) and root.orig_exc is not None:
        root = root.orig_exc
    if isinstance(root, Faulty):
        return root.faults
    project.build.mkdir(parents=True, exist_ok=True)
    details = error.traceback if isinstance(error, SphinxParallelError) else "".join(traceback.format_exception(error))
    (project.build / LOG).write_text(details, encoding="utf-8", errors="backslashreplace")
    page, line = _place(project, error, root)
    cause = " ".join(str(root).split()).replace(f"{project.root.resolve()}{os.sep}", "")
    if not cause or not isinstance(root, (ExtensionError, ConfigError)):
        cause = f"{type(root).__name__}: {cause}".rstrip(": ")
    found = f"the build stopped: {cause[:LONGEST]}"
    return [Fault(page, line, 0, Code.STOPPED, found, f"a build that ends; details in build/{LOG}")]


def _place(project: Project, error: BaseException, root: BaseException) -> tuple[str, int]:
    """Page and line that were worked on, from the innermost step that knows them."""
    if isinstance(root, ConfigError):
        return "docs/conf.py", 0
    line, page = 0, ""
    for trace in (root.__traceback__, error.__traceback__):
        for values in reversed(_locals(trace)):
            line = line or _line(values)
            for name in ("docname", "pagename"):
                if not page and isinstance(values.get(name), str) and (project.docs / f"{values[name]}.md").is_file():
                    page = f"docs/{values[name]}.md"
    return page or "docs", line if page else 0


def _locals(trace: TracebackType | None) -> list[dict[str, Any]]:
    frames = []
    while trace is not None:
        frames.append(dict(trace.tb_frame.f_locals))
        trace = trace.tb_next
    return frames


def _line(values: dict[str, Any]) -> int:
    own, node = values.get("self"), values.get("node")
    if isinstance(own, (Directive, SphinxRole)):
        number = getattr(own, "lineno", 0)
        return number if isinstance(number, int) else 0
    if isinstance(node, Node):
        return node.line or 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
