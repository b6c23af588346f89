"""Makes load with pgbench, which takes almost no CPU, or else with asyncpg in another process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from rfqflow.bench.subprocess_worker import Child
from rfqflow.core.errors import EmbeddedUnavailable, RfqflowError
from rfqflow.database.binaries import find_binaries

if TYPE_CHECKING:
    from collections.abc import Mapping

_LATE_SECONDS = 60.0
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rate:
    """The result of many transactions."""

    per_second: float
    milliseconds: list[float]  # duration of each transaction


def find_pgbench() -> Path | None:
    """Finds pgbench beside the server's programs, on the PATH, or among the system's installations."""
    with contextlib.suppress(EmbeddedUnavailable):
        beside = find_binaries() / "pgbench"
        if os.access(beside, os.X_OK):
            return beside
    if found := shutil.which("pgbench"):
        return Path(found)
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), reverse=True)
    return installed[0] if installed else None


async def pgbench(
    program: Path,
    dsn: str,
    script: str,
    *,
    clients: int = 1,
    seconds: float | None = None,
    transactions: int | None = None,
    variables: Mapping[str, str | int] | None = None,
) -> Rate:
    """Runs a script with prepared statements, for a time or a number of transactions. Each client runs it in a loop.

    Raises:
        RfqflowError: pgbench failed. The error has pgbench's message.
    """
    bare_dsn, password = _without_password(dsn)
    with tempfile.TemporaryDirectory(prefix="rfqflow-bench-") as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script, "utf-8")
        threads = min(clients, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
        arguments = ["-n", "-M", "prepared", "-c", str(clients), "-j", str(threads), "-f", str(file), "-l"]
        arguments += ["--log-prefix", str(Path(folder) / "log")]
        arguments += ["-T", str(max(1, round(seconds)))] if seconds else ["-t", str(transactions)]
        for name, value in (variables or {}).items():
            arguments += ["-D", f"{name}={value}"]
        process = await asyncio.create_subprocess_exec(
            program, *arguments, bare_dsn,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=folder, env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        )  # fmt: skip
        try:
            async with asyncio.timeout((seconds or 0) + _LATE_SECONDS * 5):
                said, complained = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        found = _TPS.search(said.decode())
        if process.returncode or not found:
            raise RfqflowError(f"pgbench failed: {complained.decode(errors='replace').strip()[-500:]}")
        return Rate(float(found[1]), _logged(Path(folder)))


def _logged(folder: Path) -> list[float]:
    """The milliseconds of each transaction, from the third field of each line. Each thread has a file."""
    return [
        int(line.split(" ", 3)[2]) / 1000
        for log in folder.glob("log.*")
        for line in log.read_text("ascii").splitlines()
    ]


async def writers(dsn: str, statement: str, *, clients: int, seconds: float) -> Rate:
    """The same load without pgbench, from the connections of one separate asyncio process."""
    child = await Child.start("write", dsn=dsn, statement=statement, clients=clients, seconds=seconds)
    try:
        result = await child.line(seconds + _LATE_SECONDS)
    finally:
        await child.end()
    return Rate(result["per_second"], result["milliseconds"])


def _without_password(dsn: str) -> tuple[str, str | None]:
    """The DSN without its password, and the password. Every account of the machine can read a command line."""
    parts = urlsplit(dsn)
    user, colon, password = parts.netloc.rpartition("@")[0].partition(":")
    if not colon:
        return dsn, None
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}")), unquote(password)
