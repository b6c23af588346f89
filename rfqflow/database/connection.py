"""Opens connections, and distinguishes a lost connection from a wrong statement.

rfqflow tries the hosts of a multi-host DSN one by one, each with its own time limit. asyncpg would spend the whole time
on the first host, so a silent host would hide the others. rfqflow writes its own messages, because messages of the
server and the driver repeat their input. If a DSN was misread, that input may be a piece of the password.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import struct
from typing import TYPE_CHECKING

import asyncpg

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.core.text.times import CODECS
from rfqflow.database.dsn import parse
from rfqflow.database.dsn_parsing import HINT
from rfqflow.sockets import keepalive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.database.dsn import Host, Keepalive, Target

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 15.0
DATABASE_SETTING, LISTEN_SETTING = "--database-url or RFQFLOW_DATABASE_URL", "RFQFLOW_LISTEN_URL"

_CHECK = "client_connection_check_interval"  # a server that does not run on Linux may refuse this setting

# Settings that a role or a database may have, and that would end or fail statements and sessions of rfqflow. Read-only
# transactions are not among them: an operator uses that setting to freeze a database.
_PINNED = {
    "default_transaction_isolation": "read committed", "lock_timeout": "0",
    "transaction_timeout": "0", "idle_session_timeout": "0", "idle_in_transaction_session_timeout": "0",
    "row_security": "on", "quote_all_identifiers": "off",
    # Milliseconds until the server notices a dropped connection, ends its statement and releases its locks. A
    # statement_timeout does not limit the application's triggers that run at COMMIT.
    _CHECK: "1000",
}  # fmt: skip

# The same search path as in each function of rfqflow. On a longer path, a role with CREATE on a schema could plant an
# operator or a function that matches a statement better.
_PATH = {"search_path": "pg_catalog, pg_temp"}

_IN_OPTIONS = re.compile(r"(?:-c\s*|--)([a-z_]+)\s*=")  # the names that a DSN's `options` set

# Errors of a broken connection, a server that stops, or a failover. After any of them, rfqflow drops the connection.
LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,  # class 08
    asyncpg.OperatorInterventionError,  # class 57: shutdown, crash, still starting, statement cancelled
    asyncpg.ReadOnlySQLTransactionError,  # 25006: the primary has become a standby
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
)
_LARGEST_REAL = 3.4e38
_CAUSES = {
    "28P01": "the password was refused",
    "28000": "pg_hba.conf does not let this user connect from here, or not in this way (with or without TLS)",
    "3D000": "the database does not exist",
    "42501": "this user may not connect to this database",
    "53300": "the server has no free connection",
    "57P01": "the server is shutting down",
    "57P03": "the server is starting up or shutting down",
    "08P01": "the server or the pooler refused a parameter",
}


def went_away(error: BaseException) -> bool:
    """Whether the server or the network ended a statement unexpectedly."""
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)  # other interface errors report a wrong use of the connection
    server = asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError | asyncpg.ReadOnlySQLTransactionError
    return isinstance(
        error, server | asyncpg.TooManyConnectionsError | asyncpg.InternalClientError | ConnectionError | TimeoutError
    )


async def connect(
    dsn: str,
    *,
    application_name: str | None = None,
    pooled: bool = False,
    seconds: float = CONNECT_SECONDS,
    server_seconds: float = 0,
    statement_seconds: float = STATEMENT_SECONDS,
    setting: str = DATABASE_SETTING,
) -> asyncpg.Connection:
    """Opens one connection. The client ends every statement on it after `statement_seconds`.

    With an `application_name`, the search path excludes schemas where other roles may create objects. Without a name,
    the search path of the role or the database applies. `pooled` avoids named statements, which a transaction pooler
    does not support. `server_seconds`: the server ends a statement after this time, even if the client is dead. It has
    no effect behind a pooler. `setting`: the name of the setting that holds the DSN, for messages.

    Raises:
        ConfigError: the DSN is invalid.
        DatabaseUnreachable: no host answered, or all refused the login. The message names the cause, but no secret.
    """
    target = parse(dsn)
    causes: list[str] = []
    password = False
    for host in target.order():
        try:
            within = target.connect_seconds or seconds
            name = application_name or "rfqflow"
            return await _prepared(
                target,
                await _opened(target, host, name, within, statement_seconds, pooled=pooled),
                {
                    **_PINNED,
                    "statement_timeout": str(int(server_seconds * 1000)),
                    **(_PATH if application_name else {}),
                },
            )
        except Exception as error:  # noqa: BLE001 - for a wrong DSN, the driver raises errors of many classes
            password |= isinstance(error, asyncpg.InvalidAuthorizationSpecificationError)
            causes.append(f"{target.where(host)}: {_cause(error, target)}")
    hint = f" {HINT}." if password or target.quoted else ""
    raise DatabaseUnreachable(f"cannot reach the database; tried {'; '.join(causes)}. Check {setting}.{hint}")


async def _opened(
    target: Target, host: Host, application_name: str, seconds: float, statement_seconds: float, *, pooled: bool
) -> asyncpg.Connection:
    # The driver gets one host at a time, so it checks for a standby at each host.
    session = target.session or ("read-write" if len(target.hosts) > 1 else None)
    return await asyncpg.connect(
        target.dsn_for_driver() or None,
        host=host.name,
        port=host.port,
        user=target.user,
        password=target.password,
        passfile=target.passfile,
        database=target.database,
        ssl=target.tls_for_driver(),
        target_session_attrs=session,
        timeout=seconds,
        command_timeout=statement_seconds,
        statement_cache_size=0 if pooled or target.pooled else 100,
        server_settings={**target.server_settings, "application_name": application_name},
    )


def _of_real(raw: bytes) -> float:
    """The value of a `real` as the server writes it: 0.926 instead of 0.9259999990463257."""
    (value,) = struct.unpack(">f", raw)
    for digits in range(6, 9):
        shorter = float(f"{value:.{digits}g}")
        if abs(shorter) < _LARGEST_REAL and struct.pack(">f", shorter) == raw:
            return shorter
    return float(value)


async def _prepared(target: Target, conn: asyncpg.Connection, pinned: Mapping[str, str]) -> asyncpg.Connection:
    """Prepares the session of a new connection. If that fails, closes the connection and raises the error."""
    try:
        await _pin(conn, pinned, given=target.server_settings)
        _keep_alive(conn, target.keepalive)
        for name, (decoder, encoder) in CODECS.items():  # this sends no query, since the types are built in
            await conn.set_type_codec(name, schema="pg_catalog", format="tuple", decoder=decoder, encoder=encoder)
        await conn.set_type_codec(
            "float4", schema="pg_catalog", format="binary", decoder=_of_real, encoder=struct.Struct(">f").pack
        )
    except BaseException:
        conn.terminate()
        raise
    return conn


async def _pin(conn: asyncpg.Connection, pinned: Mapping[str, str], *, given: Mapping[str, str]) -> None:
    """Resets the settings, except those that the DSN sets. The search path is always set.

    It does nothing behind a pooler, which would pass the settings on to other clients.
    """
    kept = {*given, *_IN_OPTIONS.findall(given.get("options", ""))} - {*_PATH}
    values = ", ".join(f"('{name}', '{value}')" for name, value in pinned.items() if name not in kept)
    if not values:
        return
    await conn.execute(
        f"select pg_catalog.set_config(p.name, p.value, false) from (values {values}) p (name, value) "
        f"where pg_catalog.pg_backend_pid() = {conn.get_server_pid()} "
        "and pg_catalog.current_setting(p.name, true) is not null "  # the view pg_settings would take a millisecond
        f"and (p.name operator(pg_catalog.<>) '{_CHECK}' or pg_catalog.version() operator(pg_catalog.~~) '%linux%')"
    )


def _cause(error: Exception, target: Target) -> str:
    if isinstance(error, asyncpg.PostgresError):
        unset = isinstance(error, asyncpg.InvalidPasswordError) and target.password is None
        said = _CAUSES.get(error.sqlstate or "", "the server refused")
        return f"{said}{', and the DSN holds none' if unset else ''} (SQLSTATE {error.sqlstate})"
    if isinstance(error, ssl.SSLCertVerificationError):
        said = f"certificate verify failed: {error.verify_message}"
        return said if target.certain and target.harmless(said) else "certificate verify failed"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({(error.reason or type(error).__name__).replace('_', ' ').lower()})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "the host name is unknown"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    if isinstance(error, ConnectionError) and "SSL" in str(error):
        return "the server has no TLS, or refused it (SSL)"
    if isinstance(error, OSError) and str(error).startswith("Multiple exceptions"):
        return "the connection was refused, or the host cannot be reached"
    if isinstance(error, ConnectionError):
        return "the connection was closed at once"
    return f"the driver does not support what the DSN or a variable PG... asks for ({type(error).__name__})"


def _keep_alive(conn: asyncpg.Connection, alive: Keepalive) -> None:
    sock = conn._transport.get_extra_info("socket")  # noqa: SLF001 - asyncpg shows it in no other way
    if alive.on and sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        for option in keepalive(alive.idle, alive.interval, alive.count, alive.user_timeout):
            sock.setsockopt(*option)
