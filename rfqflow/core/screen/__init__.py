"""Screening: is there anything to enrich, and does anybody mean it? Pure, cheap, and in doubt for the customer."""

from rfqflow.core.screen.gibberish import Gibberish, gibberish
from rfqflow.core.screen.normal import LEAST_WEIGHT, fingerprint, normalised, too_short, weight
from rfqflow.core.screen.spam import MARK_AT, SKIP_AT, Screening, spam

__all__ = [
    "LEAST_WEIGHT",
    "MARK_AT",
    "SKIP_AT",
    "Gibberish",
    "Screening",
    "fingerprint",
    "gibberish",
    "normalised",
    "spam",
    "too_short",
    "weight",
]
