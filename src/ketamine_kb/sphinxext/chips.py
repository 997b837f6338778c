"""How a claim looks on the web: a mark with a sign and a word, and details that the browser itself opens.

No script: the mark is a button with ``popovertarget``. A browser without popovers shows a plain link to the ledger instead.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.application import Sphinx

from ketamine_kb.evidence import status, words
from ketamine_kb.evidence.bibliography import DESIGNS
from ketamine_kb.evidence.certainty import overdue
from ketamine_kb.evidence.model import Claim
from ketamine_kb.evidence.status import Results, Status
from ketamine_kb.evidence.words import MEANING, RELATIONS, SIGNS
from ketamine_kb.sphinxext.claims import ClaimDomain, claim_chip, claim_popovers, domain_of
from ketamine_kb.sphinxext.pages import today

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.text import TextTranslator

BIBLIOGRAPHY = "reference/bibliography"


def setup_chips(app: Sphinx) -> None:
    """Register how marks and their details are written."""
    app.add_node(claim_chip, html=(visit_chip, None), text=(visit_chip_text, None))
    app.add_node(claim_popovers, html=(visit_popovers, None), text=(skip, None))


def visit_chip_text(self: TextTranslator, node: claim_chip) -> None:
    """The word in brackets."""
    claim = domain_of(self.builder.env).knowledge.claims[node["claim"]]
    self.add_text(f"[{claim.certainty}]")
    raise nodes.SkipNode


def skip(self: TextTranslator, node: nodes.Node) -> None:
    """Nothing in plain text: the marks say the word."""
    raise nodes.SkipNode


def mark(claim: Claim, entry: str) -> str:
    """The mark of a claim as HTML: a button that opens its details, and a link for browsers without popovers.

    :param entry: address of its entry in the ledger from this page.
    """
    kind = f"kb-chip kb-chip-{claim.certainty}"
    animals = words.only_in(claim.shown_in).replace(", ", " and ")
    said = f'<span aria-hidden="true">{SIGNS[claim.certainty]}</span> {claim.certainty}' + (f", {animals}" if animals else "")
    return (
        f'<span class="kb-claim"><button type="button" class="{kind}" popovertarget="pop-{claim.id}">'
        f'{said}<span class="kb-hidden">: the evidence</span></button>'
        f'<a class="{kind} kb-chip-link" href="{escape(entry)}">{said}</a></span>'
    )


def visit_chip(self: HTML5Translator, node: claim_chip) -> None:
    """The mark."""
    domain = domain_of(self.builder.env)
    entry = domain.entry_address(self.builder, self.builder.current_docname, node["claim"])
    self.body.append(mark(domain.knowledge.claims[node["claim"]], entry))
    raise nodes.SkipNode


def visit_popovers(self: HTML5Translator, node: claim_popovers) -> None:
    """The details, once a page and claim."""
    domain = domain_of(self.builder.env)
    current = self.builder.current_docname
    bibliography = self.builder.get_relative_uri(current, BIBLIOGRAPHY)
    self.body.append('<div class="kb-popovers">')
    for identifier in node["claims"]:
        entry = domain.entry_address(self.builder, current, identifier)
        self.body.append(popover(domain, domain.knowledge.claims[identifier], entry, bibliography))
    self.body.append("</div>")
    raise nodes.SkipNode


def standing(results: Results, key: str) -> str:
    """What the registries last said of a source, in words; ``""`` when nothing is amiss."""
    said = status.overall(results.get(key, {}).values())
    return "" if said in (Status.OK, Status.NOT_CHECKED) else said.value.replace("-", " ")


def popover(domain: ClaimDomain, claim: Claim, entry: str, bibliography: str) -> str:
    """Statement, certainty, species, findings for and against, links."""
    knowledge = domain.knowledge
    late = " <strong>Overdue:</strong> its sources should have been compared again." if overdue(claim, today()) else ""
    parts = [
        f'<div popover id="pop-{claim.id}" class="kb-popover" role="dialog" aria-label="Evidence for this sentence">',
        f'<p class="kb-popover-plain">{escape(claim.plain)}</p>',
        f"<p><strong>{SIGNS[claim.certainty]} {claim.certainty}</strong>: {MEANING[claim.certainty]}. "
        f"<strong>Shown in:</strong> {escape(words.shown_in(claim.shown_in))}.{late}</p>",
        f"<p>{escape(claim.statement)}</p>",
    ]
    for relation, title in RELATIONS.items():
        items = [item for item in claim.evidence if item.relation == relation]
        if not items:
            continue
        parts.append(f"<p><strong>{title}</strong></p><ul>")
        for item in items:
            source = knowledge.sources[item.source]
            amiss = standing(domain.standing, item.source)
            label = f"{escape(source.issuer)} {source.year}, {DESIGNS[source.design]}" + (f"; {amiss}" if amiss else "")
            anchor = nodes.make_id(f"source-{item.source}")
            parts.append(f'<li>{escape(item.finding)} (<a href="{escape(bibliography)}#{anchor}">{label}</a>)</li>')
        parts.append("</ul>")
    parts.append(
        f'<p><a href="{escape(entry)}">This claim in the ledger</a> <a class="kb-popover-close" href="#closed">Close</a></p></div>'
    )
    return "".join(parts)
