"""`rfqflow demo`: the whole journey on a PostgreSQL of its own."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from rfqflow import settings
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.run import prepare, work
from rfqflow.core.errors import ConfigError
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.reporting.scorecard import scorecard
from rfqflow.store.reporting import Figures
from rfqflow.telemetry import logging

if TYPE_CHECKING:
    from rfqflow.settings import Settings
    from rfqflow.worker.result_buffer import OutcomeCounts


def demo(*, keep: bool, llm: bool, as_json: bool) -> None:
    """Starts a server, migrates, inserts the samples, enriches them, prints what came of it."""
    loaded = settings.load(concurrency=8, provider=None if llm else "rules", log_level="warning")
    if llm and loaded.provider_name == "rules":
        raise ConfigError("--llm needs a model: set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server")
    logging.configure("warning", "auto")

    def say(text: str) -> None:
        if not as_json:
            click.echo(text, err=True)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="rfqflow-demo-", ignore_cleanup_errors=True) as folder:
        # As root the server runs as somebody else, who must be able to get there; the data itself stays his alone.
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "postgres") as server:
            say("starting an own PostgreSQL ...")
            dsn = asyncio.run(prepare(server.start(), fresh=True))
            shown = asyncio.run(_enrich(loaded, dsn, quiet=as_json))
            if as_json:
                print_json({**shown, "dsn": dsn})
            else:
                _print(shown)
                click.echo(f"\nlook around: psql '{dsn}', then: select * from ai.rfq_status;")
            if keep:
                say("the server is up until Ctrl-C")
                try:
                    threading.Event().wait()
                except KeyboardInterrupt:
                    say("")
            elif not as_json:
                click.echo("(the server goes with this command; `rfqflow demo --keep` leaves it up)")


async def _enrich(loaded: Settings, dsn: str, *, quiet: bool) -> dict[str, Any]:
    conn = await connect(dsn, application_name="rfqflow demo")
    try:
        inserted = await migrate.insert_samples(conn)
        progress = Progress(
            TextColumn("enriching"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console(),
            disable=quiet,
            transient=True,
        )
        with progress:
            bar = progress.add_task("rfqs", total=inserted)

            def on_progress(counts: OutcomeCounts) -> None:
                progress.update(bar, completed=min(counts.total, inserted))

            await work(loaded.model_copy(update={"listen_url": None}), dsn, drain=True, on_progress=on_progress)
        desk = Figures(conn)
        return {
            "rfqs": await desk.latest(1000),
            "by_status": await desk.by_status(),
            "queue": await desk.queue(),
            "scorecard": await desk.scorecard(),
        }
    finally:
        await conn.close(timeout=2)


def _print(shown: dict[str, Any]) -> None:
    rows = shown["rfqs"]
    out = console()
    out.print(
        table(
            None,
            ("company", "status", "route", "urgency", "confidence", "items", "review", "summary"),
            (
                (one["company"], one["ai_status"], one["ai_route"], one["ai_urgency"], one["ai_confidence"],
                 one["line_items"], one["ai_review"], _short(one["ai_summary"]))
                for one in rows
            ),
        )
    )  # fmt: skip
    counts = ", ".join(f"{number} {status}" for status, number in shown["by_status"].items())
    out.print()
    out.print(f"RFQs {len(rows)}: {counts}")
    out.print(table("scorecard", ("", ""), scorecard(shown["scorecard"])))


def _short(text: str | None, characters: int = 70) -> str | None:
    if text is None or len(text) <= characters:
        return text
    return text[: characters - 1] + "…"
