"""What the person who asked has said: options, and questions for what is missing where somebody sits at the terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ketamine_kb.evidence.registries import printable
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty

RUN = "nox -s new --"
#: Longest answer that is taken, in characters.
MOST = 2000
#: So many wrong answers to one question end the questions.
TRIES = 5
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: Signs that a page or a BibTeX file would take for a command.
_SIGNS = re.compile(r"[`{}\\]")


def fault(found: str, expected: str, near: str = "", run: str = f"{RUN} --help") -> Fault:
    """A message of the scaffolding."""
    return Fault("nox -s new", 0, 0, Code.SCAFFOLD, found, expected, near, run=run)


@dataclass
class Answers:
    """Options by name, with the questions that they answer.

    :param given: what was said on the command line; a list for what may be said several times.
    :param ask: how to ask a question, or None when nobody is there.
    """

    given: dict[str, str | list[str] | None]
    ask: Callable[[str], str] | None = None
    missing: list[Fault] = field(default_factory=list)

    def text(self, name: str, about: str, *, default: str = "", least: int = 1, optional: bool = False) -> str:
        """One line of words."""
        return self._one(name, about, lambda said: _words(said, least), default, optional)

    def slug(self, name: str, about: str) -> str:
        """An id of small words with hyphens; also the name of a file."""
        return self._one(name, about, _slug)

    def word(self, name: str, about: str, allowed: Sequence[str], default: str = "") -> str:
        """One of a list."""
        return self._one(name, f"{about} ({', '.join(allowed)})", lambda said: _among(said, allowed), default)

    def words(self, name: str, about: str, allowed: Sequence[str], default: str = "") -> list[str]:
        """Some of a list, between commas."""

        def check(said: str) -> str:
            return ",".join(dict.fromkeys(_among(part.strip(), allowed) for part in said.split(",")))

        return [part for part in self._one(name, f"{about} ({', '.join(allowed)}; several with commas)", check, default).split(",") if part]

    def several(self, name: str) -> list[str]:
        """Everything said under an option that may stand several times, each in one line."""
        said = self.given.get(name) or []
        try:
            return [_words(part, 1) for part in ([said] if isinstance(said, str) else said)]
        except ValueError as error:
            self.missing.append(fault(f"--{name}: {error.args[0]}", error.args[1]))
            return []

    def has(self, name: str) -> bool:
        """Whether the option was given."""
        return bool(self.given.get(name))

    def done(self) -> None:
        """End the questions.

        :raises Faulty: with everything that is wrong or missing, in one list.
        """
        if self.missing:
            raise Faulty(self.missing)

    def _one(self, name: str, about: str, check: Callable[[str], str], default: str = "", optional: bool = False) -> str:
        said = self.given.get(name)
        if isinstance(said, str) and said:
            try:
                return check(said)
            except ValueError as error:
                self.missing.append(fault(f"--{name} {_short(said)}: {error.args[0]}", error.args[1], *error.args[2:]))
                return ""
        if default:
            return check(default)
        if self.ask is None:
            if not optional:
                self.missing.append(fault(f"no --{name}", about))
            return ""
        for _ in range(TRIES):
            said = self.ask(f"{about}{' (may stay empty)' if optional else ''}: ").strip()
            if not said and optional:
                return ""
            try:
                return check(said)
            except ValueError as error:
                sys.stderr.write(f"{error.args[0]} - expected {error.args[1]}\n")
        self.missing.append(fault(f"no usable answer for --{name} after {TRIES} tries", about))
        return ""


def _short(said: str) -> str:
    return repr(printable(said[:60]))


def _words(said: str, least: int) -> str:
    if len(said) > MOST:
        raise ValueError(f"{len(said)} characters", f"at most {MOST}")
    line = printable(said)
    if sign := _SIGNS.search(line):
        raise ValueError(f"the sign {sign[0]!r}", "plain words without ` { } or \\")
    if len(line) < least:
        raise ValueError(f"{len(line)} characters", f"at least {least}")
    return line


def _slug(said: str) -> str:
    if len(said) > 90 or not _SLUG.fullmatch(said):
        raise ValueError("not an id", "at most 90 small letters, digits and hyphens, such as ketamine-blocks-nmda")
    return said


def _among(said: str, allowed: Sequence[str]) -> str:
    if said not in allowed:
        raise ValueError(f"{_short(said)} is not known", "one of " + ", ".join(allowed), nearest(said[:100], allowed))
    return said
