"""Print: doctree to Typst to tagged PDF. A Sphinx extension of its own, on top of ``ketamine_kb.sphinxext``."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from ketamine_kb import __version__
from ketamine_kb.pdf.book import setup_book
from ketamine_kb.pdf.builder import setup_pdf


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the builders; called by Sphinx."""
    app.setup_extension("ketamine_kb.sphinxext")
    setup_pdf(app)
    setup_book(app)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
