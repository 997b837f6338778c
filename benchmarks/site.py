"""How long a full build of the site takes, as a ratio to plain Sphinx with the same theme on the same pages.

    python -m benchmarks.site [repetitions]

Plain means: MyST, sphinx-design, the theme, sphinxcontrib-bibtex and sphinxcontrib-mermaid as they come, without
``ketamine_kb``. Both are built in turn in one run; medians of processor seconds are reported. A third, profiled build tells
what share of a full build is spent in our own code and in merman, which it calls.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("docs", "diagrams", "evidence")


def copies(folder: Path) -> tuple[Path, Path]:
    """The tree as it is, and the same pages for plain Sphinx."""
    ours, plain = folder / "ours", folder / "plain"
    for target in (ours, plain):
        for part in PARTS:
            shutil.copytree(ROOT / part, target / part)
    conf = plain / "docs" / "conf.py"
    text = conf.read_text(encoding="utf-8")
    text = text.replace("from ketamine_kb import __version__", '__version__ = "0"')
    stock = '    "sphinxcontrib.bibtex",\n    "sphinxcontrib.mermaid",\n'
    text = re.sub(r'    "ketamine_kb\.sphinxext",.*\n    "ketamine_kb\.pdf",\n', stock, text)
    text = re.sub(r"^(kb_\w+ = .*|bibtex_default_style = .*)\n", "", text, flags=re.MULTILINE)
    text = text.replace('mermaid_output_format = "svg"', 'mermaid_output_format = "raw"').replace('["page-status"]', "[]")
    conf.write_text(text.replace('["site-footer"]', '["copyright"]'), encoding="utf-8")
    # Plain Sphinx knows none of our directives and roles; the pages made from data stay with their prose only.
    for page in (plain / "docs").rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        text = re.sub(r"```\{(?:crisis-lines|claim-\w+|clinic-statements|certainty-rules)\}[\s\S]*?\n```\n", "", text)
        page.write_text(re.sub(r" ?\{claim\}`[^`]*`", "", text), encoding="utf-8")
    return ours, plain


def seconds(tree: Path) -> float:
    """Processor seconds of one clean full build."""
    shutil.rmtree(tree / "out", ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    folders = [str(tree / name) for name in ("out/doctrees", "docs", "out/html")]
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": "0"})
    if done.returncode:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def own_share(tree: Path) -> float:
    """Share of a profiled full build between entering and leaving our own functions."""
    from sphinx.application import Sphinx

    shutil.rmtree(tree / "out", ignore_errors=True)
    profile = cProfile.Profile()
    docs, out = str(tree / "docs"), tree / "out"
    profile.enable()
    Sphinx(docs, docs, str(out / "html"), str(out / "doctrees"), "html", status=None, warning=None).build()
    profile.disable()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(row[2] for row in stats.values())
    ours = 0.0
    for (file, _, _), (_, _, _, _, callers) in stats.items():
        if "ketamine_kb" in file:
            ours += sum(row[3] for (caller, _, _), row in callers.items() if "ketamine_kb" not in caller)
    return ours / total


def main() -> None:
    """Print the figures."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = copies(Path(folder))
        pages = len(list((ours / "docs").rglob("*.md")))
        pairs = [(seconds(ours), seconds(plain)) for _ in range(repetitions)]
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        mine, theirs = (statistics.median(values) for values in zip(*pairs, strict=True))
        print(f"{pages} pages, {repetitions} pairs of clean builds, medians of processor seconds")
        print(f"this site {mine:.2f} s, plain Sphinx {theirs:.2f} s, ratio {ratio:.2f} (budget 1.5)")
        print(f"share of a profiled build inside our own code: {own_share(ours):.1%}")


if __name__ == "__main__":
    main()
