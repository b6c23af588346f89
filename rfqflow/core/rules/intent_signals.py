"""Urgency, intent, what is attached, when in words: phrases of many languages, all found in one pass."""

from collections.abc import Mapping

from rfqflow.core.answer import Intent, Urgency
from rfqflow.core.rules.phrases import Phrases
from rfqflow.core.rules.text import Text
from rfqflow.core.text.word_lists import word_lists

_PHRASES = Phrases(word_lists("intent"))
# The first that a text has wins.
_INTENTS: tuple[Intent, ...] = ("job_application", "supplier_offer", "spam", "follow_up", "order", "support")
_CHANCE = 2  # one phrase of a kind may be there by chance


def found(text: Text) -> Mapping[str, int]:
    """How many different phrases of each kind a text has."""
    return _PHRASES.found(text.words, text.folded)


def urgency(signs: Mapping[str, int]) -> Urgency:
    """How soon, as far as the words say it; a date alone is no urgency, because there is no clock here."""
    if signs.get("low"):
        return "low"
    if signs.get("critical"):
        return "critical"
    return "high" if signs.get("high") else "normal"


def intent(signs: Mapping[str, int]) -> Intent:
    """What the sender wants; a request for a price unless the words say otherwise."""
    for name in _INTENTS:
        hits = signs.get(name, 0)
        if hits and (hits >= _CHANCE or not signs.get("asks") or name in {"job_application", "follow_up", "order"}):
            return name
    return "rfq"
