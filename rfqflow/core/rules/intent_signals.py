"""Urgency, intent, attachments and times, by phrases of many languages. One pass finds all phrases."""

from collections.abc import Mapping

from rfqflow.core.answer import Intent, Urgency
from rfqflow.core.rules.phrases import Phrases
from rfqflow.core.rules.text import Text
from rfqflow.core.text.word_lists import word_lists

_PHRASES = Phrases(word_lists("intent"))
# In order: the first intent with enough phrases is taken.
_INTENTS: tuple[Intent, ...] = ("job_application", "supplier_offer", "spam", "follow_up", "order", "support")
_CHANCE = 2  # a single phrase of a kind may occur by chance


def found(text: Text) -> Mapping[str, int]:
    """The number of different phrases of each kind in a text."""
    return _PHRASES.found(text.words, text.folded)


def urgency(signs: Mapping[str, int]) -> Urgency:
    """The urgency by the words. A date alone is not urgent, because the rules have no clock."""
    if signs.get("low"):
        return "low"
    if signs.get("critical"):
        return "critical"
    return "high" if signs.get("high") else "normal"


def intent(signs: Mapping[str, int]) -> Intent:
    """The sender's intent. It is a request for a price, unless the words show another intent."""
    for name in _INTENTS:
        hits = signs.get(name, 0)
        if hits and (hits >= _CHANCE or not signs.get("asks") or name in {"job_application", "follow_up", "order"}):
            return name
    return "rfq"
