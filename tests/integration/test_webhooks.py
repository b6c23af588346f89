"""Webhook messages arrive once each, signed, at a receiver that first fails in every way."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections import deque

import pytest
from pydantic import SecretStr

from rfqflow import settings
from rfqflow.core.errors import ConfigError
from rfqflow.core.webhook_message import rendered
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.store.webhooks import Webhooks
from rfqflow.worker.webhook_sender import WebhookSender
from tests.support.attempt_results import attempt_result
from tests.support.daemon import ForkedProcess, eventually
from tests.support.published_schemas import problems

SECRET = "a secret of some length"
MESSAGE = "Please quote 250 pcs of housing, drawing 7-114 rev C, EN-GJL-250."


class Receiver:
    """A raw HTTP server: it answers each request as the script says, then with 204."""

    def __init__(self, *script: str) -> None:
        self.script = deque(script)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.tasks: set = set()
        self.at: list[float] = []
        self.unknown: list[str] = []  # faults that the published schema finds in a message

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/hook?token=hidden"
        return self

    async def __aexit__(self, *error):
        self.server.close()
        assert error[0] or self.unknown == []
        for task in self.tasks:
            task.cancel()

    async def answer(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            top = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in top[1:] if line)
            }
            body = await reader.readexactly(int(headers["content-length"]))
            if "kind" in (reported := json.loads(body)):  # not the message of a chat
                self.unknown += problems("webhook", reported)
            how = self.script.popleft() if self.script else "204"
            self.got.append((how, headers, body))
            self.at.append(time.monotonic())
            if how == "reset":
                writer.transport.abort()
                return
            if how == "garbage":
                writer.write(b"this is no HTTP\r\n\r\n")
            elif how == "endless":  # the header is what counts
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
                while True:
                    writer.write(b"x" * 65536)
                    await writer.drain()
            elif how == "redirect":
                writer.write(b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
            elif how == "wait":
                writer.write(b"HTTP/1.1 429 Slow\r\nRetry-After: 4\r\nContent-Length: 0\r\n\r\n")
            else:
                writer.write(f"HTTP/1.1 {how} It\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            writer.close()


def daemon(database: str, url: str, *arguments: str) -> ForkedProcess:
    return ForkedProcess(
        "run",
        *arguments,
        RFQFLOW_DATABASE_URL=database,
        RFQFLOW_WEBHOOK_URLS=f"crm={url}",
        RFQFLOW_WEBHOOK_SECRET=SECRET,
    )


async def waits(db) -> int:
    return await db.fetchval("select count(*) from ai.webhook_outbox where due_at is not null")


@contextlib.asynccontextmanager
async def posting(database: str, url: str):
    """The sender alone, without a worker."""
    line = ReconnectingConnection(database, "rfqflow test")
    postman = WebhookSender(Webhooks(line), {"crm": SecretStr(url)}, SECRET)
    task = asyncio.create_task(postman.run())
    yield postman
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await line.close()


async def test_an_end_arrives_once_signed_and_without_the_customers_text(database, db):
    await db.execute("insert into ai.webhooks (name) values ('crm'), ('nobody')")
    async with Receiver("500", "reset", "garbage") as receiver, daemon(database, receiver.url) as process:
        await process.until_event("worker.registered")
        rfq = await db.fetchval(
            "insert into public.rfq_requests (message, email, name) values ($1, 'ada@example.com', 'Ada L') returning id",
            MESSAGE,
        )
        await eventually(lambda: asyncio.sleep(0, len(receiver.got)), lambda n: n >= 4, 60)
        await eventually(lambda: db.fetchval("select count(*) from ai.webhook_outbox where is_delivered"), seconds=10)
        assert [how for how, _, _ in receiver.got] == ["500", "reset", "garbage", "204"]
        assert "hidden" not in process.text, "an address may be a secret"
    for _, headers, body in receiver.got:
        stamp = headers["x-rfqflow-timestamp"]
        wanted = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        assert headers["x-rfqflow-signature"] == f"v1={wanted}"
        assert abs(time.time() - int(stamp)) < 120
    assert len({headers["x-rfqflow-webhook-id"] for _, headers, _ in receiver.got}) == 1
    reported = json.loads(receiver.got[-1][2])
    assert (reported["rfq_id"], reported["status"], reported["kind"]) == (str(rfq), "done", "done")
    assert reported["route"]
    for secret in ("ada@example.com", "Ada L", "housing", "7-114"):
        assert secret not in receiver.got[-1][2].decode()
    assert await db.fetchval("select count(*) from ai.webhook_outbox where webhook = 'crm'") == 1


async def test_the_backstop_finds_unrecorded_finishes_and_sends_each_once(database, db):
    await db.execute("insert into ai.webhooks (name, kinds) values ('crm', '{done}')")
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, claim_id, end_status) "
        "select gen_random_uuid(), 1, s, n, 'done' from unnest(array['succeeded', 'failed', 'lost']) with ordinality x (s, n)"
    )
    for new in (1, 0):
        noted = await db.fetchval("select ai.queue_end_webhooks(array[gen_random_uuid()], array[1], array['done'])")
        assert noted == new, "a repeat is no second message"
    for _ in range(3):
        await db.execute("select ai.roll_up(100, '0 s')")

    assert await db.fetchval("select ai.queue_event_webhooks()") == 0, (
        "claim 1 has been noted, the others are of no interest"
    )
    await db.execute("delete from ai.webhook_outbox")
    await db.execute("update ai.webhooks set runs_to = created_at")
    assert await db.fetchval("select ai.queue_event_webhooks()") == 1
    assert await db.fetchval("select ai.queue_event_webhooks()") == 0


async def test_breakers_and_budgets_send_webhooks(database, db):
    await db.execute("insert into ai.webhooks (name, kinds, format) values ('crm', '{breaker}', 'slack')")
    async with Receiver() as receiver, posting(database, receiver.url):
        await db.execute("select ai.open_breaker('openai', 'm1', 'ada', 'maintenance')")
        await db.execute("insert into ai.events (kind, scope, until) values ('budget_refused', 'global', now())")
        await eventually(lambda: asyncio.sleep(0, len(receiver.got)), seconds=20)
        await eventually(lambda: waits(db), lambda n: n == 0)
    assert [json.loads(body)["text"].startswith("breaker opened: openai, m1") for _, _, body in receiver.got] == [True]


async def test_the_published_schema_accepts_every_message(db):
    await db.execute("insert into ai.webhooks (name) values ('crm')")
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('m') returning id")
    await db.execute("select ai.queue_end_webhooks(array[$1, gen_random_uuid()], '{1,2}', '{done,failed}')", rfq)
    await db.execute(
        "insert into ai.events (kind, provider, model, scope, reason, amount_usd, until) "
        "select 'breaker_' || k, 'openai', 'm', null, 'failures', null, now() from unnest('{opened,half_opened,closed}'::text[]) k "
        "union all select 'budget_' || k, null, null, 'global', null, 0.25, null from unnest('{refused,overrun,corrected}'::text[]) k"
    )
    await db.execute("select ai.queue_event_webhooks(), ai.test_webhook('crm', 'Ada')")

    bodies = [json.loads(row["body"]) for row in await db.fetch("select body from ai.claim_webhooks('{crm}', 100)")]

    assert len(bodies) == 9
    assert [problems("webhook", body) for body in bodies] == [[]] * 9
    assert problems("webhook", {**bodies[0], "message": "a customer's text"})


async def test_a_receiver_that_is_slow_redirects_or_never_ends_blocks_nothing(database, db):
    await db.execute("insert into ai.webhooks (name) values ('crm')")
    async with Receiver("endless", "redirect", "wait", "410") as receiver, posting(database, receiver.url) as postman:
        for claim in (1, 2, 3, 4):
            postman.note(attempt_result(claim), None)
            await eventually(
                lambda claim=claim: asyncio.sleep(0, len(receiver.got)), lambda n, claim=claim: n >= claim, 20
            )
        await eventually(lambda: waits(db), lambda n: n == 0, 40)
    waited = next(one[1]["x-rfqflow-webhook-id"] for one in receiver.got if one[0] == "wait")
    first, again = [
        at for at, one in zip(receiver.at, receiver.got, strict=True) if one[1]["x-rfqflow-webhook-id"] == waited
    ]
    assert again - first >= 3.9, "not before the receiver wants it"
    rows = await db.fetch("select last_status, is_delivered, attempts from ai.webhook_outbox order by event_key")
    assert sorted((row["last_status"], row["is_delivered"], row["attempts"]) for row in rows) == [
        ("200", True, 1), ("204", True, 2), ("204", True, 2), ("410", False, 1)]  # fmt: skip
    assert (await db.fetchrow("select waiting, given_up from ai.webhook_status")) == (0, 1)


async def test_a_message_is_given_up_after_hours_not_before(db):
    await db.execute("insert into ai.webhooks (name) values ('crm')")
    await db.execute("select ai.queue_end_webhooks(array[gen_random_uuid()], array[1], array['done'])")
    waited = 0.0
    for tries in range(1, 16):
        one = await db.fetchrow("select * from ai.claim_webhooks(array['crm'], 5)")
        assert await db.fetch("select * from ai.claim_webhooks(array['crm'], 5)") == [], (
            "a claimed message is not claimed twice"
        )
        await db.execute("select ai.settle_webhook($1, false, '500')", one["id"])
        row = await db.fetchrow(
            "select extract(epoch from due_at - clock_timestamp())::float8 as s, ended_at from ai.webhook_outbox"
        )
        assert (row["ended_at"] is None) == (tries < 15)
        waited += row["s"] or 0
        await db.execute("update ai.webhook_outbox set due_at = clock_timestamp() where due_at is not null")
    assert 3 * 3600 < waited < 12 * 3600


async def test_a_message_without_a_receiver_is_given_up_after_a_month_and_deleted_a_month_later(db):
    await db.execute("insert into ai.webhooks (name) values ('crm'), ('chat')")
    await db.execute("select ai.queue_end_webhooks(array[gen_random_uuid()], array[1], array['done'])")
    status = "select webhook, waiting, given_up, last_status from ai.webhook_status order by webhook"
    await db.execute("update ai.webhook_outbox set happened_at = now() - interval '31 days' where webhook = 'chat'")
    await db.execute("select ai.queue_event_webhooks()")
    assert [tuple(row) for row in await db.fetch(status)] == [("chat", 0, 1, "expired"), ("crm", 1, 0, None)]

    await db.execute("update ai.webhook_outbox set ended_at = now() - interval '31 days' where webhook = 'chat'")
    await db.execute("select ai.queue_event_webhooks()")
    assert [tuple(row) for row in await db.fetch(status)] == [("chat", 0, 0, None), ("crm", 1, 0, None)]


async def test_a_worker_without_addresses_records_and_sends_nothing(database, db):
    await db.execute("insert into ai.webhooks (name) values ('crm')")
    await db.execute("insert into public.rfq_requests (message) values ($1)", MESSAGE)
    async with ForkedProcess("run", "--drain", RFQFLOW_DATABASE_URL=database) as process:
        assert await process.exit_code(60) == 0
    assert await db.fetchval("select count(*) from ai.webhook_outbox") == 0
    assert await db.fetchval("select ai_status from public.rfq_requests") == "done"


def test_chats_get_messages_in_their_format():
    body = json.dumps({"id": 1, "kind": "done", "rfq_id": "r", "status": "done", "route": "rail", "urgency": "high"})

    assert json.loads(rendered("slack", body)) == {"text": "RFQ r: done, for rail, urgency high"}
    card = json.loads(rendered("teams", body))["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["body"][0]["text"] == "RFQ r: done, for rail, urgency high"
    assert rendered("json", body) == body.encode()


@pytest.mark.parametrize("urls", ["crm", "crm=ftp://x", "Crm=https://x", "=https://x", "crm=https://"])
def test_invalid_addresses_are_refused(urls, monkeypatch):
    monkeypatch.setenv("RFQFLOW_WEBHOOK_URLS", urls)
    monkeypatch.setenv("RFQFLOW_WEBHOOK_SECRET", SECRET)
    with pytest.raises(ConfigError, match="RFQFLOW_WEBHOOK_URLS"):
        settings.load()


def test_addresses_need_a_secret_and_are_never_shown(monkeypatch):
    monkeypatch.setenv("RFQFLOW_WEBHOOK_URLS", "crm=https://example.com/hidden?a=b, chat=https://example.org/h")
    with pytest.raises(ConfigError, match="RFQFLOW_WEBHOOK_SECRET"):
        settings.load()
    monkeypatch.setenv("RFQFLOW_WEBHOOK_SECRET", SECRET)
    loaded = settings.load()
    assert loaded.webhook_urls["crm"].get_secret_value() == "https://example.com/hidden?a=b"
    assert "hidden" not in repr(loaded)
