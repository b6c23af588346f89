"""`rfqflow console`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rfqflow.cli.options import database, example
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    import socket

    from rfqflow.settings import Settings

DEFAULT = "127.0.0.1:8642"
_READ_SECONDS = 6.0  # for one statement: a person waits no longer
_LINES = 4


@example("rfqflow console --http 127.0.0.1:8642")
@click.command("console")
@database
@click.option("--http", metavar="HOST:PORT", help="Where it is served; default: 127.0.0.1:8642.")
def console(*, database_url: str | None, http: str | None) -> None:
    """Serve the operators' web page and print its address.

    Queue, RFQs, dead letters, plots; override, rerun, redrive, pause.

    Prints the address to open, with a token that lets in, unless RFQFLOW_CONSOLE_TOKEN is set.
    """
    import asyncio

    from rfqflow import settings
    from rfqflow.core import endpoint
    from rfqflow.http.server import bound
    from rfqflow.telemetry import logging

    loaded = settings.load(database_url=database_url)
    logging.configure(loaded.log_level, loaded.log_format)
    dsn = settings.need_database(loaded)
    try:
        address = endpoint.listening(DEFAULT if http is None else http)
    except ValueError as error:
        raise ConfigError(f"--http {error}") from None
    if not address.loopback and loaded.console_token is None:
        raise ConfigError(
            f"{http} can be reached from elsewhere: set RFQFLOW_CONSOLE_TOKEN (16 characters or more), "
            "or bind to 127.0.0.1"
        )
    sock = bound(address, "--http")
    try:
        asyncio.run(_serve(loaded, dsn, sock))
    finally:
        sock.close()


async def _serve(loaded: Settings, dsn: str, sock: socket.socket) -> None:
    import asyncio
    import secrets
    import signal

    from rfqflow.console.app import alive, build_app
    from rfqflow.console.context import Console
    from rfqflow.database import migrate
    from rfqflow.database.connection import LISTEN_SETTING, connect
    from rfqflow.database.reconnecting import is_pooled
    from rfqflow.http.completion_stream import CompletionWatcher
    from rfqflow.http.server import serving, url_of
    from rfqflow.store.connection_pool import ConnectionPool
    from rfqflow.store.console import ConsoleQueries
    from rfqflow.store.desk import DeskStore
    from rfqflow.store.drafts import DraftStore
    from rfqflow.store.prompt_quality import Quality

    conn = await connect(dsn, application_name="rfqflow start", pooled=True)
    try:
        await migrate.check_for_worker(conn)
    finally:
        await conn.close(timeout=2)
    pooled = await is_pooled(dsn)
    listen = loaded.listen_url or dsn
    direct = not (pooled if listen == dsn else await is_pooled(listen, setting=LISTEN_SETTING))
    token = loaded.console_token.get_secret_value() if loaded.console_token else secrets.token_urlsafe(24)
    lines = ConnectionPool(dsn, "rfqflow console", _LINES, pooled=pooled, seconds=_READ_SECONDS)
    console = Console(
        ConsoleQueries(lines), Quality(lines), CompletionWatcher(listen if direct else None), token, loaded.pii_pepper,
        desk=DeskStore(lines),
        drafts=DraftStore(lines),
    )  # fmt: skip
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with alive(console), serving(build_app(console), sock, console.closing):
            given = "" if loaded.console_token else f"/login?token={token}"
            click.echo(f"console: {url_of(sock)}{given}", err=True)
            await stop.wait()
    finally:
        await lines.close()
