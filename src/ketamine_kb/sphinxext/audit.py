"""Counts at the end of a build of the site: what the sources hold is on the pages, or the build fails.

Every page is compared, also those that an incremental build did not write again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from ketamine_kb.checks import counts
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, Project
from ketamine_kb.sphinxext.report import project_of, told, warn

_LOGGER = logging.getLogger(__name__)


def setup_audit(app: Sphinx) -> None:
    """Count after everything else was written."""
    app.connect("env-get-outdated", _forget_removed)
    app.connect("build-finished", _audit, priority=950)


def _forget_removed(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> Iterable[str]:
    """Sphinx leaves the page of a source that is gone; it would be published for ever."""
    if isinstance(app.builder, StandaloneHTMLBuilder) and app.builder.name == "html":
        for docname in removed:
            Path(app.builder.get_outfilename(docname)).unlink(missing_ok=True)
    return ()


def _audit(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not isinstance(app.builder, StandaloneHTMLBuilder) or app.builder.name != "html":
        return
    project = project_of(app)
    expected: Counter[str] = Counter()
    written: Counter[str] = Counter()
    for docname in sorted(app.env.found_docs):
        expected["pages"] += 1
        path = Path(app.builder.get_outfilename(docname))
        if not path.is_file():
            shown = project.relative(app.env.doc2path(docname))
            warn(Fault(shown, 0, 0, Code.COUNTS_DIFFER, "a page that was not written", "one page for each source"))
            continue
        written["pages"] += 1
        _compare(project, app.env.doc2path(docname), path.read_text(encoding="utf-8"), expected, written)
    kinds = ("pages", *counts.KINDS)
    rows = [f"{kind:<16}{expected[kind]:>9}{written[kind]:>9}" for kind in kinds]
    _LOGGER.info("\n".join(["", f"{'counted':<16}{'sources':>9}{'site':>9}", *rows]))


def _compare(project: Project, source: Path, html: str, expected: Counter[str], written: Counter[str]) -> None:
    try:
        text = project.read(source)
    except Faulty:  # told before the build
        return
    found, _ = counts.in_source(text)
    expected.update({kind: len(lines) for kind, lines in found.items()})
    written.update(counts.on_page(html))
    shown = project.relative(source)
    if not told(shown):  # what is wrong there explains what is missing
        for fault in counts.differences(shown, text, html):
            warn(fault)
