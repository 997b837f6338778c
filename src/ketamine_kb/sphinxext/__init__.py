"""The Sphinx extension of *How Ketamine Works*: one module for each thing an author can write; this file only wires them."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from ketamine_kb import __version__
from ketamine_kb.sphinxext.citations import setup_citations
from ketamine_kb.sphinxext.crisis import setup_crisis
from ketamine_kb.sphinxext.linkcheck import setup_linkcheck
from ketamine_kb.sphinxext.mermaid import setup_mermaid
from ketamine_kb.sphinxext.pages import setup_pages
from ketamine_kb.sphinxext.search import setup_search


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything; called by Sphinx."""
    setup_citations(app)
    setup_mermaid(app)
    setup_crisis(app)
    setup_pages(app)
    setup_linkcheck(app)
    setup_search(app)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
