"""Numbers of trials in the built site: each with its working, in print too; faults with their line; changes rebuild what they touch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from ketamine_kb.evidence import trial_requests
from ketamine_kb.evidence.lessons import trials
from tests.conftest import ROOT, Copy
from tests.sphinxext.builds import Builds

ROLE = re.compile(r"\{stat\}`([^`]+)`")
SHOWING = [
    path.relative_to(ROOT / "docs").with_suffix("").as_posix()
    for path in sorted((ROOT / "docs").rglob("*.md"))
    if ROLE.search(path.read_text(encoding="utf-8")) and "contribute" not in path.parts
]
END = " - run: nox -s html"


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("page", SHOWING)
def test_every_number_opens_its_working(site: Path, page: str) -> None:
    tree = soup(site / f"{page}.html")
    requests = [
        " ".join(found.split()).removesuffix(" plain") for found in ROLE.findall((ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"))
    ]
    marks = tree.select("button.kb-number")
    assert len(marks) == len(requests)
    for request, mark in zip(requests, marks, strict=True):
        answer = trial_requests.resolve(trials(), request)
        head, bracket, rest = answer.value.partition(" (")
        assert mark.get_text() == f"{head}: how this number is made"
        assert isinstance(mark.parent, Tag)
        assert mark.parent.get_text() == f"{head}: how this number is made{head}{bracket}{rest}"
        assert mark["title"] == answer.plain
        details = tree.find(id=str(mark["popovertarget"]))
        assert isinstance(details, Tag)
        assert details.has_attr("popover")
        text = " ".join(details.get_text(" ", strip=True).split())
        assert all(" ".join(line.split()) in text for line in (answer.plain, answer.value, *answer.working))
        assert details.select("a[href*='bibliography.html#source-']")
        plain = mark.find_next_sibling("a", class_="kb-number-link")
        assert isinstance(plain, Tag)
        assert plain.get_text() == head
    addresses = [str(tag["id"]) for tag in tree.select("[id^=num-]")]
    assert len(addresses) == len(set(addresses)) == len(set(requests))
    assert not tree.select("[style*=num-], .kb-stat script")


def test_the_tables_show_like_beside_like(site: Path) -> None:
    captions = [caption.get_text(" ", strip=True) for caption in soup(site / "treatment/efficacy.html").find_all("caption")]
    (response,) = [caption for caption in captions if "Response in the three short trials" in caption]
    for part in ("a fall of 50% or more on the MADRS", "Counted: observed cases", "Compared with: placebo spray with a new antidepressant"):
        assert part in response
    (harms,) = [table for table in soup(site / "treatment/efficacy.html").find_all("table") if "Unwanted events" in table.get_text()]
    rows = [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in harms.select("tbody tr")]
    assert all(row[1] and row[2] for row in rows)
    (dissociation,) = [row for row in rows if row[0].startswith("Dissociation")]
    assert dissociation[1:3] == ["33.9% (77 of 227, reconstructed)", "5.8% (13 of 225, reconstructed)"]


EDITS = {"remitters": ("evidence/trials.yaml", "remitters: {count: 91, basis: reported}", "remitters: {count: 92, basis: reported}")}


def test_a_changed_count_changes_its_pages_and_only_those(grown: Builds) -> None:
    shown = [mark.get_text() for mark in soup(grown.site("remitters") / "treatment/efficacy.html").select("button.kb-number")]
    assert "92 of 336: how this number is made" in shown
    assert not any(text.startswith("91 of 336") for text in shown)
    said = grown.said("remitters")
    found = re.search(r"updating environment: 0 added, (\d+) changed, 0 removed", said)
    assert found
    # efficacy.md shows the trial; get-help's directive depends on the whole folder of facts.
    assert 1 <= int(found[1]) <= 6, said
    assert "evidence/numbers" not in "".join(line for line in said.splitlines() if line.startswith("reading sources"))


def test_a_changed_count_breaks_a_doctest(copy: Copy) -> None:
    path = copy.path("evidence/trials.yaml")
    text = path.read_text(encoding="utf-8")
    assert text.count("responders: {count: 182, basis: reported}") == 1
    path.write_text(text.replace("responders: {count: 182,", "responders: {count: 183,"), encoding="utf-8")
    run = copy.build("doctest")
    assert run.code != 0
    assert "(183, 310, 94, 208)" in run.said


WRONG = """\
First {stat}`transfrom-2 response nnt` and
then {stat}`elekt-d response nnt` here.

```{trial-table}
:outcome: remission
:caption: Unlike

transform-2
escape-trd
```

```{trial-table}
:outcome: respons

transform-2
```

```{trial-table}
:outcome: response

transform-2
tranform-3
ketect at "day 28"
```

```{harms-table}
elekt-d
transform-1
```

```{harms-table}
```
"""
LIKE = "trials that are alike, or the option apart"
TOLD = {
    (
        0,
    ): "unknown trial 'transfrom-2' - expected the id of a trial in evidence/trials.yaml - did you mean 'transform-2'?{end} [stat-unknown]",
    (
        1,
        0,
    ): "elekt-d is a non-inferiority trial - expected a rate or a difference: it cannot show that one treatment is better{end} [stat-withheld]",
    (
        3,
    ): "transform-2 and escape-trd differ in threshold (MADRS 12 or less; MADRS 10 or less), counted (observed cases; all randomised), comparison (placebo spray with a new antidepressant; active treatment) - expected "
    + LIKE
    + "{end} [stat-unlike]",
    (11,): "outcome 'respons' - expected one of response, remission, relapse - did you mean 'response'?{end} [stat-unknown]",
    (
        21,
    ): "unknown trial 'tranform-3' - expected the id of a trial in evidence/trials.yaml - did you mean 'transform-3'?{end} [stat-unknown]",
    (22,): 'ketect: at "day 28" - expected one of "12 months", "end of treatment course"{end} [stat-unknown]',
    (26,): "elekt-d: no counts of harms - expected a trial whose harms were counted{end} [stat-withheld]",
    (
        27,
    ): "transform-1: no counts of harms - expected a trial whose harms were counted - did you mean 'transform-1-and-2-pooled'?{end} [stat-withheld]",
    (30,): "harms-table without a trial - expected ids of trials, one a line{end} [stat-unknown]",
}


#: The pages that hold the mistakes, and the short tables with mistakes.
WRONG_PAGE, SHORT_PAGE = "treatment/at-home", "treatment/after"


def told_on(mistaken: Builds, page: str) -> list[str]:
    said = mistaken.said("mistaken")
    assert not mistaken.site("mistaken").exists(), "a build with faults makes no site"
    assert "Traceback" not in said
    lines = [line.removeprefix("WARNING: ") for line in said.splitlines() if "[stat-" in line]
    return [line for line in lines if line.startswith(f"docs/{page}.md:")]


def test_each_fault_is_told_once_with_its_line(mistaken: Builds) -> None:
    first = mistaken.line(WRONG_PAGE, WRONG)
    told = told_on(mistaken, WRONG_PAGE)
    wanted = []
    for offsets, message in TOLD.items():
        found = [line for line in told if message.format(end=END) in line]
        assert len(found) == 1, (message, told)
        lines = {f"docs/{WRONG_PAGE}.md:{first + offset}: " for offset in offsets}
        assert any(found[0].startswith(line) for line in lines), (found, lines)
        wanted += found
    assert sorted(wanted) == sorted(told)


SHORT = "```{{harms-table}}\n:caption: Few\n:short:\n{options}\n\n{trials}\n```"
MORE = {
    "faq": (
        '```{trial-table}\n:outcome: response\n:caption: Kinds\n:apart:\n\ntransform-2\ntransform-2 at "all dosed"\nelekt-d\nlapidus-2014-intranasal\n'
        "murrough-2013-series\ntransform-1 84\n```\n\n```{trial-table}\n:outcome: remission\n:caption: Doubt\n\nabbar-2022-suicidal-ideation\n```\n"
        "\n```{trial-table}\n:outcome: relapse\n:caption: Staying\n\nsustain-1 remission\nsustain-1 response\n```\n"
        + "\n"
        + SHORT.format(options=":events: dizziness nausea", trials="aspire-1-and-2-pooled")
    ),
    "brain/glia": "```{harms-table}\n:events: nausea\n\naspire-1-and-2-pooled\nsustain-1\n```",
}


def test_unlike_trials_stand_apart_on_request_and_withheld_numbers_say_why(grown: Builds) -> None:
    tables = soup(grown.site("first") / "faq.html").find_all("table")
    kinds = [table for table in tables if "Kinds. Response:" in table.get_text()]
    text = [" ".join(table.get_text(" ", strip=True).split()) for table in kinds]
    assert len(kinds) == 5
    assert [len(table.select("tbody tr")) for table in kinds] == [2, 1, 1, 1, 1]
    assert "Number needed to treat: not shown: a non-inferiority trial" in text[2]
    assert "not computed: the same people are in both groups" in text[3]
    assert "none: no comparison group" in text[4]
    assert "missed its main goal" in text[0]
    (doubt,) = [" ".join(table.get_text(" ", strip=True).split()) for table in tables if "Doubt. Remission:" in table.get_text()]
    assert "It also prints the two denominators swapped." in doubt
    assert "not shown: The pooled result is driven by bipolar disorder" in doubt
    (staying,) = [table for table in tables if "Staying. Relapse:" in table.get_text()]
    assert [row.find_all("td")[3].get_text().partition("treat: ")[2] for row in staying.select("tbody tr")] == [
        "6 (95% CI 4 to 23)",
        "4 (95% CI 3 to 7)",
    ]


def test_a_short_table_of_harms_has_three_columns_and_its_source(grown: Builds) -> None:
    (made,) = [table for table in soup(grown.site("first") / "faq.html").find_all("table") if "Few. Time:" in table.get_text()]
    head = [cell.get_text(" ", strip=True) for cell in made.select("thead th")]
    assert head[0].startswith("Event, per patient")
    assert made.select("thead a[href*='bibliography.html#source-canuso2021']")
    assert head[1:] == ["Esketamine 84 mg twice weekly + standard care (227 people)", "Placebo spray + standard care (225 people)"]
    assert [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in made.select("tbody tr")] == [
        ["Dizziness", "38.3%", "13.8%"],
        ["Nausea", "26.9%", "13.8%"],
    ]
    text = soup(grown.site("first") / "brain/glia.html").get_text(" ", strip=True)
    assert "SUSTAIN-1: Run by the company. People who had tolerated the spray for 16 weeks" in text


UNLIKE = SHORT.format(options=":events: nausea", trials="aspire-1-and-2-pooled\nsustain-1")
UNKNOWN = SHORT.format(options=":events: nauseas", trials="sustain-1")
MISTAKEN = {WRONG_PAGE: WRONG, SHORT_PAGE: f"{UNLIKE}\n\n{UNKNOWN}"}


def test_a_short_table_of_unlike_events_and_an_unknown_event_are_told(mistaken: Builds) -> None:
    told = [line.partition(" [kb.")[0] for line in told_on(mistaken, SHORT_PAGE)]
    assert len(told) == 2
    assert (
        f"docs/{SHORT_PAGE}.md:{mistaken.line(SHORT_PAGE, UNLIKE)}: a short table of unlike events - expected events of one trial, counted "
        "alike in one tested and one comparison group - run: nox -s html [stat-unlike]" in told
    )
    (unknown,) = [line for line in told if "nauseas" in line]
    line = mistaken.line(SHORT_PAGE, UNKNOWN) + 5
    assert unknown.startswith(f"docs/{SHORT_PAGE}.md:{line}: sustain-1: unknown event 'nauseas' - expected one of bad-taste, ")
    assert unknown.endswith("- did you mean 'nausea'? - run: nox -s html [stat-unknown]")


PRINTED_AS = "how-ketamine-may-work"
PRINTED = {
    f"handouts/{PRINTED_AS}": (
        "Of those {stat}`transform-2 response rate` responded, and again {stat}`transform-2 response rate`. "
        "Dissociation: {stat}`aspire-1-and-2-pooled dissociation rate`. {claim}`ketamine-blocks-nmda`"
    )
}


def test_in_print_a_number_has_a_numbered_note(printed: Builds) -> None:
    source = printed.copy.path(f"build/work/typst/handout-{PRINTED_AS}-a4.typ").read_text(encoding="utf-8")
    assert source.count('#"69.3%";#noted("m1");') == 2
    assert '#"33.9% against 5.8%";#noted("m2");' in source
    assert '#noted("n' in source
    assert '#"58.7%";#' in source
    assert '#"58.7%";#noted' not in source
    assert "Of every 100 people in this group (esketamine 56/84 mg twice weekly + new antidepressant), about 69 had a response" in source
    assert "Counted: observed cases (people with data at that time)." in source
