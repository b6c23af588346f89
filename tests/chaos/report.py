"""A run from its arguments to its one result line."""

import argparse
import dataclasses
import json
import platform
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import small_disk
from .checker import check
from .collect import collect
from .fleet import ROOT
from .tiers import TIERS, Tier
from .world import World


def tier_of(options: argparse.Namespace) -> Tier:
    """The tier with what the command line changes of it."""
    tier = TIERS[options.tier]
    faults = tier.times(options.faults)
    if options.only:
        faults = {name: count for name, count in faults.items() if name in options.only.split(",")}
    planned = sum(faults.values())
    full = options.faults == 1 and not options.only
    return dataclasses.replace(
        tier, faults=faults, rfqs=options.rfqs or tier.rfqs, per_second=options.rate or tier.per_second,
        minutes=options.minutes or tier.minutes,
        landed=tier.landed if full else round(planned * 0.9), kinds=tier.kinds if full else round(len(faults) * 0.8),
    )  # fmt: skip


async def conduct(folder: Path, options: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Any]:
    tier = tier_of(options)
    began = time.monotonic()
    world = World(folder, tier, options.seed, say)
    try:
        await world.begin()
        say(f"ready after {time.monotonic() - began:.1f} s")
        await world.run()
        # First of all what exists nowhere else: a judgement that fails must not take it along.
        (folder / "ops.json").write_text(json.dumps(world.load.ops, default=str))
        (folder / "faults.json").write_text(json.dumps(world.faults, default=str))
        history = await collect(world)
    finally:
        await world.end()
    verdict = check(history)
    landed = Counter(one["kind"] for one in world.faults)
    cannot = _cannot(world)
    absent = sorted(set(tier.faults) - set(landed) - set(cannot))
    valid = sum(landed.values()) >= tier.landed and len(landed) >= tier.kinds and not absent
    (folder / "history.json").write_text(json.dumps(dataclasses.asdict(history), default=str))
    slow_control = sum(seconds > 0.1 for _, seconds in world.load.control)
    return {
        "tier": options.tier, "seed": options.seed, "valid": valid, "holds": verdict.holds,
        "found": {name: len(lines) for name, lines in verdict.found.items()},
        "examples": {name: lines[:5] for name, lines in verdict.found.items() if lines},
        "repeated_calls": verdict.explained, **verdict.counts,
        "faults_landed": sum(landed.values()), "fault_kinds": len(landed), "faults": dict(sorted(landed.items())),
        "did_not_land": absent, "cannot_here": cannot,
        "recovery_seconds": world.recoveries(history.movements),
        "orphaned_holds": world.orphaned_holds, "drain_seconds": round(world.drain_seconds, 1), "seconds": round(time.monotonic() - began, 1),
        "bare_inserts_over_100_ms": slow_control, "bare_inserts": len(world.load.control),
        "longest_trigger_ms": round(max((one["ms"] for one in history.trigger_waits), default=0.0), 1),
        "restarts_by_exit_code": dict(world.restarts), "sizes": _sizes(world), "commit": _commit(), "python": platform.python_version(), "again": _again(options),
    }  # fmt: skip


def _cannot(world: World) -> dict[str, str]:
    """Kinds that this machine cannot make, each with its reason."""
    from .fleet import FAKETIME

    cannot = {}
    if FAKETIME is None and "clock_skew" in world.tier.faults:
        cannot["clock_skew"] = "libfaketime is not installed"
    if not small_disk.IS_POSSIBLE and "disk_full" in world.tier.faults:
        cannot["disk_full"] = "a tmpfs can be mounted by root only"
    return cannot


def _sizes(world: World) -> dict[str, Any]:
    """Of the worker process that lived longest: memory and file descriptors, first and last."""
    if not world.sizes:
        return {}
    longest = max(world.sizes.values(), key=lambda seen: seen[-1][0] - seen[0][0])
    (began, memory, files), (ended, memory_last, files_last) = longest[0], longest[-1]
    return {
        "seconds": round(ended - began), "rss_mb": [memory >> 20, memory_last >> 20],
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
    share = f" --faults {options.faults}" if options.faults != 1 else ""
    return f"python -m tests.chaos --tier {options.tier} --seed {options.seed}{share}{more}"
