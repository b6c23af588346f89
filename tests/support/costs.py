"""How the cost of a piece of work grows with its size, in a test that a busy machine turns neither red nor slow."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

TRIES = 3


def cpu_seconds(work: Callable[[], Any]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def grows_at_most(cost: Callable[[int], float], sizes: Sequence[int], factor: float, slack: float) -> bool:
    """Whether a next larger size costs at most `factor` times what the one before does, and `slack` seconds.

    The least that a size has cost counts. What disturbs a measurement makes it longer: only then it is taken again. The
    smaller sizes, which cost little, are measured as often in any case, so that no disturbance excuses the larger one.
    """
    *smaller, largest = sizes
    least = {size: min(cost(size) for _ in range(TRIES)) for size in smaller}
    least[largest] = cost(largest)
    for _ in range(TRIES):
        if all(least[longer] < factor * least[shorter] + slack for shorter, longer in pairwise(sizes)):
            return True
        least[largest] = min(least[largest], cost(largest))
    return False
