"""Faults that land while a worker reads files, and faults of what the database holds about files."""

import asyncio
import contextlib
import os
import random
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from .catalogue import Evidence, fault, hurting
from .fleet import Worker

if TYPE_CHECKING:
    from .world import World

_SECONDS = 15.0


def _readers(worker: Worker) -> list[int]:
    """Process ids of the file readers of a worker."""
    found: list[int] = []
    if worker.alive and worker.process:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{worker.process.pid}/task").iterdir():
                found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


async def _reading(world: "World", draw: random.Random) -> tuple[Worker, int] | None:
    """A worker that no other fault is harming, and its present reader."""
    found: list[tuple[Worker, int]] = []

    def look() -> bool:
        found[:] = [(one, pid) for one in world.workers if one.name not in world.hurting for pid in _readers(one)]
        return bool(found)

    with contextlib.suppress(OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InterfaceError):
        conn = await world.pair.connect("chaos_app")
        try:
            for number in range(3):  # a worker that is being harmed may have claimed one of them
                await world.load.files.insert(conn, world.load.rfq(61_000_000 + draw.randrange(10**9) + number), "slow")
        finally:
            conn.terminate()
    return found[0] if await world.until(look, _SECONDS) else None


@fault("A2")
async def kill_file_reader(world: "World", draw: random.Random) -> Evidence:
    if (found := await _reading(world, draw)) is None:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.kill(found[1], signal.SIGKILL)
        return {"reader": found[1], "of": found[0].name}
    return None


@fault("A4")
async def kill_while_reading(world: "World", draw: random.Random) -> Evidence:
    """The worker is killed while its reader works: the next claim reads the file again."""
    if (found := await _reading(world, draw)) is None:
        return None
    worker, reader = found
    async with hurting(world, worker):
        number, at = worker.number, time.time()
        if not worker.send(signal.SIGKILL) or await worker.exited(5) != -signal.SIGKILL:
            return None
        await worker.start()
    return {"worker": number, "reader": reader, "at": at}


@fault("A4", "D1", server=True)
async def restart_while_reading(world: "World", draw: random.Random) -> Evidence:
    """The server restarts during a reading, so that the text cannot be stored."""
    if (found := await _reading(world, draw)) is None:
        return None
    pid = await world.pair.primary.stop("immediate")
    await asyncio.sleep(draw.uniform(0, 1))
    await world.pair.primary.start()
    return {"pid": pid, "worker": found[0].number, "reader": found[1]}


@fault("A5", "D8", server=True)
async def lock_file_changes(world: "World", draw: random.Random) -> Evidence:
    """A lock on the table of file changes.

    Inserts of late files do not wait, and their files are answered all the same.
    """
    done = 0
    conn = await world.pair.connect("chaos_app")
    try:
        async with world.admin() as admin, admin.transaction():
            await admin.execute("lock table ai.attachment_changes in access exclusive mode")
            for _ in range(3):
                op = await world.load.files.late(conn)
                done += op is not None and op["outcome"] == "ok"
            await asyncio.sleep(draw.uniform(0.2, 0.6))
    finally:
        conn.terminate()
    return {"attached_meanwhile": done} if done else None


@fault("A5", "D15")
async def attach_without_trigger(world: "World", draw: random.Random) -> Evidence:
    """No trigger records the file, as on a logical replica: the sweep must find it."""
    async with world.admin() as conn:
        await conn.execute("set session_replication_role = replica")
        op = await world.load.files.late(conn)
        if op is None or op["outcome"] != "ok":
            return None
        noted = await conn.fetchval("select count(*) from ai.attachment_changes where rfq_id = $1", op["id"])
    return {"rfq": op["id"], "noted_at_once": noted}
