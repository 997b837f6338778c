"""Citations to copy: of each page in its foot, and of each claim at its entry in the ledger."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

from ketamine_kb.checks.ledger import LEDGER
from ketamine_kb.evidence.cite import Citable, key_of
from ketamine_kb.evidence.model import Claim
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.pages import long_date, status_of

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator

PREFIX = "how-ketamine-works"


class claim_citation(nodes.General, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """How a claim is cited, at its entry in the ledger: ``claim`` is its id."""


class CiteClaims(SphinxPostTransform):
    """Add its citation to each entry of the ledger; on the web only, so that print stays as it is."""

    default_priority = 410
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """One node an entry."""
        if not self.env.docname.startswith(f"{LEDGER}/"):
            return
        claims = domain_of(self.env).knowledge.claims
        for entry in list(self.document.findall(nodes.container)):
            identifier = entry["ids"][0].removeprefix("claim-") if entry["ids"] else ""
            if identifier in claims and "kb-entry" in entry["classes"]:
                entry += claim_citation(claim=identifier)


def citable_page(app: Sphinx, pagename: str) -> Citable | None:
    """How a page is cited; None for made pages such as the search."""
    status = status_of(app.env.metadata.get(pagename, {}))
    if status is None:
        return None
    return _citable(
        app.env,
        pagename,
        app.env.titles[pagename].astext(),
        status.evidence_checked,
        "Evidence checked",
        app.builder.get_target_uri(pagename),
    )


def citable_claim(env: BuildEnvironment, claim: Claim, ledger: str) -> Citable:
    """How a claim is cited: by its address in the list of all claims, which stays when the claim moves to another chapter.

    :param ledger: the address of that list inside the site.
    """
    where = f"{ledger}#claim-{claim.id}"
    return _citable(env, f"claim-{claim.id}", claim.statement, claim.reviewed, f"Claim graded {claim.certainty}, reviewed", where)


def _citable(env: BuildEnvironment, name: str, title: str, day: Any, dated: str, where: str) -> Citable:
    config = env.config
    site = config.kb_site
    return Citable(
        key=key_of(PREFIX, name),
        contributors=str(config.author),
        title=title,
        collection=str(config.project),
        version=str(config.version),
        day=day,
        dated=f"{dated} {long_date(day)}",
        address=f"{site}/{where}" if site else "",
    )


def visit_claim_citation(self: HTML5Translator, node: claim_citation) -> None:
    """The address that stays, and both forms, closed until wanted."""
    env = self.builder.env
    claim = domain_of(env).knowledge.claims[node["claim"]]
    listed = self.builder.get_relative_uri(self.builder.current_docname, LEDGER)
    cite = citable_claim(env, claim, self.builder.get_target_uri(LEDGER))
    self.body.append(
        '<details class="kb-cite"><summary>Cite this claim</summary>'
        f'<p><a href="{escape(listed)}#claim-{claim.id}">Lasting link to this claim</a></p>'
        f"<p data-cite>{escape(cite.plain)}</p><pre data-cite>{escape(cite.bibtex)}</pre></details>"
    )
    raise nodes.SkipNode


def _add(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    context["kb_cite"] = citable_page(app, pagename)


def setup_citing(app: Sphinx) -> None:
    """Register the node, its transform and the context of pages."""
    app.add_node(claim_citation, html=(visit_claim_citation, None))
    app.add_post_transform(CiteClaims)
    app.connect("html-page-context", _add)
