"""Exports the desk's list as a CSV file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfqflow.console.csv_reply import csv_reply
from rfqflow.console.desk_list import filter_of
from rfqflow.console.desk_view import SORTS, STATES, asked
from rfqflow.core.text.csv_cells import COMMA, SEMICOLON, Dialect
from rfqflow.store.desk_export import csv_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_SEPARATORS = {"comma": COMMA, "semicolon": SEMICOLON}
# Languages with a decimal comma, in which spreadsheets separate cells by semicolons. Exceptions are countries that use
# such a language with a decimal point.
_SEMICOLON = (
    "be bg bs ca cs da de el es et eu fi fr gl hr hu hy id is it ka kk lt lv mk nb nl nn no pl pt ro ru sk sl sq sr sv "
    "tr uk uz vi"
)
_COMMA_ALL_THE_SAME = frozenset({"de-ch", "de-li", "es-mx", "es-us", "es-gt", "es-pe", "es-do", "it-ch"})


async def export(console: Console, request: Request, session: Session) -> Response:
    """Streams all RFQs that the filter selects, as CSV."""
    view, params = asked(request.query_params), request.query_params
    if unknown := unknown_values(params):
        return console.problem(session, 400, "That cannot be exported", f"{unknown} Nothing was exported.")
    per_item = params.get("lines") == "items"
    dialect = _SEPARATORS.get(params.get("separator", "")) or dialect_of(request.headers.get("accept-language", ""))
    wanted = filter_of(view)
    file = csv_of(console.desk, wanted, view.order, per_item=per_item, dialect=dialect)
    begun = [
        await anext(file),
        await anext(file),
    ]  # read before the reply starts, so that an error shows as a page and not as a broken file
    narrowed = {"route": view.route, "state": view.state, "owner": view.owner, "urgent": view.urgent or None,
                "review": view.review or None, "searched": True if view.text else None}  # fmt: skip
    about = {name: value for name, value in narrowed.items() if value is not None}
    await console.desk.note_export(session.actor, {**about, "lines": "items" if per_item else "rfqs"})

    return csv_reply("rfqs-items" if per_item else "rfqs", begun, file, dialect)


def unknown_values(params: Mapping[str, str]) -> str:
    """A sentence about a parameter that the desk does not know; empty if it knows all.

    The export refuses such an address, so that a script does not get a wrong selection.
    """
    known = {"state": STATES, "urgent": ("1",), "review": ("1",), "sort": (*SORTS, *(f"-{name}" for name in SORTS)),
             "lines": ("rfqs", "items"), "separator": tuple(_SEPARATORS)}  # fmt: skip
    free = {"route", "owner", "q", "after", "rfq"}
    for name, value in params.items():
        if name in known and value and value not in known[name]:
            return f"{name} must be one of {', '.join(known[name])}."
        if name not in known and name not in free:
            filters = ", ".join(sorted({*known, *free} - {"after", "rfq"}))
            return f"There is no filter {name[:40]}: the filters are {filters}."
    return ""


def dialect_of(languages: str) -> Dialect:
    """The CSV dialect for the first language of an Accept-Language header. Without a header, commas."""
    first = re.match(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z]{4})?(-[A-Za-z]{2})?\b", languages)
    if first is None:
        return COMMA
    language = first[1].lower()
    if f"{language}{(first[2] or '').lower()}" in _COMMA_ALL_THE_SAME:
        return COMMA
    return SEMICOLON if language in _SEMICOLON.split() else COMMA
