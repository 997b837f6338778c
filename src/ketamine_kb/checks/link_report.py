"""The result of a link check: as text for people, as JSON for machines, and as the body of one tracking issue."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable

from ketamine_kb.checks.links import LinkResult, Verdict, summary

#: What each verdict means for whoever mends links, in the order of the report.
_MEANING = {
    Verdict.DEAD: "Dead: the server, or the registry, says that this does not exist",
    Verdict.RETRACTED: "Retracted: the registry says that the paper was taken back",
    Verdict.SOFT: "Perhaps dead: the server answers, but with a page that says it is not there, or with its front page",
    Verdict.MOVED: "Moved for good: give the new address",
    Verdict.UNKNOWN: "Could not tell: refused, too slow or no connection; this proves nothing about the page",
}
#: Verdicts that ask somebody to do something; without any of them a tracking issue can be closed.
TO_DO = (Verdict.DEAD, Verdict.RETRACTED, Verdict.SOFT, Verdict.MOVED)
#: Most links of one verdict in the body of an issue, whose length a forge limits.
_MOST = 100


def as_text(results: Iterable[LinkResult]) -> str:
    """Every message, then the counts."""
    listed = list(results)
    faults = sorted(fault for fault in (result.fault() for result in listed) if fault)
    return "\n".join([*(str(fault) for fault in faults), summary(listed)]) + "\n"


def as_json(results: Iterable[LinkResult]) -> str:
    """Counts of each verdict, and every link with its place; in the order of the addresses."""
    listed = sorted(results, key=lambda result: result.address)
    counts = Counter(result.verdict for result in listed)
    links = [
        {"address": link.address, "path": link.path, "line": link.line, "verdict": link.verdict.value, "reason": link.reason}
        for link in listed
    ]
    return json.dumps({"counts": {word.value: counts[word] for word in Verdict}, "links": links}, ensure_ascii=False, indent=1) + "\n"


def as_issue(results: Iterable[LinkResult]) -> str:
    """Markdown for the one issue that a scheduled check opens, updates and closes; its first line says which.

    The first line is ``<!-- links: open -->`` when there is something to do, else ``<!-- links: close -->``.
    """
    listed = sorted(results, key=lambda result: (result.path, result.line, result.address))
    to_do = any(result.verdict in TO_DO for result in listed)
    parts = [f"<!-- links: {'open' if to_do else 'close'} -->", summary(listed) + "."]
    for word, meaning in _MEANING.items():
        found = [result for result in listed if result.verdict is word]
        if not found:
            continue
        parts.append(f"## {meaning}")
        rows = [f"- {_code(f'{link.path}:{link.line}')} {_code(link.address)}{_said(link)}" for link in found[:_MOST]]
        if len(found) > _MOST:
            rows.append(f"- and {len(found) - _MOST} more, in the report of the run")
        parts.append("\n".join(rows))
    if not to_do:
        parts.append("No link asks for a change.")
    parts.append("To look again: `nox -s linkcheck`.")
    return "\n\n".join(parts) + "\n"


def _said(link: LinkResult) -> str:
    if not link.reason:
        return ""
    return f": {_code(link.reason)}" if link.verdict is not Verdict.MOVED else f" is now {_code(link.reason)}"


def _code(text: str) -> str:
    """Text that a forge shows as it is: no mention, no link, no markup."""
    return "`" + re.sub(r"[`\s]+", " ", text).strip()[:500] + "`"
