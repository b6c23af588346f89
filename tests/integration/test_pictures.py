"""Scanned pages and pictures go to a model that takes pictures, if the policy allows it. Else their files are marked."""

from __future__ import annotations

import asyncio
import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from rfqflow import attachments
from rfqflow.llm.anthropic import AnthropicProvider
from rfqflow.llm.openai import OpenAIProvider
from tests.corpus.attached.writers import drawing, picture, scan, title_block
from tests.support.messages_server import MessagesServer
from tests.support.model_server import ModelServer
from tests.support.picture_behaviours import LEARNT, REFUSALS
from tests.support.worker_harness import ended, until, working

pytestmark = pytest.mark.skipif(not attachments.available(), reason="the extra `attachments` is not installed")
SCAN = ("RFQ 2201", "Part SC-10   Qty 30   Gasket")


def price(_model: str, usage: Any) -> tuple[Decimal, str]:
    return Decimal(usage.input_tokens + usage.output_tokens) / 1_000_000, "table"


@pytest.fixture
async def db(db):
    await db.execute("select ai.set_policy('attachment_pictures', '2')")
    return db


async def insert(db, *files: tuple[str, bytes]) -> Any:
    async with db.transaction():
        rfq_id = await db.fetchval(
            "insert into public.rfq_requests (message) values ('Please quote the parts of the scanned list.') returning id"
        )
        for name, content in files:
            await db.execute(
                "insert into public.rfq_attachments (rfq_id, file_name, content) values ($1, $2, $3)",
                rfq_id, name, content,
            )  # fmt: skip
    return rfq_id


async def row(db, rfq_id: Any) -> dict[str, Any]:
    found = await db.fetchrow(
        "select ai_status, ai_review, ai_extracted::text as extracted from public.rfq_requests where id = $1", rfq_id
    )
    return {**found, "extracted": json.loads(found["extracted"] or "{}")}


def images(body: Any) -> list[bytes]:
    """The pictures of a request, in the format of any API."""
    found = []
    for message in body.get("messages") or body["input"]:
        parts = message["content"] if isinstance(message["content"], list) else []
        for part in parts:
            if part["type"] == "image":
                assert part["source"]["media_type"] in {"image/jpeg", "image/png"}
                found.append(base64.b64decode(part["source"]["data"]))
            elif part["type"] in {"image_url", "input_image"}:
                url = part["image_url"]["url"] if part["type"] == "image_url" else part["image_url"]
                found.append(base64.b64decode(url.partition(";base64,")[2]))
    return found


def openai(server: ModelServer, api: str = "auto") -> OpenAIProvider:
    return OpenAIProvider(model="m1", base_url=server.url, price=price, api=api)


@pytest.mark.parametrize("api", ["chat_completions", "responses", "messages"])
async def test_a_model_gets_scanned_pages_within_the_policy_and_what_it_reads_there_is_kept_and_marked(
    database, db, api
):
    async with MessagesServer() if api == "messages" else ModelServer() as server:
        server.default = "reads_pictures"
        provider = (
            AnthropicProvider(model="claude-sonnet-4-5", api_key="k", base_url=server.url, price=price)
            if api == "messages"
            else openai(server, api)
        )
        rfq_id = await insert(db, ("scan.pdf", scan(SCAN, SCAN)), ("board.png", picture(SCAN)))
        async with asyncio.timeout(100), working(database, provider):
            await until(ended(db, 1), 90)
        await provider.aclose()

    (asked,) = [each["body"] for each in server.journal if "/models" not in each["path"]]
    sent = images(asked)
    found = await row(db, rfq_id)
    (item,) = found["extracted"]["line_items"]
    scanned, board = found["extracted"]["attachments"]

    assert len(sent) == 2
    assert all(image[:3] == b"\xff\xd8\xff" or image[:4] == b"\x89PNG" for image in sent)
    assert (item["part_number"], item["quantity"]) == ("SC-10", "30")
    checks = found["extracted"]["checks"]
    assert checks["line_items[0].quantity"] == {"verdict": "unverified", "why": "in_picture", "lines": item["lines"]}
    place = next(place for place in scanned["places"] if place[0] == item["lines"][0])
    assert place[1] == 1  # its page
    assert (scanned["state"], scanned["pictures"]) == ("read", [1, 2])
    assert (board["state"], board["reason"]) == ("unread", "image_only")  # beyond the limit of the policy
    assert found["ai_review"] == "attachment_unread"
    kept = await db.fetchval("select max(length(lines::text)) from ai.attachment_readings")
    assert kept < 500  # characters: no picture is among them


async def test_the_hold_before_the_call_covers_the_pictures(database, db):
    async with ModelServer(default="held") as server:
        provider = openai(server)
        await insert(db, ("board.png", picture(SCAN)))
        async with asyncio.timeout(100), working(database, provider):
            await server.received(1)
            held = await db.fetchval("select max(held_nano) from ai.budget_windows")
            server.let_go()
            await until(ended(db, 1), 90)
        await provider.aclose()

    assert held >= 10_000 * 1_000  # nano-dollars of a picture's most tokens at a dollar a million


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_model_that_refuses_pictures_gets_the_text_alone_and_their_files_are_marked(database, db, refusal):
    async with ModelServer(default=refusal, has_responses=False) as server:
        provider = openai(server, "chat_completions")
        first = await insert(db, ("board.png", picture(SCAN)))
        async with asyncio.timeout(100), working(database, provider):
            await until(ended(db, 1), 90)
            second = await insert(db, ("board.png", picture(SCAN)))
            await until(ended(db, 2), 90)
        rejected = provider.rejected("m1")
        await provider.aclose()

    for rfq_id in (first, second):
        found = await row(db, rfq_id)
        assert (found["ai_status"], found["ai_review"]) == ("done", "attachment_unread")
    shown = [len(images(each["body"])) for each in server.journal]
    assert shown == ([1, 0, 0] if refusal == LEARNT else [1, 0, 1, 0])
    assert ("pictures" in rejected) is (refusal == LEARNT)
    assert await db.fetchval("select max(attempt) from ai.rag_runs") == 1


async def test_without_the_policy_or_with_masking_no_picture_is_sent(database, db):
    async with ModelServer(default="reads_pictures") as server:
        masked, plain = openai(server), openai(server)
        first = await insert(db, ("scan.pdf", scan(SCAN)))
        async with asyncio.timeout(100), working(database, masked, mask="contact"):
            await until(ended(db, 1), 90)
        await db.execute("select ai.set_policy('attachment_pictures', '0')")
        second = await insert(db, ("drawing.pdf", drawing(title_block([("PART NO.", "7-1"), ("QTY", "5")], columns=2))), ("scan.pdf", scan(SCAN)))  # fmt: skip
        async with asyncio.timeout(100), working(database, plain):
            await until(ended(db, 2), 90)
        await masked.aclose()
        await plain.aclose()

    assert [len(images(each["body"])) for each in server.journal] == [0, 0]
    for rfq_id in (first, second):
        scanned = (await row(db, rfq_id))["extracted"]["attachments"][-1]
        assert (scanned["state"], scanned["reason"]) == ("unread", "image_only")
