"""The catalogue: each fault hurts one thing for a while, heals it, and returns the evidence that it landed.

A fault that returns None did not land: it is counted as planned and not as landed.
"""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.failpoints import POINTS

from . import small_disk
from .fleet import FAKETIME, Worker
from .table import rfq_uuid

if TYPE_CHECKING:
    from .world import World

Evidence = dict[str, Any] | None
Do = Callable[["World", random.Random], Awaitable[Evidence]]
LEASE_SECONDS = 7.0


@dataclass(frozen=True)
class Fault:
    """`server`: it may not run beside another fault of the server. `rows`: of the matrix in matrix.py."""

    do: Do
    server: bool
    rows: tuple[str, ...]


FAULTS: dict[str, Fault] = {}


def fault(*rows: str, server: bool = False, name: str = "") -> Callable[[Do], Do]:
    def add(do: Do) -> Do:
        FAULTS[name or do.__name__] = Fault(do, server, rows)
        return do

    return add


def _busy(world: "World", draw: random.Random) -> Worker | None:
    """A worker that no other fault is hurting."""
    free = [worker for worker in world.workers if worker.alive and worker.name not in world.hurting]
    return draw.choice(free) if free else None


@contextlib.asynccontextmanager
async def _hurting(world: "World", worker: Worker) -> Any:
    world.hurting.add(worker.name)
    try:
        yield
    finally:
        world.hurting.discard(worker.name)


async def _insist(world: "World", statement: str) -> None:
    """Healing must not fail for another fault's sake."""
    while True:
        try:
            async with world.admin() as conn:
                await conn.execute(statement)
                return
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            await asyncio.sleep(0.2)


# -- the worker ------------------------------------------------------------------------------------------------------


@fault("W3", "W9")
async def kill(world: "World", draw: random.Random) -> Evidence:
    if (worker := _busy(world, draw)) is None:
        return None
    async with _hurting(world, worker):
        number, at = worker.number, time.time()
        if not worker.send(signal.SIGKILL) or await worker.exited(5) != -signal.SIGKILL:
            return None
        await asyncio.sleep(draw.uniform(0, 0.5))
        await worker.start()  # the same name on the same host: a new number tells it from the dead one
    return {"worker": number, "at": at, "exit": -9}


def _failpoint(point: str, action: str) -> Do:
    async def do(world: "World", draw: random.Random) -> Evidence:
        if (worker := _busy(world, draw)) is None:
            return None
        async with _hurting(world, worker):
            worker.send(signal.SIGTERM)
            await worker.exited(12)
            mark = len(worker.lines)
            often = 60 if point in ("before_send", "after_reply") else 12
            await worker.start(failpoints=f"{point}={action}@{draw.randrange(1, often)}")
            reached = await worker.event_after(mark, "failpoint.reached", 12)
            at, number = time.time(), worker.number
            if action == "kill":
                await worker.exited(3)
            elif action == "raise" and not point.endswith(("send", "reply")):
                await worker.exited(12)
            if worker.alive and action != "sleep":
                worker.send(signal.SIGTERM)
                await worker.exited(12)
            if not worker.alive:
                await worker.start()
        return {"worker": number, "at": at, **reached} if reached else None

    return do


for _point, _rows in zip(POINTS, (("W1",), ("W2",), ("W2",), ("W3",), ("W4",), ("W4",)), strict=True):
    fault(*_rows, name=f"kill_{_point}")(_failpoint(_point, "kill"))
fault("W10", name="block_after_reply")(_failpoint("after_reply", "sleep:9"))
fault("W11", name="raise_before_send")(_failpoint("before_send", "raise"))
fault("W11", name="raise_before_finish")(_failpoint("before_finish", "raise"))


@fault("W7", "L14")
async def stop_past_lease(world: "World", draw: random.Random) -> Evidence:
    """The sleeper wakes to find its leases gone; what it then says must be refused."""
    if (worker := _busy(world, draw)) is None:
        return None
    async with _hurting(world, worker):
        number = worker.number
        conn = await world.pair.connect()
        held = 0
        try:
            for _ in range(50):  # it must hold something, or nothing is shown
                held = await conn.fetchval(
                    "select count(*) from ai.outbox where worker = $1 and claim_id is not null", number
                )
                if held:
                    break
                await asyncio.sleep(0.02)
        finally:
            conn.terminate()
        at = time.time()
        if not held or not worker.send(signal.SIGSTOP):
            return None
        await asyncio.sleep(LEASE_SECONDS + 1.5)
        worker.send(signal.SIGCONT)
    return {"worker": number, "at": at, "held": held, "stopped_seconds": time.time() - at}


async def _stop(world: "World", draw: random.Random, *, twice: bool) -> Evidence:
    if (worker := _busy(world, draw)) is None:
        return None
    async with _hurting(world, worker):
        mark, began = len(worker.lines), time.monotonic()
        worker.send(signal.SIGTERM)
        if twice:
            await asyncio.sleep(draw.uniform(0, 0.02))
            worker.send(signal.SIGTERM)
        code = await worker.exited(15)
        seconds = time.monotonic() - began
        said = next((line for line in worker.lines[mark:] if line["event"] == "worker.stopping"), {})
        if code is None:
            worker.send(signal.SIGKILL)
            await worker.exited(5)
        await worker.start()
    busy = bool(said.get("in_flight"))
    return {"worker": said.get("worker"), "exit": code, "busy": busy, "seconds": seconds}


@fault("W6", "C7")
async def term(world: "World", draw: random.Random) -> Evidence:
    return await _stop(world, draw, twice=False)


@fault("W6")
async def term_twice(world: "World", draw: random.Random) -> Evidence:
    return await _stop(world, draw, twice=True)


@fault("W12")
async def clock_skew(world: "World", draw: random.Random) -> Evidence:
    """One worker's wall clock is an hour off, or two; nothing may depend on it."""
    if FAKETIME is None or (worker := _busy(world, draw)) is None:
        return None
    async with _hurting(world, worker):
        worker.send(signal.SIGTERM)
        await worker.exited(12)
        mark, offset = len(worker.lines), draw.choice(["+1h", "-1h", "-2h"])
        await worker.start(faketime=offset)
        line = await worker.event_after(mark, "worker.registered", 15)
        await asyncio.sleep(4)
        worker.send(signal.SIGTERM)
        await worker.exited(12)
        await worker.start()
    return {"offset": offset, "its_clock": line["ts"], "clock": line["heard_at"]} if line else None


# -- links -----------------------------------------------------------------------------------------------------------


@fault("D5", "D7")
async def stall_work_link(world: "World", draw: random.Random) -> Evidence:
    if (worker := _busy(world, draw)) is None:
        return None
    link = world.link(worker, "work")
    direction = draw.choice(["up", "down", "both"])
    async with _hurting(world, worker):
        before = dict(link.bytes)
        link.stall(direction)
        await asyncio.sleep(draw.uniform(1, 4))
        held = {way: link.bytes[way] for way in before}
        link.resume()
    return {"worker": worker.number, "direction": direction, "connections": link.connections, "bytes": held}


@fault("D5", "C4")
async def half_open(world: "World", draw: random.Random) -> Evidence:
    """The session's link goes silent and stays open: only a question that gets no answer tells."""
    if (worker := _busy(world, draw)) is None:
        return None
    link = world.link(worker, "listen")
    async with _hurting(world, worker):
        mark, began = len(worker.lines), time.monotonic()
        link.stall()
        noticed = await worker.event_after(mark, "worker.session_lost", 25)
        seconds = time.monotonic() - began
        link.cut()
        link.resume()
    return {"worker": worker.number, "noticed_seconds": seconds} if noticed else None


@fault("D5")
async def cut_links(world: "World", draw: random.Random) -> Evidence:
    if (worker := _busy(world, draw)) is None:
        return None
    count = sum(link.connections for link in worker.links.values())
    for link in worker.links.values():
        link.cut()
    return {"worker": worker.number, "connections": count} if count else None


@fault("D5")
async def cut_after_bytes(world: "World", draw: random.Random) -> Evidence:
    """The link ends in the middle of something."""
    if (worker := _busy(world, draw)) is None:
        return None
    link = world.link(worker, "work")
    before = link.cuts
    link.cut_after(draw.randrange(1, 40_000))
    landed = await world.until(lambda: link.cuts > before, 6)
    link.disarm()
    return {"worker": worker.number} if landed else None


@fault("W5")
async def swallow_reply(world: "World", draw: random.Random) -> Evidence:
    """A finish takes effect, and nobody hears of it."""
    if (worker := _busy(world, draw)) is None:
        return None
    link = world.link(worker, "work")
    before = link.swallowed
    link.swallow()
    landed = await world.until(lambda: link.swallowed > before, 6)
    link.disarm()
    return {"worker": worker.number, "bytes": link.swallowed - before} if landed else None


@fault("D6", "D13")
async def refuse_connections(world: "World", draw: random.Random) -> Evidence:
    if (worker := _busy(world, draw)) is None:
        return None
    async with _hurting(world, worker):
        for link in worker.links.values():
            link.refusing = True
            link.cut()
        mark = len(worker.lines)
        noticed = await worker.event_after(mark, "worker.not_registered", 10)
        for link in worker.links.values():
            link.refusing = False
    return {"worker": worker.number} if noticed else None


@fault("D7")
async def slow_link(world: "World", draw: random.Random) -> Evidence:
    if (worker := _busy(world, draw)) is None:
        return None
    link = world.link(worker, "work")
    before = sum(link.bytes.values())
    link.delay_seconds = draw.uniform(0.1, 0.5)
    await asyncio.sleep(4)
    link.delay_seconds = 0.0
    passed = sum(link.bytes.values()) - before
    return {"worker": worker.number, "bytes": passed} if passed else None


# -- the database ----------------------------------------------------------------------------------------------------


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
        name = draw.choice(["work", "facts", "beat", "ear", "doorbell"])
        ended = await conn.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1",
            f"rfqflow {name}",
        )
    return {"backends": ended, "of": name} if ended else None


@fault("D8", server=True)
async def lock_outbox(world: "World", draw: random.Random) -> Evidence:
    """A migration's lock on the queue: inserts must pass it by."""
    table = draw.choice(["ai.outbox", "ai.outbox", "ai.outbox, ai.outbox_missed"])
    async with world.admin() as conn:
        before = world.load.invoked
        async with conn.transaction():
            await conn.execute(f"lock table {table} in access exclusive mode")
            await asyncio.sleep(draw.uniform(0.4, 1.2))
    return {"table": table, "inserted_meanwhile": world.load.invoked - before} if world.load.invoked > before else None


@fault("D8")
async def lock_rfqs(world: "World", draw: random.Random) -> Evidence:
    """The application holds RFQs for a while, and changes a column of its own."""
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
                op["outcome"] = "unknown"  # it never got to its commit, or nobody knows
        return None
    finally:
        conn.terminate()
    return {"rows": len(rows), "renamed": op["outcome"]}


@fault("D10", server=True)
async def fill_notify_queue(world: "World", draw: random.Random) -> Evidence:
    """A session that listens and does not read lets the queue fill up; a NOTIFY then fails at COMMIT."""
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
    """Any role may NOTIFY; a payload is never believed."""
    conn = await world.pair.connect("chaos_app")
    try:
        for _ in range(200):
            await conn.execute(
                "select pg_notification_queue_usage()"
            )  # a queue that was full is swept up by whoever asks
            await conn.execute("select pg_notify('rfqflow_wake', $1)", "x" * draw.randrange(0, 900))
    finally:
        conn.terminate()
    return {"sent": 200}


@fault("D12", server=True)
async def disk_full(world: "World", draw: random.Random) -> Evidence:
    """The disk of the queue's own tables is full; that of the RFQs is not."""
    if not small_disk.IS_POSSIBLE:
        return None
    before = world.load.invoked
    async with small_disk.full_disk(world):
        unqueued = await small_disk.insert_until_refused(world, 40)
    return {"not_queued": unqueued, "inserted_meanwhile": world.load.invoked - before}


@fault("D13", server=True)
async def use_up_connections(world: "World", draw: random.Random) -> Evidence:
    """No connection is left for anybody who has lost his."""
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
    """As a logical replica's apply worker does: no trigger fires, and the sweep must find them."""
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
    return {"rfq": rfq_id} if op["outcome"] == "ok" and op["told"] else None


@fault("S8", "P9")
async def override(world: "World", draw: random.Random) -> Evidence:
    """People route by hand while workers write: what they said must be what is shown at the end."""
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
            await _insist(world, "select ai.resume('chaos', 'drill')")
    return {"mode": paused}


@fault("S9", "P6")
async def budget_runs_out(world: "World", draw: random.Random) -> Evidence:
    """The cap is where the spending is: nothing more is granted till it is raised."""
    async with world.admin() as conn:
        before = await conn.fetchval("select count(*) from ai.holds")
        spent = await conn.fetchval(
            "select (spent_nano + held_nano) / 1e9 from ai.budget_windows where scope = 'global' and period = 'day' and ends_at > now()"
        )
        mark = await conn.fetchval("select clock_timestamp()")
        try:
            await conn.execute("select ai.set_budget('global', 'day', $1, 'chaos', 'drill')", spent)
            await asyncio.sleep(draw.uniform(1, 2))
            refused = await conn.fetchval(
                "select count(*) from ai.rag_runs where reason = 'budget' and created_at > $1", mark
            )
        finally:
            await _insist(world, "select ai.set_budget('global', 'day', 100000, 'chaos', 'drill')")
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
            await _insist(world, "select ai.close_breaker('openai', 'chaos-1', 'chaos', 'drill')")
    return {"state": state} if state == "open" else None


# -- the model -------------------------------------------------------------------------------------------------------


async def _mix(world: "World", mix: dict[str, float], seconds: float) -> Evidence:
    before = len(world.provider.calls())
    await world.provider.control(mix=mix)
    await asyncio.sleep(seconds)
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await world.provider.control(mix=world.usual_mix)
            break
        await asyncio.sleep(0.1)  # it is dead for a moment
    calls = world.provider.calls()[before:]
    landed = sum(call["behaviour"] in mix and call["behaviour"] != "ok" for call in calls)
    return {"calls": landed} if landed else None


@fault("L3", "L4", "L13")
async def provider_storm(world: "World", draw: random.Random) -> Evidence:
    return await _mix(world, {"500": 1, "503": 2, "429_short": 2, "529": 1}, draw.uniform(1.5, 3))


@fault("L2", "L6")
async def provider_hangs(world: "World", draw: random.Random) -> Evidence:
    return await _mix(world, {"hang": 2, "silent_after_head": 1, "drip": 1, "ok": 4}, draw.uniform(1.5, 3))


@fault("L6", "L7", "L8", "L11", "L12")
async def provider_garbles(world: "World", draw: random.Random) -> Evidence:
    kinds = (
        "invalid_json",
        "schema_breach",
        "nul",
        "surrogate",
        "html200",
        "null",
        "empty",
        "cut",
        "utf16",
        "truncated",
        "no_usage",
        "absurd_usage",
    )
    return await _mix(world, dict.fromkeys((*kinds, "ok", "ok"), 1.0), draw.uniform(1.5, 3))


@fault("L9", "L10")
async def provider_bombs(world: "World", draw: random.Random) -> Evidence:
    return await _mix(world, {"gzip_bomb": 1, "huge": 1, "redirect": 1, "ok": 20}, 1.5)


@fault("L5")
async def provider_rejects_key(world: "World", draw: random.Random) -> Evidence:
    return await _mix(world, {"401": 1, "404": 1, "429_quota": 0.0}, draw.uniform(1, 2))


@fault("L1")
async def provider_dies(world: "World", draw: random.Random) -> Evidence:
    began = time.time()
    pid = await world.provider.kill()
    await asyncio.sleep(draw.uniform(0, 1))
    await world.provider.start()
    await world.provider.control(mix=world.usual_mix)
    world.hurt.append((began, time.time()))
    return {"pid": pid}


@fault("L1", "L2")
async def stall_model_link(world: "World", draw: random.Random) -> Evidence:
    if (worker := _busy(world, draw)) is None:
        return None
    link, began = worker.links["model"], time.time()
    await world.until(lambda: link.connections > 0, 5)
    open_links = link.connections
    link.stall(draw.choice(["up", "down", "both"]))
    await asyncio.sleep(draw.uniform(0.5, 3))
    link.resume()
    world.hurt.append((began, time.time()))
    return {"worker": worker.number, "connections": open_links} if open_links else None


@fault("L1", "L6")
async def cut_model_link(world: "World", draw: random.Random) -> Evidence:
    if (worker := _busy(world, draw)) is None:
        return None
    link, began = worker.links["model"], time.time()
    await world.until(lambda: link.connections > 0, 3)
    count = link.connections
    link.cut()
    world.hurt.append((began, time.time()))
    return {"worker": worker.number, "connections": count} if count else None
