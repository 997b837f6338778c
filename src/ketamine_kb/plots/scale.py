"""From values to pixels: round ticks, straight scales, numbers as readers expect them."""

from __future__ import annotations

import math
from dataclasses import dataclass

MINUS = "−"


@dataclass(frozen=True)
class Scale:
    """A straight scale from ``low``..``high`` onto ``start``..``end`` pixels."""

    low: float
    high: float
    start: float
    end: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"a scale from {self.low:g} to {self.high:g}, expected the lower end first")

    def at(self, value: float) -> float:
        """Pixels of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def clipped(self, value: float) -> float:
        """Pixels of a value, or of the end that it lies beyond."""
        return self.at(min(max(value, self.low), self.high))

    def holds(self, value: float) -> bool:
        """Whether a value lies on the scale."""
        return self.low <= value <= self.high


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Round values (1, 2 or 5 times a power of ten) from ``low`` to ``high``, at most ``most`` of them."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"ticks from {low:g} to {high:g}, expected the lower end first")
    rough = (high - low) / max(most - 1, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(index * step, 10) + 0.0 for index in range(first, last + 1)]


def number(value: float, decimals: int = 1) -> str:
    """A number for readers: decimal point, proper minus sign, no minus before zero."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def short(value: float) -> str:
    """A number with as many decimals as it needs, at most two."""
    return number(value, 2).rstrip("0").rstrip(".") if value != round(value) else number(value, 0)


def span(hours: float) -> str:
    """A length of time in words: minutes below two hours, hours below two days, then days."""
    if hours < 2:
        minutes = round(hours * 60)
        return f"{minutes} minute{'' if minutes == 1 else 's'}" if hours != 1 else "1 hour"
    if hours < 48:
        return f"{short(round(hours, 1))} hours"
    days = hours / 24
    return f"{short(round(days, 1))} days"
