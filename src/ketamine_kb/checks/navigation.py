"""Tables of contents: every page in exactly one, none missing, no circle; and headings that a link could confuse."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote

from ketamine_kb.checks import markdown, targets, tokens
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Project

#: Page at the top, and how deep headings have anchors (conf.py).
ROOT, DEPTH = "index", 3
_TITLED = re.compile(r"^.*<([^<>]*)>$")
#: Entries that are no pages.
_SPECIAL = ("self", "genindex", "modindex", "search")


def check(project: Project) -> list[Fault]:
    """Every fault of the tables of contents and of headings that links name."""
    texts: dict[str, str] = {}
    for page, text in markdown.read_pages(project):
        texts[page.relative_to(project.docs).as_posix().removesuffix(".md")] = text
    unread = {page.relative_to(project.docs).as_posix().removesuffix(".md") for page in project.without}
    return [*_contents(texts, unread), *_headings(texts)]


def _entries(name: str, text: str) -> Iterator[tuple[str, int, bool]]:
    """Every entry of a page's tables of contents: the page it names, its line, and whether it is a pattern."""
    for found in tokens.directives(text):
        if found.name == "toctree":
            for number, row in enumerate(found.content.split("\n")):
                word = row.strip()
                titled = _TITLED.match(word)
                target = (titled[1] if titled else word).strip()
                if not target or re.match(r"https?://", target) or target in _SPECIAL:
                    continue
                path = target[1:] if target.startswith("/") else posixpath.join(posixpath.dirname(name), target)
                yield (
                    posixpath.normpath(path).removesuffix(".md"),
                    found.body + number,
                    "glob" in found.options and bool(re.search(r"[*?\[]", target)),
                )


def _contents(texts: dict[str, str], unread: set[str]) -> Iterator[Fault]:
    expected = "each page in one {toctree}"
    named: dict[str, list[tuple[str, int]]] = {}
    meant: set[str] = set()
    for name, text in texts.items():
        here = f"docs/{name}.md"
        seen: set[str] = set()
        for target, line, pattern in _entries(name, text):
            pages = [target]
            if pattern:
                pages = [page for page in texts if fnmatch.fnmatchcase(page, target) and page != name and page not in seen]
                if not pages:
                    yield Fault(here, line, 1, Code.TOCTREE, f"the pattern {target!r} fits no page", "a pattern that fits")
            for page in pages:
                if page == name:
                    yield Fault(here, line, 1, Code.TOCTREE, "the table of contents names its own page", "other pages only")
                elif page in unread:
                    continue
                elif page not in texts:
                    near = next((other for other in texts if other.casefold() == page.casefold()), "") or nearest(page, texts)
                    meant.add(near)
                    yield Fault(here, line, 1, Code.TOCTREE, f"the table of contents names {page!r}, which does not exist", "a page", near)
                elif page in seen:
                    yield Fault(here, line, 1, Code.TOCTREE, f"{page!r} again in the tables of contents of one page", "each page once")
                else:
                    seen.add(page)
                    named.setdefault(page, []).append((name, line))
    circles = list(_circles(named))
    yield from circles
    if circles:
        return
    for page, places in named.items():
        if page == ROOT:
            name, line = places[0]
            yield Fault(f"docs/{name}.md", line, 1, Code.TOCTREE, "a table of contents names the page at the top", "pages below it")
            continue
        for name, line in places[1:]:
            found = f"the page {page!r} in a second table of contents"
            yield Fault(f"docs/{name}.md", line, 1, Code.TOCTREE, found, f"{expected} (first docs/{places[0][0]}.md:{places[0][1]})")
    for page in texts if not unread else ():
        if page != ROOT and page not in named and page not in meant:
            yield Fault(f"docs/{page}.md", 1, 0, Code.TOCTREE, "this page is in no table of contents", expected)


def _circles(named: dict[str, list[tuple[str, int]]]) -> Iterator[Fault]:
    """One fault for each circle, at the entry of its last page that leads back."""
    told: set[frozenset[str]] = set()
    for start in sorted(named):
        path, current = [start], start
        while True:
            parents = [name for name, _ in named.get(current, ()) if name not in path[1:]]
            back = [name for name, _ in named.get(current, ()) if name == start]
            if back:
                circle = frozenset(path)
                if circle not in told:
                    told.add(circle)
                    line = next(line for name, line in named[current] if name == start)
                    shown = " → ".join([start, *reversed(path[1:]), start])
                    yield Fault(
                        f"docs/{start}.md",
                        line,
                        1,
                        Code.TOCTREE,
                        f"a circle of tables of contents: {shown}",
                        "tables of contents that lead down only",
                    )
                break
            if not parents or parents[0] == start:
                break
            current = parents[0]
            path.append(current)


def _headings(texts: dict[str, str]) -> Iterator[Fault]:
    """Headings that are alike although they stand below one heading, or although a link names them."""
    linked = _linked(texts)
    for name, text in texts.items():
        found: list[tuple[tuple[str, ...], str, int, str]] = []
        above: list[str] = []
        parts = tokens.blocks(text)
        for block, content in pairwise(parts):
            if block.token.type == "heading_open" and not block.inside:
                level = int(block.token.tag[1])
                above = above[: level - 1]
                if level <= DEPTH:
                    found.append((tuple(above), targets.slug(content.token.content), block.line, content.token.content))
                above.append(targets.slug(content.token.content))
        again = Counter(slug for _, slug, _, _ in found)
        first: dict[str, tuple[tuple[str, ...], int]] = {}
        for parents, slug, line, words in found:
            if again[slug] > 1 and slug in first:
                same, other = first[slug][0] == parents, first[slug][1]
                link = linked.get((name, slug), "")
                if same or link:
                    why = f", which the link at {link} could mean" if link else ""
                    yield Fault(
                        f"docs/{name}.md",
                        line,
                        1,
                        Code.HEADING_AGAIN,
                        f"the heading {words!r} again{why}",
                        f"words of its own (the first is on line {other})",
                    )
            first.setdefault(slug, (parents, line))


def _linked(texts: dict[str, str]) -> dict[tuple[str, str], str]:
    """Where each heading is linked, by page and anchor."""
    found: dict[tuple[str, str], str] = {}
    for name, text in texts.items():
        for block in tokens.read(text):
            for child in block.parts:
                href = unquote(str(child.attrGet("href") or "")) if child.type == "link_open" else ""
                if "#" not in href or re.match(r"[a-z][a-z0-9+.-]*:", href):
                    continue
                page, _, anchor = href.partition("#")
                target = posixpath.normpath(posixpath.join(posixpath.dirname(name), page)).removesuffix(".md") if page else name
                found.setdefault((target, anchor), f"docs/{name}.md:{block.line}")
    return found
