"""``python -m ketamine_kb.diagrams.records``: record every diagram's graph, positions, evidence and picture beside its source.

A stale record fails the lint, so that a changed picture is seen in a pull request and can be looked at before it is published.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from ketamine_kb.diagrams import arrows, recorded, render, source
from ketamine_kb.diagrams.arrows import Diagram
from ketamine_kb.evidence import load
from ketamine_kb.evidence.model import Claim
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, Project, here


def read_all(project: Project, claims: Mapping[str, Claim]) -> list[Diagram]:
    """Every diagram of the project, in the order of their names.

    :raises Faulty: when one does not parse.
    """
    return [arrows.read(project.read(path), project.relative(path), claims) for path in sorted(project.diagrams.glob("*.mmd"))]


def expected(diagram: Diagram) -> dict[str, str]:
    """Name and content of the files recorded for one diagram."""
    behind = [
        {
            "edge": arrow.edge.id,
            "claim": arrow.claim.id,
            "certainty": arrow.certainty,
            "shown_in": list(arrow.claim.shown_in),
            "findings": [f"{item.relation} {item.source}" for item in arrow.claim.evidence],
        }
        for arrow in diagram.arrows
        if arrow.claim
    ]
    labelled = arrows.labelled(diagram.text, diagram.arrows)
    picture = render.draw(diagram, f"kb-{diagram.name}", print_colours=True).svg
    return {
        f"{diagram.name}.json": recorded.record(diagram.text, labelled, diagram.graph, diagram.place(), behind),
        f"{diagram.name}.svg": picture.replace("><", ">\n<") + "\n",
    }


def stale(project: Project, claims: Mapping[str, Claim]) -> list[Fault]:
    """Diagrams whose record is not what they now look like or rest on, and records of diagrams that are gone."""
    folder = project.diagrams / recorded.FOLDER
    wanted: set[str] = set()
    faults: list[Fault] = []
    for diagram in read_all(project, claims):
        for name, content in expected(diagram).items():
            wanted.add(name)
            kept = folder / name
            if not kept.exists() or kept.read_text(encoding="utf-8", errors="replace") != content:
                found = "no record" if not kept.exists() else "a picture or evidence that is not as recorded"
                faults.append(
                    _fault(diagram.path, f"{found} in {recorded.FOLDER}/{name}", "the record renewed, and its difference looked at")
                )
    left = [path for path in sorted(folder.glob("*")) if path.name not in wanted]
    return faults + [_fault(project.relative(path), "a record of no diagram", "the record removed") for path in left]


def _fault(path: str, found: str, expected: str) -> Fault:
    return Fault(path, 1, 0, Code.DIAGRAM_RECORD, found, expected, run=recorded.RENEW)


def renew(project: Project, claims: Mapping[str, Claim]) -> int:
    """Write every record anew and remove those of diagrams that are gone; how many diagrams there are."""
    folder = project.diagrams / recorded.FOLDER
    folder.mkdir(exist_ok=True)
    diagrams = read_all(project, claims)
    files = {name: content for diagram in diagrams for name, content in expected(diagram).items()}
    for old in folder.iterdir():
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return len(diagrams)


def main() -> int:
    """Entry point; the exit code is 0 when all were recorded."""
    project = here()
    try:
        if not source.drawn_here():
            found, wanted = "merman is not installed here", "a machine that merman has a wheel for"
            raise Faulty([Fault("diagrams", 0, 0, Code.DIAGRAM_RECORD, found, wanted, run=recorded.RENEW)])
        count = renew(project, load.load(project).claims)
    except Faulty as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Recorded {count} diagrams in {project.relative(project.diagrams / recorded.FOLDER)}/\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
