"""`rfqflow policy`, and its shortcuts `pause` and `resume`."""

from __future__ import annotations

import json
import math
from typing import Any

import click

from rfqflow.cli.groups import NumbersCommand
from rfqflow.cli.options import actor, database, example, json_
from rfqflow.cli.output import console, number, print_json, table
from rfqflow.cli.sessions import with_operator_store


@example('rfqflow pause --actor ada --reason "the provider is down"')
@click.command("pause")
@database
@actor
@json_
def pause(*, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Stop workers from claiming RFQs; inserts continue."""
    with_operator_store(database_url, lambda store: store.pause(actor, reason))
    _said("paused: new RFQs queue and wait; run `rfqflow resume` to continue", "paused", as_json=as_json)


@example("rfqflow resume --actor ada")
@click.command("resume")
@database
@actor
@json_
def resume(*, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Let workers claim RFQs again after a pause."""
    with_operator_store(database_url, lambda store: store.resume(actor, reason))
    _said("on", "on", as_json=as_json)


def _said(text: str, mode: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"mode": mode})
    else:
        click.echo(text)


@example("rfqflow policy")
@click.group("policy", invoke_without_command=True)
@database
@json_
@click.pass_context
def policy(ctx: click.Context, *, database_url: str | None, as_json: bool) -> None:
    """Show or change policies, the settings that all workers share.

    Without a subcommand, the command lists all policies.
    """
    if ctx.invoked_subcommand is None:
        _show(database_url, as_json=as_json)


def _show(database_url: str | None, *, as_json: bool) -> None:
    rows = with_operator_store(database_url, lambda store: store.policy())
    if as_json:
        print_json(rows)
        return
    columns = ("key", "value", "default_value", "unit", "description")
    shown = [
        [row["key"], number(row["value"]), number(row["default_value"]), row["unit"], row["description"]]
        for row in rows
    ]
    console().print(table(None, columns, shown, least=("default_value", "unit")))


@example('rfqflow policy set max_attempts 3 --actor ada --reason "the model is slow"')
@policy.command("set", cls=NumbersCommand)
@click.argument("key")
@click.argument("value")
@database
@actor
@json_
def policy_set(
    *, key: str, value: str, database_url: str | None, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Set KEY to VALUE.

    The database validates and audits the change; all workers apply it within a second.
    """
    wanted = _value(value)
    old = with_operator_store(database_url, lambda store: store.set_policy(key, wanted, actor, reason))
    if as_json:
        print_json({"key": key, "old": old, "new": wanted})
    else:
        click.echo(f"{key}: {number(old)} -> {number(wanted)}")


def _value(text: str) -> Any:
    """Parses VALUE as JSON if possible, else returns the text. NaN, Infinity and 1e999 stay text, as jsonb has none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(found, float) and not math.isfinite(found) else found
