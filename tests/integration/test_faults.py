"""Faults around a worker: its sessions, its connections, the server, a table that refuses or locks RFQs."""

import asyncio
import contextlib
import time
from functools import partial

import pytest

from rfqflow.core.errors import DatabaseUnreachable, ErrorClass, SchemaMismatch
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.pipeline import Pipeline
from tests.support.embedded_folder import kill_postmaster
from tests.support.proxy import Proxy
from tests.support.worker_harness import (
    Scripted,
    asleep,
    count,
    ended,
    insert,
    insert_many,
    left_over,
    now,
    parked,
    resting,
    terminate,
    until,
    working,
)


async def runs(db, message: str | None = None) -> list[tuple[str, str | None]]:
    rows = await db.fetch(
        "select u.status, u.reason from ai.rag_runs u join public.rfq_requests r on r.id = u.rfq_id "
        "where r.message = coalesce($1, r.message) order by u.created_at, u.run_id",
        message,
    )
    return [tuple(row) for row in rows]


async def leased(db, number: int) -> bool:
    return await db.fetchval("select count(*) = $1 from ai.outbox where claim_id is not null", number)


async def accepted_twice(db) -> int:
    return await db.fetchval(
        "select count(*) from (select from ai.rag_runs where status = 'succeeded' group by rfq_id having count(*) > 1) x"
    )


@contextlib.asynccontextmanager
async def held_by_the_application(conn, message: str):
    """Locks the RFQ while the block runs."""
    transaction = conn.transaction()
    await transaction.start()
    await conn.execute("update public.rfq_requests set name = 'n' where message = $1", message)
    yield
    await transaction.commit()


# -- sessions --------------------------------------------------------------------------------------------------


async def test_a_lost_session_means_a_new_number_and_no_second_answer(database, db):
    provider = Scripted()
    provider.default = 0.02
    async with working(database, provider, concurrency=20):
        await until(lambda: parked(db))
        await insert_many(db, 200)
        for part in range(1, 5):
            await until(lambda part=part: db.fetchval("select count(*) >= $1 from ai.rag_runs", part * 40))
            await terminate(db, "doorbell")
        await until(ended(db, 200))
        numbers = await db.fetchval("select max(worker) from ai.workers")

    assert numbers >= 4
    assert await accepted_twice(db) == 0
    assert {one for one in await runs(db) if one[0] != "succeeded"} <= {
        ("lost", "worker_died"),
        ("superseded", "claim_lost"),
    }


async def test_a_result_that_waits_for_a_lock_when_the_session_is_lost_is_not_bought_again(
    database, db, open_connection
):
    application = await open_connection()
    provider = Scripted()
    go = asyncio.Event()
    provider.default = go
    async with working(database, provider):
        await insert(db, "m")
        await until(now(lambda: provider.in_flight == 1))
        async with held_by_the_application(application, "m"):
            go.set()
            await until(lambda: left_over(db))
            await terminate(db, "doorbell")
            await until(lambda: db.fetchval("select exists (select from ai.rag_runs where reason = 'rfq_locked')"))
        await until(ended(db, 1))

    assert provider.calls == ["m"]
    assert (await runs(db))[-1][0] == "succeeded"


async def test_a_stop_while_an_rfq_is_locked_leaves_the_paid_answer_to_the_next_worker(database, db, open_connection):
    application = await open_connection()
    provider = Scripted()
    go = asyncio.Event()
    provider.default = go
    async with working(database, provider) as worker:
        await insert(db, "m")
        await until(now(lambda: provider.in_flight == 1))
        async with held_by_the_application(application, "m"):
            go.set()
            await until(lambda: left_over(db))
            worker.stop()
            await until(partial(leased, db, 0), 30)

    async with working(database, provider):
        await until(ended(db, 1))
    assert provider.calls == ["m"]
    assert (await runs(db))[-1] == ("succeeded", "written_late")


@pytest.mark.fault("D4")
async def test_work_sessions_may_die_under_load_and_no_call_is_made_twice(database, db):
    provider = Scripted()
    provider.default = 0.003
    async with working(database, provider, concurrency=20, poll_seconds=0.1):
        await until(lambda: parked(db))
        await insert_many(db, 600)
        for part in range(1, 11):
            await until(lambda part=part: db.fetchval("select count(*) >= $1 from ai.rag_runs", part * 50))
            await terminate(db, "work", "facts", "beat")
        await until(ended(db, 600))

    assert await accepted_twice(db) == 0
    assert sorted(provider.calls) == sorted(f"m{n}" for n in range(1, 601))


# -- connections -----------------------------------------------------------------------------------------------


async def test_a_claim_whose_reply_was_lost_is_released_at_once_and_charges_nothing(database, db):
    quiet = {"listen_dsn": database, "poll_seconds": 30}
    async with Proxy.before(database) as link, working(link.dsn, Scripted(), **quiet):
        await until(lambda: asleep(db))
        link.stall("down")
        await insert(db, "m")
        await until(partial(leased, db, 1))
        link.cut()
        link.resume()
        await until(ended(db, 1))

    assert await db.fetchval("select array_agg(attempt) from ai.rag_runs") == [1]
    assert await runs(db) == [("succeeded", None)]


async def test_a_claim_in_flight_when_the_session_is_lost_is_released_with_the_others(database, db, monkeypatch):
    monkeypatch.setattr("rfqflow.worker.registration.FLUSH_SECONDS", 0.0)
    quiet = {"listen_dsn": database, "poll_seconds": 30}
    async with Proxy.before(database) as link, working(link.dsn, Scripted(), **quiet):
        await until(lambda: asleep(db))
        link.stall("up", "rfqflow work")  # stalls only the claim, not the statement that releases claims
        await insert(db, "m")
        await until(now(lambda: link.held_up["rfqflow work"]))
        await terminate(db, "doorbell")
        await until(lambda: db.fetchval("select max(worker) = 2 from ai.workers"))
        with contextlib.suppress(TimeoutError):  # a worker that releases too early would do so now
            await until(lambda: db.fetchval("select min(worker) = 2 from ai.workers"), 0.5)
        link.resume()
        await until(ended(db, 1))

    assert await accepted_twice(db) == 0


async def test_a_claim_whose_reply_the_workers_end_cuts_off_does_not_wait_for_its_lease(database, db):
    await db.execute("select ai.set_policy('sweep_seconds', '0.05')")
    with pytest.raises(SchemaMismatch):
        async with Proxy.before(database) as link, working(link.dsn, Scripted(), listen_dsn=database):
            await insert(db, "before")  # it prepares the statements: from now on a claim is sent in one piece
            await until(ended(db, 1))
            await until(lambda: asleep(db))
            link.stall("down", "rfqflow work")  # the worker still learns of the later release
            await insert(db, "m")
            await until(lambda: db.fetchval("select bool_and(claim_id is not null) from ai.outbox"))
            await db.execute(
                "insert into ai.rfqflow_migration (name, sha256, breaking) "
                "select '9999_later', sha256, true from ai.rfqflow_migration limit 1"
            )
            await until(
                lambda: db.fetchval(
                    "select not exists (select from pg_stat_activity where application_name = 'rfqflow beat')"
                ),
                10,
            )
    await db.execute("delete from ai.rfqflow_migration where name = '9999_later'")

    async with working(database, Scripted()):
        await until(ended(db, 2), 30)
    assert ("lost", "worker_died") in [tuple(row) for row in await db.fetch("select status, reason from ai.rag_runs")]


@pytest.mark.fault("W5")
async def test_a_finish_whose_reply_was_lost_is_not_repeated(database, db, open_connection):
    watcher = await open_connection()

    class Cutting(Scripted):
        async def complete(self, request):
            done = await super().complete(request)
            if request.rfq.message == "m":
                await until(lambda: resting(watcher, "work"))
                link.stall("down")  # the next message on this connection is the finish
            return done

    provider = Cutting()
    async with Proxy.before(database) as link, working(link.dsn, provider, listen_dsn=database):
        await insert(db, "before")  # it prepares the statements: from now on a finish is sent in one piece
        await until(ended(db, 1))
        await insert(db, "m")
        await until(ended(db, 2), 30)
        link.cut()
        link.resume()
        await insert(db, "next")
        await until(ended(db, 3), 30)

    assert provider.calls == ["before", "m", "next"]
    assert await runs(db) == [("succeeded", None)] * 3


@pytest.mark.fault("D5")
@pytest.mark.parametrize("direction", ["both", "up", "down"])
async def test_a_work_connection_that_stalls_is_replaced(database, db, direction, monkeypatch):
    monkeypatch.setattr("rfqflow.database.reconnecting.STATEMENT_SECONDS", 1.0)
    bare = "?sslmode=disable"  # otherwise a client waits for the answer about TLS before it sends its name
    async with Proxy.before(database) as link, working(link.dsn + bare, Scripted(), listen_dsn=database):
        await until(lambda: parked(db))
        before = link.opened["rfqflow work"]
        link.stall(direction)
        await insert(db, "m")
        await until(now(lambda: link.opened["rfqflow work"] > before), 40)
        link.resume()
        await until(ended(db, 1), 30)

    assert await accepted_twice(db) == 0


@pytest.mark.fault("D5")
async def test_a_doorbell_connection_that_stalls_costs_the_number_and_the_calls_under_it(database, db, monkeypatch):
    monkeypatch.setattr("rfqflow.worker.listener.PING_SECONDS", 0.2)
    monkeypatch.setattr("rfqflow.worker.listener.ANSWER_SECONDS", 1.0)
    provider = Scripted()
    never = asyncio.Event()
    provider.behaviours = {"m": [never]}
    async with Proxy.before(database) as link, working(database, provider, listen_dsn=link.dsn):
        await until(lambda: parked(db))
        await insert(db, "m")
        await until(now(lambda: provider.in_flight == 1))
        link.stall("both", "rfqflow doorbell")
        await until(now(lambda: provider.in_flight == 0), 30)  # cut off: another worker may have taken the RFQ over
        link.cut()
        link.resume()
        await until(ended(db, 1))

    assert provider.calls == ["m", "m"]
    assert await runs(db) == [("lost", "worker_died"), ("succeeded", None)]


@pytest.mark.fault("D7")
async def test_a_slow_connection_only_makes_it_slow(database, db):
    async with Proxy.before(database) as link, working(link.dsn, Scripted()):
        link.delay_seconds = 0.02
        await insert_many(db, 50)
        await until(ended(db, 50))

    assert await accepted_twice(db) == 0


async def test_a_stop_is_bounded_where_the_database_is_gone_and_no_session_reports_it(database, db, monkeypatch):
    monkeypatch.setattr("rfqflow.worker.worker.FINISH_MARGIN_SECONDS", 0.3)
    provider = Scripted()
    async with Proxy.before(database) as link:
        running = working(link.dsn, provider, direct=False, poll_seconds=0.05, call_deadline_seconds=0.5)
        async with running as worker:
            await insert(db, "one")
            await until(ended(db, 1))
            link.stall("down", "rfqflow facts")  # a new claim stays at the gates
            await insert(db, "two")
            await until(now(lambda: worker.in_flight == 1))
            link.refusing = True
            link.cut()
            link.resume()
            worker.stop()
            stopped = time.monotonic()
        seconds = time.monotonic() - stopped  # the worker has ended

    assert seconds < 20
    assert provider.calls == ["one"]
    assert worker.abandoned == 1


# -- the server ------------------------------------------------------------------------------------------------


@pytest.mark.fault("D2")
async def test_a_worker_waits_for_a_read_only_database_and_keeps_its_results(database, db, open_plain, server_dsn):
    provider = Scripted()
    go = asyncio.Event()
    provider.default = go
    server = await open_plain(server_dsn)
    name = database.rsplit("/", 1)[1]
    async with working(database, provider) as worker:
        await insert(db, "m")
        await until(now(lambda: provider.in_flight == 1))
        await server.execute(f"alter database {name} set default_transaction_read_only = on")
        await terminate(db, "work", "facts", "beat")  # a setting of the database applies to new sessions
        go.set()
        await until(now(lambda: worker.abandoned > worker.in_flight))  # it has an answer that is not recorded
        await insert(db, "during")
        await server.execute(f"alter database {name} reset default_transaction_read_only")
        await terminate(db, "work", "facts", "beat")
        await until(ended(db, 2))

    assert provider.calls.count("m") == 1


@pytest.mark.fault("D1")
async def test_a_killed_server_loses_no_rfq_and_doubles_none(open_folder):
    from rfqflow.database.embedded import EmbeddedPostgres

    base = open_folder / "killed"
    settings = {"fsync": "off", "full_page_writes": "off"}  # only the server crashes, not the machine
    provider = Scripted()
    provider.default = 0.05
    with EmbeddedPostgres(base, settings=settings) as cluster:
        conn = await connect(cluster.dsn)
        await migrate.migrate(conn)
        async with working(cluster.dsn, provider, concurrency=20):
            committed = 0
            for kill in (partial(kill_postmaster, cluster), partial(cluster.stop_server, "immediate")):
                await insert_many(conn, 300)
                committed += 300
                await until(now(lambda: provider.in_flight == 20))
                conn.terminate()
                await asyncio.to_thread(kill)
                await asyncio.to_thread(cluster.start)
                conn = await connect(cluster.dsn)
            seconds = await until(ended(conn, committed), 30)
            print(f"server killed under load: all {committed} done {seconds:.1f} s after it was back")
            assert await accepted_twice(conn) == 0
            assert await conn.fetchval("select count(*) from ai.outbox") == 0
        conn.terminate()


# -- results that are hard to write ----------------------------------------------------------------------------


async def test_the_paid_answer_of_a_dead_letter_is_written_when_it_is_retried(database, db):
    await db.execute(
        "select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '2');"
        "create function public.no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;"
        "create trigger no before update on public.rfq_requests for each row execute function public.no()"
    )
    provider = Scripted()
    async with working(database, provider, poll_seconds=0.1):
        await insert(db, "m")
        await until(ended(db, 1, "failed"))
        await db.execute("drop trigger no on public.rfq_requests")
        await db.execute("select ai.retry_discarded()")
        await until(ended(db, 1))

    assert provider.calls == ["m"]


async def test_no_call_begins_so_late_that_it_would_outlive_its_lease(database, db):
    provider = Scripted()
    given_back = []

    class Noting(Pipeline):
        def released_uncalled(self, context, *, admitted):
            given_back.append((context.claim.attempt, list(provider.calls)))
            return super().released_uncalled(context, admitted=admitted)

    limits = {"lease_seconds": 25, "call_deadline_seconds": 20, "poll_seconds": 0.1}
    async with Proxy.before(database) as link, working(link.dsn, provider, pipeline=Noting, **limits):
        link.stall("down", "rfqflow facts")
        await insert(db, "m")
        await until(partial(leased, db, 1))
        await asyncio.sleep(4.2)  # when the facts arrive, less than deadline and guard are left of the lease
        link.resume()
        await until(ended(db, 1))

    assert given_back == [(1, [])]
    assert provider.calls == ["m"]
    assert await db.fetchval("select array_agg(attempt) from ai.rag_runs") == [1]  # it was not an attempt


async def test_a_provider_that_breaks_its_contract_fails_its_own_rfq_only(database, db):
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '2')")
    provider = Scripted()
    provider.behaviours = {"bad": RuntimeError("a customer's words")}
    async with working(database, provider, poll_seconds=0.1):
        await insert(db, "bad", "good")
        await until(ended(db, 1, "failed"))
        await until(ended(db, 1))

    assert provider.calls.count("bad") == 2
    assert await db.fetchval("select reason from ai.dead_letters") == str(ErrorClass.INTERNAL)


@pytest.mark.parametrize("part", ["screen", "decide", "prepare", "call"])
async def test_an_internal_error_is_charged_to_its_rfq_and_disturbs_no_other(database, db, part):
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01'), ai.set_policy('max_attempts', '2')")
    provider = Scripted()
    original = getattr(Pipeline, part)

    def trips(pipeline, first, *rest, **options):
        rfq = first if part == "prepare" else first.claim.rfq
        if rfq.message == "bad":
            raise KeyError("bad")
        return original(pipeline, first, *rest, **options)

    tripping = type("Tripping", (Pipeline,), {part: trips})
    async with working(database, provider, poll_seconds=0.1, pipeline=tripping):
        await insert(db, "bad", "good")
        await until(ended(db, 1, "failed"))
        await until(ended(db, 1))

    assert await count(db, "pending") == 0
    assert await db.fetchval("select attempts from ai.dead_letters") == 2


STUBBORN = """
    do $$ begin
      loop
        begin perform pg_sleep(60); exception when query_canceled then null; end;
      end loop;
    end $$"""


@pytest.mark.fault("D5")
async def test_an_abandoned_session_is_terminated_before_its_successor_is_used(database, db):
    """Otherwise a late message on a stalled connection could claim rows that no worker then holds."""
    line = ReconnectingConnection(database, "rfqflow work")
    old = (await line.one("select pg_backend_pid()"))[0]
    with pytest.raises(DatabaseUnreachable):
        await line.fetch(STUBBORN, seconds=0.1)

    assert (await line.one("select pg_backend_pid()"))[0] != old
    assert not await db.fetchval("select exists (select from pg_stat_activity where pid = $1)", old)
    await line.close()
