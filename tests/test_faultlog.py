"""Faults on disk, for machines: lines while a build runs, SARIF and annotations at its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ketamine_kb import faultlog
from ketamine_kb.messages import Code, Fault

ONE = Fault("docs/a b.md", 3, 5, Code.TAB, "a tab, 50% wide", "blanks")
TWO = Fault("docs/a.md", 0, 0, Code.HEADING, "no heading", "a title", "# T", "nox -s lint")


def test_what_is_written_is_read_again_in_order(tmp_path: Path) -> None:
    path = tmp_path / "faults"
    for fault in (TWO, ONE):
        faultlog.append(path, fault)
    assert faultlog.read(path) == [ONE, TWO]
    assert [fault.code for fault in faultlog.read(path)] == [Code.TAB, Code.HEADING]


def test_no_file_means_no_fault(tmp_path: Path) -> None:
    assert faultlog.read(tmp_path / "nothing") == []


def test_sarif_has_what_the_standard_asks_for(tmp_path: Path) -> None:
    """The required members of SARIF 2.1.0: version, runs, tool.driver.name, message.text; rules are found by their index."""
    path = tmp_path / "deep" / "faults.sarif"
    faultlog.write(path, [TWO, ONE])
    log = json.loads(path.read_text("utf-8"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert [rule["id"] for rule in driver["rules"]] == ["heading", "tab"]
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note", "none")
        assert result["message"]["text"]
        assert not result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("/")
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 5}
    assert "region" not in run["results"][1]["locations"][0]["physicalLocation"]


def test_an_address_in_sarif_has_no_blank() -> None:
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(json.dumps(faultlog.sarif([ONE])))["runs"][0]["results"]
    ]
    assert uris == ["docs/a%20b.md"]


def test_a_clean_run_leaves_an_empty_list(tmp_path: Path) -> None:
    faultlog.write(tmp_path / "faults.sarif", [])
    assert json.loads((tmp_path / "faults.sarif").read_text("utf-8"))["runs"][0]["results"] == []
    assert [path.name for path in tmp_path.iterdir()] == ["faults.sarif"]


def test_an_annotation_escapes_what_the_command_reads() -> None:
    assert faultlog.annotation(ONE) == (
        "::error file=docs/a b.md,line=3,col=5,title=tab::a tab, 50%25 wide - expected blanks - run: nox -s html"
    )
    assert faultlog.annotation(TWO) == (
        "::error file=docs/a.md,title=heading::no heading - expected a title - did you mean '# T'? - run: nox -s lint"
    )


@pytest.mark.parametrize(("value", "on"), [("true", True), ("false", False), ("", False)])
def test_annotations_are_for_github_alone(monkeypatch: pytest.MonkeyPatch, value: str, on: bool) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", value)
    assert faultlog.on_github() is on


def test_every_code_has_a_meaning() -> None:
    assert set(faultlog.meanings()) == set(Code)
    assert all(words.endswith(".") and "\n" not in words for words in faultlog.meanings().values())
