"""What a page says when the database could not answer: a status and words of our own, never the server's."""

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
    "It is away or busy. A search over much text may take too long: add a filter, or a shorter time.",
)
# What somebody asks for that the database has no value for: a NUL, a character its encoding lacks, too large a number.
_NO_ARGUMENT = Failure(
    _ASKED_WRONGLY,
    "That cannot be asked for",
    "A number is too large, or a text holds a character that the database lacks.",
)
_NO_TEXT = ("22021", "22P05")
_BY_STATE = {
    "42501": ("The console may not do this", "Its database role lacks a right: use the role that owns schema ai, or "
              "grant the right."),
    "42P01": ("The database lacks something", "A table or view is missing: run `rfqflow migrate`."),
    "42883": ("The database lacks something", "A function is missing: run `rfqflow migrate`."),
    "42703": ("The database lacks something", "A column is missing: run `rfqflow migrate`."),
    "3F000": ("The database lacks something", "The schema ai is missing: run `rfqflow migrate`."),
}  # fmt: skip
_BY_CLASS = {
    "22": ("One row cannot be shown", "A value in the database cannot be worked with: the log says of which kind."),
    "53": ("The database has no room", "Disk, memory or connections of the server are used up."),
}


def of(error: Exception) -> Failure:
    """What to tell of an error of the database."""
    state = str(getattr(error, "sqlstate", None) or "")
    if isinstance(error, DatabaseUnreachable) or not state or state.startswith(("08", "57", "40", "55", "25")):
        return _AWAY
    if state in _NO_TEXT or "query argument" in str(error):
        return _NO_ARGUMENT
    title, text = _BY_STATE.get(state) or _BY_CLASS.get(state[:2]) or (
        "The database refused", "The log of the console and the server's own say why."
    )  # fmt: skip
    status = _UNAVAILABLE if state.startswith("53") else _BROKEN
    return Failure(status, title, f"{text} (SQLSTATE {state})")


ERRORS = (DatabaseUnreachable, SchemaRefused, asyncpg.PostgresError)
