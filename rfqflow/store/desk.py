"""The desk's data: answers as people read them, people's actions, and the list of RFQs."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.core.text.reading import Reading
from rfqflow.store import desk_list
from rfqflow.store.desk_list import COUNT_MOST, EXPORT, SORTS, DeskFilter, DeskInbox, DeskRow, DeskTab, ValueRefused
from rfqflow.store.errors import fetched

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from rfqflow.database.reconnecting import QueryExecutor

__all__ = [
    "COUNT_MOST", "SORTS", "ChangedMeanwhile", "DeskAnswer", "DeskFilter", "DeskInbox", "DeskRow", "DeskStore",
    "DeskTab",
]  # fmt: skip
_JSON = ("items", "checks", "corrections", "budget")
_LISTS = ("tags", "certificates", "missing")
_STEP = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")
_ANSWER = """
select a.*, r.message, r.ai_summary, r.ai_urgency, r.ai_tags, r.ai_route, r.ai_extracted::text as extracted,
  (select u.output::text from ai.rag_runs u
    where u.rfq_id = a.rfq_id and u.status = 'succeeded' and u.output is not null
    order by u.created_at desc, u.run_id desc limit 1) as output
from ai.rfq_answer a join ai.rfqs r on r.rfq_id = a.rfq_id
where a.rfq_id = $1
"""


class ChangedMeanwhile(RfqflowError):
    """Another person changed the RFQ after the form was shown, so the action did nothing.

    `version` is the current version.
    """

    def __init__(self, by: str, at: dt.datetime | None, what: str, version: str) -> None:
        super().__init__(f"{by} changed this RFQ meanwhile: {what}")
        self.by, self.at, self.what, self.version = by, at, what, version


def changed_meanwhile(error: asyncpg.PostgresError) -> ChangedMeanwhile:
    """The error for the change that the database reports in DETAIL."""
    change = json.loads(error.detail or "{}")
    at = dt.datetime.fromisoformat(change["at"]) if change.get("at") else None
    return ChangedMeanwhile(change.get("by") or "", at, change.get("what") or "", change.get("version") or "")


@dataclass(frozen=True, slots=True)
class DeskAnswer:
    """An answer as people read it, and the model's values beside people's corrections.

    Each of `line_items` has its `path`, and amounts as decimal texts. `taken_out` has, by path, the model's values that
    the text contradicts.
    """

    rfq_id: UUID
    version: str
    created_at: dt.datetime | None
    status: str | None
    reason: str | None
    summary: str | None
    route: str | None
    route_source: str | None
    urgency: str | None
    tags: tuple[str, ...]
    line_items: tuple[dict[str, Any], ...]
    due_date: dt.date | None
    due_date_derived: dt.date | None
    due_date_text: str | None
    quote_deadline: dt.date | None
    delivery_place: str | None
    incoterm: str | None
    budget: Mapping[str, str] | None
    certificates: tuple[str, ...]
    missing: tuple[str, ...]
    language: str | None
    intent: str | None
    checks: Mapping[str, Mapping[str, Any]]
    corrections: tuple[Mapping[str, Any], ...]
    review: str | None
    state: str
    owner: str | None
    confirmed: bool
    confirmed_by: str | None
    confirmed_at: dt.datetime | None
    note: str | None
    prompt_version: str | None
    model: str | None
    confidence: float | None
    updated_at: dt.datetime | None
    ai_route: str | None
    ai_values: Mapping[str, Any]
    taken_out: Mapping[str, str]
    message_lines: tuple[tuple[int, str], ...]


def _at(output: Any, path: str) -> Any:
    """The value at a path of an answer's JSON."""
    for step in path.split("."):
        found = _STEP.fullmatch(step)
        if found is None or not isinstance(output, dict):
            return None
        output = output.get(found[1])
        if found[2] is not None:
            place = int(found[2])
            output = output[place] if isinstance(output, list) and place < len(output) else None
    return output


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _answer(row: Mapping[str, Any]) -> DeskAnswer:
    found = dict(row)
    for name in _JSON:
        found[name] = json.loads(found[name]) if found[name] is not None else None
    for name in _LISTS:
        found[name] = tuple(found[name] or ())
    output = json.loads(found.pop("output") or "{}")
    values = json.loads(found.pop("extracted") or "{}")
    values |= {name: found.pop(f"ai_{name}") for name in ("summary", "urgency", "tags")}
    checks = found["checks"] or {}
    taken_out = output.get("taken_out") or {}  # the form in which runs store it
    said = {
        path: taken_out.get(path) or _at(output, path)
        for path, one in checks.items()
        if one.get("verdict") == "contradicted"
    }
    return DeskAnswer(
        **{name: value for name, value in found.items() if name not in ("message", "items", "checks", "corrections")},
        # Skip items that are not JSON objects: a role of the application may write to the column of the answer.
        line_items=tuple(one for one in found["items"] or () if isinstance(one, dict)),
        checks=checks, corrections=tuple(found["corrections"] or ()),
        ai_values=values, taken_out={path: _written(value) for path, value in said.items() if value is not None},
        message_lines=tuple((line.number, line.text) for line in Reading.of(found["message"] or "").lines),
    )  # fmt: skip


class DeskStore:
    """Queries and actions of the desk.

    An action raises ConfigError if it is impossible, and `ChangedMeanwhile` if its version is out of date.
    """

    def __init__(self, conn: asyncpg.Connection | QueryExecutor) -> None:
        self._conn = conn

    async def _rows(self, statement: str, *args: Any) -> list[dict[str, Any]]:
        try:
            return [dict(row) for row in await fetched(self._conn, statement, *args)]
        except (asyncpg.DataError, UnicodeEncodeError) as error:  # such as NUL, half of a surrogate pair, NaN in JSON
            raise ValueRefused(f"the database cannot store that: {str(error)[:200]}") from None

    async def refresh(self) -> bool:
        """Adds newly finished RFQs to the list. False: more RFQs are left, or another session is adding them now."""
        return bool((await self._rows("select ai.refresh_desk() as done"))[0]["done"])

    async def tabs(self) -> list[DeskTab]:
        await self.refresh()
        return await desk_list.tabs(self._rows)

    async def inbox(
        self, asked: DeskFilter, sort: str = "urgency", after: str | None = None, limit: int = 50
    ) -> DeskInbox:
        """A page of the list. `sort`: one of SORTS, with - in front to reverse the order."""
        fresh = after is not None or await self.refresh()
        return await desk_list.inbox(self._rows, asked, sort, after, limit, fresh=fresh)

    async def page_of_ids(
        self, asked: DeskFilter, sort: str, after: str | None, limit: int
    ) -> tuple[list[UUID], str | None]:
        """The RFQ ids of a page, and the cursor of the next page, or None at the end."""
        if after is None:
            await self.refresh()
        ids, more, _ = await desk_list.page_of_ids(self._rows, asked, sort, after, limit)
        return ids, more

    async def exported(self, rfq_ids: list[UUID], *, per_item: bool) -> list[dict[str, Any]]:
        """The values of these RFQs for an export, in the order of the ids. `lines` is JSON."""
        return await self._rows(EXPORT, rfq_ids, per_item)

    async def note_export(self, actor: str, asked: Mapping[str, Any]) -> None:
        """Records in the audit who exported which part of the list."""
        statement = "select ai.record_action($1, 'export', null, $2::text::jsonb)"
        await self._rows(statement, actor, json.dumps(dict(asked)))

    async def neighbours(
        self, rfq_id: UUID, asked: DeskFilter, sort: str = "urgency"
    ) -> tuple[UUID | None, UUID | None]:
        """The RFQs before and after this one."""
        return await desk_list.neighbours(self._rows, rfq_id, asked, sort)

    async def answer(self, rfq_id: UUID) -> DeskAnswer | None:
        """The answer to an RFQ. None if the RFQ does not exist."""
        rows = await self._rows(_ANSWER, rfq_id)
        return _answer(rows[0]) if rows else None

    async def standing(self, rfq_id: UUID) -> tuple[str, list[dict[str, Any]]]:
        """The RFQ's version and its active corrections, including corrections of lines that no longer exist."""
        rows = await self._rows("select version, corrections::text from ai.rfq_answer where rfq_id = $1", rfq_id)
        if not rows:
            raise ConfigError(f"RFQ {rfq_id} not found")
        return rows[0]["version"], json.loads(rows[0]["corrections"])

    async def history(self, rfq_id: UUID) -> list[dict[str, Any]]:
        """All actions on an RFQ, newest first: created_at, actor, action, what, reason."""
        return await self._rows(
            "select created_at, actor, action, what, reason from ai.desk_history where rfq_id = $1 "
            "order by entry_id desc limit 200",
            rfq_id,
        )

    async def correct(
        self,
        rfq_id: UUID,
        changes: Mapping[str, Any],
        actor: str | None,
        *,
        reason: str | None = None,
        version: str | None = None,
    ) -> str:
        """Sets fields by their paths (see `ai.correct_rfq`). Returns the RFQ's new version, as each action does."""
        return await self._did(
            "select ai.correct_rfq($1, $2::text::jsonb, $3, $4, $5) as version",
            rfq_id, json.dumps(dict(changes)), actor, reason, version,
        )  # fmt: skip

    async def withdraw(
        self, rfq_id: UUID, path: str, actor: str | None, *, reason: str | None = None, version: str | None = None
    ) -> str:
        statement = "select ai.withdraw_correction($1, $2, $3, $4, $5) as version"
        return await self._did(statement, rfq_id, path, actor, reason, version)

    async def confirm(self, rfq_id: UUID, actor: str | None, *, version: str | None = None) -> str:
        return await self._did("select ai.confirm_rfq($1, $2, $3) as version", rfq_id, actor, version)

    async def clear_review(self, rfq_id: UUID, actor: str | None, *, version: str | None = None) -> str:
        return await self._did("select ai.clear_review($1, $2, $3) as version", rfq_id, actor, version)

    async def assign(self, rfq_id: UUID, owner: str | None, actor: str | None, *, version: str | None = None) -> str:
        return await self._did("select ai.assign_rfq($1, $2, $3, $4) as version", rfq_id, owner, actor, version)

    async def reassign(
        self,
        rfq_id: UUID,
        route: str | None,
        actor: str | None,
        *,
        reason: str | None = None,
        version: str | None = None,
    ) -> str:
        """Sets the route by hand. None restores the model's route."""
        statement = "select ai.reassign_rfq($1, $2, $3, $4, $5) as version"
        return await self._did(statement, rfq_id, route, actor, reason, version)

    async def handle(self, rfq_id: UUID, actor: str | None, *, version: str | None = None) -> str:
        return await self._did("select ai.handle_rfq($1, $2, $3) as version", rfq_id, actor, version)

    async def reopen(self, rfq_id: UUID, actor: str | None, *, version: str | None = None) -> str:
        return await self._did("select ai.reopen_rfq($1, $2, $3) as version", rfq_id, actor, version)

    async def note(self, rfq_id: UUID, text: str | None, actor: str | None, *, version: str | None = None) -> str:
        return await self._did("select ai.note_rfq($1, $2, $3, $4) as version", rfq_id, text, actor, version)

    async def _did(self, statement: str, *args: Any) -> str:
        try:
            rows = await self._rows(statement, *args)
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF011":
                raise changed_meanwhile(error) from None
            if error.sqlstate in ("RF004", "RF012"):
                raise ConfigError(error.message + (f": {error.hint}" if error.hint else "")) from None
            raise
        return str(rows[0]["version"])
