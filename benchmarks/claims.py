"""What 5,000 claims cost a full build, and whether the cost grows with their number.

    python -m benchmarks.claims

Builds one page and a ledger of N generated claims in five chapters, for N = 1,250, 2,500 and 5,000: loading, rules, digests, ledger,
links and export. Reported are the processor seconds inside our own code and of the whole build, in one run.
"""

from __future__ import annotations

import functools
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from ketamine_kb import project

ROOT = Path(__file__).resolve().parents[1]
CONF = """\
extensions = ["myst_parser", "ketamine_kb.sphinxext"]
bibtex_bibfiles = ["../evidence/references.bib"]
bibtex_default_style = "sources"
bibtex_reference_style = "label"
bibtex_cite_id = "source-{key}"
mermaid_output_format = "svg"
"""


class Plain(yaml.SafeDumper):
    """Writes repeated values out, as authors do."""

    def ignore_aliases(self, data: object) -> bool:
        """Always."""
        return True


def world(folder: Path, number: int) -> Path:
    """A tree with that many claims, made from the real ones."""
    real = [
        claim for path in sorted((ROOT / "evidence/claims").glob("*.yaml")) for claim in yaml.safe_load(path.read_text("utf-8"))["claims"]
    ]
    shutil.copytree(ROOT / "evidence", folder / "evidence", ignore=shutil.ignore_patterns("claims", "statements.yaml"))
    (folder / "evidence/claims").mkdir()
    docs = folder / "docs"
    (docs / "evidence/ledger").mkdir(parents=True)
    for chapter in range(5):
        part = [{**real[index % len(real)], "id": f"claim-{chapter}-{index}"} for index in range(number // 5)]
        text = yaml.dump({"claims": part}, Dumper=Plain, allow_unicode=True, sort_keys=False, width=200)
        (folder / f"evidence/claims/part{chapter}.yaml").write_text(text, encoding="utf-8")
        entries = f"# Part {chapter}\n\n```{{claim-ledger}} part{chapter}\n```\n"
        (docs / f"evidence/ledger/part{chapter}.md").write_text(entries, encoding="utf-8")
    (docs / "reference").mkdir()
    (docs / "conf.py").write_text(CONF, encoding="utf-8")
    marks = " ".join(f"Fact {index}. {{claim}}`claim-0-{index}`" for index in range(100))
    (docs / "index.md").write_text(
        f"# Claims\n\n{marks}\n\n```{{toctree}}\nevidence/ledger\nreference/bibliography\n```\n", encoding="utf-8"
    )
    listed = "# Ledger\n\n```{claim-index}\n```\n\n```{toctree}\n:glob:\n\nledger/*\n```\n"
    (docs / "evidence/ledger.md").write_text(listed, encoding="utf-8")
    (docs / "reference/bibliography.md").write_text("# Sources\n\n```{bibliography}\n:all:\n```\n", encoding="utf-8")
    return docs


#: Where our own code begins: each runs to its end before Sphinx goes on, and none calls another.
ENTRIES = (
    ("claims", "_load"),
    ("claims", "CollectClaims.run"),
    ("claims", "ClaimRole.run"),
    ("chips", "visit_chip"),
    ("chips", "visit_popovers"),
    ("tables", "FromFacts.run"),
    ("exports", "_add_page_data"),
    ("exports", "_write_files"),
)


def seconds(number: int) -> tuple[float, float]:
    """Processor seconds of one full build: inside our own code, and in all."""
    from sphinx.application import Sphinx

    spent = 0.0

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            nonlocal spent
            before = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                spent += time.process_time() - before

        return run

    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        docs = world(Path(folder) / "tree", number)
        here = project.Project(docs.parent)
        for module in _modules():
            if hasattr(module, "here"):
                stack.enter_context(mock.patch.object(module, "here", lambda: here))
        for module_name, path in ENTRIES:
            target: Any = sys.modules[f"ketamine_kb.sphinxext.{module_name}"]
            *parents, name = path.split(".")
            for parent in parents:
                target = getattr(target, parent)
            stack.enter_context(mock.patch.object(target, name, timed(getattr(target, name))))
        before = time.process_time()
        Sphinx(str(docs), str(docs), f"{folder}/html", f"{folder}/doctrees", "html", status=None, warning=None).build()
        return spent, time.process_time() - before


def _modules() -> list[object]:
    import ketamine_kb.sphinxext  # noqa: F401  # loads them

    return [module for name, module in sys.modules.items() if name.startswith("ketamine_kb")]


def main() -> None:
    """Print the figures."""
    seconds(250)  # imports and caches
    first = None
    for number in (1250, 2500, 5000):
        ours, whole = seconds(number)
        each = ours / number
        first = first or each
        print(
            f"{number} claims: {ours:.1f} s in our own code, whole build {whole:.1f} s; per claim {1000 * each:.2f} ms, x{each / first:.2f}"
        )


if __name__ == "__main__":
    main()
