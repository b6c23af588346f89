"""`rfqflow migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import database, json_
from rfqflow.cli.output import print_json

if TYPE_CHECKING:
    import asyncpg


@click.command("migrate")
@database
@click.option("--check", is_flag=True, help="Only tell what is missing; exit 1 when the database is behind.")
@click.option("--sql", "print_sql", is_flag=True, help="Print the SQL for psql, run nothing.")
@click.option(
    "--map",
    "map_",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file that names another table, key or columns; remembered. An empty one: public.rfq_requests.",
)
@json_
def migrate(*, database_url: str | None, check: bool, print_sql: bool, map_: Path | None, as_json: bool) -> None:
    """Create or upgrade everything in the database; safe to repeat, and with live traffic.

    Attaches to an existing public.rfq_requests by adding what is missing, or to a table of yours by --map.
    """
    import asyncio

    from rfqflow import settings
    from rfqflow.database import migrate as migrations

    mapping = migrations.read_mapping(map_) if map_ else None
    if print_sql:
        click.echo(migrations.script(inline=True, mapping=mapping))
        return
    loaded = settings.load(database_url=database_url)
    # Session locks keep two migrations apart, so the direct way is taken where there is one.
    dsn = loaded.listen_url or settings.need_database(loaded)
    names = asyncio.run(_migrate(dsn, mapping, check=check, quiet=as_json))
    if as_json:
        print_json({"pending" if check else "applied": names})
    elif not names:
        click.echo("up to date")
    elif not check:
        click.echo(f"applied {len(names)} file(s)")
    if check and names:
        click.get_current_context().exit(1)


async def _migrate(dsn: str, mapping: dict[str, Any] | None, *, check: bool, quiet: bool) -> list[str]:
    from rfqflow.database import migrate as migrations
    from rfqflow.database.connection import connect

    conn = await connect(dsn, application_name="rfqflow migrate", pooled=True)
    try:
        if check:
            names = await migrations.pending(conn, mapping)
            for name in names if not quiet else ():
                click.echo(f"pending: {name}")
            return names
        report = (lambda _: None) if quiet else lambda name: click.echo(f"applied: {name}")
        conn.add_log_listener(lambda _, message: _warn(message))
        return await migrations.migrate(conn, report, mapping)
    finally:
        await conn.close(timeout=2)


def _warn(message: asyncpg.PostgresLogMessage) -> None:
    """What the SQL files warn of; each has the remedy as its hint."""
    if message.severity_en == "WARNING":
        hint = getattr(message, "hint", None)
        click.echo(f"warning: {message.message}" + (f"  -> {hint}" if hint else ""), err=True)
