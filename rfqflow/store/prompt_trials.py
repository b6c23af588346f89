"""Prompt trials in `ai.trials` and `ai.shadow_results`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.core.records import Rfq
from rfqflow.store.encoding import encoded_shadow_results

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from rfqflow.core.results import ShadowResult
    from rfqflow.database.reconnecting import QueryExecutor

_MOST_BIGINT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ShadowTask:
    """An RFQ for the shadow prompt to answer. `model`: the model that answered it with the active prompt."""

    trial: int
    version: str
    rfq: Rfq
    model: str | None


class Trials:
    """Queries and actions of workers and operators for trials."""

    def __init__(self, line: QueryExecutor) -> None:
        self._line = line

    async def running(self, kind: str) -> int | None:
        found: int | None = (await self._line.one("select ai.running_trial($1)", kind))[0]
        return found

    async def both_running(self) -> tuple[int | None, int | None]:
        """The numbers of the running canary and the running shadow, or None."""
        row = await self._line.one("select ai.running_trial('canary') as canary, ai.running_trial('shadow') as shadow")
        return row["canary"], row["shadow"]

    async def figures(self, trial: int) -> dict[str, Any]:
        if trial > _MOST_BIGINT:
            raise ConfigError(f"trial {trial} not found: see `rfqflow prompt trials`")
        row = await self._line.one("select ai.trial_figures($1)::text", trial)
        if row[0] is None:
            raise ConfigError(f"trial {trial} not found: see `rfqflow prompt trials`")
        return dict(json.loads(row[0]))

    async def record_canary_check(self, trial: int, number: int) -> bool:
        """Records a check of the canary. Returns False if another worker has made the same check before."""
        return bool((await self._line.one("select ai.record_canary_check($1, $2)", trial, number))[0])

    async def end(self, kind: str, actor: str | None, reason: str, figures: dict[str, Any] | None = None) -> int | None:
        """Stops the running trial of this kind. Returns its number, or None if no such trial runs."""
        row = await self._line.one(
            "select ai.end_trial($1, $2, $3, $4)", kind, actor, reason, json.dumps(figures) if figures else None
        )
        found: int | None = row[0]
        return found

    async def start(
        self, kind: str, version: str, percent: float, actor: str | None, reason: str | None, *, force: bool
    ) -> int:
        """Starts a trial. Returns its number.

        Raises:
            ConfigError: the prompt does not exist, or is the active prompt.
            RfqflowError: the prompt of a canary has no evaluation.
        """
        try:
            row = await self._line.one(
                "select ai.start_trial($1, $2, $3::float8::numeric, $4, $5, $6)",
                kind, version, percent, actor, reason, force,
            )  # fmt: skip
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF006":
                raise RfqflowError(f"{error.message}: `{error.hint}`, or --force") from None
            if error.sqlstate == "RF004":
                raise ConfigError(f"{error.message}: see `rfqflow prompt list`") from None
            raise
        return int(row[0])

    async def all(self, limit: int) -> list[dict[str, Any]]:
        rows = await self._line.fetch(
            "select trial, kind, prompt_version, base_version, percent, started_at, started_by, ended_at, ended_by, "
            "end_reason from ai.trials order by trial desc limit $1",
            limit,
        )
        return [dict(row) for row in rows]

    async def rfqs(self, trial: int) -> list[tuple[UUID, bool]]:
        """The RFQs that a canary handled, each with whether the canary failed on it."""
        rows = await self._line.fetch("select rfq_id, failed from ai.trial_rfqs($1) order by rfq_id", trial)
        return [(row["rfq_id"], row["failed"]) for row in rows]

    async def answers(self, trial: int, limit: int) -> list[dict[str, Any]]:
        """The newest answers of the candidate, each with the base's answer to the same text and a person's route."""
        rows = await self._line.fetch(
            "select a.rfq_id, a.answered_at, a.base_output::text, a.output::text, a.person_route, r.company, r.name "
            "from ai.trial_answers($1, $2) a left join ai.rfqs r on r.rfq_id = a.rfq_id "
            "order by a.answered_at desc, a.rfq_id",
            trial, limit,
        )  # fmt: skip
        return [
            {**row, "base_output": json.loads(row["base_output"] or "null"), "output": json.loads(row["output"])}
            for row in rows
        ]

    async def claim_shadow(self, limit: int) -> list[ShadowTask]:
        rows = await self._line.fetch("select * from ai.claim_shadow($1)", limit)
        return [
            ShadowTask(
                row["trial"], row["prompt_version"],
                Rfq(row["rfq_id"], row["request_id"] or str(row["rfq_id"]), row["message"], company=row["company"]),
                row["model"],
            )
            for row in rows
        ]  # fmt: skip

    async def finish_shadow(self, results: Iterable[ShadowResult]) -> None:
        await self._line.fetch("select ai.finish_shadow($1)", encoded_shadow_results(results))
