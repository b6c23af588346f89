"""The queue of webhook messages, and the results of their delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfqflow.database.reconnecting import ReconnectingConnection


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one target. `body` is JSON."""

    id: int
    webhook: str
    format: str
    body: str


class Webhooks:
    """The calls. Each is safe to repeat."""

    def __init__(self, line: ReconnectingConnection) -> None:
        self._line = line

    async def queue_end_webhooks(self, ends: Sequence[tuple[str, int, str]]) -> int:
        """Queues messages. `ends`: RFQ, claim and kind of each message."""
        rows = await self._line.fetch(
            "select ai.queue_end_webhooks($1, $2, $3)",
            [end[0] for end in ends], [end[1] for end in ends], [end[2] for end in ends],
        )  # fmt: skip
        return int(rows[0][0])

    async def queue_event_webhooks(self) -> int:
        return int((await self._line.one("select ai.queue_event_webhooks()"))[0])

    async def claim(self, names: Sequence[str], limit: int) -> list[Message]:
        rows = await self._line.fetch("select * from ai.claim_webhooks($1, $2)", list(names), limit)
        return [Message(row["id"], row["webhook"], row["format"], row["body"]) for row in rows]

    async def settle(
        self, message: Message, *, delivered: bool, status: str, give_up: bool = False, wait_seconds: float = 0
    ) -> None:
        await self._line.fetch(
            "select ai.settle_webhook($1, $2, $3, $4, $5)",
            message.id, delivered, status, give_up, timedelta(seconds=wait_seconds),
        )  # fmt: skip
