"""`rfqflow status`: problems first, then workers, then the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import cell, console, print_json, table
from rfqflow.cli.sessions import connected, dsn_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rfqflow.store.reporting import Figures

_WATCH_SECONDS = 1.0
_WATCHED_FINDINGS, _WATCHED_WORKERS = 2, 4  # most lines of each, so that all fits a terminal of 24 lines
_STYLES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


@example("rfqflow status --watch")
@click.command("status")
@database
@click.option("--watch", is_flag=True, help="Refresh until Ctrl-C.")
@json_
def status(*, database_url: str | None, watch: bool, as_json: bool) -> None:
    """Show problems with their remedies, workers and the queue."""
    import asyncio

    from rfqflow.store.reporting import Figures

    if watch:
        try:
            asyncio.run(_watch(database_url, as_json=as_json))
        except KeyboardInterrupt:
            return
        return
    state = connected(database_url, lambda conn: _status(Figures(conn)))
    if as_json:
        print_json(state)
    else:
        screen = console()
        for part in _shown(state):
            screen.print(part, soft_wrap=not screen.is_terminal)


async def _status(figures: Figures) -> dict[str, Any]:
    return {
        "health": await figures.health(),
        "queue": await figures.queue(),
        "table": await figures.table(),
        "workers": await figures.workers(),
        "runs_today": await figures.runs_today(),
        "rates": await figures.rates(),
        "scorecard": await figures.scorecard(),
        "maintenance": await figures.maintenance(),
        **await figures.guards(),
    }


async def _watch(database_url: str | None, *, as_json: bool) -> None:
    import asyncio

    from rich.console import Group
    from rich.live import Live

    from rfqflow.database.connection import connect
    from rfqflow.store.reporting import Figures

    conn = await connect(dsn_of(database_url), application_name="rfqflow command", pooled=True)
    figures = Figures(conn)
    try:
        if as_json:
            while True:
                print_json(await _status(figures))
                await asyncio.sleep(_WATCH_SECONDS)
        first = Group(*_shown(await _status(figures), watched=True))
        with Live(first, console=console(), auto_refresh=False) as live:
            while True:
                await asyncio.sleep(_WATCH_SECONDS)
                live.update(Group(*_shown(await _status(figures), watched=True)), refresh=True)
    finally:
        conn.terminate()


def _shown(state: dict[str, Any], *, watched: bool = False) -> list[RenderableType]:
    """The parts of the output. `watched`: only the most important lines, so that they fit on one screen."""
    findings = _findings(state["health"], _WATCHED_FINDINGS if watched else None)
    workers = _workers(state["workers"], _WATCHED_WORKERS if watched else None)
    return [*findings, table(None, ("", ""), [*workers, *_figures(state)])]


def _findings(found: list[dict[str, Any]], most: int | None) -> list[RenderableType]:
    from rich.text import Text

    if not found:
        return [Text("no problems", style="green")]
    lines: list[RenderableType] = []
    for finding in found[:most]:
        lines.append(Text.assemble((finding["severity"], _STYLES[finding["severity"]]), f"  {finding['sentence']}"))
        lines.append(Text(f"  {finding['remedy']}", style="dim"))
    if most is None:
        lines.append(Text("more: docs/how-to/runbook.md#findings-about-the-installation", style="dim"))
    elif len(found) > most:
        lines.append(Text(f"and {len(found) - most} more: `rfqflow status` shows them"))
    return lines


def _workers(workers: list[dict[str, Any]], most: int | None) -> list[tuple[str, Any]]:
    lines: list[tuple[str, Any]] = [
        (
            f"worker {worker['worker']}",
            f"{worker['provider']} {worker['model']}, {worker['in_flight']}/{worker['concurrency']} in flight, "
            f"{worker['host']} pid {worker['pid']}, seen {worker['silent_seconds']:.0f} s ago"
            + ("" if worker["has_lock"] else ", lease only"),
        )
        for worker in workers[:most]
    ]
    if most is not None and len(workers) > most:
        lines.append(("", f"and {len(workers) - most} more"))
    return lines or [("workers", "none")]


def _figures(state: dict[str, Any]) -> list[tuple[str, Any]]:
    queue = state["queue"]
    age = queue["oldest_claimable_seconds"]
    return [
        ("mode", queue["mode"]),
        ("claimable", f"{queue['claimable']}" + (f", oldest {age:.1f} s" if age is not None else "")),
        (
            "in flight",
            f"{queue['in_flight']}" + (f", {queue['expired']} expired" if queue["expired"] else ""),
        ),
        (
            "deferred",
            f"{queue['deferred']}"
            + (f", next {cell(queue['next_due_at'])}" if queue["deferred"] and queue["next_due_at"] else ""),
        ),
        ("retrying", queue["retrying"]),
        ("backfill", f"{queue['backfill']} wait in the backfill" if queue["backfill"] else "none"),
        ("dead letters", queue["dead"]),
        ("missed by the trigger", queue["missed"]),
        ("runs, today (UTC)", ", ".join(f"{number} {name}" for name, number in state["runs_today"].items()) or "none"),
        *_rates(state["rates"], state["scorecard"]),
        *_guards(state["breakers"], state["budgets"]),
        ("table", f"{state['table']['table_name']}, {state['table']['state'].replace('_', ' ')}"),
        *_late(state["maintenance"]),
    ]


def _late(steps: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """A line for each maintenance step that fails or is late."""
    return [
        (
            f"maintenance {step['step']}",
            (f"failed at {cell(step['failed_at'])} with {step['sqlstate']}" if step["is_failing"]
             else f"{cell(step['ran_at'])}, {step['rows'] or 0} rows") + f", due {cell(step['next_at'])}",
        )
        for step in steps
        if step["is_failing"] or step["is_late"]
    ]  # fmt: skip


def _rates(rates: dict[str, Any], card: dict[str, Any]) -> list[tuple[str, Any]]:
    cost = "" if rates["cost_usd"] is None else f", {rates['cost_usd']:.4f} USD"
    share = [
        f"{card[key]:.1%} {name}"
        for key, name in (
            ("enrichment_rate", "enriched"),
            ("failure_rate", "failed"),
            ("calls_avoided_rate", "without a call"),
        )
        if card[key] is not None
    ]
    return [
        (
            f"last {rates['minutes']} min",
            f"{rates['ended_per_minute']:.1f} finished, {rates['calls_per_minute']:.1f} calls, "
            f"{rates['errors_per_minute']:.1f} errors a minute{cost}",
        ),
        ("scorecard", f"{card['rfqs']} RFQs finished" + "".join(f", {part}" for part in share)
            + (f", p95 {card['p95_ms'] / 1000:.1f} s" if card["p95_ms"] is not None else "")),
    ]  # fmt: skip


def _guards(breakers: list[dict[str, Any]], budgets: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    lines: list[tuple[str, Any]] = [
        (
            f"breaker {breaker['provider']} {breaker['model']}",
            breaker["state"]
            + (f", {breaker['reason']}" if breaker["reason"] else "")
            + (
                f", until {cell(breaker['open_until'])}" if breaker["state"] == "open" and breaker["open_until"] else ""
            ),
        )
        for breaker in breakers
    ]
    for budget in budgets:
        cap = "no cap" if budget["cap_usd"] is None else f"of {budget['cap_usd']:.2f}"
        held = f", {budget['held_usd']:.4f} held" if budget["held_usd"] else ""
        assumed = f", {budget['assumed_usd']:.4f} of it at an assumed price" if budget["assumed_usd"] else ""
        spent = f"{budget['spent_usd'] or 0:.4f} USD {cap}{assumed}{held}"
        lines.append((f"budget {budget['scope']} per {budget['period']}", spent))
    return lines
