"""The application's triggers may hang, wait for locks, or refuse at COMMIT: only their own RFQ suffers."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from rfqflow.database.connection import connect
from tests.support.worker_harness import Scripted, ended, insert, left_over, until, working

pytestmark = pytest.mark.timeout(400)
QUICK = "select ai.set_policy('retry_base_seconds', '0.05'), ai.set_policy('max_attempts', '2')"

# A row that hangs for ever may be given up soon. `test_a_lock_that_is_released_leaves_no_trace_on_the_answer` has the
# usual limits.
SOON = {"blame_seconds": 3.0}
SERVERS = ["25P02", "53300", "57P01", "58030"]  # faults that the server itself could cause for all


def trigger(
    body: str, when: str = "before update on", settings: str = "", only: str = "new.message like 'bad%'"
) -> str:
    return (
        f"create function public.hang() returns trigger language plpgsql {settings} as $$ begin "
        f"if {only} and new.ai_summary is not null then {body} end if; return new; end $$;"
        f"create {'constraint ' if 'after' in when else ''}trigger hang {when} public.rfq_requests "
        f"{'deferrable initially deferred ' if 'after' in when else ''}for each row execute function public.hang()"
    )


def at_commit(body: str) -> str:
    """A trigger that defers itself again, so that none of our exception blocks covers it."""
    return (
        "create function public.at_commit() returns trigger language plpgsql as $$ begin "
        "if current_setting('rfqflow_test.again', true) is distinct from pg_current_xact_id()::text then "
        "perform set_config('rfqflow_test.again', pg_current_xact_id()::text, true); "
        "set constraints all deferred; update public.again set n = n + 1; return null; end if; return null; end $$;"
        "create table public.again (n integer); insert into public.again values (0);"
        f"create function public.raise() returns trigger language plpgsql as $$ begin {body} return null; end $$;"
        "create constraint trigger raising after update on public.again deferrable initially deferred "
        "for each row execute function public.raise();"
        "create constraint trigger at_commit after update on public.rfq_requests deferrable initially deferred "
        "for each row when (new.message = 'bad' and new.ai_summary is not null) execute function public.at_commit()"
    )


def dead(db: asyncpg.Connection, number: int):
    return lambda: db.fetchval("select count(*) = $1 from ai.outbox_dead where reason = 'write_refused'", number)


async def busy_backends(db: asyncpg.Connection) -> int:
    found: int = await db.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle' "
        "and application_name like 'rfqflow %' and pid <> pg_backend_pid()"
        "and query_start < now() - interval '5 s'"
    )
    return found


@pytest.mark.fault("R10")
async def test_triggers_that_hang_harm_their_own_rfqs_alone_and_nothing_is_bought_twice(database, db):
    await db.execute(QUICK)
    await db.execute(trigger("perform pg_sleep(3600);"))
    provider = Scripted()
    # If the rows of one batch hung in turn, each for a whole statement timeout, it would take minutes.
    await insert(db, *(f"{'bad' if number % 2 else 'good'} {number}" for number in range(16)))
    async with working(database, provider, concurrency=16):
        await until(ended(db, 8), seconds=100)
        await insert(db, *(f"later {number}" for number in range(12)))
        await until(ended(db, 20), seconds=100)
        await until(dead(db, 8), seconds=200)
        await until(lambda: _none_busy(db), seconds=100)

    assert len(provider.calls) == len(set(provider.calls)) == 28
    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert await db.fetchval("select count(*) from ai.rag_runs where output->>'summary' like 'about bad%'") >= 8


async def _none_busy(db: asyncpg.Connection) -> bool:
    return await busy_backends(db) == 0


async def test_a_table_that_is_slow_for_every_answer_gets_its_time(database, db):
    await db.execute(trigger("perform pg_sleep(3);", only="true"))
    provider = Scripted()
    await insert(db, "one", "two", "three")
    async with working(database, provider, concurrency=2):
        await until(ended(db, 3), seconds=120)

    assert sorted(provider.calls) == ["one", "three", "two"]
    assert await db.fetch("select distinct status, attempt from ai.rag_runs") == [("succeeded", 1)]


@pytest.mark.fault("R10")
@pytest.mark.parametrize("settings", ["", "set lock_timeout = 0"], ids=["as it is", "with its own patience"])
async def test_a_trigger_that_waits_for_a_lock_harms_its_own_rfq_alone(database, db, open_connection, settings):
    await db.execute(QUICK)
    await db.execute("create table public.counter (n integer); insert into public.counter values (0)")
    await db.execute(trigger("update public.counter set n = n + 1;", settings=settings))
    other = await open_connection()
    provider = Scripted()
    async with other.transaction():
        await other.execute("update public.counter set n = 5")
        await insert(db, *(f"{'bad' if number % 4 == 0 else 'good'} {number}" for number in range(8)))
        async with working(database, provider, concurrency=8, **SOON):
            await until(ended(db, 6), seconds=100)
            await until(dead(db, 2), seconds=250)

    assert len(provider.calls) == len(set(provider.calls)) == 8


@pytest.mark.fault("R10")
async def test_a_lock_that_is_released_leaves_no_trace_on_the_answer(database, db, open_connection):
    await db.execute("create table public.counter (n integer); insert into public.counter values (0)")
    await db.execute(trigger("update public.counter set n = n + 1;"))
    other = await open_connection()
    provider = Scripted()
    async with working(database, provider):
        async with other.transaction():
            await other.execute("update public.counter set n = 5")
            await insert(db, "bad", "good")
            await until(ended(db, 1), seconds=30)
            await until(lambda: left_over(db), seconds=30)
        await until(ended(db, 2), seconds=30)

    assert await db.fetch("select distinct status from ai.rag_runs") == [("succeeded",)]


async def check_that_the_bad_one_alone_is_dead(database: str, db: asyncpg.Connection) -> None:
    """Only the bad RFQ is dead. No call is made twice, and no session hangs."""
    provider = Scripted()
    await insert(db, *(f"good {number}" for number in range(9)), "bad")
    async with working(database, provider, concurrency=10, **SOON):
        await until(ended(db, 9), seconds=100)
        await until(dead(db, 1), seconds=200)
        await until(lambda: _none_busy(db), seconds=100)

    assert len(provider.calls) == len(set(provider.calls)) == 10


@pytest.mark.fault("R11")
@pytest.mark.parametrize("code", ["42P01", "22012", "23514", "P0001", "XX000", "0A000", "40001", "02000", *SERVERS])
async def test_a_failure_at_commit_harms_its_own_rfq_alone(database, db, code):
    await db.execute(QUICK)
    await db.execute(at_commit(f"raise exception using errcode = '{code}';"))
    await check_that_the_bad_one_alone_is_dead(database, db)
    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert await db.fetchval("select count(*) from ai.rag_runs where output->>'summary' = 'about bad'") > 0


@pytest.mark.fault("R11")
async def test_a_hang_at_commit_harms_its_own_rfq_alone(database, db):
    # No timeout of the server covers COMMIT, and the whole batch is locked meanwhile.
    await db.execute(QUICK)
    await db.execute(at_commit("perform pg_sleep(3600);"))
    await check_that_the_bad_one_alone_is_dead(database, db)


@pytest.mark.fault("R11")
@pytest.mark.parametrize(
    "body", ["perform pg_terminate_backend(pg_backend_pid());", "raise exception using errcode = '53100';"]
)
async def test_a_trigger_that_ends_its_session_harms_its_own_rfq_alone(database, db, body):
    await db.execute(QUICK)
    await db.execute(trigger(body))
    await check_that_the_bad_one_alone_is_dead(database, db)


@pytest.mark.fault("R11")
@pytest.mark.parametrize(
    ("broken", "wrong"),
    [
        ("ai.settle_calls(jsonb)", "perform 1 from ai.gone;"),
        ("ai.settle_calls(jsonb)", "raise exception using errcode = '53100';"),
        ("ai.finish_outbox(jsonb)", "perform 1 from ai.gone;"),
    ],
)
async def test_a_fault_of_the_database_is_charged_to_no_rfq(database, db, broken, wrong):
    body = await db.fetchval(f"select pg_get_functiondef('{broken}'::regprocedure)")
    kept = body.index("AS $function$")
    await db.execute("create sequence public.tries")  # no rollback resets a step of it
    await db.execute(body[:kept] + f"AS $function$ begin perform nextval('public.tries'); {wrong} end $function$")
    provider = Scripted()
    await insert(db, *(f"m{number}" for number in range(30)))
    async with working(database, provider, concurrency=4):
        # Often enough that rows at fault would have been given up.
        await until(lambda: db.fetchval("select last_value > 40 from public.tries"), seconds=150)
        bought = len(provider.calls)
        assert bought < 30
        assert await db.fetchval("select count(*) from ai.outbox_dead") == 0
        await db.execute(body)
        await until(ended(db, 30), seconds=100)

    assert len(provider.calls) == len(set(provider.calls)) == 30
    assert await db.fetch("select distinct status, attempt from ai.rag_runs") == [("succeeded", 1)]


@pytest.mark.fault("R11")
async def test_a_write_that_hangs_ends_with_its_killed_worker(database, db):
    # A killed worker ends none of its sessions. Its write would lock its RFQs for as long as the trigger hangs.
    conn = await connect(database, application_name="rfqflow-killed", statement_seconds=600)
    pid = conn.get_server_pid()
    hanging = asyncio.create_task(conn.execute("select pg_sleep(3600)"))
    await until(lambda: db.fetchval("select state = 'active' from pg_stat_activity where pid = $1", pid))

    conn.terminate()  # without a message to the server, as when a process is killed

    await until(lambda: db.fetchval("select count(*) = 0 from pg_stat_activity where pid = $1", pid))
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await hanging
