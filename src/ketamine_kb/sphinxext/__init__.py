"""The Sphinx extension of *How Ketamine Works*: one module for each thing an author can write; this file only wires them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from ketamine_kb import __version__
from ketamine_kb.sphinxext.chips import setup_chips
from ketamine_kb.sphinxext.citations import setup_citations
from ketamine_kb.sphinxext.claims import setup_claims
from ketamine_kb.sphinxext.crisis import setup_crisis
from ketamine_kb.sphinxext.exports import setup_exports
from ketamine_kb.sphinxext.linkcheck import setup_linkcheck
from ketamine_kb.sphinxext.mermaid import setup_mermaid
from ketamine_kb.sphinxext.pages import setup_pages
from ketamine_kb.sphinxext.search import setup_search
from ketamine_kb.sphinxext.tables import setup_tables


def _code_version() -> int:
    """A number that changes with our code, so that Sphinx reads every page again after a change to it."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return int(digest.hexdigest()[:8], 16)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything; called by Sphinx."""
    setup_citations(app)
    setup_claims(app)
    setup_chips(app)
    setup_tables(app)
    setup_mermaid(app)
    setup_crisis(app)
    setup_pages(app)
    setup_exports(app)
    setup_linkcheck(app)
    setup_search(app)
    return {"version": __version__, "env_version": _code_version(), "parallel_read_safe": True, "parallel_write_safe": True}
