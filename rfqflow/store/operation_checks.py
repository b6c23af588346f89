"""Checks of a running installation: notifications, long transactions, workers, and clocks."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError, DatabaseUnreachable
from rfqflow.core.finding import Finding, Level, fail, ok, warn
from rfqflow.database.connection import LISTEN_SETTING, LOST, connect
from rfqflow.database.lock_keys import DOORBELL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

_CHANNEL = "rfqflow_doctor"
_HEAR_SECONDS = 3.0
_SKEW_SECONDS = 2.0
_QUEUE_FILLS, _QUEUE_FULL = 0.1, 0.5
_SILENT_SECONDS = 15.0
_LEVELS: dict[str, Level] = {"critical": "fail", "warning": "warn", "info": "info"}


@dataclass(frozen=True, slots=True)
class DiagnosticTarget:
    """The database to check, and the settings that it is checked against."""

    database_url: str
    listen_url: str | None = None
    listens: bool = True
    long_seconds: float = 60.0  # a transaction that is open for so many seconds counts as long
    clock: Callable[[], float] = time.time


class OperationChecks:
    """The checks. Each method yields findings, as in `diagnostics`."""

    def __init__(self, conn: asyncpg.Connection, target: DiagnosticTarget) -> None:
        self._target = target
        self._named: list[int] = []  # process ids that a finding has already named
        self._conn = conn

    async def _rows(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._conn.fetch(statement, *args)
        return rows

    async def listening(self) -> AsyncGenerator[Finding, None]:
        if not self._target.listens:
            yield ok("LISTEN is off by RFQFLOW_LISTEN: workers poll")
            return
        listen_url = self._target.listen_url or self._target.database_url
        remedy = (
            "set RFQFLOW_LISTEN_URL to a direct DSN that bypasses the pooler; until then workers poll once a second"
        )
        try:
            listener = await connect(listen_url, application_name="rfqflow doctor", pooled=True, setting=LISTEN_SETTING)
        except (DatabaseUnreachable, ConfigError) as error:
            yield fail(f"RFQFLOW_LISTEN_URL: {error}", "correct it, or unset it to use the database's own address")
            return
        try:
            other = listener.get_server_pid() != await listener.fetchval("select pg_backend_pid()")
            heard = await self._hears(listener)
        finally:
            listener.terminate()
        if other:
            yield warn("the connection goes through a pooler, which loses LISTEN", remedy)
        elif not heard:
            yield warn(
                f"a notification did not arrive within {_HEAR_SECONDS:.0f} s: a proxy or pooler before the "
                "server drops LISTEN",
                remedy,
            )
        else:
            yield ok("notifications arrive")

    async def _hears(self, listener: asyncpg.Connection) -> bool:
        nonce, arrived = secrets.token_hex(8), asyncio.Event()

        def on_notice(*got: object) -> None:
            if got[-1] == nonce:
                arrived.set()

        try:
            async with asyncio.timeout(_HEAR_SECONDS):
                await listener.add_listener(_CHANNEL, on_notice)
                await self._conn.execute("select pg_notify($1, $2)", _CHANNEL, nonce)
                await arrived.wait()
        except (TimeoutError, *LOST, asyncpg.PostgresError):
            return False
        return True

    async def notify_queue(self) -> AsyncGenerator[Finding, None]:
        used = float(await self._conn.fetchval("select pg_notification_queue_usage()"))
        remedy = "a listening session has an open transaction: find it by state in pg_stat_activity and end it"
        if used >= _QUEUE_FULL:
            yield fail(
                f"the notification queue is {used:.0%} full: inserts send no notifications, and workers poll", remedy
            )
        elif used >= _QUEUE_FILLS:
            yield warn(f"the notification queue is {used:.0%} full and does not drain", remedy)
        else:
            yield ok("the notification queue has room")

    async def doorbell(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select l.pid, a.application_name as name, a.usename as role, "
            "extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds "
            "from pg_locks l left join pg_stat_activity a on a.pid = l.pid "
            f"where l.locktype = 'advisory' and l.classid = {DOORBELL} and l.objid = 0 and l.mode = 'ShareLock' "
            "and l.granted and l.database = (select oid from pg_database where datname = current_database()) "
            "and (a.xact_start is null or a.xact_start < clock_timestamp() - make_interval(secs => $1)) "
            "order by a.xact_start nulls last limit 3",
            self._target.long_seconds,
        )
        for row in rows:
            self._named.append(row["pid"])
            yield warn(
                f"{_who(row)} inserted an RFQ in a transaction that is still open{_since(row)}: workers "
                "cannot acquire the doorbell, so they poll",
                f"end the transaction: commit, or select pg_terminate_backend({row['pid']})",
            )

    async def snapshots(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select a.pid, a.application_name as name, a.usename as role, "
            "extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds "
            "from pg_stat_activity a where coalesce(a.backend_xmin, a.backend_xid) is not null "
            "and a.pid <> all ($2::integer[] || pg_backend_pid()) "
            "and a.datname = current_database() and a.xact_start < clock_timestamp() - make_interval(secs => $1) "
            "order by a.xact_start limit 3",
            self._target.long_seconds,
            self._named,
        )
        for row in rows:
            yield warn(
                f"{_who(row)} holds a snapshot open{_since(row)}: dead rows of the queue cannot be removed, "
                "and claims become slower",
                f"end the transaction, or select pg_terminate_backend({row['pid']})",
            )
        prepared = await self._rows(
            "select gid, extract(epoch from clock_timestamp() - prepared)::float8 as seconds from pg_prepared_xacts "
            "where database = current_database() and prepared < clock_timestamp() - make_interval(secs => $1) "
            "order by prepared limit 3",
            self._target.long_seconds,
        )
        for row in prepared:
            yield warn(f"the prepared transaction '{row['gid']}' holds a snapshot open{_since(row)}",
                       f"commit prepared '{row['gid']}', or rollback prepared '{row['gid']}'")  # fmt: skip
        if not rows and not prepared and not self._named:
            yield ok("no long transaction is open")

    async def health(self) -> AsyncGenerator[Finding, None]:
        """Yields the findings of `ai.health`, which `status`, the console and the probes also show."""
        found = await self._rows("select severity, code, sentence, remedy from ai.health")
        for row in found:
            yield Finding(_LEVELS[row["severity"]], row["sentence"], row["remedy"])
        if not any(row["code"] in ("trigger_missing", "file_trigger_missing") for row in found):
            yield ok("all triggers exist and are enabled")

    async def workers(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows("select worker, host, pid, silent_seconds from ai.worker_status order by worker")
        silent = [row for row in rows if row["silent_seconds"] > _SILENT_SECONDS]
        if len(silent) == len(rows):
            return  # ai.health reports that no worker runs
        for row in silent:
            yield warn(
                f"worker {row['worker']} (pid {row['pid']} on {row['host']}) has been silent for "
                f"{row['silent_seconds']:.0f} s",
                "check that process and its connection to the database; its RFQs are retried when its leases expire",
            )
        if not silent:
            yield ok(f"{len(rows)} daemon(s) are alive")

    async def parameters(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select p.provider, p.model from ai.model_parameters p where p.model <> '*' "
            "and not exists (select from ai.breaker_status s where (s.provider, s.model) = (p.provider, p.model)) "
            "and not exists (select from ai.worker_status w where (w.provider, w.model) = (p.provider, p.model)) "
            "and exists (select from ai.worker_status) order by 1, 2 limit 5"
        )
        for row in rows:
            yield warn(
                f"ai.model_parameters has a row for {row['provider']} {row['model']}, but no daemon has "
                "asked that model yet",
                "compare both names with `rfqflow status`; a fallback model is asked only after a failure",
            )

    async def clock(self) -> AsyncGenerator[Finding, None]:
        before = self._target.clock()
        there: datetime = await self._conn.fetchval("select clock_timestamp()")
        after = self._target.clock()
        skew = there.astimezone(UTC).timestamp() - (before + after) / 2
        if abs(skew) > _SKEW_SECONDS + (after - before) / 2:
            yield warn(
                f"this host's clock is {abs(skew):.1f} s {'behind' if skew > 0 else 'ahead of'} the database's",
                "synchronise both, for example with chrony; queue and leases use the database's clock, logs "
                "use this one",
            )
        else:
            yield ok("the clocks agree")


def _who(row: asyncpg.Record) -> str:
    about = ", ".join(part for part in (row["name"], row["role"]) if part)
    return f"pid {row['pid']}" + (f" ({about})" if about else "")


def _since(row: asyncpg.Record) -> str:
    return "" if row["seconds"] is None else f" for {row['seconds']:.0f} s"
