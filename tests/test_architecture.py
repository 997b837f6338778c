"""The order of the floors, and what the top of the tree must hold."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests import running
from tests.conftest import ROOT


def test_modules_import_only_downwards() -> None:
    code = "from importlinter.cli import lint_imports_command as check; check()"
    done = running.run([sys.executable, "-c", code], cwd=ROOT)
    assert done.code == 0, done.said


def test_the_architecture_page_names_every_module() -> None:
    page = (ROOT / "docs/contribute/architecture.md").read_text(encoding="utf-8")
    package = ROOT / "src/ketamine_kb"
    modules = {path.relative_to(package).as_posix() for path in package.rglob("*.py") if path.name != "__init__.py"}
    named = set(re.findall(r"`([a-z/_]+\.py)`", page))
    rooms = {name.rstrip("/") for name in re.findall(r"`([a-z]+/)`", page)}
    missing = {module for module in modules if module not in named and module.split("/")[0] not in rooms}
    assert missing == set()
    assert {name for name in named if not (package / name).exists() and not (ROOT / name).exists()} == set()


def test_the_lock_is_hashed_universal_and_names_no_index() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "http" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    pins = re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE)) > 50
    names = [name for name, *_ in pins]
    assert len(names) == len(set(names)), "one version for every Python"
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for exact in ("merman==0.9.2", "typst==0.15.0"):
        assert re.search(rf'"{re.escape(exact)}["; ]', project)
        assert f"\n{exact} " in "\n" + text


def test_the_tree_names_no_machine_and_no_filler() -> None:
    done = running.run(["git", "ls-files", "-z"], cwd=ROOT)
    files = [ROOT / name for name in done.out.split("\0") if name] or [*ROOT.rglob("docs/**/*.md")]
    words = re.compile(r"lorem ipsum|dolor sit amet", re.IGNORECASE)
    wrong = [
        path.name
        for path in files
        if Path(path).suffix == ".md" and "tests" not in path.parts and words.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
