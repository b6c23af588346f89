"""JSON that keeps all digits of numbers, which json.dumps would round to a float."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def parsed(line: str) -> Any:
    """The JSON in a line. Each fraction is a Decimal."""
    return json.loads(line, parse_float=Decimal)


def as_text(value: Any) -> str:
    """A value of `parsed` as JSON."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {as_text(member)}" for key, member in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_text(member) for member in value) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
