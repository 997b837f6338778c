"""Write the machine-readable files beside the site, and the JSON-LD into each page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from ketamine_kb.evidence import export
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.pages import DISCLAIMER, status_of


def _add_page_data(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    metadata = app.env.metadata.get(pagename, {})
    status = status_of(metadata)
    if status is None:
        return
    domain = domain_of(app.env)
    claims = [domain.knowledge.claims[identifier] for identifier in domain.shown.get(pagename, [])]
    sources = [domain.knowledge.sources[key] for key in dict.fromkeys(key for claim in claims for key in claim.sources)]
    title = app.env.titles[pagename].astext()
    checked = status.evidence_checked.isoformat()
    description = str(metadata.get("description", ""))
    data = export.page_data(title, description, checked, status.reviewers, claims, sources, str(app.config.language))
    # "<" is written as an escape, so that no text can end the script element.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    # For machines, so at the end of the page: before the text it would delay it.
    context["kb_data"] = f'<script type="application/ld+json">{text}</script>'


def _write_files(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    knowledge = domain_of(app.env).knowledge
    order = [docname for docname in app.env.collect_relations() if docname in app.env.metadata]
    pages = [
        (app.env.titles[docname].astext(), app.builder.get_target_uri(docname), str(app.env.metadata[docname].get("description", "")))
        for docname in order
    ]
    (out / "evidence.json").write_text(export.to_json(knowledge), encoding="utf-8")
    (out / "evidence.schema.json").write_text(export.schemas()["evidence.schema.json"], encoding="utf-8")
    (out / "llms.txt").write_text(export.llms_text(knowledge, pages, DISCLAIMER), encoding="utf-8")


def setup_exports(app: Sphinx) -> None:
    """Register both."""
    app.connect("html-page-context", _add_page_data)
    app.connect("build-finished", _write_files)
