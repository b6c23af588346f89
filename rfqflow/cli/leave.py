"""`rfqflow detach` and `rfqflow uninstall`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.asking import confirm, confirm_by_name
from rfqflow.cli.options import actor, database, example, json_
from rfqflow.cli.output import print_json
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import RfqflowError

if TYPE_CHECKING:
    import asyncpg

_LOOK_SECONDS = 0.2


@example('rfqflow detach --actor ada --reason "new column type"')
@click.command("detach")
@database
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
@click.option(
    "--wait", "wait_seconds", type=click.FloatRange(0), default=60.0, show_default=True, metavar="SECONDS",
    help="Seconds to wait for calls in flight. With 0, a daemon keeps their results for the next migrate.",
)  # fmt: skip
@actor
@json_
def detach(
    *, database_url: str | None, yes: bool, wait_seconds: float, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Detach rfqflow from your table until the next migrate.

    Detach before you change the table. The command drops the triggers and everything that depends on the message and
    key columns. It keeps queue, runs and answers. Daemons wait until the next migrate.
    """
    from rfqflow.store import attachment

    async def work(conn: asyncpg.Connection) -> dict[str, Any]:
        found = await attachment.survey(conn)
        table = found["table"]
        if found["state"] == "detached":
            return {"table": table, "was_detached": True}
        confirm(
            f"rfqflow detaches from {table}: it drops its own triggers, and everything of its own that depends on the "
            "table's columns.\n"
            f"Kept: {found['queued']} RFQs in the queue, {found['runs']} runs, all answers.\n"
            "The next `rfqflow migrate` finds RFQs inserted meanwhile, but not edits of finished RFQs.",
            yes=yes,
        )
        mode = None
        try:
            if wait_seconds and await attachment.in_flight(conn):
                mode = await attachment.hold_claims(conn, actor, reason or "detach")
                await _until_calls_ended(conn, wait_seconds)
            await attachment.detach(conn, mode, actor, reason)
        except BaseException:
            if mode is not None and not conn.is_closed():
                await attachment.release_claims(conn, mode, actor, reason or "detach")
            raise
        return {"table": table, "was_detached": False}

    result = connected(database_url, work, direct=True)
    if as_json:
        print_json(result)
    elif result["was_detached"]:
        click.echo(f"already detached from {result['table']}; run `rfqflow migrate` to attach again")
    else:
        click.echo(f"detached from {result['table']}: change the table, then run `rfqflow migrate` to attach again")


@example("rfqflow uninstall")
@click.command("uninstall")
@database
@click.option("--yes", is_flag=True, help="Skip the confirmation by database name.")
@click.option(
    "--answers", type=click.Choice(["keep", "drop"]), default="keep", show_default=True,
    help="Keep or drop the answers: the columns ai_*, or ai.enrichment.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Uninstall even while daemons use this database.")
@json_
def uninstall(*, database_url: str | None, yes: bool, answers: str, force: bool, as_json: bool) -> None:
    """Remove rfqflow from a database.

    The command lists what it removes, and asks first. It keeps the application's table and the answers. If schema ai
    has objects of other tools, the command keeps these objects and the schema.
    """
    from rfqflow.store import attachment

    async def work(conn: asyncpg.Connection) -> dict[str, Any]:
        found = await attachment.survey(conn)
        if found["daemons"] and not force:
            raise RfqflowError(f"{found['daemons']} daemon(s) use this database: stop them first, or add --force.")
        what = _what_goes(found, drop_answers=answers == "drop")
        confirm_by_name(what, found["database"], yes=yes, of_what="database")
        return {
            "database": found["database"], "removed": found,
            **await attachment.uninstall(conn, drop_answers=answers == "drop", force=force),
        }  # fmt: skip

    result = connected(database_url, work, direct=True)
    if as_json:
        print_json(result)
        return
    click.echo(f"uninstalled from the database {result['database']}")
    click.echo(f"answers: kept in {result['answers']}" if result["answers"] else "answers: none kept")
    if result["schema_kept"]:
        click.echo("schema ai: kept, since it is older than rfqflow or holds objects of other tools")
    for role in result["roles_kept"]:
        click.echo(f"role {role}: kept, since it has rights elsewhere in the cluster or belongs to another role")


def _what_goes(found: dict[str, Any], *, drop_answers: bool) -> str:
    where = f"the columns ai_* of {found['table']}"
    if found["ai_columns"] == "enrichment":
        where = f"{found['answers_apart']} rows of ai.enrichment"
    return (
        f"To be removed from the database {found['database']}: {found['objects']} objects of rfqflow in "
        "schema ai.\n"
        f"They hold {found['queued']} RFQs in the queue ({found['in_flight']} in flight), {found['dead_letters']} dead "
        f"letters, {found['runs']} runs, {found['overrides']} overrides, {found['prompts']} prompts, "
        f"{found['documents']} documents.\nAlso removed: the triggers on {found['table']}.\n"
        f"{'Dropped as well' if drop_answers else 'Kept'}: the answers, {where}.\n"
        f"Kept: {found['table']} with every RFQ, and objects of other tools in schema ai."
    )


async def _until_calls_ended(conn: asyncpg.Connection, wait_seconds: float) -> None:
    """Waits for calls in flight, since a result that arrives after the detach can be lost.

    A daemon keeps such a result only in memory until the next migrate.
    """
    import asyncio

    from rfqflow.store import attachment

    by = time.monotonic() + wait_seconds
    while left := await attachment.in_flight(conn):
        if time.monotonic() > by:
            raise RfqflowError(
                f"{left} RFQ(s) are still in flight: nothing was detached. Set a longer --wait, or --wait 0 to detach "
                "at once."
            )
        await asyncio.sleep(_LOOK_SECONDS)
