"""A new trial with its arms."""

from __future__ import annotations

from typing import get_args

from ketamine_kb.evidence import bibliography
from ketamine_kb.evidence.trial_data import Aim, Basis, Comparison, Counted
from ketamine_kb.project import Faulty
from ketamine_kb.scaffold import insert
from ketamine_kb.scaffold.answers import Answers, fault
from ketamine_kb.scaffold.plan import Plan

FILE = "evidence/trials.yaml"
ARM = "tested or control | name | analysed | responders; a number that was not seen stays empty"


def plan_trial(plan: Plan, answers: Answers) -> str:
    """Add the trial that the answers describe; its id.

    :raises Faulty: with everything that is wrong or missing.
    """
    identifier = answers.slug("id", "id of the trial, which never changes")
    source = answers.text("source", "key of the source")
    name = answers.text("title", "name by which readers know it", least=2)
    population = answers.text("population", "who took part", least=2)
    design = answers.text("design", "design in words", least=2)
    comparison = answers.word("comparison", "kind of comparator", get_args(Comparison))
    comparator = answers.text("comparator", "what the tested arms are compared with", optional=True)
    aim = answers.word("aim", "what it was set up to show", get_args(Aim))
    counted = answers.word("counted", "out of whom the counts are", get_args(Counted), default="not stated")
    basis = answers.word("basis", "reported: the counts are printed; reconstructed: worked out", get_args(Basis), default="reported")
    scale = answers.text("scale", "what was measured, such as MADRS", least=2)
    time_point = answers.text("time-point", "when, such as 24 hours", least=2)
    limits = answers.text("limits", "what weakens the trial or what was seen of it", least=15)
    arms = answers.several("arm")
    if not arms and answers.ask is not None:
        while line := answers.ask(f"an arm as {ARM} (empty ends): ").strip():
            arms.append(line)
    if not arms:
        answers.missing.append(fault("no --arm", f"each arm as {ARM}"))
    made = [_arm(line, basis, answers) for line in arms]
    answers.done()
    if source not in bibliography.load(plan.project).lines:
        raise Faulty([fault(f"no source {source[:80]!r}", "a key of evidence/references.bib (nox -s new -- source makes one)")])
    entry: dict[str, object] = {
        "id": identifier,
        "source": source,
        "name": name,
        "population": population,
        "design": design,
        "comparator": comparator,
        "comparison": comparison,
        "aim": aim,
        "counted": counted,
        "scale": scale,
        "time_point": time_point,
        "arms": made,
        "limits": limits,
    }
    text = plan.read(FILE)
    plan.change(FILE, insert.into_list(text, FILE, "trials", {key: value for key, value in entry.items() if value != ""}))
    plan.notes.append("Then renew the expected numbers and look at them: python -m tests.evidence.renew")
    return identifier


def _arm(line: str, basis: str, answers: Answers) -> dict[str, object]:
    parts = [part.strip() for part in line.split("|")]
    parts += [""] * (4 - len(parts))
    role, name, analysed, responders = parts[:4]
    numbers = [number for number in (analysed, responders) if number]
    if (
        len(parts) > 4
        or role not in ("tested", "control")
        or not name
        or not all(number.isascii() and number.isdigit() for number in numbers)
    ):
        answers.missing.append(fault(f"--arm {line[:80]!r}", ARM))
        return {}
    arm: dict[str, object] = {"name": name, "role": role}
    for key, number in (("analysed", analysed), ("responders", responders)):
        if number:
            arm[key] = {"count": int(number[:9]), "basis": basis}
    return arm
