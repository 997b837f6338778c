"""Print: doctree to Typst to tagged PDF. A Sphinx extension of its own, on top of ``ketamine_kb.sphinxext``."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from ketamine_kb import __version__
from ketamine_kb.pdf.builder import setup_pdf


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the builder; called by Sphinx."""
    app.setup_extension("ketamine_kb.sphinxext")
    setup_pdf(app)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
