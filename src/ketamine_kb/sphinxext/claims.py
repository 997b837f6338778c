"""Claims in a page: ``{claim}`id` ``, ``{claim}`text <id>` `` and the domain that remembers which page cites what."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode

from ketamine_kb.checks import ledger
from ketamine_kb.evidence import load, status
from ketamine_kb.evidence.model import Claim, Knowledge
from ketamine_kb.evidence.status import Results
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import here
from ketamine_kb.sphinxext.followed import FollowedDomain, outdated
from ketamine_kb.sphinxext.report import warn

_LOGGER = logging.getLogger(__name__)


class claim_chip(nodes.Inline, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """A mark after a sentence: ``claim`` is the id of the claim that carries it."""


class claim_popovers(nodes.General, nodes.Element):  # noqa: N801
    """The details of every claim of a page, shown by the browser when its mark is pressed: ``claims`` is a list of ids."""


class ClaimDomain(FollowedDomain):
    """Which page cites which claim, and which diagram it shows."""

    name = "kb"
    label = "Claims"
    initial_data: ClassVar[dict[str, Any]] = {**FollowedDomain.initial_data, "diagrams": {}}
    #: All facts. Set when the builder starts; never stored.
    knowledge: Knowledge
    #: What the registries last said of each source.
    standing: Results

    def content(self, identifiers: Iterable[str]) -> Iterable[str]:
        """Each claim with its findings, and its chapter, because links to its entry lead there."""
        claims, chapters = self.knowledge.claims, self.knowledge.chapter_of
        return (f"{chapters[key]} {claims[key].model_dump_json()}" if key in claims else key for key in identifiers)

    def entry_page(self, identifier: str) -> str:
        """The page of the ledger that holds the entry of a claim."""
        return ledger.page_of(self.knowledge.chapter_of[identifier])

    def entry_address(self, builder: Builder, fromdocname: str, identifier: str) -> str:
        """The address of a claim's entry, from a page."""
        return f"{builder.get_relative_uri(fromdocname, self.entry_page(identifier))}#claim-{identifier}"

    def note_diagram(self, docname: str, path: str) -> None:
        """Remember that a page shows the diagram of a file."""
        self.data["diagrams"].setdefault(docname, []).append(path)

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """A link to a claim's entry in the ledger."""
        if target not in self.knowledge.claims:
            return None
        return make_refnode(builder, fromdocname, self.entry_page(target), f"claim-{target}", [contnode])


def domain_of(env: BuildEnvironment) -> ClaimDomain:
    """The project's domain."""
    return cast("ClaimDomain", env.get_domain("kb"))


class ClaimRole(SphinxRole):
    """``{claim}`id` `` prints a mark; ``{claim}`words <id>` `` prints the words and the mark."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The words, if any, and the mark."""
        words, _, rest = self.text.rpartition("<")
        identifier = rest.rstrip(">").strip()
        domain = domain_of(self.env)
        if identifier not in domain.knowledge.claims:
            page = here().relative(Path(self.env.doc2path(self.env.docname)))
            warn(unknown_claim(domain.knowledge, identifier, page, self.lineno or 0))
            return [nodes.Text(words.strip() or identifier)], []
        domain.note(self.env.docname, identifier)
        chip = claim_chip(claim=identifier)
        return ([nodes.inline("", words.strip()), nodes.Text(" "), chip] if words.strip() else [chip]), []


def unknown_claim(knowledge: Knowledge, identifier: str, path: str, line: int) -> Fault:
    """The message for an id that is not a claim."""
    if identifier in knowledge.retired:
        old = knowledge.retired[identifier]
        return Fault(path, line, 0, Code.CLAIM_UNKNOWN, f"retired claim {identifier!r}", "the claim that took its place", old.instead or "")
    near = nearest(identifier, knowledge.claims)
    return Fault(path, line, 0, Code.CLAIM_UNKNOWN, f"unknown claim {identifier!r}", "the id of a claim in evidence/claims/", near)


class CollectClaims(SphinxPostTransform):
    """Put the details of a page's claims at its end."""

    default_priority = 400

    def run(self, **kwargs: Any) -> None:
        """One node for all marks of the page."""
        marks = (node for node in self.document.findall(nodes.Element) if isinstance(node, claim_chip) or "kb_claims" in node)
        used = list(
            dict.fromkeys(key for node in marks for key in ([node["claim"]] if isinstance(node, claim_chip) else node["kb_claims"]))
        )
        if used:
            self.document += claim_popovers(claims=used)


def sources_of(claim: Claim, relation: str) -> list[str]:
    """Keys of the sources with one relation to a claim."""
    return list(dict.fromkeys(item.source for item in claim.evidence if item.relation == relation))


def _load(app: Sphinx) -> None:
    domain = domain_of(app.env)
    domain.knowledge = load.load(here())
    domain.standing = status.read(here())


def _count(app: Sphinx, exception: Exception | None) -> None:
    """Say how many claims were written and how many are shown."""
    if exception is None and app.builder.format == "html":
        domain = domain_of(app.env)
        shown = {identifier for identifiers in domain.shown.values() for identifier in identifiers}
        _LOGGER.info("claims: %d written, %d shown", len(domain.knowledge.claims), len(shown))


def setup_claims(app: Sphinx) -> None:
    """Register the domain, the role and the transform; :mod:`ketamine_kb.sphinxext.chips` draws them."""
    app.add_domain(ClaimDomain)
    app.add_role("claim", ClaimRole())
    app.add_post_transform(CollectClaims)
    app.connect("builder-inited", _load)
    app.connect("env-get-outdated", outdated("kb"))
    app.connect("build-finished", _count)
