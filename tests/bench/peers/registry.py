"""The peers: version, settings, and the query that counts a peer's unfinished jobs."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Peer:
    name: str
    kind: Literal["python", "node", "own"]
    packages: tuple[str, ...]
    driver: str
    settings: str
    jobs: int  # jobs of one drain: more for a fast peer, so that each drain takes seconds
    unfinished: str  # a query: whether an unfinished job exists
    drain: dict[str, Any] = field(default_factory=dict)
    pickup: dict[str, Any] = field(default_factory=dict)
    arrays: int = 0  # RFQs of one job, where a handler may get many at once


QUEUE_ONLY = Peer(
    "rfqflow, queue only",
    "own",
    (),
    "drive_own_queue.py",
    "claims and fences of its own queue in batches of 500, as its worker; a finish deletes and records nothing",
    50_000,
    "select exists (select from ai.outbox)",
    drain={"batch": 500},
    pickup={"batch": 32},
)

PEERS = (
    Peer(
        "PgQueuer",
        "python",
        ("pgqueuer[asyncpg]==1.6.0", "uvloop>=0.22"),
        "drive_pgqueuer.py",
        "asyncpg, uvloop; 2 consumers x batch 100 in one process; pickup: 1 consumer, batch 10",
        50_000,
        "select exists (select from public.pgqueuer)",
        drain={"consumers": 2, "batch": 100},
        pickup={"consumers": 1, "batch": 10},
    ),
    Peer(
        "Procrastinate",
        "python",
        ("procrastinate==3.10.0", "asyncpg>=0.30", "uvloop>=0.22"),
        "drive_procrastinate.py",
        "psycopg, uvloop; concurrency 20, a pool of 20, LISTEN",
        5_000,
        "select exists (select from public.procrastinate_jobs where status in ('todo', 'doing'))",
        drain={"concurrency": 20},
        pickup={"concurrency": 20},
    ),
    Peer(
        "Chancy",
        "python",
        ("chancy==0.26.0", "asyncpg>=0.30", "uvloop>=0.22"),
        "drive_chancy.py",
        "psycopg, uvloop; async executor, concurrency 1,000, eager polling, poll 1 s, notifications",
        20_000,
        "select exists (select from public.chancy_jobs where state not in ('succeeded', 'failed'))",
        drain={"concurrency": 1000},
        pickup={"concurrency": 1000},
    ),
    Peer(
        "awa-pg",
        "python",
        ("awa-pg==0.6.9", "asyncpg>=0.30", "uvloop>=0.22"),
        "drive_awa.py",
        "uvloop; queue storage, COPY ingest, 1,024 workers, the rest default; pickup: its asyncpg bridge enqueues",
        30_000,
        "select exists (select from awa.jobs where state not in ('completed', 'failed', 'cancelled'))",
        drain={"workers": 1024},
        pickup={"workers": 1024},
    ),
    Peer(
        "graphile-worker",
        "node",
        ("graphile-worker@0.18.0",),
        "drive_graphile.mjs",
        "24 jobs, localQueue.size 500, completeJobBatchDelay 0, failJobBatchDelay 0, pool 10",
        50_000,
        "select exists (select from graphile_worker._private_jobs)",
        drain={"concurrency": 24, "local_queue": 500},
        pickup={"concurrency": 24, "local_queue": 500},
        arrays=100,
    ),
    Peer(
        "pg-boss",
        "node",
        ("pg-boss@12.38.0",),
        "drive_pgboss.mjs",
        "2 fetch/complete loops x batch 500; pickup: work() on a queue with notify, LISTEN",
        50_000,
        "select exists (select from pgboss.job where state < 'completed')",
        drain={"loops": 2, "batch": 500},
        pickup={"loops": 0, "batch": 10},
        arrays=500,
    ),
    # No driver: the package was never on an index from which this harness could install it, and a driver that never ran
    # is not a measurement.
    Peer("Oban for Python", "python", ("oban",), "", "none", 0, ""),
)
