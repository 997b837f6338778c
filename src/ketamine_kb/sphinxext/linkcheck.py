"""The ``linkcheck`` builder: Sphinx collects the links of the pages, our own run asks for them and always ends.

Sphinx 9.0.4 asks a host that keeps answering 429 with a numeric Retry-After for ever, and writes its report only at the end (read
in its source and reproduced, 2026-11-21; sphinx-doc/sphinx#11853). It also knows neither registries nor soft 404s.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sphinx.application import Sphinx
from sphinx.builders.linkcheck import CheckExternalLinksBuilder, Hyperlink
from sphinx.util import logging

from ketamine_kb.checks import link_report
from ketamine_kb.checks.link_cache import Cache
from ketamine_kb.checks.link_client import Limits
from ketamine_kb.checks.link_run import Found, Run
from ketamine_kb.checks.links import LinkResult, Verdict
from ketamine_kb.evidence import bibliography
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import here

_LOGGER = logging.getLogger(__name__)
#: Names the project to the servers that it asks.
USER_AGENT = "HowKetamineWorks/0.1 (link check)"


class LinkcheckBuilder(CheckExternalLinksBuilder):
    """Asks for every outside address of the pages and says of each what was found.

    Ends with 1 only for dead links, and with 2 when nothing could be asked at all.
    """

    name = "linkcheck"
    epilog = "The report is in %(outdir)s/report.txt"

    def finish(self) -> None:
        """Check every link that the pages hold."""
        places = self._places()
        out = Path(self.outdir)
        cache = Cache(out / "answers.jsonl")
        run = Run(self._limits(), self.config.kb_linkcheck_registries)
        found: dict[str, Found] = {}
        try:
            for answer in self._answers(run, cache, places):
                found[answer.address] = answer
        except KeyboardInterrupt:
            _LOGGER.info("Stopped. What was answered is kept; to go on, run: nox -s linkcheck")
            raise
        cache.keep_only(found)
        results = [LinkResult(answer.address, *places[answer.address], answer.verdict, answer.reason) for answer in found.values()]
        text = link_report.as_text(results)
        (out / "report.txt").write_text(text, encoding="utf-8")
        (out / "report.json").write_text(link_report.as_json(results), encoding="utf-8")
        (out / "issue.md").write_text(link_report.as_issue(results), encoding="utf-8")
        _LOGGER.info("\n%s", text.rstrip())
        asked = [result for result in results if result.verdict is not Verdict.LEFT_OUT]
        if any(result.verdict is Verdict.DEAD for result in asked):
            self._app.statuscode = 1
        elif asked and not run.reached and all(result.verdict is Verdict.UNKNOWN for result in asked):
            nothing = Fault("docs", 0, 0, Code.LINK_UNKNOWN, "no link could be checked", "a network", run="nox -s linkcheck")
            _LOGGER.info("%s", nothing)
            self._app.statuscode = 2

    def _answers(self, run: Run, cache: Cache, places: dict[str, tuple[str, int]]) -> Iterator[Found]:
        """The answer for every address: left out, known from before, or asked for now."""
        now = dt.datetime.now(dt.UTC)
        due: list[str] = []
        known = 0
        for address in places:
            before = cache.fresh(address, float(self.config.kb_linkcheck_fresh), now)
            if any(re.match(pattern, address) for pattern in self.config.linkcheck_ignore):
                yield Found(address, Verdict.LEFT_OUT, "")
            elif before:
                known += 1
                yield Found(address, before.verdict, before.reason)
            else:
                due.append(address)
        if known:
            _LOGGER.info("%d links answered within the last %g hours are not asked again.", known, self.config.kb_linkcheck_fresh)
        with _progress(len(due)) as step:
            for answer in run.results(due):
                said = Found(answer.address, self._read(answer), " ".join(answer.reason.split())[:300])
                cache.add(said.address, said.verdict, said.reason, dt.datetime.now(dt.UTC))
                step(f"{said.verdict.value:14} {said.address}")
                yield said

    def _read(self, answer: Found) -> Verdict:
        """The verdict, with the redirects that ``linkcheck_allowed_redirects`` expects."""
        allowed = self.config.linkcheck_allowed_redirects
        if answer.verdict is Verdict.MOVED and isinstance(allowed, dict):
            for asked, reached in allowed.items():
                if re.match(asked, answer.address) and re.match(reached, answer.reason):
                    return Verdict.WORKS
        return answer.verdict

    def _limits(self) -> Limits:
        config = self.config
        usual = Limits()
        return Limits(
            run=float(config.kb_linkcheck_limit),
            patience=float(config.linkcheck_timeout or usual.silence) * 1.5,
            silence=float(config.linkcheck_timeout or usual.silence),
            tries=max(int(config.linkcheck_retries), 1),
            pause=float(config.kb_linkcheck_pause),
            longest_wait=float(config.linkcheck_rate_limit_timeout),
            refusals=int(config.kb_linkcheck_refusals),
            workers=int(config.linkcheck_workers),
            private=bool(config.kb_linkcheck_private),
            headers={"User-Agent": config.user_agent or USER_AGENT},
            verify=bool(config.tls_verify),
        )

    def _places(self) -> dict[str, tuple[str, int]]:
        """File and line of every outside address: the entry behind a source, else the page."""
        sources = source_places()
        places: dict[str, tuple[str, int]] = {}
        links: dict[str, Hyperlink] = self.hyperlinks
        for uri, link in sorted(links.items(), key=lambda item: (item[1].docname, item[1].lineno or 0, item[0])):
            if uri.startswith(("http://", "https://")):
                page = here().relative(Path(self.env.doc2path(link.docname)))
                places[uri] = sources.get(uri, (page, max(link.lineno or 0, 0)))
        return places


def source_places() -> dict[str, tuple[str, int]]:
    """File and line of the entry behind each address of the bibliography, where an author mends it."""
    known = bibliography.load(here())
    return {bibliography.address(entry)[1]: (known.path, known.lines[key]) for key, entry in known.data.entries.items()}


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal; one line for every answer in a log."""
    if not total or not sys.stderr.isatty():
        count = iter(range(1, total + 1))
        yield lambda words: _LOGGER.info("%d/%d %s", next(count), total, words)
        return
    columns = (MofNCompleteColumn(), BarColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("asking", total=total)
        yield lambda words: bar.update(task, advance=1, description=words[:100])


def setup_linkcheck(app: Sphinx) -> None:
    """Replace Sphinx's builder of the same name."""
    app.add_builder(LinkcheckBuilder, override=True)
    numbers = frozenset({int, float})
    app.add_config_value("kb_linkcheck_limit", 1500, "", types=numbers)
    app.add_config_value("kb_linkcheck_refusals", 3, "", types=frozenset({int}))
    app.add_config_value("kb_linkcheck_pause", 1.0, "", types=numbers)
    app.add_config_value("kb_linkcheck_fresh", 24.0, "", types=numbers)
    app.add_config_value("kb_linkcheck_private", False, "", types=frozenset({bool}))
    app.add_config_value("kb_linkcheck_registries", {}, "", types=frozenset({dict}))
