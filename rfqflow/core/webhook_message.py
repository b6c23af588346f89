"""The formats of a webhook message, and its signature. A message never contains a customer's text."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over `<timestamp>.<body>`, in hex. With the secret, a receiver can verify the sender and the time."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def rendered(form: str, body: str) -> bytes:
    """The bytes to send: JSON, or a text for a chat program."""
    if form == "json":
        return body.encode()
    text = sentence(json.loads(body))
    if form == "slack":
        return json.dumps({"text": text}).encode()
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": text, "wrap": True}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}).encode()


def sentence(notice: dict[str, Any]) -> str:
    """The message as one line for people."""
    if "rfq_id" in notice:
        text = f"RFQ {notice['rfq_id']}: {notice.get('status') or 'gone'}"
        if notice.get("route"):
            text += f", for {notice['route']}"
        details = [f"{name} {notice[name]}" for name in ("reason", "urgency", "review") if notice.get(name)]
        return ", ".join([text, *details])
    what = str(notice.get("event") or notice["kind"]).replace("_", " ")
    about = [str(notice[name]) for name in ("provider", "model", "scope", "reason") if notice.get(name)]
    if notice.get("amount_usd") is not None:
        about.append(f"{notice['amount_usd']} USD")
    if notice.get("until"):
        about.append(f"till {notice['until']}")
    return f"{what}: {', '.join(about)}" if about else what
