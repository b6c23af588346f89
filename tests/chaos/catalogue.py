"""The catalogue of faults, and what all faults share.

A fault that returns None had no effect: it counts as planned, not as landed.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from .fleet import Worker

if TYPE_CHECKING:
    from .world import World

Evidence = dict[str, Any] | None
Do = Callable[["World", random.Random], Awaitable[Evidence]]
LEASE_SECONDS = 7.0


@dataclass(frozen=True)
class Fault:
    """`server`: it may not run beside another fault of the server. `rows`: its rows in matrix.py."""

    do: Do
    server: bool
    rows: tuple[str, ...]


FAULTS: dict[str, Fault] = {}


def fault(*rows: str, server: bool = False, name: str = "") -> Callable[[Do], Do]:
    def add(do: Do) -> Do:
        FAULTS[name or do.__name__] = Fault(do, server, rows)
        return do

    return add


def busy(world: "World", draw: random.Random) -> Worker | None:
    """A worker that no other fault is harming."""
    free = [worker for worker in world.workers if worker.alive and worker.name not in world.hurting]
    return draw.choice(free) if free else None


@contextlib.asynccontextmanager
async def hurting(world: "World", worker: Worker) -> Any:
    world.hurting.add(worker.name)
    try:
        yield
    finally:
        world.hurting.discard(worker.name)


async def insist(world: "World", statement: str) -> None:
    """Repeats a step of healing that another fault makes fail."""
    while True:
        try:
            async with world.admin() as conn:
                await conn.execute(statement)
                return
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            await asyncio.sleep(0.2)
