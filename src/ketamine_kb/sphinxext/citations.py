"""How sources are cited and listed: ``[Zarate 2006]`` in the text, a full entry with its study design in the bibliography."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pybtex.plugin
from docutils import nodes
from pybtex.database import Entry
from pybtex.richtext import Text
from pybtex.style.formatting.unsrt import Style as UnsrtStyle
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.sorting import BaseSortingStyle
from pybtex.style.template import field, href, join, sentence
from sphinx.application import Sphinx

from ketamine_kb.evidence.bibliography import DESIGNS, address, issuer

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator

_SEEN = {"fulltext": "full text read", "abstract": "abstract read", "citation": "seen as a citation only"}


class YearLabels(BaseLabelStyle):  # type: ignore[misc]  # pybtex ships no types
    """First author and year, with a letter where two would be alike."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterator[str]:
        """One unique label an entry, in the order given."""
        entries = list(sorted_entries)
        bases = [self._base(entry) for entry in entries]
        seen: dict[str, int] = {}
        for base in bases:
            seen[base] = seen.get(base, 0) + 1
            yield base if bases.count(base) == 1 else f"{base}{chr(ord('a') + seen[base] - 1)}"

    @staticmethod
    def _base(entry: Entry) -> str:
        return f"{issuer(entry)} {entry.fields['year']}"


class ByIssuer(BaseSortingStyle):  # type: ignore[misc]
    """In the order of what the labels show: first author or issuing body, then year, then title."""

    def sorting_key(self, entry: Entry) -> tuple[str, str, str]:
        """What two entries are compared by."""
        return issuer(entry).casefold(), entry.fields["year"], entry.fields["title"].casefold()


class SourceStyle(UnsrtStyle):  # type: ignore[misc]
    """Titles as the source writes them (NMDA stays NMDA), one identifier, then the kind of study and how much of it was read."""

    default_sorting_style = ByIssuer
    default_label_style = YearLabels

    def format_title(self, e: Entry, which_field: str, as_sentence: bool = True) -> Any:
        """The title without change of case."""
        title = field(which_field)
        return sentence[title] if as_sentence else title

    def format_web_refs(self, e: Entry) -> Any:
        """One link, the most lasting that is known, then design and depth of reading."""
        return join[self._link(e), " (", self._kind(e), ")"]

    @staticmethod
    def _kind(e: Entry) -> Text:
        design = DESIGNS.get(e.fields.get("design", ""), "source")
        return Text(f"{design}; {_SEEN.get(e.fields.get('verified', ''), 'not said how much was read')}")

    @staticmethod
    def _link(e: Entry) -> Any:
        shown, target = address(e)
        return href[target, shown]


def visit_citation(self: HTML5Translator, node: nodes.citation) -> None:
    """One source as an item of a list. docutils 0.22.4 writes the role ``doc-biblioentry``, which ARIA has deprecated (seen 2026-11-21)."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        self.body.append('<div role="list" class="citation-list">\n')
    self.body.append(self.starttag(node, "div", classes=["citation"], role="listitem"))


def setup_citations(app: Sphinx) -> None:
    """Register the style; ``conf.py`` names it as ``bibtex_default_style = "sources"``."""
    pybtex.plugin.register_plugin("pybtex.style.formatting", "sources", SourceStyle)
    # pybtex reads the metadata of every installed package on each look-up, a fifth of a build (sphinxcontrib-bibtex 2.7.0 and
    # pybtex 0.26.1, measured 2026-11-21). Remove when pybtex caches its plugins.
    if not hasattr(pybtex.plugin.find_plugin, "cache_info"):
        pybtex.plugin.find_plugin = functools.lru_cache(maxsize=None)(pybtex.plugin.find_plugin)
    app.setup_extension("sphinxcontrib.bibtex")
    app.add_node(nodes.citation, override=True, html=(visit_citation, None))
