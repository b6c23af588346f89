"""Screening: decides whether a message is a genuine request with content.

It is pure and fast. In doubt, a message counts as a request.
"""

from rfqflow.core.screening.gibberish import Gibberish, gibberish
from rfqflow.core.screening.normalize import LEAST_WEIGHT, fingerprint, normalised, too_short, weight
from rfqflow.core.screening.spam import MARK_AT, SKIP_AT, Screening, spam

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
