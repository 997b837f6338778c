"""A record that is not what the diagram now shows or rests on is told; `nox -s diagrams` makes it anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ketamine_kb.diagrams import recorded, records, source
from ketamine_kb.evidence import load
from ketamine_kb.evidence.model import Claim, Finding
from ketamine_kb.messages import Code
from ketamine_kb.project import Faulty, Project
from tests.diagrams.examples import ORIENTATION, SMALL, claim, facts

CLAIMS = {"a-activates-b": claim("a-activates-b", "mixed", ("rodent",))}
STALE = "a picture or evidence that is not as recorded"
MENDED = "the record renewed, and its difference looked at - run: nox -s diagrams [diagram-record]"


@pytest.fixture
def recorded_project(tmp_path: Path) -> Project:
    """A project with two diagrams and their records."""
    project = Project(tmp_path)
    project.diagrams.mkdir()
    (project.diagrams / "one.mmd").write_text(SMALL, encoding="utf-8")
    order = ORIENTATION + 'a["A"]\nb["B"]\na a-b@--> b\nclass a,b process\n'
    (project.diagrams / "two.mmd").write_text(order, encoding="utf-8")
    assert records.renew(project, CLAIMS) == 2
    return project


def told(project: Project, claims: Mapping[str, Claim] = CLAIMS) -> list[str]:
    return [str(fault) for fault in records.stale(project, claims)]


def stale(name: str, *endings: str, found: str = STALE) -> list[str]:
    return [f"diagrams/{name}.mmd:1: {found} in recorded/{name}.{ending} - expected {MENDED}" for ending in endings]


def test_fresh_records_are_quiet(recorded_project: Project) -> None:
    assert told(recorded_project) == []
    names = sorted(path.name for path in (recorded_project.diagrams / recorded.FOLDER).iterdir())
    assert names == ["one.json", "one.svg", "two.json", "two.svg"]


def test_what_is_recorded(recorded_project: Project) -> None:
    data = json.loads((recorded_project.diagrams / "recorded" / "one.json").read_text(encoding="utf-8"))
    assert list(data) == ["source", "labelled", "graph", "layout", "arrows"]
    assert data["source"] == recorded.digest(SMALL)
    assert data["labelled"] == recorded.digest(SMALL.replace("|activates|", '|"activates ±<br/>rodents"|'))
    assert data["arrows"] == [
        {"edge": "a-activates-b", "claim": "a-activates-b", "certainty": "mixed", "shown_in": ["rodent"], "findings": ["supports rct"]}
    ]
    two = json.loads((recorded_project.diagrams / "recorded" / "two.json").read_text(encoding="utf-8"))
    assert (two["arrows"], two["source"] == two["labelled"]) == ([], True)
    picture = (recorded_project.diagrams / "recorded" / "one.svg").read_bytes()
    assert b"\r" not in picture
    assert picture.count(b"\n") > 20, "one element a line, so that a difference can be read"
    assert ElementTree.fromstring(picture).get("role") == "img"


@pytest.mark.parametrize(("old", "new"), [("Alpha", "Alphas"), ("b cell", "b drug"), ("A title", "A name"), ("-->", "--->")])
def test_a_changed_source(recorded_project: Project, old: str, new: str) -> None:
    path = recorded_project.diagrams / "one.mmd"
    path.write_text(SMALL.replace(old, new), encoding="utf-8")
    assert told(recorded_project) == stale("one", "json", "svg")


def test_a_changed_comment_changes_the_record_but_not_the_picture(recorded_project: Project) -> None:
    (recorded_project.diagrams / "one.mmd").write_text(SMALL + "%% node a: term=neuron\n", encoding="utf-8")
    assert told(recorded_project) == stale("one", "json")


@pytest.mark.parametrize(
    "changed",
    [claim("a-activates-b", "contested", ("rodent",)), claim("a-activates-b", "mixed", ("in-vitro",))],
    ids=["certainty", "species"],
)
def test_a_changed_certainty_or_species(recorded_project: Project, changed: Claim) -> None:
    assert told(recorded_project, {"a-activates-b": changed}) == stale("one", "json", "svg")


def test_a_removed_or_turned_finding_changes_the_record_but_not_the_picture(recorded_project: Project) -> None:
    one = CLAIMS["a-activates-b"].evidence[0]
    other = Finding(source="rct2", relation="disputes", shown_in=["human"], finding="What this other source found.")
    both = {"a-activates-b": claim("a-activates-b", "mixed", ("rodent",), evidence=[one, other])}
    assert told(recorded_project, both) == stale("one", "json")
    records.renew(recorded_project, both)
    assert told(recorded_project, both) == []
    assert told(recorded_project) == stale("one", "json")
    turned = {
        "a-activates-b": claim("a-activates-b", "mixed", ("rodent",), evidence=[one.model_copy(update={"relation": "disputes"}), other])
    }
    assert told(recorded_project, turned) == stale("one", "json")


def test_a_reworded_finding_is_no_matter_of_the_picture(recorded_project: Project) -> None:
    reworded = CLAIMS["a-activates-b"].evidence[0].model_copy(update={"finding": "The same in other words of ours."})
    assert told(recorded_project, {"a-activates-b": claim("a-activates-b", "mixed", ("rodent",), evidence=[reworded])}) == []


def test_a_claim_that_is_gone(recorded_project: Project) -> None:
    assert told(recorded_project, {}) == stale("one", "json", "svg")


def test_a_missing_record(recorded_project: Project) -> None:
    (recorded_project.diagrams / "recorded" / "two.svg").unlink()
    assert told(recorded_project) == stale("two", "svg", found="no record")
    for path in (recorded_project.diagrams / "recorded").iterdir():
        path.unlink()
    (recorded_project.diagrams / "recorded").rmdir()
    assert told(recorded_project) == stale("one", "json", "svg", found="no record") + stale("two", "json", "svg", found="no record")


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"<svg"])
def test_a_damaged_record(recorded_project: Project, damage: bytes) -> None:
    (recorded_project.diagrams / "recorded" / "one.svg").write_bytes(damage)
    assert told(recorded_project) == stale("one", "svg")


def test_a_record_of_a_diagram_that_is_gone(recorded_project: Project) -> None:
    (recorded_project.diagrams / "two.mmd").unlink()
    (recorded_project.diagrams / "recorded" / "notes.txt").write_text("x", encoding="utf-8")
    assert told(recorded_project) == [
        f"diagrams/recorded/{name}:1: a record of no diagram - expected the record removed - run: nox -s diagrams [diagram-record]"
        for name in ("notes.txt", "two.json", "two.svg")
    ]
    assert records.renew(recorded_project, CLAIMS) == 1
    assert sorted(path.name for path in (recorded_project.diagrams / "recorded").iterdir()) == ["one.json", "one.svg"]
    assert told(recorded_project) == []


def test_renewing_twice_changes_nothing(recorded_project: Project) -> None:
    kept = {path.name: path.read_bytes() for path in (recorded_project.diagrams / "recorded").iterdir()}
    records.renew(recorded_project, CLAIMS)
    assert {path.name: path.read_bytes() for path in (recorded_project.diagrams / "recorded").iterdir()} == kept


def test_nothing_is_written_when_one_source_is_broken(recorded_project: Project) -> None:
    (recorded_project.diagrams / "one.mmd").write_text(SMALL.replace("Alpha", "New"), encoding="utf-8")
    (recorded_project.diagrams / "two.mmd").write_text("hello", encoding="utf-8")
    kept = {path.name: path.read_bytes() for path in (recorded_project.diagrams / "recorded").iterdir()}
    with pytest.raises(Faulty) as caught:
        records.renew(recorded_project, CLAIMS)
    assert [fault.code for fault in caught.value.faults] == [Code.DIAGRAM_SYNTAX]
    assert {path.name: path.read_bytes() for path in (recorded_project.diagrams / "recorded").iterdir()} == kept


def test_the_command_says_what_it_did(
    recorded_project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(records, "here", lambda: recorded_project)
    known = facts().model_copy(update={"claims": CLAIMS})  # before the patch: the first call loads
    monkeypatch.setattr(load, "load", lambda project: known)
    assert records.main() == 0
    assert capsys.readouterr() == ("Recorded 2 diagrams in diagrams/recorded/\n", "")


def test_the_command_says_what_is_wrong(
    recorded_project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(records, "here", lambda: recorded_project)
    monkeypatch.setattr(source, "drawn_here", lambda: False)
    assert records.main() == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("diagrams: merman is not installed here - expected a machine that merman has a wheel for - ")


def test_the_records_of_the_project_are_of_today(project: Project) -> None:
    """On every Python and platform of the test matrix, so that the pictures are the same bytes on all of them."""
    assert [str(fault) for fault in records.stale(project, facts().claims)] == []
