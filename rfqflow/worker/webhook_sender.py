"""Sends webhooks about finished RFQs, breakers and budgets.

Each request is signed, and retried until the receiver accepts it.

The sender is separate from enrichment: no finish waits for it. Without RFQFLOW_WEBHOOK_URLS it does not run.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NoReturn

import asyncpg
import httpx
import structlog

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.core.results import Verdict
from rfqflow.core.webhook_message import rendered, signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from rfqflow.core.results import AttemptResult
    from rfqflow.store.webhooks import Message, Webhooks

_log = structlog.get_logger()
_NEWS_SECONDS = 5.0
_LOOK_SECONDS = 1.0  # seconds between two searches for due messages
_TOTAL_SECONDS = 15.0  # limit of one delivery in seconds; shorter than the lease of 60 s
_AT_ONCE = 16
_MOST_NOTED = 20_000  # finished RFQs held while the database is unreachable; the backstop finds any others
_OK, _REDIRECT = 200, 300
_GONE = {404, 410}
_WAIT_MOST_SECONDS = 3600.0
_KINDS = {Verdict.COMPLETE: "done", Verdict.KEEP: "done", Verdict.DISCARD: "failed", Verdict.ABANDON: "failed"}


class WebhookSender:
    """Queues a message for each recorded result, and sends the messages."""

    def __init__(self, store: Webhooks, urls: Mapping[str, SecretStr], secret: str) -> None:
        self._store = store
        self._urls = urls
        self._secret = secret
        self._ends: list[tuple[str, int, str]] = []
        self._wakeup = asyncio.Event()

    def note(self, result: AttemptResult, outcome: str | None) -> None:
        """Queues a recorded result.

        A result with an `outcome` was not recorded as requested: the backstop finds its message.
        """
        kind = _KINDS.get(result.verdict)
        if kind and outcome is None and len(self._ends) < _MOST_NOTED:
            self._ends.append((str(result.attempt.rfq_id), result.attempt.claim_id, kind))
            self._wakeup.set()

    async def run(self) -> NoReturn:
        """Queues, claims and sends messages."""
        limits = httpx.Limits(max_connections=_AT_ONCE)
        news_at = 0.0
        async with httpx.AsyncClient(
            timeout=_TOTAL_SECONDS, follow_redirects=False, limits=limits, trust_env=True
        ) as client:
            while True:
                sent = 0
                try:
                    await self._note_ends()
                    if time.monotonic() >= news_at:
                        news_at = time.monotonic() + _NEWS_SECONDS
                        await self._store.queue_event_webhooks()
                    messages = await self._store.claim([*self._urls], _AT_ONCE)
                    sent = len(messages)
                    await asyncio.gather(*(self._send(client, message) for message in messages))
                except (DatabaseUnreachable, asyncpg.PostgresError) as error:
                    _log.warning("webhook.loop_error", error=type(error).__name__)
                if sent < _AT_ONCE:
                    await self._wait()

    async def close(self) -> None:
        """Writes finished RFQs to the database's queue of messages, so that another daemon can send them."""
        try:
            async with asyncio.timeout(2):
                await self._note_ends()
        except (DatabaseUnreachable, TimeoutError, asyncpg.PostgresError):
            pass  # the backstop finds it

    async def _note_ends(self) -> None:
        ends = self._ends[:1000]
        if ends:
            await self._store.queue_end_webhooks(ends)
            del self._ends[: len(ends)]

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._wakeup.wait()
        except TimeoutError:
            pass
        self._wakeup.clear()

    async def _send(self, client: httpx.AsyncClient, message: Message) -> None:
        body = rendered(message.format, message.body)
        now = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "rfqflow",
            "X-Rfqflow-Webhook-Id": str(message.id),
            "X-Rfqflow-Timestamp": str(now),
            "X-Rfqflow-Signature": f"v1={signature(self._secret, now, body)}",
        }
        code, wait = 0, 0.0
        try:
            async with asyncio.timeout(_TOTAL_SECONDS):
                url = self._urls[message.webhook].get_secret_value()
                # Read only the reply's status: the body may have any length.
                async with client.stream("POST", url, content=body, headers=headers) as reply:
                    code = reply.status_code
                    wait = _retry_after(reply.headers.get("Retry-After"))
            status = str(code)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            status = type(error).__name__
        delivered = _OK <= code < _REDIRECT
        if not delivered:
            _log.warning("webhook.delivery_failed", webhook=message.webhook, id=message.id, status=status)
        await self._store.settle(
            message, delivered=delivered, status=status, give_up=code in _GONE, wait_seconds=wait
        )  # fmt: skip


def _retry_after(given: str | None) -> float:
    try:
        return min(max(float(given or 0), 0.0), _WAIT_MOST_SECONDS)
    except ValueError:
        return 0.0  # a date instead of seconds: use the worker's own backoff
