"""Reading paths: what they may hold, and the exact message for what they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketamine_kb.checks import reading_paths
from ketamine_kb.project import Project
from tests.conftest import ROOT

OTHERS = "".join(
    f"  {reader}:\n    start: go/{reader}\n    parts:\n      all:\n        - pages: [a]\n" for reader in ("family", "clinician", "student")
)
PATIENT = "  patient:\n    start: go/patient\n    parts:\n      first:\n        - pages: [a, b/c]\n          why: because.\n"
END = " - run: nox -s html [reading-path]"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    for page in ("a", "b/c", "go/patient", "go/family", "go/clinician", "go/student"):
        path = made.docs / f"{page}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Title\n", encoding="utf-8")
    return made


def said(project: Project, text: str) -> list[str]:
    reading_paths.path_of(project).write_text(text, encoding="utf-8")
    return [str(fault) for fault in reading_paths.check(project)]


def test_without_a_file_there_are_no_paths(project: Project) -> None:
    assert reading_paths.load(project).paths == {}


def test_a_page_knows_what_comes_before_and_after(project: Project) -> None:
    assert said(project, "names:\n  a: The A\npaths:\n" + PATIENT + OTHERS) == []
    paths = reading_paths.load(project)
    assert [(path.readers, at, before, after) for path, at, before, after in paths.around("a")] == [
        ("patients", 1, "go/patient", "b/c"),
        ("families", 1, "go/family", ""),
        ("clinicians", 1, "go/clinician", ""),
        ("students", 1, "go/student", ""),
    ]
    assert [(path.reader, at, before, after) for path, at, before, after in paths.around("go/patient")] == [("patient", 0, "", "a")]
    assert paths.around("nowhere") == []
    assert paths.names == {"a": "The A"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", ":1: no mapping `paths:` - expected `paths:` with a path for patient, family, clinician, student"),
        ("paths:\n" + OTHERS, ":1: no path for 'patient' - expected a path for patient, family, clinician, student"),
        (
            "paths:\n" + PATIENT + OTHERS + "  patients: {}\n",
            ":23: path for 'patients' - expected one of patient, family, clinician, student - did you mean 'patient'?",
        ),
        (
            "paths:\n" + PATIENT.replace("b/c", "b/d") + OTHERS,
            ":6: unknown page 'b/d' - expected a page of docs/ such as treatment/routes - did you mean 'b/c'?",
        ),
        (
            "paths:\n" + PATIENT.replace("go/patient", "go/patent") + OTHERS,
            ":3: unknown page 'go/patent' - expected a page of docs/ such as treatment/routes - did you mean 'go/patient'?",
        ),
        ("paths:\n" + PATIENT.replace("b/c", "a") + OTHERS, ":6: page 'a' twice on the path for 'patient' - expected each page once"),
        (
            "paths:\n" + PATIENT.replace("b/c", "go/patient") + OTHERS,
            ":6: page 'go/patient' twice on the path for 'patient' - expected each page once",
        ),
        ("paths:\n" + PATIENT.replace("a, b/c", "") + OTHERS, ":6: a step without pages - expected `pages: [folder/page]`"),
        (
            "paths:\n" + PATIENT.replace("why", "wyh") + OTHERS,
            ":7: unknown key 'wyh' - expected one of pages, why, ask - did you mean 'why'?",
        ),
        ("paths:\n" + PATIENT.replace("because.", "[]") + OTHERS, ":7: why [] - expected a sentence in words"),
        (
            "paths:\n  patient:\n    start: go/patient\n    parts: {}\n" + OTHERS,
            ":4: path for 'patient' is empty - expected at least one part with steps",
        ),
        (
            "paths:\n  patient:\n    start: go/patient\n    parts:\n      first: []\n" + OTHERS,
            ":5: part 'first' is empty - expected a list of steps `- pages: [...]`",
        ),
        (
            "paths:\n  patient: [a]\n" + OTHERS,
            ":2: path for 'patient' without exactly start and parts - expected `start: <page>` and `parts:`",
        ),
        ("name: {}\npaths:\n" + PATIENT + OTHERS, ":1: unknown key 'name' - expected paths or names - did you mean 'names'?"),
        (
            "names:\n  zzz: The A\npaths:\n" + PATIENT + OTHERS,
            ":2: unknown page 'zzz' - expected a page of docs/ such as treatment/routes",
        ),
        ("names: [a]\npaths:\n" + PATIENT + OTHERS, ":1: names that are not a mapping - expected lines `folder/page: Short name`"),
        ("paths: [\n", ":2:1: expected the node content, but found '<stream end>' - expected valid YAML"),
    ],
)
def test_exact_message(project: Project, text: str, message: str) -> None:
    assert said(project, text) == [f"docs/reading-paths.yaml{message}{END}"]


def test_a_path_may_not_grow_without_end(project: Project) -> None:
    pages = []
    for number in range(61):
        (project.docs / f"p{number}.md").write_text("# T\n", encoding="utf-8")
        pages.append(f"p{number}")
    text = "paths:\n" + PATIENT.replace("a, b/c", ", ".join(pages)) + OTHERS
    assert said(project, text) == [f"docs/reading-paths.yaml:2: 61 pages - expected at most 60 pages on one path{END}"]


def test_the_real_paths_begin_with_harm_in_reach() -> None:
    """Every reader is led past the page on side effects."""
    paths = reading_paths.load(Project(ROOT)).paths
    assert [reader for reader, path in paths.items() if "safety/side-effects" not in path.pages] == []
