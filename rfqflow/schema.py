"""Applies `sql/`: migrations once and in order, all else again whenever it changed, each recorded in the ledger.

`sql/install.sql` does the same through psql; it is made by `script()` and leaves the same ledger rows.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.connect import connect
from rfqflow.core.errors import ConfigError, RfqflowError, SchemaMismatch
from rfqflow.core.model import Route

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable

_LOCK = "1380340045, 0"  # one migrate at a time, by whatever route
_LOCK_TRIES = 20
_LOCK_SECONDS = 30.0
# Looked at on every migrate, since what they keep may have been changed by others; they do nothing when all is there.
_ALWAYS = ("rfq_columns.sql", "rfq_path.sql", "rfq_enqueue.sql", "rfq_guard.sql", "rfq_triggers.sql", "grants.sql")
_CHECK = "rfq_check.sql"  # refuses before anything is changed, so it is in no ledger
_SUBMIT = "functions/15_submit.sql"
_MAPPING = "rfqflow.mapping"  # the session's setting in which rfq_check.sql finds a mapping
_WRONG_MAPPING = "RF005"


@dataclass(frozen=True, slots=True)
class Step:
    """One file of `sql/`."""

    name: str
    text: str
    sha256: str

    @property
    def once(self) -> bool:
        return self.name.startswith("migrations/")

    @property
    def breaking(self) -> bool:
        """Workers of earlier releases must not run on it: its first line says so."""
        return self.text.startswith("-- breaking")


def sql_root() -> Traversable:
    """Where `sql/` is: inside the wheel, else beside the package in a checkout."""
    packaged = files("rfqflow") / "sql"
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).resolve().parent.parent / "sql"
    if checkout.is_dir():
        return checkout
    raise RfqflowError("the SQL files are missing from this installation: install rfqflow again")


def steps() -> list[Step]:
    """Every file in the order it is applied: migrations, columns, functions, views, triggers, grants."""
    root = sql_root()

    def folder(name: str) -> list[str]:
        return sorted(f"{name}/{entry.name}" for entry in (root / name).iterdir() if entry.name.endswith(".sql"))

    names = [
        *folder("migrations"),
        "rfq_columns.sql",
        "rfq_path.sql",
        *folder("functions"),
        "rfq_enqueue.sql",
        "rfq_guard.sql",
        *folder("views"),
        "rfq_triggers.sql",
        "grants.sql",
    ]
    return [_read(name) for name in names]


def _read(name: str) -> Step:
    raw = sql_root().joinpath(*name.split("/")).read_bytes()
    return Step(name, raw.decode(), hashlib.sha256(raw).hexdigest())


@cache
def known_names() -> list[str]:
    """Names of all files of this release."""
    return [step.name for step in steps()]


def newest_migration() -> str:
    """Name of the last migration of this release, such as 0011_actions."""
    return max(step.name for step in steps() if step.once).removeprefix("migrations/").removesuffix(".sql")


def read_mapping(path: Path) -> dict[str, Any]:
    """A mapping as it is in a TOML file; whether it fits is for the database to say (`rfq_check.sql`).

    Raises:
        ConfigError: no such file, or no TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the mapping {path} cannot be read: {error}") from None


def _as_json(mapping: dict[str, Any]) -> str:
    return json.dumps(mapping, sort_keys=True, default=str)


def script(*, inline: bool, mapping: dict[str, Any] | None = None) -> str:
    """The whole installation for psql: with the files' text in it, or including them, as `sql/install.sql` does."""
    given = "" if mapping is None else _as_json(mapping).replace("'", "''")
    lines = [
        "-- Creates or upgrades the whole database side: psql -f sql/install.sql. Safe to repeat, under live traffic.",
        "-- Made from the files beside it; the ledger rows are those of `rfqflow migrate`.",
        r"\set ON_ERROR_STOP on",
        "set client_min_messages = warning;",
        "set lock_timeout = '5s';",
        "set search_path = '';",
        *([f"set {_MAPPING} = '{given}';"] if given else []),
        f"select pg_advisory_lock({_LOCK}) \\g /dev/null",
        "",
        r"select to_regclass('ai.rfqflow_migration') is not null as installed \gset",
        r"\if :installed",
        "do $$ begin if exists (select from ai.rfqflow_migration where name like 'migrations/%' "
        f"and name > 'migrations/{newest_migration()}.sql') then raise exception "
        "'the database has been upgraded by a later release: use that one'; end if; end $$;",
        r"\endif",
        "",
        _read(_CHECK).text.rstrip("\n") if inline else rf"\ir {_CHECK}",
    ]
    for step in steps():
        body = step.text.rstrip("\n") if inline else rf"\ir {step.name}"
        breaking = str(step.breaking).lower()
        if step.once:
            first = step.name.startswith("migrations/0001_")
            known = (
                "to_regclass('ai.rfqflow_migration') is null"
                if first
                else f"not exists (select from ai.rfqflow_migration where name = '{step.name}')"
            )
            lines += [
                "",
                rf"select {known} as todo \gset",
                r"\if :todo",
                "begin;",
                body,
                "insert into ai.rfqflow_migration (name, sha256, breaking) "
                f"values ('{step.name}', '{step.sha256}', {breaking});",
                "commit;",
                r"\else",
                f"do $$ begin if exists (select from ai.rfqflow_migration where name = '{step.name}' "
                f"and sha256 <> '{step.sha256}') then raise exception "
                f"'{step.name} has been applied in another version'; end if; end $$;",
                r"\endif",
            ]
        else:
            lines += [
                "",
                "begin;",
                body,
                "insert into ai.rfqflow_migration (name, sha256, breaking) "
                f"values ('{step.name}', '{step.sha256}', {breaking}) "
                "on conflict (name) do update set sha256 = excluded.sha256, applied_at = "
                "case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at "
                "else clock_timestamp() end;",
                "commit;",
            ]
    lines += ["", f"select pg_advisory_unlock({_LOCK}) \\g /dev/null", ""]
    return "\n".join(lines)


async def _ledger(conn: asyncpg.Connection) -> dict[str, tuple[str, bool]]:
    if await conn.fetchval("select to_regclass('ai.rfqflow_migration')") is None:
        return {}
    rows = await conn.fetch("select name, sha256, breaking from ai.rfqflow_migration")
    return {row["name"]: (row["sha256"], row["breaking"]) for row in rows}


def _later(ledger: dict[str, tuple[str, bool]]) -> list[str]:
    known = {step.name for step in steps()}
    return sorted(name for name in ledger if name.startswith("migrations/") and name not in known)


def _pending(ledger: dict[str, tuple[str, bool]]) -> list[Step]:
    if later := _later(ledger):
        # Going on would put this release's functions in the place of that one's.
        raise SchemaMismatch(
            f"the database has been upgraded by a later release ({later[-1]}): migrate with that one, or a later one. "
            "To go back, start the daemons of before: the database stays as it is."
        )
    for step in steps():
        if step.once and step.name in ledger and ledger[step.name][0] != step.sha256:
            raise SchemaMismatch(
                f"{step.name} was applied here in another version. Migrations never change once released: "
                "use the release this database was made with, or a later one."
            )
    return [step for step in steps() if ledger.get(step.name, ("", False))[0] != step.sha256]


async def pending(conn: asyncpg.Connection, mapping: dict[str, Any] | None = None) -> list[str]:
    """Names of the files this database has not, or has in an older version; of all that a new `mapping` remakes.

    Raises:
        SchemaMismatch: a migration was applied in another version, or by a later release.
    """
    todo = {step.name for step in _pending(await _ledger(conn))}
    if mapping is not None and await conn.fetchval("select to_regclass('ai.mapping') is not null"):
        declared = await conn.fetchval("select declared::text from ai.mapping")
        todo |= set(_ALWAYS) if declared is None or json.loads(declared) != mapping else set()
    return [step.name for step in steps() if step.name in todo]


async def later(conn: asyncpg.Connection) -> list[str]:
    """Names of the migrations that a later release has applied."""
    return _later(await _ledger(conn))


async def check_for_worker(conn: asyncpg.Connection) -> list[str]:
    """Whether this release's worker may run here; returns migrations of a later release that it can live with.

    Raises:
        SchemaMismatch: the schema is absent, older, or newer in a way this release does not understand.
    """
    ledger = await _ledger(conn)
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
    """Creates or upgrades everything; safe to run again, at the same time twice, and under live inserts.

    `mapping` says which table holds the RFQs; without one it stays what it was, at first `public.rfq_requests`. Returns
    the names of the files applied; `report` hears each as it is done.

    Raises:
        SchemaMismatch: a migration was applied in another version, or by a later release.
        ConfigError: the mapping does not fit the table; nothing was changed.
        RfqflowError: a step failed; the message names it, the cause and the remedy the database gave.
    """
    await _lock(conn, lock_seconds)
    try:
        _pending(await _ledger(conn))
        todo = await pending(conn, mapping)
        applied = []
        await _check(conn, mapping)
        for step in steps():
            # submit_rfq is there for one table only, so it too follows the mapping.
            wanted = step.name in todo or (step.name == _SUBMIT and _ALWAYS[0] in todo)
            if not (wanted or step.name in _ALWAYS):
                continue
            await _apply(conn, step)
            if wanted:
                applied.append(step.name)
                report(step.name)
    finally:
        if not conn.is_closed():
            await conn.execute(f"select pg_advisory_unlock({_LOCK})")
    return applied


async def _lock(conn: asyncpg.Connection, seconds: float) -> None:
    """One migrate at a time. Any role may take this lock: the wait is bounded, and whoever has it is named."""
    deadline = time.monotonic() + seconds
    while not await conn.fetchval(f"select pg_try_advisory_lock({_LOCK})"):
        if time.monotonic() > deadline:
            holder = await conn.fetchrow(
                "select l.pid, a.usename as role, a.application_name as name from pg_locks l "
                "left join pg_stat_activity a on a.pid = l.pid where l.locktype = 'advisory' and l.granted "
                "and l.classid = $1 and l.objid = $2 and l.objsubid = 2 "
                "and l.database = (select oid from pg_database where datname = current_database()) limit 1",
                *(int(part) for part in _LOCK.split(",")),
            )
            if holder is None:
                continue  # it has just been given up
            about = ", ".join(one for one in (holder["name"], holder["role"]) if one)
            raise RfqflowError(
                f"pid {holder['pid']} ({about}) has held the lock of the migration for {seconds:.0f} s. If that is "
                f"a migration, wait for it; if not, end it: select pg_terminate_backend({holder['pid']})"
            )
        await asyncio.sleep(0.1)


async def _check(conn: asyncpg.Connection, mapping: dict[str, Any] | None = None) -> None:
    check = _read(_CHECK)
    try:
        async with conn.transaction():
            await conn.execute("set local search_path = ''")
            given = "" if mapping is None else _as_json(mapping)
            await conn.execute("select set_config($1, $2, false)", _MAPPING, given)
            await conn.execute(check.text)
    except asyncpg.PostgresError as error:
        raise _failed(check, error) from None


async def check_table(conn: asyncpg.Connection) -> None:
    """Whether the table of RFQs still is what it was mapped as. Changes nothing.

    Raises:
        RfqflowError: it is not; the message has the remedy.
        asyncpg.InsufficientPrivilegeError: this role may not look.
    """
    check = _read(_CHECK)
    transaction = conn.transaction(readonly=True)
    await transaction.start()
    try:
        await conn.execute("set local search_path = ''")
        await conn.execute(check.text)
    except asyncpg.InsufficientPrivilegeError:
        raise
    except asyncpg.PostgresError as error:
        raise _failed(check, error) from None
    finally:
        await transaction.rollback()


async def _apply(conn: asyncpg.Connection, step: Step) -> None:
    for tries in range(1, _LOCK_TRIES + 1):
        try:
            async with conn.transaction():
                # A step that waits makes others wait behind it; it gives up soon and asks again.
                await conn.execute(
                    "set local search_path = ''; set local lock_timeout = '1s'; set local client_min_messages = warning"
                )
                await conn.execute(step.text, timeout=600)
                await conn.execute(
                    "insert into ai.rfqflow_migration (name, sha256, breaking) values ($1, $2, $3) "
                    "on conflict (name) do update set sha256 = excluded.sha256, "
                    "applied_at = case when rfqflow_migration.sha256 = excluded.sha256 "
                    "then rfqflow_migration.applied_at else clock_timestamp() end",
                    step.name,
                    step.sha256,
                    step.breaking,
                )
        except asyncpg.LockNotAvailableError as error:
            # An error of ours has a hint, and has tried long enough by itself.
            if tries == _LOCK_TRIES or getattr(error, "hint", None):
                raise _failed(step, error) from None
            await asyncio.sleep(0.1 * tries)
        except asyncpg.PostgresError as error:
            raise _failed(step, error) from None
        else:
            return


def _failed(step: Step, error: asyncpg.PostgresError) -> RfqflowError:
    hint = f" {error.hint}" if getattr(error, "hint", None) else ""
    if error.sqlstate == _WRONG_MAPPING:
        return ConfigError(f"{error.message}.{hint}")
    if isinstance(error, asyncpg.InsufficientPrivilegeError) and not hint:
        hint = " Migrate as a role that owns the database or has CREATE on it."
    return RfqflowError(f"{step.name}: {error.message or error} ({error.sqlstate}).{hint}")


async def ensure_database(server_dsn: str, name: str, *, fresh: bool = False) -> None:
    """Makes the database `name` on a server of our own; `fresh` drops an earlier one with all in it."""
    conn = await connect(server_dsn, application_name="rfqflow migrate")
    try:
        quoted = '"' + name.replace('"', '""') + '"'
        if fresh:
            await conn.execute(f"drop database if exists {quoted} with (force)")
        if not await conn.fetchval("select exists (select from pg_database where datname = $1)", name):
            await conn.execute(f"create database {quoted}")
    finally:
        await conn.close(timeout=2)


async def insert_samples(conn: asyncpg.Connection) -> int:
    """Runs `sql/samples.sql` as an application would; returns how many RFQs it inserted."""
    result: str = await conn.execute(sql_root().joinpath("samples.sql").read_text("utf-8"))
    return int(result.rsplit(" ", 1)[-1])


_ROUTE_ROW = re.compile(r"\('([a-z_]+)',\s*'([^']+)',\s*'\{([^'{}]*)\}', (true|false)\)")


def shipped_routes() -> tuple[Route, ...]:
    """The routes a new installation starts with, read from the file that installs them."""
    text = sql_root().joinpath("migrations", "0003_routes.sql").read_text("utf-8")
    return tuple(
        Route(slug, description, tuple(" ".join(one.split()) for one in keywords.split(",")), fallback == "true")
        for slug, description, keywords, fallback in _ROUTE_ROW.findall(text)
    )


_GRANT = re.compile(r"grant (execute on function|select on)\s+([^;]+?)\s+to rfqflow_worker;")
_NAME = re.compile(r"\bai\.([a-z_]+)")


def worker_rights() -> tuple[list[str], list[str]]:
    """Functions and relations of schema ai that a worker must be allowed, read from the file that grants them."""
    text = sql_root().joinpath("grants.sql").read_text("utf-8")
    granted: dict[str, list[str]] = {"execute on function": [], "select on": []}
    for what, names in _GRANT.findall(text):
        granted[what] += _NAME.findall(names)
    return granted["execute on function"], granted["select on"]
