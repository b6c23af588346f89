"""What a command is told where the database lacks our schema, or refuses its role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import RfqflowError

if TYPE_CHECKING:
    from rfqflow.database.reconnecting import QueryExecutor

NO_SCHEMA = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError)
# An older schema, or one that this role may not read.
ABSENT = (*NO_SCHEMA, asyncpg.UndefinedColumnError, asyncpg.InsufficientPrivilegeError)


class SchemaRefused(RfqflowError):
    """The database lacks something of ours, or does not let this role at it; `sqlstate` says which."""

    def __init__(self, text: str, sqlstate: str | None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


async def fetched(source: asyncpg.Connection | QueryExecutor, statement: str, *args: Any) -> list[asyncpg.Record]:
    """The rows.

    Raises:
        SchemaRefused: there is no such thing in the database, or this role may not ask for it; it names the remedy.
    """
    try:
        rows: list[asyncpg.Record] = await source.fetch(statement, *args)
    except NO_SCHEMA as error:
        text = "this database has no rfqflow schema, or an older one: run `rfqflow migrate`"
        raise SchemaRefused(text, error.sqlstate) from None
    except asyncpg.InsufficientPrivilegeError as error:
        raise SchemaRefused(
            f"{error.message}: ask the owner of schema ai for the right, or use its role "
            "(what is needed: docs/reference/rights.md)",
            error.sqlstate,
        ) from None
    return rows
