"""Settings that cannot work: the start reports them. A setting that the start cannot check charges no RFQ."""

import asyncio
from decimal import Decimal

import pytest
import pytest_asyncio

from rfqflow.llm.ollama import OllamaProvider
from rfqflow.llm.openai import OpenAIProvider
from tests.support.mapped_tables import rfqflow
from tests.support.model_server import ModelServer
from tests.support.shared_worker import shared_worker
from tests.support.worker_harness import count, ended, insert, until, working

SECRET = "sk-zqx7canary"


@pytest.mark.parametrize("command", [("run", "--drain"), ("doctor",), ("doctor", "--provider")])
@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("OPENAI_API_KEY", f"{SECRET}\nmore", "copy it again"),
        ("OPENAI_API_KEY", f'"{SECRET}"', "quotes"),
        ("OPENAI_API_KEY", " ", "blank"),
        ("OPENAI_BASE_URL", f"https://u:{SECRET}@host.example/v1?x", "query"),
        ("OPENAI_BASE_URL", "https://host.example/v1/chat/completions", "remove /chat/completions"),
        ("OPENAI_BASE_URL", "https://host.example/v1/Chat/Completions", "remove /chat/completions"),
        ("OPENAI_BASE_URL", "https://host.example/v1%0A", "blank"),
        ("OPENAI_BASE_URL", "https://host.example/<deployment>/v1", "fill in"),
        ("OPENAI_API_KEY", f"{SECRET}\\n", "backslash"),
        ("OPENAI_API_KEY", "${SECRET_OF_OURS}", "no shell"),
        ("RFQFLOW_OLLAMA_URL", "localhost:11434", "http://"),
        ("RFQFLOW_MODEL", "gpt 5", "blank"),
        ("OPENAI_BASE_URL", "https://ours.openai.azure.com", "https://ours.openai.azure.com/openai/v1 for Azure"),
        ("OPENAI_BASE_URL", "https://ours.openai.azure.com/openai/deployments/gpt-5", "takes a deployment's name"),
        ("RFQFLOW_OPENAI_API", "completions", "'auto', 'responses' or 'chat'"),
        ("RFQFLOW_DEPLOYMENTS", "ours", "ours=gpt-5-mini"),
        ("RFQFLOW_DEPLOYMENTS", "ours=", "ours=gpt-5-mini"),
    ],
)
def test_run_and_doctor_refuse_a_bad_setting_with_its_name_and_the_remedy(database, command, variable, value, says):
    done = rfqflow(*command, dsn=database, **{variable: value})
    assert done.returncode == 2
    assert variable in done.stderr
    assert says in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [("OPENAI_ORG_ID", "org-1\n"), ("OPENAI_PROJECT_ID", "pr\u00fcfung"), ("OPENAI_CUSTOM_HEADERS", "X-Team: \u20ac")],
)
def test_doctor_names_the_variable_of_the_sdk_that_no_header_can_carry(database, variable, value):
    done = rfqflow(
        "doctor", "--provider", "openai", dsn=database,
        **{"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1", variable: value},
    )  # fmt: skip
    assert (done.returncode, f"{variable} holds" in done.stdout) == (1, True)
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OPENAI_ORG_ID", "org-1\n"),
        ("OPENAI_PROJECT_ID", "pr\u00fcfung"),
        ("OPENAI_CUSTOM_HEADERS", "X-Team: \u20ac"),
        ("OPENAI_CUSTOM_HEADERS", "X Team: a"),
        ("SSL_CERT_FILE", "/no/such/file.pem"),
    ],
)
def test_run_refuses_environment_variables_that_the_sdk_and_the_tls_library_read_by_themselves(
    database, variable, value
):
    done = rfqflow(
        "run", "--drain", dsn=database, RFQFLOW_PROVIDER="openai", **{"OPENAI_API_KEY": SECRET, variable: value}
    )
    assert (done.returncode, variable in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


def test_run_requires_the_key_that_openai_needs(database):
    done = rfqflow("run", "--drain", dsn=database, RFQFLOW_PROVIDER="openai")
    assert (done.returncode, "OPENAI_API_KEY" in done.stderr) == (2, True)


def priced(_model, _usage):
    return Decimal("0.01"), "table"


UNSENDABLE = {
    "a key with a line break": {"api_key": f"{SECRET}\nx"},
    "a key with a letter of another alphabet": {"api_key": f"{SECRET}\u0430"},
    "a key with a typographic quote": {"api_key": f"\u201c{SECRET}\u201d"},
    "a key with a control character": {"api_key": f"{SECRET}\x00"},
    "an address of another kind": {"base_url": "ftp://host.example/v1"},
}


@pytest.mark.fault("L17")
@pytest.mark.parametrize("settings", UNSENDABLE.values(), ids=UNSENDABLE)
async def test_a_request_that_cannot_be_made_is_charged_to_no_rfq_and_opens_the_breaker(database, db, capsys, settings):
    async with ModelServer() as server:
        provider = OpenAIProvider(**{"model": "m1", "base_url": server.url, "price": priced, **settings})
        async with working(database, provider, poll_seconds=0.05):
            await insert(db, *(f"text {number}" for number in range(8)))
            await until(ended(db, 8, "deferred"))
            await until(lambda: db.fetchval("select exists (select from ai.events where kind = 'breaker_opened')"))
        await provider.aclose()

    assert server.journal == []
    breaker = await db.fetchrow("select state, reason from ai.breaker_status where model = '*'")
    assert tuple(breaker) == ("open", "not_sent")
    assert await db.fetchval("select max(attempts) from ai.rfq_status") == 0
    runs = await db.fetch(
        "select distinct error_class, cost_source, booked_usd from ai.rag_runs where error_class is not null"
    )
    assert [tuple(run) for run in runs] == [("not_sent", "free", 0)]
    assert await db.fetchval("select sum(spent_usd + held_usd) from ai.budget_status") == 0
    printed = capsys.readouterr()
    assert SECRET not in printed.out + printed.err


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker(server_databases, template):
    async with shared_worker(server_databases, template, call_deadline_seconds=8.0) as made:
        yield made


@pytest.mark.fault("L1", "L17")
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("provider", [OpenAIProvider, OllamaProvider])
@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://no-such-host.invalid", "https://127.0.0.1:{port}"])
async def test_a_server_that_was_never_reached_costs_nothing_and_charges_no_rfq(worker, same_window, provider, address):
    async def no_tls(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(no_tls, "127.0.0.1", 0)
    async with server:
        asked = provider(model="m1", base_url=address.format(port=server.sockets[0].getsockname()[1]), price=priced)
        await worker.attempt(asked, "text")
        await asked.aclose()

    db = worker.db
    assert await count(db, "deferred") == 1
    run = await db.fetchrow("select error_class, status, cost_source, booked_usd from ai.rag_runs")
    assert tuple(run) == ("connection", "deferred", "free", 0)
    assert await db.fetchval("select attempts from ai.rfq_status") == 0


@pytest.mark.fault("L18")
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("behaviour", ["close", "close:0.3", "reset", "cut_in_head", "cut_in_status", "no_http", "cut"])
async def test_ollamas_broken_replies_are_booked_at_their_hold_too(worker, same_window, behaviour):
    async with ModelServer(default=behaviour) as server:
        provider = OllamaProvider(model="m1", base_url=f"http://127.0.0.1:{server.port}", price=priced)
        await worker.attempt(provider, "text")
        await provider.aclose()

    db = worker.db
    assert await count(db, "deferred") == 1
    run = await db.fetchrow("select error_class, cost_source, booked_usd from ai.rag_runs")
    assert tuple(run) == ("connection", "assumed", Decimal("0.01"))
    assert await db.fetchval("select spent_usd from ai.budget_status where scope = 'global'") == Decimal("0.01")
    assert {each["path"] for each in server.journal} == {"/api/chat"}
