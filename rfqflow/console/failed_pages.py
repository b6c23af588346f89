"""Pages of dead letters, grouped by cause, with actions on a group or on selected RFQs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import RedirectResponse

from rfqflow.console.csv_reply import csv_reply
from rfqflow.console.desk_export import dialect_of
from rfqflow.console.formatting import money, words
from rfqflow.console.live_updates import in_common
from rfqflow.console.operations import CHANGED, Asked, Form, Operation, Refused, notice_of, rfqs, why
from rfqflow.core.text.csv_cells import BYTE_ORDER_MARK, line, number_cell, text_cell
from rfqflow.store.control import GROUP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.core.text.csv_cells import Dialect
    from rfqflow.store.control import Done

_SHOWN = 200
_EXPORT_PAGE = 500
_LOOK_SECONDS = 3.0
_NARROWING = ("cause", *GROUP)
_EXPORT = ("rfq_id", "request_id", *GROUP, "attempts", "discarded_at", "error_detail")
PARTS = ("failed_groups", "failed_list")


def chosen(asked: Asked) -> dict[str, Any]:
    """The selection for `ai.choose_dead_letters`. None selects RFQs without a value, such as RFQs without a model."""
    which: dict[str, Any] = {name: asked(name) or None for name in GROUP if name in asked}
    if asked("cause"):
        which["cause"] = asked("cause")
    if ids := asked.all("rfq_id"):
        try:
            which["rfq_ids"] = [str(UUID(rfq_id)) for rfq_id in ids]
        except ValueError:
            raise Refused("", "The form holds an invalid RFQ id.") from None
    return which


def query_of(which: dict[str, Any]) -> str:
    return urlencode({name: which[name] or "" for name in _NARROWING if name in which})


async def _state(console: Console, which: dict[str, Any]) -> dict[str, Any]:
    groups = await console.pages.control.failures()
    for one in groups:
        one["query"] = query_of({name: one[name] for name in GROUP})
        one["is_open"] = all(which.get(name, "") == one[name] for name in GROUP)
    shown = [one for one in groups if _fits(one, which)]
    return {
        "groups": groups, "total": sum(one["rfqs"] for one in groups), "fitting": sum(one["rfqs"] for one in shown),
        "rows": await console.pages.control.failed_rfqs(which, _SHOWN) if groups else [], "which": which,
        "query": query_of(which), "pairs": _hidden(which), "selection": selection_of(which), "most": _SHOWN,
    }  # fmt: skip


def _fits(group: dict[str, Any], which: dict[str, Any]) -> bool:
    by_cause = "cause" not in which or which["cause"] in (group["reason"], group["error_class"])
    return by_cause and all(which[name] == group[name] for name in GROUP if name in which)


def selection_of(which: dict[str, Any]) -> str:
    """Describes the selection in words."""
    parts = [words(which["cause"])] if "cause" in which else []
    parts += [words(which[name]) for name in ("reason", "error_class") if which.get(name)]
    parts = list(dict.fromkeys(parts))
    parts += [f"of {which['model'] or 'no model'}"] if "model" in which else []
    parts += [f"with {which['prompt_version'] or 'no prompt'}"] if "prompt_version" in which else []
    return ", ".join(parts)


async def failures(console: Console, request: Request, session: Session) -> Response:
    state = await _state(console, _narrowed(request))
    return console.page(
        session, "failures.html", page="dead", said=None, notice=notice_of(console, request, session), **state
    )


def _narrowed(request: Request) -> dict[str, Any]:
    which = chosen(Asked.of(request))
    which.pop("rfq_ids", None)
    return which


async def live(console: Console, request: Request, session: Session) -> Response:
    which = _narrowed(request)

    async def render(whose: dict[str, Any]) -> tuple[dict[str, str], float]:
        state = await _state(console, which)
        parts = {name: console.env.get_template(f"part_{name}.html").render(**whose, **state) for name in PARTS}
        return parts, _LOOK_SECONDS

    return in_common(console, session, ("failures", query_of(which)), render)


async def moved(_console: Console, _request: Request, _session: Session) -> Response:
    """Redirects from the old address of the page."""
    return RedirectResponse("/failures", 308)


async def export(console: Console, request: Request, session: Session) -> Response:
    """Exports codes, references and error texts of dead letters as CSV, and records the export in the audit.

    An error text may quote an answer, so the export needs the same role as answers.
    """
    which = _narrowed(request)
    dialect = dialect_of(request.headers.get("accept-language", ""))
    file = _lines(console, which, dialect)
    begun = [
        await anext(file),
        await anext(file),
    ]  # read before the reply starts, so that an error shows as a page and not as a broken file
    groups = await console.pages.control.failures()
    count = sum(one["rfqs"] for one in groups if _fits(one, which))
    await console.pages.control.note(session.actor, "export", {"list": "failures", **which, "rfqs": count})
    return csv_reply("failures", begun, file, dialect)


async def _lines(console: Console, which: dict[str, Any], dialect: Dialect) -> AsyncIterator[str]:
    """The lines of all dead letters. Reads one page at a time, to limit memory."""
    yield BYTE_ORDER_MARK + line(_EXPORT, dialect)
    after = None
    while True:
        rows = await console.pages.control.failed_after(which, _EXPORT_PAGE, after)
        yield "".join(line((_cell(row[name], dialect) for name in _EXPORT), dialect) for row in rows)
        if len(rows) < _EXPORT_PAGE:
            return
        after = rows[-1]["rfq_id"]


def _cell(value: Any, dialect: Dialect) -> str:
    if isinstance(value, int):
        return number_cell(value, dialect)
    return text_cell(None if value is None else value.isoformat() if isinstance(value, dt.datetime) else str(value))


# -- redrive and discard -----------------------------------------------------------------------------------------------


def _hidden(which: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        *((name, which[name] or "") for name in _NARROWING if name in which),
        *(("rfq_id", rfq_id) for rfq_id in which.get("rfq_ids", ())),
    ]


async def _form(console: Console, asked: Asked, title: str, submit: str, *, costs: bool) -> Form:
    which = chosen(asked)
    if "chosen" in asked and "rfq_ids" not in which:
        which["rfq_ids"] = []
    count, usd = await console.pages.control.count(which)
    about = selection_of(which) or ("selected by hand" if "rfq_ids" in which else "all")
    facts = [f"{rfqs(count, 'dead letters', 'dead letter')}: {about}."]
    if costs:
        facts += [
            "The cost is unknown, since no call has a known cost yet." if usd is None
            else f"One call for each RFQ costs about {money(usd)} (mean of the last 30 days); retries cost more.",
            "Each RFQ gets all its attempts again. If the cause persists, the RFQs fail again.",
        ]  # fmt: skip
    else:
        facts += ["The RFQs become skipped, with the reason discarded. You can still rerun them."]
    if not count:
        facts = ["Nothing is selected: choose at least one dead letter."]
    query = query_of(which)
    back = "/failures" + (f"?{query}" if query and "rfq_ids" in which else "")
    return Form(
        title, submit.format(count=f"{count:,}"), facts, fields=[why(asked)], hidden=_hidden(which),
        expected_count=count, back=back, page="dead", nothing=not count,
    )  # fmt: skip


async def _redrive_form(console: Console, asked: Asked) -> Form:
    return await _form(console, asked, "Redrive dead letters", "Redrive {count}", costs=True)


async def _discard_form(console: Console, asked: Asked) -> Form:
    return await _form(console, asked, "Discard dead letters", "Discard {count}", costs=False)


def _number(done: Done, expected: int | None) -> int:
    if done.done is None:
        raise Refused(
            "",
            f"The count changed from {expected or 0:,} to {done.chosen:,}: check the list, and confirm again.",
            CHANGED,
        )
    return done.done


def _expected_count(asked: Asked) -> int:
    return -1 if asked.expected_count is None else asked.expected_count


async def _redrive(console: Console, asked: Asked, actor: str) -> str:
    expected = _expected_count(asked)
    done = await console.pages.control.redrive(chosen(asked), expected, actor, asked.reason)
    count = _number(done, asked.expected_count)
    return f"{rfqs(count, 'dead letters are', 'dead letter is')} due again."


async def _discard(console: Console, asked: Asked, actor: str) -> str:
    expected = _expected_count(asked)
    done = await console.pages.control.discard(chosen(asked), expected, actor, asked.reason)
    count = _number(done, asked.expected_count)
    stay = (
        f" {rfqs(expected - count, 'others stay', 'other stays')}: a row is locked, or the table refuses the update."
        if expected > count
        else ""
    )
    return f"{rfqs(count, 'dead letters are', 'dead letter is')} discarded.{stay}"


OPERATIONS = {
    "redrive": Operation(_redrive_form, _redrive),
    "discard": Operation(_discard_form, _discard),
}
