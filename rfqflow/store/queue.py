"""The calls a worker makes into `ai.*`, with names and types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import SchemaMismatch
from rfqflow.core.prompting.prompt import PromptText
from rfqflow.core.records import Claim, DuplicateOf, GateFacts, Rfq, StoredAnswer
from rfqflow.database.connection import CONNECT_SECONDS
from rfqflow.database.migrate import released_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from rfqflow.core.results import AttemptResult, CallRecord, Settlement
    from rfqflow.database.reconnecting import ReconnectingConnection

# A claim and its facts need not be on disk at once: leave to call is committed after them, and WAL is flushed in its
# order, so that no paid call is made for a claim that a crash of the server undoes. What is free may be done again.
_COMMITTED_LATER = "set_config('synchronous_commit', 'off', true) committed_later"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What `ai.heartbeat` answers; `policy` and `routes` only where they changed."""

    known: bool
    waiting: bool
    next_due_seconds: float | None
    policy_seen: int
    policy: dict[str, Any] | None
    routes: list[dict[str, Any]] | None
    prices: list[dict[str, Any]] | None
    peers: int
    event_seen: int
    events: list[dict[str, Any]]
    watched: bool
    evaluation: bool
    failed_steps: list[str]  # each with its SQLSTATE


@dataclass(frozen=True, slots=True)
class Admission:
    """What `ai.admit` says of one claim: the model to ask, or why none now and how long that lasts."""

    claim_id: int
    model: str | None
    refusal: str | None
    wait_seconds: float


class QueueStore:
    """The calls a worker makes."""

    def __init__(self, line: ReconnectingConnection) -> None:
        self.line = line

    async def finish_and_claim(
        self,
        finished: Sequence[AttemptResult],
        *,
        worker: int,
        claim_id: int,
        limit: int,
        lease_seconds: float,
        from_id: int,
    ) -> tuple[dict[int, str], list[Claim]]:
        """Outcomes by outbox id of what did not go as asked, and new claims."""
        lease = timedelta(seconds=lease_seconds)
        if not finished:
            rows = await self.line.fetch(
                f"select c.* from {_COMMITTED_LATER}, ai.claim_outbox($1, $2, $3, $4, $5) c",
                worker, claim_id, limit, lease, from_id,
            )  # fmt: skip
            return {}, [_claim(row) for row in rows]
        rows = await self.line.fetch(
            "select * from ai.finish_and_claim($1, $2, $3, $4, $5, $6)",
            json.dumps([encoded(one) for one in finished], ensure_ascii=False, separators=(",", ":")),
            worker,
            claim_id,
            limit,
            lease,
            from_id,
        )
        outcomes: dict[int, str] = {}
        claims: list[Claim] = []
        for row in rows:
            if row["outcome"] is None:
                claims.append(_claim(row))
            else:
                outcomes[row["outbox_id"]] = row["outcome"]
        return outcomes, claims

    async def gate_facts(
        self, claims: Sequence[Claim], fingerprints: Sequence[bytes | None], *, paid: bool
    ) -> dict[UUID, GateFacts]:
        """Facts by RFQ; those that are gone are absent. `paid`: counts against senders' rates."""
        rows = await self.line.fetch(
            f"select f.* from {_COMMITTED_LATER}, ai.gate_facts($1, $2, $3, $4, $5) f",
            [claim.rfq_id for claim in claims],
            list(fingerprints),
            [claim.attempt for claim in claims],
            paid,
            [claim.is_new for claim in claims],
        )
        return {row["rfq_id"]: _facts(row) for row in rows}

    async def admit(
        self, provider: str, requests: Sequence[dict[str, Any]], *, lease_seconds: float
    ) -> list[Admission]:
        """Leave to call for each of the requests, as `Pipeline.request` makes them."""
        rows = await self.line.fetch(
            "select * from ai.admit($1, $2, $3)",
            provider,
            json.dumps(list(requests), separators=(",", ":")),
            timedelta(seconds=max(lease_seconds, 1.0)),
        )
        return [
            Admission(row["claim_id"], row["model"], row["refusal"], (row["wait_ms"] or 0.0) / 1000) for row in rows
        ]

    async def reap_holds(self) -> int:
        return int((await self.line.one("select ai.reap_holds()"))[0])

    async def reclaim_stale(self) -> int:
        """Puts claims of workers that are gone, or whose leases ended with leave to call, back to work; how many."""
        return int((await self.line.one("select ai.reclaim_dead(0) + ai.reclaim_expired()"))[0])

    async def prune_guards(self) -> int:
        return int((await self.line.one("select ai.prune_guards()"))[0])

    async def release_unacknowledged(self, worker: int, claim_id: int, limit: int) -> int:
        """Gives back what a claim took whose reply was lost."""
        return int((await self.line.one("select ai.release_unacknowledged($1, $2, $3)", worker, claim_id, limit))[0])

    async def renew(self, held: Sequence[tuple[int, int]], lease_seconds: float) -> set[int]:
        rows = await self.line.fetch(
            "select ai.renew_leases($1, $2, $3)",
            [outbox_id for outbox_id, _ in held],
            [claim_id for _, claim_id in held],
            timedelta(seconds=lease_seconds),
        )
        return {row[0] for row in rows}

    async def beat(self, worker: int, in_flight: int, policy_seen: int, event_seen: int, from_id: int) -> Heartbeat:
        row = await self.line.one(
            "select * from ai.heartbeat($1, $2, $3, $4, $5)", worker, in_flight, policy_seen, event_seen, from_id
        )
        return Heartbeat(
            known=row["known"],
            waiting=row["waiting"],
            next_due_seconds=None if row["next_due_ms"] is None else row["next_due_ms"] / 1000,
            policy_seen=row["policy_seen"],
            policy=json.loads(row["policy"]) if row["policy"] else None,
            routes=json.loads(row["routes"]) if row["routes"] else None,
            prices=json.loads(row["prices"]) if row["prices"] else None,
            peers=row["peers"],
            event_seen=row["event_seen"],
            events=json.loads(row["events"]) if row["events"] else [],
            watched=row["watched"],
            evaluation=row["evaluation"],
            failed_steps=list(row["failed_steps"] or ()),
        )

    async def register(
        self, *, host: str, pid: int, version: str, provider: str, model: str, concurrency: int, lock: bool
    ) -> int:
        row = await self.line.one(
            "select ai.register_worker($1, $2, $3, $4, $5, $6, $7)",
            host, pid, version, provider, model, concurrency, lock,
        )  # fmt: skip
        return int(row[0])

    async def note_claims(self, worker: int, failure: str | None) -> None:
        await self.line.fetch("select ai.note_claims($1, $2)", worker, failure)

    async def retire(self, worker: int) -> None:
        await self.line.fetch("select ai.retire_worker($1)", worker)

    async def reclaim(self, worker: int) -> int:
        return int((await self.line.one("select ai.reclaim_worker($1)", worker))[0])

    async def sweep(self) -> int:
        return int((await self.line.one("select ai.find_unqueued_rfqs()"))[0])

    async def register_prompt(self, text: PromptText) -> str:
        """Adds the prompt, or finds the one with the same words; the first one ever becomes the active one."""
        row = await self.line.one(
            "select ai.add_prompt($1, $2, $3, $4, null, 'shipped with the release', $5)",
            text.name, text.system, text.template, json.dumps(dict(text.parameters)), text.number,
        )  # fmt: skip
        return str(row[0])

    async def prompt(self, version: str) -> PromptText:
        row = await self.line.one(
            "select name, number, system, template, parameters::text from ai.prompts where version = $1", version
        )
        return PromptText(row["name"], row["number"], row["system"], row["template"], json.loads(row["parameters"]))

    async def refuse_unknown_schema(self) -> None:
        """Raises SchemaMismatch when a later release has changed the database in a way this one cannot work with."""
        rows = await self.line.fetch(
            "select name from ai.rfqflow_migration where breaking and name <> all ($1)", released_files()
        )
        if rows:
            raise SchemaMismatch(
                f"the database has been upgraded by a later release ({rows[0][0]}) that this one cannot work with: "
                "upgrade rfqflow."
            )

    async def note_attachment(self) -> int:
        """1 where the application's table has become another, or lost a trigger, or is as it was again."""
        return int((await self.line.one("select ai.note_attachment()"))[0])

    async def make_partitions(self) -> int:
        return int((await self.line.one("select ai.make_partitions()"))[0])

    async def roll_up(self) -> int:
        """One step; how many runs it added to the roll-ups."""
        return int((await self.line.one("select ai.roll_up()"))[0])

    async def hand_off_doorbell(self) -> None:
        await self.line.fetch("select ai.hand_off_doorbell()")

    async def acquire_doorbell(self, wait_seconds: float, seconds: float) -> bool:
        rows = await self.line.fetch("select ai.acquire_doorbell($1)", timedelta(seconds=wait_seconds), seconds=seconds)
        return bool(rows[0][0])

    async def release_doorbell(self, seconds: float) -> None:
        await self.line.fetch("select ai.release_doorbell()", seconds=seconds)

    async def ping(self, seconds: float = CONNECT_SECONDS) -> None:
        await self.line.fetch("select 1", seconds=seconds)

    async def queue_status(self) -> dict[str, Any]:
        return dict(await self.line.one("select * from ai.queue_status"))


def encoded(result: AttemptResult) -> dict[str, object]:
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
        fields["signals"] = result.signals
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
        fields |= encoded_settlement(result.settlement)
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


def encoded_settlement(settlement: Settlement) -> dict[str, object]:
    """As `ai.settle_calls` reads it; `admitted` says that there is a hold."""
    seconds = settlement.retry_after_seconds
    return {
        "admitted": True,
        "call": settlement.call,
        "trip": settlement.trip,
        "retry_after_ms": None if seconds is None else seconds * 1000,
        "booked_nano": settlement.booked_nano,
    }


def _claim(row: asyncpg.Record) -> Claim:
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


def _facts(row: asyncpg.Record) -> GateFacts:
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
