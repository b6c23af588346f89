"""Switching the prompt under load: every run names the prompt that its call carried, and no run uses an old prompt."""

import asyncio
import re
from decimal import Decimal

from rfqflow.llm.openai import OpenAIProvider
from rfqflow.prompts import shipped
from tests.support.model_server import ModelServer
from tests.support.worker_harness import until, working

RFQS = 400
SWITCHES = 12


async def add_prompts(db):
    """Versions of the shipped prompt, each with its number in its system part."""
    text = shipped()
    return [
        await db.fetchval(
            "select ai.add_prompt('rfq', $1, $2, '{\"max_output_tokens\": 4000}')",
            f"{text.system}\nThis is edition {number}.",
            text.template,
        )
        for number in range(SWITCHES + 1)
    ]


async def test_every_run_has_the_version_that_its_call_used_and_none_a_stale_one(database, db, open_connection):
    versions = await add_prompts(db)
    await db.execute("select ai.activate_prompt($1, p_force => true)", versions[0])
    desk, application = await open_connection(), await open_connection()
    committed = 0  # switches

    async def insert():
        for number in range(RFQS):
            # The text of an RFQ that is inserted after a committed switch says so.
            await application.execute(
                "insert into public.rfq_requests (message) values ($1)",
                f"Please quote {number} pcs of brackets, at least edition {committed}.",
            )
            if number % 10 == 0:  # the queue stays short, so that switches meet inserts, claims and calls alike
                await until(
                    lambda number=number: application.fetchval("select count(*) >= $1 from ai.rag_runs", number - 30)
                )

    async def switch():
        nonlocal committed
        for number in range(1, SWITCHES + 1):
            await until(
                lambda number=number: db.fetchval("select count(*) >= $1 from ai.rag_runs", number * RFQS // 20)
            )
            await desk.execute("select ai.activate_prompt($1, p_force => true)", versions[number])
            committed = number

    async with ModelServer(default="delayed_ok:0.02") as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, price=lambda _model, _usage: (Decimal(0), "free"))
        async with (
            working(database, provider, prompt_version=None, concurrency=8),
            working(database, provider, prompt_version=None, concurrency=8),
        ):
            await asyncio.gather(insert(), switch())
            await until(lambda: db.fetchval("select count(*) = $1 from ai.rfqs where ai_status = 'done'", RFQS), 60)
        await provider.aclose()

    carried = {
        each["request_id"]: int(re.search(r"This is edition (\d+)", each["body"]["messages"][0]["content"])[1])
        for each in server.journal
    }
    runs = await db.fetch(
        "select u.request_id, u.prompt_version, encode(u.prompt_sha256, 'hex') as sha256, r.message, r.ai_prompt_version "
        "from ai.rag_runs u join public.rfq_requests r on r.id = u.rfq_id"
    )
    assert len(runs) == RFQS
    hashes = {}
    for run in runs:
        edition = carried[run["request_id"]]
        assert run["prompt_version"] == run["ai_prompt_version"] == versions[edition]
        assert hashes.setdefault(edition, run["sha256"]) == run["sha256"]
        # Not older than the version that was active when the RFQ was inserted.
        assert edition >= int(re.search(r"at least edition (\d+)", run["message"])[1])
    assert len(set(hashes.values())) == len(set(carried.values())) > SWITCHES // 2
