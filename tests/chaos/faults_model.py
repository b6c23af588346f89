"""Faults of the model's server, and of the network path to it."""

import asyncio
import contextlib
import random
import time
from typing import TYPE_CHECKING

from .catalogue import Evidence, busy, fault

if TYPE_CHECKING:
    from .world import World


async def mix(world: "World", mix: dict[str, float], seconds: float) -> Evidence:
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
    return await mix(world, {"500": 1, "503": 2, "429_short": 2, "529": 1}, draw.uniform(1.5, 3))


@fault("L2", "L6")
async def provider_hangs(world: "World", draw: random.Random) -> Evidence:
    return await mix(world, {"hang": 2, "silent_after_head": 1, "drip": 1, "ok": 4}, draw.uniform(1.5, 3))


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
    return await mix(world, dict.fromkeys((*kinds, "ok", "ok"), 1.0), draw.uniform(1.5, 3))


@fault("L9", "L10")
async def provider_bombs(world: "World", draw: random.Random) -> Evidence:
    return await mix(world, {"gzip_bomb": 1, "huge": 1, "redirect": 1, "ok": 20}, 1.5)


@fault("L5")
async def provider_rejects_key(world: "World", draw: random.Random) -> Evidence:
    return await mix(world, {"401": 1, "404": 1, "429_quota": 0.0}, draw.uniform(1, 2))


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
    if (worker := busy(world, draw)) is None:
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
    if (worker := busy(world, draw)) is None:
        return None
    link, began = worker.links["model"], time.time()
    await world.until(lambda: link.connections > 0, 3)
    count = link.connections
    link.cut()
    world.hurt.append((began, time.time()))
    return {"worker": worker.number, "connections": count} if count else None


@fault("L15")
async def forget_model_connections(world: "World", draw: random.Random) -> Evidence:
    """The same with connections to the model.

    A request on an old connection gets no answer; a new connection works.
    """
    if (worker := busy(world, draw)) is None:
        return None
    link, began = worker.links["model"], time.time()
    before, count = link.accepted, link.forget(0.0)
    again = await world.until(lambda: link.accepted > before, 15)
    await asyncio.sleep(1)
    world.hurt.append((began, time.time() + 3))
    return {"connections": count} if count and again else None


@fault("L16")
async def provider_walls(world: "World", draw: random.Random) -> Evidence:
    """A firewall refuses some texts with a page of its own, which says nothing about the account."""
    return await mix(world, {"wall_403": 1, "ok": 9}, draw.uniform(1.5, 3))


@fault("L16")
async def provider_odd_statuses(world: "World", draw: random.Random) -> Evidence:
    return await mix(world, {"odd_4xx": 1, "ok": 4}, draw.uniform(1.5, 3))


@fault("L6", "P6")
async def provider_hangs_up(world: "World", draw: random.Random) -> Evidence:
    """It reads the whole request, and sends nothing or half a header. It may have answered, and may charge for it."""
    return await mix(world, {"hung_up": 1, "cut_in_head": 1, "cut": 1, "ok": 6}, draw.uniform(1.5, 3))
