"""Applies `sql/`: migrations once and in order, all else again whenever it changed, each recorded in the ledger.

`sql/install.sql` does the same through psql; it is made by `script()` and leaves the same ledger rows.
"""

from __future__ import annotations

import asyncio
import contextlib
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

from rfqflow.core.errors import ConfigError, RfqflowError, SchemaMismatch
from rfqflow.core.records import Route
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from importlib.resources.abc import Traversable

_LOCK = "1380340045, 0"  # one migrate at a time, by whatever route
LOCK_TRIES = 20
_LOCK_SECONDS = 30.0
_SWEEP_SECONDS = 20.0
# Looked at on every migrate, since what they keep may have been changed by others; they do nothing when all is there.
_STANDIN, _COLUMNS, _PATH, _ENQUEUE, _GUARD, _GRANTS, _TRIGGERS = _ALWAYS = (
    "attach/20_standin.sql", "attach/30_columns.sql", "attach/40_path.sql", "attach/50_enqueue.sql",
    "attach/60_guard.sql", "grants.sql", "attach/70_triggers.sql",
)  # fmt: skip
_CHECK = "attach/10_check.sql"  # refuses before anything is changed, so it is in no ledger
_SUBMIT = "functions/15_submit.sql"
_ANEW = (
    "Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if "
    "exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go."
)
_MAPPING = "rfqflow.mapping"  # the session's setting in which attach/10_check.sql finds a mapping
_MADE = "rfqflow.made"  # and the one that tells it what the files make
_PLACE = "current_setting('rfqflow.attach')::jsonb ->> 'place'"  # as attach/10_check.sql found it
_REFUSED = ("RF005", "RF009")  # a mapping that does not fit, a database that can not be used
# What a role or a database may be set to, and the files must not be read, nor run, by. A table of another access method
# would have no row locks, a short timeout would end a step half way.
_SETTINGS = (
    ("backslash_quote", "safe_encoding"), ("escape_string_warning", "off"), ("check_function_bodies", "on"),
    ("default_table_access_method", "heap"), ("datestyle", "ISO, MDY"), ("intervalstyle", "postgres"),
    ("timezone", "UTC"), ("bytea_output", "hex"), ("extra_float_digits", "1"), ("transform_null_equals", "off"),
    ("array_nulls", "on"), ("quote_all_identifiers", "off"), ("xmloption", "content"), ("row_security", "on"),
    ("statement_timeout", "0"), ("transaction_timeout", "0"), ("idle_in_transaction_session_timeout", "0"),
    ("client_min_messages", "warning"),
)  # fmt: skip
_NOTE = (
    "insert into ai.rfqflow_migration (name, sha256, breaking) values ({}, {}, {}) "
    "on conflict (name) do update set sha256 = excluded.sha256, applied_at = "
    "case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at "
    "else clock_timestamp() end"
)


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
    checkout = Path(__file__).resolve().parents[2] / "sql"
    if checkout.is_dir():
        return checkout
    raise RfqflowError("the SQL files are missing from this installation: install rfqflow again")


def steps() -> list[Step]:
    """Every file in the order it is applied: the application's table comes last, and is locked for a moment only."""
    root = sql_root()

    def folder(name: str) -> list[str]:
        return sorted(f"{name}/{entry.name}" for entry in (root / name).iterdir() if entry.name.endswith(".sql"))

    _, standin, *attach, triggers = folder("attach")  # the first, _CHECK, makes nothing
    names = [
        *folder("migrations"), standin, *folder("functions"), *folder("views"), *attach, _GRANTS, triggers,
    ]  # fmt: skip
    return [_read(name) for name in names]


def _read(name: str) -> Step:
    raw = sql_root().joinpath(*name.split("/")).read_bytes()
    return Step(name, raw.decode(), hashlib.sha256(raw).hexdigest())


@cache
def released_files() -> list[str]:
    """Names of all files of this release."""
    return [step.name for step in steps()]


def newest_migration() -> str:
    """Name of the last migration of this release, such as 0011_actions."""
    return max(step.name for step in steps() if step.once).removeprefix("migrations/").removesuffix(".sql")


def read_mapping(path: Path) -> dict[str, Any]:
    """A mapping as it is in a TOML file; whether it fits is for the database to say (`attach/10_check.sql`).

    Raises:
        ConfigError: no such file, or no TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the mapping {path} cannot be read: {error}") from None


def _as_json(mapping: dict[str, Any]) -> str:
    return json.dumps(mapping, sort_keys=True, default=str)


def _signature(text: str) -> dict[str, Any]:
    """Name of a function and how many arguments it takes, of `name(a integer, b text default null) returns ...`."""
    name, _, rest = text.partition("(")
    depth, arguments = 0, [""]
    for letter in rest:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += letter
    named = [one for one in arguments if one.strip()]
    return {"name": name, "least": sum(" default " not in one for one in named), "most": len(named)}


@cache
def made_in_schema() -> str:
    """What the files make in schema ai, as JSON: `attach/10_check.sql` refuses where others have one of such a name."""
    text = "\n".join(re.sub(r"--[^\n]*", "", step.text) for step in steps())
    made = r"create (?:table|sequence|(?:or replace )?view)(?: if not exists)? ai\.([a-z_]+)"
    relations = set(re.findall(made, text))
    functions = {
        json.dumps(_signature(found)) for found in re.findall(r"create or replace function ai\.([a-z_]+\([^;$]*)", text)
    }
    return json.dumps({"relations": sorted(relations), "functions": [json.loads(one) for one in sorted(functions)]})


def _pins(*, local: bool) -> str:
    """Makes a transaction, or a session, read and run the files as they are meant, whatever a role is set to."""
    scope, values = "local" if local else "session", ", ".join(f"('{name}', '{value}')" for name, value in _SETTINGS)
    return (
        f"set {scope} search_path = ''; set {scope} standard_conforming_strings = on; "
        f"select pg_catalog.set_config(s.name, p.value, {str(local).lower()}) "
        f"from (values {values}) as p(name, value) join pg_catalog.pg_settings s on pg_catalog.lower(s.name) = p.name"
    )


def script(*, inline: bool, mapping: dict[str, Any] | None = None) -> str:
    """The whole installation for psql: with the files' text in it, or including them, as `sql/install.sql` does."""
    given = "" if mapping is None else _as_json(mapping).replace("'", "''")

    def text_of(name: str) -> str:
        return _read(name).text.rstrip("\n") if inline else rf"\ir {name}"

    def again(step: Step) -> list[str]:
        return ["", text_of(step.name), _noted(step)]

    by_name = {step.name: step for step in steps()}
    lines = [
        "-- Creates or upgrades the whole database side: psql -f sql/install.sql. Safe to repeat, under live traffic.",
        "-- Made from the files beside it; the ledger rows are those of `rfqflow migrate`. A first installation is one",
        "-- transaction: wherever it stops, it leaves nothing.",
        r"\set ON_ERROR_STOP on",
        r"\encoding UTF8",
        "set session characteristics as transaction isolation level read committed, read write;",
        rf"{_pins(local=False)} \g /dev/null",
        "set lock_timeout = '5s';",
        f"set {_MADE} = '{made_in_schema()}';",
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
        text_of(_CHECK),
        f"select place = 'absent' as absent, place = 'attached' as attached, place = 'elsewhere' as elsewhere "
        rf"from (select {_PLACE} as place) as found \gset",
        *_when("absent", ["begin;"]),
    ]
    for step in steps():
        if step.once:
            lines += _once_by_psql(step, text_of(step.name))
    lines += ["", *_unless("absent", ["begin;"]), *again(by_name[_STANDIN])]
    lines += _when("attached", [*again(by_name[_COLUMNS]), *again(by_name[_PATH]), "commit;", "begin;"])
    for step in steps():
        if not step.once and step.name not in _ALWAYS:
            lines += again(step)
    lines += ["", *_when("elsewhere", ["commit;", "begin;"]), *_unless("attached", [
        *again(by_name[_COLUMNS]), *again(by_name[_PATH])
    ])]  # fmt: skip
    lines += [
        *again(by_name[_ENQUEUE]),
        *again(by_name[_GUARD]),
        *again(by_name[_GRANTS]),
        *_when("attached", ["commit;", "begin;"]),
    ]
    lines += [*again(by_name[_TRIGGERS]), "commit;", "", f"select pg_advisory_unlock({_LOCK}) \\g /dev/null", ""]
    return "\n".join(lines)


def _when(variable: str, lines: list[str]) -> list[str]:
    return [rf"\if :{variable}", *lines, r"\endif"]


def _unless(variable: str, lines: list[str]) -> list[str]:
    return [rf"\if :{variable}", r"\else", *lines, r"\endif"]


def _noted(step: Step) -> str:
    return _NOTE.format(f"'{step.name}'", f"'{step.sha256}'", str(step.breaking).lower()) + ";"


def _once_by_psql(step: Step, text: str) -> list[str]:
    known = f"not exists (select from ai.rfqflow_migration where name = '{step.name}')"
    if step.name.startswith("migrations/0001_"):
        known = "to_regclass('ai.rfqflow_migration') is null"
    return [
        "",
        rf"select {known} as todo \gset",
        r"\if :todo",
        *_unless("absent", ["begin;"]),
        text,
        _noted(step),
        *_unless("absent", ["commit;"]),
        r"\else",
        f"do $$ begin if exists (select from ai.rfqflow_migration where name = '{step.name}' "
        f"and sha256 <> '{step.sha256}') then raise exception "
        f"'{step.name} has been applied in another version, by a build from before the first release' "
        f"using hint = '{_ANEW}'; end if; end $$;",
        r"\endif",
    ]


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
                f"{step.name} was applied here in another version, by a build from before the first release. {_ANEW}"
            )
    return [step for step in steps() if ledger.get(step.name, ("", False))[0] != step.sha256]


async def pending(conn: asyncpg.Connection, mapping: dict[str, Any] | None = None) -> list[str]:
    """Names of the files this database has not, or has in an older version; of all that a new `mapping` remakes.

    Raises:
        SchemaMismatch: a migration was applied in another version, or by a later release.
    """
    todo = {step.name for step in _pending(await _ledger(conn))}
    if mapping is not None and await conn.fetchval("select to_regclass('ai.table_mapping') is not null"):
        declared = await conn.fetchval("select declared::text from ai.table_mapping")
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
        todo = set(await pending(conn, mapping))
        await _check(conn, mapping)
        found = json.loads(await conn.fetchval("select current_setting('rfqflow.attach')"))
        if found["place"] != "attached":
            # Whoever dropped the table, and ai.rfqs with it, has dropped the views that read it.
            todo |= {step.name for step in steps() if step.name.startswith("views/")}
        if _COLUMNS in todo:
            todo.add(_SUBMIT)  # it is there for one table only, so it too follows the mapping
        applied = []
        for group in _groups(found["place"]):
            wanted = [step for step in group if step.name in todo]
            await _apply(conn, [step for step in group if step.name in todo or step.name in _ALWAYS])
            for step in wanted:
                applied.append(step.name)
                report(step.name)
        if found["place"] == "elsewhere":
            await _sweep(conn)
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


async def _sweep(conn: asyncpg.Connection) -> None:
    """Enqueues what came in while nobody looked; of a table too large for that, the daemons' sweeps find the rest."""
    by, passes = time.monotonic() + _SWEEP_SECONDS, await conn.fetchval("select pass from ai.sweep_progress")
    while time.monotonic() < by and passes == await conn.fetchval("select pass from ai.sweep_progress"):
        try:
            await conn.execute("select ai.find_unqueued_rfqs()")
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(0.1)


def _groups(place: str) -> list[list[Step]]:
    """What is one transaction, in its order: all of it, at first.

    Later each migration is one: it may have to wait for a lock that others hold, and must not keep its own meanwhile.
    """
    everything = steps()
    if place == "absent":
        return [everything]
    named = {step.name: step for step in everything}
    made = [step for step in everything if not (step.once or step.name in _ALWAYS)]
    once = [[step] for step in everything if step.once]
    standin, columns, path, enqueue, guard, grants, triggers = (named[name] for name in _ALWAYS)
    if place == "attached":
        return [*once, [standin, columns, path], [*made, enqueue, guard, grants], [triggers]]
    return [*once, [standin, *made], [columns, path, enqueue, guard, grants, triggers]]


@contextlib.asynccontextmanager
async def transaction(conn: asyncpg.Connection, lock_timeout: str = "1s") -> AsyncIterator[None]:
    """One that does not depend on what the role or the database is set to."""
    # The first statement, since others would begin with the isolation level that the role is set to.
    await conn.execute("begin isolation level read committed read write")
    try:
        await conn.execute(_pins(local=True))
        await conn.execute(f"set local lock_timeout = '{lock_timeout}'")
        yield
    except BaseException:
        with contextlib.suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):  # it is gone with the session
            await conn.execute("rollback")
        raise
    await conn.execute("commit")


async def _check(conn: asyncpg.Connection, mapping: dict[str, Any] | None = None) -> None:
    check = _read(_CHECK)
    try:
        async with transaction(conn):
            given = "" if mapping is None else _as_json(mapping)
            await conn.execute(
                "select set_config($1, $2, false), set_config($3, $4, false)", _MAPPING, given, _MADE, made_in_schema()
            )
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
    try:
        await conn.execute("begin isolation level read committed read only")
        await conn.execute(_pins(local=True))
        await conn.execute(check.text)
    except asyncpg.InsufficientPrivilegeError:
        raise
    except asyncpg.PostgresError as error:
        raise _failed(check, error) from None
    finally:
        if not conn.is_closed():
            await conn.execute("rollback")


async def _apply(conn: asyncpg.Connection, group: list[Step]) -> None:
    for tries in range(1, LOCK_TRIES + 1):
        step = None
        try:
            # A step that waits makes others wait behind it; it gives up soon and asks again.
            async with transaction(conn):
                for step in group:
                    await conn.execute(step.text, timeout=600)
                    await conn.execute(_NOTE.format("$1", "$2", "$3"), step.name, step.sha256, step.breaking)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
            # An error of ours has a hint, and has tried long enough by itself.
            if tries == LOCK_TRIES or (error.sqlstate == "55P03" and getattr(error, "hint", None)):
                raise _failed(step or group[0], error) from None
            await asyncio.sleep(0.1 * tries)
        except asyncpg.PostgresError as error:
            raise _failed(step or group[0], error) from None
        else:
            return


def _failed(step: Step, error: asyncpg.PostgresError) -> RfqflowError:
    hint = f" {error.hint}" if getattr(error, "hint", None) else ""
    if error.sqlstate in _REFUSED:
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
