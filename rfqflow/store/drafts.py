"""Draft replies. Each RFQ has at most one, which a template or a model writes and people edit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.drafting.asks import RfqFacts
from rfqflow.core.errors import ConfigError
from rfqflow.core.records import Rfq
from rfqflow.store.desk import ChangedMeanwhile, changed_meanwhile
from rfqflow.store.desk_list import ValueRefused
from rfqflow.store.errors import fetched

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from decimal import Decimal
    from uuid import UUID

    from rfqflow.core.drafting.reply import Draft
    from rfqflow.database.reconnecting import QueryExecutor
    from rfqflow.store.desk import DeskAnswer

__all__ = ["ChangedMeanwhile", "DraftRequest", "DraftStore", "DraftTask", "StoredDraft", "facts_of"]
_FACTS = ("due_date", "due_date_derived", "quote_deadline", "delivery_place", "incoterm", "certificates")
_RFQ = "select message, name, email, company, request_id, ai_extracted ->> 'injection_suspected' as injection "


@dataclass(frozen=True, slots=True)
class StoredDraft:
    language: str
    subject: str
    body: str
    source: str
    asks: tuple[str, ...]
    why: str | None
    model: str | None
    revision: int
    updated_by: str
    updated_at: dt.datetime
    asked_by: str | None
    asked_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """The latest request for a model's draft."""

    request: int
    requested_at: dt.datetime
    requested_by: str
    is_taken: bool
    outcome: str | None  # None: waiting or in progress
    model: str | None
    cost_usd: Decimal | None
    language: str | None


@dataclass(frozen=True, slots=True)
class DraftTask:
    """A request that a worker has claimed."""

    request: int
    claim_id: int
    language: str | None
    rfq: Rfq  # as the model gets it: without the sender's name, address and telephone number
    facts: RfqFacts


def facts_of(answer: DeskAnswer, rfq: Mapping[str, Any]) -> RfqFacts:
    """The facts for a draft, from the answer that people see."""
    return RfqFacts(
        rfq["message"] or "", rfq["name"], rfq["company"], rfq["request_id"], answer.language, answer.missing,
        _objects(answer.line_items), _verdicts(answer.checks), {name: getattr(answer, name) for name in _FACTS},
        rfq["injection"] == "true",
    )  # fmt: skip


def _objects(value: Any) -> tuple[dict[str, Any], ...]:
    """The line items of any JSON value. Skips other elements, since other roles may write to the table."""
    return tuple(one for one in value if isinstance(one, dict)) if isinstance(value, (list, tuple)) else ()


def _verdicts(value: Any) -> dict[str, Mapping[str, Any]]:
    return {path: one for path, one in value.items() if isinstance(one, dict)} if isinstance(value, dict) else {}


class DraftStore:
    """Drafts in the database.

    An action raises ConfigError if it is impossible, and `ChangedMeanwhile` if another person was faster.
    """

    def __init__(self, conn: asyncpg.Connection | QueryExecutor) -> None:
        self._conn = conn

    async def _rows(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        return await fetched(self._conn, statement, *args)

    async def draft(self, rfq_id: UUID) -> StoredDraft | None:
        rows = await self._rows(
            "select language, subject, body, source, asks, why, model, revision, updated_by, updated_at, asked_by, "
            "asked_at from ai.drafts where rfq_id = $1",
            rfq_id,
        )
        return StoredDraft(**{**dict(rows[0]), "asks": tuple(rows[0]["asks"])}) if rows else None

    async def request(self, rfq_id: UUID) -> DraftRequest | None:
        rows = await self._rows(
            "select request, requested_at, requested_by, claim_id is not null as is_taken, outcome, model, cost_usd, "
            "language from ai.draft_requests where rfq_id = $1 order by request desc limit 1",
            rfq_id,
        )
        return DraftRequest(**dict(rows[0])) if rows else None

    async def rfq(self, rfq_id: UUID) -> dict[str, Any]:
        """The RFQ's data that is not in its answer: message, name, email, company, request_id and injection."""
        rows = await self._rows(f"{_RFQ} from ai.rfqs where rfq_id = $1", rfq_id)
        if not rows:
            raise ConfigError(f"RFQ {rfq_id} not found")
        return dict(rows[0])

    async def models_at_work(self) -> bool:
        """Whether a live worker has a model, which could write a draft."""
        rows = await self._rows("select exists (select from ai.worker_status where provider <> 'rules') as there")
        return bool(rows[0]["there"])

    # -- what people do ------------------------------------------------------------------------------------------------

    async def save_template(
        self, rfq_id: UUID, draft: Draft, actor: str | None, *, version: str | None = None, revision: int | None = None
    ) -> str:
        """Saves a draft from a template. Returns the answer's new version, as each action does."""
        return await self._did(
            "select ai.save_draft($1, $2, $3, $4, 'template', $5, $6, $7, $8, $9) as version",
            rfq_id, draft.language, draft.subject, draft.body, [ask.code for ask in draft.asks], draft.why or None,
            actor, version, revision,
        )  # fmt: skip

    async def save(
        self, rfq_id: UUID, subject: str, body: str, actor: str | None, *, language: str, version: str | None = None,
        revision: int | None = None,
    ) -> str:  # fmt: skip
        """Saves a person's edit.

        `revision`: the revision of the draft that the person saw, or 0 if there was no draft.
        """
        return await self._did(
            "select ai.save_draft($1, $2, $3, $4, 'person', p_actor => $5, p_version => $6, p_revision => $7) "
            "as version",
            rfq_id, language, subject, body, actor, version, revision,
        )  # fmt: skip

    async def ask_back(self, rfq_id: UUID, actor: str | None, *, version: str | None = None) -> str:
        return await self._did("select ai.ask_back($1, $2, $3) as version", rfq_id, actor, version)

    async def ask_model(self, rfq_id: UUID, actor: str | None, *, language: str | None = None) -> int:
        """Requests a model's draft. Returns the number of the request."""
        return int(await self._did("select ai.request_draft($1, $2, $3) as version", rfq_id, language, actor))

    async def cancel(self, rfq_id: UUID) -> bool:
        return bool((await self._rows("select ai.cancel_draft($1) as done", rfq_id))[0]["done"])

    async def _did(self, statement: str, *args: Any) -> str:
        try:
            rows = await self._rows(statement, *args)
        except (asyncpg.DataError, UnicodeEncodeError) as error:  # such as NUL, half of a surrogate pair
            raise ValueRefused(f"the database cannot store that: {str(error)[:200]}") from None
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF011":
                raise changed_meanwhile(error) from None
            if error.sqlstate in ("RF004", "RF012"):
                raise ConfigError(error.message + (f": {error.hint}" if error.hint else "")) from None
            raise
        return str(rows[0]["version"])

    # -- what workers do -----------------------------------------------------------------------------------------------

    async def take(self, claim_id: int, lease_seconds: float) -> DraftTask | None:
        """Claims the oldest unclaimed request."""
        rows = await self._rows("select * from ai.claim_draft($1, $2)", claim_id, timedelta(seconds=lease_seconds))
        if not rows:
            return None
        row, answer = rows[0], json.loads(rows[0]["answer"])
        received = row["created_at"].date() if row["created_at"] else None
        rfq = Rfq(
            row["rfq_id"], row["request_id"] or "", row["message"] or "", company=row["company"], received=received
        )  # fmt: skip
        facts = RfqFacts(
            row["message"] or "", row["name"], row["company"], row["request_id"], answer["language"],
            tuple(answer["missing"] or ()), _objects(answer["items"]), _verdicts(answer["checks"]),
            {name: answer[name] for name in _FACTS}, row["injection_suspected"],
        )  # fmt: skip
        return DraftTask(row["request"], claim_id, row["language"], rfq, facts)

    async def release(self, task: DraftTask) -> None:
        await self._rows("select ai.release_draft($1, $2)", task.request, task.claim_id)

    async def finish(
        self, task: DraftTask, outcome: str, draft: Draft | None, *, model: str | None = None,
        cost_usd: Decimal | None = None, latency_ms: float | None = None,
    ) -> str:  # fmt: skip
        """Finishes the request.

        Returns `outcome`, or `changed_meanwhile` or `claim_lost` if the draft was not stored.
        """
        kept = draft and {
            "language": draft.language, "subject": draft.subject, "body": draft.body, "source": draft.source,
            "asks": [ask.code for ask in draft.asks], "why": draft.why or None, "model": model,
        }  # fmt: skip
        rows = await self._rows(
            "select ai.finish_draft($1, $2, $3, $4::text::jsonb, $5, $6, $7) as outcome",
            task.request, task.claim_id, outcome, json.dumps(kept) if kept else None, model, cost_usd, latency_ms,
        )  # fmt: skip
        return str(rows[0]["outcome"])
