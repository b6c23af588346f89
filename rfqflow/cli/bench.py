"""`rfqflow bench`: overhead and throughput of rfqflow on this machine."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import dsn_of
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfqflow.bench import report

PARTS = ("insert", "drain", "pickup", "wal")
_ROUNDS, _QUICK_ROUNDS = 7, 3


@example("rfqflow bench --quick --only insert")
@click.command("bench")
@click.option("--database-url", metavar="DSN", help="Measure on this server, in a scratch database.")
@click.option("--embedded", is_flag=True, help="Measure on an embedded PostgreSQL in a temporary folder (default).")
@click.option("--quick", is_flag=True, help="Quick mode: fewer and shorter rounds.")
@click.option("--rounds", type=click.IntRange(1, 200), help="Number of rounds. Default: 7, or 3 with --quick.")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="Run only this benchmark; repeatable.")
@json_
def bench(
    *, database_url: str | None, embedded: bool, quick: bool, rounds: int | None, only: Sequence[str], as_json: bool
) -> None:
    """Measure the overhead and throughput of rfqflow.

    The command measures insert overhead, drain rate, pickup latency and WAL on this machine. It compares them with the
    database without rfqflow. It loads the server for some minutes, and touches no table of another database.
    """
    import asyncio
    import signal

    from rfqflow.bench import report
    from rfqflow.telemetry import logging

    logging.configure("warning", "auto")
    if database_url and embedded:
        raise ConfigError("--embedded starts its own server: remove --database-url")
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
    """Yields the DSN of the given server, or of an embedded server that runs only during the block."""
    if database_url:
        yield dsn_of(database_url)
        return
    from rfqflow.bench.scratch_database import SERVER
    from rfqflow.database.embedded import EmbeddedPostgres
    from rfqflow.database.scratch_folder import scratch_folder

    with scratch_folder("rfqflow-bench-") as folder, EmbeddedPostgres(folder / "postgres", settings=SERVER) as own:
        _say("starting an embedded PostgreSQL")
        yield own.start()


def _say(text: str) -> None:
    click.echo(f"{text} ...", err=True)


async def _measure(server_dsn: str, only: Sequence[str], *, quick: bool, rounds: int) -> dict[str, Any]:
    from rfqflow.bench import drain, insert, pickup, wal_counts
    from rfqflow.bench.scratch_database import facts, scratch
    from rfqflow.database.connection import connect

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
    from rfqflow.bench import report

    out = console()
    for line in report.machine(results["machine"]):
        click.echo(line)
    click.echo(
        f"{results['rounds']} rounds; each round measures all variants. Median (95 % interval; below 6 rounds, the "
        "whole range); ratios compare variants within a round"
    )
    for one in report.tables(results):
        out.print()
        out.print(table(one.title, one.columns, one.rows))
    out.print()
    rows = [(one.what, one.aim, one.reached, one.verdict) for one in aims]
    out.print(table("Targets", ("what", "target", "reached", ""), rows))
