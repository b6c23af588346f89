"""What pages and metrics read, and what people do on a page: every statement of theirs is here.

A view that this database does not have yet is None, and whoever shows it leaves its panel out.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.store.line import Line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

_ABSENT = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.UndefinedColumnError,
           asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError)  # fmt: skip
Row = dict[str, Any]


class Lines:
    """A few connections, so that one slow statement holds up one page and not all."""

    def __init__(self, dsn: str, name: str, number: int, *, pooled: bool, seconds: float) -> None:
        self._all = [Line(dsn, name, pooled=pooled, seconds=seconds) for _ in range(number)]
        self._free: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
        for line in self._all:
            self._free.put_nowait(line)
        self._seconds = seconds

    @contextlib.asynccontextmanager
    async def _one(self) -> AsyncIterator[Line]:
        try:
            async with asyncio.timeout(self._seconds):
                line = await self._free.get()
        except TimeoutError:
            raise DatabaseUnreachable("every connection is busy") from None
        try:
            yield line
        finally:
            self._free.put_nowait(line)

    async def fetch(self, statement: str, *args: Any) -> list[Row]:
        """Raises DatabaseUnreachable, also for a statement that took too long, or asyncpg.PostgresError."""
        async with self._one() as line:
            return [dict(row) for row in await line.fetch(statement, *args)]

    async def close(self) -> None:
        for line in self._all:
            await line.close()


class Reads:
    """What is read by the daemon's HTTP side: figures of the whole fleet, and one RFQ's status."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def _rows(self, statement: str, *args: Any) -> list[Row]:
        return await self._lines.fetch(statement, *args)

    async def _rows_or_none(self, statement: str, *args: Any) -> list[Row] | None:
        try:
            return await self._lines.fetch(statement, *args)
        except _ABSENT:
            return None

    async def ping(self) -> None:
        await self._rows("select 1")

    async def status(self, rfq_id: UUID) -> Row | None:
        """One RFQ's status: no text of the customer's, no address."""
        rows = await self._rows("select * from ai.rfq_status where rfq_id = $1", rfq_id)
        return rows[0] if rows else None

    async def queue(self) -> Row:
        return (await self._rows("select * from ai.queue_status"))[0]

    async def samples(self, names: list[str]) -> list[tuple[str, dict[str, str], float]]:
        """Samples of these names of ai.metrics: name, labels, value; what is not asked for is not computed."""
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


def parsed(value: Any) -> Any:
    """A json column, which comes as text."""
    return json.loads(value) if isinstance(value, str) else value
