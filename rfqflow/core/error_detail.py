"""The description of a failed attempt for people: short, readable, without keys and contact data.

Only `ai.rag_runs.error_detail` holds it, guarded and erased like an answer. No log, metric, span or notification may
hold it.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from rfqflow.core.prompting.masking import mask

MOST_CHARACTERS = 500  # the limit of ai.rag_runs
MOST_SAID = 4_000  # characters of another system's text that are kept until they are masked
_LOOKED_AT = 2_000
_SHOWN = 60  # characters of a value
_LEAST_SECRET = 4
_TAG = re.compile(r"<[!/a-z][^<>]{0,300}>", re.IGNORECASE)
_MASKED = "[masked-key]"
_SECRETS = (
    # An address with a password in it.
    re.compile(r"(?<=://)[^\s/@]{1,200}@"),
    # A web token, or a key of a provider or another service.
    re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}"),
    re.compile(r"\b(?:sk|pk|rk|gsk|hf|xai|ghp|gho|glpat|xox[abprs]|r8|pplx|AKIA|AIza)[-_]?[\w*-]{6,}"),
    re.compile(r"\b(?:bearer|basic)\s+[^\s'\",;]{4,}", re.IGNORECASE),
    re.compile(
        r"\b(?:api[-_ ]?key|x-api-key|secret|password|passwd|authorization|access[-_ ]?token|token)\b"
        r"[\"']?(?:\s+(?:provided|given|is|was))?\s{0,3}[:=]\s{0,3}[\"']?[^\s'\",;]{3,}",
        re.IGNORECASE,
    ),
    # Any other long run of random-looking letters and digits.
    re.compile(r"(?<![\w])(?=[A-Za-z+/]*\d)(?=[\d+/]*[A-Za-z])[A-Za-z0-9+/_]{24,}={0,2}"),
)


def error_detail(what: str, said: str = "", secrets: Iterable[str | None] = ()) -> str:
    """`what` in rfqflow's words, and the text that another system `said`, without `secrets`."""
    words = _readable(said, secrets)
    return _cut(f"{_readable(what, secrets)}: {words}" if words else _readable(what, secrets))


def shown(value: object) -> str:
    """A wrong value, shortened to stand beside its error."""
    if isinstance(value, str):
        return json.dumps(value[:_SHOWN], ensure_ascii=False)
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    return str(value)[:_SHOWN] if isinstance(value, Decimal | float) else json.dumps(value, default=str)[:_SHOWN]


def _readable(text: str, secrets: Iterable[str | None]) -> str:
    for secret in secrets:
        if secret and len(secret) >= _LEAST_SECRET:
            text = text.replace(secret, _MASKED)
    if len(text) > _LOOKED_AT:
        # The cut word could be part of an address or key that no check would recognise.
        text = text[:_LOOKED_AT].rpartition(" ")[0]
    text = "".join(map(_seen, text))
    text = " ".join(_TAG.sub(" ", text).split())
    for pattern in _SECRETS:
        text = pattern.sub(_MASKED, text)
    return mask(text)[0]


def _seen(character: str) -> str:
    """Removes invisible characters that turn or hide others, since they may split an address."""
    category = unicodedata.category(character)
    return "" if category == "Cf" else " " if category[0] in "CZ" else character


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1].rstrip() + "\u2026"
