"""Fields of the settings forms: their types, and how they parse input."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_DIGITS_MOST = 30


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. `kind`: text, long, words (one per line), whole, number, yes, or one or many of `choices`."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: tuple[str, ...] = ()


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "routes": (
        Field("description", "What the team does", "long", "The model reads it."),
        Field("keywords", "Keywords, one per line", "words", "^2 or ^0.5 adds a weight; a last * matches any ending."),
        Field("is_active", "In use", "yes", "If off, no new RFQ gets this route."),
        Field("is_fallback", "Takes RFQs that match no other route", "yes", "Exactly one route is the fallback."),
    ),
    "limits": (
        Field("most_in_flight", "Concurrent calls", "whole", "Empty: no limit."),
        Field("requests_per_minute", "Calls per minute", "whole", "Empty: no limit."),
        Field("tokens_per_minute", "Tokens per minute", "whole", "Counts input and output. Empty: no limit."),
        Field("request_burst", "Burst of calls", "whole", "Empty: a tenth of the calls per minute."),
        Field("token_burst", "Burst of tokens", "whole", "Empty: the tokens per minute."),
        Field("note", "Note"),
    ),
    "parameters": (
        Field("reasoning_effort", "Reasoning effort", "one", "Reasoning is billed as output.",
              ("none", "minimal", "low", "medium", "high", "xhigh", "max")),
        Field("verbosity", "Verbosity", "one", "", ("low", "medium", "high")),
        Field("service_tier", "Service tier", "one", "Selects the provider's service level and billing.",
              ("auto", "default", "flex", "priority", "scale", "standard_only", "on_demand", "performance")),
        Field("prompt_cache_key", "Prompt cache key", "text", "Calls with the same key share a prompt cache."),
        Field("temperature", "Temperature", "number", "0 to 2."),
        Field("top_p", "Top p", "number", "Above 0, at most 1."),
        Field("seed", "Seed", "whole"),
        Field("max_output_tokens", "Maximum tokens of an answer", "whole", "Includes reasoning."),
        Field("max_output_tokens_retry", "Maximum tokens after a cut-off answer", "whole"),
        Field("deadline_seconds", "Timeout of one attempt, seconds", "number", "1 to 3600."),
        Field("note", "Note"),
    ),
    "webhooks": (
        Field("kinds", "Events that send a message", "many", "", ("done", "failed", "breaker", "budget")),
        Field("format", "Format", "one", "Only json is signed.", ("json", "slack", "teams")),
        Field("is_active", "On", "yes", "If off, rfqflow queues no new messages."),
    ),
}  # fmt: skip
KEYS = {
    "routes": (Field("slug", "Route", "text", "Lower case, digits, - and _."),),
    "limits": (Field("provider", "Provider"), Field("model", "Model", "text", "* means the whole provider.")),
    "parameters": (Field("provider", "Provider"), Field("model", "Model", "text", "* means the whole provider.")),
    "webhooks": (Field("name", "Name", "text", "RFQFLOW_WEBHOOK_URLS of the daemons has the URL of this name."),),
}


def typed(fields: Sequence[Field], form: Mapping[str, list[str]]) -> dict[str, Any]:
    """The typed values, in the form in which a refused form shows them again."""
    found: dict[str, Any] = {}
    for field in fields:
        values = [one.replace("\x00", "").replace("\r\n", "\n").strip() for one in form.get(field.name, [])]
        if field.kind == "many":
            found[field.name] = [one for one in values if one]
        elif field.kind == "yes":
            found[field.name] = values[-1:] == ["1"]
        else:
            found[field.name] = values[0] if values else ""
    return found


def values(fields: Sequence[Field], given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The parsed values, and the error of each wrong field."""
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in fields:
        value = given[field.name]
        if field.kind == "words":
            found[field.name] = [line.strip() for line in value.split("\n") if line.strip()]
        elif field.kind in ("whole", "number") and value:
            found[field.name] = _number(value, whole=field.kind == "whole")
            if found[field.name] is None:
                problems[field.name] = (
                    "Write a whole number, such as 10." if field.kind == "whole" else "Write a number, such as 0.5."
                )
        else:
            found[field.name] = value if value != "" else None
    return found, problems


def shown(fields: Sequence[Field], row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row, in the form in which a form shows them."""
    found: dict[str, Any] = {}
    for field in fields:
        value = row[field.name]
        if field.kind == "words":
            found[field.name] = "\n".join(value or [])
        elif field.kind in ("many", "yes"):
            found[field.name] = value
        else:
            found[field.name] = "" if value is None else str(value)
    return found


def _number(text: str, *, whole: bool) -> int | float | None:
    if whole:
        return int(text) if _WHOLE.fullmatch(text) else None
    try:
        number = Decimal(text) if len(text) <= _DIGITS_MOST and text.isascii() else None
    except InvalidOperation:
        return None
    return None if number is None or not number.is_finite() or abs(number.adjusted()) > _DIGITS_MOST else float(number)
