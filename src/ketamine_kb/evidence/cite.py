"""How a page or a claim is cited: one line of plain text, and an entry for BibTeX."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
#: Characters that LaTeX reads as commands, and how it prints them.
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # Not \{ and \}: BibTeX counts them as braces.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    **{sign: "\\" + sign for sign in "%&#$_"},
}


@dataclass(frozen=True, slots=True)
class Citable:
    """What a citation says of one page or claim.

    :param key: the key of the BibTeX entry.
    :param collection: the site that it belongs to.
    :param dated: what happened on ``day``, such as ``Evidence checked 21 November 2026``.
    :param address: the web address, empty where the site is not published.
    """

    key: str
    contributors: str
    title: str
    collection: str
    version: str
    day: dt.date
    dated: str
    address: str = ""

    @property
    def plain(self) -> str:
        """One line for a list of references."""
        title = self.title if self.title.endswith((".", "?", "!")) else self.title + "."
        line = f"{self.contributors} ({self.day.year}). {title} In: {self.collection}, version {self.version}. {self.dated}."
        return f"{line} {self.address}" if self.address else line

    @property
    def bibtex(self) -> str:
        """An entry that BibTeX and biber read, with capitals kept."""
        fields = {
            "author": f"{{{{{latex(self.contributors)}}}}}",
            "title": f"{{{{{latex(self.title)}}}}}",
            "howpublished": f"{{{latex(self.collection)}, version {latex(self.version)}}}",
            "year": f"{{{self.day.year}}}",
            "month": _MONTHS[self.day.month - 1],
            "note": f"{{{latex(self.dated)}}}",
        }
        if self.address:
            fields["url"] = f"{{{self.address}}}"
        lines = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
        return f"@misc{{{self.key},\n{lines}\n}}"


def latex(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(_LATEX.get(letter, letter) for letter in " ".join(text.split()))


def key_of(*parts: str) -> str:
    """A BibTeX key from words: small letters, digits and hyphens."""
    return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts if part)
