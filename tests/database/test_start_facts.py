"""What a daemon learns at its start about the database that it works on."""

import json

from tests.support.mapped_tables import SHAPES


async def test_a_mapped_table_is_named_with_the_place_of_its_answers(make_migrated, open_plain):
    shape = SHAPES["a bigint key, answers apart"]
    db = await open_plain(await make_migrated(shape.ddl, shape.mapping))
    facts = json.loads(await db.fetchval("select ai.start_facts()::text"))
    assert (facts["table"], facts["is_mapped"], facts["answers_in"]) == ("sales.inquiry", True, "ai.enrichment")
    assert facts["database"] == await db.fetchval("select current_database()")
    assert facts["policy"]["budget.global.day"] == 5


async def test_only_a_worker_may_read_them(db):
    rights = await db.fetch(
        "select p.proname::text as name, has_function_privilege('rfqflow_worker', p.oid, 'execute') as worker, "
        "exists (select from aclexplode(p.proacl) a where a.grantee = 0) as everybody from pg_proc p "
        "where p.oid in ('ai.start_facts()'::regprocedure, 'ai.rules_instead_of_model()'::regprocedure)"
    )
    assert [tuple(row)[1:] for row in rights] == [(True, False)] * 2
