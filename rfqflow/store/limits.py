"""Budgets and breakers, for commands."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError
from rfqflow.core.prompting.prompt import PromptText
from rfqflow.core.records import Rfq
from rfqflow.store.operator import OperatorStore

if TYPE_CHECKING:
    from uuid import UUID


class Guards(OperatorStore):
    """Queries and actions for budgets and breakers. Raises RfqflowError with a remedy if the database refuses."""

    async def budgets(self) -> list[dict[str, Any]]:
        return await self._rows(
            "select * from ai.budget_status order by scope, array_position('{hour,day,month}', period)"
        )

    async def refuses_unpriced(self) -> bool:
        """Whether `ai.admit` refuses a call for an RFQ if the price is unknown."""
        rows = await self._rows(
            "select ai.refuses_unpriced(p.value #>> '{}', 'global') as refuses from ai.policy p "
            "where p.key = 'unknown_price'"
        )
        return bool(rows[0]["refuses"])

    async def text_of(self, rfq_id: UUID) -> Rfq | None:
        """The RFQ as a call would get it. None if the RFQ does not exist."""
        rows = await self._rows(
            "select message, company, case when isfinite(created_at) then created_at::date end as received "
            "from ai.rfqs where rfq_id = $1",
            rfq_id,
        )
        if not rows:
            return None
        return Rfq(
            rfq_id, str(rfq_id), rows[0]["message"] or "", company=rows[0]["company"], received=rows[0]["received"]
        )

    async def active_prompt(self) -> PromptText | None:
        """The active prompt; None before any daemon has registered one."""
        rows = await self._rows(
            "select name, number, system, template, parameters::text from ai.prompts "
            "where version = (select value #>> '{}' from ai.policy where key = 'active_prompt')"
        )
        if not rows:
            return None
        row = rows[0]
        return PromptText(row["name"], row["number"], row["system"], row["template"], json.loads(row["parameters"]))

    async def preview_budget(self, scope: str, period: str, cap_usd: Decimal | None) -> dict[str, Any]:
        """What would change with this cap.

        Raises:
            ConfigError: the scope does not exist.
        """
        try:
            rows = await self._rows("select ai.preview_budget($1, $2, $3)::text as found", scope, period, cap_usd)
        except asyncpg.CheckViolationError as error:
            raise ConfigError(f"{scope} {period}: {error.message}. {error.hint}") from None
        found: dict[str, Any] = json.loads(rows[0]["found"], parse_float=Decimal)
        for key in ("spent_usd", "assumed_usd", "held_usd", "call_usd"):
            found[key] = None if found[key] is None else Decimal(found[key])
        return found | {key: datetime.fromisoformat(found[key]) for key in ("window_start", "window_end")}

    async def any_rfq(self) -> UUID | None:
        """The id of an RFQ that waits, or else of the RFQ that was processed last."""
        rows = await self._rows(
            "select coalesce((select o.rfq_id from ai.outbox o limit 1), "
            "(select d.rfq_id from ai.outbox_deferred d limit 1), "
            "(select r.rfq_id from ai.rag_runs r order by r.created_at desc limit 1)) as rfq_id"
        )
        found: UUID | None = rows[0]["rfq_id"]
        return found

    async def set_budget(
        self, scope: str, period: str, cap_usd: Decimal | None, actor: str | None, reason: str | None
    ) -> Decimal | None:
        """Sets the cap. Returns the old cap.

        Raises:
            ConfigError: the scope does not exist, or the amount is out of range.
        """
        try:
            rows = await self._rows(
                "select ai.set_budget($1, $2, $3, $4, $5) as old", scope, period, cap_usd, actor, reason
            )
        except asyncpg.CheckViolationError as error:
            hint = error.hint or "an amount from 0 to 1000000000 USD"
            raise ConfigError(f"{scope} {period}: {error.message}. {hint}") from None
        old: Decimal | None = rows[0]["old"]
        return old

    async def reconcile(self, *, correct: bool) -> list[dict[str, Any]]:
        return await self._rows("select * from ai.reconcile_budget($1)", correct)

    async def breakers(self) -> list[dict[str, Any]]:
        return await self._rows("select * from ai.breaker_status order by provider, model")

    async def turn(self, what: str, provider: str, model: str, actor: str | None, reason: str | None) -> bool:
        """Opens, closes or resets a breaker. Returns whether the breaker has changed.

        Raises:
            RfqflowError: the name of the provider or the model is invalid.
        """
        statement = {
            "open": "select exists (select from ai.model_states s where (s.provider, s.model) = ($1, $2) "
            "and s.state <> 'closed') as changed, ai.open_breaker($1, $2, $3, $4)",
            "close": "select ai.close_breaker($1, $2, $3, $4) as changed",
            "reset": "select ai.reset_breaker($1, $2, $3, $4) as changed",
        }[what]
        return bool((await self._named(statement, provider, model, actor, reason))[0]["changed"])

    async def was_asked(self, provider: str, model: str) -> bool:
        """Whether any worker has ever called this model. `*` means any model of the provider."""
        rows = await self._rows(
            "select exists (select from ai.breaker_status where provider = $1 and ($2 = '*' or model = $2)) as known",
            provider, model,
        )  # fmt: skip
        return bool(rows[0]["known"])
