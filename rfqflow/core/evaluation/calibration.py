"""Measures and calibrates confidence. Pure.

A claim is a pair of a confidence, and whether the answer was right. The curve is isotonic, so it does not change the
order of confidences.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rfqflow.core.evaluation.statistics import Proportion

BINS = 10
Claims = Sequence[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Bin:
    """The claims with a confidence of at least `low` and below `high`. The last bin includes 1."""

    low: float
    high: float
    confidence: float  # mean confidence of the claims
    right: Proportion


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """The share `coverage` of all claims has a confidence of at least `threshold`.

    Of these claims, the share `risk` is wrong.
    """

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Points in order of confidence, whose second value never falls, with straight lines between them.

    The curve is level before the first point and after the last point.
    """

    points: tuple[tuple[float, float], ...]

    def __call__(self, confidence: float) -> float:
        if not self.points:
            return confidence
        at = bisect_left(self.points, (confidence,))
        if at == 0:
            return self.points[0][1]
        if at == len(self.points):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[at - 1], self.points[at]
        return y1 if confidence >= x1 else y0 + (y1 - y0) * (confidence - x0) / (x1 - x0)


def reliability(claims: Claims, bins: int = BINS) -> list[Bin]:
    """The claims by equal ranges of confidence, without empty ranges."""
    inside: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in claims:
        inside[min(int(confidence * bins), bins - 1)].append((confidence, right))
    return [
        Bin(
            number / bins, (number + 1) / bins, sum(confidence for confidence, _ in found) / len(found),
            Proportion(sum(right for _, right in found), len(found)),
        )
        for number, found in sorted(inside.items())
    ]  # fmt: skip


def expected_error(claims: Claims, bins: int = BINS) -> float:
    """The expected calibration error (ECE).

    It is the mean distance between confidence and accuracy of the ranges, weighted by their claims.
    """
    return sum(
        abs(bucket.confidence - bucket.right.value) * bucket.right.total for bucket in reliability(claims, bins)
    ) / max(len(claims), 1)


def brier(claims: Claims) -> float:
    """The mean squared distance between confidence and truth. 0 is perfect; a constant confidence of 0.5 gives 0.25."""
    return sum((confidence - right) ** 2 for confidence, right in claims) / max(len(claims), 1)


def risk_coverage(claims: Claims) -> list[CoveragePoint]:
    """Coverage and risk for each confidence, from the highest down. Equal confidences make one point."""
    ordered = sorted(claims, key=lambda claim: -claim[0])
    found = []
    wrong = 0
    for number, (confidence, right) in enumerate(ordered, 1):
        wrong += not right
        if number == len(ordered) or ordered[number][0] != confidence:
            found.append(CoveragePoint(confidence, number / len(ordered), wrong / number))
    return found


def review_share(claims: Claims, accuracy: float) -> float | None:
    """The smallest share of claims to review, the least confident first, so that the others reach this accuracy.

    None if no share is enough.
    """
    enough = [point.coverage for point in risk_coverage(claims) if 1 - point.risk >= accuracy]
    return 1 - max(enough) if enough else None


def isotonic(claims: Claims) -> CalibrationCurve:
    """The rising curve with the smallest squared distance from the truth (pool adjacent violators)."""
    weights: dict[float, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for confidence, right in claims:
        weights[confidence][0] += right
        weights[confidence][1] += 1
    blocks: list[_Block] = []
    for confidence, (hits, total) in sorted(weights.items()):
        blocks.append(_Block(confidence, confidence, hits, total))
        while len(blocks) > 1 and blocks[-2].mean >= blocks[-1].mean:
            last = blocks.pop()
            before = blocks.pop()
            blocks.append(_Block(before.low, last.high, before.hits + last.hits, before.total + last.total))
    return CalibrationCurve(tuple(_points(blocks)))


@dataclass(frozen=True, slots=True)
class _Block:
    low: float
    high: float
    hits: float
    total: float

    @property
    def mean(self) -> float:
        return self.hits / self.total


def _points(blocks: Iterable[_Block]) -> Iterable[tuple[float, float]]:
    for block in blocks:
        yield block.low, block.mean
        if block.high > block.low:
            yield block.high, block.mean
