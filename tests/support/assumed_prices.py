"""Calls that are booked at an assumed price, and RFQs that wait for a price, straight through the SQL functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.admission import admit, claim, end, finish, insert, request

if TYPE_CHECKING:
    import asyncpg

SET = (
    "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
    "values ('p', 'm1', {0}, {1})"
)
UNPRICED = {"cost_usd": None, "cost_source": "unknown", "input_tokens": 1000, "output_tokens": 100}


async def unpriced(db: asyncpg.Connection, number: int = 1, nano: int = 1_400_000, **fields: object) -> None:
    """Ends this many calls of unknown price, booked at the assumed 1 and 4 USD per million tokens."""
    await insert(db, number)
    rows = await claim(db, number)
    await admit(db, *(request(row, nano=nano, priced=False) for row in rows))
    await finish(db, *(end(row, **{**UNPRICED, "booked_nano": 1_400_000, **fields}) for row in rows))


async def deferred(db: asyncpg.Connection, reason: str, seconds: int = 3600, number: int = 1) -> None:
    await insert(db, number)
    rows = await claim(db, number)
    put_back = {"reason": reason, "error_class": None, "charged": False, "delay_ms": seconds * 1000.0}
    await finish(db, *({**end(row, "defer", **put_back), "admitted": None} for row in rows))
