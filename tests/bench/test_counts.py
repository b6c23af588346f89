"""What the server itself counts, on each of its releases.

`rfqflow bench` measures times. tests/integration/counts.toml has WAL, pages, statements and calls.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from rfqflow.bench import wal_counts
from rfqflow.bench.scratch_database import prepare

ROWS = 1000

MOST_COMMITS_AT_50 = 0.03
MOST_COMMITS_AT_1 = 1.02
MOST_TRANSACTIONS_AT_50 = 0.1  # per RFQ, of a thousand RFQs; the maintenance at a worker's start takes some twenty
LEAST_HOT = 0.97
MOST_IDLE_STATEMENTS = 1.9


@pytest.fixture
async def bench(db):
    await prepare(db)
    return db


async def least(measure: Callable[[], Awaitable[float]], bound: float) -> float:
    """The lowest of up to three measurements: autovacuum in the same seconds is in the server's counts."""
    measured = await measure()
    for _ in range(2):
        if measured <= bound:
            break
        measured = min(measured, await measure())
    return measured


async def test_a_batch_is_one_commit(bench, database):
    for rows, batch, bound in ((ROWS, 50, MOST_COMMITS_AT_50), (ROWS // 10, 1, MOST_COMMITS_AT_1)):
        commits = partial(wal_counts.commits, database, bench, rows=rows, batch=batch)
        assert await least(commits, bound) <= bound


async def test_a_worker_queries_per_batch_and_not_per_rfq(bench, database):
    transactions = partial(wal_counts.worker_transactions, database, bench, rows=ROWS, slots=50)
    assert await least(transactions, MOST_TRANSACTIONS_AT_50) <= MOST_TRANSACTIONS_AT_50


async def test_claims_write_no_index_entry(bench, database):
    assert await wal_counts.hot_share(database, bench, rows=ROWS, batch=50) >= LEAST_HOT


async def test_an_idle_worker_sends_hardly_any_statement(bench, database):
    statements = partial(wal_counts.idle_statements, database, bench, (2, 12))
    assert await least(statements, MOST_IDLE_STATEMENTS) <= MOST_IDLE_STATEMENTS
