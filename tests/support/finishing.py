"""RFQs that a test inserts, claims and finishes straight through the SQL functions, without the guards."""

from __future__ import annotations

import json
import uuid

import asyncpg

LEASE = "60 s"


async def insert(db: asyncpg.Connection, message: str = "We need 20 pumps", **columns: object) -> uuid.UUID:
    names = ", ".join(["message", *columns])
    marks = ", ".join(f"${n}" for n in range(1, len(columns) + 2))
    return await db.fetchval(
        f"insert into public.rfq_requests ({names}) values ({marks}) returning id", message, *columns.values()
    )


async def claim(db: asyncpg.Connection, *, worker: int = 1, base: int = 1000, limit: int = 10, lease: str = LEASE):
    return await db.fetch(
        "select * from ai.claim_outbox($1, $2, $3, $4::text::interval, 0)", worker, base, limit, lease
    )


def end(row: asyncpg.Record, verdict: str = "complete", **fields: object) -> dict[str, object]:
    done = {
        "outbox_id": row["outbox_id"],
        "rfq_id": str(row["rfq_id"]),
        "claim_id": row["claim_id"],
        "worker": 1,
        "attempt": row["attempt"],
        "verdict": verdict,
        "status": {"complete": "succeeded", "skip": "skipped", "defer": "deferred", "keep": "skipped"}.get(
            verdict, "failed"
        ),
        "content_sha256": "\\x" + row["content_sha256"].hex() if row["content_sha256"] else None,
        "prompt_version": "p@1",
        "model": "m",
        "summary": "a summary",
        "route": "general",
        "tags": ["pump"],
        "confidence": 0.8,
        "extracted": {"schema_version": 1},
        "output": {"summary": "a summary"},
        "delay_ms": 60_000,
        "charged": verdict == "retry",
    }
    return {**done, **fields}


async def finish(db: asyncpg.Connection, *ends: dict[str, object]) -> dict[int, str]:
    rows = await db.fetch("select * from ai.finish_outbox($1)", json.dumps(ends))
    # The words after a blank are the error's text.
    return {row["outbox_id"]: row["outcome"].partition(" ")[0] for row in rows}
