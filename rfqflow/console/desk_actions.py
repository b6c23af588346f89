"""Actions of a person on an RFQ at the desk. Each form names the version that it showed, and returns to the RFQ.

If the console refuses an action, the page shows the typed input again, with the reason. If another person has changed
the RFQ since, the console repeats the action on the newer version. If both persons changed the same value, the page
shows both values instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse
from starlette.routing import Route

from rfqflow.console import desk_pages
from rfqflow.console.actions import field
from rfqflow.console.desk_fields import ITEM_FIELDS, NEW_LINE, FieldError, field_at, label_of, line_at, read, written
from rfqflow.console.desk_list import NOBODY, onward_from
from rfqflow.console.desk_view import asked
from rfqflow.console.desk_view_model import Conflict, Pending
from rfqflow.core.errors import ConfigError
from rfqflow.core.roles import Role
from rfqflow.store.desk import ChangedMeanwhile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.store.desk import DeskAnswer

    Act = Callable[[str | None], Awaitable[Any]]

_NOTE_MOST, _NAME_MOST, _REASON_MOST = 2000, 80, 500
_TRIES = 3
_GONE = "This line is no longer in the list."


def routes(guarded: Callable[..., Any]) -> list[Route]:
    """Routes of the desk's actions. Each action is a form about one RFQ."""
    actions = {
        "correct": correct, "confirm": confirm, "clear-review": clear_review, "assign": assign, "route": reassign,
        "note": note, "handle": handle, "reopen": reopen,
    }  # fmt: skip
    return [
        Route(f"/desk/{{rfq_id:uuid}}/{name}", guarded(action, needs=Role.DESK), methods=["POST"])
        for name, action in actions.items()
    ]


def back_to(
    request: Request, said: str, at: str | None = None, to: UUID | None = None, of: UUID | None = None
) -> Response:
    """Redirects to the page of this RFQ, or of the RFQ `to`, with the same filter."""
    view = asked(request.query_params)
    place = view.path(to or request.path_params["rfq_id"])
    more = {"said": said, **({"at": at} if at else {}), **({"of": str(of)} if of else {})}
    return RedirectResponse(f"{place}{'&' if '?' in place else '?'}{urlencode(more)}", 303)


async def again(console: Console, request: Request, session: Session, pending: Pending, status: int) -> Response:
    """Shows the page again, with the typed values and the reason why the console refused them."""
    request.state.pending = pending
    reply = await desk_pages.desk(console, request, session)
    if reply.status_code == 200:  # noqa: PLR2004 - else the RFQ no longer exists
        reply.status_code = status
    return reply


def _version(request: Request) -> str | None:
    return field(request, "version")[:200] or None


def _conflict(error: ChangedMeanwhile, theirs: str | None) -> Conflict:
    return Conflict(error.by, error.at, error.what, theirs)


async def _acted(
    console: Console, request: Request, act: Act, current: Callable[[DeskAnswer], str | None] | None, seen: str,
    done: Callable[[DeskAnswer], bool] = lambda _: False,
) -> Conflict | None:  # fmt: skip
    """Applies the action to the version that the form showed. Returns the conflict if it cannot.

    If there is a newer version, applies the action only if the newer version still has the shown value (`seen`). If
    the newer version already has the result (`done`), does nothing, so that a double click acts once.
    """
    version = _version(request)
    for left in reversed(range(_TRIES)):
        try:
            await act(version)
        except ChangedMeanwhile as error:
            answer = await console.desk.answer(request.path_params["rfq_id"])
            if answer is not None and done(answer):
                return None
            theirs = current(answer) if current is not None and answer is not None else None
            if current is None or answer is None or theirs != seen or not left:
                return _conflict(error, theirs)
            version = answer.version
        else:
            return None
    return None


# -- fields and lines --------------------------------------------------------------------------------------------------


async def correct(console: Console, request: Request, session: Session) -> Response:
    """Corrects a field, adds a line, removes a line, or withdraws a correction."""
    if path := field(request, "withdraw"):
        return await _withdraw(console, request, session, path)
    if path := field(request, "remove"):
        return await _remove(console, request, session, path)
    path = field(request, "path")
    if path == NEW_LINE:
        return await _add(console, request, session)
    one = field_at(path)
    if one is None:
        raise ConfigError("unknown field")
    text, old = field(request, "value").replace("\r\n", "\n"), field(request, "old").replace("\r\n", "\n")
    if text == old:
        return back_to(request, "unchanged", path)
    values = {"value": text, "old": old, "of": field(request, "of")}
    try:
        value = read(one, text)
        found = await _acted(
            console, request, lambda version: _set(console, request, session, {path: value}, version),
            lambda answer: _standing(answer, path, values["of"]), old,
            lambda answer: _standing(answer, path, values["of"]) == written(value),
        )  # fmt: skip
    except (FieldError, ConfigError) as error:
        text = _GONE if await _is_gone(console, request, path) else str(error)
        return await again(console, request, session, Pending(path, values, text), 422)
    if found is not None:
        return await again(console, request, session, Pending(path, values, conflict=found), 409)
    return back_to(request, "corrected", path)


async def _is_gone(console: Console, request: Request, path: str) -> bool:
    """Whether the path's line no longer exists in the list."""
    answer = await console.desk.answer(request.path_params["rfq_id"])
    return answer is not None and line_at(path) not in (None, *(item["path"] for item in answer.line_items))


async def _set(
    console: Console, request: Request, session: Session, changes: dict[str, Any], version: str | None
) -> Any:
    why = field(request, "reason")[:_REASON_MOST] or None
    return await console.desk.correct(
        request.path_params["rfq_id"], changes, session.actor, reason=why, version=version
    )


def _standing(answer: DeskAnswer, path: str, of: str = "") -> str | None:
    """The current value at a path.

    If the line item at the path is gone or is not `of`, returns a text that equals no value of a form. So the caller
    finds a conflict.
    """
    place, name = line_at(path), path.partition(".")[2]
    if place is None:
        return written(getattr(answer, path))
    line = next((item for item in answer.line_items if item["path"] == place), None)
    if line is None:
        return "a line that is gone"
    if of and name != "description" and line.get("description") != of:
        return f"{written(line.get(name))} ({line.get('description')})"
    return written(line.get(name or "description"))


async def _add(console: Console, request: Request, session: Session) -> Response:
    values = {one.name: field(request, one.name) for one in ITEM_FIELDS}
    line: dict[str, Any] = {}
    for one in ITEM_FIELDS:
        if not values[one.name] and one.name != "description":
            continue
        try:
            line[one.name] = read(one, values[one.name])
        except FieldError as error:
            text = f"{one.label}: {error}"
            return await again(console, request, session, Pending(NEW_LINE, values, text, one.name), 422)
    try:
        found = await _acted(
            console, request, lambda version: _set(console, request, session, {NEW_LINE: line}, version),
            lambda _: "", "", lambda answer: any(_is_same(item, line) for item in answer.line_items),
        )  # fmt: skip
    except ConfigError as error:
        return await again(console, request, session, Pending(NEW_LINE, values, str(error)), 422)
    if found is not None:
        text = f"{found.by} changed the list of line items meanwhile: add the line again."
        return await again(console, request, session, Pending(NEW_LINE, values, text), 409)
    return back_to(request, "added")


def _is_same(item: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether `item` is a line that a person added, with the same values as `line`."""
    return bool(item.get("is_added")) and all(
        written(item.get(one.name)) == written(line.get(one.name)) for one in ITEM_FIELDS
    )


async def _remove(console: Console, request: Request, session: Session, path: str) -> Response:
    if line_at(path) != path:
        raise ConfigError("unknown line")
    try:
        found = await _acted(
            console, request, lambda version: _set(console, request, session, {path: None}, version), None, "",
            lambda answer: path not in {item["path"] for item in answer.line_items},
        )  # fmt: skip
    except ConfigError as error:
        text = _GONE if await _is_gone(console, request, path) else str(error)
        return await again(console, request, session, Pending(path, error=text), 422)
    if found is not None:
        return await again(console, request, session, Pending(path, conflict=found), 409)
    return back_to(request, "removed")


async def _withdraw(console: Console, request: Request, session: Session, path: str) -> Response:
    rfq_id = request.path_params["rfq_id"]

    def stands(answer: DeskAnswer) -> bool:
        return any(path in (one["path"], f"correction {one['correction_id']}") for one in answer.corrections)

    answer = await console.desk.answer(rfq_id)
    found = None
    if answer is not None and stands(answer):
        found = await _acted(
            console, request, lambda version: console.desk.withdraw(rfq_id, path, session.actor, version=version),
            None, "", lambda answer: not stands(answer),
        )  # fmt: skip
    if found is not None:
        about = f"{label_of(path)}: {found.what}"
        text = f"{found.by} changed the RFQ meanwhile ({about}). Check the value, then withdraw it again."
        return await again(console, request, session, Pending("withdraw", error=text), 409)
    return back_to(request, "correction_withdrawn", path if field_at(path) else None)


# -- the RFQ as a whole ------------------------------------------------------------------------------------------------


async def _done(
    console: Console, request: Request, session: Session, name: str, act: Act, said: str,
    current: Callable[[DeskAnswer], str | None] | None = None, done: Callable[[DeskAnswer], bool] = lambda _: False,
) -> Response:  # fmt: skip
    """Runs an action whose form sets no field of the answer. The address of the form ends with the action's `name`."""
    values = {"value": field(request, "value"), "old": field(request, "old")}
    try:
        found = await _acted(console, request, act, current, values["old"].replace("\r\n", "\n"), done)
    except ConfigError as error:
        return await again(console, request, session, Pending(name, values, str(error)), 422)
    if found is not None:
        return await again(console, request, session, Pending(name, values, conflict=found), 409)
    return back_to(request, said)


async def confirm(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    return await _done(
        console, request, session, "confirm",
        lambda version: console.desk.confirm(rfq_id, session.actor, version=version), "confirmed",
        done=lambda answer: answer.confirmed,
    )  # fmt: skip


async def clear_review(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    return await _done(
        console, request, session, "clear-review",
        lambda version: console.desk.clear_review(rfq_id, session.actor, version=version), "review_cleared",
        done=lambda answer: answer.review is None,
    )  # fmt: skip


async def assign(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    owner = session.actor if field(request, "mine") == "1" else " ".join(field(request, "value").split())
    owner = "" if owner == NOBODY else owner  # the filter of the list writes an empty owner as NOBODY
    if len(owner) > _NAME_MOST:
        pending = Pending("assign", {"value": owner}, f"At most {_NAME_MOST} characters.")
        return await again(console, request, session, pending, 422)
    return await _done(
        console, request, session, "assign",
        lambda version: console.desk.assign(rfq_id, owner or None, session.actor, version=version),
        "assigned" if owner else "unassigned", lambda answer: answer.owner or "",
        lambda answer: (answer.owner or "") == owner,
    )  # fmt: skip


async def reassign(console: Console, request: Request, session: Session) -> Response:
    """Sets the route by hand, or withdraws the route that a person set."""
    rfq_id = request.path_params["rfq_id"]
    route = None if field(request, "withdraw") == "1" else field(request, "value")
    if route is not None and route not in await console.pages.slugs():
        pending = Pending("route", {"value": route}, "Choose a route.")
        return await again(console, request, session, pending, 422)
    return await _done(
        console, request, session, "route",
        lambda version: console.desk.reassign(rfq_id, route, session.actor, version=version),
        "rerouted" if route is not None else "route_withdrawn", lambda answer: answer.route or "",
        lambda answer: route is not None and answer.route == route and answer.route_source == "override",
    )  # fmt: skip


async def note(console: Console, request: Request, session: Session) -> Response:
    rfq_id, text = request.path_params["rfq_id"], field(request, "value").replace("\r\n", "\n")
    if len(text) > _NOTE_MOST:
        pending = Pending("note", {"value": text}, f"At most {_NOTE_MOST:,} characters.")
        return await again(console, request, session, pending, 422)
    return await _done(
        console, request, session, "note",
        lambda version: console.desk.note(rfq_id, text or None, session.actor, version=version), "noted",
        lambda answer: answer.note or "", lambda answer: (answer.note or "") == text,
    )  # fmt: skip


async def handle(console: Console, request: Request, session: Session) -> Response:
    """Marks the RFQ handled, and opens the next RFQ that the filter selects."""
    rfq_id, view = request.path_params["rfq_id"], asked(request.query_params)
    onward = await onward_from(console, view, rfq_id)
    reply = await _done(
        console, request, session, "handle",
        lambda version: console.desk.handle(rfq_id, session.actor, version=version), "handled",
        done=lambda answer: answer.state == "handled",
    )  # fmt: skip
    if reply.status_code == 303 and onward.next is not None:  # noqa: PLR2004 - it is done
        return back_to(request, "handled", to=onward.next, of=rfq_id)
    return reply


async def reopen(console: Console, request: Request, session: Session) -> Response:
    rfq_id = request.path_params["rfq_id"]
    return await _done(
        console, request, session, "reopen",
        lambda version: console.desk.reopen(rfq_id, session.actor, version=version), "reopened",
        done=lambda answer: answer.state != "handled",
    )  # fmt: skip
