"""``python -m tests.plots.renew``: write the expected pictures anew; look at the difference before keeping it."""

from __future__ import annotations

from pathlib import Path

from tests.plots.examples import pictures

GOLDENS = Path(__file__).parent / "goldens"
COMMAND = "python -m tests.plots.renew"


def expected() -> dict[str, str]:
    """Name and content of every golden file."""
    made = {}
    for name, picture in pictures().items():
        made[f"{name}.svg"] = picture.svg("golden").replace("><", ">\n<") + "\n"
        made[f"{name}.csv"] = picture.csv()
        made[f"{name}.txt"] = "\n".join(picture.sentences) + "\n"
    return made


def main() -> None:
    """Renew all files and remove those of pictures that are gone."""
    GOLDENS.mkdir(exist_ok=True)
    wanted = expected()
    for old in GOLDENS.iterdir():
        if old.name not in wanted:
            old.unlink()
    for name, content in wanted.items():
        (GOLDENS / name).write_text(content, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
