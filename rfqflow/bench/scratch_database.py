"""The scratch database, and the facts about the machine that a reader needs to judge a figure."""

from __future__ import annotations

import contextlib
import os
import platform
import secrets
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow import __version__
from rfqflow.core.errors import RfqflowError
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.dsn import parse
from rfqflow.database.reconnecting import is_pooled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Settings of the embedded server: it is durable, and has so much room for WAL that checkpoints do not affect the
# result.
SERVER = {
    "max_connections": "200",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
}
_SETTINGS = (
    "fsync", "synchronous_commit", "full_page_writes", "wal_level", "wal_sync_method", "shared_buffers", "max_wal_size",
    "checkpoint_timeout", "max_connections", "autovacuum", "jit",
)  # fmt: skip
_DUPLICATE_HOURS = 720  # the default of the policy
_RESERVED = 20  # connections that are left for other clients, the server's reserve and a worker


def text_of(name: str) -> str:
    """The text of an SQL file beside this module."""
    return files("rfqflow.bench").joinpath(name).read_text("utf-8")


@contextlib.asynccontextmanager
async def scratch(server_dsn: str) -> AsyncIterator[str]:
    """Yields the DSN of a migrated scratch database. Drops the database at the end, also after an error.

    Raises:
        RfqflowError: this role cannot create databases, or the DSN goes through a pooler.
        DatabaseUnreachable: the server does not answer.
    """
    if await is_pooled(server_dsn):
        raise RfqflowError("bench needs a direct connection: this DSN leads to a transaction pooler")
    name = f"rfqflow_bench_{secrets.token_hex(4)}"
    admin = await connect(server_dsn, application_name="rfqflow bench")
    try:
        try:
            # Do not copy template1: another session in it would block the copy.
            await admin.execute(f'create database "{name}" template template0', timeout=60)
        except asyncpg.InsufficientPrivilegeError:
            raise RfqflowError(
                "bench creates a scratch database, which this role may not do: grant it CREATEDB, or use --embedded"
            ) from None
        except asyncpg.PostgresError as error:
            raise RfqflowError(f"bench cannot create its scratch database: {error}") from None
        dsn = database_of(server_dsn, name)
        try:
            conn = await connect(dsn, application_name="rfqflow bench")
            try:
                await prepare(conn)
            finally:
                await conn.close(timeout=2)
            yield dsn
        finally:
            await admin.execute(f'drop database if exists "{name}" with (force)', timeout=60)
    finally:
        await admin.close(timeout=2)


async def prepare(conn: asyncpg.Connection) -> None:
    """Migrates the database, and adds the objects with which the benchmarks compare."""
    await migrate.migrate(conn)
    await conn.execute(text_of("setup.sql"))
    await conn.execute("select ai.make_partitions()")
    # Guarded calls hold amounts of this budget, and spend nothing.
    await conn.execute("select ai.set_budget('global', 'day', 1000000)")


def database_of(dsn: str, name: str) -> str:
    """The DSN of another database of the same server."""
    return parse(dsn).beside(name)


async def clear(conn: asyncpg.Connection) -> None:
    """Empties the tables, so that every measurement starts with empty tables."""
    await conn.execute("select bench.clear()")
    await settle(conn, analyze=False)


async def settle(conn: asyncpg.Connection, *, analyze: bool = True, checkpoint: bool = True) -> None:
    """Updates the planner's statistics and writes dirty pages now, so that neither happens during a measurement."""
    if analyze:
        await conn.execute("vacuum (analyze) public.rfq_requests, ai.outbox, bench.outbox", timeout=120)
    if checkpoint:
        with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
            await conn.execute("checkpoint", timeout=120)


async def set_gates(conn: asyncpg.Connection, *, on: bool) -> None:
    """Turns the gates that read texts, including duplicates, on or off. They are off if only the queue is measured."""
    for key in ("spam", "gibberish"):
        await conn.execute("select ai.set_policy($1, to_jsonb($2::text))", key, "skip" if on else "pass")
    await conn.execute("select ai.set_policy('duplicate_hours', to_jsonb($1::integer))", _DUPLICATE_HOURS if on else 0)


async def facts(conn: asyncpg.Connection) -> dict[str, Any]:
    """The machine, the versions and the settings, without the name of the host."""
    rows = await conn.fetch("select name, setting, unit from pg_settings where name = any ($1)", list(_SETTINGS))
    settings = {row["name"]: _with_unit(row["setting"], row["unit"]) for row in rows}
    return {
        "rfqflow": __version__,
        "python": platform.python_version(),
        "postgresql": await conn.fetchval("select current_setting('server_version')"),
        "cores": _cores(),
        "cpu": _cpu(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 2),
        "notify": await conn.fetchval("select value #>> '{}' from ai.policy where key = 'notify'"),
        "settings": {name: settings[name] for name in _SETTINGS if name in settings},
    }


async def room_for(conn: asyncpg.Connection) -> int:
    """How many more writers the server can accept."""
    free = await conn.fetchval(
        "select current_setting('max_connections')::integer - count(*) from pg_stat_activity where backend_type = "
        "'client backend'"
    )
    return int(free) - _RESERVED


def _with_unit(setting: str, unit: str | None) -> str:
    if unit == "8kB":
        return f"{int(setting) * 8 // 1024} MB"
    return f"{setting} {unit}" if unit else setting


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu() -> str:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
