"""A canary gets its share, always gives an RFQ the same arm, and stops when it is worse. A shadow changes nothing."""

import asyncio

import pytest

from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.store.prompt_trials import Trials
from rfqflow.worker.prompt_trials import judge
from tests.support.oracle_provider import Knowing
from tests.support.two_prompts import two_prompts
from tests.support.worker_harness import count, ended, until, working


@pytest.fixture
async def trials(database):
    line = ReconnectingConnection(database, "rfqflow test")
    yield Trials(line)
    await line.close()


async def insert(db, number):
    await db.execute(
        "insert into public.rfq_requests (message) select 'Please quote part ' || g || ' of ' || $2 from generate_series(1, $1::int) g",
        number, str(await db.fetchval("select count(*) from public.rfq_requests")),
    )  # fmt: skip


async def test_a_canary_has_its_share_and_an_rfq_keeps_its_arm(db, database, trials):
    await two_prompts(db, database)
    provider = Knowing({})
    number = await trials.start("canary", "rfq@2", 25, "ada", None, force=True)
    async with working(database, provider, prompt_version=None, concurrency=32):
        await insert(db, 400)
        await until(ended(db, 400), 60)
        share = await db.fetchval("select count(*) from public.rfq_requests where ai_prompt_version = 'rfq@2'")
        assert 60 <= share <= 140  # 100, plus or minus more than four standard deviations
        arms = dict(await db.fetch("select id, ai_prompt_version from public.rfq_requests"))
        await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
        await until(lambda: db.fetchval("select count(*) = 800 from ai.rag_runs where status = 'succeeded'"), 60)
    assert arms == dict(await db.fetch("select id, ai_prompt_version from public.rfq_requests"))
    figures = await trials.figures(number)
    assert [share, 400 - share] == [figures[arm]["rfqs"] for arm in ("candidate", "base")]
    assert share == len(await trials.rfqs(number))


async def test_a_canary_that_fails_twice_as_often_stops_itself_and_its_rfqs_can_be_rerun(db, database, trials):
    await two_prompts(db, database)
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '1')")
    provider = Knowing({}, breaks={"rfq@1": 0.3, "rfq@2": 0.7})
    number = await trials.start("canary", "rfq@2", 50, "ada", None, force=True)
    async with working(database, provider, prompt_version=None, concurrency=32):
        # The worker itself checks, too: the first check counts.
        for _ in range(12):
            if await trials.running("canary") is None:
                break
            await insert(db, 50)
            await until(
                lambda: db.fetchval("select not exists (select from public.rfq_requests where ai_status = 'pending')"),
                60,
            )
            await judge(trials)
        row = await db.fetchrow("select * from ai.trials where trial = $1", number)
        assert row["ended_by"] == "rfqflow"
        assert row["end_reason"].startswith("clearly worse: fails ")
        assert await db.fetchval("select value from ai.policy where key = 'canary_prompt'") == '""'

        touched = await trials.rfqs(number)
        assert {one for one, _ in touched} == {
            row[0] for row in await db.fetch("select distinct rfq_id from ai.rag_runs where prompt_version = 'rfq@2'")
        }
        assert any(failed for _, failed in touched)
        asked = len(provider.calls)
        provider.breaks = {}
        done = await db.fetchval("select ai.rerun_rfqs($1, false)", [one for one, _ in touched])
        assert done == len(touched)
        await until(lambda: db.fetchval(
            "select not exists (select from public.rfq_requests where id = any ($1) and (ai_status <> 'done' or ai_prompt_version <> 'rfq@1'))",
            [one for one, _ in touched]), 60)  # fmt: skip
    assert {version for version, _ in provider.calls[asked:]} == {"rfq@1"}


async def test_a_shadow_is_called_and_changes_no_rfq(db, database, trials):
    await two_prompts(db, database)
    await db.execute("select ai.set_budget('evaluation', 'day', 0.03)")
    provider = Knowing({}, errs={"rfq@2": 0.5})
    number = await trials.start("shadow", "rfq@2", 100, "ada", None, force=False)
    async with working(database, provider, prompt_version=None, concurrency=32):
        await insert(db, 40)
        await until(ended(db, 40), 60)
        before = await db.fetch("select * from public.rfq_requests order by id")
        await until(lambda: db.fetchval("select count(*) = 40 from ai.shadow_results where ended_at is not null"), 60)
        assert before == await db.fetch("select * from public.rfq_requests order by id")
    shadow = (await trials.figures(number))["shadow"]
    assert (40, 30, 10, 0) == (shadow["asked"], shadow["answered"], shadow["refused"], shadow["failed"])
    assert 0 < shadow["same_route"] < 30
    assert 40 == await db.fetchval("select count(*) from ai.rag_runs")
    assert 0 == await db.fetchval("select count(*) from ai.rag_runs where prompt_version = 'rfq@2'")
    assert 30 == await db.fetchval("select count(*) from ai.eval_calls where purpose = 'shadow'")


async def test_an_interim_result_is_computed_once_by_all_workers(db, database, trials):
    await two_prompts(db, database)
    number = await trials.start("canary", "rfq@2", 50, "ada", None, force=True)
    taken = await asyncio.gather(*(trials.record_canary_check(number, 1) for _ in range(5)))
    assert 1 == sum(taken)
    assert await trials.record_canary_check(number, 2)


async def test_drift_is_checked_once_a_day_by_all_workers_and_reported(db, database):
    await db.execute(
        "insert into ai.rag_runs (created_at, rfq_id, attempt, status, provider, model, confidence, output) "
        "select now() - a.age, gen_random_uuid(), 1, 'succeeded', 'openai', 'm', 0.9, jsonb_build_object('route', a.route, 'language', 'en') "
        "from (values ('1 day'::interval, 'civil', 80), ('1 day', 'process', 20), ('20 days', 'civil', 200), ('20 days', 'process', 300)) "
        "as a(age, route, rfqs), generate_series(1, a.rfqs)"
    )
    looked = "select rows from ai.maintenance_status where step = 'drift' and ran_at is not null"
    async with working(database, Knowing({}), prompt_version=None):
        await until(lambda: db.fetchval(f"select exists ({looked})"), 30)
    assert (1, [("route",)]) == (
        await db.fetchval(looked),
        [tuple(row) for row in await db.fetch("select scope from ai.events where kind = 'drift_moved'")],
    )
    assert not await db.fetchval("select ai.try_claim_maintenance('drift', '1 day')")


async def test_confidence_is_calibrated_and_the_models_own_value_is_kept(db, database):
    await two_prompts(db, database)
    await db.execute(
        "insert into ai.calibrations (prompt_version, model, points, cases, error_before, error_after) "
        "values ('rfq@1', 'm1', '[[0.5, 0.1], [0.9, 0.3]]', 60, 0.6, 0.1)"
    )
    provider = Knowing({})
    async with working(database, provider, prompt_version=None):
        await insert(db, 1)
        await until(ended(db, 1), 30)
        row = await db.fetchrow("select * from public.rfq_requests")
        assert (pytest.approx(0.3), "low_confidence") == (row["ai_confidence"], row["ai_review"])
        assert await db.fetchval("select (ai_extracted ->> 'confidence_raw')::float8 from public.rfq_requests") == 0.9
        assert await db.fetchval("select (output ->> 'confidence')::float8 from ai.rag_runs") == 0.9

        await db.execute("delete from ai.calibrations")
        await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
        await until(lambda: db.fetchval("select count(*) = 2 from ai.rag_runs"), 30)
    assert await count(db, "done") == 1


SURE = "Please quote 12 centrifugal pumps, 4 gate valves and one heat exchanger for our works in Cork by 3 May 2027."
UNSURE = "Could you tell us what you might charge for the thing we talked about on the fair?"


async def test_a_cascade_calls_the_model_only_where_the_rules_are_not_sure(db, database):
    await two_prompts(db, database)
    provider = Knowing({})
    for mode, asked in (("off", 2), ("rules", 1)):
        await db.execute(
            "select ai.set_policy('cascade', to_jsonb($1::text)), ai.set_policy('cascade_confidence', '0.6')", mode
        )
        provider.calls.clear()
        async with working(database, provider, prompt_version=None):
            await db.executemany(
                "insert into public.rfq_requests (message) values ($1)", [(SURE + mode,), (UNSURE + mode,)]
            )
            await until(
                lambda: db.fetchval("select not exists (select from public.rfq_requests where ai_status = 'pending')"),
                30,
            )
        assert [("rfq@1", UNSURE + mode)] == [one for one in provider.calls if one[1].startswith(UNSURE)]
        assert asked == len(provider.calls)
    rows = await db.fetch(
        "select ai_model, ai_route, ai_prompt_version from public.rfq_requests where message = $1", SURE + "rules"
    )
    assert [("rules", "process", "rules@1")] == [tuple(row) for row in rows]
    run = await db.fetchrow("select provider, reason, cost_usd from ai.rag_runs where reason = 'cascade'")
    assert ("rules", "cascade", 0) == tuple(run)
