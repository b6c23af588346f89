"""Figures of the whole fleet, read from the database when somebody scrapes, at most once in 5 s.

They are equal on every worker: aggregate them with max, the process's own with sum.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import asyncpg
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from rfqflow.core.errors import DatabaseUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

    from rfqflow.store.console import Reads, Row

_KEEP_SECONDS = 5.0
_STATES = {"closed": 0, "half_open": 1, "open": 2}
_DEPTHS = ("claimable", "in_flight", "expired", "deferred", "retrying", "dead", "missed")


class Fleet:
    """A collector of prometheus-client: `refresh` reads, `collect` tells what was read last."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._one = asyncio.Lock()
        self._read_at = float("-inf")
        self._seconds = 0.0
        self._up = False
        self._queue: Row | None = None
        self._breaker: list[Row] | None = None
        self._budget: list[Row] | None = None

    async def refresh(self) -> None:
        """Never raises: without the database the fleet's figures are left out, and rfqflow_database_up is 0."""
        async with self._one:
            if time.monotonic() - self._read_at < _KEEP_SECONDS:
                return
            began = time.monotonic()
            try:
                self._queue = await self._reads.queue()
                self._breaker = await self._reads.breaker()
                self._budget = await self._reads.budget()
                self._up = True
            except (DatabaseUnreachable, asyncpg.PostgresError):
                self._up, self._queue, self._breaker, self._budget = False, None, None, None
            self._read_at = time.monotonic()
            self._seconds = self._read_at - began

    def collect(self) -> Iterator[Metric]:
        """The families, those that cannot be told left out."""
        yield _gauge("rfqflow_database_up", "1 when the fleet's figures could be read.", float(self._up))
        yield _gauge("rfqflow_database_read_seconds", "How long reading them took.", self._seconds)
        if self._queue is not None:
            yield from _of_queue(self._queue)
        if self._breaker is not None:
            yield from _of_breaker(self._breaker)
        if self._budget is not None:
            yield from _of_budget(self._budget)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, labels: list[str], rows: Iterable[tuple[list[str], Any]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in rows:
        if number is not None:
            family.add_metric(values, float(number))
    return family


def _of_queue(queue: Row) -> Iterator[Metric]:
    yield _labelled(
        "rfqflow_queue_depth", "RFQs in the queue, by where they stand.", ["status"],
        [([name], queue[name]) for name in _DEPTHS],
    )  # fmt: skip
    yield _labelled(
        "rfqflow_queue_oldest_age_seconds", "Age of the oldest RFQ that could be claimed now; 0 when there is none.",
        ["status"], [(["claimable"], queue["oldest_claimable_seconds"] or 0)],
    )  # fmt: skip
    yield _gauge("rfqflow_workers", "Daemons registered.", queue["workers"])
    yield _gauge("rfqflow_paused", "1 while workers claim nothing.", float(queue["mode"] != "on"))


def _of_breaker(rows: list[Row]) -> Iterator[Metric]:
    named = [([f"{row['provider']}/{row['model']}"], row) for row in rows]
    yield _labelled(
        "rfqflow_breaker_state", "0 closed, 1 half-open, 2 open; key is provider/model, * for all models.", ["key"],
        [(key, _STATES.get(row["state"])) for key, row in named],
    )  # fmt: skip
    trips = CounterMetricFamily("rfqflow_breaker_trips", "How often the breaker opened.", labels=["key"])
    for key, row in named:
        trips.add_metric(key, float(row["trips"] or 0))
    yield trips
    yield _labelled(
        "rfqflow_provider_not_before_timestamp_seconds", "When the provider may be asked again, if it named a time.",
        ["key"], [(key, row["not_before"].timestamp() if row["not_before"] else None) for key, row in named],
    )  # fmt: skip


def _of_budget(rows: list[Row]) -> Iterator[Metric]:
    # Senders are people: what they cost is in the view, not in a label.
    shown = [([row["scope"], row["period"]], row) for row in rows if not row["scope"].startswith("sender")]
    for what, column, text in (
        ("limit", "cap_usd", "Cap of the window that runs; none without a cap."),
        ("spent", "spent_usd", "Spent in the window that runs."),
        ("held", "held_usd", "Held for calls in flight."),
    ):
        yield _labelled(
            f"rfqflow_budget_{what}_usd", f"US dollars. {text}", ["scope", "period"],
            [(labels, row[column]) for labels, row in shown],
        )  # fmt: skip
