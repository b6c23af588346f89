"""Measures how the cost of a task grows with its size, in a test that a busy machine makes neither fail nor slow."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

TRIES = 3


def cpu_seconds(work: Callable[[], Any]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def grows_at_most(cost: Callable[[int], float], sizes: Sequence[int], factor: float, slack: float) -> bool:
    """Whether each size costs at most `factor` times the cost of the size before, plus `slack` seconds.

    A disturbance only makes a measurement longer, so the lowest cost of a size counts, and a measurement is repeated
    only after a failure. A smaller size is measured as often as the larger one, so that a disturbance of the smaller
    never excuses the larger. One measurement of it suffices where half of `factor` would do, and none is needed where
    the larger size costs less than `slack`.
    """
    largest, found = sizes[-1], cost(sizes[-1])

    @cache
    def once(size: int) -> float:
        return cost(size)

    @cache
    def of_smaller(size: int) -> float:
        return min(once(size), *(cost(size) for _ in range(TRIES - 1)))

    def holds(shorter: int, longer: int) -> bool:
        least = found if longer == largest else once(longer)
        if least < slack or least < factor / 2 * once(shorter) + slack:
            return True
        least = found if longer == largest else of_smaller(longer)
        return least < slack or least < factor * of_smaller(shorter) + slack

    for _ in range(TRIES):
        if all(holds(shorter, longer) for shorter, longer in pairwise(sizes)):
            return True
        found = min(found, cost(largest))
    return False
