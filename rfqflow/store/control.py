"""Queries and actions of the console's control room and of its failures page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg

from rfqflow.core.errors import ConfigError
from rfqflow.store.errors import fetched

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from rfqflow.database.reconnecting import QueryExecutor

_AT_ONCE = 500
GROUP = ("reason", "error_class", "provider", "model", "prompt_version")


class Done(NamedTuple):
    """The result of a bulk action. `done` is None if `chosen` differs from the number that the person confirmed.

    Then nothing was changed.
    """

    chosen: int
    done: int | None


class ControlStore:
    """The queries and actions. Each method raises RfqflowError with a remedy if the database refuses."""

    def __init__(self, lines: asyncpg.Connection | QueryExecutor) -> None:
        self._lines = lines

    async def _rows(self, statement: str, *args: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await fetched(self._lines, statement, *args)]

    async def _named(self, statement: str, *args: Any) -> list[dict[str, Any]]:
        """Runs the statement. Turns the database's error about an unknown name into ConfigError."""
        try:
            return await self._rows(statement, *args)
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF004":
                raise ConfigError(error.message + (f": {error.hint}" if error.hint else "")) from None
            raise

    # -- dead letters --------------------------------------------------------------------------------------------------

    async def failures(self) -> list[dict[str, Any]]:
        """Dead letters by cause, model and prompt, the most frequent first, with the latest error text."""
        return await self._rows(
            "with newest as materialized ("
            "select distinct on (d.reason, d.error_class, d.provider, d.model, d.prompt_version) "
            "d.reason, d.error_class, d.provider, d.model, d.prompt_version, d.rfq_id, d.discarded_at "
            "from ai.dead_letters d "
            "order by d.reason, d.error_class, d.provider, d.model, d.prompt_version, d.discarded_at desc) "
            "select g.*, r.meaning, r.remedy, u.error_detail as sample, n.rfq_id as sample_rfq_id "
            "from ai.dead_letter_groups g "
            "join newest n on n.reason = g.reason and (n.error_class, n.provider, n.model, n.prompt_version) "
            "is not distinct from (g.error_class, g.provider, g.model, g.prompt_version) "
            "left join lateral (select q.meaning, q.remedy from ai.reasons q where q.kind = 'reason' "
            "and q.status = 'failed' and q.code in (g.reason, g.error_class) "
            "order by q.code <> g.reason limit 1) r on true "
            "left join lateral (select x.error_detail from ai.rag_runs x where x.rfq_id = n.rfq_id "
            "and x.created_at between n.discarded_at - interval '1 hour' and n.discarded_at + interval '1 hour' "
            "order by x.created_at desc, x.run_id desc limit 1) u on true "
            "order by g.rfqs desc, g.reason, g.error_class, g.model, g.prompt_version limit 200"
        )

    async def failed_rfqs(self, which: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """The newest dead letters that match `which`.

        `which` is as in `ai.choose_dead_letters`, without `since`, `until` and `rfq_ids`.
        """
        return await self._failed(which, limit, None, "d.discarded_at desc, d.rfq_id")

    async def failed_after(self, which: Mapping[str, Any], limit: int, after: UUID | None) -> list[dict[str, Any]]:
        """A page of all dead letters that match `which`, in the order of their ids, which an index gives."""
        return await self._failed(which, limit, after, "d.rfq_id")

    async def _failed(
        self, which: Mapping[str, Any], limit: int, after: UUID | None, order: str
    ) -> list[dict[str, Any]]:
        return await self._rows(
            "select d.*, r.company, r.name, left(r.message, 160) as beginning, u.error_detail from ai.dead_letters d "
            "left join ai.rfqs r on r.rfq_id = d.rfq_id "
            "left join lateral (select x.error_detail from ai.rag_runs x where x.rfq_id = d.rfq_id "
            "and x.created_at between d.discarded_at - interval '1 hour' and d.discarded_at + interval '1 hour' "
            "order by x.created_at desc, x.run_id desc limit 1) u on true "
            "where (not $1::jsonb ? 'cause' or $1 ->> 'cause' in (d.reason, d.error_class)) "
            "and (not $1 ? 'reason' or d.reason = $1 ->> 'reason') "
            "and (not $1 ? 'error_class' or d.error_class is not distinct from $1 ->> 'error_class') "
            "and (not $1 ? 'provider' or d.provider is not distinct from $1 ->> 'provider') "
            "and (not $1 ? 'model' or d.model is not distinct from $1 ->> 'model') "
            "and (not $1 ? 'prompt_version' or d.prompt_version is not distinct from $1 ->> 'prompt_version') "
            f"and ($3::uuid is null or d.rfq_id > $3) order by {order} limit $2",
            json.dumps(dict(which)), limit, after,
        )  # fmt: skip

    async def redrive(self, which: Mapping[str, Any], expected: int, actor: str | None, why: str | None) -> Done:
        return await self._ended("select * from ai.redrive_dead_letters($1, $2, $3, $4)", which, expected, actor, why)

    async def discard(self, which: Mapping[str, Any], expected: int, actor: str | None, why: str | None) -> Done:
        return await self._ended("select * from ai.discard_dead_letters($1, $2, $3, $4)", which, expected, actor, why)

    async def _ended(
        self, statement: str, which: Mapping[str, Any], expected: int, actor: str | None, why: str | None
    ) -> Done:
        """Processes many dead letters in parts, so that the application never waits for a long transaction."""
        if expected <= _AT_ONCE:
            row = (await self._rows(statement, json.dumps(dict(which)), expected, actor, why))[0]
            return Done(row["chosen"], row["done"])
        rows = await self._rows("select ai.choose_dead_letters($1)::text[] as ids", json.dumps(dict(which)))
        ids: list[str] = rows[0]["ids"]
        if len(ids) != expected:
            return Done(len(ids), None)
        done = 0
        for start in range(0, len(ids), _AT_ONCE):
            part = {**which, "rfq_ids": ids[start : start + _AT_ONCE]}
            done += (await self._rows(statement, json.dumps(part), None, actor, why))[0]["done"]
        return Done(len(ids), done)

    async def count(self, which: Mapping[str, Any]) -> tuple[int, Any]:
        """The number of dead letters that match, and the cost of a retry of all of them. None: the cost is unknown."""
        rows = await self._rows(
            "select cardinality(c.ids) as rfqs, (cardinality(c.ids) - (select count(*) from ai.dead_letters x "
            "where x.rfq_id = any (c.ids) and 'write_refused' in (x.reason, x.error_class))) "
            "* ai.expected_call_usd() as usd from (select ai.choose_dead_letters($1) as ids) c",
            json.dumps(dict(which)),
        )
        return rows[0]["rfqs"], rows[0]["usd"]

    async def call_usd(self) -> Any:
        """The estimated cost of one call. None: the cost is unknown."""
        return (await self._rows("select ai.expected_call_usd() as usd"))[0]["usd"]

    # -- RFQs that wait ------------------------------------------------------------------------------------------------

    async def reasons(self) -> list[dict[str, Any]]:
        return await self._rows(
            "select q.*, r.meaning from ai.queue_reasons q left join ai.reasons r on r.kind = 'reason' "
            "and r.code = q.reason and r.status = q.status order by q.rfqs desc, q.reason"
        )

    async def waiting_for(self, reason: str) -> int:
        """The number of RFQs that wait for this reason. The count stops at 1,001."""
        return int((await self._rows("select rfqs from ai.deferred_for($1)", reason))[0]["rfqs"])

    async def try_now(self, reason: str, actor: str, why: str | None) -> int:
        return int((await self._rows("select ai.try_deferred($1, $2, $3) as woken", reason, actor, why))[0]["woken"])

    async def enqueue_missed(self, actor: str, why: str | None) -> int:
        rows = await self._rows(
            "select d.done, ai.record_action($1, 'enqueue_missed', null, "
            "jsonb_build_object('enqueued', d.done, 'reason', $2::text)) from (select ai.enqueue_missed() as done) d",
            actor, why,
        )  # fmt: skip
        return int(rows[0]["done"])

    async def mode_changes(self) -> int:
        """The number of pauses, resumes and detachments so far. It changes if the mode has changed meanwhile."""
        rows = await self._rows("select count(*) as changes from ai.policy_history where key = 'mode'")
        return int(rows[0]["changes"])

    async def missed(self) -> int:
        return int((await self._rows("select missed from ai.queue_status"))[0]["missed"])

    async def older(self) -> int:
        """The number of RFQs that are older than the installation and not yet enqueued, as `ai.health` counts them."""
        rows = await self._rows(
            "select coalesce(max(count), 0)::bigint as rfqs from ai.health where code = 'older_rfqs'"
        )
        return int(rows[0]["rfqs"])

    async def backfill(self, after: UUID | None, limit: int, per_minute: int) -> tuple[UUID | None, int]:
        """Runs one step of the backfill. Returns its last id, or None at the end, and the number of enqueued RFQs."""
        rows = await self._rows(
            "select last_id, enqueued from ai.backfill_rfqs($1, $2, null, $3)", limit, after, per_minute
        )
        return rows[0]["last_id"], rows[0]["enqueued"]

    async def note(self, actor: str, action: str, detail: Mapping[str, Any]) -> None:
        await self._rows("select ai.record_action($1, $2, null, $3)", actor, action, json.dumps(dict(detail)))

    async def ended_by_minute(self, first: datetime) -> list[dict[str, Any]]:
        """By minute from `first` on: the RFQs that finished for the first time."""
        return await self._rows(
            "select date_trunc('minute', created_at) as minute, count(*) filter (where end_status = 'done') as done, "
            "count(*) filter (where end_status = 'skipped') as skipped, "
            "count(*) filter (where end_status = 'failed') as failed "
            "from ai.rag_runs where created_at >= $1 and end_status is not null group by 1",
            first,
        )

    # -- webhooks and maintenance --------------------------------------------------------------------------------------

    async def webhooks(self) -> list[dict[str, Any]]:
        return await self._rows("select * from ai.webhook_status order by webhook")

    async def test_webhook(self, webhook: str, actor: str) -> int:
        return int((await self._named("select ai.test_webhook($1, $2) as id", webhook, actor))[0]["id"])

    async def retry_webhook(self, webhook: str, actor: str, why: str | None) -> int:
        rows = await self._named("select ai.retry_webhook($1, $2, $3) as messages", webhook, actor, why)
        return int(rows[0]["messages"])

    async def turn_webhook(self, webhook: str, actor: str, why: str | None, *, on: bool) -> None:
        await self._named("select ai.set_webhook_active($1, $2, $3, $4)", webhook, on, actor, why)

    async def webhook_messages(self, webhook: str) -> list[dict[str, Any]]:
        """The latest messages of a webhook, with their results."""
        return await self._rows(
            "select id, kind, happened_at, due_at, attempts, last_status, ended_at, is_delivered "
            "from ai.webhook_outbox where webhook = $1 order by id desc limit 20",
            webhook,
        )

    async def maintenance(self) -> list[dict[str, Any]]:
        return await self._rows("select * from ai.maintenance_status order by step")
