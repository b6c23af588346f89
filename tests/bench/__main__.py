"""All measurements that `rfqflow bench` does not make: peers, growth, guards, a day, calls in flight, small parts.

Each part makes scratch databases, works in them and drops them. They are on an embedded server or on the server of
--database-url, where the role must be a superuser. The command prints each figure beside its target, and asserts none.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from rfqflow.bench import report
from rfqflow.bench.scratch_database import facts
from rfqflow.cli.bench import server
from rfqflow.cli.output import console, table
from rfqflow.core.errors import RfqflowError
from rfqflow.telemetry import logging

from . import contest, day, growth, guards, idle, inflight, show, startup, strains, workers
from .grounds import Grounds, connected, number
from .peers.environments import default_folder

ROUNDS = {"peers": 7, "growth": 7, "guards": 6, "day": 1, "inflight": 3, "idle": 6, "startup": 20, "workers": 7}


def numbers(text: str) -> tuple[int, ...]:
    return tuple(number(one) for one in text.split(","))


def names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--part", action="append", choices=list(ROUNDS), help="what to measure; may be repeated (default: all)")
    add("--rounds", type=int, help=f"default by part: {', '.join(f'{name} {many}' for name, many in ROUNDS.items())}")
    add("--only", type=names, default=(),
        help="peers: their names; growth: sizes, pinned, backlog, deferred, held; inflight: sleeping, sdk")  # fmt: skip
    add("--database-url", help="a server to work on (default: an embedded one)")
    add("--json", type=Path, metavar="FILE", help="write all figures there")
    add("--html", type=Path, metavar="FILE", help="write tables and plots there, as one page")
    add("--read", type=Path, action="append", metavar="FILE", help="measure nothing: show what --json wrote earlier")
    add("--jobs", type=number, default=50_000, help="peers: the most jobs of one drain (default: 50k)")
    add("--seconds", type=float, default=12, help="peers: how long one pickup takes (default: 12)")
    add("--peers-folder", type=Path, default=default_folder(), help="peers: where their environments are kept")
    add(
        "--sizes",
        type=numbers,
        default=numbers("10k,100k,1M,5M,10M"),
        help="growth: RFQs (default: 10k,100k,1M,5M,10M)",
    )
    add("--rows", type=number, default=20_000, help="growth, guards, workers: RFQs of one drain (default: 20k)")
    add("--insert-seconds", type=float, default=2, help="growth: how long one insert load takes (default: 2)")
    add("--slots", type=numbers, default=strains.SLOTS, help="growth: workers' slots (default: 1,10,100,1000)")
    add("--backlog", type=number, default=1_000_000, help="growth: (default: 1M)")
    add("--pinned-seconds", type=float, default=600, help="growth: how long a snapshot is open first (default: 600)")
    add("--grown", type=number, default=1_000_000, help="guards: RFQs of the grown database; 0: none (default: 1M)")
    add("--minutes", type=float, default=30, help="day: how long it lasts (default: 30)")
    add("--per-second", type=float, default=8, help="day: RFQs that arrive beside the bursts (default: 8)")
    add("--waves", type=int, default=60, help="inflight: (default: 60)")
    add("--in-flight", type=int, default=1_000, help="inflight: calls at a time (default: 1,000)")
    add("--idle-seconds", type=float, default=60, help="idle: how much longer the long idle is (default: 60)")
    return parser.parse_args()


async def measured(
    dsn: str, chosen: argparse.Namespace, parts: list[str], say: Callable[[str], None]
) -> dict[str, Any]:
    loop, itself = asyncio.get_running_loop(), asyncio.current_task()
    assert itself
    for one in (signal.SIGTERM, signal.SIGHUP):  # a signal cancels this task, which drops the databases
        loop.add_signal_handler(one, itself.cancel)
    async with Grounds(dsn) as grounds, connected(await grounds.ours()) as conn:
        results: dict[str, Any] = {"machine": await facts(conn), "rounds": {}}
    for part in parts:
        rounds = results["rounds"][part] = chosen.rounds or ROUNDS[part]
        if part == "peers":
            results[part] = await contest.measure(
                dsn, rounds=rounds, jobs=chosen.jobs, seconds=chosen.seconds, folder=chosen.peers_folder,
                only=chosen.only, say=say,
            )  # fmt: skip
        elif part == "growth":
            results[part] = await growth.measure(
                dsn, rounds=rounds, sizes=chosen.sizes, rows=chosen.rows, seconds=chosen.insert_seconds, slots=chosen.slots,
                backlog=chosen.backlog, pinned_seconds=chosen.pinned_seconds, only=chosen.only, say=say,
            )  # fmt: skip
        elif part == "guards":
            results[part] = await guards.measure(dsn, rounds=rounds, rows=chosen.rows, grown=chosen.grown, say=say)
        elif part == "day":
            results[part] = await day.measure(dsn, minutes=chosen.minutes, per_second=chosen.per_second, say=say)
        elif part == "inflight":
            results[part] = await inflight.measure(
                dsn, rounds=rounds, waves=chosen.waves, in_flight=chosen.in_flight, only=chosen.only, say=say
            )
        elif part == "idle":
            results[part] = await idle.measure(dsn, rounds=rounds, seconds=(10, 10 + chosen.idle_seconds), say=say)
        elif part == "startup":
            results[part] = startup.measure(rounds=rounds, say=say)
        else:
            results[part] = await workers.measure(dsn, rounds=rounds, rows=chosen.rows, say=say)
    return results


def printed(results: dict[str, Any]) -> None:
    out = console()
    for line in report.machine(results["machine"]):
        click.echo(line)
    click.echo(
        f"rounds: {', '.join(f'{name} {many}' for name, many in results['rounds'].items())}; median (95 % interval, "
        "below 6 rounds all), ratios of the same round"
    )
    for one in show.tables(results):
        out.print()
        out.print(table(one.title, one.columns, one.rows))
    out.print()
    rows = [(one.what, one.aim, one.reached, one.verdict) for one in show.targets(results)]
    out.print(table("Targets", ("what", "target", "reached", ""), rows))


def main() -> None:
    chosen = options()
    logging.configure("warning", "auto")
    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, lambda number, _: sys.exit(128 + number))
    if chosen.read:
        results: dict[str, Any] = {"rounds": {}}
        for file in chosen.read:
            found = json.loads(file.read_text("utf-8"))
            results |= {**found, "rounds": results["rounds"] | found["rounds"]}
    else:
        with server(chosen.database_url) as dsn:
            parts = list(dict.fromkeys(chosen.part or ROUNDS))
            if parts == ["inflight"] and (unknown := set(chosen.only) - set(inflight.KINDS)):
                raise RfqflowError(f"inflight: --only takes {' and '.join(inflight.KINDS)}, not {', '.join(unknown)}")
            results = asyncio.run(measured(dsn, chosen, parts, lambda text: click.echo(f"{text} ...", err=True)))
    printed(results)
    if chosen.json:
        aims = [asdict(one) for one in show.targets(results)]
        chosen.json.write_text(json.dumps({**results, "targets": aims}, indent=2), "utf-8")
    if chosen.html:
        chosen.html.write_text(show.page(results), "utf-8")


if __name__ == "__main__":
    try:
        main()
    except asyncio.CancelledError:
        raise SystemExit(128 + signal.SIGTERM) from None
    except RfqflowError as error:
        raise SystemExit(f"Error: {error}") from None
