"""Converts between `ai.*` and the core: database rows to records, and results to JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_core import PydanticSerializationError, to_json

from rfqflow.core.decisions.admission import Admission
from rfqflow.core.policy import Policy
from rfqflow.core.records import Claim, DuplicateOf, GateFacts, Rfq, Route, StoredAnswer
from rfqflow.core.text.times import FarDate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import asyncpg

    from rfqflow.core.decisions.admission import AdmissionRequest
    from rfqflow.core.records import Signal
    from rfqflow.core.results import AttemptResult, CallRecord, SettledCall, Settlement, ShadowResult


@dataclass(frozen=True, slots=True)
class FleetEvent:
    """An event that all workers log. `details`: the fields of the log line."""

    kind: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Settings of models for the whole fleet. Each field has the JSON rows of the table of that name."""

    prices: tuple[Mapping[str, object], ...] = ()  # the prices that are valid now; the price book checks each row
    parameters: tuple[Mapping[str, object], ...] = ()
    # What workers learnt in the last week, for all providers and servers.
    capabilities: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The result of `ai.heartbeat`. `policy` and the fields after it are set only if one of them has changed."""

    known: bool
    waiting: bool
    next_due_seconds: float | None
    policy_seen: int
    policy: Policy | None
    routes: tuple[Route, ...] | None
    models: ModelSettings | None
    peers: int
    event_seen: int
    events: tuple[FleetEvent, ...]
    watched: bool
    evaluation: bool
    draft: bool
    failed_steps: list[str]  # each with its SQLSTATE


def heartbeat_of(row: asyncpg.Record) -> Heartbeat:
    events = json.loads(row["events"]) if row["events"] else []
    return Heartbeat(
        known=row["known"],
        waiting=row["waiting"],
        next_due_seconds=None if row["next_due_ms"] is None else row["next_due_ms"] / 1000,
        policy_seen=row["policy_seen"],
        policy=Policy.from_values(json.loads(row["policy"])) if row["policy"] else None,
        routes=_routes(row["routes"]) if row["routes"] else None,
        models=_model_settings(row) if row["policy"] else None,
        peers=row["peers"],
        event_seen=row["event_seen"],
        events=tuple(FleetEvent(event.pop("kind"), event) for event in events),
        watched=row["watched"],
        evaluation=row["evaluation"],
        draft=row["draft"],
        failed_steps=list(row["failed_steps"] or ()),
    )


def _model_settings(row: asyncpg.Record) -> ModelSettings:
    return ModelSettings(*(tuple(json.loads(row[name] or "[]")) for name in ("prices", "parameters", "capabilities")))


def _routes(text: str) -> tuple[Route, ...]:
    return tuple(
        Route(route["slug"], route["description"], tuple(route["keywords"]), route["fallback"])
        for route in json.loads(text)
    )


def admission_of(row: asyncpg.Record) -> Admission:
    return Admission(row["claim_id"], row["model"], row["refusal"], (row["wait_ms"] or 0.0) / 1000)


def claim_of(row: asyncpg.Record) -> Claim:
    unreadable = row["unreadable"]
    rfq = None
    if unreadable is None and row["message"] is not None:
        try:
            rfq = _rfq(row)
        # An RFQ that cannot be parsed must not fail the other RFQs of its batch.
        except (ValueError, TypeError, RecursionError) as error:
            unreadable = type(error).__name__
    return Claim(
        outbox_id=row["outbox_id"],
        claim_id=row["claim_id"],
        rfq_id=row["rfq_id"],
        attempt=row["attempt"],
        forced=row["forced"],
        queue_ms=row["queue_ms"],
        rfq=rfq,
        content_sha256=row["content_sha256"],
        prompt_version=row["prompt_version"] or "",
        age_ms=row["age_ms"],
        out_of_turn=row["out_of_turn"],
        is_new=row["is_new"],
        is_cut=row["is_cut"],
        unreadable=unreadable,
        is_attached=row["is_attached"],
        late_ms=row["late_ms"],
    )


def _rfq(row: asyncpg.Record) -> Rfq:
    metadata = row["metadata"]
    return Rfq(
        rfq_id=row["rfq_id"],
        request_id=row["request_id"] or str(row["rfq_id"]),
        message=row["message"],
        name=row["name"],
        email=row["email"],
        company=row["company"],
        phone=row["phone"],
        received=None if isinstance(row["received"], FarDate) else row["received"],
        source_ip=row["source_ip"],
        metadata=json.loads(metadata) if metadata else {},
    )


def facts_of(row: asyncpg.Record) -> GateFacts:
    paid = None
    if row["paid_run_id"] is not None:
        paid = StoredAnswer(
            run_id=row["paid_run_id"],
            content_sha256=row["paid_sha256"],
            prompt_version=row["paid_version"],
            prompt_sha256=row["paid_prompt_sha256"] or b"",
            provider=row["paid_provider"],
            model=row["paid_model"],
            output=row["paid_output"],
            accepted=row["paid_accepted"],
        )
    original = None
    if row["original_rfq_id"] is not None:
        answer = None
        if row["original_run_id"] is not None:
            answer = StoredAnswer(
                run_id=row["original_run_id"],
                content_sha256=b"",
                prompt_version=row["original_version"],
                prompt_sha256=row["original_prompt_sha256"],
                provider=row["original_provider"],
                model=row["original_model"],
                output=row["original_output"],
            )
        original = DuplicateOf(row["original_rfq_id"], answer)
    return GateFacts(
        accepted_sha256=row["accepted_sha256"],
        accepted_version=row["accepted_version"],
        paid=paid,
        last_model=row["last_model"],
        last_error_class=row["last_error_class"],
        sender=row["sender"],
        original=original,
        same_text_senders=row["same_text_senders"],
        sender_over=row["sender_over"],
        ip_over=row["ip_over"],
        first_done=row["first_done"],
    )


def encoded_results(results: Iterable[AttemptResult]) -> str:
    """The input of `ai.finish_outbox` and `ai.finish_and_claim`."""
    return _json([_result_fields(result) for result in results])


def encoded_requests(requests: Iterable[AdmissionRequest]) -> str:
    """The input of `ai.admit`."""
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
    """The input of `ai.settle_evaluation`."""
    usage = call.usage
    return json.dumps([{
        "claim_id": call.claim_id,
        "error_class": call.error_class,
        **_settlement_fields(call.settlement),
        "cost_usd": None if call.cost_usd is None else str(call.cost_usd),
        "input_tokens": None if usage is None else usage.input_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
    }], separators=(",", ":"))  # fmt: skip


def encoded_shadow_results(results: Iterable[ShadowResult]) -> str:
    """The input of `ai.finish_shadow`."""
    return _json([_shadow_fields(result) for result in results])


def _json(values: list[dict[str, object]]) -> str:
    try:
        return to_json(values).decode()  # takes a third of the time of the module `json`
    # Half of a surrogate pair: let the database refuse only the result that contains it.
    except PydanticSerializationError:
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _result_fields(result: AttemptResult) -> dict[str, object]:
    """One result as `ai.write_results` reads it. A missing key means null, except for `admitted`."""
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
    if result.error_detail is not None:
        fields["error_detail"] = result.error_detail
    if result.waits_for is not None:
        fields["waits_for"] = str(result.waits_for)
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
        fields["reasoning_tokens"] = call.usage.reasoning_tokens
        fields["service_tier"] = call.usage.service_tier
    if call.parameters:
        fields["parameters"] = call.parameters
    if call.context_refs:
        fields["context_refs"] = [{"id": ref.id, "score": ref.score} for ref in call.context_refs]
    return fields


def _settlement_fields(settlement: Settlement) -> dict[str, object]:
    """One settlement as `ai.settle_calls` reads it. `admitted` means that the call has a hold."""
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
