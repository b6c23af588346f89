"""`rfqflow bench`: what rfqflow costs and carries on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow import settings
from rfqflow.bench import drain, insert, pickup, report, wal_counts
from rfqflow.bench.scratch_database import SERVER, facts, scratch
from rfqflow.cli.output import console, print_json, table
from rfqflow.core.errors import ConfigError
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.telemetry import logging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PARTS = ("insert", "drain", "pickup", "wal")
_ROUNDS, _QUICK_ROUNDS = 7, 3


def bench(
    database_url: str | None, *, embedded: bool, quick: bool, rounds: int | None, only: Sequence[str], as_json: bool
) -> None:
    """Measures on a scratch database, prints what came of it, and drops it."""
    logging.configure("warning", "auto")
    if database_url and embedded:
        raise ConfigError("--embedded brings its own server: leave --database-url out")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with server(database_url) as dsn:
        results = asyncio.run(
            _measure(dsn, only or PARTS, quick=quick, rounds=rounds or (_QUICK_ROUNDS if quick else _ROUNDS))
        )
    aims = report.targets(results)
    if as_json:
        print_json({**results, "targets": [asdict(one) for one in aims]})
    else:
        _print(results, aims)


@contextlib.contextmanager
def server(database_url: str | None) -> Iterator[str]:
    """DSN of that server, or of an embedded one that is gone afterwards."""
    if database_url:
        yield settings.need_database(settings.load(database_url=database_url))
        return
    with tempfile.TemporaryDirectory(prefix="rfqflow-bench-", ignore_cleanup_errors=True) as folder:
        # As root the server runs as somebody else, who must be able to get there; the data itself stays his alone.
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "postgres", settings=SERVER) as own:
            _say("starting an own PostgreSQL")
            yield own.start()


def _say(text: str) -> None:
    click.echo(f"{text} ...", err=True)


async def _measure(server_dsn: str, only: Sequence[str], *, quick: bool, rounds: int) -> dict[str, Any]:
    async with scratch(server_dsn) as dsn:
        conn = await connect(dsn, application_name="rfqflow bench")
        try:
            results: dict[str, Any] = {"machine": await facts(conn), "rounds": rounds}
            if "insert" in only:
                results["insert"] = await insert.measure(
                    dsn,
                    conn,
                    rounds=rounds,
                    seconds=1 if quick else 2,
                    bulk_rows=20_000 if quick else 100_000,
                    say=_say,
                )
            if "drain" in only:
                results["drain"] = await drain.measure(
                    dsn, conn, rounds=rounds, rows=10_000 if quick else 50_000, single_rows=1_000 if quick else 3_000,
                    say=_say,
                )  # fmt: skip
            if "pickup" in only:
                results["pickup"] = await pickup.measure(dsn, conn, rounds=rounds, seconds=4 if quick else 12, say=_say)
            if "wal" in only:
                results["wal"] = await wal_counts.measure(dsn, conn, rows=1_000 if quick else 4_000, say=_say)
            return results
        finally:
            await conn.close(timeout=2)


def _print(results: dict[str, Any], aims: Sequence[report.Target]) -> None:
    out = console()
    for line in report.machine(results["machine"]):
        click.echo(line)
    click.echo(
        f"{results['rounds']} rounds, variants interleaved; median (95 % interval, below 6 rounds all), ratios of the "
        "same round"
    )
    for one in report.tables(results):
        out.print()
        out.print(table(one.title, one.columns, one.rows))
    out.print()
    rows = [(one.what, one.aim, one.reached, one.verdict) for one in aims]
    out.print(table("Targets", ("what", "target", "reached", ""), rows))
