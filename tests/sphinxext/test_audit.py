"""What a build loses between source and page is told, with page and kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketamine_kb.checks import counts
from tests.faults.test_underneath import build

PAGE = """# T

| a | b |
|---|---|
| 1 | 2 |

```{list-table}
* - a
  - b
```

![A mouse](pic.svg)

```{doctest}
>>> 1
1
```

````{note}
{math}`x`

```{list-table}
* - c
```
````
"""
#: A handler that takes one node out of each page, of the kind that the page is named after.
SABOTAGE = """
def setup(app):
    from docutils import nodes
    def lose(app, doctree, docname):
        for node in list(doctree.findall(getattr(nodes, docname, nodes.decoration)))[:1]:
            node.parent.remove(node)
    app.connect("doctree-resolved", lose)
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def test_a_source_is_counted_by_the_parser() -> None:
    found, more = counts.in_source(PAGE)
    assert found == {"diagrams": [], "images": [12], "claims": [], "doctest blocks": [14], "tables": [3, 7, 22], "citations": []}
    assert not more


@pytest.mark.parametrize("example", ["````text\n```{list-table}\n* - a\n```\n````\n", "`{claim}`\n", "% {claim}`x`\n"])
def test_what_is_only_shown_is_not_counted(example: str) -> None:
    assert not any(counts.in_source(f"# T\n\n{example}")[0].values())


def test_roles_are_counted_by_their_keys() -> None:
    found, _ = counts.in_source("# T\n\nOne {cite:p}`a,b` {claim}`c` and\n{cite:t}`d` {claim}`words <e>`.\n")
    assert found["citations"] == [3, 3, 3]
    assert found["claims"] == [3, 3]


def test_sabotage(tmp_path: Path) -> None:
    (tmp_path / "sabotage.py").write_text(SABOTAGE, encoding="utf-8")
    kinds = ("table", "image", "literal_block", "whole")
    pages = {"index": "# Top\n\n```{toctree}\n" + "\n".join(kinds) + "\n```", **dict.fromkeys(kinds, PAGE)}
    extensions = "extensions=myst_parser,sphinx_design,sphinx.ext.doctest,ketamine_kb.sphinxext,ketamine_kb.pdf,sabotage"
    run = build(tmp_path, pages, "-D", extensions, files={"pic.svg": PICTURE})
    rest = "on the page - expected as many on the page as in the source - run: nox -s html [counts-differ]"
    assert [line for line in run.err.splitlines() if line] == [
        f"docs/image.md:12: images: 1 in the source (line 12), 0 {rest}",
        f"docs/literal_block.md:14: doctest blocks: 1 in the source (line 14), 0 {rest}",
        f"docs/table.md: tables: 3 in the source (lines 3, 7, 22), 2 {rest}",
    ]
