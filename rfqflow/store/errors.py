"""Errors that commands show if the schema is missing or the role lacks a right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import RfqflowError

if TYPE_CHECKING:
    from rfqflow.database.reconnecting import QueryExecutor

NO_SCHEMA = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError)
# Errors of an older schema, or of a schema that this role may not read.
ABSENT = (*NO_SCHEMA, asyncpg.UndefinedColumnError, asyncpg.InsufficientPrivilegeError)


class SchemaRefused(RfqflowError):
    """A database object is missing, or this role lacks a right. `sqlstate` tells the two apart."""

    def __init__(self, text: str, sqlstate: str | None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


async def fetched(source: asyncpg.Connection | QueryExecutor, statement: str, *args: Any) -> list[asyncpg.Record]:
    """The rows.

    Raises:
        SchemaRefused: an object is missing, or the role may not read it. The message names the remedy.
    """
    try:
        rows: list[asyncpg.Record] = await source.fetch(statement, *args)
    except NO_SCHEMA as error:
        text = "this database has no rfqflow schema, or an older one: run `rfqflow migrate`"
        raise SchemaRefused(text, error.sqlstate) from None
    except asyncpg.InsufficientPrivilegeError as error:
        raise SchemaRefused(
            f"{error.message}: use the role that owns schema ai, or ask it for the right (see "
            "docs/reference/rights.md)",
            error.sqlstate,
        ) from None
    return rows
