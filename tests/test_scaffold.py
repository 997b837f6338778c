"""New claims, pages, diagrams, sources and trials: they pass the lint, or nothing changes and one list says why."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ketamine_kb import build, plain_yaml
from ketamine_kb.evidence import bibliography, load
from ketamine_kb.evidence.registries import Settings
from ketamine_kb.messages import Code
from ketamine_kb.project import Faulty, Project
from ketamine_kb.scaffold import insert
from ketamine_kb.scaffold.__main__ import main, run
from ketamine_kb.scaffold.answers import Answers
from ketamine_kb.scaffold.plan import PARTS, Plan
from tests.conftest import ROOT, Copy
from tests.evidence.registry_server import Server, serving, summary, update, work

TODAY = dt.date(2026, 11, 21)
CLAIM = {
    "chapter": "mechanism",
    "id": "a-claim-of-this-test",
    "kind": "biological",
    "statement": 'In rats, a test said "yes": it kept colons, # signs and quotes.',
    "plain": "In rats, this is only a test.",
    "certainty": "hypothesis",
    "shown-in": "rodent",
    "source": "autry2011",
    "finding": "A finding in rats - with dashes, [brackets] and 50% of signs.",
    "cite-on": "docs/mechanism/nmda.md",
    "under": "How sure are we?",
}
SOURCE = {
    "title": "A title with & in it: and more",
    "author": "Doe, Jane and Roe, Richard",
    "year": "2020",
    "journal": "Journal of Tests",
    "design": "preclinical-rodent",
    "verified": "abstract",
}
PAGE = {
    "chapter": "mechanism",
    "name": "a-page",
    "title": "A page of this test",
    "description": "What is known of the thing that this page is about, said in one short sentence.",
    "claim": ["glia-about-as-many-as-neurons"],
    "not-known": "What happens when this is tested in people",
}
DIAGRAM = {
    "name": "a-diagram",
    "title": "Ketamine and its first target",
    "description": "Ketamine blocks the NMDA receptor; this picture shows only that one step.",
    "edge": ["Ketamine | blocks | NMDA receptor | ketamine-blocks-nmda"],
    "box": ["Ketamine = drug", "NMDA receptor = receptor"],
    "cite-on": "docs/mechanism/nmda.md",
    "under": "How sure are we?",
}
TRIAL = {
    "id": "a-trial",
    "source": "berman2000",
    "title": "A trial of this test",
    "population": "people of a test",
    "design": "randomised trial",
    "comparator": "saline",
    "comparison": "inert placebo",
    "aim": "superiority",
    "scale": "MADRS",
    "time-point": "24 hours",
    "arm": ["tested | ketamine | 20 | 10", "control | saline | 20 | 4"],
    "limits": "small, and made up for a test",
}


@pytest.fixture
def sources(tmp_path: Path) -> Copy:
    """A copy of the sources alone."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / "kb" / part)
    return Copy(tmp_path / "kb")


def options(given: dict[str, Any]) -> list[str]:
    return [word for name, value in given.items() for one in (value if isinstance(value, list) else [value]) for word in (f"--{name}", one)]


def new(copy: Copy, kind: str, given: dict[str, Any], *more: str) -> int:
    return main([kind, *options(given), "--offline", *more], Project(copy.root), TODAY)


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def difference(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize(
    ("kind", "given", "files"),
    [
        ("claim", CLAIM, {"evidence/claims/mechanism.yaml", "docs/mechanism/nmda.md"}),
        (
            "claim",
            {name: value for name, value in CLAIM.items() if name != "source"} | SOURCE | {"doi": "10.1234/abc.5"},
            {"evidence/claims/mechanism.yaml", "docs/mechanism/nmda.md", "evidence/references.bib"},
        ),
        ("page", PAGE, {"docs/mechanism/a-page.md", "docs/mechanism/index.md"}),
        (
            "diagram",
            DIAGRAM,
            {"diagrams/a-diagram.mmd", "diagrams/recorded/a-diagram.json", "diagrams/recorded/a-diagram.svg", "docs/mechanism/nmda.md"},
        ),
        ("trial", TRIAL, {"evidence/trials.yaml"}),
    ],
    ids=["claim", "claim with a new source", "page", "diagram", "trial"],
)
def test_what_is_made_passes_the_lint_at_once(sources: Copy, kind: str, given: dict[str, Any], files: set[str]) -> None:
    before = tree(sources.root)
    assert new(sources, kind, given) == 0
    assert difference(before, tree(sources.root)) == files
    assert [str(fault) for fault in build.check(Project(sources.root), TODAY)] == []


def test_a_claim_reads_back_as_it_was_said(sources: Copy) -> None:
    assert new(sources, "claim", CLAIM) == 0
    claim = load.load(Project(sources.root)).claims["a-claim-of-this-test"]
    assert claim.statement == CLAIM["statement"]
    assert claim.evidence[0].finding == CLAIM["finding"]
    assert (claim.reviewed, claim.review_by) == (TODAY, dt.date(2027, 11, 21))


def test_a_source_reads_back_as_it_was_said(sources: Copy) -> None:
    given = {name: value for name, value in CLAIM.items() if name != "source"} | SOURCE | {"pmid": "PMID: 123456"}
    assert new(sources, "claim", given) == 0
    known = bibliography.load(Project(sources.root))
    assert load.load(Project(sources.root)).sources["doe2020"].title == SOURCE["title"]
    assert known.data.entries["doe2020"].fields["pmid"] == "123456"


def test_files_keep_every_line_that_they_had(sources: Copy) -> None:
    path = sources.path("evidence/claims/mechanism.yaml")
    before = path.read_text(encoding="utf-8").split("\n")
    new(sources, "claim", CLAIM)
    after = path.read_text(encoding="utf-8").split("\n")
    start = next(number for number, line in enumerate(after) if "a-claim-of-this-test" in line)
    added = len(after) - len(before)
    assert after[:start] + after[start + added :] == before


def test_what_is_missing_is_told_in_one_list_and_nothing_changes(sources: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(sources.root)
    assert new(sources, "claim", {"chapter": "mechanism", "kind": "biological"}) == 1
    err = capsys.readouterr().err
    for name in ("id", "statement", "plain", "certainty", "shown-in", "source", "finding"):
        assert f"nox -s new: no --{name} - expected" in err
    assert err.endswith("Nothing was written.\n")
    assert difference(before, tree(sources.root)) == set()


def test_a_claim_that_nothing_shows_is_refused_or_said_to_be_unfinished(sources: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    given = {name: value for name, value in CLAIM.items() if name not in ("cite-on", "under")}
    before = tree(sources.root)
    assert new(sources, "claim", given) == 1
    assert "claim 'a-claim-of-this-test' is shown nowhere" in capsys.readouterr().err
    assert difference(before, tree(sources.root)) == set()
    assert new(sources, "claim", given, "--unfinished") == 0
    assert "Still missing: evidence/claims/mechanism.yaml:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("claim", {**CLAIM, "id": "ketamine-blocks-nmda"}, "'ketamine-blocks-nmda'"),
        ("claim", {**CLAIM, "id": "too-much-glutamate-can-kill-cells"}, "'too-much-glutamate-can-kill-cells'"),
        ("claim", {**CLAIM, "id": "../../etc/passwd"}, "not an id"),
        ("claim", {**CLAIM, "id": "a\nb"}, "not an id"),
        ("claim", {**CLAIM, "chapter": "mechanisms"}, "did you mean 'mechanism'?"),
        ("claim", {**CLAIM, "source": "autry2012"}, "no source 'autry2012'"),
        ("claim", {**CLAIM, "cite-on": "../../etc/passwd"}, "no page"),
        ("claim", {**CLAIM, "cite-on": "docs/../evidence/claims/brain.yaml"}, "no page"),
        ("claim", {**CLAIM, "under": "No such heading"}, "has no heading"),
        ("claim", {**CLAIM, "statement": "x" * 100_000}, "100000 characters - expected at most 2000"),
        ("claim", {**CLAIM, "statement": "In rats {raw}`x` a role was smuggled in."}, "the sign"),
        ("claim", {**CLAIM, "statement": "Rats in <script>alert(1)</script> were told of."}, "raw HTML"),
        ("claim", {**CLAIM, "statement": "Patients feel better after this test.", "plain": "Patients feel better."}, "not shown in people"),
        ("claim", {**CLAIM, "reviewed": "yesterday"}, "a date as YYYY-MM-DD"),
        ("claim", {**CLAIM, "reviewed": "2027-12-01"}, "review_by 2027-11-21"),
        ("claim", {**CLAIM, "certainty": "established"}, "established on no evidence in people"),
        ("page", {**PAGE, "name": "nmda"}, "docs/mechanism/nmda.md is there already"),
        ("page", {**PAGE, "name": "../evil"}, "not an id"),
        ("page", {**PAGE, "claim": ["ketamine-block-nmda"]}, "did you mean 'ketamine-blocks-nmda'?"),
        ("page", {**PAGE, "description": "Short."}, "at least 50"),
        ("diagram", {**DIAGRAM, "name": "session-timeline"}, "diagrams/session-timeline.mmd is there already"),
        ("diagram", {**DIAGRAM, "edge": ["Ketamine | stops | NMDA receptor | ketamine-blocks-nmda"]}, "verb 'stops'"),
        ("diagram", {**DIAGRAM, "edge": ["Ketamine -> NMDA"]}, "four parts"),
        ("diagram", {**DIAGRAM, "box": ["Ketamine = drug"]}, "no --box for 'NMDA receptor'"),
        ("diagram", {**DIAGRAM, "box": ["Ketamine = drugs", "NMDA receptor = receptor"]}, "did you mean 'drug'?"),
        ("trial", {**TRIAL, "id": "berman-2000"}, "'berman-2000'"),
        ("trial", {**TRIAL, "arm": ["tested | ketamine | 20 | 30"]}, "no more than 20"),
        ("trial", {**TRIAL, "arm": ["tested | ketamine | many | 3"]}, "--arm"),
        ("source", {**SOURCE, "doi": "10.1038/s41586-021-03769-9"}, "has this source already, on line"),
        ("source", {**SOURCE, "doi": "not a doi"}, "10.<registrant>/<suffix>"),
        ("source", {**SOURCE, "doi": "10.1234/a}, note = {x"}, "10.<registrant>/<suffix>"),
        ("source", {**SOURCE, "doi": "10.1234/abc", "key": "zhang2021"}, "has a source 'zhang2021' already"),
        ("source", {**SOURCE, "doi": "10.1234/abc", "title": "A \\input{/etc/passwd}"}, "the sign"),
        ("source", {**SOURCE, "doi": "10.1234/abc"}, "'doe2020' is cited nowhere"),
        ("source", {**SOURCE}, "no --doi, --pmid or --url"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_changes(
    sources: Copy, capsys: pytest.CaptureFixture[str], kind: str, given: dict[str, Any], said: str
) -> None:
    before = tree(sources.root)
    assert new(sources, kind, given) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert difference(before, tree(sources.root)) == set()


def test_newlines_in_words_become_spaces(sources: Copy) -> None:
    assert new(sources, "claim", {**CLAIM, "statement": "In rats,\n\na test\tkept one line.\x1b[31m"}) == 0
    assert load.load(Project(sources.root)).claims["a-claim-of-this-test"].statement == "In rats, a test kept one line. [31m"


def test_faults_that_were_there_before_do_not_stop_it(sources: Copy) -> None:
    sources.path("docs/start/patients.md").write_text("no front matter\n", encoding="utf-8")
    assert new(sources, "claim", CLAIM) == 0


def test_a_file_that_cannot_be_written_leaves_all_others_as_they_were(sources: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(sources.root)
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.name == "nmda.md":
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert new(sources, "claim", CLAIM) == 1
    assert difference(before, tree(sources.root)) == set()


def test_a_file_that_changes_in_the_meantime_is_not_overwritten(sources: Copy) -> None:
    plan = Plan(Project(sources.root))
    name = "docs/mechanism/nmda.md"
    plan.change(name, plan.read(name) + "\nMine.\n")
    sources.path(name).write_text("Somebody else's.\n", encoding="utf-8")
    with pytest.raises(Faulty) as raised:
        plan.write()
    assert "was changed in the meantime" in str(raised.value)
    assert sources.path(name).read_text(encoding="utf-8") == "Somebody else's.\n"


class Person:
    """Somebody at the terminal who answers by what the question is about."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        for part, said in self.answers.items():
            if question.startswith(part):
                return said.pop(0) if len(said) > 1 else said[0]
        raise AssertionError(f"not expected: {question}")


def ask(copy: Copy, kind: str, given: dict[str, Any], person: Person) -> int:
    answers = Answers(dict(given), person)
    return run(Project(copy.root), kind, answers, Settings(), TODAY, online=False, unfinished=False)


def test_a_person_is_asked_only_for_what_is_missing(sources: Copy) -> None:
    given = {name: value for name, value in CLAIM.items() if name not in ("certainty", "under")}
    person = Person({"how sure": ["sure", "hypothesis"], "heading on that page": ["How sure are we?"]})
    assert ask(sources, "claim", given, person) == 0
    assert [question.split(" (")[0].split(":")[0] for question in person.asked] == ["how sure", "how sure", "heading on that page"]


def test_a_person_may_leave_the_rest_for_later(sources: Copy) -> None:
    given = {name: value for name, value in CLAIM.items() if name not in ("cite-on", "under")}
    person = Person({"page that shows it": [""], "Write it all the same": ["yes"]})
    assert ask(sources, "claim", given, person) == 0
    assert "a-claim-of-this-test" in load.load(Project(sources.root)).claims


def test_questions_end_when_no_answer_is_usable(sources: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    given = {name: value for name, value in CLAIM.items() if name != "certainty"}
    assert ask(sources, "claim", given, Person({"how sure": ["very"]})) == 1
    assert "no usable answer for --certainty after 5 tries" in capsys.readouterr().err


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def settings(server: Server) -> Settings:
    return Settings(bases={"crossref": server.url, "pubmed": server.url}, rates={"crossref": 1000, "pubmed": 1000}, pause=0.01, limit=20)


REST = {"design": "preclinical-rodent", "verified": "abstract", "cite-on": "docs/mechanism/nmda.md", "under": "How sure are we?"}
SENTENCE = {"sentence": "In rats, this sentence was only made for a test"}


def test_a_doi_is_looked_up_and_only_what_the_registry_does_not_know_is_asked(sources: Copy, server: Server) -> None:
    people = [{"given": "Jane", "family": "O{Neil"}, {"given": "Wei", "family": "Li"}, {"name": "A group"}]
    server.answers["10.1000/xyz"] = (200, work(author=people, volume="5", issue="2", page="1-9", by=[update("correction")]))
    answers = Answers({**REST, **SENTENCE, "doi": "https://doi.org/10.1000/xyz"}, Person({}))
    assert run(Project(sources.root), "source", answers, settings(server), TODAY, online=True, unfinished=False) == 0
    fields = bibliography.load(Project(sources.root)).data.entries["oneil2021"].fields
    found = {name: fields[name] for name in ("journal", "year", "volume", "number", "pages", "doi", "verified")}
    assert found == {
        "journal": "Nature",
        "year": "2021",
        "volume": "5",
        "number": "2",
        "pages": "1--9",
        "doi": "10.1000/xyz",
        "verified": "abstract",
    }


def test_a_correction_is_said_when_a_source_is_looked_up(sources: Copy, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.answers["10.1000/xyz"] = (200, work(author=[{"given": "J", "family": "Doe"}], by=[update("retraction")]))
    answers = Answers({**REST, **SENTENCE, "doi": "10.1000/xyz"}, None)
    assert run(Project(sources.root), "source", answers, settings(server), TODAY, online=True, unfinished=False) == 0
    assert "Take care: retraction: retraction 10.1000/notice (publisher)" in capsys.readouterr().err


def test_a_pmid_is_looked_up(sources: Copy, server: Server) -> None:
    answers = Answers({**REST, **SENTENCE, "pmid": "34321669"}, None)
    more: dict[str, Any] = {"authors": [{"name": "Zhu S"}], "articleids": [{"idtype": "doi", "value": "10.1000/new"}]}
    server.answers["34321669"] = (200, summary("34321669", **more))
    assert run(Project(sources.root), "source", answers, settings(server), TODAY, online=True, unfinished=False) == 0
    entry = bibliography.load(Project(sources.root)).data.entries["zhu2021"]
    assert (str(entry.persons["author"][0]), entry.fields["doi"]) == ("Zhu, S", "10.1000/new")


def test_a_doi_that_does_not_exist_is_refused(sources: Copy, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    answers = Answers({**REST, **SOURCE, **SENTENCE, "doi": "10.1000/none"}, None)
    assert run(Project(sources.root), "source", answers, settings(server), TODAY, online=True, unfinished=False) == 1
    assert "10.1000/none: no such DOI" in capsys.readouterr().err


@pytest.mark.parametrize(
    "answer",
    ["break", "busy", (200, b"<html>"), (200, b"{"), (200, {"message": []}), (200, b"[" * 100_000)],
    ids=["broken", "busy", "a page", "no JSON", "another form", "too deep"],
)
def test_whatever_a_registry_answers_what_was_typed_is_taken(
    sources: Copy, server: Server, capsys: pytest.CaptureFixture[str], answer: object
) -> None:
    server.answers["10.1000/xyz"] = answer
    answers = Answers({**REST, **SOURCE, **SENTENCE, "doi": "10.1000/xyz"}, None)
    assert run(Project(sources.root), "source", answers, settings(server), TODAY, online=True, unfinished=False) == 0
    assert "Not looked up (" in capsys.readouterr().err


def test_without_a_network_it_says_so_and_takes_what_was_typed(sources: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = Settings(bases={"crossref": "http://127.0.0.1:9", "pubmed": "http://127.0.0.1:9"}, limit=5)
    answers = Answers({**REST, **SOURCE, **SENTENCE, "doi": "10.1000/xyz"}, None)
    assert run(Project(sources.root), "source", answers, nowhere, TODAY, online=True, unfinished=False) == 0
    assert "Not looked up (no connection): what you type is taken." in capsys.readouterr().err


def test_entries_are_in_the_style_of_the_files() -> None:
    text = "# First line\nclaims:\n  - id: one\n    says: [a]\n\n# Above retired\nretired:\n  - id: old\n"
    made = insert.into_list(text, "x.yaml", "claims", {"id": "two", "says": ["b", "c: d"], "statement": ("A long text. " * 30).strip()})
    assert made.startswith(
        '# First line\nclaims:\n  - id: one\n    says: [a]\n\n  - id: two\n    says: [b, "c: d"]\n    statement: >-\n      A long'
    )
    assert made.endswith("\n\n# Above retired\nretired:\n  - id: old\n")
    assert max(len(line) for line in made.splitlines()) <= 160
    assert plain_yaml.read(made, "x.yaml", Code.CLAIM_DATA).data["claims"][1]["statement"] == ("A long text. " * 30).strip()


def test_wrong_words_are_answered_with_the_right_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["clam"])
    assert ended.value.code == 2
    assert "[scaffold]" in capsys.readouterr().err
