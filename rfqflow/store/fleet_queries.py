"""Figures of the fleet and one RFQ's status, for metrics and HTTP endpoints, without customers' texts.

If an older database lacks a view, its figures are None, and pages leave out its panel.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rfqflow.store.errors import ABSENT

if TYPE_CHECKING:
    from uuid import UUID

    from rfqflow.store.connection_pool import ConnectionPool

Row = dict[str, Any]


class FleetQueries:
    """Queries of the daemon's HTTP endpoint."""

    def __init__(self, lines: ConnectionPool) -> None:
        self._lines = lines

    async def _rows(self, statement: str, *args: Any) -> list[Row]:
        return [dict(row) for row in await self._lines.fetch(statement, *args)]

    async def _rows_or_none(self, statement: str, *args: Any) -> list[Row] | None:
        try:
            return await self._rows(statement, *args)
        except ABSENT:
            return None

    async def ping(self) -> None:
        await self._rows("select 1")

    async def attachment(self) -> str:
        """The state in `ai.table_mapping`: attached, detached, or what is wrong with the application's table."""
        return str((await self._rows("select state from ai.table_mapping"))[0]["state"])

    async def status(self, rfq_id: UUID) -> Row | None:
        """The status of one RFQ, without the customer's text and address."""
        rows = await self._rows("select * from ai.rfq_status where rfq_id = $1", rfq_id)
        return rows[0] if rows else None

    async def health(self) -> list[Row]:
        """The findings, most severe first: severity, code, sentence, count, since, remedy."""
        return await self._rows_or_none("select * from ai.health") or []

    async def queue(self) -> Row:
        return (await self._rows("select * from ai.queue_status"))[0]

    async def samples(self, names: list[str]) -> list[tuple[str, dict[str, str], float]]:
        """The samples of ai.metrics with these names: name, labels, value. The database computes no others."""
        rows = await self._rows(
            "select name, labels::text, value from ai.metrics where name = any ($1) and value is not null", names
        )
        return [(row["name"], json.loads(row["labels"]), row["value"]) for row in rows]

    async def workers(self) -> list[Row]:
        return await self._rows("select * from ai.worker_status order by worker")

    async def breaker(self) -> list[Row] | None:
        return await self._rows_or_none("select * from ai.breaker_status order by provider, model")

    async def budget(self) -> list[Row] | None:
        return await self._rows_or_none(
            "select * from ai.budget_status order by scope, array_position('{hour,day,month}', period)"
        )
