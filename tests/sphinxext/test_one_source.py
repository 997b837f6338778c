"""The promise of one source: a count is written once, so changing it changes every number, table and picture made from it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ketamine_kb.evidence import load
from ketamine_kb.project import Project
from tests.conftest import ROOT, Copy
from tests.evidence.renew import GOLDEN
from tests.evidence.trial_lines import lines
from tests.sphinxext.builds import Builds

TRIAL = "transform-1-and-2-pooled"
#: One page for each way of showing a trial, chosen among pages that do not show this one.
SHOWN = {
    "brain/neurons": f"```{{forest-plot}} Response\n:outcome: response\n\n{TRIAL}\n```",
    "brain/glia": f"```{{icon-array}} Of 100\n:trial: {TRIAL}\n:outcome: response\n:harm: serious-or-severe\n```",
    "brain/plasticity": f"```{{trial-table}}\n:outcome: response\n:caption: Response\n\n{TRIAL}\n```",
    "brain/inflammation": f"Of them {{stat}}`{TRIAL} response rate plain` responded.",
    "mechanism/nmda": f"Of them {{stat}}`{TRIAL} response nnt` were treated.",
}
#: Shows the trial's harms only, and two pages that show no trial: they may not change.
UNTOUCHED = {"networks/dmn": f"```{{event-frequencies}} Harms\n:trial: {TRIAL}\n```", "networks/ketamine": "", "get-help": ""}
MORE = {**SHOWN, **UNTOUCHED}
EDITS = {"responders": ("evidence/trials.yaml", "responders: {count: 182, basis: reported}", "responders: {count: 183, basis: reported}")}
ROLE = re.compile(rf"\{{stat\}}`{TRIAL} response [^`]*`")


def made(site: Path) -> dict[str, bytes]:
    """Every page and every table of a site."""
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.suffix in (".html", ".csv")}


def test_one_changed_count_changes_everything_made_from_it_and_nothing_else(grown: Builds, tmp_path: Path) -> None:
    assert (ROOT / "evidence/trials.yaml").read_text(encoding="utf-8").count("responders: {count: 182, basis: reported}") == 1
    before, after = made(grown.site("first")), made(grown.site("responders"))
    changed = {name for name, content in before.items() if after[name] != content}

    docs = grown.copy.path("docs")
    showing = {
        path.relative_to(docs).with_suffix("").as_posix()
        for path in docs.rglob("*.md")
        if any("day 2" not in role for role in ROLE.findall(path.read_text(encoding="utf-8"))) and "contribute" not in path.parts
    }
    assert {"start", "handouts/how-ketamine-may-work", "brain/inflammation", "mechanism/nmda"} <= showing
    wanted = {f"{page}.html" for page in {*showing, *SHOWN}}
    assert wanted - changed == set()
    assert {
        "_downloads/brain-neurons-1-forest.csv",
        "_downloads/brain-glia-1-icon-array.csv",
        "_downloads/start-1-icon-array.csv",
    } <= changed
    assert changed & {f"{page}.html" for page in UNTOUCHED} == set()

    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    shutil.copytree(ROOT / "evidence", tmp_path / "evidence")
    Copy(tmp_path).edit(*EDITS["responders"])
    found = lines(load.trials(Project(tmp_path)))
    differ = [(old, new) for old, new in zip(golden, found, strict=True) if old != new]
    assert ("  response count: 182 of 310", "  response count: 183 of 310") in differ
    assert len(differ) >= 6
