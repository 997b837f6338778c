"""The frame of every page: which assets it loads, its policy, its navigation and the line under its title.

The theme gives the translator, the list of a page's headings and the colours of code. Its own scripts, icon fonts and style
sheet weigh twice as much as a page may; the templates in ``docs/_templates`` and ``site.css`` take their place.
"""

from __future__ import annotations

import math
import posixpath
import shutil
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.writers.html5 import HTML5Translator

from ketamine_kb import settings
from ketamine_kb.project import here
from ketamine_kb.sphinxext.pages import PageStatus, long_date, status_of

#: What a page may load and do. Hosts that can set headers send more (``docs/contribute/publish.md``).
POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'"
#: Assets that no page needs: the theme's own, and those of extensions whose markup ``site.css`` covers.
DROPPED = (
    "styles/",
    "scripts/",
    "sphinx-design.min.css",
    "design-tabs.js",
    "doctools.js",
    "sphinx_highlight.js",
    "documentation_options.js",
)
#: Assets that a page needs only when its text holds this.
WANTED = {"pygments.css": 'class="highlight', "plots.css": "kb-plot", "diagrams.js": "kb-diagram"}
#: Parts of the theme that are copied into every site and that no page of ours loads.
UNUSED = ("scripts", "styles", "vendor", "webpack-macros.html", "design-tabs.js", "sphinx-design.min.css")
#: Pages that every footer names.
FOOTER_PAGES = (
    ("about/corrections", "Corrections"),
    ("about/how-pages-are-made", "How pages are made"),
    ("about/who-pays", "Who pays"),
    ("contribute/index", "Correct or improve this site"),
)
#: Words that a calm adult reads in a minute.
PACE = 200
#: From this many minutes on a page is looked things up in, not read.
LONGEST = 25
#: Pages of a chapter named beside a page, so that a page does not grow with the chapter.
NEIGHBOURS = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a menu: ``current`` on the way to the page shown, ``here`` for the page itself."""

    link: str
    title: str
    current: bool = False
    here: bool = False
    depth: int = 0


def children(env: BuildEnvironment, docname: str) -> list[tuple[str, str]]:
    """Pages in the tables of contents of a page, in order: document and title."""
    found: list[tuple[str, str]] = []
    tree = env.tocs.get(docname)
    for toctree in tree.findall(addnodes.toctree) if tree is not None else ():
        for title, target in toctree["entries"]:
            if target in env.titles:
                found.append((target, title or env.titles[target].astext()))
    return found


class Navigation:
    """Chapters, and the pages beside a page. Computed once a build: a page costs the same however many there are."""

    def __init__(self, env: BuildEnvironment) -> None:
        self.env = env
        self.root = str(env.config.root_doc)
        self.below = {docname: children(env, docname) for docname in env.toctree_includes}
        self.parents = {child: parent for parent, entries in reversed(self.below.items()) for child, _ in entries}

    def line(self, docname: str) -> list[str]:
        """The page and the pages above it, without the home page."""
        found: list[str] = []
        while docname in self.parents and docname not in found:
            found.append(docname)
            docname = self.parents[docname]
        return found

    def chapters(self, docname: str, link: Any) -> list[Entry]:
        """The chapters, with the one of the page marked."""
        above = self.line(docname)
        return [Entry(link(page), title, page in above, page == docname) for page, title in self.below.get(self.root, [])]

    def section(self, docname: str, link: Any) -> tuple[str, list[Entry]]:
        """Title of the page's chapter and its pages, at most ``NEIGHBOURS`` of them around the page; nothing without a chapter."""
        above = self.line(docname)
        if not above or not self.below.get(above[-1]):
            return "", []
        chapter = above[-1]
        titles = dict(self.below[self.root])
        found = [Entry(link(chapter), "About this chapter", chapter == docname, chapter == docname)]
        pages = self.below[chapter]
        at = next((number for number, (page, _) in enumerate(pages) if page in above), 0)
        first = max(0, min(at - NEIGHBOURS // 2, len(pages) - NEIGHBOURS))
        for page, title in pages[first : first + NEIGHBOURS]:
            found.append(Entry(link(page), title, page in above, page == docname))
            if page in above:
                deeper = self.below.get(page, [])[:NEIGHBOURS]
                found += [Entry(link(child), name, child in above, child == docname, 1) for child, name in deeper]
        return titles[chapter], found


def minutes(doctree: nodes.document) -> int:
    """How long the words of a page take to read."""
    return max(1, math.ceil(len(doctree.astext().split()) / PACE))


def facts_line(status: PageStatus | None, doctree: nodes.document | None) -> str:
    """The line under the title: when the evidence was checked, who reviewed it, how long it takes to read."""
    if status is None:
        return ""
    day = status.evidence_checked
    parts = [f'Evidence checked <time datetime="{day.isoformat()}">{long_date(day)}</time>']
    names = ", ".join(status.reviewers)
    parts.append(f"Reviewed by {escape(names)}" if names else "Not yet reviewed by a clinician")
    if status.overdue:
        parts.append("<strong>Overdue: may be out of date</strong>")
    if doctree is not None and (count := minutes(doctree)) <= LONGEST:
        parts.append(f"About {count} minute{'s' if count > 1 else ''} to read")
    return '<ul class="kb-page-facts">' + "".join(f"<li>{part}</li>" for part in parts) + "</ul>\n"


def edit_address(repository: str, path: str) -> str:
    """Where a page is edited on the web, for the forges whose addresses are known; else the repository; ``""`` without one."""
    if not repository:
        return ""
    host = urlsplit(repository).hostname or ""
    edit = {"github": "edit/main", "gitlab": "-/edit/main", "codeberg": "_edit/main"}
    form = next((form for name, form in edit.items() if name in host), None)
    return f"{repository}/{form}/{quote(path)}" if form else repository


def kept(assets: list[Any], text: str) -> list[Any]:
    """The assets that a page needs: each is a file of its own, nothing is inline."""
    found = []
    for asset in assets:
        name = str(getattr(asset, "filename", asset) or "").removeprefix("_static/")
        if not name or name.startswith(DROPPED) or (posixpath.basename(name) in WANTED and WANTED[posixpath.basename(name)] not in text):
            continue
        found.append(asset)
    return found


class Frame:
    """Fills what the templates of the frame show."""

    def __init__(self) -> None:
        self.navigation: Navigation | None = None
        self.repository = ""

    def start(self, app: Sphinx) -> None:
        """Read the settings."""
        self.navigation = None
        self.repository = settings.load(here().root).repository

    def add(self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
        """Fill the context of one page; after every other listener, so that what they add is seen."""
        navigation = self.navigation = self.navigation or Navigation(app.env)
        link = context["pathto"]
        context["kb_policy"] = POLICY
        # First in the head: what stands before it, it does not govern.
        context["metatags"] = f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY, quote=False)}" />\n' + context.get(
            "metatags", ""
        )
        context["kb_chapters"] = navigation.chapters(pagename, link)
        context["kb_section_title"], context["kb_section"] = navigation.section(pagename, link)
        context["kb_footer_pages"] = [page for page in FOOTER_PAGES if page[0] in app.env.all_docs]
        context["kb_edit"] = self._edit(app, pagename)
        context.setdefault("kb_data", "")
        body = str(context.get("body", ""))
        line = facts_line(status_of(app.env.metadata.get(pagename, {})), doctree)
        if line and pagename != navigation.root:
            before, heading, after = body.partition("</h1>\n")
            context["body"] = before + heading + line + after if heading else body
        context["css_files"] = kept(list(context.get("css_files", [])), body)
        context["script_files"] = kept(list(context.get("script_files", [])), body)

    def _edit(self, app: Sphinx, pagename: str) -> str:
        if pagename not in app.env.all_docs:
            return self.repository
        return edit_address(self.repository, here().relative(Path(app.env.doc2path(pagename))))


class PlainTranslator(HTML5Translator):
    """Sphinx's HTML without ``style`` attributes, which the policy of the pages forbids."""

    def depart_colspec(self, node: nodes.Element) -> None:
        """Widths of columns as classes, in steps of five hundredths."""
        following = node.next_node(descend=False, siblings=True)
        if isinstance(following, nodes.colspec):
            return
        given = "colwidths-given" in cast(nodes.Element, cast(nodes.Element, node.parent).parent)["classes"]
        if not given:
            return
        total = sum(column.propwidth() for column in self.colspecs)
        columns = "".join(f'<col class="kb-w-{max(1, round(column.propwidth() / total * 20)) * 5}" />' for column in self.colspecs)
        self.body.append(f"<colgroup>{columns}</colgroup>\n")


def _remove_unused(app: Sphinx, exception: Exception | None) -> None:
    """Take the theme's scripts, fonts and style sheets out of the site: nothing loads them, and they are most of its weight."""
    if exception is not None or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    for name in UNUSED:
        part = static / name
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)


def setup_layout(app: Sphinx) -> None:
    """Register the frame, its scripts and the translator."""
    frame = Frame()
    app.set_translator("html", PlainTranslator)
    app.add_js_file("theme.js", priority=100)
    app.add_js_file("site.js", loading_method="defer")
    app.connect("builder-inited", frame.start)
    app.connect("html-page-context", frame.add, priority=900)
    app.connect("build-finished", _remove_unused, priority=900)
