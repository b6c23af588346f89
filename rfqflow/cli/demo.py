"""`rfqflow demo`: inserts and enriches sample RFQs on an embedded PostgreSQL."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.run import prepare, work
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from rfqflow.settings import Settings
    from rfqflow.worker.result_buffer import OutcomeCounts


@example("rfqflow demo --keep")
@click.command("demo")
@click.option("--keep", is_flag=True, help="Keep the server running until Ctrl-C.")
@click.option("--llm", is_flag=True, help="Ask a real model (needs OPENAI_API_KEY or OPENAI_BASE_URL).")
@json_
def demo(*, keep: bool, llm: bool, as_json: bool) -> None:
    """Run a complete demo on an embedded PostgreSQL.

    The command inserts sample RFQs by plain SQL, enriches them and shows the answers.
    """
    import asyncio
    import threading

    from rfqflow import settings
    from rfqflow.database.embedded import EmbeddedPostgres
    from rfqflow.database.scratch_folder import scratch_folder
    from rfqflow.store.reporting import LOOK_AROUND
    from rfqflow.telemetry import logging

    loaded = settings.load(concurrency=8, provider=None if llm else "rules", log_level="warning")
    if llm and loaded.provider_name == "rules":
        raise ConfigError("--llm needs a model: set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server")
    logging.configure("warning", "auto")

    def say(text: str) -> None:
        if not as_json:
            click.echo(text, err=True)

    _end_by_signals()
    with scratch_folder("rfqflow-demo-") as folder, EmbeddedPostgres(folder / "postgres") as server:
        say("starting an embedded PostgreSQL ...")
        dsn = asyncio.run(prepare(server.start(), fresh=True))
        shown = asyncio.run(_enrich(loaded, dsn, quiet=as_json))
        _end_by_signals()  # the worker that just stopped has removed its signal handlers
        unanswered = _unanswered(shown) if llm else None
        if as_json:
            print_json({**shown, "dsn": dsn if keep else None})
        else:
            _print(shown)
        if keep:
            click.echo(f"\nLook around:\n  psql '{dsn}' -c \"{LOOK_AROUND}\"", err=as_json)
            click.echo(unanswered or "", err=True, nl=bool(unanswered))
            say("The server runs until Ctrl-C.")
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()
        elif not as_json:
            click.echo(
                "\nThe server has stopped. `rfqflow demo --keep` keeps it running, so that you can query it with psql."
            )
    if unanswered:
        raise RfqflowError(unanswered)


def _end_by_signals() -> None:
    """Turns signals into an exception, so that the server stops and its files are deleted."""
    import signal

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def _unanswered(shown: dict[str, Any]) -> str | None:
    """The message to print if the model did not answer all RFQs; None if it did."""
    missing = {status: count for status, count in shown["by_status"].items() if status not in ("done", "skipped")}
    if not missing:
        return None
    causes = "".join(
        f"\n  {cause['rfqs']} x {cause['code']}: {cause['meaning'] or ''} {cause['remedy'] or ''}".rstrip()
        for cause in shown["causes"]
    )
    counts = ", ".join(f"{count} {status}" for status, count in missing.items())
    return f"the model did not answer {sum(missing.values())} of {len(shown['rfqs'])} RFQs ({counts}):{causes}"


async def _enrich(loaded: Settings, dsn: str, *, quiet: bool) -> dict[str, Any]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from rfqflow import attachments
    from rfqflow.database import migrate
    from rfqflow.database.connection import connect
    from rfqflow.store.reporting import Figures

    conn = await connect(dsn, application_name="rfqflow demo")
    try:
        inserted = await migrate.insert_samples(conn, with_files=attachments.available())
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
            "causes": await figures.unanswered(),
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
                 row["line_items"], row["ai_review"], row["ai_summary"])
                for row in rows
            ),
            least=("confidence", "items", "review", "urgency"),
            short=("company", "summary"),
        )
    )  # fmt: skip
    counts = ", ".join(f"{number} {status}" for status, number in shown["by_status"].items())
    out.print()
    out.print(f"RFQs {len(rows)}: {counts}")
    out.print(table("scorecard", ("", ""), scorecard(shown["scorecard"])))
