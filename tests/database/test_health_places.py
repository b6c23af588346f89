"""`ai.health` answers in every installation: for each role that may read it, on mapped tables, with no table attached."""

import pytest

from rfqflow.store.attachment import detach
from tests.support.mapped_tables import SHAPES


async def reported(db) -> dict[str, str]:
    return {row["code"]: row["sentence"] for row in await db.fetch("select code, sentence from ai.health")}


@pytest.mark.parametrize("role", ["rfqflow_reader", "rfqflow_worker"])
async def test_readers_and_workers_may_read_it(db, role):
    await db.execute(f"set role {role}")

    assert "No daemon is at work" in (await reported(db))["no_live_worker"]


async def test_no_other_role_may_read_it(db, make_role):
    role = await make_role()
    await db.execute(f"set role {role}")

    with pytest.raises(Exception, match="permission denied for schema ai"):
        await reported(db)


@pytest.mark.parametrize("name", SHAPES)
async def test_it_works_on_mapped_tables(name, make_migrated, open_plain):
    shape = SHAPES[name]
    made = shape.mapping["columns"].get("created_at", "created_at") if "columns" in shape.mapping else "created_at"
    older = shape.insert("'m'", "generate_series(1, 3)")
    time = f'alter table {shape.table} alter column "{made}" set default'
    ddl = f"{shape.ddl}; {time} '2020-01-01'; {older}; {time} now()"
    db = await open_plain(await make_migrated(ddl, shape.mapping))

    assert "3 RFQs are older than the installation" in (await reported(db))["older_rfqs"]
    await db.execute(shape.insert("'m'", "generate_series(1, 2)"))
    assert "2 RFQs wait" in (await reported(db))["no_live_worker"]

    await db.execute(f"drop trigger rfqflow_enqueue on {shape.table}")
    assert (await reported(db))["trigger_missing"].startswith(f"{shape.table} lacks the trigger rfqflow_enqueue:")
    await db.execute(f"alter table {shape.table} rename to away")
    assert f"Table {shape.table} no longer exists" in (await reported(db))["trigger_missing"]


async def test_it_reports_that_rfqflow_is_detached_and_not_that_no_worker_runs(db):
    await db.execute("insert into public.rfq_requests (message) values ('m')")
    await detach(db, "on", "nora", None)

    assert await reported(db) == {
        "trigger_missing": "rfqflow is detached from public.rfq_requests: it does not see new RFQs."
    }


async def test_it_reports_that_the_table_is_gone(db):
    await db.execute("drop table public.rfq_requests cascade")

    assert "Table public.rfq_requests no longer exists:" in (await reported(db))["trigger_missing"]
