"""Bulk actions on RFQs. A preview shows the count and the cost; the action runs only if the count is still the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.responses import RedirectResponse

from rfqflow.console.actions import field, reason
from rfqflow.console.rfq_view import of_query, place, written
from rfqflow.core.errors import ConfigError
from rfqflow.core.text.times import cursor, of_cursor
from rfqflow.store.rfq_bulk import ACTS, BULK_MOST, fits, print_of
from rfqflow.store.rfq_search import place_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.rfq_view import RfqView
    from rfqflow.console.session import Session
    from rfqflow.store.fleet_queries import Row
    from rfqflow.store.rfq_search import Cursor

_SHOWN = 12
_BAD, _CHANGED = 400, 409
_CHOSEN_MOST = 500


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The RFQs that a person selected for an action, by hand or by a filter.

    A filter selects only RFQs between `newest` and `oldest`, so that RFQs inserted later are not included.
    """

    view: RfqView
    filtered: bool
    rows: list[Row]  # RFQs that the action changes
    others: int
    newest: str = ""
    oldest: str = ""
    is_all: bool = True

    @property
    def ids(self) -> list[UUID]:
        return [row["rfq_id"] for row in self.rows]


async def bulk(console: Console, request: Request, session: Session) -> Response:
    """Shows the preview. After the confirmation, checks the numbers again and runs the action."""
    act = field(request, "act")
    if act not in ACTS:
        raise ConfigError("unknown action: choose rerun, override or discard")
    chosen = await _chosen(console, request, act)
    confirmed = field(request, "confirmed") == "1"
    if not chosen.rows:
        status, was = (_CHANGED, field(request, "count")) if confirmed else (_BAD, None)
        return await _ask(console, request, session, act, chosen, status=status, was=was)
    if not confirmed:
        return await _ask(console, request, session, act, chosen)
    problems = await _problems(console, request, act)
    if problems:
        return await _ask(console, request, session, act, chosen, status=_BAD, problems=problems)
    asked_of = field(request, "count")
    if asked_of != str(len(chosen.rows)) or (not chosen.filtered and field(request, "print") != print_of(chosen.rows)):
        return await _ask(console, request, session, act, chosen, status=_CHANGED, was=asked_of)
    note = await console.pages.act_on(
        act, chosen.ids, session.actor, reason(request), route=field(request, "route") or None,
        force=field(request, "force") == "1",
        # Without the search text, which may be a person's name.
        filtered=chosen.view.having(q=None).query if chosen.filtered else None,
    )  # fmt: skip
    return RedirectResponse(f"/rfqs/bulk/{note}", 303)


async def done(console: Console, request: Request, session: Session) -> Response:
    """The page with the result of a bulk action, from the audit."""
    found = await console.pages.bulk_act(request.path_params["action"])
    if found is None:
        return console.problem(session, 404, "No such action", "The address has a typing error.")
    back = of_query(found["detail"].get("filter", ""))
    return console.page(session, "rfqs_done.html", page="rfqs", said=None, one=found, about=found["detail"], back=back)


async def _chosen(console: Console, request: Request, act: str) -> _Chosen:
    view = of_query(field(request, "filter")).whole
    if field(request, "scope") != "filter":
        try:
            ids = [UUID(one) for one in request.state.form.get("rfq_id", [])]
        except ValueError:
            raise ConfigError("invalid RFQ id") from None
        rows = await console.pages.named(ids[:_CHOSEN_MOST])
        return _sorted(_Chosen(view, False, rows, 0), act)
    newest, oldest = place(field(request, "newest")), place(field(request, "oldest"))
    found = await console.pages.search(view.filter(BULK_MOST + 1, before=newest, floor=oldest))
    rows = found.rows[:BULK_MOST]
    whole = len(found.rows) <= BULK_MOST and found.reached is None
    if rows and newest is None:
        newest = _just_after(place_of(rows[0]))
    if oldest is None and not whole:
        oldest = found.reached or place_of(rows[-1])
    return _sorted(
        _Chosen(
            view, True, rows, 0, newest=written(newest) if newest else "", oldest=written(oldest) if oldest else "",
            is_all=oldest is None,
        ),
        act,
    )  # fmt: skip


def _sorted(chosen: _Chosen, act: str) -> _Chosen:
    rows = [row for row in chosen.rows if fits(row, act)]
    return _Chosen(
        chosen.view, chosen.filtered, rows, len(chosen.rows) - len(rows), chosen.newest, chosen.oldest, chosen.is_all
    )


def _just_after(at: Cursor) -> Cursor:
    """The cursor whose next RFQ is this RFQ."""
    number = at[1].int
    return at[0], UUID(int=min(number + 1, 2**128 - 1))


async def _problems(console: Console, request: Request, act: str) -> dict[str, str]:
    """The error of each wrong field."""
    if act == "override" and field(request, "route") not in await console.pages.slugs():
        return {"route": "Choose a route."}
    if act == "discard" and not reason(request):
        return {"reason": "Give a reason. The audit and the page of each RFQ show it."}
    return {}


async def _ask(
    console: Console, request: Request, session: Session, act: str, chosen: _Chosen, *, status: int = 200,
    problems: dict[str, str] | None = None, was: str | None = None,
) -> Response:  # fmt: skip
    asked_at = field(request, "asked")
    try:
        since = of_cursor(asked_at) if asked_at else None
    except ValueError:
        since = None
    about: dict[str, Any] = {}
    if was is not None and since is not None:
        # The filter no longer finds RFQs that changed meanwhile, so the page lists the actions on all RFQs.
        ids = None if chosen.filtered else [UUID(one) for one in request.state.form.get("rfq_id", [])]
        about["meanwhile"] = await console.pages.meanwhile(ids, since)
    costs = await console.pages.costs(chosen.ids) if act == "rerun" and chosen.rows else None
    return console.page(
        session, "rfqs_bulk.html", status=status, page="rfqs", said=None, act=act, chosen=chosen, costs=costs,
        shown=chosen.rows[:_SHOWN], print=print_of(chosen.rows), asked=cursor(await console.pages.clock()),
        slugs=await console.pages.slugs() if act == "override" else [], problems=problems or {}, was=was,
        given={name: field(request, name) for name in ("reason", "route", "force")}, most=BULK_MOST, **about,
    )  # fmt: skip
