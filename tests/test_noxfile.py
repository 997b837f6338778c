"""Every task has one verb and one line of help; wrong words are answered with the right command."""

from __future__ import annotations

import os
import re
import sys

import pytest

from tests import running
from tests.conftest import ROOT

TASKS = {
    *("html", "live", "doctest", "linkcheck", "addresses", "diagrams", "sources", "pdf", "a11y"),
    *("tests", "lint", "lock", "new", "claims-diff"),
}


def nox(*words: str) -> running.Run:
    environment = {**os.environ, "NO_COLOR": "1"}
    return running.run([sys.executable, "-m", "nox", *words], cwd=ROOT, env=environment, within=120)


def test_the_tasks_and_their_help() -> None:
    listed = dict(re.findall(r"^[*-] ([\w-]+) -> (.+)$", nox("--list").out, re.MULTILINE))
    assert set(listed) == TASKS
    assert [task for task, line in listed.items() if not line.endswith(".")] == []


def test_html_is_what_runs_by_itself() -> None:
    assert re.findall(r"^\* (\w+) ->", nox("--list").out, re.MULTILINE) == ["html"]


@pytest.mark.parametrize("task", ["html", "pdf", "doctest", "linkcheck"])
def test_a_stray_word_is_answered_with_the_right_command(task: str) -> None:
    done = nox("-s", task, "--", "start")
    assert done.code != 0
    assert f"'start' is not an option of this task. Options go to the tool it runs, for example: nox -s {task} -- -j 2" in done.said


def test_a_stray_word_after_sources_is_answered_with_the_right_command() -> None:
    done = nox("-s", "sources", "--", "zhang2021")
    assert done.code != 0
    assert "'zhang2021' is not an option of this task." in done.said
    assert "for example: nox -s sources -- --only KEY" in done.said


def test_a_stray_word_after_diagrams_is_answered_with_the_right_command() -> None:
    done = nox("-s", "diagrams", "--", "default-mode-network")
    assert done.code != 0
    assert "'default-mode-network' is not an option of this task. Options go to the tool it runs, for example: nox -s diagrams" in done.said


def test_lint_takes_nothing() -> None:
    done = nox("-s", "lint", "--", "src")
    assert done.code != 0
    assert "lint takes no arguments, got 'src'. Run: nox -s lint" in done.said


def test_the_noxfile_says_what_it_needs_to_run_alone() -> None:
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    header = re.search(r"^# /// script\n((?:#.*\n)+?)# ///$", text, re.MULTILINE)
    assert header
    assert 'requires-python = ">=3.11"' in header[1]
    assert "nox" in header[1]
    assert 'if __name__ == "__main__":' in text


def test_the_noxfile_loads_outside_the_project_environment() -> None:
    """As `uv run noxfile.py` does: nox is there, Sphinx is not."""
    code = "import importlib.util, runpy; importlib.util.find_spec = lambda *names: None; runpy.run_path('noxfile.py', run_name='alone')"
    done = running.run([sys.executable, "-c", code], cwd=ROOT)
    assert done.code == 0, done.err
