"""Attempt results as a worker would report them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rfqflow.core.errors import ErrorClass
from rfqflow.core.results import Attempt, AttemptResult, CallRecord, RunStatus, Settlement, Verdict


def attempt_result(
    number: int,
    verdict: Verdict = Verdict.COMPLETE,
    status: RunStatus = RunStatus.SUCCEEDED,
    *,
    claim_id: int | None = None,
    rfq_id: UUID | None = None,
    content_sha256: bytes | None = None,
    **fields: Any,
) -> AttemptResult:
    attempt = Attempt(
        outbox_id=number, claim_id=number if claim_id is None else claim_id, rfq_id=rfq_id or UUID(int=number), worker=1,
        number=1, queue_ms=1.0, content_sha256=content_sha256, request_id=None, email_hash=None,
    )  # fmt: skip
    return AttemptResult(attempt, verdict, status, **fields)


def paid_call(model: str = "m1", **fields: Any) -> dict[str, Any]:
    """The fields of a call that was admitted."""
    return {
        "call": CallRecord("p", model, **fields),
        "settlement": Settlement("ok", booked_nano=500),
    }


def timed_out(model: str, reason: str, prompt_version: str) -> AttemptResult:
    return attempt_result(
        1, Verdict.RETRY, RunStatus.FAILED, reason=reason, error_class=ErrorClass.TIMEOUT, latency_ms=2.0,
        call=CallRecord("p", model, prompt_version),
    )  # fmt: skip
