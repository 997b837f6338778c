"""What Sphinx, MyST, docutils and bibtex report is said again in our words: every case of underneath.md, all in one build."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests import running
from tests.conftest import ROOT
from tests.faults.test_faults import cases

ALL = cases("underneath")
#: The page that cases may link to.
OTHER = "# Other\n\n(there)=\n\n## A part\n\n```{glossary}\nneuron\n  A cell of the brain.\n```\n"


def build(folder: Path, pages: dict[str, str], *extra: str, files: dict[str, str] | None = None) -> running.Run:
    """One build of a small tree with the project's own configuration."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    for name, text in pages.items():
        (docs / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    for name, text in (files or {}).items():
        (docs / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ketamine_kb.sphinxext.launch", "-b", "html", "-q", "-n", "-c", str(ROOT / "docs")]
    command += ["-d", str(folder / "doctrees"), *extra, str(docs), str(folder / "html")]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{folder}", "NO_COLOR": "1", "KB_FAULTS": str(folder / "faults")}
    return running.run(command, env=environment)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What was said about each case, with the name of its page made ``page``."""
    names = [f"case{number:03}" for number in range(len(ALL))]
    top = "# Top\n\n```{toctree}\nother\n" + "\n".join(names) + "\n```"
    pages = {"index": top, "other": OTHER, **{name: case.given for name, case in zip(names, ALL, strict=True)}}
    run = build(tmp_path_factory.mktemp("underneath"), pages)
    assert "Traceback" not in run.err, run.err
    said: dict[str, list[str]] = {name: [] for name in names}
    for line in run.err.splitlines():
        if line.strip():
            # Roles of our own name a page outside of the checkout by its file alone.
            place = re.match(r"(?:docs/)?(case\d+)\.md", line)
            assert place, line
            said[place[1]].append(line.replace(place[1], "page"))
    return said


@pytest.mark.parametrize("number", range(len(ALL)), ids=[case.title for case in ALL])
def test_exact_message(told: dict[str, list[str]], number: int) -> None:
    assert told[f"case{number:03}"] == ALL[number].says
