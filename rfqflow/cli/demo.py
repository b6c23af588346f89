"""`rfqflow demo`: the whole journey on a PostgreSQL of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.run import prepare, work
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from rfqflow.settings import Settings
    from rfqflow.worker.result_buffer import OutcomeCounts


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave the server up until Ctrl-C, to look around.")
@click.option("--llm", is_flag=True, help="Ask the real model (needs OPENAI_API_KEY or OPENAI_BASE_URL).")
@json_
def demo(*, keep: bool, llm: bool, as_json: bool) -> None:
    """The main job, on a PostgreSQL of its own: insert sample RFQs by plain SQL, enrich them, show them."""
    import asyncio
    import signal
    import threading

    from rfqflow import settings
    from rfqflow.database.embedded import EmbeddedPostgres
    from rfqflow.telemetry import logging

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
            say("starting an embedded PostgreSQL ...")
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
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from rfqflow.database import migrate
    from rfqflow.database.connection import connect
    from rfqflow.store.reporting import Figures

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
        figures = Figures(conn)
        return {
            "rfqs": await figures.latest(1000),
            "by_status": await figures.by_status(),
            "queue": await figures.queue(),
            "scorecard": await figures.scorecard(),
        }
    finally:
        await conn.close(timeout=2)


def _print(shown: dict[str, Any]) -> None:
    from rfqflow.reporting.scorecard import scorecard

    rows = shown["rfqs"]
    out = console()
    out.print(
        table(
            None,
            ("company", "status", "route", "urgency", "confidence", "items", "review", "summary"),
            (
                (row["company"], row["ai_status"], row["ai_route"], row["ai_urgency"], row["ai_confidence"],
                 row["line_items"], row["ai_review"], _short(row["ai_summary"]))
                for row in rows
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
