"""Decides whether a canary is clearly worse than the active prompt. Pure.

It checks after 20, 40, 80 RFQs and so on. Check number k may be wrong with probability alpha / (k (k + 1)), so all
checks together are wrong with at most alpha. So a good canary is stopped by mistake with at most this probability, even
if it runs long.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rfqflow.core.evaluation.statistics import fisher_greater

FIRST_LOOK = 20
ALPHA = 0.05
_MEASURES = (("failed", "fails"), ("overridden", "is overridden"))  # each gets half of the error probability


@dataclass(frozen=True, slots=True)
class InterimResult:
    """The result of check `number`, from 1. `worse` names the figure that is clearly worse, if there is one."""

    number: int
    worse: str | None


def look(figures: Mapping[str, Any]) -> InterimResult | None:
    """Checks a canary's `ai.trial_figures`. None: it is too early for the next check."""
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
