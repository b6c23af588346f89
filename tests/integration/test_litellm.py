"""A server that is not part of this project: LiteLLM's proxy answers the daemon, by a fixed reply and by a model.

    python3 -m venv /tmp/litellm && /tmp/litellm/bin/pip install 'litellm[proxy]'
    RFQFLOW_TEST_LITELLM=/tmp/litellm/bin/litellm python -m pytest tests/integration/test_litellm.py

Without LiteLLM the tests are skipped. rfqflow does not depend on it: it brings some sixty packages along.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import sys

import pytest

from tests.support.daemon import ForkedProcess
from tests.support.model_server import ModelServer

LITELLM = os.environ.get("RFQFLOW_TEST_LITELLM") or shutil.which("litellm")
KEY = "sk-of-a-test-which-opens-nothing"
CANNED = {
    "summary": "Asks for 25 milled brackets.",
    "language": "en",
    "intent": "rfq",
    "route": "general",
    "route_alternatives": [],
    "confidence": 0.8,
    "tags": ["brackets"],
    "urgency": "normal",
    "line_items": [
        {
            "description": "milled brackets", "quantity": 25, "quantity_max": None, "unit": "pcs", "part_number": "B-7714",
            "revision": "C", "material": None, "standards": [],
        }
    ],
    "due_date": None, "due_date_text": None, "quote_deadline": None, "delivery_place": None, "incoterm": None,
    "budget": None, "certificates": [], "missing": [], "injection_suspected": False, "evidence": [],
}  # fmt: skip

pytestmark = [
    pytest.mark.skipif(not LITELLM, reason="no LiteLLM proxy: see the module's first lines"),
    pytest.mark.skipif(sys.platform == "win32", reason="its proxy is for POSIX"),
]


class Behind(ModelServer):
    """The proxy also reads the list of models by itself; the journal leaves these requests out."""

    def behaviour_for(self, exchange):
        return "null" if exchange.path.endswith("/models") else super().behaviour_for(exchange)

    @property
    def asked(self):
        return [each["body"] for each in self.journal if each["path"].endswith("/chat/completions")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def proxy(folder, behind: str):
    """The proxy's base URL.

    The model `canned` always answers the same; `behind` calls the model `passed-on` of the server.
    """
    models = [
        {
            "model_name": "canned",
            "litellm_params": {"model": "openai/x", "api_key": "none", "mock_response": json.dumps(CANNED)},
        },
        {
            "model_name": "passed-on",
            "litellm_params": {"model": "openai/fake-1", "api_key": "none", "api_base": behind},
        },
    ]
    settings = {"num_retries": 0, "request_timeout": 20}
    config = {
        "model_list": models,
        "litellm_settings": settings,
        "general_settings": {"master_key": KEY},
        "router_settings": {"disable_cooldowns": True},  # otherwise one failure keeps the next call from the server
    }
    (folder / "config.yaml").write_text(json.dumps(config))  # JSON is YAML
    port = free_port()
    out = (folder / "out").open("wb")
    process = await asyncio.create_subprocess_exec(
        LITELLM, "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port),
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        stdout=out, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out.close()
    try:
        async with asyncio.timeout(90):
            while True:
                assert process.returncode is None, (folder / "out").read_text()
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.2)  # it takes seconds to load, and prints nothing meanwhile
                    continue
                writer.close()
                break
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        await process.wait()


async def drain(database, url, model, key=KEY):
    async with ForkedProcess(
        "run", "--drain", RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="openai", OPENAI_BASE_URL=url,
        OPENAI_API_KEY=key, RFQFLOW_MODEL=model, RFQFLOW_CALL_DEADLINE_SECONDS="30",
    ) as process:  # fmt: skip
        assert await process.exit_code(90) == 0, process.text


async def insert(db, *messages):
    await db.executemany("insert into public.rfq_requests (message) values ($1)", [(one,) for one in messages])


async def begin_anew(db):
    """Removes all RFQs, and closes the breaker that the last case has opened."""
    await db.execute("delete from public.rfq_requests")
    await db.execute("select ai.reset_breaker(provider, model, 'test', 'the next case') from ai.breaker_status")


async def last_run(db):
    return await db.fetchrow("select * from ai.rag_runs order by created_at desc limit 1")


@pytest.mark.timeout(400)
async def test_the_daemon_works_through_litellms_proxy_as_through_any_server(database, db, tmp_path):
    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
        "select 'openai', m, 0, 0 from unnest('{canned,passed-on,absent}'::text[]) m"
    )
    async with Behind() as server, proxy(tmp_path, server.url) as url:
        await insert(db, "Please quote 25 pcs milled brackets B-7714 rev C.")
        await drain(database, url, "canned")
        run = await last_run(db)
        assert (run["status"], run["provider"], run["model"]) == ("succeeded", "openai", "canned")
        assert run["input_tokens"] > 0 < run["output_tokens"]
        rfq = await db.fetchrow("select * from public.rfq_requests")
        assert (rfq["ai_status"], rfq["ai_summary"]) == ("done", CANNED["summary"])
        item = json.loads(rfq["ai_extracted"])["line_items"][0]
        assert (item["quantity"], item["part_number"]) == ("25", "B-7714")

        # A model behind it gets our schema, and each text gets its own answer.
        await insert(db, *(f"Please quote {number} pcs flange DN {number}." for number in range(10, 30)))
        await drain(database, url, "passed-on")
        assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'") == 21
        assert len(server.asked) == 20
        assert all(body["response_format"]["json_schema"]["strict"] for body in server.asked)
        assert await db.fetchval("select count(*) from ai.rag_runs where status <> 'succeeded'") == 0

        # Failures behind it have the same classes as without it.
        for behaviour, error in (
            ("401", "auth"), ("429_none", "rate_limit"), ("404", "model_not_found"), ("refusal", "refusal"),
            ("content_filter", "content_filter"), ("truncated", "truncated"), ("schema_breach", "invalid_output"),
        ):  # fmt: skip
            server.default = behaviour
            await begin_anew(db)
            await insert(db, f"Please quote 7 pcs flange, case {behaviour}.")
            await drain(database, url, "passed-on")
            run = await last_run(db)
            assert (behaviour, run["error_class"]) == (behaviour, error)

        # The proxy's own failure: an unknown model. (For a wrong key it answers that it has no database.)
        await begin_anew(db)
        await insert(db, "Please quote 8 pcs flange.")
        await drain(database, url, "absent")
        assert (await last_run(db))["error_class"] == "model_not_found"
