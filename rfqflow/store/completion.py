"""Watching for ends: what a worker asks and tells, and what a page that waits holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

    from rfqflow.database.reconnecting import ReconnectingConnection

CHANNEL = "rfqflow_done"


async def announce(line: ReconnectingConnection, statuses: Mapping[str, str]) -> int:
    """Tells watchers what became of RFQs; returns of how many. Raises as `Line.fetch` does."""
    row = await line.one("select ai.announce($1::uuid[], $2)", list(statuses), list(statuses.values()))
    return int(row[0])


async def watch(conn: asyncpg.Connection) -> None:
    """From now on workers tell of ends, while this session lives."""
    await conn.execute("select ai.watch()")
