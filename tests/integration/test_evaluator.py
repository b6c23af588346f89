"""Evaluations that the database requests: started once, bounded, cancelled, resumed, counted."""

import asyncio
import contextlib
from decimal import Decimal

import asyncpg
import pytest

from rfqflow.core.policy import Policy
from rfqflow.database import migrate
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.enrichment.prompt_cache import PromptCache
from rfqflow.prompts import shipped
from rfqflow.store.queue import QueueStore
from rfqflow.worker.evaluation_jobs import EvaluationWorker
from rfqflow.worker.side_job import SideJob
from tests.support.oracle_provider import Knowing
from tests.support.two_prompts import two_prompts
from tests.support.worker_harness import until

ROUTES = migrate.shipped_routes()


@pytest.fixture
async def cases(db, database):
    await two_prompts(db, database)
    await db.execute(
        "insert into ai.eval_cases (case_id, family, provenance, message, labels) "
        "select 'c' || g, 'f' || g, 'file', 'Please quote part ' || g || ', twelve pieces.', '{\"route\": \"general\"}' "
        "from generate_series(1, 40) g"
    )


@contextlib.asynccontextmanager
async def evaluator(database, provider, deadline_seconds=5.0):
    lines = [ReconnectingConnection(database, f"rfqflow {name}") for name in ("side", "own")]
    pipeline = Pipeline(provider, prompt_version=None, deadline_seconds=5, pepper=None)
    side, own = (QueueStore(line) for line in lines)
    yield EvaluationWorker(
        SideJob(pipeline, side, own, PromptCache(shipped()), lambda: (Policy(), ROUTES), deadline_seconds)
    )
    for line in lines:
        await line.close()


async def request(db, version="rfq@2", most=1, model=None):
    return await db.fetchval("select ai.request_evaluation($1, $2, $3, 'ada')", version, model, Decimal(str(most)))


async def state(db):
    return await db.fetchrow("select * from ai.eval_requests order by request desc limit 1")


async def test_a_requested_evaluation_runs_and_allows_activation_of_the_prompt(db, database, cases):
    provider = Knowing({}, errs={"rfq@2": 0.3})
    await request(db)
    with pytest.raises(asyncpg.PostgresError) as refused:
        await request(db)
    assert refused.value.sqlstate == "RF007"
    async with evaluator(database, provider) as one:
        assert await one.once()
        assert not await one.once()
    found = await state(db)
    assert ("finished", 40, 40, Decimal("0.04")) == tuple(
        found[n] for n in ("end_reason", "cases", "answered", "spent_usd")
    )
    run = await db.fetchrow("select *, report -> 'route' ->> 'hits' as hits from ai.eval_runs")
    assert ("rfq@2", "m1", "ada", "db", found["eval_run"]) == tuple(
        run[n] for n in ("prompt_version", "model", "started_by", "source", "eval_run")
    )
    messages = [row[0] for row in await db.fetch("select message from ai.eval_cases")]
    assert int(run["hits"]) == sum(Knowing.draw(one, "rfq@2") <= 0.7 for one in messages)
    assert await db.fetchval("select sum(booked_usd) from ai.eval_calls where purpose = 'evaluation'") == Decimal(
        "0.04"
    )
    await db.execute("select ai.activate_prompt('rfq@2')")

    await request(db)
    async with evaluator(database, provider) as one:
        await one.once()
    assert (40, Decimal(0)) == ((await state(db))["answered"], (await state(db))["spent_usd"])
    assert len(provider.calls) == 40


async def test_it_stops_below_its_cap_and_a_second_request_resumes_it(db, database, cases):
    provider = Knowing({})
    await request(db, most=0.0105)
    async with evaluator(database, provider) as one:
        await one.once()
        found = await state(db)
        assert found["end_reason"].startswith("stopped: ")
        assert "spending limit" in found["end_reason"]
        assert (10, Decimal("0.01")) == (found["answered"], found["spent_usd"])
        assert not await db.fetchval("select ai.is_measured('rfq@2')")
        await request(db, most=1)
        await one.once()
    assert ("finished", 40) == ((await state(db))["end_reason"], len(provider.calls))


async def test_one_worker_runs_it_and_another_resumes_it_after_the_first_dies(db, database, cases):
    first, second = Knowing({}), Knowing({})
    first.together = asyncio.Barrier(99)  # its calls never return
    await request(db, most=0.05)
    async with evaluator(database, first) as one, evaluator(database, second) as other:
        task = asyncio.create_task(one.once())
        await until(lambda: asyncio.sleep(0, first.in_flight == 8))
        assert not await other.once()
        # As a killed worker leaves it: without a report, until its lease expires.
        await db.execute("update ai.eval_requests set claim_id = 1, lease_expires_at = now() - interval '1 second'")
        assert await other.once()
        assert (await state(db))["end_reason"] == "finished"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (2, "finished") == ((await state(db))["takes"], (await state(db))["end_reason"])
    assert len(second.calls) == 40
    assert 1 == await db.fetchval("select count(*) from ai.eval_runs where finished_at is not null")


async def test_a_cancelled_worker_releases_it_and_a_stopping_one_lets_its_calls_end(db, database, cases):
    provider = Knowing({})
    provider.together = asyncio.Barrier(99)
    await request(db)
    async with evaluator(database, provider) as one:
        task = asyncio.create_task(one.once())
        await until(lambda: asyncio.sleep(0, provider.in_flight == 8))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    found = await state(db)
    assert (None, None, 0) == (found["claim_id"], found["ended_at"], found["takes"])

    slow = Knowing({})
    slow.together = asyncio.Barrier(9)  # eight calls, and the test
    async with evaluator(database, slow) as one:
        task = asyncio.create_task(one.once())
        await until(lambda: asyncio.sleep(0, slow.in_flight == 8))
        one.stop()
        assert one.busy
        await slow.together.wait()
        await task
        assert not one.busy
    found = await state(db)
    assert (None, 8, Decimal("0.008")) == (found["ended_at"], found["answered"], found["spent_usd"])
    async with evaluator(database, Knowing({})) as one:
        await one.once()
    found = await state(db)
    assert ("finished", 40, Decimal("0.04")) == (found["end_reason"], found["answered"], found["spent_usd"])


async def test_cancelling_ends_it_and_its_calls_that_wait_for_admission(db, database, cases, monkeypatch):
    monkeypatch.setattr("rfqflow.worker.evaluation_jobs.NOTE_SECONDS", 0.02)
    monkeypatch.setattr("rfqflow.worker.evaluation_jobs.GRACE_SECONDS", 0.0)
    provider = Knowing({})
    await db.execute("insert into ai.model_limits (provider, model, most_in_flight) values ('openai', 'm1', 1)")
    await db.execute("insert into ai.model_states (provider, model, in_flight) values ('openai', 'm1', 1)")
    await request(db)
    async with evaluator(database, provider, 0.05) as one:
        task = asyncio.create_task(one.once())
        await until(lambda: db.fetchval("select eval_run is not null or takes > 0 from ai.eval_requests"))
        assert await db.fetchval("select ai.cancel_evaluation('bob')") is not None
        async with asyncio.timeout(40):
            await task
    found = await state(db)
    assert ("cancelled", "bob", 0) == (found["end_reason"], found["ended_by"], len(provider.calls))
    assert await db.fetchval("select ai.cancel_evaluation('bob')") is None
    assert await db.fetchval("select count(*) from ai.holds") == 0


async def test_an_evaluation_that_ended_three_workers_is_given_up(db, database, cases):
    await request(db)
    provider = Knowing({})
    await db.execute(
        "update ai.eval_requests set takes = 3, claim_id = 1, lease_expires_at = now() - interval '1 second'"
    )
    async with evaluator(database, provider) as one:
        assert not await one.once()
    assert "three workers" in (await state(db))["end_reason"]
    assert provider.calls == []


async def test_an_evaluation_waits_for_its_model_ends_in_a_pause_and_needs_cases_and_a_prompt(db, database, cases):
    provider = Knowing({})
    await request(db, model="bigger")
    async with evaluator(database, provider) as one:
        assert not await one.once()
        await db.execute("select ai.cancel_evaluation('ada')")
        await db.execute("select ai.pause('ada', 'why')")
        await request(db, model="m1")
        assert await one.once()
    assert (await state(db))["end_reason"] == "stopped: call to m1 not admitted: paused"
    await db.execute("update ai.eval_cases set is_active = false")
    for version, words in (("rfq@2", "no case"), ("rfq@9", "not found")):
        with pytest.raises(asyncpg.PostgresError, match=words):
            await request(db, version)
