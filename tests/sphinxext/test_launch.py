"""A crash below ends as one message that names page and cause; its traceback lies in a log."""

from __future__ import annotations

import pytest
from sphinx.errors import ConfigError, ExtensionError, SphinxParallelError

from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty, Project
from ketamine_kb.sphinxext import launch
from tests.conftest import Copy


def raised(error: BaseException, docname: str = "") -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


@pytest.fixture
def small(tmp_path: object) -> Project:
    project = Project(tmp_path)  # type: ignore[arg-type]
    project.docs.mkdir()
    (project.docs / "page.md").write_text("# T\n", encoding="utf-8")
    return project


def test_the_page_is_the_one_that_was_read(small: Project) -> None:
    def read_doc(docname: str) -> None:
        raise ZeroDivisionError("division by zero")

    with pytest.raises(ZeroDivisionError) as caught:
        read_doc("page")
    assert [str(fault) for fault in launch.stopped(small, caught.value)] == [
        "docs/page.md: the build stopped: ZeroDivisionError: division by zero - expected a build that ends; details in build/stopped.log "
        "- run: nox -s html [stopped]"
    ]
    assert "Traceback (most recent call last)" in (small.build / launch.LOG).read_text("utf-8")


def test_a_handler_that_failed_is_told_by_its_own_cause(small: Project) -> None:
    error = raised(ExtensionError("Handler failed", raised(KeyError("nmda"))))  # type: ignore[arg-type]
    assert [fault.found for fault in launch.stopped(small, error)] == ["the build stopped: KeyError: 'nmda'"]


def test_our_own_faults_come_through_as_they_are(small: Project) -> None:
    ours = Fault("evidence/x.yaml", 3, 0, Code.CLAIM_DATA, "a", "b")
    assert launch.stopped(small, raised(ExtensionError("Handler failed", Faulty([ours])))) == [ours]


def test_the_configuration_is_named(small: Project) -> None:
    told = launch.stopped(small, raised(ConfigError("There is a syntax error in your configuration file")))
    assert [(fault.path, fault.found) for fault in told] == [
        ("docs/conf.py", "the build stopped: There is a syntax error in your configuration file")
    ]


def test_no_path_of_this_machine(small: Project) -> None:
    told = launch.stopped(small, raised(ValueError(f"cannot read {small.root}/docs/page.md")))
    assert told[0].found == "the build stopped: ValueError: cannot read docs/page.md"


def test_a_crash_in_another_process_keeps_its_log(small: Project) -> None:
    launch.stopped(small, SphinxParallelError("KeyError", "the traceback of the other process"))
    assert (small.build / launch.LOG).read_text("utf-8") == "the traceback of the other process"


@pytest.mark.parametrize(
    ("given", "alone"),
    [(["-j", "2", "-b", "html"], ["-b", "html"]), (["-j2", "a"], ["a"]), (["--jobs=auto", "a"], ["a"]), (["--jobs", "2", "a"], ["a"])],
)
def test_once_more_in_one_process(given: list[str], alone: list[str]) -> None:
    assert launch._one_process(given) == alone


def test_a_crash_in_a_real_build_shows_no_traceback(copy: Copy) -> None:
    """One directive of ours crashes on one page, in one of two processes."""
    copy.edit(
        "docs/conf.py",
        "root_doc =",
        "def setup(app):\n    app.connect('source-read', lambda app, name, text: 1 / 0 if name == 'faq' else None)\n\n\nroot_doc =",
    )
    run = copy.build("html", "-j", "2")
    assert run.code == 2
    assert "Traceback" not in run.said
    told = [line for line in run.said.splitlines() if "[stopped]" in line]
    assert told == [
        "docs/faq.md: the build stopped: ZeroDivisionError: division by zero - expected a build that ends; details in build/stopped.log "
        "- run: nox -s html [stopped]"
    ]
    assert "Traceback" in copy.path("build/stopped.log").read_text("utf-8")
    assert '"ruleId": "stopped"' in copy.path("build/faults.sarif").read_text("utf-8")
