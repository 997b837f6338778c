"""Loading the facts: the line of each fault, hostile input, and the real files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketamine_kb.evidence import export, load
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.project import Project
from tests.conftest import ROOT
from tests.evidence.facts import CLINICAL, GOOD, as_yaml, changed, faults, world

GOOD_TEXT = as_yaml({"claims": [GOOD]})
STATEMENT = """\
statements:
- id: NG-01
  topic: brain/neurons
  says: Neurons pass signals to each other.
  verdict: supported
  reason: Many studies show it in many animals.
  claims: [spines-grow-in-mice]
"""


CASES = {
    "an unknown key": (
        GOOD_TEXT.replace("certainty: supported", "certanty: supported"),
        [
            "evidence/claims/brain.yaml:2:3: no 'certainty' - expected every entry to have 'certainty' - run: nox -s html [claim-data]",
            "evidence/claims/brain.yaml:6:3: unknown key 'certanty' - expected one of id, kind, statement, plain, certainty, shown_in, evidence, reviewed, review_by - did you mean 'certainty'? - run: nox -s html [claim-data]",
        ],
    ),
    "an unknown key in a finding": (
        GOOD_TEXT.replace("  - source: preclinical-rodent", "  - sauce: preclinical-rodent"),
        [
            "evidence/claims/brain.yaml:10:5: no 'source' - expected every entry to have 'source' - run: nox -s html [claim-data]",
            "evidence/claims/brain.yaml:10:5: unknown key 'sauce' - expected one of source, relation, shown_in, finding - did you mean 'source'? - run: nox -s html [claim-data]",
        ],
    ),
    "a word that is no certainty": (
        GOOD_TEXT.replace("certainty: supported", "certainty: suported"),
        [
            "evidence/claims/brain.yaml:6:3: claims.0.certainty: 'suported' - expected one of established, supported, mixed, contested, hypothesis - did you mean 'supported'? - run: nox -s html [claim-data]"
        ],
    ),
    "no read as false": (
        GOOD_TEXT.replace("certainty: supported", "certainty: no"),
        [
            "evidence/claims/brain.yaml:6:3: claims.0.certainty: False - expected one of established, supported, mixed, contested, hypothesis - run: nox -s html [claim-data]"
        ],
    ),
    "a date as text": (
        GOOD_TEXT.replace("reviewed: 2026-11-21", "reviewed: '2026-11-21'"),
        ["evidence/claims/brain.yaml:15:3: claims.0.reviewed: '2026-11-21' - expected a valid date - run: nox -s html [claim-data]"],
    ),
    "a date that does not exist": (
        GOOD_TEXT.replace("reviewed: 2026-11-21", "reviewed: 2026-02-30"),
        [
            "evidence/claims/brain.yaml:15:13: day is out of range for month - expected dates that exist, as YYYY-MM-DD - run: nox -s html [claim-data]"
        ],
    ),
    "a key twice": (
        GOOD_TEXT.replace("  kind: biological\n", "  kind: biological\n  kind: clinical\n"),
        ["evidence/claims/brain.yaml:4:3: key 'kind' again - expected each key once - run: nox -s html [claim-data]"],
    ),
    "an alias": (
        GOOD_TEXT.replace("shown_in:\n  - rodent\n  evidence", "shown_in: &x\n  - rodent\n  evidence"),
        ["evidence/claims/brain.yaml:7:13: an anchor or alias 'x' - expected the text itself, written out - run: nox -s html [claim-data]"],
    ),
    "an unknown source": (
        GOOD_TEXT.replace("source: preclinical-rodent", "source: preclinical-rodents"),
        [
            "evidence/claims/brain.yaml:10:5: spines-grow-in-mice: unknown source 'preclinical-rodents' - expected a key of evidence/references.bib - did you mean 'preclinical-rodent'? - run: nox -s html [claim-source]"
        ],
    ),
    "an id that is no id": (
        GOOD_TEXT.replace("id: spines-grow-in-mice", "id: Spines grow"),
        [
            "evidence/claims/brain.yaml:2:3: claims.0.id: 'Spines grow' - expected match pattern '^[a-z0-9]+(?:-[a-z0-9]+)*$' - run: nox -s html [claim-data]"
        ],
    ),
    "no claims": (
        "claims: []\n",
        [
            "evidence/claims/brain.yaml:1:1: claims - expected list should have at least 1 item after validation, not 0 - run: nox -s html [claim-data]"
        ],
    ),
    "not a mapping": (
        "- a\n",
        ["evidence/claims/brain.yaml:1:1:  - expected a valid dictionary or instance of ClaimFile - run: nox -s html [claim-data]"],
    ),
    "empty": (
        "",
        ["evidence/claims/brain.yaml:1:  - expected a valid dictionary or instance of ClaimFile - run: nox -s html [claim-data]"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_fault_names_its_line(case: str, tmp_path: Path) -> None:
    text, wanted = CASES[case]
    assert faults(world(tmp_path, text)) == wanted


def test_an_id_in_two_files(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD])
    world(tmp_path, [changed(CLINICAL, id=GOOD["id"])], chapter="safety")
    assert faults(project) == [
        "evidence/claims/safety.yaml:2:3: id 'spines-grow-in-mice' again - expected an id of its own (first at evidence/claims/brain.yaml:2) - run: nox -s html [claim-again]"
    ]


def test_a_retired_id_is_not_used_again(tmp_path: Path) -> None:
    retired = [{"id": GOOD["id"], "reason": "It said too much.", "date": "2026-11-21"}]
    assert [fault.split(" - ")[0] for fault in faults(world(tmp_path, [GOOD], retired=retired))] == [
        "evidence/claims/brain.yaml:18:3: id 'spines-grow-in-mice' again"
    ]


def test_a_retired_claim_points_at_a_claim_that_exists(tmp_path: Path) -> None:
    retired = [{"id": "old-claim", "instead": "spines-grow-in-mouse", "reason": "It said too much.", "date": "2026-11-21"}]
    (fault,) = faults(world(tmp_path, [GOOD], retired=retired))
    assert fault.endswith("did you mean 'spines-grow-in-mice'? - run: nox -s html [claim-unknown]")


def test_statements_name_claims_that_exist(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD], statements=STATEMENT.replace("in-mice]", "in-mouse]"))
    assert faults(project) == [
        "evidence/statements.yaml:7:12: NG-01: unknown claim 'spines-grow-in-mouse' - expected a claim that exists - did you mean 'spines-grow-in-mice'? - run: nox -s html [claim-unknown]"
    ]


def test_a_verdict_needs_claims(tmp_path: Path) -> None:
    project = world(tmp_path, [GOOD], statements=STATEMENT.replace("[spines-grow-in-mice]", "[]"))
    assert faults(project) == [
        "evidence/statements.yaml:2:3: NG-01 has no claim - expected the claims that decide it - run: nox -s html [claim-data]"
    ]


def test_one_cause_does_not_drown_the_rest(tmp_path: Path) -> None:
    broken = [changed(GOOD, id=f"claim-{number}", certainty="sure") for number in range(200)]
    told = faults(world(tmp_path, broken))
    assert len(told) == load.MOST_FAULTS + 1
    assert "150 more faults" in told[0]


@pytest.mark.parametrize("removed", ["claim", "source", "finding"])
def test_removing_what_is_used_is_told(tmp_path: Path, removed: str) -> None:
    project = world(tmp_path, [GOOD, CLINICAL], statements=STATEMENT)
    assert faults(project) == []
    path = tmp_path / "evidence" / "claims" / "brain.yaml"
    if removed == "claim":
        path.write_text(as_yaml({"claims": [CLINICAL]}), encoding="utf-8")
    elif removed == "source":
        bib = tmp_path / "evidence" / "references.bib"
        bib.write_text(bib.read_text(encoding="utf-8").replace("@article{preclinical-rodent,", "@article{other,"), encoding="utf-8")
    else:
        path.write_text(as_yaml({"claims": [changed(GOOD, evidence=[]), CLINICAL]}), encoding="utf-8")
    told = faults(project)
    assert len(told) == 1
    assert re.match(r"evidence/(statements|claims/brain)\.yaml:\d+:\d+: ", told[0])


NASTY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*GOOD, "source", "finding", "x"]), inner, max_size=6),
    max_leaves=15,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NASTY)
def test_no_data_ends_in_a_traceback(tmp_path: Path, data: object) -> None:
    text = yaml.safe_dump({"claims": [data, GOOD] if isinstance(data, dict) else data}, allow_unicode=True)
    faults(world(tmp_path, text))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300))
def test_no_text_ends_in_a_traceback(tmp_path: Path, text: str) -> None:
    project = world(tmp_path, "claims: []\n")
    (tmp_path / "evidence" / "claims" / "brain.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert faults(project)


@pytest.fixture(scope="module")
def real() -> Knowledge:
    return load.load(Project(ROOT))


def test_there_are_enough_claims_and_no_rank_is_left_out(real: Knowledge) -> None:
    assert len(real.claims) >= 150
    disputed = [claim for claim in real.claims.values() if any(item.relation == "disputes" for item in claim.evidence)]
    assert len(disputed) >= 25
    assert {claim.certainty for claim in real.claims.values()} == {"established", "supported", "mixed", "contested", "hypothesis"}


def test_findings_are_told_once_and_in_words_of_our_own(real: Knowledge) -> None:
    findings = [item.finding for claim in real.claims.values() for item in claim.evidence]
    assert all(len(finding.split()) >= 5 for finding in findings)
    statements = [claim.statement for claim in real.claims.values()]
    assert len(statements) == len(set(statements))
    plains = [claim.plain for claim in real.claims.values()]
    assert len(plains) == len(set(plains))


def numbers(text: str) -> set[str]:
    """Every number, 23.0 told as 23 and 1,809 as 1809."""
    found = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)
    return {re.sub(r"\.0+$", "", number.replace(",", "")) for number in found}


def test_numbers_in_plain_words_stand_in_the_evidence(real: Knowledge) -> None:
    """A plain sentence may leave numbers out; it may not bring one that statement and findings do not hold."""
    words = {
        "one": "1",
        "two": "2",
        "three": "3",
        "four": "4",
        "five": "5",
        "six": "6",
        "seven": "7",
        "eight": "8",
        "nine": "9",
        "ten": "10",
    }
    wrong = []
    for claim in real.claims.values():
        known = claim.statement + " " + " ".join(item.finding for item in claim.evidence)
        known_numbers = numbers(known) | {digit for word, digit in words.items() if re.search(rf"\b{word}\b", known, re.I)}
        wrong += [f"{claim.id}: {number}" for number in numbers(claim.plain) if number not in known_numbers]
    assert wrong == []


def test_the_export_gives_the_same_facts_back(real: Knowledge) -> None:
    text = export.to_json(real)
    assert export.from_json(text) == real
    assert export.to_json(export.from_json(text)) == text


def test_editors_get_the_schema_that_the_code_has() -> None:
    for name, text in export.schemas().items():
        if name != "evidence.schema.json":
            path = ROOT / "evidence" / "schema" / name
            assert path.read_text(encoding="utf-8") == text, "run: python -m tests.evidence.renew"


def test_every_file_of_facts_names_its_schema() -> None:
    for path in (ROOT / "evidence" / "claims").glob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=../schema/claims.schema.json\n"), path.name
    text = (ROOT / "evidence" / "statements.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema/statements.schema.json\n")
