"""Each function pins search_path to pg_catalog, pg_temp.

That holds in a new, an upgraded and a mapped database, and for functions that are made later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rfqflow.database import migrate
from tests.support.mapped_tables import SHAPES

if TYPE_CHECKING:
    import asyncpg

LOOSE = """
select p.oid::regprocedure::text
from pg_proc p
where (p.pronamespace = 'ai'::regnamespace or p.oid = to_regprocedure(
    'public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval)'))
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  and array(select c from unnest(p.proconfig) c where c like 'search_path=%') is distinct from array['search_path=pg_catalog, pg_temp']
"""
FUNCTIONS = """
select p.oid::regprocedure::text || ' ' || pg_get_function_result(p.oid)
from pg_proc p where p.pronamespace = 'ai'::regnamespace order by 1
"""


async def loose(db: asyncpg.Connection) -> list[str]:
    assert await db.fetchval("select count(*) from pg_proc where pronamespace = 'ai'::regnamespace") > 100
    return [row[0] for row in await db.fetch(LOOSE)]


@pytest.mark.parametrize("notify", ["off", "always", "doorbell"])
async def test_functions_are_pinned_in_a_new_database_and_after_a_change_of_the_notification_policy(db, notify):
    await db.execute(f"select ai.set_policy('notify', '\"{notify}\"')")

    assert await loose(db) == []


@pytest.mark.parametrize("trigrams", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
async def test_functions_are_pinned_in_a_mapped_database_with_and_without_trigrams(
    make_migrated, open_plain, shape, trigrams
):
    before = SHAPES[shape].ddl + ("; create extension pg_trgm" if trigrams else "")
    db = await open_plain(await make_migrated(before, SHAPES[shape].mapping))

    assert await loose(db) == []


@pytest.mark.parametrize("shape", [None, "answers apart"])
async def test_the_next_migrate_pins_functions_that_lost_their_pin(empty_database, open_plain, db, tmp_path, shape):
    conn = await open_plain(empty_database)
    mapping = None
    if shape:
        await conn.execute(SHAPES[shape].ddl)
        (tmp_path / "map.toml").write_text(f"table = '{SHAPES[shape].table}'\nai_columns = 'enrichment'\n")
        mapping = migrate.read_mapping(tmp_path / "map.toml")
    await migrate.migrate(conn, mapping=mapping)
    # As after a change by an administrator.
    await conn.execute("alter function ai.enqueue_rfq() set search_path = ''")
    assert await loose(conn) != []

    await migrate.migrate(conn)

    assert await loose(conn) == []
    assert [row[0] for row in await conn.fetch(FUNCTIONS)] == [row[0] for row in await db.fetch(FUNCTIONS)]


async def test_tables_call_only_trigger_functions_and_no_view_calls_a_replaceable_function(db):
    """Defaults, checks, index expressions and policies call functions of pg_catalog and ai only. So do views."""
    outside = await db.fetch(
        "select distinct d.classid::regclass::text, d.objid, p.oid::regprocedure::text from pg_depend d "
        "join pg_proc p on d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid "
        "where p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'ai'::regnamespace) "
        "and not exists (select from pg_depend e where e.objid = p.oid and e.deptype = 'e') "
        "and (d.classid in ('pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass))"
    )

    assert outside == []


async def test_no_role_may_create_in_our_schema_nor_own_anything_in_it(db):
    creators = await db.fetch(
        "select x.grantee::regrole::text from pg_namespace n cross join aclexplode(n.nspacl) x "
        "where n.nspname = 'ai' and x.privilege_type = 'CREATE' and x.grantee <> n.nspowner"
    )
    owners = await db.fetch(
        "select distinct c.relowner from pg_class c where c.relnamespace = 'ai'::regnamespace "
        "union select p.proowner from pg_proc p where p.pronamespace = 'ai'::regnamespace"
    )

    assert creators == []
    assert len(owners) == 1
