"""Applies `sql/`: the baseline and the migrations once and in order, and every other file when it has changed.

The ledger lists each applied file. `sql/install.sql` does the same through psql (`database/install_script.py`), and
writes the same rows to the ledger.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import tomllib
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError, RfqflowError, SchemaMismatch
from rfqflow.database.connection import connect
from rfqflow.database.install_script import (
    ANEW,
    LOCK,
    MADE,
    MAPPING,
    NOTE,
    SWEEP_SECONDS,
    as_json,
    is_from_before,
    pins,
    script,
)  # fmt: skip
from rfqflow.database.migration_rights import refuse_without_rights
from rfqflow.database.sql_files import (
    ALWAYS,
    COLUMNS,
    FILE_TRIGGERS,
    SUBMIT,
    TRIGGERS,
    Step,
    check,
    made_in_schema,
    newest_migration,
    released_files,
    shipped_routes,
    sql_root,
    steps,
    worker_rights,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

__all__ = [
    "LOCK_TRIES", "REFUSED", "Step", "UnreadableLedger", "check_for_worker", "check_table", "ensure_database",
    "insert_samples", "later", "locked_ms", "migrate", "newest_migration", "pending", "read_mapping", "released_files",
    "script", "shipped_routes", "sql_root", "steps", "transaction", "worker_rights",
]  # fmt: skip

LOCK_TRIES = 20
_LOCK_SECONDS = 30.0
_LOCKED_MS = "rfqflow.locked_ms"
# attach/30_columns.sql and attach/70_triggers.sql record when they acquired the lock of the application's table.
_NOTE_LOCKED = f"""
select set_config('{_LOCKED_MS}', greatest(
    nullif(current_setting('{_LOCKED_MS}', true), '')::float8,
    1000 * extract(epoch from
      clock_timestamp() - nullif(current_setting('rfqflow.locked_at', true), '')::timestamptz)::float8
  )::text, false), set_config('rfqflow.locked_at', '', false)
"""
REFUSED = ("RF005", "RF009")  # a mapping that does not fit the table, and a database that cannot be used


class UnreadableLedger(RfqflowError):
    """This role may not read the ledger. The message has the statement that grants the right."""


def read_mapping(path: Path) -> dict[str, Any]:
    """Reads a mapping from a TOML file. The database checks whether the mapping fits (`attach/10_check.sql`).

    Raises:
        ConfigError: the file does not exist, or is not valid TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the mapping {path} cannot be read: {error}") from None


async def _ledger(conn: asyncpg.Connection) -> dict[str, tuple[str, bool]]:
    try:
        if await conn.fetchval("select to_regclass('ai.rfqflow_migration')") is None:
            return {}
        rows = await conn.fetch("select name, sha256, breaking from ai.rfqflow_migration")
    except asyncpg.InsufficientPrivilegeError:
        role = await conn.fetchval("select quote_ident(current_user)")
        raise UnreadableLedger(
            f"role {role} may not read which release is installed: grant rfqflow_worker to {role} for a daemon, "
            f"grant rfqflow_reader to {role} for read access"
        ) from None
    return {row["name"]: (row["sha256"], row["breaking"]) for row in rows}


def _later(ledger: dict[str, tuple[str, bool]]) -> list[str]:
    known = {step.name for step in steps()}
    return sorted(name for name in ledger if name.startswith("migrations/") and name not in known)


def _refuse_of_before(ledger: dict[str, tuple[str, bool]]) -> None:
    if is_from_before(ledger):
        raise SchemaMismatch(f"the database was made by a build from before the first release. {ANEW}")


def _pending(ledger: dict[str, tuple[str, bool]]) -> list[Step]:
    _refuse_of_before(ledger)
    if later := _later(ledger):
        # Stop here: this release would replace functions of the later release with its own.
        raise SchemaMismatch(
            f"the database has been upgraded by a later release ({later[-1]}): migrate with that or a later release. "
            "To go back to this release, start only its daemons, and do not migrate."
        )
    for step in steps():
        if step.once and step.name in ledger and ledger[step.name][0] != step.sha256:
            raise SchemaMismatch(
                f"{step.name} was applied here in another version, by a build from before the first release. {ANEW}"
            )
    return [step for step in steps() if ledger.get(step.name, ("", False))[0] != step.sha256]


async def pending(conn: asyncpg.Connection, mapping: dict[str, Any] | None = None) -> list[str]:
    """Names of the files that `migrate` would apply: missing and changed files, and files that `mapping` affects.

    Raises:
        SchemaMismatch: a migration was applied with another text, or by a later release.
    """
    todo = {step.name for step in _pending(await _ledger(conn))}
    if mapping is not None and await conn.fetchval("select to_regclass('ai.table_mapping') is not null"):
        declared = await conn.fetchval("select declared::text from ai.table_mapping")
        todo |= set(ALWAYS) if declared is None or json.loads(declared) != mapping else set()
    return [step.name for step in steps() if step.name in todo]


async def later(conn: asyncpg.Connection) -> list[str]:
    """Names of the migrations that a later release has applied.

    Raises:
        SchemaMismatch: the database was made by a build from before the first release.
    """
    ledger = await _ledger(conn)
    _refuse_of_before(ledger)
    return _later(ledger)


async def check_for_worker(conn: asyncpg.Connection) -> list[str]:
    """Checks that a worker of this release can use this database.

    Returns the names of compatible migrations of a later release.

    Raises:
        SchemaMismatch: the schema is missing, older than this release, or newer and incompatible.
    """
    ledger = await _ledger(conn)
    _refuse_of_before(ledger)
    missing = [step.name for step in steps() if step.once and step.name not in ledger]
    if missing:
        raise SchemaMismatch(
            f"the database lacks {len(missing)} migration(s), first {missing[0]}: run `rfqflow migrate` first."
        )
    later = _later(ledger)
    breaking = [name for name in later if ledger[name][1]]
    if breaking:
        raise SchemaMismatch(
            f"the database has been upgraded by a later release ({breaking[-1]}) that this one cannot work with: "
            "upgrade rfqflow."
        )
    return later


async def migrate(
    conn: asyncpg.Connection,
    report: Callable[[str], None] = lambda _: None,
    mapping: dict[str, Any] | None = None,
    lock_seconds: float = _LOCK_SECONDS,
) -> list[str]:
    """Creates or upgrades everything. It is safe to repeat it, to run it twice at once, and to run it during inserts.

    `mapping` names the table of RFQs and its columns. Without `mapping`, the database keeps its mapping; the first
    mapping is `public.rfq_requests`. Returns the names of the applied files, and calls `report` after each file.

    Raises:
        SchemaMismatch: a migration was applied with another text, or by a later release.
        ConfigError: the mapping does not fit the table. Nothing was changed.
        RfqflowError: a step failed. The message names the step and the cause, and has the database's hint.
    """
    await refuse_without_rights(conn)
    await _lock(conn, lock_seconds)
    try:
        _pending(await _ledger(conn))
        todo = set(await pending(conn, mapping))
        await _check(conn, mapping)
        found = json.loads(await conn.fetchval("select current_setting('rfqflow.attach')"))
        if found["place"] != "attached":
            # Apply the views again: a DROP of the mapped table has dropped ai.rfqs and all views that read it.
            todo |= {step.name for step in steps() if step.name.startswith("views/")}
        if COLUMNS in todo:
            todo.add(SUBMIT)  # the function exists for one table only, so a new mapping changes it
        applied = []
        for group in _groups(found["place"]):
            wanted = [step for step in group if step.name in todo]
            await _apply(conn, [step for step in group if step.name in todo or step.name in ALWAYS])
            for step in wanted:
                applied.append(step.name)
                report(step.name)
        if found["is_unswept"]:
            await _sweep(conn)
    finally:
        if not conn.is_closed():
            await conn.execute(f"select pg_advisory_unlock({LOCK})")
    return applied


async def _lock(conn: asyncpg.Connection, seconds: float) -> None:
    """Lets one migrate run at a time.

    Any role can take this lock, so the wait has a limit, and the error names the holder.
    """
    deadline = time.monotonic() + seconds
    while not await conn.fetchval(f"select pg_try_advisory_lock({LOCK})"):
        if time.monotonic() > deadline:
            holder = await conn.fetchrow(
                "select l.pid, a.usename as role, a.application_name as name from pg_locks l "
                "left join pg_stat_activity a on a.pid = l.pid where l.locktype = 'advisory' and l.granted "
                "and l.classid = $1 and l.objid = $2 and l.objsubid = 2 "
                "and l.database = (select oid from pg_database where datname = current_database()) limit 1",
                *(int(part) for part in LOCK.split(",")),
            )
            if holder is None:
                continue  # the holder has just released it
            about = ", ".join(part for part in (holder["name"], holder["role"]) if part)
            raise RfqflowError(
                f"pid {holder['pid']} ({about}) has held the lock of the migration for {seconds:.0f} s. If that is "
                f"a migration, wait for it; if not, end it: select pg_terminate_backend({holder['pid']})"
            )
        await asyncio.sleep(0.1)


async def _sweep(conn: asyncpg.Connection) -> None:
    """Enqueues and registers RFQs that were inserted before the trigger existed.

    In a large table, the sweeps of workers find the rest.
    """
    by, passes = time.monotonic() + SWEEP_SECONDS, await conn.fetchval("select pass from ai.sweep_progress")
    while time.monotonic() < by and passes == await conn.fetchval("select pass from ai.sweep_progress"):
        try:
            await conn.execute("select ai.find_unqueued_rfqs()")
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(0.1)


def _groups(place: str) -> list[list[Step]]:
    """Groups the steps by transaction, in order. The first installation is one transaction.

    Later, each migration is a separate transaction: a migration may wait for a lock, and must not hold locks of other
    migrations meanwhile.
    """
    everything = steps()
    if place == "absent":
        return [everything]
    named = {step.name: step for step in everything}
    made = [step for step in everything if not (step.once or step.name in ALWAYS)]
    once = [[step] for step in everything if step.once]
    standin, columns, read, path, reference, enqueue, files, guard, grants, triggers, file_triggers = (
        named[name] for name in ALWAYS
    )
    naming = [reference, enqueue, files, guard, grants]
    if place == "attached":
        return [*once, [standin, columns, read, path], [*made, *naming], [triggers], [file_triggers]]
    return [*once, [standin, *made], [columns, read, path, *naming, triggers, file_triggers]]


@contextlib.asynccontextmanager
async def transaction(conn: asyncpg.Connection, lock_timeout: str = "1s") -> AsyncIterator[None]:
    """Runs the block in a transaction that does not depend on settings of the role or the database."""
    # Begin with the isolation level: any other first statement would run at the isolation level of the role.
    await conn.execute("begin isolation level read committed read write")
    try:
        await conn.execute(pins(local=True))
        await conn.execute(f"set local lock_timeout = '{lock_timeout}'")
        yield
    except BaseException:
        # Otherwise the transaction ends with the session.
        with contextlib.suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            await conn.execute("rollback")
        raise
    await conn.execute("commit")


async def _check(conn: asyncpg.Connection, mapping: dict[str, Any] | None = None) -> None:
    first = check()
    try:
        async with transaction(conn):
            given = "" if mapping is None else as_json(mapping)
            await conn.execute(
                "select set_config($1, $2, false), set_config($3, $4, false)", MAPPING, given, MADE, made_in_schema()
            )
            await conn.execute(first.text)
    except asyncpg.PostgresError as error:
        raise _failed(first, error) from None


async def check_table(conn: asyncpg.Connection) -> None:
    """Checks that the table of RFQs still matches the mapping. Changes nothing.

    Raises:
        RfqflowError: the table does not match. The message has the remedy.
        asyncpg.InsufficientPrivilegeError: this role may not read the catalogs.
    """
    first = check()
    try:
        await conn.execute("begin isolation level read committed read only")
        await conn.execute(pins(local=True))
        await conn.execute(first.text)
    except asyncpg.InsufficientPrivilegeError:
        raise
    except asyncpg.PostgresError as error:
        raise _failed(first, error) from None
    finally:
        if not conn.is_closed():
            await conn.execute("rollback")


async def _apply(conn: asyncpg.Connection, group: list[Step]) -> None:
    for tries in range(1, LOCK_TRIES + 1):
        step = None
        try:
            # A session that waits for a lock blocks the sessions that wait behind it. So a step stops waiting soon, and
            # tries again.
            async with transaction(conn):
                for step in group:
                    await conn.execute(step.text, timeout=600)
                    await conn.execute(NOTE.format("$1", "$2", "$3"), step.name, step.sha256, step.breaking)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
            # An error with a hint comes from rfqflow's own SQL, which has already retried.
            if tries == LOCK_TRIES or (error.sqlstate == "55P03" and getattr(error, "hint", None)):
                raise _failed(step or group[0], error) from None
            await asyncio.sleep(0.1 * tries)
        except asyncpg.PostgresError as error:
            raise _failed(step or group[0], error) from None
        else:
            if {COLUMNS, TRIGGERS, FILE_TRIGGERS} & {step.name for step in group}:
                await conn.execute(_NOTE_LOCKED)
            return


async def locked_ms(conn: asyncpg.Connection) -> float | None:
    """The milliseconds for which the last `migrate` on this connection locked the application's table.

    None: it did not lock the table.
    """
    found: str | None = await conn.fetchval(f"select nullif(current_setting('{_LOCKED_MS}', true), '')")
    return None if found is None else float(found)


def _failed(step: Step, error: asyncpg.PostgresError) -> RfqflowError:
    hint = f" {error.hint}" if getattr(error, "hint", None) else ""
    if error.sqlstate in REFUSED:
        return ConfigError(f"{error.message}.{hint}")
    if isinstance(error, asyncpg.InsufficientPrivilegeError) and not hint:
        hint = " Migrate as a role that owns the database or has CREATE on it."
    return RfqflowError(f"{step.name}: {error.message or error} ({error.sqlstate}).{hint}")


async def ensure_database(server_dsn: str, name: str, *, fresh: bool = False) -> None:
    """Creates the database `name` on the embedded server if it does not exist.

    `fresh`: first drops an existing database with all its data.
    """
    conn = await connect(server_dsn, application_name="rfqflow migrate")
    try:
        quoted = '"' + name.replace('"', '""') + '"'
        if fresh:
            await conn.execute(f"drop database if exists {quoted} with (force)")
        if not await conn.fetchval("select exists (select from pg_database where datname = $1)", name):
            await conn.execute(f"create database {quoted}")
    finally:
        await conn.close(timeout=2)


async def insert_samples(conn: asyncpg.Connection, *, with_files: bool = False) -> int:
    """Runs `sql/samples.sql` as an application would. Returns the number of inserted RFQs.

    `with_files`: also inserts an RFQ with a drawing and a list of parts, from `sql/sample_files.sql`.
    """
    result: str = await conn.execute(sql_root().joinpath("samples.sql").read_text("utf-8"))
    if with_files:
        await conn.execute(sql_root().joinpath("sample_files.sql").read_text("utf-8"))
    return int(result.rsplit(" ", 1)[-1]) + with_files
