"""How commands print: tables for people, JSON for programs, colours only on a terminal."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table

STYLES = {
    "done": "green",
    "succeeded": "green",
    "failed": "red",
    "deferred": "yellow",
    "skipped": "dim",
    "lost": "red",
}


def plain(value: Any) -> Any:
    """What json.dumps does not know by itself."""
    if isinstance(value, dt.date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, UUID | bytes):
        return value.hex() if isinstance(value, bytes) else str(value)
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, default=plain, indent=2, ensure_ascii=False))


def console() -> Console:
    """Wide enough not to fold a table that goes into a file or a pipe."""
    from rich.console import Console

    made = Console(highlight=False)
    if not made.is_terminal:
        made = Console(highlight=False, width=160)
    return made


def table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    from rich.table import Table

    made = Table(title=title, title_justify="left", header_style="bold", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def cell(value: Any) -> str:
    """One value as a person reads it; customers' text can hold no markup of the terminal's or of rich's."""
    if value is None:
        return "-"
    if isinstance(value, dt.datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"  # noqa: PLR2004 - where cents stop to matter
    if isinstance(value, Decimal):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return ", ".join(cell(member) for member in value)
    text = "".join(character if character.isprintable() else " " for character in str(value))
    text = text.replace("[", r"\[")
    style = STYLES.get(text)
    return f"[{style}]{text}[/]" if style else text
