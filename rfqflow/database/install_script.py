"""The whole installation as one script for psql, and the SQL that the script shares with `rfqflow migrate`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rfqflow.database.lock_keys import MIGRATE
from rfqflow.database.sql_files import (
    ALWAYS,
    ATTACHMENTS,
    CHECKS,
    COLUMNS,
    ENQUEUE,
    FILE_TRIGGERS,
    GRANTS,
    GUARD,
    PATH,
    READ,
    REFERENCE,
    STANDIN,
    TRIGGERS,
    Step,
    made_in_schema,
    migrations,
    read,
    steps,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCK = f"{MIGRATE}, 0"  # lets one migrate run at a time, by the command or by psql
ANEW = (
    "Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if "
    "exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go."
)
MAPPING = "rfqflow.mapping"  # the session setting from which attach/10_check.sql reads the mapping
MADE = "rfqflow.made"  # the session setting from which attach/10_check.sql reads which objects the files create
_FOUND = "current_setting('rfqflow.attach')::jsonb"  # the table as attach/10_check.sql found it
SWEEP_SECONDS = 20
_BASELINE = "schema/"  # ledgers of builds from before the first release list no file of this folder
# Settings that a role or a database may have, and that would break the files. A table with another access method has no
# row locks, and a short timeout would end a step halfway.
_SETTINGS = (
    ("backslash_quote", "safe_encoding"), ("escape_string_warning", "off"), ("check_function_bodies", "on"),
    ("default_table_access_method", "heap"), ("datestyle", "ISO, MDY"), ("intervalstyle", "postgres"),
    ("timezone", "UTC"), ("bytea_output", "hex"), ("extra_float_digits", "1"), ("transform_null_equals", "off"),
    ("array_nulls", "on"), ("quote_all_identifiers", "off"), ("xmloption", "content"), ("row_security", "on"),
    ("statement_timeout", "0"), ("transaction_timeout", "0"), ("idle_in_transaction_session_timeout", "0"),
    ("client_min_messages", "warning"),
)  # fmt: skip
NOTE = (
    "insert into ai.rfqflow_migration (name, sha256, breaking) values ({}, {}, {}) "
    "on conflict (name) do update set sha256 = excluded.sha256, applied_at = "
    "case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at "
    "else clock_timestamp() end"
)


_SWEEP = f"""do $$
declare
  v_by constant timestamptz := clock_timestamp() + interval '{SWEEP_SECONDS} s';
  v_pass constant bigint := (select s.pass from ai.sweep_progress s);
begin
  while clock_timestamp() < v_by and v_pass = (select s.pass from ai.sweep_progress s) loop
    begin
      perform ai.find_unqueued_rfqs();
    exception when lock_not_available then
      perform pg_sleep(0.1);
    end;
    commit;
  end loop;
end $$;"""


def is_from_before(ledger: Iterable[str]) -> bool:
    """Whether a build from before the first release has written this ledger."""
    names = list(ledger)
    return bool(names) and not any(name.startswith(_BASELINE) for name in names)


def as_json(mapping: dict[str, Any]) -> str:
    return json.dumps(mapping, sort_keys=True, default=str)


def pins(*, local: bool) -> str:
    """A statement that overrides settings of the role and the database, for a transaction or a session."""
    scope, values = "local" if local else "session", ", ".join(f"('{name}', '{value}')" for name, value in _SETTINGS)
    return (
        f"set {scope} search_path = ''; set {scope} standard_conforming_strings = on; "
        f"select pg_catalog.set_config(s.name, p.value, {str(local).lower()}) "
        f"from (values {values}) as p(name, value) join pg_catalog.pg_settings s on pg_catalog.lower(s.name) = p.name"
    )


def script(*, inline: bool, mapping: dict[str, Any] | None = None) -> str:
    """The whole installation for psql: with the text of the files, or with includes as in `sql/install.sql`."""
    given = "" if mapping is None else as_json(mapping).replace("'", "''")

    def text_of(name: str) -> str:
        return read(name).text.rstrip("\n") if inline or not name.endswith(".sql") else rf"\ir {name}"

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
        rf"{pins(local=False)} \g /dev/null",
        "set lock_timeout = '5s';",
        f"set {MADE} = '{made_in_schema()}';",
        *([f"set {MAPPING} = '{given}';"] if given else []),
        f"select pg_advisory_lock({LOCK}) \\g /dev/null",
        "",
        r"select to_regclass('ai.rfqflow_migration') is not null as installed \gset",
        r"\if :installed",
        "do $$ begin if exists (select from ai.rfqflow_migration) and not exists (select from ai.rfqflow_migration "
        f"where name like '{_BASELINE}%') then raise exception "
        f"'the database was made by a build from before the first release' using hint = '{ANEW}'; end if; end $$;",
        "do $$ begin if exists (select from ai.rfqflow_migration where name like 'migrations/%' "
        f"and name <> all ('{{{','.join(migrations())}}}')) then raise exception "
        "'the database has been upgraded by a later release: use that one'; end if; end $$;",
        r"\endif",
        "",
        *map(text_of, CHECKS),
        f"select place = 'absent' as absent, place = 'attached' as attached, place = 'elsewhere' as elsewhere, "
        f"({_FOUND} ->> 'is_unswept')::boolean as is_unswept "
        rf"from (select {_FOUND} ->> 'place' as place) as found \gset",
        *_when("absent", ["begin;"]),
    ]
    for step in steps():
        if step.once:
            lines += _once_by_psql(step, text_of(step.name))
    lines += ["", *_unless("absent", ["begin;"]), *again(by_name[STANDIN])]
    table = [line for name in (COLUMNS, READ, PATH) for line in again(by_name[name])]
    lines += _when("attached", [*table, "commit;", "begin;"])
    for step in steps():
        if not step.once and step.name not in ALWAYS:
            lines += again(step)
    lines += ["", *_when("elsewhere", ["commit;", "begin;"]), *_unless("attached", table)]
    lines += [line for name in (REFERENCE, ENQUEUE, ATTACHMENTS, GUARD, GRANTS) for line in again(by_name[name])]
    apart = _when("attached", ["commit;", "begin;"])
    lines += [*apart, *again(by_name[TRIGGERS]), *apart, *again(by_name[FILE_TRIGGERS])]
    lines += ["commit;", "", *_when("is_unswept", [_SWEEP])]
    lines += [f"select pg_advisory_unlock({LOCK}) \\g /dev/null", ""]
    return "\n".join(lines)


def _when(variable: str, lines: list[str]) -> list[str]:
    return [rf"\if :{variable}", *lines, r"\endif"]


def _unless(variable: str, lines: list[str]) -> list[str]:
    return [rf"\if :{variable}", r"\else", *lines, r"\endif"]


def _noted(step: Step) -> str:
    return NOTE.format(f"'{step.name}'", f"'{step.sha256}'", str(step.breaking).lower()) + ";"


def _once_by_psql(step: Step, text: str) -> list[str]:
    known = f"not exists (select from ai.rfqflow_migration where name = '{step.name}')"
    if step.name == steps()[0].name:
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
        f"using hint = '{ANEW}'; end if; end $$;",
        r"\endif",
    ]
