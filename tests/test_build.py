"""The command line: faults told once with file and line, no traceback, the last good output kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ketamine_kb import build
from tests.conftest import Copy, copy_project

GOOD = "the last good site"


@pytest.fixture
def earlier(copy: Copy) -> Copy:
    """A project whose last good output is already there."""
    kept = copy.path("build/html/index.html")
    kept.parent.mkdir(parents=True)
    kept.write_text(GOOD, encoding="utf-8")
    return copy


def fails_with(copy: Copy, message: str, *, task: str = "html", code: int = 1) -> None:
    """The build fails, says exactly this message once, shows no traceback and leaves the last good output."""
    run = copy.build(task)
    lines = [line for line in run.said.splitlines() if line.strip()]
    assert run.code == code, run.said
    assert "Traceback" not in run.said
    assert len([line for line in lines if message in line]) == 1, run.said
    if task == "html":
        assert copy.path("build/html/index.html").read_text(encoding="utf-8") == GOOD
        assert sorted(path.name for path in copy.path("build/html").iterdir()) == ["index.html"]


def only(run_said: str) -> list[str]:
    return [line for line in run_said.splitlines() if " - run: " in line]


def test_a_broken_diagram(earlier: Copy) -> None:
    earlier.path("diagrams/glutamate-to-bdnf.mmd").write_text(
        'flowchart TB\n  accTitle: T\n  accDescr: D.\n  a["Ketamine"] a-b@--x|blocks| b["X\n', encoding="utf-8"
    )
    run = earlier.build("html")
    assert run.code == 1
    messages = only(run.said)
    assert len(messages) == 1, run.said
    assert messages[0].startswith("diagrams/glutamate-to-bdnf.mmd:4:")
    assert messages[0].endswith(" - expected valid Mermaid - run: nox -s html [diagram-syntax]")
    assert "Traceback" not in run.said
    assert earlier.path("build/html/index.html").read_text(encoding="utf-8") == GOOD


def test_a_bent_arrow(earlier: Copy) -> None:
    line = earlier.edit("diagrams/glutamate-to-bdnf.mmd", "ketamine-blocks-nmda@--x", "ketamine-blocks-nmda@-->")
    fails_with(
        earlier,
        f"diagrams/glutamate-to-bdnf.mmd:{line}:7: 'ketamine-blocks-nmda' says 'blocks' with the arrow '-->' "
        "- expected --x or -.-x for 'blocks' - run: nox -s html [diagram-edge]",
    )


def test_an_unknown_citation_key(earlier: Copy) -> None:
    line = earlier.edit("docs/mechanism/nmda.md", "zhang2021", "zhang2012")
    run = earlier.build("html")
    messages = only(run.said)
    assert run.code == 1
    assert len(messages) == 1, run.said
    assert messages[0].startswith(f"docs/mechanism/nmda.md:{line}:")
    assert messages[0].endswith(
        "unknown citation key 'zhang2012' - expected a key of evidence/references.bib - did you mean 'zhang2021'? "
        "- run: nox -s html [citation-unknown]"
    )
    assert earlier.path("build/html/index.html").read_text(encoding="utf-8") == GOOD


def without_finding(copy: Copy, claim: str, source: str) -> None:
    """Take one finding out of a claim."""
    for path in sorted(copy.path("evidence/claims").glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in data["claims"]:
            if entry["id"] == claim:
                entry["evidence"] = [item for item in entry["evidence"] if item["source"] != source]
                path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
                return
    raise AssertionError(claim)


def test_removing_a_finding_that_a_sentence_rests_on_names_page_and_line(earlier: Copy) -> None:
    without_finding(earlier, "action-potential-is-all-or-nothing", "grider2023")
    run = earlier.build("html")
    lines = [
        number
        for number, line in enumerate(earlier.path("docs/brain/neurons.md").read_text("utf-8").split("\n"), 1)
        if "`action-potential-is-all-or-nothing`" in line
    ]
    assert run.code == 1
    for line in lines:
        assert any(f"docs/brain/neurons.md:{line}" in message for message in only(run.said)), (line, run.said)
    assert earlier.path("build/html/index.html").read_text(encoding="utf-8") == GOOD


def test_removing_one_finding_of_several_names_the_sentence_that_cites_it(earlier: Copy) -> None:
    without_finding(earlier, "ketamine-noninferior-to-ect-without-psychosis", "anand2023")
    run = earlier.build("html")
    pages = {message.split(":")[0] for message in only(run.said)}
    assert run.code == 1
    assert "docs/treatment/efficacy.md" in pages, run.said


def test_removing_a_finding_that_carries_an_arrow_names_the_diagram_and_line(earlier: Copy) -> None:
    claim = "bdnf-activates-trkb"
    path = next(path for path in sorted(earlier.path("evidence/claims").glob("*.yaml")) if f"id: {claim}\n" in path.read_text("utf-8"))
    data = yaml.safe_load(path.read_text("utf-8"))
    for source in [
        item["source"] for entry in data["claims"] if entry["id"] == claim for item in entry["evidence"] if item["relation"] == "supports"
    ]:
        without_finding(earlier, claim, source)
    run = earlier.build("html")
    source = earlier.path("diagrams/glutamate-to-bdnf.mmd").read_text("utf-8").split("\n")
    line = next(number for number, text in enumerate(source, 1) if f" {claim}@" in text)
    assert run.code == 1
    assert any(f"diagrams/glutamate-to-bdnf.mmd:{line}" in message for message in only(run.said)), run.said


def test_a_missing_diagram_file(earlier: Copy) -> None:
    line = earlier.edit("docs/mechanism/pathway.md", "diagrams/glutamate-to-bdnf.mmd", "diagrams/glutamate-to-bdfn.mmd")
    run = earlier.build("html")
    assert run.code == 1
    assert only(run.said)[-1] == (
        f"docs/mechanism/pathway.md:{line}:1: no file ../../diagrams/glutamate-to-bdfn.mmd - expected a file in diagrams/ "
        "- did you mean 'diagrams/glutamate-to-bdnf.mmd'? - run: nox -s html [file-missing]"
    )


def test_a_page_that_is_not_utf8(earlier: Copy) -> None:
    page = earlier.path("docs/start.md")
    before = page.read_bytes()
    page.write_bytes(before + b"\nCaf\xe9\n")
    line = before.count(b"\n") + 2
    fails_with(
        earlier, f"docs/start.md:{line}:4: byte 0xe9 is not UTF-8 - expected a file saved as UTF-8 - run: nox -s html [page-not-utf8]"
    )


def test_a_broken_bibliography(earlier: Copy) -> None:
    path = earlier.path("evidence/references.bib")
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n@article{half,\n  title = {{Never closed},\n", encoding="utf-8")
    run = earlier.build("html")
    messages = only(run.said)
    assert run.code == 1
    assert len(messages) == 1, run.said
    assert messages[0].startswith("evidence/references.bib:")
    assert "Traceback" not in run.said


def test_a_source_that_nobody_cites(earlier: Copy) -> None:
    path = earlier.path("evidence/references.bib")
    text = path.read_text(encoding="utf-8")
    entry = (
        "\n@article{lonely,\n author = {Doe, Jane},\n title = {{A}},\n journal = {B},\n year = {2020},\n"
        " doi = {10.1000/x},\n design = {rct},\n verified = {abstract},\n}\n"
    )
    path.write_text(text + entry, encoding="utf-8")
    line = text.count("\n") + 2
    fails_with(
        earlier,
        f"evidence/references.bib:{line}: 'lonely' is cited nowhere - expected a page or a claim that cites it - run: nox -s html [source-uncited]",
    )


def test_a_link_to_a_missing_page(earlier: Copy) -> None:
    """Sphinx itself finds this one: a warning with file and line, and no traceback."""
    page = earlier.path("docs/faq.md")
    text = page.read_text(encoding="utf-8").rstrip("\n")
    page.write_text(text + "\n\nSee [the page on neurons](brain/neuron.md).\n", encoding="utf-8")
    line = text.count("\n") + 3
    run = earlier.build("html")
    told = [row for row in run.said.splitlines() if "brain/neuron.md" in row]
    assert run.code == 1
    assert len(told) == 1, run.said
    assert told[0] == (
        f"docs/faq.md:{line}:27: a link to 'brain/neuron.md', which does not exist - expected a page, a heading or a label "
        "- did you mean 'brain/neurons.md'? - run: nox -s html [target-unknown]"
    )
    assert run.said.splitlines()[-2:] == [
        "1 fault: target-unknown 1",
        "Not done: the last good output is untouched. Mend what is said above, then run: nox -s html",
    ]
    assert "Traceback" not in run.said
    assert earlier.path("build/html/index.html").read_text(encoding="utf-8") == GOOD


def test_a_missing_page_in_a_table_of_contents(earlier: Copy) -> None:
    earlier.edit("docs/brain/index.md", "neurons\nglia\nplasticity", "neurons\nglia\nplasticity\nnowhere")
    run = earlier.build("html")
    told = [row for row in run.said.splitlines() if "brain/nowhere" in row]
    assert run.code == 1
    assert len(told) == 1, run.said
    assert re.fullmatch(
        r"docs/brain/index\.md:\d+:1: the table of contents names 'brain/nowhere', which does not exist - expected a page.* \[toctree\]",
        told[0],
    )


@pytest.mark.parametrize("option", [":zoom:", ":title: Mine", ":config: {}", ":alt: other words"])
def test_an_option_that_would_make_the_forms_disagree(earlier: Copy, option: str) -> None:
    line = earlier.edit("docs/mechanism/pathway.md", ":name: fig-glutamate-to-bdnf", f"{option}\n:name: fig-glutamate-to-bdnf")
    run = earlier.build("html")
    messages = only(run.said)
    assert run.code == 1
    assert len(messages) == 1, run.said
    assert messages[0].startswith(f"docs/mechanism/pathway.md:{line}:1: option {option.split()[0]} - expected no {option.split()[0]},")


def test_a_failed_doctest_names_its_page(copy: Copy) -> None:
    page = copy.path("docs/evidence/numbers.md")
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r"(```\{doctest\}.*\n)", r"\1>>> 1 + 1\n3\n", text, count=1), encoding="utf-8")
    run = copy.build("doctest")
    assert run.code == 1
    assert "evidence/numbers" in run.said
    assert "Traceback" not in run.said
    found = re.search(r"doctests: (\d+) blocks exist, (\d+) ran, (\d+) passed", run.said)
    assert found
    assert int(found[1]) == int(found[2]) == int(found[3]) + 1


def test_doctests_really_run(copy: Copy) -> None:
    run = copy.build("doctest")
    assert run.code == 0, run.said
    output = copy.path("build/doctest/output.txt").read_text(encoding="utf-8")
    summary = next(line for line in output.splitlines() if line.strip().endswith("tests") and "failures" not in line)
    prompts = copy.path("docs/evidence/numbers.md").read_text(encoding="utf-8").count(">>> ")
    assert int(summary.split()[0]) == prompts >= 10
    blocks = sum(path.read_text(encoding="utf-8").count("```{doctest}") for path in copy.path("docs").rglob("*.md"))
    assert f"doctests: {blocks} blocks exist, {blocks} ran, {blocks} passed" in run.said
    counts = copy.path("build/doctest/counts.txt").read_text(encoding="utf-8")
    assert counts == f"{blocks} blocks exist, {blocks} ran, {blocks} passed\n"


@pytest.mark.parametrize(
    ("block", "line", "found"),
    [
        ("```{doctest}\nno prompt here\n```\n", 1, ":1: a {doctest} block without a >>> prompt - expected an example that runs"),
        (
            "```{doctest}\n:skipif: True\n\n>>> 1 + 1\n2\n```\n",
            2,
            ":1: an example that is never run: :skipif: True - expected examples that run",
        ),
        (
            "```{doctest}\n>>> 1 + 1  # doctest: +SKIP\n3\n```\n",
            2,
            ":12: an example that is never run: # doctest: +SKIP - expected examples that run",
        ),
    ],
)
def test_a_block_that_would_not_run_is_not_green(copy: Copy, block: str, line: int, found: str) -> None:
    page = copy.path("docs/evidence/numbers.md")
    text = page.read_text(encoding="utf-8").rstrip("\n")
    page.write_text(f"{text}\n\n{block}", encoding="utf-8")
    run = copy.build("doctest")
    assert run.code == 1
    assert only(run.said) == [f"docs/evidence/numbers.md:{text.count(chr(10)) + 2 + line}{found} - run: nox -s doctest [doctest-not-run]"]


def test_a_block_that_skips_itself_while_it_runs_is_not_green(copy: Copy) -> None:
    """The flag comes from the configuration, where no check of the pages sees it."""
    copy.edit("docs/conf.py", "root_doc =", "doctest_default_flags = 1 << 4\nroot_doc =")
    run = copy.build("doctest")
    assert run.code == 1
    assert "[doctest-not-run]" in run.said


def test_a_site_without_doctests_is_not_green(copy: Copy) -> None:
    page = copy.path("docs/evidence/numbers.md")
    page.write_text(
        page.read_text(encoding="utf-8").replace("```{doctest}", "```text").replace(">>> ", "").replace("... ", ""), encoding="utf-8"
    )
    fails_with(
        copy,
        "docs: no {doctest} block - expected at least one page with runnable examples - run: nox -s html [doctest-not-run]",
        task="doctest",
    )


def test_two_clean_builds_are_the_same_bytes(built: Copy, tmp_path: Path) -> None:
    """Another folder, another time zone and locale, two processes instead of one, another hash seed."""
    other = copy_project(tmp_path / "elsewhere" / "deeper")
    run = other.build("html", "--with-print", "-j", "2", env={"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7"})
    assert run.code == 0, run.said

    def contents(root: Path) -> dict[str, bytes]:
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}

    for task in ("html", "pdf"):
        first, second = contents(built.path(f"build/{task}")), contents(other.path(f"build/{task}"))
        assert sorted(first) == sorted(second)
        assert [name for name in first if first[name] != second[name]] == []


def test_a_second_build_of_one_tree_changes_nothing_and_keeps_the_site(copy: Copy) -> None:
    assert copy.build("html").code == 0
    before = {path: path.read_bytes() for path in copy.path("build/html").rglob("*") if path.is_file()}
    assert copy.build("html").code == 0
    after = {path: path.read_bytes() for path in copy.path("build/html").rglob("*") if path.is_file()}
    assert before == after


def test_replacing_keeps_the_new_and_removes_the_old(tmp_path: Path) -> None:
    new, old = tmp_path / "work", tmp_path / "html"
    for folder, text in ((new, "new"), (old, "old")):
        folder.mkdir()
        (folder / "page").write_text(text, encoding="utf-8")
    (old / "gone").write_text("", encoding="utf-8")
    build.replace(new, old)
    assert (old / "page").read_text(encoding="utf-8") == "new"
    assert not (old / "gone").exists()
    assert (new / "page").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "work"]


def test_nothing_unknown_is_taken_for_a_task() -> None:
    with pytest.raises(SystemExit) as ended:
        build.main(["htm"])
    assert ended.value.code == 2


def test_a_fault_of_reading_is_told_again_by_the_next_build(earlier: Copy) -> None:
    """Sphinx keeps what it has read, the faulty page too, and would not warn a second time."""
    page = earlier.path("docs/brain/glia.md")
    page.write_text(page.read_text("utf-8") + "\n```{noet}\nx\n```\n", encoding="utf-8")
    for _ in range(2):
        fails_with(earlier, "unknown directive {noet}")
