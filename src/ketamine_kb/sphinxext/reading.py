"""Help to read on: the next page of each reading path, the place where a reader stopped, and print."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from ketamine_kb.checks import reading_paths
from ketamine_kb.checks.reading_paths import Paths, ReadingPath, Step
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project
from ketamine_kb.sphinxext.report import read_or_warn, warn

#: Pages that offer to go on where the reader stopped, besides the start pages; none of them is remembered itself.
DOORS = ("index", "start")
#: Never remembered: who looked for help is nobody's business.
NOT_KEPT = ("get-help",)


def project_of(app: Sphinx) -> Project:
    """The project that Sphinx builds."""
    return Project(Path(app.confdir).parent)


class ReadingPathDirective(SphinxDirective):
    """``{reading-path} patient`` with ``:part: name`` prints the pages of a path, or of one part of it, as an ordered list."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"part": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """The list; an unknown path or part is told."""
        project = project_of(self.env.app)
        self.env.note_dependency(str(reading_paths.path_of(project)))
        try:
            paths = reading_paths.load(project)
        except Faulty:
            return []  # told when the build begins
        reader, part = self.arguments[0], self.options.get("part", "")
        path = paths.paths.get(reader)
        if path is None:
            return self.unknown("path", reader, list(paths.paths))
        if part and part not in path.parts:
            return self.unknown("part", part, list(path.parts))
        steps = path.parts[part] if part else tuple(step for group in path.parts.values() for step in group)
        items = (nodes.list_item("", nodes.paragraph("", "", *self.step(project, paths, step))) for step in steps)
        return [nodes.enumerated_list("", *items, enumtype="arabic", prefix="", suffix=".")]

    def unknown(self, what: str, word: str, known: list[str]) -> list[nodes.Node]:
        """Nothing, and a message with the nearest name."""
        page = project_of(self.env.app).relative(Path(self.env.doc2path(self.env.docname)))
        warn(Fault(page, self.lineno, 0, Code.READING_PATH, f"{what} {word!r}", "one of " + ", ".join(known), nearest(word, known)))
        return []

    def step(self, project: Project, paths: Paths, step: Step) -> list[nodes.Node]:
        """Links to the pages of one step, and its words."""
        made: list[nodes.Node] = []
        for number, page in enumerate(step.pages):
            if number:
                made.append(nodes.Text(" and " if number == len(step.pages) - 1 else ", "))
            source = project.docs / f"{page}.md"
            self.env.note_dependency(str(source))
            words = nodes.inline("", paths.names.get(page) or short(_heading(project.read(source))))
            # The name is given, so that a list does not hold whole titles.
            link = addnodes.pending_xref("", words, refdomain="std", reftype="doc", reftarget=f"/{page}", refexplicit=True, refwarn=True)
            link["refdoc"] = self.env.docname
            made.append(link)
        if step.why:
            made.append(nodes.Text((" " if paths.names.get(step.pages[-1], "").endswith("?") else ": ") + step.why))
        if step.ask:
            made += [nodes.Text(" Ask yourself: "), nodes.emphasis("", step.ask)]
        return made


def _heading(text: str) -> str:
    return next((line[2:].strip() for line in text.split("\n") if line.startswith("# ")), "")


def short(title: str) -> str:
    """A title up to its colon."""
    return title.partition(": ")[0]


class ReadingContext:
    """Adds to each page what the templates of the foot show; the data are read once a build."""

    def __init__(self) -> None:
        self.paths = Paths({}, {})

    def load(self, app: Sphinx) -> None:
        """Read the paths."""
        self.paths = read_or_warn(lambda: reading_paths.load(project_of(app)), Paths({}, {}))

    def add(self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
        """Fill the context of one page."""
        if pagename not in app.env.titles:
            return
        starts = {path.start for path in self.paths.paths.values()}

        def link(page: str) -> dict[str, str]:
            name = self.paths.names.get(page) or short(app.env.titles[page].astext())
            return {"href": app.builder.get_relative_uri(pagename, page), "name": name}

        def row(path: ReadingPath, at: int, before: str, after: str) -> dict[str, Any]:
            return {
                "reader": path.reader,
                "readers": path.readers,
                "at": at,
                "of": len(path.pages),
                "before": link(before) if before else None,
                "next": link(after) if after else None,
                "start": link(path.start),
            }

        context["kb_paths"] = [row(*found) for found in self.paths.around(pagename)]
        context["kb_door"] = pagename in starts or pagename in DOORS
        keep = "evidence_checked" in app.env.metadata.get(pagename, {}) and not context["kb_door"] and pagename not in NOT_KEPT
        context["kb_place"] = pagename if keep else ""


def _follow(app: Sphinx, config: Config) -> None:
    """Write every page again when a path changes: the foot of each page shows them."""
    path = reading_paths.path_of(project_of(app))
    config.kb_reading_paths = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def setup_reading(app: Sphinx) -> None:
    """Register the directive, the context and the script."""
    reading = ReadingContext()
    app.add_config_value("kb_reading_paths", "", "html", types=frozenset({str}))
    app.add_directive("reading-path", ReadingPathDirective)
    app.connect("config-inited", _follow)
    app.connect("builder-inited", reading.load)
    app.connect("html-page-context", reading.add)
    app.add_css_file("reading.css")
    app.add_js_file("reading.js", loading_method="defer")
