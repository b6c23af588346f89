"""Statistics of labels: shares with intervals, agreement by class, and tests of differences. Pure.

The source of randomness is an argument, so that the same seed gives the same figures.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

_Z95 = 1.959963984540054
_TAIL = 1e-14  # share of a sum that may be ignored
_SMALL = 2_000
_Z_BOTH = 2.8  # sum of the normal quantiles for a level of 5 % and a power of 80 %, to estimate the number of cases
MOST_CASES = 20_000  # if more cases are needed, their number is not shown


class RandomSource(Protocol):
    """The part of `random.Random` that is used here. The core itself has no randomness."""

    def choices(self, population: Sequence[T], *, k: int) -> list[T]: ...

    def sample(self, population: Sequence[T], k: int) -> list[T]: ...

    def shuffle(self, x: list[Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Proportion:
    """`hits` of `total`, with the 95 % Wilson interval."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.total)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Found, missed and invented values of one kind. `expected` is the support."""

    hits: int
    expected: int
    given: int

    @property
    def precision(self) -> float:
        return self.hits / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.expected if self.expected else 0.0

    @property
    def f1(self) -> float:
        both = self.expected + self.given
        return 2 * self.hits / both if both else 0.0

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(self.hits + other.hits, self.expected + other.expected, self.given + other.given)


EMPTY = Agreement(0, 0, 0)


def wilson(hits: int, total: int, *, z: float = _Z95) -> tuple[float, float]:
    """The Wilson interval, which is accurate for few cases and near 0 and 1."""
    if total <= 0:
        return 0.0, 1.0
    share, square = hits / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


# -- agreement by class ------------------------------------------------------------------------------------------------


def accuracy(pairs: Iterable[tuple[str, str]]) -> Proportion:
    """The share of pairs (expected, given) that are equal."""
    hits = [expected == given for expected, given in pairs]
    return Proportion(sum(hits), len(hits))


def confusion(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """By expected label and by given label: the count. Every label that occurs has a row and a column."""
    counts = Counter(pairs)
    names = sorted({name for pair in counts for name in pair})
    return {expected: {given: counts[expected, given] for given in names} for expected in names}


def per_class(pairs: Sequence[tuple[str, str]]) -> dict[str, Agreement]:
    """By label: precision, recall and F1. The support is `expected`."""
    expected, given = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    hits = Counter(pair[0] for pair in pairs if pair[0] == pair[1])
    return {name: Agreement(hits[name], expected[name], given[name]) for name in sorted(expected | given)}


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """The mean F1 of all expected labels, each with the same weight."""
    scores = [score.f1 for score in per_class(pairs).values() if score.expected]
    return sum(scores) / len(scores) if scores else 0.0


def micro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """F1 over all labels together. If each case has one label, it equals the accuracy.

    A missing answer ('') is not a label.
    """
    return sum((score for name, score in per_class(pairs).items() if name), start=EMPTY).f1


def top_k(ranked: Iterable[tuple[str, Sequence[str]]], k: int) -> Proportion:
    """How often the expected label is among the first `k` given labels."""
    hits = [expected in given[:k] for expected, given in ranked]
    return Proportion(sum(hits), len(hits))


def jaccard(one: Collection[Hashable], other: Collection[Hashable]) -> float:
    """The share of elements that both sets have. For two empty sets: 1."""
    first, second = set(one), set(other)
    either = first | second
    return len(first & second) / len(either) if either else 1.0


def majority(labels: Sequence[str]) -> str | None:
    """The most common label, or the first by name among equally common labels.

    A baseline that does not read the text.
    """
    counts = Counter(labels)
    return min(counts, key=lambda name: (-counts[name], name), default=None)


def quantile(values: Iterable[float], share: float) -> float | None:
    """The quantile, with linear interpolation between the nearest ranks. None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


# -- whether two differ ------------------------------------------------------------------------------------------------


def binomial_cdf(hits: int, total: int, share: float = 0.5) -> float:
    """P(X <= hits) in `total` draws.

    Exact for a share of 0.5 and not too many draws, otherwise summed in floating point.
    """
    if hits < 0:
        return 0.0
    if hits >= total or share <= 0.0:
        return 1.0
    if share == 0.5 and total <= _SMALL:  # noqa: PLR2004 - for a share of 0.5, the sum is exact in integers
        ways = all_ways = 1
        for hit in range(hits):
            ways = ways * (total - hit) // (hit + 1)  # binomial coefficient of the next term
            all_ways += ways
        return float(all_ways / 2**total)
    term = binomial(hits, total, share)
    found, number = term, hits
    while number > 0 and (term > found * _TAIL or number > total * share):
        term *= number * (1 - share) / ((total - number + 1) * share)
        number -= 1
        found += term
    return min(1.0, found)


def binomial(hits: int, total: int, share: float) -> float:
    """P(X = hits)."""
    if share <= 0.0 or share >= 1.0:
        return float(hits == (total if share >= 1.0 else 0))
    return math.exp(_log_choose(total, hits) + hits * math.log(share) + (total - hits) * math.log1p(-share))


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p for paired answers, from the cases that only one of the two got right.

    1 without such cases.
    """
    return min(1.0, 2 * binomial_cdf(min(only_first, only_second), only_first + only_second))


def fisher_greater(hits: int, total: int, other_hits: int, other_total: int) -> float:
    """The exact one-sided p (Fisher) of the hypothesis that the first share is not larger than the second."""
    if hits <= max(0, hits + other_hits - other_total):
        return 1.0  # the smallest possible count
    everything, marked = total + other_total, hits + other_hits
    whole = _log_choose(everything, total)
    return min(1.0, math.fsum(
        math.exp(_log_choose(marked, number) + _log_choose(everything - marked, total - number) - whole)
        for number in range(hits, min(marked, total) + 1)
    ))  # fmt: skip


def bootstrap(
    clusters: Sequence[Sequence[T]],
    statistic: Callable[[Sequence[T]], float],
    chance: RandomSource,
    *,
    rounds: int = 2_000,
    level: float = 0.95,
) -> tuple[float, float]:
    """The percentile interval of a statistic of paired cases. Draws whole clusters, so that near-copies count once."""
    if not clusters:
        return 0.0, 0.0
    found = [
        statistic([pair for cluster in chance.choices(clusters, k=len(clusters)) for pair in cluster])
        for _ in range(rounds)
    ]
    return _middle(found, level)


def bootstrap_mean(
    clusters: Sequence[Sequence[float]], chance: RandomSource, *, rounds: int = 10_000, level: float = 0.95
) -> tuple[float, float]:
    """As `bootstrap` for the mean. It is computed from sums, so many rounds take little time."""
    if not clusters:
        return 0.0, 0.0
    sums = [(math.fsum(cluster), len(cluster)) for cluster in clusters]
    found = []
    for _ in range(rounds):
        drawn = chance.choices(sums, k=len(sums))
        found.append(sum(pair[0] for pair in drawn) / max(1, sum(pair[1] for pair in drawn)))
    return _middle(found, level)


def mcnemar_power(cases: int, first_better: float, second_better: float, *, alpha: float = 0.05) -> float:
    """The probability that the exact test finds the true direction in `cases` independent pairs.

    `first_better`: the share of cases that only the first gets right. `second_better`: the same for the second.
    """
    apart = first_better + second_better
    if apart <= 0 or first_better == second_better:
        return 0.0
    share = min(first_better, second_better) / apart
    centre, spread = cases * apart, math.sqrt(max(cases * apart * (1 - apart), 1.0))
    lowest, highest = max(0, math.floor(centre - 7 * spread)), min(cases, math.ceil(centre + 7 * spread))
    critical = _critical(lowest, alpha)
    # The distributions with and without a difference advance together, so that each sum is computed once.
    even, true = _Below(0.5, critical, lowest), _Below(share, critical, lowest)
    power = 0.0
    for differing in range(lowest, highest + 1):
        while 2 * even.after_next() < alpha:  # the sum never decreases
            even.allow()
            true.allow()
        power += binomial(differing, cases, min(apart, 1.0)) * true.chance
        even.draw()
        true.draw()
    return min(1.0, power)


class _Below:
    """P(X <= hits), updated as the draws or the hits increase by one."""

    def __init__(self, share: float, hits: int, draws: int) -> None:
        self._share, self._hits, self._draws = share, hits, draws
        self.chance = binomial_cdf(hits, draws, share)
        self._edge = binomial(hits, draws, share) if hits >= 0 else 0.0

    def _next(self) -> float:
        """P(X = hits + 1)."""
        if self._hits < 0:
            return (1 - self._share) ** self._draws
        if self._hits >= self._draws:
            return 0.0
        odds = self._share / (1 - self._share)
        return self._edge * (self._draws - self._hits) / (self._hits + 1) * odds

    def after_next(self) -> float:
        """P(X <= hits + 1)."""
        return self.chance + self._next()

    def allow(self) -> None:
        self._edge = self._next()
        self.chance += self._edge
        self._hits += 1

    def draw(self) -> None:
        self.chance -= self._share * self._edge
        self._draws += 1
        if 0 <= self._hits < self._draws:
            self._edge *= self._draws * (1 - self._share) / (self._draws - self._hits)


def cases_needed(effect: float, apart: float, *, power: float = 0.8, alpha: float = 0.05) -> int | None:
    """The number of independent cases that the exact test needs to find the difference `effect` (a share).

    `apart`: the share of cases in which the two differ. None: more than MOST_CASES are needed.
    """
    apart = min(1.0, max(apart, effect))
    better, worse = (apart + effect) / 2, (apart - effect) / 2
    if effect <= 0 or _Z_BOTH**2 * apart / effect**2 > 2 * MOST_CASES:
        return None
    low = high = 4
    while mcnemar_power(high, better, worse, alpha=alpha) < power:
        low, high = high, high * 2
        if low > MOST_CASES:
            return None
    while high - low > max(1, low // 200):
        middle = (low + high) // 2
        if mcnemar_power(middle, better, worse, alpha=alpha) < power:
            low = middle
        else:
            high = middle
    return high


def smallest_effect(cases: int, apart: float, *, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest difference (a share) that this number of pairs shows with this power.

    None: there is no such difference.
    """
    low, high = 0.0, 1.0
    if cases <= 0 or mcnemar_power(cases, 1.0, 0.0, alpha=alpha) < power:
        return None
    while high - low > 0.001:  # noqa: PLR2004 - a tenth of a point
        middle = (low + high) / 2
        share = min(1.0, max(apart, middle))
        seen = mcnemar_power(cases, (share + middle) / 2, (share - middle) / 2, alpha=alpha)
        low, high = (low, middle) if seen >= power else (middle, high)
    return high


def total_variation(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The total variation distance: the share that would have to move to make the two distributions equal."""
    first, second = sum(one.values()), sum(other.values())
    if not first or not second:
        return 0.0
    return sum(abs(one.get(name, 0) / first - other.get(name, 0) / second) for name in {*one, *other}) / 2


def chi_square(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The p (Pearson) of the hypothesis that two lists of counts have the same distribution.

    1 if there is nothing to compare.
    """
    names = [name for name in {*one, *other} if one.get(name, 0) + other.get(name, 0)]
    first, second = sum(one.values()), sum(other.values())
    if len(names) < 2 or not first or not second:  # noqa: PLR2004 - two groups are needed to differ
        return 1.0
    statistic = 0.0
    for name in names:
        both = one.get(name, 0) + other.get(name, 0)
        for counts, total in ((one, first), (other, second)):
            wanted = both * total / (first + second)
            statistic += (counts.get(name, 0) - wanted) ** 2 / wanted
    return _chi_square_tail(statistic, len(names) - 1)


def _chi_square_tail(statistic: float, degrees: int) -> float:
    """The upper tail of the chi-square distribution, by recurrence from one or two degrees of freedom."""
    half = statistic / 2
    if half <= 0:
        return 1.0
    if degrees % 2:
        tail, term, start = math.erfc(math.sqrt(half)), math.sqrt(half / math.pi) * 2 * math.exp(-half), 1
    else:
        tail, term, start = math.exp(-half), half * math.exp(-half), 2
    for number in range(start, degrees, 2):
        tail += term
        term *= half / (number / 2 + 1)
    return min(1.0, tail)


def _critical(differing: int, alpha: float) -> int:
    """The largest count of the rarer kind at which the exact test still reports a difference. -1: it reports none."""
    low, high = -1, differing // 2
    while low < high:
        middle = (low + high + 1) // 2
        if 2 * binomial_cdf(middle, differing) < alpha:
            low = middle
        else:
            high = middle - 1
    return low


def _middle(found: Sequence[float], level: float) -> tuple[float, float]:
    low, high = quantile(found, (1 - level) / 2), quantile(found, (1 + level) / 2)
    return low or 0.0, high or 0.0


def _log_choose(total: int, number: int) -> float:
    if not 0 <= number <= total:
        return -math.inf
    return math.lgamma(total + 1) - math.lgamma(number + 1) - math.lgamma(total - number + 1)
