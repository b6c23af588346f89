"""Part `idle`: what a sleeping worker with nothing to do costs: the cost of a long idle time minus that of a short one."""

from typing import Any

from rfqflow.bench import wal_counts
from rfqflow.bench.statistics import Figure

from .grounds import Grounds, connected


async def measure(server_dsn: str, *, rounds: int, seconds: tuple[float, float], say: Any) -> dict[str, Any]:
    found = []
    async with Grounds(server_dsn) as grounds:
        dsn = await grounds.ours()
        async with connected(dsn) as conn:
            for number in range(rounds):
                say(f"idle: round {number + 1} of {rounds}")
                found.append(await wal_counts.idle(dsn, conn, seconds))
    return {
        "seconds": list(seconds),
        "share_of_a_core": Figure.of([one["share_of_a_core"] for one in found]).plain(),
        "statements_per_minute": Figure.of([one["statements_per_second"] * 60 for one in found]).plain(),
        "rss_mib": Figure.of([one["rss_mib"] for one in found]).plain(),
    }
