"""Workers learn once which parameters a model takes, and every later process knows them."""

import pytest

from rfqflow.database.connection import connect
from rfqflow.llm.capabilities import ModelCapabilities, OutputMode
from rfqflow.store.model_capabilities import ModelCapabilityStore
from rfqflow.worker.capability_cache import CapabilityCache
from tests.support.daemon import ForkedProcess, eventually
from tests.support.model_server import ModelServer

MESSAGE = "We need 25 pcs of milled brackets, drawing B-7714 rev C."


def daemon(database, server, *arguments, **environment):
    return ForkedProcess(
        "run", "--drain", *arguments, RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="openai",
        OPENAI_BASE_URL=server.url, RFQFLOW_MODEL="m1", **environment,
    )  # fmt: skip


async def enrich(database, db, server):
    await db.execute("insert into public.rfq_requests (message) values ($1)", MESSAGE)
    async with daemon(database, server) as process:
        assert await process.exit_code(30) == 0


async def test_a_daemon_knows_what_an_earlier_one_has_learnt(database, db):
    async with ModelServer(default="400_response_format") as server:
        await enrich(database, db, server)
        assert len(server.journal) == 2  # rejected at first, then called in the way that the model takes
        row = await eventually(lambda: db.fetchrow("select * from ai.model_capabilities"))
        assert (row["provider"], row["model"], row["mode"]) == ("openai", "m1", "json_object")
        assert (row["tokens_field"], row["rejected"]) == ("max_tokens", [])
        assert str(server.port) not in str(dict(row))

        await enrich(database, db, server)
        assert len(server.journal) == 3
        assert server.journal[-1]["body"]["response_format"] == {"type": "json_object"}

        # After a week, the server may have changed.
        await db.execute("update ai.model_capabilities set learnt_at = now() - interval '8 days'")
        server.default = "ok"
        await enrich(database, db, server)
        assert server.journal[-1]["body"]["response_format"]["type"] == "json_schema"


async def test_what_is_learnt_of_one_server_does_not_apply_to_another(database, db):
    memory, other = (CapabilityCache(database, "openai", url) for url in ("http://one/v1", "http://two/v1"))
    memory.learnt(
        "m1", ModelCapabilities(OutputMode.PROMPTED, "max_tokens", rejected=frozenset({"temperature"})).kept()
    )
    await memory.aclose()

    same = CapabilityCache(database, "openai", "http://one/v1/")
    assert await same.known(ModelCapabilityStore(db)) == {
        "m1": {"mode": "prompted", "tokens_field": "max_tokens", "rejected": ["temperature"]}
    }
    assert await other.known(ModelCapabilityStore(db)) == {}


async def test_the_newest_entry_is_kept(database, db):
    memory = CapabilityCache(database, "openai", "http://one/v1")
    for mode in (OutputMode.SCHEMA, OutputMode.OBJECT, OutputMode.PROMPTED):
        memory.learnt("m1", ModelCapabilities(mode).kept())
    await memory.aclose()
    assert await db.fetchval("select array_agg(mode) from ai.model_capabilities") == ["prompted"]


async def test_calls_work_without_stored_capabilities(database, db):
    await db.execute("drop function ai.learn_model_capabilities(text, text, text, text, text, text[])")
    memory = CapabilityCache(database, "openai", "http://one/v1")
    memory.learnt("m1", ModelCapabilities().kept())
    await memory.aclose()
    assert await db.fetchval("select count(*) from ai.model_capabilities") == 0


@pytest.mark.parametrize("kept", [{}, {"mode": "telepathy", "tokens_field": "max_tokens", "rejected": []}])
def test_an_entry_that_this_release_cannot_read_counts_as_absent(kept):
    assert ModelCapabilities(tokens_field="max_tokens").known(kept) == ModelCapabilities(tokens_field="max_tokens")


def test_a_swapped_parameter_name_is_not_swapped_back():
    known = ModelCapabilities(tokens_field="max_tokens").known(
        ModelCapabilities(tokens_field="max_completion_tokens").kept()
    )
    assert (known.tokens_field, known.tokens_field_swapped) == ("max_completion_tokens", True)


async def test_the_worker_role_reads_and_writes_it_by_functions_only(database, server_dsn):
    conn = await connect(database)
    try:
        await conn.execute("set role rfqflow_worker")
        await conn.execute(
            "select ai.learn_model_capabilities('openai', 's', 'm', 'prompted', 'max_tokens', '{top_p}')"
        )
        assert await conn.fetchval("select count(*) from ai.known_model_capabilities('openai', 's')") == 1
        assert not await conn.fetchval("select has_table_privilege('ai.model_capabilities', 'select')")
    finally:
        conn.terminate()
