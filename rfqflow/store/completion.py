"""Notifications of finished RFQs: sent by workers, received by waiting pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

    from rfqflow.database.reconnecting import ReconnectingConnection

CHANNEL = "rfqflow_done"


async def announce(line: ReconnectingConnection, statuses: Mapping[str, str]) -> int:
    """Notifies watchers of changed RFQs; returns of how many. Raises like `ReconnectingConnection.fetch`."""
    row = await line.one("select ai.announce($1::uuid[], $2)", list(statuses), list(statuses.values()))
    return int(row[0])


async def watch(conn: asyncpg.Connection) -> None:
    """Makes workers notify, while this session lives."""
    await conn.execute("select ai.watch()")
