"""A link check that ends: Sphinx's own, with a bound on refusals a host and on the whole run.

Sphinx 9.0.4 asks a host that keeps answering 429 with a numeric Retry-After for ever, and writes its report only at the
end (read in its source and reproduced, 2026-11-21; reported upstream as sphinx-doc/sphinx#11853). Remove the worker below
when Sphinx bounds the number of refusals, and the deadline when it bounds the run.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.builders.linkcheck import (
    CheckExternalLinksBuilder,
    CheckRequest,
    CheckResult,
    Hyperlink,
    HyperlinkAvailabilityChecker,
    HyperlinkAvailabilityCheckWorker,
    _Status,
)
from sphinx.util import logging

from ketamine_kb.checks.links import LinkResult, Verdict, registry_address, summary, verdict
from ketamine_kb.evidence import bibliography
from ketamine_kb.project import here

_LOGGER = logging.getLogger(__name__)
#: Longest wait a server may ask for, in seconds; a longer one is not waited for.
LONGEST_WAIT = 120.0


class Worker(HyperlinkAvailabilityCheckWorker):
    """Asks politely, and gives a host up after a few refusals."""

    #: Shared between the workers of one run.
    refusals: Counter[str]
    lock: Lock
    limit: int

    def limit_rate(self, response_url: str, retry_after: str | None) -> float | None:
        """When to ask again, or None to stop asking."""
        host = urlsplit(response_url).netloc
        with self.lock:
            self.refusals[host] += 1
            if self.refusals[host] > self.limit:
                return None
        again = super().limit_rate(response_url, retry_after)
        if again is not None and again - time.time() > LONGEST_WAIT:
            self.rate_limits.pop(host, None)
            return None
        return again


class Checker(HyperlinkAvailabilityChecker):
    """Runs the workers until every link is answered or the time is over."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.seconds = float(config.kb_linkcheck_limit)

    def invoke_threads(self) -> None:
        """Start our workers instead of Sphinx's."""
        refusals: Counter[str] = Counter()
        lock = Lock()
        for _ in range(self.num_workers):
            worker = Worker(self.config, self.rqueue, self.wqueue, self.rate_limits)
            worker.refusals, worker.lock, worker.limit = refusals, lock, int(self.config.kb_linkcheck_refusals)
            worker.start()
            self.workers.append(worker)

    def check(self, hyperlinks: dict[str, Hyperlink]) -> Iterator[CheckResult]:
        """One result for every link, whatever the servers do."""
        deadline = time.monotonic() + self.seconds
        self.invoke_threads()
        waiting: dict[str, Hyperlink] = {}
        for link in hyperlinks.values():
            if self.is_ignored_uri(link.uri):
                yield CheckResult(link.uri, link.docname, link.lineno, _Status.IGNORED, "", 0)
            else:
                self.wqueue.put(CheckRequest(0, link), False)
                waiting[link.uri] = link
        while waiting:
            try:
                result = self.rqueue.get(timeout=max(deadline - time.monotonic(), 0))
            except Empty:
                break
            if waiting.pop(result.uri, None):
                yield result
        for link in waiting.values():
            message = f"no answer within the {self.seconds:g} seconds of the whole run"
            yield CheckResult(link.uri, link.docname, link.lineno, _Status.TIMEOUT, message, 0)
        # The workers are daemons: one that still waits for a server must not hold the end up.
        for _ in self.workers:
            # Before every waiting link: equal times would make the queue compare a link with None.
            self.wqueue.put(CheckRequest(-1, None), False)


class LinkcheckBuilder(CheckExternalLinksBuilder):
    """Writes each result as it comes and keeps dead, moved and could-not-tell apart."""

    name = "linkcheck"
    epilog = "The report is in %(outdir)s/report.txt"

    def finish(self) -> None:
        """Check every link that the pages hold."""
        results: list[LinkResult] = []
        out = Path(self.outdir)
        outside = {uri: link for uri, link in self.hyperlinks.items() if uri.startswith(("http://", "https://"))}
        sources = source_places()
        with (out / "report.jsonl").open("w", encoding="utf-8") as lines:
            for answer in Checker(self.config).check(outside):
                result = self._result(answer, sources)
                results.append(result)
                lines.write(json.dumps({**_plain(result)}, ensure_ascii=False) + "\n")
                lines.flush()
                _LOGGER.info("%-14s %s", result.verdict.value, result.address)
        faults = sorted(fault for fault in (result.fault() for result in results) if fault)
        text = "\n".join([*(str(fault) for fault in faults), summary(results)]) + "\n"
        (out / "report.txt").write_text(text, encoding="utf-8")
        _LOGGER.info("\n%s", text.rstrip())
        asked = [result for result in results if result.verdict is not Verdict.LEFT_OUT]
        nothing_told = bool(asked) and all(result.verdict is Verdict.UNKNOWN for result in asked)
        if nothing_told:
            _LOGGER.info("No link could be checked: is there a network?")
        if nothing_told or any(result.verdict is Verdict.DEAD for result in results):
            self._app.statuscode = 1

    def _result(self, answer: CheckResult, sources: dict[str, tuple[str, int]]) -> LinkResult:
        original = self.env.kb_registry.get(answer.uri, answer.uri)  # type: ignore[attr-defined]
        page = here().relative(Path(self.env.doc2path(answer.docname)))
        path, line = sources.get(original, (page, max(answer.lineno or 0, 0)))
        word = verdict(str(answer.status), answer.code, answer.message)
        return LinkResult(original, path, line, word, " ".join(answer.message.split())[:300])


def source_places() -> dict[str, tuple[str, int]]:
    """File and line of the entry behind each address of the bibliography, where an author mends it."""
    known = bibliography.load(here())
    return {bibliography.address(entry)[1]: (known.path, known.lines[key]) for key, entry in known.data.entries.items()}


def _plain(result: LinkResult) -> dict[str, str | int]:
    return {
        "address": result.address,
        "page": result.path,
        "line": result.line,
        "verdict": result.verdict.value,
        "reason": result.reason,
    }


def _ask_registry(app: Sphinx, uri: str) -> str | None:
    address = registry_address(uri)
    if address:
        app.env.kb_registry[address] = uri  # type: ignore[attr-defined]
    return address


def _prepare(app: Sphinx) -> None:
    if not hasattr(app.env, "kb_registry"):
        app.env.kb_registry = {}  # type: ignore[attr-defined]


def setup_linkcheck(app: Sphinx) -> None:
    """Replace Sphinx's builder of the same name."""
    app.add_builder(LinkcheckBuilder, override=True)
    app.add_config_value("kb_linkcheck_limit", 1500, "", types=frozenset({int, float}))
    app.add_config_value("kb_linkcheck_refusals", 3, "", types=frozenset({int}))
    app.connect("linkcheck-process-uri", _ask_registry)
    app.connect("builder-inited", _prepare)
