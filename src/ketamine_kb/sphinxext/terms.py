"""What a glossary term means, beside its first use on a page: on hover, on focus and when pressed, without a script.

The word stays text: a button lies over it. So a reading mode that drops buttons still shows the whole sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

from ketamine_kb.sphinxext.claims import claim_chip, claim_popovers

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator

#: Stands for a source or a claim while a definition is cut into sentences.
_SOURCED = "\0"
_BETWEEN = re.compile(r"(?<=[.!?])\s+")


class term_note(nodes.Inline, nodes.TextElement):  # noqa: N801  # docutils names nodes in lower case
    """The first use of a term: ``target`` (id in the glossary), ``term``, ``definition`` and ``refuri``; its child is the word."""


class Terms:
    """Definitions of all glossaries and the terms that each page uses; kept in Sphinx's environment between builds."""

    def __init__(self) -> None:
        #: By page: id of each term to its name and definition.
        self.defined: dict[str, dict[str, tuple[str, str]]] = {}
        self.used: dict[str, list[str]] = {}
        #: Definitions by name as they were last written into pages.
        self.written: dict[str, str] = {}

    def by_name(self) -> dict[str, str]:
        """Every definition by the term's name, without regard to case."""
        return {name.casefold(): text for entries in self.defined.values() for name, text in entries.values()}

    def forget(self, docname: str) -> None:
        """A page is read again or gone."""
        self.defined.pop(docname, None)
        self.used.pop(docname, None)


def terms_of(env: BuildEnvironment) -> Terms:
    """The terms of the environment."""
    if not hasattr(env, "kb_terms"):
        env.kb_terms = Terms()  # type: ignore[attr-defined]
    return cast("Terms", env.kb_terms)  # type: ignore[attr-defined]


def spoken(node: nodes.Node) -> str:
    """The words of a definition, with a sign where a source or a claim stands."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, claim_chip) or (isinstance(node, addnodes.pending_xref) and node.get("refdomain") == "cite"):
        return _SOURCED
    return "".join(spoken(child) for child in node.children)


def meaning(text: str) -> str:
    r"""The sentences that say what a word means: those before the first that needs a source, and at least one.

    >>> meaning("A quick pulse. It was fast in rats\0. More.")
    'A quick pulse.'
    """
    text = re.sub(rf"([.!?])\s*{_SOURCED}", rf"{_SOURCED}\1", " ".join(text.split()))
    sentences = _BETWEEN.split(text)
    count = next((number for number, sentence in enumerate(sentences) if _SOURCED in sentence), len(sentences))
    chosen = " ".join(sentences[: max(1, count)]).replace(_SOURCED, "")
    return re.sub(r"\s+([.,;!?])", r"\1", chosen).strip()


def _collect(app: Sphinx, doctree: nodes.document) -> None:
    env = app.env
    known, docname = terms_of(env), env.docname
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            text = next((spoken(paragraph) for paragraph in item.findall(nodes.paragraph)), "")
            for term in item.findall(nodes.term):
                for identifier in term["ids"] if text else ():
                    known.defined.setdefault(docname, {})[identifier] = (term.astext(), meaning(text))
    named = [node["reftarget"] for node in doctree.findall(addnodes.pending_xref) if node.get("reftype") == "term"]
    known.used[docname] = sorted({name.casefold() for name in named})


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    terms_of(env).forget(docname)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    mine, theirs = terms_of(env), terms_of(other)
    for docname in docnames:
        for part in ("defined", "used"):
            if docname in getattr(theirs, part):
                getattr(mine, part)[docname] = getattr(theirs, part)[docname]


def _outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages that show a definition which changed, so that only those are written again."""
    known = terms_of(env)
    now = known.by_name()
    changed = {name for name in now.keys() | known.written.keys() if now.get(name) != known.written.get(name)}
    known.written = now
    return sorted(docname for docname, names in known.used.items() if changed.intersection(names))


class ExplainTerms(SphinxPostTransform):
    """Replace the first link to each term of a page by the word with its definition."""

    default_priority = 500
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Headings keep their links, and so does the glossary, where the definitions stand."""
        known = terms_of(self.env)
        if self.env.docname in known.defined:
            return
        entries = {identifier: entry for page in known.defined.values() for identifier, entry in page.items()}
        seen: set[str] = set()
        for link in list(self.document.findall(nodes.reference)):
            target = str(link.get("refuri", "")).rpartition("#")[2]
            if target not in entries or target in seen or not _is_term(link) or _within(link, nodes.title, claim_popovers):
                continue
            seen.add(target)
            name, definition = entries[target]
            note = term_note("", "", *(child.deepcopy() for child in link.children), target=target, term=name)
            note["definition"], note["refuri"] = definition, link["refuri"]
            link.replace_self(note)


def _is_term(link: nodes.reference) -> bool:
    return any("std-term" in child.get("classes", ()) for child in link.findall(nodes.inline))


def _within(node: nodes.Node, *kinds: type[nodes.Node]) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, kinds):
            return True
        parent = parent.parent
    return False


def visit_note(self: HTML5Translator, node: term_note) -> None:
    """The word, the button over it, and the definition, which the browser opens."""
    word = escape(node.astext())
    identifier = f"def-{escape(node['target'])}"
    shown = f'<b>{escape(node["term"])}:</b> {escape(node["definition"])} <a href="{escape(node["refuri"])}">Glossary</a>'
    self.body.append(
        f'<span class="kb-term-box"><span class="kb-term">{word}</span>'
        f'<button type="button" class="kb-term-open" popovertarget="{identifier}" aria-label="What does {word} mean?"></button>'
        # The brackets are for where no style sheet is: text browsers, reading modes.
        f'<span popover id="{identifier}" class="kb-def"><span class="kb-aside"> (</span>{shown}'
        '<span class="kb-aside">) </span></span></span>'
    )
    raise nodes.SkipNode


def setup_terms(app: Sphinx) -> None:
    """Register the node, the transform and what follows changes of the glossary."""
    app.add_node(term_note, html=(visit_note, None))
    app.add_post_transform(ExplainTerms)
    app.connect("doctree-read", _collect)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("env-updated", _outdated)
