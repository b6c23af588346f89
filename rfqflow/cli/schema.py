"""`rfqflow migrate`."""

from __future__ import annotations

import asyncio

import click

from rfqflow import schema, settings
from rfqflow.cli.output import print_json
from rfqflow.connect import connect


def migrate(database_url: str | None, *, check: bool, print_sql: bool, as_json: bool) -> None:
    """Applies, checks or prints `sql/`."""
    if print_sql:
        click.echo(schema.script(inline=True))
        return
    loaded = settings.load(database_url=database_url)
    # Session locks keep two migrations apart, so the direct way is taken where there is one.
    names = asyncio.run(_migrate(loaded.listen_url or settings.need_database(loaded), check=check, quiet=as_json))
    if as_json:
        print_json({"pending" if check else "applied": names})
    elif not names:
        click.echo("up to date")
    elif not check:
        click.echo(f"applied {len(names)} file(s)")
    if check and names:
        click.get_current_context().exit(1)


async def _migrate(dsn: str, *, check: bool, quiet: bool) -> list[str]:
    conn = await connect(dsn, application_name="rfqflow migrate", pooled=True)
    try:
        if check:
            names = await schema.pending(conn)
            for name in names if not quiet else ():
                click.echo(f"pending: {name}")
            return names
        return await schema.migrate(conn, (lambda _: None) if quiet else lambda name: click.echo(f"applied: {name}"))
    finally:
        await conn.close(timeout=2)
