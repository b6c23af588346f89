"""`ai.rag_runs.error_detail`: a failed attempt says what failed, on its run and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from rfqflow.core.error_detail import MOST_CHARACTERS
from rfqflow.llm.anthropic import AnthropicProvider
from rfqflow.llm.ollama import OllamaProvider
from rfqflow.llm.openai import OpenAIProvider
from tests.support import command_server, finishing
from tests.support.console_accounts import session_of
from tests.support.console_process import console
from tests.support.http_client import ask
from tests.support.messages_server import MessagesServer
from tests.support.model_behaviours import BEHAVIOURS
from tests.support.model_exchange import as_json
from tests.support.model_server import ModelServer
from tests.support.ollama_server import OllamaServer
from tests.support.shared_worker import shared_worker
from tests.support.worker_harness import ended, insert, until, working

ROOT = Path(__file__).resolve().parents[2]
MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C, material 6082."
KEY = "a-key-of-ours-that-looks-like-none"
# Text that must not leave the run.
MARK = "qzx7mark"
PROVIDERS = {
    "chat": (ModelServer, OpenAIProvider, {"has_responses": False}),
    "responses": (ModelServer, OpenAIProvider, {}),
    "anthropic": (MessagesServer, AnthropicProvider, {}),
    "ollama": (OllamaServer, OllamaProvider, {}),
}
SECRETS = (
    f"{MARK}: key {KEY} is wrong, so is sk-proj-abcdEFGH1234, api_key=hunter2hunter2, Bearer abc.def.ghi, "
    "https://user:secret@example.com/x; ask jane.doe@example.com or +49 30 1234567"
)
HOSTILE = {
    "10 MB": f"{MARK} " + "word " * 2_000_000,
    "one word of 10 MB": "x" * 10_000_000,
    "NUL": f"{MARK} a\0b",
    "control characters": f"{MARK} " + "".join(map(chr, range(32))) + "\x7f\x85\x9b\u2028",
    "an escape sequence": f"{MARK} \x1b[2J\x1b]0;title\x07red",
    "text that turns": f"{MARK} \u202egnp.exe\u2066 j\u200bane@exam\u00adple.com",
    "HTML": f"<html><script>alert('{MARK}')</script><img src=x onerror=alert(1)>{MARK}",
    "half a pair": f"{MARK} \ud800",
    "a format": f"{MARK} %s %n {{0}} {{self.__class__}} [bold]x[/bold]",
}


@contextlib.asynccontextmanager
async def speaking(kind: str, behaviour: str, **options):
    make_server, make_provider, fields = PROVIDERS[kind]
    async with make_server(default=behaviour, **fields) as server:
        key = {} if kind == "ollama" else {"api_key": KEY}
        provider = make_provider(
            model="m1", base_url=server.url, price=lambda _m, _u: (Decimal("0.0001"), "table"), **key, **options
        )
        try:
            yield provider
        finally:
            await provider.aclose()


def says(words: object, status: int = 400) -> str:
    async def reply(exchange) -> None:
        body = words if isinstance(words, bytes) else as_json({"error": {"message": words, "code": "some_code"}})
        await exchange.send(status, body)

    BEHAVIOURS["says"] = reply
    return "says"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker(server_databases, template):
    async with shared_worker(server_databases, template, call_deadline_seconds=20.0) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hasty_worker(server_databases, template):
    async with shared_worker(server_databases, template, call_deadline_seconds=2.0) as made:
        yield made


async def detail_of(worker, kind: str, behaviour: str) -> str:
    async with speaking(kind, behaviour) as provider:
        await worker.attempt(provider, MESSAGE)
    return await worker.db.fetchval("select error_detail from ai.rag_runs")


def harmless(detail: str) -> bool:
    return len(detail) <= MOST_CHARACTERS and not re.search(
        "[\x00-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", detail
    )


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_refusal_is_recorded_with_status_code_and_words_without_keys_and_contacts(worker, kind, capsys):
    detail = await detail_of(worker, kind, says(SECRETS))

    assert detail.startswith("HTTP 400 bad_request: code=")
    assert MARK in detail
    for secret in (
        *([] if kind == "ollama" else [KEY]),
        "abcdEFGH1234",
        "hunter2",
        "abc.def",
        "user:secret",
        "jane.doe",
        "1234567",
    ):
        assert secret not in detail, detail
    assert MARK not in "".join(capsys.readouterr())


@pytest.mark.fault("L22")
@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("kind", ["chat", "ollama"])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_hostile_message_harms_its_own_attempt_alone(worker, kind, words, capsys):
    async with speaking(kind, says(HOSTILE[words])) as provider:
        await worker.attempt(provider, MESSAGE, MESSAGE + " And 3 more.")

    details = [row[0] for row in await worker.db.fetch("select error_detail from ai.rag_runs")]
    assert len(details) >= 2
    assert all(detail.startswith("HTTP 400") and harmless(detail) for detail in details), details
    if words == "text that turns":
        assert all("jane" not in detail for detail in details)
    assert MARK not in "".join(capsys.readouterr())


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe\x00" + MARK.encode(), gzip.compress(MARK.encode(), mtime=0), b"<h1>" + MARK.encode()],
    ids=("no UTF-8", "compressed unasked", "markup"),
)
@pytest.mark.asyncio(loop_scope="module")
async def test_an_error_page_is_quoted_as_far_as_it_is_readable(worker, kind, body):
    detail = await detail_of(worker, kind, says(body, 503))

    assert detail.startswith("HTTP 503 provider_5xx")
    assert harmless(detail)


WRONG = {
    "schema_breach": ("schema_breach", r"must be|is missing|not in the schema"),
    "no JSON": ("invalid_json", r"not JSON \(at character \d+\).*it said: "),
    "refusal": ("refusal", r"refusal: the model ended with .*: \w+"),
    "cut off": ("truncated", r"at the limit of \d+ output tokens \(after 2 calls\)"),
    "HTML": ("html200", r"is no JSON object.*: \w"),
    "no choice": ("choices_empty", r"holds no choices.*: \{"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.asyncio(loop_scope="module")
async def test_an_invalid_answer_reports_the_field_and_its_value(worker, case, capsys):
    behaviour, pattern = WRONG[case]

    detail = await detail_of(worker, "chat", behaviour)

    assert re.search(pattern, detail), detail
    assert harmless(detail)
    assert "it said" not in "".join(capsys.readouterr())


@pytest.mark.asyncio(loop_scope="module")
async def test_a_wrong_value_is_reported_beside_its_field(worker):
    async def reply(exchange) -> None:
        from tests.support.model_exchange import answer_for, completion

        said = {**answer_for(exchange), "urgency": MARK, "confidence": 7}
        await exchange.send(200, as_json(completion(exchange, json.dumps(said))))

    BEHAVIOURS["wrong_value"] = reply
    detail = await detail_of(worker, "chat", "wrong_value")

    assert f'urgency: must be one of the listed values (said "{MARK}")' in detail


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_timeout_names_its_deadline(hasty_worker, kind):
    # Anthropic's m1 takes no schema. Unless the provider knows this, the server rejects a first call, which takes time.
    learnt = {"m1": {"mode": "prompted", "tokens_field": "max_tokens", "rejected": []}}
    async with speaking(kind, "hang", **({"learnt": learnt} if kind == "anthropic" else {})) as provider:
        await hasty_worker.attempt(provider, MESSAGE)
    detail = await hasty_worker.db.fetchval("select error_detail from ai.rag_runs")

    assert detail.startswith("timeout: the deadline of 2.0 s passed while the model was answering")


async def test_an_absent_server_is_reported_with_the_systems_words(database, db):
    provider = OpenAIProvider(model="m1", base_url="http://127.0.0.1:9/v1", api_key=KEY)
    async with working(database, provider):
        await insert(db, MESSAGE)
        await until(lambda: db.fetchval("select exists (select from ai.rag_runs)"))
    await provider.aclose()

    detail = await db.fetchval("select error_detail from ai.rag_runs limit 1")
    assert detail.startswith("connection: ")
    assert "refused" in detail or "failed" in detail


async def test_a_refused_write_names_sqlstate_and_constraint_and_the_triggers_words(database, db, capsys):
    await db.execute(
        "alter table public.rfq_requests add constraint no_summary check (ai_summary is null or message ~ 'trigger')"
    )
    await db.execute(
        "create function public.refuse() returns trigger language plpgsql as $$ begin "
        "if new.ai_summary is not null and new.message ~ 'trigger' then "
        f"raise exception 'no {MARK} for jane@example.com'; end if; return new; end $$"
    )
    await db.execute(
        "create trigger refuse before update on public.rfq_requests for each row execute function public.refuse()"
    )
    await db.execute("select ai.set_policy('max_attempts', '1', 'test', null)")
    async with speaking("chat", "ok") as provider, working(database, provider):
        await insert(db, MESSAGE, MESSAGE + " With a trigger.")
        await until(ended(db, 2, "failed"), seconds=60)

    reported = {
        row[0]: row[1]
        for row in await db.fetch(
            "select r.message ~ 'trigger', u.error_detail from ai.rag_runs u join public.rfq_requests r on r.id = u.rfq_id "
            "where u.error_class = 'write_refused'"
        )
    }
    assert reported[False].startswith("write_refused: SQLSTATE 23514: constraint no_summary;")
    assert reported[True] == f"write_refused: SQLSTATE P0001: no {MARK} for [masked-email-1]"
    assert MARK not in "".join(capsys.readouterr())


@pytest.mark.asyncio(loop_scope="module")
async def test_a_success_has_no_detail(worker):
    assert await detail_of(worker, "chat", "ok") is None


async def test_only_roles_that_may_read_answers_may_read_it(db):
    rows = await db.fetch(
        "select c.relname::text as name, a.attname::text as column from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "where c.relnamespace = 'ai'::regnamespace and a.attname = 'error_detail' and not a.attisdropped "
        "and (has_column_privilege('rfqflow_reader', c.oid, a.attnum, 'select') "
        "or has_column_privilege('rfqflow_worker', c.oid, a.attnum, 'select'))"
    )
    assert rows == []


async def test_show_and_the_console_show_it_and_it_runs_nothing(database, db):
    detail = f"HTTP 400 bad_request: <script>alert('{MARK}')</script> [bold]x[/bold]"
    rfq_id = await finishing.insert(db, MESSAGE)
    (row,) = await finishing.claim(db)
    reported = {"reason": "bad_request", "error_class": "bad_request", "error_detail": detail + "\U0001f600" * 600}
    await finishing.finish(db, finishing.end(row, "discard", **reported))
    assert await db.fetchval("select length(error_detail) from ai.rag_runs") == MOST_CHARACTERS

    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RFQFLOW_", "DATABASE"))}
    asked = {"env": kept | {"RFQFLOW_DATABASE_URL": database, "COLUMNS": "500"}, "cwd": ROOT}
    plain = await asyncio.to_thread(command_server.run, "show", str(rfq_id), **asked)
    assert detail in " ".join(plain.stdout.split())
    story = json.loads((await asyncio.to_thread(command_server.run, "show", str(rfq_id), "--json", **asked)).stdout)
    assert story["runs"][0]["error_detail"].startswith(detail)
    assert story["cause"]["code"] == "bad_request"
    async with console(database) as (url, process):
        page = (await ask(f"{url}/rfqs/{rfq_id}", headers=await session_of(url, "grace"))).text
        assert f"&lt;script&gt;alert(&#39;{MARK}&#39;)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert story["cause"]["cause"] in page
        assert f"`rfqflow rerun {rfq_id}`" in page
        assert MARK not in process.text
