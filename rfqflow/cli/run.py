"""`rfqflow run`, and helpers that `rfqflow demo` shares."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli import edges
from rfqflow.cli.options import database, example
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from rfqflow.settings import Settings
    from rfqflow.worker.result_buffer import OutcomeCounts

DATABASE = "rfqflow"


@example("rfqflow run --concurrency 16 --http 127.0.0.1:8080")
@click.command("run")
@database
@click.option("--embedded", is_flag=True, help="Start and migrate an embedded PostgreSQL in the data directory.")
@click.option("--drain", is_flag=True, help="Process all due RFQs, then exit.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 10_000),
    help="Maximum number of calls in flight. Default: RFQFLOW_CONCURRENCY or 32.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=1,
    metavar="N",
    help="Number of worker processes. A parent process restarts a worker that dies. --concurrency applies to each "
    "worker.  [default: 1]",
)
@click.option(
    "--http",
    metavar="HOST:PORT",
    help="Serve /healthz, /readyz, /metrics and /rfqs/ID on HOST:PORT. Default: RFQFLOW_HTTP; off if unset.",
)
def run(
    *, database_url: str | None, embedded: bool, drain: bool, concurrency: int | None, http: str | None, processes: int
) -> None:
    """Run a worker: claim RFQs as they arrive and enrich them.

    On SIGTERM or Ctrl-C, the worker stops claiming, finishes calls in flight and exits 0. A second signal cancels the
    calls.
    """
    import asyncio
    import signal

    from rfqflow import settings
    from rfqflow.telemetry import logging
    from rfqflow.worker.bootstrap import refuse_unusable

    loaded = settings.load(database_url=database_url, concurrency=concurrency, http=http)
    logging.configure(loaded.log_level, loaded.log_format)
    refuse_unusable(loaded, brings_database=embedded)
    if not embedded:
        _run(loaded, settings.need_database(loaded), processes, drain=drain)
        return
    if loaded.database_url and database_url:
        raise ConfigError("--embedded starts its own server: remove --database-url")
    from rfqflow.database.embedded import EmbeddedPostgres

    with EmbeddedPostgres(loaded.data_dir / "postgres") as server:
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
        dsn = asyncio.run(prepare(server.start()))
        click.echo(f"database: {dsn}", err=True)
        _run(loaded.model_copy(update={"listen_url": None}), dsn, processes, drain=drain)


def _run(loaded: Settings, dsn: str, processes: int, *, drain: bool) -> None:
    if processes == 1:
        _execute(work(loaded, dsn, drain=drain))
        return
    from rfqflow.worker.processes import forked

    code, ended = forked(loaded, dsn, processes, drain=drain, execute=_execute, tell=edges.tell)
    if drain and not code:
        _execute(_tell_what_waits(dsn, ended))
    sys.exit(code)


def _execute(main: Coroutine[Any, Any, object]) -> None:
    import asyncio

    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def prepare(server_dsn: str, *, fresh: bool = False) -> str:
    """Creates and migrates the database on an embedded server. `fresh` first drops the old one. Returns the DSN."""
    from rfqflow.database import migrate
    from rfqflow.database.connection import connect

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
    """Runs a worker until it stops. After a drain, prints the number of RFQs that still wait."""
    from rfqflow.worker.bootstrap import run_worker

    counts = await run_worker(loaded, dsn, drain=drain, on_progress=on_progress)
    if drain:
        await _tell_what_waits(dsn, counts)
    return counts


async def _tell_what_waits(dsn: str, counts: OutcomeCounts) -> None:
    from rfqflow.database.connection import connect
    from rfqflow.store.operator import OperatorStore

    conn = await connect(dsn, application_name="rfqflow start", pooled=True)
    try:
        queue = await OperatorStore(conn).queue()
    finally:
        await conn.close(timeout=2)
    waiting = queue["claimable"] + queue["in_flight"] + queue["expired"] + queue["deferred"] + queue["retrying"]
    text = f"drained: {counts.total} finished"
    if waiting:
        text += f", {waiting} waiting"
        if queue["next_due_at"]:
            text += f", the next until {queue['next_due_at']:%Y-%m-%d %H:%M:%S %Z}"
        if queue["mode"] != "on":
            text += f" ({queue['mode']})"
    click.echo(text, err=True)
