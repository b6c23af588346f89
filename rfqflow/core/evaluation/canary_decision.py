"""A canary on trial: whether it is clearly worse than what it is to replace. Pure.

It is looked at when it has answered 20 RFQs, 40, 80 and so on. Look number k may be wrong with a chance of
alpha / (k (k + 1)), and all of them together sum up to alpha: however long a good canary runs, and whatever is looked
at, it is stopped for nothing at most that often.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rfqflow.core.evaluation.statistics import fisher_greater

FIRST_LOOK = 20
ALPHA = 0.05
_MEASURES = (("failed", "fails"), ("overridden", "is overridden"))  # each has half of the risk


@dataclass(frozen=True, slots=True)
class InterimResult:
    """Look `number`, the first one being 1; `worse` says in which way, where it is clear."""

    number: int
    worse: str | None


def look(figures: Mapping[str, Any]) -> InterimResult | None:
    """What `ai.trial_figures` of a canary says; None where it is too early for another look."""
    candidate, base = figures["candidate"], figures["base"]
    number = (candidate["rfqs"] // FIRST_LOOK).bit_length()
    if number <= figures["looks"]:
        return None
    allowed = ALPHA / (number * (number + 1)) / len(_MEASURES)
    for key, does in _MEASURES:
        p = fisher_greater(candidate[key], candidate["rfqs"], base[key], base["rfqs"])
        if base["rfqs"] and p < allowed:
            return InterimResult(
                number, f"{does} {_share(candidate[key], candidate['rfqs'])} against {_share(base[key], base['rfqs'])}"
            )
    return InterimResult(number, None)


def _share(hits: int, total: int) -> str:
    return f"{hits} of {total} ({hits / max(total, 1):.0%})"
