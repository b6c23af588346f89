"""A daemon with an HTTP endpoint, and signed requests to it."""

from __future__ import annotations

import contextlib
import time
import uuid

from rfqflow.http import signing
from tests.support.daemon import ForkedProcess

SECRET = "a secret of sixteen or more"


@contextlib.asynccontextmanager
async def answering(database: str, *, host: str = "127.0.0.1", **environment: str):
    """Runs a daemon with --http; yields its URL and the process."""
    async with ForkedProcess("run", "--http", f"{host}:0", RFQFLOW_DATABASE_URL=database, **environment) as daemon:
        line = await daemon.until_event("http.listening")
        await daemon.until_event("worker.registered")
        yield line["url"].replace("0.0.0.0", "127.0.0.1"), daemon


async def insert(db, message="We need 5 pumps") -> uuid.UUID:
    return await db.fetchval("insert into public.rfq_requests (message) values ($1) returning id", message)


def signed(method: str, target: str, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    now = int(time.time() if at is None else at)
    return {signing.TIMESTAMP: str(now), signing.SIGNATURE: signing.sign(secret, now, method, target)}
