"""Lists that rules cannot read: a call per part, each with its own hold and run, and no cut without a mark."""

import asyncio
import json
import signal
from decimal import Decimal
from uuid import UUID

import pytest

from rfqflow import attachments
from rfqflow.core.errors import Usage
from rfqflow.core.policy import Policy
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.core.records import Rfq
from rfqflow.database import migrate
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.budgeted_calls import BudgetedCaller
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.prompts import shipped
from rfqflow.store.evaluation import EvaluationStore
from tests.support.daemon import ForkedProcess
from tests.support.long_lists import (
    BEHAVIOUR,
    asked_lines,
    several_on_a_line,
    stated,
    terms,
    unclear,
    wanted,
    without_units,
)
from tests.support.model_server import ModelServer
from tests.support.worker_harness import until, working

RUNS = (
    "select claim_id, attempt, status, reason, error_class, booked_usd, cost_usd, output, end_status "
    "from ai.rag_runs order by created_at, run_id"
)
PART = 40  # items
ROUTES = migrate.shipped_routes()


def price(_model: str, usage: Usage) -> tuple[Decimal | None, str]:
    return Decimal(usage.input_tokens + 4 * usage.output_tokens) / 1_000_000, "table"


@pytest.fixture
async def server():
    async with ModelServer(default=BEHAVIOUR) as running:
        yield running


@pytest.fixture
async def provider(server):
    made = OpenAIProvider(model="m", base_url=server.url, price=price)
    yield made
    await made.aclose()


async def enriched(db, *messages, seconds=240):
    """The stored answers of these texts, in order."""
    for number, message in enumerate(messages):
        await db.execute(
            "insert into public.rfq_requests (request_id, message, email) values ($1, $2, 'a@example.com')",
            f"list-{number:02}", message,
        )  # fmt: skip
    await until(
        lambda: db.fetchval("select not exists (select from public.rfq_requests where ai_status <> 'done')"), seconds
    )
    return await answers(db)


async def answers(db):
    rows = await db.fetch(
        "select ai_status, ai_review, ai_summary, ai_route, ai_extracted::text as extracted "
        "from public.rfq_requests order by request_id"
    )
    return [{**dict(row), **json.loads(row["extracted"])} for row in rows]


async def books_are_straight(db):
    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert [] == await db.fetch(
        "select * from ai.reconcile_budget() where spent_usd <> runs_usd or held_usd <> holds_usd"
    )
    assert await db.fetchval("select coalesce(sum(in_flight), 0) from ai.model_states") == 0


async def count_missing(db):
    (row,) = await answers(db)
    assert row["ai_review"] == "items_incomplete"
    return row["checks"]["line_items"]["count"]


@pytest.mark.skipif(not attachments.available(), reason="the extra `attachments` is not installed")
async def test_no_part_of_a_list_in_an_attached_file_is_paid_for_twice(db, database, server, provider):
    rows = unclear(60).encode()
    async with working(database, provider, poll_seconds=0.2):
        await db.execute(
            "with r as (insert into public.rfq_requests (message) values ('Please quote as per list') returning id) "
            "insert into public.rfq_attachments (rfq_id, file_name, content) select id, 'list.txt', $1 from r", rows,
        )  # fmt: skip
        await until(
            lambda: db.fetchval("select exists (select from public.rfq_requests where ai_status <> 'pending')"), 60
        )

    (row,) = await answers(db)
    assert len(server.journal) == 2
    assert (row["ai_status"], len(row["line_items"])) == ("done", 60)
    assert row["attachments"][0]["state"] == "read"


@pytest.mark.timeout(300)
async def test_every_item_of_a_long_unclear_list_is_stored_once_and_in_order(db, database, server, provider):
    lengths = (30, 60, 300, 1_000)
    await db.execute("select ai.set_policy('sender_per_hour', '4')")  # a part of a list does not count as another RFQ
    async with working(database, provider, poll_seconds=0.2):
        stored = await enriched(db, *map(unclear, lengths))

    for length, row in zip(lengths, stored, strict=True):
        assert stated(row["line_items"]) == wanted(length)
        assert (row["ai_review"], row["ai_route"]) == (None, "general")
        assert "line_items" not in row["checks"]
        assert all(found["verdict"] == "verified" for fact, found in row["checks"].items() if "items[" in fact)
    calls = sum(-(-length // PART) for length in lengths)
    runs = await db.fetch(RUNS)
    assert len(server.journal) == len(runs) == len({run["claim_id"] for run in runs}) == calls
    assert {("superseded", "part", None), ("succeeded", None, "done")} == {
        (run["status"], run["reason"], run["end_status"]) for run in runs
    }
    assert {1} == {run["attempt"] for run in runs}  # the next part is not a failure
    assert all(run["booked_usd"] == run["cost_usd"] > 0 for run in runs)
    await books_are_straight(db)


async def test_lines_with_several_items_each_are_split_into_as_many_parts(db, database, server, provider):
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, several_on_a_line(300))
    assert (stated(row["line_items"]), row["ai_review"]) == (wanted(300), None)
    assert len(server.journal) == 300 // PART + 1


@pytest.mark.fault("L19")
async def test_when_the_budget_ends_midway_the_items_so_far_are_kept_and_the_missing_ones_counted(
    db, database, server, provider
):
    length, parts = 300, 3
    server.script(BEHAVIOUR, BEHAVIOUR, "held_lines")
    async with working(database, provider, poll_seconds=0.2):
        await db.execute("insert into public.rfq_requests (message) values ($1)", unclear(length))
        await server.received(parts)
        # Their costs fit into the cap, and the next part's hold does not.
        await db.execute("select ai.set_budget('global', 'day', 0.05)")
        server.let_go()
        await until(lambda: db.fetchval("select ai_status = 'done' from public.rfq_requests"))

    (row,) = await answers(db)
    assert len(server.journal) == parts
    assert stated(row["line_items"]) == wanted(parts * PART)
    assert await count_missing(db) == length - parts * PART
    runs = await db.fetch(RUNS)
    assert [("superseded", "part")] * parts + [("succeeded", "budget")] == [
        (run["status"], run["reason"]) for run in runs
    ]
    assert runs[-1]["cost_usd"] == 0
    assert row["ai_summary"] == "Spare parts of a list are asked for."
    cost = await db.fetchval("select cost_usd from ai.rfq_status")
    assert cost == sum(run["booked_usd"] or 0 for run in runs) > 0
    await books_are_straight(db)


@pytest.mark.fault("L19")
async def test_a_part_that_fails_for_good_leaves_the_items_before_it_and_the_reason_on_the_run(
    db, database, server, provider
):
    server.script(BEHAVIOUR, BEHAVIOUR, "400")
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, unclear(100))
    assert stated(row["line_items"]) == wanted(80)
    assert await count_missing(db) == 20
    runs = await db.fetch(RUNS)
    assert [("part", None), ("part", None), ("bad_request", "bad_request")] == [
        (run["reason"], run["error_class"]) for run in runs
    ]
    assert (runs[-1]["status"], runs[-1]["end_status"]) == ("succeeded", "done")
    await books_are_straight(db)


@pytest.mark.fault("L19")
async def test_a_part_that_fails_once_is_repeated_without_the_parts_before_it(db, database, server, provider):
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01')")
    server.script(BEHAVIOUR, "500", "500", "429_short", BEHAVIOUR)
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, unclear(100))
    assert (stated(row["line_items"]), row["ai_review"]) == (wanted(100), None)
    runs = await db.fetch(RUNS)
    assert ["part", "provider_5xx", "part", None] == [run["reason"] for run in runs]
    assert [asked_lines(each["body"]) for each in server.journal] == [
        (1, 41), (42, 81), (42, 81), (42, 81), (42, 81), (82, 101),
    ]  # fmt: skip
    await books_are_straight(db)


@pytest.mark.fault("L19")
@pytest.mark.parametrize("message", [unclear(100), several_on_a_line(100)], ids=["lines", "several_on_a_line"])
async def test_parts_are_halved_where_answers_are_cut_off_at_their_limit(db, database, server, provider, message):
    """A cut-off answer never counts as a whole one."""
    await db.execute("select ai.set_policy('retry_base_seconds', '0.01')")
    server.default = "cut_off_beyond_12"
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, message)
    assert (stated(row["line_items"]), row["ai_review"]) == (wanted(100), None)
    runs = await db.fetch(RUNS)
    assert 2 <= sum(run["error_class"] == "truncated" for run in runs) <= 3
    await books_are_straight(db)


async def test_an_offered_price_list_is_read_by_one_call(db, database, server, provider):
    server.default = "price_list"
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, unclear(300))
    assert (row["intent"], row["ai_review"]) == ("supplier_offer", None)
    assert len(server.journal) == 1
    assert [None] == [run["reason"] for run in await db.fetch(RUNS)]


async def test_more_items_than_an_answer_holds_are_counted(db, database, server, provider):
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, unclear(1_100))
    assert stated(row["line_items"]) == wanted(1_000)
    assert await count_missing(db) == 100
    assert len(server.journal) == 25


async def test_items_that_a_model_leaves_out_of_its_part_are_counted(db, database, server, provider):
    server.default = "lazy"
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, without_units(100))
    assert stated(row["line_items"]) == [each for at in (0, 40, 80) for each in wanted(100)[at : at + 20]]
    assert await count_missing(db) == 40


async def test_lines_after_a_list_are_read_up_to_a_limit_and_make_no_list_incomplete(db, database, server, provider):
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, f"{unclear(60)}\n{terms(400)}")
    assert (stated(row["line_items"]), row["ai_review"]) == (wanted(60), None)
    assert len(server.journal) == 4


async def test_a_clear_list_beside_an_unclear_one_is_read_by_rule_and_in_no_part(db, database, server, provider):
    rows = "\n".join(f"PX-{1060 + number}\tsleeve\t{number + 63}\tpcs" for number in range(300))
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, f"{unclear(60)}\n\nPart\tDescription\tQty\tUnit\n{rows}")
    assert (stated(row["line_items"]), row["ai_review"]) == (wanted(360), None)
    assert len(server.journal) == 2
    assert server.journal[1]["body"]["messages"][-1]["content"].count("\tpcs") < 20


async def test_lines_cut_out_of_the_middle_of_a_very_long_message_are_counted(db, database, server, provider):
    message = unclear(600).replace("the sleeve", f"for the line that we run since {'so very ' * 12}long, the sleeve")
    async with working(database, provider, poll_seconds=0.2):
        (row,) = await enriched(db, message)
    read = len(row["line_items"])
    assert 0 < read < 600
    assert abs(await count_missing(db) - (600 - read)) <= 6
    assert stated(row["line_items"]) == [each for each in wanted(600) if each in stated(row["line_items"])]


@pytest.mark.fault("L19")
async def test_a_breaker_that_a_person_opens_midway_ends_the_list_with_the_answered_parts(
    db, database, server, provider
):
    server.script(BEHAVIOUR, "held_lines")
    async with working(database, provider, poll_seconds=0.2):
        await db.execute("insert into public.rfq_requests (message) values ($1)", unclear(100))
        await server.received(2)
        await db.execute("select ai.open_breaker('openai', 'm', 'ada', 'not today')")
        server.let_go()
        await until(lambda: db.fetchval("select ai_status = 'done' from public.rfq_requests"))
    (row,) = await answers(db)
    assert stated(row["line_items"]) == wanted(80)
    assert await count_missing(db) == 20
    assert ["part", "part", "breaker_open"] == [run["reason"] for run in await db.fetch(RUNS)]


@pytest.mark.fault("L19", "W2", "W3", "W4")
@pytest.mark.parametrize(
    ("plan", "calls", "lost"),
    [
        ("after_finish=kill@1", 3, 0),  # between two parts: none is repeated
        ("before_send=kill@2", 3, 1),
        ("after_reply=kill@2", 4, 1),  # answered, and no run has it
        ("before_finish=kill@3", 4, 1),
    ],
)
async def test_a_crash_midway_repeats_at_most_one_part_and_accepts_nothing_twice(
    db, database, server, plan, calls, lost
):
    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
        "values ('openai', 'm', 1, 4)"
    )
    environment = {
        "RFQFLOW_DATABASE_URL": database, "RFQFLOW_PROVIDER": "openai", "OPENAI_BASE_URL": server.url,
        "OPENAI_API_KEY": "sk-test", "RFQFLOW_MODEL": "m",
    }  # fmt: skip
    await db.execute("insert into public.rfq_requests (message) values ($1)", unclear(100))
    async with ForkedProcess("run", **environment, RFQFLOW_FAILPOINTS=plan) as dying:
        assert await dying.exit_code(60) == -signal.SIGKILL
    async with ForkedProcess("run", "--drain", **environment) as process:
        assert await process.exit_code(60) == 0, process.text
    (row,) = await answers(db)
    assert (stated(row["line_items"]), row["ai_review"]) == (wanted(100), None)
    assert len(server.journal) == calls
    runs = await db.fetch(RUNS)
    assert [("part", 2), (None, 1)] == [
        (reason, sum(run["reason"] == reason for run in runs)) for reason in ("part", None)
    ]
    assert sum(run["status"] == "lost" and (run["booked_usd"] or 0) > 0 for run in runs) == lost
    assert {"lost"} >= {run["status"] for run in runs if run["status"] not in ("superseded", "succeeded")}
    assert await db.fetchval("select spent_usd from ai.budget_status where scope = 'global'") == sum(
        run["booked_usd"] or 0 for run in runs
    )
    await books_are_straight(db)


async def test_masked_text_is_sent_in_no_part_and_is_restored_in_its_item(db, database, server, provider):
    message = unclear(100).replace("PX-1090 ", "PX-1090 (ask ann.lee@example.org) ")
    async with working(database, provider, poll_seconds=0.2, mask="contact"):
        (row,) = await enriched(db, message)
    assert stated(row["line_items"]) == wanted(100)
    assert len(server.journal) == 3
    assert "ann.lee@example.org" not in json.dumps([each["body"] for each in server.journal])
    assert "[masked-email-1]" in server.journal[-1]["body"]["messages"][-1]["content"]


async def test_an_edit_or_a_forced_rerun_midway_begins_with_the_first_part(db, database, server, provider):
    server.script(BEHAVIOUR, "held_lines")
    async with working(database, provider, poll_seconds=0.2):
        await db.execute("insert into public.rfq_requests (message) values ($1)", unclear(100))
        await server.received(2)
        await db.execute("update public.rfq_requests set message = $1", unclear(90))
        server.let_go()
        await until(lambda: db.fetchval("select ai_status = 'done' from public.rfq_requests"))
        (row,) = await answers(db)
        assert stated(row["line_items"]) == wanted(90)
        assert len(server.journal) == 2 + 3
        await db.execute("select ai.rerun_rfq(id, true) from public.rfq_requests")
        await until(lambda: db.fetchval("select count(*) = 2 from ai.rag_runs where end_status is null and reason is null "
                                        "or end_status = 'done'"))  # fmt: skip
    assert len(server.journal) == 5 + 3
    (row,) = await answers(db)
    assert stated(row["line_items"]) == wanted(90)
    await books_are_straight(db)


# -- calls that no RFQ waits for -------------------------------------------------------------------------------------


@pytest.fixture
async def calls(db, database, provider):
    line = ReconnectingConnection(database, "rfqflow test")
    store = EvaluationStore(line)
    pipeline = Pipeline(provider, prompt_version=None, deadline_seconds=5, pepper=None)
    yield BudgetedCaller(pipeline, store, Policy.from_values(await store.policy()), deadline_seconds=5)
    await line.close()


def asked(calls, message):
    prompt = Prompt.of(shipped(), ROUTES)
    return calls.ask(Rfq(UUID(int=1), "r", message), ROUTES, prompt, "m")


async def test_an_evaluation_splits_a_long_list_into_parts_too_and_pays_the_sum(db, server, calls):
    said = await asked(calls, unclear(100))
    answer = said.outcome.answer
    assert stated(item.model_dump() for item in answer.line_items) == wanted(100)
    assert "line_items" not in answer.checks
    booked = await db.fetch("select claim_id, booked_usd from ai.eval_calls")
    assert (len(server.journal), len({each["claim_id"] for each in booked})) == (3, 3)
    assert said.cost_usd == sum(each["booked_usd"] for each in booked) == calls.spent_usd
    await books_are_straight(db)


@pytest.mark.fault("L19")
@pytest.mark.parametrize("end", ["budget", "400"])
async def test_an_evaluation_keeps_the_items_so_far_when_a_part_is_refused_or_fails(db, server, calls, end):
    server.script(BEHAVIOUR, "held_lines" if end == "budget" else "400")
    asking = asyncio.create_task(asked(calls, unclear(100)))
    await server.received(2)
    await db.execute("select ai.set_budget('evaluation', 'day', 0.04)")
    server.let_go()
    said = await asking
    answer = said.outcome.answer
    read = PART * (2 if end == "budget" else 1)
    assert stated(item.model_dump() for item in answer.line_items) == wanted(read)
    assert answer.checks["line_items"].count == 100 - read > 0
    assert said.cost_usd == await db.fetchval("select sum(booked_usd) from ai.eval_calls") > 0
    await books_are_straight(db)
