#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2025.11.12"]
# ///
"""Every task a contributor runs: `nox -l` lists them, `nox -s NAME` runs one, `nox -s NAME -- ...` passes the rest on.

Run from the environment that the README's first command makes, the tasks use that environment. Run alone (`uv run
noxfile.py`), nox makes an environment for each of them under .nox/ and keeps it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import nox

nox.needs_version = ">=2025.11.12"
nox.options.sessions = ["html"]

ROOT = Path(__file__).parent
CONSTRAINTS = ROOT / "constraints.txt"
#: True when this nox runs inside the project's own environment, which already holds the tools.
INSIDE = importlib.util.find_spec("sphinx") is not None and importlib.util.find_spec("merman") is not None
#: Files for the forge and the schema of each, as check-jsonschema names them.
FORGE = {
    "github-workflows": [".github/workflows/*.yml"],
    "dependabot": [".github/dependabot.yml"],
    "github-issue-forms": [".github/ISSUE_TEMPLATE/[0-9]*.yml"],
    "github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
    "readthedocs": [".readthedocs.yaml"],
    "citation-file-format": ["CITATION.cff"],
}
# virtualenv brings pip, which uv's own environments do not.
SHARED: dict[str, Any] = {"venv_backend": "none"} if INSIDE else {"venv_backend": "virtualenv", "reuse_venv": True}


def prepare(session: nox.Session) -> None:
    """Install exactly what constraints.txt pins, with hashes, unless this environment already holds it."""
    prefix = Path(sys.prefix) if INSIDE else Path(session.virtualenv.location)
    stamp = prefix / ".how-ketamine-works"
    wanted = hashlib.sha256(CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest() + f" {ROOT}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    python = sys.executable if INSIDE else "python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    session.run(*pip, "--require-hashes", "-r", str(CONSTRAINTS), external=True, silent=True)
    # The build backend is pinned in constraints.txt too, so no build environment of its own is needed.
    session.run(*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT), external=True, silent=True)
    stamp.write_text(wanted, encoding="utf-8")


def run(session: nox.Session, module: str, *arguments: str) -> None:
    """Run a module with the environment's Python."""
    session.run(sys.executable if INSIDE else "python", "-m", module, *arguments, external=True)


def script(name: str) -> str:
    """The path of a tool that has no module to run with -m."""
    return str(Path(sys.executable).with_name(name)) if INSIDE else name


def takes_options_only(session: nox.Session, example: str) -> None:
    """Refuse words that are neither options nor the value of one, with the right command."""
    words = session.posargs
    for index, word in enumerate(words):
        if not word.startswith("-") and (index == 0 or not words[index - 1].startswith("-")):
            session.error(f"{word!r} is not an option of this task. Options go to the tool it runs, for example: {example}")


def build(session: nox.Session, task: str, *own: str) -> None:
    """Check the sources, then build with Sphinx; what follows `--` goes to Sphinx."""
    takes_options_only(session, f"nox -s {task} -- -j 2")
    prepare(session)
    run(session, "ketamine_kb.build", task, *own, *session.posargs)


@nox.session(**SHARED)
def html(session: nox.Session) -> None:
    """Print the handouts and build the site that offers them into build/html/, strictly and offline."""
    build(session, "html", "--with-print")


@nox.session(**SHARED)
def live(session: nox.Session) -> None:
    """Rebuild and reload in the browser while writing, with the problems in the page."""
    takes_options_only(session, "nox -s live -- --port 8001")
    prepare(session)
    run(session, "ketamine_kb.live", *session.posargs)


@nox.session(**SHARED)
def new(session: nox.Session) -> None:
    """Make a new claim, page, diagram, source or trial that passes the lint; asks for what is missing."""
    prepare(session)
    run(session, "ketamine_kb.scaffold", *session.posargs)


@nox.session(name="claims-diff", **SHARED)
def claims_diff(session: nox.Session) -> None:
    """Say what this change makes the site say, and with which evidence; name a commit to compare with another than main."""
    prepare(session)
    run(session, "ketamine_kb.claims_diff", *session.posargs)


@nox.session(**SHARED)
def doctest(session: nox.Session) -> None:
    """Run every example on the pages."""
    build(session, "doctest")


@nox.session(**SHARED)
def linkcheck(session: nox.Session) -> None:
    """Ask every outside address and identifier; always ends; report in build/linkcheck/."""
    build(session, "linkcheck")


@nox.session(**SHARED)
def diagrams(session: nox.Session) -> None:
    """Record every diagram's graph and picture in diagrams/recorded/; look at the difference before keeping it."""
    takes_options_only(session, "nox -s diagrams")
    prepare(session)
    run(session, "ketamine_kb.diagrams.records", *session.posargs)


@nox.session(**SHARED)
def addresses(session: nox.Session) -> None:
    """Add the addresses of today's pages and claims to docs/addresses.txt, at each publication; none is ever taken away."""
    takes_options_only(session, "nox -s addresses")
    prepare(session)
    run(session, "ketamine_kb.checks.addresses", *session.posargs)


@nox.session(**SHARED)
def sources(session: nox.Session) -> None:
    """Ask Crossref and PubMed whether every source exists and still stands; written to evidence/source-status.yaml."""
    takes_options_only(session, "nox -s sources -- --only KEY")
    prepare(session)
    run(session, "ketamine_kb.sources", *session.posargs)


@nox.session(**SHARED)
def pdf(session: nox.Session) -> None:
    """Print the handouts, in A4 and Letter, and the whole site as a book into build/pdf/."""
    build(session, "pdf")


@nox.session(**SHARED)
def a11y(session: nox.Session) -> None:
    """Build, then look at every page as readers with a disability meet it: axe, the HTML checker, keyboard only, no script."""
    prepare(session)
    run(session, "ketamine_kb.build", "html")
    failed = None
    try:
        run(session, "tests.accessibility", *session.posargs)
    except nox.command.CommandFailed as error:  # the journeys are told too
        failed = error
    run(session, "pytest", "-n", "1", "--require-all", "tests/site/test_journeys.py")
    if failed:
        raise failed


@nox.session(**SHARED)
def tests(session: nox.Session) -> None:
    """Run all tests, with the reason for each one skipped."""
    prepare(session)
    run(session, "pytest", *session.posargs)


@nox.session(**SHARED)
def lint(session: nox.Session) -> None:
    """Check sources, types, style, spelling and the order of imports."""
    if session.posargs:
        session.error(f"lint takes no arguments, got {' '.join(session.posargs)!r}. Run: nox -s lint")
    prepare(session)
    run(session, "ketamine_kb.build", "check")
    run(session, "ruff", "check", "src", "tests", "benchmarks", "noxfile.py", "docs/conf.py", ".github")
    run(session, "ruff", "format", "--check", "src", "tests", "benchmarks", "noxfile.py", "docs/conf.py", ".github")
    run(session, "mypy")
    # import-linter has no module to run with -m (2.16).
    python = sys.executable if INSIDE else "python"
    session.run(python, "-c", "from importlinter.cli import lint_imports_command as check; check()", external=True)
    # Offline: what these two need comes with their packages.
    session.run(script("zizmor"), "--offline", "--quiet", "--persona=pedantic", ".github", external=True)
    for schema, files in FORGE.items():
        found = sorted(str(path.relative_to(ROOT)) for pattern in files for path in ROOT.glob(pattern))
        run(session, "check_jsonschema", "--quiet", "--builtin-schema", f"vendor.{schema}", *found)
    run(session, "codespell_lib", "docs", "evidence", "diagrams", "src", "tests", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")


@nox.session(**SHARED)
def lock(session: nox.Session) -> None:
    """Renew the pinned versions and hashes in constraints.txt."""
    if any(not word.startswith("-") for word in session.posargs):
        session.error("Name a package with an option, for example: nox -s lock -- --upgrade-package=sphinx")
    prepare(session)
    run(
        session,
        *("uv", "pip", "compile", "pyproject.toml", "--group", "dev"),
        *("--universal", "--python-version", "3.11"),
        # One version for every Python, so that every contributor builds the same bytes.
        *("--fork-strategy", "fewest"),
        *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
        *("--quiet", "--output-file", "constraints.txt"),
        *session.posargs,
    )


if __name__ == "__main__":
    nox.main()
