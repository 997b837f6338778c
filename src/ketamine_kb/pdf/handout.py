"""What a handout is: its kinds of print, and what a kind of reader needs on paper."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import segno

from ketamine_kb.evidence.crisis import CrisisLines
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty

#: Most pages of a handout that is not in large print: one sheet, both sides.
MOST_PAGES = 2


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: Typst's name, what readers call it, its height in points."""

    typst: str
    name: str
    height: float


PAPERS = {"a4": Paper("a4", "A4", 841.89), "letter": Paper("us-letter", "US Letter", 792.0)}


@dataclass(frozen=True, slots=True)
class Print:
    """Sizes of text in points.

    :param body: paragraphs and lists.
    :param table: cells of tables.
    :param small: crisis lines and captions.
    :param least: sources and the foot of the page; nothing on paper is smaller.
    """

    body: float
    table: float
    small: float
    least: float
    large: bool = False


#: The prints of each kind of reader, by what the file name adds.
PRINTS: dict[str, dict[str, Print]] = {
    "patient": {"": Print(12, 11, 9.5, 8), "large-": Print(18, 18, 18, 16, large=True)},
    "clinician": {"": Print(11, 9, 8.5, 8)},
}


def crisis_rows(lines: CrisisLines, region: str) -> list[tuple[str, str]]:
    """The crisis lines as rows of country and words.

    :param region: a country of the data, whose lines are then given in full, with the directory for other countries; all
        countries in short when empty.

    :raises Faulty: when the data have no such country.
    """
    if not region:
        found = lines.by_country(footer_only=True)
        return [(country, "; ".join(f"{line.name}, {line.contact}" for line in group)) for country, group in found.items()]
    every = lines.by_country()
    regions = [country for country, group in every.items() if any(line.kind != "directory" for line in group)]
    if region not in regions:
        found_words, expected = f"no crisis lines for the region {region!r}", "one of " + ", ".join(regions)
        near = nearest(region, regions)
        raise Faulty([Fault("evidence/crisis-lines.yaml", 0, 0, Code.HANDOUT_SETTING, found_words, expected, near, run="nox -s pdf")])
    # "Not stated" alone would not say what is not.
    hours = {line: ("hours " if line.hours.startswith("not ") else "") + line.hours for line in every[region]}
    rows = [(line.name, f"{line.contact} ({hours[line]})" + (f". {line.note}" if line.note else "")) for line in every[region]]
    elsewhere = [line for group in every.values() for line in group if line.kind == "directory"]
    return rows + [(line.country, f"{line.name}, {line.contact}") for line in elsewhere]


def qr_code(address: str) -> str:
    """An address as a QR code: SVG of one path, the same on every machine. A quarter of its area may be damaged."""
    code = segno.make(address, error="q", micro=False, boost_error=False)
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=4, xmldecl=False, omitsize=True, light="#fff")
    return drawn.getvalue().decode("utf-8")


def settings_of(name: str, given: object) -> tuple[str, tuple[str, ...]]:
    """Reader and pages beside which a handout is offered, from its entry in ``kb_handouts``.

    :raises Faulty: when the entry has another form.
    """
    expected = "{'reader': 'patient' or 'clinician', 'beside': [pages]}"
    ok = isinstance(given, Mapping) and set(given) <= {"reader", "beside"} and given.get("reader") in PRINTS
    if not ok or not isinstance(given, Mapping) or not isinstance(given.get("beside", []), list):
        found = f"kb_handouts[{name!r}] = {given!r}"
        raise Faulty([Fault("docs/conf.py", 0, 0, Code.HANDOUT_SETTING, found, expected, run="nox -s pdf")])
    return str(given["reader"]), tuple(str(page) for page in given.get("beside", []))
