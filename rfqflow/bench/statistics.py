"""Medians, spreads and ratios of the same round. No averages: one pause of a shared machine would dominate them."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS_FOR_AN_INTERVAL = 6  # with fewer, no pair of order statistics covers the median with 95 %


@dataclass(frozen=True, slots=True)
class Figure:
    """A median over rounds with what it lies between: a 95 % interval from six rounds on, before that all of them."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """Distribution-free: the interval's ends are values that were measured."""
        ordered = sorted(values)
        count = len(ordered)
        cut = 0
        if count >= ROUNDS_FOR_AN_INTERVAL:
            while sum(math.comb(count, k) for k in range(cut + 1)) / 2**count <= 0.025:  # noqa: PLR2004 - half of 5 %
                cut += 1
            cut -= 1
        return cls(statistics.median(ordered), ordered[cut], ordered[count - 1 - cut], count)

    def plain(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"median": self.median, "low": self.low, "high": self.high, "rounds": self.rounds}


def ratio(these: Sequence[float], those: Sequence[float]) -> Figure:
    """The ratio of pairs from the same round, so that drift between rounds cancels out."""
    return Figure.of([this / that for this, that in zip(these, those, strict=True)])


def difference(these: Sequence[float], those: Sequence[float]) -> Figure:
    """As `ratio`."""
    return Figure.of([this - that for this, that in zip(these, those, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: always a measured value."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
