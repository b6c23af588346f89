"""`rfqflow policy`, and `pause` and `resume`, which set one of them."""

from __future__ import annotations

import json

import click

from rfqflow.cli.options import actor, database, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import with_operator_store


@click.command("pause")
@database
@actor
@json_
def pause(*, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Workers claim nothing more; RFQs are taken in and wait."""
    with_operator_store(database_url, lambda store: store.pause(actor, reason))
    _said("paused: RFQs are taken in and wait; `rfqflow resume` goes on", "paused", as_json=as_json)


@click.command("resume")
@database
@actor
@json_
def resume(*, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """End a pause."""
    with_operator_store(database_url, lambda store: store.resume(actor, reason))
    _said("on", "on", as_json=as_json)


def _said(text: str, mode: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"mode": mode})
    else:
        click.echo(text)


@click.group("policy", invoke_without_command=True)
@database
@json_
@click.pass_context
def policy(ctx: click.Context, *, database_url: str | None, as_json: bool) -> None:
    """What all workers agree on; without a subcommand: show it."""
    if ctx.invoked_subcommand is None:
        _show(database_url, as_json=as_json)


def _show(database_url: str | None, *, as_json: bool) -> None:
    rows = with_operator_store(database_url, lambda store: store.policy())
    if as_json:
        print_json(rows)
        return
    columns = ("key", "value", "default_value", "unit", "description")
    console().print(table(None, columns, [[row[key] for key in columns] for row in rows]))


@policy.command("set")
@click.argument("key")
@click.argument("value")
@database
@actor
@json_
def policy_set(
    *, key: str, value: str, database_url: str | None, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Set KEY to VALUE; validated and audited by the database, followed by all workers within a second."""
    try:
        wanted = json.loads(value)
    except ValueError:  # a word
        wanted = value
    old = with_operator_store(database_url, lambda store: store.set_policy(key, wanted, actor, reason))
    if as_json:
        print_json({"key": key, "old": old, "new": wanted})
    else:
        click.echo(f"{key}: {old} -> {wanted}")
