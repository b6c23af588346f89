"""`rfqflow show`: the history of one RFQ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli import references
from rfqflow.cli.groups import NumbersCommand
from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import cell, console, print_json, table
from rfqflow.cli.sessions import with_operator_store
from rfqflow.core.errors import RfqflowError
from rfqflow.core.related import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from rfqflow.store.operator import OperatorStore
    from rfqflow.store.related import RelatedRfq


@example("rfqflow show 7c9e6679-7425-40de-944b-e07fc1f90ae7", "rfqflow show RFQ-2026-0017")
@click.command("show", cls=NumbersCommand)
@click.argument("rfq", metavar="RFQ")
@database
@json_
def show(*, rfq: str, database_url: str | None, as_json: bool) -> None:
    """Show the history of one RFQ.

    The command shows the status, each gate decision and run, the cost and the answer of the RFQ. RFQ is an id or the
    application's own reference.
    """

    async def ask(store: OperatorStore) -> dict[str, Any]:
        rfq_id = await references.found(store, rfq)
        found = await store.rfq(rfq_id)
        if found is None:
            raise RfqflowError(f"RFQ {rfq_id} not found")
        answer, runs, overrides = await store.answer(rfq_id), await store.runs(rfq_id), await store.overrides(rfq_id)
        related = [_related(one) for one in await store.related.of_rfq(rfq_id)]
        timeline, cause = _timeline(found, runs, overrides), await store.cause(rfq_id)
        return {
            "rfq": found,
            "cause": cause,
            "answer": answer,
            "runs": runs,
            "overrides": overrides,
            "related": related,
            "timeline": timeline,
        }

    story = with_operator_store(database_url, ask)
    if as_json:
        print_json(story)
        return
    out = console()
    for line in _cause(story["cause"]):
        out.print(line)
    out.print(_standing(story["rfq"], story["answer"], story["runs"]))
    for extracted in _extracted(story["answer"].get("ai_extracted") or {}):
        out.print()
        out.print(extracted)
    if story["related"]:
        keys = ("what", "rfq_id", "request_id", "created_at", "what_changed")
        out.print()
        out.print(table("related RFQs", keys, [[one[key] for key in keys] for one in story["related"]]))
    out.print()
    columns = ("at", "what", "why", "by", "queue_ms", "latency_ms", "cost_usd")
    out.print(table("timeline", columns, [[entry[key] for key in columns] for entry in story["timeline"]]))
    for run in story["runs"]:
        if run["error_detail"]:
            out.print()
            out.print(f"run {run['run_id']}, {run['status']}: {cell(run['error_detail'])}")
    if calls := [_call(run) for run in story["runs"] if run["input_tokens"]]:
        out.print()
        out.print(table("calls", ("run", "model", "tier", "input", "output", "asked with"), calls))


def _cause(cause: dict[str, Any] | None) -> Iterator[str]:
    """Why the RFQ waits or finished, since when, what happens next, and what to do."""
    if cause is None:
        return
    label = {"failed": "Failed", "skipped": "Skipped", "done": "Done"}.get(cause["ai_status"], "Waits")
    figures = f" {cell(cause['figures'])}" if cause["figures"] else ""
    yield f"[bold]{label}:[/] {cell(cause['cause'])} ({cause['code']}){figures}"
    if cause["since"]:
        until = f", until {cell(cause['until'])}" if cause["until"] else ""
        yield f"[bold]Since:[/] {cell(cause['since'])}{until}"
    if cause["next_attempt_at"]:
        yield f"[bold]Next:[/] {cell(cause['next_attempt_at'])}"
    yield f"[bold]Do:[/] {cell(cause['remedy'])}"
    yield f"[bold]More:[/] docs/how-to/runbook.md#{cause['ai_status'] or 'reason'}-{cause['code']}"
    yield ""


def _cost(rfq: dict[str, Any], runs: list[dict[str, Any]]) -> str:
    """The known cost, and the amount that budgets hold for unknown costs."""
    known = None if rfq["cost_usd"] is None else f"{cell(rfq['cost_usd'])} USD"
    booked = {False: 0, True: 0}  # by whether a price that was set later corrected the cost
    for run in runs:
        if run["cost_usd"] is None and run["booked_usd"] is not None:
            booked[run["cost_source"] == "corrected"] += run["booked_usd"]
    notes = [f"{cell(booked[True])} USD at the price set later"] if booked[True] else []
    if booked[False]:
        notes.append(f"{cell(booked[False])} USD booked at an assumed price (`rfqflow price list`)")
    if not notes and any(run["cost_source"] == "corrected" for run in runs):
        notes.append("0 USD at the price set later")
    return ", ".join([known or ("unknown" if rfq["runs"] else "none"), *notes])


def _standing(rfq: dict[str, Any], answer: dict[str, Any], runs: list[dict[str, Any]]) -> Table:
    return table(
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
            ("cost", _cost(rfq, runs)),
        ],
    )


def _extracted(extracted: dict[str, Any]) -> list[Table]:
    """Tables of the line items and the other fields that the model found in the text."""
    found = []
    if extracted.get("line_items"):
        keys = ("quantity", "unit", "description", "part_number", "material")
        found.append(table("line items", keys, [[item.get(key) for key in keys] for item in extracted["line_items"]]))
    rest = {
        key: value
        for key, value in extracted.items()
        if key not in ("line_items", "evidence", "checks", "cites", "schema_version")
    }
    doubts = [
        (path, each["verdict"], each.get("why"), ", ".join(map(str, each.get("lines", ()))))
        for path, each in extracted.get("checks", {}).items()
        if each["verdict"] != "verified"
    ]
    if doubts:
        found.append(table("not supported by the text", ("fact", "verdict", "why", "lines"), doubts))
    if rest:
        rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in rest.items()]
        found.append(table("extracted", ("", ""), rows))
    return found


def _related(one: RelatedRfq) -> dict[str, Any]:
    return {
        "rfq_id": one.other_id, "request_id": one.request_id, "created_at": one.created_at, "kind": one.kind,
        "is_later": one.is_later, "changes": list(one.changes),
        "what": wording.head(one.kind, is_later=one.is_later).removesuffix(":"),
        "what_changed": wording.what_changed(one.kind, one.changes),
    }  # fmt: skip


def _call(run: dict[str, Any]) -> tuple[Any, ...]:
    """The billed tokens of a run, with the shares of cached input tokens and of reasoning output tokens."""
    parameters = (run["parameters"] or {}).items()
    return (
        run["run_id"],
        run["model"],
        run["service_tier"],
        _tokens(run["input_tokens"], run["cached_input_tokens"], "cached"),
        _tokens(run["output_tokens"], run["reasoning_tokens"], "reasoning"),
        ", ".join(f"{name} {cell(value)}" for name, value in parameters) or None,
    )


def _tokens(total: int, part: int | None, name: str) -> str:
    return f"{total:,} ({part / total:.0%} {name})" if part else f"{total:,}"


def _timeline(rfq: dict[str, Any], runs: list[dict[str, Any]], overrides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All recorded events of an RFQ, ordered by time."""
    events = [{"at": rfq["created_at"], "what": "submitted"}]
    for run in runs:
        result = [run["reason"], run["error_class"] if run["error_class"] != run["reason"] else None]
        asked = [run["provider"], run["model"], run["prompt_version"]]
        events.append({
            "at": run["created_at"],
            "what": f"{run['status']}, attempt {run['attempt']}",
            "why": ", ".join(part for part in result if part) or None,
            "by": " ".join(part for part in asked if part) or (f"worker {run['worker']}" if run["worker"] else None),
            **{key: run[key] for key in ("run_id", "queue_ms", "latency_ms", "cost_usd")},
        })  # fmt: skip
    for override in overrides:
        events.append(
            {
                "at": override["created_at"],
                "what": f"overridden: {override['route']}",
                "why": override["reason"],
                "by": override["actor"],
            }
        )
        if override["withdrawn_at"]:
            events.append({"at": override["withdrawn_at"], "what": f"withdrawn: {override['route']}",
                           "why": override["withdrawn_reason"], "by": override["withdrawn_by"]})  # fmt: skip
    if rfq["next_attempt_at"] and rfq["ai_status"] in ("pending", "deferred") and rfq["ai_reason"] != "in_progress":
        events.append({"at": rfq["next_attempt_at"], "what": "next attempt", "why": rfq["ai_reason"]})
    keys = ("at", "what", "why", "by", "run_id", "queue_ms", "latency_ms", "cost_usd")
    shown = [{key: event.get(key) for key in keys} for event in events]
    return sorted(shown, key=lambda event: (event["at"] is not None, event["at"]))
