"""What operators ask and do: status, show, pause, resume, policy."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click
from rich.live import Live

from rfqflow import settings
from rfqflow.cli.output import cell, connected, console, print_json, table, with_operator_store
from rfqflow.core.errors import RfqflowError
from rfqflow.database.connection import connect
from rfqflow.store.reporting import Figures

if TYPE_CHECKING:
    from uuid import UUID

    from rich.table import Table

    from rfqflow.store.operator import OperatorStore

_WATCH_SECONDS = 1.0


async def _status(figures: Figures) -> dict[str, Any]:
    return {
        "queue": await figures.queue(),
        "table": await figures.table(),
        "workers": await figures.workers(),
        "runs_today": await figures.runs_today(),
        "rates": await figures.rates(),
        "scorecard": await figures.scorecard(),
        "maintenance": await figures.maintenance(),
        **await figures.guards(),
    }


def status(database_url: str | None, *, watch: bool, as_json: bool) -> None:
    """Prints the state, once or until Ctrl-C."""
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
        console().print(_state_table(state))


async def _watch(database_url: str | None, *, as_json: bool) -> None:
    dsn = settings.need_database(settings.load(database_url=database_url))
    conn = await connect(dsn, application_name="rfqflow command", pooled=True)
    figures = Figures(conn)
    try:
        if as_json:
            while True:
                print_json(await _status(figures))
                await asyncio.sleep(_WATCH_SECONDS)
        with Live(_state_table(await _status(figures)), console=console(), auto_refresh=False) as live:
            while True:
                await asyncio.sleep(_WATCH_SECONDS)
                live.update(_state_table(await _status(figures)), refresh=True)
    finally:
        conn.terminate()


def _state_table(state: dict[str, Any]) -> Table:
    queue = state["queue"]
    age = queue["oldest_claimable_seconds"]
    lines = [
        ("mode", queue["mode"]),
        ("table", state["table"]["said"]),
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
        ("backfill", f"{queue['backfill']} wait for their turn" if queue["backfill"] else "none"),
        ("dead letters", queue["dead"]),
        ("noted, not enqueued", queue["missed"]),
        ("runs, today (UTC)", ", ".join(f"{number} {name}" for name, number in state["runs_today"].items()) or "none"),
    ]
    lines += _rates(state["rates"], state["scorecard"])
    lines += _guards(state["breakers"], state["budgets"])
    lines += [
        (
            f"maintenance {one['step']}",
            (f"failed at {cell(one['failed_at'])} with {one['sqlstate']}" if one["is_failing"]
             else f"{cell(one['ran_at'])}, {one['rows'] or 0} rows") + f", next {cell(one['next_at'])}",
        )
        for one in state["maintenance"]
    ]  # fmt: skip
    lines += [
        (
            f"worker {one['worker']}",
            f"{one['provider']} {one['model']}, {one['in_flight']}/{one['concurrency']} in flight, {one['host']} "
            f"pid {one['pid']}, seen {one['silent_seconds']:.0f} s ago" + ("" if one["has_lock"] else ", lease only"),
        )
        for one in state["workers"]
    ] or [("workers", "none: start one with `rfqflow run`")]
    return table(None, ("", ""), lines)


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
            f"{rates['ended_per_minute']:.1f} ended, {rates['calls_per_minute']:.1f} calls, "
            f"{rates['errors_per_minute']:.1f} errors a minute{cost}",
        ),
        ("scorecard", f"{card['rfqs']} RFQs ended" + "".join(f", {one}" for one in share)
            + (f", p95 {card['p95_ms'] / 1000:.1f} s" if card["p95_ms"] is not None else "")),
    ]  # fmt: skip


def _guards(breakers: list[dict[str, Any]], budgets: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    lines: list[tuple[str, Any]] = [
        (
            f"breaker {one['provider']} {one['model']}",
            one["state"]
            + (f", {one['reason']}" if one["reason"] else "")
            + (f", till {cell(one['open_until'])}" if one["state"] == "open" and one["open_until"] else ""),
        )
        for one in breakers
    ]
    for one in budgets:
        cap = "no cap" if one["cap_usd"] is None else f"of {one['cap_usd']:.2f}"
        held = f", {one['held_usd']:.4f} held" if one["held_usd"] else ""
        lines.append((f"budget {one['scope']} a {one['period']}", f"{one['spent_usd'] or 0:.4f} USD {cap}{held}"))
    return lines


def show(database_url: str | None, rfq_id: UUID, *, as_json: bool) -> None:
    """Prints one RFQ's story."""

    async def ask(desk: OperatorStore) -> dict[str, Any]:
        found = await desk.rfq(rfq_id)
        if found is None:
            raise RfqflowError(f"there is no RFQ {rfq_id}")
        answer, runs, overrides = await desk.answer(rfq_id), await desk.runs(rfq_id), await desk.overrides(rfq_id)
        timeline = _timeline(found, runs, overrides)
        return {"rfq": found, "answer": answer, "runs": runs, "overrides": overrides, "timeline": timeline}

    story = with_operator_store(database_url, ask)
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
                    f"{cell(rfq['cost_usd'])} USD"
                    if rfq["cost_usd"] is not None
                    else "unknown"
                    if rfq["runs"]
                    else "none",
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
    columns = ("at", "what", "why", "by", "queue_ms", "latency_ms", "cost_usd")
    out.print(table("timeline", columns, [[one[key] for key in columns] for one in story["timeline"]]))


def _timeline(rfq: dict[str, Any], runs: list[dict[str, Any]], overrides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everything that is known to have happened to an RFQ, in the order of time."""
    events = [{"at": rfq["created_at"], "what": "submitted"}]
    for run in runs:
        told = [run["reason"], run["error_class"] if run["error_class"] != run["reason"] else None]
        asked = [run["provider"], run["model"], run["prompt_version"]]
        events.append({
            "at": run["created_at"],
            "what": f"{run['status']}, attempt {run['attempt']}",
            "why": ", ".join(one for one in told if one) or None,
            "by": " ".join(one for one in asked if one) or (f"worker {run['worker']}" if run["worker"] else None),
            **{key: run[key] for key in ("run_id", "queue_ms", "latency_ms", "cost_usd")},
        })  # fmt: skip
    for one in overrides:
        events.append(
            {"at": one["created_at"], "what": f"overridden: {one['route']}", "why": one["reason"], "by": one["actor"]}
        )
        if one["withdrawn_at"]:
            events.append({"at": one["withdrawn_at"], "what": f"withdrawn: {one['route']}",
                           "why": one["withdrawn_reason"], "by": one["withdrawn_by"]})  # fmt: skip
    if rfq["next_attempt_at"] and rfq["ai_status"] in ("pending", "deferred") and rfq["ai_reason"] != "in_progress":
        events.append({"at": rfq["next_attempt_at"], "what": "next attempt", "why": rfq["ai_reason"]})
    keys = ("at", "what", "why", "by", "run_id", "queue_ms", "latency_ms", "cost_usd")
    shown = [{key: event.get(key) for key in keys} for event in events]
    return sorted(shown, key=lambda event: (event["at"] is not None, event["at"]))


def pause(database_url: str | None, actor: str | None, reason: str | None, *, as_json: bool) -> None:
    """Stops claiming, fleet-wide."""
    with_operator_store(database_url, lambda desk: desk.pause(actor, reason))
    _said("paused: RFQs are taken in and wait; `rfqflow resume` goes on", "paused", as_json=as_json)


def resume(database_url: str | None, actor: str | None, reason: str | None, *, as_json: bool) -> None:
    """Ends a pause."""
    with_operator_store(database_url, lambda desk: desk.resume(actor, reason))
    _said("on", "on", as_json=as_json)


def _said(text: str, mode: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"mode": mode})
    else:
        click.echo(text)


def show_policy(database_url: str | None, *, as_json: bool) -> None:
    """Prints every policy."""
    rows = with_operator_store(database_url, lambda desk: desk.policy())
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
    old = with_operator_store(database_url, lambda desk: desk.set_policy(key, wanted, actor, reason))
    if as_json:
        print_json({"key": key, "old": old, "new": wanted})
    else:
        click.echo(f"{key}: {old} -> {wanted}")
