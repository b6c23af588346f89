"""Opening a connection, and telling a lost one from a wrong statement.

Hosts of a multi-host DSN are tried one by one, each with its own time: asyncpg gives the whole time to the first, so
a silent one would hide the others.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

from rfqflow.core.errors import DatabaseUnreachable

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 15.0

# What a broken link, a stopping server or a failover raises. After any of these the connection is thrown away.
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


def went_away(error: BaseException) -> bool:
    """Whether the server or the way to it ended a statement that nobody was prepared to see end."""
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)  # its others say that a connection was used wrongly
    server = asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError | asyncpg.ReadOnlySQLTransactionError
    return isinstance(
        error, server | asyncpg.TooManyConnectionsError | asyncpg.InternalClientError | ConnectionError | TimeoutError
    )


def one_host_each(dsn: str) -> list[str]:
    """The DSN once per host it names; a DSN with one host, or in another notation, comes back as it is."""
    if not dsn.startswith(("postgres://", "postgresql://")):
        return [dsn]
    parts = urlsplit(dsn)
    at = parts.netloc.rpartition("@")
    hosts = [host for host in at[2].split(",") if host]
    if len(hosts) < 2:  # noqa: PLR2004 - two is where a list begins
        return [dsn]
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    # Each host is asked on its own, so a standby must refuse by itself.
    query.setdefault("target_session_attrs", "read-write")
    return [
        urlunsplit((parts.scheme, f"{at[0]}{at[1]}{host}", parts.path, urlencode(query, quote_via=quote), ""))
        for host in hosts
    ]


def where(dsn: str) -> str:
    """The DSN without its secret, for messages."""
    return re.sub(r"(?<=://)([^:/@]*):[^@]*@", r"\1:***@", re.sub(r"password=[^&\s]*", "password=***", dsn))


async def connect(
    dsn: str, *, application_name: str = "rfqflow", pooled: bool = False, seconds: float = CONNECT_SECONDS
) -> asyncpg.Connection:
    """Opens one connection; every statement on it ends within STATEMENT_SECONDS.

    `pooled` leaves out what a transaction pooler does not bear: named statements.

    Raises:
        DatabaseUnreachable: no host answered, or none let us in. The message names the cause and no secret.
    """
    causes: list[str] = []
    for one in one_host_each(dsn):
        try:
            return await asyncpg.connect(
                one,
                timeout=seconds,
                command_timeout=STATEMENT_SECONDS,
                statement_cache_size=0 if pooled else 100,
                server_settings={"application_name": application_name},
            )
        except (*LOST, asyncpg.PostgresError, ValueError) as error:
            cause = str(error).strip() or type(error).__name__
            causes.append(f"{where(one)}: {cause.splitlines()[0]}")
    raise DatabaseUnreachable(
        "cannot reach the database; tried " + "; ".join(causes) + ". Check --database-url or RFQFLOW_DATABASE_URL."
    )
