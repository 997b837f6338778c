"""How hard the plain section of each page is to read.

The grade is that of Flesch and Kincaid: 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid, Fishburne, Rogers and Chissom,
"Derivation of new readability formulas", Research Branch Report 8-75, 1975). Terms of the glossary are left out, because the page
explains them on hover and a reader meets them anyway. Syllables are counted by groups of vowels, which needs no word list.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from ketamine_kb.checks.prose import Sentence, sentences
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Project

#: The heading of the plain section.
PLAIN = "In plain words"
#: Highest grade of one page's plain section, of the middle of all pages, and most words a sentence on average.
HIGHEST, MIDDLE, WORDS = 10.0, 8.0, 18.0

_TERM = re.compile(r"\{term\}`[^`]*`")
_ROLE = re.compile(r"\{[\w:+-]+\}`(?:([^`<]*)<[^`]*>|[^`]*)`")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d+(?:[.,]\d+)*%?")
#: Words of these pages in which two vowels side by side are two syllables.
_APART = re.compile(r"\b(?:area|being|create|idea|nausea|quiet|real|science|create)")
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured of one plain section.

    :param sentences: how many.
    :param words: words outside glossary terms.
    :param syllables: in those words.
    """

    path: str
    line: int
    sentences: int
    words: int
    syllables: int

    @property
    def length(self) -> float:
        """Words a sentence on average."""
        return self.words / self.sentences

    @property
    def grade(self) -> float:
        """US school grade by Flesch and Kincaid."""
        return 0.39 * self.length + 11.8 * self.syllables / self.words - 15.59


def measure(project: Project) -> list[Reading]:
    """The plain section of every page that has one, in the order of the files."""
    found = []
    for page in project.pages():
        name = project.relative(page)
        parts = list(_plain(sentences(project.read(page))))
        words = [word for part in parts[1:] for word in _words(part.text)]
        whole = [part for part in parts[1:] if _words(part.text)]
        if whole:
            found.append(Reading(name, parts[0].line, len(whole), len(words), sum(syllables(word) for word in words)))
    return found


def check(project: Project) -> list[Fault]:
    """Plain sections that are too hard, and all of them when their middle is."""
    readings = measure(project)
    faults = [fault for reading in readings for fault in _faults(reading)]
    if readings and (middle := statistics.median(reading.grade for reading in readings)) > MIDDLE:
        hardest = max(readings, key=lambda reading: reading.grade)
        found = f"plain sections of grade {middle:.1f} in the middle"
        faults.append(
            Fault(hardest.path, hardest.line, 0, Code.HARD_TO_READ, found, f"at most {MIDDLE:g}: begin with this one", run="nox -s lint")
        )
    return faults


def _faults(reading: Reading) -> Iterator[Fault]:
    if reading.grade > HIGHEST:
        found = f"a plain section of grade {reading.grade:.1f}"
        expected = f"at most {HIGHEST:g}: shorter sentences and shorter words"
        yield Fault(reading.path, reading.line, 0, Code.HARD_TO_READ, found, expected, run="nox -s lint")
    if reading.length > WORDS:
        found = f"plain sentences of {reading.length:.1f} words on average"
        yield Fault(reading.path, reading.line, 0, Code.HARD_TO_READ, found, f"at most {WORDS:g}", run="nox -s lint")


def _plain(parts: Iterator[Sentence]) -> Iterator[Sentence]:
    """The heading of the plain section and its sentences, to the next heading."""
    inside = False
    for part in parts:
        if part.block == "heading":
            if inside:
                return
            inside = part.text == PLAIN
        if inside and part.block != "option":
            yield part


def _words(text: str) -> list[str]:
    """The words that a reader reads, without glossary terms."""
    bare = _ROLE.sub(lambda match: match[1] or " ", _TERM.sub(" ", text))
    return _WORD.findall(_LINK.sub(r"\1", bare))


def syllables(word: str) -> int:
    """How many syllables an English word has, by its groups of vowels; a number counts as one."""
    low = word.lower().replace("’", "'")
    count = 0
    for part in re.split(r"['-]", low):
        groups = len(_VOWELS.findall(part))
        if groups > 1 and part.endswith("e") and not re.search(r"[^aeiouy]le$|[aeiouy]e$", part):
            groups -= 1  # a silent e
        if groups > 1 and re.search(r"[^aeiouytd]ed$", part):
            groups -= 1  # "helped" has one
        if re.search(r"i[ao](?!n?ge)|[^qg]ua", part) and not re.search(r"[tsc]i[ao]", part):
            groups += 1  # "trial", "anxious" apart
        count += groups + len(_APART.findall(part))
    return max(count, 1)
