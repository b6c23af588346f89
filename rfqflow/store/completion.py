"""Notifications of finished RFQs. Workers send them, and pages that wait receive them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

    from rfqflow.database.reconnecting import ReconnectingConnection

CHANNEL = "rfqflow_done"


async def announce(line: ReconnectingConnection, statuses: Mapping[str, str]) -> int:
    """Notifies pages about RFQs. Returns the number of RFQs. Raises like `ReconnectingConnection.fetch`."""
    row = await line.one("select ai.announce($1::uuid[], $2)", list(statuses), list(statuses.values()))
    return int(row[0])


async def watch(conn: asyncpg.Connection) -> None:
    """Tells workers that a page waits, as long as this session lives, so that they send notifications."""
    await conn.execute("select ai.watch()")
