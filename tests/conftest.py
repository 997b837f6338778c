"""Shared fixtures: the built site, the printed handouts, copies of the project to break, a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from ketamine_kb.project import Project
from tests import running

ROOT = Path(__file__).resolve().parents[1]
#: What a copy of the project needs to be built.
PARTS = ("docs", "diagrams", "evidence", "src", "pyproject.toml")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-all", action="store_true", help="a skipped test is a failure: for machines that have everything")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.config.getoption("--require-all"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and this machine should have everything: {reason}"
    return report


@dataclass(frozen=True)
class Copy:
    """A copy of the project that a test may break and build."""

    root: Path

    def build(self, task: str, *extra: str, env: dict[str, str] | None = None) -> running.Run:
        """Run one task of the project's own command line on the copy, with no way to the network."""
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "PY_COLORS")},
            "PYTHONPATH": str(self.root / "src"),
            # Plain words to compare, also where a task runner asks for colours.
            "NO_COLOR": "1",
            # A proxy that refuses: anything that reaches for the network fails.
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
            **(env or {}),
        }
        return running.run([sys.executable, "-m", "ketamine_kb.build", task, *extra], cwd=self.root, env=environment)

    def print_handouts(self, *extra: str) -> running.Run:
        """Print the handouts without the book, which takes four times as long."""
        self.edit("src/ketamine_kb/build.py", '("handout", "book")', '("handout",)')
        return self.build("pdf", *extra)

    def path(self, name: str) -> Path:
        return self.root / name

    def edit(self, name: str, old: str, new: str) -> int:
        """Replace one piece of text; returns the line on which it stood."""
        path = self.path(name)
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1


def copy_project(target: Path) -> Copy:
    target.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target / part)
    return Copy(target)


@pytest.fixture(scope="session")
def project() -> Project:
    """The real project, to be read only."""
    return Project(ROOT)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A fresh copy of the project."""
    return copy_project(tmp_path / "project")


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Make something once for all pytest workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    target = shared / name
    with FileLock(f"{target}.lock"):
        if not (target / "done").exists():
            shutil.rmtree(target, ignore_errors=True)
            make(target)
            (target / "done").touch()
    return target


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the project with its site and its handouts built; not to be changed."""

    def make(target: Path) -> None:
        made = copy_project(target)
        done = made.build("html", "--with-print")
        assert done.code == 0, done.said

    return Copy(once(tmp_path_factory, "built", make))


@pytest.fixture(scope="session")
def site(built: Copy) -> Path:
    """The folder of the built site."""
    return built.root / "build" / "html"


@pytest.fixture(scope="session")
def handouts(built: Copy) -> Path:
    """The folder of the printed handouts."""
    return built.root / "build" / "pdf"


def chromium() -> str | None:
    """The browser of this machine, if it has one."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


#: A browser that starts quickly and asks nothing of its maker.
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium; the test is skipped with its reason where there is none."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (install it, or name it in CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield running
        running.close()
