"""How commands print: tables for people, JSON for programs, colours only on a terminal."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table

_PIPED = 1 << 20  # width of output into a file or a pipe, in columns
STYLES = {
    "done": "green",
    "succeeded": "green",
    "failed": "red",
    "deferred": "yellow",
    "skipped": "dim",
    "lost": "red",
}


def plain(value: Any) -> Any:
    """Converts values that json.dumps does not support."""
    if isinstance(value, dt.date):  # a datetime is a date too
        return value.isoformat()
    if isinstance(value, UUID | bytes):
        return value.hex() if isinstance(value, bytes) else str(value)
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    raise TypeError(type(value).__name__)


def print_json(value: Any) -> None:
    try:
        text = json.dumps(value, default=plain, indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError:  # a value is infinite or NaN, which JSON cannot express
        text = json.dumps(_finite(value), default=plain, indent=2, ensure_ascii=False)
    click.echo(text)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(member) for key, member in value.items()}
    return [_finite(member) for member in value] if isinstance(value, list | tuple) else value


def number(value: Any) -> str:
    """A number without an exponent: 100000 and 0.0000001, not 1.0E+5 and 1e-07. Other values stay as they are."""
    if isinstance(value, float) and math.isfinite(value):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and value.is_finite():
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def console() -> Console:
    """A rich console on standard output. It does not wrap lines that go into a file or a pipe."""
    from rich.console import Console

    if sys.stdout is None:  # the shell has closed standard output
        return Console(file=io.StringIO())
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED)


def table(
    title: str | None,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    least: Sequence[str] = (),
    short: Sequence[str] = (),
) -> Table:
    """A table that fits the terminal.

    Texts wrap in their cells. A table that is too wide drops `least` columns first, and cuts texts in `short` columns.
    """
    from rfqflow.cli.tables import FittedTable

    return FittedTable(title, columns, [[cell(value) for value in row] for row in rows], least, short)


def cell(value: Any) -> str:
    """A value as text for people, in rich's markup.

    Replaces control characters and escapes markup, since the value may be a customer's text.
    """
    if value is None:
        return "-"
    if isinstance(value, dt.datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"  # noqa: PLR2004 - from 100 on, decimals do not matter
    if isinstance(value, Decimal):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return ", ".join(cell(member) for member in value)
    text = "".join(character if character.isprintable() else " " for character in str(value))
    text = text.replace("[", r"\[")
    style = STYLES.get(text)
    return f"[{style}]{text}[/]" if style else text
