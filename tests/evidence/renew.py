"""Write the JSON Schemas for editors, and the golden numbers of trials, again: ``python -m tests.evidence.renew``."""

from __future__ import annotations

from ketamine_kb.evidence import export, load
from ketamine_kb.project import Project
from tests.conftest import ROOT
from tests.evidence.trial_lines import lines

GOLDEN = ROOT / "tests" / "evidence" / "trial-numbers.txt"


def main() -> None:
    for name, text in export.schemas().items():
        if name != "evidence.schema.json":
            (ROOT / "evidence" / "schema" / name).write_text(text, encoding="utf-8")
    GOLDEN.write_text("\n".join(lines(load.trials(Project(ROOT)))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
