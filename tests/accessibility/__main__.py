"""``python -m tests.accessibility [SITE] [PAGE ...]``: axe and the HTML checker on a built site, one line for each fault.

Ends with 1 when anything was found, with 2 when a tool is missing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.accessibility import axe, markup
from tests.accessibility.found import Found, pages
from tests.accessibility.ways import looks
from tests.conftest import ROOT, chromium


def main() -> int:
    """Look at the site and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.accessibility", description=__doc__)
    parser.add_argument("--site", type=Path, default=ROOT / "build" / "html", help="a built site (default: build/html)")
    parser.add_argument("--quick", action="store_true", help="only what the test suite looks at")
    parser.add_argument("page", nargs="*", help="pages such as faq.html (default: all)")
    given = parser.parse_args()
    site = given.site.resolve()
    if not (site / "index.html").is_file():
        print(f"{given.site}: no site - expected a built one - run: nox -s html", file=sys.stderr)
        return 2
    if unknown := [page for page in given.page if not (site / page).is_file()]:
        print(
            f"{unknown[0]}: no such page - expected one of {site.name}/, such as faq.html - run: nox -s a11y -- faq.html", file=sys.stderr
        )
        return 2
    path = chromium()
    lacking = [reason for reason in (markup.missing(), "" if path else "no Chromium on this machine") if reason]
    for reason in lacking:
        print(f"Not checked: {reason}", file=sys.stderr)
    found = [] if markup.missing() else markup.check(site)
    found += markup.popovers(site)
    if path:
        faults: set[Found] = set()
        for way, result in looks(path, site, given.page, axe.QUICK if given.quick else axe.ALL):
            faults |= result.found
            print(f"{way}: {axe.told(result)}", file=sys.stderr, flush=True)
        found += sorted(faults)
    for fault in found:
        print(fault)
    if lacking:
        return 2
    print(f"{len(found)} fault{'' if len(found) == 1 else 's'} on {len(given.page or pages(site))} pages", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
