"""The Sphinx extension of *How Ketamine Works*: one module for each thing an author can write; this file only wires them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from ketamine_kb import __version__
from ketamine_kb.sphinxext.audit import setup_audit
from ketamine_kb.sphinxext.chips import setup_chips
from ketamine_kb.sphinxext.citations import setup_citations
from ketamine_kb.sphinxext.citing import setup_citing
from ketamine_kb.sphinxext.claims import setup_claims
from ketamine_kb.sphinxext.crisis import setup_crisis
from ketamine_kb.sphinxext.doctests import setup_doctests
from ketamine_kb.sphinxext.downloads import setup_downloads
from ketamine_kb.sphinxext.exports import setup_exports
from ketamine_kb.sphinxext.gallery import setup_gallery
from ketamine_kb.sphinxext.kinetics_table import setup_kinetics_table
from ketamine_kb.sphinxext.layout import setup_layout
from ketamine_kb.sphinxext.ledger import setup_ledger
from ketamine_kb.sphinxext.linkcheck import setup_linkcheck
from ketamine_kb.sphinxext.maths import setup_maths
from ketamine_kb.sphinxext.mermaid import setup_mermaid
from ketamine_kb.sphinxext.message_list import setup_message_list
from ketamine_kb.sphinxext.molecules import setup_molecules
from ketamine_kb.sphinxext.pages import setup_pages
from ketamine_kb.sphinxext.plots import setup_plots
from ketamine_kb.sphinxext.published import setup_published
from ketamine_kb.sphinxext.reading import setup_reading
from ketamine_kb.sphinxext.report import setup_report
from ketamine_kb.sphinxext.search import setup_search
from ketamine_kb.sphinxext.stats import setup_stats
from ketamine_kb.sphinxext.tables import setup_tables
from ketamine_kb.sphinxext.terms import setup_terms
from ketamine_kb.sphinxext.trial_plots import setup_trial_plots
from ketamine_kb.sphinxext.trial_tables import setup_trial_tables
from ketamine_kb.sphinxext.untrusted import setup_untrusted


def _code_version() -> int:
    """A number that changes with our code, so that Sphinx reads every page again after a change to it."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return int(digest.hexdigest()[:8], 16)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything; called by Sphinx."""
    setup_report(app)
    setup_citations(app)
    setup_claims(app)
    setup_chips(app)
    setup_tables(app)
    setup_ledger(app)
    setup_stats(app)
    setup_trial_tables(app)
    setup_mermaid(app)
    setup_gallery(app)
    setup_molecules(app)
    setup_plots(app)
    setup_trial_plots(app)
    setup_kinetics_table(app)
    setup_crisis(app)
    setup_pages(app)
    setup_terms(app)
    setup_downloads(app)
    setup_layout(app)
    setup_exports(app)
    setup_published(app)
    setup_reading(app)
    setup_citing(app)
    setup_linkcheck(app)
    setup_search(app)
    setup_doctests(app)
    setup_untrusted(app)
    setup_message_list(app)
    setup_maths(app)
    setup_audit(app)
    return {"version": __version__, "env_version": _code_version(), "parallel_read_safe": True, "parallel_write_safe": True}
