"""What `rfqflow doctor` asks the database: each thing that a broken installation has wrong, with its remedy.

A check is a method that yields findings. One that the role may not make says so, and the others go on.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError, DatabaseUnreachable, RfqflowError, SchemaMismatch
from rfqflow.core.finding import Finding, fail, ok, warn
from rfqflow.database import migrate
from rfqflow.database.connection import LOST, connect
from rfqflow.store.attachment import attachment
from rfqflow.store.exposure import Exposure

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

OLDEST_SERVER = 14
_MANY_RFQS = 50_000  # fewer are read in a moment
_TRIGGERS = ["rfqflow_enqueue", "rfqflow_enqueue_edited"]
_GUARDS = ["rfqflow_guard_insert", "rfqflow_guard_update"]  # of columns ai_* in the application's table
_FORGETS = ["rfqflow_forget"]  # where ai.enrichment has them
_CHANNEL = "rfqflow_doctor"
_HEAR_SECONDS = 3.0
_SKEW_SECONDS = 2.0
_QUEUE_FILLS, _QUEUE_FULL = 0.1, 0.5
_SILENT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class DiagnosticTarget:
    """Which database, and what is expected of it."""

    database_url: str
    listen_url: str | None = None
    listens: bool = True
    long_seconds: float = 60.0  # from when on a transaction is a long one
    clock: Callable[[], float] = time.time


async def examine(place: DiagnosticTarget) -> AsyncGenerator[Finding, None]:
    """Findings in the order in which one thing needs the other; ends early where nothing more can be asked."""
    try:
        conn = await connect(place.database_url, application_name="rfqflow doctor", pooled=True)
    except (DatabaseUnreachable, ConfigError) as error:
        yield fail(
            str(error), "start the server, or mend address, name and password; the message names each host tried"
        )
        return
    try:
        checkup = _Diagnostics(conn, place)
        for first in (checkup.server, checkup.schema):
            stop = False
            async with aclosing(first()) as findings:
                async for finding in findings:
                    stop = stop or finding.level == "fail"
                    yield finding
            if stop:
                return
        for check in checkup.others:
            async with aclosing(_asked(check)) as findings:
                async for finding in findings:
                    yield finding
    finally:
        conn.terminate()


async def _asked(check: Callable[[], AsyncGenerator[Finding, None]]) -> AsyncGenerator[Finding, None]:
    name = check.__name__.replace("_", " ")
    try:
        async with aclosing(check()) as findings:
            async for finding in findings:
                yield finding
    except asyncpg.InsufficientPrivilegeError as error:
        yield warn(f"{name}: not looked at, {error.message}", "ask again as the owner of schema ai")
    except (*LOST, asyncpg.PostgresError) as error:
        code = getattr(error, "sqlstate", None) or type(error).__name__
        yield fail(f"{name}: the question failed ({code})", "see the server's log; then ask again")


class _Diagnostics:
    def __init__(self, conn: asyncpg.Connection, place: DiagnosticTarget) -> None:
        self._conn = conn
        self._place = place
        self._told: list[int] = []  # processes that a finding has named: once is enough
        self.others = (
            self.rights, self.mapping, self.triggers, self.table, self.mode, self.two_phase_commit, self.listening,
            self.notify_queue, self.doorbell, self.snapshots, self.partitions, self.workers, self.steps, self.prices,
            *Exposure(self._rows).checks, self.clock, self.encoding,
        )  # fmt: skip

    async def _rows(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._conn.fetch(statement, *args)
        return rows

    # -- without these nothing else can be asked ---------------------------------------------------------------

    async def server(self) -> AsyncGenerator[Finding, None]:
        version = self._conn.get_server_version()
        if version.major < OLDEST_SERVER:
            yield fail(
                f"the server is PostgreSQL {version.major}: too old",
                f"upgrade it to PostgreSQL {OLDEST_SERVER} or later",
            )
            return
        yield ok(f"the database answers, PostgreSQL {version.major}")

    async def schema(self) -> AsyncGenerator[Finding, None]:
        try:
            if not await self._conn.fetchval("select to_regclass('ai.rfqflow_migration') is not null"):
                yield fail("this database has no rfqflow schema", "run `rfqflow migrate`")
                return
            if later := await migrate.later(self._conn):
                await migrate.check_for_worker(self._conn)
                yield warn(f"a later release has migrated this database ({later[-1]})", "upgrade rfqflow here")
                return
            pending = await migrate.pending(self._conn)
        except SchemaMismatch as error:
            yield fail(str(error), "use the release that this database was migrated with, or a later one")
            return
        except asyncpg.InsufficientPrivilegeError as error:
            yield fail(f"the schema cannot be read: {error.message}", "grant rfqflow_worker to the daemon's role")
            return
        behind = [name for name in pending if name.startswith("migrations/")]
        if behind:
            yield fail(
                f"the schema is behind by {len(behind)} migration(s), first {behind[0]}", "run `rfqflow migrate`"
            )
        elif pending:
            yield warn(f"{len(pending)} file(s) of sql/ are not as in this release, first {pending[0]}",
                       "run `rfqflow migrate`")  # fmt: skip
        else:
            yield ok("the schema is that of this release")

    # -- one independent of the other --------------------------------------------------------------------------

    async def rights(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select current_user as role, "
            "(select pg_has_role(current_user, r.oid, 'usage') from pg_roles r where r.rolname = 'rfqflow_worker') "
            "as member, array(select p.proname::text from pg_proc p where p.pronamespace = 'ai'::regnamespace "
            "and p.proname = any ($1) and not has_function_privilege(p.oid, 'execute') order by 1) "
            "|| array(select v.name from unnest($2::text[]) as v(name) "
            "where not coalesce(has_table_privilege(to_regclass('ai.' || v.name), 'select'), false)) as missing",
            *migrate.worker_rights(),
        )
        role, missing = rows[0]["role"], rows[0]["missing"]
        if not missing:
            yield ok(f"the role {role} has the rights of a worker")
        elif rows[0]["member"]:
            yield fail(f"rfqflow_worker lacks the right to ai.{missing[0]}" + _more(missing),
                       "run `rfqflow migrate` as the owner: it grants anew")  # fmt: skip
        else:
            yield fail(f"the role {role} has no right to ai.{missing[0]}" + _more(missing),
                       f'grant rfqflow_worker to "{role}"')  # fmt: skip

    async def mapping(self) -> AsyncGenerator[Finding, None]:
        found = (await self._rows("select table_name, columns::text, ai_columns, state from ai.table_mapping"))[0]
        if found["state"] == "detached":
            return  # the next migrate looks at it
        try:
            await migrate.check_table(self._conn)
        except RfqflowError as error:
            yield fail(str(error), "then `rfqflow migrate`, with --map where names have changed")
            return
        columns = json.loads(found["columns"])
        renamed = [f"{ours} is {theirs or 'not there'}" for ours, theirs in columns.items() if ours != theirs]
        where = "ai.enrichment" if found["ai_columns"] == "enrichment" else "its columns ai_*"
        yield ok(f"RFQs are the rows of {found['table_name']}" + (f" ({', '.join(renamed)})" if renamed else "")
                 + f", answers are in {where}")  # fmt: skip

    async def triggers(self) -> AsyncGenerator[Finding, None]:
        found = await attachment(self._conn)
        if found["state"] in ("detached", "no_table", "other_table"):
            what, _, remedy = found["said"].partition(": ")
            yield fail(what, remedy)
            return
        # By the catalog, not by regclass: a worker may have no right to the schema that the table is in.
        rows = await self._rows(
            "select m.table_name as rfqs, t.name, g.tgenabled::text as state from ai.table_mapping m "
            "cross join unnest($1::text[] || case m.ai_columns when 'table' then $2::text[] else $3::text[] end) "
            "as t(name) "
            "left join pg_trigger g on g.tgname = t.name and g.tgrelid = (select c.oid from pg_class c "
            "join pg_namespace n on n.oid = c.relnamespace where format('%I.%I', n.nspname, c.relname) = m.table_name) "
            "order by 2",
            _TRIGGERS, _GUARDS, _FORGETS,
        )  # fmt: skip
        missing = [row["name"] for row in rows if row["state"] is None]
        disabled = [row["name"] for row in rows if row["state"] in ("D", "R")]
        if missing:
            yield fail(f"{rows[0]['rfqs']} lacks the trigger {missing[0]}" + _more(missing),
                       "run `rfqflow migrate`: it makes them anew; the sweep finds what came in meanwhile")  # fmt: skip
        for name in disabled:
            yield fail(f"the trigger {name} is disabled: RFQs are found by the slow sweep only",
                       f"alter table {rows[0]['rfqs']} enable trigger {name}")  # fmt: skip
        if not missing and not disabled:
            yield ok("all triggers are there and enabled")

    async def table(self) -> AsyncGenerator[Finding, None]:
        """Ours has it; one that was there before us is not given an index unasked."""
        found = await self._rows(
            "select m.table_name, m.columns ->> 'created_at' as at, c.reltuples::bigint as rfqs, "
            "exists (select from pg_index i join pg_attribute a "
            "on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisvalid "
            "and i.indpred is null and a.attname = m.columns ->> 'created_at') as by_time "
            "from ai.table_mapping m join pg_class c on true join pg_namespace n on n.oid = c.relnamespace "
            "where format('%I.%I', n.nspname, c.relname) = m.table_name and m.columns ->> 'created_at' is not null"
        )
        if found and not found[0]["by_time"] and found[0]["rfqs"] >= _MANY_RFQS:
            yield warn(
                f"{found[0]['table_name']} has no index on {found[0]['at']}, and about {found[0]['rfqs']:,} RFQs: "
                "lists and searches in the console read it whole",
                f"create index concurrently on {found[0]['table_name']} ({found[0]['at']})",
            )

    async def mode(self) -> AsyncGenerator[Finding, None]:
        found = await self._rows(
            "select mode, current_setting('default_transaction_read_only') = 'on' as frozen from ai.queue_status"
        )
        if found[0]["frozen"]:
            yield fail(
                "transactions of this role only read here (default_transaction_read_only): nothing can be recorded",
                "when the database is to be written to again: alter database ... reset default_transaction_read_only, "
                "or alter role ... reset default_transaction_read_only",
            )
        if found[0]["mode"] not in ("on", "detached"):
            yield warn(
                f"workers are {found[0]['mode']}: RFQs are taken in and wait", "`rfqflow resume`, when it is time"
            )

    async def two_phase_commit(self) -> AsyncGenerator[Finding, None]:
        found = await self._rows(
            "select current_setting('max_prepared_transactions')::integer as prepared, "
            "(select value #>> '{}' from ai.policy where key = 'notify') as notify, "
            "(select prosrc ~ 'max_prepared_transactions' from pg_proc "
            "where oid = 'ai.notify_workers()'::regprocedure) as minds"
        )
        if found[0]["prepared"] > 0 and found[0]["notify"] != "off":
            yield warn(
                f"the server allows two-phase commit and the policy notify is {found[0]['notify']}: "
                + ("inserts do not ring, workers poll" if found[0]["minds"]
                   else "PREPARE TRANSACTION fails after an insert that rang"),
                "`rfqflow policy set notify off`, or max_prepared_transactions = 0 if nobody uses it",
            )  # fmt: skip

    async def listening(self) -> AsyncGenerator[Finding, None]:
        if not self._place.listens:
            yield ok("LISTEN is off by RFQFLOW_LISTEN: workers poll")
            return
        listen_url = self._place.listen_url or self._place.database_url
        remedy = "set RFQFLOW_LISTEN_URL to a direct DSN, past the pooler; till then workers poll once a second"
        try:
            listener = await connect(listen_url, application_name="rfqflow doctor", pooled=True)
        except (DatabaseUnreachable, ConfigError) as error:
            yield fail(f"RFQFLOW_LISTEN_URL: {error}", "mend it, or unset it to use the database's own address")
            return
        try:
            other = listener.get_server_pid() != await listener.fetchval("select pg_backend_pid()")
            heard = await self._hears(listener)
        finally:
            listener.terminate()
        if other:
            yield warn(
                "a pooler stands between here and the server: its sessions are not ours, so LISTEN is lost", remedy
            )
        elif not heard:
            yield warn(f"a notification did not arrive within {_HEAR_SECONDS:.0f} s: something between here and the "
                       "server swallows LISTEN", remedy)  # fmt: skip
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
        remedy = "a session LISTENs and sits in a transaction: find it by state in pg_stat_activity and end it"
        if used >= _QUEUE_FULL:
            yield fail(f"the notification queue is {used:.0%} full: inserts ring no more, workers poll", remedy)
        elif used >= _QUEUE_FILLS:
            yield warn(f"the notification queue is {used:.0%} full and does not empty", remedy)
        else:
            yield ok("the notification queue is empty enough")

    async def doorbell(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select l.pid, a.application_name as name, a.usename as role, "
            "extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds "
            "from pg_locks l left join pg_stat_activity a on a.pid = l.pid "
            "where l.locktype = 'advisory' and l.classid = 1380340038 and l.objid = 0 and l.mode = 'ShareLock' "
            "and l.granted and l.database = (select oid from pg_database where datname = current_database()) "
            "and (a.xact_start is null or a.xact_start < clock_timestamp() - make_interval(secs => $1)) "
            "order by a.xact_start nulls last limit 3",
            self._place.long_seconds,
        )
        for row in rows:
            self._told.append(row["pid"])
            yield warn(
                f"{_who(row)} inserted an RFQ and has not ended its transaction{_since(row)}: workers cannot take the "
                "doorbell, so they poll",
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
            self._place.long_seconds,
            self._told,
        )
        for row in rows:
            yield warn(
                f"{_who(row)} holds a snapshot open{_since(row)}: what the queue has left behind cannot be removed, "
                "and claims become slower",
                f"end the transaction, or select pg_terminate_backend({row['pid']})",
            )
        prepared = await self._rows(
            "select gid, extract(epoch from clock_timestamp() - prepared)::float8 as seconds from pg_prepared_xacts "
            "where database = current_database() and prepared < clock_timestamp() - make_interval(secs => $1) "
            "order by prepared limit 3",
            self._place.long_seconds,
        )
        for row in prepared:
            yield warn(f"the prepared transaction '{row['gid']}' holds a snapshot open{_since(row)}",
                       f"commit prepared '{row['gid']}', or rollback prepared '{row['gid']}'")  # fmt: skip
        if not rows and not prepared and not self._told:
            yield ok("no transaction is open for long")

    async def partitions(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select to_char(w.monday at time zone 'UTC', 'YYYY-MM-DD') as monday from generate_series(0, 1) n "
            "cross join lateral (select date_trunc('week', now(), 'UTC') + n * interval '7 days' as monday) w "
            "where not exists (select from pg_inherits i where i.inhparent = 'ai.rag_runs'::regclass and i.inhrelid = "
            "to_regclass('ai.rag_runs_' || to_char(w.monday at time zone 'UTC', 'IYYY\"w\"IW'))) order by 1"
        )
        remedy = "start a daemon, which makes them, or: select ai.make_partitions()"
        if rows:
            yield warn(f"ai.rag_runs has no partition for the week from {rows[0]['monday']}: its runs go into the "
                       "default one", remedy)  # fmt: skip
        else:
            yield ok("ai.rag_runs has partitions ahead")

    async def workers(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select worker, host, pid, silent_seconds, claims_failing_seconds, claims_sqlstate from ai.worker_status "
            "order by worker"
        )
        for row in rows:
            if row["claims_failing_seconds"] is not None:
                yield fail(
                    f"claims of worker {row['worker']} (pid {row['pid']} on {row['host']}) have not succeeded for "
                    f"{row['claims_failing_seconds']:.0f} s: {row['claims_sqlstate']}",
                    "42P01 or 42703: `rfqflow migrate`; else see the server's log for it. A restart does not help",
                )
        silent = [row for row in rows if row["silent_seconds"] > _SILENT_SECONDS]
        for row in silent:
            yield warn(
                f"worker {row['worker']} (pid {row['pid']} on {row['host']}) has been silent for "
                f"{row['silent_seconds']:.0f} s",
                "look at that process and its way to the database; its claims come back by themselves when leases end",
            )
        if not rows:
            yield warn("no daemon runs: RFQs are taken in and wait", "`rfqflow run`")
        elif not silent:
            yield ok(f"{len(rows)} daemon(s) show signs of life")

    async def steps(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select step, sqlstate, extract(epoch from clock_timestamp() - failed_at)::float8 as seconds "
            "from ai.maintenance_status where is_failing order by step"
        )
        for row in rows:
            yield warn(
                f"the step {row['step']} failed {row['seconds']:.0f} s ago: {row['sqlstate']}",
                "see the server's log for that SQLSTATE; the other steps go on, and this one is tried again",
            )

    async def encoding(self) -> AsyncGenerator[Finding, None]:
        if (encoding := await self._conn.fetchval("select getdatabaseencoding()")) != "UTF8":
            yield warn(
                f"the database's encoding is {encoding}, not UTF8"
                + (
                    ": it takes any bytes, and an RFQ whose message is no UTF-8 is given up"
                    if encoding == "SQL_ASCII"
                    else ""
                ),
                "move to a database in UTF8: createdb --encoding UTF8 --template template0, dump and restore",
            )

    async def prices(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select provider, model, sum(calls_of_unknown_cost)::bigint as calls from ai.run_daily_counts c "
            "where day > (now() at time zone 'UTC')::date - 7 and calls_of_unknown_cost > 0 "
            "and not exists (select from ai.model_prices p where p.provider = c.provider and p.model = c.model) "
            "group by 1, 2 order by 3 desc limit 5"
        )
        for row in rows:
            yield warn(
                f"the price of {row['model']} is unknown: {row['calls']} call(s) of {row['provider']} in the last 7 "
                "days have no cost",
                "insert its price into ai.model_prices, zeros if it costs nothing",
            )

    async def clock(self) -> AsyncGenerator[Finding, None]:
        before = self._place.clock()
        there: datetime = await self._conn.fetchval("select clock_timestamp()")
        after = self._place.clock()
        skew = there.astimezone(UTC).timestamp() - (before + after) / 2
        if abs(skew) > _SKEW_SECONDS + (after - before) / 2:
            yield warn(
                f"this host's clock is {abs(skew):.1f} s {'behind' if skew > 0 else 'ahead of'} the database's",
                "synchronise both, with chrony or the like; queue and leases go by the database's, logs by this one's",
            )
        else:
            yield ok("the clocks agree")


def _who(row: asyncpg.Record) -> str:
    about = ", ".join(one for one in (row["name"], row["role"]) if one)
    return f"pid {row['pid']}" + (f" ({about})" if about else "")


def _since(row: asyncpg.Record) -> str:
    return "" if row["seconds"] is None else f" for {row['seconds']:.0f} s"


def _more(names: list[str]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""
