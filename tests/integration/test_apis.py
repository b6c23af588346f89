"""Which of OpenAI's APIs a daemon uses: known, chosen, or learnt once for all workers without the loss of an attempt."""

import json

import pytest

from tests.support.daemon import ForkedProcess, eventually
from tests.support.model_families import FAMILIES
from tests.support.model_server import ModelServer

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C. Number {}."


async def enrich(database, db, server, count, **environment):
    """Enriches this many RFQs with a new daemon, from its start to its end."""
    await db.executemany(
        "insert into public.rfq_requests (message) values ($1)", [(MESSAGE.format(number),) for number in range(count)]
    )
    process = ForkedProcess(
        "run", "--drain", RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="openai", OPENAI_BASE_URL=server.url,
        **{"RFQFLOW_MODEL": "gpt-5-mini", "RFQFLOW_OPENAI_API": "responses", **environment},
    )  # fmt: skip
    async with process as running:
        assert await running.exit_code(60) == 0


def paths(server):
    return [each["path"].rpartition("/")[2] for each in server.journal]


async def failed(db):
    return await db.fetchval("select count(*) from ai.rag_runs where error_class is not null")


@pytest.mark.fault("L20")
@pytest.mark.parametrize("count", [1, 40])
async def test_a_server_without_responses_costs_no_rfq_an_attempt_and_the_next_daemon_knows_it(database, db, count):
    async with ModelServer(has_responses=False) as server:
        await enrich(database, db, server, count)
        assert await db.fetchval("select count(*) from ai.rfq_status where ai_status = 'done'") == count
        assert await failed(db) == 0
        assert paths(server).count("completions") == count
        row = await eventually(lambda: db.fetchrow("select * from ai.model_capabilities"))
        assert (row["model"], row["rejected"]) == ("gpt-5-mini", ["responses"])

        server.journal.clear()
        await db.execute("delete from public.rfq_requests")
        await enrich(database, db, server, 1)
        assert paths(server) == ["completions"]


async def test_rfqs_are_answered_by_responses_without_one_rejected_call(database, db):
    async with ModelServer(default="like_gpt_5") as server:
        await enrich(database, db, server, 40)
        assert (paths(server), await failed(db)) == (["responses"] * 40, 0)
    run = await db.fetchrow("select * from ai.rag_runs limit 1")
    assert (run["status"], run["provider_request_id"][:5]) == ("succeeded", "resp-")
    assert 0 < run["cached_input_tokens"] < run["input_tokens"]
    assert await db.fetchval("select count(*) from ai.model_capabilities") == 0


@pytest.mark.parametrize(
    ("family", "api"),
    [("like_gpt_5_pro", "responses"), ("like_mistral", "responses"), ("like_gpt_4o", "chat"), ("like_litellm", "chat")],
)
async def test_forty_simultaneous_rfqs_with_an_unknown_deployment_name_are_done_without_a_failed_attempt(
    database, db, family, api
):
    """The calls in flight learn what the server rejects; see `RFQFLOW_DEPLOYMENTS`."""
    assert family in FAMILIES
    async with ModelServer(default=family) as server:
        await enrich(database, db, server, 40, RFQFLOW_MODEL="ours", RFQFLOW_OPENAI_API=api)
        assert await db.fetchval("select count(*) from ai.rfq_status where ai_status = 'done'") == 40
        assert await failed(db) == 0


async def test_a_deployment_gets_the_parameters_of_the_model_behind_it(database, db):
    async with ModelServer(default="like_gpt_5") as server:
        await enrich(database, db, server, 1, RFQFLOW_MODEL="ours", RFQFLOW_DEPLOYMENTS="ours=gpt-5-mini")
        await enrich(database, db, server, 1)
        ours, named = [each["body"] for each in server.journal]
    assert (ours["model"], ours["reasoning"]) == ("ours", {"effort": "low"})
    assert "temperature" not in json.dumps(ours)
    assert ours["max_output_tokens"] == named["max_output_tokens"]
