"""Formulas as MathML, which browsers show without a script; one that does not parse is found while pages are read."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util.math import get_node_equation_number

from ketamine_kb.messages import Code, Fault
from ketamine_kb.sphinxext.report import project_of, warn

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator

#: What docutils' reader of TeX raises (0.22.4).
_UNREADABLE = (MathError, IndexError, KeyError, AttributeError, ValueError)


def setup_maths(app: Sphinx) -> None:
    """Look at each page once it is read, and write formulas without a script; ``conf.py`` chooses this writer by its name."""
    app.connect("doctree-read", _look)
    app.add_html_math_renderer("kb-mathml", (_inline, None), (_block, None))


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    number = get_node_equation_number(translator, node) if node.get("label") else ""
    shown = f' <span class="eqno">({escape(number)})</span>' if number else ""
    translator.body.append(translator.starttag(node, "div", CLASS="math") + mathml(node.astext(), as_block=True) + shown + "</div>\n")
    raise nodes.SkipNode


def mathml(formula: str, *, as_block: bool) -> str:
    """A formula as MathML; as its own text where it does not parse, which has been told."""
    try:
        return str(tex2mathml(formula, as_block=as_block))
    except _UNREADABLE:
        return f"<code>{escape(formula)}</code>"


def _look(app: Sphinx, doctree: nodes.document) -> None:
    shown = project_of(app).relative(app.env.doc2path(app.env.current_document.docname))
    for node in doctree.findall(lambda node: isinstance(node, (nodes.math, nodes.math_block))):
        formula = node.astext()
        try:
            tex2mathml(formula, as_block=isinstance(node, nodes.math_block))
        except _UNREADABLE as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            found = f"the formula {formula.strip()[:60]!r}: {reason.rstrip('.')}"
            line = node.line or next((parent.line for parent in (node.parent, node.parent.parent) if parent is not None and parent.line), 0)
            warn(Fault(shown, line or 0, 0, Code.MATHS, found, "a formula that parses"))
