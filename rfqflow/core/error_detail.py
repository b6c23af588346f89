"""The description of a failed attempt for people. It is short and readable, and contains no keys and no contact data.

Only `ai.rag_runs.error_detail` stores it. There it is protected and erased like an answer. No log, metric, span or
notification may contain it.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from rfqflow.core.prompting.masking import mask

MOST_CHARACTERS = 500  # the limit of ai.rag_runs
MOST_SAID = 4_000  # characters of another system's text that are kept in memory until the text is masked
_LOOKED_AT = 2_000
_SHOWN = 60  # most characters of a value that are shown
_LEAST_SECRET = 4
_TAG = re.compile(r"<[!/a-z][^<>]{0,300}>", re.IGNORECASE)
_MASKED = "[masked-key]"
_SECRETS = (
    # The login in a URL, which may contain a password.
    re.compile(r"(?<=://)[^\s/@]{1,200}@"),
    # A JSON Web Token, or a key of a provider or of another service.
    re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}"),
    re.compile(r"\b(?:sk|pk|rk|gsk|hf|xai|ghp|gho|glpat|xox[abprs]|r8|pplx|AKIA|AIza)[-_]?[\w*-]{6,}"),
    re.compile(r"\b(?:bearer|basic)\s+[^\s'\",;]{4,}", re.IGNORECASE),
    re.compile(
        r"\b(?:api[-_ ]?key|x-api-key|secret|password|passwd|authorization|access[-_ ]?token|token)\b"
        r"[\"']?(?:\s+(?:provided|given|is|was))?\s{0,3}[:=]\s{0,3}[\"']?[^\s'\",;]{3,}",
        re.IGNORECASE,
    ),
    # Any other long run of letters and digits that looks random.
    re.compile(r"(?<![\w])(?=[A-Za-z+/]*\d)(?=[\d+/]*[A-Za-z])[A-Za-z0-9+/_]{24,}={0,2}"),
)


def error_detail(what: str, said: str = "", secrets: Iterable[str | None] = ()) -> str:
    """The detail: `what` in rfqflow's words, and what another system `said`, both without `secrets`."""
    words = _readable(said, secrets)
    return _cut(f"{_readable(what, secrets)}: {words}" if words else _readable(what, secrets))


def shown(value: object) -> str:
    """A wrong value, shortened so that it can follow the error."""
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
        # Drop the last word, which is cut: it could be a part of an address or a key, which the patterns do not
        # recognise.
        text = text[:_LOOKED_AT].rpartition(" ")[0]
    text = "".join(map(_seen, text))
    text = " ".join(_TAG.sub(" ", text).split())
    for pattern in _SECRETS:
        text = pattern.sub(_MASKED, text)
    return mask(text)[0]


def _seen(character: str) -> str:
    """Removes characters that are invisible, or that reverse others, since they may split an address."""
    category = unicodedata.category(character)
    return "" if category == "Cf" else " " if category[0] in "CZ" else character


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1].rstrip() + "\u2026"
