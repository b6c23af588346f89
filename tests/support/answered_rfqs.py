"""RFQs with answers, as a worker writes them, for tests of the desk's pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

_ANSWERED = """
update ai.rfqs set ai_status = 'done', ai_reason = 'answered', ai_summary = $2, ai_route = $3, ai_urgency = $4,
  ai_tags = $5, ai_confidence = 0.9, ai_review = $6, ai_extracted = $7, ai_content_sha256 = content_sha256,
  ai_prompt_version = $8, ai_model = $9, ai_updated_at = clock_timestamp()
where rfq_id = $1
"""


async def answered(
    db: asyncpg.Connection,
    message: str,
    *,
    company: str = "Hansen Pumper",
    route: str = "process",
    summary: str = "They ask for pumps.",
    urgency: str = "normal",
    review: str | None = None,
    taken_out: dict[str, str] | None = None,
    **extracted: Any,
) -> UUID:
    """Inserts an RFQ, and answers it in place of a worker."""
    rfq_id: UUID = await db.fetchval(
        "insert into public.rfq_requests (company, name, email, message) values ($1, 'Ada', 'ada@customer.example', $2) "
        "returning id",
        company, message,
    )  # fmt: skip
    await answer_again(
        db, rfq_id, route=route, summary=summary, urgency=urgency, review=review, taken_out=taken_out, **extracted
    )
    return rfq_id


async def answer_again(
    db: asyncpg.Connection,
    rfq_id: UUID,
    *,
    route: str = "process",
    summary: str = "They ask for pumps.",
    urgency: str = "normal",
    review: str | None = None,
    taken_out: dict[str, str] | None = None,
    tags: tuple[str, ...] = ("pumps",),
    prompt_version: str = "enrich-v1",
    model: str = "m1",
    **extracted: Any,
) -> None:
    """Writes another answer of the model to the same RFQ."""
    async with db.transaction():
        await db.execute(
            _ANSWERED, rfq_id, summary, route, urgency, list(tags), review, json.dumps(extracted), prompt_version, model
        )
        await db.execute("delete from ai.outbox where rfq_id = $1", rfq_id)
        await db.execute(
            "insert into ai.rag_runs (rfq_id, attempt, status, provider, model, prompt_version, output, end_status) "
            "values ($1, 1, 'succeeded', 'scripted', $4, $3, $2, 'done')",
            rfq_id, json.dumps({**extracted, **({"taken_out": taken_out} if taken_out else {})}), prompt_version, model,
        )  # fmt: skip
        await db.execute("select ai.enter_desk(array[$1::uuid])", rfq_id)


PUMP = {"description": "Centrifugal pump", "part_number": "CP-40", "quantity": "5", "unit": "pcs"}
VALVE = {"description": "Gate valve", "quantity": "8"}
GASKET = {"description": "Gasket", "quantity": "20"}
ITEM = "line_items[0].quantity"


async def answer_with(
    db: asyncpg.Connection, rfq_id: UUID, items: list[dict[str, Any]], review: str | None = None, **more: Any
) -> None:
    """Inserts an answer with these line items, for people to correct."""
    about = {"route": "general", "summary": "about it", "tags": ("a",), "prompt_version": "rfq@1", "model": "m"}
    await answer_again(db, rfq_id, review=review, line_items=items, **about, **more)


def item(description: str, quantity: str | None = None, unit: str | None = "pcs", **more: Any) -> dict[str, Any]:
    """A line item of an answer."""
    return {"description": description, "quantity": quantity, "unit": unit, **more}
