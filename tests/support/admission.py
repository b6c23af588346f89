"""Helpers for the tests of the guards: claims, admission and ends of calls, straight through the SQL functions."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncpg

DOLLAR = 1_000_000_000


async def insert(db: asyncpg.Connection, number: int = 1, **columns: Any) -> None:
    email = columns.get("email")
    await db.execute(
        "insert into public.rfq_requests (message, email) select 'm' || g, $2 from generate_series(1, $1::int) g",
        number, email,
    )  # fmt: skip


async def claim(db: asyncpg.Connection, limit: int, worker: int = 1) -> list[dict[str, Any]]:
    rows = await db.fetch("select * from ai.claim_outbox($1, $2, $3, '60 s')", worker, random.getrandbits(61), limit)
    return [dict(row) for row in rows]


def request(
    row: dict[str, Any],
    *models: str,
    nano: int = 1000,
    tokens: int = 100,
    priced: bool = True,
    sender: str | None = None,
) -> dict[str, Any]:
    candidates = [{"model": model, "tokens": tokens, "nano": nano, "priced": priced} for model in models or ("m1",)]
    return {"claim_id": row["claim_id"], "rfq_id": str(row["rfq_id"]), "sender": sender, "candidates": candidates}


async def admit(
    db: asyncpg.Connection, *requests: dict[str, Any], lease: str = "60 s"
) -> list[tuple[str | None, str | None]]:
    """Returns the model that admission grants, or the reason for the refusal, per claim."""
    rows = await db.fetch("select * from ai.admit('p', $1, $2::text::interval)", json.dumps(requests), lease)
    return [(row["model"], row["refusal"]) for row in rows]


def end(row: dict[str, Any], verdict: str = "complete", **fields: Any) -> dict[str, Any]:
    status = {"complete": "succeeded", "retry": "failed", "defer": "deferred", "discard": "failed"}.get(verdict)
    return {
        "outbox_id": row["outbox_id"], "rfq_id": str(row["rfq_id"]), "claim_id": row["claim_id"], "verdict": verdict,
        "worker": 1, "attempt": row["attempt"], "status": status, "provider": "p", "model": "m1", "prompt_version": "q@1",
        "content_sha256": "\\x" + row["content_sha256"].hex(), "admitted": True, "call": "ok", "booked_nano": 500,
        "cost_usd": "0.0000005", "cost_source": "table", "input_tokens": 10, "output_tokens": 10, "queue_ms": 1.0, "latency_ms": 1.0,
        "charged": verdict == "retry", "delay_ms": 60000.0, "reason": None if verdict == "complete" else "timeout",
        "error_class": None if verdict == "complete" else "timeout", "summary": "s", "route": "general", **fields,
    }  # fmt: skip


async def finish(db: asyncpg.Connection, *ends: dict[str, Any]) -> dict[int, str]:
    return {
        row["outbox_id"]: row["outcome"].partition(" ")[0]  # the words after a blank are the error's text
        for row in await db.fetch("select * from ai.finish_outbox($1)", json.dumps(ends))
    }


async def calls(db: asyncpg.Connection, number: int, *models: str, **fields: Any) -> None:
    """Admits this many calls that all end alike."""
    await insert(db, number)
    rows = await claim(db, number)
    assert len(rows) == number
    granted = await admit(db, *(request(row, *models) for row in rows))
    assert [refusal for _, refusal in granted] == [None] * number
    outcomes = await finish(
        db, *(end(row, model=model, **fields) for row, (model, _) in zip(rows, granted, strict=True))
    )
    assert outcomes == {}


async def breaker(db: asyncpg.Connection, model: str = "m1") -> dict[str, Any]:
    return dict(await db.fetchrow("select * from ai.breaker_status where provider = 'p' and model = $1", model))


async def ledger(db: asyncpg.Connection) -> list[tuple[int, int]]:
    """The drift of each window against runs and holds, in nano-dollars: spent, held."""
    rows = await db.fetch("select * from ai.reconcile_budget()")
    return [
        (int((row["spent_usd"] - row["runs_usd"]) * DOLLAR), int((row["held_usd"] - row["holds_usd"]) * DOLLAR))
        for row in rows
    ]


async def spent(db: asyncpg.Connection, scope: str = "global", period: str = "day") -> tuple[int, int]:
    row = await db.fetchrow("select * from ai.budget_status where scope = $1 and period = $2", scope, period)
    return int(row["spent_usd"] * DOLLAR), int(row["held_usd"] * DOLLAR)


async def set_policy(db: asyncpg.Connection, **values: Any) -> None:
    for key, value in values.items():
        await db.execute("select ai.set_policy($1, $2)", key, json.dumps(value))
