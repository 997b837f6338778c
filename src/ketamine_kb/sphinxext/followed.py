"""Facts that pages follow one by one: which page shows which, and whether one of them changed since the page was read."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Set
from typing import Any, ClassVar, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment


class FollowedDomain(Domain):
    """Base of the domains of claims and trials, through incremental and parallel builds; subclasses implement :meth:`content`."""

    data_version = 1
    #: By page: ids shown and a digest of their facts. A subclass may add parts; each is a mapping by page.
    initial_data: ClassVar[dict[str, Any]] = {"shown": {}, "digests": {}}

    @property
    def shown(self) -> dict[str, list[str]]:
        """Ids by page, in order, each once."""
        return cast("dict[str, list[str]]", self.data["shown"])

    def note(self, docname: str, *identifiers: str) -> None:
        """Remember that a page shows these facts."""
        of_page = self.shown.setdefault(docname, [])
        of_page += [identifier for identifier in dict.fromkeys(identifiers) if identifier not in of_page]
        self.data["digests"][docname] = self.digest(of_page)

    def content(self, identifiers: Iterable[str]) -> Iterable[str]:
        """The facts behind some ids as text; an unknown id stands for itself."""
        raise NotImplementedError

    def digest(self, identifiers: Iterable[str]) -> str:
        """Changes when one of these facts changes."""
        return hashlib.sha256("".join(self.content(identifiers)).encode()).hexdigest()

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        for part in self.initial_data:
            self.data[part].pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel reader noted."""
        for docname in docnames:
            for part in self.initial_data:
                if docname in otherdata[part]:
                    self.data[part][docname] = copy.copy(otherdata[part][docname])

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Such facts are named by their own roles and directives only."""
        return []


def outdated(name: str) -> Callable[[Sphinx, BuildEnvironment, set[str], set[str], set[str]], list[str]]:
    """What Sphinx asks before it reads: the pages of one domain whose facts changed, so that one change does not rebuild every page."""

    def pages(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
        domain = cast("FollowedDomain", env.get_domain(name))
        return [page for page, digest in domain.data["digests"].items() if digest != domain.digest(domain.shown.get(page, []))]

    return pages
