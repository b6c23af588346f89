"""People's corrections win over every run, and stay with their line. Each action at the desk names a version."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from rfqflow.core.errors import ConfigError
from rfqflow.evaluation.runner import cases_of_overrides
from rfqflow.store.desk import ChangedMeanwhile, DeskFilter, DeskStore
from rfqflow.store.evaluation import EvaluationStore
from tests.support.answered_rfqs import GASKET, ITEM, PUMP, VALVE, answer_with
from tests.support.mapped_tables import SHAPES


@pytest.fixture
async def rfq(db):
    rfq_id = await db.fetchval(
        "insert into public.rfq_requests (message, email) values ('5 pumps, 8 valves', 'eve@example.com') returning id"
    )
    await answer_with(db, rfq_id, [PUMP, VALVE])
    return rfq_id


@pytest.fixture
def desk(db) -> DeskStore:
    return DeskStore(db)


async def quantities(desk: DeskStore, rfq: Any) -> dict[str, str]:
    return {item["description"]: item["quantity"] for item in (await desk.answer(rfq)).line_items}


async def test_a_correction_wins_survives_a_later_run_and_can_be_withdrawn(db, desk, rfq):
    await desk.correct(rfq, {ITEM: 250, "urgency": "high", "summary": " Pumps.\n"}, "ada", reason="on the phone")
    await desk.note(rfq, "\n calls back ", "ada")
    assert ((await desk.answer(rfq)).summary, (await desk.answer(rfq)).note) == ("Pumps.", "calls back")
    assert await quantities(desk, rfq) == {"Centrifugal pump": "250", "Gate valve": "8"}
    await answer_with(db, rfq, [PUMP, VALVE], checks={ITEM: {"verdict": "contradicted"}})
    answer = await desk.answer(rfq)
    assert (answer.urgency, answer.line_items[0]["quantity"], answer.checks[ITEM]["verdict"]) == (
        "high",
        "250",
        "corrected",
    )
    row = await db.fetchrow(
        "select ai_urgency, ai_extracted #>> '{line_items,0,quantity}' as quantity from ai.rfqs where rfq_id = $1", rfq
    )
    assert tuple(row) == ("normal", "5")

    await desk.withdraw(rfq, ITEM, "bob", reason="was wrong")
    answer = await desk.answer(rfq)
    assert (answer.urgency, answer.line_items[0]["quantity"], answer.checks[ITEM]["verdict"]) == (
        "high",
        "5",
        "contradicted",
    )
    row = await db.fetchrow("select * from ai.corrections where field = 'quantity'")
    assert (row["actor"], row["reason"], row["ai_value"], row["new"], row["withdrawn_by"]) == (
        "ada",
        "on the phone",
        '"5"',
        '"250"',
        "bob",
    )
    with pytest.raises(ConfigError, match="no current correction of"):
        await desk.withdraw(rfq, ITEM, "bob")


@pytest.mark.parametrize(
    ("later", "found"),
    [
        pytest.param([GASKET, VALVE, PUMP], {"Centrifugal pump": "250", "Gate valve": "8", "Gasket": "20"}, id="moved"),
        pytest.param(
            [VALVE, {**PUMP, "quantity": "7"}], {"Centrifugal pump": "250", "Gate valve": "8"}, id="said otherwise"
        ),
        pytest.param(
            [{**PUMP, "description": "Pump"}, VALVE], {"Pump": "250", "Gate valve": "8"}, id="worded otherwise"
        ),
        pytest.param([GASKET, VALVE], {"Gasket": "20", "Gate valve": "8"}, id="gone"),
        pytest.param([{**PUMP, "quantity": "1"}, {**PUMP, "quantity": "2"}], None, id="two like it"),
        pytest.param([PUMP, PUMP], None, id="twice"),
        pytest.param([], {}, id="no lines"),
    ],
)
async def test_a_correction_follows_its_line_and_is_never_applied_to_another(db, desk, rfq, later, found):
    await desk.correct(rfq, {ITEM: 250}, "ada")
    await answer_with(db, rfq, later)
    answer = await desk.answer(rfq)
    if found is not None:
        assert await quantities(desk, rfq) == found
    (standing,) = answer.corrections
    if "250" not in (found or {}).values():
        assert "250" not in [item["quantity"] for item in answer.line_items]
        assert (standing["path"], standing["recorded_path"], standing["applies"]) == (None, ITEM, False)
        # The correction is not lost: it returns with its line. Its first name still withdraws it.
        await answer_with(db, rfq, [VALVE, PUMP])
        assert await quantities(desk, rfq) == {"Gate valve": "8", "Centrifugal pump": "250"}
        await answer_with(db, rfq, later)
        await desk.withdraw(rfq, ITEM, "ada")
        assert (await desk.answer(rfq)).corrections == ()
    else:
        assert standing["applies"]


async def test_removed_and_added_lines_keep_their_places_in_later_answers(db, desk, rfq):
    await desk.correct(
        rfq,
        {
            "line_items[0]": None,
            "line_items[+]": {"description": "Flange", "quantity": 2.50},
            "line_items[1].quantity": 9,
        },
        "ada",
    )
    answer = await desk.answer(rfq)
    assert [(item["path"], item["description"], item["quantity"]) for item in answer.line_items] == [
        ("line_items[1]", "Gate valve", "9"), ("line_items[+1]", "Flange", "2.5"),
    ]  # fmt: skip
    await desk.correct(rfq, {"line_items[+1].unit": "m"}, "bob")
    await answer_with(db, rfq, [GASKET, PUMP, VALVE])
    assert await quantities(desk, rfq) == {"Gasket": "20", "Gate valve": "9", "Flange": "2.5"}
    with pytest.raises(ConfigError, match="has been removed"):
        await desk.correct(rfq, {"line_items[1].quantity": 1}, "ada")
    await desk.correct(rfq, {"line_items[+1]": None}, "ada")
    await desk.withdraw(rfq, "line_items[1]", "ada")
    assert await quantities(desk, rfq) == {"Gasket": "20", "Centrifugal pump": "5", "Gate valve": "9"}


async def test_setting_the_models_value_removes_the_correction_and_the_later_value_wins(db, desk, rfq):
    for value in (250, 300, 300):
        await desk.correct(rfq, {ITEM: value}, "ada")
    assert await db.fetch("select new, withdrawn_reason from ai.corrections order by 1") == [
        ('"250"', "corrected again"),
        ('"300"', None),
    ]
    await desk.correct(rfq, {ITEM: 5}, "bob")
    assert (await desk.answer(rfq)).corrections == ()
    # On a later run's line, it replaces the correction that moved there.
    await desk.correct(rfq, {ITEM: 250}, "ada")
    await answer_with(db, rfq, [VALVE, {**PUMP, "quantity": "6"}])
    await desk.correct(rfq, {"line_items[1].quantity": 400}, "ada")
    assert await quantities(desk, rfq) == {"Gate valve": "8", "Centrifugal pump": "400"}
    assert len((await desk.answer(rfq)).corrections) == 1


async def test_the_version_changes_with_every_visible_value_and_a_stale_one_is_refused_with_actor_time_and_change(
    db, desk, rfq
):
    acts = {
        "correct urgency": lambda version: desk.correct(rfq, {"urgency": "high"}, "ada", version=version),
        "assign ada": lambda version: desk.assign(rfq, "ada", "ada", version=version),
        "note": lambda version: desk.note(rfq, "calls back", "ada", version=version),
        "handle": lambda version: desk.handle(rfq, "ada", version=version),
        "reopen": lambda version: desk.reopen(rfq, "ada", version=version),
        "confirm": lambda version: desk.confirm(rfq, "ada", version=version),
        "withdraw urgency": lambda version: desk.withdraw(rfq, "urgency", "ada", version=version),
        "reassign electrical": lambda version: desk.reassign(rfq, "electrical", "ada", version=version),
    }
    for what, act in acts.items():
        before = (await desk.answer(rfq)).version
        now = await act(before)
        assert now == (await desk.answer(rfq)).version != before
        with pytest.raises(ChangedMeanwhile) as error:
            await desk.correct(rfq, {ITEM: 1}, "bob", version=before)
        assert (error.value.by, error.value.what, error.value.version) == ("ada", what, now)
        assert error.value.at is not None
    for statement, by in (
        ("select ai.override_rfq($1, 'mechanical', 'carol')", "carol"), ("select ai.withdraw_override($1, 'dan')", "dan"),
        ("update ai.rfqs set ai_summary = 'another' where rfq_id = $1", "m"),
    ):  # fmt: skip
        before = (await desk.answer(rfq)).version
        await db.execute(statement, rfq)
        with pytest.raises(ChangedMeanwhile) as error:
            await desk.handle(rfq, "bob", version=before)
        assert error.value.by == by
    assert (await desk.answer(rfq)).line_items[0]["quantity"] == "5"


async def test_one_of_two_concurrent_actions_on_one_version_is_refused(database, db, desk, rfq, open_connection):
    other = DeskStore(await open_connection())
    version = (await desk.answer(rfq)).version
    both = await asyncio.gather(
        desk.correct(rfq, {ITEM: 1}, "ada", version=version), other.correct(rfq, {ITEM: 2}, "bob", version=version),
        return_exceptions=True,
    )  # fmt: skip
    assert sorted(type(one).__name__ for one in both) == ["ChangedMeanwhile", "str"]
    assert await db.fetchval("select count(*) from ai.corrections") == 1


async def test_a_cleared_review_opens_again_for_another_mark_or_another_text(db, desk, rfq):
    await answer_with(db, rfq, [PUMP], review="low_confidence")
    await desk.clear_review(rfq, "ada")
    assert (await desk.answer(rfq)).review is None
    assert await db.fetchval("select ai_review from ai.rfqs where rfq_id = $1", rfq) == "low_confidence"
    await answer_with(db, rfq, [PUMP, VALVE], review="low_confidence")
    assert (await desk.answer(rfq)).review is None
    await answer_with(db, rfq, [PUMP], review="contradicted")
    assert (await desk.answer(rfq)).review == "contradicted"
    await desk.confirm(rfq, "ada")
    assert ((await desk.answer(rfq)).review, (await desk.answer(rfq)).confirmed) == (None, True)
    await db.execute("update public.rfq_requests set message = 'now 9 pumps' where id = $1", rfq)
    await answer_with(db, rfq, [{**PUMP, "quantity": "9"}], review="contradicted")
    assert ((await desk.answer(rfq)).review, (await desk.answer(rfq)).confirmed) == ("contradicted", False)


async def test_withdrawing_a_correction_leaves_that_of_the_line_which_had_its_place_before(db, desk, rfq):
    await desk.correct(rfq, {ITEM: 250}, "ada")
    await answer_with(db, rfq, [GASKET, VALVE])
    await desk.correct(rfq, {ITEM: 30}, "bob")
    await desk.withdraw(rfq, ITEM, "bob")
    assert await quantities(desk, rfq) == {"Gasket": "20", "Gate valve": "8"}
    await answer_with(db, rfq, [PUMP, VALVE])
    assert await quantities(desk, rfq) == {"Centrifugal pump": "250", "Gate valve": "8"}


async def test_typed_text_keeps_no_character_that_hides_or_reverses_text(db, desk, rfq):
    typed = {
        "summary": "\u202eTwo\x1b[31m \ufeffpumps\u2066 ", "delivery_place": "\x9b5\u200b", "certificates": ["\u202a3.1", "\u200b"],
        "line_items[0].unit": "می\u200cشود",
    }  # fmt: skip
    await desk.correct(rfq, typed, "ada")
    await desk.note(rfq, "call\x07 him\nat ten\u202e", "ada")
    await desk.assign(rfq, "\u202eeva", "ada")

    found = json.loads(await db.fetchval("select to_jsonb(a) from ai.rfq_answer a where rfq_id = $1", rfq))
    assert (found["summary"], found["delivery_place"], found["certificates"]) == ("Two[31m pumps", "5", ["3.1"])
    assert (found["note"], found["owner"], found["items"][0]["unit"]) == ("call him\nat ten", "eva", "می\u200cشود")
    with pytest.raises(ConfigError, match="summary cannot be empty"):
        await desk.correct(rfq, {"summary": "\u200b\u202e"}, "ada")
    await desk.assign(rfq, "-", "ada")
    assert await db.fetchval("select owner from ai.desk where rfq_id = $1", rfq) is None


async def test_an_added_line_that_stays_unchanged_has_no_further_correction(db, desk, rfq):
    await desk.correct(rfq, {"line_items[+]": {"description": "bolt", "quantity": 4}}, "ada")
    await desk.correct(rfq, {"line_items[+1].quantity": 4}, "ada")
    await desk.correct(rfq, {"line_items[+1]": {}}, "ada")
    assert await db.fetchval("select count(*) from ai.corrections where rfq_id = $1", rfq) == 1


async def test_line_items_that_are_not_objects_are_left_out_of_what_people_read(db, desk, rfq):
    """No reader may trust what an inserter writes into ai_*."""
    stored = json.dumps({"line_items": ["x", 5, VALVE]})
    await db.execute("update ai.rfqs set ai_extracted = $2 where rfq_id = $1", rfq, stored)
    assert await quantities(desk, rfq) == {"Gate valve": "8"}
    await desk.correct(rfq, {"line_items[2].quantity": 9}, "ada")
    assert await quantities(desk, rfq) == {"Gate valve": "9"}
    await db.execute("update ai.rfqs set ai_extracted = null where rfq_id = $1", rfq)  # no schema has it


async def test_erasing_a_person_removes_notes_and_corrections_and_keeps_their_number(db, desk, rfq):
    await desk.correct(rfq, {"summary": "Eve wants pumps", ITEM: 250}, "ada", reason="Eve called")
    await desk.note(rfq, "Eve is at home", "ada")
    await db.execute("select ai.erase_person('eve@example.com')")
    held = await db.fetchval(
        "select string_agg(x::text, ' ') from (select c::text from ai.corrections c union all select d::text from ai.desk d union all select h::text from ai.desk_history h) x"
    )
    assert "Eve" not in held
    assert "250" not in held
    assert await db.fetchval("select count(*) from ai.corrections where withdrawn_by = 'erased'") == 2
    assert (await desk.answer(rfq)).summary is None
    assert (await desk.inbox(DeskFilter())).rows == ()


async def test_a_deleted_rfq_leaves_the_desk_with_its_texts(db, desk, rfq):
    await desk.correct(rfq, {"summary": "Eve wants pumps"}, "ada")
    await desk.note(rfq, "Eve is at home", "ada")
    assert len((await desk.inbox(DeskFilter())).rows) == 1
    await db.execute("delete from public.rfq_requests where id = $1", rfq)
    assert (await desk.inbox(DeskFilter())).rows == ()
    await db.execute("select ai.sweep_desk()")
    assert await db.fetchval("select count(*) from ai.desk_entries") == 0
    assert await db.fetchval("select count(*) from ai.desk") == 0
    assert "Eve" not in await db.fetchval("select string_agg(c::text, ' ') from ai.corrections c")


async def test_edit_rates_count_handled_rfqs_by_prompt_model_and_route(db, desk, rfq):
    others = [
        r["id"]
        for r in await db.fetch(
            "insert into public.rfq_requests (message) select 'm' from generate_series(1, 3) returning id"
        )
    ]
    for other in others:
        await answer_with(db, other, [PUMP, VALVE])
    await desk.correct(rfq, {ITEM: 250, "line_items[0].unit": "sets", "line_items[+]": {"description": "x"}}, "ada")
    await desk.confirm(others[0], "ada")
    await desk.reassign(others[1], "electrical", "ada")
    row = await db.fetchrow("select * from ai.edit_rates")
    assert (row["prompt_version"], row["model"], row["route"]) == ("rfq@1", "m", "general")
    assert (row["answers"], row["edited_answers"], row["answer_edit_rate"]) == (3, 2, pytest.approx(2 / 3))
    assert (row["lines"], row["edited_lines"], row["line_edit_rate"], row["added_lines"]) == (
        6,
        1,
        pytest.approx(1 / 6),
        1,
    )
    # RFQs that people handled a week ago count in the window before, and only there.
    await db.execute("update ai.desk set seen_at = now() - interval '8 days' where rfq_id = any ($1)", others[:2])
    rates = "select windows_ago, answers, edited_answers from ai.edit_rates_by_window order by 1"
    assert [tuple(row) for row in await db.fetch(rates)] == [(0, 1, 1), (1, 2, 1)]
    assert await db.fetchval("select answers from ai.edit_rates") == 1
    counts = "select answers, edited_answers from ai.scorecard_by_window order by windows_ago"
    assert [tuple(row) for row in await db.fetch(counts)] == [(1, 1), (2, 1)]


@pytest.mark.parametrize("shape", SHAPES)
async def test_people_correct_and_list_rfqs_of_a_mapped_table_alike(make_migrated, open_plain, shape):
    table = SHAPES[shape]
    db = await open_plain(await make_migrated(table.ddl, table.mapping))
    desk = DeskStore(db)
    await db.execute(table.insert(), "5 pumps, please, and 8 valves")
    rfq = await db.fetchval("select rfq_id from ai.rfqs")
    await answer_with(db, rfq, [PUMP, VALVE])
    await desk.correct(rfq, {ITEM: 250, "urgency": "critical"}, "ada")
    (row,) = (await desk.inbox(DeskFilter(urgent=True))).rows
    assert (row.rfq_id, row.urgency, row.first_quantity, row.items) == (rfq, "critical", "250", 2)
    assert [(tab.route, tab.open, tab.urgent) for tab in await desk.tabs() if tab.open] == [("general", 1, 1)]


async def test_a_correction_becomes_a_case_with_exactly_the_corrected_fields_until_it_is_withdrawn(db, desk, rfq):
    store = EvaluationStore(db)
    await desk.correct(rfq, {ITEM: 250, "urgency": "high"}, "ada")
    assert await cases_of_overrides(store, "ada") == (1, 0, 1)
    (case,) = await store.cases()
    assert (case.provenance, case.rfq_id, set(case.labels)) == ("correction", str(rfq), {"urgency", "line_items"})
    assert (case.labels["urgency"], [item["quantity"] for item in case.labels["line_items"]]) == ("high", ["250", "8"])
    await desk.withdraw(rfq, ITEM, "ada")
    assert await cases_of_overrides(store, "ada") == (0, 1, 1)
    assert [case.labels for case in await store.cases()] == [{"urgency": "high"}]
    await desk.withdraw(rfq, "urgency", "ada")
    assert await cases_of_overrides(store, "ada") == (0, 0, 0)
    assert await store.cases() == []


async def test_edit_rates_are_in_the_scorecard_and_the_metrics(db, desk, rfq):
    await desk.correct(rfq, {ITEM: 250}, "ada")
    assert tuple(await db.fetchrow("select answer_edit_rate, line_edit_rate from ai.scorecard")) == (1, 0.5)
    rows = await db.fetch(
        "select name, labels ->> 'edited' as edited, value from ai.metrics where name like 'rfqflow_edited_%' order by 1, 2"
    )
    assert [tuple(row) for row in rows] == [
        ("rfqflow_edited_answers", "no", 0), ("rfqflow_edited_answers", "yes", 1), ("rfqflow_edited_lines", "no", 1), ("rfqflow_edited_lines", "yes", 1),
    ]  # fmt: skip
