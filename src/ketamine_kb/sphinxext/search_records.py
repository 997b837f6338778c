"""What the search keeps of each page, collected when the page is read: from the doctree, never from what was built."""

from __future__ import annotations

import copy
from collections.abc import Set
from typing import cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector

from ketamine_kb.checks.ledger import LEDGER
from ketamine_kb.search.index import PageRecord, SectionRecord, TermRecord, TopicRecord
from ketamine_kb.sphinxext.claims import claim_chip

#: The page whose lines lead from a word to pages.
TOPICS = "reference/topics"
#: Pages made from data: their rows are found as claims and terms, so only their headings and first words are searched.
_MADE = frozenset({LEDGER, "evidence/sources", "reference/bibliography", TOPICS})
#: Tables of facts are made of claims, which are found by themselves; those of these pages are not.
WITH_TABLES = frozenset({"evidence/clinic-claims", "evidence/how-we-grade"})
#: Title of the plain section of a page.
PLAIN = "In plain words"
#: What has no words of its own to search, or repeats those of a claim.
_SKIPPED = (nodes.literal_block, nodes.doctest_block, nodes.comment, nodes.title, nodes.section, addnodes.glossary, addnodes.toctree)


class SearchRecords(EnvironmentCollector):
    """Keeps one :class:`PageRecord` a page in the environment, through incremental and parallel builds."""

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page."""
        records_of(env).pop(docname, None)

    def merge_other(self, app: Sphinx, env: BuildEnvironment, docnames: Set[str], other: BuildEnvironment) -> None:
        """Take over what a parallel reader collected."""
        records_of(env).update({docname: copy.copy(records_of(other)[docname]) for docname in docnames if docname in records_of(other)})

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Collect from one page."""
        env = app.env
        title = next((node for node in doctree.findall(nodes.title)), None)
        record = PageRecord(title.astext() if title else env.docname, str(env.metadata[env.docname].get("description", "")))
        made = is_made(env.docname)
        for section in doctree.findall(nodes.section):
            record.sections.append(_section(section, "" if made else None, with_facts=env.docname in WITH_TABLES))
        for item in doctree.findall(nodes.definition_list_item):
            if isinstance(item.parent.parent, addnodes.glossary):
                record.terms += _terms(item)
        if env.docname == TOPICS:
            record.topics = [_topic(item, env) for item in doctree.findall(nodes.list_item)]
        records_of(env)[env.docname] = record


def is_made(docname: str) -> bool:
    """True for a page that lists facts."""
    return docname in _MADE or docname.startswith(f"{LEDGER}/")


def records_of(env: BuildEnvironment) -> dict[str, PageRecord]:
    """The records of all pages, by page."""
    if not hasattr(env, "kb_search_records"):
        env.kb_search_records = {}  # type: ignore[attr-defined]
    return cast("dict[str, PageRecord]", env.kb_search_records)  # type: ignore[attr-defined]


class _Words(nodes.SparseNodeVisitor):
    """The words and claims of one section, without those of the sections in it."""

    def __init__(self, document: nodes.document, *, with_facts: bool) -> None:
        super().__init__(document)
        self.parts: list[str] = []
        self.claims: list[str] = []
        self.with_facts = with_facts

    def dispatch_visit(self, node: nodes.Node) -> None:
        """Words, claims, or nothing."""
        if isinstance(node, nodes.Element):
            self.claims += [node["claim"]] if isinstance(node, claim_chip) else node.get("kb_claims", [])
            if isinstance(node, _SKIPPED) or (isinstance(node, nodes.table) and "kb-facts" in node["classes"] and not self.with_facts):
                raise nodes.SkipNode
            if not isinstance(node, nodes.Inline):
                self.parts.append(" ")
        elif isinstance(node, nodes.Text):
            self.parts.append(node.astext())

    def dispatch_departure(self, node: nodes.Node) -> None:
        """Nothing: :meth:`dispatch_visit` did all."""


def _section(section: nodes.section, fixed: str | None, *, with_facts: bool) -> SectionRecord:
    title = section.next_node(nodes.title)
    words = _Words(section.document or nodes.document(None, None), with_facts=with_facts)  # type: ignore[arg-type]
    for child in section.children:
        child.walk(words)
    text = " ".join("".join(words.parts).split()) if fixed is None else fixed
    name = title.astext() if title else ""
    return SectionRecord(section["ids"][0], name, text, name == PLAIN, words.claims)


def _terms(item: nodes.definition_list_item) -> list[TermRecord]:
    text = " ".join(" ".join(part.astext() for part in item.findall(nodes.definition)).split())
    return [TermRecord(term["ids"][0], " ".join(term.astext().split()), text) for term in item.findall(nodes.term)]


def _topic(item: nodes.list_item, env: BuildEnvironment) -> TopicRecord:
    """``**words:** [page](page.md), [page](page.md)``."""
    strong = item.next_node(nodes.strong)
    pages = []
    for link in item.findall(addnodes.pending_xref):
        target = str(link.get("reftarget", "")).partition("#")[0]
        pages.append(link["refdoc"] if not target else _named(target, env))
    return TopicRecord(strong.astext().rstrip(": ") if strong else "", list(dict.fromkeys(page for page in pages if page)))


def _named(target: str, env: BuildEnvironment) -> str:
    """The page that a link leads to, as MyST leaves it: a name of a page, or a path from this one."""
    if target in env.found_docs:
        return target
    relative, _ = env.relfn2path(target)
    return env.path2doc(env.srcdir / relative) or ""


def setup_search_records(app: Sphinx) -> None:
    """Register the collector."""
    app.add_env_collector(SearchRecords)
