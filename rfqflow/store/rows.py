"""Rows that `ai.*` answers a worker with, as records of the core."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfqflow.core.decisions.admission import Admission
from rfqflow.core.policy import Policy
from rfqflow.core.records import Claim, DuplicateOf, GateFacts, Rfq, Route, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg


@dataclass(frozen=True, slots=True)
class FleetEvent:
    """Something that all workers log; `details` are its fields of the log line."""

    kind: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What `ai.heartbeat` answers; `policy`, `routes` and `prices` only where they changed."""

    known: bool
    waiting: bool
    next_due_seconds: float | None
    policy_seen: int
    policy: Policy | None
    routes: tuple[Route, ...] | None
    prices: tuple[Mapping[str, object], ...]  # rows of `ai.model_prices`, which the price book checks one by one
    peers: int
    event_seen: int
    events: tuple[FleetEvent, ...]
    watched: bool
    evaluation: bool
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
        prices=tuple(json.loads(row["prices"])) if row["prices"] else (),
        peers=row["peers"],
        event_seen=row["event_seen"],
        events=tuple(FleetEvent(event.pop("kind"), event) for event in events),
        watched=row["watched"],
        evaluation=row["evaluation"],
        failed_steps=list(row["failed_steps"] or ()),
    )


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
        except (ValueError, TypeError, RecursionError) as error:  # it must not take the others along
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
