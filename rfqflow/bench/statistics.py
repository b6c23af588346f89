"""Medians, intervals, and ratios within a round.

There are no means, since one pause of a shared machine would dominate a mean.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS_FOR_AN_INTERVAL = 6  # fewer values have no interval that contains the median with a probability of 95 %


@dataclass(frozen=True, slots=True)
class Figure:
    """A median over rounds with an interval: the 95 % interval, or the whole range with fewer than six rounds."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """The figure of these values. It assumes no distribution: the ends of the interval are measured values."""
        ordered = sorted(values)
        count = len(ordered)
        cut = 0
        if count >= ROUNDS_FOR_AN_INTERVAL:
            while sum(math.comb(count, k) for k in range(cut + 1)) / 2**count <= 0.025:  # noqa: PLR2004 - half of 5 %
                cut += 1
            cut -= 1
        return cls(statistics.median(ordered), ordered[cut], ordered[count - 1 - cut], count)

    def plain(self) -> dict[str, Any]:
        """The figure in types that JSON has."""
        return {"median": self.median, "low": self.low, "high": self.high, "rounds": self.rounds}


def ratio(these: Sequence[float], those: Sequence[float]) -> Figure:
    """The ratio of two values of the same round, so that a drift between rounds has no effect."""
    return Figure.of([this / that for this, that in zip(these, those, strict=True)])


def difference(these: Sequence[float], those: Sequence[float]) -> Figure:
    """The difference of two values of the same round."""
    return Figure.of([this - that for this, that in zip(these, those, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The percentile by nearest rank, which is always a measured value."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
