"""Logs one line per finished RFQ. It costs nothing if the log level suppresses the line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from rfqflow.core.results import AttemptResult

_log: FilteringBoundLogger = structlog.get_logger()


def finished_log() -> FilteringBoundLogger | None:
    """The logger for the lines of a batch; None if the log level suppresses them.

    Call it once per batch: binding a logger takes time.
    """
    log = _log.bind()
    return log if log.is_enabled_for(logging.INFO) else None


def tell_finished(log: FilteringBoundLogger, name: str, result: AttemptResult, outcome: str | None) -> None:
    attempt, call, answer = result.attempt, result.call, result.answer and result.answer.answer
    usage, event = call and call.usage, f"run.{name}"
    log.info(
        event, rfq_id=str(attempt.rfq_id), request_id=attempt.request_id, worker=attempt.worker,
        attempt=attempt.number, claim_id=attempt.claim_id, reason=outcome or result.reason, verdict=result.verdict,
        error_class=result.error_class, provider=call and call.provider, model=call and call.model,
        prompt_version=call and call.prompt_version, route=answer and answer.route,
        confidence=answer and answer.confidence, review=result.review, input_tokens=usage and usage.input_tokens,
        output_tokens=usage and usage.output_tokens,
        cost_usd=None if call is None or call.cost_usd is None else str(call.cost_usd),
        cost_source=call and call.cost_source, queue_ms=round(attempt.queue_ms, 1),
        latency_ms=round(result.latency_ms, 1), email_hash=attempt.email_hash,
        provider_request_id=call and call.provider_request_id,
    )  # fmt: skip
