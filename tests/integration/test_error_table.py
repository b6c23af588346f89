"""The table of failed calls in docs/reference/errors.md, end to end.

A daemon works on a real database with a model server that fails in every way. For each way, the tests check the run,
its cost, the RFQ's status, the time of the next attempt, and the number of calls.
"""

import contextlib
import json
import re
from decimal import Decimal

import pytest
import pytest_asyncio

from rfqflow.llm.openai import OpenAIProvider
from tests.support.azure_server import KEY, AzureServer
from tests.support.model_server import ModelServer
from tests.support.provider_requests import without_pause
from tests.support.shared_worker import shared_worker
from tests.support.worker_harness import insert, until, working

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C, material 6082, zqx7canary41."
NEVER = None

# The RFQ afterwards.
DISCARDED = ("failed", "failed")
RETRIED = ("failed", "pending")
DEFERRED = ("deferred", "deferred")
# The cost on the run: an unknown cost is settled at the hold.
BILLED, NOTHING, UNKNOWN = "table", "free", "assumed"

USUAL = (24, 36)  # defer_seconds, plus or minus a fifth
BACKOFF = (0, 15)
# behaviour: (class, end, cost, calls, seconds until the next attempt: from, to)
TABLE = {
    "hang": ("timeout", RETRIED, UNKNOWN, 1, BACKOFF),
    "silent_after_head": ("timeout", RETRIED, UNKNOWN, 1, BACKOFF),
    "drip": ("timeout", RETRIED, UNKNOWN, 1, BACKOFF),
    "408": ("timeout", RETRIED, UNKNOWN, 2, BACKOFF),
    "reset": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "close": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "close:0.2": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "cut_in_status": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "cut_in_head": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "reset_in_head": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "only_continue": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "no_http": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "no_status": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "wrong_length": ("connection", DEFERRED, UNKNOWN, 2, USUAL),
    "cut_after_head": ("connection", DEFERRED, UNKNOWN, 1, USUAL),
    "reset_in_body": ("connection", DEFERRED, UNKNOWN, 1, USUAL),
    "cut_in_chunk": ("connection", DEFERRED, UNKNOWN, 1, USUAL),
    "cut_between_chunks": ("connection", DEFERRED, UNKNOWN, 1, USUAL),
    "bad_chunk": ("connection", DEFERRED, UNKNOWN, 1, USUAL),
    "cut": ("connection", DEFERRED, UNKNOWN, 1, USUAL),
    "redirect": ("connection", DEFERRED, NOTHING, 1, USUAL),
    "429_seconds": ("rate_limit", DEFERRED, NOTHING, 1, (17, 25.5)),
    "429_short": ("rate_limit", DEFERRED, NOTHING, 2, (0.2, 0.3)),
    "429_ms": ("rate_limit", DEFERRED, NOTHING, 1, (2.5, 3.75)),
    "429_date": ("rate_limit", DEFERRED, NOTHING, 1, (30, 45)),
    "429_huge": ("rate_limit", DEFERRED, NOTHING, 1, (3600, 5400)),
    "429_words": ("rate_limit", DEFERRED, NOTHING, 1, USUAL),
    "429_none": ("rate_limit", DEFERRED, NOTHING, 1, USUAL),
    "429_quota": ("quota", DEFERRED, NOTHING, 1, (720, 1080)),
    "402": ("quota", DEFERRED, NOTHING, 1, (720, 1080)),
    "500": ("provider_5xx", RETRIED, NOTHING, 2, BACKOFF),
    "409": ("provider_5xx", RETRIED, NOTHING, 2, BACKOFF),
    "page:500": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "says_no:502": ("provider_5xx", DEFERRED, UNKNOWN, 2, USUAL),
    "page:520": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "says_no:524": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "page:418": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "page:423": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "says_no:424": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "page:460": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "page:499": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "page:425": ("provider_5xx", RETRIED, NOTHING, 2, BACKOFF),
    "error_in_200": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "500_later": ("provider_5xx", RETRIED, NOTHING, 1, (30, 31)),
    "503_long": ("provider_5xx", DEFERRED, NOTHING, 1, (30, 45)),
    "page:503": ("provider_5xx", DEFERRED, UNKNOWN, 2, USUAL),
    "page:400": ("connection", DEFERRED, NOTHING, 1, USUAL),
    "page:422": ("connection", DEFERRED, NOTHING, 1, USUAL),
    "packed:503": ("provider_5xx", DEFERRED, UNKNOWN, 2, USUAL),
    "packed:401": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "large_page:502": ("provider_5xx", DEFERRED, UNKNOWN, 2, USUAL),
    "large_page:403": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "counts_nothing": ("invalid_output", RETRIED, UNKNOWN, 2, BACKOFF),
    "504": ("provider_5xx", DEFERRED, UNKNOWN, 2, USUAL),
    "529": ("provider_5xx", DEFERRED, NOTHING, 2, USUAL),
    "401": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "403": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "page:403": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "page:451": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "400_key": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "404": ("model_not_found", DEFERRED, NOTHING, 1, USUAL),
    "400": ("bad_request", DISCARDED, NOTHING, 1, NEVER),
    "413": ("bad_request", DISCARDED, NOTHING, 1, NEVER),
    "422": ("bad_request", DISCARDED, NOTHING, 1, NEVER),
    "400_filter": ("content_filter", DISCARDED, NOTHING, 1, NEVER),
    "content_filter": ("content_filter", DISCARDED, BILLED, 1, NEVER),
    "refusal": ("refusal", DISCARDED, BILLED, 1, NEVER),
    "truncated": ("truncated", DISCARDED, BILLED, 2, NEVER),  # also with twice the output limit
    "invalid_json": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "schema_breach": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "surrogate": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "nul": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "nan": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "deep": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "leak_canary": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "tool_call": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "choices_empty": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "choices_null": ("invalid_output", RETRIED, BILLED, 2, BACKOFF),
    "html200": ("invalid_output", RETRIED, UNKNOWN, 2, BACKOFF),
    "null": ("invalid_output", RETRIED, UNKNOWN, 2, BACKOFF),
    "empty": ("invalid_output", RETRIED, UNKNOWN, 2, BACKOFF),
    "azure_filter": ("content_filter", DISCARDED, NOTHING, 1, NEVER),
    "azure_filtered_answer": ("content_filter", DISCARDED, BILLED, 1, NEVER),
    "azure_key": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "azure_firewall": ("auth", DEFERRED, NOTHING, 1, USUAL),
    "azure_volume": ("quota", DEFERRED, NOTHING, 1, (720, 1080)),
    "azure_deployment": ("model_not_found", DEFERRED, NOTHING, 1, USUAL),
    "azure_rate": ("rate_limit", DEFERRED, NOTHING, 1, (21, 31.5)),
    "azure_gateway_rate": ("rate_limit", DEFERRED, NOTHING, 1, (15, 22.5)),
    "azure_capacity": ("rate_limit", DEFERRED, NOTHING, 2, (1.7, 2.55)),
    "azure_timeout": ("timeout", RETRIED, UNKNOWN, 2, BACKOFF),
    "azure_dependency": ("provider_5xx", RETRIED, UNKNOWN, 2, BACKOFF),
    "azure_region": ("provider_5xx", DEFERRED, NOTHING, 2, USUAL),
    "gzip_bomb": ("too_large", RETRIED, UNKNOWN, 1, BACKOFF),
    "huge": ("too_large", RETRIED, UNKNOWN, 1, BACKOFF),
    "endless": ("too_large", RETRIED, UNKNOWN, 1, BACKOFF),
}
SILENT = ("hang", "silent_after_head", "drip")


def priced(_model, usage):
    return Decimal(usage.input_tokens + 4 * usage.output_tokens) / 1_000_000, "table"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker(server_databases, template):
    async with shared_worker(server_databases, template, call_deadline_seconds=8.0) as made:
        yield made


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("behaviour", [one for one in TABLE if one not in SILENT])
async def test_a_failed_call_ends_as_the_table_says(worker, same_window, capsys, behaviour):
    async with asking(behaviour) as (server, provider):
        await worker.attempt(provider, MESSAGE)

    await assert_it_ends_as_the_table_says(worker.db, behaviour, server, 8.0, capsys)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hasty_worker(server_databases, template):
    async with shared_worker(server_databases, template, call_deadline_seconds=0.6) as made:
        yield made


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("behaviour", SILENT)
async def test_an_endless_call_ends_at_the_deadline(hasty_worker, same_window, capsys, behaviour):
    async with asking(behaviour) as (server, provider):
        await hasty_worker.attempt(provider, MESSAGE)

    await assert_it_ends_as_the_table_says(hasty_worker.db, behaviour, server, 0.6, capsys)


@contextlib.asynccontextmanager
async def asking(behaviour):
    """A server with this behaviour, and a provider that calls it."""
    azure = behaviour.startswith("azure_")
    made = AzureServer(default=behaviour, deployments={"m1": "like_gpt_5"}) if azure else ModelServer(default=behaviour)
    async with made as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, api_key=KEY if azure else None, price=priced)
        yield server, without_pause(provider)
        await provider.aclose()


async def assert_it_ends_as_the_table_says(db, behaviour, server, deadline, capsys):
    error, (run_status, status), source, calls, due = TABLE[behaviour]
    (run,) = await db.fetch("select * from ai.rag_runs")
    assert len(server.journal) == calls
    assert (run["status"], run["error_class"], run["reason"]) == (run_status, error, error)
    assert (run["provider"], run["model"], run["prompt_version"], run["attempt"]) == ("openai", "m1", "rfq@1", 1)
    assert told_what_failed(run, error)
    assert run["latency_ms"] < 1000 * deadline + 1000
    billed(run, source, server.journal)

    rfq = await db.fetchrow("select * from ai.rfq_status")
    assert rfq["ai_status"] == status
    assert rfq["ai_reason"] == {"pending": "retry"}.get(status, error)
    assert rfq["attempts"] == (0 if status == "deferred" else 1)
    assert rfq["last_error_class"] == error
    await due_again(db, run["created_at"], rfq["next_attempt_at"], due)
    assert rfq["cost_usd"] == run["cost_usd"]
    nothing_is_told(await everything(db), capsys.readouterr())


def told_what_failed(run, error):
    detail = run["error_detail"]
    return error in detail and len(detail) <= 500 and not re.search(r"[\x00-\x1f]", detail)


def billed(run, source, asked):
    tokens = sum(each["prompt_tokens"] for each in asked)
    assert run["cost_source"] == source
    match source:
        case "table":
            # A reply that is not a completion may state any usage. All others count the tokens of the request.
            assert run["input_tokens"] in (tokens, 5 * len(asked))
            assert run["cost_usd"] == Decimal(run["input_tokens"] + 4 * run["output_tokens"]) / 1_000_000 > 0
        case "free":
            assert (run["input_tokens"], run["output_tokens"], run["cost_usd"]) == (0, 0, 0)
        case "assumed":
            assert (run["input_tokens"], run["output_tokens"]) == (None, None)
            assert run["cost_usd"] == run["booked_usd"] > Decimal(tokens) / 1_000_000


async def due_again(db, recorded_at, next_attempt_at, due):
    if due is NEVER:
        assert next_attempt_at is None
        assert await db.fetchval("select count(*) from ai.dead_letters") == 1
        return
    seconds = (next_attempt_at - recorded_at).total_seconds()
    assert due[0] - 0.01 <= seconds <= due[1] + 0.01


async def everything(db):
    # An error's detail may quote the text: it is guarded, and erased with it.
    rows = await db.fetch("select to_jsonb(r) - 'error_detail' as row from ai.rag_runs r")
    rows += await db.fetch("select to_jsonb(x) as row from ai.outbox_dead x")
    return json.dumps([row["row"] for row in rows])


def nothing_is_told(stored, printed):
    assert "run." in printed.out + printed.err  # pytest's capture includes the worker's log
    assert "zqx7canary41" not in stored + printed.out + printed.err
    assert "B-7714" not in stored + printed.out + printed.err


def test_the_table_has_every_class_with_which_a_call_can_end():
    from rfqflow.core.errors import ErrorClass

    not_of_calls = {"cancelled", "write_refused", "lease_lost", "not_sent", "unreadable", "internal"}
    assert {row[0] for row in TABLE.values()} == set(ErrorClass) - not_of_calls


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("behaviour", ["invalid_json", "html200", "reset", "500", "503", "408", "429_short"])
async def test_a_brief_fault_is_repeated_within_the_attempt(worker, same_window, behaviour):
    async with asking("ok") as (server, provider):
        server.script(behaviour)
        await worker.attempt(provider, MESSAGE)

    db = worker.db
    run = await db.fetchrow("select * from ai.rag_runs")
    assert (run["status"], run["error_class"], len(server.journal)) == ("succeeded", None, 2)
    known = behaviour not in {"html200", "408", "reset"}  # these may have been billed at an unknown amount
    assert run["cost_source"] == ("table" if known else "assumed")
    sent = sum(each["prompt_tokens"] for each in server.journal)
    assert run["cost_usd"] == run["booked_usd"] > Decimal(0 if known else sent) / 1_000_000
    assert await db.fetchval("select ai_status from ai.rfqs") == "done"


async def test_a_poison_rfq_ends_as_a_dead_letter_with_its_whole_cost(database, db):
    async with ModelServer(default="schema_breach") as server:
        provider = without_pause(OpenAIProvider(model="m1", base_url=server.url, price=priced))
        await db.execute("select ai.set_policy('retry_base_seconds', '0.1'), ai.set_policy('max_attempts', '3')")
        async with working(database, provider, poll_seconds=0.05):
            await insert(db, MESSAGE)
            await until(lambda: db.fetchval("select exists (select from ai.dead_letters)"))
        await provider.aclose()

    rows = await db.fetch("select * from ai.rag_runs order by created_at")
    assert [(row["attempt"], row["status"]) for row in rows] == [(1, "failed"), (2, "failed"), (3, "failed")]
    assert len(server.journal) == 6
    rfq = await db.fetchrow("select * from ai.rfq_status")
    assert (rfq["ai_status"], rfq["ai_reason"], rfq["attempts"]) == ("failed", "invalid_output", 3)
    assert rfq["cost_usd"] == sum(row["cost_usd"] for row in rows) > 0
