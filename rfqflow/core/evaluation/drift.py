"""Detects drift: compares the distribution of last week's answers with the weeks before. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rfqflow.core.evaluation.statistics import chi_square, total_variation

ALPHA = 0.01
LEAST_SHIFT = 0.1  # share that must have moved, since with thousands of RFQs a tiny change is significant
_LEAST = 30  # least number of RFQs on each side for a finding
_FEW = 5
_BANDS = ("below 0.35", "0.35 to 0.5", "0.5 to 0.65", "0.65 to 0.8", "0.8 to 0.9", "0.9 and more")


@dataclass(frozen=True, slots=True)
class Drift:
    what: str
    lately: Mapping[str, float]  # shares of the last seven days
    past: Mapping[str, float]
    moved: float  # share of the answers that have moved to another value
    p: float
    warns: bool
    enough: bool

    @property
    def most_moved(self) -> list[str]:
        """The values whose shares changed, the largest change first."""
        names = sorted({*self.lately, *self.past})
        return sorted(names, key=lambda name: -abs(self.lately.get(name, 0.0) - self.past.get(name, 0.0)))


def drifts(rows: Iterable[Mapping[str, Any]]) -> list[Drift]:
    """The drifts. `rows`: the counts of `EvaluationStore.weekly`, where age 0 is the last seven days."""
    found = list(rows)
    return [
        _drift(name, found, key)
        for name, key in (
            ("route", lambda row: {row["route"]: row["rfqs"]}),
            ("language", lambda row: {row["language"]: row["rfqs"]}),
            ("confidence", lambda row: {} if row["band"] is None else {_BANDS[row["band"]]: row["rfqs"]}),
            ("override", lambda row: {"yes": row["overridden"], "no": row["rfqs"] - row["overridden"]}),
        )
    ]


def _drift(what: str, rows: Sequence[Mapping[str, Any]], key: Any) -> Drift:
    now: Counter[str] = Counter()
    past: Counter[str] = Counter()
    for row in rows:
        (past if row["age"] else now).update(key(row))
    enough = min(now.total(), past.total()) >= _LEAST
    p = chi_square(*_pooled(now, past)) if enough else 1.0
    moved = total_variation(now, past)
    # Overrides are rare, so a smaller shift matters: if they double, that is far less than a tenth of all answers.
    least = LEAST_SHIFT / 5 if what == "override" else LEAST_SHIFT
    return Drift(what, _shares(now), _shares(past), moved, p, enough and p < ALPHA and moved >= least, enough)


def _pooled(now: Counter[str], past: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """Merges rare values, since the test needs several of each."""
    share = min(now.total(), past.total()) / max(now.total() + past.total(), 1)
    sides = (Counter[str](), Counter[str]())
    for name in now | past:
        group = name if (now[name] + past[name]) * share >= _FEW else "(rare)"
        sides[0][group] += now[name]
        sides[1][group] += past[name]
    return sides


def _shares(counts: Counter[str]) -> dict[str, float]:
    return {name: count / counts.total() for name, count in counts.most_common() if count}
