"""The colours of every diagram, once: light, dark and print values per role.

The style sheet for the web, the style block for print and the contrast tests are all made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Node classes an author may use, with what they stand for.
CLASSES = {
    "drug": "a medicine",
    "receptor": "a receptor",
    "transmitter": "a messenger between cells",
    "cell": "a cell",
    "factor": "a growth factor",
    "kinase": "an enzyme that passes signals on",
    "process": "something that happens",
    "outcome": "a result",
    "hub": "a hub of a brain network",
    "region": "a brain region or network",
}


@dataclass(frozen=True, slots=True)
class Tone:
    """Fill, outline and text colour of one node class, as hex."""

    fill: str
    line: str
    ink: str


@dataclass(frozen=True, slots=True)
class Palette:
    """All colours for one medium."""

    paper: str
    ink: str
    edge: str
    cluster_fill: str
    cluster_line: str
    tones: dict[str, Tone]


LIGHT = Palette(
    paper="#ffffff",
    ink="#111827",
    edge="#334155",
    cluster_fill="#f8fafc",
    cluster_line="#64748b",
    tones={
        "drug": Tone("#fef3c7", "#b45309", "#451a03"),
        "receptor": Tone("#dbeafe", "#1d4ed8", "#172554"),
        "transmitter": Tone("#fee2e2", "#b91c1c", "#450a0a"),
        "cell": Tone("#f3f4f6", "#4b5563", "#111827"),
        "factor": Tone("#dcfce7", "#15803d", "#052e16"),
        "kinase": Tone("#ede9fe", "#6d28d9", "#2e1065"),
        "process": Tone("#cffafe", "#0e7490", "#083344"),
        "outcome": Tone("#ecfccb", "#3f6212", "#1a2e05"),
        "hub": Tone("#e0e7ff", "#4338ca", "#1e1b4b"),
        "region": Tone("#f1f5f9", "#475569", "#0f172a"),
    },
)

DARK = Palette(
    paper="#121417",
    ink="#e5e7eb",
    edge="#cbd5e1",
    cluster_fill="#1a1e24",
    cluster_line="#94a3b8",
    tones={
        "drug": Tone("#422006", "#f59e0b", "#fef3c7"),
        "receptor": Tone("#172a54", "#7aa7f7", "#dbeafe"),
        "transmitter": Tone("#4c1414", "#f87171", "#fee2e2"),
        "cell": Tone("#272b33", "#9ca3af", "#f3f4f6"),
        "factor": Tone("#0d3320", "#4ade80", "#dcfce7"),
        "kinase": Tone("#321a63", "#a78bfa", "#ede9fe"),
        "process": Tone("#0b3440", "#22d3ee", "#cffafe"),
        "outcome": Tone("#263510", "#a3e635", "#ecfccb"),
        "hub": Tone("#25236b", "#a5b4fc", "#e0e7ff"),
        "region": Tone("#222a35", "#a8b5c7", "#f1f5f9"),
    },
)

#: Paper is often printed without colour: pale fills, dark lines, black text.
PRINT = Palette(
    paper="#ffffff",
    ink="#000000",
    edge="#1f2937",
    cluster_fill="#ffffff",
    cluster_line="#4b5563",
    tones={name: Tone(tone.fill, tone.line, "#000000") for name, tone in LIGHT.tones.items()},
)


def luminance(colour: str) -> float:
    """Relative luminance of a hex colour, 0 to 1 (WCAG 2.2, definition "relative luminance")."""

    def channel(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two hex colours, 1 to 21 (WCAG 2.2, definition "contrast ratio")."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def variables(palette: Palette) -> dict[str, str]:
    """Custom properties of one palette, without the leading ``--kb-``."""
    values = {
        "paper": palette.paper,
        "ink": palette.ink,
        "edge": palette.edge,
        "cluster-fill": palette.cluster_fill,
        "cluster-line": palette.cluster_line,
    }
    for name, tone in palette.tones.items():
        values |= {f"{name}-fill": tone.fill, f"{name}-line": tone.line, f"{name}-ink": tone.ink}
    return values


_RULES = """\
.kb-svg text{{font-family:{font};font-size:15px;fill:{ink};text-anchor:middle}}
.kb-node>.kb-shape{{fill:{cell_fill};stroke:{cell_line};stroke-width:1.5px}}
.kb-edge{{fill:none;stroke:{edge};stroke-width:2px}}
.kb-line-mixed{{stroke-dasharray:10 5}}
.kb-line-contested{{stroke-dasharray:10 4 2 4}}
.kb-line-hypothesis{{stroke-dasharray:2 5}}
.kb-reach{{fill:none;stroke:{paper};stroke-opacity:0;stroke-width:24px}}
.kb-tip{{fill:{edge};stroke:{edge};stroke-width:1px}}
.kb-plate{{fill:{paper};stroke:none}}
.kb-svg a{{cursor:pointer;text-decoration:none}}
.kb-svg a:hover .kb-shape,.kb-svg a:focus-visible .kb-shape,.kb-now>.kb-shape{{stroke-width:4px}}
.kb-svg a:hover .kb-plate,.kb-svg a:focus-visible .kb-plate{{stroke:{edge};stroke-width:2px}}
.kb-svg a:focus-visible{{outline:3px solid {edge};outline-offset:2px}}
.kb-walking .kb-edge,.kb-walking .kb-node,.kb-walking .kb-label{{opacity:.25}}
.kb-walking .kb-past{{opacity:.7}}
.kb-walking .kb-now,.kb-walking .kb-legend .kb-edge{{opacity:1}}
.kb-walking .kb-edge.kb-now{{stroke-width:4px}}
.kb-cluster>rect{{fill:{cluster_fill};stroke:{cluster_line};stroke-width:1px}}
"""

_TONE = """\
.kb-{name}>.kb-shape{{fill:{fill};stroke:{line}}}
.kb-{name} text{{fill:{ink}}}
"""


def _rules(font: str, value: dict[str, str]) -> str:
    css = _RULES.format(font=font, **{key.replace("-", "_"): word for key, word in value.items()})
    for name in CLASSES:
        css += _TONE.format(name=name, **{part: value[f"{name}-{part}"] for part in ("fill", "line", "ink")})
    return css


def web_style_sheet() -> str:
    """The site's diagram style sheet: variables for light, dark and paper, then one set of rules."""

    def block(selector: str, palette: Palette) -> str:
        body = "".join(f"--kb-{name}:{value};" for name, value in variables(palette).items())
        return f"{selector}{{{body}}}\n"

    names = variables(LIGHT)
    css = "/* Made from ketamine_kb.diagrams.palette; change the table there. */\n"
    css += '@font-face{font-family:"KB Diagram";src:url("inter-diagram.woff2") format("woff2");font-display:block}\n'
    css += block(":root", LIGHT)
    css += block("html[data-theme=dark]", DARK)
    css += "@media (prefers-color-scheme:dark){" + block("html:not([data-theme=light])", DARK) + "}\n"
    css += "@media print{" + block("html:root,html[data-theme]", PRINT) + "}\n"
    css += _rules('"KB Diagram",sans-serif', {name: f"var(--kb-{name})" for name in names})
    return css


def print_style_block() -> str:
    """Rules with the print colours written in, for an SVG that stands alone in a PDF."""
    return _rules("Inter", variables(PRINT))
