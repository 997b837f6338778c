"""The ``{crisis-lines}`` directive: every line of ``evidence/crisis-lines.yaml`` as a table, by country."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ketamine_kb.evidence import crisis
from ketamine_kb.evidence.crisis import CrisisLine
from ketamine_kb.project import here
from ketamine_kb.sphinxext.tables import table

_NUMBER = re.compile(r"\d(?:[\d -]*\d)?")


class CrisisLinesDirective(SphinxDirective):
    """A table of crisis lines with the date they were checked."""

    def run(self) -> list[nodes.Node]:
        """One table: country, service, contact and hours, where it was read."""
        project = here()
        self.env.note_dependency(str(crisis.path_of(project)))
        data = crisis.load(project)
        checked = f"Numbers read on {data.checked:%-d %B %Y}. "
        advice = "Numbers can change. If one does not answer, call the emergency number of your country."
        return [_table(data.lines), nodes.paragraph("", checked + advice)]


def _table(lines: tuple[CrisisLine, ...]) -> nodes.table:
    rows: list[list[list[nodes.Node]]] = []
    for line in lines:
        rest = nodes.Text(f" ({line.hours})" + (f". {line.note}" if line.note else ""))
        rows.append([[nodes.Text(line.country)], [nodes.Text(line.name)], [*_contact(line.contact), rest], _sources(line)])
    return table("Emergency and crisis lines by country", ["Country", "Service", "How to reach it", "Read at"], rows, (18, 26, 34, 22))


def _contact(contact: str) -> list[nodes.Node]:
    """How to reach a line, with each number to call as a link that a telephone dials."""
    parts: list[nodes.Node] = []
    end = 0
    # Numbers to write to stand after a comma; a telephone would call them.
    called = contact.split(", ")[0] if contact.startswith("call") else ""
    for number in _NUMBER.finditer(called):
        dialled = re.sub(r"\D", "", number[0])
        parts += [nodes.Text(contact[end : number.start()]), nodes.reference("", number[0], refuri=f"tel:{dialled}", internal=False)]
        end = number.end()
    return [part for part in (*parts, nodes.Text(contact[end:])) if part.astext()]


def _sources(line: CrisisLine) -> list[nodes.Node]:
    kind = "official page" if line.official else "not an official page"
    links: list[nodes.Node] = []
    for number, address in enumerate(line.seen_at, start=1):
        text = kind if len(line.seen_at) == 1 else f"{kind} {number}"
        links += [nodes.reference("", text, refuri=address, internal=False), nodes.Text(", ")]
    return links[:-1]


def setup_crisis(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("crisis-lines", CrisisLinesDirective)
