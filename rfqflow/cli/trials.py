"""`rfqflow prompt shadow`, `canary`, `stop`, `trials` and `trial`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from rfqflow import settings
from rfqflow.cli.output import console, print_json, table
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.evaluation.trial_report import arms
from rfqflow.store.prompt_trials import Trials

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def _with_trials(database_url: str | None, work: Callable[[Trials], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        line = ReconnectingConnection(
            settings.need_database(settings.load(database_url=database_url)), "rfqflow command", pooled=True
        )
        try:
            return await work(Trials(line))
        finally:
            await line.close()

    return asyncio.run(main())


def start(
    kind: str, version: str, percent: float, database_url: str | None, actor: str | None, reason: str | None,
    *, force: bool, as_json: bool,
) -> None:  # fmt: skip
    """Begins a trial."""
    number = _with_trials(database_url, lambda trials: trials.start(kind, version, percent, actor, reason, force=force))
    if as_json:
        print_json({"trial": number})
    else:
        click.echo(f"trial {number}: {kind} of {version} for {percent:g} %; `rfqflow prompt trial {number}` compares")


def stop(kind: str, database_url: str | None, actor: str | None, reason: str | None, *, as_json: bool) -> None:
    """Ends it."""

    async def end(trials: Trials) -> int | None:
        running = await trials.running(kind)
        figures = await trials.figures(running) if running else None
        return await trials.end(kind, actor, reason or "stopped by hand", figures)

    number = _with_trials(database_url, end)
    if as_json:
        print_json({"trial": number})
    else:
        click.echo(f"trial {number} has ended" if number else f"no {kind} runs")


def list_(limit: int, database_url: str | None, *, as_json: bool) -> None:
    """Prints trials."""
    rows = _with_trials(database_url, lambda trials: trials.all(limit))
    if as_json:
        print_json(rows)
        return
    columns = (
        "trial",
        "kind",
        "prompt_version",
        "base_version",
        "percent",
        "started_at",
        "ended_at",
        "end_reason",
    )
    console().print(table(None, columns, [[one[key] for key in columns] for one in rows]))


def show(trial: int, database_url: str | None, *, ids: bool, failed: bool, as_json: bool) -> None:
    """Prints both arms, or the RFQs of the canary's."""

    async def find(trials: Trials) -> Any:
        return await trials.figures(trial), await trials.rfqs(trial)

    figures, rfqs = _with_trials(database_url, find)
    if ids:
        for rfq_id, has_failed in rfqs:
            if has_failed or not failed:
                click.echo(str(rfq_id))
        return
    if as_json:
        print_json({**figures, "rfq_ids": [rfq_id for rfq_id, _ in rfqs]})
        return
    state = f"ended: {figures['end_reason']}" if figures["ended_at"] else "running"
    click.echo(
        f"trial {trial}, {figures['kind']} of {figures['prompt_version']} against {figures['base_version']}, "
        f"{figures['percent']:g} %, {state}\n"
    )
    console().print(table(None, ("", figures["prompt_version"], figures["base_version"]), arms(figures)))
    if figures["kind"] == "canary" and rfqs:
        click.echo(
            f"\n{len(rfqs)} RFQs were asked with it, {sum(one for _, one in rfqs)} failed: "
            f"`rfqflow prompt trial {trial} --ids` lists them.\nTo ask them again, with the active prompt:\n"
            f"  rfqflow rerun $(rfqflow prompt trial {trial} --ids)"
        )
