"""How a plot is written: inline SVG with its words, its data as a table, and a file of the data to take away.

No script: the words and the data open and close by themselves. Without a picture the words say the same.
"""

from __future__ import annotations

import posixpath
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.application import Sphinx

from ketamine_kb.plots.draw import SECOND, Picture
from ketamine_kb.plots.palette import web_style_sheet

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.text import TextTranslator

#: Where the files of data are, below the site.
FOLDER = "_downloads"


class plot(nodes.General, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """A plot: ``uid``, ``title``, ``sentences``, ``svg``, ``print_svg``, ``width``, ``height``, ``smallest`` (size of words)."""


class plot_data(nodes.General, nodes.Element):  # noqa: N801
    """What holds the table of a plot's data and the link to its file."""


class plot_link(nodes.General, nodes.Element):  # noqa: N801
    """The link to a plot's data: ``file`` (its name) and ``csv`` (its content)."""


def make(picture: Picture, uid: str, file: str) -> tuple[plot, plot_link]:
    """The nodes of a picture."""
    drawn = plot(
        uid=uid,
        title=picture.title,
        sentences=list(picture.sentences),
        svg=picture.svg(uid),
        print_svg=picture.svg(uid, print_colours=True),
        width=picture.width,
        height=picture.height,
        smallest=SECOND,
    )
    return drawn, plot_link(file=file, csv=picture.csv())


def visit_html(self: HTML5Translator, node: plot) -> None:
    """The picture in a box that scrolls sideways on narrow screens, its title, its words."""
    label = escape(f"Plot: {node['title']}", quote=True)
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in node["sentences"])
    self.body.append(
        f'<figure class="kb-plot-figure" id="{node["uid"]}-figure">'
        # A caption is the first or the last part of a figure, and a reader wants to know what a picture shows before looking at it.
        f"<figcaption>{escape(node['title'])}</figcaption>"
        f'<div class="kb-picture" role="region" tabindex="0" aria-label="{label}">{node["svg"]}</div>'
        f'<details class="kb-words"><summary>Read this picture as text</summary><ul>{items}</ul></details></figure>'
    )
    raise nodes.SkipNode


def visit_data_html(self: HTML5Translator, node: plot_data) -> None:
    """A heading that opens the table."""
    self.body.append('<details class="kb-words kb-plot-data"><summary>The data as a table, and as a file</summary>')


def depart_data_html(self: HTML5Translator, node: plot_data) -> None:
    """Close it."""
    self.body.append("</details>")


def visit_link_html(self: HTML5Translator, node: plot_link) -> None:
    """The link; the file is written here, so that a page and its data are of one build."""
    target = Path(self.builder.outdir) / FOLDER / node["file"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(node["csv"], encoding="utf-8", newline="")
    here = posixpath.dirname(self.builder.get_target_uri(self.builder.current_docname))
    address = posixpath.relpath(posixpath.join(FOLDER, node["file"]), here or ".")
    self.body.append(f'<p><a class="reference download" href="{escape(address, quote=True)}" download>Download the data (CSV)</a></p>')
    raise nodes.SkipNode


def visit_text(self: TextTranslator, node: plot) -> None:
    """The plot in words."""
    self.new_state()
    self.add_text(" ".join(node["sentences"]))
    self.end_state()
    raise nodes.SkipNode


def visit_link_text(self: TextTranslator, node: plot_link) -> None:
    """Plain text has the table already."""
    raise nodes.SkipNode


def nothing(self: object, node: nodes.Node) -> None:
    """Only the content counts."""


def _add_static(app: Sphinx) -> None:
    """Let Sphinx copy the style sheet made from the palette."""
    if app.builder.format == "html":
        made = Path(app.doctreedir) / "static-plots"
        made.mkdir(parents=True, exist_ok=True)
        (made / "plots.css").write_text(web_style_sheet(), encoding="utf-8")
        app.config.html_static_path += [str(made)]


def setup_plot_nodes(app: Sphinx) -> None:
    """Register the nodes and the style sheet."""
    app.add_node(plot, html=(visit_html, None), text=(visit_text, None))
    app.add_node(plot_data, html=(visit_data_html, depart_data_html), text=(nothing, nothing))
    app.add_node(plot_link, html=(visit_link_html, None), text=(visit_link_text, None))
    app.connect("builder-inited", _add_static)
    app.add_css_file("plots.css")
