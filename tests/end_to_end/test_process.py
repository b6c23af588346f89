"""The real process: signals, kills, a server that restarts, every way to insert, and a pooler before the database."""

import asyncio
import shutil
import signal
import subprocess
import time

import psycopg
import pytest

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from tests.support.daemon import ForkedProcess, Process, eventually
from tests.support.model_server import ModelServer
from tests.support.pooler import pgbouncer


def rows_in(db, status: str):
    return lambda: db.fetchval("select count(*) from public.rfq_requests where ai_status = $1", status)


def at_model(server: ModelServer, dsn: str, **more: str) -> Process:
    return Process(
        "run", RFQFLOW_DATABASE_URL=dsn, RFQFLOW_PROVIDER="openai", OPENAI_BASE_URL=server.url,
        RFQFLOW_CALL_DEADLINE_SECONDS="8", RFQFLOW_LEASE_SECONDS="30", **more,
    )  # fmt: skip


async def test_a_stop_when_idle_is_quick(database, db):
    async with Process("run", RFQFLOW_DATABASE_URL=database) as daemon:
        await daemon.until_event("worker.registered")
        daemon.send(signal.SIGTERM)

        assert await daemon.exit_code(20) == 0
    assert await db.fetchval("select count(*) from ai.workers") == 0


async def test_a_stop_finishes_the_calls_in_flight(database, db):
    async with ModelServer(default="delayed_ok:1") as server, at_model(server, database) as daemon:
        await daemon.until_event("worker.registered")
        await db.execute(
            "insert into public.rfq_requests (message) select 'We need 5 pcs of part ' || g from generate_series(1, 5) g"
        )
        await server.received(5)
        daemon.send(signal.SIGTERM)

        assert await daemon.exit_code(40) == 0
    assert await rows_in(db, "done")() == 5
    assert await db.fetchval("select count(*) from ai.outbox") == 0


@pytest.mark.fault("W6")
async def test_a_second_signal_cuts_calls_off_and_releases_the_claims(database, db):
    async with ModelServer(default="hang") as server, at_model(server, database) as daemon:
        await daemon.until_event("worker.registered")
        await db.execute("insert into public.rfq_requests (message) values ('We need 5 pumps')")
        await server.received(1)
        daemon.send(signal.SIGTERM)
        await daemon.until_event("worker.stopping")
        daemon.send(signal.SIGTERM)

        assert await daemon.exit_code(20) == 0
    assert tuple(await db.fetchrow("select claim_id, attempt from ai.outbox")) == (None, 0)


@pytest.mark.fault("W3")
async def test_a_killed_workers_rows_are_claimed_again_within_two_seconds(database, db):
    async with ModelServer(default="hang") as server, at_model(server, database) as victim:
        await victim.until_event("worker.registered")
        await db.execute(
            "insert into public.rfq_requests (message) select 'We need 5 pcs of part ' || g from generate_series(1, 20) g"
        )
        await server.received(20)
        server.default = "ok"
        async with at_model(server, database) as heir:
            await heir.until_event("worker.registered")
            victim.process.kill()
            killed = time.perf_counter()
            await eventually(rows_in(db, "done"), lambda done: done == 20)
            seconds = time.perf_counter() - killed

    print(f"killed worker: all 20 rows done again after {seconds:.2f} s")
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'lost' and reason = 'worker_died'") == 20
    assert await db.fetchval("select count(*) from ai.rag_runs where status = 'succeeded'") == 20
    # The promise is 2 s until the next claim; a call and a finish follow.
    assert await db.fetchval(
        "select max(s.created_at - l.created_at) < interval '3 s' from ai.rag_runs l "
        "join ai.rag_runs s on s.rfq_id = l.rfq_id and s.status = 'succeeded' where l.status = 'lost'"
    )


async def test_an_immediate_restart_of_the_server_under_load_loses_and_doubles_nothing(open_folder):
    from rfqflow.database.embedded import EmbeddedPostgres

    base = open_folder / "restarted"
    with EmbeddedPostgres(base) as cluster:
        dsn = cluster.dsn
        conn = await connect(dsn)
        await migrate.migrate(conn)
        await conn.close()
        async with (
            ForkedProcess("run", RFQFLOW_DATABASE_URL=dsn) as one,
            ForkedProcess("run", RFQFLOW_DATABASE_URL=dsn) as other,
        ):
            await one.until_event("worker.registered")
            await other.until_event("worker.registered")
            committed = 0
            for _ in range(3):
                conn = await connect(dsn)
                for _ in range(60):
                    await conn.execute("insert into public.rfq_requests (message) values ('We need 5 pumps')")
                    committed += 1
                conn.terminate()
                await asyncio.to_thread(cluster.stop_server, "immediate")
                await asyncio.to_thread(cluster.start)
            conn = await connect(dsn)
            await eventually(rows_in(conn, "done"), lambda done: done == committed, seconds=40)
            twice = await conn.fetchval(
                "select count(*) from (select from ai.rag_runs where status = 'succeeded' group by rfq_id having count(*) > 1) x"
            )
            await conn.close()
            for daemon in (one, other):
                daemon.send(signal.SIGTERM)
                assert await daemon.exit_code(40) == 0

    assert (committed, twice) == (180, 0)


async def test_every_way_to_insert_works_and_no_text_gets_into_the_log(database, db):
    secret = "canary-7f3a9b"
    async with ForkedProcess("run", RFQFLOW_DATABASE_URL=database, RFQFLOW_LOG_LEVEL="debug") as daemon:
        await daemon.until_event("worker.registered")
        with psycopg.connect(database) as other:
            other.execute(
                "insert into public.rfq_requests (name, email, message) values (%s, %s, %s)",
                (secret, f"{secret}@example.com", f"We need 5 {secret} pumps"),
            )
        if shutil.which("psql"):
            subprocess.run(
                ["psql", "-q", database, "-c", "insert into public.rfq_requests (message) values ('We need 7 pumps')"],
                check=True,
            )
        await db.copy_records_to_table(
            "rfq_requests", records=[(f"We need {n} pcs of part {n}",) for n in range(1, 501)], columns=["message"]
        )
        expected = await db.fetchval("select count(*) from public.rfq_requests")
        await eventually(rows_in(db, "done"), lambda done: done == expected, seconds=40)
        daemon.send(signal.SIGTERM)
        assert await daemon.exit_code() == 0

    assert secret not in daemon.text
    assert daemon.noise == []
    assert len(daemon.events("run.done")) == expected


@pytest.mark.parametrize("direct", [True, False])
async def test_behind_a_transaction_pooler_it_works_with_a_direct_dsn_or_by_polling(database, db, open_folder, direct):
    with pgbouncer(database, open_folder / f"pooler-{direct}") as pooled:
        more = {"RFQFLOW_LISTEN_URL": database} if direct else {}
        async with ForkedProcess("run", RFQFLOW_DATABASE_URL=pooled, **more) as daemon:
            await daemon.until_event("worker.registered")
            with psycopg.connect(pooled, prepare_threshold=None) as application:
                for n in range(20):
                    application.execute(
                        "insert into public.rfq_requests (message) values (%s)", (f"We need {n + 1} pumps",)
                    )
                    application.commit()
            await eventually(rows_in(db, "done"), lambda done: done == 20, seconds=20)
            assert await db.fetchval("select bool_and(has_lock) from ai.workers") is direct
            daemon.send(signal.SIGTERM)
            assert await daemon.exit_code() == 0
