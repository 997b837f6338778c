"""The page of all messages, made from the closed list: code, meaning, and a message as the fault tests check it."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ketamine_kb import faultlog, messages
from ketamine_kb.project import here

#: Real messages, one a line; a test compares each with the cases of tests/faults/.
EXAMPLES = "docs/contribute/message-examples.txt"


class MessageListDirective(SphinxDirective):
    """``{message-list}``: every code with what it means and an example."""

    def run(self) -> list[nodes.Node]:
        """A definition list in the order of the codes."""
        path = here().root / EXAMPLES
        for used in (path, messages.__file__):
            self.env.note_dependency(str(used))
        shown = {match[1]: line for line in here().read(path).splitlines() if (match := re.search(r"\[([a-z0-9-]+)\]$", line))}
        made = nodes.definition_list()
        for code, meaning in sorted(faultlog.meanings().items(), key=lambda pair: pair[0].value):
            term = nodes.term("", "", nodes.literal("", code.value))
            body = nodes.definition("", nodes.paragraph("", meaning))
            if example := shown.get(code.value):
                body += nodes.paragraph("", "", nodes.Text("Example: "), nodes.literal("", example))
            item = nodes.definition_list_item("", term, body)
            made += item
        return [made]


def setup_message_list(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("message-list", MessageListDirective)
