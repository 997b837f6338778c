"""Answers of earlier runs: an interrupted check goes on where it stopped, and a good link is not asked every hour."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ketamine_kb.checks.links import Verdict

#: A larger file is not ours.
MOST_BYTES = 20_000_000
#: Verdicts that are believed for a while; the others are worth asking again at once.
KEPT = frozenset({Verdict.WORKS, Verdict.MOVED})


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was found when."""

    verdict: Verdict
    reason: str
    asked: dt.datetime


class Cache:
    """A file with one answer a line, written as they come. Damaged lines are answers that were not given."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: dict[str, Remembered] = {}
        if path.is_file() and path.stat().st_size <= MOST_BYTES:
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._read(line)

    def _read(self, line: str) -> None:
        try:
            row = json.loads(line)
            address, verdict, reason, asked = (str(row[key]) for key in ("address", "verdict", "reason", "asked"))
            when = dt.datetime.fromisoformat(asked)
            if when.tzinfo is not None:
                self.answers[address] = Remembered(Verdict(verdict), reason[:2000], when)
        except (ValueError, TypeError, KeyError, RecursionError):
            return

    def fresh(self, address: str, hours: float, now: dt.datetime) -> Remembered | None:
        """The answer for an address, if it may still be believed."""
        known = self.answers.get(address)
        if known is None or known.verdict not in KEPT:
            return None
        age = now - known.asked
        return known if dt.timedelta(0) <= age < dt.timedelta(hours=hours) else None

    def add(self, address: str, verdict: Verdict, reason: str, now: dt.datetime) -> None:
        """Keep one answer, in the file at once."""
        self.answers[address] = Remembered(verdict, reason, now)
        with self.path.open("a", encoding="utf-8") as lines:
            lines.write(_line(address, self.answers[address]))

    def keep_only(self, addresses: Mapping[str, object]) -> None:
        """Write the file anew, with the answers for these addresses alone."""
        text = "".join(_line(address, self.answers[address]) for address in sorted(addresses) if address in self.answers)
        new = self.path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(self.path)


def _line(address: str, known: Remembered) -> str:
    row = {"address": address, "verdict": known.verdict.value, "reason": known.reason, "asked": known.asked.isoformat(timespec="seconds")}
    return json.dumps(row, ensure_ascii=True) + "\n"
