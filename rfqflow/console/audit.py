"""The audit page: each action, with its actor, its object, the old value and the new value."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.routing import Route

from rfqflow.console.csv_reply import csv_reply
from rfqflow.console.desk_export import dialect_of
from rfqflow.core.roles import Role
from rfqflow.core.text.csv_cells import COMMA, SEMICOLON
from rfqflow.core.text.times import cursor, of_cursor
from rfqflow.store.audit import KINDS, AuditFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

PAGE = 50
_FIELDS = ("kind", "actor", "object", "from", "to")
_TEXT_MOST = 200
_SEPARATORS = {"comma": COMMA, "semicolon": SEMICOLON}


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/audit", guarded(audit, needs=Role.OPERATOR)),
        Route("/audit/export.csv", guarded(export, needs=Role.OPERATOR)),
    ]


async def audit(console: Console, request: Request, session: Session) -> Response:
    given = _given(request.query_params)
    asked, problems = _filter(given, request.query_params.get("before", ""))
    rows = [] if problems else await console.pages.audit(asked, PAGE + 1)
    kept = urlencode({name: value for name, value in given.items() if value})
    older = None
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        place = urlencode({"before": f"{cursor(last['at'])}_{last['entry']}"})
        older = f"/audit?{kept}{'&' if kept else ''}{place}"
    return console.page(
        session, "audit.html", status=400 if problems else 200, page="audit", said=None, rows=rows[:PAGE], given=given,
        kinds=KINDS, problems=problems, kept=kept, older=older, paged=asked.before is not None,
    )  # fmt: skip


async def export(console: Console, request: Request, session: Session) -> Response:
    """Streams all entries that the filter selects. The audit also records the export itself."""
    given = _given(request.query_params)
    asked, problems = _filter(given, "")
    if problems:
        return console.problem(session, 400, "Not a valid range of days", " ".join(problems.values()))
    separator = request.query_params.get("separator", "")
    if separator and separator not in _SEPARATORS:
        return console.problem(
            session, 400, "That cannot be exported", f"separator is one of {', '.join(_SEPARATORS)}."
        )
    chosen = _SEPARATORS.get(separator)
    dialect = chosen or dialect_of(request.headers.get("accept-language", ""))
    file = console.pages.audit_lines(asked, dialect)
    begun = [
        await anext(file),
        await anext(file),
    ]  # read before the reply starts, so that an error shows as a page and not as a broken file
    narrowed = {name: value for name, value in given.items() if value and name != "object"}
    await console.desk.note_export(session.actor, {"lines": "audit", **narrowed})

    return csv_reply("audit", begun, file, dialect)


def _given(params: Mapping[str, str]) -> dict[str, str]:
    return {name: params.get(name, "").replace("\x00", "").strip()[:_TEXT_MOST] for name in _FIELDS}


def _filter(given: Mapping[str, str], before: str) -> tuple[AuditFilter, dict[str, str]]:
    """The filter that the parameters of an address describe, and the error of each wrong field.

    Days are in UTC. The range includes the last day.
    """
    problems: dict[str, str] = {}

    def day(name: str) -> dt.datetime | None:
        if not given[name]:
            return None
        try:
            return dt.datetime.combine(dt.date.fromisoformat(given[name]), dt.time(), dt.UTC)
        except ValueError:
            problems[name] = "Write the day as 2026-11-30."
            return None

    since, last = day("from"), day("to")
    if since and last and last < since:
        problems["to"] = "The last day comes before the first."
    at, _, entry = before.partition("_")
    try:
        place = (of_cursor(at), entry) if entry else None
    except ValueError:
        place = None
    asked = AuditFilter(
        kind=given["kind"] or None, actor=given["actor"] or None, object=given["object"] or None, since=since,
        until=last + dt.timedelta(days=1) if last and last.year < dt.MAXYEAR else None, before=place,
    )  # fmt: skip
    return asked, problems
