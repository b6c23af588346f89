"""`rfqflow migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import print_json

if TYPE_CHECKING:
    import asyncpg


@example("rfqflow migrate", "rfqflow migrate --map mapping.toml")
@click.command("migrate")
@database
@click.option(
    "--plan", is_flag=True, help="Print what would change in your table and what would prevent it; change nothing."
)
@click.option("--check", is_flag=True, help="Print pending migrations; exit 1 if there are any.")
@click.option("--sql", "print_sql", is_flag=True, help="Print the SQL for psql; run nothing.")
@click.option(
    "--map",
    "map_",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file that maps rfqflow to your own table and columns. The database stores the mapping; an empty "
    "file restores public.rfq_requests.",
)
@json_
def migrate(
    *, database_url: str | None, plan: bool, check: bool, print_sql: bool, map_: Path | None, as_json: bool
) -> None:
    """Install or upgrade rfqflow in the database.

    You can repeat the command, also under live traffic. It adds missing columns to an existing public.rfq_requests, or
    to the table that --map names.
    """
    import asyncio
    from functools import partial

    from rfqflow import settings
    from rfqflow.core.errors import ConfigError
    from rfqflow.database import migrate as migrations
    from rfqflow.database.connection import DATABASE_SETTING, LISTEN_SETTING

    if plan + check + print_sql > 1:
        raise ConfigError("give only one of --plan, --check and --sql")
    mapping = migrations.read_mapping(map_) if map_ else None
    if print_sql:
        click.echo(migrations.script(inline=True, mapping=mapping))
        return
    loaded = settings.load(database_url=database_url)
    # A session lock prevents two migrations at once. It needs a direct connection, not a pooled one.
    work = partial(_on_connection, mapping=mapping, plan=plan, check=check, as_json=as_json)
    if loaded.listen_url:
        code = asyncio.run(work(loaded.listen_url, setting=LISTEN_SETTING))
    else:
        code = asyncio.run(work(settings.need_database(loaded), setting=DATABASE_SETTING))
    if code:
        click.get_current_context().exit(code)


async def _on_connection(
    dsn: str, mapping: dict[str, Any] | None, *, setting: str, plan: bool, check: bool, as_json: bool
) -> int:
    from rfqflow.database import migration_plan
    from rfqflow.database.connection import connect

    conn = await connect(dsn, application_name="rfqflow migrate", pooled=True, setting=setting)
    try:
        if check:
            return await _check(conn, mapping, as_json=as_json)
        planned = await migration_plan.plan(conn, mapping)
        if plan:
            return _plan(planned, as_json=as_json)
        await _migrate(conn, mapping, planned, as_json=as_json)
        return 0
    finally:
        await conn.close(timeout=2)


async def _check(conn: asyncpg.Connection, mapping: dict[str, Any] | None, *, as_json: bool) -> int:
    from rfqflow.database import migrate as migrations

    names = await migrations.pending(conn, mapping)
    if as_json:
        print_json({"pending": names})
    else:
        for name in names:
            click.echo(f"pending: {name}")
        if not names:
            click.echo("up to date")
    return 1 if names else 0


def _plan(planned: dict[str, Any], *, as_json: bool) -> int:
    from rfqflow.cli.migration_texts import plan_lines

    if as_json:
        print_json(planned)
    else:
        click.echo("\n".join(plan_lines(planned)))
    return int(planned["refused"]["exit_code"]) if planned["refused"] else 0


async def _migrate(
    conn: asyncpg.Connection, mapping: dict[str, Any] | None, planned: dict[str, Any], *, as_json: bool
) -> None:
    from rfqflow.cli.migration_texts import done, done_lines
    from rfqflow.database import migrate as migrations

    conn.add_log_listener(lambda _, message: _warn(message))
    names = await migrations.migrate(conn, mapping=mapping)
    result = done(planned, names, await migrations.locked_ms(conn))
    if as_json:
        print_json(result)
    else:
        click.echo("\n".join(done_lines(result)))


def _warn(message: asyncpg.PostgresLogMessage) -> None:
    """Prints a warning of the SQL files, with the remedy from its hint."""
    if message.severity_en == "WARNING":
        hint = getattr(message, "hint", None)
        click.echo(f"warning: {message.message}" + (f"  -> {hint}" if hint else ""), err=True)
