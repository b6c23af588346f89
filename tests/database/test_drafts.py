"""Draft replies in the database: fenced like every action at the desk, one call per request, erased with their person."""

from __future__ import annotations

import json
from decimal import Decimal

import asyncpg
import pytest

from rfqflow.core.drafting.asks import asks_of
from rfqflow.core.drafting.reply import draft
from rfqflow.core.errors import ConfigError
from rfqflow.store.desk import ChangedMeanwhile, DeskStore
from rfqflow.store.drafts import DraftStore, facts_of
from tests.support.answered_rfqs import PUMP, VALVE, answer_with
from tests.support.mapped_tables import SHAPES

BARE = {"description": "Gasket"}
MODEL = {"language": "de", "subject": "Ihre Anfrage", "body": "Wie viele?", "source": "model", "asks": ["quantity:2"]}


@pytest.fixture
async def rfq(db):
    rfq_id = await db.fetchval(
        "insert into public.rfq_requests (message, email, name) "
        "values ('5 pumps and some gaskets', 'eve@example.com', 'Eve Adams') returning id"
    )
    await answer_with(db, rfq_id, [PUMP, BARE], missing=["due_date"], language="en")
    return rfq_id


@pytest.fixture
def drafts(db) -> DraftStore:
    return DraftStore(db)


async def made(db, drafts, rfq):
    return draft(facts_of(await DeskStore(db).answer(rfq), await drafts.rfq(rfq)))


async def test_a_draft_asks_for_the_data_that_people_see_as_missing_and_is_part_of_the_history(db, drafts, rfq):
    desk = DeskStore(db)
    await drafts.save_template(rfq, await made(db, drafts, rfq), "ada")
    found = await drafts.draft(rfq)
    assert (found.asks, found.source, found.revision) == (("quantity:2", "due_date"), "template", 1)
    assert "Dear Eve Adams," in found.body
    await desk.correct(rfq, {"line_items[1].quantity": 20}, "ada")
    assert [ask.code for ask in (await made(db, drafts, rfq)).asks] == ["due_date"]

    await drafts.save(rfq, "Some questions", "When?", "bob", language="en", revision=1)
    await drafts.ask_back(rfq, "bob")
    found = await drafts.draft(rfq)
    assert (found.source, found.body, found.asked_by, found.asks) == (
        "person", "When?", "bob", ("quantity:2", "due_date"),
    )  # fmt: skip
    assert (await desk.answer(rfq)).state == "open"
    history = await desk.history(rfq)
    assert [(one["actor"], one["action"], one["what"]) for one in reversed(history)] == [
        ("ada", "draft", "by template"), ("ada", "correct", "line_items[1].quantity"), ("bob", "draft", "changed"),
        ("bob", "ask", "quantity, due_date"),
    ]  # fmt: skip


async def test_two_people_at_one_draft_never_lose_each_others_words(db, drafts, rfq):
    version = (await DeskStore(db).answer(rfq)).version
    await drafts.save_template(rfq, await made(db, drafts, rfq), "ada", version=version, revision=0)
    with pytest.raises(ChangedMeanwhile):
        await drafts.save_template(rfq, await made(db, drafts, rfq), "bob", version=version)
    with pytest.raises(ChangedMeanwhile) as raised:
        await drafts.save(rfq, "", "Mine", "bob", language="en", revision=0)
    assert (raised.value.by, raised.value.what) == ("ada", "draft")
    assert (await drafts.draft(rfq)).updated_by == "ada"


@pytest.mark.parametrize(
    ("subject", "body"), [("s", "x" * 8001), ("s" * 201, "x"), ("s", " \n\t"), ("s", "a\x00b")], ids=["long", "subject", "blank", "NUL"]
)  # fmt: skip
async def test_text_that_no_mail_can_hold_is_refused_with_a_sentence(drafts, rfq, subject, body):
    with pytest.raises(ConfigError):
        await drafts.save(rfq, subject, body, "ada", language="en")
    assert await drafts.draft(rfq) is None


async def test_a_draft_has_a_subject_of_one_line_and_an_existing_language(db, drafts, rfq):
    save = "select ai.save_draft($1, $2, $3, $4)"
    for language in (None, "klingon"):
        with pytest.raises(asyncpg.PostgresError, match="a draft's language must be a code"):
            await db.fetchval(save, rfq, language, "s", "Which steel?")
    await db.fetchval(save, rfq, "de", "Ihre\r\nBcc: x@y.example\u202e", "Welcher Stahl?\n\nGruß")
    assert await db.fetchval("select subject from ai.drafts where rfq_id = $1", rfq) == "Ihre Bcc: x@y.example"
    await db.fetchval(save, rfq, None, "Ihre Anfrage", "Welcher Stahl?")
    found = await db.fetchrow("select language, subject, body from ai.drafts where rfq_id = $1", rfq)
    assert tuple(found) == ("de", "Ihre Anfrage", "Welcher Stahl?")


async def test_asking_back_needs_a_draft_and_an_existing_rfq(db, drafts, rfq):
    for act in (drafts.ask_back(rfq, "ada"), drafts.ask_model("00000000-0000-0000-0000-000000000009", "ada")):
        with pytest.raises(ConfigError):
            await act
    assert not await db.fetchval("select count(*) from ai.desk_history")


async def test_a_model_is_requested_only_by_an_actor_whose_name_can_be_stored(db, drafts, rfq):
    with pytest.raises(ConfigError, match="at most 200 characters"):
        await drafts.ask_model(rfq, "a" * 201)
    await drafts.ask_model(rfq, "a" * 200)
    task = await drafts.take(7, 60)
    assert await drafts.finish(task, "written", await made(db, drafts, rfq), model="m") == "written"


async def test_a_model_is_called_once_for_repeated_clicks(db, drafts, rfq):
    first = await drafts.ask_model(rfq, "ada", language="de")
    assert await drafts.ask_model(rfq, "bob") == first
    assert (await db.fetchrow("select * from ai.heartbeat(0, 0, -1, -1)"))["draft"]
    task = await drafts.take(7, 60)
    assert (task.request, task.language, task.rfq.message) == (first, "de", "5 pumps and some gaskets")
    assert (task.rfq.name, task.rfq.email, task.rfq.phone) == (None, None, None)
    assert [ask.code for ask in asks_of(task.facts)] == ["quantity:2", "due_date"]
    assert not (await db.fetchrow("select * from ai.heartbeat(0, 0, -1, -1)"))["draft"]
    assert await drafts.take(8, 60) is None


async def test_the_models_draft_replaces_a_template_and_never_a_persons_text(db, drafts, rfq):
    await drafts.save_template(rfq, await made(db, drafts, rfq), "ada")
    await drafts.ask_model(rfq, "ada")
    task = await drafts.take(7, 60)
    finish = "select ai.finish_draft($1, $2, 'written', $3::text::jsonb, 'm1', 0.002, 40)"
    assert await db.fetchval(finish, task.request, 7, json.dumps(MODEL)) == "written"
    assert await db.fetchval(finish, task.request, 7, json.dumps(MODEL)) == "claim_lost"
    assert ((await drafts.draft(rfq)).body, (await drafts.request(rfq)).cost_usd) == ("Wie viele?", Decimal("0.002"))

    await drafts.ask_model(rfq, "ada")
    task = await drafts.take(8, 60)
    await drafts.save(rfq, "S", "Typed by hand", "bob", language="en")
    assert await db.fetchval(finish, task.request, 8, json.dumps(MODEL)) == "changed_meanwhile"
    assert ((await drafts.draft(rfq)).body, (await drafts.request(rfq)).outcome) == (
        "Typed by hand", "changed_meanwhile",
    )  # fmt: skip


async def test_a_request_survives_its_worker_and_is_given_up_after_three_attempts(db, drafts, rfq):
    await drafts.ask_model(rfq, "ada")
    for claim in (1, 2, 3):
        assert (await drafts.take(claim, 60)).claim_id == claim
        await db.execute(
            "update ai.draft_requests set lease_expires_at = now() - interval '1 s' where ended_at is null"
        )
    assert await drafts.take(4, 60) is None
    assert (await drafts.request(rfq)).outcome == "given_up"
    await drafts.ask_model(rfq, "ada")
    task = await drafts.take(5, 60)
    await drafts.release(task)
    assert (await drafts.take(6, 60)).request == task.request


async def test_an_erased_person_leaves_no_draft_and_a_call_in_flight_restores_none(db, drafts, rfq):
    await drafts.save(rfq, "Your request", "Dear Eve Adams, how many?", "ada", language="en")
    await drafts.ask_model(rfq, "ada")
    task = await drafts.take(7, 60)
    await db.execute("select ai.erase_person('eve@example.com')")
    assert await drafts.finish(task, "written", await made(db, drafts, rfq)) == "claim_lost"
    assert (await drafts.draft(rfq), await drafts.request(rfq)) == (None, None)


async def test_a_draft_is_deleted_after_a_long_time_without_change(db, drafts, rfq):
    await drafts.save(rfq, "S", "How many?", "ada", language="en")
    await drafts.ask_model(rfq, "ada")
    await db.execute("update ai.drafts set updated_at = now() - interval '89 days'")
    await db.execute("select ai.prune_guards()")
    assert await drafts.draft(rfq)
    await db.execute("update ai.drafts set updated_at = now() - interval '91 days'")
    await db.execute("update ai.draft_requests set requested_at = now() - interval '401 days'")
    await db.execute("select ai.prune_guards()")
    assert (await drafts.draft(rfq), await drafts.request(rfq)) == (None, None)


async def test_drafts_have_their_own_budget(db, rfq):
    await answer_with(db, rfq, [PUMP, VALVE])
    ask = json.dumps([{
        "claim_id": 1, "rfq_id": "dddddddd-dddd-dddd-dddd-dddddddddddd", "sender": None,
        "candidates": [{"model": "m", "tokens": 100, "nano": 600_000_000, "priced": True}],
    }])  # fmt: skip
    admit = "select refusal from ai.admit('openai', $1, interval '60 s', 'draft')"
    assert await db.fetchval(admit, ask) is None
    assert await db.fetchval(admit, ask.replace('"claim_id": 1', '"claim_id": 2')) == "budget"
    assert await db.fetchval(
        "select refusal from ai.admit('openai', $1, interval '60 s', 'evaluation')", ask.replace('"claim_id": 1', '"claim_id": 3').replace("001", "000")
    ) is None  # fmt: skip
    await db.execute(
        "select ai.settle_evaluation($1, 'draft')",
        json.dumps([{"claim_id": 1, "call": "ok", "booked_nano": 500_000_000, "cost_usd": "0.5"}]),
    )
    assert dict(await db.fetchrow("select purpose, scope, booked_usd from ai.eval_calls")) == {
        "purpose": "draft", "scope": "draft", "booked_usd": Decimal("0.5"),
    }  # fmt: skip
    spent = {row["scope"]: row["spent_usd"] for row in await db.fetch("select scope, spent_usd from ai.budget_status")}
    assert (spent["draft"], spent["evaluation"], spent["global"]) == (Decimal("0.5"), 0, 0)
    assert not [
        row for row in await db.fetch("select * from ai.reconcile_budget()") if row[3] != row[4] or row[5] != row[6]
    ]
    with pytest.raises(asyncpg.PostgresError):
        await db.execute("select ai.set_budget('drafts', 'day', 1)")
    assert await db.fetchval(admit, ask.replace('"claim_id": 1', '"claim_id": 4')) == "budget"
    found = await db.fetchrow("select severity, sentence from ai.health where code = 'budget_spent'")
    assert found["severity"] == "info"
    assert "draft replies" in found["sentence"]


@pytest.mark.parametrize("shape", SHAPES)
async def test_drafts_work_for_a_mapped_table(make_migrated, open_plain, shape):
    table = SHAPES[shape]
    db = await open_plain(await make_migrated(table.ddl, table.mapping))
    drafts = DraftStore(db)
    await db.execute(table.insert(), "5 pumps, please, and some gaskets")
    rfq = await db.fetchval("select rfq_id from ai.rfqs")
    await answer_with(db, rfq, [PUMP, BARE], language="en")
    await drafts.save_template(rfq, await made(db, drafts, rfq), "ada")
    await drafts.ask_model(rfq, "ada")
    task = await drafts.take(7, 60)
    assert [ask.code for ask in asks_of(task.facts)] == ["quantity:2"]
    assert await drafts.finish(task, "written", await made(db, drafts, rfq), model="m") == "written"
    assert (await drafts.draft(rfq)).asks == ("quantity:2",)


async def test_an_invalid_stored_answer_harms_its_own_draft_alone(db, drafts, rfq):
    """No reader may trust what an inserter writes into ai_*."""
    for number, extracted in enumerate(
        ('"text"', "[]", '{"line_items": "x"}', '{"line_items": [1, {"description": {"a": 1}}], "checks": [], "missing": {}}',
         '{"checks": {"line_items[0].quantity": 3, "due_date": {"verdict": "contradicted"}}, "missing": ["quantity"]}',
         '{"injection_suspected": "often", "language": 7, "line_items": [{"path": "x", "quantity": []}]}')
    ):  # fmt: skip
        await db.execute("update ai.rfqs set ai_extracted = $2::text::jsonb where rfq_id = $1", rfq, extracted)
        await drafts.ask_model(rfq, "ada")
        task = await drafts.take(number + 1, 60)
        if task is not None:
            assert draft(task.facts).language == "en"
            await drafts.finish(task, "internal", None)
        assert (await drafts.request(rfq)).outcome in ("internal", "unreadable"), extracted
    other = await db.fetchval("insert into public.rfq_requests (message) values ('5 pumps, please') returning id")
    await drafts.ask_model(other, "ada")
    assert (await drafts.take(99, 60)).rfq.rfq_id == other


@pytest.mark.parametrize("number", [-2, -1, 0, 1, 2, 10**18])
async def test_no_id_of_an_application_is_taken_for_that_of_a_call_that_no_rfq_waits_for(db, number):
    assert await db.fetchval("select ai.budget_scope_of(ai.rfq_uuid($1))", number) == "global"
