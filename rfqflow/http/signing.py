r"""Requests signed with a shared secret: a timestamp, and an HMAC over it, the method and the target.

    X-Rfqflow-Timestamp: seconds since 1970
    X-Rfqflow-Signature: hex of HMAC-SHA256(secret, "<timestamp>\n<METHOD>\n<path with query>")

A signature is valid for WINDOW_SECONDS before and after its timestamp, so a copied signature soon expires.
"""

from __future__ import annotations

import hashlib
import hmac

WINDOW_SECONDS = 60
TIMESTAMP, SIGNATURE = "X-Rfqflow-Timestamp", "X-Rfqflow-Signature"


def sign(secret: str, timestamp: int, method: str, target: str) -> str:
    text = f"{timestamp}\n{method.upper()}\n{target}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def refusal(secret: str, now: float, method: str, target: str, timestamp: str, signature: str) -> str | None:
    """Why the server refuses the request; None if its signature is valid. Compares in constant time."""
    if not timestamp or not signature:
        return "unsigned"
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):  # noqa: PLR2004 - far beyond any date
        return "bad_timestamp"
    right = hmac.compare_digest(sign(secret, int(timestamp), method, target).encode(), signature.encode())
    if not right:
        return "bad_signature"
    return None if abs(now - int(timestamp)) <= WINDOW_SECONDS else "expired"
