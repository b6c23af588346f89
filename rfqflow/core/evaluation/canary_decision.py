"""Decides whether a canary is clearly worse than the active prompt. Pure.

It checks after 20, 40, 80 RFQs and so on. Check number k may err with probability alpha / (k (k + 1)), so all checks
together err with at most alpha. So even a long canary that is good is stopped by mistake at most that often.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rfqflow.core.evaluation.statistics import fisher_greater

FIRST_LOOK = 20
ALPHA = 0.05
_MEASURES = (("failed", "fails"), ("overridden", "is overridden"))  # each has half of the error probability


@dataclass(frozen=True, slots=True)
class InterimResult:
    """Check `number`, from 1; `worse` names the worse figure, if it is clear."""

    number: int
    worse: str | None


def look(figures: Mapping[str, Any]) -> InterimResult | None:
    """The check of a canary's `ai.trial_figures`; None if it is too early for the next one."""
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
