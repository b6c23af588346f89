"""Queries and actions of operators, for commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.core.rules_version import RULES_VERSION
from rfqflow.store.errors import fetched
from rfqflow.store.related import RelatedStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from rfqflow.database.reconnecting import QueryExecutor


class OperatorStore:
    """Queries and actions of operators. Raises RfqflowError with a remedy if the database refuses."""

    def __init__(self, conn: asyncpg.Connection | QueryExecutor) -> None:
        self._conn = conn
        self.related = RelatedStore(conn)

    async def _rows(self, statement: str, *args: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await fetched(self._conn, statement, *args)]

    async def health(self) -> list[dict[str, Any]]:
        """The findings, most severe first: severity, code, sentence, count, since, remedy."""
        return await self._rows("select * from ai.health")

    async def queue(self) -> dict[str, Any]:
        return (await self._rows("select * from ai.queue_status"))[0]

    async def workers(self) -> list[dict[str, Any]]:
        return await self._rows("select * from ai.worker_status order by worker")

    async def by_status(self) -> dict[str, int]:
        """The number of RFQs of the last 24 hours, by status."""
        rows = await self._rows(
            "select coalesce(ai_status, 'older') as status, count(*) as rfqs from ai.rfq_status "
            "where created_at > now() - interval '1 day' group by 1 order by 1"
        )
        return {row["status"]: row["rfqs"] for row in rows}

    async def runs_today(self) -> dict[str, int]:
        """The number of runs of this UTC day, by status. Reads only the roll-up and the newest runs."""
        rows = await self._rows(
            "select status, sum(runs)::bigint as runs from ai.run_daily_counts "
            "where day = (now() at time zone 'UTC')::date group by 1 order by 1"
        )
        return {row["status"]: row["runs"] for row in rows}

    async def rfq(self, rfq_id: UUID) -> dict[str, Any] | None:
        rows = await self._rows("select * from ai.rfq_status where rfq_id = $1", rfq_id)
        return rows[0] if rows else None

    async def cause(self, rfq_id: UUID) -> dict[str, Any] | None:
        """Why the RFQ waits, has failed or was skipped, and what to do. None if it has an answer."""
        rows = await self._rows("select * from ai.cause_of($1)", rfq_id)
        return rows[0] if rows else None

    async def rfqs_there(self, rfq_ids: Sequence[UUID]) -> set[UUID]:
        """The ids among these of RFQs that exist."""
        rows = await self._rows("select r.rfq_id from ai.rfq_status r where r.rfq_id = any ($1)", list(rfq_ids))
        return {row["rfq_id"] for row in rows}

    async def referenced(self, reference: str, limit: int) -> list[UUID]:
        """RFQs with this reference of the application. Several RFQs may have the same reference.

        Raises:
            RfqflowError: the database refuses, or the table is too large to search without an index on the reference.
        """
        try:
            rows = await self._rows("select ai.rfqs_by_reference($1, $2) as ids", reference, limit)
        except (TimeoutError, asyncpg.QueryCanceledError):
            raise RfqflowError(
                f"the reference {reference} was not found in time, since the table has no index on it. Name "
                "the RFQ by its id, or create an index: create index concurrently on TABLE (REFERENCE)"
            ) from None
        return list(rows[0]["ids"])

    async def versions_ahead(self, provider: str) -> list[str]:
        """The prompt versions that RFQs would get now. For answers of the rules, it is the version of the rules.

        `provider`: the provider of this environment, which counts if no worker runs. During a canary the list is empty,
        since the claim decides the version.
        """
        rows = await self._rows(
            "select p.value #>> '{}' as active, coalesce(c.value #>> '{}', '') as canary, "
            "array(select distinct w.provider from ai.worker_status w) as providers "
            "from ai.policy p left join ai.policy c on c.key = 'canary_prompt' where p.key = 'active_prompt'"
        )
        if not rows or rows[0]["canary"]:
            return []
        providers = set(rows[0]["providers"])
        by_rules = providers == {"rules"} or (not providers and provider == "rules")
        return [rows[0]["active"]] * (providers != {"rules"}) + [RULES_VERSION] * by_rules

    async def unchanged(self, rfq_ids: Sequence[UUID], versions: Sequence[str]) -> list[UUID]:
        """The RFQs whose current text has an accepted answer of one of these versions."""
        rows = await self._rows(
            "select r.rfq_id from ai.rfqs r where r.rfq_id = any ($1) "
            "and r.ai_prompt_version = any ($2) and r.ai_content_sha256 = r.content_sha256",
            list(rfq_ids), list(versions),
        )  # fmt: skip
        return [row["rfq_id"] for row in rows]

    async def skip_reasons(self) -> list[str]:
        rows = await self._rows(
            "select code from ai.reasons where kind = 'reason' and status = 'skipped' order by code"
        )
        return [row["code"] for row in rows]

    async def knows_prompt(self, version: str) -> bool:
        """Whether this prompt version exists, or an accepted answer has it.

        Answers may outlive their prompt version, and the rules' version is not stored as a prompt.
        """
        rows = await self._rows(
            "select exists (select from ai.prompts p where p.version = $1) or $1 like 'rules@%' "
            "or exists (select from ai.rfqs r where r.ai_prompt_version = $1) as known",
            version,
        )
        return bool(rows[0]["known"])

    async def runs(self, rfq_id: UUID) -> list[dict[str, Any]]:
        rows = await self._rows(
            "select run_id, created_at, worker, attempt, claim_id, status, reason, error_class, error_detail, "
            "provider, model, prompt_version, confidence, input_tokens, cached_input_tokens, output_tokens, "
            "reasoning_tokens, service_tier, parameters::text, cost_usd, cost_source, booked_usd, queue_ms, "
            "latency_ms, request_id from ai.rag_runs where rfq_id = $1 order by created_at, run_id",
            rfq_id,
        )
        return [{**row, "parameters": json.loads(row["parameters"]) if row["parameters"] else None} for row in rows]

    async def answer(self, rfq_id: UUID) -> dict[str, Any]:
        rows = await self._rows(
            "select request_id, ai_status, ai_reason, ai_review, ai_summary, ai_tags, ai_route, ai_urgency, "
            "ai_confidence, ai_extracted from ai.rfqs where rfq_id = $1",
            rfq_id,
        )
        if not rows:
            return {}
        found = rows[0]
        found["ai_extracted"] = json.loads(found["ai_extracted"]) if found["ai_extracted"] else None
        return found

    async def latest(self, limit: int) -> list[dict[str, Any]]:
        return await self._rows(
            "select rfq_id, company, ai_status, ai_route, ai_urgency, ai_confidence, ai_review, ai_tags, ai_summary, "
            "jsonb_array_length(coalesce(ai_extracted -> 'line_items', '[]')) as line_items, "
            "case when isfinite(created_at) then extract(epoch from ai_updated_at - created_at)::float8 * 1000 end "
            "as end_ms "
            "from ai.rfqs order by created_at, rfq_id limit $1",
            limit,
        )

    async def rerun(self, rfq_ids: Sequence[UUID], *, force: bool) -> int:
        """Makes RFQs due. Returns their number, without RFQs that are already queued or do not exist."""
        return int((await self._rows("select ai.rerun_rfqs($1, $2) as done", list(rfq_ids), force))[0]["done"])

    async def ended(
        self,
        *,
        among: Sequence[UUID] | None = None,
        failed: bool = False,
        skipped: str | None = None,
        since: datetime | None = None,
        prompt_version: str | None = None,
    ) -> list[UUID]:
        """Finished RFQs that match the conditions, oldest first. `among`: only these RFQs.

        `failed` and `skipped` each add RFQs to the selection. `since` (the time of the insert) and `prompt_version` (of
        the accepted answer) narrow the selection.
        """
        rows = await self._rows(
            "with found as materialized ("
            "select r.rfq_id from ai.rfqs r left join ai.outbox_dead x on x.rfq_id = r.rfq_id "
            "where ($1::uuid[] is null or r.rfq_id = any ($1)) "
            "and case when $2::boolean or $3::text is not null "
            "then ($2 and x.rfq_id is not null) or (r.ai_status = 'skipped' and r.ai_reason = $3) "
            "else $1 is not null or x.rfq_id is not null or r.ai_status in ('done', 'skipped', 'failed') end "
            "and ($5::text is null or r.ai_prompt_version = $5)) "
            "select f.rfq_id from found f "
            "left join ai.rfq_times(array(select rfq_id from found)) t on t.rfq_id = f.rfq_id "
            "where $4::timestamptz is null or t.created_at >= $4 order by t.created_at, f.rfq_id",
            among, failed, skipped, since, prompt_version,
        )  # fmt: skip
        return [row["rfq_id"] for row in rows]

    async def backfill(
        self, limit: int, after: UUID | None, since: datetime | None, per_minute: int
    ) -> tuple[UUID | None, int, int]:
        """Runs one step of the backfill. Returns its last id, and the numbers of RFQs that it checked and enqueued."""
        rows = await self._rows(
            "select last_id, looked_at, enqueued from ai.backfill_rfqs($1, $2, $3, $4)",
            limit, after, since, per_minute,
        )  # fmt: skip
        return rows[0]["last_id"], rows[0]["looked_at"], rows[0]["enqueued"]

    async def rfqs_estimated(self) -> int:
        """The estimated number of RFQs, from the server's statistics."""
        rows = await self._rows(
            "select greatest(sum(c.reltuples), 0)::bigint as rfqs from pg_class c "
            "cross join (select to_regclass(m.table_name) as table_id from ai.table_mapping m) m "
            "where c.oid = m.table_id "
            "or c.oid in (select t.relid from pg_partition_tree(m.table_id) t where t.isleaf)"
        )
        return int(rows[0]["rfqs"] or 0)

    async def override(self, rfq_id: UUID, route: str, actor: str | None, reason: str | None) -> int:
        """Sets an override. Returns its id.

        Raises:
            RfqflowError: the RFQ or the route does not exist.
        """
        rows = await self._named("select ai.override_rfq($1, $2, $3, $4) as id", rfq_id, route, actor, reason)
        return int(rows[0]["id"])

    async def withdraw_override(self, rfq_id: UUID, actor: str | None, reason: str | None) -> bool:
        """Withdraws the override. Returns False if there is no override.

        Raises:
            RfqflowError: the RFQ does not exist.
        """
        rows = await self._named("select ai.withdraw_override($1, $2, $3) as done", rfq_id, actor, reason)
        return bool(rows[0]["done"])

    async def overrides(self, rfq_id: UUID) -> list[dict[str, Any]]:
        return await self._rows(
            "select override_id, route, actor, reason, created_at, ai_route, ai_model, ai_prompt_version, "
            "withdrawn_at, withdrawn_by, withdrawn_reason from ai.overrides where rfq_id = $1 order by override_id",
            rfq_id,
        )

    async def _named(self, statement: str, *args: Any) -> list[dict[str, Any]]:
        """Runs the statement. Turns the database's error about an unknown name into RfqflowError."""
        try:
            return await self._rows(statement, *args)
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF004":
                raise RfqflowError(error.message + (f": {error.hint}" if error.hint else "")) from None
            raise

    async def pause(self, actor: str | None, reason: str | None) -> None:
        await self._rows("select ai.pause($1, $2)", actor, reason)

    async def resume(self, actor: str | None, reason: str | None) -> None:
        await self._rows("select ai.resume($1, $2)", actor, reason)

    async def policy(self) -> list[dict[str, Any]]:
        rows = await self._rows("select key, value, unit, default_value, description from ai.policy order by key")
        return [
            {**row, "value": json.loads(row["value"]), "default_value": json.loads(row["default_value"])}
            for row in rows
        ]

    async def set_policy(self, key: str, value: Any, actor: str | None, reason: str | None) -> Any:
        """Sets the policy. Returns the old value.

        Raises:
            ConfigError: the key does not exist, or the value is out of range.
        """
        try:
            rows = await self._rows(
                "select ai.set_policy($1, $2, $3, $4) as old", key, json.dumps(value), actor, reason
            )
        except asyncpg.CheckViolationError as error:
            if error.constraint_name is None:  # the value names an object that does not exist
                raise ConfigError(error.message + (f": {error.hint}" if error.hint else "")) from None
            raise ConfigError(f"{key} takes {await self._allowed(key)}") from None
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF004":
                raise ConfigError(f"policy {key} not found: see `rfqflow policy`") from None
            raise
        return json.loads(rows[0]["old"])

    async def _allowed(self, key: str) -> str:
        """The allowed values of a policy, in words."""
        row = (
            await self._rows(
                "select kind, minimum, maximum, choices, is_whole, unit from ai.policy where key = $1", key
            )
        )[0]
        if row["choices"]:
            return ", ".join(row["choices"])
        if row["kind"] != "number":
            return "a word or a text"
        kind = "a whole number" if row["is_whole"] else "a number"
        return f"{kind} from {row['minimum']:f} to {row['maximum']:f}" + (f" ({row['unit']})" if row["unit"] else "")

    async def model_prices(self) -> list[dict[str, Any]]:
        """The current prices that operators have set, by provider, model and service tier."""
        return await self._rows(
            "select distinct on (provider, model, service_tier) provider, model, service_tier, input_usd_per_million, "
            "cached_input_usd_per_million, output_usd_per_million from ai.model_prices "
            "where valid_from <= now() order by provider, model, service_tier, valid_from desc"
        )

    async def model_parameters(self) -> list[dict[str, Any]]:
        """The parameters of calls that operators have set."""
        return await self._rows("select * from ai.model_parameters")

    async def routes(self) -> list[dict[str, Any]]:
        return await self._rows(
            "select slug, description, keywords, is_fallback from ai.routes where is_active order by slug"
        )

    # -- prompts -------------------------------------------------------------------------------------------------------

    async def prompts(self) -> list[dict[str, Any]]:
        return await self._rows(
            "select p.version, p.created_at, p.created_by, p.note, encode(p.sha256, 'hex') as sha256, "
            "p.version = (select value #>> '{}' from ai.policy where key = 'active_prompt') as active "
            "from ai.prompts p order by p.name, p.number"
        )

    async def prompt(self, version: str | None) -> dict[str, Any]:
        """The prompt with this version, or without `version` the active prompt.

        Raises:
            ConfigError: the version does not exist.
        """
        rows = await self._rows(
            "select version, name, number, system, template, parameters::text, created_at, created_by, note, "
            "encode(sha256, 'hex') as sha256 from ai.prompts where version = "
            "coalesce($1, (select value #>> '{}' from ai.policy where key = 'active_prompt'))",
            version,
        )
        if not rows:
            raise ConfigError(
                f"prompt {version} not found: see `rfqflow prompt list`" if version else
                "no prompt is active yet: `rfqflow run` registers the shipped prompt, `rfqflow prompt add` yours"
            )  # fmt: skip
        return {**rows[0], "parameters": json.loads(rows[0]["parameters"])}

    async def add_prompt(
        self, name: str, system: str, template: str, parameters: dict[str, Any], actor: str | None, note: str | None
    ) -> str:
        rows = await self._rows(
            "select ai.add_prompt($1, $2, $3, $4, $5, $6) as version",
            name, system, template, json.dumps(parameters), actor, note,
        )  # fmt: skip
        return str(rows[0]["version"])

    async def activate_prompt(self, version: str, actor: str | None, reason: str | None, *, force: bool = False) -> str:
        """Activates the version. Returns the version that was active before.

        Raises:
            ConfigError: the version does not exist.
            RfqflowError: the version has no evaluation, and `force` is not set.
        """
        try:
            rows = await self._rows("select ai.activate_prompt($1, $2, $3, $4) as old", version, actor, reason, force)
        except asyncpg.CheckViolationError:
            raise ConfigError(f"prompt {version} not found: see `rfqflow prompt list`") from None
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF006":
                raise RfqflowError(f"{error.message}: `{error.hint}`, or --force") from None
            raise
        return str(rows[0]["old"])

    async def rollback_prompt(self, actor: str | None, reason: str | None) -> str:
        """Activates the previous version again, and returns it. Raises ConfigError if there is no previous version."""
        try:
            rows = await self._rows("select ai.rollback_prompt($1, $2) as version", actor, reason)
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF004":
                raise ConfigError("no prompt was active before this one: see `rfqflow prompt list`") from None
            raise
        return str(rows[0]["version"])
