"""What a daemon sends for an RFQ, to which model, and what its runs record: chain, documents, masking, failed bills."""

import json
from decimal import Decimal

import pytest

from rfqflow.llm.openai import OpenAIProvider
from tests.support.model_server import ModelServer
from tests.support.worker_harness import Scripted, count, ended, insert, until, working

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C, material 6082."


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def provider(server):
    """A chain of two models; a token of either costs a millionth of a dollar."""
    running = OpenAIProvider(
        model="m1",
        fallback_models=("m2",),
        base_url=server.url,
        price=lambda _, usage: (Decimal(usage.input_tokens + usage.output_tokens) / 1_000_000, "table"),
    )
    yield running
    await running.aclose()


async def runs(db):
    return await db.fetch("select * from ai.rag_runs order by created_at, run_id")


def asked(server):
    return [each["body"]["model"] for each in server.journal]


# -- the chain -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviours", "error", "models", "status"),
    [
        (("invalid_json", "invalid_json"), "invalid_output", ["m1", "m1", "m2"], "failed"),
        (("refusal",), "refusal", ["m1", "m2"], "failed"),
        (("content_filter",), "content_filter", ["m1", "m2"], "failed"),
        (("truncated", "truncated"), "truncated", ["m1", "m1", "m2"], "failed"),
        (("404",), "model_not_found", ["m1", "m2"], "deferred"),
    ],
)
async def test_an_rfq_that_one_model_cannot_do_goes_to_the_next_at_once(
    database, db, server, provider, behaviours, error, models, status
):
    server.script(*behaviours)
    async with working(database, provider):
        await insert(db, MESSAGE)
        await until(ended(db, 1))

    first, last = await runs(db)
    assert (first["status"], first["error_class"], first["model"]) == (status, error, "m1")
    assert (last["status"], last["model"], last["attempt"]) == ("succeeded", "m2", 1 if status == "deferred" else 2)
    assert asked(server) == models
    assert await db.fetchval("select ai_model from ai.rfqs") == "m2"


async def test_the_last_model_of_a_chain_is_handled_like_a_single_model(database, db, server, provider):
    server.default = "refusal"
    async with working(database, provider):
        await insert(db, MESSAGE)
        await until(ended(db, 1, "failed"))
        assert asked(server) == ["m1", "m2"]
        # A retry begins with the first model.
        await db.execute("select ai.rerun_rfq(rfq_id, true) from ai.rfqs")
        await until(lambda: db.fetchval("select count(*) = 4 from ai.rag_runs"))

    assert asked(server) == ["m1", "m2", "m1", "m2"]


async def test_a_failure_that_is_not_the_models_goes_to_no_other_model(database, db, server, provider):
    server.script("500", "500")
    async with working(database, provider, poll_seconds=0.1):
        await db.execute("select ai.set_policy('retry_base_seconds', '0.1')")
        await insert(db, MESSAGE)
        await until(ended(db, 1))

    assert set(asked(server)) == {"m1"}


async def test_an_edited_text_and_a_rerun_begin_with_the_preferred_model(database, db, server, provider):
    server.script("refusal", "ok")
    async with working(database, provider):
        await insert(db, MESSAGE)
        await until(ended(db, 1))
        await db.execute("select ai.rerun_rfq(rfq_id, true) from ai.rfqs")
        await until(lambda: db.fetchval("select count(*) = 3 from ai.rag_runs"))
        server.script("refusal", "ok")
        await db.execute("update public.rfq_requests set message = message || ' Thanks.'")
        await until(lambda: db.fetchval("select count(*) = 5 from ai.rag_runs"))

    assert asked(server) == ["m1", "m2", "m1", "m1", "m2"]


# -- failed bills ----------------------------------------------------------------------------------------------


async def test_a_failed_call_costs_what_it_was_billed(database, db, server, provider):
    server.default = "refusal"
    async with working(database, provider):
        await insert(db, MESSAGE)
        await until(ended(db, 1, "failed"))

    for run, call in zip(await runs(db), server.journal, strict=True):
        assert (run["input_tokens"], run["cost_source"]) == (call["prompt_tokens"], "table")
        assert run["cost_usd"] == Decimal(run["input_tokens"] + run["output_tokens"]) / 1_000_000 > 0


@pytest.mark.parametrize(("behaviour", "source"), [("400", "free"), ("html200", "assumed")])
async def test_a_bill_of_zero_is_zero_and_an_unknown_bill_is_not(database, db, server, provider, behaviour, source):
    server.default = behaviour
    async with working(database, provider):
        await insert(db, MESSAGE)
        await until(lambda: db.fetchval("select exists (select from ai.rag_runs)"))

    run = (await runs(db))[0]
    assert run["cost_source"] == source
    assert (run["cost_usd"] > 0) == (source == "assumed")  # all that was held for it
    assert run["booked_usd"] == run["cost_usd"]


# -- documents -------------------------------------------------------------------------------------------------


async def test_documents_that_fit_are_in_the_prompt_and_on_the_run(database, db, server, provider):
    fits = await db.fetchval(
        "select ai.add_document('catalogue', 'Bracket B-7714', 'B-7714 is made on the 5-axis mill.')"
    )
    await db.execute("select ai.add_document('glossary', 'Fathom', 'Six feet of rope.')")
    await db.execute("select ai.set_policy('rag', '\"on\"')")
    async with working(database, provider):
        await insert(db, MESSAGE, "Please quote sheet glass.")
        await until(ended(db, 2))

    reported = {each["request_id"]: each["body"]["messages"][1]["content"] for each in server.journal}
    for run in await runs(db):
        refs = json.loads(run["context_refs"]) if run["context_refs"] else []
        content = reported[run["request_id"]]
        if "brackets" in content:
            assert [ref["id"] for ref in refs] == [fits]
            assert refs[0]["score"] > 0
            assert f"<reference {fits} catalogue>" in content
            assert content.index("5-axis mill") < content.index("25 pcs")
        else:
            assert refs == []
            assert "<reference" not in content
    assert await count(db, "done") == 2


@pytest.mark.parametrize("change", ["select 1", "select ai.set_policy('rag_documents', '0')"])
async def test_documents_are_searched_only_if_the_policy_says_so(database, db, server, provider, change):
    await db.execute("select ai.add_document('catalogue', 'Bracket B-7714', 'Made on the 5-axis mill.')")
    if "0" in change:
        await db.execute("select ai.set_policy('rag', '\"on\"')")
    await db.execute(change)
    async with working(database, provider):
        await insert(db, MESSAGE)
        await until(ended(db, 1))

    assert "5-axis" not in json.dumps(server.journal[0]["body"])
    assert await db.fetchval("select context_refs from ai.rag_runs") is None


async def test_a_failing_search_delays_no_rfq(database, db, server, provider):
    await db.execute("select ai.set_policy('rag', '\"on\"')")
    await db.execute("alter table ai.document_terms rename to elsewhere")
    async with working(database, provider):
        await insert(db, MESSAGE)
        await until(ended(db, 1))

    assert await db.fetchval("select context_refs from ai.rag_runs") is None


# -- masking ---------------------------------------------------------------------------------------------------

CONTACT = (
    "Please quote 25 pcs of brackets. Reach Jo at jo.doe@works.example or +49 30 1234567; "
    "invoices: DE89 3704 0044 0532 0130 00."
)
SECRETS = ("jo.doe@works.example", "1234567", "0532 0130", "05320130")


async def test_masked_contact_data_is_not_sent_by_prompts_second_calls_or_documents(database, db, server, provider):
    await db.execute("select ai.add_document('example', 'Brackets', 'Jo asked before: jo.doe@works.example')")
    await db.execute("select ai.set_policy('rag', '\"on\"')")
    server.script("schema_breach", "ok")
    async with working(database, provider, mask="contact"):
        await insert(db, CONTACT)
        await until(ended(db, 1))

    assert len(server.journal) == 2
    for each in server.journal:
        sent = json.dumps(each["body"], ensure_ascii=False)
        assert "[masked-email-1]" in sent
        assert not [secret for secret in SECRETS if secret in sent]


async def test_an_answer_is_checked_against_the_original_text_and_has_no_placeholder(database, db, server, provider):
    server.default = "names_the_contact"
    async with working(database, provider, mask="contact"):
        await insert(db, CONTACT)
        await until(ended(db, 1))

    answer = json.loads(await db.fetchval("select ai_extracted from ai.rfqs"))
    assert answer["line_items"][0]["quantity"] == "25"
    assert answer["delivery_place"] == "jo.doe@works.example"
    assert "masked-" not in await db.fetchval("select r::text from public.rfq_requests r")


async def test_without_the_setting_nothing_is_masked(database, db, server, provider):
    async with working(database, provider):
        await insert(db, CONTACT)
        await until(ended(db, 1))

    assert SECRETS[0] in json.dumps(server.journal[0]["body"])


# -- settings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "chain"),
    [("", ("a",)), ("b", ("a", "b")), (" b , c,", ("a", "b", "c")), ("a,b,a,b", ("a", "b"))],
)
@pytest.mark.parametrize("name", ["openai", "ollama"])
async def test_the_settings_name_each_model_of_the_chain_once(monkeypatch, tmp_path, given, chain, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RFQFLOW_FALLBACK_MODELS", given)
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    from rfqflow import settings
    from rfqflow.llm.factory import price_book, provider_for

    loaded = settings.load(provider=name, model="a")
    provider = provider_for(loaded, price_book(loaded, []))
    assert (provider.models, provider.model, provider.free) == (chain, "a", False)
    await provider.aclose()


def test_the_maximum_cost_of_a_call_covers_what_is_sent():
    from uuid import UUID

    from rfqflow.core.prompting.reference_documents import Document
    from rfqflow.core.records import Rfq
    from rfqflow.enrichment.pipeline import Pipeline
    from tests.support.provider_requests import PROMPT, ROUTES
    from tests.support.worker_harness import Scripted

    pipeline = Pipeline(Scripted(), prompt_version=None, deadline_seconds=1, pepper=None)
    rfq = Rfq(UUID(int=1), "r", MESSAGE)
    bare = pipeline.estimate(pipeline.prepare(rfq, "m1", ROUTES, PROMPT))
    longer = pipeline.estimate(pipeline.prepare(Rfq(UUID(int=1), "r", MESSAGE * 3), "m1", ROUTES, PROMPT))
    reported = pipeline.estimate(
        pipeline.prepare(rfq, "m1", ROUTES, PROMPT, [Document(1, "rule", "Brackets", "Made on the 5-axis mill.")])
    )
    # One call: the system part, the schema and the text. A second call has its own hold when it is made.
    assert bare.input_tokens > (len(PROMPT.system) + len(MESSAGE)) // 4
    assert bare.output_tokens == 4500
    assert longer.input_tokens - bare.input_tokens >= 2 * len(MESSAGE) // 4
    assert reported.input_tokens > bare.input_tokens


# -- the gates' facts ------------------------------------------------------------------------------------------


async def test_no_facts_are_queried_that_no_gate_needs(database, db):
    await db.execute("select ai.set_policy('duplicate_hours', '0')")
    await db.execute("alter function ai.gate_facts(uuid[], bytea[], smallint[], boolean, boolean[]) rename to gone")
    provider = Scripted()
    provider.free = True
    async with working(database, provider):
        await insert(db, "one", "two")
        await until(ended(db, 2))
    assert sorted(provider.calls) == ["one", "two"]
