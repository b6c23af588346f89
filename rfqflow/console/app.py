"""The console as an application: who may come in, what every reply carries, and where each page is."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

import structlog
from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from rfqflow import __version__
from rfqflow.console import actions, failures, live_updates, pages, prompt_actions
from rfqflow.console import prompt_pages as quality_
from rfqflow.console.formatting import FILTERS
from rfqflow.console.session import COOKIE, SESSION_SECONDS, Session, SessionManager, actor_name
from rfqflow.core.errors import RfqflowError
from rfqflow.core.hashing import email_hash
from rfqflow.http import sse
from rfqflow.http.limits import Streams
from rfqflow.http.server import alongside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from pydantic import SecretStr
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from rfqflow.http.completion_stream import CompletionWatcher
    from rfqflow.store.console import ConsoleQueries
    from rfqflow.store.prompt_quality import Quality

_log = structlog.get_logger()
_BODY_MOST = 64 * 1024
_WRONG_TOKEN_SECONDS = 1.0
_MOST_STREAMS, _MOST_EACH = 200, 20  # pages that keep themselves up to date: in all, and of one session
_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

Handler = "Callable[[Console, Request, Session], Awaitable[Response]]"


class _Guarded:
    """Puts our headers on each reply."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"], *_HEADERS,
                    *([] if b"cache-control" in given else [(b"cache-control", b"no-store")]),
                ]  # fmt: skip
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


class Console:
    """Pages, actions and streams over one database."""

    def __init__(
        self,
        queries: ConsoleQueries,
        quality: Quality,
        watch: CompletionWatcher,
        token: str,
        pepper: SecretStr | None = None,
    ) -> None:
        self.pages = queries
        self.quality = quality
        self._pepper = pepper
        self.watch = watch
        self.sessions = SessionManager(token)
        self.closing = asyncio.Event()
        self.env = Environment(
            loader=PackageLoader("rfqflow.console"), autoescape=True, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self.env.filters.update(FILTERS)
        self._static = {
            name: files("rfqflow.console").joinpath("static", name).read_bytes()
            for name in ("console.css", "console.js", "icon.svg")
        }
        mark = hashlib.sha256(b"".join(self._static.values())).hexdigest()[:12]
        self.env.globals.update(version=__version__, static=lambda name: f"/static/{name}?v={mark}")
        self.overview = live_updates.Overview(self)
        self._denied = asyncio.Lock()
        self._streams = Streams(_MOST_STREAMS, _MOST_EACH)
        routes = [
            Route("/healthz", self._healthz),
            Route("/static/{name}", self._file),
            Route("/login", self._login, methods=["GET", "POST"]),
            Route("/logout", self._in(_logout), methods=["POST"]),
            Route("/", self._in(pages.overview)),
            Route("/live", self._in(live_updates.overview)),
            Route("/rfqs", self._in(pages.rfqs)),
            Route("/rfqs/{rfq_id:uuid}", self._in(pages.rfq)),
            Route("/rfqs/{rfq_id:uuid}/live", self._in(live_updates.rfq)),
            Route("/rfqs/{rfq_id:uuid}/override", self._in(actions.override), methods=["POST"]),
            Route("/rfqs/{rfq_id:uuid}/withdraw", self._in(actions.withdraw), methods=["POST"]),
            Route("/rfqs/{rfq_id:uuid}/rerun", self._in(actions.rerun), methods=["POST"]),
            Route("/dead", self._in(pages.dead)),
            Route("/dead/redrive", self._in(actions.redrive), methods=["POST"]),
            Route("/routes", self._in(pages.routes)),
            Route("/plots", self._in(pages.plots)),
            Route("/budgets", self._in(pages.budgets)),
            Route("/budgets", self._in(actions.budget), methods=["POST"]),
            Route("/prompts", self._in(quality_.prompts)),
            Route("/prompts/live", self._in(live_updates.prompts)),
            Route("/prompts/rollback", self._in(prompt_actions.rollback), methods=["POST"]),
            Route("/prompts/{version}", self._in(quality_.prompt)),
            Route("/prompts/{version}/activate", self._in(prompt_actions.activate), methods=["POST"]),
            Route("/prompts/{version}/trial", self._in(prompt_actions.try_out), methods=["POST"]),
            Route("/evaluations", self._in(prompt_actions.evaluate), methods=["POST"]),
            Route("/evaluations/cancel", self._in(prompt_actions.cancel), methods=["POST"]),
            Route("/evaluations/{run:int}", self._in(quality_.evaluation)),
            Route("/compare", self._in(quality_.comparison)),
            Route("/overrides", self._in(quality_.overrides)),
            Route("/overrides/cases", self._in(prompt_actions.make_cases), methods=["POST"]),
            Route("/rfqs/{rfq_id:uuid}/case", self._in(prompt_actions.make_cases), methods=["POST"]),
            Route("/trials/stop", self._in(prompt_actions.stop_trial), methods=["POST"]),
            Route("/trials/{trial:int}", self._in(quality_.trial)),
            Route("/trials/{trial:int}/rerun", self._in(prompt_actions.rerun_trial), methods=["POST"]),
            Route("/mode", self._in(actions.mode), methods=["POST"]),
            Route("/breaker", self._in(actions.breaker), methods=["POST"]),
        ]
        self.app = Starlette(routes=routes, exception_handlers={404: self._lost, Exception: self._broken})
        self.app.add_middleware(_Guarded)

    @contextlib.asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """What goes on beside the requests."""
        async with alongside(watch=self.watch.run(), overview=self.overview.run()):
            yield

    def hash(self, text: str) -> str | None:
        """An address as runs know it; None for what is none, and without the pepper."""
        return email_hash(text, self._pepper) if "@" in text else None

    def stream(self, session: Session, parts: AsyncIterator[str]) -> Response:
        """A page that keeps itself up to date, if there is a place for it."""
        release = sse.place(self._streams, session.nonce)
        return release if isinstance(release, Response) else sse.stream(parts, release)

    # -- pages ---------------------------------------------------------------------------------------------------

    def page(self, session: Session | None, name: str, *, status: int = 200, **about: Any) -> Response:
        text = self.env.get_template(name).render(
            session=session, form_token=self.sessions.form_token(session) if session else "", **about
        )
        return HTMLResponse(text, status)

    def problem(self, session: Session | None, status: int, title: str, text: str) -> Response:
        return self.page(session, "problem.html", status=status, title=title, text=text, page="", said=None)

    async def _lost(self, request: Request, _error: Exception) -> Response:
        session = self.sessions.known(request.cookies.get(COOKIE, ""))
        return self.problem(session, 404, "Nothing here", "There is no such page, or no such RFQ.")

    async def _broken(self, request: Request, error: Exception) -> Response:
        _log.error("console.internal_error", path=request.url.path.split("/")[1], error=type(error).__name__)
        return Response("Something is broken here: the log of the console says what kind of error it was.", 500)

    async def _healthz(self, _request: Request) -> Response:
        """That this process answers, for a probe: a restart mends no database."""
        return Response('{"ok": true}', media_type="application/json")

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._static:
            return Response("", 404)
        kind = _KINDS[name.rpartition(".")[2]]
        return Response(self._static[name], media_type=kind, headers={"Cache-Control": "private, max-age=86400"})

    # -- who may come in -----------------------------------------------------------------------------------------

    def _in(self, handler: Callable[[Console, Request, Session], Awaitable[Response]]) -> Callable[..., Any]:
        """The handler for those who are logged in; a POST must carry its form's token as well."""

        async def guarded(request: Request) -> Response:
            session = self.sessions.known(request.cookies.get(COOKIE, ""))
            if session is None:
                if request.method != "GET":
                    return self.problem(None, 403, "Not logged in", "Log in and try again.")
                there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(f"/login?next={quote(there)}", 303)
            if request.method == "POST":
                try:
                    request.state.form = form = await read_form(request)
                except ClientDisconnect:
                    return Response("", 400)  # nobody is there to read it
                # A browser that says where a form is from must say: from here.
                elsewhere = request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
                if elsewhere or form is None or not self.sessions.is_form_token(session, first(form, "form_token")):
                    return self.problem(session, 403, "Not from this page", "Reload the page and try again.")
            return await self._answered(handler, request, session)

        return guarded

    async def _answered(
        self, handler: Callable[[Console, Request, Session], Awaitable[Response]], request: Request, session: Session
    ) -> Response:
        """What the handler answers, or a page that says why there is no answer."""
        where = request.url.path.split("/")[1]
        try:
            return await handler(self, request, session)
        except HTTPException:
            raise
        except failures.ERRORS as error:
            told = failures.of(error)
            state = getattr(error, "sqlstate", None)
            _log.warning("console.database_error", path=where, error=type(error).__name__, sqlstate=state)
            return self.problem(session, told.status, told.title, told.text)
        except RfqflowError as error:
            return self.problem(session, 409, "That cannot be done", str(error))
        except Exception as error:  # noqa: BLE001 - its text may hold a customer's; the class tells where to look
            _log.error("console.internal_error", path=where, error=type(error).__name__)
            return self.problem(
                session, 500, "Something is broken here", "The log of the console says what kind of error it was."
            )

    async def _login(self, request: Request) -> Response:
        there = request.query_params.get("next", "/")
        if request.method == "GET":
            token = request.query_params.get("token", "")
            return self.page(None, "login.html", token=token, wrong=None, there=there, actor="")
        form = await read_form(request) or {}
        there, token, actor = first(form, "next"), first(form, "token"), actor_name(first(form, "actor"))
        if not self.sessions.admits(token):
            async with self._denied:  # one wrong guess at a time
                await asyncio.sleep(_WRONG_TOKEN_SECONDS)
            return self.page(None, "login.html", status=403, token="", wrong="token", there=there, actor=actor or "")
        if actor is None:
            return self.page(None, "login.html", status=400, token=token, wrong="actor", there=there, actor="")
        local = there.startswith("/") and not there.startswith(("//", "/\\"))
        reply = RedirectResponse(there if local else "/", 303)
        reply.set_cookie(
            COOKIE, self.sessions.begin(actor), max_age=SESSION_SECONDS, httponly=True, samesite="strict",
            secure=request.headers.get("x-forwarded-proto") == "https",
        )  # fmt: skip
        _log.info("console.login")
        return reply


async def _logout(_console: Console, _request: Request, _session: Session) -> Response:
    reply = RedirectResponse("/login", 303)
    reply.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return reply


async def read_form(request: Request) -> dict[str, list[str]] | None:
    """The fields of a form; None for what is none, or is too large."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_MOST:
            return None
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=2000)
    except ValueError:  # too many
        return None


def first(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()
