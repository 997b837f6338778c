"""Write the JSON Schemas for editors again: ``python -m tests.evidence.renew``."""

from __future__ import annotations

from ketamine_kb.evidence import export
from tests.conftest import ROOT


def main() -> None:
    for name, text in export.schemas().items():
        if name != "evidence.schema.json":
            (ROOT / "evidence" / "schema" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
