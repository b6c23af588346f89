"""The application's triggers work for rfqflow's writes as they do for the application's.

No role gets the rights of the owner by that.
"""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from rfqflow.database import migrate
from rfqflow.store.diagnostics import DiagnosticTarget, examine
from tests.support.finishing import claim, end, finish, insert
from tests.support.mapped_tables import SHAPES, rfqflow

AUDIT = (
    "create table public.audit_log (id bigint generated always as identity, what text, at timestamptz default now());"
)
TRIGGERS = {
    "by hand, a row of audit": AUDIT
    + """
        create function public.audit_rfq() returns trigger language plpgsql as
        $$ begin insert into audit_log (what) values (tg_op); return new; end $$;
        create trigger audit after update on public.rfq_requests for each row execute function public.audit_rfq();""",
    "by hand, before, through a helper and a type of its own": AUDIT
    + """
        create type public.deed as enum ('INSERT', 'UPDATE');
        create function public.note(d deed) returns void language sql as $$ insert into audit_log (what) values (d::text) $$;
        create function public.audit_rfq() returns trigger language plpgsql as
        $$ declare d deed := tg_op; begin perform note(d); return new; end $$;
        create trigger audit before update on public.rfq_requests for each row execute function public.audit_rfq();""",
    "before and after each statement": AUDIT
    + """
        create function public.audit_rfq() returns trigger language plpgsql as
        $$ begin insert into audit_log (what) select tg_op; return null; end $$;
        create trigger audit1 before update on public.rfq_requests for each statement execute function public.audit_rfq();
        create trigger audit2 after update on public.rfq_requests for each statement execute function public.audit_rfq();""",
    "as django-pgtrigger and django-pghistory make them": AUDIT
    + """
        create or replace function pgtrigger_update_insert_5f3c0() returns trigger as $$
        begin
          if (old.* is distinct from new.*) then
            insert into "audit_log" ("what") values (TG_OP);
          end if;
          return null;
        end;
        $$ language plpgsql;
        create trigger pgtrigger_update_insert_5f3c0 after update on "rfq_requests"
          for each row when (old.* is distinct from new.*) execute procedure pgtrigger_update_insert_5f3c0();""",
    "deferred to the commit": AUDIT
    + """
        create function public.audit_rfq() returns trigger language plpgsql as
        $$ begin insert into audit_log (what) values (tg_op); return null; end $$;
        create constraint trigger audit after update on public.rfq_requests deferrable initially deferred
          for each row execute function public.audit_rfq();""",
    "a check that calls a function": AUDIT
    + """
        create function public.short(t text) returns boolean language sql as $$ select true $$;
        create function public.is_fine(t text) returns boolean language plpgsql as
        $$ begin insert into audit_log (what) values ('UPDATE'); return short(t); end $$;
        alter table public.rfq_requests add check (public.is_fine(ai_summary));""",
}


@pytest.mark.fault("R9")
@pytest.mark.parametrize("kind", TRIGGERS)
async def test_a_trigger_with_unqualified_names_works_when_an_answer_is_written(db, kind):
    await db.execute(TRIGGERS[kind])
    await insert(db)
    await db.execute("delete from audit_log")
    (row,) = await claim(db)

    assert await finish(db, end(row)) == {}

    assert await db.fetchval("select ai_status from public.rfq_requests") == "done"
    assert await db.fetchval("select count(*) from audit_log where what = 'UPDATE'") >= 1
    assert await db.fetchval("show search_path") == '"$user", public'


async def test_such_a_trigger_works_on_submission_and_on_erasure(db):
    await db.execute(TRIGGERS["by hand, a row of audit"])
    await db.execute(
        "create trigger more before insert on public.rfq_requests for each row execute function audit_rfq()"
    )

    await db.execute("select public.submit_rfq('We need 5 pumps', 'ada@example.com')")
    await db.execute("select ai.erase_person('ada@example.com')")

    assert [row[0] for row in await db.fetch("select what from audit_log order by id")] == [
        "INSERT",
        "UPDATE",
        "UPDATE",
    ]


@pytest.mark.parametrize("shape", ["a bigint key", "another schema"])
async def test_such_a_trigger_works_on_a_mapped_table(empty_database, open_plain, make_role, shape):
    db = await open_plain(empty_database)
    it = SHAPES[shape]
    owner = await make_role()
    await db.execute(it.ddl)
    await db.execute(
        f"""
        create schema if not exists extra; create table extra.audit_log (what text);
        create function extra.audit_rfq() returns trigger language plpgsql as
        $$ begin insert into audit_log (what) values (tg_op); return new; end $$;
        create trigger audit after update on {it.table} for each row execute function extra.audit_rfq();
        grant insert on {it.table} to {owner};
        alter role {owner} set search_path = sales, extra"""
    )
    await migrate.migrate(db, mapping=it.mapping)
    await db.execute(it.insert(), "We need 5 pumps")
    (row,) = await claim(db)

    assert await finish(db, end(row)) == {}

    assert await db.fetchval("select count(*) from extra.audit_log") == 1
    await db.execute(f"drop owned by {owner}")


async def test_an_answer_that_the_applications_audit_refuses_fails_that_rfq_alone_and_is_kept(db):
    await db.execute(TRIGGERS["by hand, a row of audit"])
    await insert(db)
    (row,) = await claim(db)
    await db.execute("drop table public.audit_log")

    (outcome,) = (await finish(db, end(row))).values()

    assert outcome == "refused:42P01"


# -- schemas in which other roles may create objects
# --------------------------------------------------------------------


async def test_a_schema_that_others_may_write_is_not_searched_and_its_trigger_is_found(db, make_role):
    role = await make_role()
    await db.execute(TRIGGERS["by hand, before, through a helper and a type of its own"])
    assert await db.fetch("select * from ai.unsafe_triggers()") == []

    await db.execute(f"grant create on schema public to {role}")
    assert await db.fetchval("select ai.application_path()") == "pg_catalog, pg_temp"
    await insert(db)
    (row,) = await claim(db)
    assert await finish(db, end(row)) != {}

    for reported in await db.fetch("select * from ai.unsafe_triggers()"):
        assert (reported["trigger_name"], reported["unknown_name"].split(".")[0]) == ("audit", "public")
        await db.execute(reported["remedy"])
    assert await db.fetch("select * from ai.unsafe_triggers()") == []
    assert await finish(db, end(row)) == {}
    await db.execute(f"revoke create on schema public from {role}")


@pytest.mark.parametrize(
    "harmless",
    [
        "$$ begin new.ai_updated_at = now(); return new; end $$",
        "$$ begin insert into public.audit_log (what) values (tg_op); return new; end $$",
        "$$ begin insert into public . audit_log (what) values ('not audit_log'); -- audit_log\n return new; end $$",
        "$$ begin insert into audit_log (what) values (tg_op); return new; end $$ set search_path = public",
    ],
)
async def test_a_harmless_trigger_is_not_reported(db, harmless):
    await db.execute(AUDIT)
    await db.execute("grant create on schema public to public")
    await db.execute(f"create function public.audit_rfq() returns trigger language plpgsql as {harmless}")
    await db.execute(
        "create trigger audit before update on public.rfq_requests for each row execute function audit_rfq()"
    )
    await db.execute(
        "alter table public.rfq_requests add tsv tsvector; create trigger tsv before update on public.rfq_requests for each row "
        "execute function tsvector_update_trigger(tsv, 'pg_catalog.english', message)"
    )

    assert await db.fetch("select * from ai.unsafe_triggers()") == []
    await insert(db)
    (row,) = await claim(db)
    assert await finish(db, end(row)) == {}


async def test_no_role_with_create_on_public_runs_code_as_the_owner_through_a_trigger(db, make_role):
    role = await make_role()
    await db.execute(
        """
        create function public.label(t anyelement) returns text language sql as $$ select 'plain' $$;
        create function public.audit_rfq() returns trigger language plpgsql set search_path from current as
        $$ begin perform label(new.message); return new; end $$;
        alter function public.audit_rfq() reset all;
        create trigger audit before update on public.rfq_requests for each row execute function public.audit_rfq()"""
    )
    await insert(db)
    (row,) = await claim(db)
    await db.execute(f"grant create on schema public to {role}; set role {role}")
    await db.execute(
        "create function public.label(t text) returns text language plpgsql as "
        "$$ begin execute 'create role sprung superuser'; return 'sprung'; end $$; reset role"
    )

    assert list((await finish(db, end(row))).values()) == ["refused:42883"]
    assert not await db.fetchval("select exists (select from pg_roles where rolname = 'sprung')")
    await db.execute(f"drop owned by {role}")


async def test_migrate_warns_of_such_a_trigger(db, open_connection):
    await db.execute(TRIGGERS["by hand, a row of audit"])
    await db.execute("grant create on schema public to public")
    heard: list[asyncpg.PostgresLogMessage] = []
    db.add_log_listener(lambda _, message: heard.append(message))

    await migrate.migrate(db)

    (warning,) = heard
    assert "audit_rfq()" in warning.message
    assert "alter function public.audit_rfq() set search_path = " in warning.hint


async def test_the_command_and_doctor_report_such_a_trigger(db, database):
    await db.execute(TRIGGERS["by hand, a row of audit"])
    await db.execute("grant create on schema public to public")

    done = await asyncio.to_thread(rfqflow, "migrate", dsn=database)
    reported = [
        one async for one in examine(DiagnosticTarget(database)) if one.level == "warn" and "audit_rfq()" in one.what
    ]

    assert done.returncode == 0
    assert "alter function public.audit_rfq() set search_path = " in done.stderr
    assert [one.remedy for one in reported] == ["alter function public.audit_rfq() set search_path = public, pg_temp"]


async def test_doctor_names_roles_that_may_put_a_trigger_on_the_table(db, database, make_role):
    role = await make_role()
    await db.execute(f"grant all on public.rfq_requests to {role}")

    (reported,) = [
        one
        async for one in examine(DiagnosticTarget(database))
        if one.level == "warn" and "may create triggers" in one.what
    ]
    await db.execute(reported.remedy)

    assert role in reported.what
    assert not [
        one
        async for one in examine(DiagnosticTarget(database))
        if "may create triggers" in one.what and one.level == "warn"
    ]
    await db.execute(f"drop owned by {role}")
