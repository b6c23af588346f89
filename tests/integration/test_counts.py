"""The limits on what an RFQ costs, as counts in counts.toml. `rfqflow bench` measures times."""

import asyncio
import json
import os
import sys

import pytest

from rfqflow.bench import wal_counts
from rfqflow.bench.drain import fill
from rfqflow.bench.scratch_database import prepare
from rfqflow.database.connection import connect
from tests.support.counting import assert_counts, bare_interpreter, differences, per_rfq, run_with_rules, skip_elsewhere

ROWS, BATCH, INSERTS = 400, 50, 200
pytestmark = pytest.mark.timeout(300)  # six processes under a profiler, for the first test that uses them
KINDS = ("free", "guarded", "rules")


@pytest.fixture(scope="module")
def dsn(server_dsn, template):
    """One database for the file: each measurement starts from empty tables."""
    name = f"rfqflow_counts_{os.getpid()}"
    made = f"{server_dsn.rpartition('/')[0]}/{name}"  # a URL, for the proxy
    asyncio.run(_execute(server_dsn, f"create database {name} template {template}"))
    asyncio.run(_with_connection(made, prepare))
    yield made
    asyncio.run(_execute(server_dsn, f"drop database {name} with (force)"))


async def _with_connection(dsn, work):
    conn = await connect(dsn)
    try:
        return await work(conn)
    finally:
        await conn.close()


async def _execute(dsn, statement):
    await _with_connection(dsn, lambda conn: conn.execute(statement))


@pytest.fixture
async def bench(dsn, open_plain):
    return await open_plain(dsn)


async def test_the_wal_of_an_rfq_stays_within_its_limit(bench):
    skip_elsewhere("wal", bench)

    # WAL is counted for the whole server, where autovacuum writes, too: that disturbs one try, not three.
    for _ in range(3):
        found = await _wal(bench)
        if not differences("wal", found):
            break

    assert_counts("wal", found)


async def _wal(bench):
    found = await wal_counts.wal(bench, rows=ROWS, batch=BATCH)
    return {
        "insert_bare": found["insert, bare"],
        "insert_queue": found["insert, queue"],
        "claim": found["claim"],
        "finish": found["finish"],
        "finish_run": found["finish, run"],
        "finish_write_back": found["finish, write_back"],
    }


async def test_the_pages_of_a_claim_and_a_finish_stay_within_their_limit(bench):
    skip_elsewhere("pages", bench)

    claim = await wal_counts.buffers(bench, rows=ROWS, batch=BATCH)

    assert_counts("pages", {"claim": claim, "finish": await _pages_of_a_finish(bench)})


async def _pages_of_a_finish(bench):
    await fill(bench, ROWS)
    for _ in range(3):  # the session has its plans from the second on
        finished = await bench.fetchval("select finished from bench.claim($1, 0)", BATCH)
        plan = await bench.fetchval(
            "explain (analyze, buffers, format json) select count(*) from ai.finish_outbox($1::text::jsonb)", finished
        )
    top = json.loads(plan)[0]["Plan"]
    return (top["Shared Hit Blocks"] + top["Shared Read Blocks"]) / BATCH


async def test_inserts_notify_only_a_sleeper_and_once_per_statement(bench, dsn):
    found = await wal_counts.notifications(dsn, bench, inserts=INSERTS)

    assert_counts(
        "notifications", {name.replace(", ", "_").replace(" ", "_"): number for name, number in found.items()}
    )


@pytest.fixture(scope="module")
def drained(dsn, tmp_path_factory):
    """The counts of one drain, by name, per kind of provider."""
    folder = tmp_path_factory.mktemp("counts")

    async def measure(conn):
        return {kind: await per_rfq(folder, dsn, conn, kind) for kind in KINDS}

    found = asyncio.run(_with_connection(dsn, measure))
    return lambda name: {kind: found[kind][name] for kind in KINDS}


def test_the_statements_of_a_worker_per_rfq_stay_within_their_limit(drained):
    assert_counts("statements", drained("statements"))


def test_the_commits_of_a_worker_per_rfq_stay_within_their_limit(drained):
    assert_counts("commits", drained("commits"))


def test_the_python_calls_of_an_rfq_stay_within_their_limit(drained):
    skip_elsewhere("calls")
    pytest.importorskip("uvloop", reason="the calls are counted with it: asyncio's own loop is Python")

    assert_counts("calls", drained("calls"))


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of one process is known on Linux only")
async def test_the_modules_and_memory_of_run_with_rules_stay_within_their_limit(bench, dsn, tmp_path):
    skip_elsewhere("imports")
    await fill(bench, 1)
    out = tmp_path / "counts.json"

    run, bare = await run_with_rules(out, "imports", dsn), await bare_interpreter(out)

    assert_counts("imports", {"modules": run["modules"] - bare["modules"], "mib": run["rss_mib"] - bare["rss_mib"]})
