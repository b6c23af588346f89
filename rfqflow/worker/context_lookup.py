"""Finds the reference documents that fit a batch of claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import structlog

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.core.prompting.reference_documents import cap
from rfqflow.store.documents import find_context

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.reference_documents import Document
    from rfqflow.core.records import Claim
    from rfqflow.database.reconnecting import ReconnectingConnection

_log = structlog.get_logger()


async def documents_for(
    line: ReconnectingConnection, claims: Sequence[Claim], policy: Policy
) -> dict[UUID, tuple[Document, ...]]:
    """By RFQ: the documents that fit it, within the limits of the policy.

    Empty if the search fails: a prompt works without documents.
    """
    if policy.rag != "on" or not claims:
        return {}
    try:
        found = await find_context(line, [claim.rfq_id for claim in claims], policy.rag_documents)
    except (DatabaseUnreachable, asyncpg.PostgresError) as error:
        _log.warning("context.lookup_failed", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
        return {}
    return {rfq_id: cap(documents, policy.rag_tokens) for rfq_id, documents in found.items()}
