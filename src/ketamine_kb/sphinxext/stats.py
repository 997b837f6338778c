"""Numbers of trials in a page: ``{stat}`transform-2 response nnt` `` prints a number computed from ``evidence/trials.yaml``.

The number is a button whose details the browser itself opens (no script): a plain sentence, the working, the sources. The plain sentence
also shows on hover. A browser without popovers shows a link to the page on numbers; print has a numbered note. The grammar of requests is
that of :mod:`ketamine_kb.evidence.trial_requests`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole

from ketamine_kb.evidence import trial_requests
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.evidence.trials import Unanswerable
from ketamine_kb.messages import Fault
from ketamine_kb.project import here
from ketamine_kb.sphinxext.chips import BIBLIOGRAPHY, skip
from ketamine_kb.sphinxext.claims import domain_of
from ketamine_kb.sphinxext.followed import FollowedDomain, outdated
from ketamine_kb.sphinxext.report import warn

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.text import TextTranslator

#: The page that explains how the numbers are made.
NUMBERS = "evidence/numbers"
#: Stands for all trials, also those to come, where a page shows every one.
EVERY = "*"
#: The word at the end of a request whose number has no note in print.
PLAIN = " plain"


class trial_number(nodes.Inline, nodes.TextElement):  # noqa: N801  # docutils names nodes in lower case
    """A number of a trial, its text: ``request``, ``plain``, ``working`` (a list of lines), ``sources`` (keys), ``noted`` (in print)."""


class trial_numbers(nodes.General, nodes.Element):  # noqa: N801
    """The details of every number of a page: ``numbers`` is a list of :class:`trial_number`."""


class TrialDomain(FollowedDomain):
    """Which page shows numbers of which trials."""

    name = "kbtrial"
    label = "Trials"

    def content(self, identifiers: Iterable[str]) -> Iterable[str]:
        """Each trial, with the one that its harms are taken from."""
        trials = {trial.id: trial for trial in domain_of(self.env).knowledge.trials}
        for identifier in trials if EVERY in identifiers else identifiers:
            trial = trials.get(identifier)
            yield trial.model_dump_json() if trial else identifier
            if trial and trial.harms_in in trials:
                yield trials[trial.harms_in].model_dump_json()


def trials_of(env: BuildEnvironment) -> TrialDomain:
    """The domain that knows which page shows which trial."""
    return cast("TrialDomain", env.get_domain("kbtrial"))


def sources_of(knowledge: Knowledge, trial: str, request: str) -> list[str]:
    """Keys of the sources behind a number: the trial's, and that of the harm asked for."""
    found = next(item for item in knowledge.trials if item.id == trial)
    harm = [item.source for item in found.harms if item.id == request.split()[1]]
    return list(dict.fromkeys(harm or found.sources))


def fault_of(error: Unanswerable, page: str, line: int) -> Fault:
    """The message for a request that cannot be answered."""
    return Fault(page, line, 0, error.code, error.found, error.expected, error.near)


class StatRole(SphinxRole):
    """``{stat}`trial outcome measure [arm words] [at "time point"] [plain]` ``.

    ``plain`` leaves out the numbered note that print adds, for a page that has no room for it and says itself what the number means.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The number, or its request as text after a fault."""
        knowledge = domain_of(self.env).knowledge
        # The trial named is noted even where it is wrong, so that the page is read again when the data change.
        trials_of(self.env).note(self.env.docname, *self.text.split()[:1])
        try:
            answer = trial_requests.resolve(knowledge.trials, self.text.removesuffix(PLAIN))
        except Unanswerable as error:
            page = here().relative(Path(self.env.doc2path(self.env.docname)))
            warn(fault_of(error, page, self.lineno or 0))
            return [nodes.Text(self.text)], []
        sources = sources_of(knowledge, answer.trial, answer.request)
        made = trial_number("", answer.value, request=answer.request, plain=answer.plain, working=list(answer.working), sources=sources)
        made["noted"] = not self.text.endswith(PLAIN)
        return [made], []


class CollectNumbers(SphinxPostTransform):
    """Put the details of a page's numbers at its end."""

    default_priority = 401

    def run(self, **kwargs: Any) -> None:
        """One node for all numbers of the page, each request once."""
        found = {node["request"]: node for node in self.document.findall(trial_number)}
        if found:
            self.document += trial_numbers(numbers=list(found.values()))


def address(request: str) -> str:
    """The id of a number's details in its page."""
    # The hash keeps apart requests whose words give the same id.
    return f"num-{nodes.make_id(request)}-{hashlib.sha256(request.encode()).hexdigest()[:6]}"


def visit_number(self: HTML5Translator, node: trial_number) -> None:
    """The number as a button, its sentence on hover; the bracket stands outside, because a button cannot break across lines."""
    head, bracket, rest = node.astext().partition(" (")
    value, plain, target = escape(head), escape(node["plain"]), address(node["request"])
    link = escape(self.builder.get_relative_uri(self.builder.current_docname, NUMBERS))
    self.body.append(
        f'<span class="kb-stat"><button type="button" class="kb-number" popovertarget="{target}" title="{plain}">{value}'
        f'<span class="kb-hidden">: how this number is made</span></button>'
        f'<a class="kb-number kb-number-link" href="{link}" title="{plain}">{value}</a>{escape(bracket + rest)}</span>'
    )
    raise nodes.SkipNode


def visit_numbers(self: HTML5Translator, node: trial_numbers) -> None:
    """The details, once a page and request."""
    knowledge = domain_of(self.builder.env).knowledge
    current = self.builder.current_docname
    bibliography = escape(self.builder.get_relative_uri(current, BIBLIOGRAPHY))
    numbers = escape(self.builder.get_relative_uri(current, NUMBERS))
    self.body.append('<div class="kb-popovers">')
    for item in node["numbers"]:
        lines = "".join(f"<li>{escape(line)}</li>" for line in item["working"])
        links = "; ".join(
            f'<a href="{bibliography}#{nodes.make_id(f"source-{key}")}">{escape(knowledge.sources[key].issuer)} '
            f"{knowledge.sources[key].year}</a>"
            for key in item["sources"]
            if key in knowledge.sources
        )
        self.body.append(
            f'<div popover id="{address(item["request"])}" class="kb-popover" role="dialog" aria-label="How this number is made">'
            f'<p class="kb-popover-plain">{escape(item["plain"])}</p><p><strong>{escape(item.astext())}</strong></p><ul>{lines}</ul>'
            f'<p>Sources: {links}. <a href="{numbers}">How to read the numbers</a></p></div>'
        )
    self.body.append("</div>")
    raise nodes.SkipNode


def visit_number_text(self: TextTranslator, node: trial_number) -> None:
    """The number alone."""
    self.add_text(node.astext())
    raise nodes.SkipNode


def setup_stats(app: Sphinx) -> None:
    """Register the domain, the role, the transform and the writers; tables of trials are :mod:`ketamine_kb.sphinxext.trial_tables`."""
    app.add_domain(TrialDomain)
    app.add_role("stat", StatRole())
    app.add_node(trial_number, html=(visit_number, None), text=(visit_number_text, None))
    app.add_node(trial_numbers, html=(visit_numbers, None), text=(skip, None))
    app.add_post_transform(CollectNumbers)
    app.connect("env-get-outdated", outdated("kbtrial"))
