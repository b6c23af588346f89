"""What all pages share: stores, templates and sessions. This module imports no page."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader
from starlette.responses import HTMLResponse, Response

from rfqflow import __version__
from rfqflow.console.formatting import FILTERS
from rfqflow.console.health_bar import HealthBar
from rfqflow.console.overview import Overview
from rfqflow.console.remedies import remedies_of_rfq
from rfqflow.console.session import SessionManager
from rfqflow.console.shared_reads import SharedReads
from rfqflow.core.hashing import email_hash
from rfqflow.http import sse
from rfqflow.http.limits import MOST_SOCKETS_OF_CONSOLE, Streams, room_for_sockets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import SecretStr

    from rfqflow.console.passwords import PasswordChecks
    from rfqflow.console.session import Session
    from rfqflow.console.visitors import Visitors
    from rfqflow.http.completion_stream import CompletionWatcher
    from rfqflow.store.accounts import AccountStore
    from rfqflow.store.console import ConsoleQueries
    from rfqflow.store.desk import DeskStore
    from rfqflow.store.drafts import DraftStore
    from rfqflow.store.prompt_quality import Quality
    from rfqflow.store.related import RelatedStore

# Most streams of all sessions together, and of one session. A stream needs about 50 kB and a socket.
_MOST_STREAMS, _MOST_EACH = 640, 500
_SHARED_SECONDS = 2.5  # age limit of shared reads; less than the pause of a stream between two reads

_STATIC = (
    "console.css", "desk.css", "desk_detail.css", "lists.css", "quality.css", "print.css", "console.js",
    "idiomorph.min.js", "live_updates.js", "desk_detail.js", "icon.svg", "uplot.iife.min.js", "uplot.min.css",
    "charts.js",
)  # fmt: skip


class Console:
    """The console of one database."""

    def __init__(
        self,
        queries: ConsoleQueries,
        quality: Quality,
        watch: CompletionWatcher,
        pepper: SecretStr | None = None,
        *,
        desk: DeskStore,
        drafts: DraftStore,
        related: RelatedStore,
        accounts: AccountStore,
        visitors: Visitors,
        checks: PasswordChecks,
    ) -> None:
        self.pages = queries
        self.quality = quality
        self.desk = desk
        self.drafts = drafts
        self.related = related
        self._pepper = pepper
        self.watch = watch
        self.accounts = accounts
        self.visitors = visitors
        self.checks = checks
        self.sessions = SessionManager(accounts)
        self.closing = asyncio.Event()
        self.env = Environment(
            loader=PackageLoader("rfqflow.console"), autoescape=True, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self.env.filters.update(FILTERS)
        self.static = {name: files("rfqflow.console").joinpath("static", name).read_bytes() for name in _STATIC}
        mark = hashlib.sha256(b"".join(self.static.values())).hexdigest()[:12]
        self.env.globals.update(
            version=__version__, static=lambda name: f"/static/{name}?v={mark}", now=lambda: dt.datetime.now(dt.UTC),
            may=lambda _: False,  # a page rendered without a session offers no action
            remedies_of_rfq=remedies_of_rfq,
        )  # fmt: skip
        self.health = HealthBar(queries, self.env, self.closing)
        self.shared = SharedReads(_SHARED_SECONDS)
        self.overview = Overview(queries, self.env, self.closing, self.health)
        self._streams = Streams(min(_MOST_STREAMS, room_for_sockets(MOST_SOCKETS_OF_CONSOLE) // 2), _MOST_EACH)

    def hash(self, text: str) -> str | None:
        """The hash that runs store for an e-mail address. None if the text is no address, or if no pepper is set."""
        return email_hash(text, self._pepper) if "@" in text else None

    def stream(self, session: Session, parts: AsyncIterator[str] | None) -> Response:
        """Opens a stream of updates if the limits allow it. Each stream also sends the health bar."""
        release = sse.place(self._streams, str(session.session_id))
        if isinstance(release, Response):
            return release
        return sse.stream(self.sessions.along(session, self.health.along(parts)), release)

    def whose(self, session: Session | None) -> dict[str, Any]:
        """The session's values for templates: `form_token`, and `may`. `may("operator")`: is the role high enough?"""
        if session is None:
            return {"form_token": ""}
        return {"form_token": self.sessions.form_token(session), "may": session.role.may}

    def page(self, session: Session | None, name: str, /, *, status: int = 200, **about: Any) -> Response:
        text = self.env.get_template(name).render(
            session=session,
            **self.whose(session),
            health_bar=self.health.html if session else "",
            **about,
        )
        return HTMLResponse(text, status)

    def problem(self, session: Session | None, status: int, title: str, text: str) -> Response:
        return self.page(session, "problem.html", status=status, title=title, text=text, page="", said=None)
