"""`rfqflow dead`: lists dead letters by cause, makes them due again or discards them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.asking import confirm
from rfqflow.cli.groups import NumbersCommand
from rfqflow.cli.options import actor, database, example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfqflow.store.control import ControlStore

_COLUMNS = ("rfqs", "reason", "error_class", "provider", "model", "prompt_version", "oldest", "newest", "redrive_usd")


def _which(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--all", "everything", is_flag=True, help="All dead letters."),
        click.option("--prompt-version", metavar="NAME@N", help="Only dead letters of this prompt version."),
        click.option("--model", help="Only dead letters of this model."),
        click.option("--cause", metavar="CODE", help="Only dead letters with this reason or error class."),
        click.argument("rfqs", nargs=-1, metavar="[RFQ]..."),
    ):
        command = option(command)
    return command


@example("rfqflow dead", "rfqflow dead redrive --cause timeout --model m1")
@click.group("dead", invoke_without_command=True)
@database
@json_
@click.pass_context
def dead(context: click.Context, *, database_url: str | None, as_json: bool) -> None:
    """List dead letters by cause, redrive or discard them.

    Without a subcommand, the command prints a row per cause, model and prompt, with the estimated cost of a redrive.
    """
    if context.invoked_subcommand is not None:
        return
    rows = _with_store(database_url, lambda store: store.failures())
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("no dead letters")
        return
    console().print(table(None, _COLUMNS, [[row[name] for name in _COLUMNS] for row in rows]))
    for row in rows:
        if row["sample"]:
            click.echo(f"{row['reason']} ({row['model'] or 'no model'}): {row['sample']}")


@example("rfqflow dead redrive --cause timeout --model m1 --actor ada", "rfqflow dead redrive RFQ-2026-0017")
@dead.command("redrive", cls=NumbersCommand)
@_which
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
@actor
@database
@json_
def redrive(**given: Any) -> None:
    """Make dead letters due again, with fresh attempts.

    The command first prints the number of dead letters and the estimated cost, and asks for confirmation. RFQ is an id
    or the application's own reference.
    """
    _end(given, "redrive", "due again")


@example("rfqflow dead discard --cause content_filter --reason 'answered by hand'")
@dead.command("discard", cls=NumbersCommand)
@_which
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
@actor
@database
@json_
def discard(**given: Any) -> None:
    """End dead letters as skipped, with the reason discarded.

    The command first prints the number of dead letters, and asks for confirmation. You can still enqueue them with
    `rfqflow rerun`.
    """
    _end(given, "discard", "discarded")


def _with_store(database_url: str | None, work: Callable[[ControlStore], Any]) -> Any:
    from rfqflow.store.control import ControlStore

    return connected(database_url, lambda conn: work(ControlStore(conn)))


def _end(given: dict[str, Any], act: str, what: str) -> None:
    which = _chosen(given)
    count, usd = _with_store(given["database_url"], lambda store: store.count(which))
    if not count and given["rfqs"]:
        raise RfqflowError("none of these RFQs is a dead letter: see `rfqflow dead`")
    if not count:
        print_json({"chosen": 0, "done": 0}) if given["as_json"] else click.echo("no matching dead letter")
        return
    cost = "" if act == "discard" else ", at an unknown cost" if usd is None else f", at about {usd:.4f} USD"
    letters = "dead letter" if count == 1 else "dead letters"
    confirm(f"{count} {letters} will be {what}{cost}.", yes=given["yes"] or given["as_json"])
    done = _with_store(
        given["database_url"], lambda store: getattr(store, act)(which, count, given["actor"], given["reason"])
    )
    if done.done is None:
        raise RfqflowError(
            f"{count} dead letters matched before the confirmation, and {done.chosen} match now: nothing was done. Run "
            "the command again"
        )
    if given["as_json"]:
        print_json({"chosen": done.chosen, "done": done.done})
    else:
        click.echo(f"{done.done} of {done.chosen} {what}")


def _chosen(given: dict[str, Any]) -> dict[str, Any]:
    """The selection in the form that `ai.choose_dead_letters` takes.

    Raises:
        ConfigError: no option selects anything, or a named RFQ does not exist.
    """
    which = {name: given[name] for name in ("cause", "model", "prompt_version") if given[name]}
    if given["rfqs"]:
        which["rfq_ids"] = [str(rfq_id) for rfq_id in _named(given["database_url"], given["rfqs"])]
    if not which and not given["everything"]:
        raise ConfigError("name RFQs, or give --cause CODE, --model NAME, --prompt-version NAME@N or --all")
    return which


def _named(database_url: str | None, rfqs: tuple[str, ...]) -> list[Any]:
    from rfqflow.cli import references
    from rfqflow.cli.sessions import with_operator_store

    found, unknown = with_operator_store(database_url, lambda store: references.found_all(store, rfqs))
    if unknown:
        raise RfqflowError(f"RFQ not found: {', '.join(unknown)}. Nothing was done")
    return list(found)
