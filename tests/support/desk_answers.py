"""Answers as a finish leaves them, for people to correct."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncpg

PUMP = {"description": "Centrifugal pump", "part_number": "CP-40", "quantity": "5", "unit": "pcs"}
VALVE = {"description": "Gate valve", "quantity": "8"}
GASKET = {"description": "Gasket", "quantity": "20"}
ITEM = "line_items[0].quantity"


async def answered(
    db: asyncpg.Connection, rfq: Any, items: list[dict[str, Any]], review: str | None = None, **more: Any
) -> None:
    """As a finish leaves it: the answer on the row, and a run."""
    await db.execute(
        "update ai.rfqs set ai_status = 'done', ai_summary = 'about it', ai_route = 'general', ai_urgency = 'normal', ai_tags = '{a}', "
        "ai_prompt_version = 'rfq@1', ai_model = 'm', ai_content_sha256 = content_sha256, ai_review = $3, ai_extracted = $2::text::jsonb, "
        "ai_updated_at = now() where rfq_id = $1",
        rfq, json.dumps({"line_items": items, **more}), review,
    )  # fmt: skip
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, provider, model, prompt_version, end_status) "
        "values ($1, 1, 'succeeded', 'openai', 'm', 'rfq@1', 'done')",
        rfq,
    )
