"""Faults of the worker's process and of its links: each harms one part for a while, heals it, and returns the evidence."""

import asyncio
import random
import signal
import time
from typing import TYPE_CHECKING

from rfqflow.failpoints import POINTS

from .catalogue import LEASE_SECONDS, Do, Evidence, busy, fault, hurting
from .fleet import FAKETIME

if TYPE_CHECKING:
    from .world import World

# -- the worker ------------------------------------------------------------------------------------------------------


@fault("W3", "W9")
async def kill(world: "World", draw: random.Random) -> Evidence:
    if (worker := busy(world, draw)) is None:
        return None
    async with hurting(world, worker):
        number, at = worker.number, time.time()
        if not worker.send(signal.SIGKILL) or await worker.exited(5) != -signal.SIGKILL:
            return None
        await asyncio.sleep(draw.uniform(0, 0.5))
        await worker.start()  # the same name on the same host; only the number is different
    return {"worker": number, "at": at, "exit": -9}


def _failpoint(point: str, action: str) -> Do:
    async def do(world: "World", draw: random.Random) -> Evidence:
        if (worker := busy(world, draw)) is None:
            return None
        async with hurting(world, worker):
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
    """A stopped worker resumes after its leases expired; its results must be refused."""
    if (worker := busy(world, draw)) is None:
        return None
    async with hurting(world, worker):
        number = worker.number
        conn = await world.pair.connect()
        held = 0
        try:
            for _ in range(50):  # it must hold claims, or the fault shows nothing
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
        # After it resumes, the driver first ends what timed out meanwhile. Only then the worker drops the session.
        world.excused_until = time.monotonic() + LEASE_SECONDS + 1.5 + 12
        await asyncio.sleep(LEASE_SECONDS + 1.5)
        worker.send(signal.SIGCONT)
    return {"worker": number, "at": at, "held": held, "stopped_seconds": time.time() - at}


async def _stop(world: "World", draw: random.Random, *, twice: bool) -> Evidence:
    if (worker := busy(world, draw)) is None:
        return None
    async with hurting(world, worker):
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
    was_busy = bool(said.get("in_flight"))
    return {"worker": said.get("worker"), "exit": code, "busy": was_busy, "seconds": seconds}


@fault("W6", "C7")
async def term(world: "World", draw: random.Random) -> Evidence:
    return await _stop(world, draw, twice=False)


@fault("W6")
async def term_twice(world: "World", draw: random.Random) -> Evidence:
    return await _stop(world, draw, twice=True)


@fault("W12")
async def clock_skew(world: "World", draw: random.Random) -> Evidence:
    """The wall clock of one worker is wrong by an hour or two; no result may depend on it."""
    if FAKETIME is None or (worker := busy(world, draw)) is None:
        return None
    async with hurting(world, worker):
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
    if (worker := busy(world, draw)) is None:
        return None
    link = world.link(worker, "work")
    direction = draw.choice(["up", "down", "both"])
    async with hurting(world, worker):
        before = dict(link.bytes)
        link.stall(direction)
        await asyncio.sleep(draw.uniform(1, 4))
        held = {way: link.bytes[way] for way in before}
        link.resume()
    return {"worker": worker.number, "direction": direction, "connections": link.connections, "bytes": held}


@fault("D5", "C4")
async def half_open(world: "World", draw: random.Random) -> Evidence:
    """The connection of the session is silent and stays open. Only a query without an answer reveals that."""
    if (worker := busy(world, draw)) is None:
        return None
    link = world.link(worker, "listen")
    async with hurting(world, worker):
        mark, began = len(worker.lines), time.monotonic()
        link.stall()
        noticed = await worker.event_after(mark, "worker.session_lost", 25)
        seconds = time.monotonic() - began
        link.cut()
        link.resume()
    return {"worker": worker.number, "noticed_seconds": seconds} if noticed else None


@fault("D5")
async def cut_links(world: "World", draw: random.Random) -> Evidence:
    if (worker := busy(world, draw)) is None:
        return None
    count = sum(link.connections for link in worker.links.values())
    for link in worker.links.values():
        link.cut()
    return {"worker": worker.number, "connections": count} if count else None


@fault("D5")
async def cut_after_bytes(world: "World", draw: random.Random) -> Evidence:
    """The connection ends in the middle of a message."""
    if (worker := busy(world, draw)) is None:
        return None
    link = world.link(worker, "work")
    before = link.cuts
    link.cut_after(draw.randrange(1, 40_000))
    landed = await world.until(lambda: link.cuts > before, 6)
    link.disarm()
    return {"worker": worker.number} if landed else None


@fault("W5")
async def swallow_reply(world: "World", draw: random.Random) -> Evidence:
    """A finish is committed, and the worker never gets the reply."""
    if (worker := busy(world, draw)) is None:
        return None
    link = world.link(worker, "work")
    before = link.swallowed
    link.swallow()
    landed = await world.until(lambda: link.swallowed > before, 6)
    link.disarm()
    return {"worker": worker.number, "bytes": link.swallowed - before} if landed else None


@fault("D6", "D13")
async def refuse_connections(world: "World", draw: random.Random) -> Evidence:
    if (worker := busy(world, draw)) is None:
        return None
    async with hurting(world, worker):
        for link in worker.links.values():
            link.refusing = True
            link.cut()
        mark = len(worker.lines)
        noticed = await worker.event_after(mark, "worker.registration_failed", 10)
        for link in worker.links.values():
            link.refusing = False
    return {"worker": worker.number} if noticed else None


@fault("D7")
async def slow_link(world: "World", draw: random.Random) -> Evidence:
    if (worker := busy(world, draw)) is None:
        return None
    link = world.link(worker, "work")
    before = sum(link.bytes.values())
    link.delay_seconds = draw.uniform(0.1, 0.5)
    await asyncio.sleep(4)
    link.delay_seconds = 0.0
    passed = sum(link.bytes.values()) - before
    return {"worker": worker.number, "bytes": passed} if passed else None
