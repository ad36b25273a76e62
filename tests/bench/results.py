"""What was measured, what was aimed at, and the table that says so."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


class CannotMeasure(Exception):
    """A section can't be measured here; the message says why."""


@dataclass(frozen=True)
class Line:
    """One figure. `at_least` says on which side of `aim` is good; no aim, no judgement."""

    database: str
    what: str
    measured: float
    unit: str
    aim: float | None = None
    at_least: bool = True
    note: str = ""

    @property
    def verdict(self) -> str:
        """Met, not met, or nothing when the figure only explains another."""
        if self.aim is None:
            return ""
        good = self.measured >= self.aim if self.at_least else self.measured <= self.aim
        return "met" if good else "NOT MET"


@dataclass(frozen=True)
class Duel:
    """Two sides driven in turns: answers a second of each round, and the workers' time for one.

    The time in milliseconds of processor hardly depends on what else the machine does.
    """

    ours: Sequence[float]
    theirs: Sequence[float]
    our_cpu: float
    their_cpu: float

    @property
    def ratio(self) -> float:
        """Our share of their rate, the median over the rounds."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))

    def text(self, ours: str, theirs: str) -> str:
        """Both rates and how far the rounds lay apart, in words."""
        shares = [a / b for a, b in zip(self.ours, self.theirs, strict=True)]
        return (
            f"{ours} {statistics.median(self.ours):,.0f}/s, "
            f"{theirs} {statistics.median(self.theirs):,.0f}/s, "
            f"rounds {min(shares):.2f} to {max(shares):.2f}, "
            f"CPU {self.our_cpu:.1f} and {self.their_cpu:.1f} ms"
        )


def figure(value: float, unit: str) -> str:
    """Write a figure with its unit, percent for shares."""
    if unit == "%":
        return f"{value * 100:.0f} %"
    if unit == "×":
        return f"{value:.2f} ×"
    return f"{value:,.0f} {unit}" if unit else f"{value:,.0f}"


def table(lines: Sequence[Line]) -> str:
    """Return all lines as a table for a terminal (and for Markdown)."""
    head = ("database", "what", "measured", "aim", "", "how")
    rows = [
        (
            line.database,
            line.what,
            figure(line.measured, line.unit),
            ""
            if line.aim is None
            else f"{'≥' if line.at_least else '≤'} {figure(line.aim, line.unit)}",
            line.verdict,
            line.note,
        )
        for line in lines
    ]
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (head, tuple("-" * width for width in widths), *rows)
    ]
    return "\n".join(drawn)
