"""A formula in the small part of LaTeX that a page needs, as Typst markup and as words for the ear."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ketamine_kb.pdf.writer_base import literal

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|\d+(?:\.\d+)?|\xa0|\S", re.DOTALL)
#: Commands that are one sign, and how it is said.
SIGNS = {
    "times": ("×", "times"),
    "cdot": ("⋅", "times"),
    "div": ("÷", "divided by"),
    "pm": ("±", "plus or minus"),
    "le": ("≤", "at most"),
    "leq": ("≤", "at most"),
    "ge": ("≥", "at least"),
    "geq": ("≥", "at least"),
    "ne": ("≠", "is not"),
    "neq": ("≠", "is not"),
    "approx": ("≈", "is about"),
    "to": ("→", "to"),
    "infty": ("∞", "infinity"),
    "sum": ("∑", "the sum of"),
    "ln": ('"ln"', "the natural logarithm of"),
    "log": ('"log"', "the logarithm of"),
    "exp": ('"exp"', "the exponential of"),
    "%": ("%", "percent"),
    "{": ("\\{", "{"),
    "}": ("\\}", "}"),
    ",": (" ", ""),
    ";": (" ", ""),
    " ": (" ", ""),
    "quad": (" #h(1em);", ""),
    "left": ("", ""),
    "right": ("", ""),
    "Delta": ("Δ", "the change in"),
}
_GREEK = dict(zip(("alpha", "beta", "gamma", "delta", "lambda", "mu", "sigma", "tau", "chi"), "αβγδλμστχ", strict=True))
_SAID = {"=": "equals", "+": "plus", "-": "minus", "/": "divided by", "<": "is less than", ">": "is more than"}
#: A formula longer than this is not one that a page needs, nor are groups deeper than that.
LONGEST, DEEPEST = 2000, 20


class Unknown(ValueError):
    """A command or a form that is not known here; its text says which."""


@dataclass(frozen=True)
class _Part:
    shown: str
    said: str


class _Reader:
    def __init__(self, source: str) -> None:
        if len(source) > LONGEST:
            raise Unknown(f"{len(source)} characters")
        self.tokens = _TOKEN.findall(source)
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def row(self, end: str) -> _Part:
        """Everything up to ``end`` ("" is the end of the source), which is taken too."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unknown("too many groups inside each other")
        parts: list[_Part] = []
        while (token := self.peek()) != end:
            if token in ("", "}"):
                raise Unknown("braces that do not match")
            parts.append(self.scripted(self.atom()))
        self.take()
        self.depth -= 1
        return _Part(" ".join(part.shown for part in parts), " ".join(part.said for part in parts if part.said))

    def scripted(self, base: _Part) -> _Part:
        """An atom with what stands above and below it."""
        shown, said = "", ""
        while (token := self.peek()) in ("^", "_") and token:
            self.take()
            script = self.atom()
            shown += f", {'t' if token == '^' else 'b'}: ${script.shown}$"
            said += f" to the power {script.said}" if token == "^" else f" sub {script.said}"
        return _Part(f"#math.attach(${base.shown}${shown});", base.said + said) if shown else base

    def group(self) -> str:
        """The plain text in the braces of a command."""
        if self.take() != "{":
            raise Unknown("a command without its braces")
        words = []
        while (token := self.take()) != "}":
            if token in ("", "{") or token.startswith("\\"):
                raise Unknown("a text with more than words")
            words.append(token)
        return " ".join("".join(words).split())

    def atom(self) -> _Part:
        token = self.take()
        if token == "{":
            return self.row("}")
        if token == "\\frac":
            above, below = self.atom(), self.atom()
            return _Part(f"#math.frac(${above.shown}$, ${below.shown}$);", f"{above.said} over {below.said},")
        if token == "\\sqrt":
            inside = self.atom()
            return _Part(f"#math.sqrt(${inside.shown}$);", f"the square root of {inside.said},")
        if token in ("\\text", "\\mathrm"):
            words = self.group()
            return _Part(f"#{literal(words)};", words)
        if token.startswith("\\"):
            name = token[1:]
            if name in _GREEK:
                return _Part(_GREEK[name], name)
            if name not in SIGNS:
                raise Unknown(f"the command {token}")
            return _Part(*SIGNS[name])
        if token in ("", "^", "_", "}"):
            raise Unknown("nothing where something is needed")
        if token[0].isdigit():
            return _Part(token, token)
        return _Part(token if token.isalpha() and token.isascii() else f"\\{token}", _SAID.get(token, token))


def _read(source: str) -> _Part:
    # Words in \text keep the spaces between them, which the tokens would lose.
    kept = re.sub(r"(\\(?:text|mathrm)\s*)\{([^{}]*)\}", lambda found: f"{found[1]}{{{re.sub(r' +', chr(0xA0), found[2])}}}", source)
    return _Reader(kept.strip()).row("")


def typst(source: str) -> str:
    """The formula between the dollar signs of Typst.

    :raises Unknown: for a command or form that is not known here.
    """
    return _read(source).shown


def words(source: str) -> str:
    """The formula as it is said."""
    return " ".join(_read(source).said.split()).rstrip(",")
