"""Reads all objects of rfqflow from the catalogs, to compare two installations; runs psql to make one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from rfqflow.database.connection import connect

if TYPE_CHECKING:
    pass


# All objects of rfqflow in the catalogs, each as rows of text that depend on neither object ids nor the time.
CATALOGS = {
    "relations": """
        select c.oid::regclass::text, c.relkind::text, c.reloptions::text, pg_get_userbyid(c.relowner),
          (select array_agg(a::text order by a::text) from unnest(c.relacl) a)::text,
          pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid), c.relrowsecurity::text
        from pg_class c where c.relkind <> 't' and (c.relnamespace = 'ai'::regnamespace or c.oid = 'public.rfq_requests'::regclass)""",
    "columns": """
        select a.attrelid::regclass::text, a.attnum::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
          a.attnotnull::text, a.attidentity::text, a.attgenerated::text, a.attstorage::text, a.attacl::text,
          pg_get_expr(d.adbin, d.adrelid)
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and (c.relnamespace = 'ai'::regnamespace or c.oid = 'public.rfq_requests'::regclass)""",
    "constraints": """
        select x.conrelid::regclass::text, x.conname::text, pg_get_constraintdef(x.oid) from pg_constraint x
        where x.connamespace = 'ai'::regnamespace or x.conrelid = 'public.rfq_requests'::regclass""",
    "indexes": """
        select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid::text from pg_index i
        join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'ai'::regnamespace or c.oid = 'public.rfq_requests'::regclass""",
    "functions": """
        select p.oid::regprocedure::text, pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner),
          (select array_agg(a::text order by a::text) from unnest(p.proacl) a)::text
        from pg_proc p where p.pronamespace = 'ai'::regnamespace
          or p.proname like 'submit_rfq%' and p.pronamespace = 'public'::regnamespace""",
    "views": """
        select c.oid::regclass::text, pg_get_viewdef(c.oid) from pg_class c
        where c.relkind = 'v' and c.relnamespace = 'ai'::regnamespace""",
    "triggers": """
        select t.tgrelid::regclass::text, pg_get_triggerdef(t.oid), t.tgenabled::text from pg_trigger t
        join pg_class c on c.oid = t.tgrelid
        where not t.tgisinternal and (c.relnamespace = 'ai'::regnamespace or c.oid = 'public.rfq_requests'::regclass)""",
    "comments": """
        select o.type, o.identity, d.description from pg_description d
        cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) o
        where o.schema = 'ai' or o.identity like 'ai.%' or o.identity like '%public.rfq_requests%'""",
    "the schema": """
        select nspname::text, pg_get_userbyid(nspowner), (select array_agg(a::text order by a::text) from unnest(nspacl) a)::text
        from pg_namespace where nspname = 'ai'""",
    "ledger": "select name, sha256, breaking::text from ai.rfqflow_migration",
    "policy": "select p::text from ai.policy p",
    "routes": "select (to_jsonb(r) - 'updated_at')::text from ai.routes r",
}


async def everything(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    conn = await connect(dsn)
    try:
        return {
            name: sorted((tuple(row) for row in await conn.fetch(query)), key=str) for name, query in CATALOGS.items()
        }
    finally:
        await conn.close()


def assert_alike(one: dict[str, list[tuple[object, ...]]], other: dict[str, list[tuple[object, ...]]]) -> None:
    for name in CATALOGS:
        assert set(one[name]) ^ set(other[name]) == set(), name
        assert one[name], f"nothing was compared of {name}"


def run_psql(psql: str, dsn: str, script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [psql, "-X", "-q", "-d", dsn, "-f", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=script.parent.parent.parent,
        env={**os.environ, "LC_ALL": "C"},
    )
