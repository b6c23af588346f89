"""Access control: checks session, role and form before a page or an action runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response

from rfqflow.console import failures
from rfqflow.console.multipart import boundary_of, parts_of
from rfqflow.console.session import NoAccount, Session, drop_cookie, set_cookie
from rfqflow.console.visitors import NameRefused
from rfqflow.core.errors import RfqflowError
from rfqflow.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from rfqflow.console.context import Console

    Handler = Callable[[Console, Request, Session], Awaitable[Response]]

_log = structlog.get_logger()
_BODY_MOST = 128 * 1024  # bytes; fits the longest draft, since a form encodes a character in up to twelve bytes
_FIELDS_MOST = 2000
_DROPPED_TIMES = 10
_SAID = ("said", "n", "mark")  # parameters of an address: the banner's text, its number, and its signature


class FormTooLarge(Exception):
    """The form exceeds the console's limits."""

    def __init__(self, most: int = _BODY_MOST) -> None:
        super().__init__(
            f"Nothing was changed. A form may have at most {most // 1024:,} kB and 2,000 fields. Go back, and send the "
            "form in parts."
        )


class Access:
    """Admits logged-in sessions to the handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def guarded(self, handler: Handler, needs: Role | None = None, file_most: int = 0) -> Callable[..., Any]:
        """Wraps a handler so that only logged-in users reach it. A POST must also carry the token of its form.

        `needs`: the lowest role that may use the handler. Default: viewer for pages (GET), operator for actions (POST).
        `file_most`: the most bytes of a form with a file. If it is set, `request.state.files` has the file.
        """

        async def guarded(request: Request) -> Response:
            is_act = request.method == "POST"
            least = needs if needs is not None else Role.OPERATOR if is_act else Role.VIEWER
            try:
                visitor = self._console.visitors.of(request)
                session, token = await self._console.sessions.of(
                    request, visitor, fresh=is_act, begins=not is_act and not is_stream(request)
                )
            except (NameRefused, NoAccount, *failures.ERRORS) as error:
                return self._not_known(request, error)
            reply = await self._let_in(handler, request, session, least, file_most)
            if token is not None:
                set_cookie(reply, token, is_secure=visitor.is_secure)
            return reply

        guarded.needs = needs  # type: ignore[attr-defined] # for tests that try every route
        return guarded

    def _not_known(self, request: Request, error: Exception) -> Response:
        where = request.url.path.split("/")[1]
        if isinstance(error, NameRefused | NoAccount):
            _log.warning("console.refused_by_proxy", path=where, error=type(error).__name__)
            text = (
                "The proxy in front of this console sent the name of a user who has no account, or whose account is "
                "disabled. Ask an administrator to run `rfqflow account add NAME --role viewer --no-password`, or "
                "`rfqflow account enable NAME`."
            )
            return self._console.problem(None, 403, "No account", text)
        return self._failed(None, error, where)

    async def _let_in(
        self, handler: Handler, request: Request, session: Session | None, least: Role, file_most: int
    ) -> Response:
        console, is_act = self._console, request.method == "POST"
        if session is None:
            return self._to_login(request)
        if is_act:
            try:
                form, request.state.files = await read_file_form(request, file_most if session.role >= least else 0)
                request.state.form = form
            except ClientDisconnect:
                return Response("", 400)  # the client has closed the connection
            except FormTooLarge as error:
                return console.problem(session, 413, "Too much at once", str(error))
            if is_from_elsewhere(request) or not form or not console.sessions.is_form_token(
                session, first(form, "form_token")
            ):  # fmt: skip
                return console.problem(
                    session,
                    403,
                    "Form not accepted",
                    "The form does not come from this page. Reload the page and try again.",
                )
        if session.role < least:
            _log.warning("console.refused_role", path=request.url.path.split("/")[1], needs=least.word)
            return console.problem(
                session, 403, "Not for this account",
                f"This needs the role {least.word}, and your account has the role {session.role.word}. Nothing was "
                "changed. To get another role, ask an administrator to run `rfqflow account role NAME ROLE`.",
            )  # fmt: skip
        if not is_act and (plain := self._without_forged(request, session)):
            return RedirectResponse(plain, 303)
        reply = await self._answered(handler, request, session)
        if is_act:
            self._mark(reply, session)
        return reply

    def _to_login(self, request: Request) -> Response:
        if request.method == "POST":
            return self._console.problem(None, 403, "Not logged in", "Log in and try again.")
        if is_stream(request):
            return Response(
                "", 401
            )  # not a redirect: a login page is not a stream, and a proxy's user would be redirected in circles
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(there)}", 303)

    # -- the banner that an action shows on its next page --------------------------------------------------------------

    def _mark(self, reply: Response, session: Session) -> None:
        """Signs the banner in an address, so that a link from another site cannot show a banner with its own text."""
        path, _, query = reply.headers.get("location", "").partition("?")
        query, hashmark, fragment = query.partition("#")
        if "said" in dict(parse_qsl(query, keep_blank_values=True)):
            mark = self._console.sessions.mark(session, _canonical(path, query))
            reply.headers["location"] = f"{path}?{query}&mark={mark}{hashmark}{fragment}"

    def _without_forged(self, request: Request, session: Session) -> str | None:
        """The address without its banner if the console did not sign the banner; else None."""
        path, query = request.url.path, request.url.query
        pairs = parse_qsl(query, keep_blank_values=True)
        if "said" not in dict(pairs):
            return None
        given = dict(pairs).get("mark", "")
        if given and self._console.sessions.mark(session, _canonical(path, query)) == given:
            return None
        rest = urlencode([pair for pair in pairs if pair[0] not in _SAID])
        return quote(path) + (f"?{rest}" if rest else "")

    # -- handlers ------------------------------------------------------------------------------------------------------

    async def _answered(self, handler: Handler, request: Request, session: Session) -> Response:
        """The handler's reply, or a page that explains the error."""
        console, where = self._console, request.url.path.split("/")[1]
        if request.method != "POST":
            await console.health.glance()
        try:
            return await handler(console, request, session)
        except HTTPException:
            raise
        except failures.ERRORS as error:
            return self._failed(session, error, where)
        except RfqflowError as error:
            return console.problem(session, 409, "That cannot be done", str(error))
        except Exception as error:  # noqa: BLE001 - logs the class only: the message may hold a customer's text
            _log.error("console.internal_error", path=where, error=type(error).__name__)
            return console.problem(session, 500, "Internal error", "The console's log names the error.")

    def _failed(self, session: Session | None, error: Exception, where: str) -> Response:
        failure = failures.of(error)
        state = getattr(error, "sqlstate", None)
        _log.warning("console.database_error", path=where, error=type(error).__name__, sqlstate=state)
        return self._console.problem(session, failure.status, failure.title, failure.text)

    async def known(self, request: Request) -> Session | None:
        """The session of a request for a page that is open to everybody.

        None if the request has no session, or if the database does not answer.
        """
        try:
            session, _ = await self._console.sessions.of(
                request, self._console.visitors.of(request), fresh=False, begins=False
            )
        except (NameRefused, NoAccount, *failures.ERRORS):
            return None
        return session


async def log_out(console: Console, request: Request, session: Session) -> Response:
    await console.sessions.end(session)
    reply = RedirectResponse("/login", 303)
    drop_cookie(reply, is_secure=console.visitors.of(request).is_secure)
    _log.info("console.logout", session=session.session_id)
    return reply


def is_stream(request: Request) -> bool:
    """Whether the request is for a stream, which the script of a page opens, and not for a page."""
    return "text/event-stream" in request.headers.get("accept", "")


def is_from_elsewhere(request: Request) -> bool:
    """Whether the browser reports that the form comes from another site. Over plain HTTP, it reports only Origin."""
    if site := request.headers.get("sec-fetch-site"):
        return site != "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and _place(origin.partition("://")[2]) != _place(request.headers.get("host", ""))


def _place(host: str) -> str:
    return re.sub(r":(80|443)$", "", host.lower())


def _canonical(path: str, query: str) -> str:
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "mark"]
    return f"{unquote(path)}?{urlencode(pairs)}"


async def read_form(request: Request) -> dict[str, list[str]] | None:
    """The fields of a form; None if the body is not a form.

    Raises:
        FormTooLarge: the form has more than 128 kB, or more than 2,000 fields.

    """
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = await _body(request, _BODY_MOST)
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS_MOST)
    except ValueError as error:
        raise FormTooLarge from error


async def read_file_form(request: Request, most: int) -> tuple[dict[str, list[str]] | None, dict[str, bytes]]:
    """The fields and files of a form (no files if `most` is 0); None if the body is not a form.

    Raises:
        FormTooLarge: the form has more than `most` bytes or, without files, more than `read_form` allows.
    """
    boundary = boundary_of(request.headers.get("content-type", "")) if most else None
    if boundary is None:
        return await read_form(request), {}
    try:
        return parts_of(await _body(request, most), boundary)
    except ValueError:
        return None, {}


async def _body(request: Request, most: int) -> bytes:
    """Reads the body. If it is too long, drops the rest, since a browser reads no answer while it still sends."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most * _DROPPED_TIMES:
            raise FormTooLarge(most)
        if size > most:
            chunks.clear()
        else:
            chunks.append(chunk)
    if size > most:
        raise FormTooLarge(most)
    return b"".join(chunks)


def first(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()


def local(address: str) -> str:
    """The path to open after a login: the address if it is a path of the console, else the first page."""
    is_path = re.fullmatch(r"/[^\s\\\x00-\x1f]*", address) and not address.startswith("//")
    return address if is_path and not address.startswith(("/login", "/link")) else "/"
