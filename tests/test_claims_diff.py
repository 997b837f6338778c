"""What a change makes the site say, in small repositories with the project's own facts."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from ketamine_kb import claims_diff
from ketamine_kb.project import Project
from tests import running
from tests.conftest import ROOT, Copy

CLAIM = """\
  - id: a-claim-for-the-test
    kind: biological
    statement: >-
      In rats, a statement of this test with <b>marks</b> and @someone in it.
    plain: >-
      In rats, this is a test.
    certainty: hypothesis
    shown_in: [rodent]
    evidence:
      - source: autry2011
        relation: supports
        shown_in: [rodent]
        finding: >-
          A finding that only this test has.
    reviewed: 2026-11-21
    review_by: 2027-11-21
"""


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]
    done = running.run(["git", *who, *words], cwd=root, within=60)
    assert done.code == 0, done.said
    return done.out


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("diff") / "base"
    for part in claims_diff.PARTS:
        shutil.copytree(ROOT / part, root / part)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "base")
    return root


@pytest.fixture
def changed(repository: Path, tmp_path: Path) -> Copy:
    """A branch of its own, with nothing changed yet."""
    root = tmp_path / "clone"
    git(repository, "clone", "-q", str(repository), str(root))
    git(root, "switch", "-qc", "change")
    return Copy(root)


def said(copy: Copy, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = claims_diff.main(list(words), Project(copy.root))
    out = capsys.readouterr()
    return code, out.out, out.err


def test_nothing_changed(changed: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(changed, capsys)
    assert code == 0
    assert "Nothing new: claims, diagrams, trials and sources are as at where this branch left origin/main." in out


def test_an_added_claim_with_its_evidence_and_page(changed: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    changed.edit("evidence/claims/mechanism.yaml", "\nretired:", "\n" + CLAIM + "\nretired:")
    changed.edit("docs/mechanism/nmda.md", "## What is not known", "A sentence. {claim}`a-claim-for-the-test`\n\n## What is not known")
    _, out, _ = said(changed, capsys)
    assert "1 claim added." in out
    expected = r"- **a-claim-for-the-test** (mechanism; hypothesis; shown in rodent): In rats, a statement of this test with \<b\>marks\</b\> and \@someone in it."
    assert expected in out
    assert "  - autry2011 supports: A finding that only this test has." in out
    assert "- docs/mechanism/nmda.md: now shows a-claim-for-the-test" in out


def test_a_changed_claim_shows_what_was_and_what_is(changed: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    changed.edit(
        "evidence/claims/brain.yaml", "about 86 billion neurons and about 85 billion", "about 80 billion neurons and about 85 billion"
    )
    changed.edit("evidence/claims/brain.yaml", "certainty: supported", "certainty: mixed")
    changed.edit("evidence/claims/brain.yaml", "Counting cell nuclei in adult male brains", "Counting nuclei in adult male brains")
    _, out, _ = said(changed, capsys)
    assert "1 claim changed." in out
    assert "  - certainty: supported → mixed" in out
    assert re.search(r"  - statement: .*about 86 billion.* → .*about 80 billion", out)
    assert "  - finding taken away: azevedo2009 supports (human): Counting cell nuclei" in out
    assert "  - finding added: azevedo2009 supports (human): Counting nuclei" in out


def test_a_removed_claim_that_was_not_retired_is_told(changed: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    changed.edit("evidence/claims/mechanism.yaml", "\nretired:", "\n" + CLAIM + "\nretired:")
    git(changed.root, "commit", "-qam", "more")
    git(changed.root, "checkout", "-q", "HEAD~1", "--", "evidence")
    _, out, _ = said(changed, capsys, "change")
    assert "**a-claim-for-the-test**, removed without being retired" in out
    changed.edit(
        "evidence/claims/mechanism.yaml",
        "\nretired:\n",
        "\nretired:\n  - id: a-claim-for-the-test\n    reason: It was only for a test of this tool.\n    date: 2026-11-21\n",
    )
    _, out, _ = said(changed, capsys, "change")
    assert "**a-claim-for-the-test**, retired" in out
    assert "Reason: It was only for a test of this tool." in out


def test_lines_of_diagrams_and_numbers_of_trials(changed: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    changed.edit("diagrams/default-mode-network.mmd", "dmn dmn-connects-with-rumination@-.-|connects with| rum\n", "")
    changed.edit("evidence/trials.yaml", "mean_change: -14\n", "mean_change: -15\n")
    _, out, _ = said(changed, capsys)
    assert re.search(
        r"- diagrams/default-mode-network.mmd, removed: Default mode network connects with .*\(dmn-connects-with-rumination\)", out
    )
    assert r"  - arms ketamine 0.5 mg/kg IV mean\_change: -14.0 → -15.0" in out
    assert "1 line of a diagram, 1 trial" in out


def test_json_holds_the_same(changed: Copy, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    changed.edit("evidence/claims/brain.yaml", "certainty: supported", "certainty: mixed")
    said(changed, capsys, "--json", str(tmp_path / "d.json"))
    data = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert data["changed"] == [
        {"id": "neuron-count-of-the-human-brain", "changes": [{"field": "certainty", "before": "supported", "after": "mixed"}]}
    ]
    assert data["added"] == data["trials"] == []


def test_an_older_state_that_cannot_be_read_is_told(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "old"
    git(repository, "clone", "-q", str(repository), str(root))
    copy = Copy(root)
    copy.edit("evidence/claims/brain.yaml", "certainty: supported", "sureness: supported")
    git(root, "commit", "-qam", "an older model")
    copy.edit("evidence/claims/brain.yaml", "sureness: supported", "certainty: supported")
    code, out, err = said(copy, capsys, "HEAD")
    assert (code, out) == (2, "")
    assert err == (
        "nox -s claims-diff: the facts at HEAD cannot be read by today's rules (no 'certainty') - expected a later commit"
        " - run: nox -s claims-diff -- BASE [claims-diff]\n"
    )


@pytest.mark.parametrize("name", ["nope", "--output=/tmp/x", "HEAD:docs", "a\nb", "x" * 5000, "\x00"])
def test_a_commit_that_git_does_not_know(changed: Copy, capsys: pytest.CaptureFixture[str], name: str) -> None:
    code = claims_diff.run(Project(changed.root), name)
    assert code == 2
    assert "git knows no commit" in capsys.readouterr().err


def test_a_commit_without_the_folders(tmp_path: Path, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "empty"
    git(repository, "clone", "-q", str(repository), str(root))
    git(root, "switch", "-q", "--orphan", "other")
    (root / "note.txt").write_text("x")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "other")
    git(root, "switch", "-q", "main")
    code, _, err = said(Copy(root), capsys, "other")
    assert code == 2
    assert "no docs, diagrams or evidence at that commit" in err


def test_a_link_in_the_older_state_is_not_followed(changed: Copy, tmp_path: Path) -> None:
    (changed.root / "docs/secret.md").symlink_to("/etc/hostname")
    git(changed.root, "add", "-A")
    git(changed.root, "commit", "-qm", "link")
    base = claims_diff.unpack(changed.root, "HEAD", tmp_path / "base")
    assert (base.docs / "index.md").is_file()
    assert not (base.docs / "secret.md").exists()


def test_a_fault_of_this_state_is_told_as_such(changed: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    line = changed.edit("evidence/claims/brain.yaml", "certainty: supported", "certainty: sure")
    code, out, err = said(changed, capsys)
    assert (code, out) == (1, "")
    assert err.startswith(f"evidence/claims/brain.yaml:{line}:")
