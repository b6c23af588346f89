"""RFQs through Anthropic's SDK: a daemon, a real database, and a server that rejects what the real API rejects."""

import json
from decimal import Decimal

import pytest
import pytest_asyncio

from rfqflow.llm.anthropic import AnthropicProvider
from rfqflow.llm.messages_probe import probe_anthropic
from rfqflow.llm.probe import Target
from tests.support import messages_behaviours  # noqa: F401 - registers behaviours
from tests.support.daemon import ForkedProcess, Process, eventually
from tests.support.messages_server import MODELS, MessagesServer
from tests.support.model_behaviours import behaviour
from tests.support.model_exchange import Exchange, as_json, completion
from tests.support.shared_worker import shared_worker
from tests.support.worker_harness import ended, insert, until, working

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C, material 6082, zqx7canary41."
MODEL = "claude-haiku-5-5"
KEY = "sk-ant-0123456789"


def daemon(database, server, *arguments, kind=ForkedProcess, **environment):
    return kind(
        "run", "--drain", *arguments, RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="anthropic",
        **{"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": KEY, **environment},
    )  # fmt: skip


async def drained(database, server, **environment):
    async with daemon(database, server, **environment) as process:
        assert await process.exit_code(60) == 0, process.text


def priced(_model, usage):
    return Decimal(usage.input_tokens + 4 * usage.output_tokens) / 1_000_000, "table"


async def test_a_first_rfq_is_done_in_one_call_and_its_run_has_the_cost(database, db):
    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, cached_input_usd_per_million, "
        f"output_usd_per_million) values ('anthropic', '{MODEL}', 1, 0.1, 5)"
    )
    async with MessagesServer(default="writes_cache") as server:
        await insert(db, MESSAGE)
        await drained(database, server)
        (sent,) = server.journal

    assert sent["headers"]["authorization"] == f"Bearer {KEY}"
    run = await db.fetchrow("select * from ai.rag_runs")
    assert (run["status"], run["provider"], run["model"]) == ("succeeded", "anthropic", MODEL)
    assert (run["input_tokens"], run["cached_input_tokens"], run["output_tokens"]) == (1000, 100, 200)
    assert (run["cost_source"], run["cost_usd"]) == ("table", Decimal("0.00206"))
    assert await db.fetchval("select ai_status from ai.rfqs") == "done"
    assert await db.fetchval("select count(*) from ai.model_capabilities") == 0


async def test_forty_simultaneous_rfqs_at_a_limited_gateway_are_done_without_a_failed_attempt(database, db):
    messages = [f"We need {number + 2} pcs of milled brackets, drawing B-{number}." for number in range(40)]
    async with MessagesServer(lacks=("output_config", "system.cache_control")) as server:
        await insert(db, *messages)
        await drained(database, server)
        assert len(server.journal) - server.rejected == 40
        row = await eventually(lambda: db.fetchrow("select * from ai.model_capabilities"))
        assert (row["provider"], row["model"], row["mode"]) == ("anthropic", MODEL, "json_schema")
        assert row["rejected"] == ["cache_control", "reasoning_effort"]

        rejected = server.rejected
        await insert(db, MESSAGE)
        await drained(database, server)
        assert server.rejected == rejected
    ends = await db.fetch("select status, error_class, attempt from ai.rag_runs")
    assert {tuple(end) for end in ends} == {("succeeded", None, 1)}
    assert len(ends) == 41


RETRIED, DEFERRED, DISCARDED = ("failed", "pending"), ("deferred", "deferred"), ("failed", "failed")
# behaviour: (class, run and RFQ, cost, calls)
TABLE = {
    "400": ("bad_request", DISCARDED, "free", 1),
    "401": ("auth", DEFERRED, "free", 1),
    "402": ("quota", DEFERRED, "free", 1),
    "credit": ("quota", DEFERRED, "free", 1),
    "spend_limit": ("quota", DEFERRED, "free", 1),
    "403": ("auth", DEFERRED, "free", 1),
    "404": ("model_not_found", DEFERRED, "free", 1),
    "413": ("bad_request", DISCARDED, "free", 2),  # a second call, for less
    "429_reset:30": ("rate_limit", DEFERRED, "free", 1),
    "429_quota": ("quota", DEFERRED, "free", 1),
    "500": ("provider_5xx", RETRIED, "free", 2),
    "504": ("provider_5xx", DEFERRED, "assumed", 2),
    "529": ("provider_5xx", DEFERRED, "free", 2),
    "overloaded_in_200": ("provider_5xx", RETRIED, "assumed", 2),
    "refusal": ("refusal", DISCARDED, "table", 1),
    "schema_breach": ("invalid_output", RETRIED, "table", 2),
    "cut": ("connection", DEFERRED, "assumed", 1),
    "huge": ("too_large", RETRIED, "assumed", 1),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker(server_databases, template):
    async with shared_worker(server_databases, template, call_deadline_seconds=8.0) as made:
        yield made


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("behaviour", TABLE)
async def test_a_failed_call_ends_as_the_table_says(worker, same_window, capsys, behaviour):
    error, (run_status, status), source, calls = TABLE[behaviour]
    async with MessagesServer(default=behaviour) as server:
        provider = AnthropicProvider(model=MODEL, base_url=server.url, price=priced)
        await worker.attempt(provider, MESSAGE)
        await provider.aclose()
        assert (len(server.journal), server.rejected) == (calls, 0)

    db = worker.db
    run = await db.fetchrow("select * from ai.rag_runs")
    assert (run["status"], run["error_class"], run["provider"]) == (run_status, error, "anthropic")
    assert run["cost_source"] == source
    assert (run["cost_usd"] == 0) == (source == "free")
    assert await db.fetchval("select ai_status from ai.rfq_status") == status
    said = json.dumps([row[0] for row in await db.fetch("select to_jsonb(r) - 'error_detail' from ai.rag_runs r")])
    printed = capsys.readouterr()
    assert "zqx7canary41" not in said + printed.out + printed.err


async def test_an_rfq_that_one_model_declines_goes_to_the_next_of_the_chain_at_once(database, db):
    async with MessagesServer() as server:
        server.script("refusal")
        provider = AnthropicProvider(
            model=MODEL, fallback_models=("claude-sonnet-4-5",), base_url=server.url, price=priced
        )
        async with working(database, provider):
            await insert(db, MESSAGE)
            await until(ended(db, 1))
        await provider.aclose()
        assert [each["body"]["model"] for each in server.journal] == [MODEL, "claude-sonnet-4-5"]
        assert server.rejected == 0


# -- `run` refuses wrong settings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"ANTHROPIC_API_KEY": f"Bearer {KEY}"}, "ANTHROPIC_API_KEY: must be the key alone"),
        ({"ANTHROPIC_BASE_URL": "https://api.anthropic.com/v1"}, "remove /v1"),
        ({"ANTHROPIC_BASE_URL": "http://api.anthropic.com"}, "must be https://api.anthropic.com"),
        ({"ANTHROPIC_BASE_URL": "https://gate.example/v1/messages"}, "remove /v1/messages"),
        ({"ANTHROPIC_CUSTOM_HEADERS": "X Team: a"}, "ANTHROPIC_CUSTOM_HEADERS"),
        ({"ANTHROPIC_BASE_URL": "", "ANTHROPIC_API_KEY": ""}, "no key is set"),
    ],
)
async def test_settings_that_cannot_work_stop_the_daemon_with_the_remedy(database, environment, words):
    async with MessagesServer() as server:
        async with daemon(database, server, **environment) as process:
            assert await process.exit_code(30) == 2
            assert words in process.text
        assert server.journal == []


async def test_without_the_extra_the_daemon_names_the_package_to_install(database, tmp_path):
    (tmp_path / "anthropic.py").write_text("raise ImportError('not installed')\n")
    async with MessagesServer() as server, daemon(database, server, kind=Process, PYTHONPATH=str(tmp_path)) as process:
        assert await process.exit_code(30) == 2
        assert "pip install 'rfqflow[anthropic]'" in process.text


# -- the probe -----------------------------------------------------------------------------------------------------


def probed(name, content):
    @behaviour(name)
    async def reply(exchange: Exchange) -> None:
        if exchange.path == MODELS:
            await exchange.send(200, as_json({"data": [{"id": MODEL, "type": "model"}], "has_more": False}))
        else:
            await exchange.send(200, as_json(completion(exchange, content)))


probed("probe_good", '{"plimsoll": "umbra-4"}')
probed("probe_prose", "A clear sky at noon is blue.")


@pytest.mark.parametrize(
    ("default", "lacks", "expected"),
    [
        ("probe_good", (), [("ok", f"names the model {MODEL}"), ("ok", "is enforced (json_schema_strict)")]),
        ("probe_good", (), [("ok", "all parameters are accepted"), ("ok", "counts tokens"), ("ok", "known (table)")]),
        ("probe_good", ("output_config",), [("warn", "reasoning_effort is left out")]),
        ("probe_prose", (), [("warn", "accepted but not enforced")]),
        ("401", (), [("fail", "the key is not accepted (HTTP 401)")]),
        ("credit", (), [("fail", "quota")]),
        ("404", (), [("fail", f"model {MODEL} not found")]),
        ("529", (), [("fail", "provider_5xx")]),
        ("redirect", (), [("fail", "connection")]),
    ],
)
async def test_the_doctor_reports_how_the_server_answers_and_never_the_key(default, lacks, expected):
    row = {
        "provider": "anthropic", "model": MODEL, "input_usd_per_million": 1, "output_usd_per_million": 5,
        "cached_input_usd_per_million": None,
    }  # fmt: skip
    async with MessagesServer(default=default, lacks=lacks) as server:
        target = Target(server.url, MODEL, KEY, 8.0, (row,))
        findings = [finding async for finding in probe_anthropic(target)]
    for level, words in expected:
        assert any(one.level == level and words in one.what for one in findings), findings
    assert not any(KEY in f"{one.what}{one.remedy}" for one in findings)
    assert all(one.remedy for one in findings if one.level != "ok")


async def test_a_probe_without_a_key_sends_nothing():
    findings = [finding async for finding in probe_anthropic(Target(None, MODEL, None, 1.0))]
    assert [(one.level, one.what) for one in findings] == [("fail", "no key is set")]
