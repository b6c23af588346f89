"""What a daemon asks the database once, before its first claim: where it is, what is in force, who answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg


@dataclass(frozen=True, slots=True)
class AnsweredBefore:
    """The model that answered until `at`, and what the rules have answered since: 1001 stands for more."""

    provider: str
    model: str
    at: datetime
    rfqs: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StartFacts:
    """`shared`: as `ai.start_facts` has it."""

    shared: dict[str, Any] = field(default_factory=dict)
    before: AnsweredBefore | None = None  # asked where rules answer


async def start_facts(conn: asyncpg.Connection, *, answers_by_rules: bool) -> StartFacts:
    """Two statements at most."""
    shared = json.loads(await conn.fetchval("select ai.start_facts()::text") or "{}")
    before = await rules_instead_of_model(conn) if answers_by_rules else None
    return StartFacts(shared, before)


async def rules_instead_of_model(conn: asyncpg.Connection) -> AnsweredBefore | None:
    """None where no model has answered of late."""
    row = await conn.fetchrow("select provider, model, answered_at, rfqs, since from ai.rules_instead_of_model()")
    if row is None or row["rfqs"] is None:
        return None
    return AnsweredBefore(row["provider"], row["model"], row["answered_at"], row["rfqs"], row["since"])
