"""Where a command ends badly: one clear line and the exit code that belongs to it, whatever was raised.

The server's and the libraries' words may hold a customer's text or a password, so of what nobody foresaw only the
kind is told.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import traceback
from pathlib import Path

import click

FAILED, USAGE, UNREACHABLE = 1, 2, 3
_SECRET = re.compile(r"://|@|passw|pwd|secret", re.IGNORECASE)
# Their messages name what is missing or full, and nothing of any row.
_SAFE_CLASSES = ("25", "42", "53", "55", "58")
_OURS = "RF"  # of SQL functions of ours, with words and a hint of ours
_REMEDIES = {
    "42501": "ask the owner of schema ai for the right, or use its role (what is needed: docs/reference/rights.md)",
    "42P01": "run `rfqflow migrate`",
    "42883": "run `rfqflow migrate`",
    "42703": "run `rfqflow migrate`",
    "3F000": "run `rfqflow migrate`",
    "53100": "make room on the server's disk",
    "57014": "it took too long, or somebody cancelled it: try again",
}


def open_closed_streams() -> None:
    """What the shell has closed is empty input and output to nowhere, and its number is no connection's."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process


def without_secrets(error: click.UsageError) -> click.UsageError:
    """An argument in the wrong place is not repeated where it may be a DSN."""
    if not _SECRET.search(error.message):
        return error
    return click.UsageError(
        "an argument is wrong or in the wrong place; it is not shown, as it may hold a secret. "
        "A DSN is given as --database-url DSN behind the command, or in RFQFLOW_DATABASE_URL",
        ctx=error.ctx,
    )


def ending(error: BaseException) -> tuple[str, int]:
    """The line and the exit code."""
    import asyncpg

    from rfqflow.core.errors import ConfigError, DatabaseUnreachable, EmbeddedUnavailable, RfqflowError
    from rfqflow.database.connection import went_away

    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return ending(error.exceptions[0])
    if isinstance(error, RfqflowError):
        if isinstance(error, ConfigError | EmbeddedUnavailable):
            return str(error), USAGE
        return str(error), UNREACHABLE if isinstance(error, DatabaseUnreachable) else FAILED
    if isinstance(error, asyncpg.QueryCanceledError):
        return _refused(error), FAILED
    if went_away(error):
        what = "the database did not answer" if isinstance(error, TimeoutError) else "lost the database in the middle"
        return f"{what}: {type(error).__name__}. Try again.", UNREACHABLE
    if _is_bad_value(error):
        return (
            "a value is none that the database can keep: a text with a NUL or half a character in it, or a number or "
            f"time out of range ({type(error).__name__})"
        ), FAILED if getattr(error, "sqlstate", None) in _COMPUTED else USAGE
    if isinstance(error, asyncpg.PostgresError):
        return _refused(error), FAILED
    if isinstance(error, UnicodeError):
        return "an argument, or what was read, is not UTF-8 text", USAGE
    if isinstance(error, OSError):
        file = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return f"the system refused: {file}{error.strerror or type(error).__name__}", FAILED
    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"something is broken here: {type(error).__name__} at {Path(where.filename).name}:{where.lineno}. "
        "RFQFLOW_LOG_LEVEL=debug shows the way there"
    ), FAILED


_COMPUTED = frozenset({"22003", "22008", "22012"})  # out of range, and divided by nought: by what the database holds


def _is_bad_value(error: BaseException) -> bool:
    """Refused by the driver, or by the server before it did anything (class 22)."""
    import asyncpg

    if isinstance(error, asyncpg.InterfaceError):
        return isinstance(error, ValueError)
    return isinstance(error, asyncpg.PostgresError) and str(error.sqlstate or "").startswith("22")


def _refused(error: BaseException) -> str:
    state = str(getattr(error, "sqlstate", None) or "?")
    if state.startswith(_OURS):
        return ". ".join(filter(None, (getattr(error, "message", None), getattr(error, "hint", None))))
    words = str(getattr(error, "message", "") or "").splitlines()
    what = words[0] if words and state.startswith(_SAFE_CLASSES) else f"the database refused ({type(error).__name__})"
    remedy = _REMEDIES.get(state)
    return f"{what} (SQLSTATE {state})" + (f": {remedy}" if remedy else "")


def tell(error: Exception) -> int:
    """Says how it ended; the exit code. With RFQFLOW_LOG_LEVEL=debug the traceback as well."""
    text, code = ending(error)
    with contextlib.suppress(OSError):
        _say(error, text)
    if isinstance(error, OSError):
        _forget_output()
    return code


def _say(error: Exception, text: str) -> None:
    if os.environ.get("RFQFLOW_LOG_LEVEL", "").lower() == "debug":
        # Frames only: the messages on the way may hold what must not be shown.
        click.echo("".join(traceback.format_tb(error.__traceback__)), err=True, nl=False)
    click.echo(f"rfqflow: {text}", err=True)


def _forget_output() -> None:
    """What could not be written is not tried again, and not told of a second time, when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
