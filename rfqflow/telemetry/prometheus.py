"""Counters of this process for Prometheus. Only `Meter` defines their names, units and labels.

Only `--http` imports this module; without `--http`, a finished run calls a function that does nothing. Each label has
a limited set of values. A value counts as `other` if it is unknown or if the set is full. So no text of a customer or
provider becomes a label, and no mistake fills a Prometheus server with series.
"""

from __future__ import annotations

import collections
import operator
import re
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from rfqflow import __version__
from rfqflow.core.answer import FactVerdict
from rfqflow.core.errors import Stage
from rfqflow.core.results import RunStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from prometheus_client import Metric

    from rfqflow.core.records import ClaimMetrics
    from rfqflow.core.results import AttemptResult, CallRecord

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,79}")
_MOST = {"reason": 60, "class": 40, "model": 20, "prompt": 40, "route": 60, "provider": 10, "status": 10,
         "stage": 10, "field": 30}  # fmt: skip
OTHER = "other"

_CALL_SECONDS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120)
_END_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400)
_WAIT_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SCORES = (0, 10, 15, 30, 45, 60, 70, 85, 100, 150)
_RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 2, 5)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)
# Verdicts that finish an RFQ.
_ENDS = {
    Verdict.COMPLETE: "done", Verdict.KEEP: "done", Verdict.SKIP: "skipped", Verdict.DISCARD: "failed",
    Verdict.ABANDON: "failed",
}  # fmt: skip
_SPARED = (Verdict.COMPLETE, Verdict.SKIP)  # without DEFER: the worker calls the model later


@dataclass(frozen=True, slots=True)
class Together:
    """The worker processes of one parent: the folder that holds their counters, and their process ids."""

    counted_in: Path
    pids: Callable[[], Sequence[int]]


class _Processes(Collector):
    """Sums the samples of several processes. For start times and file limits it takes the minimum."""

    _LEAST = ("process_start_time_seconds", "process_max_fds")

    def __init__(self, pids: Callable[[], Sequence[int]]) -> None:
        self._pids = pids

    def collect(self) -> Iterator[Metric]:
        """The families, for the registry."""
        together: dict[str, Metric] = {}
        for pid in self._pids():
            for family in ProcessCollector(pid=partial(int, pid), registry=None).collect():
                known = together.setdefault(family.name, family)
                if known is not family:
                    merge = min if family.name in self._LEAST else operator.add
                    known.samples = [
                        mine._replace(value=merge(mine.value, its.value))
                        for mine, its in zip(known.samples, family.samples, strict=True)
                    ]
        yield from together.values()


class _Now(Collector):
    """Values that the process reads at each scrape instead of counting."""

    def __init__(self, schema: str, model: str, in_flight: Callable[[], int]) -> None:
        self._build = {"version": __version__, "schema": schema}
        self._model, self._in_flight = model, in_flight

    def collect(self) -> Iterator[Metric]:
        """The families, for the registry."""
        yield InfoMetricFamily("rfqflow_build", "Release and newest migration of the schema.", value=self._build)
        working = GaugeMetricFamily(
            "rfqflow_inflight", "RFQs that the daemon works on now, in all its processes.", labels=["model"]
        )
        working.add_metric([self._model], self._in_flight())
        yield working


class PrometheusMetrics:
    """Counts recorded runs. Its registry is private, so it exposes no metric of other libraries."""

    def __init__(
        self,
        in_flight: Callable[[], int],
        *,
        provider: str,
        model: str,
        schema: str,
        together: Together | None = None,
    ) -> None:
        """`together`: the processes that share the port; each process answers with the sum over all processes."""
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library's own lack
        self.registry = registry = CollectorRegistry()
        self._seen: dict[str, set[str]] = {}
        if together is None:
            ProcessCollector(registry=registry)
        else:
            registry = CollectorRegistry()  # holds only this process's counters; no request reads it
            MultiProcessCollector(self.registry, str(together.counted_in))  # type: ignore[no-untyped-call] # as above
            self.registry.register(_Processes(together.pids))
        self.registry.register(_Now(schema, self._label("model", model), in_flight))
        self._count_runs(registry)
        self._count_calls_and_answers(registry)
        self._provider, self._model = self._label("provider", provider), self._label("model", model)

    def _count_runs(self, registry: CollectorRegistry) -> None:
        self._runs = Counter(
            "rfqflow_runs", "Runs recorded: one per attempt or gate decision.", ["status", "reason", "model", "prompt"],
            registry=registry,
        )  # fmt: skip
        self._errors = Counter(
            "rfqflow_errors", "Runs that failed, by class of error.", ["class", "provider", "model"], registry=registry
        )
        self._calls = Counter(
            "rfqflow_llm_calls", "Attempts with a call to the provider; outcome is ok or an error class.",
            ["provider", "model", "outcome"], registry=registry,
        )  # fmt: skip
        self._avoided = Counter(
            "rfqflow_llm_calls_avoided", "RFQs that finished without a call, by reason. Deferred RFQs do not count.",
            ["reason"], registry=registry,
        )  # fmt: skip
        self._call_seconds = Histogram(
            "rfqflow_llm_request_duration_seconds", "Duration of an attempt with a call, including its retry.",
            ["provider", "model", "outcome"], buckets=_CALL_SECONDS, registry=registry,
        )  # fmt: skip
        self._queue_seconds = Histogram(
            "rfqflow_queue_wait_seconds",
            "Time from an RFQ's due time to its claim.",
            buckets=_END_SECONDS,
            registry=registry,
        )
        self._enrichment_seconds = Histogram(
            "rfqflow_enrichment_duration_seconds", "Time from the claim to the commit of its run.",
            ["status"], buckets=(0.01, 0.025, 0.05, *_CALL_SECONDS), registry=registry,
        )  # fmt: skip
        self._end_seconds = Histogram(
            "rfqflow_end_to_end_seconds", "Time from an RFQ's insert to its first final state. Reruns and "
                                          "backfills do not count.",
            ["status"], buckets=_END_SECONDS, registry=registry,
        )  # fmt: skip

    def _count_calls_and_answers(self, registry: CollectorRegistry) -> None:
        self._tokens = Counter(
            "rfqflow_llm_tokens", "Tokens billed; cached_input is part of input, reasoning is part of output.",
            ["provider", "model", "type"], registry=registry,
        )  # fmt: skip
        self._cost = Counter(
            "rfqflow_llm_cost_usd", "Cost of runs with a known price, in US dollars.", ["provider", "model", "source"],
            registry=registry,
        )  # fmt: skip
        self._unknown_cost = Counter(
            "rfqflow_llm_calls_of_unknown_cost", "Attempts with an unknown cost. The true cost is not zero.",
            ["provider", "model"], registry=registry,
        )  # fmt: skip
        self._confidence = Histogram(
            "rfqflow_confidence", "Confidence of accepted answers.", ["route"], buckets=_SHARES, registry=registry
        )
        self._review = Counter(
            "rfqflow_needs_review", "Accepted answers that need review, by reason.", ["reason"],
            registry=registry,
        )  # fmt: skip
        self._injection = Counter(
            "rfqflow_injection_suspected", "Accepted answers of RFQs that try to instruct the model.", registry=registry
        )
        self._spam_score = Histogram(
            "rfqflow_spam_score", "Spam score of claimed RFQs: see policies spam_mark_score and spam_skip_score.",
            buckets=_SCORES, registry=registry,
        )  # fmt: skip
        self._limit_seconds = Histogram(
            "rfqflow_rate_limit_wait_seconds", "Time that claims waited for a full limit of the fleet.",
            buckets=_WAIT_SECONDS, registry=registry,
        )  # fmt: skip
        self._estimate_ratio = Histogram(
            "rfqflow_cost_estimate_ratio", "Cost of answered calls divided by their hold; above 1, the hold "
                                           "was too small.",
            buckets=_RATIOS, registry=registry,
        )  # fmt: skip
        self._refused = Counter(
            "rfqflow_validation_failures",
            "Replies that a check refused, by check. Check grounding: the RFQ's text contradicts a fact of the answer.",
            ["stage", "model"], registry=registry,
        )  # fmt: skip
        self._reasks = Counter(
            "rfqflow_reasks",
            "Retries that told the model what was wrong with its answer.",
            ["model"],
            registry=registry,
        )
        self._checks = Counter(
            "rfqflow_fact_checks", "Facts of answers, by whether the RFQ's text supports them.",
            ["field", "verdict", "model"], registry=registry,
        )  # fmt: skip

    def _label(self, kind: str, value: object) -> str:
        """The value, or `other` if it is unknown or has too many distinct values."""
        if value is None or value == "":
            return ""
        text = str(value)
        seen = self._seen.setdefault(kind, set())
        if text not in seen:
            if len(seen) >= _MOST[kind] or not _WORD.fullmatch(text):
                return OTHER
            seen.add(text)
        return text

    def recorded(self, result: AttemptResult, outcome: str | None) -> None:
        """Counts a recorded run. `outcome`: what the database recorded instead of the requested status, else None."""
        call, status = result.call, result.run_status(outcome)
        reason = self._label("reason", outcome or result.reason)
        model = self._label("model", call and call.model)
        self._runs.labels(
            self._label("status", status), reason, model, self._label("prompt", call and call.prompt_version)
        ).inc()
        error = self._label("class", result.error_class)
        if error:
            self._errors.labels(error, self._label("provider", call and call.provider), model).inc()
        # A new verdict on a stored answer costs nothing and makes no call.
        kept = result.reason in {"reused", "written_late"}
        if call is not None and not kept and (call.provider, result.reason) != ("rules", "cascade"):
            self._asked(result, call, model, error)
        elif outcome is None and result.verdict in _SPARED and result.attempt.number == 1:
            self._avoided.labels(reason or OTHER).inc()
        self._queue_seconds.observe(result.attempt.queue_ms / 1000)
        if result.metrics is not None:
            ended = _ENDS.get(result.verdict) if outcome is None else None
            self._measured(result.metrics, self._label("status", status), ended, model)
        if outcome is None and status is RunStatus.SUCCEEDED and result.answer is not None:
            answer = result.answer.answer
            self._confidence.labels(self._label("route", answer.route)).observe(answer.confidence)
            if result.review:
                self._review.labels(self._label("reason", result.review)).inc()
            if answer.injection_suspected:
                self._injection.inc()

    def _measured(self, measured: ClaimMetrics, status: str, ended: str | None, model: str) -> None:
        seconds = time.monotonic() - measured.claimed_at
        self._enrichment_seconds.labels(status).observe(seconds)
        if ended and measured.age_ms is not None:
            self._end_seconds.labels(ended).observe(max(0.0, measured.age_ms / 1000) + seconds)
        for histogram, value in (
            (self._spam_score, measured.spam_score),
            (self._limit_seconds, measured.limit_wait_seconds),
            (self._estimate_ratio, measured.estimate_ratio),
        ):
            if value is not None:
                histogram.observe(value)
        contradicted = any(verdict == FactVerdict.CONTRADICTED for _, verdict in measured.checks)
        for stage in (*measured.refused, *((Stage.GROUNDING,) if contradicted else ())):
            self._refused.labels(self._label("stage", stage), model).inc()
        for (field, verdict), number in collections.Counter(measured.checks).items():
            self._checks.labels(self._label("field", field), verdict, model).inc(number)
        if measured.reasks:
            self._reasks.labels(model).inc(measured.reasks)

    def _asked(self, result: AttemptResult, call: CallRecord, model: str, error: str) -> None:
        provider = self._label("provider", call.provider)
        self._calls.labels(provider, model, error or "ok").inc()
        self._call_seconds.labels(provider, model, error or "ok").observe(result.latency_ms / 1000)
        usage = call.usage
        if usage is not None:
            for kind, tokens in (
                ("input", usage.input_tokens),
                ("cached_input", usage.cached_input_tokens),
                ("output", usage.output_tokens),
                ("reasoning", usage.reasoning_tokens),
            ):
                if tokens:
                    self._tokens.labels(provider, model, kind).inc(tokens)
        if call.cost_usd is not None:
            self._cost.labels(provider, model, call.cost_source).inc(float(call.cost_usd))
        elif call.cost_source == "unknown":
            self._unknown_cost.labels(provider, model).inc()
