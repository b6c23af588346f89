"""`migrate --plan` lists what `migrate` then does to the application's table, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from rfqflow.cli.migration_texts import done, done_lines, plan_lines
from rfqflow.core.errors import RfqflowError
from rfqflow.database import migrate
from rfqflow.database.migration_plan import plan
from tests.support.mapped_tables import SHAPES, rfqflow, toml

OURS = "create table public.rfq_requests (id uuid primary key default gen_random_uuid(), message text not null, email text)"
PARTED = (
    "create table public.rfq_requests (id uuid not null default gen_random_uuid(), message text not null, at date not null "
    "default now(), primary key (id, at)) partition by range (at); create table public.first partition of public.rfq_requests "
    "default"
)
LOOSE = "create table public.rfq_requests (id uuid default gen_random_uuid(), message text, created_at timestamptz, note integer not null)"
# Everything in the catalogs that a statement could have changed, with roles and rights.
CATALOG = """
select md5(string_agg(t.line, chr(10) order by t.line)) from (
  select 'class ' || (c.oid, c.relname, c.relnamespace, c.relowner, c.relnatts, c.relhastriggers, c.relacl, c.reloptions)::text from pg_class c
    where c.relpersistence <> 't'
  union all select 'attribute ' || (a.attrelid, a.attname, a.atttypid, a.atthasdef, a.attacl)::text from pg_attribute a
  union all select 'trigger ' || (t.tgrelid, t.tgname, t.tgenabled)::text from pg_trigger t
  union all select 'function ' || (p.oid, p.proname, p.prosrc, p.proacl)::text from pg_proc p
  union all select 'schema ' || (n.nspname, n.nspowner, n.nspacl)::text from pg_namespace n where n.nspname !~ '^pg_(toast_)?temp_'
  union all select 'comment ' || (d.objoid, d.objsubid, d.description)::text from pg_description d
  union all select 'role ' || r.rolname from pg_roles r where r.rolname like 'rfqflow\\_%er'
) t(line)"""
TRIGGERS = "select tgname::text from pg_trigger where not tgisinternal and tgrelid = to_regclass($1)"
COLUMNS = (
    "select attname::text as name, format_type(atttypid, atttypmod) as type from pg_attribute "
    "where attrelid = to_regclass($1) and attnum > 0 and not attisdropped"
)
INDEXES = "select pg_get_indexdef(indexrelid) from pg_index where indrelid = to_regclass($1)"

CASES: dict[str, tuple[str, dict[str, Any] | None]] = {
    "nothing there": ("", None), "a table of that name": (OURS, None), "a table in parts": (PARTED, None),
    "no key, a column that must be given": (LOOSE, None),
    **{name: (shape.ddl, shape.mapping) for name, shape in SHAPES.items()},
}  # fmt: skip


async def shown(conn: asyncpg.Connection, table: str) -> dict[str, set[str]]:
    return {
        "triggers": {row[0] for row in await conn.fetch(TRIGGERS, table)},
        "columns": {row["name"] for row in await conn.fetch(COLUMNS, table)},
        "indexes": {row[0] for row in await conn.fetch(INDEXES, table)},
    }


@pytest.mark.parametrize("name", CASES)
async def test_exactly_what_the_plan_lists_happens(plain, name):
    ddl, mapping = CASES[name]
    if ddl:
        await plain.execute(ddl)
    catalog = await plain.fetchval(CATALOG)

    planned = await plan(plain, mapping)

    assert await plain.fetchval(CATALOG) == catalog
    assert (planned["refused"], planned["missing_rights"]) == (None, [])
    table = planned["table"]["name"]
    before = await shown(plain, table)
    applied = await migrate.migrate(plain, mapping=mapping)
    after = await shown(plain, table)
    assert applied == planned["files"]
    assert after["triggers"] - before["triggers"] == {trigger["name"] for trigger in planned["triggers"]}
    if ddl:
        assert after["columns"] - before["columns"] == {column["name"] for column in planned["columns"]}
        assert len(after["indexes"] - before["indexes"]) == (planned["index"] is not None)
        added = {row["name"]: row["type"] for row in await plain.fetch(COLUMNS, table)}
        short = {"timestamp with time zone": "timestamptz"}
        assert {c["name"]: c["type"] for c in planned["columns"]} == {
            c["name"]: short.get(added[c["name"]], added[c["name"]]) for c in planned["columns"]
        }
    assert planned["table"]["is_created"] == (not ddl)
    assert before["columns"] <= after["columns"]
    assert [lock["mode"] for lock in planned["locks"]] == (
        ([] if not ddl else ["ACCESS EXCLUSIVE"] if planned["columns"] else ["SHARE"] if planned["index"] else [])
        + (["SHARE ROW EXCLUSIVE"] if ddl else [])
    )
    again = await plan(plain, mapping)
    assert (again["files"], again["columns"], again["triggers"], again["index"], again["locks"]) == (
        [],
        [],
        [],
        None,
        [],
    )
    assert "no changes" in "\n".join(plan_lines(again))
    await plain.execute(planned["try"])  # the INSERT that the plan suggests works
    assert await plain.fetchval("select count(*) from ai.outbox") == 1


async def test_no_insert_is_suggested_where_only_the_application_knows_what_a_row_needs(plain):
    await plain.execute("create table public.customer (no integer primary key)")
    await plain.execute(OURS)
    await plain.execute("alter table public.rfq_requests add customer integer not null references public.customer")

    planned = await plan(plain)

    assert planned["try"] is None
    assert any("as your application does" in line for line in done_lines(done(planned, ["a"], 1.0)))


async def test_older_rows_are_counted_and_reported_as_unchanged(plain):
    await plain.execute(OURS)
    await plain.execute("insert into public.rfq_requests (message) select 'old' from generate_series(1, 1234)")

    planned = await plan(plain)
    applied = await migrate.migrate(plain)

    assert (planned["table"]["rows"], planned["table"]["rows_are_exact"]) == (1234, True)
    assert any("existing 1,234 rows" in line for line in plan_lines(planned))
    result = done(planned, applied, await migrate.locked_ms(plain))
    assert (result["older_rows"], result["columns_added"][-1], len(result["triggers_added"])) == (
        1234,
        "ai_updated_at",
        4,
    )
    assert 0 < result["locked_ms"] < 60_000
    assert "rfqflow backfill" in [step["do"] for step in result["next"]]
    assert await plain.fetchval("select count(*) from public.rfq_requests where ai_status is null") == 1234


async def test_the_plan_of_an_upgrade_lists_the_changes_only(plain):
    await migrate.migrate(plain)
    await plain.execute("update ai.rfqflow_migration set sha256 = repeat('0', 64) where name = 'views/status.sql'")
    await plain.execute("drop trigger rfqflow_guard_update on public.rfq_requests")

    planned = await plan(plain)

    assert (planned["files"], planned["columns"], planned["place"]) == (["views/status.sql"], [], "attached")
    assert [trigger["name"] for trigger in planned["triggers"]] == ["rfqflow_guard_update"]
    assert [lock["mode"] for lock in planned["locks"]] == ["SHARE ROW EXCLUSIVE"]
    text = "\n".join(plan_lines(planned))
    assert "1 file applied: views/status.sql" in text
    assert "backfill" not in text
    result = done(planned, await migrate.migrate(plain), await migrate.locked_ms(plain))
    assert (result["older_rows"], [step["do"] for step in result["next"]]) == (None, ["replace the daemons one by one"])


async def test_a_table_that_is_attached_anew_is_planned_anew(plain):
    await migrate.migrate(plain)
    await plain.execute("alter table public.rfq_requests rename to before")
    await plain.execute(OURS)

    planned = await plan(plain)
    await migrate.migrate(plain)

    assert planned["place"] == "elsewhere"
    assert {column["name"] for column in planned["columns"]} >= {"ai_status", "ai_updated_at"}
    assert {trigger["name"] for trigger in planned["triggers"]} == {
        row[0] for row in await plain.fetch(TRIGGERS, "public.rfq_requests")
    }


async def test_sessions_that_hold_the_table_are_named_beforehand(plain, empty_database, open_plain):
    await plain.execute(OURS)
    other = await open_plain(empty_database)
    await other.execute("begin; select 1 from public.rfq_requests")
    await plain.fetchval("select pg_sleep(1.1)")

    planned = await plan(plain)

    assert [holder["pid"] for holder in planned["waits_for"]] == [other.get_server_pid()]
    assert any(f"pid {other.get_server_pid()}" in line for line in plan_lines(planned))


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ddl", "mapping", "why"),
    [
        ("create table public.rfq_requests (message text)", None, "no column id of type uuid"),
        (OURS, {"table": "sales.nowhere"}, "table sales.nowhere not found"),
        (OURS + "; alter table public.rfq_requests add ai_status integer", None, "is of type integer"),
        ("create schema ai; create table ai.outbox (a integer)", None, "under names that rfqflow needs"),
    ],
)
async def test_the_plan_is_refused_like_the_migration_in_the_same_words(
    plain, empty_database, tmp_path, ddl, mapping, why
):
    await plain.execute(ddl)
    catalog = await plain.fetchval(CATALOG)

    planned = await plan(plain, mapping)

    assert why in planned["refused"]["why"]
    with pytest.raises(RfqflowError, match=why) as refused:
        await migrate.migrate(plain, mapping=mapping)
    assert planned["refused"]["remedy"] in str(refused.value)
    assert await plain.fetchval(CATALOG) == catalog
    words = ["--map", str(tmp_path / "mapping.toml")] if mapping else []
    if mapping:
        (tmp_path / "mapping.toml").write_text(toml(mapping))
    reported = rfqflow("migrate", "--plan", *words, dsn=empty_database)
    assert (reported.returncode, reported.stderr) == (planned["refused"]["exit_code"], "")
    assert why.split()[-1] in reported.stdout
    assert rfqflow("migrate", *words, dsn=empty_database).returncode == reported.returncode


@pytest.mark.parametrize(
    ("setting", "granted"),
    [
        ("nothing", "create on database"),
        ("create on the database", "create on schema public"),
        ("another's installation", "grant {owner} to"),
        ("another's table", "grant {owner} to"),
        ("another's schema", "usage, create on schema ai"),
    ],
)
async def test_a_missing_right_is_named_with_its_grant_and_the_grant_is_enough(
    make_role, plain, empty_database, open_plain, setting, granted
):
    role, owner = await make_role("login"), await make_role()
    database = await plain.fetchval("select quote_ident(current_database())")
    await plain.execute("revoke create on schema public from public")
    if setting != "nothing":
        await plain.execute(f"grant create on database {database} to {role}")
    if setting in ("another's table", "another's installation"):
        await plain.execute(
            f"grant create on database {database} to {owner}; grant create on schema public to {owner}, {role}"
        )
        await plain.execute(f"set role {owner}; {OURS}")
        if setting == "another's installation":
            await migrate.migrate(plain)
        await plain.execute("reset role")
    if setting == "another's schema":
        await plain.execute("create schema ai")
    await plain.execute(f"set session authorization {role}")
    catalog = await plain.fetchval(CATALOG)

    planned = await plan(plain)

    assert granted.format(owner=owner) in planned["refused"]["remedy"]
    with pytest.raises(RfqflowError) as refused:
        await migrate.migrate(plain)
    assert planned["refused"]["remedy"].removeprefix("Run the migration as the table's owner, or: ") in str(
        refused.value
    )
    assert str(refused.value).count("\n") == 0
    assert await plain.fetchval(CATALOG) == catalog
    for _ in range(3):  # one grant after the other, as each message names it
        if (refusal := (await plan(plain))["refused"]) is None:
            break
        statement = "grant " + refusal["remedy"].partition("grant ")[2]
        await plain.execute("reset session authorization")
        await plain.execute(statement)
        await plain.execute(f"set session authorization {role}")
    await migrate.migrate(plain)
    assert (await plan(plain))["files"] == []
    await plain.execute("reset session authorization")
    await plain.execute(f"drop owned by {role}, {owner} cascade")


async def test_a_role_that_may_not_read_gets_the_missing_grant(make_role, db, database, open_plain):
    role = await make_role("login")
    conn = await open_plain(database)
    await conn.execute(f"set session authorization {role}")

    with pytest.raises(RfqflowError, match=f"grant rfqflow_reader to {role}"):
        await migrate.pending(conn)

    await db.execute(f"grant rfqflow_reader to {role}")
    assert await migrate.pending(conn) == []
    await db.execute(f"drop owned by {role}")


# -- the command -------------------------------------------------------------------------------------------------------


async def test_the_command_prints_before_and_after_and_json(plain, empty_database):
    await plain.execute(OURS)
    await plain.execute("insert into public.rfq_requests (message) values ('old')")

    reported = rfqflow("migrate", "--plan", dsn=empty_database)
    as_json = json.loads(rfqflow("migrate", "--plan", "--json", dsn=empty_database).stdout)

    assert reported.returncode == 0
    assert max(map(len, reported.stdout.splitlines())) <= 80
    for word in (
        "public.rfq_requests, 1 row (",
        "ai_extracted jsonb",
        "rfqflow_enqueue",
        "ACCESS EXCLUSIVE",
        "rfqflow backfill",
    ):
        assert word in " ".join(reported.stdout.split()), word
    assert (as_json["columns"][-1]["name"], as_json["table"]["rows"]) == ("ai_updated_at", 1)
    assert await plain.fetchval("select to_regnamespace('ai')") is None

    result = rfqflow("migrate", dsn=empty_database)

    assert result.returncode == 0
    assert max(map(len, result.stdout.splitlines())) <= 100
    for word in (
        "applied",
        "21 columns and 4 triggers added",
        "1 row that existed before",
        "rfqflow run",
        "insert into",
        "rfqflow backfill",
        "grant insert",
    ):
        assert word in result.stdout, word
    assert rfqflow("migrate", dsn=empty_database).stdout.strip() == "up to date"
    assert json.loads(rfqflow("migrate", "--json", dsn=empty_database).stdout)["applied"] == []
    assert rfqflow("migrate", "--plan", "--check", dsn=empty_database).returncode == 2
