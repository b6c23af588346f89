"""Reference documents in `ai.documents`: what commands do with them, and a worker's search for a batch of RFQs."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError
from rfqflow.core.prompting.reference_documents import Document
from rfqflow.store.operator import OperatorStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from rfqflow.database.reconnecting import ReconnectingConnection


class Documents(OperatorStore):
    """What commands do with documents. Raises like `OperatorStore`."""

    async def add(self, documents: Sequence[dict[str, Any]], actor: str | None) -> list[dict[str, Any]]:
        """Adds all documents or none.

        Returns each document's id, and whether the document was added, known or restored.

        Raises:
            ConfigError: a document is invalid. The message names the constraint or the route.
        """
        try:
            return await self._rows(
                "select document_id as id, outcome from ai.add_documents($1, $2) order by place",
                json.dumps(documents, ensure_ascii=False),
                actor,
            )
        except asyncpg.ForeignKeyViolationError:
            known = {route["slug"] for route in await self.routes()}
            asked = sorted({str(document["route"]) for document in documents if document.get("route")} - known)
            raise ConfigError(f"route {', '.join(asked)} not found; routes are {', '.join(sorted(known))}") from None
        except (asyncpg.CheckViolationError, asyncpg.NotNullViolationError) as error:
            raise ConfigError(f"a document was refused: {error.constraint_name or error.column_name}") from None

    async def newest(self, kind: str | None, *, removed: bool, limit: int) -> list[dict[str, Any]]:
        """The newest `limit` documents without their texts, newest first."""
        return await self._rows(
            "select id, kind, title, language, route, length(body) as characters, keys, is_active, created_at, "
            "created_by from ai.documents where ($1::text is null or kind = $1) and (is_active or $2) "
            "order by id desc limit $3",
            kind,
            removed,
            limit,
        )

    async def count(self, kind: str | None, *, removed: bool) -> int:
        rows = await self._rows(
            "select count(*) as documents from ai.documents "
            "where ($1::text is null or kind = $1) and (is_active or $2)",
            kind,
            removed,
        )
        return int(rows[0]["documents"])

    async def remove(self, document_id: int, *, erase: bool) -> bool:
        """Removes a document. Returns False if the id is unknown."""
        rows = await self._rows("select ai.remove_document($1, $2) as removed", document_id, erase)
        return bool(rows[0]["removed"])

    async def search(self, text: str, limit: int) -> list[dict[str, Any]]:
        """The documents that match, best first, with the rank that each retriever gives them."""
        rows = await self._rows("select * from ai.search_documents($1, $2)", text, limit)
        return [
            {"id": row.pop("document_id"), **row, "legs": json.loads(row["legs"])}
            for row in rows
        ]  # fmt: skip


async def find_context(
    line: ReconnectingConnection, rfq_ids: Sequence[UUID], limit: int
) -> dict[UUID, tuple[Document, ...]]:
    """By RFQ of a batch: the documents that match its message, best first. RFQs without a match are absent.

    Raises like `ReconnectingConnection.fetch`.
    """
    rows = await line.fetch("select * from ai.find_context($1, $2)", list(rfq_ids), limit)
    found: defaultdict[UUID, list[Document]] = defaultdict(list)
    for row in rows:
        found[row["rfq_id"]].append(
            Document(row["document_id"], row["kind"], row["title"], row["body"], row["route"], row["score"])
        )
    return {rfq_id: tuple(documents) for rfq_id, documents in found.items()}
