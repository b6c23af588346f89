"""Makes a run from its arguments, and prints its one result line."""

import argparse
import asyncio
import dataclasses
import json
import platform
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import small_disk
from .checker import CLASSES, History, Verdict, check
from .collect import collect
from .fleet import ROOT
from .table import TABLES
from .tiers import TIERS, Tier, shares
from .world import World

_EXAMPLES = 5


@dataclasses.dataclass
class Part:
    """The result of a run on one table."""

    table: str
    world: World
    history: History
    verdict: Verdict


def tier_of(options: argparse.Namespace) -> Tier:
    """The tier, with the changes of the command line."""
    tier = TIERS[options.tier]
    faults = tier.times(options.faults)
    if options.only:
        faults = {name: count for name, count in faults.items() if name in options.only.split(",")}
    planned = sum(faults.values())
    full = options.faults == 1 and not options.only
    rfqs = options.rfqs or tier.rfqs
    return dataclasses.replace(
        tier, faults=faults, rfqs=rfqs, per_second=options.rate or tier.per_second,
        poison=options.poison if options.poison is not None else round(tier.poison * rfqs / tier.rfqs),
        minutes=options.minutes or tier.minutes,
        landed=tier.landed if full else round(planned * 0.9), kinds=tier.kinds if full else round(len(faults) * 0.8),
    )  # fmt: skip


async def conduct(folder: Path, options: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Any]:
    tier, began = tier_of(options), time.monotonic()
    tables = [*TABLES] if options.table == "both" else [options.table]
    shared = shares(tier, options.seed, len(tables))
    worlds = {
        table: _world(folder, table, share, options.seed, say) for table, share in zip(tables, shared, strict=True)
    }
    turns = [worlds] if tier.beside else [{table: world} for table, world in worlds.items()]
    parts = [part for turn in turns for part in await _parts(turn)]
    return {
        "tier": options.tier,
        "seed": options.seed,
        **_result(tier, parts),
        **_told(options),
        "seconds": round(time.monotonic() - began, 1),
    }


def _world(folder: Path, table: str, tier: Tier, seed: int, say: Callable[[str], None]) -> World:
    place = folder / table
    place.mkdir()
    place.chmod(0o755)
    return World(place, tier, seed, TABLES[table], lambda line: say(f"{table}: {line}"))


async def _parts(worlds: dict[str, World]) -> list[Part]:
    try:
        async with asyncio.TaskGroup() as group:
            for world in worlds.values():
                group.create_task(_run(world))
        return [await _judged(table, world) for table, world in worlds.items()]
    finally:
        for world in worlds.values():
            await world.end()


async def _run(world: World) -> None:
    began = time.monotonic()
    await world.begin()
    world.say(f"ready after {time.monotonic() - began:.1f} s")
    await world.run()
    world.say(f"done after {time.monotonic() - began:.1f} s")


async def _judged(table: str, world: World) -> Part:
    # The history first: it exists nowhere else, and must survive a checker that fails.
    (world.folder / "ops.json").write_text(json.dumps(world.load.ops, default=str))
    (world.folder / "faults.json").write_text(json.dumps(world.faults, default=str))
    history = await collect(world)
    (world.folder / "history.json").write_text(json.dumps(dataclasses.asdict(history), default=str))
    return Part(table, world, history, check(history))


def _result(tier: Tier, parts: list[Part]) -> dict[str, Any]:
    """The sum of the parts; each finding names its table."""
    worlds = [part.world for part in parts]
    landed = Counter(one["kind"] for world in worlds for one in world.faults)
    cannot = {name: why for world in worlds for name, why in _cannot(world).items()}
    absent = sorted(set(tier.faults) - set(landed) - set(cannot))
    valid = sum(landed.values()) >= tier.landed and len(landed) >= tier.kinds and not absent
    found = {name: [f"{part.table}: {line}" for part in parts for line in part.verdict.found[name]] for name in CLASSES}
    fallen = Counter(one["code"] for world in worlds for one in world.fallen)
    control = [seconds for world in worlds for _, seconds in world.load.control]
    return {
        "valid": valid, "holds": all(part.verdict.holds for part in parts),
        "found": {name: len(lines) for name, lines in found.items()},
        "examples": {name: _some(lines) for name, lines in found.items() if lines},
        "repeated_calls": _sum(part.verdict.explained for part in parts), **_sum(part.verdict.counts for part in parts),
        "tables": {part.table: {"rfqs": len(part.history.rfqs), "faults": len(part.world.faults)} for part in parts},
        "faults_landed": sum(landed.values()), "fault_kinds": len(landed), "faults": dict(sorted(landed.items())),
        "did_not_land": absent, "cannot_here": cannot,
        "recovery_seconds": _recoveries(parts),
        "poison_ends": _poison_ends(parts),
        "orphaned_holds": sum(world.orphaned_holds for world in worlds),
        "drain_seconds": round(max(world.drain_seconds for world in worlds), 1),
        "bare_inserts_over_100_ms": sum(seconds > 0.1 for seconds in control), "bare_inserts": len(control),
        "longest_trigger_ms": round(max((one["ms"] for part in parts for one in part.history.trigger_waits), default=0.0), 1),
        "restarts_by_exit_code": dict(fallen), "sizes": _sizes(worlds),
    }  # fmt: skip


def _told(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "commit": _commit(),
        "python": platform.python_version(),
        "again": _again(options),
    }


def _some(lines: list[str]) -> list[str]:
    return [line[:300] for line in lines[:_EXAMPLES]]


def _sum(counts: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        for name, count in one.items():
            total[name] += count
    return dict(total)


def _recoveries(parts: list[Part]) -> dict[str, dict[str, float]]:
    both: dict[str, list[float]] = {}
    for part in parts:
        for name, values in part.world.recoveries(part.history.movements).items():
            both.setdefault(name, []).extend(values)
    return _figures(both)


def _figures(values: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    return {
        name: {"n": len(many), "median": round(statistics.median(many), 2), "max": round(max(many), 2)}
        for name, many in values.items()
        if many
    }


def _poison_ends(parts: list[Part]) -> dict[str, dict[str, int]]:
    """How the harmful RFQs ended, by kind."""
    ends: dict[str, Counter[str]] = {}
    for part in parts:
        status = {row["id"]: row["ai_status"] for row in part.history.rfqs}
        dead = {one["rfq_id"]: one["error_class"] for one in part.history.dead}
        for op in part.history.ops:
            for rfq in op["rfqs"] if op["op"] == "insert" else ():
                if "poison" in rfq and rfq["id"] in status:
                    end = f"dead letter, {dead[rfq['id']]}" if rfq["id"] in dead else str(status[rfq["id"]])
                    ends.setdefault(rfq["poison"], Counter())[end] += 1
    return {kind: dict(counts) for kind, counts in sorted(ends.items())}


def _cannot(world: World) -> dict[str, str]:
    """Kinds that this machine cannot make, each with its reason."""
    from .fleet import FAKETIME

    cannot = {}
    if FAKETIME is None and "clock_skew" in world.tier.faults:
        cannot["clock_skew"] = "libfaketime is not installed"
    if not small_disk.IS_POSSIBLE and "disk_full" in world.tier.faults:
        cannot["disk_full"] = "a tmpfs can be mounted by root only"
    return cannot


def _sizes(worlds: list[World]) -> dict[str, Any]:
    """First and last memory and file descriptors of the worker process that lived longest; and the largest of any."""
    sizes = [seen for world in worlds for seen in world.sizes.values()]
    if not sizes:
        return {}
    longest = max(sizes, key=lambda seen: seen[-1][0] - seen[0][0])
    (began, memory, files), (ended, memory_last, files_last) = longest[0], longest[-1]
    return {
        "seconds": round(ended - began), "rss_mb": [memory >> 20, memory_last >> 20],
        "rss_mb_max": max(one[1] for seen in sizes for one in seen) >> 20,
        "fds": [files, files_last], "fds_max": max(one[2] for one in longest),
    }  # fmt: skip


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _again(options: argparse.Namespace) -> str:
    more = "".join(
        f" --{name} {value}" for name in ("rfqs", "rate", "minutes", "only") if (value := getattr(options, name))
    )
    if options.poison is not None:
        more += f" --poison {options.poison}"
    share = f" --faults {options.faults}" if options.faults != 1 else ""
    table = f" --table {options.table}" if options.table != "both" else ""
    return f"python -m tests.chaos --tier {options.tier} --seed {options.seed}{table}{share}{more}"
