"""Statements, commits and Python calls of a whole worker process, counted from outside; and `counts.toml`.

The difference of two runs removes what does not grow with the number of RFQs (start and end). Heartbeats grow with the
duration of a run, and are few: statements that only they send are not counted.
"""

import asyncio
import json
import math
import os
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from rfqflow.bench.drain import check, fill
from rfqflow.bench.scratch_database import set_gates
from rfqflow.bench.subprocess_worker import Child
from tests.support.proxy import Direction, Proxy

FILE = Path(__file__).parents[1] / "integration" / "counts.toml"
UPDATES = os.environ.get("UPDATE_COUNTS") == "1"
FEW, MANY, SLOTS = 100, 400, 10
_PROGRAM = (sys.executable, str(Path(__file__).with_name("counted_process.py")))
_PLAIN_STARTUP = 196608  # protocol 3.0; other codes ask for encryption first


class CountingProxy(Proxy):
    """Counts what clients send: the executions of each statement, and the transactions that a statement ends."""

    def __init__(self, host: str, port: int, *, dsn: str = "") -> None:
        super().__init__(host, port, dsn=dsn)
        self.statements: Counter[str] = Counter()
        self.commits: Counter[str] = Counter()

    def tap(self, way: Direction) -> Callable[[bytes], object]:
        if way == "down":
            return len
        reading = self._read()
        next(reading)
        return reading.send

    def _read(self) -> Generator[None, bytes, None]:
        """Gets the bytes of one connection, in the frontend/backend protocol, version 3."""
        data, code = b"", 0
        while code != _PLAIN_STARTUP:
            while len(data) < 8 or len(data) < int.from_bytes(data[:4]):
                data += yield
            size, code = int.from_bytes(data[:4]), int.from_bytes(data[4:8])
            data = data[size:]
        prepared: dict[bytes, str] = {}
        block = False
        while True:
            while len(data) < 5 or len(data) < 1 + int.from_bytes(data[1:5]):
                data += yield
            size = 1 + int.from_bytes(data[1:5])
            kind, body, data = data[:1], data[5:size], data[size:]
            if kind == b"P":  # Parse: name, text
                name, text, _ = body.split(b"\0", 2)
                prepared[name] = text.decode()
            elif kind == b"B":  # Bind: portal, name; an Execute follows
                block = self._executed(prepared[body.split(b"\0", 2)[1]], block=block)
            elif kind == b"Q":  # a simple query
                block = self._executed(body[:-1].decode(), block=block)

    def _executed(self, text: str, *, block: bool) -> bool:
        """Returns whether a transaction block is open after it."""
        self.statements[text] += 1
        verb = text.split(maxsplit=1)[0].rstrip(";").lower() if text.strip() else ""
        block = (block or verb in {"begin", "start"}) and verb not in {"commit", "rollback", "end"}
        self.commits[text] += not block
        return block


async def _run(out: Path, what: str, *arguments: str, **environment: str) -> dict[str, Any]:
    """Runs a process to its end, and returns what it wrote about itself."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *_PROGRAM, str(out), what, *arguments, env={**kept, "RFQFLOW_PROVIDER": "rules", **environment},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return _said(out)


def _said(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


async def run_with_rules(out: Path, what: str, dsn: str) -> dict[str, Any]:
    """`rfqflow run --drain`."""
    return await _run(
        out, what, "rfqflow", "run", "--drain", "--concurrency", str(SLOTS),
        RFQFLOW_DATABASE_URL=dsn, RFQFLOW_LOG_LEVEL="warning",
    )  # fmt: skip


async def bare_interpreter(out: Path) -> dict[str, Any]:
    return await _run(out, "imports", "-")


async def _one_drain(folder: Path, dsn: str, conn: asyncpg.Connection, rows: int, kind: str) -> dict[str, Counter[str]]:
    await fill(conn, rows)
    await set_gates(conn, on=kind != "free")
    out = folder / "counts.json"
    async with CountingProxy.before(dsn) as link:
        if kind == "rules":
            found = await run_with_rules(out, "calls", link.dsn)
        else:
            child = await Child.start(
                "work", program=(*_PROGRAM, str(out), "calls", "rfqflow.bench.subprocess_worker"), dsn=link.dsn,
                concurrency=SLOTS, expected=rows, guarded=kind == "guarded",
            )  # fmt: skip
            try:
                await child.line(100)
            finally:
                await child.end()
            found = _said(out)
    await check(conn, rows)
    return {"statements": link.statements, "commits": link.commits, "calls": Counter(found["calls"])}


async def per_rfq(folder: Path, dsn: str, conn: asyncpg.Connection, kind: str) -> dict[str, float]:
    """`kind` is `free` (a provider without cost, no gates), `guarded` (admission, all gates on), or `rules`.

    A busy machine can split the slots into two groups that take turns, with two statements in place of one. That
    happens in one try, not in three.
    """
    for _ in range(3):
        found = await _per_rfq(folder, dsn, conn, kind)
        if not any(differences(name, {kind: count}, only=kind) for name, count in found.items()):
            break
    return found


async def _per_rfq(folder: Path, dsn: str, conn: asyncpg.Connection, kind: str) -> dict[str, float]:
    few = await _one_drain(folder, dsn, conn, FEW, kind)
    many = await _one_drain(folder, dsn, conn, MANY, kind)
    return {name: _grown(few[name], many[name]) / (MANY - FEW) for name in many}


def _grown(few: Counter[str], many: Counter[str]) -> int:
    """The growth of all counts. A count that grew less than once per two batches follows the clock, as heartbeats do."""
    least = (MANY - FEW) / SLOTS / 2
    return sum(growth for one in many if (growth := many[one] - few[one]) >= least)


def skip_elsewhere(group: str, conn: asyncpg.Connection | None = None) -> None:
    """Skips the test, with the reason, where a group's numbers are those of another Python or PostgreSQL release."""
    meant = tomllib.loads(FILE.read_text("utf-8"))[group].get("on")
    here = {f"python {sys.version_info[0]}.{sys.version_info[1]}"}
    if conn:
        here.add(f"postgresql {conn.get_server_version().major}")
    if meant and meant not in here:
        pytest.skip(f"{group} in counts.toml is counted on {meant}, this is {', '.join(sorted(here))}")


def differences(group: str, found: dict[str, float], *, only: str | None = None) -> list[str]:
    """A sentence for each count that differs from the file's by more than its margin."""
    expected: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))[group]
    expected.pop("on", None)
    expected = {name: one for name, one in expected.items() if only in {None, name}}
    assert found.keys() == expected.keys(), f"[{group}.*] in counts.toml and what is counted differ"
    wrong = []
    for name, one in expected.items():
        value, margin = one["value"], one["margin_percent"]
        if abs(found[name] - value) <= value * margin / 100 + 1e-9:
            continue
        remedy = (
            "raise it there, with the reason in the commit's message" if found[name] > value
            else "lower it in counts.toml"
        )  # fmt: skip
        wrong.append(
            f"{group}.{name}: {found[name]:.5g} {one['unit']}, in counts.toml {value} (within {margin} %): {remedy}"
        )
    return wrong


def assert_counts(group: str, found: dict[str, float]) -> None:
    """Fails where counts differ from the file's; with UPDATE_COUNTS=1, writes them to the file instead."""
    if UPDATES:
        _write(group, found)
    wrong = differences(group, found)
    assert not wrong, "\n".join(wrong)


def _write(group: str, found: dict[str, float]) -> None:
    lines, name = [], None
    for line in FILE.read_text("utf-8").splitlines():
        if header := re.fullmatch(rf'\[{group}\."?([^"]+?)"?\]', line):
            name = header[1]
        elif line.startswith("["):
            name = None
        lines.append(f"value = {_rounded(found[name])}" if name in found and line.startswith("value") else line)
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _rounded(value: float) -> str:
    """Keeps four digits: the code does not cause smaller changes."""
    digits = 3 - math.floor(math.log10(abs(value))) if value else 0
    return f"{round(value, digits):.{max(digits, 0)}f}"
