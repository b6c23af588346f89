"""`rfqflow console`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rfqflow.cli.options import database, example
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    import socket

    from rfqflow.console.context import Console
    from rfqflow.settings import Settings
    from rfqflow.store.connection_pool import ConnectionPool

DEFAULT = "127.0.0.1:8642"
_READ_SECONDS = 6.0  # time limit of a statement: a person waits for the page
_LINES = 4
_LINK_MINUTES = 30


@example("rfqflow console --http 127.0.0.1:8642")
@click.command("console")
@database
@click.option("--http", metavar="HOST:PORT", help="Serve on HOST:PORT. Default: 127.0.0.1:8642.")
def console(*, database_url: str | None, http: str | None) -> None:
    """Serve the web console: desk, control room, RFQs, prompts.

    People log in with accounts: see `rfqflow account`. If no administrator exists, the command prints a link that
    creates one. The link works once, within half an hour.
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
    if loaded.console_proxy_header and not loaded.console_proxy_trusted:
        raise ConfigError(
            "RFQFLOW_CONSOLE_PROXY_HEADER needs RFQFLOW_CONSOLE_PROXY_TRUSTED, the proxy's address: "
            "otherwise anybody could send the header and log in"
        )
    sock = bound(address, "--http")
    try:
        asyncio.run(_serve(loaded, dsn, sock, exposed=not address.loopback))
    finally:
        sock.close()


async def _serve(loaded: Settings, dsn: str, sock: socket.socket, *, exposed: bool) -> None:
    import asyncio
    import signal

    import structlog

    from rfqflow.console.app import alive, build_app
    from rfqflow.database import migrate
    from rfqflow.database.connection import LISTEN_SETTING, connect
    from rfqflow.database.reconnecting import is_pooled
    from rfqflow.http.limits import MOST_SOCKETS_OF_CONSOLE
    from rfqflow.http.server import serving, url_of
    from rfqflow.store.connection_pool import ConnectionPool

    conn = await connect(dsn, application_name="rfqflow start", pooled=True)
    try:
        await migrate.check_for_worker(conn)
    finally:
        await conn.close(timeout=2)
    pooled = await is_pooled(dsn)
    listen = loaded.listen_url or dsn
    direct = not (pooled if listen == dsn else await is_pooled(listen, setting=LISTEN_SETTING))
    lines = ConnectionPool(dsn, "rfqflow console", _LINES, pooled=pooled, seconds=_READ_SECONDS)
    console = _console(loaded, lines, listen if direct else None, exposed=exposed)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with (
            alive(console),
            serving(build_app(console), sock, console.closing, most_sockets=MOST_SOCKETS_OF_CONSOLE),
        ):
            if exposed and not loaded.console_proxy_trusted:
                structlog.get_logger().warning("console.plain_http", remedy="a proxy with TLS: docs/how-to/console.md")
            click.echo(f"console: {url_of(sock)}{await _first_link(console)}", err=True)
            await stop.wait()
    finally:
        await lines.close()


def _console(loaded: Settings, lines: ConnectionPool, listen: str | None, *, exposed: bool) -> Console:
    from rfqflow.console.context import Console
    from rfqflow.console.passwords import PasswordChecks, Passwords
    from rfqflow.console.visitors import Visitors
    from rfqflow.http.completion_stream import CompletionWatcher
    from rfqflow.store.accounts import AccountStore
    from rfqflow.store.console import ConsoleQueries
    from rfqflow.store.desk import DeskStore
    from rfqflow.store.drafts import DraftStore
    from rfqflow.store.prompt_quality import Quality
    from rfqflow.store.related import RelatedStore

    visitors = Visitors(loaded.console_proxy_header, loaded.console_proxy_trusted, exposed=exposed)
    return Console(
        ConsoleQueries(lines), Quality(lines), CompletionWatcher(listen), loaded.pii_pepper,
        desk=DeskStore(lines), drafts=DraftStore(lines), related=RelatedStore(lines),
        accounts=AccountStore(lines), visitors=visitors, checks=PasswordChecks(Passwords(loaded.console_hash_mib)),
    )  # fmt: skip


async def _first_link(console: Console) -> str:
    """The link that creates the first administrator. Empty if an administrator can already log in."""
    import secrets

    from rfqflow.console.session import hash_of

    if await console.accounts.has_admin():
        return ""
    token = secrets.token_urlsafe(24)
    await console.accounts.make_link(hash_of(token), None, _LINK_MINUTES, "rfqflow console")
    click.echo("There is no administrator yet. Open this link within half an hour. The link works once:", err=True)
    return f"/link?token={token}"
