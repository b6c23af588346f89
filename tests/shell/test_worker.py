"""The worker, in this process, against a real PostgreSQL and a provider that does as it is told."""

import asyncio
import time

import asyncpg
import pytest
from shell.daemon import eventually, insert, insert_many, policy, working
from shell.proxy import Proxy
from shell.scripted import Scripted, crash, fail, hang, ok, says, take

from rfqflow.core.errors import ErrorClass, SchemaMismatch

QUICK = {"poll_seconds": 0.1}  # the beat follows it, and with it all that waits for a time


async def status(db: asyncpg.Connection, rfq_id: object) -> tuple[str | None, str | None]:
    row = await db.fetchrow("select ai_status, ai_reason from ai.rfq_status where rfq_id = $1", rfq_id)
    return row["ai_status"], row["ai_reason"]


async def runs(db: asyncpg.Connection, rfq_id: object) -> list[tuple[str, str | None]]:
    rows = await db.fetch(
        "select status, reason from ai.rag_runs where rfq_id = $1 order by created_at, run_id", rfq_id
    )
    return [(row["status"], row["reason"]) for row in rows]


async def leased(db: asyncpg.Connection) -> int:
    return await db.fetchval("select count(*) from ai.outbox where claim_id is not null")


async def refuse_to_be_written(db: asyncpg.Connection, message: str) -> None:
    await db.execute(
        "create function public.no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;"
        "create trigger no before update on public.rfq_requests for each row"
        f" when (new.message = '{message}' and new.ai_summary is not null) execute function public.no()"
    )


# -- the way of one RFQ ----------------------------------------------------------------------------------------


async def test_an_inserted_rfq_is_answered_once_and_leaves_the_queue(database, db):
    provider = Scripted()
    async with working(database, provider) as running:
        rfq = await insert(db, "We need 20 pumps")
        await running.until_done(1)

    written = await db.fetchrow("select ai_status, ai_summary from public.rfq_requests where id = $1", rfq)
    assert tuple(written) == ("done", "asked: We need 20 pumps")
    assert provider.calls("We need 20 pumps") == 1
    assert await db.fetchval("select count(*) from ai.outbox") == 0
    run = await db.fetchrow("select * from ai.rag_runs")
    assert (run["status"], run["provider"], run["prompt_version"], run["attempt"]) == (
        "succeeded", "scripted", "scripted@1", 1
    )  # fmt: skip
    assert (run["input_tokens"], run["output_tokens"]) == (10, 5)
    assert run["latency_ms"] >= 0
    assert run["queue_ms"] >= 0


async def test_what_waits_when_the_worker_starts_is_worked_on(database, db):
    await insert_many(db, 50)

    async with working(database) as running:
        await running.until_done(50)

    assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'") == 50


async def test_a_deleted_rfq_is_forgotten_and_hinders_nobody(database, db):
    gone = await insert(db, "gone")
    await db.execute("delete from public.rfq_requests where id = $1", gone)
    stays = await insert(db, "stays")
    provider = Scripted()

    async with working(database, provider) as running:
        await running.until_done(1)
        await eventually(lambda: db.fetchval("select count(*) = 0 from ai.outbox"))

    assert provider.calls("gone") == 0
    assert await status(db, stays) == ("done", None)


async def test_an_rfq_that_opted_out_is_never_sent_anywhere(database, db):
    rfq = await insert(db, "private", metadata='{"ai_opt_out": true}')
    provider = Scripted()

    async with working(database, provider) as running:
        await running.until(lambda: running.ended.get("skipped") == 1)

    assert await status(db, rfq) == ("skipped", "opted_out")
    assert provider.journal == []


async def test_a_rerun_of_the_same_text_is_kept_for_free_and_a_forced_one_asks_again(database, db):
    rfq = await insert(db, "m")
    provider = Scripted()

    async with working(database, provider) as running:
        await running.until_done(1)
        await db.execute("select ai.rerun_rfq($1)", rfq)
        await running.until(lambda: running.ended.get("skipped") == 1)
        assert provider.calls("m") == 1
        provider.default = says(summary="second")
        await db.execute("select ai.rerun_rfq($1, true)", rfq)
        await running.until_done(2)

    assert provider.calls("m") == 2
    assert await db.fetchval("select ai_summary from public.rfq_requests") == "second"
    assert await runs(db, rfq) == [("succeeded", None), ("skipped", "unchanged"), ("succeeded", None)]


async def test_an_edit_during_the_call_brings_the_new_text_at_once_and_never_the_old_answer(database, db):
    provider = Scripted()
    provider.on("first", hang)
    async with working(database, provider, poll_seconds=30.0) as running:
        rfq = await insert(db, "first")
        await provider.until(lambda: provider.in_flight == 1)
        await db.execute("update public.rfq_requests set message = 'second' where id = $1", rfq)
        provider.release("first")
        await running.until_done(1, seconds=3)

    assert await db.fetchval("select ai_summary from public.rfq_requests") == "asked: second"
    assert await runs(db, rfq) == [("superseded", "edited"), ("succeeded", None)]


# -- slots -----------------------------------------------------------------------------------------------------


async def test_it_claims_into_free_slots_only_and_one_more_the_moment_one_frees(database, db):
    await insert_many(db, 10, "m")
    provider = Scripted(hang)

    async with working(database, provider, concurrency=3, poll_seconds=30.0) as running:
        await provider.until(lambda: provider.in_flight == 3)
        assert await leased(db) == 3
        for freed in range(3):
            began = time.monotonic()
            provider.release(provider.journal[freed].message)
            await provider.until(lambda freed=freed: len(provider.journal) == 4 + freed)
            assert time.monotonic() - began < 0.5
            await running.until_done(freed + 1)
            assert provider.in_flight == 3
            assert await leased(db) == 3

    assert provider.peak == 3
    assert [call.message for call in provider.journal] == [f"m{n}" for n in range(1, 7)]


async def test_a_slot_that_frees_when_nothing_waits_is_used_by_the_next_insert(database, db):
    provider = Scripted(hang)
    async with working(database, provider, concurrency=1, poll_seconds=30.0) as running:
        await insert(db, "one")
        await provider.until(lambda: provider.in_flight == 1)
        await insert(db, "two")
        provider.release("one")
        await provider.until(lambda: provider.calls("two") == 1, seconds=2)
        provider.release("two")
        await running.until_done(2)
        await insert(db, "three")
        await provider.until(lambda: provider.calls("three") == 1, seconds=2)


async def test_thousands_of_calls_in_flight_need_a_handful_of_connections_and_no_transaction(database, db):
    await insert_many(db, 2000)
    provider = Scripted(hang)

    async with working(database, provider, concurrency=2000, call_deadline_seconds=50.0) as running:
        await provider.until(lambda: provider.in_flight == 2000, seconds=30)
        sessions = await db.fetch(
            "select state, xact_start, wait_event_type, application_name from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        assert 1 <= len(sessions) <= 6
        for _ in range(20):
            in_transaction = await db.fetchval(
                "select count(*) from pg_stat_activity where datname = current_database() "
                "and pid <> pg_backend_pid() and state like 'idle in transaction%'"
            )
            assert in_transaction == 0
        provider.release()
        await running.until_done(2000, seconds=30)

    assert len(provider.journal) == 2000


# -- what goes wrong with a call -------------------------------------------------------------------------------


async def test_a_failing_rfq_is_retried_with_backoff_and_discarded_after_its_attempts(database, db):
    await policy(db, retry_base_seconds=0.01, retry_cap_seconds=0.05, max_attempts=4)
    provider = Scripted()
    provider.on("bad", fail(ErrorClass.TIMEOUT))

    async with working(database, provider, **QUICK) as running:
        bad, good = await insert(db, "bad"), await insert(db, "good")
        await running.until(lambda: running.ended.get("failed") == 4)

    assert provider.calls("bad") == 4
    assert await status(db, bad) == ("failed", "timeout")
    assert await status(db, good) == ("done", None)
    dead = await db.fetchrow("select attempts, reason, error_class from ai.dead_letters where rfq_id = $1", bad)
    assert tuple(dead) == (4, "timeout", "timeout")
    assert await db.fetchval("select array_agg(attempt order by attempt) from ai.rag_runs where rfq_id = $1", bad) == [
        1, 2, 3, 4
    ]  # fmt: skip


async def test_an_rfq_that_fails_once_ends_well(database, db):
    await policy(db, retry_base_seconds=0.01)
    provider = Scripted()
    provider.on("m", fail(ErrorClass.INVALID_OUTPUT), ok)

    async with working(database, provider, **QUICK) as running:
        rfq = await insert(db, "m")
        await running.until_done(1)

    assert await runs(db, rfq) == [("failed", "invalid_output"), ("succeeded", None)]


@pytest.mark.parametrize("error_class", [ErrorClass.RATE_LIMIT, ErrorClass.AUTH, ErrorClass.CONNECTION])
async def test_an_outage_defers_and_charges_no_attempt(database, db, error_class):
    await policy(db, defer_seconds=0.01, max_attempts=2)
    provider = Scripted()
    provider.on("m", *[fail(error_class)] * 4, ok)

    async with working(database, provider, **QUICK) as running:
        rfq = await insert(db, "m")
        await running.until_done(1)

    assert provider.calls("m") == 5
    assert await runs(db, rfq) == [("deferred", str(error_class))] * 4 + [("succeeded", None)]
    assert await db.fetchval("select max(attempt) from ai.rag_runs") == 1


async def test_a_deferred_rfq_says_why_and_till_when(database, db):
    await policy(db, defer_seconds=600)
    provider = Scripted(fail(ErrorClass.AUTH))

    async with working(database, provider) as running:
        rfq = await insert(db, "m")
        await running.until(lambda: running.ended.get("deferred") == 1)

    assert await status(db, rfq) == ("deferred", "auth")
    waits = await db.fetchval(
        "select extract(epoch from next_attempt_at - now())::float8 from ai.rfq_status where rfq_id = $1", rfq
    )
    assert 400 < waits <= 720


async def test_the_provider_is_asked_no_earlier_than_it_asked_for(database, db):
    provider = Scripted()
    provider.on("m", fail(ErrorClass.RATE_LIMIT, retry_after_seconds=0.5), ok)

    async with working(database, provider, **QUICK) as running:
        await insert(db, "m")
        await running.until_done(1)

    first, second = provider.journal
    assert second.began - first.ended >= 0.5


async def test_a_call_that_outlives_its_deadline_is_cut_off_and_retried(database, db):
    await policy(db, retry_base_seconds=0.01)
    provider = Scripted()
    provider.on("m", hang, ok)

    async with working(database, provider, call_deadline_seconds=0.2, **QUICK) as running:
        rfq = await insert(db, "m")
        await running.until_done(1)

    assert provider.ends("m") == ["CancelledError", "ok"]
    assert await runs(db, rfq) == [("failed", "timeout"), ("succeeded", None)]


async def test_a_provider_that_breaks_its_contract_costs_its_own_rfq_only(database, db):
    await policy(db, retry_base_seconds=0.01, max_attempts=2)
    provider = Scripted()
    provider.on("bad", crash(RuntimeError("secret text")))

    async with working(database, provider, **QUICK) as running:
        bad, good = await insert(db, "bad"), await insert(db, "good")
        await running.until(lambda: running.ended.get("failed") == 2 and running.ended.get("done") == 1)

    assert await status(db, bad) == ("failed", "internal")
    assert await status(db, good) == ("done", None)


@pytest.mark.parametrize("poison", ["nul \x00 byte", "half a pair \ud800", "other half \udfff"])
async def test_an_answer_the_database_cannot_hold_poisons_nobody_else(database, db, poison):
    await policy(db, retry_base_seconds=0.01, max_attempts=2)
    provider = Scripted()
    provider.on("bad", says(summary=poison))

    async with working(database, provider, **QUICK) as running:
        await db.execute("insert into public.rfq_requests (message) values ('bad'), ('good'), ('better')")
        await running.until(lambda: running.ended.get("done", 0) >= 2, seconds=5)
        await eventually(lambda: db.fetchval("select count(*) = 0 from ai.outbox where claim_id is not null"))

    assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'") >= 2


# -- what goes wrong with a write ------------------------------------------------------------------------------


async def test_an_answer_that_the_table_refuses_is_kept_and_written_later_without_a_second_call(database, db):
    await policy(db, retry_base_seconds=0.01, retry_cap_seconds=0.02, max_attempts=100)
    await refuse_to_be_written(db, "refused")
    provider = Scripted()

    async with working(database, provider, **QUICK) as running:
        rfq = await insert(db, "refused")
        await eventually(lambda: runs(db, rfq), lambda found: len(found) >= 3)
        await db.execute("drop trigger no on public.rfq_requests")
        await running.until_done(1)

    assert provider.calls("refused") == 1
    assert (await runs(db, rfq))[0] == ("failed", "write_refused")
    assert (await runs(db, rfq))[-1] == ("succeeded", "reused")
    assert await status(db, rfq) == ("done", None)


async def test_an_answer_that_the_table_never_takes_is_given_up_with_the_answer_kept(database, db):
    await policy(db, retry_base_seconds=0.01, retry_cap_seconds=0.02, max_attempts=3)
    await refuse_to_be_written(db, "refused")
    provider = Scripted()

    async with working(database, provider, **QUICK) as running:
        rfq = await insert(db, "refused")
        await eventually(lambda: status(db, rfq), lambda found: found == ("failed", "write_refused"))
        await db.execute("drop trigger no on public.rfq_requests")
        await db.execute("select ai.retry_discarded()")
        await running.until_done(1)

    assert provider.calls("refused") == 1
    assert await status(db, rfq) == ("done", None)


async def test_a_locked_rfq_waits_without_hindering_others_or_being_asked_again(database, db, open_connection):
    provider = Scripted()
    provider.on("held", hang)
    application = await open_connection()
    async with working(
        database, provider, concurrency=2, call_deadline_seconds=0.5, lease_seconds=5.5, **QUICK
    ) as running:
        held = await insert(db, "held")
        await provider.until(lambda: provider.in_flight == 1)
        transaction = application.transaction()
        await transaction.start()
        await application.execute("update public.rfq_requests set name = 'n' where id = $1", held)
        provider.release("held")
        for n in range(20):
            await insert(db, f"free {n}")
        await running.until_done(20)
        lease = await db.fetchval("select lease_expires_at from ai.outbox")
        renewed = "select lease_expires_at > $1 from ai.outbox"
        await eventually(lambda: db.fetchval(renewed, lease), seconds=5)
        assert await status(db, held) == ("pending", "in_progress")
        await transaction.commit()
        await running.until_done(21)

    assert provider.calls("held") == 1
    assert await runs(db, held) == [("succeeded", None)]


async def test_a_worker_that_stops_while_an_rfq_is_locked_leaves_the_paid_answer_behind(database, db, open_connection):
    provider = Scripted()
    provider.on("held", hang)
    application = await open_connection()
    async with working(database, provider) as running:
        held = await insert(db, "held")
        await provider.until(lambda: provider.in_flight == 1)
        transaction = application.transaction()
        await transaction.start()
        await application.execute("update public.rfq_requests set name = 'n' where id = $1", held)
        provider.release("held")
        await eventually(lambda: asyncio.sleep(0, result=bool(running.worker._locked)))
        await running.stop(seconds=3)
    await transaction.commit()
    assert await leased(db) == 0

    async with working(database, provider) as running:
        await running.until_done(1)
    assert provider.calls("held") == 1
    assert (await runs(db, held))[-1] == ("succeeded", "reused")


# -- what people change ----------------------------------------------------------------------------------------


async def test_a_pause_and_a_resume_are_followed_at_once(database, db):
    provider = Scripted()
    async with working(database, provider) as running:
        await insert(db, "before")
        await running.until_done(1)
        await db.execute("select ai.pause()")
        rfq = await insert(db, "during")
        settled = "select worker from ai.worker_status where beat_at > now() - interval '10 s'"
        await eventually(lambda: db.fetch(settled))
        assert await status(db, rfq) == ("pending", "paused")
        assert provider.calls("during") == 0
        await db.execute("select ai.resume()")
        began = time.monotonic()
        await running.until_done(2)
        assert time.monotonic() - began < 1.5


async def test_what_is_in_flight_ends_during_a_pause(database, db):
    provider = Scripted(hang)
    async with working(database, provider) as running:
        await insert(db, "m")
        await provider.until(lambda: provider.in_flight == 1)
        await db.execute("select ai.pause()")
        provider.release("m")
        await running.until_done(1)


async def test_changed_policy_and_routes_are_followed_within_two_seconds(database, db):
    provider = Scripted(says(confidence=0.5))
    async with working(database, provider, poll_seconds=30.0) as running:
        await insert(db, "before")
        await running.until_done(1)
        assert await db.fetchval("select ai_review from public.rfq_requests where message = 'before'") is None
        await policy(db, min_confidence=0.9)
        await db.execute("insert into ai.routes (slug, description) values ('aaa_new', 'A new team')")
        async with asyncio.timeout(2.5):
            while running.worker._policy.min_confidence != 0.9 or "aaa_new" not in {
                route.slug for route in running.worker._routes
            }:
                await asyncio.sleep(0.01)
        await insert(db, "after")
        await running.until_done(2)

    after = await db.fetchrow("select ai_review, ai_route from public.rfq_requests where message = 'after'")
    assert tuple(after) == ("low_confidence", "aaa_new")


async def test_a_database_that_a_later_release_has_changed_ends_the_worker(database, db):
    await policy(db, sweep_seconds=0.05)
    async with working(database) as running:
        await insert(db, "m")
        await running.until_done(1)
        await db.execute(
            "insert into ai.rfqflow_migration (name, sha256, breaking) "
            "select '9999_later', sha256, true from ai.rfqflow_migration limit 1"
        )
        with pytest.raises(SchemaMismatch, match="9999_later"):
            async with asyncio.timeout(15):
                await running.task


# -- stopping and draining -------------------------------------------------------------------------------------


async def test_a_stop_finishes_what_is_held_and_claims_no_more(database, db):
    await insert_many(db, 5, "m")
    provider = Scripted(hang)

    async with working(database, provider, concurrency=2) as running:
        await provider.until(lambda: provider.in_flight == 2)
        running.worker.stop()
        provider.release()
        await asyncio.wait_for(running.task, 5)

    assert running.ended == {"done": 2}
    assert len(provider.journal) == 2
    assert await leased(db) == 0
    assert await db.fetchval("select count(*) from ai.workers") == 0


async def test_a_hurried_stop_gives_claims_back_uncharged(database, db):
    rfq = await insert(db, "m")
    provider = Scripted(hang)

    async with working(database, provider) as running:
        await provider.until(lambda: provider.in_flight == 1)
        running.worker.hurry()
        await asyncio.wait_for(running.task, 5)

    assert await leased(db) == 0
    assert await db.fetchval("select attempt from ai.outbox") == 0
    assert await runs(db, rfq) == [("lost", "stopped")]


async def test_a_stop_before_the_first_claim_ends_at_once(database):
    async with working(database) as running:
        await running.stop(seconds=3)
    assert running.ended == {}


async def test_a_released_rfq_is_taken_up_by_another_worker_at_once(database, db):
    provider, other = Scripted(hang), Scripted()
    async with working(database, provider) as first:
        await insert(db, "m")
        await provider.until(lambda: provider.in_flight == 1)
        async with working(database, other, poll_seconds=30.0) as second:
            await eventually(lambda: db.fetchval("select count(*) = 2 from ai.workers"))
            first.worker.hurry()
            await second.until_done(1, seconds=3)


async def test_a_drain_ends_when_nothing_is_due(database, db):
    await insert_many(db, 30)
    await policy(db, defer_seconds=600)
    provider = Scripted()
    provider.on("We need pump 7", fail(ErrorClass.AUTH))

    async with working(database, provider, drain=True) as running:
        counts = await asyncio.wait_for(running.task, 10)

    assert counts.ended == {"done": 29, "deferred": 1}
    assert (await db.fetchval("select deferred from ai.queue_status")) == 1


async def test_a_drain_of_nothing_ends_at_once_also_while_paused(database, db):
    async with working(database, drain=True) as running:
        assert (await asyncio.wait_for(running.task, 5)).ended == {}
    await insert(db, "m")
    await db.execute("select ai.pause()")
    async with working(database, drain=True) as running:
        assert (await asyncio.wait_for(running.task, 5)).ended == {}


async def test_a_drain_works_off_all_that_is_due_however_much_that_is(database, db):
    await insert_many(db, 1200)
    await db.execute(
        "with moved as (delete from ai.outbox returning *) "
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "select rfq_id, enqueued_at, now() - interval '1 s', 0, 'auth' from moved"
    )
    async with working(database, drain=True, concurrency=500) as running:
        counts = await asyncio.wait_for(running.task, 20)
    assert counts.ended == {"done": 1200}


# -- ways to be told -------------------------------------------------------------------------------------------


async def test_polling_alone_carries_everything(database, db):
    provider = Scripted()
    provider.on("edited", hang)
    async with working(database, provider, listen="off", **QUICK) as running:
        await insert_many(db, 20)
        await running.until_done(20)
        rfq = await insert(db, "edited")
        await provider.until(lambda: provider.in_flight == 1)
        await db.execute("update public.rfq_requests set message = 'anew' where id = $1", rfq)
        provider.release()
        await running.until_done(21)
        assert await db.fetchval("select count(*) from pg_stat_activity where application_name = 'rfqflow ear'") == 0
    assert await leased(db) == 0


async def test_without_a_session_of_its_own_a_worker_polls_and_lives_by_its_leases(database, db):
    async with working(database, direct=False, pooled=True, **QUICK) as running:
        await insert_many(db, 20)
        await running.until_done(20)
        assert await db.fetchval("select has_lock from ai.workers") is False
        locks = "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
        assert await db.fetchval(locks) == 0
        await insert(db, "again")
        await running.until_done(21)


async def test_what_a_lost_worker_without_a_session_held_comes_back_when_the_lease_ends(database, db):
    provider = Scripted(hang)
    short = {"direct": False, "pooled": True, "call_deadline_seconds": 0.2, "lease_seconds": 5.3, **QUICK}
    async with working(database, provider, **short) as running:
        rfq = await insert(db, "m")
        await provider.until(lambda: provider.in_flight == 1)
        await running.kill()
    await db.execute("update ai.outbox set lease_expires_at = now() - interval '1 ms'")

    provider.default = ok
    async with working(database, provider, **short) as running:
        await running.until_done(1)
    assert await runs(db, rfq) == [("lost", "lease_expired"), ("succeeded", None)]


# -- several workers, and their ends ---------------------------------------------------------------------------


async def test_two_workers_share_the_work(database, db):
    providers = Scripted(take(0.02)), Scripted(take(0.02))
    async with (
        working(database, providers[0], concurrency=4) as one,
        working(database, providers[1], concurrency=4) as two,
    ):
        await insert_many(db, 200)
        await eventually(lambda: db.fetchval("select count(*) = 200 from public.rfq_requests where ai_status = 'done'"))
        assert one.ended["done"] + two.ended["done"] == 200
    counts = [len(provider.journal) for provider in providers]
    assert sum(counts) == 200
    assert min(counts) >= 40


async def test_a_worker_that_lost_its_session_cuts_its_calls_and_takes_them_up_anew(database, db):
    provider = Scripted()
    provider.on("m", hang, ok)
    async with working(database, provider) as running:
        rfq = await insert(db, "m")
        await provider.until(lambda: provider.in_flight == 1)
        before = await db.fetchval("select worker from ai.workers")
        await db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'rfqflow doorbell' and datname = current_database()"
        )
        began = time.monotonic()
        await running.until_done(1)
        took = time.monotonic() - began
        after = await eventually(lambda: db.fetch("select worker from ai.workers"), lambda rows: len(rows) == 1)

    print(f"session lost: at work again after {took * 1000:.0f} ms")
    assert took < 2
    assert after[0]["worker"] != before
    assert provider.ends("m") == ["CancelledError", "ok"]
    assert await runs(db, rfq) == [("lost", "worker_died"), ("succeeded", None)]


async def test_a_result_that_was_ready_when_the_session_was_lost_is_kept(database, db, open_connection):
    """Its RFQ was locked: the answer is set aside on its run, and the new claim writes it."""
    provider = Scripted()
    provider.on("m", hang)
    application = await open_connection()
    async with working(database, provider) as running:
        rfq = await insert(db, "m")
        await provider.until(lambda: provider.in_flight == 1)
        transaction = application.transaction()
        await transaction.start()
        await application.execute("update public.rfq_requests set name = 'n' where id = $1", rfq)
        provider.release("m")
        await eventually(lambda: asyncio.sleep(0, result=bool(running.worker._locked)))
        await db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'rfqflow doorbell' and datname = current_database()"
        )
        await eventually(lambda: db.fetchval("select count(*) > 0 from ai.rag_runs where reason = 'rfq_locked'"))
        await transaction.commit()
        await running.until_done(1)

    assert provider.calls("m") == 1
    assert (await runs(db, rfq))[-1][0] == "succeeded"


async def test_the_claims_of_a_dead_worker_are_at_work_within_two_seconds_where_another_lives(database, db):
    dying, living = Scripted(hang), Scripted()
    async with working(database, dying, concurrency=5) as first:
        await insert_many(db, 5, "m")
        await dying.until(lambda: dying.in_flight == 5)
        async with working(database, living, poll_seconds=30.0) as second:
            await eventually(lambda: db.fetchval("select count(*) = 2 from ai.workers"))
            await first.kill()
            began = time.monotonic()
            await second.until_done(5, seconds=5)
            took = time.monotonic() - began

    print(f"worker killed: all its rows done after {took * 1000:.0f} ms")
    assert took < 2
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'lost' and reason = 'worker_died'") == 5


async def test_the_backend_of_the_work_connection_may_die_under_load(database, db, open_connection):
    provider = Scripted(take(0.003))
    killer = await open_connection()
    async with working(database, provider, concurrency=20) as running:
        await insert_many(db, 600)
        for done in range(50, 550, 50):
            await running.until(lambda done=done: running.worker.counts.total >= done)
            await killer.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name in ('rfqflow work', 'rfqflow facts') and datname = current_database()"
            )
        began = time.monotonic()
        await eventually(
            lambda: db.fetchval("select count(*) = 600 from public.rfq_requests where ai_status = 'done'"), seconds=20
        )
        print(f"work connection killed ten times: all done {time.monotonic() - began:.1f} s after the last")

    accepted = await db.fetch(
        "select rfq_id from ai.rag_runs where status = 'succeeded' group by rfq_id having count(*) > 1"
    )
    assert accepted == []
    assert len(provider.journal) == 600


async def test_a_claim_whose_reply_was_swallowed_is_taken_up_again_soon(database, db):
    """The claim took effect, its rows never arrived: they must not wait for the lease to end."""
    provider = Scripted()
    async with Proxy.before(database) as link, working(link.dsn, provider, listen_url=database) as running:
        await insert(db, "first")
        await running.until_done(1)
        link.stall("down")
        await insert(db, "second")
        await eventually(lambda: leased(db), lambda found: found == 1)
        link.cut()
        link.resume()
        await running.until_done(2, seconds=5)
    assert provider.calls("second") == 1


async def test_a_read_only_database_is_waited_for(database, db, open_plain):
    provider = Scripted()
    provider.on("m", hang)
    name = database.rsplit("/", 1)[1]
    async with working(database, provider) as running:
        await insert(db, "m")
        await provider.until(lambda: provider.in_flight == 1)
        await db.execute(f"alter database {name} set default_transaction_read_only = on")
        await db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name like 'rfqflow %' and datname = current_database() and pid <> pg_backend_pid()"
        )
        provider.release("m")
        again = await open_plain(database)
        assert await again.fetchval("show transaction_read_only") == "on"
        await eventually(lambda: asyncio.sleep(0, result=running.worker._worker is None))
        await db.execute(f"alter database {name} reset default_transaction_read_only")
        await db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name like 'rfqflow %' and datname = current_database() and pid <> pg_backend_pid()"
        )
        await running.until_done(1, seconds=15)
        await insert(db, "after")
        await running.until_done(2, seconds=15)
