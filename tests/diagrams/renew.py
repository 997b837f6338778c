"""``python -m tests.diagrams.renew``: write the expected pictures and graphs anew; look at the difference before keeping it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from ketamine_kb.diagrams import describe, render
from ketamine_kb.diagrams.source import parse
from tests.diagrams.examples import SOURCES

GOLDENS = Path(__file__).parent / "goldens"
COMMAND = "python -m tests.diagrams.renew"


def expected(source: Path) -> dict[str, str]:
    """Name and content of every golden file of one diagram."""
    text, path = source.read_text(encoding="utf-8"), f"diagrams/{source.name}"
    graph = parse(text, path)
    words = {"graph": asdict(graph), "sentences": describe.sentences(graph)}
    return {
        f"{source.stem}.svg": render.svg(text, path, "golden").replace("><", ">\n<") + "\n",
        f"{source.stem}.print.svg": render.svg(text, path, "golden", print_colours=True).replace("><", ">\n<") + "\n",
        f"{source.stem}.json": json.dumps(words, indent=1, ensure_ascii=False) + "\n",
    }


def main() -> None:
    """Renew all files and remove those of diagrams that are gone."""
    GOLDENS.mkdir(exist_ok=True)
    wanted = {name: content for source in SOURCES for name, content in expected(source).items()}
    for old in GOLDENS.iterdir():
        if old.name not in wanted:
            old.unlink()
    for name, content in wanted.items():
        (GOLDENS / name).write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
