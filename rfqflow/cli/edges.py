"""Turns any exception of a command into one clear line and its exit code.

A message of the server or of a library may hold a customer's text or a password. So the line shows only the class of an
unexpected error.
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
# Messages of these classes name what is missing or full, and quote no row.
_SAFE_CLASSES = ("25", "42", "53", "55", "58")
_OURS = "RF"  # class of the errors that rfqflow's SQL functions raise, with a message and a hint
_REMEDIES = {
    "42501": "use the role that owns schema ai, or let this role grant the right (see docs/reference/rights.md)",
    "42P01": "run `rfqflow migrate`",
    "42883": "run `rfqflow migrate`",
    "42703": "run `rfqflow migrate`",
    "3F000": "run `rfqflow migrate`",
    "53100": "make room on the server's disk",
    "57014": "the statement took too long, or a session cancelled it: try again",
}


def open_closed_streams() -> None:
    """Replaces closed standard streams with the null device, so that no connection gets their file numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - stays open as long as the process runs


def without_secrets(error: click.UsageError) -> click.UsageError:
    """The error, without its message if the message quotes an argument that may be a DSN."""
    if not _SECRET.search(error.message):
        return error
    return click.UsageError(
        "an argument is wrong or in the wrong place. rfqflow does not show it, since it may hold a secret. Give a DSN "
        "as --database-url DSN after the command, or in RFQFLOW_DATABASE_URL",
        ctx=error.ctx,
    )


def ending(error: BaseException) -> tuple[str, int]:
    """The line to print for this error, and the exit code of the command."""
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
        what = (
            "the database did not answer" if isinstance(error, TimeoutError) else "lost the connection to the database"
        )
        return f"{what}: {type(error).__name__}. Try again.", UNREACHABLE
    if _is_bad_value(error):
        return (
            "the database cannot store a value: a text has a NUL or an incomplete character, or a number or time is "
            f"out of range ({type(error).__name__})"
        ), FAILED if getattr(error, "sqlstate", None) in _COMPUTED else USAGE
    if isinstance(error, asyncpg.PostgresError):
        return _refused(error), FAILED
    if isinstance(error, UnicodeError):
        return "an argument or the input is not UTF-8 text", USAGE
    if isinstance(error, OSError):
        file = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return f"the system refused: {file}{error.strerror or type(error).__name__}", FAILED
    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"internal error: {type(error).__name__} at {Path(where.filename).name}:{where.lineno}. "
        "RFQFLOW_LOG_LEVEL=debug shows the traceback"
    ), FAILED


_COMPUTED = frozenset(
    {"22003", "22008", "22012"}
)  # out of range, or division by zero: stored data may be the cause, not the arguments


def _is_bad_value(error: BaseException) -> bool:
    """Whether the driver refused a value, or the server did, with an error of class 22."""
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
    """Prints the line for an error and returns the exit code. Also prints the traceback if RFQFLOW_LOG_LEVEL=debug."""
    text, code = ending(error)
    with contextlib.suppress(OSError):
        _say(error, text)
    if isinstance(error, OSError):
        _forget_output()
    return code


def _say(error: Exception, text: str) -> None:
    if os.environ.get("RFQFLOW_LOG_LEVEL", "").lower() == "debug":
        # Print frames only, since the message of an error may hold a secret.
        click.echo("".join(traceback.format_tb(error.__traceback__)), err=True, nl=False)
    click.echo(f"rfqflow: {text}", err=True)


def _forget_output() -> None:
    """Drops unwritten output. Otherwise the interpreter would report the same failure again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
