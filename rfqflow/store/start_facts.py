"""Facts that a daemon reads once before its first claim.

They are the database, its settings, and the last model that answered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg


@dataclass(frozen=True, slots=True)
class AnsweredBefore:
    """The model that answered until `at`, and the number of the rules' answers since then. The count stops at 1001."""

    provider: str
    model: str
    at: datetime
    rfqs: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StartFacts:
    """The facts. `shared`: the values that `ai.start_facts` returns."""

    shared: dict[str, Any] = field(default_factory=dict)
    before: AnsweredBefore | None = None  # set only if the rules answer


async def start_facts(conn: asyncpg.Connection, *, answers_by_rules: bool) -> StartFacts:
    """Reads the facts with at most two statements."""
    shared = json.loads(await conn.fetchval("select ai.start_facts()::text") or "{}")
    before = await rules_instead_of_model(conn) if answers_by_rules else None
    return StartFacts(shared, before)


async def rules_instead_of_model(conn: asyncpg.Connection) -> AnsweredBefore | None:
    """The model that answered recently, if the rules answer now. Otherwise None."""
    row = await conn.fetchrow("select provider, model, answered_at, rfqs, since from ai.rules_instead_of_model()")
    if row is None or row["rfqs"] is None:
        return None
    return AnsweredBefore(row["provider"], row["model"], row["answered_at"], row["rfqs"], row["since"])
