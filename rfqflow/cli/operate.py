"""What operators ask and do: status, show, rerun, pause, resume, policy."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click
from rich.live import Live

from rfqflow import settings
from rfqflow.cli.output import at_desk, cell, console, print_json, table
from rfqflow.connect import connect
from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.store.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from rich.table import Table

_WATCH_SECONDS = 1.0


async def _status(desk: Desk) -> dict[str, Any]:
    return {"queue": await desk.queue(), "workers": await desk.workers(), "runs_last_day": await desk.runs_last_day()}


def status(database_url: str | None, *, watch: bool, as_json: bool) -> None:
    """Prints the state, once or until Ctrl-C."""
    if watch:
        try:
            asyncio.run(_watch(database_url, as_json=as_json))
        except KeyboardInterrupt:
            return
        return
    state = at_desk(database_url, _status)
    if as_json:
        print_json(state)
    else:
        console().print(_state_table(state))


async def _watch(database_url: str | None, *, as_json: bool) -> None:
    dsn = settings.need_database(settings.load(database_url=database_url))
    conn = await connect(dsn, application_name="rfqflow command", pooled=True)
    desk = Desk(conn)
    try:
        if as_json:
            while True:
                print_json(await _status(desk))
                await asyncio.sleep(_WATCH_SECONDS)
        with Live(_state_table(await _status(desk)), console=console(), auto_refresh=False) as live:
            while True:
                await asyncio.sleep(_WATCH_SECONDS)
                live.update(_state_table(await _status(desk)), refresh=True)
    finally:
        conn.terminate()


def _state_table(state: dict[str, Any]) -> Table:
    queue = state["queue"]
    age = queue["oldest_claimable_seconds"]
    lines = [
        ("mode", queue["mode"]),
        ("claimable", f"{queue['claimable']}" + (f", oldest {age:.1f} s" if age is not None else "")),
        (
            "in flight",
            f"{queue['in_flight']}" + (f", {queue['expired']} expired" if queue["expired"] else ""),
        ),
        (
            "deferred",
            f"{queue['deferred']}" + (f", next {cell(queue['next_due_at'])}" if queue["next_due_at"] else ""),
        ),
        ("in backoff", queue["retrying"]),
        ("dead letters", queue["dead"]),
        ("noted, not enqueued", queue["missed"]),
        ("runs, last day", ", ".join(f"{number} {name}" for name, number in state["runs_last_day"].items()) or "none"),
    ]
    lines += [
        (
            f"worker {one['worker']}",
            f"{one['provider']} {one['model']}, {one['in_flight']}/{one['concurrency']} in flight, {one['host']} "
            f"pid {one['pid']}, seen {one['silent_seconds']:.0f} s ago" + ("" if one["has_lock"] else ", lease only"),
        )
        for one in state["workers"]
    ] or [("workers", "none: start one with `rfqflow run`")]
    return table(None, ("", ""), lines)


def show(database_url: str | None, rfq_id: UUID, *, as_json: bool) -> None:
    """Prints one RFQ's story."""

    async def ask(desk: Desk) -> dict[str, Any]:
        found = await desk.rfq(rfq_id)
        if found is None:
            raise RfqflowError(f"there is no RFQ {rfq_id}")
        return {"rfq": found, "answer": await desk.answer(rfq_id), "runs": await desk.runs(rfq_id)}

    story = at_desk(database_url, ask)
    if as_json:
        print_json(story)
        return
    rfq, answer, out = story["rfq"], story["answer"], console()
    out.print(
        table(
            None,
            ("", ""),
            [
                ("RFQ", rfq["rfq_id"]),
                ("request id", answer.get("request_id")),
                ("submitted", rfq["created_at"]),
                ("status", rfq["ai_status"]),
                ("reason", rfq["ai_reason"]),
                ("next attempt", rfq["next_attempt_at"]),
                ("review", answer.get("ai_review")),
                ("route", f"{rfq['route']} ({rfq['route_source']})" if rfq["route"] else None),
                ("confidence", answer.get("ai_confidence")),
                ("urgency", answer.get("ai_urgency")),
                ("tags", answer.get("ai_tags")),
                ("summary", answer.get("ai_summary")),
                ("prompt, model", f"{rfq['prompt_version']}, {rfq['model']}" if rfq["model"] else None),
                (
                    "cost",
                    f"{rfq['cost_usd']} USD" if rfq["cost_usd"] is not None else "unknown" if rfq["runs"] else "none",
                ),
            ],
        )
    )
    extracted = answer.get("ai_extracted") or {}
    if extracted.get("line_items"):
        out.print()
        keys = ("quantity", "unit", "description", "part_number", "material")
        out.print(table("line items", keys, [[one.get(key) for key in keys] for one in extracted["line_items"]]))
    rest = {key: value for key, value in extracted.items() if key not in ("line_items", "evidence", "schema_version")}
    if rest:
        out.print()
        out.print(
            table(
                "extracted",
                ("", ""),
                [(key, json.dumps(value, ensure_ascii=False)) for key, value in rest.items()],
            )
        )
    out.print()
    columns = ("created_at", "run_id", "attempt", "status", "reason", "error_class", "provider", "model", "queue_ms",
            "latency_ms", "cost_usd", "cost_source", "worker")  # fmt: skip
    out.print(table("runs", columns, [[one[key] for key in columns] for one in story["runs"]]))


def rerun(
    database_url: str | None,
    rfq_ids: Sequence[UUID],
    *,
    failed: bool,
    skipped: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Makes RFQs due now."""
    if not (rfq_ids or failed or skipped):
        raise ConfigError("name RFQ ids, or give --failed or --skipped REASON")

    async def ask(desk: Desk) -> tuple[int, list[UUID]]:
        wanted = list(rfq_ids)
        if failed:
            wanted += await desk.dead()
        if skipped:
            wanted += await desk.skipped(skipped)
        return len(wanted), await desk.rerun(wanted, force=force)

    wanted, done = at_desk(database_url, ask)
    if as_json:
        print_json({"asked": wanted, "enqueued": done})
    else:
        click.echo(f"{len(done)} of {wanted} enqueued")
    if rfq_ids and not done:
        raise RfqflowError("none of them is there and not queued already")


def pause(database_url: str | None, actor: str | None, reason: str | None, *, as_json: bool) -> None:
    """Stops claiming, fleet-wide."""
    at_desk(database_url, lambda desk: desk.pause(actor, reason))
    _said("paused: RFQs are taken in and wait; `rfqflow resume` goes on", "paused", as_json=as_json)


def resume(database_url: str | None, actor: str | None, reason: str | None, *, as_json: bool) -> None:
    """Ends a pause."""
    at_desk(database_url, lambda desk: desk.resume(actor, reason))
    _said("on", "on", as_json=as_json)


def _said(text: str, mode: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"mode": mode})
    else:
        click.echo(text)


def show_policy(database_url: str | None, *, as_json: bool) -> None:
    """Prints every policy."""
    rows = at_desk(database_url, lambda desk: desk.policy())
    if as_json:
        print_json(rows)
        return
    columns = ("key", "value", "default_value", "unit", "description")
    console().print(table(None, columns, [[one[key] for key in columns] for one in rows]))


def set_policy(
    database_url: str | None, key: str, value: str, actor: str | None, reason: str | None, *, as_json: bool
) -> None:
    """Sets one policy; a value that is no JSON is taken as a word."""
    try:
        wanted = json.loads(value)
    except ValueError:
        wanted = value
    old = at_desk(database_url, lambda desk: desk.set_policy(key, wanted, actor, reason))
    if as_json:
        print_json({"key": key, "old": old, "new": wanted})
    else:
        click.echo(f"{key}: {old} -> {wanted}")
