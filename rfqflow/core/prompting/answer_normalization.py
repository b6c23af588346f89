"""Normalization repairs faults of an answer by rules, so that no second call has to be paid for.

It repairs summaries that have markup or are too long, invalid tags, lists that are too long, unreadable dates and
units, and impossible shares. It fills gaps from other parts of the answer, or from the form that the customer filled
in. It does not guess: a confidence outside 0..1 and a negative quantity remain faults.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from rfqflow.core.answer import Answer, Check, Cite, Evidence, FactVerdict, incomplete
from rfqflow.core.error_detail import shown
from rfqflow.core.errors import InvalidAnswer, Stage
from rfqflow.core.lists import MOST_ITEMS
from rfqflow.core.records import Rfq
from rfqflow.core.text.sanitize import cut, fold, one_line, without_markup

MAX_DETAILS = 5
_EXCERPT = 200  # characters of a text that is not an answer, to quote in the run's error detail

_SUMMARY, _DESCRIPTION, _SHORT, _CODE = 600, 300, 120, 24
_TAGS, _TAG, _LIST, _ALTERNATIVES, _EVIDENCE = 8, 40, 12, 2, 24
_YEARS = range(1990, 2200)
_TAG_MARKUP = re.compile(r"<|&\w+;|^(?:t[dr]|div|span|amp|nbsp|mso\w*|wordsection\d*|https?)(?:-|$)", re.IGNORECASE)
_HARMFUL = re.compile(
    r"</?[a-z]|https?:|www\.|[\w.+-]{1,64}@[\w-]{1,63}\.|\+\d[\d ()/.-]{6,18}\d", re.IGNORECASE
)  # removed from a summary: markup, links, addresses
_LOOKED_AT = 2_000  # characters that are read of a text without its own limit
_LAST_LINE = 100_000
_NOTHING_ASKED = frozenset({"spam", "job_application", "supplier_offer"})
_SYMBOLS: Mapping[str, str] = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "ZŁ": "PLN",
}
_EVIDENCE_FIELDS = frozenset(Answer.model_fields)


def tidied(value: Mapping[str, Any], rfq: Rfq) -> Answer:
    """The repaired answer from a value that fits the schema. Raises InvalidAnswer if no rule can repair the value."""
    due_date, due_date_text = _date(value["due_date"]), _short(value["due_date_text"])
    if due_date is None and due_date_text is None:
        # A text such as "mid March" in the wrong field is still what the customer wrote.
        due_date_text = _short(value["due_date"])
    quote_deadline = _date(value["quote_deadline"])
    delivery_place = _short(value["delivery_place"])
    items = () if value["intent"] in _NOTHING_ASKED else _items(value["line_items"])
    known = {
        "contact": bool(rfq.name or rfq.phone),
        "delivery_location": delivery_place is not None,
        "due_date": due_date is not None or due_date_text is not None,
        "quantity": bool(items) and all(item["quantity"] is not None for item in items),
    }
    fields = {
        "summary": cut(without_markup(value["summary"]), _SUMMARY),
        "language": _language(value["language"]),
        "intent": value["intent"],
        "route": value["route"],
        "route_alternatives": _alternatives(value["route_alternatives"], value["route"]),
        "confidence": float(value["confidence"]),
        "tags": _tags(value["tags"]),
        "urgency": value["urgency"],
        "line_items": items,
        "due_date": due_date,
        "due_date_derived": None if due_date else _date(value["due_date_derived"]),
        "due_date_text": due_date_text,
        "quote_deadline": quote_deadline,
        "delivery_place": delivery_place,
        "incoterm": value["incoterm"],
        "budget": _budget(value["budget"]),
        "certificates": _shorts(value["certificates"]),
        "missing": tuple(name for name in dict.fromkeys(value["missing"]) if not known.get(name)),
        "injection_suspected": value["injection_suspected"],
        "evidence": _evidence(value["evidence"]),
        "cites": _cites(value["cites"]),
        "checks": _mended(value),
    }
    try:
        return Answer.model_validate(fields)
    except ValidationError as error:
        # Do not use str(error): it quotes the input, which is the customer's text.
        found = error.errors(include_url=False, include_context=False)
        problems: dict[str, object] = {}
        for problem in found:
            problems.setdefault(f"{_place(problem['loc'])}: {problem['type']}", problem["input"])
    raise invalid(*problems, stage=Stage.DOMAIN, values=tuple(problems.values()))


def invalid(*details: str, stage: Stage, values: tuple[object, ...] = (), text: str = "") -> InvalidAnswer:
    """One error for all faults of an answer, with a few lines of the form `place: rule`, and never with a value.

    `values` are the model's values in those places; `text` is the model's whole text.
    """
    faults = [
        f"{detail} (said {shown(values[number])})" if number < len(values) else detail
        for number, detail in enumerate(details[:MAX_DETAILS])
    ]
    said = "; ".join(faults) + (f"; it said: {text[:_EXCERPT]}" if text else "")
    return InvalidAnswer("the model's text is not an answer", details[:MAX_DETAILS], stage, said)


def _place(loc: tuple[int | str, ...]) -> str:
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _items(values: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    items = (_item(value) for value in values)
    return tuple(item for item in items if item["description"])[:MOST_ITEMS]


def _item(value: Mapping[str, Any]) -> dict[str, Any]:
    # Models write zero for "not stated"; the domain model refuses negative values.
    quantity, quantity_max = value["quantity"] or None, value["quantity_max"] or None
    if quantity is not None and quantity_max is not None and quantity_max <= quantity:
        quantity, quantity_max = quantity_max, (None if quantity_max == quantity else quantity)
    part_number = _code(value["part_number"], _SHORT)
    return {
        "description": cut(one_line(value["description"]) or part_number or "", _DESCRIPTION),
        "quantity": quantity,
        "quantity_max": quantity_max,
        "unit": _code(value["unit"], _CODE),
        "part_number": part_number,
        "revision": _code(value["revision"], _CODE),
        "material": _short(value["material"]),
        "standards": _shorts(value["standards"]),
        "lines": _lines(value["lines"]),
    }


def _mended(value: Mapping[str, Any]) -> dict[str, Check]:
    """Removes text that people must not see from summary and tags. Returns the marks for what was removed.

    Such text is evidence about the whole answer.
    """
    checks = {}
    if _HARMFUL.search(value["summary"][:_LOOKED_AT]):
        checks["summary"] = Check(verdict=FactVerdict.UNVERIFIED, why="contact")
    if any(_TAG_MARKUP.search(tag[:_LOOKED_AT]) for tag in value["tags"]):
        checks["tags"] = Check(verdict=FactVerdict.UNVERIFIED, why="markup")
    if (beyond := len(value["line_items"]) - MOST_ITEMS) > 0:
        checks["line_items"] = incomplete(beyond)
    return checks


def _lines(values: Iterable[Decimal]) -> tuple[int, ...]:
    """The valid line numbers among the values."""
    return tuple(dict.fromkeys(int(value) for value in values if 0 < value < _LAST_LINE))[:_EVIDENCE]


def _cites(values: Iterable[Mapping[str, Any]]) -> tuple[Cite, ...]:
    found = (Cite(field=value["field"].strip()[:_TAG], lines=_lines(value["lines"])) for value in values)
    return tuple(cite for cite in found if cite.field in _EVIDENCE_FIELDS and cite.lines)[:_EVIDENCE]


def _short(value: str | None) -> str | None:
    return cut(one_line(value), _SHORT) or None if value else None


def _shorts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(short for value in values if (short := _short(value))))[:_LIST]


def _code(value: str | None, limit: int) -> str | None:
    """A part number or a unit. None if it is too long: a shortened one would name another thing."""
    code = one_line(value or "")
    return code if 0 < len(code) <= limit else None


def _language(value: str | None) -> str | None:
    primary = re.split(r"[-_]", (value or "").strip().casefold())[0]
    return primary if re.fullmatch("[a-z]{2,3}", primary) else None


def _alternatives(values: Iterable[Mapping[str, Any]], route: str) -> tuple[dict[str, Any], ...]:
    kept: dict[str, dict[str, Any]] = {}
    for value in values:
        if value["route"] != route and 0 <= value["share"] <= 1:
            kept.setdefault(value["route"], {"route": value["route"], "share": float(value["share"])})
    return tuple(kept.values())[:_ALTERNATIVES]


def _tags(values: Iterable[str]) -> tuple[str, ...]:
    slugs = (re.sub(r"[^a-z0-9]+", "-", fold(value))[: _TAG + 1].strip("-")[:_TAG].strip("-") for value in values)
    return tuple(dict.fromkeys(slug for slug in slugs if slug))[:_TAGS]


def _date(value: str | None) -> dt.date | None:
    try:
        date = dt.date.fromisoformat((value or "").strip()[:10])
    except ValueError:
        return None
    return date if date.year in _YEARS else None


def _budget(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    currency = value["currency"].strip().upper()
    currency = _SYMBOLS.get(currency, currency)
    usable = value["amount"] > 0 and re.fullmatch("[A-Z]{3}", currency)
    return {"amount": value["amount"], "currency": currency} if usable else None


def _evidence(values: Iterable[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    kept = []
    for value in values:
        field, text = value["field"].strip(), cut(one_line(value["text"]), _SHORT)
        if text and re.split(r"[.\[]", field)[0] in _EVIDENCE_FIELDS:
            kept.append(Evidence(field=field[:_TAG], text=text))
    return tuple(kept[:_EVIDENCE])
