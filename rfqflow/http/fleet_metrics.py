"""Figures of the whole fleet, read from the database when somebody scrapes, at most once in 5 s.

They are equal on every worker: aggregate them with max, the process's own with sum.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

    from rfqflow.store.fleet_queries import FleetQueries, Row

_KEEP_SECONDS = 5.0
_STATES = {"closed": 0, "half_open": 1, "open": 2}
# Of ai.metrics, what no process can count by itself.
SAMPLES = {
    "rfqflow_queue_depth": "RFQs in the queue, by where they stand.",
    "rfqflow_queue_oldest_age_seconds": "Age of the oldest RFQ that could be claimed now; 0 when there is none.",
    "rfqflow_workers": "Daemons registered.",
    "rfqflow_claims_failing_seconds": "How long no claim of a worker has succeeded, the longest; absent while all do.",
    "rfqflow_health_findings": "How many RFQs the findings of ai.health are about; absent: there is no such finding.",
    "rfqflow_paused": "1 while workers claim nothing.",
    "rfqflow_rfqs_ended_total": "RFQs that came to their first end, by status.",
    "rfqflow_overrides_total": "Overrides ever set, by whether the model had said the same; empty: nothing yet.",
    "rfqflow_edited_answers": "Answers that people dealt with in policy scorecard_days, and whether they changed them.",
    "rfqflow_edited_lines": "Line items of those answers, and whether people corrected or removed them.",
    "rfqflow_breaker_transitions_total": "Changes of a breaker, by new state and why; key as in rfqflow_breaker_state.",
}


class Fleet:
    """A collector of prometheus-client: `refresh` reads, `collect` tells what was read last."""

    def __init__(self, reads: FleetQueries) -> None:
        self._reads = reads
        self._one = asyncio.Lock()
        self._read_at = float("-inf")
        self._seconds = 0.0
        self._up = False
        self._samples: list[tuple[str, dict[str, str], float]] = []
        self._breaker: list[Row] | None = None
        self._budget: list[Row] | None = None

    async def refresh(self) -> None:
        """Never raises: without the database the fleet's figures are left out, and rfqflow_database_up is 0."""
        async with self._one:
            if time.monotonic() - self._read_at < _KEEP_SECONDS:
                return
            began = time.monotonic()
            try:
                self._samples = await self._reads.samples(list(SAMPLES))
                self._breaker = await self._reads.breaker()
                self._budget = await self._reads.budget()
                self._up = True
            except Exception:  # noqa: BLE001 - the process's own figures must be had whatever the fleet's are
                self._up, self._samples, self._breaker, self._budget = False, [], None, None
            self._read_at = time.monotonic()
            self._seconds = self._read_at - began

    def collect(self) -> Iterator[Metric]:
        """The families, those that cannot be told left out."""
        yield _gauge("rfqflow_database_up", "1 when the fleet's figures could be read.", float(self._up))
        yield _gauge("rfqflow_database_read_seconds", "How long reading them took.", self._seconds)
        for name, text in SAMPLES.items():
            yield from _of_samples(name, text, [sample for sample in self._samples if sample[0] == name])
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


def _of_samples(name: str, text: str, samples: list[tuple[str, dict[str, str], float]]) -> Iterator[Metric]:
    if not samples:
        return
    labels = sorted({label for _, given, _ in samples for label in given})
    kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    family = kind(name, text, labels=labels)
    for _, given, value in samples:
        family.add_metric([str(given.get(label, "")) for label in labels], value)
    yield family


def _of_breaker(rows: list[Row]) -> Iterator[Metric]:
    named = [([f"{row['provider']}/{row['model']}"], row) for row in rows]
    yield _labelled(
        "rfqflow_breaker_state", "0 closed, 1 half-open, 2 open; key is provider/model, * for all models.", ["key"],
        [(key, _STATES.get(row["state"])) for key, row in named],
    )  # fmt: skip
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
        ("assumed", "assumed_usd", "Of what was spent, booked at an assumed price: no price is set."),
        ("held", "held_usd", "Held for calls in flight."),
    ):
        yield _labelled(
            f"rfqflow_budget_{what}_usd", f"US dollars. {text}", ["scope", "period"],
            [(labels, row[column]) for labels, row in shown],
        )  # fmt: skip
