"""The files for the forge: pinned, read-only by default, bounded; and one issue about each nightly check."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests import running
from tests.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TITLE = "Links that no longer work"


def jobs() -> list[tuple[str, dict[str, object]]]:
    return [(f"{path.stem} {name}", job) for path in WORKFLOWS for name, job in yaml.safe_load(path.read_text())["jobs"].items()]


def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it() -> None:
    used = [line.strip() for path in WORKFLOWS for line in path.read_text().splitlines() if "uses:" in line]
    assert len(used) > 5
    assert [line for line in used if not re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


def test_one_commit_for_each_action() -> None:
    pins = {match for path in WORKFLOWS for match in re.findall(r"uses: ([\w/-]+)@(\w+)", path.read_text())}
    names = [name for name, _ in pins]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_reads_only_unless_a_job_says_why(path: Path) -> None:
    data = yaml.safe_load(path.read_text())
    assert data["permissions"] == {"contents": "read"}
    assert data["concurrency"]["group"]
    for match in re.finditer(r"^      ([\w-]+): write(.*)$", path.read_text(), re.MULTILINE):
        assert match[2].strip().startswith("# to") or match[2].strip().startswith("# by"), match[0]


def test_every_job_ends_and_keeps_no_token() -> None:
    for name, job in jobs():
        assert isinstance(job["timeout-minutes"], int), name
        for step in job["steps"]:  # type: ignore[attr-defined]
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name


def test_what_runs_for_a_pull_request_has_no_secret_and_writes_nothing() -> None:
    triggered = [path for path in WORKFLOWS if "pull_request" in path.read_text()]
    assert [path.stem for path in triggered] == ["check"]
    text = triggered[0].read_text()
    assert "pull_request_target" not in text
    assert "secrets." not in text
    assert ": write" not in text


def test_every_issue_form_says_that_it_is_no_help_line() -> None:
    forms = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("0*.yml"))
    assert len(forms) == 5
    for form in forms:
        first = yaml.safe_load(form.read_text())["body"][0]["attributes"]["value"]
        assert first.startswith("**Issues are not a help line"), form.name
        assert "docs/get-help.md" in first
    assert (ROOT / "docs/get-help.md").exists()


def test_no_reviewer_is_invented() -> None:
    lines = (ROOT / ".github/CODEOWNERS").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def track(
    tmp_path: Path, code: int, open_issues: list[dict[str, object]], report: str | None = "found"
) -> tuple[int, list[list[str]], str]:
    """Run the script with a ``gh`` that records how it is called; exit code, calls and what was said."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = (
        f"#!{sys.executable}\nimport json, sys\n"
        f"open({str(tmp_path / 'calls')!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        f"print({json.dumps(open_issues)!r} if sys.argv[2] == 'list' else 'https://example.org/issues/9')\n"
    )
    (folder / "gh").write_text(script)
    (folder / "gh").chmod(0o755)
    if report is not None:
        (tmp_path / "issue.md").write_text(report)
    done = running.run(
        [sys.executable, str(ROOT / ".github/tracking_issue.py"), "--title", TITLE, "--code", str(code), "--report", "issue.md"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        within=60,
    )
    calls = tmp_path / "calls"
    return (
        done.code,
        [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else [],
        done.said,
    )


def test_an_issue_is_opened_once(tmp_path: Path) -> None:
    code, calls, _ = track(tmp_path, 1, [])
    assert code == 0
    assert calls[1][:4] == ["issue", "create", "--title", TITLE]
    assert calls[1][5].endswith("found")


def test_an_open_issue_is_renewed(tmp_path: Path) -> None:
    _, calls, said = track(tmp_path, 1, [{"number": 7, "title": "Other"}, {"number": 4, "title": TITLE}])
    assert calls[1][:3] == ["issue", "edit", "4"]
    assert said == "Renewed issue 4.\n"


def test_the_issue_is_closed_when_all_is_well(tmp_path: Path) -> None:
    _, calls, said = track(tmp_path, 0, [{"number": 4, "title": TITLE}])
    assert calls[1][:3] == ["issue", "close", "4"]
    assert said == "Closed issue 4.\n"


def test_nothing_happens_when_all_is_well_and_nothing_is_open(tmp_path: Path) -> None:
    _, calls, said = track(tmp_path, 0, [])
    assert len(calls) == 1
    assert said == "All is well, and no issue is open.\n"


def test_a_check_that_could_not_be_made_changes_no_issue_and_fails(tmp_path: Path) -> None:
    code, calls, said = track(tmp_path, 2, [{"number": 4, "title": TITLE}])
    assert (code, len(calls)) == (2, 1)
    assert "could not be made (exit code 2)" in said


def test_only_issues_of_our_own_job_are_looked_at(tmp_path: Path) -> None:
    _, calls, _ = track(tmp_path, 0, [])
    assert calls[0][calls[0].index("--author") + 1] == "app/github-actions"


def test_a_huge_report_is_cut_to_what_an_issue_holds(tmp_path: Path) -> None:
    _, calls, _ = track(tmp_path, 1, [], report="a line\n" * 100_000)
    assert len(calls[1][5]) < 65_000
    assert calls[1][5].endswith("(cut here)")


def test_a_run_without_a_report_says_so(tmp_path: Path) -> None:
    _, calls, _ = track(tmp_path, 1, [], report=None)
    assert calls[1][5].endswith("The run left no report: see its log.")
