"""Compares two evaluations of the same cases: better, worse, or too few cases to tell. Pure.

Pairs answers by case, and tests the accuracy with McNemar's exact test. Cases that are nearly copies form a family. If
there are such families, the interval over whole families must exclude zero as well. A small but real difference counts
as "better". Only the quality gate requires a minimum effect.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rfqflow.core.evaluation import scoring, statistics
from rfqflow.core.evaluation.metrics import Result
from rfqflow.core.evaluation.statistics import EMPTY, Agreement, RandomSource

Verdict = Literal["better", "worse", "can't tell"]
MINIMUM_EFFECT = 0.02
_ALPHA = 0.05
_POWER = 0.8


@dataclass(frozen=True, slots=True)
class Difference:
    """The second value minus the first, with the 95 % interval over families."""

    name: str
    first: float
    second: float
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.second - self.first

    @property
    def clear(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Comparison:
    verdict: Verdict
    cases: int
    families: int
    only_first: int  # cases that only the first evaluation got right
    only_second: int
    p: float
    route: Difference
    others: Sequence[Difference]
    steered: tuple[int, int]
    false_skips: tuple[int, int]
    detectable: float | None  # the smallest difference that this number of cases shows with a power of 80 %
    # the number of cases that would show the measured difference, or the minimum effect if that is larger
    needed: int | None
    needed_for: float
    not_paired: int = 0
    alpha: float = field(default=_ALPHA)

    @property
    def sentence(self) -> str:
        """The verdict as a sentence."""
        points = f"{self.route.value * 100:+.1f} points"
        interval = f"95 % interval {self.route.low * 100:+.1f} to {self.route.high * 100:+.1f}, p = {self.p:.3g}"
        if self.verdict != "can't tell":
            return f"{self.verdict}: route accuracy {points} ({interval}) on {self.cases} cases"
        need = (
            f"you would need {self.needed:,} to see {self.needed_for * 100:.1f} points" if self.needed
            else f"more than {statistics.MOST_CASES:,} would be needed to see {self.needed_for * 100:.1f} points"
        )  # fmt: skip
        return f"can't tell with {self.cases} cases: route accuracy {points} ({interval}); {need}"


def compare(
    first: Sequence[Result],
    second: Sequence[Result],
    chance: RandomSource,
    *,
    minimum_effect: float = MINIMUM_EFFECT,
    rounds: int = 10_000,
) -> Comparison:
    """Compares the second evaluation with the first. `chance` draws the families."""
    pairs, lost = _paired(first, second)
    routed = [(before, after) for before, after in pairs if before[0].routed]
    families = list(_families(routed).values())
    marks = [(_majority(before), _majority(after)) for before, after in routed]
    only_first = sum(before and not after for before, after in marks)
    only_second = sum(after and not before for before, after in marks)
    p = statistics.mcnemar(only_first, only_second)
    differences = [[_share(after) - _share(before) for before, after in family] for family in families]
    low, high = statistics.bootstrap_mean(differences, chance, rounds=rounds)
    route = Difference(
        "route accuracy", _mean([_share(before) for before, _ in routed]),
        _mean([_share(after) for _, after in routed]), low, high,
    )  # fmt: skip
    clustered = len(families) < len(routed)
    verdict = decide(only_first, only_second, clear=route.clear or not clustered)
    # Never exactly zero, since few cases without a difference do not prove that there is none.
    apart = (only_first + only_second + 1) / (len(routed) + 2)
    effect = max(abs(route.value), minimum_effect)
    return Comparison(
        verdict=verdict, cases=len(routed), families=len(families), only_first=only_first, only_second=only_second,
        p=p, route=route, others=_others(routed, families, chance, rounds),
        steered=(_steered(before for before, _ in pairs), _steered(after for _, after in pairs)),
        false_skips=(_skipped(before for before, _ in pairs), _skipped(after for _, after in pairs)),
        detectable=statistics.smallest_effect(len(routed), apart, power=_POWER, alpha=_ALPHA),
        needed=statistics.cases_needed(effect, apart, power=_POWER, alpha=_ALPHA), needed_for=effect, not_paired=lost,
    )  # fmt: skip


def decide(only_first: int, only_second: int, *, clear: bool = True) -> Verdict:
    """The verdict from the cases that only one of the two evaluations got right.

    `clear`: the interval over families excludes zero, or is not needed.
    """
    if not clear or statistics.mcnemar(only_first, only_second) >= _ALPHA:
        return "can't tell"
    return "better" if only_second > only_first else "worse"


Repeats = Sequence[Result]
Pair = tuple[Repeats, Repeats]


def _paired(first: Sequence[Result], second: Sequence[Result]) -> tuple[list[Pair], int]:
    """Both answers to each case of both evaluations, and the number of other cases.

    The labels are those of the second, which are newer.
    """
    before, after = _by_case(first), _by_case(second)
    common = sorted(before.keys() & after.keys())
    return [(before[key], after[key]) for key in common], len(before.keys() ^ after.keys())


def _by_case(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        found[result.case_id].append(result)
    return found


def _families(routed: Sequence[Pair]) -> dict[str, list[Pair]]:
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in routed:
        found[pair[0][0].facts.get("family") or pair[0][0].case_id].append(pair)
    return found


def _share(repeats: Repeats) -> float:
    return sum(result.right for result in repeats) / len(repeats)


def _majority(repeats: Repeats) -> bool:
    return _share(repeats) > 0.5  # noqa: PLR2004 - more often right than not


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _steered(repeats: Iterable[Repeats]) -> int:
    return sum(any(result.steered for result in found) for found in repeats)


def _skipped(repeats: Iterable[Repeats]) -> int:
    return sum(found[0].facts.get("gate") is not None and found[0].routed for found in repeats)


def _others(
    routed: Sequence[Pair], families: Sequence[Sequence[Pair]], chance: RandomSource, rounds: int
) -> list[Difference]:
    """The differences of other figures, with intervals over families."""
    found = []
    few = max(200, rounds // 20)
    for name, statistic in (("route macro-F1", _macro_f1), ("line-item F1", _item_f1)):
        whole = [statistic(side) for side in zip(*routed, strict=True)] if routed else [0.0, 0.0]
        low, high = statistics.bootstrap(families, _difference_of(statistic), chance, rounds=few)
        found.append(Difference(name, whole[0], whole[1], low, high))
    for name, value in (("cost per RFQ, USD", _cost), ("latency, ms", _latency)):
        known = [[(value(before), value(after)) for before, after in family] for family in families]
        clusters = [
            [(before, after) for before, after in family if before is not None and after is not None]
            for family in known
        ]
        clusters = [family for family in clusters if family]
        if not clusters:
            continue
        sides = [pair for family in clusters for pair in family]
        low, high = statistics.bootstrap_mean(
            [[after - before for before, after in family] for family in clusters], chance, rounds=rounds // 5
        )
        found.append(
            Difference(name, _mean([before for before, _ in sides]), _mean([after for _, after in sides]), low, high)
        )
    return found


def _difference_of(statistic: Callable[[Sequence[Repeats]], float]) -> Callable[[Sequence[Pair]], float]:
    return lambda drawn: statistic([after for _, after in drawn]) - statistic([before for before, _ in drawn])


def _macro_f1(side: Sequence[Repeats]) -> float:
    return statistics.macro_f1([result.pair for repeats in side for result in repeats])


def _item_f1(side: Sequence[Repeats]) -> float:
    total: Agreement = EMPTY
    for repeats in side:
        for result in repeats:
            if "line_items" in result.labels:
                wanted = result.labels["line_items"] or ()
                total += scoring.line_items(wanted, result.answer) if result.answer else Agreement(0, len(wanted), 0)
    return total.f1


def _cost(repeats: Repeats) -> float | None:
    known = [float(result.cost_usd) for result in repeats if result.cost_usd is not None]
    return _mean(known) if known else None


def _latency(repeats: Repeats) -> float | None:
    known = [result.latency_ms for result in repeats if result.latency_ms is not None]
    return _mean(known) if known else None
