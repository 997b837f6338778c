"""Tables as Typst markup: header rows, spanning cells, captions."""

from __future__ import annotations

from docutils import nodes

from ketamine_kb.pdf.writer_base import WriterBase


def weights(table: nodes.table, columns: int) -> list[int]:
    """Shares of the width for columns without one: room for the longest word, more where there is more to read."""
    shares = [4] * columns
    for column in range(columns):
        cells = [row[column].astext() for row in table.findall(nodes.row) if len(row) == columns]
        longest = max((len(word) for cell in cells for word in cell.split()), default=0)
        average = sum(map(len, cells)) // max(len(cells), 1)
        shares[column] = max(4, min(longest + 2, 24), min(average, 60))
    return shares


class TableWriter(WriterBase):
    """The rules for tables."""

    def visit_table(self, node: nodes.table) -> None:
        """A table; a caption comes from its title."""
        self.counts["tables"] += 1
        title = next((child for child in node.children if isinstance(child, nodes.title)), None)
        specifications = list(node.findall(nodes.colspec))
        given = "colwidths-given" in node.get("classes", [])
        if given:
            widths = [f"{spec['colwidth']}fr" for spec in specifications]
        elif self.place:
            widths = [f"{weight}fr" for weight in weights(node, len(specifications))]
        else:
            widths = [*("auto" for _ in specifications[1:]), "1fr"]
        columns = ", ".join(widths)
        caption = f"caption: [{self.write_children(title)}], " if title is not None else ""
        numbered = self.place is not None and title is not None
        number = 'supplement: [Table], numbering: "1"' if numbered else "supplement: none, numbering: none"
        names = self.labels(node.get("ids", [])) if self.place else []
        self.add("\n" + "".join(f"#metadata(none) <{name}>\n" for name in names[1:]))
        self.closings.append("))" + (f" <{names[0]}>" if names else "") + "\n")
        self.add(f"#figure(kind: table, {number}, {caption}table(columns: ({columns},), ")

    def depart_table(self, node: nodes.table) -> None:
        """Close it."""
        self.add(self.closings.pop())

    def visit_thead(self, node: nodes.thead) -> None:
        """The header rows, which are repeated on each page and tagged as headers."""
        # A header that is repeated on the next page may hold no links there (PDF/UA).
        self.add("table.header(repeat: false, " if next(iter(node.findall(nodes.reference)), None) else "table.header(")

    def depart_thead(self, node: nodes.thead) -> None:
        """Close them."""
        self.add("), ")

    def visit_entry(self, node: nodes.entry) -> None:
        """A cell with its spans."""
        spans = [
            f"{name}: {int(node.get(key, 0)) + 1}" for name, key in (("colspan", "morecols"), ("rowspan", "morerows")) if node.get(key)
        ]
        self.add((f"table.cell({', '.join(spans)})[" if spans else "[") + self.anchors(node))

    def depart_entry(self, node: nodes.entry) -> None:
        """Close it."""
        self.add("], ")

    def visit_colspec(self, node: nodes.colspec) -> None:
        """Read by the table."""
        raise nodes.SkipNode

    def _nothing(self, node: nodes.Node) -> None:
        """Only its content counts."""

    visit_tgroup = depart_tgroup = visit_tbody = depart_tbody = visit_row = depart_row = _nothing
