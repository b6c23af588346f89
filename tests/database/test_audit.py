"""ai.audit records each action of a person, by any client, with the old value."""

import json
import uuid

from tests.support.finishing import claim, end, finish, insert


async def audit(db, kind: str) -> list[dict]:
    rows = await db.fetch("select * from ai.audit where kind = $1 order by at, entry", kind)
    return [dict(row) for row in rows]


def reported(rows: list[dict], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


async def test_policies_budgets_pauses_and_prompts_are_audited_with_kind_and_old_and_new_value(db):
    await db.execute("select ai.set_policy('max_attempts', '7', 'Ada', 'slow model')")
    await db.execute("select ai.set_budget('global', 'day', 9, 'Ada', 'fair')")
    await db.execute("select ai.pause('Ada', 'maintenance')")
    await db.execute("select ai.resume('Grace')")

    columns = ("what", "actor", "object", "old", "new", "reason")
    assert reported(await audit(db, "policy"), *columns) == [("set", "Ada", "max_attempts", "5", "7", "slow model")]
    assert reported(await audit(db, "budget"), *columns) == [("set", "Ada", "budget.global.day", "5", "9", "fair")]
    assert reported(await audit(db, "pause"), "what", "actor", "reason") == [
        ("pause", "Ada", "maintenance"),
        ("resume", "Grace", None),
    ]


async def test_settings_that_are_rows_are_audited_by_plain_sql_too(db):
    before = await db.fetchval("select count(*) from ai.setting_history")
    assert before == 0  # no person set the routes of a new installation
    await db.execute("insert into ai.webhooks (name) values ('crm')")
    await db.execute("update ai.webhooks set runs_to = now()")  # a worker does this every few seconds
    await db.execute("update ai.webhooks set is_active = false")
    await db.execute("insert into ai.model_limits (provider, model, most_in_flight) values ('openai', '*', 4)")
    await db.execute("update ai.model_limits set most_in_flight = 8, note = 'tier 2'")
    await db.execute("delete from ai.model_limits")
    await db.execute("update ai.routes set description = description")
    await db.execute("update ai.routes set is_active = false where slug = 'civil'")
    await db.execute("select ai.add_document('rule', 'Who takes pumps', 'Mechanical takes pumps.', p_actor => 'Ada')")

    assert reported(await audit(db, "webhook"), "what", "object") == [("add", "crm"), ("set", "crm")]
    limits = await audit(db, "limit")
    assert reported(limits, "what", "object") == [(what, "openai *") for what in ("add", "set", "remove")]
    assert json.loads(limits[1]["old"]) == {"most_in_flight": 4}
    assert json.loads(limits[1]["new"]) == {"most_in_flight": 8, "note": "tier 2"}
    routes = await audit(db, "route")
    assert reported(routes, "object", "old", "new") == [("civil", '{"is_active": true}', '{"is_active": false}')]
    (document,) = await audit(db, "document")
    assert "pumps" not in document["new"]  # its text can be erased, the audit stays


async def test_actions_on_rfqs_name_them_and_a_correction_has_the_old_value(db):
    rfq_id = await insert(db)
    (row,) = await claim(db)
    await finish(db, end(row))
    await db.execute("select ai.override_rfq($1, 'logistics', 'Ada', 'freight')", rfq_id)
    await db.execute("select ai.withdraw_override($1, 'Grace')", rfq_id)
    await db.execute("select ai.correct_rfq($1, '{\"summary\": \"Pumps.\"}', 'Ada', 'shorter')", rfq_id)
    await db.execute("select ai.handle_rfq($1, 'Ada')", rfq_id)
    await db.execute("select ai.rerun_rfq($1, true)", rfq_id)
    await db.execute("select ai.discard_rfqs($1, 'Ada', 'no')", [rfq_id])
    await db.execute("select ai.set_price('openai', 'm1', 1, 4, p_actor => 'Ada')")
    await db.execute("select ai.set_price('openai', 'm1', 2, 8, p_actor => 'Ada', p_note => 'contract')")
    await db.execute("select ai.open_breaker('openai', 'm1', 'Ada', 'away')")

    await db.execute("select ai.add_account('Eve', 'eve', 'viewer', null, 'Ada')")
    await db.execute(
        "insert into ai.console_logins (account, address, outcome, via, attempts) "
        "values (null, '10.0.0.9', 'limited', 'password', 7), ('Eve', '10.0.0.9', 'trying', 'link', 1)"
    )

    assert reported(await audit(db, "account"), "what", "actor", "object", "new") == [
        ("account_add", "Ada", "Eve", "viewer")
    ]
    assert reported(await audit(db, "login"), "what", "actor", "object", "reason") == [
        ("limited", "no account", "10.0.0.9", "7 attempts"),
        ("trying", "Eve", "10.0.0.9", None),
    ]
    names = ("what", "actor", "rfq_id", "old", "new")
    assert reported(await audit(db, "override"), *names) == [
        ("override", "Ada", rfq_id, "general", "logistics"),
        ("withdraw", "Grace", rfq_id, "logistics", None),
    ]
    assert reported(await audit(db, "correction"), *names, "object") == [
        ("correct", "Ada", rfq_id, "a summary", "Pumps.", "summary")
    ]
    assert reported(await audit(db, "desk"), "what", "rfq_id") == [("handle", rfq_id)]
    assert reported(await audit(db, "discard"), "what", "rfq_id", "reason") == [("discard", rfq_id, "no")]
    assert reported(await audit(db, "price"), "object", "new")[-1][0] == "openai m1"
    assert reported(await audit(db, "breaker"), "actor", "object", "reason") == [("Ada", "openai m1", "away")]
    assert await db.fetchval("select count(*) = count(distinct entry) from ai.audit")


async def test_a_page_of_a_long_audit_uses_its_indexes(db):
    await db.execute(
        "insert into ai.actions (actor, action, rfq_id, done_at) select 'Ada', 'rerun', $1, now() - g * interval '1 s' "
        "from generate_series(1, 20000) g", uuid.uuid4(),
    )  # fmt: skip
    await db.execute("analyze ai.actions")
    plan = await db.fetch(
        "explain (analyze, costs off, timing off, summary off, buffers off) "
        "select * from ai.audit where at <= now() - interval '9000 s' order by at desc, entry desc limit 50"
    )
    text = "\n".join(row[0] for row in plan)
    assert "actions_done_at" in text, text
    assert "Seq Scan on actions" not in text, text
