"""What the server counts itself, on each of its releases. Times are `rfqflow bench`'s; WAL, pages, statements and calls
are in tests/integration/counts.toml.
"""

import pytest

from rfqflow.bench import wal_counts
from rfqflow.bench.scratch_database import prepare

ROWS = 1000

MOST_COMMITS_AT_50 = 0.03
MOST_COMMITS_AT_1 = 1.02
MOST_TRANSACTIONS_AT_50 = 0.1  # of a thousand RFQs; the maintenance that a worker begins with is some twenty
LEAST_HOT = 0.97
MOST_IDLE_STATEMENTS = 1.9


@pytest.fixture
async def bench(db):
    await prepare(db)
    return db


async def test_a_batch_is_one_commit(bench, database):
    assert await wal_counts.commits(database, bench, rows=ROWS, batch=50) <= MOST_COMMITS_AT_50
    assert await wal_counts.commits(database, bench, rows=ROWS // 10, batch=1) <= MOST_COMMITS_AT_1


async def test_a_worker_asks_per_batch_and_not_per_rfq(bench, database):
    assert await wal_counts.worker_transactions(database, bench, rows=ROWS, slots=50) <= MOST_TRANSACTIONS_AT_50


async def test_claims_write_no_index_entry(bench, database):
    assert await wal_counts.hot_share(database, bench, rows=ROWS, batch=50) >= LEAST_HOT


async def test_an_idle_worker_asks_next_to_nothing(bench, database):
    # Up to three times: on a busy machine the shorter idle may begin late, and the difference is too large by as much.
    for _ in range(3):
        measured = await wal_counts.idle_statements(database, bench, (2, 12))
        if measured <= MOST_IDLE_STATEMENTS:
            break
    assert measured <= MOST_IDLE_STATEMENTS
