"""RFQs that a role with only INSERT can write, each made to break one step: claim, decision, call or record.

Each kind is the change that it makes to an ordinary RFQ. Its keys are columns, and its values are texts that
PostgreSQL reads as the type of the column. Each RFQ must fail without harm to another.
"""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .table import Table

Rfq = dict[str, Any]
_DIGITS = "7" * 5000
_EXPANDS = "[" + "1e131071," * 9000 + "1]"  # 1.2 GB as text


def _deep(depth: int) -> str:
    return "[" * depth + "1" + "]" * depth


def _noise(draw: random.Random, length: int) -> str:
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def _says(mark: str) -> Callable[[Rfq, random.Random], Rfq]:
    """The text makes the model, or a rule of the application, do this."""
    return lambda rfq, _: {"message": f"{rfq['message']} [{mark}]"}


def _is(**columns: str) -> Callable[[Rfq, random.Random], Rfq]:
    return lambda _rfq, _draw: columns


KINDS: dict[str, Callable[[Rfq, random.Random], Rfq]] = {
    "metadata_integer": _is(metadata=f'{{"form_seconds": {_DIGITS}, "visits": {_DIGITS}}}'),
    "metadata_deep": lambda _, draw: {"metadata": f'{{"honeypot": {_deep(draw.choice((1000, 3000)))}}}'},
    "metadata_expands": lambda _, draw: {"metadata": f'{{"{draw.choice(("form_seconds", "tenant"))}": {_EXPANDS}}}'},
    "metadata_scalar": lambda _, draw: {"metadata": draw.choice(("null", "1e131071", '"x"', "[]", "true", _deep(2500)))},
    "created_infinity": lambda _, draw: {"created_at": draw.choice(("infinity", "-infinity"))},
    "created_far": lambda _, draw: {"created_at": draw.choice(("4713-01-01 BC", "294276-12-31 23:59:59", "57520-01-01", "0001-01-01"))},
    "request_id_long": lambda rfq, draw: {"request_id": f"{rfq['request_id']}-{_noise(draw, draw.choice((13_000, 400_000)))}"},
    "request_id_lines": lambda rfq, _: {"request_id": f"{rfq['request_id']}\r\nx-two: three\r\n\r\n\u202e"},
    "giant": lambda rfq, draw: {"message": f"{rfq['message']} " + f"{draw.randrange(10**6)} valves, " * 60_000},
    "characters": lambda rfq, _: {"message": f"{rfq['message']}\x01\x1b[2J\u202e\ufdd0\U0010ffff\u2028" + "Z\u0351\u0352" * 300, "name": "\ufeff"},
    "key": _is(),  # see `make`
    "answered_by_itself": lambda _, draw: {
        "ai_status": draw.choice(("done", "failed", "lost")), "ai_route": "mine", "ai_extracted": _deep(1500),
        "ai_updated_at": "infinity", "ai_content_sha256": "\\x00",
    },
    "refuse_now": _says("refuse:now"), "refuse_silently": _says("refuse:silently"), "refuse_deferred": _says("refuse:deferred"),
    "refuse_check": _says("refuse:check"), "refuse_key": _says("refuse:key"),
    "wall": _says("model:wall_403"), "odd_4xx": _says("model:odd_4xx"), "hung_up": _says("model:hung_up"),
}  # fmt: skip
# As `created_at` of a row: the sweep takes it for older than the installation, and leaves it to `backfill`.
LONG_AGO = frozenset({"-infinity", "4713-01-01 BC", "0001-01-01"})
HEAVY = frozenset({"giant", "request_id_long"})
# Kinds that need rules of the application on its own table, or columns that only public.rfq_requests has.
OURS_ONLY = frozenset(
    {"answered_by_itself", "refuse_now", "refuse_silently", "refuse_deferred", "refuse_check", "refuse_key"}
)
_KEYS = {
    True: [
        "00000000-0000-0000-0000-000000000000",
        "00000000-0000-f922-3372-036854775808",
        "00000000-0000-0922-3372-036854775807",
    ],
    False: ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
}


def kinds(table: "Table") -> list[str]:
    return [name for name in KINDS if table.mapping is None or name not in OURS_ONLY]


class Sower:
    """Makes one RFQ of each kind before it repeats a kind."""

    def __init__(self, table: "Table") -> None:
        self._kinds, self._number = kinds(table), 0
        self._keys = list(_KEYS[table.is_number])

    def make(self, rfq: Rfq, draw: random.Random) -> Rfq:
        """The RFQ, made harmful."""
        kind = self._kinds[self._number % len(self._kinds)]
        self._number += 1
        changed = KINDS[kind](rfq, draw)
        if kind == "key":  # an RFQ cannot reuse a key twice
            changed = {"id": self._keys.pop()} if self._keys else {"name": ""}
        return {**rfq, **changed, "poison": kind}
