"""Trials, molecules and routes: data that cannot be true, near misses that can, and the real files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketamine_kb.evidence import export, load
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.evidence.trial_data import Arm, Count, Trial
from ketamine_kb.project import Project
from tests.conftest import ROOT
from tests.evidence.facts import GOOD, faults, world

TRIAL = """\
trials:
- id: small-trial
  source: rct
  name: Small trial
  population: adults with depression
  design: randomised trial
  scale: MADRS
  limits: A small trial in one place.
  time_point: day 28
  arms:
  - name: drug
    role: tested
    randomised: {count: 40, basis: reported}
    treated: {count: 38, basis: reported}
    analysed: {count: 32, basis: reported}
    responders: {count: 15, basis: reconstructed}
    responder_percent: 46.9
    remitters: {count: 14, basis: reconstructed}
    sd: 10
  - name: placebo
    role: control
    relapsed: {count: 3, basis: reported}
  effects:
  - of: MADRS
    measure: mean difference
    tested: drug
    control: placebo
    estimate: -4.0
    low: -7.3
    high: -0.6
    p: 0.02
  comparison: inert placebo
  aim: superiority
"""
MOLECULE = """\
molecules:
- id: ketamine
  name: ketamine
  kind: drug
  chebi: CHEBI:6121
  seen_in: [a public copy]
"""
ROUTE = """\
common_harms:
  says: Any route can cause harm of these kinds.
  note: What labels and studies report; not advice.
  sources: [label]
routes:
- id: oral
  route: Oral
  bioavailability: about 20%
  onset: not seen
  dosing_as_reported: not seen
  regulatory_status: not approved in the US
  pros: []
  cons: [thin evidence]
  harms: Slowed breathing was reported at home.
  sources: [regulatory]
  unlisted: [somewhere2020]
"""
FILES = {"trials": TRIAL, "molecules": MOLECULE, "routes": ROUTE}


def tables(folder: Path, **texts: str) -> Project:
    project = world(folder, [GOOD])
    for name, text in texts.items():
        (folder / "evidence" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return project


def told(folder: Path, name: str, old: str, new: str) -> list[str]:
    assert FILES[name].count(old) == 1, old
    return faults(tables(folder, **{**FILES, name: FILES[name].replace(old, new)}))


END = " - run: nox -s html [claim-data]"
CASES = {
    "more responders than analysed": (("trials", "responders: {count: 15,", "responders: {count: 33,"),
        "evidence/trials.yaml:16:5: drug: 33 responders of 32 analysed - expected no more than 32" + END),
    "more remitters than responders": (("trials", "remitters: {count: 14,", "remitters: {count: 16,"),
        "evidence/trials.yaml:18:5: drug: 16 remitters of 15 responders - expected no more than 15" + END),
    "more relapses than people": ((
            "trials",
            "    relapsed: {count: 3, basis: reported}",
            "    relapsed: {count: 3, basis: reported}\n    size: {count: 2, basis: reported}",
        ),
        "evidence/trials.yaml:22:5: placebo: 3 relapsed of 2 in the arm - expected no more than 2" + END),
    "more analysed than randomised": (("trials", "    treated: {count: 38, basis: reported}\n    analysed: {count: 32,", "    analysed: {count: 41,"),
        "evidence/trials.yaml:14:5: drug: 41 analysed of 40 randomised - expected no more than 40" + END),
    "more treated than randomised": (("trials", "treated: {count: 38,", "treated: {count: 41,"),
        "evidence/trials.yaml:14:5: drug: 41 treated of 40 randomised - expected no more than 40" + END),
    "more analysed than treated": (("trials", "analysed: {count: 32,", "analysed: {count: 39,"),
        "evidence/trials.yaml:15:5: drug: 39 analysed of 38 treated - expected no more than 38" + END),
    "a percentage of other counts": (("trials", "responder_percent: 46.9", "responder_percent: 46.8"),
        "evidence/trials.yaml:17:5: drug: responder_percent 46.8, but 15 of 32 is 46.9 - expected a percentage that fits its counts" + END),
    "a whole percentage of other counts": (("trials", "responder_percent: 46.9", "responder_percent: 46"),
        "evidence/trials.yaml:17:5: drug: responder_percent 46, but 15 of 32 is 46.9 - expected a percentage that fits its counts" + END),
    "a conflict where there is none": (("trials", "    sd: 10", "    sd: 10\n    conflict: The abstract has other numbers."),
        "evidence/trials.yaml:20:5: drug: a conflict, but every percentage fits its counts - expected no conflict" + END),
    "an interval above its estimate": (("trials", "low: -7.3", "low: -3.9"),
        "evidence/trials.yaml:28:5: MADRS: -4 outside its interval -3.9 to -0.6 - expected an interval that holds it" + END),
    "an interval in the other direction": (("trials", "low: -7.3\n    high: -0.6", "low: 0.6\n    high: 7.3"),
        "evidence/trials.yaml:28:5: MADRS: -4 outside its interval 0.6 to 7.3 - expected an interval that holds it" + END),
    "one bound that misses": (("trials", "low: -7.3\n    high: -0.6", "low: -3.9"),
        "evidence/trials.yaml:28:5: MADRS: -4 outside its interval -3.9 to ? - expected an interval that holds it" + END),
    "an interval the wrong way round": (("trials", "low: -7.3\n    high: -0.6", "low: -0.6\n    high: -7.3"),
        "evidence/trials.yaml:29:5: MADRS: interval from -0.6 to -7.3 - expected the lower end first" + END),
    "an interval of nothing": (("trials", "    measure: mean difference\n    tested: drug\n    control: placebo\n    estimate: -4.0\n", ""),
        "evidence/trials.yaml:24:5: MADRS: an interval without its estimate - expected the estimate" + END),
    "an estimate of nothing": (("trials", "    measure: mean difference\n", ""),
        "evidence/trials.yaml:24:5: MADRS: only one of measure and estimate - expected both, or neither" + END),
    "an effect without a number": ((
            "trials",
            "    measure: mean difference\n    tested: drug\n    control: placebo\n    estimate: -4.0\n    low: -7.3\n    high: -0.6\n    p: 0.02\n",
            "",
        ),
        "evidence/trials.yaml:24:5: MADRS: neither estimate nor p - expected an estimate or a p value" + END),
    "smaller than no p": (("trials", "p: 0.02", "p_below: true"),
        "evidence/trials.yaml:31:5: MADRS: p_below without p - expected the p value" + END),
    "a ratio below nothing": (("trials", "measure: mean difference", "measure: odds ratio"),
        "evidence/trials.yaml:28:5: MADRS: odds ratio below 0 - expected a ratio of 0 or more" + END),
    "a p of more than one": (("trials", "p: 0.02", "p: 1.02"),
        "evidence/trials.yaml:31:5: trials.0.effects.0.p: 1.02 - expected less than or equal to 1" + END),
    "a p that is no number": (("trials", "p: 0.02", "p: .nan"),
        "evidence/trials.yaml:31:5: trials.0.effects.0.p: nan - expected a finite number" + END),
    "an endless change": (("trials", "sd: 10", "mean_change: -.inf"),
        "evidence/trials.yaml:19:5: trials.0.arms.0.mean_change: -inf - expected a finite number" + END),
    "a count in words": (("trials", "analysed: {count: 32,", "analysed: {count: '32',"),
        "evidence/trials.yaml:15:16: trials.0.arms.0.analysed.count: '32' - expected a valid integer" + END),
    "a basis that is none": (("trials", "analysed: {count: 32, basis: reported}", "analysed: {count: 32, basis: reconstruct}"),
        "evidence/trials.yaml:15:27: trials.0.arms.0.analysed.basis: 'reconstruct' - expected one of reported, reconstructed - did you mean 'reconstructed'?" + END),
    "an arm that is not there": (("trials", "control: placebo", "control: placebos"),
        "evidence/trials.yaml:23:3: MADRS: no arm 'placebos' - expected the name of an arm, such as 'placebo'" + END),
    "an arm twice": (("trials", "name: placebo", "name: drug"),
        "evidence/trials.yaml:10:3: arm 'drug' again - expected each arm once" + END),
    "an unknown key of an arm": (("trials", "    sd: 10", "    remiters: 10"),
        "evidence/trials.yaml:19:5: unknown key 'remiters' - expected one of "
        + ", ".join(Arm.model_fields)
        + " - did you mean 'remitters'?" + END),
    "an unknown key of a count": (("trials", "analysed: {count: 32, basis: reported}", "analysed: {count: 32, basis: reported, bases: reported}"),
        "evidence/trials.yaml:15:44: unknown key 'bases' - expected one of count, basis - did you mean 'basis'?" + END),
    "an unknown key of a trial": (("trials", "  scale: MADRS", "  scale: MADRS\n  scales: MADRS"),
        "evidence/trials.yaml:8:3: unknown key 'scales' - expected one of "
        + ", ".join(Trial.model_fields)
        + " - did you mean 'scale'?" + END),
    "a registration that is none": (("trials", "  scale: MADRS", "  scale: MADRS\n  registration: NCT123"),
        "evidence/trials.yaml:8:3: trials.0.registration: 'NCT123' - expected match pattern '^NCT[0-9]{8}$'" + END),
    "an unknown source of a trial": (("trials", "source: rct", "source: rct3"),
        "evidence/trials.yaml:3:3: small-trial: unknown source 'rct3' - expected a key of evidence/references.bib - did you mean 'rct'? - run: nox -s html [claim-source]"),
    "another unknown source of a trial": (("trials", "  scale: MADRS", "  scale: MADRS\n  also_from: [rct, surveys]"),
        "evidence/trials.yaml:8:20: small-trial: unknown source 'surveys' - expected a key of evidence/references.bib - did you mean 'survey'? - run: nox -s html [claim-source]"),
    "a molecule without an identifier": (("molecules", "  chebi: CHEBI:6121\n", ""),
        "evidence/molecules.yaml:2:3: ketamine: no identifier of any database - expected at least one" + END),
    "an identifier of another database": (("molecules", "chebi: CHEBI:6121", "hgnc_id: CHEBI:6121"),
        "evidence/molecules.yaml:5:3: molecules.0.hgnc_id: 'CHEBI:6121' - expected match pattern '^HGNC:[0-9]+$'" + END),
    "an unknown source of a route": (("routes", "sources: [regulatory]", "sources: [regulator]"),
        "evidence/routes.yaml:15:13: oral: unknown source 'regulator' - expected a key of evidence/references.bib - did you mean 'regulatory'? - run: nox -s html [claim-source]"),
    "an unknown source of the common harms": (("routes", "sources: [label]", "sources: [labels]"),
        "evidence/routes.yaml:4:13: common_harms: unknown source 'labels' - expected a key of evidence/references.bib - did you mean 'label'? - run: nox -s html [claim-source]"),
    "an unlisted source that is listed": (("routes", "unlisted: [somewhere2020]", "unlisted: [survey]"),
        "evidence/routes.yaml:16:14: oral: unlisted source 'survey' is in evidence/references.bib - expected it among the sources - run: nox -s html [claim-source]"),
    "a route without its harms": (("routes", "  harms: Slowed breathing was reported at home.\n", ""),
        "evidence/routes.yaml:6:3: no 'harms' - expected every entry to have 'harms'" + END),
    "routes without the common harms": (("routes", ROUTE[: ROUTE.index("routes:")], ""),
        "evidence/routes.yaml:1:1: no 'common_harms' - expected every entry to have 'common_harms'" + END),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_fault_names_its_line(case: str, tmp_path: Path) -> None:
    change, wanted = CASES[case]
    assert told(tmp_path, *change) == [wanted]


NEAR = {
    "all analysed responded": ("trials", "responders: {count: 15, basis: reconstructed}\n    responder_percent: 46.9", "responders: {count: 32, basis: reported}"),
    "all responders remitted": ("trials", "remitters: {count: 14,", "remitters: {count: 15,"),
    "all treated were analysed": ("trials", "treated: {count: 38,", "treated: {count: 32,"),
    "a whole percentage": ("trials", "responder_percent: 46.9", "responder_percent: 47"),
    "a percentage of two decimals": ("trials", "responder_percent: 46.9", "responder_percent: 46.88"),
    "a percentage just at the edge": ("trials", "responders: {count: 15, basis: reconstructed}\n    responder_percent: 46.9", "responders: {count: 18, basis: reported}\n    responder_percent: 56.3"),
    "a percentage without a count": ("trials", "    responders: {count: 15, basis: reconstructed}\n", ""),
    "a conflict that is one": ("trials", "responder_percent: 46.9", "responder_percent: 41.0\n    conflict: The abstract prints another share."),
    "an estimate at the end of its interval": ("trials", "low: -7.3", "low: -4.0"),
    "one bound": ("trials", "    high: -0.6\n", ""),
    "only p": ("trials", "    measure: mean difference\n    tested: drug\n    control: placebo\n    estimate: -4.0\n    low: -7.3\n    high: -0.6\n", ""),
    "nobody in the arm": ("trials", "    relapsed: {count: 3, basis: reported}", "    size: {count: 0, basis: reported}\n    relapse_percent: 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", NEAR)
def test_what_is_possible_is_taken(case: str, tmp_path: Path) -> None:
    assert told(tmp_path, *NEAR[case]) == []


@pytest.mark.parametrize("name", FILES)
def test_an_id_is_used_once(tmp_path: Path, name: str) -> None:
    data = yaml.safe_load(FILES[name])
    data[name].append(copy.deepcopy(data[name][0]))
    (fault,) = faults(tables(tmp_path, **{name: yaml.safe_dump(data, sort_keys=False)}))
    assert f"id '{data[name][0]['id']}' again - expected an id of its own (first at evidence/{name}.yaml:" in fault


def test_a_world_without_tables_loads(tmp_path: Path) -> None:
    facts = load.load(world(tmp_path, [GOOD]))
    assert (facts.trials, facts.molecules, facts.routes, facts.common_harms) == ([], [], [], None)
    assert facts.used == {"preclinical-rodent"}


def test_sources_of_tables_count_as_used(tmp_path: Path) -> None:
    facts = load.load(tables(tmp_path, **{**FILES, "trials": TRIAL.replace("  scale: MADRS", "  scale: MADRS\n  also_from: [survey]")}))
    assert facts.used == {"preclinical-rodent", "rct", "survey", "label", "regulatory"}
    assert export.from_json(export.to_json(facts)) == facts


def test_each_broken_file_is_told(tmp_path: Path) -> None:
    found = faults(tables(tmp_path, trials="trials: []\n", molecules="- a\n", routes=""))
    assert [fault.split(" - ")[0] for fault in found] == [
        "evidence/molecules.yaml:1:1: ",
        "evidence/routes.yaml:1: ",
        "evidence/trials.yaml:1:1: trials",
    ]


NASTY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*Arm.model_fields, *Count.model_fields, "of", "low"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["arms", "effects", "further", "people"]),
    NASTY,
    st.dictionaries(st.sampled_from([*Arm.model_fields]), NASTY, max_size=4),
)
def test_no_data_ends_in_a_traceback(tmp_path: Path, field: str, data: object, arm: dict[str, Any]) -> None:
    made = yaml.safe_load(TRIAL)
    made["trials"][0]["arms"][0].update(arm)
    made["trials"][0][field] = data
    faults(tables(tmp_path, trials=yaml.safe_dump(made, allow_unicode=True)))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(min_value=1, max_value=2000).flatmap(lambda whole: st.tuples(st.just(whole), st.integers(0, whole))), st.integers(0, 3))
def test_a_rounded_percentage_always_fits(counts: tuple[int, int], decimals: int) -> None:
    whole, part = counts
    people, found = Count(count=whole, basis="reported"), Count(count=part, basis="reported")
    arm = Arm(name="drug", role="tested", analysed=people, responders=found, responder_percent=round(100 * part / whole, decimals))
    assert arm.conflict is None


@pytest.fixture(scope="module")
def real() -> Knowledge:
    return load.load(Project(ROOT))


def every_arm(facts: Knowledge) -> list[tuple[str, Arm]]:
    return [(trial.id, arm) for trial in facts.trials for table in (trial, *trial.further) for arm in table.arms]


def test_the_real_files_hold_what_was_seen(real: Knowledge) -> None:
    assert (len(real.trials), len(real.molecules), len(real.routes)) == (35, 30, 8)
    assert real.common_harms is not None
    arms = every_arm(real)
    assert len([arm for trial in real.trials for arm in trial.arms]) == 90
    assert [trial for trial, arm in arms if arm.conflict] == ["abbar-2022-suicidal-ideation"]
    assert all(trial.comparator or len(trial.arms) == 1 for trial in real.trials)
    assert all({arm.role for arm in trial.arms} == {"tested", "control"} for trial in real.trials if trial.comparator)


def test_reconstructed_counts_are_explained(real: Knowledge) -> None:
    """A trial with a reconstructed count says in its note how it was come by."""
    words = ("RECONSTRUCTED", "reconstructed", "computed", "as reported in percent")
    marked = {name for name, arm in every_arm(real) for field in arm if isinstance(field[1], Count) and field[1].basis == "reconstructed"}
    assert marked == {
        "elekt-d",
        "escape-trd",
        "esketamine-or-racemic-ketamine",
        "grunebaum-2018-suicidal-ideation",
        "karma-dep-2",
        "murrough-2013-midazolam",
        "murrough-2013-series",
        "sustain-1",
        "transform-1",
        "transform-2",
        "transform-3",
    }
    notes = {trial.id: trial.note or "" for trial in real.trials}
    assert [name for name in marked if not any(word in notes[name] for word in words)] == []


def test_the_pooled_trial_agrees_with_its_parts(real: Knowledge) -> None:
    """The reconstructed counts of two trials add up to the printed counts of their pooled analysis."""
    trials = {trial.id: trial for trial in real.trials}

    def added(role: str, names: tuple[str, ...]) -> tuple[int, int]:
        arms = [arm for name in names for arm in trials[name].arms if arm.role == role]
        return sum(arm.responders.count for arm in arms if arm.responders), sum(arm.analysed.count for arm in arms if arm.analysed)

    for role in ("tested", "control"):
        assert added(role, ("transform-1", "transform-2")) == added(role, ("transform-1-and-2-pooled",))


def test_the_export_gives_the_same_tables_back(real: Knowledge) -> None:
    assert real.trials
    assert export.from_json(export.to_json(real)) == real


@pytest.mark.parametrize("name", FILES)
def test_every_table_names_its_schema_and_every_field_is_described(name: str) -> None:
    text = (ROOT / "evidence" / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema=schema/{name}.schema.json\n")
    schema = yaml.safe_load(export.schemas()[f"{name}.schema.json"])
    for part in [schema, *schema["$defs"].values()]:
        assert all("description" in field for field in part["properties"].values())
