"""Counts in, counts out: what stands in a page's source, read by the parser alone, against what stands on the page that was written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ketamine_kb.checks import markdown, tokens
from ketamine_kb.messages import Code, Fault

KINDS = ("diagrams", "images", "claims", "doctest blocks", "tables", "citations")
_DIRECTIVES = {
    "mermaid": "diagrams",
    "image": "images",
    "figure": "images",
    "doctest": "doctest blocks",
    "testcode": "doctest blocks",
    "list-table": "tables",
    "csv-table": "tables",
}
#: Directives that show other pages' diagrams, or text of other files: there a page may hold more than its source.
_MORE = frozenset({"diagram-gallery", "claim-ledger", "include", "eval-rst"})
#: Directives that hold none of these kinds, or mark what they make as their own.
_NONE = frozenset(
    "toctree code-block code sourcecode literalinclude bibliography claim-table diagram-evidence trial-table harms-table trial-register "
    "forest-plot icon-array event-frequencies effect-over-time concentration-curves molecule-table crisis-lines published-and-computed "
    "claim-index clinic-statements claim-sources certainty-rules testoutput testsetup testcleanup math message-list".split()
)
_ROLE = re.compile(r"\{(claim|cite(?::[a-z]+)?)\}`([^`]+)`")
_ARTICLE = re.compile(r"<article.*</article>", re.DOTALL)
#: What directives make besides: tables of evidence and of numbers, the text version of a diagram, the details that a claim opens.
_BESIDES = re.compile(
    r'<table class="kb-.*?</table>|<details class="kb-words.*?</details>|<div popover\b.*?</div>|<script\b.*?</script>',
    re.DOTALL,
)
_WRITTEN = {
    "diagrams": re.compile(r'<svg\b[^>]*\bclass="(?:[^"]* )?kb-svg[ "]'),
    "images": re.compile(r'<img\b(?![^>]*\bclass="[^"]*kb-)'),
    "claims": re.compile(r'<\w+\b[^>]*\bclass="(?:[^"]* )?kb-claim[ "]'),
    "doctest blocks": re.compile(r'<div\b[^>]*\bclass="(?:[^"]* )?(?:highlight-pycon|doctest)[ "]'),
    "tables": re.compile(r"<table\b"),
    "citations": re.compile(r'<a\b[^>]*\bhref="[^"]*#source-'),
}


def in_source(text: str) -> tuple[dict[str, list[int]], bool]:
    """The lines on which each kind stands in a page's source, and whether the page may hold more than that."""
    found: dict[str, list[int]] = {kind: [] for kind in KINDS}
    more = False
    for kind, line in _in_source(text):
        if kind:
            found[kind].append(line)
        else:
            more = True
    return found, more


def _in_source(text: str) -> Iterator[tuple[str, int]]:
    for block in tokens.read(text):
        if block.token.type == "table_open":
            yield "tables", block.line
        elif block.token.type == "fence" and (directive := tokens.directive(block.token, block.line)):
            if kind := _DIRECTIVES.get(directive.name):
                yield kind, block.line
            elif directive.name in _MORE or not (markdown.is_prose(directive.name) or directive.name in _NONE):
                yield "", block.line
            if markdown.is_prose(directive.name):
                yield from ((kind, block.line) for kind in _of_roles(directive.argument))
        for child in block.parts:
            if child.type == "image":
                yield "images", block.line
            elif child.type == "myst_role":
                yield from ((kind, block.line) for kind in _of_roles(f"{{{child.meta['name']}}}`{child.content}`"))


def _of_roles(text: str) -> Iterator[str]:
    for name, content in _ROLE.findall(text):
        if name == "claim":
            yield "claims"
        else:
            yield from ("citations" for _ in content.split(","))


def on_page(html: str) -> dict[str, int]:
    """How many of each kind a written page holds."""
    article = _ARTICLE.search(html)
    bare = _BESIDES.sub("", article[0] if article else html)
    return {kind: len(pattern.findall(bare)) for kind, pattern in _WRITTEN.items()}


def differences(path: str, text: str, html: str) -> Iterator[Fault]:
    """One fault for each kind of which the page holds less than its source, or more."""
    source, more = in_source(text)
    for kind, number in on_page(html).items():
        lines = source[kind]
        if number < len(lines) or (number > len(lines) and not more):
            where = f" (line{'s' * (len(lines) > 1)} {', '.join(map(str, lines[:12]))}{' …' if len(lines) > 12 else ''})" if lines else ""
            found = f"{kind}: {len(lines)} in the source{where}, {number} on the page"
            yield Fault(path, lines[0] if len(lines) == 1 else 0, 0, Code.COUNTS_DIFFER, found, "as many on the page as in the source")
