"""Facts that a daemon reads once before its first claim.

The database, its settings, and the last model that answered.
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
    """The model that answered until `at`, and the number of answers by rules since; 1001 stands for more."""

    provider: str
    model: str
    at: datetime
    rfqs: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StartFacts:
    """`shared`: as in `ai.start_facts`."""

    shared: dict[str, Any] = field(default_factory=dict)
    before: AnsweredBefore | None = None  # read only if rules answer


async def start_facts(conn: asyncpg.Connection, *, answers_by_rules: bool) -> StartFacts:
    """Reads the facts, in two statements at most."""
    shared = json.loads(await conn.fetchval("select ai.start_facts()::text") or "{}")
    before = await rules_instead_of_model(conn) if answers_by_rules else None
    return StartFacts(shared, before)


async def rules_instead_of_model(conn: asyncpg.Connection) -> AnsweredBefore | None:
    """The model that answered recently, if rules answer now; else None."""
    row = await conn.fetchrow("select provider, model, answered_at, rfqs, since from ai.rules_instead_of_model()")
    if row is None or row["rfqs"] is None:
        return None
    return AnsweredBefore(row["provider"], row["model"], row["answered_at"], row["rfqs"], row["since"])
