"""`rfqflow run`, and what `demo` shares with it."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

import click

from rfqflow import settings
from rfqflow.core.errors import ConfigError
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.store.operator import OperatorStore
from rfqflow.telemetry import logging
from rfqflow.worker.bootstrap import run_worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.settings import Settings
    from rfqflow.worker.result_buffer import OutcomeCounts

DATABASE = "rfqflow"


def run(
    database_url: str | None, *, embedded: bool, drain: bool, concurrency: int | None, http: str | None = None
) -> None:
    """Runs the daemon until it is told to stop, or with `drain` until nothing is due."""
    loaded = settings.load(database_url=database_url, concurrency=concurrency, http=http)
    logging.configure(loaded.log_level, loaded.log_format)
    if not embedded:
        _execute(work(loaded, settings.need_database(loaded), drain=drain))
        return
    if loaded.database_url and database_url:
        raise ConfigError("--embedded brings its own database: leave --database-url out")
    from rfqflow.database.embedded import EmbeddedPostgres

    with EmbeddedPostgres(loaded.data_dir / "postgres") as server:
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
        dsn = asyncio.run(prepare(server.start()))
        click.echo(f"database: {dsn}", err=True)
        _execute(work(loaded.model_copy(update={"listen_url": None}), dsn, drain=drain))


def _execute(main: object) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)  # type: ignore[arg-type] # a coroutine
    else:
        uvloop.run(main)  # type: ignore[arg-type] # a coroutine


async def prepare(server_dsn: str, *, fresh: bool = False) -> str:
    """Makes and migrates the database on an embedded server; returns its DSN. `fresh` drops an earlier one."""
    dsn = server_dsn.rsplit("/", 1)[0] + "/" + DATABASE
    await migrate.ensure_database(server_dsn, DATABASE, fresh=fresh)
    conn = await connect(dsn, application_name="rfqflow migrate")
    try:
        await migrate.migrate(conn)
    finally:
        await conn.close(timeout=2)
    return dsn


async def work(
    loaded: Settings, dsn: str, *, drain: bool, on_progress: Callable[[OutcomeCounts], None] = lambda _: None
) -> OutcomeCounts:
    """Runs a worker to its end; after a drain, says what still waits."""
    counts = await run_worker(loaded, dsn, drain=drain, on_progress=on_progress)
    if drain:
        await _tell_what_waits(dsn, counts)
    return counts


async def _tell_what_waits(dsn: str, counts: OutcomeCounts) -> None:
    conn = await connect(dsn, application_name="rfqflow start", pooled=True)
    try:
        queue = await OperatorStore(conn).queue()
    finally:
        await conn.close(timeout=2)
    waiting = queue["claimable"] + queue["in_flight"] + queue["expired"] + queue["deferred"] + queue["retrying"]
    text = f"drained: {counts.total} ended"
    if waiting:
        text += f", {waiting} wait"
        if queue["next_due_at"]:
            text += f", the next till {queue['next_due_at']:%Y-%m-%d %H:%M:%S %Z}"
        if queue["mode"] != "on":
            text += f" ({queue['mode']})"
    click.echo(text, err=True)
