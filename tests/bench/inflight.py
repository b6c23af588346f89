"""Part `inflight`: one process makes a thousand calls of one second each at a time, and writes every answer back.

There are two kinds of call. One only sleeps. The other goes by OpenAI's SDK to a server on this machine. To compare, a
bare loop of the same SDK sends the same request to this server. There are many waves of calls, so that one wave more or
less does not change the result.
"""

import contextlib
import sys
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from rfqflow.bench import drain
from rfqflow.bench.statistics import Figure, ratio
from rfqflow.bench.subprocess_worker import Child

from .grounds import Grounds, connected

CALLING = (sys.executable, str(Path(__file__).with_name("calling.py")))
CALL_SECONDS = 1.0
KINDS = ("sleeping", "sdk")
SLACK = 30.0  # a wave that takes this many times longer than the calls alone ends the run


async def measure(
    server_dsn: str, *, rounds: int, waves: int, in_flight: int, say: Any, only: Collection[str] = ()
) -> dict[str, Any]:
    """`only`: sleeping or sdk; empty: both."""
    calls = waves * in_flight
    late = waves * CALL_SECONDS * SLACK + 120
    found: dict[str, list[dict[str, Any]]] = {"sleeping": [], "by the SDK": [], "bare SDK loop": []}
    async with Grounds(server_dsn) as grounds:
        dsn = await grounds.ours()
        async with connected(dsn) as conn, _served() as (base_url, first_body):

            async def by_worker(name: str, **how: Any) -> None:
                await drain.fill(conn, calls)
                found[name].append(await drain.by_worker(dsn, calls, in_flight, late_seconds=late, **how))
                await drain.check(conn, calls)

            async def bare() -> None:
                said = await _loop(base_url, body, calls, in_flight, late)
                found["bare SDK loop"].append({**said, "per_second": calls / said["seconds"]})

            say("inflight: the request that rfqflow sends")
            await drain.fill(conn, 1)
            await drain.by_worker(dsn, 1, 1, base_url=base_url)
            body = await first_body()
            # The two by the SDK belong together: the result of one is a share of the other.
            turns: list[Callable[[], Awaitable[None]]] = []
            if not only or "sleeping" in only:
                turns.append(partial(by_worker, "sleeping", call_seconds=CALL_SECONDS))
            if not only or "sdk" in only:
                turns += [partial(by_worker, "by the SDK", base_url=base_url), bare]
            for number in range(rounds):
                say(f"inflight: round {number + 1} of {rounds}")
                for one in turns if number % 2 == 0 else reversed(turns):
                    await one()
    rates = {name: [one["per_second"] for one in said] for name, said in found.items()}
    return {
        "waves": waves,
        "in_flight": in_flight,
        "call_seconds": CALL_SECONDS,
        "kinds": {
            name: {
                "per_second": Figure.of(rates[name]).plain(),
                "share_of_ideal": Figure.of([one / (in_flight / CALL_SECONDS) for one in rates[name]]).plain(),
                "share_of_bare_loop": ratio(rates[name], rates["bare SDK loop"]).plain() if "SDK" in name else None,
                "rss_mib": Figure.of([one["rss_mib"] for one in said]).plain(),
                "cpu_ms_per_call": Figure.of([one["cpu_seconds"] / calls * 1000 for one in said]).plain(),
            }
            for name, said in found.items()
            if said
        },
    }


async def _loop(base_url: str, body: dict[str, Any], calls: int, in_flight: int, late: float) -> dict[str, Any]:
    given = {"base_url": base_url, "body": body, "calls": calls, "in_flight": in_flight}
    child = await Child.start("loop", program=CALLING, **given)
    try:
        return await child.line(late)
    finally:
        await child.end()


@contextlib.asynccontextmanager
async def _served() -> Any:
    """A model server's base URL, and a function that returns the body of its first request."""
    server = await Child.start("serve", program=CALLING, seconds=CALL_SECONDS)
    try:
        base_url = (await server.line(30))["base_url"]

        async def first_body() -> dict[str, Any]:
            body: dict[str, Any] = (await server.line(30))["body"]
            return body

        yield base_url, first_body
    finally:
        await server.end()
