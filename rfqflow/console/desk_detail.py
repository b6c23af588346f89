"""The pane beside the desk's list, which shows the open RFQ."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from rfqflow.console.desk_draft_view import draft_context
from rfqflow.console.desk_fields import (
    FIELDS,
    ITEM_FIELDS,
    NEW_LINE,
    field_at,
    label_of,
    line_at,
    order_of,
    said_of,
    written,
)
from rfqflow.console.desk_view_model import (
    Cell,
    Correction,
    Item,
    Pending,
    cell,
    columns_of,
    days_left,
    fields_of,
    lines_of,
)
from rfqflow.console.related_view import related_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from starlette.requests import Request

    from rfqflow.console.context import Console
    from rfqflow.console.desk_view import DeskView
    from rfqflow.console.session import Session
    from rfqflow.store.desk import DeskAnswer

_VERDICTS = ("contradicted", "unverified", "verified")


async def detail_context(
    console: Console, session: Session, rfq_id: UUID, view: DeskView, request: Request
) -> dict[str, Any] | None:
    """The variable `detail` of `part_desk_detail.html`. None if the RFQ does not exist.

    The paths of forms keep the filter: a form posts to `view.path(rfq_id, "confirm")` and returns to
    `view.path(rfq_id)`.
    """
    found, answer = await console.pages.rfq(rfq_id), await console.desk.answer(rfq_id)
    if found is None or answer is None:
        return None
    asked = request.query_params
    pending: Pending | None = getattr(request.state, "pending", None)
    editing = pending.path if pending else asked.get("edit", "")
    editing = editing if field_at(editing) else ""
    every = asked.get("columns") == "all"
    corrections = {one["path"]: one for one in answer.corrections if one["path"] and one["applies"]}
    items = _items(answer, corrections, every=every, editing=editing)
    cites = {one.get("field"): one.get("lines") or () for one in found["extracted"].get("cites", ())}
    fields = fields_of(_values(answer), answer.checks, _standing(corrections), answer.taken_out, cites)
    if answer.due_date is None and answer.due_date_derived is not None:
        fields["due_date"] = _derived(answer, fields["due_date"])
    rows = items["rows"]
    stray = _is_stray(pending, rows, fields, answer)
    editing = "" if stray else editing
    return {
        "rfq_id": rfq_id, "view": view, "version": answer.version, "actor": session.actor,
        "title": found["company"] or found["name"] or found["email"] or "Unnamed sender",
        "name": found["name"], "email": found["email"], "phone": found["phone"], "created_at": found["created_at"],
        "status": found["ai_status"], "cause": found["cause"], "remedy": found["remedy"],
        "injection": found["extracted"].get("injection_suspected"),
        "route": answer.route, "override": found["override"] and _override(found["override"]),
        "model_route": found["ai_route"], "confidence": found["ai_confidence"], "slugs": await console.pages.slugs(),
        "state": answer.state, "owner": answer.owner,
        "owners": sorted({session.actor, *filter(None, (answer.owner, answer.confirmed_by))}), "note": answer.note,
        "language": answer.language,
        "is_confirmed": answer.confirmed, "confirmed_by": answer.confirmed_by, "confirmed_at": answer.confirmed_at,
        "review": answer.review, "fields": fields, "all_fields": _templates(console), "dates": _dates(fields),
        "due_text": answer.due_date_text, "unread": (answer.checks.get("line_items") or {}).get("count"),
        "message": lines_of(
            found["message"], rows, fields, found["extracted"].get("attachments") or (), whole=asked.get("whole") == "1"
        ), **items,
        "lost": [_lost(one) for one in answer.corrections if one["path"] is None],
        "draft": await draft_context(console, rfq_id, answer, pending), "related": await related_lines(console, rfq_id),
        "first": next((row.cells[0].path for row in rows if row.removed is None), "summary"), "every": every,
        "verdicts": _verdicts(rows, fields), "pending": pending, "editing": editing, "stray": stray,
        **_edited(editing, pending, rows, fields), **_places(view, rfq_id, asked),
        "said": said_of(asked.get("said", ""), asked.get("at", "")), "undo": _undo(view, asked),
    }  # fmt: skip


def _values(answer: DeskAnswer) -> dict[str, Any]:
    return {one.name: getattr(answer, one.name) for one in FIELDS}


def _standing(corrections: Mapping[str, Mapping[str, Any]]) -> dict[str, Correction]:
    return {
        path: Correction(one["actor"], _time(one["created_at"]), written(one["ai_value"]), one["reason"])
        for path, one in corrections.items()
    }


def _lost(one: Mapping[str, Any]) -> dict[str, Any]:
    """A correction of a line that the answer no longer has. It applies again if the line returns."""
    is_line = one["field"] == "line"
    return {
        "of": f"correction {one['correction_id']}", "what": label_of(one["recorded_path"]), "actor": one["actor"],
        "at": _time(one["created_at"]), "reason": one["reason"],
        "old": "" if is_line else written(one["old"]), "new": "removed" if is_line else written(one["new"]),
    }  # fmt: skip


def _time(value: Any) -> dt.datetime | None:
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def _override(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"actor": found["actor"], "at": found["created_at"]}


def _derived(answer: DeskAnswer, one: Cell) -> Cell:
    """The due date that rfqflow derived from the customer's words. The pane marks it, since it is no stated date."""
    check = answer.checks.get("due_date_derived") or {}
    lines = " ".join(map(str, check.get("lines") or ())) or one.lines
    return Cell(one.field, one.path, written(answer.due_date_derived), str(check.get("verdict") or ""), "", "", lines)


def _items(
    answer: DeskAnswer, corrections: Mapping[str, Mapping[str, Any]], *, every: bool, editing: str
) -> dict[str, Any]:
    """The current line items. Line items that people removed keep their places, marked as removed."""
    known = _standing(corrections)
    columns = columns_of(answer.line_items, every=every, editing=editing)
    removed = [
        (path, one["ai_value"] or one["old"] or {}) for path, one in corrections.items()
        if one["field"] == "line" and one["new"] is None
    ]  # fmt: skip
    lines = [(item["path"], item) for item in answer.line_items] + removed
    lines.sort(key=lambda line: order_of(line[0]))
    gone = {path for path, _ in removed}
    rows = [
        Item(
            path, number,
            [cell(one, f"{path}.{one.name}", item.get(one.name), answer.checks, known, answer.taken_out,
                  item.get("lines") or ()) for one in columns],
            item.get("lines") or (), added=known.get(path) if item.get("is_added") else None,
            removed=known.get(path) if path in gone else None,
        )
        for number, (path, item) in enumerate(lines, 1)
    ]  # fmt: skip
    return {"rows": rows, "columns": columns, "count": len(answer.line_items)}


def _verdicts(rows: Sequence[Item], fields: Mapping[str, Cell]) -> list[tuple[str, int]]:
    states = [one.state for row in rows if row.removed is None for one in row.cells]
    states += [one.state for one in fields.values()]
    return [(verdict, states.count(verdict)) for verdict in _VERDICTS]


def _dates(fields: Mapping[str, Cell]) -> list[tuple[str, str, str]]:
    """The deadlines, each with the number of days until then and its urgency."""
    today = dt.datetime.now(dt.UTC).date()
    return [
        (name, *days_left(fields[name].text, today)) for name in ("quote_deadline", "due_date") if fields[name].text
    ]


def _edited(editing: str, pending: Pending | None, rows: Sequence[Item], fields: Mapping[str, Cell]) -> dict[str, str]:
    """The value and the line item that the form of the edited field showed."""
    if not editing:
        return {"editing_old": "", "editing_of": ""}
    cells = {one.path: one for row in rows for one in row.cells}
    text = (cells.get(editing) or fields.get(editing) or Cell(FIELDS[0], "", "")).text
    line = next((row.name for row in rows if row.path == line_at(editing)), "")
    if pending and pending.conflict is None:  # the console refused the input, and the value has not changed since
        text, line = pending.values.get("old", text), pending.values.get("of", line)
    return {"editing_old": text, "editing_of": line}


def _is_stray(pending: Pending | None, rows: Sequence[Item], fields: Mapping[str, Cell], answer: DeskAnswer) -> bool:
    """Whether the page has no place for an unsaved input, since its line or its mark no longer exists."""
    if pending is None or pending.path in fields or pending.path == NEW_LINE:
        return False
    if line_at(pending.path):
        shown = {one.path for row in rows if row.removed is None for one in row.cells} | {row.path for row in rows}
        return pending.path not in shown
    return pending.path == "withdraw" or (pending.path == "clear-review" and answer.review is None)


def _places(view: DeskView, rfq_id: UUID, asked: Mapping[str, str]) -> dict[str, Any]:
    """Paths of the pane's links, form and stream. Each path keeps what the pane shows: all columns, whole message."""
    place = view.path(rfq_id)
    shown = {name: asked[name] for name in ("columns", "whole") if asked.get(name)}
    stream = view.path(rfq_id, "live")
    return {
        "place": place.partition("?")[0], "kept": [*parse_qsl(view.query), *shown.items()],
        "columns_link": _with(place, shown | {"columns": "all"}), "whole_link": _with(place, shown | {"whole": "1"}),
        "home": _with(place, shown), "stream": _with(stream, shown),
    }  # fmt: skip


def _with(place: str, more: Mapping[str, str]) -> str:
    return f"{place}{'&' if '?' in place else '?'}{urlencode(more)}" if more else place


def _undo(view: DeskView, asked: Mapping[str, str]) -> str | None:
    of = asked.get("of", "")
    return view.path(of) if asked.get("said") == "handled" and len(of) == 36 and of.replace("-", "").isalnum() else None  # noqa: PLR2004 - a UUID


def _templates(console: Console) -> list[dict[str, Any]]:
    """The HTML inputs of all fields, for the script that edits a field in its place."""
    module = console.env.get_template("desk_macros.html").module
    return [{"name": one.name, "html": module.input(one, "", one.label)} for one in (*FIELDS, *ITEM_FIELDS)]  # type: ignore[attr-defined]
