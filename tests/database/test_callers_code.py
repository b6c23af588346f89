"""A caller's temporary objects and deferred triggers do not hinder our functions.

None of the caller's code runs with the owner's rights.
"""

from __future__ import annotations

import contextlib
import json
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from rfqflow.database import migrate, migration_plan
from tests.support.finishing import claim, end, finish, insert

SUBMIT = "public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval)"
AUDIT = """
    create table public.audit_log (what text, at timestamptz default now());
    create function public.audit_rfq() returns trigger language plpgsql as
    $$ begin insert into audit_log (what) values (tg_op); return null; end $$;"""
NOW = "create trigger audit after insert or update on public.rfq_requests for each row execute function public.audit_rfq()"
LATER = (
    "create constraint trigger audit after insert or update on public.rfq_requests "
    "deferrable initially deferred for each row execute function public.audit_rfq()"
)
SPRING = """
    create {temporary} table {place}.loot (who text);
    create function {place}.spring() returns timestamptz language plpgsql as
    $$ begin if current_user <> session_user then insert into {place}.loot values (current_user); end if; return now(); end $$;
    create {temporary} table {place}.audit_log (what text, at timestamptz default {place}.spring());
    grant all on {place}.loot, {place}.audit_log to public;"""


@pytest.fixture
async def attacker(make_role, database, db, open_plain) -> asyncpg.Connection:
    """A session of a role that may submit, and may do what a daemon may."""
    role = await make_role("login password 'pw'")
    await db.execute(
        f"grant execute on function {SUBMIT} to {role}; grant rfqflow_worker to {role}; create schema {role} authorization {role}"
    )
    parts = urlsplit(database)
    yield await open_plain(urlunsplit(parts._replace(netloc=f"{role}:pw@{parts.hostname}:{parts.port}")))
    await db.execute(f"drop owned by {role} cascade")


async def lay(attacker: asyncpg.Connection, place: str) -> None:
    await attacker.execute(SPRING.format(place=place, temporary="temporary" if place == "pg_temp" else ""))


async def loot(attacker: asyncpg.Connection, place: str) -> list[str]:
    return [row[0] for row in await attacker.fetch(f"select who from {place}.loot")]


def calls(row: asyncpg.Record) -> dict[str, str]:
    done = json.dumps([end(row)]).replace("'", "''")
    return {
        "submitting": "select public.submit_rfq('We need 6 pumps')",
        "finishing": f"select * from ai.finish_outbox('{done}')",
        "erasing": "select ai.erase_person('ada@example.com')",
    }


async def prepare(db: asyncpg.Connection, trigger: str) -> asyncpg.Record:
    await db.execute(AUDIT + trigger)
    await migrate.migrate(db)
    await insert(db)
    await db.execute("insert into public.rfq_requests (message, email) values ('We need 7 pumps', 'ada@example.com')")
    (row, *_) = await claim(db)
    return row


@pytest.mark.parametrize("call", ["submitting", "finishing", "erasing"])
@pytest.mark.parametrize("pinned", [None, "public"])
async def test_a_temporary_table_in_the_way_of_the_applications_trigger_runs_no_code(db, attacker, call, pinned):
    row = await prepare(db, NOW)
    if pinned:  # and pg_temp first, since the path does not name it
        await db.execute(f"alter function public.audit_rfq() set search_path = {pinned}")
    else:
        await db.execute("grant create on schema public to public")  # so that no path of ours has it
    await db.execute(f"grant execute on function ai.erase_person to {await attacker.fetchval('select user')}")
    await lay(attacker, "pg_temp")

    with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
        await attacker.execute(calls(row)[call])

    assert await loot(attacker, "pg_temp") == []


async def test_temporary_objects_hinder_no_session_if_the_trigger_sets_its_path(db, attacker):
    await prepare(db, NOW)
    await db.execute("alter function public.audit_rfq() set search_path = public, pg_temp")
    await lay(attacker, "pg_temp")

    await attacker.execute("select public.submit_rfq('We need 6 pumps')")

    assert await loot(attacker, "pg_temp") == []
    assert await db.fetchval("select count(*) from public.audit_log") == 3


@pytest.mark.parametrize("call", ["submitting", "finishing", "erasing"])
async def test_a_deferred_trigger_of_the_application_does_not_run_at_commit_with_our_rights(db, attacker, call):
    row = await prepare(db, LATER)
    role = await attacker.fetchval("select user")
    await db.execute(f"grant execute on function ai.erase_person to {role}; truncate public.audit_log")
    await lay(attacker, role)
    await attacker.execute(f"grant usage on schema {role} to public; set search_path = {role}, public")

    await attacker.execute(calls(row)[call])

    assert await loot(attacker, role) == []
    assert await db.fetchval("select count(*) from public.audit_log") > 0


@pytest.mark.parametrize("call", ["submitting", "finishing", "erasing"])
@pytest.mark.parametrize("place", ["pg_temp", "public"])
async def test_a_deferred_trigger_of_the_caller_does_not_run_with_our_rights(db, attacker, call, place):
    row = await prepare(db, LATER)
    role = await attacker.fetchval("select user")
    await db.execute(f"grant execute on function ai.erase_person to {role}; grant create on schema public to {role}")
    await attacker.execute(
        f"""create table {place}.loot (who text); create table {place}.bait (n integer); grant all on {place}.loot to public;
        create function {place}.spring() returns trigger language plpgsql as
        $$ begin if current_user <> session_user then insert into {place}.loot values (current_user); end if; return null; end $$;
        create constraint trigger audit after insert on {place}.bait deferrable initially deferred
          for each row execute function {place}.spring()"""
    )

    try:
        await attacker.execute(f"begin; insert into {place}.bait values (1); {calls(row)[call]}; commit")
    except asyncpg.PostgresError:  # no path has public any more, in which other roles may create
        await attacker.execute("rollback")

    assert await loot(attacker, place) == []


async def test_the_owner_may_finish_inside_a_larger_transaction(db):
    row = await prepare(db, LATER)
    async with db.transaction():
        await db.execute("insert into public.audit_log (what) values ('before')")
        assert await finish(db, end(row)) == {}


async def test_a_role_that_inserts_cannot_redirect_the_owners_names_to_other_tables(db, make_role):
    inserter, owner = await make_role(), await db.fetchval("select current_user")
    await db.execute(
        f"""create schema {owner}; create schema archive;
        create table {owner}.audit_log (what text); create table archive.audit_log (what text);
        grant insert on public.rfq_requests to {inserter}; alter role {inserter} set search_path = archive, public"""
    )

    await migrate.migrate(db)

    assert await db.fetchval("select ai.application_path()") == f"pg_catalog, {owner}, public, archive, pg_temp"
    await db.execute(f"drop owned by {inserter}; alter role {inserter} reset all")


async def test_a_migration_runs_no_function_or_operator_that_others_put_into_the_applications_schemas(db, make_role):
    role = await make_role()
    await db.execute(
        f"""create table public.loot (who text); grant insert on public.loot to public; grant create on schema public to {role};
        set role {role};
        create function public.quote_ident(name) returns text language plpgsql as
        $$ begin insert into public.loot values (current_user); return pg_catalog.quote_ident($1::pg_catalog.text); end $$;
        create function public.joined(name[], name[]) returns name[] language plpgsql as
        $$ begin insert into public.loot values (current_user); return pg_catalog.array_cat($1, $2); end $$;
        create operator public.|| (leftarg = name[], rightarg = name[], function = public.joined);
        reset role"""
    )

    await migrate.migrate(db)
    planned = await migration_plan.plan(db)

    assert planned["table"]["name"] == "public.rfq_requests"
    assert await db.fetchval("select count(*) from public.loot") == 0
    await db.execute(f"drop owned by {role} cascade")
