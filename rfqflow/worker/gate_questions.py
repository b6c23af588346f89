"""Reads the facts about claims from the database, before the gates decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow.core.records import GateFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfqflow.core.records import Claim
    from rfqflow.store.queue import QueueStore

_log = structlog.get_logger()
UNKNOWABLE = GateFacts()  # the query fails for this claim; other claims still get their facts


async def ask_facts(
    store: QueueStore, asked: Sequence[tuple[Claim, bytes | None]], *, paid: bool
) -> list[GateFacts | None]:
    """The facts of each claim. None: the worker no longer owns the claim.

    The query finds similar RFQs by the claim's fingerprint.
    """
    claims, fingerprints = zip(*asked, strict=True)
    try:
        facts = await store.gate_facts(claims, fingerprints, paid=paid)
    except (asyncpg.DataError, asyncpg.ProgramLimitExceededError, asyncpg.InternalServerError) as error:
        if len(asked) > 1:  # one claim makes the query fail: query each claim alone
            return [fact for question in asked for fact in await ask_facts(store, [question], paid=paid)]
        _log.error("gate_facts.failed", rfq_id=str(claims[0].rfq_id), sqlstate=error.sqlstate)
        return [UNKNOWABLE]
    return [facts.get(claim.rfq_id) for claim in claims]
