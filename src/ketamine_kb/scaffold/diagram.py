"""A new mechanism diagram: its lines are claims, and their form follows from how sure each claim is."""

from __future__ import annotations

import re

from ketamine_kb.checks import markdown
from ketamine_kb.diagrams.lint import VERBS
from ketamine_kb.diagrams.palette import CLASSES
from ketamine_kb.evidence import load
from ketamine_kb.evidence.words import FIRM
from ketamine_kb.messages import nearest
from ketamine_kb.project import Faulty
from ketamine_kb.scaffold import insert
from ketamine_kb.scaffold.answers import Answers, fault
from ketamine_kb.scaffold.claim import page_name
from ketamine_kb.scaffold.plan import Plan

FORMS = {
    ("arrow", True): "-->",
    ("arrow", False): "-.->",
    ("cross", True): "--x",
    ("cross", False): "-.-x",
    ("none", True): "---",
    ("none", False): "-.-",
}
EDGE = "from | verb | to | claim"
BOX = "label = class, or label = class = glossary term"


def plan_diagram(plan: Plan, answers: Answers) -> str:
    """Add the diagram that the answers describe, its record, and its place on a page; its path.

    :raises Faulty: with everything that is wrong or missing.
    """
    name = answers.slug("name", "name of the file, without .mmd")
    title = answers.text("title", "title of the picture", least=5)
    description = answers.text("description", "what the picture shows, for those who do not see it", least=30)
    edges = _asked(answers, "edge", f"a line as {EDGE}")
    boxes = _asked(answers, "box", f"a box as {BOX}")
    page = answers.text("cite-on", "page that shows it, such as docs/mechanism/nmda.md")
    if not edges:
        answers.missing.append(fault("no --edge", f"at least one line as {EDGE!r}"))
    answers.done()
    path = f"diagrams/{name}.mmd"
    facts = load.load(plan.project)
    classes, terms = _boxes(boxes, markdown.glossary_terms(plan.project))
    nodes: dict[str, str] = {}
    lines: list[str] = []
    drawn: dict[str, int] = {}
    faults = []
    for said in edges:
        parts = [part.strip() for part in said.split("|")]
        if len(parts) != 4 or not all(parts) or '"' in said:
            faults.append(fault(f"--edge {said[:80]!r}", f"four parts: {EDGE}"))
            continue
        start, verb, end, identifier = parts
        if verb not in VERBS:
            faults.append(fault(f"verb {verb[:40]!r}", "one of " + ", ".join(VERBS), nearest(verb[:40], VERBS)))
        if identifier not in facts.claims:
            faults.append(
                fault(f"no claim {identifier[:80]!r}", "the id of a claim in evidence/claims/", nearest(identifier[:100], facts.claims))
            )
        if verb not in VERBS or identifier not in facts.claims:
            continue
        drawn[identifier] = drawn.get(identifier, 0) + 1
        edge = identifier if drawn[identifier] == 1 else f"{identifier}--{drawn[identifier]}"
        form = FORMS[VERBS[verb], facts.claims[identifier].certainty in FIRM]
        lines.append(f"{_node(start, nodes)} {edge}@{form}|{verb}| {_node(end, nodes)}")
    faults += [
        fault(f"no --box for {label[:60]!r}", f"what it is, as {BOX}; a class is one of {', '.join(CLASSES)}")
        for label in nodes
        if label not in classes
    ]
    if faults:
        raise Faulty(faults)
    text = ["flowchart TB", f"accTitle: {title}", f"accDescr: {description}"]
    text += [f'{identifier}["{label}"]' for label, identifier in nodes.items()]
    text += lines
    text += [f"class {identifier} {classes[label]}" for label, identifier in nodes.items()]
    text += [f"%% node {identifier}: term={terms[label]}" for label, identifier in nodes.items()]
    plan.add(path, "\n".join(text) + "\n")
    plan.draws = True
    _show(plan, answers, page, path, name, title)
    return path


def _show(plan: Plan, answers: Answers, page: str, path: str, name: str, title: str) -> None:
    """Put the picture and the table of its evidence on the page."""
    where = page_name(plan.project, page)
    content = plan.read(where)
    heading = answers.text("under", "heading on that page: " + "; ".join(insert.headings(content)))
    answers.done()
    file = "../" * (where.count("/") - 1) + f"../{path}"
    shown = [f"```{{mermaid}} {file}", f":name: fig-{name}", f":caption: {title}", "```", "", f"```{{diagram-evidence}} {file}", "```"]
    plan.change(where, insert.under(content, where, heading, shown))


def _asked(answers: Answers, name: str, about: str) -> list[str]:
    said = answers.several(name)
    if not said and answers.ask is not None:
        while line := answers.ask(f"{about} (empty ends): ").strip():
            said.append(line)
            if len(said) >= 60:
                break
        answers.given[name] = said
        said = answers.several(name)
    return said


def _boxes(said: list[str], glossary: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Class and term of each box, by its label; a label that is itself a term of the glossary needs no other."""
    folded = {term.casefold(): term for term in glossary}
    classes: dict[str, str] = {}
    terms: dict[str, str] = {}
    faults = []
    for line in said:
        label, _, rest = (part.strip() for part in line.partition("="))
        kind, _, term = (part.strip() for part in rest.partition("="))
        if kind not in CLASSES:
            faults.append(fault(f"--box {line[:80]!r}", f"{BOX}; a class is one of " + ", ".join(CLASSES), nearest(kind[:40], CLASSES)))
        classes[label], terms[label] = kind, term or folded.get(label.casefold(), "none")
    if faults:
        raise Faulty(faults)
    return classes, terms


def _node(label: str, nodes: dict[str, str]) -> str:
    """The id of a box, made from its label."""
    if label not in nodes:
        stem = "n" + re.sub(r"[^a-z0-9]", "", label.lower())[:20]
        taken = set(nodes.values())
        nodes[label] = next(name for name in [stem, *(f"{stem}{number}" for number in range(2, 99))] if name not in taken)
    return nodes[label]
