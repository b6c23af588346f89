"""Scratch databases of one cluster, and what can be counted of each from outside."""

import argparse
import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self
from urllib.parse import quote, urlencode

import asyncpg

from rfqflow.bench.scratch_database import database_of, prepare, scratch, set_gates
from rfqflow.cli.bench import server
from rfqflow.database.connection import connect
from rfqflow.database.dsn import parse

_OURS = "rfqflow bench"
_SUFFIXES = {"k": 1_000, "M": 1_000_000}


def number(text: str) -> int:
    """`100k` or `1.5M` as a number."""
    return int(float(text.rstrip("kM")) * _SUFFIXES.get(text[-1], 1))


def print_at_size(
    description: str | None, default: str, measure: Callable[[str, int], Awaitable[dict[str, Any]]]
) -> None:
    """The program of a benchmark at one size: reads --rfqs, measures in a scratch database, prints a line per figure."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rfqs", type=number, default=number(default), help=f"RFQs in the database (default: {default})"
    )
    rfqs = parser.parse_args().rfqs

    async def measured(dsn: str) -> None:
        async with scratch(dsn) as scratched:
            for name, value in (await measure(scratched, rfqs)).items():
                print(name, json.dumps(value), flush=True)

    with server(None) as dsn:
        asyncio.run(measured(dsn))


class Grounds:
    """`async with Grounds(server_dsn) as grounds`: everything made here is dropped at the end, also after an error."""

    def __init__(self, server_dsn: str) -> None:
        self.server_dsn = server_dsn
        self._made: list[str] = []

    async def __aenter__(self) -> Self:
        self.admin = await connect(self.server_dsn, application_name=_OURS)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            for name in reversed(self._made):
                await self.admin.execute(f'drop database if exists "{name}" with (force)', timeout=120)
        finally:
            await self.admin.close(timeout=2)

    async def make(self, template: str = "") -> str:
        """DSN of a new database, or of a copy of a database without sessions."""
        name = f"rfqflow_bench_{secrets.token_hex(4)}"
        source = _name_of(template) if template else "template0"
        await self.admin.execute(f'create database "{name}" template "{source}"', timeout=300)
        self._made.append(name)
        return database_of(self.server_dsn, name)

    async def drop(self, dsn: str) -> None:
        name = _name_of(dsn)
        await self.admin.execute(f'drop database if exists "{name}" with (force)', timeout=120)
        self._made.remove(name)

    async def ours(self) -> str:
        """A database with rfqflow in it. Screening is off, as in the drain of `rfqflow bench`."""
        dsn = await self.make()
        async with connected(dsn) as conn:
            await prepare(conn)
            await set_gates(conn, on=False)
        await self.left(dsn)
        return dsn

    async def left(self, dsn: str, seconds: float = 30) -> None:
        """Waits until no session is left: a session's counts are complete when it has ended."""
        by = time.monotonic() + seconds
        while await self.admin.fetchval(
            "select exists (select from pg_stat_activity where datname = $1 and backend_type = 'client backend')",
            _name_of(dsn),
        ):
            if time.monotonic() > by:
                raise TimeoutError(f"a session is still connected to {_name_of(dsn)}")
            await asyncio.sleep(0.02)

    async def counted(self, dsn: str) -> tuple[int, int]:
        """The cluster's bytes of WAL and the database's transactions so far. Call it while no session is connected."""
        await self.left(dsn)
        row = await self.admin.fetchrow(
            "select (pg_current_wal_insert_lsn() - '0/0')::bigint, xact_commit from pg_stat_database where datname = $1",
            _name_of(dsn),
        )
        return int(row[0]), int(row[1])


def _name_of(dsn: str) -> str:
    return str(parse(dsn).database)


def url_of(dsn: str) -> str:
    """The DSN as a URL, for drivers that read no other form."""
    target = parse(dsn)
    (host,) = target.hosts
    words = {
        "host": host.name, "port": host.port, "user": target.user, "password": target.password, **target.tls,
    }  # fmt: skip
    said = urlencode({name: value for name, value in words.items() if value is not None})
    return f"postgresql:///{quote(target.database or '')}?{said}"


@contextlib.asynccontextmanager
async def connected(dsn: str) -> Any:
    conn = await connect(dsn, application_name=_OURS)
    try:
        yield conn
    finally:
        await conn.close(timeout=5)


async def tidy(conn: asyncpg.Connection) -> None:
    """Updates statistics as autovacuum would, and writes dirty pages.

    Neither may happen during a measurement.
    """
    await conn.execute("vacuum (analyze)", timeout=600)
    await conn.execute("checkpoint", timeout=600)
