"""Options that commands share."""

from __future__ import annotations

import functools
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

F = TypeVar("F", bound="Callable[..., Any]")
C = TypeVar("C", bound=click.Command)
_AGO = re.compile(r"(\d{1,6})([smhdw])")
_SHOWN = 200
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class _RfqId(click.types.UUIDParameterType):
    """An RFQ's id. If the mapped table has a numeric key, the key is an id too: see ai.rfq_uuid."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and value.removeprefix("-").isdecimal():
            value = value.replace("-", "f").zfill(32)
        return super().convert(value, param, ctx)


RFQ_ID = _RfqId()


class _Output(click.Path):
    """An output file. The command checks that it can write the file before any work; - is standard output."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, allow_dash=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if str(path) == "-":
            return path
        try:
            if not str(value).strip() or not path.parent.is_dir():
                self.fail(f"{str(path)!r} cannot be written: the folder {path.parent} does not exist", param, ctx)
            if not os.access(path if path.exists() else path.parent, os.W_OK):
                self.fail(f"{str(path)!r} cannot be written: permission denied", param, ctx)
        except OSError as error:
            self.fail(f"{str(path)[:_SHOWN]!r} cannot be written: {error.strerror}", param, ctx)
        return path


OUTPUT = _Output()


def opened(path: Path) -> AbstractContextManager[IO[Any]]:
    """Opens the output file for UTF-8 text."""
    return click.open_file(str(path), "w", encoding="utf-8")


def example(*lines: str) -> Callable[[C], C]:
    """Adds example commands to --help."""

    def add(command: C) -> C:
        shown = "\n".join(f"  {line}" for line in lines)
        command.epilog = f"\b\nExample{'s' if len(lines) > 1 else ''}:\n{shown}"
        return command

    return add


def database(command: F) -> F:
    return click.option(
        "--database-url",
        metavar="DSN",
        help="DSN of the PostgreSQL database. Default: RFQFLOW_DATABASE_URL, else DATABASE_URL.",
    )(command)


def json_(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def actor(command: F) -> F:
    @click.option("--actor", help="Record this name in the audit. Default: the database role.")
    @click.option("--reason", help="Record this reason in the audit.")
    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return command(*args, **kwargs)

    return wrapped  # type: ignore[return-value] # click keeps the signature


def since(command: F) -> F:
    return click.option(
        "--since",
        metavar="TIME",
        help="Only RFQs submitted since this time: 2026-03-01, 2026-03-01T08:30+01:00, or an age such as 36h "
        "or 7d. Without a zone: UTC.",
    )(command)


def moment(text: str | None) -> datetime | None:
    """Parses an ISO time, or an age such as 36h.

    Raises:
        ConfigError: the text is neither a time nor an age.
    """
    if text is None:
        return None
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        found = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise ConfigError(f"--since takes a time such as 2026-03-01 or 36h, not {text!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
