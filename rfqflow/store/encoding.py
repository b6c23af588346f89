"""What workers send to `ai.*`, as JSON: the one place where a result or a request is given the keys that SQL reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfqflow.core.decisions.admission import AdmissionRequest
    from rfqflow.core.records import Signal
    from rfqflow.core.results import AttemptResult, CallRecord, SettledCall, Settlement, ShadowResult


def encoded_results(results: Iterable[AttemptResult]) -> str:
    """For `ai.finish_outbox` and `ai.finish_and_claim`."""
    return _json([_result_fields(result) for result in results])


def encoded_requests(requests: Iterable[AdmissionRequest]) -> str:
    """For `ai.admit`."""
    return json.dumps([
        {
            "claim_id": request.claim_id,
            "rfq_id": str(request.rfq_id),
            "sender": request.sender,
            "candidates": [
                {
                    "model": candidate.model,
                    "tokens": candidate.tokens,
                    "nano": candidate.nano,
                    "priced": candidate.priced,
                }
                for candidate in request.candidates
            ],
        }
        for request in requests
    ], separators=(",", ":"))  # fmt: skip


def encoded_settled_call(call: SettledCall) -> str:
    """For `ai.settle_evaluation`."""
    usage = call.usage
    return json.dumps([{
        "claim_id": call.claim_id,
        "error_class": call.error_class,
        **_settlement_fields(call.settlement),
        "input_tokens": None if usage is None else usage.input_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
    }], separators=(",", ":"))  # fmt: skip


def encoded_shadow_results(results: Iterable[ShadowResult]) -> str:
    """For `ai.finish_shadow`."""
    return _json([_shadow_fields(result) for result in results])


def _json(values: list[dict[str, object]]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _result_fields(result: AttemptResult) -> dict[str, object]:
    """As `ai.write_results` reads it: an absent key and a null are the same to it, but for `admitted`."""
    attempt = result.attempt
    content_sha256 = attempt.content_sha256
    fields: dict[str, object] = {
        "outbox_id": attempt.outbox_id,
        "rfq_id": str(attempt.rfq_id),
        "claim_id": attempt.claim_id,
        "worker": attempt.worker,
        "attempt": attempt.number,
        "request_id": attempt.request_id,
        "queue_ms": attempt.queue_ms,
        "latency_ms": result.latency_ms,
        "content_sha256": "\\x" + content_sha256.hex() if content_sha256 else None,
        "email_hash": attempt.email_hash,
        "verdict": result.verdict,
        "status": result.status,
        "reason": result.reason,
    }
    if result.charged:
        fields["charged"] = True
    if result.error_class is not None:
        fields["error_class"] = result.error_class
    if result.delay_seconds is not None:
        fields["delay_ms"] = result.delay_seconds * 1000
        fields["ages"] = result.ages
    if result.signals is not None:
        fields["signals"] = [_signal_fields(signal) for signal in result.signals]
    if result.call is not None:
        fields |= _call_fields(result.call)
    if result.answer is not None:
        answer = result.answer.answer
        fields |= {
            "summary": answer.summary, "tags": answer.tags, "route": answer.route, "urgency": answer.urgency,
            "confidence": answer.confidence, "extracted": result.answer.extracted, "output": result.answer.output,
            "review": result.review, "reused_from": result.reused_from,
        }  # fmt: skip
    if result.settlement is not None:
        fields |= _settlement_fields(result.settlement)
    return fields


def _call_fields(call: CallRecord) -> dict[str, object]:
    fields: dict[str, object] = {
        "provider": call.provider,
        "model": call.model,
        "prompt_version": call.prompt_version,
        "prompt_sha256": None if call.prompt_sha256 is None else "\\x" + call.prompt_sha256.hex(),
        "cost_usd": None if call.cost_usd is None else str(call.cost_usd),
        "cost_source": call.cost_source,
        "provider_request_id": call.provider_request_id,
    }
    if call.usage is not None:
        fields["input_tokens"] = call.usage.input_tokens
        fields["cached_input_tokens"] = call.usage.cached_input_tokens
        fields["output_tokens"] = call.usage.output_tokens
    if call.context_refs:
        fields["context_refs"] = call.context_refs
    return fields


def _settlement_fields(settlement: Settlement) -> dict[str, object]:
    """As `ai.settle_calls` reads it; `admitted` says that there is a hold."""
    seconds = settlement.retry_after_seconds
    return {
        "admitted": True,
        "call": settlement.call,
        "trip": settlement.trip,
        "retry_after_ms": None if seconds is None else seconds * 1000,
        "booked_nano": settlement.booked_nano,
    }


def _signal_fields(signal: Signal) -> dict[str, object]:
    if signal.weight is None:
        return {"signal": signal.signal}
    return {"signal": signal.signal, "weight": signal.weight}


def _shadow_fields(result: ShadowResult) -> dict[str, object]:
    fields: dict[str, object] = {"trial": result.trial, "rfq_id": str(result.rfq_id), "model": result.model}
    if result.error_class is not None:
        fields["error_class"] = result.error_class
    if result.latency_ms is not None:
        fields["latency_ms"] = result.latency_ms
    if result.cost_usd is not None:
        fields["cost_usd"] = str(result.cost_usd)
    if result.answer is not None:
        fields["answer"] = result.answer.model_dump(mode="json", exclude_defaults=True)
    return fields
