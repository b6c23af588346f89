"""A keyed hash that replaces an e-mail address wherever the address must not be stored."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import SecretStr


def email_hash(email: str | None, pepper: SecretStr | None) -> str | None:
    """The keyed HMAC-SHA256 of the address, 32 hex digits.

    None without a pepper: a hash without a key can be guessed.
    """
    if not email or pepper is None:
        return None
    normalised = unicodedata.normalize("NFKC", email).strip().casefold()
    key = pepper.get_secret_value().encode()
    return hmac.new(key, normalised.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
