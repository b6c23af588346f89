"""Sessions of the console. The cookie has a random token, and the database stores only the hash of the token.

On each request, the database decides whether the session is valid. For a session with an open stream, the console also
asks every second or two. So if a session ends, on any console, its streams end too.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

import asyncpg
import structlog

from rfqflow.core.accounts import account_key, is_spelt_alike
from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.http import sse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.visitors import Visitor
    from rfqflow.core.roles import Role
    from rfqflow.store.accounts import AccountStore

_log = structlog.get_logger()
_NAME = "rfqflow_console"
_LOOK_SECONDS = 1.5  # between two checks of sessions with open streams
_TRUSTED_SECONDS = 1.0  # how long the last check of a session stays valid for pages
_AWAY_SECONDS = 300.0  # how long it stays valid if the database does not answer; such a page shows known data only
_MOST_KNOWN = 5000
ENDED = sse.event("ended", {})  # the last event of a stream whose session has ended


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a logged-in user. `actor`: the name of the account; the audit records actions under this name."""

    session_id: int
    actor: str
    role: Role
    via: str
    ends_at: float
    key: bytes = field(repr=False)  # signs values in this session's pages
    is_in_clear: bool = False


class NoAccount(Exception):
    """A trusted proxy names a person who has no account, or whose account is disabled."""


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def cookie_name(*, is_secure: bool) -> str:
    """The name of the cookie. Over TLS, its prefix stops other hosts and plain HTTP from setting the cookie."""
    return f"__Host-{_NAME}" if is_secure else _NAME


def set_cookie(reply: Response, token: str, *, is_secure: bool) -> None:
    """Sets a cookie that lasts until the browser closes. The database may end the session earlier."""
    reply.set_cookie(
        cookie_name(is_secure=is_secure), token, path="/", httponly=True, samesite="strict", secure=is_secure
    )


def drop_cookie(reply: Response, *, is_secure: bool) -> None:
    name = cookie_name(is_secure=is_secure)
    reply.delete_cookie(name, path="/", httponly=True, samesite="strict", secure=is_secure)


class SessionManager:
    """Starts, checks and ends sessions."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store
        # for each hash of a token: the time of the last check, and the session
        self._known: dict[bytes, tuple[float, Session]] = {}
        self._streams: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._ends: dict[int, float] = {}
        self._some = asyncio.Event()

    async def of(
        self, request: Request, visitor: Visitor, *, fresh: bool, begins: bool
    ) -> tuple[Session | None, str | None]:
        """The session of a request. If a proxy's header starts a new session, also returns the token of the session.

        `fresh`: ask the database even if a recent check is known. `begins`: this request may start a session, since a
        person opens a page.

        Raises:
            NoAccount: the proxy names a user who has no account, or whose account is disabled.
        """
        token = request.cookies.get(cookie_name(is_secure=visitor.is_secure), "")
        is_seen = "text/event-stream" not in request.headers.get("accept", "")
        session = await self._found(token, fresh=fresh, is_seen=is_seen) if token else None
        if visitor.name is not None:
            if session is None or session.via != "proxy" or not is_spelt_alike(session.actor, visitor.name):
                if not begins:
                    return None, None
                token = secrets.token_urlsafe(32)
                name, key = visitor.name, account_key(visitor.name)
                entered = await self._store.enter_by_proxy(
                    name, key, visitor.address, hash_of(token), in_clear=visitor.is_in_clear
                )
                if entered is None:
                    raise NoAccount(name)
                session = await self._found(token, fresh=True, is_seen=True)
                if session is not None and not is_spelt_alike(session.actor, name):
                    await self.end(session)
                    raise NoAccount(name)
                _log.info("console.login", via="proxy", session=session.session_id if session else None)
                return self._clear(session, visitor), token
        elif session is not None and session.via == "proxy":
            session = None  # a session by a proxy needs the proxy's header on each request; the cookie is not enough
        return self._clear(session, visitor), None

    @staticmethod
    def _clear(session: Session | None, visitor: Visitor) -> Session | None:
        return session and (replace(session, is_in_clear=True) if visitor.is_in_clear else session)

    async def _found(self, token: str, *, fresh: bool, is_seen: bool) -> Session | None:
        name, now = hash_of(token), time.monotonic()
        seen_at, known = self._known.get(name, (float("-inf"), None))
        if known is not None and not fresh and now - seen_at < _TRUSTED_SECONDS:
            return known
        try:
            found = await self._store.session(name, is_seen=is_seen)
        except (DatabaseUnreachable, asyncpg.PostgresError):
            if known is None or fresh or now - seen_at > _AWAY_SECONDS or known.ends_at < time.time():
                raise
            return known
        self._known.pop(name, None)
        if found is None:
            return None
        key = hashlib.sha256(b"rfqflow form\0" + token.encode("utf-8", "replace")).digest()
        session = Session(found.session_id, found.name, found.role, found.via, found.ends_at.timestamp(), key)
        if len(self._known) >= _MOST_KNOWN:
            self._known.pop(next(iter(self._known)))
        self._known[name] = (now, session)
        return session

    async def begun(self, token: str) -> Session | None:
        """The session of a new token."""
        return await self._found(token, fresh=True, is_seen=True)

    async def end(self, session: Session) -> None:
        """Ends a session: at once in this console, and within seconds in other consoles."""
        await self._store.end_session(session.session_id, session.actor)
        self._drop({session.session_id})

    def _drop(self, session_ids: set[int]) -> None:
        self._known = {name: one for name, one in self._known.items() if one[1].session_id not in session_ids}
        for number in session_ids:
            for event in self._streams.get(number, ()):
                event.set()

    # -- forms and addresses -------------------------------------------------------------------------------------------

    def form_token(self, session: Session) -> str:
        """The token that each form of this session must send.

        Another site can make a browser send the cookie, but cannot know this token.
        """
        return hmac.new(session.key, b"form", hashlib.sha256).hexdigest()

    def is_form_token(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(self.form_token(session).encode(), token.encode("utf-8", "replace"))

    def mark(self, session: Session, address: str) -> str:
        """Signs an address, so that only the console can create it."""
        return hmac.new(session.key, b"address " + address.encode(), hashlib.sha256).hexdigest()[:32]

    # -- streams -------------------------------------------------------------------------------------------------------

    async def run(self) -> NoReturn:
        """Checks sessions with open streams, until the caller cancels the task."""
        while True:
            await self._some.wait()
            await asyncio.sleep(_LOOK_SECONDS)
            ended = {number for number, at in self._ends.items() if at < time.time()}
            try:
                ended |= await self._store.ended(self._ends)
            except Exception as error:  # noqa: BLE001 - the loop must go on; without the database no stream has news
                _log.debug("console.sessions_not_asked", error=type(error).__name__)
            self._drop(ended)

    async def along(self, session: Session, parts: AsyncIterator[str]) -> AsyncIterator[str]:
        """Passes a stream on while its session is valid."""
        ended = asyncio.Event()
        self._streams[session.session_id].add(ended)
        self._ends[session.session_id] = session.ends_at
        self._some.set()
        over: asyncio.Future[Any] = asyncio.ensure_future(ended.wait())
        coming: asyncio.Future[str] | None = None
        try:
            while not ended.is_set():
                coming = asyncio.ensure_future(anext(parts))
                await asyncio.wait({coming, over}, return_when=asyncio.FIRST_COMPLETED)
                if ended.is_set():
                    break
                try:
                    piece = coming.result()
                except StopAsyncIteration:
                    return
                coming = None
                yield piece
            yield ENDED
        finally:
            await self._leave(session.session_id, ended, over, coming)
            with contextlib.suppress(AttributeError):
                await parts.aclose()  # type: ignore[attr-defined] # an iterator may be without

    async def _leave(
        self, number: int, ended: asyncio.Event, over: asyncio.Future[Any], coming: asyncio.Future[str] | None
    ) -> None:
        self._streams[number].discard(ended)
        if not self._streams[number]:
            del self._streams[number], self._ends[number]
        if not self._ends:
            self._some.clear()
        waits: list[asyncio.Future[Any]] = [over, *([coming] if coming is not None else [])]
        for one in waits:
            one.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
