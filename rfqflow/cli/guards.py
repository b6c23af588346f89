"""`rfqflow budget` and `rfqflow breaker`."""

from __future__ import annotations

from typing import Any

import click

from rfqflow.cli.output import connected, console, print_json, table
from rfqflow.core.decisions.admission import cap_usd
from rfqflow.core.errors import RfqflowError
from rfqflow.store.limits import Guards


def budgets(database_url: str | None, *, as_json: bool) -> None:
    """Prints each budget's running window."""
    rows = connected(database_url, lambda conn: Guards(conn).budgets())
    if as_json:
        print_json(rows)
        return
    columns = ("scope", "period", "cap_usd", "spent_usd", "held_usd", "left_usd", "window_end")
    console().print(table(None, columns, [[row[name] for name in columns] for row in rows]))
    if not rows:
        click.echo("no budget is set: rfqflow budget set global day 5")


def set_budget(
    scope: str, period: str, usd: str, *, actor: str | None, reason: str | None, database_url: str | None, as_json: bool
) -> None:
    """Sets or takes away a cap, and tells the old one."""
    cap = cap_usd(usd)
    old = connected(database_url, lambda conn: Guards(conn).set_budget(scope, period, cap, actor, reason))
    if as_json:
        print_json({"scope": scope, "period": period, "cap_usd": cap, "old_cap_usd": old})
    else:
        click.echo(f"{scope} {period}: {_told(old)} -> {_told(cap)}")


def reconcile(database_url: str | None, *, correct: bool, as_json: bool) -> None:
    """Prints windows beside what they count; exits 1 where they differ and nothing was corrected."""
    rows = connected(database_url, lambda conn: Guards(conn).reconcile(correct=correct))
    drift = [row for row in rows if row["spent_usd"] != row["runs_usd"] or row["held_usd"] != row["holds_usd"]]
    if as_json:
        print_json({"windows": rows, "drift": len(drift), "corrected": correct and bool(drift)})
    else:
        columns = ("scope", "period", "starts_at", "spent_usd", "runs_usd", "held_usd", "holds_usd")
        console().print(table(None, columns, [[row[name] for name in columns] for row in rows]))
        click.echo(f"{len(drift)} of {len(rows)} differ" + (", corrected" if correct and drift else ""))
    if drift and not correct:
        click.get_current_context().exit(1)


def breakers(database_url: str | None, *, as_json: bool) -> None:
    """Prints each model's breaker."""
    rows = connected(database_url, lambda conn: Guards(conn).breakers())
    if as_json:
        print_json(rows)
        return
    columns = ("provider", "model", "state", "reason", "open_until", "trips", "calls", "failures", "in_flight", "ramp")
    console().print(table(None, columns, [[row[name] for name in columns] for row in rows]))
    if not rows:
        click.echo("no model has been asked yet")


def turn(
    what: str,
    provider: str,
    model: str,
    *,
    actor: str | None,
    reason: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Opens, closes or resets a breaker by hand."""
    known, was_open = connected(database_url, lambda conn: _turned(Guards(conn), what, provider, model, actor, reason))
    if as_json:
        print_json({"provider": provider, "model": model, "did": what, "was_open": was_open})
    if what == "close" and not was_open:
        raise RfqflowError(f"the breaker of {provider} {model} was not open; `rfqflow breaker` lists all")
    if not known and what == "open":
        click.echo("nobody has asked for it so far: is that its name? `rfqflow breaker` lists all", err=as_json)
    if not as_json:
        click.echo(f"{provider} {model}: {'open' if what == 'open' else 'closed'}")


def _told(cap: Any) -> str:
    return "no cap" if cap is None else f"{cap} USD"


async def _turned(
    guards: Guards, what: str, provider: str, model: str, actor: str | None, reason: str | None
) -> tuple[bool, bool]:
    known = await guards.was_asked(provider, model)
    return known, await guards.turn(what, provider, model, actor, reason)
