"""Claims in the built site: every mark opens its evidence, the export is the facts, changes rebuild what they touch."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from ketamine_kb.checks import addresses
from ketamine_kb.checks.claims import cited
from ketamine_kb.evidence import export, load
from ketamine_kb.evidence.model import Knowledge
from ketamine_kb.project import Project
from tests.conftest import ROOT, Copy
from tests.sphinxext.builds import Builds

#: Sphinx sets typographic quotation marks.
STRAIGHT = str.maketrans("‘’“”", "''\"\"")
PAGES = sorted(path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md"))


@pytest.fixture(scope="module")
def facts() -> Knowledge:
    return load.load(Project(ROOT))


def soup(site: Path, page: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("page", PAGES)
def test_every_mark_has_a_sign_a_word_and_its_evidence(site: Path, facts: Knowledge, page: str) -> None:
    tree = soup(site, page)
    # The text version of a diagram has marks of its own.
    marks = [mark for mark in tree.find_all("button", class_="kb-chip") if not mark.find_parent(class_="kb-words")]
    written = len(re.findall(r"\{claim\}`", (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")))
    assert len(marks) == written or page.startswith("contribute/")
    for mark in marks:
        identifier = str(mark["popovertarget"]).removeprefix("pop-")
        claim = facts.claims[identifier]
        assert claim.certainty in mark.get_text()
        sign = mark.find("span", attrs={"aria-hidden": "true"})
        assert sign is not None
        assert sign.get_text().strip()
        details = tree.find(id=f"pop-{identifier}")
        assert isinstance(details, Tag)
        assert details.has_attr("popover")
        text = details.get_text(" ", strip=True)
        for part in (claim.plain, claim.statement, *(item.finding for item in claim.evidence)):
            assert " ".join(part.split()) in " ".join(text.split())
        plain = mark.find_next_sibling("a", class_="kb-chip-link")
        assert isinstance(plain, Tag)
        leads = (Path(page).parent / str(plain["href"])).as_posix()
        assert os.path.normpath(leads) == f"evidence/ledger/{facts.chapter_of[identifier]}.html#claim-{identifier}"


def test_each_chapter_of_the_ledger_has_its_claims_once_in_the_order_of_its_file(site: Path, facts: Knowledge) -> None:
    assert list(facts.chapters) == sorted(path.stem for path in (ROOT / "docs/evidence/ledger").glob("*.md"))
    for chapter, identifiers in facts.chapters.items():
        entries = [str(entry["id"]) for entry in soup(site, f"evidence/ledger/{chapter}").select(".kb-entry")]
        assert entries == [f"claim-{identifier}" for identifier in identifiers]


def test_disputing_evidence_is_shown(site: Path, facts: Knowledge) -> None:
    for chapter, identifiers in facts.chapters.items():
        page = soup(site, f"evidence/ledger/{chapter}")
        for claim in (facts.claims[identifier] for identifier in identifiers):
            entry = page.find(id=f"claim-{claim.id}")
            assert isinstance(entry, Tag)
            assert ("Against:" in entry.get_text()) == any(item.relation == "disputes" for item in claim.evidence)


def test_the_list_of_the_ledger_leads_from_every_claim_in_plain_words_to_its_entry(site: Path, facts: Knowledge) -> None:
    rows = soup(site, "evidence/ledger").select("section.kb-claims li")
    assert [row["id"] for row in rows] == [f"claim-{key}" for keys in facts.chapters.values() for key in keys]
    for row, claim in zip(rows, (facts.claims[str(row["id"]).removeprefix("claim-")] for row in rows), strict=True):
        (link,) = row.find_all("a")
        assert link.get_text().translate(STRAIGHT) == " ".join(claim.plain.split()).translate(STRAIGHT)
        assert link["href"] == f"ledger/{facts.chapter_of[claim.id]}.html#claim-{claim.id}"
        assert claim.certainty in row.get_text()


def test_the_list_counts_the_claims_of_each_page(site: Path, facts: Knowledge) -> None:
    rows = soup(site, "evidence/ledger").select("article ul:has(> li > p > a[href^='ledger/']) > li:not([id])")
    assert [(row.a["href"], re.findall(r"\d+", row.get_text())[-1]) for row in rows if row.a] == [
        (f"ledger/{chapter}.html", str(len(identifiers))) for chapter, identifiers in facts.chapters.items()
    ]


def test_every_published_address_of_a_claim_answers(site: Path, project: Project) -> None:
    listed = [address.partition("#") for address in addresses.published(project) if "#" in address]
    assert len(listed) >= 371
    assert {page for page, _, _ in listed} == {addresses.LEDGER}
    ids = {str(tag["id"]) for tag in soup(site, "evidence/ledger").find_all(id=True)}
    assert [anchor for _, _, anchor in listed if anchor not in ids] == []


def test_every_statement_of_the_clinics_is_answered_and_excluded_ones_are_absent(site: Path, facts: Knowledge) -> None:
    rows = soup(site, "evidence/clinic-claims").select("tbody tr")
    assert len(rows) == len(facts.statements) >= 60
    assert not {statement.id for statement in facts.statements} & {"NG-90", "KT-90", "KT-91"}


def test_the_rules_are_told_in_their_own_words(site: Path) -> None:
    text = soup(site, "evidence/how-we-grade").get_text(" ", strip=True)
    for word in ("established", "supported", "mixed", "contested", "hypothesis"):
        assert word in text
    assert "A source of which we saw only the citation never carries a claim alone." in text


def test_the_sources_page_has_every_source_of_a_claim(site: Path, facts: Knowledge) -> None:
    rows = soup(site, "evidence/sources").select("tbody tr")
    used = {key for claim in facts.claims.values() for key in claim.sources}
    assert len(rows) == len(used)


def test_the_export_is_the_facts(site: Path, facts: Knowledge) -> None:
    text = (site / "evidence.json").read_text(encoding="utf-8")
    assert export.from_json(text) == facts
    schema = json.loads((site / "evidence.schema.json").read_text(encoding="utf-8"))
    assert set(schema["required"]) <= set(json.loads(text))
    listed = (site / "llms.txt").read_text(encoding="utf-8")
    assert all(f"- {identifier} (" in listed for identifier in facts.claims)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_tells_machines_what_it_is(site: Path, facts: Knowledge, page: str) -> None:
    script = soup(site, page).find("script", type="application/ld+json")
    assert isinstance(script, Tag)
    data = json.loads(script.get_text())
    assert data["@type"] == "MedicalWebPage"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", data["lastReviewed"])
    assert "reviewedBy" not in data
    claims = [claim["identifier"] for claim in data["mainEntity"]]
    assert set(claims) <= set(facts.claims)
    sources = {key for identifier in claims for key in facts.claims[identifier].sources}
    assert len(data["citation"]) == len(sources)


EDITS = {
    "claim": (
        "evidence/claims/mechanism.yaml",
        "Ketamine blocks the NMDA receptor, as measured",
        "Ketamine blocks the NMDA receptor, as seen",
    )
}


def test_written_equals_shown_and_one_claim_rebuilds_only_its_pages(grown: Builds) -> None:
    (count,) = re.findall(r"claims: (\d+) written, (\d+) shown", grown.said("first"))
    assert count[0] == count[1]
    said = grown.said("claim")
    found = re.search(r"updating environment: 0 added, (\d+) changed, 0 removed", said)
    assert found, said
    read = found[1]
    cites = [page for page in PAGES if "ketamine-blocks-nmda" in (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")]
    # Besides the pages that cite it: the four pages made from all facts, and get-help, whose directive reads evidence/ too.
    assert len(cites) <= int(read) <= len(cites) + 12
    assert "as seen" in (grown.site("claim") / "mechanism/nmda.html").read_text(encoding="utf-8")
    assert int(read) < len(PAGES)


def test_removing_a_claim_that_a_page_uses_names_that_page_and_line(copy: Copy) -> None:
    page = copy.path("docs/mechanism/nmda.md").read_text(encoding="utf-8")
    drawn = "".join(path.read_text(encoding="utf-8") for path in copy.path("diagrams").glob("*.mmd"))
    path = copy.path("evidence/claims/mechanism.yaml")
    text = path.read_text(encoding="utf-8")
    here = [identifier for identifier, _, _ in cited(page) if identifier not in drawn and f"id: {identifier}\n" in text]
    identifier = here[0]
    entry = re.search(rf"  - id: {identifier}\n[\s\S]*?(?=\n  - id: |\Z)", text)
    assert entry
    path.write_text(text.replace(entry[0], ""), encoding="utf-8")
    copy.path("evidence/statements.yaml").unlink()
    run = copy.build("html")
    told = [line for line in run.said.splitlines() if f"unknown claim '{identifier}'" in line]
    places = [(line, column) for name, line, column in cited(page) if name == identifier]
    assert run.code == 1
    for line, column in places:
        assert sum(row.startswith(f"docs/mechanism/nmda.md:{line}:{column}: ") for row in told) == 1, run.said


def test_removing_a_source_that_a_claim_uses_names_both_lines(copy: Copy) -> None:
    path = copy.path("evidence/references.bib")
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"@article\{moghaddam1997,[\s\S]*?\n\}\n", "", text), encoding="utf-8")
    run = copy.build("html")
    assert run.code == 1
    assert re.search(r"^evidence/claims/mechanism\.yaml:\d+:\d+: [\w-]+: unknown source 'moghaddam1997' - ", run.said, re.MULTILINE), (
        run.said
    )
    page = copy.path("docs/mechanism/nmda.md").read_text(encoding="utf-8").split("\n")
    lines = [number for number, line in enumerate(page, start=1) if re.search(r"\{cite:p\}`[^`]*\bmoghaddam1997\b", line)]
    assert lines
    for number in lines:
        assert f"docs/mechanism/nmda.md:{number}:" in run.said


def test_an_overdue_site_is_built_and_says_so(copy: Copy) -> None:
    run = copy.build("html", env={"KB_TODAY": "2028-01-01"})
    assert run.code == 0, run.said
    page = BeautifulSoup(copy.path("build/html/mechanism/nmda.html").read_text(encoding="utf-8"), "html.parser")
    assert page.select_one(".kb-status.kb-overdue")
    assert page.select_one(".kb-popover strong:-soup-contains('Overdue')")


PRINTED = {"handouts/how-ketamine-may-work": "A last sentence. {claim}`ketamine-blocks-nmda`"}


def test_in_print_a_mark_is_a_numbered_note(printed: Builds) -> None:
    source = printed.copy.path("build/work/typst/handout-how-ketamine-may-work-a4.typ").read_text(encoding="utf-8")
    assert '#noted("n1");' in source
    assert '#let signs = (n1: "✓", )' in source
    assert '#opening(9.5pt, (("✓", "supported: shown, with limits; nothing found against it", ),), "")' in source


FILTERS = {
    "chapter": "networks",
    "certainty": "contested",
    "species": "rodent",
    "source": "moghaddam1997",
}


MORE = {
    "faq": "\n".join(f"```{{claim-table}}\n:{key}: {word}\n:caption: By {key}\n```\n" for key, word in FILTERS.items())
    + "\n```{claim-table}\n:chapter: networks\n:certainty: contested\n:caption: By both\n```\n"
}


def test_claim_tables_show_what_their_options_choose(grown: Builds, facts: Knowledge) -> None:
    tree = soup(grown.site("first"), "faq")
    rows = {}
    for found in tree.find_all("table"):
        caption = found.find("caption")
        if caption and " By " in f" {caption.get_text(' ', strip=True)}":
            rows[caption.get_text(" ", strip=True).split("By ", 1)[1].split(" ")[0].rstrip("#")] = len(found.select("tbody tr"))
    claims = facts.claims.values()
    contested = [claim for claim in claims if claim.certainty == "contested"]
    assert rows == {
        "chapter": len(facts.chapters["networks"]),
        "certainty": len(contested),
        "species": sum("rodent" in claim.shown_in for claim in claims),
        "source": sum("moghaddam1997" in claim.sources for claim in claims),
        "both": sum(claim.id in facts.chapters["networks"] for claim in contested),
    }


FILTER_PAGE = "brain/glia"
MISTAKEN = {FILTER_PAGE: "```{claim-table}\n:certainty: suported\n```"}


def test_a_filter_that_chooses_nothing_known_is_told(mistaken: Builds) -> None:
    said = mistaken.said("mistaken")
    assert not mistaken.site("mistaken").exists(), "a build with faults makes no site"
    told = [line for line in said.splitlines() if "[claim-unknown]" in line]
    assert len(told) == 1, said
    line = mistaken.line(FILTER_PAGE, MISTAKEN[FILTER_PAGE])
    assert f"docs/{FILTER_PAGE}.md:{line}: certainty 'suported' - expected one of established, supported" in told[0]
    assert "did you mean 'supported'?" in told[0]
