"""JSON that keeps the digits of each number; json.dumps would round them to a float's."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def parsed(line: str) -> Any:
    """With a Decimal for each fraction."""
    return json.loads(line, parse_float=Decimal)


def as_text(value: Any) -> str:
    """The value that `parsed` returned, as JSON."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {as_text(member)}" for key, member in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_text(member) for member in value) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
