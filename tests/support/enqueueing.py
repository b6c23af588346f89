"""Inserts, and the queue that they fill, for the tests of the trigger."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Awaitable


async def insert(db: asyncpg.Connection, *messages: str) -> list[uuid.UUID]:
    rows = await db.fetch("insert into public.rfq_requests (message) select unnest($1::text[]) returning id", messages)
    return [row["id"] for row in rows]


async def queued(db: asyncpg.Connection) -> list[str]:
    """The messages of the queued RFQs, in order."""
    rows = await db.fetch(
        "select r.message from ai.outbox o join public.rfq_requests r on r.id = o.rfq_id order by r.message"
    )
    return [row["message"] for row in rows]


async def end(db: asyncpg.Connection, rfq_id: uuid.UUID) -> None:
    """Brings a queued RFQ to its end by the shortest path that a worker has."""
    row = await db.fetchrow("select * from ai.claim_outbox(1, 1000, 1, '60 s', 0)")
    assert row["rfq_id"] == rfq_id
    outcomes = await db.fetch(
        "select * from ai.finish_outbox(jsonb_build_array(jsonb_build_object("
        "'outbox_id', $1::bigint, 'rfq_id', $2::uuid, 'claim_id', $3::bigint, 'verdict', 'complete', 'attempt', 1,"
        "'status', 'succeeded', 'content_sha256', $4::bytea, 'prompt_version', 'p@1', 'summary', 'ours')))",
        row["outbox_id"],
        rfq_id,
        row["claim_id"],
        row["content_sha256"],
    )
    assert outcomes == []


async def milliseconds(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000
