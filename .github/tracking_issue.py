"""Keeps one issue about a nightly check: opens it when something is wrong, renews it, and closes it when all is well.

Needs the GitHub command line ``gh`` with GH_TOKEN and GH_REPO set. Exit code 0 also when the check failed: the issue is the result.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: GitHub takes at most 65,536 characters.
MOST = 60_000
#: Only an issue of this author is changed, whatever the titles of others say.
AUTHOR = "app/github-actions"


def gh(*words: str) -> str:
    """What the GitHub command line answers."""
    return subprocess.run(["gh", *words], check=True, capture_output=True, text=True, timeout=120).stdout


def find(title: str) -> int | None:
    """The number of our open issue with this title."""
    listed: list[dict[str, Any]] = json.loads(
        gh("issue", "list", "--state", "open", "--author", AUTHOR, "--limit", "200", "--json", "number,title")
    )
    numbers = [int(issue["number"]) for issue in listed if issue["title"] == title]
    return min(numbers) if numbers else None


def report(files: Sequence[str]) -> str:
    """The first of these files that exists, cut to what an issue can hold; a log is shown as it is."""
    for name in files:
        path = Path(name)
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            cut = text if len(text) <= MOST else text[:MOST].rpartition("\n")[0] + "\n\n(cut here)"
            return cut if path.suffix == ".md" else "~~~~~text\n" + cut.replace("~~~~~", "~~~~") + "\n~~~~~"
    return "The run left no report: see its log."


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", required=True)
    parser.add_argument("--code", required=True, type=int, help="exit code of the check: 0 closes the issue, 1 opens or renews it")
    parser.add_argument("--report", action="append", required=True, help="file with the report; the first that exists is taken")
    given = parser.parse_args(arguments)
    number = find(given.title)
    if given.code == 0:
        if number is None:
            print("All is well, and no issue is open.")
        else:
            gh("issue", "close", str(number), "--comment", "The last run found nothing wrong.")
            print(f"Closed issue {number}.")
    elif given.code == 1:
        body = "Found by the nightly run. This text is renewed by each run, and the issue is closed when a run finds nothing.\n\n"
        body += report(given.report)
        if number is None:
            print(gh("issue", "create", "--title", given.title, "--body", body).strip())
        else:
            gh("issue", "edit", str(number), "--body", body)
            print(f"Renewed issue {number}.")
    else:
        print(f"The check could not be made (exit code {given.code}); no issue was changed.", file=sys.stderr)
        return given.code if 0 < given.code < 126 else 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
