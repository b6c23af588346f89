"""A cheap model first, and the configured model where the first is not sure.

Both calls are recorded, paid and bounded, and neither is made twice.
"""

import asyncio
import json
import signal
from dataclasses import replace
from decimal import Decimal

import asyncpg
import pytest
import pytest_asyncio

from rfqflow.core.errors import CallError, ErrorClass, Usage
from tests.support.daemon import ForkedProcess
from tests.support.model_server import ModelServer
from tests.support.oracle_provider import Knowing
from tests.support.shared_worker import shared_worker
from tests.support.worker_harness import count, ended, until, working

RFQ = "Please quote 12 centrifugal pumps, 4 gate valves and one heat exchanger for our works in Cork by 3 May 2027."
RUNS = (
    "select model, status, reason, error_class, claim_id, attempt, booked_usd, cost_usd, confidence, prompt_version, end_status "
    "from ai.rag_runs order by created_at, run_id"
)


class Two(Knowing):
    """The cheap model has the set confidence, and fails when the test wants it."""

    def __init__(self, cheap_confidence=0.95, fault=None):
        super().__init__({})
        self.cheap_confidence = cheap_confidence
        self.cheap_fault = fault
        self.asked = []
        self.gate = {}

    async def complete(self, request):
        self.asked.append(request.model)
        if request.model in self.gate:
            await self.gate[request.model].wait()
        if request.model == "cheap" and self.cheap_fault:
            raise self.cheap_fault
        said = await super().complete(request)
        if request.model == "cheap":
            said = replace(
                said, answer=said.answer.model_copy(update={"confidence": self.cheap_confidence, "route": "civil"})
            )
        return said


async def cascading(db, confidence="0.8"):
    await db.execute(
        "select ai.set_policy('cascade_model', '\"cheap\"'), ai.set_policy('cascade', '\"model\"'), "
        f"ai.set_policy('cascade_confidence', '{confidence}')"
    )


async def insert(db, number=1):
    """Each RFQ has its own sender: a repeat would copy the first answer."""
    await db.execute(
        "insert into public.rfq_requests (message, email) select $1 || g, 'a' || g || '@example.com' "
        "from (select g + (select count(*) from public.rfq_requests) from generate_series(1, $2::int) g) as x(g)",
        RFQ, number,
    )  # fmt: skip


async def books_are_straight(db):
    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert [] == await db.fetch(
        "select * from ai.reconcile_budget() where spent_usd <> runs_usd or held_usd <> holds_usd"
    )
    assert await db.fetchval("select coalesce(sum(in_flight), 0) from ai.model_states") == 0


async def test_a_confident_first_answer_stands_and_the_second_model_is_not_called(db, database):
    await cascading(db)
    provider = Two()
    async with working(database, provider, prompt_version=None):
        await insert(db, 5)
        await until(ended(db, 5), 30)
    assert provider.asked == ["cheap"] * 5
    rows = {(*tuple(row)[:3], row["booked_usd"]) for row in await db.fetch(RUNS)}
    assert rows == {("cheap", "succeeded", "cascade", Decimal("0.001"))}
    assert {("cheap", "civil")} == {
        tuple(r) for r in await db.fetch("select ai_model, ai_route from public.rfq_requests")
    }
    await books_are_straight(db)


async def test_an_unsure_answer_is_followed_by_the_second_model_and_both_runs_are_recorded(db, database):
    await cascading(db)
    await db.execute("select ai.set_policy('sender_per_hour', '1')")
    provider = Two(cheap_confidence=0.6)
    async with working(database, provider, prompt_version=None):
        await insert(db, 20)
        await until(ended(db, 20), 30)
    assert sorted(provider.asked) == ["cheap"] * 20 + ["m1"] * 20
    runs = await db.fetch(RUNS)
    assert {("cheap", "superseded", "unsure", None), ("m1", "succeeded", None, "done")} == {
        (row["model"], row["status"], row["reason"], row["end_status"]) for row in runs
    }
    assert (40, 40) == (len(runs), len({row["claim_id"] for row in runs}))
    assert {1} == {row["attempt"] for row in runs}  # low confidence is not a failure, and charges nothing
    assert Decimal("0.04") == sum(row["booked_usd"] for row in runs)
    assert Decimal("0.04") == await db.fetchval("select spent_usd from ai.budget_status where scope = 'global'")
    assert [0.6, 0.9] == sorted({round(row["confidence"], 3) for row in runs})
    assert {("m1", "general")} == {
        tuple(r) for r in await db.fetch("select ai_model, ai_route from public.rfq_requests")
    }
    await books_are_straight(db)
    shown = await db.fetchrow("select asked, stood, unsure, failed, cost_usd, saved_usd from ai.cascade")
    assert (20, 0, 20, 0, Decimal("0.02"), Decimal("-0.02")) == tuple(shown)


EVERYBODYS = (ErrorClass.AUTH, ErrorClass.QUOTA)  # these faults stop the whole provider, and so the second model


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker(server_databases, template):
    async with shared_worker(server_databases, template, prompt_version=None) as made:
        yield made


@pytest.mark.parametrize("error_class", [one for one in ErrorClass if one not in (ErrorClass.CANCELLED, *EVERYBODYS)])
@pytest.mark.asyncio(loop_scope="module")
async def test_after_any_failure_of_the_first_model_the_second_is_called(worker, same_window, error_class):
    db = worker.db
    await cascading(db)
    provider = Two(fault=CallError(error_class, "as scripted"))  # what was billed is unknown: the whole hold
    await worker.answer(provider, RFQ)
    assert provider.asked == ["cheap", "m1"]
    first, second = await db.fetch(RUNS)
    assert ("cheap", "failed", "first_failed", error_class) == tuple(first)[:4]
    assert ("m1", "succeeded", None, 1, Decimal("0.001")) == (
        *tuple(second)[:3],
        second["attempt"],
        second["booked_usd"],
    )
    assert first["booked_usd"] == Decimal("0.001")
    await books_are_straight(db)
    assert await db.fetchval("select count(*) from ai.outbox_dead") == 0


@pytest.mark.parametrize("error_class", EVERYBODYS)
async def test_a_fault_of_the_whole_provider_defers_the_rfq_and_the_second_model_answers_later(
    db, database, error_class
):
    await cascading(db)
    provider = Two(fault=CallError(error_class, "as scripted", usage=Usage()))
    async with working(database, provider, prompt_version=None):
        await insert(db)
        await until(ended(db, 1, "deferred"), 30)
        assert provider.asked == ["cheap"]
        await db.execute(
            "select ai.close_breaker('openai', model, 'ada', 'mended') from ai.breaker_status where state <> 'closed'"
        )
        await until(ended(db, 1), 30)
    assert provider.asked == ["cheap", "m1"]
    await books_are_straight(db)


async def test_calibration_decides_whether_the_first_is_sure(db, database):
    await cascading(db)
    await db.execute(
        "insert into ai.calibrations (prompt_version, model, points, cases, error_before, error_after) "
        "values ('rfq@1', 'cheap', '[[0.5, 0.1], [0.95, 0.3]]', 60, 0.6, 0.1)"
    )
    provider = Two(cheap_confidence=0.95)
    async with working(database, provider, prompt_version=None):
        await insert(db)
        await until(ended(db, 1), 30)
    assert provider.asked == ["cheap", "m1"]


async def test_breaker_budget_and_limits_of_the_first_model_send_rfqs_to_the_second(db, database):
    await cascading(db)
    provider = Two()
    async with working(database, provider, prompt_version=None):
        await db.execute("select ai.open_breaker('openai', 'cheap', 'ada', 'not today')")
        await insert(db)
        await until(ended(db, 1), 30)
        await db.execute("select ai.close_breaker('openai', 'cheap', 'ada', 'again')")
        await db.execute("select ai.set_budget('model:cheap', 'day', 0.0005)")
        await insert(db)
        await until(ended(db, 2), 30)
        await db.execute("delete from ai.policy where key like 'budget.model:cheap%'")
        await insert(db)
        await until(ended(db, 3), 30)
    assert provider.asked == ["m1", "m1", "cheap"]
    await books_are_straight(db)


async def test_failures_of_the_first_model_open_its_own_breaker_only(db, database):
    await cascading(db)
    await db.execute("select ai.set_policy('breaker_min_calls', '3')")
    provider = Two(fault=CallError(ErrorClass.PROVIDER_5XX, "as scripted", http_status=500))
    async with working(database, provider, prompt_version=None, concurrency=1):
        await insert(db, 12)
        await until(ended(db, 12), 60)
    states = dict(await db.fetch("select model, state from ai.breaker_status"))
    assert ("open", "closed") == (states["cheap"], states["m1"])
    assert 3 <= provider.asked.count("cheap") < 12
    assert provider.asked.count("m1") == 12


async def test_a_forced_rerun_goes_to_the_second_model_at_once(db, database):
    await cascading(db)
    provider = Two()
    async with working(database, provider, prompt_version=None):
        await insert(db)
        await until(ended(db, 1), 30)
        await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
        await until(lambda: db.fetchval("select count(*) = 2 from ai.rag_runs where status = 'succeeded'"), 30)
    assert provider.asked == ["cheap", "m1"]


async def test_an_edit_or_a_switched_prompt_begins_with_the_first_model_again(db, database):
    await cascading(db)
    provider = Two(cheap_confidence=0.5)
    async with working(database, provider, prompt_version=None):
        await insert(db)
        await until(ended(db, 1), 30)
        await db.execute("update public.rfq_requests set message = message || ' And a crane.'")
        await until(lambda: db.fetchval("select count(*) = 2 from ai.rag_runs where status = 'succeeded'"), 30)
        await db.execute(
            "select ai.add_prompt('rfq', system || ' Be brief.', template, parameters) from ai.prompts; "
            "select ai.activate_prompt('rfq@2', 'ada', 'why', true); select ai.rerun_rfq(id) from public.rfq_requests"
        )
        await until(lambda: db.fetchval("select ai_prompt_version = 'rfq@2' from public.rfq_requests"), 30)
    assert provider.asked == ["cheap", "m1"] * 3


async def test_the_second_model_is_retried_without_another_call_of_the_first(db, database):
    await cascading(db)
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01')")
    provider = Two(cheap_confidence=0.5)
    provider.breaks = {"rfq@1": 1.0}
    async with working(database, provider, prompt_version=None):
        provider.cheap_fault = CallError(ErrorClass.TIMEOUT, "as scripted")
        await insert(db)
        await until(lambda: asyncio.sleep(0, len(provider.asked) >= 3), 30)
        provider.breaks = {}
        await until(ended(db, 1), 30)
    assert provider.asked[0] == "cheap"
    assert set(provider.asked[1:]) == {"m1"}


async def test_a_first_answer_after_its_claim_was_lost_is_not_accepted(db, database):
    await cascading(db)
    provider = Two()
    provider.gate["cheap"] = gate = asyncio.Event()
    async with working(database, provider, prompt_version=None):
        await insert(db)
        await until(lambda: asyncio.sleep(0, provider.asked == ["cheap"]))
        # Another worker has the RFQ by now.
        await db.execute("update ai.outbox set claim_id = 7, worker = 99, lease_expires_at = now() + interval '1 hour'")
        gate.set()
        await until(lambda: db.fetchval("select exists (select from ai.rag_runs)"), 30)
        run = await db.fetchrow(RUNS)
        assert ("cheap", "superseded", "claim_lost") == tuple(run)[:3]
        assert await count(db, "done") == 0


@pytest.mark.parametrize(("mode", "model"), [("model", "m1"), ("off", "cheap")])
async def test_without_a_cascade_or_with_the_configured_model_first_nothing_changes(db, database, mode, model):
    await db.execute("select ai.set_policy('cascade_model', $1)", json.dumps(model))
    await db.execute("select ai.set_policy('cascade', $1)", json.dumps(mode))
    provider = Two()
    async with working(database, provider, prompt_version=None):
        await insert(db)
        await until(ended(db, 1), 30)
    assert provider.asked == ["m1"]
    assert await db.fetchval("select reason is null from ai.rag_runs")


async def test_a_cascade_needs_a_model_and_a_known_mode(db):
    with pytest.raises(asyncpg.CheckViolationError, match="cascade_model is not set"):
        await db.execute("select ai.set_policy('cascade', '\"model\"')")
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("select ai.set_policy('cascade', '\"chep\"')")
    await cascading(db)
    with pytest.raises(asyncpg.CheckViolationError, match="cascade_model cannot be empty"):
        await db.execute("select ai.set_policy('cascade_model', '\" \"')")


# -- a crash at every point, with real processes and a real server ---------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "asked"),
    [
        # Between the two calls: the first is recorded and is not repeated.
        ("after_finish=kill@1", ["cheap", "big"]),
        ("before_send=kill@2", ["cheap", "big"]),
        # The first was answered, and no run has it: it is called once more.
        ("after_reply=kill@1", ["cheap", "cheap", "big"]),
        # The second was answered, and no run has it: only the second is called once more.
        ("after_reply=kill@2", ["cheap", "big", "big"]),
        ("before_finish=kill@2", ["cheap", "big", "big"]),
    ],
)
async def test_a_crash_loses_nothing_accepts_nothing_twice_and_repeats_only_unrecorded_calls(db, database, plan, asked):
    await cascading(db, "0.99")
    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
        "values ('openai', 'cheap', 1, 1), ('openai', 'big', 10, 10)"
    )
    async with ModelServer() as server:
        environment = {
            "RFQFLOW_DATABASE_URL": database, "RFQFLOW_PROVIDER": "openai", "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "sk-test", "RFQFLOW_MODEL": "big",
        }  # fmt: skip
        await insert(db)
        async with ForkedProcess("run", **environment, RFQFLOW_FAILPOINTS=plan) as dying:
            assert await dying.exit_code(30) == -signal.SIGKILL
        async with ForkedProcess("run", "--drain", **environment) as process:
            assert await process.exit_code(60) == 0, process.text
        assert [one["body"]["model"] for one in server.journal] == asked
    runs = await db.fetch(RUNS)
    assert [("big", "succeeded")] == [(row["model"], row["status"]) for row in runs if row["status"] == "succeeded"]
    assert [("cheap", "unsure")] == [(row["model"], row["reason"]) for row in runs if row["reason"] == "unsure"]
    assert len(asked) - 2 <= sum(row["status"] == "lost" for row in runs)
    assert len(runs) == len({row["claim_id"] for row in runs})
    assert all(row["booked_usd"] > 0 for row in runs if row["status"] in ("succeeded", "superseded"))
    await books_are_straight(db)
    assert "big" == await db.fetchval("select ai_model from public.rfq_requests")


async def test_the_command_sets_it_and_the_report_has_it(db, database):
    async def command(*arguments, code=0):
        async with ForkedProcess(*arguments, RFQFLOW_DATABASE_URL=database) as process:
            out = (await process.process.stdout.read()).decode()
            assert await process.exit_code(30) == code, process.text
        return out + process.text

    assert "cascade_model is not set" in await command("policy", "set", "cascade", "model", code=2)
    await command("policy", "set", "cascade_model", "cheap")
    await command("policy", "set", "cascade", "model")
    provider = Two(cheap_confidence=0.95)
    async with working(database, provider, prompt_version=None):
        await insert(db, 3)
        await until(ended(db, 3), 30)
    reported = json.loads(await command("report", "--json"))
    (row,) = reported["cascade"]
    assert ("cheap", 3, 3, 0, 0) == tuple(row[name] for name in ("model", "asked", "stood", "unsure", "failed"))
    assert "Cascade: the model that answers first" in await command("report", "--markdown")
