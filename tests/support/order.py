"""The order in which tests run, so that no pytest worker is busy alone at the end.

`--dist worksteal` gives each worker an equal part of the list. A worker with no tests left takes the second half of the
longest part of another worker. So the first tests of a part begin first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

# Tests that mostly wait: a third of the pytest workers begin with them, while the others use the processors.
WAITING = (
    "test_hanging_writes", "test_quiet_links", "test_sockets", "test_http.py", "test_wakeups", "test_upgrade", "test_webhooks",
    "test_following_the_tutorial", "test_an_idle_worker_sends", "test_watch.py",
)  # fmt: skip
# Files with a test, or a set-up of all their tests, that takes 5 s or more.
LONG = (
    "test_model_based", "test_canary", "integration/test_counts", "test_years", "test_rows_of_any_kind", "test_replay",
    "test_poison_rows_worker", "test_desk_detail", "test_prompt_pages", "test_pages.py", "test_accessibility", "test_health_bar",
    "test_room_for_answers", "test_monitoring", "test_rfqs_page", "test_causes", "test_malformed", "test_trials", "test_desk.py",
)  # fmt: skip


def spread(items: Iterable[T], name: Callable[[T], str], workers: int) -> list[T]:
    """Puts the tests that wait or take long first in the workers' parts; all others keep their order."""
    waiting: list[T] = []
    long: dict[str, list[T]] = {}
    rest: list[T] = []
    for item in items:
        called = name(item)
        if any(part in called for part in WAITING):
            waiting.append(item)
        elif any(part in called for part in LONG):
            long.setdefault(called.partition("::")[0], []).append(item)  # the tests of a file may share a set-up
        else:
            rest.append(item)
    first: list[list[T]] = [[] for _ in range(workers)]
    waiters = max(1, workers // 3)
    for number, item in enumerate(waiting):
        first[number % waiters].append(item)
    for number, file in enumerate(long.values()):
        first[waiters + number % (workers - waiters) if workers > 1 else 0] += file

    order: list[T] = []
    whole = len(waiting) + sum(map(len, long.values())) + len(rest)
    for number, share in enumerate(first):
        part = (whole - len(order)) // (workers - number)
        order += share
        more = max(0, part - len(share))
        order += rest[:more]
        del rest[:more]
    return order
