"""A model that answers as a careful reader would: it copies what its prompt shows, and cites the lines it has read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.corpus.attached.model import AttachedRfq, Wanted

_NUMBERED = re.compile(r"^(\d+)[|>] (.*)$", re.MULTILINE)
_HEAD = re.compile(r"attached file \d+: (.+) \([^()]*\)$")


def wire(case: AttachedRfq, shown: str, pictures: Sequence[int] = ()) -> dict[str, Any]:
    """The answer to one prompt.

    `shown` is the customer's part of the prompt; `pictures` has the lines to cite per picture.
    """
    lines = list(_placed((int(number), text) for number, text in _NUMBERED.findall(shown)))
    wanted = case.shown if pictures and case.shown else case.items
    items = [item for each in wanted if (item := _item(each, lines, pictures)) is not None]
    return {
        "language": case.language, "intent": "rfq", "line_items": items,
        "due_date": case.due and case.due.isoformat(), "due_date_derived": None, "due_date_text": None,
        "quote_deadline": None, "delivery_place": case.place, "incoterm": None, "budget": None, "certificates": [],
        "missing": [], "cites": [], "injection_suspected": False, "tags": ["parts"], "urgency": "normal",
        "summary": "A customer asks for a quotation of parts.", "evidence": [], "route": "general",
        "route_alternatives": [], "confidence": 0.9,
    }  # fmt: skip


def _placed(lines: Iterable[tuple[int, str]]) -> Iterable[tuple[int, str | None, str]]:
    """Number, file and text of each line except the heads of files. The file of the message's own lines is None."""
    file = None
    for number, text in lines:
        if head := _HEAD.fullmatch(text):
            file = head[1]
        else:
            yield number, file, text


def _item(
    wanted: Wanted, lines: Sequence[tuple[int, str | None, str]], pictures: Sequence[int]
) -> Mapping[str, Any] | None:
    quote = wanted.quote or wanted.key
    has_quantity = re.compile(rf"(?<![\w.,]){re.escape(wanted.quantity or '')}(?![\w])")
    here = [(number, text) for number, file, text in lines if file == wanted.file and quote in text]
    best = sorted(here, key=lambda each: has_quantity.search(each[1]) is None)
    if wanted.file and pictures and not best:
        best = [(pictures[wanted.page - 1], "")]
    if not best and not pictures:
        return None
    return {
        "description": wanted.key, "quantity": None if wanted.quantity is None else float(Decimal(wanted.quantity)),
        "quantity_max": None, "unit": wanted.unit, "part_number": wanted.key if wanted.key in quote else None,
        "revision": None, "material": None, "standards": [], "lines": [number for number, _ in best[:1]],
    }  # fmt: skip
