"""Faults of the database, and actions of people and programs on the database during a run."""

import asyncio
import random
import time
from typing import TYPE_CHECKING

import asyncpg

from . import small_disk
from .catalogue import Evidence, fault, insist
from .table import rfq_uuid

if TYPE_CHECKING:
    from .world import World


@fault("D1", server=True)
async def restart(world: "World", draw: random.Random) -> Evidence:
    at = time.time()
    pid = await world.pair.primary.stop("immediate")
    await asyncio.sleep(draw.uniform(0, 2))
    await world.pair.primary.start()
    return {"pid": pid, "at": at, "down_seconds": time.time() - at}


@fault("D2", server=True)
async def promote(world: "World", draw: random.Random) -> Evidence:
    steps = await world.pair.promote()
    conn = await world.pair.connect()
    try:
        async with asyncio.timeout(40):
            while True:
                first = await conn.fetchval(
                    "select min(extract(epoch from at))::float8 from chaos.movements "
                    "where op = 'DELETE' and at > to_timestamp($1)", steps["promoted_at"])  # fmt: skip
                if first:
                    break
                await asyncio.sleep(0.1)
    finally:
        conn.terminate()
    await asyncio.sleep(3)
    refused = await _refuses_writes(world)
    await world.pair.spare.stop("fast")
    return {**steps, "writes_after_seconds": first - steps["promoted_at"], "old_primary": refused} if refused else None


async def _refuses_writes(world: "World") -> str | None:
    conn = await asyncpg.connect(world.pair.spare.dsn, timeout=5)
    try:
        await conn.execute("insert into chaos.fence values (clock_timestamp())")
    except asyncpg.ReadOnlySQLTransactionError as error:
        return str(error.sqlstate)
    finally:
        conn.terminate()
    return None


@fault("D4")
async def terminate_backends(world: "World", draw: random.Random) -> Evidence:
    async with world.admin() as conn:
        name = draw.choice(["work", "facts", "beat", "listener", "doorbell"])
        ended = await conn.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1",
            f"rfqflow {name}",
        )
    return {"backends": ended, "of": name} if ended else None


@fault("D8", server=True)
async def lock_outbox(world: "World", draw: random.Random) -> Evidence:
    """A migration's lock on the queue: inserts must not wait for it."""
    table = draw.choice(["ai.outbox", "ai.outbox", "ai.outbox, ai.outbox_missed"])
    async with world.admin() as conn:
        before = world.load.invoked
        async with conn.transaction():
            await conn.execute(f"lock table {table} in access exclusive mode")
            await asyncio.sleep(draw.uniform(0.4, 1.2))
    return {"table": table, "inserted_meanwhile": world.load.invoked - before} if world.load.invoked > before else None


@fault("D8")
async def lock_rfqs(world: "World", draw: random.Random) -> Evidence:
    """The application locks RFQs for a while, and changes a column of its own."""
    if len(world.load.inserted) < 20:
        return None
    table, chosen = world.table, draw.sample(world.load.inserted[-60:], 12)
    conn = await world.pair.connect("chaos_clerk")
    try:
        async with conn.transaction():
            rows = await conn.fetch(table.lock, [table.key(one) for one in chosen])
            await asyncio.sleep(draw.uniform(0.5, 1.5))
            if not rows:
                return None
            one = str(rows[0]["key"]) if not table.is_number else rfq_uuid(rows[0]["key"])
            name = f"renamed {draw.randrange(10**6)}"
            op = await world.load.record(
                "rename",
                conn.execute(table.update("name"), rows[0]["key"], name),
                conn,
                id=one,
                name=name,
            )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        for op in world.load.ops[-500:]:
            if op["op"] == "rename" and op["outcome"] == "ok" and op["id"] in chosen:
                op["outcome"] = "unknown"  # it never reached its commit, or its result is unknown
        return None
    finally:
        conn.terminate()
    return {"rows": len(rows), "renamed": op["outcome"]}


@fault("D10", server=True)
async def fill_notify_queue(world: "World", draw: random.Random) -> Evidence:
    """A session that listens and does not read lets the queue fill up; then a NOTIFY fails at COMMIT."""
    conn = await world.pair.connect()
    other = await world.pair.connect()
    full = None
    try:
        await conn.execute("listen chaos_filler")
        await conn.execute("begin")
        await conn.execute("select 1")
        try:
            for _ in range(40):
                await other.execute(
                    "select count(pg_notify('chaos_filler', repeat('x', 7900) || g || random())) from generate_series(1, 20) g"
                )
        except asyncpg.PostgresError as error:
            full = error.sqlstate
        usage = await other.fetchval("select pg_notification_queue_usage()")
        before = world.load.invoked
        await asyncio.sleep(draw.uniform(1.5, 3))
    finally:
        conn.terminate()
        other.terminate()
    if full is None:
        return None
    return {"sqlstate": full, "usage": usage, "inserted_meanwhile": world.load.invoked - before}


@fault("D11")
async def forge_notifications(world: "World", draw: random.Random) -> Evidence:
    """Any role may NOTIFY; no worker may trust a payload."""
    conn = await world.pair.connect("chaos_app")
    try:
        for _ in range(200):
            await conn.execute("select pg_notification_queue_usage()")  # this call cleans up a queue that was full
            await conn.execute("select pg_notify('rfqflow_wake', $1)", "x" * draw.randrange(0, 900))
    finally:
        conn.terminate()
    return {"sent": 200}


@fault("D12", server=True)
async def disk_full(world: "World", draw: random.Random) -> Evidence:
    """The disk of the queue's own tables is full; the disk of the RFQs is not."""
    if not small_disk.IS_POSSIBLE:
        return None
    before = world.load.invoked
    async with small_disk.full_disk(world):
        unqueued = await small_disk.insert_until_refused(world, 40)
    return {"not_queued": unqueued, "inserted_meanwhile": world.load.invoked - before}


@fault("D13", server=True)
async def use_up_connections(world: "World", draw: random.Random) -> Evidence:
    """No connection is free for a client that has lost its own."""
    held: list[asyncpg.Connection] = []
    refused = None
    async with world.admin() as conn:
        try:
            while len(held) < 130:
                held.append(await world.pair.connect("chaos_clerk"))
        except asyncpg.PostgresError as error:
            refused = error.sqlstate
        await conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('rfqflow work', 'rfqflow beat')"
        )
        await asyncio.sleep(draw.uniform(0.5, 2))
        for one in held:
            one.terminate()
    return {"sqlstate": refused, "held": len(held)} if refused else None


@fault("D14")
async def pin_xmin(world: "World", draw: random.Random) -> Evidence:
    async with world.admin() as conn, conn.transaction(isolation="repeatable_read"):
        snapshot = await conn.fetchval("select pg_current_snapshot()::text")
        await asyncio.sleep(8)
    return {"snapshot": snapshot}


@fault("D15")
async def insert_without_trigger(world: "World", draw: random.Random) -> Evidence:
    """As a logical replica's apply worker does: no trigger fires, and the sweep must find the RFQs."""
    rfqs = [world.load.rfq(10_000_000 + draw.randrange(10**9)) for _ in range(5)]
    async with world.admin() as conn:
        await conn.execute("set session_replication_role = replica")
        op = await world.load.record("insert", conn.execute(*world.table.insert_many(rfqs)), conn, rfqs=rfqs)
        queued = await conn.fetchval(
            "select count(*) from ai.outbox where rfq_id = any ($1::uuid[])", [one["id"] for one in rfqs]
        )
    return {"rfqs": len(rfqs), "queued_at_once": queued} if op["outcome"] == "ok" else None


@fault("P2")
async def rerun_forced(world: "World", draw: random.Random) -> Evidence:
    if len(world.load.inserted) < 20:
        return None
    rfq_id = draw.choice(world.load.inserted[:-10])
    async with world.admin() as conn:
        op = await world.load.record("rerun", conn.fetchval("select ai.rerun_rfq($1, true)", rfq_id), conn, id=rfq_id)
    return {"rfq": rfq_id} if op["outcome"] == "ok" and op["reply"] else None


@fault("S8", "P9")
async def override(world: "World", draw: random.Random) -> Evidence:
    """People set routes while workers write: at the end, each RFQ must show the person's route."""
    if len(world.load.inserted) < 20:
        return None
    done = 0
    async with world.admin() as conn:
        for rfq_id in draw.sample(world.load.inserted[-40:], 10):
            route = draw.choice(["electrical", "mechanical", "general"])
            route = await conn.fetchval("select slug from ai.routes order by slug = $1 desc, slug limit 1", route)
            op = await world.load.record(
                "override",
                conn.fetchval("select ai.override_rfq($1, $2, 'ada')", rfq_id, route),
                conn,
                id=rfq_id,
                route=route,
            )
            done += op["outcome"] == "ok"
    return {"overridden": done} if done else None


@fault("D8")
async def pause_and_resume(world: "World", draw: random.Random) -> Evidence:
    async with world.admin() as conn:
        try:
            await conn.execute("select ai.pause('chaos', 'drill')")
            await asyncio.sleep(draw.uniform(0.5, 2))
            paused = await conn.fetchval("select mode from ai.queue_status")
        finally:
            await insist(world, "select ai.resume('chaos', 'drill')")
    return {"mode": paused}


@fault("S9", "P6")
async def budget_runs_out(world: "World", draw: random.Random) -> Evidence:
    """The cap equals the spending: no hold is granted until the cap is raised."""
    async with world.admin() as conn:
        before = await conn.fetchval("select count(*) from ai.holds")
        spent = await conn.fetchval(
            "select spent_nano_usd / 1e9 from ai.budget_windows where scope = 'global' and period = 'day' and ends_at > now()"
        )
        mark = await conn.fetchval("select clock_timestamp()")
        try:
            await conn.execute("select ai.set_budget('global', 'day', $1, 'chaos', 'drill')", spent)
            await asyncio.sleep(draw.uniform(1, 2))
            refused = await conn.fetchval(
                "select count(*) from ai.rag_runs where reason = 'budget' and created_at > $1", mark
            )
        finally:
            await insist(world, "select ai.set_budget('global', 'day', 100000, 'chaos', 'drill')")
    return {"cap_usd": float(spent), "held_before": before, "refused": refused} if refused else None


@fault("S13", "L13")
async def breaker_by_hand(world: "World", draw: random.Random) -> Evidence:
    async with world.admin() as conn:
        try:
            await conn.execute("select ai.open_breaker('openai', 'chaos-1', 'chaos', 'drill')")
            await asyncio.sleep(draw.uniform(0.5, 2))
            state = await conn.fetchval(
                "select state from ai.model_states where provider = 'openai' and model = 'chaos-1'"
            )
        finally:
            await insist(world, "select ai.close_breaker('openai', 'chaos-1', 'chaos', 'drill')")
    return {"state": state} if state == "open" else None
