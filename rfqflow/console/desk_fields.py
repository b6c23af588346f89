"""The correctable fields of an answer: how a form shows each one, and how it parses the input."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["text", "long", "number", "date", "choice", "list", "money"]
_LINE_MOST = 300
_LIST_MOST = 12
_TAGS_MOST = 8
_TAG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_BLANKS = re.compile(r"[\s\u00a0\u2009\u202f']+")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+", re.ASCII)
_LARGEST = Decimal(10) ** 15
_ITEM_PATH = re.compile(r"line_items\[(\+?\d{0,6})\](?:\.(\w+))?", re.ASCII)  # +1 is the first line that a person added
NEW_LINE = "line_items[+]"
URGENCIES = ("low", "normal", "high", "critical")
INCOTERMS = ("EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP")
MISSING = ("quantity", "material", "drawing", "delivery_location", "due_date", "specification", "contact")


class FieldError(Exception):
    """The input is not a valid value of the field. The message shows how to write a valid value."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an answer, or of a line item."""

    name: str
    label: str
    kind: Kind = "text"
    most: int = 120
    options: tuple[str, ...] = ()
    hint: str = ""


FIELDS = (
    Field("summary", "Summary", "long", 600),
    Field("urgency", "Urgency", "choice", options=URGENCIES),
    Field("quote_deadline", "Quote by", "date"),
    Field("due_date", "Due", "date"),
    Field("delivery_place", "Delivery", most=120),
    Field("incoterm", "Incoterm", "choice", options=("", *INCOTERMS)),
    Field("budget", "Budget", "money", 40, hint="such as 1200 EUR"),
    Field("certificates", "Certificates", "list", 400, hint="separated by commas"),
    Field("missing", "Missing", "list", 200, options=MISSING, hint="separated by commas"),
    Field("tags", "Tags", "list", 360, hint="separated by commas"),
)
ITEM_FIELDS = (
    Field("quantity", "Quantity", "number", 24),
    Field("quantity_max", "Up to", "number", 24),
    Field("unit", "Unit", most=24),
    Field("description", "Description", most=_LINE_MOST),
    Field("part_number", "Part", most=120),
    Field("revision", "Revision", most=24),
    Field("material", "Material", most=120),
    Field("standards", "Standards", "list", 400, hint="separated by commas"),
)
_BY_NAME = {field.name: field for field in FIELDS}
_ITEM_BY_NAME = {field.name: field for field in ITEM_FIELDS}


def field_at(path: str) -> Field | None:
    """The field at a path such as `summary` or `line_items[3].quantity`; None if people cannot correct it."""
    place = _ITEM_PATH.fullmatch(path)
    if place:
        return _ITEM_BY_NAME.get(place[2]) if place[2] and place[1] not in ("", "+") else None
    return _BY_NAME.get(path)


def line_at(path: str) -> str | None:
    """The line item of a path: for `line_items[3].quantity`, `line_items[3]`. None for a path without line item."""
    place = _ITEM_PATH.fullmatch(path)
    return f"line_items[{place[1]}]" if place and place[1] not in ("", "+") else None


def order_of(path: str) -> tuple[bool, int]:
    """The sort key of a line item. Line items that people added come last."""
    number = path.removeprefix("line_items[").partition("]")[0]
    return number.startswith("+"), int(number.lstrip("+") or 0)


def label_of(path: str) -> str:
    """The name of a field for people, such as `quantity of line 3`."""
    place = _ITEM_PATH.fullmatch(path)
    field = field_at(path)
    if place is None:
        return field.label.lower() if field else path.replace("_", " ")
    line = "an added line" if place[1].startswith("+") or not place[1] else f"line {int(place[1]) + 1}"
    return f"{field.label.lower()} of {line}" if field else line


def written(value: Any) -> str:
    """The text that a form shows for a value. `read` accepts this text."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return f"{value.get('amount', '')} {value.get('currency', '')}".strip()
    return str(value)


def read(field: Field, text: str) -> Any:
    """The parsed value; None for an empty field. Raises FieldError."""
    text = text.strip()
    if len(text) > field.most:
        raise FieldError(f"Write at most {field.most} characters.")
    if not text:
        if field.name in ("summary", "description", "urgency"):
            raise FieldError("This cannot be empty.")
        return [] if field.kind == "list" else None
    match field.kind:
        case "number":
            return _number(text)
        case "date":
            return _date(text)
        case "money":
            return _money(text)
        case "list":
            return _list(field, text)
        case "choice" if text not in field.options:
            raise FieldError(f"Choose one of {', '.join(filter(None, field.options))}.")
        case _:
            return text


def _number(text: str) -> str:
    bare = _BLANKS.sub("", text)
    if _GROUPED.fullmatch(bare):
        plain = re.sub(r"[.,]", "", bare)
        raise FieldError(f"Does {text} mean {plain}? Write it without a separator.")
    if not re.fullmatch(r"\d+(?:[.,]\d+)?", bare, re.ASCII):
        raise FieldError("Write a number, such as 250 or 2.5; the unit is a separate field.")
    value = Decimal(bare.replace(",", "."))
    if value <= 0:
        raise FieldError("Write a number above 0.")
    if value > _LARGEST:
        raise FieldError("Write a smaller number.")
    return f"{value:f}"


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise FieldError("Write the date as 2027-03-31.") from None


def _money(text: str) -> dict[str, str]:
    amount, _, currency = text.rpartition(" ")
    if not _CURRENCY.fullmatch(currency.upper()):
        raise FieldError("Write the amount and the currency, such as 1200 EUR.")
    return {"amount": _number(amount), "currency": currency.upper()}


def _list(field: Field, text: str) -> list[str]:
    found = list(dict.fromkeys(filter(None, (one.strip() for one in re.split(r"[,;\n]", text)))))
    if field.name == "missing":
        found = [one.replace(" ", "_") for one in found]
    unknown = [one for one in found if field.options and one not in field.options]
    if unknown:
        raise FieldError(f"{unknown[0]} is unknown: choose from {', '.join(field.options).replace('_', ' ')}.")
    if field.name == "tags":
        bad = next((one for one in found if not _TAG.fullmatch(one)), None)
        if bad is not None:
            raise FieldError(f"{bad[:40]}: a tag holds only lower-case letters, digits and hyphens.")
    most = _TAGS_MOST if field.name == "tags" else _LIST_MOST
    if len(found) > most:
        raise FieldError(f"Write at most {most} values.")
    return found


def said_of(name: str, at: str) -> str | None:
    """The message that the page shows after an action; None for an unknown code."""
    what = label_of(at) if at else ""
    return {
        "corrected": f"Saved: {what}.", "unchanged": "Nothing has changed.", "added": "The line is added.",
        "removed": "The line is removed. To restore it, choose Withdraw.",
        "correction_withdrawn": "The correction is withdrawn: the model's value applies again.",
        "confirmed": "The answer is confirmed.", "review_cleared": "The review mark is cleared.",
        "assigned": "The RFQ has a new owner.",
        "unassigned": "The RFQ has no owner.", "rerouted": "The route is set by hand. Later runs keep it.",
        "route_withdrawn": "The model's route applies again.", "noted": "The note is saved.",
        "handled": "The RFQ is marked as handled.", "reopened": "The RFQ is open again.",
        "drafted": "The draft is ready. Nothing is sent.", "draft_saved": "The draft is saved.",
        "asked": "The draft is marked as asked.", "model_asked": "A model is asked for a draft.",
        "model_stopped": "The request for a model's draft is cancelled.",
    }.get(name)  # fmt: skip
