"""The status of the sources: compared, written, read again, told, and never lost."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb import sources
from ketamine_kb.evidence import bibliography, status
from ketamine_kb.evidence.registries import Kind, NotFound, Notice, Record, Settings, Unanswered
from ketamine_kb.evidence.status import Question, Result, Status, judge, same_title, similarity
from ketamine_kb.messages import Code
from ketamine_kb.project import Faulty, Project
from tests import running
from tests.conftest import ROOT
from tests.evidence.registry_server import TITLE, Server, no_summary, reference, serving, summary, update, work

DAY, NEXT_DAY = dt.date(2026, 11, 21), dt.date(2026, 11, 22)
QUESTION = Question("zhang2021", 1, "crossref", "10.1000/xyz", TITLE, "2021")
GOOD = Record((TITLE,), (2021,))
SHOWN = "evidence/references.bib"


# Titles and years


@pytest.mark.parametrize(
    ("wanted", "record"),
    [
        (TITLE, TITLE.upper() + "."),
        ("Ketamine: a review", "Ketamine — a   review"),
        ("alpha-amino-3-hydroxy receptors", "α-Amino-3-hydroxy receptors"),
        ("lambda", "λ"),
        ("Schröder's µ-opioid study of Ca2+", "Schroder’s mu-opioid study of Ca²⁺"),
        ("Antidepressant Effects of Ketamine in Depressed Patients", "The Antidepressant Effects of Ketamine in Depressed Patients"),
        ("Randomised trial of esketamine for depression", "Randomized trial of esketamine for depression"),
        ("Ketamine for treatment-resistant depression", "Ketamine for Treatment-Resistant Depression: A Randomized Trial"),
        ("Ketamine for treatment-resistant depression: a randomized trial", "Ketamine for treatment-resistant depression"),
    ],
)
def test_the_same_title(wanted: str, record: str) -> None:
    assert same_title(wanted, [record])
    assert same_title(wanted, ["Another title of the same work", record])


@pytest.mark.parametrize(
    ("wanted", "record"),
    [
        (TITLE, "Structural basis of memantine action on human AMPA receptors in mice"),
        ("Ketamine: a review", "Ketamine: mechanisms"),
        ("Ketamine for treatment-resistant depression", "Esketamine for adolescents with suicidal thoughts"),
        (TITLE, ""),
        ("", ""),
        ("!!!", "???"),
    ],
)
def test_another_title(wanted: str, record: str) -> None:
    assert not same_title(wanted, [record])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_similarity_is_a_share(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) in (0, 1)


def test_hostile_titles_are_compared_in_time() -> None:
    started = time.monotonic()
    assert not same_title("ab" * 500, [("a" * 150 + "b" * 150)[number:] for number in range(5)])
    assert not same_title("ab" * 500, ["ac" * 500] * 5)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("years", "wanted", "told", "year"),
    [
        ((2021,), "2021", Status.OK, 0),
        ((2022, 2021), "2021", Status.OK, 0),
        ((2022,), "2021", Status.OK, 2022),
        ((2020,), "2021", Status.OK, 2020),
        ((2019, 2018), "2021", Status.MISMATCH, 2019),
        ((), "2021", Status.OK, 0),
        ((1999,), "in press", Status.OK, 0),
    ],
)
def test_years(years: tuple[int, ...], wanted: str, told: Status, year: int) -> None:
    result = judge(replace(QUESTION, year=wanted), Record((TITLE,), years), DAY)
    assert (result.status, result.year) == (told, year)


@pytest.mark.parametrize(
    ("kinds", "title", "told"),
    [
        ([], TITLE, Status.OK),
        ([Kind.OTHER], TITLE, Status.OK),
        ([Kind.CORRECTION], TITLE, Status.CORRECTED),
        ([Kind.CONCERN, Kind.CORRECTION], TITLE, Status.CONCERN),
        ([Kind.RETRACTION, Kind.CORRECTION], TITLE, Status.RETRACTED),
        ([Kind.RETRACTION], "Another title", Status.RETRACTED),
        ([Kind.CORRECTION], "Another title", Status.MISMATCH),
    ],
)
def test_the_gravest_word_wins(kinds: list[Kind], title: str, told: Status) -> None:
    notices = tuple(Notice(kind, kind.name) for kind in kinds)
    result = judge(QUESTION, Record((title,), (2021,), notices), DAY)
    assert result.status is told
    assert result.notices == tuple(kind.name for kind in kinds)
    assert result.title == ("" if title == TITLE else title)


def test_a_record_without_a_title_proves_nothing() -> None:
    assert judge(QUESTION, Record((), (2021,)), DAY).reason == "the record has no title"
    assert judge(QUESTION, Record((), (), (Notice(Kind.RETRACTION, "x"),)), DAY).status is Status.RETRACTED


def test_a_retraction_once_seen_is_not_forgotten_when_nothing_answers() -> None:
    seen = judge(QUESTION, Record((TITLE,), (2021,), (Notice(Kind.RETRACTION, "x"),)), DAY)
    kept = judge(QUESTION, Unanswered("answered 429"), NEXT_DAY, seen)
    assert kept == replace(seen, reason="no answer on 2026-11-22: answered 429")
    assert judge(QUESTION, GOOD, NEXT_DAY, kept).status is Status.OK
    changed = replace(QUESTION, identifier="10.1000/other")
    assert judge(changed, Unanswered("answered 429"), NEXT_DAY, seen).status is Status.NOT_CHECKED


def test_what_need_not_be_asked_again() -> None:
    result = judge(QUESTION, GOOD, DAY)
    assert status.is_fresh(result, QUESTION, DAY)
    assert not status.is_fresh(result, QUESTION, NEXT_DAY)
    assert not status.is_fresh(result, replace(QUESTION, title="Mended title"), DAY)
    assert not status.is_fresh(None, QUESTION, DAY)
    assert not status.is_fresh(judge(QUESTION, Unanswered("x"), DAY), QUESTION, DAY)
    assert not status.is_fresh(judge(QUESTION, Unanswered("x"), DAY, result), QUESTION, DAY)


def test_a_registry_that_said_nothing_hides_an_ok() -> None:
    good, none = judge(QUESTION, GOOD, DAY), judge(QUESTION, Unanswered("x"), DAY)
    lost = judge(QUESTION, NotFound("x"), DAY)
    assert status.overall([good, good]) is Status.OK
    assert status.overall([good, none]) is Status.NOT_CHECKED
    assert status.overall([none, lost, good]) is Status.NOT_FOUND


# Messages


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            Record((TITLE,), (2021,), (Notice(Kind.RETRACTION, "retraction 10.1/n"), Notice(Kind.CORRECTION, "erratum 10.1/e"))),
            "zhang2021: retracted, says Crossref (retraction 10.1/n; erratum 10.1/e) - expected a source that stands"
            " - run: nox -s sources [source-retracted]",
        ),
        (
            NotFound("x"),
            "zhang2021: 10.1000/xyz is not known to Crossref - expected an identifier that exists - run: nox -s sources [source-not-found]",
        ),
        (
            Record(("Another title",), (2021,)),
            f"zhang2021: Crossref has 'Another title' for 10.1000/xyz - expected '{TITLE}' (2021) - run: nox -s sources [source-mismatch]",
        ),
        (
            Record(("Another title",), (1999,)),
            f"zhang2021: Crossref has 'Another title' (1999) for 10.1000/xyz - expected '{TITLE}' (2021)"
            " - run: nox -s sources [source-mismatch]",
        ),
        (
            Record((TITLE,), (1999,)),
            f"zhang2021: Crossref has the year 1999 for 10.1000/xyz - expected '{TITLE}' (2021) - run: nox -s sources [source-mismatch]",
        ),
        (
            Record((TITLE,), (2021,), (Notice(Kind.CORRECTION, "erratum 10.1/e"),)),
            "zhang2021: a correction, says Crossref (erratum 10.1/e) - expected a look whether a cited finding has changed"
            " - run: nox -s sources [source-corrected]",
        ),
        (
            Record((TITLE,), (2021,), (Notice(Kind.CONCERN, "c"),)),
            "zhang2021: an expression of concern, says Crossref (c) - expected a look whether a cited finding has changed"
            " - run: nox -s sources [source-corrected]",
        ),
    ],
)
def test_messages(answer: Record | NotFound, message: str) -> None:
    assert str(judge(QUESTION, answer, DAY).fault(QUESTION, SHOWN)) == f"{SHOWN}:1: {message}"


def test_nothing_to_do_is_no_message() -> None:
    for answer in (GOOD, Unanswered("x")):
        assert judge(QUESTION, answer, DAY).fault(QUESTION, SHOWN) is None


def test_what_was_not_checked_is_told_once_a_reason() -> None:
    asked = [replace(QUESTION, key=f"key{number}", line=number) for number in range(1, 6)]
    told = [(question, judge(question, Unanswered("answered 429"), DAY)) for question in asked]
    told.append((QUESTION, judge(QUESTION, GOOD, DAY)))
    assert [str(fault) for fault in status.unanswered(told, SHOWN)] == [
        f"{SHOWN}:1: key1, key2, key3 and 2 more: not checked at Crossref (answered 429)"
        " - expected an answer; try again later or look by hand - run: nox -s sources [source-unchecked]"
    ]


# The file


def test_the_file_byte_for_byte(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.evidence.mkdir()
    other = replace(QUESTION, key="Abbott:x", registry="pubmed", identifier="34321660")
    results = {
        "zhang2021": {
            "pubmed": judge(replace(other, key="zhang2021"), Unanswered("answered 429"), DAY),
            "crossref": judge(QUESTION, Record(('A "title" \\ é',), (1999,), (Notice(Kind.CORRECTION, "erratum 10.1/e"),)), DAY),
        },
        "Abbott:x": {"pubmed": judge(other, GOOD, DAY)},
    }
    status.write(project, results)
    fingerprints = QUESTION.compared, other.compared
    assert status.path_of(project).read_bytes().decode() == (
        "# What Crossref and PubMed say about every source of references.bib that has a doi or a pmid.\n"
        "# Written by `nox -s sources`, never by hand: the next run replaces whatever is changed here.\n"
        "schema: 1\n"
        "sources:\n"
        '  "Abbott:x":\n'
        "    status: ok\n"
        "    answers:\n"
        "      - registry: pubmed\n"
        '        id: "34321660"\n'
        "        status: ok\n"
        "        checked: 2026-11-21\n"
        f'        compared: "{fingerprints[1]}"\n'
        "  zhang2021:\n"
        "    status: mismatch\n"
        "    answers:\n"
        "      - registry: crossref\n"
        '        id: "10.1000/xyz"\n'
        "        status: mismatch\n"
        "        checked: 2026-11-21\n"
        f'        compared: "{fingerprints[0]}"\n'
        '        title: "A \\"title\\" \\\\ é"\n'
        "        year: 1999\n"
        "        notices:\n"
        '          - "erratum 10.1/e"\n'
        "      - registry: pubmed\n"
        '        id: "34321660"\n'
        "        status: not-checked\n"
        "        checked: 2026-11-21\n"
        f'        compared: "{fingerprints[1]}"\n'
        '        reason: "answered 429"\n'
    )
    assert status.read(project) == results
    assert [path.name for path in project.evidence.iterdir()] == ["source-status.yaml"]


@settings(max_examples=80, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
def test_whatever_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, key: str, text: str) -> None:
    project = Project(tmp_path_factory.mktemp("written"))
    project.evidence.mkdir()
    results = {key: {"crossref": Result("crossref", text, Status.OK, DAY, "", text, 7, (text,), text)}}
    status.write(project, results)
    assert status.read(project) == results


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("schema: 2\nsources: {}\n", 1, "no `schema: 1`"),
        ("schema: true\nsources: {}\n", 1, "no `schema: 1`"),
        ("- a\n", 1, "no `schema: 1`"),
        ("", 1, "no `schema: 1`"),
        ("schema: 1\nsources: []\n", 1, "other keys than schema and sources"),
        ("schema: 1\nsources:\n  a2020: 7\n", 3, "a2020: no list of answers"),
        ("schema: 1\nsources:\n  a2020:\n    answers:\n      - 7\n", 5, "a2020: an answer that is not a mapping"),
        ("schema: 1\nsources:\n  a2020:\n    answers:\n      - registry: crossref\n", 5, "a2020: no 'id'"),
        ("schema: 1\nsources:\n  a2020:\n    answers:\n      - kind: crossref\n", 5, "a2020: unknown key 'kind'"),
    ],
)
def test_a_damaged_file_is_told_with_its_line(tmp_path: Path, text: str, line: int, found: str) -> None:
    project = Project(tmp_path)
    project.evidence.mkdir()
    status.path_of(project).write_text(text, encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        status.read(project)
    (fault,) = caught.value.faults
    assert (fault.path, fault.line, fault.code, fault.found) == ("evidence/source-status.yaml", line, Code.SOURCE_STATUS, found)


@pytest.mark.parametrize(
    ("key", "value"),
    [("registry", "arxiv"), ("status", "fine"), ("status", "[]"), ("checked", "soon"), ("id", "7"), ("year", "x"), ("notices", "[7]")],
)
def test_a_wrong_value_is_told(tmp_path: Path, key: str, value: str) -> None:
    project = Project(tmp_path)
    project.evidence.mkdir()
    good = {"registry": "crossref", "id": '"10.1000/x"', "status": "ok", "checked": "2026-11-21", "compared": '"00000000"'}
    rows = "\n        ".join(f"{name}: {what}" for name, what in {**good, key: value}.items())
    status.path_of(project).write_text(f"schema: 1\nsources:\n  a2020:\n    answers:\n      - {rows}\n", encoding="utf-8")
    with pytest.raises(Faulty, match=f"a2020: {key}: "):
        status.read(project)


def test_merge_marks_are_told(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.evidence.mkdir()
    status.path_of(project).write_text("schema: 1\n<<<<<<< HEAD\nsources: {}\n=======\n", encoding="utf-8")
    with pytest.raises(Faulty, match=r"source-status\.yaml:\d"):
        status.read(project)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match="cannot be written"):
        status.write(Project(tmp_path), {})


# The whole run, against a server next door

ENTRY = """\
@article{%s,
  author = {Some, Body},
  title = {{%s}},
  year = {%s},
%s  design = {rct},
  verified = {abstract},
}
"""


class Checkout:
    """A project with a bibliography of its own and a server that stands for both registries."""

    def __init__(self, root: Path, server: Server) -> None:
        self.root, self.server = root, server
        self.project = Project(root)
        self.project.evidence.mkdir()

    def write(self, *entries: tuple[str, str, str, str]) -> None:
        """Entries as (key, doi, pmid, title)."""
        texts = []
        for key, doi, pmid, title in entries:
            fields = (f"  doi = {{{doi}}},\n" if doi else "") + (f"  pmid = {{{pmid}}},\n" if pmid else "")
            texts.append(ENTRY % (key, title, "2021", fields or "  url = {https://example.org/},\n"))
        (self.project.evidence / "references.bib").write_text("\n".join(texts), encoding="utf-8")

    def run(self, *only: str, again: bool = False, today: dt.date = DAY, base: str = "", **more: Any) -> int:
        url = base or self.server.url
        quick = Settings(
            bases={"crossref": url, "pubmed": url},
            rates={"crossref": 1000.0, "pubmed": 1000.0},
            **{"limit": 10, "patience": 1.2, "silence": 0.7, "tries": 2, "pause": 0.01, "longest_wait": 1.0, **more},
        )
        return sources.run(self.project, quick, only, again=again, today=today)

    @property
    def file(self) -> Path:
        return status.path_of(self.project)

    def told(self) -> dict[str, dict[str, str]]:
        read = status.read(self.project)
        return {key: {name: result.status.value for name, result in of_key.items()} for key, of_key in read.items()}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    (tmp_path / "project").mkdir()
    with serving() as server:
        yield Checkout(tmp_path / "project", server)


def test_every_status_in_one_run(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write(
        ("good2021", "10.1000/good", "1", TITLE),
        ("concern2021", "10.1000/concern", "", TITLE),
        ("erratum2021", "", "2", TITLE),
        ("lost2021", "10.1000/lost", "3", TITLE),
        ("other2021", "10.1000/other", "", TITLE),
        ("page2021", "", "", TITLE),
        ("gone2021", "10.1000/gone", "4", TITLE),
        ("quiet2021", "10.1000/quiet", "", TITLE),
    )
    checkout.server.answers.update(
        {
            "10.1000/good": (200, work()),
            "1": (200, summary("1")),
            "10.1000/concern": (200, work(by=[update("expression_of_concern")])),
            "2": (200, summary("2", references=[reference("Erratum in")])),
            "3": (200, no_summary("3")),
            "10.1000/other": (200, work(title="Sheep of the Hebrides")),
            "10.1000/gone": (200, work(title=f"RETRACTED: {TITLE}", by=[update("retraction")])),
            "4": (200, summary("4", pubtype=["Journal Article", "Retracted Publication"])),
            "10.1000/quiet": "busy",
        }
    )
    assert checkout.run() == 1
    assert checkout.told() == {
        "good2021": {"crossref": "ok", "pubmed": "ok"},
        "concern2021": {"crossref": "expression-of-concern"},
        "erratum2021": {"pubmed": "corrected"},
        "lost2021": {"crossref": "not-found", "pubmed": "not-found"},
        "other2021": {"crossref": "mismatch"},
        "gone2021": {"crossref": "retracted", "pubmed": "retracted"},
        "quiet2021": {"crossref": "not-checked"},
    }
    out, err = capsys.readouterr()
    assert out == "1 ok, 1 not-checked, 1 corrected, 1 expression-of-concern, 1 mismatch, 1 not-found, 1 retracted\n"
    lines = err.splitlines()
    assert lines[
        -1
    ] == "9 faults: source-corrected 2, source-mismatch 1, source-not-found 2, source-retracted 2, source-unchecked 1".replace("9", "8")
    gone = (checkout.project.evidence / "references.bib").read_text(encoding="utf-8").split("@article{gone2021")[0].count("\n") + 1
    assert sum(line.startswith(f"{SHOWN}:{gone}: gone2021: retracted, says ") for line in lines) == 2
    assert "1/10 concern2021 crossref: expression-of-concern" in lines
    assert checkout.server.asked["10.1000/quiet"] == 2


def test_only_what_is_new_is_asked_and_the_file_stays(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write(("a2021", "10.1000/a", "", TITLE), ("b2021", "10.1000/b", "", TITLE))
    checkout.server.answers.update({"10.1000/a": (200, work()), "10.1000/b": (200, work())})
    assert checkout.run() == 0
    first = checkout.file.read_bytes()
    assert checkout.run() == 0
    assert "Every source was asked today already; --again asks anew." in capsys.readouterr().err
    assert sum(checkout.server.asked.values()) == 2
    assert checkout.file.read_bytes() == first
    assert checkout.run("a2021", again=True) == 0
    assert checkout.server.asked == {"10.1000/a": 2, "10.1000/b": 1}
    assert checkout.run(today=NEXT_DAY) == 0
    assert checkout.server.asked == {"10.1000/a": 3, "10.1000/b": 2}
    assert checkout.file.read_bytes() == first.replace(b"2026-11-21", b"2026-11-22")


def test_a_mended_entry_is_asked_again_on_the_same_day(checkout: Checkout) -> None:
    checkout.write(("a2021", "10.1000/a", "", "Sheep of the Hebrides"), ("b2021", "10.1000/b", "", TITLE))
    checkout.server.answers.update({"10.1000/a": (200, work()), "10.1000/b": (200, work())})
    assert checkout.run() == 1
    assert checkout.run() == 1, "a fault stays a fault without asking"
    checkout.write(("a2021", "10.1000/a", "", TITLE))
    assert checkout.run() == 0
    assert checkout.server.asked == {"10.1000/a": 2, "10.1000/b": 1}
    assert checkout.told() == {"a2021": {"crossref": "ok"}}, "what left the bibliography leaves the file"


def test_no_network_changes_no_file(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write(*((f"a{number}", f"10.1000/{number}", "", TITLE) for number in range(2000, 2030)), ("b2021", "", "7", TITLE))
    started = time.monotonic()
    assert checkout.run(base="http://127.0.0.1:9", tries=4, pause=30) == 2
    assert time.monotonic() - started < 3
    assert not checkout.file.exists()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.rstrip("\n") == (
        f"{SHOWN}: no connection to http://127.0.0.1:9, so no source was checked and no file changed"
        " - expected a network - run: nox -s sources [source-unchecked]"
    )
    checkout.server.answers["10.1000/2000"] = (200, work())
    assert checkout.run("a2000") == 0
    before = checkout.file.read_bytes()
    assert checkout.run("a2000", base="http://127.0.0.1:9", again=True, today=NEXT_DAY) == 2
    assert checkout.file.read_bytes() == before


def test_one_registry_that_is_down_is_not_no_network(checkout: Checkout) -> None:
    checkout.write(*((f"a{number}", f"10.1000/{number}", "", TITLE) for number in range(2000, 2006)), ("b2021", "", "7", TITLE))
    checkout.server.answers["7"] = (200, summary("7"))
    url = checkout.server.url
    quick = Settings(bases={"crossref": "http://127.0.0.1:9", "pubmed": url}, tries=2, pause=0.01, rates={"crossref": 1e3, "pubmed": 1e3})
    assert sources.run(checkout.project, quick, today=DAY) == 0
    assert checkout.told()["b2021"] == {"pubmed": "ok"}
    assert checkout.told()["a2005"] == {"crossref": "not-checked"}


def test_nothing_learnt_is_not_a_success(checkout: Checkout) -> None:
    checkout.write(("a2021", "10.1000/a", "", TITLE))
    checkout.server.answers["10.1000/a"] = "busy"
    assert checkout.run() == 2
    assert checkout.told() == {"a2021": {"crossref": "not-checked"}}


def test_the_time_of_the_run_is_kept_and_the_rest_is_asked_next_time(checkout: Checkout) -> None:
    entries = [(f"a{number}", f"10.1000/{number}", "", TITLE) for number in range(2000, 2030)]
    checkout.write(*entries)
    checkout.server.answers.update({doi: (200, work()) for _, doi, _, _ in entries} | {"10.1000/2003": "hang"})
    started = time.monotonic()
    assert checkout.run(limit=1, patience=30, silence=20) == 0
    assert time.monotonic() - started < 6
    told = [of_key["crossref"] for of_key in checkout.told().values()]
    assert told[:3] == ["ok"] * 3
    assert set(told[3:]) == {"not-checked"}
    checkout.server.answers["10.1000/2003"] = (200, work())
    assert checkout.run() == 0
    assert {of_key["crossref"] for of_key in checkout.told().values()} == {"ok"}
    assert checkout.server.asked["10.1000/2000"] == 1


def test_an_interruption_loses_nothing(checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write(*((f"a{number}", f"10.1000/{number}", "", TITLE) for number in range(2000, 2005)))
    checkout.server.answers.update({f"10.1000/{number}": (200, work()) for number in range(2000, 2005)})
    usual = status.judge

    def interrupted(question: Question, *more: Any) -> Result:
        if question.key == "a2003":
            raise KeyboardInterrupt
        return usual(question, *more)

    monkeypatch.setattr(status, "judge", interrupted)
    assert checkout.run() == 130
    assert capsys.readouterr().err.splitlines()[-1] == "Stopped. What was answered is kept; to go on, run: nox -s sources"
    assert sorted(checkout.told()) == ["a2000", "a2001", "a2002"]
    monkeypatch.undo()
    monkeypatch.setenv("no_proxy", "*")
    assert checkout.run() == 0
    assert checkout.server.asked["10.1000/2002"] == 1


def test_a_damaged_file_is_not_overwritten(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write(("a2021", "10.1000/a", "", TITLE))
    checkout.file.write_text("schema: 9\n", encoding="utf-8")
    assert checkout.run() == 1
    assert "evidence/source-status.yaml:1: no `schema: 1` - expected the file as" in capsys.readouterr().err
    assert checkout.file.read_text(encoding="utf-8") == "schema: 9\n"
    assert not checkout.server.asked


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("b2021", "no source 'b2021' - expected the key of a source - did you mean 'a2021'?"),
        ("page2021", "page2021: no doi and no pmid - expected a source that a registry can know"),
    ],
)
def test_a_key_that_cannot_be_asked_about(checkout: Checkout, capsys: pytest.CaptureFixture[str], key: str, said: str) -> None:
    checkout.write(("a2021", "10.1000/a", "", TITLE), ("page2021", "", "", TITLE))
    assert checkout.run(key) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "run: nox -s sources -- --only KEY" in err


@pytest.mark.parametrize(
    "words",
    [
        ["start"],
        ["--onl", "x"],
        ["--only"],
        ["--limit", "soon"],
        ["--limit", "-1"],
        ["--limit", "nan"],
        ["--limit", "inf"],
        ["--rate", "6"],
        ["--rate", "0"],
        ["--base-crossref", "file:///etc/passwd"],
        ["--base-pubmed", "http://["],
    ],
)
def test_wrong_words_are_answered_with_the_right_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        sources.main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(" - run: nox -s sources -- --only KEY (or --again, --limit SECONDS, --rate NUMBER)\n")


def test_the_command_line(checkout: Checkout) -> None:
    """The module as it is run, from a copy, with the answers of the server and without any network."""
    package = checkout.root / "src" / "ketamine_kb"
    shutil.copytree(ROOT / "src" / "ketamine_kb", package, ignore=shutil.ignore_patterns("__pycache__", "fonts", "static"))
    checkout.write(("a2021", "10.1000/a", "7", TITLE), ("b2021", "10.1000/b", "", TITLE))
    checkout.server.answers.update({"10.1000/a": (200, work()), "7": (200, summary("7"))})
    command = [sys.executable, "-m", "ketamine_kb.sources"]
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}

    def ask(url: str, *words: str) -> running.Run:
        bases = ["--base-crossref", url, "--base-pubmed", url]
        return running.run([*command, *bases, *words], env=environment, within=60)

    offline = ask("http://127.0.0.1:9")
    assert offline.code == 2, offline.err
    assert not checkout.file.exists()
    assert offline.err.count("\n") == 1
    done = ask(checkout.server.url, "--only", "a2021", "--limit", "20")
    assert (done.code, done.out) == (0, f"{counts(ok=1)}\n"), done.err
    lost = ask(checkout.server.url)
    assert lost.code == 1
    assert f"{SHOWN}:11: b2021: 10.1000/b is not known to Crossref - expected an identifier that exists" in lost.err
    assert "Traceback" not in offline.err + done.err + lost.err
    assert checkout.told() == {"a2021": {"crossref": "ok", "pubmed": "ok"}, "b2021": {"crossref": "not-found"}}


def counts(**wanted: int) -> str:
    return ", ".join(f"{wanted.get(word.name.lower(), 0)} {word.value}" for word in reversed(Status))


def test_a_terminal_gets_a_bar(checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write(("a2021", "10.1000/a", "", TITLE))
    checkout.server.answers["10.1000/a"] = (200, work())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert checkout.run() == 0
    err = capsys.readouterr().err
    assert "1/1" in err
    assert "a2021 crossref: ok" in err
    assert "1/1 a2021" not in err


def test_the_project_has_questions_to_ask(project: Project) -> None:
    asked = status.questions(bibliography.load(project))
    assert {question.registry for question in asked} == {"crossref", "pubmed"}
    assert asked == sorted(asked, key=lambda question: (question.key, question.registry))
    assert all(question.line and same_title(question.title, [question.title.upper()]) for question in asked)
