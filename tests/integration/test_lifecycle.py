"""The worker against a real database: slots, errors, locks, lost sessions, and its end."""

import asyncio
from dataclasses import replace

import pytest

from rfqflow.core.errors import ErrorClass, SchemaMismatch
from rfqflow.database.connection import connect
from tests.support.worker_harness import Scripted, ended, heartbeats, insert, now, until, working


async def test_an_inserted_rfq_is_done_at_once(database, db):
    provider = Scripted()
    async with working(database, provider, poll_seconds=30):
        await insert(db, "one", "two")
        await until(ended(db, 2))

    runs = await db.fetch("select status, provider, model, prompt_version, cost_usd, input_tokens from ai.rag_runs")
    assert [tuple(row)[:4] for row in runs] == [("succeeded", "scripted", "m1", "rfq@1")] * 2
    assert await db.fetchval("select count(*) from ai.workers") == 0


async def test_claims_fill_free_slots_only_and_a_freed_slot_is_refilled_at_once(database, db):
    provider = Scripted()
    first, rest = asyncio.Event(), asyncio.Event()
    messages = [f"m{n}" for n in range(6)]
    provider.behaviours = {"m0": first, **dict.fromkeys(messages[1:], rest)}
    async with working(database, provider, concurrency=3, poll_seconds=30):
        await insert(db, *messages)
        await until(now(lambda: provider.in_flight == 3))
        assert await db.fetchval("select count(*) from ai.outbox where claim_id is not null") == 3

        first.set()
        seconds = await until(now(lambda: len(provider.calls) == 4))
        assert await db.fetchval("select count(*) from ai.outbox where claim_id is not null") == 3
        rest.set()
        await until(ended(db, 6))

    assert seconds < 5  # by the freed slot; the poll would have taken 30 s
    assert provider.peak == 3


async def test_thousands_of_calls_are_in_flight_without_a_connection_each_or_an_open_transaction(database, db):
    provider = Scripted()
    go = asyncio.Event()
    provider.default = go
    async with working(database, provider, concurrency=2000):
        await db.execute("insert into public.rfq_requests (message) select 'm' || g from generate_series(1, 2000) g")
        await until(now(lambda: provider.in_flight == 2000), 30)
        backends = await db.fetch(
            "select state, xact_start from pg_stat_activity where application_name like 'rfqflow %' "
            "and datname = current_database()"
        )
        go.set()
        await until(ended(db, 2000), 30)

    assert len(backends) <= 6
    assert [row for row in backends if row["state"].startswith("idle in transaction")] == []


async def test_a_failing_rfq_is_retried_then_discarded_and_disturbs_no_other(database, db):
    await db.execute("select ai.set_policy('retry_base_seconds', '0.02'), ai.set_policy('max_attempts', '3')")
    provider = Scripted()
    provider.behaviours = {"poison": ErrorClass.INVALID_OUTPUT}
    async with working(database, provider):
        await insert(db, "poison", "fine")
        await until(ended(db, 1, "failed"))
        await until(ended(db, 1))

    assert provider.calls.count("poison") == 3
    assert await db.fetchval("select reason from ai.dead_letters") == "invalid_output"
    assert await db.fetchval("select array_agg(attempt order by run_id) from ai.rag_runs where status = 'failed'") == [
        1,
        2,
        3,
    ]


@pytest.mark.parametrize("error", [ErrorClass.RATE_LIMIT, ErrorClass.AUTH, ErrorClass.CONNECTION, ErrorClass.QUOTA])
async def test_a_fault_that_is_not_the_rfqs_defers_it_and_charges_no_attempt(database, db, error):
    await db.execute("select ai.set_policy('breaker_cooldown_seconds', '0.05')")
    provider = Scripted()
    provider.behaviours = {"one": [error]}
    async with working(database, provider):
        await insert(db, "one")
        await until(ended(db, 1, "deferred"))
        row = await db.fetchrow("select attempt, reason, due_at > now() as later from ai.outbox_deferred")
        assert tuple(row) == (0, str(error), True)
        await db.execute("update ai.outbox_deferred set due_at = now()")
        await until(ended(db, 1))

    attempts = (
        "select array_agg(attempt order by run_id) from ai.rag_runs where claim_id is not null and provider is not null"
    )
    assert await db.fetchval(attempts) == [1, 1]


async def test_an_answer_the_table_refuses_is_kept_and_written_later_without_a_second_call(database, db):
    await db.execute(
        "select ai.set_policy('retry_base_seconds', '0.02');"
        "create function public.no() returns trigger language plpgsql as $$ begin "
        "if new.ai_summary is not null then raise exception 'no'; end if; return new; end $$;"
        "create trigger no before update on public.rfq_requests for each row execute function public.no()"
    )
    provider = Scripted()
    async with working(database, provider):
        await insert(db, "one")
        await until(lambda: db.fetchval("select count(*) > 1 from ai.rag_runs where error_class = 'write_refused'"))
        await db.execute("drop trigger no on public.rfq_requests")
        await db.execute("update ai.outbox_deferred set due_at = now()")
        await until(ended(db, 1))

    assert provider.calls == ["one"]
    assert await db.fetchval("select ai_summary from public.rfq_requests") == "about one"
    assert await db.fetchval("select reason from ai.rag_runs where status = 'succeeded'") == "written_late"


async def test_a_table_that_keeps_refusing_makes_a_dead_letter(database, db):
    await db.execute(
        "select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '2');"
        "create function public.no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;"
        "create trigger no before update on public.rfq_requests for each row execute function public.no()"
    )
    provider = Scripted()
    async with working(database, provider):
        await insert(db, "one")
        await until(ended(db, 1, "failed"))

    assert provider.calls == ["one"]
    assert await db.fetchval("select reason from ai.dead_letters") == "write_refused"


@pytest.mark.fault("D8")
async def test_an_rfq_that_the_application_locks_delays_no_other_and_is_not_paid_twice(database, db, open_connection):
    application = await open_connection()
    provider = Scripted()
    go = asyncio.Event()
    provider.behaviours = {"held": go}
    async with working(database, provider, lease_seconds=8, call_deadline_seconds=2):
        await insert(db, "held")
        await until(now(lambda: provider.in_flight == 1))
        transaction = application.transaction()
        await transaction.start()
        await application.execute("update public.rfq_requests set name = 'n'")
        go.set()
        await insert(db, "free")
        await until(ended(db, 1))
        lease = await db.fetchval("select lease_expires_at from ai.outbox")
        await until(lambda: db.fetchval("select lease_expires_at > $1 from ai.outbox", lease))  # renewed
        await transaction.commit()
        await until(ended(db, 2))

    assert sorted(provider.calls) == ["free", "held"]


async def test_an_edit_during_the_call_causes_a_call_with_the_new_text(database, db):
    provider = Scripted()
    go = asyncio.Event()
    provider.behaviours = {"first": go}
    async with working(database, provider):
        await insert(db, "first")
        await until(now(lambda: provider.in_flight == 1))
        await db.execute("update public.rfq_requests set message = 'second'")
        go.set()
        await until(ended(db, 1))

    assert await db.fetchval("select ai_summary from public.rfq_requests") == "about second"
    assert provider.calls == ["first", "second"]


async def test_pause_policy_and_routes_are_followed(database, db):
    provider = Scripted()
    async with working(database, provider):
        await heartbeats(db)
        await db.execute("select ai.pause()")
        await insert(db, "waits")
        await db.execute("insert into ai.routes (slug, description) values ('rail', 'Railway parts.')")
        assert await heartbeats(db) < 20
        assert provider.calls == []
        await db.execute("select ai.resume()")
        await until(ended(db, 1))

    assert "rail" in {route.slug for route in provider.requests[-1].routes}


async def test_opted_out_and_empty_rfqs_never_reach_the_provider(database, db):
    provider = Scripted()
    async with working(database, provider):
        await db.execute(
            "insert into public.rfq_requests (message, metadata) values ('private', '{\"ai_opt_out\": true}'), ('...', '{}')"
        )
        await until(ended(db, 2, "skipped"))

    assert provider.calls == []
    assert {row[0] for row in await db.fetch("select ai_reason from public.rfq_requests")} == {"opted_out", "empty"}


async def test_a_lost_session_cancels_the_calls_and_its_rows_are_claimed_again_within_two_seconds(database, db):
    provider = Scripted()
    provider.behaviours = {"one": [asyncio.Event()]}
    async with working(database, provider):
        await insert(db, "one")
        await until(now(lambda: provider.in_flight == 1))
        await db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'rfqflow doorbell' and datname = current_database()"
        )
        seconds = await until(ended(db, 1))

    assert seconds < 20  # a lease is a minute
    assert provider.calls == ["one", "one"]
    statuses = await db.fetch("select status, reason from ai.rag_runs order by run_id")
    assert [tuple(row) for row in statuses] == [("lost", "worker_died"), ("succeeded", None)]


async def test_a_worker_survives_the_loss_of_all_its_connections(database, db):
    provider = Scripted()
    async with working(database, provider):
        for round_ in range(5):
            await db.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name like 'rfqflow %' and datname = current_database()"
            )
            await insert(db, f"round {round_}")
            await until(ended(db, round_ + 1))

    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == 5


async def test_polling_alone_is_enough(database, db):
    provider = Scripted()
    async with working(database, provider, listen="off", poll_seconds=0.1):
        await insert(db, "one")
        await until(ended(db, 1))

    assert provider.calls == ["one"]


@pytest.mark.fault("D17")
async def test_behind_a_transaction_pooler_leases_and_polling_are_enough(database, db):
    provider = Scripted()
    async with working(database, provider, direct=False, poll_seconds=0.1):
        await insert(db, "one")
        await until(ended(db, 1))
        assert await db.fetchval("select has_lock from ai.workers") is False


async def test_two_workers_share_the_work_and_each_rfq_has_one_call(database, db):
    one, other = Scripted(), Scripted()
    async with working(database, one, concurrency=4), working(database, other, concurrency=4):
        await db.execute("insert into public.rfq_requests (message) select 'm' || g from generate_series(1, 400) g")
        await until(ended(db, 400), 30)

    assert sorted(one.calls + other.calls) == sorted(f"m{n}" for n in range(1, 401))


@pytest.mark.fault("D15")
async def test_the_sweep_finds_rfqs_that_no_trigger_saw(database, db):
    await db.execute("select ai.set_policy('sweep_seconds', '0.1')")
    provider = Scripted()
    async with working(database, provider):
        await db.execute("set session_replication_role = replica")
        await insert(db, "unseen")
        await until(ended(db, 1))

    assert provider.calls == ["unseen"]


async def test_a_result_the_database_cannot_hold_fails_alone(database, db):
    class Hostile(Scripted):
        async def complete(self, request):
            done = await super().complete(request)
            if request.rfq.message == "bad":
                return replace(done, provider_request_id="nul \x00")
            return done

    provider = Hostile()
    go = asyncio.Event()
    provider.default = go
    async with working(database, provider):
        await insert(db, "one", "bad", "two")
        await until(now(lambda: provider.in_flight == 3))
        go.set()
        await until(ended(db, 2))
        await until(ended(db, 1, "failed"))

    assert await db.fetchval("select reason from ai.dead_letters") == "invalid_output"


async def test_a_switch_or_rollback_of_the_prompt_applies_from_the_next_claim(database, db):
    class Versioned(Scripted):
        async def complete(self, request):
            done = await super().complete(request)
            return replace(done, prompt_version=request.prompt.version, prompt_sha256=request.prompt.sha256)

    provider = Versioned()
    async with working(database, provider, prompt_version=None):
        await until(lambda: db.fetchval("select exists (select from ai.prompts)"))
        await db.execute(
            "select ai.add_prompt('rfq', p.system || ' Be brief.', p.template, p.parameters) from ai.prompts p"
        )
        expected = "rfq@1"
        for n in range(12):
            await db.execute(
                "insert into public.rfq_requests (message) select 'n' || $1 || ' ' || g from generate_series(1, 40) g",
                str(n),
            )
            await until(ended(db, (n + 1) * 40))
            used = await db.fetch(
                "select distinct u.prompt_version from ai.rag_runs u join public.rfq_requests r on r.id = u.rfq_id "
                "where r.message like 'n' || $1 || ' %'",
                str(n),
            )
            assert [row["prompt_version"] for row in used] == [expected]
            expected = "rfq@2" if n % 2 == 0 else "rfq@1"
            await db.execute("select ai.activate_prompt($1, p_force => true)", expected)

    hashes = await db.fetch("select distinct prompt_version, prompt_sha256 from ai.rag_runs")
    assert len(hashes) == 2
    assert await db.fetchval("select ai.rollback_prompt()") == "rfq@2"


async def test_a_rerun_keeps_the_answer_for_free_and_a_forced_one_makes_a_call(database, db):
    provider = Scripted()
    async with working(database, provider):
        await insert(db, "one")
        await until(ended(db, 1))
        await db.execute("select ai.rerun_rfq(id) from public.rfq_requests")
        await until(lambda: db.fetchval("select count(*) = 2 from ai.rag_runs"))
        assert provider.calls == ["one"]
        await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
        await until(lambda: db.fetchval("select count(*) = 3 from ai.rag_runs"))

    assert provider.calls == ["one", "one"]
    runs = await db.fetch("select status, reason from ai.rag_runs order by run_id")
    assert [tuple(row) for row in runs] == [("succeeded", None), ("skipped", "unchanged"), ("succeeded", None)]


async def test_a_deleted_rfq_leaves_the_queue_and_causes_no_call(database, db):
    await insert(db, "gone", "stays")
    await db.execute("delete from public.rfq_requests where message = 'gone'")
    provider = Scripted()
    async with working(database, provider):
        await until(lambda: db.fetchval("select count(*) = 0 from ai.outbox"))

    assert provider.calls == ["stays"]


@pytest.mark.fault("L2")
async def test_a_call_that_exceeds_its_deadline_is_cut_off_and_repeated(database, db):
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01')")
    provider = Scripted()
    provider.behaviours = {"one": [asyncio.Event()]}
    async with working(database, provider, call_deadline_seconds=0.1, poll_seconds=0.1):
        await insert(db, "one")
        await until(ended(db, 1))

    assert provider.calls == ["one", "one"]
    assert await db.fetchval("select error_class from ai.rag_runs where status = 'failed'") == "timeout"


async def test_calls_in_flight_end_during_a_pause_and_a_resume_is_followed_at_once(database, db):
    provider = Scripted()
    go = asyncio.Event()
    provider.behaviours = {"one": go}
    async with working(database, provider, poll_seconds=30):
        await insert(db, "one")
        await until(now(lambda: provider.in_flight == 1))
        await db.execute("select ai.pause()")
        await insert(db, "two")
        go.set()
        await until(ended(db, 1))
        assert provider.calls == ["one"]
        await db.execute("select ai.resume()")
        assert await until(ended(db, 2)) < 20


async def test_policy_changes_and_dead_workers_are_noticed_each_second_at_any_poll_interval(database, db):
    provider = Scripted()
    go = asyncio.Event()
    provider.behaviours = {"first": go}
    async with working(database, provider, concurrency=1, poll_seconds=60):
        await insert(db, "first")
        await until(now(lambda: provider.in_flight == 1))
        await db.execute("update ai.policy set value = '0.95' where key = 'min_confidence'")
        assert await heartbeats(db) < 20
        dying = await connect(database)
        number = await dying.fetchval("select ai.register_worker('h', 1, 'v', 'p', 'm', 8, true)")
        await insert(db, "one")
        assert await dying.fetch("select * from ai.claim_outbox($1, 1, 1, '60 s')", number)
        go.set()
        await until(ended(db, 1))
        dying.terminate()
        seconds = await until(ended(db, 2))

    assert seconds < 20
    assert await db.fetchval("select count(*) from ai.rag_runs where reason = 'worker_died'") == 1
    reviews = await db.fetch("select message, ai_review from public.rfq_requests order by message")
    assert [tuple(row) for row in reviews] == [("first", None), ("one", "low_confidence")]


async def test_a_later_releases_breaking_migration_ends_the_worker(database, db):
    await db.execute("select ai.set_policy('sweep_seconds', '0.05')")
    with pytest.raises(SchemaMismatch, match="9999_later"):
        async with asyncio.timeout(40), working(database, Scripted()):
            await db.execute(
                "insert into ai.rfqflow_migration (name, sha256, breaking) "
                "select '9999_later', sha256, true from ai.rfqflow_migration limit 1"
            )
            await until(lambda: db.fetchval("select exists (select from ai.workers)"))
            await until(lambda: db.fetchval("select not exists (select from ai.workers)"))


async def test_the_rfqs_of_a_worker_that_crashes_are_taken_over_at_once(database, db):
    await db.execute("select ai.set_policy('sweep_seconds', '0.05')")
    provider = Scripted()
    provider.default = asyncio.Event()  # never answers
    with pytest.raises(SchemaMismatch):
        async with asyncio.timeout(40), working(database, provider, concurrency=2):
            await insert(db, "one", "two")
            await until(now(lambda: provider.in_flight == 2))
            await db.execute(
                "insert into ai.rfqflow_migration (name, sha256, breaking) "
                "select '9999_later', sha256, true from ai.rfqflow_migration limit 1"
            )
            await until(now(lambda: provider.in_flight == 0))

    assert await db.fetchval("select count(*) from ai.workers") == 1  # dead: its claims are found by its number
    await db.execute("delete from ai.rfqflow_migration where breaking and name = '9999_later'")
    async with asyncio.timeout(40), working(database, Scripted(), drain=True, alone=True):
        pass
    assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'") == 2
    lost = await db.fetch("select distinct status, reason, error_class from ai.rag_runs where status <> 'succeeded'")
    assert [tuple(row) for row in lost] == [("lost", "worker_died", "lease_lost")]
