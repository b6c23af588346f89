"""The facts that the gates read about an RFQ, and the rows that tests write for them."""

from __future__ import annotations

import hashlib

import asyncpg

from tests.support.admission import claim, end, finish

TEXT = hashlib.sha256(b"one").digest()[:16]


async def add(db, message: str = "one", email: str | None = "a@b.example", ip: str | None = None):
    return await db.fetchval(
        "insert into public.rfq_requests (message, email, source_ip) values ($1, $2, $3::text::inet) returning id",
        message, email, ip,
    )  # fmt: skip


async def facts(db, *ids, text: bytes | None = TEXT, attempt: int = 1, paid: bool = False) -> list[asyncpg.Record]:
    rows = await db.fetch(
        "select * from ai.gate_facts($1, $2, $3, $4)", list(ids), [text] * len(ids), [attempt] * len(ids), paid
    )
    return sorted(rows, key=lambda row: ids.index(row["rfq_id"]))


async def answer(db, rfq_id, **fields) -> None:
    row = next(row for row in await claim(db, 100) if row["rfq_id"] == rfq_id)
    await finish(db, end(row, output={"summary": "s"}, prompt_sha256="\\x00", **fields))
    await db.execute("update ai.outbox set claim_id = null, worker = null, lease_expires_at = null")
