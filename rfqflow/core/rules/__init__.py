"""The rules: what can be said about an RFQ without a model, always the same answer to the same text.

Nothing here does I/O or reads a clock. Every field is either read from the text or left open; nothing is guessed.
"""

from collections.abc import Sequence

from rfqflow.core.answer import Answer
from rfqflow.core.model import Rfq, Route
from rfqflow.core.plain import cut, without_markup

RULES_VERSION = "rules@1"
_LOOKED_AT = 64_000  # characters; past it a text is an attack or an attachment pasted in


def answer(rfq: Rfq, routes: Sequence[Route]) -> Answer:
    """What the rules make of an RFQ. It never raises, whatever the message holds."""
    fallback = next((route.slug for route in routes if route.fallback), routes[0].slug if routes else "general")
    summary = cut(without_markup(rfq.message[:_LOOKED_AT]), 300)
    return Answer(summary=summary or "(no readable text)", route=fallback, confidence=0.0)
