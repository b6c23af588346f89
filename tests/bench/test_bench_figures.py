"""What a median may claim, and what the verdict on a target may claim."""

from typing import Any

import pytest

from rfqflow.bench import report
from rfqflow.bench.statistics import Figure, percentile, ratio


def test_an_interval_consists_of_measured_values_and_needs_six_rounds():
    assert Figure.of([3.0, 1.0, 2.0]) == Figure(2.0, 1.0, 3.0, 3)
    assert Figure.of([float(n) for n in range(20)]) == Figure(9.5, 5.0, 14.0, 20)


def test_a_ratio_compares_values_of_the_same_round():
    # A machine that is twice as slow in the second round says nothing about the variants.
    assert ratio([9.0, 4.5], [10.0, 5.0]) == Figure(0.9, 0.9, 0.9, 2)


def test_a_percentile_is_a_measured_value():
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([1.0], 0.99) == 1.0


def _pickup(figure: dict[str, Any]) -> dict[str, Any]:
    cell = {f"{label}_ms": figure for label in ("p50", "p95", "p99")}
    return {"pickup": {"committed to started": cell, "all guards on, committed to started": cell}}


@pytest.mark.parametrize(
    ("values", "verdict"),
    [([0.8, 0.9, 1.0], "met"), ([1.0, 1.4, 1.2], "open"), ([1.4, 1.5, 1.6], "missed")],
)
def test_a_target_is_missed_only_where_the_interval_excludes_it(values, verdict):
    figure = Figure.of(values * 4).plain()

    (target,) = [one for one in report.targets(_pickup(figure)) if one.aim == "<= 1.3"]

    assert target.verdict == verdict


def test_few_rounds_decide_no_target():
    figure = Figure.of([0.1, 0.2]).plain()
    found = report.targets(_pickup(figure))

    assert {one.verdict for one in found} == {"open"}
