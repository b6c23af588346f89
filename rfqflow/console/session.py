"""Who is at the console: a token lets in, a signed cookie remembers the name, and each form proves where it is from.

Everything is derived from the token: where it is configured, sessions outlive a restart; a new token ends them all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass

from rfqflow.core.roles import Role

COOKIE = "rfqflow_console"
SESSION_SECONDS = 12 * 3600
ACTOR_MOST = 80


@dataclass(frozen=True, slots=True)
class Session:
    actor: str
    nonce: str
    ends_at: int
    role: Role = Role.ADMIN


class SessionManager:
    """Gives sessions out and knows them again. Compares in constant time."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._key = hashlib.sha256(b"rfqflow console session\0" + self._token).digest()

    def _mark(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def admits(self, token: str) -> bool:
        return hmac.compare_digest(self._token, token.encode("utf-8", "replace"))

    def begin(self, actor: str) -> str:
        """A new session's cookie."""
        about = {"actor": actor, "nonce": secrets.token_urlsafe(12), "ends_at": int(time.time()) + SESSION_SECONDS}
        text = base64.urlsafe_b64encode(json.dumps(about).encode()).decode()
        return f"{text}.{self._mark(text)}"

    def known(self, cookie: str) -> Session | None:
        """The session of a cookie; None for one that is not ours, or has ended."""
        text, _, mark = cookie.rpartition(".")
        if not text or not hmac.compare_digest(self._mark(text).encode(), mark.encode("utf-8", "replace")):
            return None
        session = Session(**json.loads(base64.urlsafe_b64decode(text)))
        return session if session.ends_at > time.time() else None

    def form_token(self, session: Session) -> str:
        """What each form of this session carries: another site can make a browser send the cookie, but not this."""
        return self._mark("form " + session.nonce)

    def is_form_token(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(self.form_token(session).encode(), token.encode("utf-8", "replace"))


def actor_name(text: str) -> str | None:
    """The name as it is kept, or None where it is none."""
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return name[:ACTOR_MOST] or None
