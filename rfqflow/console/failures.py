"""Pages for database errors. They show a status and rfqflow's own words, never a message of the server."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.store.errors import SchemaRefused

_ASKED_WRONGLY = 400
_UNAVAILABLE = 503
_BROKEN = 500


@dataclass(frozen=True, slots=True)
class Failure:
    status: int
    title: str
    text: str


_AWAY = Failure(
    _UNAVAILABLE,
    "The database did not answer",
    "The database is down or busy. If a search takes too long, add a filter or shorten the time span.",
)
# The request has a value that the database cannot store: a NUL, an unsupported character, or too large a number.
_NO_ARGUMENT = Failure(
    _ASKED_WRONGLY,
    "Invalid value",
    "A number is too large, or a text has a character that the database cannot store.",
)
_NO_TEXT = ("22021", "22P05")
_BY_STATE = {
    "42501": ("The console lacks a right", "The console's database role lacks a right: use the role that owns schema "
              "ai, or grant the right."),
    "42P01": ("The database is not up to date", "A table or view is missing: run `rfqflow migrate`."),
    "42883": ("The database is not up to date", "A function is missing: run `rfqflow migrate`."),
    "42703": ("The database is not up to date", "A column is missing: run `rfqflow migrate`."),
    "3F000": ("The database is not up to date", "The schema ai is missing: run `rfqflow migrate`."),
}  # fmt: skip
_BY_CLASS = {
    "22": (
        "One row cannot be shown",
        "The database has a value that the console cannot process. The console's log names the kind of error.",
    ),
    "53": ("The database is out of resources", "The server has no free disk, memory or connections."),
}


def of(error: Exception) -> Failure:
    """The title, text and status of the page for a database error."""
    state = str(getattr(error, "sqlstate", None) or "")
    if isinstance(error, DatabaseUnreachable) or not state or state.startswith(("08", "57", "40", "55", "25")):
        return _AWAY
    if state in _NO_TEXT or "query argument" in str(error):
        return _NO_ARGUMENT
    title, text = _BY_STATE.get(state) or _BY_CLASS.get(state[:2]) or (
        "The database refused the request", "The console's log and the server's log have the reason."
    )  # fmt: skip
    status = _UNAVAILABLE if state.startswith("53") else _BROKEN
    return Failure(status, title, f"{text} (SQLSTATE {state})")


ERRORS = (DatabaseUnreachable, SchemaRefused, asyncpg.PostgresError)
