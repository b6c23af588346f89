"""Installing, upgrading and attaching: two ways or two runs give the same schema.

The application is never blocked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from rfqflow.core.errors import SchemaMismatch
from rfqflow.database import migrate
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    pass


# Which worker may run on which schema.


async def test_a_worker_refuses_a_database_without_the_schema(empty_database):
    conn = await connect(empty_database)
    with pytest.raises(SchemaMismatch, match="run `rfqflow migrate` first"):
        await migrate.check_for_worker(conn)
    await conn.close()


async def test_a_worker_refuses_an_older_schema_and_names_the_first_migration_it_lacks(database):
    conn = await connect(database)
    assert await migrate.check_for_worker(conn) == []
    await conn.execute("delete from ai.rfqflow_migration where name like 'schema/06%'")

    with pytest.raises(SchemaMismatch, match=r"lacks 1 migration\(s\), first schema/06_runs\.sql"):
        await migrate.check_for_worker(conn)
    await conn.close()


async def test_a_worker_accepts_a_later_schema_unless_a_migration_is_breaking(database):
    conn = await connect(database)
    add = "insert into ai.rfqflow_migration (name, sha256, breaking) values ($1, repeat('a', 64), $2)"
    await conn.execute(add, "migrations/0098_later.sql", False)
    await conn.execute(add, "functions/99_later.sql", True)  # a worker does not depend on the hashes of functions

    assert await migrate.check_for_worker(conn) == ["migrations/0098_later.sql"]

    await conn.execute(add, "migrations/0099_breaking.sql", True)
    with pytest.raises(SchemaMismatch, match=r"later release \(migrations/0099_breaking\.sql\).*upgrade rfqflow"):
        await migrate.check_for_worker(conn)
    await conn.close()


async def test_a_worker_role_without_any_other_right_can_check_the_schema(make_role, database):
    role = await make_role()
    conn = await connect(database)
    await conn.execute(f"grant rfqflow_worker to {role}; set session authorization {role}")

    assert await migrate.check_for_worker(conn) == []
    await conn.close()


# Rules of the project, checked in the catalogs.

OURS = "n.nspname = 'ai'"


async def test_every_object_of_ours_has_a_comment(db):
    # A comment on the table is enough for a partition: its columns, checks and indexes are those of the trail.
    bare = await db.fetch(
        f"""
        select 'schema object' as kind, c.oid::regclass::text as name from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and obj_description(c.oid, 'pg_class') is null
          -- the sequence of an identity column is a part of it
          and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'
            and c.relkind = 'S')
        union all
        select 'column', c.oid::regclass || '.' || a.attname from pg_attribute a
        join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped and a.attinhcount = 0
          and not c.relispartition and col_description(c.oid, a.attnum) is null
          and c.oid <> 'ai.rfqs'::regclass  -- the application's columns, under the names they have there
        union all
        select 'column of the application''s table', a.attname from pg_attribute a
        where a.attrelid = 'public.rfq_requests'::regclass and a.attnum > 0 and not a.attisdropped
          and col_description(a.attrelid, a.attnum) is null
        union all
        select 'index', i.indexrelid::regclass::text from pg_index i
        join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and not c.relispartition and obj_description(i.indexrelid, 'pg_class') is null
          and not exists (select from pg_constraint x where x.conindid = i.indexrelid)
        union all
        select 'constraint', x.conrelid::regclass || '.' || x.conname from pg_constraint x
        join pg_namespace n on n.oid = x.connamespace
        where {OURS} and x.contype in ('c', 'u', 'x', 'f') and x.coninhcount = 0 and obj_description(x.oid, 'pg_constraint') is null
        union all
        select 'function', p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where {OURS} and obj_description(p.oid, 'pg_proc') is null
        union all
        select 'trigger', t.tgrelid::regclass || '.' || t.tgname from pg_trigger t
        where not t.tgisinternal and t.tgname like 'rfqflow%' and obj_description(t.oid, 'pg_trigger') is null
        """
    )

    assert [tuple(row) for row in bare] == []


async def test_every_function_of_rfqflow_pins_its_search_path_and_needs_a_grant(db):
    loose = await db.fetch(
        f"""
        select p.oid::regprocedure::text as function, 'does not pin search_path' as fault from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace
        where {OURS} and not coalesce(p.proconfig, '{{}}') @> array['search_path=pg_catalog, pg_temp']
        union all
        select p.oid::regprocedure::text, 'can be executed by everybody' from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace
        where {OURS} and exists (
          select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
        """
    )

    assert [tuple(row) for row in loose] == []
    assert (
        await db.fetchval(f"select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where {OURS}")
        > 30
    )


async def test_only_the_owner_and_our_roles_have_rights_in_the_schema(db):
    granted = await db.fetch(
        f"""
        select c.oid::regclass::text as object, coalesce(g.rolname, 'PUBLIC') as grantee, a.privilege_type
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        cross join lateral aclexplode(c.relacl) a left join pg_roles g on g.oid = a.grantee
        where {OURS} and a.grantee <> c.relowner
        union all
        select 'schema ai', coalesce(g.rolname, 'PUBLIC'), a.privilege_type
        from pg_namespace n cross join lateral aclexplode(n.nspacl) a left join pg_roles g on g.oid = a.grantee
        where {OURS} and a.grantee <> n.nspowner
        """
    )

    assert {row["grantee"] for row in granted} == {"rfqflow_worker", "rfqflow_reader"}
    assert {row["privilege_type"] for row in granted} == {"SELECT", "USAGE"}
    assert not {row["object"] for row in granted} & {"ai.rfqs", "ai.outbox", "ai.rag_runs"}


async def test_the_worker_role_can_touch_no_column_of_an_rfq(make_role, db):
    role = await make_role()
    await db.execute("insert into public.rfq_requests (message) values ('m')")
    await db.execute(f"grant rfqflow_worker to {role}; set session authorization {role}")

    for statement in (
        "select message from public.rfq_requests",
        "update public.rfq_requests set message = 'x'",
        "update ai.rfqs set message = 'x'",
        "delete from ai.outbox",
        "insert into ai.rag_runs (rfq_id, attempt, status) values (gen_random_uuid(), 1, 'succeeded')",
        "update ai.policy set value = '\"paused\"' where key = 'mode'",
        "select ai.enqueue_rfqs('{}'::uuid[])",
        "select ai.rebuild_notify_function(null)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(statement)
    assert len(await db.fetch("select * from ai.claim_outbox(1, 1, 1, '60 s', 0)")) == 1
