"""The builder of doctests, which counts: blocks that exist, blocks that ran to their end, blocks that passed.

Sphinx alone is content with a block without a prompt, a block that is skipped, and a site without any: a green result would mean nothing.
"""

from __future__ import annotations

import doctest
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from sphinx.application import Sphinx
from sphinx.ext.doctest import DocTestBuilder, TestGroup
from sphinx.util import logging

from ketamine_kb.checks import sources
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import here
from ketamine_kb.sphinxext.report import project_of, warn

_LOGGER = logging.getLogger(__name__)
#: The file beside Sphinx's own report that holds the counts.
COUNTS = "counts.txt"
#: Longest example or result that a message quotes.
LONGEST = 120


class CountingBuilder(DocTestBuilder):
    """Runs every ``{doctest}`` and ``{testcode}`` block and says how many there were."""

    name: ClassVar[str] = "doctest"
    ran = 0
    passed = 0

    def test_group(self, group: TestGroup) -> bool:
        """Run one group of blocks that share their names, with a runner that counts."""
        runner = self.test_runner
        plain = runner.run

        def counted(test: doctest.DocTest, *given: Any, **options: Any) -> doctest.TestResults:
            result = plain(test, *given, **options)
            # A skipped example is not attempted; from Python 3.13 on it is, and is counted apart.
            ran = result.attempted - getattr(result, "skipped", 0)
            whole = bool(test.examples) and ran == len(test.examples)
            self.ran += whole
            self.passed += whole and not result.failed
            return result

        vars(runner)["run"] = counted
        vars(runner)["report_failure"] = self._failed
        vars(runner)["report_unexpected_exception"] = self._raised
        try:
            return super().test_group(group)
        finally:
            for name in ("run", "report_failure", "report_unexpected_exception"):
                del vars(runner)[name]

    def _failed(self, out: Callable[[str], object], test: doctest.DocTest, example: doctest.Example, got: str) -> None:
        self._tell(test, example, f"{_short(got)!r}")

    def _raised(self, out: Callable[[str], object], test: doctest.DocTest, example: doctest.Example, error: Any) -> None:
        self._tell(test, example, f"the error {error[0].__name__}: {_short(str(error[1]))}")

    def _tell(self, test: doctest.DocTest, example: doctest.Example, got: str) -> None:
        """Say one example that gave something else than the page says, and keep it in Sphinx's report."""
        shown = project_of(self.app).relative(Path(test.filename or ""))
        line = (test.lineno or 0) + example.lineno + 1
        found = f"the example {_short(example.source)!r} gave {got}"
        fault = Fault(shown, line, 1, Code.DOCTEST_FAILED, found, f"{_short(example.want)!r}", run="nox -s doctest")
        self.outfile.write(f"{fault}\n")
        warn(fault)

    def finish(self) -> None:
        """Sphinx's summary, then the counts; anything that did not run is a fault."""
        super().finish()
        exist = sources.runnable_blocks(here())
        words = f"{exist} blocks exist, {self.ran} ran, {self.passed} passed"
        (self.outdir / COUNTS).write_text(words + "\n", encoding="utf-8")
        _LOGGER.info("doctests: %s", words)
        if not exist or self.ran != exist:
            expected = "every {doctest} block to hold examples and none to be skipped"
            warn(Fault("docs", 0, 0, Code.DOCTEST_NOT_RUN, words, expected, run="nox -s doctest"))


def _short(text: str) -> str:
    """At most a line's worth of what an example holds or gives."""
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else words[:LONGEST].rstrip() + "…"


def setup_doctests(app: Sphinx) -> None:
    """Put the builder in the place of Sphinx's own."""
    app.setup_extension("sphinx.ext.doctest")
    app.add_builder(CountingBuilder, override=True)
