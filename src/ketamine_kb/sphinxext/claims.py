"""Claims in a page: ``{claim}`id` ``, ``{claim}`text <id>` `` and the domain that remembers which page cites what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any, ClassVar, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode

from ketamine_kb.evidence import load, status
from ketamine_kb.evidence.model import Claim, Knowledge
from ketamine_kb.evidence.status import Results
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import here
from ketamine_kb.sphinxext.report import warn

_LOGGER = logging.getLogger(__name__)
#: The page with an entry for every claim.
LEDGER = "evidence/ledger"


class claim_chip(nodes.Inline, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """A mark after a sentence: ``claim`` is the id of the claim that carries it."""


class claim_popovers(nodes.General, nodes.Element):  # noqa: N801
    """The details of every claim of a page, shown by the browser when its mark is pressed: ``claims`` is a list of ids."""


class ClaimDomain(Domain):
    """Which page cites which claim, through incremental and parallel builds."""

    name = "kb"
    label = "Claims"
    data_version = 1
    initial_data: ClassVar[dict[str, Any]] = {"cited": {}, "digests": {}, "diagrams": {}}
    #: All facts. Set when the builder starts; never stored.
    knowledge: Knowledge
    #: What the registries last said of each source.
    standing: Results

    @property
    def cited(self) -> dict[str, list[str]]:
        """Claim ids by page, in order, each once."""
        return cast("dict[str, list[str]]", self.data["cited"])

    def note(self, docname: str, identifier: str) -> None:
        """Remember that a page shows a claim."""
        of_page = self.cited.setdefault(docname, [])
        if identifier not in of_page:
            of_page.append(identifier)
        self.data["digests"][docname] = self.digest(of_page)

    def digest(self, identifiers: Iterable[str]) -> str:
        """Changes when one of these claims changes."""
        text = "".join(self.knowledge.claims[key].model_dump_json() if key in self.knowledge.claims else key for key in identifiers)
        return hashlib.sha256(text.encode()).hexdigest()

    def note_diagram(self, docname: str, path: str) -> None:
        """Remember that a page shows the diagram of a file."""
        self.data["diagrams"].setdefault(docname, []).append(path)

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        for part in self.initial_data:
            self.data[part].pop(docname, None)

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
        return make_refnode(builder, fromdocname, LEDGER, f"claim-{target}", [contnode]) if target in self.knowledge.claims else None

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Claims are named by their role only."""
        return []

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel reader noted."""
        for docname in docnames:
            for part in self.initial_data:
                if docname in otherdata[part]:
                    self.data[part][docname] = otherdata[part][docname]


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


def _outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages whose claims changed, found by content, so that one changed claim does not rebuild every page."""
    domain = domain_of(env)
    return [page for page, digest in domain.data["digests"].items() if digest != domain.digest(domain.cited.get(page, []))]


def _count(app: Sphinx, exception: Exception | None) -> None:
    """Say how many claims were written and how many are shown."""
    if exception is None and app.builder.format == "html":
        domain = domain_of(app.env)
        shown = {identifier for identifiers in domain.cited.values() for identifier in identifiers}
        _LOGGER.info("claims: %d written, %d shown", len(domain.knowledge.claims), len(shown))


def setup_claims(app: Sphinx) -> None:
    """Register the domain, the role and the transform; :mod:`ketamine_kb.sphinxext.chips` draws them."""
    app.add_domain(ClaimDomain)
    app.add_role("claim", ClaimRole())
    app.add_post_transform(CollectClaims)
    app.connect("builder-inited", _load)
    app.connect("env-get-outdated", _outdated)
    app.connect("build-finished", _count)
