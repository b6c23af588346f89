"""Refusals of one text by a middlebox, and refusals of all RFQs by the provider. Only the second opens a breaker."""

from decimal import Decimal

import pytest

from rfqflow.llm.openai import OpenAIProvider
from tests.support.model_server import ModelServer
from tests.support.worker_harness import count, ended, insert, until, working

QUICK = "select ai.set_policy('defer_seconds', '0.1'), ai.set_policy('max_attempts', '3')"


def priced(_model, usage):
    return Decimal(usage.input_tokens + 4 * usage.output_tokens) / 1_000_000, "table"


async def reported(db) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Breakers that are not closed, with their reasons; and the dead letters."""
    breakers = await db.fetch("select model, reason from ai.breaker_status where state <> 'closed'")
    dead = await db.fetch("select reason, error_class from ai.dead_letters")
    return [tuple(row) for row in breakers], [tuple(row) for row in dead]


@pytest.mark.fault("L16")
@pytest.mark.parametrize(
    ("refusal", "error_class"),
    [
        ("page:403", "auth"),
        ("says_no:403", "auth"),
        ("page:401", "auth"),
        ("page:451", "auth"),
        ("page:404", "model_not_found"),
        ("close", "connection"),
        ("cut", "connection"),
        ("says_no:502", "provider_5xx"),
        ("page:504", "provider_5xx"),
    ],
)
async def test_one_text_that_is_refused_ends_alone_while_others_are_answered(database, db, refusal, error_class):
    await db.execute(QUICK)
    async with ModelServer() as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, price=priced)
        async with working(database, provider, poll_seconds=0.05):
            await insert(db, f"one text [model:{refusal}]")
            asked = 0
            while await count(db, "failed") == 0:
                asked += 1
                await insert(db, f"another text, number {asked}")
                await until(ended(db, asked))
        await provider.aclose()

    assert await reported(db) == ([], [(error_class, error_class)])
    assert await db.fetchval("select count(*) from ai.events where kind = 'breaker_opened'") == 0
    runs = await db.fetch(
        "select r.status, r.booked_usd from ai.rag_runs r join ai.dead_letters using (rfq_id) order by r.created_at"
    )
    assert [run["status"] for run in runs] == ["deferred", "deferred", "failed"]
    # Its bill is known to be zero, or else is the whole hold, each time.
    free = error_class in ("auth", "quota", "model_not_found")
    assert all((run["booked_usd"] == 0) == free for run in runs)


@pytest.mark.fault("L16")
@pytest.mark.parametrize("status", [403, 401, 407])
async def test_many_texts_that_are_refused_open_no_breaker_while_others_are_answered(database, db, status):
    """A sender who knows what a firewall refuses may send it as often as he likes: the answers to others are evidence."""
    await db.execute(QUICK)
    async with ModelServer(default="held") as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, price=priced)
        async with working(database, provider, poll_seconds=0.05):
            await insert(db, "a slow one")
            await server.received(1)
            await insert(db, *(f"refused text {number} [model:page:{status}]" for number in range(20)))
            # All have been refused at least once, at the same time, while the slow one is still being answered.
            await until(lambda: db.fetchval("select count(distinct rfq_id) = 20 from ai.rag_runs"))
            assert await reported(db) == ([], [])
            server.let_go()
            server.default = "ok"
            await insert(db, *(f"good text {number}" for number in range(10)))
            await until(ended(db, 11))
            await until(ended(db, 20, "failed"))
        await provider.aclose()

    breakers, dead = await reported(db)
    assert (breakers, {*dead}, len(dead)) == ([], {("auth", "auth")}, 20)
    assert await db.fetchval("select count(*) from ai.events where kind = 'breaker_opened'") == 0


@pytest.mark.fault("L16")
@pytest.mark.parametrize(
    ("refusal", "model", "reason"),
    [("page:403", "*", "auth"), ("says_no:402", "*", "quota"), ("page:404", "m1", "model_not_found")],
)
async def test_a_refusal_of_every_rfq_opens_the_breaker_and_is_charged_to_none(database, db, refusal, model, reason):
    async with ModelServer(default=refusal) as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, price=priced)
        async with working(database, provider, poll_seconds=0.05):
            await insert(db, *(f"text {number}" for number in range(20)))
            await until(lambda: db.fetchval("select exists (select from ai.breaker_status where state = 'open')"))
            await until(ended(db, 20, "deferred"))
        await provider.aclose()

    assert await reported(db) == ([(model, reason)], [])
    assert await db.fetchval("select max(attempts) from ai.rfq_status") == 0
    assert len(server.journal) <= 20
    assert await db.fetchval("select sum(spent_usd + held_usd) from ai.budget_status") == 0


async def test_a_wrong_key_in_the_providers_own_words_opens_the_breaker_with_the_first_call(database, db):
    async with ModelServer(default="401") as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, price=priced)
        async with working(database, provider, poll_seconds=0.05, concurrency=1):
            await insert(db, *(f"text {number}" for number in range(20)))
            await until(ended(db, 20, "deferred"))
        await provider.aclose()

    assert await reported(db) == ([("*", "auth")], [])
    assert len(server.journal) == 1


@pytest.mark.fault("L16")
@pytest.mark.parametrize(
    "refusal", ["page:413", "says_no:424", "page:499", "page:423", "says_no:460", "page:418", "page:430"]
)
async def test_an_unknown_status_is_retried_within_bounds(database, db, refusal):
    await db.execute("select ai.set_policy('retry_base_seconds', '0.1'), ai.set_policy('max_attempts', '3')")
    async with ModelServer() as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, price=priced)
        async with working(database, provider, poll_seconds=0.05):
            await insert(db, f"one text [model:{refusal}]")
            asked = 0
            while await count(db, "failed") == 0:
                asked += 1
                await insert(db, f"another text, number {asked}")
                await until(ended(db, asked))
        await provider.aclose()

    assert await reported(db) == ([], [("provider_5xx", "provider_5xx")])
    runs = await db.fetch(
        "select r.attempt, r.cost_source from ai.rag_runs r join ai.dead_letters using (rfq_id) order by 1"
    )
    # A gateway that finds a request too large has not passed it on. For the other statuses, that is unknown.
    source = "free" if refusal == "page:413" else "assumed"
    assert [tuple(run) for run in runs] == [(1, source), (2, source), (3, source)]
