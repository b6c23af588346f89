"""Sentences about a draft for people: why it differs from the request, and which facts it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfqflow.core.drafting.letters import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_ASKS: Mapping[str, str] = {
    "quantity": "quantity", "unit": "unit", "material": "material", "part_number": "part number",
    "drawing": "drawing", "specification": "specification", "certificates": "certificates",
    "delivery_location": "delivery place", "incoterm": "delivery terms", "due_date": "delivery date",
    "quote_deadline": "date of the offer", "contact": "contact",
}  # fmt: skip
NOTHING_MISSING = "Nothing is missing in this answer, so there is nothing to ask. To ask for more, add it to Missing."
# Why a draft from the template replaces the model's draft.
_WHY: Mapping[str, str] = {
    "no_language": "The message does not tell its language: this is in English.",
    "injection": "No model was asked: the message tries to instruct the model.",
    "no_model": "No model was asked: the daemon answers by rules.",
    "nothing_missing": NOTHING_MISSING,
    "budget": "No model was asked: the budget of drafts is spent. See `rfqflow budget set draft day USD`.",
    "paused": "No model was asked: rfqflow is paused.",
    "breaker_open": "No model was asked: its circuit breaker is open.",
    "rate_limit": "No model was asked: its provider's rate limit is reached.",
    "unknown_price": "No model was asked: its price is unknown. See `rfqflow price set`.",
    "invalid_output": "The model's draft is not shown: it broke the rules for drafts, in its questions, their language,"
    " or with a link, an address or an amount.",
    "refusal": "The model refused to write it.",
    "content_filter": "The provider's filter stopped it.",
    "truncated": "The model's draft was cut off.",
    "timeout": "The model did not answer in time.",
    "connection": "The model could not be reached.",
    "unreadable": "The RFQ cannot be read.",
    "rfq_deleted": "The RFQ has been deleted.",
    "stopped": "The daemon was stopped while the model wrote. Its call may be billed: ask again if you still want it.",
    "given_up": "Three daemons stopped while they worked on it.",
    "cancelled": "It was cancelled.",
    "changed_meanwhile": "The model's draft is not shown: a person changed the draft meanwhile.",
}  # fmt: skip


def reason_text(code: str | None, wanted: str | None = None) -> str:
    """The sentence for a code of a draft or a request. Empty if the code needs no sentence."""
    if code in (None, "", "written"):
        return ""
    if code == "no_template":
        language = name_of(wanted) if wanted else "the customer's language"
        return f"There is no template in {language}: this is in English. A model can write it."
    return _WHY.get(str(code), f"The model's draft failed: {str(code).replace('_', ' ')}.")


def asked_facts(codes: tuple[str, ...]) -> list[str]:
    """The facts that a draft asks for, such as `quantity of items 2 and 5`."""
    facts = []
    for code in codes:
        name, _, items = code.partition(":")
        places = items.split(",") if items else []
        of = f" of item{'s' if len(places) > 1 else ''} {', '.join(places)}" if places else ""
        facts.append(_ASKS.get(name, name.replace("_", " ")) + of)
    return facts
