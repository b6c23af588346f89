"""More of the catalogue: what a role with only INSERT, a stranger on the network, and a middlebox can do."""

import asyncio
import contextlib
import random
import signal
import time
from typing import TYPE_CHECKING

import asyncpg

from .catalogue import Evidence, busy, fault, hurting

if TYPE_CHECKING:
    from .world import World

_WORKERS, _DOORBELL, _OTHERS = 1380340055, 1380340038, 1380340045
_SOCKETS = 560
_PROBE_SECONDS = 3.0
_REGISTER_SECONDS = 45.0  # the locks are held until then: on a busy machine, a process starts slowly


@fault("R5", server=True)
async def squat_locks(world: "World", draw: random.Random) -> Evidence:
    """A role with only INSERT takes every advisory lock of ours that it can guess, future worker numbers first."""
    await world.until(lambda: busy(world, draw) is not None, 15)
    if (worker := busy(world, draw)) is None:
        return None
    async with hurting(world, worker):
        worker.send(signal.SIGTERM)
        await worker.exited(12)
        conn = await world.pair.connect("chaos_app")
        try:
            first = max((one.number or 0 for one in world.workers), default=0)
            taken = await conn.fetchval(
                "select count(*) filter (where pg_try_advisory_lock($1, g)) from generate_series($2::int, $2 + 400) g",
                _WORKERS, first,
            )  # fmt: skip
            taken += await conn.fetchval(
                "select count(*) filter (where pg_try_advisory_lock_shared($1, g)) + count(*) filter (where pg_try_advisory_lock($2, g)) "
                "from generate_series(0, 9) g",
                _DOORBELL, _OTHERS,
            )  # fmt: skip
            mark, began = len(worker.lines), time.monotonic()
            await worker.start()
            line = await worker.event_after(mark, "worker.registered", _REGISTER_SECONDS)
            seconds = time.monotonic() - began
            await asyncio.sleep(draw.uniform(1, 3))
        finally:
            conn.terminate()
    if line is None:
        world.sampled.setdefault("live:P11 no lock of a stranger's keeps a worker out", []).append(
            f"{worker.name} after {seconds:.0f} s"
        )
    return {"locks": taken, "registered_seconds": seconds} if taken else None


@fault("R6", server=True)
async def short_statement_timeouts(world: "World", draw: random.Random) -> Evidence:
    """Inserts with a short statement_timeout while the queue is locked.

    Our trigger must leave time for the application.
    """
    done = 0
    limit = draw.choice((0.06, 0.12, 0.25))
    conn = await world.pair.connect("chaos_app", server_settings={"statement_timeout": f"{limit * 1000:.0f}"})
    try:
        async with world.admin() as admin, admin.transaction():
            await admin.execute("lock table ai.outbox, ai.outbox_missed in access exclusive mode")
            for _ in range(4):
                rfqs = [world.load.rfq(12_000_000 + draw.randrange(10**9))]
                world.load.invoked += 1
                doing = conn.execute(*world.table.insert_many(rfqs))
                op = await world.load.record("insert", doing, conn, rfqs=rfqs, timeout_seconds=limit)
                done += op["outcome"] == "ok"
    finally:
        conn.terminate()
    return {"statement_timeout_seconds": limit, "inserted": done} if done else None


@fault("R7")
async def silent_sockets(world: "World", draw: random.Random) -> Evidence:
    """Connections to the port of the probes that never send a byte."""
    if (worker := busy(world, draw)) is None:
        return None
    port = int(worker.settings["RFQFLOW_HTTP"].rpartition(":")[2])
    async with hurting(world, worker):
        writers: list[asyncio.StreamWriter] = []
        try:
            for _ in range(_SOCKETS):
                with contextlib.suppress(OSError):
                    writers.append((await asyncio.open_connection("127.0.0.1", port))[1])
            status = ""
            for _ in range(3):  # as patient as kubelet
                with contextlib.suppress(OSError, TimeoutError):
                    async with asyncio.timeout(_PROBE_SECONDS):
                        status = await _get(port, "/healthz")
                if status == "200":
                    break
        finally:
            for writer in writers:
                writer.transport.abort()
        if not worker.alive:
            return None
    if status != "200" and writers:
        world.sampled.setdefault("live:R7 a probe is answered beside silent sockets", []).append(
            f"{worker.name}: {status or 'silence'}"
        )
    return {"sockets": len(writers), "status": status} if len(writers) >= _SOCKETS // 2 else None


async def _get(port: int, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    try:
        return (await reader.readline()).decode("latin-1").split(" ")[1]
    except IndexError:
        return ""
    finally:
        writer.transport.abort()


@fault("D18", "D5")
async def forget_connections(world: "World", draw: random.Random) -> Evidence:
    """A middlebox forgets a worker's connections to the database: no data passes, and neither side is informed."""
    if (worker := busy(world, draw)) is None:
        return None
    async with hurting(world, worker):
        link, listening = world.link(worker, "work"), world.link(worker, "listen")
        before = link.accepted
        count, began = link.forget(0.0) + listening.forget(0.0), time.monotonic()
        again = await world.until(lambda: link.accepted > before, 45)
    return {"connections": count, "replaced_seconds": time.monotonic() - began} if count and again else None


@fault("D11", "R5")
async def forge_settings(world: "World", draw: random.Random) -> Evidence:
    """A role sets our trigger's own setting for all of its sessions: its inserts are found all the same."""
    rfqs = [world.load.rfq(13_000_000 + draw.randrange(10**9)) for _ in range(3)]
    conn = await world.pair.connect(
        "chaos_app", server_settings={"rfqflow.blocked": draw.choice(("all", "queue", "x"))}
    )
    try:
        world.load.invoked += len(rfqs)
        op = await world.load.record("insert", conn.execute(*world.table.insert_many(rfqs)), conn, rfqs=rfqs)
    except asyncpg.PostgresError:
        return None
    finally:
        conn.terminate()
    return {"rfqs": len(rfqs)} if op["outcome"] == "ok" else None
