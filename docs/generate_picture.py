"""Draws docs/images/insert-to-answer.svg: README's INSERT and SELECT, and the values that the database returns.

`python docs/generate_picture.py` needs no server. A test compares the picture with its output.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "insert-to-answer.svg"
# README's SELECT leaves out the line items, which are JSON in the row.
ITEMS = """
select x ->> 'description' as description, x ->> 'quantity' as quantity, x ->> 'unit' as unit, x ->> 'material' as material,
  x ->> 'revision' as revision, r.ai_extracted ->> 'due_date' as due_date
from public.rfq_requests r cross join lateral jsonb_array_elements(r.ai_extracted -> 'line_items') x
"""
_SHOWN = ("quantity", "unit", "material", "revision")
_COLUMNS = 52  # characters in a line of a panel
_LINE = 20  # px
_PANEL = 440  # px


def statements(readme: str) -> tuple[str, str]:
    """README's INSERT and SELECT, as the reader sees them."""
    block = next(text for text in re.findall(r"^ *```sql\n(.*?)^ *```", readme, re.DOTALL | re.MULTILINE))
    insert, select = textwrap.dedent(block).strip().split("\n\n")
    return insert, select


def picture(insert: str, row: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> str:
    """The SVG: the statement of the application, and the enriched row."""
    left = _wrapped(insert)
    right = [line for name, value in row.items() for line in _field(name, value)]
    right.append("line items")
    for item in items:
        right += _wrapped(f"  {item['description']}")
        right += _wrapped("    " + ", ".join(f"{name} {item[name]}" for name in _SHOWN if item[name]))
    if items and items[0]["due_date"]:
        right += _field("due_date", items[0]["due_date"])
    height = _LINE * max(len(left), len(right)) + 74
    width = 2 * _PANEL + 72
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="An INSERT of the application, and the same row after a worker has enriched it">\n',
        "<style>text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}"
        ".head{fill:#7ee787}.name{fill:#79c0ff}.arrow{font-size:24px;fill:#7ee787}</style>\n",
        f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>\n',
        _panel(16, "the application inserts", left, ()),
        f'<text class="arrow" x="{_PANEL + 26}" y="{height / 2:g}">&#8594;</text>\n',
        _panel(_PANEL + 56, "the row, a moment later (built-in rules)", right, (*row, "line items", "due_date")),
        "</svg>\n",
    ]
    return "".join(parts)


def _wrapped(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        lines += textwrap.wrap(line, _COLUMNS, subsequent_indent=indent + "  ", drop_whitespace=True)
    return lines


def _field(name: str, value: object) -> list[str]:
    first, *more = textwrap.wrap(str(value), _COLUMNS - 13) or [""]
    return [f"{name:<13}{first}", *(" " * 13 + line for line in more)]


def _panel(x: int, title: str, lines: Sequence[str], names: Sequence[str]) -> str:
    parts = [f'<text class="head" x="{x}" y="32">{escape(title)}</text>\n']
    for number, line in enumerate(lines):
        name = next((name for name in names if line.startswith(name)), "")
        start = f'<tspan class="name">{escape(name)}</tspan>' if name else ""
        parts.append(f'<text x="{x}" y="{62 + _LINE * number}">{start}{escape(line[len(name) :])}</text>\n')
    return "".join(parts)


async def draw(dsn: str) -> str:
    """Runs both statements with the built-in rules in between."""
    insert, select = statements((ROOT / "README.md").read_text())
    conn = await connect(dsn)
    try:
        await migrate.migrate(conn)
        await conn.execute(insert)
        environment = {
            **os.environ,
            "RFQFLOW_DATABASE_URL": dsn,
            "RFQFLOW_PROVIDER": "rules",
            "RFQFLOW_LOG_LEVEL": "error",
        }
        await asyncio.to_thread(
            subprocess.run, [sys.executable, "-m", "rfqflow", "run", "--drain"], env=environment, check=True
        )
        return picture(insert, dict(await conn.fetchrow(select)), [dict(one) for one in await conn.fetch(ITEMS)])
    finally:
        await conn.close(timeout=2)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="rfqflow-docs-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "postgres") as server:
            PICTURE.write_text(asyncio.run(draw(server.dsn)))
