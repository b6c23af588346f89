"""Prices of models, for commands."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError
from rfqflow.store.operator import OperatorStore

if TYPE_CHECKING:
    from datetime import datetime

    from rfqflow.core.decisions.pricing import Price

_WAIT_FOR_MONEY = "('unknown_price', 'budget', 'sender_budget')"


class Prices(OperatorStore):
    """Queries and actions for prices. Raises RfqflowError with a remedy if the database refuses."""

    async def price_status(self) -> list[dict[str, Any]]:
        return await self._rows(
            "select * from ai.price_status "
            "order by provider, model, source = 'later', service_tier <> 'default', service_tier, since"
        )

    async def was_asked(self, provider: str, model: str) -> bool:
        """Whether a worker has ever called this model."""
        rows = await self._rows(
            "select exists (select from ai.breaker_status where (provider, model) = ($1, $2)) as known", provider, model
        )
        return bool(rows[0]["known"])

    async def set_price(
        self, provider: str, model: str, price: Price, tier: str, since: datetime | None, actor: str | None,
        note: str | None,
    ) -> dict[str, Any]:  # fmt: skip
        """Sets a price, and corrects the cost of calls that were booked at an assumed price, in batches.

        Each batch is one transaction. Returns the replaced price, the corrections, and the number of RFQs that are due
        now because of the new price.

        Raises:
            ConfigError: the database refuses the price.
        """
        before = (
            await self._rows(
                "select (select coalesce(max(id), 0) from ai.actions) as action, "
                f"(select count(*) from ai.outbox_deferred where reason in {_WAIT_FOR_MONEY}) as waiting, "
                "$1::timestamptz is not null and $1 > clock_timestamp() as is_later",
                since,
            )
        )[0]
        try:
            rows = await self._rows(
                "select ai.set_price($1, $2, $3, $4, $5, $6, $7, $8, $9)::text as was",
                provider, model, price.input, price.output, price.cached_input, tier, since, actor, note,
            )  # fmt: skip
        except asyncpg.CheckViolationError as error:
            raise ConfigError(f"{provider} {model}: {error.message}") from None
        while not before["is_later"] and await self._rows("select from ai.correct_assumed()"):
            pass
        corrected = (
            await self._rows(
                "select coalesce(sum((detail ->> 'calls')::bigint), 0)::bigint as calls, "
                "coalesce(sum((detail ->> 'assumed_usd')::numeric), 0) as assumed_usd, "
                "coalesce(sum((detail ->> 'priced_usd')::numeric), 0) as priced_usd from ai.actions "
                "where id > $1 and action = 'assumed_corrected' "
                "and detail ->> 'provider' = $2 and detail ->> 'model' = $3",
                before["action"], provider, model,
            )
        )[0]  # fmt: skip
        was: str | None = rows[0]["was"]
        return {
            "replaced": None if was is None else json.loads(was, parse_float=Decimal),
            "corrected": corrected,
            "woken": 0 if before["is_later"] else before["waiting"],
        }

    async def settings_by_key(self) -> dict[str, Any]:
        return {row["key"]: row["value"] for row in await self.policy()}
