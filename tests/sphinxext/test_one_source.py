"""The promise of one source: a count is written once, so changing it changes every number, table and picture made from it."""

from __future__ import annotations

import re

from ketamine_kb.evidence import load
from ketamine_kb.project import Project
from tests.conftest import Copy
from tests.evidence.renew import GOLDEN
from tests.evidence.trial_lines import lines

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
ROLE = re.compile(rf"\{{stat\}}`{TRIAL} response [^`]*`")


def test_one_changed_count_changes_everything_made_from_it_and_nothing_else(copy: Copy) -> None:
    for page, block in {**SHOWN, **UNTOUCHED}.items():
        path = copy.path(f"docs/{page}.md")
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{block}\n", encoding="utf-8")
    first = copy.build("html")
    assert first.code == 0, first.said
    site = copy.path("build/html")
    before = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.suffix in (".html", ".csv")}

    text = copy.path("evidence/trials.yaml").read_text(encoding="utf-8")
    assert text.count("responders: {count: 182, basis: reported}") == 1
    copy.edit("evidence/trials.yaml", "responders: {count: 182,", "responders: {count: 183,")
    second = copy.build("html")
    assert second.code == 0, second.said
    changed = {name for name, content in before.items() if copy.path(f"build/html/{name}").read_bytes() != content}

    showing = {
        path.relative_to(copy.path("docs")).with_suffix("").as_posix()
        for path in copy.path("docs").rglob("*.md")
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
    found = lines(load.trials(Project(copy.root)))
    differ = [(old, new) for old, new in zip(golden, found, strict=True) if old != new]
    assert ("  response count: 182 of 310", "  response count: 183 of 310") in differ
    assert len(differ) >= 6
