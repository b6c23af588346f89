"""The state of each process of `rfqflow run --processes N`: a small file that its parent and siblings read.

All processes share one port. The process that answers a request reports the state of all processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_EVERY_SECONDS = 1.0
STALE_SECONDS = 10.0  # a process that has not reported for so many seconds counts as unhealthy


@dataclass(frozen=True, slots=True)
class ProcessSeat:
    """The position of one process among the processes of its parent."""

    number: int  # 1 to `count`
    count: int
    folder: Path  # identifies this run of the parent

    @property
    def is_first(self) -> bool:
        """Whether this process writes the state that all processes have in common."""
        return self.number == 1

    def write(self, state: dict[str, Any]) -> None:
        """Replaces the file in one step: a reader sees the old or the new state."""
        new = self.folder / f".{self.number}"
        new.write_text(json.dumps({**state, "at": time.monotonic()}), encoding="utf-8")
        new.replace(state_file(self.folder, self.number))

    async def report(self, state: Callable[[], dict[str, Any]]) -> None:
        """Writes the state repeatedly, until cancelled."""
        while True:
            with contextlib.suppress(OSError):  # a full disk must not end the process
                self.write({"pid": os.getpid(), **state()})
            await asyncio.sleep(_EVERY_SECONDS)

    def all(self) -> dict[str, dict[str, Any]]:
        """For each process: whether it is healthy, and its last report."""
        return {str(number): _read(self.folder, number) for number in range(1, self.count + 1)}

    def in_flight(self) -> int:
        """The number of RFQs that all processes work on."""
        return sum(one["in_flight"] for one in self.all().values())

    def pids(self) -> list[int]:
        """The process ids of the parent and of those processes that have reported."""
        states = [last_state(self.folder, number) for number in range(1, self.count + 1)]
        return [os.getppid(), *(state["pid"] for state in states if state and "pid" in state)]


def state_file(folder: Path, number: int) -> Path:
    """The file with the state of a process."""
    return folder / f"{number}.json"


def last_state(folder: Path, number: int) -> dict[str, Any] | None:
    """The last report of the process; None before its first one, or if the file cannot be read."""
    try:
        state: dict[str, Any] = json.loads(state_file(folder, number).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state


def _read(folder: Path, number: int) -> dict[str, Any]:
    state = last_state(folder, number)
    if state is None:
        return {"ok": False, "ready": False, "in_flight": 0}
    age = time.monotonic() - state["at"]
    fresh = age < STALE_SECONDS
    return {
        "ok": fresh and state["ok"], "ready": fresh and state["ready"], "in_flight": state["in_flight"],
        "age_seconds": round(age, 1),
    }  # fmt: skip
