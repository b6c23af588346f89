"""`rfqflow correct`: corrections of single fields of an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli import references
from rfqflow.cli.groups import NumbersCommand
from rfqflow.cli.options import actor, database, example, json_
from rfqflow.cli.output import print_json
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from uuid import UUID

    from asyncpg import Connection

    from rfqflow.store.desk import DeskStore

_TEXTS = ("summary", "description", "unit", "part_number", "revision", "material", "due_date_text", "delivery_place")
_LISTS = ("tags", "certificates", "missing", "standards")


def _change(given: str) -> tuple[str, Any]:
    """Parses FIELD=VALUE. An empty value or null clears the field. Commas split a list. Only texts take no JSON."""
    path, sign, text = given.partition("=")
    path, text = path.strip(), text.strip()
    if not sign or not path:
        raise ConfigError(f"{given}: write FIELD=VALUE, such as line_items[0].quantity=250")
    if text in ("", "null"):
        return path, [] if path.rpartition(".")[2] in _LISTS else None
    if text[0] in "[{" and not path.endswith(_TEXTS):
        try:
            return path, json.loads(text)
        except (ValueError, RecursionError):
            raise ConfigError(f"{path}: the value is not valid JSON") from None
    if path.rpartition(".")[2] in _LISTS:
        return path, [one.strip() for one in text.split(",")]
    if path == "budget":
        amount, _, currency = text.partition(" ")
        return path, {"amount": amount, "currency": currency.strip()}
    return path, {"description": text} if path == "line_items[+]" else text


def _changes(given: tuple[str, ...]) -> dict[str, Any]:
    """The value of each field. Refuses a repeated field, since one of its values would be lost."""
    changes: dict[str, Any] = {}
    for path, value in map(_change, given):
        if path in changes:
            raise ConfigError(
                f"{path} is given twice: give each field once, and add each line item with a separate command"
            )
        changes[path] = value
    return changes


@example(
    "rfqflow correct RFQ-2026-0017 line_items[0].quantity=250 urgency=high --actor ada",
    "rfqflow correct RFQ-2026-0017 line_items[0].quantity --withdraw --actor ada",
)
@click.command("correct", cls=NumbersCommand)
@click.argument("rfq", metavar="RFQ")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option(
    "--withdraw",
    is_flag=True,
    help="Remove the corrections of these fields, so that the model's values apply again. Give no values.",
)
@actor
@database
@json_
def correct(
    rfq: str,
    *,
    fields: tuple[str, ...],
    withdraw: bool,
    actor: str | None,
    reason: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Correct fields of an answer, in place of the model's values.

    RFQ is an id or the application's own reference. FIELD is any field except the route, such as urgency, due_date or
    line_items[0].quantity. `line_items[+]` adds a line item. An empty value clears a field or removes a line item. A
    correction stays through later runs until you withdraw it.
    """
    changes = _changes(fields) if not withdraw else dict.fromkeys(fields)
    if withdraw and any("=" in path for path in changes):
        raise ConfigError("with --withdraw, name only the fields, without =VALUE")

    async def decide(conn: Connection) -> tuple[UUID, str, list[dict[str, Any]]]:
        from rfqflow.store.desk import DeskStore
        from rfqflow.store.operator import OperatorStore

        rfq_id = await references.found(OperatorStore(conn), rfq)
        store = DeskStore(conn)
        if withdraw:
            await _withdraw(conn, store, rfq_id, list(changes), actor, reason)
        else:
            await store.correct(rfq_id, changes, actor, reason=reason)
        return (rfq_id, *await store.standing(rfq_id))

    _tell(*connected(database_url, decide), as_json=as_json)


async def _withdraw(
    conn: Connection, store: DeskStore, rfq_id: UUID, paths: list[str], actor: str | None, reason: str | None
) -> None:
    """Withdraws all named corrections. If one is missing, withdraws none of them."""
    try:
        async with conn.transaction():
            for path in paths:
                await store.withdraw(rfq_id, path, actor, reason=reason)
    except ConfigError as error:
        raise RfqflowError(str(error)) from None


def _tell(rfq_id: UUID, version: str, corrections: list[dict[str, Any]], *, as_json: bool) -> None:
    """Prints the active corrections."""
    shown = ("path", "recorded_path", "ai_value", "new", "actor", "reason", "created_at", "applies")
    standing = [{key: one[key] for key in shown} for one in corrections]
    if as_json:
        print_json({"rfq_id": str(rfq_id), "version": version, "corrections": standing})
        return
    if not standing:
        click.echo(f"{rfq_id}: no corrections; the model's answer applies")
    for one in standing:
        place = one["path"] or f"{one['recorded_path']} (a later answer lacks this line)"
        said, new = (json.dumps(one[key], ensure_ascii=False) for key in ("ai_value", "new"))
        click.echo(f"{place}: {new}, by {one['actor']} (the model: {said})")
