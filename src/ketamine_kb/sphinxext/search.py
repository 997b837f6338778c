"""The search of the site: its index, its page, and nothing of Sphinx's own search.

The index is made from the records of all pages, the claims and the synonyms, and written as a script, so that the search also works in
a copy opened from a folder. Only the search page loads it, with the first question.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sphinx
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from ketamine_kb.checks import ledger
from ketamine_kb.project import Faulty, here
from ketamine_kb.search import index, synonyms
from ketamine_kb.search.index import Index, ListedPage, PageRecord
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.report import warn
from ketamine_kb.sphinxext.search_records import is_made, records_of, setup_search_records

_LOGGER = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static" / "search"
#: Folder of the search in the site.
FOLDER = "_static/search"
#: Sphinx's copies of Porter's rules, which are those of the Python package that made the index.
STEMMERS = tuple(Path(sphinx.__file__).parent / "search" / "minified-js" / name for name in ("base-stemmer.js", "porter-stemmer.js"))
#: The library and our scripts, in the order in which they run; the last is the page's own.
SCRIPTS = ("minisearch.min.js", "engine.js", "page.js")
#: What Sphinx and the theme bring for the search that this one replaces.
REPLACED = ("searchtools.js", "language_data.js", "sphinx_highlight.js")
#: Sphinx's keys for its own search: this page has one field, and it has the focus.
SHORTCUTS = ("documentation_options.js", "doctools.js")
#: Pages that touch many subjects in brief: a page on the one subject goes before them.
_BRIEF = re.compile(r"faq$|start$|start/|evidence/myths$|reference/timeline$")
#: Pages about the site's own making, lists and logs: found, but not before a page that has the subject.
_ASIDE = re.compile(r"contribute/|about/corrections$|handouts/|.*index$|reference/(?:glossary|diagrams)$|evidence/clinic-claims$")
#: Of these only the headings: they repeat other pages, or are for those who write here.
_HEADINGS_ONLY = re.compile(r"contribute/|about/corrections$|handouts/")


def listed(name: str, address: str, record: PageRecord) -> ListedPage:
    """A page as the index takes it."""
    rank = 0 if is_made(name) or _ASIDE.match(name) else 1 if _BRIEF.match(name) else 2
    return ListedPage(name, address, record, rank, not _HEADINGS_ONLY.match(name))


def make(app: Sphinx) -> Index:
    """The index of all pages as they were read.

    :raises Faulty: when the synonyms cannot be read.
    """
    records = records_of(app.env)
    order = dict.fromkeys([*(name for name in app.env.collect_relations() if name in records), *sorted(records)])
    pages = [listed(name, app.builder.get_target_uri(name), records[name]) for name in order]
    facts = domain_of(app.env).knowledge
    entries = {identifier: ledger.page_of(chapter) for identifier, chapter in facts.chapter_of.items()}
    return index.make(pages, facts.claims.values(), synonyms.read(here())[1], entries)


def _start(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.search = False  # type: ignore[attr-defined]


def _page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the scripts, and give the search page their addresses: that of its own script, and those that come with a question."""
    if app.builder.name != "html":
        return
    try:
        made = make(app)
        # The synonyms are words of this site; another folder of pages has others.
        if Path(app.srcdir).resolve() == here().docs.resolve():
            for fault in synonyms.astray(here(), made.vocabulary, set(records_of(app.env))):
                warn(fault)
    except Faulty as error:
        for fault in error.faults:
            warn(fault)
        return
    folder = Path(app.outdir) / FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # so that a script of an earlier version does not stay
    folder.mkdir(parents=True)
    addresses = []
    for name, content in [
        *((path.name, path.read_bytes()) for path in STEMMERS),
        ("index.js", made.script.encode()),
        *((name, (STATIC / name).read_bytes()) for name in SCRIPTS),
    ]:
        (folder / name).write_bytes(content)
        # The address changes with the content, so that no browser mixes an old index with a new engine.
        addresses.append(f"{FOLDER}/{name}?v={hashlib.sha256(content).hexdigest()[:8]}")
    for name in ("LICENSE-minisearch.txt", "search.css"):
        (folder / name).write_bytes((STATIC / name).read_bytes())
    _LOGGER.info("search: %s", ", ".join(f"{number} {kind}" for kind, number in made.counts.items()))
    yield "search", {"kb_search_scripts": addresses[:-1], "kb_search_page": addresses[-1]}, "search.html"


def _without_old_scripts(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    dropped = (*REPLACED, *SHORTCUTS) if pagename == "search" else REPLACED
    kept = [script for script in context.get("script_files", []) if Path(str(getattr(script, "filename", script))).name not in dropped]
    context["script_files"] = kept


def _remove_old_files(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        for name in (*(f"_static/{name}" for name in REPLACED), "_static/base-stemmer.js", "_static/english-stemmer.js", "searchindex.js"):
            (Path(app.outdir) / name).unlink(missing_ok=True)


def setup_search(app: Sphinx) -> None:
    """Register the records, the index and the page."""
    setup_search_records(app)
    app.connect("builder-inited", _start)
    app.connect("html-collect-pages", _page)
    app.connect("html-page-context", _without_old_scripts, priority=900)
    app.connect("build-finished", _remove_old_files)
