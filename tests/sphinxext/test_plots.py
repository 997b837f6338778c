"""Plots in the built site, in print and in plain text: picture, words, table and file say the same; mistakes are told exactly."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from urllib.parse import unquote

import pikepdf
import pytest
from bs4 import BeautifulSoup, Tag

from tests.conftest import ROOT, Copy
from tests.sphinxext.builds import Builds

DIRECTIVES = ("forest-plot", "effect-over-time", "concentration-curves", "event-frequencies", "icon-array")
WRITTEN = {
    path.relative_to(ROOT / "docs").with_suffix("").as_posix(): len(
        re.findall(r"^```\{(?:" + "|".join(DIRECTIVES) + r")\}", path.read_text(encoding="utf-8"), re.MULTILINE)
    )
    for path in sorted((ROOT / "docs").rglob("*.md"))
}
PAGES = [page for page, count in WRITTEN.items() if count and not page.startswith("contribute/")]


def soup(root: Path, page: str) -> BeautifulSoup:
    return BeautifulSoup((root / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


def test_the_pages_that_teach_with_plots_have_them() -> None:
    assert {"mechanism/pharmacokinetics", "treatment/efficacy", "safety/side-effects", "start"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_every_plot_has_its_words_its_table_and_its_file(site: Path, page: str) -> None:
    tree = soup(site, page)
    figures = tree.select("figure.kb-plot-figure")
    assert len(figures) == WRITTEN[page]
    identifiers = [str(tag["id"]) for tag in tree.find_all(id=True)]
    assert len(identifiers) == len(set(identifiers))
    for figure in figures:
        picture = figure.select_one("svg.kb-plot")
        assert picture is not None
        assert picture["role"] == "img"
        region = figure.select_one(".kb-picture")
        assert region is not None
        assert region["tabindex"] == "0"
        words = " ".join(item.get_text() for item in figure.select("details.kb-words li"))
        description = picture.find("desc")
        assert isinstance(description, Tag)
        assert description.get_text() == words
        data = figure.find_next("details", class_="kb-plot-data")
        assert isinstance(data, Tag)
        link = data.select_one("a.download")
        assert link is not None
        file = (site / f"{page}.html").parent / unquote(str(link["href"]))
        with file.resolve().open(encoding="utf-8", newline="") as opened:
            rows = list(csv.reader(opened))
        shown = [[cell.get_text(" ", strip=True) for cell in row.find_all("td")][:-1] for row in data.select("tbody tr")]
        assert shown == [row[:-1] for row in rows[1:]]
        assert all(row.find_all("td")[-1].find("a") for row in data.select("tbody tr")), "a row without a source"


def test_the_style_sheet_is_linked_and_no_page_has_a_style_attribute(site: Path) -> None:
    tree = soup(site, "mechanism/pharmacokinetics")
    assert tree.select_one('link[href*="plots.css"]')
    assert (site / "_static" / "plots.css").exists()
    assert tree.select("figure.kb-plot-figure [style], figure.kb-plot-figure script") == []


def test_published_values_stand_beside_what_the_models_give(site: Path) -> None:
    tree = soup(site, "mechanism/pharmacokinetics")
    rows = [row.get_text(" ", strip=True) for row in tree.select("table tbody tr")]
    spray = next(row for row in rows if row.startswith("Half-life (esketamine model"))
    assert "7.0 to 12.0 hours" in spray
    assert "11.0 hours" in spray
    assert "within the range" in spray
    assert not [row for row in rows if "does not fit" in row]


MISTAKES = {
    "no outcome": ("forest-plot", "", "", "no :outcome: - expected one of response, remission, madrs - run: nox -s html [plot-option]"),
    "unknown outcome": (
        "forest-plot",
        ":outcome: respons",
        "",
        ":outcome: 'respons' - expected one of response, remission, madrs - did you mean 'response'? - run: nox -s html [plot-option]",
    ),
    "unknown trial": (
        "forest-plot",
        ":outcome: response",
        "transform-22",
        "unknown trial 'transform-22' - expected the id of a trial in evidence/trials.yaml - did you mean 'transform-2'? - "
        "run: nox -s html [stat-unknown]",
    ),
    "unknown time point": (
        "forest-plot",
        ":outcome: response",
        'transform-2 at "all dozed"',
        'transform-2: at "all dozed" - expected one of "all dosed", "day 28", "observed cases" - did you mean \'all dosed\'? - run: nox -s html [stat-unknown]',
    ),
    "a trial without counts": (
        "forest-plot",
        ":outcome: response",
        "lapidus-2014-intranasal",
        "lapidus-2014-intranasal cannot be drawn: the same people are in both groups (crossover) - expected trials with response in both "
        "groups - run: nox -s html [plot-data]",
    ),
    "unlike comparison groups": (
        "forest-plot",
        ":outcome: response\n:against: active placebo",
        "transform-2",
        "transform-2 is compared with placebo spray with a new antidepressant - expected only trials of :against: active placebo - "
        "run: nox -s html [plot-data]",
    ),
    "unknown comparison": (
        "forest-plot",
        ":outcome: response\n:against: inert placebo, active plcebo",
        "",
        ":against: 'active plcebo' - expected one of inert placebo, active placebo, placebo spray, | - did you mean 'active placebo'? - "
        "run: nox -s html [plot-option]",
    ),
    "a benefit without its harm": (
        "icon-array",
        ":trial: transform-2\n:outcome: response",
        "",
        "an icon array without :harm: - expected :harm: with the id of a harm of the same trial, such as nausea - "
        "run: nox -s html [plot-harm]",
    ),
    "a harm of another trial": (
        "icon-array",
        ":trial: transform-2\n:outcome: response\n:harm: nausea",
        "",
        "event 'nausea' of transform-1-and-2-pooled - expected one of serious-or-severe, serious-or-severe-on-dosing-day, "
        "stopped-for-serious-or-severe, suicidal-ideation - run: nox -s html [plot-data]",
    ),
    "icons of no trial": (
        "icon-array",
        ":harm: nausea",
        "",
        "no :trial: - expected the id of a trial in evidence/trials.yaml, such as transform-1-and-2-pooled - run: nox -s html [plot-option]",
    ),
    "several doses": (
        "icon-array",
        ":trial: transform-1\n:outcome: response\n:harm: serious-or-severe",
        "",
        "transform-1 cannot be drawn: it tested several doses: arm words after the trial choose one group - expected a trial "
        "with response in both groups - run: nox -s html [plot-data]",
    ),
    "events of an unknown trial": (
        "event-frequencies",
        ":trial: sustain-2",
        "",
        "unknown trial 'sustain-2' - expected the id of a trial in evidence/trials.yaml - did you mean 'sustain-1'? - "
        "run: nox -s html [stat-unknown]",
    ),
    "unknown event": (
        "event-frequencies",
        ":trial: sustain-1\n:events: nauseas",
        "",
        "event 'nauseas' of sustain-1 - expected one of bad-taste, | - did you mean 'nausea'? - run: nox -s html [plot-data]",
    ),
    "events without their comparison group": (
        "event-frequencies",
        ":trial: esketamine-alone",
        "",
        "esketamine-alone nausea cannot be drawn: its comparison group's share was not seen - expected an event with one tested and one "
        "comparison group - run: nox -s html [plot-data]",
    ),
    "unknown dose": (
        "concentration-curves",
        ":doses: nose-57",
        "",
        "dose 'nose-57' - expected one of vein-40-minutes, nose-56, mouth-84 - did you mean 'nose-56'? - run: nox -s html [plot-option]",
    ),
}


def block(directive: str, options: str, content: str) -> str:
    inside = "\n".join(part for part in (options, "\n" + content if content else "") if part)
    return f"```{{{directive}}}\n{inside}\n```\n"


MISTAKEN = {"faq": "\n".join(block(*mistake[:3]) for mistake in MISTAKES.values())}


def test_every_mistake_is_told_once_with_page_and_line(mistaken: Builds) -> None:
    said = mistaken.said("mistaken")
    assert not mistaken.site("mistaken").exists(), "a build with faults makes no site"
    assert "Traceback" not in said
    told = [line for line in said.splitlines() if re.search(r"\[(plot|stat)-", line) and "docs/faq.md:" in line]
    assert len(told) == len(MISTAKES), said
    for *written, says in MISTAKES.values():
        line = mistaken.line("faq", block(*written))
        here = [row for row in told if f"docs/faq.md:{line}: " in row]
        assert len(here) == 1, (line, told)
        # A bar stands for the list of all trials, which grows.
        for part in says.split("|"):
            assert part in here[0], here[0]


def test_without_any_harm_no_course_is_drawn(copy: Copy) -> None:
    path = copy.path("evidence/pharmacokinetics.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("    kind: harm\n", "    kind: benefit\n"), encoding="utf-8")
    run = copy.build("html")
    assert run.code != 0
    told = [line for line in run.said.splitlines() if "[plot-harm]" in line]
    assert len(told) == 3, run.said
    assert all(
        "a course of benefits without a harm - expected a row with kind: harm in evidence/pharmacokinetics.yaml" in line for line in told
    )


EDITS = {"small": ("evidence/trials.yaml", "responders: {count: 5, basis: reported}", "responders: {count: 6, basis: reported}")}


def test_a_changed_count_changes_the_pages_that_show_it_and_two_builds_are_the_same_bytes(grown: Builds) -> None:
    names = ("treatment/efficacy.html", "_downloads/treatment-efficacy-1-forest.csv")
    # What stands in the site before this change: the changed remissions came before it.
    first, anew, before, after = (
        [(grown.site(stage) / name).read_bytes() for name in names] for stage in ("first", "anew", "remitters", "small")
    )
    assert anew == first
    assert all(old != new for old, new in zip(before, after, strict=True))


PAGE = """
```{concentration-curves} Levels
```

```{forest-plot} Response
:outcome: response
:against: placebo spray with a new antidepressant
```

```{icon-array} Of 100
:trial: transform-1-and-2-pooled
:outcome: response
:harm: serious-or-severe
```
"""


PRINTED_AS = "questions-to-ask"
PRINTED = {f"handouts/{PRINTED_AS}": PAGE}


def test_in_print_a_plot_is_vectors_with_words_and_its_data_stand_open(printed: Builds) -> None:
    assert "3 plots" in printed.said("printed")
    source = printed.copy.path(f"build/work/typst/handout-{PRINTED_AS}-a4.typ").read_text(encoding="utf-8")
    assert source.count('image("pl-') == 3
    assert "never a guide to dosing" in source
    assert "Download the data" not in source
    assert "Data: Levels" in source
    with pikepdf.open(printed.copy.path(f"build/pdf/handout-{PRINTED_AS}-a4.pdf")) as pdf:
        alternatives = [str(thing["/Alt"]) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/Alt" in thing]
        images = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"]
    assert any("59 of 100" in words for words in alternatives)
    assert images == []
