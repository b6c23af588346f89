"""The comparison of two prompts finds a true difference at the rate of its power, and errs at most at its level."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from rfqflow.core.answer import Answer
from rfqflow.core.evaluation import canary_decision, cascade_analysis, drift, statistics
from rfqflow.core.evaluation.comparison import compare, decide
from rfqflow.core.evaluation.metrics import Result, measure


def answer(route: str, confidence: float = 0.9) -> Answer:
    return Answer(summary="s", route=route, confidence=confidence)


def results(right: list[bool], families: list[str] | None = None) -> list[Result]:
    return [
        Result(
            f"c{at:05}", {"labels": {"route": "a"}, "family": families[at] if families else f"f{at}"},
            answer("a" if one else "b"), cost_usd=None, latency_ms=100.0,
        )
        for at, one in enumerate(right)
    ]  # fmt: skip


def drawn(chance: Random, cases: int, only_first: float, only_second: float) -> tuple[int, int]:
    """The number of cases that only the first, and that only the second gets right."""
    found = [chance.random() for _ in range(cases)]
    return sum(at < only_first for at in found), sum(only_first <= at < only_first + only_second for at in found)


def verdicts(rounds: int, cases: int, only_first: float, only_second: float, seed: int) -> list[str]:
    chance = Random(seed)
    return [decide(*drawn(chance, cases, only_first, only_second)) for _ in range(rounds)]


def test_a_comparison_decides_by_the_cases_that_only_one_got_right() -> None:
    for only_first, only_second in ((3, 14), (14, 3), (6, 9), (0, 5), (0, 6)):
        right = results([True] * only_first + [False] * only_second + [True] * 20)
        other = results([False] * only_first + [True] * only_second + [True] * 20)
        found = compare(right, other, Random(1), rounds=200)
        assert (only_first, only_second) == (found.only_first, found.only_second)
        assert decide(only_first, only_second) == found.verdict


def test_a_true_difference_of_five_points_is_found_at_the_rate_of_the_power() -> None:
    needed = statistics.cases_needed(0.05, 0.11)
    assert needed is not None
    rounds = 400
    called = verdicts(rounds, needed, 0.03, 0.08, seed=11)

    low, high = statistics.wilson(called.count("better"), rounds, z=3)
    assert low <= statistics.mcnemar_power(needed, 0.08, 0.03) <= high
    assert called.count("better") >= 0.7 * rounds
    assert called.count("worse") == 0


def test_equal_prompts_are_called_different_at_most_at_the_significance_level() -> None:
    rounds = 1_000
    called = verdicts(rounds, 300, 0.08, 0.08, seed=5)

    assert statistics.wilson(rounds - called.count("can't tell"), rounds, z=3)[0] <= 0.05


def test_near_copies_of_one_case_cannot_make_a_difference() -> None:
    right, wrong = [True] * 20, [False] * 20
    rest = [True] * 60
    families = ["one"] * 20 + [f"f{at}" for at in range(60)]
    alone = compare(results(wrong + rest), results(right + rest), Random(1), rounds=2_000)
    copies = compare(results(wrong + rest, families), results(right + rest, families), Random(1), rounds=2_000)

    assert ("better", "can't tell") == (alone.verdict, copies.verdict)


def test_the_result_is_a_plain_sentence() -> None:
    better = compare(results([False] * 30 + [True] * 70), results([True] * 100), Random(1), rounds=200)
    assert better.sentence.startswith("better: route accuracy +30.0 points")
    worse = compare(results([True] * 100), results([False] * 30 + [True] * 70), Random(1), rounds=200)
    assert worse.sentence.startswith("worse: route accuracy -30.0 points")
    same = compare(results([True] * 40), results([True] * 39 + [False]), Random(1), rounds=200)
    assert same.sentence.startswith("can't tell with 40 cases")
    assert same.needed is not None
    assert f"you would need {same.needed:,}" in same.sentence
    assert same.needed > 40
    nothing = compare([], [], Random(1), rounds=200)
    assert ("can't tell", 0) == (nothing.verdict, nothing.cases)


def test_cases_of_only_one_evaluation_are_left_out_and_counted() -> None:
    found = compare(results([True] * 10), results([True] * 12), Random(1), rounds=200)
    assert (10, 2) == (found.cases, found.not_paired)


def test_repeats_count_as_one_case() -> None:
    one = [
        Result("c", {"labels": {"route": "a"}, "family": "f"}, answer(route), repeat=at)
        for at, route in enumerate(("a", "a", "b"), 1)
    ]
    found = compare(one, one, Random(1), rounds=200)
    assert (1, pytest.approx(2 / 3)) == (found.cases, found.route.first)
    assert 0.0 == (measure(one, "v").stable or statistics.Proportion(1, 1)).value


def figures(failed: int, rfqs: int, base_failed: int, base_rfqs: int, looks: int = 0) -> dict[str, object]:
    arms = {
        "candidate": {"rfqs": rfqs, "failed": failed, "overridden": 0},
        "base": {"rfqs": base_rfqs, "failed": base_failed, "overridden": 0},
    }
    return {**arms, "looks": looks}


def test_a_canary_is_checked_each_time_its_size_has_doubled() -> None:
    assert canary_decision.look(figures(19, 19, 0, 500)) is None
    assert canary_decision.look(figures(0, 20, 0, 20)) == canary_decision.InterimResult(1, None)
    assert canary_decision.look(figures(0, 39, 0, 20, looks=1)) is None
    assert canary_decision.look(figures(0, 40, 0, 20, looks=1)) == canary_decision.InterimResult(2, None)
    assert canary_decision.look(figures(0, 400, 0, 20, looks=2)) == canary_decision.InterimResult(5, None)
    found = canary_decision.look(figures(12, 20, 2, 200))
    assert found is not None
    assert found.worse == "fails 12 of 20 (60%) against 2 of 200 (1%)"
    assert canary_decision.look(figures(20, 20, 0, 0)) == canary_decision.InterimResult(
        1, None
    )  # nothing to compare with


def simulated(chance: Random, rate: float, base_rate: float, most: int) -> bool:
    failed = base_failed = looks = 0
    for rfqs in range(1, most + 1):
        failed += chance.random() < rate
        base_failed += sum(chance.random() < base_rate for _ in range(4))
        found = canary_decision.look(figures(failed, rfqs, base_failed, 4 * rfqs, looks))
        if found is not None:
            looks = found.number
            if found.worse:
                return True
    return False


def test_a_good_canary_is_hardly_ever_stopped_however_long_it_runs() -> None:
    chance = Random(3)
    stopped = sum(simulated(chance, 0.1, 0.1, 700) for _ in range(200))
    assert stopped <= 0.05 * 200


def test_a_canary_that_fails_twice_as_often_is_stopped() -> None:
    chance = Random(4)
    stopped = sum(simulated(chance, 0.2, 0.1, 700) for _ in range(60))
    assert stopped >= 0.9 * 60


def weeks(now: dict[str, int], past: dict[str, int], overridden: int = 0) -> list[dict[str, object]]:
    return [
        {"age": age, "route": route, "language": "en", "band": 4, "rfqs": rfqs, "overridden": 0 if age else overridden}
        for age, counts in ((0, now), (3, past)) for route, rfqs in counts.items()
    ]  # fmt: skip


def test_only_large_and_clear_drift_is_reported() -> None:
    def warned(*args: object) -> list[str]:
        return [one.what for one in drift.drifts(weeks(*args)) if one.warns]  # type: ignore[arg-type] # arguments of several types

    assert [] == warned({"a": 60, "b": 40}, {"a": 620, "b": 380})
    assert ["route"] == warned({"a": 30, "b": 70}, {"a": 620, "b": 380})
    assert [] == warned({"a": 3, "b": 7}, {"a": 620, "b": 380})  # too few
    assert [] == warned({"a": 50_000, "b": 50_000}, {"a": 51_500, "b": 48_500})  # clear, and small
    assert ["override"] == warned({"a": 100}, {"a": 1000}, 12)
    assert [] == warned({"a": 100, "rare": 1}, {"a": 1000})
    assert [False] * 4 == [one.enough for one in drift.drifts([])]
    # A run that was written by hand has no confidence.
    unsure = [{"age": 0, "route": "a", "language": "en", "band": None, "rfqs": 40, "overridden": 0}]
    assert [dict(one.lately) for one in drift.drifts(unsure)] == [{"a": 1.0}, {"en": 1.0}, {}, {"no": 1.0}]


def test_a_cascade_saves_calls_and_loses_the_cases_that_only_the_expensive_model_gets_right() -> None:
    """Ten cases: the cheap model is sure of eight and wrong on one of them. The expensive model is always right."""
    cheap = [
        replace(
            one, answer=answer(one.answer.route if one.answer else "", 0.92 if at < 8 else 0.4), cost_usd=Decimal(0)
        )
        for at, one in enumerate(results([False] + [True] * 7 + [False] * 2))
    ]
    dear = [replace(one, cost_usd=Decimal("0.01")) for one in results([True] * 10)]
    found = {one.threshold: one for one in cascade_analysis.steps(cheap, dear, Random(1), rounds=200)}

    step = found[0.9]
    assert (8, 9, 10) == (step.kept.hits, step.accuracy.hits, step.accuracy.total)
    assert (0.1, 0.002, 0.8) == pytest.approx((step.lost, step.usd_per_rfq, step.saved))
    assert step.low <= 0.1 <= step.high
    assert (0, 1.0, 0.0) == (found[0.95].kept.hits, found[0.95].accuracy.value, found[0.95].lost)
    half = cascade_analysis.steps(cheap, dear, Random(1), lambda said, least: said.confidence / 2 >= least, rounds=200)
    assert 0 == {one.threshold: one for one in half}[0.5].kept.hits
    assert [] == cascade_analysis.steps([], dear, Random(1))
    unpriced = cascade_analysis.steps(cheap, [*dear[:-1], replace(dear[-1], cost_usd=None)], Random(1), rounds=10)
    assert {(None, None)} == {(one.usd_per_rfq, one.saved) for one in unpriced}
