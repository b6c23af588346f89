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
    """Whether a next larger size costs at most `factor` times what the one before does, and `slack` seconds.

    The least that a size has cost counts. What disturbs a measurement makes it longer: only then it is taken again. A
    smaller size is measured as often, so that no disturbance excuses the larger one, but where once shows that half of
    `factor` would do. It need not be measured where the larger one costs less than `slack`.
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
