"""Injection RFQs through the daemon, with the rules and with a model that obeys every instruction."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from rfqflow.core.prompting.prompt_leak import leaks
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.llm.rules import RulesProvider
from rfqflow.prompts import shipped
from tests.support.model_behaviours import GULLIBLE
from tests.support.model_server import ModelServer
from tests.support.worker_harness import until, working

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "corpus" / "injections.jsonl").read_text("utf-8").splitlines()
]
BYSTANDERS = ("Please quote 12 pallets of bricks to York.", "Angebot \u00fcber 3 Pumpen, bitte.")
OURS = (
    "ai_status, ai_reason, ai_review, ai_summary, ai_tags, ai_route, ai_urgency, ai_extracted, message, name, metadata"
)


async def everything_else(db):
    """What no RFQ may change: routes, policy, prompts, documents, and other finished RFQs."""
    rows = [
        await db.fetch(statement)
        for statement in (
            "select slug, description, is_active from ai.routes order by slug",
            "select key, value from ai.policy order by key",
            "select version, system from ai.prompts order by version",
            f"select {OURS} from public.rfq_requests where message = any (array['{BYSTANDERS[0]}', '{BYSTANDERS[1]}']) order by id",
        )
    ]
    return [[tuple(row) for row in found] for found in rows]


async def settled(db):
    return await db.fetchval("select count(*) = 0 from ai.rfqs where ai_status in ('pending', 'deferred')")


async def worked_off(db, messages):
    await db.executemany("insert into public.rfq_requests (message) values ($1)", [(one,) for one in messages])
    await until(lambda: settled(db), 60)


def all_texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from all_texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from all_texts(each)


async def nothing_is_leaked(db):
    rows = await db.fetch("select to_jsonb(r) - 'message' as row, message from public.rfq_requests r")
    rows += await db.fetch("select to_jsonb(r) as row, '' as message from ai.rag_runs r")
    for row in rows:
        texts = list(all_texts(json.loads(row["row"])))
        assert not leaks(texts, shipped().system, row["message"])
        assert not [text for text in texts if "is internal and never part" in text]
    for summary in await db.fetch("select ai_summary from public.rfq_requests where ai_summary is not null"):
        assert not [mark for mark in ("](http", "](javascript", "://", "<script") if mark in summary[0]]


async def test_injections_through_the_rules_change_nothing_and_are_flagged(database, db):
    async with working(database, RulesProvider(), prompt_version="rules@1"):
        await worked_off(db, BYSTANDERS)
        before = await everything_else(db)
        await worked_off(db, [f"{case['clean']}\n\n{case['attack']}" for case in CASES])

    assert await everything_else(db) == before
    slugs = {row[0] for row in before[0]}
    for row in await db.fetch("select * from public.rfq_requests where message <> all ($1)", BYSTANDERS):
        assert (row["ai_status"], row["ai_reason"], row["ai_review"]) == ("done", None, "injection_suspected")
        assert row["ai_route"] in slugs
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0
    await nothing_is_leaked(db)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(len(GULLIBLE)))
async def test_injections_through_a_model_that_obeys_change_nothing_and_are_flagged(database, db, first):
    """The model grants each text another wish. The wishes rotate until every text has met every kind."""
    cases = CASES[first :: len(GULLIBLE)]
    async with ModelServer() as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, price=lambda _model, _usage: (Decimal(0), "free"))
        await db.execute("select ai.set_policy('max_attempts', '2'), ai.set_policy('retry_base_seconds', '0.1')")
        async with working(database, provider, poll_seconds=0.05):
            await worked_off(db, BYSTANDERS)
            before = await everything_else(db)
            server.default = f"gullible:{first}"
            await worked_off(db, [f"{case['clean']}\n\n{case['attack']}" for case in cases])
        await provider.aclose()

    assert await everything_else(db) == before
    slugs = {row[0] for row in before[0]}
    rows = await db.fetch("select * from public.rfq_requests where message <> all ($1)", BYSTANDERS)
    assert len(rows) == len(cases)
    for row in rows:
        if row["ai_status"] == "done":
            # An answer in which an obedient model did what a text asked always needs review.
            assert row["ai_review"] == "injection_suspected"
            assert row["ai_route"] in slugs
            extracted = json.loads(row["ai_extracted"])
            assert not {"budget", "due_date"} & extracted.keys()  # not in the text, so not in the answer
            if "delivery_place" in extracted:  # a place has many names: it is kept, and marked
                assert extracted["checks"]["delivery_place"]["verdict"] == "unverified"
        else:
            assert (row["ai_status"], row["ai_reason"], row["ai_route"]) == ("failed", "invalid_output", None)
    refused = {0, 1, 2, 3, 4, 7}  # leaks, an unknown route, unknown fields
    assert {row["ai_status"] for row in rows} == {"failed" if first in refused else "done"}
    await nothing_is_leaked(db)


async def test_an_answer_that_paraphrases_the_prompt_needs_review(database, db):
    async with ModelServer() as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, price=lambda _model, _usage: (Decimal(0), "free"))
        async with working(database, provider, poll_seconds=0.05):
            server.default = "leak_paraphrase"
            await worked_off(db, BYSTANDERS)
        await provider.aclose()
    rows = await db.fetch("select ai_status, ai_review from public.rfq_requests where message = any ($1)", BYSTANDERS)
    assert {tuple(row) for row in rows} == {("done", "injection_suspected")}
