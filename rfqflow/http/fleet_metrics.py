"""Figures of the whole fleet. A scrape reads them from the database, at most once in 5 s.

Every worker shows the same figures of the fleet. In Prometheus, aggregate these with max, and the figures that a
process counts itself with sum.
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
# The figures of ai.metrics that no process can count on its own.
SAMPLES = {
    "rfqflow_queue_depth": "RFQs in the queue, by state.",
    "rfqflow_queue_oldest_age_seconds": "Age of the oldest claimable RFQ; 0 if there is none.",
    "rfqflow_workers": "Daemons registered.",
    "rfqflow_claims_failing_seconds": "Longest time since the last successful claim of a worker whose claims fail; "
    "absent while all claims succeed.",
    "rfqflow_health_findings": "Count of each finding of ai.health; absent without the finding.",
    "rfqflow_paused": "1 while the fleet is paused.",
    "rfqflow_rfqs_ended_total": "RFQs that reached their first final state, by status.",
    "rfqflow_overrides_total": "Overrides set so far, by whether the model gave the same route.",
    "rfqflow_edited_answers": "Answers that people handled in the days of policy scorecard_days, by whether "
    "they changed them.",
    "rfqflow_edited_lines": "Line items of the answers that rfqflow_edited_answers counts, by whether people corrected "
    "or removed them.",
    "rfqflow_breaker_transitions_total": "State changes of a breaker, by new state and reason. Label key is as in "
    "rfqflow_breaker_state.",
}


class Fleet:
    """A collector for prometheus-client. `refresh` reads the figures, and `collect` returns those of the last read."""

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
        """Reads the figures.

        Never raises: if the database fails, rfqflow_database_up becomes 0, and `collect` leaves the other figures out.
        """
        async with self._one:
            if time.monotonic() - self._read_at < _KEEP_SECONDS:
                return
            began = time.monotonic()
            try:
                self._samples = await self._reads.samples(list(SAMPLES))
                self._breaker = await self._reads.breaker()
                self._budget = await self._reads.budget()
                self._up = True
            except Exception:  # noqa: BLE001 - a scrape must still get the process's own figures
                self._up, self._samples, self._breaker, self._budget = False, [], None, None
            self._read_at = time.monotonic()
            self._seconds = self._read_at - began

    def collect(self) -> Iterator[Metric]:
        """The metric families that have figures."""
        yield _gauge("rfqflow_database_up", "1 if the last read of the fleet's figures succeeded.", float(self._up))
        yield _gauge(
            "rfqflow_database_read_seconds", "Duration of the last read of the fleet's figures.", self._seconds
        )
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
        "rfqflow_breaker_state",
        "State of a breaker: 0 closed, 1 half-open, 2 open. Label key is provider/model; * means all models.", ["key"],
        [(key, _STATES.get(row["state"])) for key, row in named],
    )  # fmt: skip
    yield _labelled(
        "rfqflow_provider_not_before_timestamp_seconds", "Time from which the provider allows calls again; "
                                                         "absent if the provider named no time.",
        ["key"], [(key, row["not_before"].timestamp() if row["not_before"] else None) for key, row in named],
    )  # fmt: skip


def _of_budget(rows: list[Row]) -> Iterator[Metric]:
    # Senders are people, so no label names a sender. ai.budget_status shows the cost of each sender.
    shown = [([row["scope"], row["period"]], row) for row in rows if not row["scope"].startswith("sender")]
    for what, column, text in (
        ("limit", "cap_usd", "Cap of the current window; absent without a cap."),
        ("spent", "spent_usd", "Amount spent in the current window."),
        ("assumed", "assumed_usd", "Part of the spent amount that is booked at an assumed price."),
        ("held", "held_usd", "Amount held for calls in flight."),
    ):
        yield _labelled(
            f"rfqflow_budget_{what}_usd", f"US dollars. {text}", ["scope", "period"],
            [(labels, row[column]) for labels, row in shown],
        )  # fmt: skip
