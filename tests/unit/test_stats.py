"""Statistics agree with scipy and scikit-learn on drawn data, and with results by hand at the edges."""

import importlib
from random import Random
from typing import Any

import pytest

from rfqflow.core.evaluation import calibration, statistics


class Loaded:
    """A library that takes seconds to import: only a pytest worker that uses it waits for it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, member: str) -> Any:
        if member.startswith("_"):  # pytest looks up such names in each module
            raise AttributeError(member)
        return getattr(importlib.import_module(self.name), member)


np, reference, metrics = Loaded("numpy"), Loaded("scipy.stats"), Loaded("sklearn.metrics")
sk_isotonic, sk_calibration = Loaded("sklearn.isotonic"), Loaded("sklearn.calibration")
SEEDS = range(12)


def labels(seed: int, number: int = 80) -> list[tuple[str, str]]:
    chance = Random(seed)
    names = "abcde"[: chance.randint(1, 5)]
    return [
        (expected, expected if chance.random() < 0.6 else chance.choice(names))
        for expected in (chance.choice(names) for _ in range(number))
    ]


def claims(seed: int, number: int = 120) -> list[tuple[float, bool]]:
    chance = Random(seed)
    return [(said, chance.random() < said**2) for said in (round(chance.random(), 2) for _ in range(number))]


@pytest.mark.parametrize("seed", SEEDS)
def test_intervals_of_shares_equal_scipys(seed: int) -> None:
    chance = Random(seed)
    total = chance.randint(1, 500)
    hits = chance.randint(0, total)
    theirs = reference.binomtest(hits, total).proportion_ci(0.95, method="wilson")

    assert pytest.approx((theirs.low, theirs.high), abs=1e-9) == statistics.wilson(hits, total)


@pytest.mark.parametrize("seed", SEEDS)
def test_agreement_by_class_equals_scikit_learns(seed: int) -> None:
    pairs = labels(seed)
    expected, given = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    names = sorted({*expected, *given})
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        expected, given, labels=names, zero_division=0
    )
    ours = statistics.per_class(pairs)

    assert pytest.approx(precision) == [ours[name].precision for name in names]
    assert pytest.approx(recall) == [ours[name].recall for name in names]
    assert pytest.approx(f1) == [ours[name].f1 for name in names]
    assert list(support) == [ours[name].expected for name in names]
    assert pytest.approx(metrics.f1_score(expected, given, average="micro")) == statistics.micro_f1(pairs)
    macro = metrics.f1_score(expected, given, labels=sorted(set(expected)), average="macro", zero_division=0)
    assert pytest.approx(macro) == statistics.macro_f1(pairs)
    matrix = statistics.confusion(pairs)
    theirs = metrics.confusion_matrix(expected, given, labels=[*names, "z"])[:-1, :-1]
    assert theirs.tolist() == [[matrix[one][other] for other in names] for one in names]


@pytest.mark.parametrize("seed", SEEDS)
def test_top_two_equals_scikit_learns(seed: int) -> None:
    chance = np.random.default_rng(seed)
    scores = chance.random((60, 4))
    truth = chance.integers(0, 4, 60)
    ranked = [(str(label), [str(n) for n in np.argsort(-row)]) for label, row in zip(truth, scores, strict=True)]

    theirs = metrics.top_k_accuracy_score(truth, scores, k=2, labels=range(4))
    assert pytest.approx(theirs) == statistics.top_k(ranked, 2).value


@pytest.mark.parametrize("seed", SEEDS)
def test_jaccard_equals_scikit_learns(seed: int) -> None:
    chance = np.random.default_rng(seed)
    one, other = chance.integers(0, 2, (2, 6))
    theirs = metrics.jaccard_score([one], [other], average="samples", zero_division=1)

    assert pytest.approx(theirs) == statistics.jaccard(set(one.nonzero()[0]), set(other.nonzero()[0]))


@pytest.mark.parametrize("seed", SEEDS)
def test_calibration_equals_scikit_learns(seed: int) -> None:
    found = claims(seed)
    said, right = [one[0] for one in found], [one[1] for one in found]
    bins = calibration.reliability(found)
    true, mean = sk_calibration.calibration_curve(right, said, n_bins=10, strategy="uniform")

    assert pytest.approx(metrics.brier_score_loss(right, said)) == calibration.brier(found)
    assert len(found) == sum(one.right.total for one in bins)
    assert len(true) == len(bins)
    # scikit-learn puts a value on a border into the range below it, rfqflow into the range above. The data has no such
    # value.
    inner = [(one, yes) for one, yes in found if round(one * 100) % 10]
    true, mean = sk_calibration.calibration_curve([yes for _, yes in inner], [one for one, _ in inner], n_bins=10)
    bins = calibration.reliability(inner)
    assert pytest.approx(list(true)) == [one.right.value for one in bins]
    assert pytest.approx(list(mean)) == [one.confidence for one in bins]
    weights = [one.right.total / len(inner) for one in bins]
    assert pytest.approx(float(np.average(abs(true - mean), weights=weights))) == calibration.expected_error(inner)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_isotonic_map_equals_scikit_learns(seed: int) -> None:
    found = claims(seed)
    theirs = sk_isotonic.IsotonicRegression(out_of_bounds="clip").fit(
        [one[0] for one in found], [float(one[1]) for one in found]
    )
    ours = calibration.isotonic(found)
    asked = [0.0, 1.0, *(Random(seed).random() for _ in range(50))]

    assert pytest.approx(theirs.predict(asked).tolist()) == [ours(one) for one in asked]
    assert sorted(ours.points) == list(ours.points)


@pytest.mark.parametrize("seed", SEEDS)
def test_risk_at_a_coverage_equals_that_by_sorting(seed: int) -> None:
    found = claims(seed)
    curve = calibration.risk_coverage(found)

    for one in curve:
        kept = [right for said, right in found if said >= one.threshold]
        assert (len(kept) / len(found), 1 - sum(kept) / len(kept)) == pytest.approx((one.coverage, one.risk))
    assert curve[-1].coverage == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_significance_equals_scipys(seed: int) -> None:
    chance = Random(seed)
    one, other = chance.randint(0, 40), chance.randint(0, 40)
    p = reference.binomtest(one, one + other).pvalue if one + other else 1.0
    assert pytest.approx(p) == statistics.mcnemar(one, other)

    table = [[chance.randint(0, 20), chance.randint(1, 60)], [chance.randint(0, 20), chance.randint(1, 60)]]
    theirs = reference.fisher_exact(table, alternative="greater").pvalue
    (hits, misses), (other_hits, other_misses) = table
    assert pytest.approx(theirs) == statistics.fisher_greater(
        hits, hits + misses, other_hits, other_hits + other_misses
    )

    counts = [[chance.randint(1, 30) for _ in range(chance.randint(2, 9))]]
    counts.append([chance.randint(1, 30) for _ in counts[0]])
    named = [dict(zip("abcdefghi", row, strict=False)) for row in counts]
    theirs = reference.chi2_contingency(counts, correction=False).pvalue
    assert pytest.approx(theirs, abs=1e-12) == statistics.chi_square(*named)


@pytest.mark.parametrize(("hits", "total", "share"), [(3, 40, 0.1), (0, 9, 0.3), (38, 40, 0.9), (4_900, 10_000, 0.5)])
def test_binomial_sums_equal_scipys(hits: int, total: int, share: float) -> None:
    assert pytest.approx(reference.binom.cdf(hits, total, share), rel=1e-8) == statistics.binomial_cdf(
        hits, total, share
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_of_a_mean_equals_the_bootstraps(seed: int) -> None:
    chance = Random(seed)
    values = [chance.gauss(0.05, 0.4) for _ in range(200)]
    theirs = reference.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(seed)
    ).confidence_interval
    ours = statistics.bootstrap_mean([[one] for one in values], Random(seed), rounds=4000)

    assert pytest.approx((theirs.low, theirs.high), abs=0.008) == ours
    general = statistics.bootstrap([[one] for one in values], lambda drawn: sum(drawn) / len(drawn), Random(seed))
    assert pytest.approx(ours, abs=0.012) == general


def test_near_copies_count_as_one_case() -> None:
    chance = Random(7)
    values = [chance.gauss(0, 1) for _ in range(40)]
    alone = statistics.bootstrap_mean([[one] for one in values], Random(1))
    copied = statistics.bootstrap_mean([[one] * 10 for one in values], Random(1))
    pretending = statistics.bootstrap_mean([[one] for one in values for _ in range(10)], Random(1))

    assert pytest.approx(alone) == copied
    assert pretending[1] - pretending[0] < 0.5 * (copied[1] - copied[0])


def test_the_same_seed_gives_the_same_interval() -> None:
    clusters = [[float(one % 3)] for one in range(30)]
    assert statistics.bootstrap_mean(clusters, Random(5)) == statistics.bootstrap_mean(clusters, Random(5))


@pytest.mark.parametrize(
    ("cases", "better", "worse"), [(100, 0.2, 0.05), (300, 0.1, 0.05), (60, 0.3, 0.1), (1_000, 0.06, 0.03)]
)
def test_power_equals_that_of_a_simulation(cases: int, better: float, worse: float) -> None:
    chance = np.random.default_rng(3)
    drawn = chance.multinomial(cases, [better, worse, 1 - better - worse], size=4_000)
    found = np.mean([one > other and statistics.mcnemar(int(one), int(other)) < 0.05 for one, other, _ in drawn])

    assert pytest.approx(found, abs=0.025) == statistics.mcnemar_power(cases, better, worse)


def test_the_required_cases_reach_the_power_and_slightly_fewer_do_not() -> None:
    needed = statistics.cases_needed(0.05, 0.15)
    assert needed is not None
    assert statistics.mcnemar_power(needed, 0.10, 0.05) >= 0.8 > statistics.mcnemar_power(int(needed * 0.9), 0.10, 0.05)
    effect = statistics.smallest_effect(needed, 0.15)
    assert effect is not None
    assert pytest.approx(0.05, abs=0.003) == effect


def test_edges_can_be_worked_out_by_hand() -> None:
    assert (0.0, 1.0) == statistics.wilson(0, 0)
    assert [0.0, 0.0] == [statistics.macro_f1([]), statistics.micro_f1([])]
    assert {} == statistics.confusion([]) == statistics.per_class([])
    one_class = [("a", "a"), ("a", "a")]
    assert (
        1.0 == statistics.macro_f1(one_class) == statistics.micro_f1(one_class) == statistics.accuracy(one_class).value
    )
    assert pytest.approx(2 / 3) == statistics.micro_f1([("a", "a"), ("a", "")])  # one given, right; two expected
    assert 1.0 == statistics.jaccard([], [])
    assert 0.0 == statistics.jaccard(["a"], [])
    assert (None, "a") == (statistics.majority([]), statistics.majority(["b", "a", "b", "a"]))
    assert (None, 3.0, 1.5) == (
        statistics.quantile([], 0.5),
        statistics.quantile([3], 0.9),
        statistics.quantile([2, 1], 0.5),
    )
    assert 1.0 == statistics.mcnemar(0, 0) == statistics.mcnemar(1, 0) == statistics.mcnemar(5, 5)
    assert 2 / 64 == statistics.mcnemar(6, 0)
    assert 1.0 == statistics.fisher_greater(0, 10, 5, 10) == statistics.fisher_greater(0, 0, 0, 0)
    assert pytest.approx(1 / 20) == statistics.fisher_greater(3, 3, 0, 3)
    assert (0.0, 0.0) == statistics.bootstrap_mean([], Random(0)) == statistics.bootstrap([], len, Random(0))
    assert (1.0, 1.0) == statistics.bootstrap_mean([[1.0]], Random(0))
    assert 0.0 == statistics.mcnemar_power(10, 0.2, 0.2) == statistics.mcnemar_power(10, 0.0, 0.0)
    assert statistics.cases_needed(0.0, 0.2) is None
    assert statistics.cases_needed(0.0001, 0.5) is None
    assert statistics.smallest_effect(3, 0.1) is None
    assert 6 == statistics.cases_needed(1.0, 1.0)  # 2/2^6 is the first below 5 %
    assert 0.0 == statistics.total_variation({}, {"a": 1})
    assert 0.5 == statistics.total_variation({"a": 2}, {"a": 1, "b": 1})
    assert 1.0 == statistics.chi_square({"a": 3}, {"a": 9}) == statistics.chi_square({}, {"a": 1})


def test_edges_of_calibration_can_be_worked_out_by_hand() -> None:
    assert [] == calibration.reliability([]) == calibration.risk_coverage([])
    assert 0.0 == calibration.brier([]) == calibration.expected_error([])
    assert 0.42 == calibration.isotonic([])(0.42)
    assert calibration.review_share([], 0.9) is None
    assert 0.75 == calibration.isotonic([(0.5, True), (0.5, False), (0.5, True), (0.5, True)])(0.1)
    falling = calibration.isotonic([(0.1, True), (0.9, False)])
    assert (0.5, 0.5) == (falling(0.0), falling(1.0))
    rising = calibration.isotonic([(0.2, False), (0.6, True)])
    assert (0.0, 0.5, 1.0) == pytest.approx((rising(0.1), rising(0.4), rising(0.7)))
    tied = calibration.risk_coverage([(0.8, True), (0.8, False), (0.3, False)])
    assert [(0.8, 2 / 3, 0.5), (0.3, 1.0, 2 / 3)] == [(one.threshold, one.coverage, one.risk) for one in tied]
    assert 0.0 == calibration.review_share([(0.9, True)], 0.95)
    assert 0.5 == calibration.review_share([(0.9, True), (0.2, False)], 0.95)
    assert 1.0 == calibration.reliability([(1.0, True)])[0].high
