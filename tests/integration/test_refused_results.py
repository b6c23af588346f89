"""Results that the database refuses as a whole, by a timeout or at the commit."""

from __future__ import annotations

from tests.support.worker_harness import Scripted, ended, insert, until, working


async def test_a_trigger_that_exceeds_the_workers_timeout_fails_its_own_rfq_alone(database, db):
    # The timeout ends the whole statement with all other results in it. No exception block catches it.
    await db.execute(
        "select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '2');"
        "create function public.slow() returns trigger language plpgsql as $$ begin "
        "if new.message = 'bad' then perform pg_sleep(60); end if; return new; end $$;"
        "create trigger slow before update on public.rfq_requests for each row execute function public.slow()"
    )
    provider = Scripted()
    # In the DSN, because a setting of the database does not apply to the daemon's sessions.
    async with working(f"{database}?options=-c%20statement_timeout%3D300ms", provider):
        await insert(db, "one", "bad", "two")
        await until(ended(db, 2), seconds=60)
        await until(lambda: db.fetchval("select count(*) = 1 from ai.outbox_dead"), seconds=60)

    assert sorted(provider.calls) == ["bad", "one", "two"]
    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert await db.fetchval("select count(*) from ai.rag_runs where output->>'summary' = 'about bad'") > 0


async def test_a_result_that_a_commit_refuses_is_recorded_alone_without_another_call(database, db):
    # A constraint that an application's trigger defers again, after the finish has checked the application's
    # constraints.
    await db.execute(
        "select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '2');"
        "create table public.log (n integer, constraint once unique (n) deferrable initially deferred);"
        "insert into public.log values (1);"
        "create function public.late() returns trigger language plpgsql as $$ begin "
        "if new.message = 'bad' and new.ai_status <> 'pending' then "
        "set constraints all deferred; insert into public.log values (1); end if; return new; end $$;"
        "create trigger late before update on public.rfq_requests for each row execute function public.late()"
    )
    provider = Scripted()
    async with working(database, provider):
        await insert(db, "one", "bad", "two")
        await until(ended(db, 2), seconds=60)
        await until(lambda: db.fetchval("select count(*) = 1 from ai.outbox_dead"), seconds=60)

    assert sorted(provider.calls) == ["bad", "one", "two"]
    assert await db.fetchval("select count(*) from ai.rag_runs where output->>'summary' = 'about bad'") > 0
