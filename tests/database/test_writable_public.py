"""A role with CREATE on public makes operators and functions that match our statements better than PostgreSQL's own.

The daemon and the commands never use them.
"""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.support.mapped_tables import rfqflow
from tests.support.traps import FUNCTIONS, OPERATORS

COMMANDS = (
    ["run", "--drain"], ["status"], ["status", "--json"], ["show", "{rfq}"], ["report", "--json"], ["docs", "list"], ["budget"],
    ["breaker"], ["policy"], ["rerun", "--failed", "--dry-run"], ["backfill"], ["pause"], ["resume"], ["prompt", "list"],
    ["migrate", "--check"], ["doctor", "--json"],
)  # fmt: skip
MIXED = [("=", "name", "text"), ("=", "text", "name"), ("=", "oid", "int8"), ("=", "int8", "oid"), ("=", "uuid", "text"),
         ("=", "text", "uuid"), ("||", "text", "name"), ("||", "name", "text"), ("||", "text", "int4"),
         ("=", '"char"', "text"), ("<>", "name", "text")]  # fmt: skip


def traps() -> str:
    lines = [
        "create sequence public.sprung; grant all on public.sprung to public",
        "create function public.spring() returns pg_catalog.bool language plpgsql as "
        "$$ begin perform pg_catalog.nextval('public.sprung'); raise exception 'sprung'; end $$",
    ]
    for signature in FUNCTIONS:
        name, _, rest = signature.partition("(")
        types = ", ".join(f"pg_catalog.{one.strip()}" for one in rest.rstrip(")").split(",") if one.strip())
        lines.append(
            f"create function public.{name}({types}) returns pg_catalog.bool language sql as $$ select public.spring() $$"
        )
    for number, (name, left, right) in enumerate([*OPERATORS, *MIXED]):
        arguments = f"pg_catalog.{left}, pg_catalog.{right}"
        lines.append(
            f"create function public.trap_{number}({arguments}) returns pg_catalog.bool language sql as $$ select public.spring() $$;"
            f"create operator public.{name} (leftarg = pg_catalog.{left}, rightarg = pg_catalog.{right}, function = public.trap_{number})"
        )
    return ";\n".join(lines)


@pytest.mark.fault("R8")
async def test_no_object_that_a_role_creates_in_public_affects_our_statements(make_role, database, db):
    role = await make_role()
    await db.execute(f"grant create on schema public to {role}; set search_path = pg_catalog, pg_temp")
    rfq = await db.fetchval("insert into public.rfq_requests (message) values ('We need 12 pumps DN100.') returning id")
    await db.execute(f"set role {role}")
    await db.execute(traps())
    await db.execute("reset role")

    reported = {}
    for command in COMMANDS:
        done = await asyncio.to_thread(rfqflow, *(part.format(rfq=rfq) for part in command), dsn=database)
        reported[" ".join(command)] = (done.returncode, done.stdout + done.stderr)

    assert {
        name: one for name, one in reported.items() if one[0] != 0 or "sprung" in one[1] or "Traceback" in one[1]
    } == {}
    assert await db.fetchval("select is_called from public.sprung") is False
    assert await db.fetchval("select ai_status from public.rfq_requests") == "done"
    found = json.loads(reported["doctor --json"][1])["findings"]
    assert [one["remedy"] for one in found if "may create objects in schema public" in one["what"]] == [
        f"revoke create on schema public from {role}"
    ]
    await db.execute(f"drop owned by {role}")
