"""The colours of every plot, once: light, dark and print values per role, taken from the diagrams' palette.

No meaning is carried by colour alone: every series has a shape, a line pattern or a word of its own as well.
"""

from __future__ import annotations

from ketamine_kb.diagrams import palette as diagrams
from ketamine_kb.diagrams.palette import Palette

#: Lines and filled shapes, with what they stand for; each must stand out from the paper by 3 to 1.
LINES = {
    "axis": "axes, whiskers and the line of no difference",
    "grid": "faint help lines",
    "drug": "ketamine or esketamine",
    "control": "the comparison group",
    "benefit": "something better than in the comparison group",
    "harm": "a side effect",
    "vein": "an infusion into a vein",
    "nose": "a nasal spray",
    "mouth": "swallowed",
    "muscle": "an injection into a muscle",
}
#: Colours of words; each must stand out from the paper and from every pale area by 4.5 to 1.
INKS = {"ink": "words", "muted": "second lines"}
#: Pale areas behind lines and words.
AREAS = {"paper": "the background", "band": "where several models lie"}

_ROLE = {"drug": "drug", "control": "cell", "benefit": "factor", "harm": "transmitter", "vein": "drug", "nose": "receptor"}
_ROLE |= {"mouth": "factor", "muscle": "kinase"}


def values(colours: Palette) -> dict[str, str]:
    """Every role's colour in one medium, as hex."""
    dark = colours is diagrams.DARK
    made = {
        "paper": colours.paper,
        "band": "#3a2a12" if dark else "#fdf0d5",
        "ink": colours.ink,
        "muted": "#b6c0cd" if dark else "#475569",
        "axis": colours.edge,
        "grid": "#76818f" if dark else "#8791a0",
    }
    return made | {role: colours.tones[tone].line for role, tone in _ROLE.items()}


LIGHT, DARK, PRINT = (values(colours) for colours in (diagrams.LIGHT, diagrams.DARK, diagrams.PRINT))

_RULES = """\
.kb-plot text{{font-family:{font};font-size:14px;fill:{ink}}}
.kb-plot .kb-second{{font-size:12.5px;fill:{muted}}}
.kb-plot .kb-head{{font-size:15px}}
.kb-plot .kb-end{{text-anchor:end}}
.kb-plot .kb-middle{{text-anchor:middle}}
.kb-plot .kb-none{{fill:none}}
.kb-plot .kb-hollow{{fill:{paper}}}
.kb-plot .kb-dash{{stroke-dasharray:7 4}}
.kb-plot .kb-dots{{stroke-dasharray:2 4}}
.kb-plot .kb-axis{{stroke:{axis};stroke-width:1.25px}}
.kb-plot .kb-grid{{stroke:{grid};stroke-width:.75px}}
.kb-plot .kb-band{{fill:{band}}}
"""
_SERIES = """\
.kb-plot .kb-{name}{{stroke:{colour};stroke-width:2px}}
.kb-plot .kb-{name}-full{{fill:{colour};stroke:{colour};stroke-width:2px}}
"""
#: Roles that are drawn as a series: a line, and the same filled.
SERIES = [name for name in LINES if name not in ("axis", "grid")]


def _rules(font: str, colours: dict[str, str]) -> str:
    css = _RULES.format(font=font, **colours)
    return css + "".join(_SERIES.format(name=name, colour=colours[name]) for name in SERIES)


def web_style_sheet() -> str:
    """The site's style sheet for plots: variables for light, dark and paper, then one set of rules."""

    def block(selector: str, colours: dict[str, str]) -> str:
        return selector + "{" + "".join(f"--kb-plot-{name}:{value};" for name, value in colours.items()) + "}\n"

    css = "/* Made from ketamine_kb.plots.palette; change the table there. */\n"
    css += block(":root", LIGHT)
    css += block("html[data-theme=dark]", DARK)
    css += "@media (prefers-color-scheme:dark){" + block("html:not([data-theme=light])", DARK) + "}\n"
    css += "@media print{" + block("html:root,html[data-theme]", PRINT) + "}\n"
    return css + _rules('"KB Diagram",sans-serif', {name: f"var(--kb-plot-{name})" for name in LIGHT})


def print_style_block() -> str:
    """Rules with the print colours written in, for an SVG that stands alone in a PDF."""
    return _rules("Inter", PRINT)
