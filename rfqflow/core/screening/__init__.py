"""Screening: whether a message is a genuine request with content.

Pure and cheap; decides for the customer if in doubt.
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
