"""Estimates a cascade of a cheap model and an expensive model from two evaluations. Pure.

The cheap model answers first, and the expensive model only if the cheap model is unsure. This saves calls to the
expensive model, and loses some of the cases that only the expensive model gets right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rfqflow.core.answer import Answer
from rfqflow.core.evaluation import statistics
from rfqflow.core.evaluation.metrics import Result
from rfqflow.core.evaluation.statistics import Proportion, RandomSource

_THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """The result if the cheap model's answers are accepted from the confidence `threshold` on."""

    threshold: float
    kept: Proportion  # cases that need no second call
    accuracy: Proportion
    lost: float  # accuracy of the expensive model minus accuracy of the cascade
    low: float
    high: float
    usd_per_rfq: float | None  # None: the cost of one of the two models is unknown
    saved: float | None  # share of the expensive model's cost; negative if two calls cost more than they save


def steps(
    cheap: Sequence[Result],
    dear: Sequence[Result],
    chance: RandomSource,
    stands: Callable[[Answer, float], bool] = lambda answer, threshold: answer.confidence >= threshold,
    *,
    rounds: int = 2_000,
) -> list[ThresholdPoint]:
    """The result for each threshold. Uses the first repetition of each case.

    `stands`: whether workers would accept a cheap answer at a threshold.
    """
    others = {result.case_id: result for result in dear if result.repeat == 1 and result.routed}
    pairs = [
        (result, others[result.case_id])
        for result in cheap
        if result.repeat == 1 and result.routed and result.case_id in others
    ]
    return [_step(pairs, threshold, chance, stands, rounds) for threshold in _THRESHOLDS] if pairs else []


def _step(
    pairs: Sequence[tuple[Result, Result]],
    threshold: float,
    chance: RandomSource,
    stands: Callable[[Answer, float], bool],
    rounds: int,
) -> ThresholdPoint:
    kept = right = 0
    priced = True
    cost = alone = 0.0
    families: dict[str, list[float]] = {}
    for cheap, dear in pairs:
        enough = cheap.answer is not None and stands(cheap.answer, threshold)
        used = cheap if enough else dear
        kept += enough
        right += used.right
        priced = priced and cheap.cost_usd is not None and dear.cost_usd is not None
        alone += float(dear.cost_usd or 0)
        cost += float(cheap.cost_usd or 0) + (0.0 if enough else float(dear.cost_usd or 0))
        families.setdefault(str(cheap.facts.get("family") or cheap.case_id), []).append(dear.right - used.right)
    low, high = statistics.bootstrap_mean(list(families.values()), chance, rounds=rounds)
    total = len(pairs)
    best = sum(dear.right for _, dear in pairs)
    return ThresholdPoint(
        threshold, Proportion(kept, total), Proportion(right, total), (best - right) / total, low, high,
        cost / total if priced else None, 1 - cost / alone if priced and alone else None,
    )  # fmt: skip
