"""The recorded pictures: exact both ways, and enough to show every diagram where merman has no wheel."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ketamine_kb.diagrams import arrows, recorded, records, render
from ketamine_kb.diagrams.arrows import Diagram
from ketamine_kb.messages import Code
from ketamine_kb.project import Faulty, Project
from tests import running
from tests.conftest import ROOT, copy_project
from tests.diagrams.examples import SMALL, claims_for, diagrams, facts, read

CHANGED = (
    "d.mmd:1: a diagram that was changed since its picture was recorded, and merman is not installed here - expected the recorded picture "
    "renewed by `nox -s diagrams` on a machine that merman has a wheel for - run: nox -s html [diagram-record]"
)
#: What keeps merman from being found, as on a platform without its wheel.
WITHOUT = "import sys\nsys.modules['merman'] = None\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the records of an empty project that the code takes for its own."""
    made = Project(tmp_path).diagrams / recorded.FOLDER
    made.mkdir(parents=True)
    monkeypatch.setattr(recorded, "here", lambda: Project(tmp_path))
    recorded._all.cache_clear()
    yield made
    recorded._all.cache_clear()


def write(folder: Path, shown: Diagram) -> str:
    """Record a diagram; its labelled source."""
    labelled = arrows.labelled(shown.text, shown.arrows)
    content = recorded.record(shown.text, labelled, shown.graph, shown.place(), [])
    (folder / f"{shown.name}.json").write_text(content, encoding="utf-8", newline="\n")
    recorded._all.cache_clear()
    return labelled


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(diagrams())
def test_graph_and_positions_come_back_exactly(folder: Path, shown: Diagram) -> None:
    labelled = write(folder, shown)
    assert recorded.graph(shown.text, "d.mmd") == shown.graph
    assert recorded.layout(labelled, "d.mmd") == shown.place()
    assert list(recorded.graph(shown.text, "d.mmd").nodes) == list(shown.graph.nodes), "the order too, for it is the order of drawing"


def test_a_changed_source_is_told(folder: Path) -> None:
    labelled = write(folder, read(SMALL))
    for find, text in ((recorded.graph, SMALL + "\n"), (recorded.layout, labelled + "\n"), (recorded.layout, SMALL)):
        with pytest.raises(Faulty) as caught:
            find(text, "d.mmd")
        assert str(caught.value) == CHANGED


def test_a_changed_mark_is_told(folder: Path) -> None:
    write(folder, read(SMALL))
    surer = {key: claim.model_copy(update={"certainty": "established"}) for key, claim in claims_for(SMALL).items()}
    changed = arrows.labelled(SMALL, read(SMALL, surer).arrows)
    assert recorded.graph(SMALL, "d.mmd") == read(SMALL).graph
    with pytest.raises(Faulty, match="changed since its picture was recorded"):
        recorded.layout(changed, "d.mmd")


def test_no_record_at_all(folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(Faulty) as caught:
        recorded.graph(SMALL, "")
    assert str(caught.value) == CHANGED.replace("d.mmd:", "diagrams:")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: "[]",
        lambda text: "3",
        lambda text: "{}",
        lambda text: text.replace('"graph"', '"grahp"'),
        lambda text: text.replace('"width"', '"wide"', 1),
        lambda text: text.replace('"shape"', '"form"', 1),
        lambda text: text.replace('"points": [', '"points": [[1],'),
        lambda text: "[" * 100_000,
    ],
    ids="empty cut list number nothing key width shape points deep".split(),
)
def test_a_damaged_record_is_told(folder: Path, damage: Callable[[str], str]) -> None:
    write(folder, read(SMALL))
    path = folder / "d.json"
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        recorded.graph(SMALL, "d.mmd")
    assert str(caught.value) == (
        "diagrams/recorded/d.json:1: a record that cannot be read - expected one renewed by `nox -s diagrams` "
        "- run: nox -s html [diagram-record]"
    )


def test_bytes_that_are_no_text_are_told(folder: Path) -> None:
    (folder / "x.json").write_bytes(b"\xff")
    with pytest.raises(Faulty) as caught:
        recorded.graph(SMALL, "d.mmd")
    assert caught.value.faults[0].code is Code.DIAGRAM_RECORD


def test_the_source_is_known_by_its_bytes() -> None:
    assert recorded.digest("é\n") == hashlib.sha256(b"\xc3\xa9\n").hexdigest()
    assert recorded.digest("a") != recorded.digest("a ")


DRAW_ALL = """
import hashlib
from ketamine_kb.diagrams import arrows, exchange, lint, records, render, source
from ketamine_kb.diagrams.render import Links
from ketamine_kb.evidence import load
from ketamine_kb.checks.markdown import glossary_terms
from ketamine_kb.project import here
project = here()
facts = load.load(project)
links = Links(lambda arrow: "#pop-" + arrow.claim.id if arrow.claim else "", lambda node: "g.html#term-" + node.id)
for shown in records.read_all(project, facts.claims):
    made = [render.draw(shown, "u", print_colours=paper).svg for paper in (False, True)]
    made += [render.draw(shown, "u", links=links).svg, exchange.cx2(shown, facts.sources, {}), *records.expected(shown).values()]
    print(hashlib.sha256("".join(made).encode()).hexdigest())
for fault in records.stale(project, facts.claims):
    print(fault)
for fault in lint.check_all(project, facts, glossary_terms(project)):
    if "node" not in fault.found and "line" not in fault.found:
        print(fault)
print(source.drawn_here(), "merman" in sys.modules and sys.modules["merman"] is not None)
"""


def run(root: Path, script: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    done = running.run([sys.executable, "-c", script], cwd=root, env=environment, within=120)
    assert (done.code, done.err) == (0, ""), done.err
    return done.out.splitlines()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose records are of today."""
    root = copy_project(tmp_path_factory.mktemp("records") / "project").root
    records.renew(Project(root), facts().claims)
    return root


def test_without_merman_every_picture_has_the_same_bytes(fresh: Path) -> None:
    *here, last = run(fresh, "import sys\n" + DRAW_ALL)
    assert last == "True True"
    *elsewhere, last = run(fresh, WITHOUT + DRAW_ALL)
    assert last == "False False"
    assert elsewhere == here
    assert len(here) == len(list((fresh / "diagrams").glob("*.mmd")))


def test_without_merman_a_changed_diagram_is_told_by_the_checks(fresh: Path, tmp_path: Path) -> None:
    root = copy_project(tmp_path / "project").root
    records.renew(Project(root), facts().claims)
    changed = sorted((root / "diagrams").glob("*.mmd"))[0]
    changed.write_text(changed.read_text(encoding="utf-8") + "%% changed\n", encoding="utf-8")
    script = "from ketamine_kb.diagrams import lint\nfrom ketamine_kb.project import here\nprint(*lint.check_all(here()), sep='\\n')"
    told = run(root, WITHOUT + script)
    assert told == [CHANGED.replace("d.mmd", f"diagrams/{changed.name}")]
    assert run(root, script) == [""]


def test_without_merman_nothing_can_be_recorded(fresh: Path) -> None:
    script = WITHOUT + "from ketamine_kb.diagrams import records\nsys.stderr = sys.stdout\nprint(records.main())"
    assert run(fresh, script) == [
        "diagrams: merman is not installed here - expected a machine that merman has a wheel for - run: nox -s diagrams [diagram-record]",
        "1",
    ]


def test_the_record_holds_the_picture_of_today(fresh: Path) -> None:
    for shown in records.read_all(Project(fresh), facts().claims):
        kept = (fresh / "diagrams" / recorded.FOLDER / f"{shown.name}.svg").read_text(encoding="utf-8")
        assert kept.replace(">\n<", "><") == render.draw(shown, f"kb-{shown.name}", print_colours=True).svg + "\n"


def test_the_project_without_a_readable_path(folder: Path) -> None:
    write(folder, read(SMALL))
    assert recorded.graph(SMALL, "anything.mmd").nodes == read(SMALL).graph.nodes, "found by content, not by name"
    assert (ROOT / "diagrams").exists()
