"""Checks whether an evaluation can score the labels of cases. Pure.

Without this check, an invalid label of one case would end the evaluation of all cases.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any


class CaseError(ValueError):
    """A line is not a valid case. `field`: the field with the error."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def check_labels(labels: Mapping[str, Any]) -> None:
    """Checks the labels. A label that no evaluation scores may have any value.

    Raises:
        CaseError: the value of a label cannot be compared with an answer's value.
    """
    for name, (fits, what) in _FORMS.items():
        value = labels.get(name)
        if value is not None and not fits(value):
            raise CaseError(f"labels.{name}", f"labels.{name} must be {what}, or null")
    for at, item in enumerate(labels.get("line_items") or (), 1):
        if not _is_item(item):
            raise CaseError("labels.line_items", f"labels.line_items: item {at} must be {_ITEM}")


_ITEM = "an object whose quantity is a number, or a text of one, and whose unit is a text"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(dt.date.fromisoformat(value))
    except ValueError:
        return False


def _is_item(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("unit") or "", str):
        return False
    quantity = value.get("quantity")
    if quantity is None or isinstance(quantity, bool):
        return quantity is None
    try:
        return Decimal(str(quantity)).is_finite()
    except InvalidOperation:
        return False


_TEXT = (_is_text, "a text")
_TEXTS = (_is_texts, "a list of texts")
_DATE = (_is_date, "a date such as 2026-12-31")
_YES = (lambda value: isinstance(value, bool), "true or false")
_FORMS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "route": _TEXT, "intent": _TEXT, "language": _TEXT, "urgency": _TEXT, "gate": _TEXT,
    "due_date": _DATE, "quote_deadline": _DATE, "delivery_place": _TEXT, "incoterm": _TEXT,
    "budget": (lambda value: isinstance(value, dict), "an object with amount and currency"),
    "line_items": (lambda value: isinstance(value, list), "a list of items"), "missing": _TEXTS, "tags": _TEXTS,
    "injection": _YES, "injection_goal": (lambda value: isinstance(value, dict), "an object"),
}  # fmt: skip
