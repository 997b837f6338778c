"""Keep glossary terms in the search index when only some pages are built again."""

from __future__ import annotations

import pickle
from pathlib import Path

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx


def _save_environment(app: Sphinx, exception: Exception | None) -> None:
    # Sphinx 9.0.4 collects index entries for the search while writing pages, but saves its environment before that, so a second
    # build forgets the entries of every page it does not write again (sphinx-doc/sphinx#12599, open; reproduced 2026-11-21).
    # Remove when that issue is closed, or when the site no longer uses Sphinx's search.
    if exception is None and app.builder.format == "html":
        with (Path(app.doctreedir) / ENV_PICKLE_FILENAME).open("wb") as stream:
            pickle.dump(app.env, stream, pickle.HIGHEST_PROTOCOL)


def setup_search(app: Sphinx) -> None:
    """Register the workaround."""
    app.connect("build-finished", _save_environment)
