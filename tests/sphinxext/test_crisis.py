"""The table of crisis lines: a number to call is a link that a telephone dials, and no other number is."""

from __future__ import annotations

from pathlib import Path

from bs4 import BeautifulSoup, Tag

from ketamine_kb.evidence import crisis
from ketamine_kb.project import Project


def rows(site: Path) -> list[Tag]:
    page = BeautifulSoup((site / "get-help.html").read_text(encoding="utf-8"), "html.parser")
    return [row for row in page.select("article table tbody tr") if row.find("td")]


def test_every_number_to_call_is_a_link(site: Path, project: Project) -> None:
    lines = crisis.load(project).lines
    told = {(line.country, line.name): line for line in lines}
    seen = 0
    for row in rows(site):
        cells = row.find_all("td")
        line = told[cells[0].get_text(strip=True), cells[1].get_text(strip=True)]
        assert cells[2].get_text().startswith(f"{line.contact} ({line.hours})")
        links = [str(link["href"]) for link in cells[2].find_all("a")]
        assert all(link.startswith("tel:") for link in links)
        assert bool(links) == line.contact.startswith("call"), line
        seen += 1
    assert seen == len(lines)


def test_numbers_for_messages_are_not_dialled(site: Path) -> None:
    dialled = {str(link["href"]) for row in rows(site) for link in row.select('a[href^="tel:"]')}
    assert {"tel:911", "tel:988", "tel:116123", "tel:131114", "tel:112", "tel:999"} <= dialled
    assert dialled & {"tel:50808", "tel:51444", "tel:0477131114", "tel:838255"} == set()
