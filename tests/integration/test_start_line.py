"""The first event of a daemon, and what it says when rules answer in place of a model."""

from __future__ import annotations

import json
import os
import re
from urllib.parse import urlsplit

import pytest

from rfqflow.settings.problem import Problem
from tests.support import command_server
from tests.support.daemon import ForkedProcess
from tests.support.model_server import ModelServer
from tests.support.worker_harness import insert

SECRET = "QxZjKvZv"
LONG = "We need {} stainless pumps of type NP-40 delivered to Rotterdam by the end of June, please quote."


async def started(dsn: str, *arguments: str, **environment: str) -> ForkedProcess:
    """A daemon that has drained the queue."""
    async with ForkedProcess("run", "--drain", *arguments, RFQFLOW_DATABASE_URL=dsn, **environment) as daemon:
        assert await daemon.exit_code(60) == 0, daemon.text
    return daemon


async def test_one_event_names_the_model_the_database_and_the_limits(database, db):
    await db.execute("insert into ai.model_limits (provider, model, requests_per_minute) values ('openai', 'm1', 90)")
    await db.execute("select ai.set_policy('ip_per_hour', '0')")
    async with ModelServer() as server:
        daemon = await started(
            database, "--http", "127.0.0.1:0", "--concurrency", "3",
            RFQFLOW_PROVIDER="openai", RFQFLOW_MODEL="m1", RFQFLOW_FALLBACK_MODELS="anthropic:c1, ollama:o1",
            OPENAI_API_KEY=SECRET, ANTHROPIC_API_KEY=SECRET, RFQFLOW_PII_PEPPER=SECRET,
            OPENAI_BASE_URL=server.url.replace("http://", f"http://u:{SECRET}@"), RFQFLOW_LISTEN="off",
            RFQFLOW_LEASE_SECONDS="100", RFQFLOW_CALL_DEADLINE_SECONDS="50",
        )  # fmt: skip
    (line,) = daemon.events("daemon.started")
    host = urlsplit(server.url).netloc
    assert line["answers_with"] == [
        f"openai m1 at {host}", "anthropic c1 at api.anthropic.com", "ollama o1 at 127.0.0.1:11434",
    ]  # fmt: skip
    parts = urlsplit(database)
    assert line["database"] == f"{parts.path[1:]} at {parts.hostname}:{parts.port}"
    assert (line["table"], line["mapped"], line["answers_in"]) == ("public.rfq_requests", False, "public.rfq_requests")
    assert re.fullmatch(r"(schema|migrations)/\w+", line["schema"])
    assert (line["concurrency"], line["lease_seconds"], line["call_deadline_seconds"]) == (3, 100, 50)
    assert line["budgets_usd"] == {"draft.day": 1, "evaluation.day": 2, "global.day": 5}
    assert line["rates"] == ["60 an hour per sender", "90 calls a minute of m1"]
    assert line["listen"] == "poll every 1 s: RFQFLOW_LISTEN is off"
    assert line["http"].startswith("http://127.0.0.1:")
    assert (line["processes"], line["level"]) == (1, "info")
    assert SECRET not in daemon.text
    assert daemon.lines[0]["event"] == "daemon.started"


async def test_the_doorbell_is_named_where_it_works(database):
    (line,) = (await started(database)).events("daemon.started")
    assert line["listen"] == "doorbell, with a poll every 1 s"
    assert line["answers_with"] == ["rules rules"]


def test_on_a_terminal_the_event_is_several_lines(database):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = command_server.run(
        "run", "--drain",
        env=kept | {"RFQFLOW_DATABASE_URL": database, "RFQFLOW_PROVIDER": "rules", "RFQFLOW_LOG_FORMAT": "console"},
    )  # fmt: skip
    lines = done.stderr.splitlines()
    assert "daemon.started" in lines[0]
    assert "  lease seconds          120" in lines
    assert "  answers with           rules rules" in lines
    assert "  budgets usd            draft.day 1, evaluation.day 2, global.day 5" in lines
    assert "  mapped                 no" in lines


@pytest.mark.fault("W14")
async def test_each_problem_is_an_event_and_is_stored_with_the_worker(database, db, tmp_path):
    environment = {
        "RFQFLOW_CONCURENCY": SECRET, "RFQFLOW_ARCHIVE_DIR": str(tmp_path / "file"), "RFQFLOW_PROVIDER": "",
        "RFQFLOW_MODEL": "gpt-5",
    }  # fmt: skip
    (tmp_path / "file").write_text("")
    async with ForkedProcess("run", RFQFLOW_DATABASE_URL=database, **environment) as daemon:
        await daemon.until_event("worker.registered")
        kept = json.loads(await db.fetchval("select problems::text from ai.worker_status"))
        answers = json.loads(await db.fetchval("select answers_with::text from ai.worker_status"))
        found = await db.fetch("select code, sentence, remedy from ai.health order by code")
    assert [one["source"] for one in daemon.events("setting.unknown")] == ["RFQFLOW_CONCURENCY"]
    assert "did you mean RFQFLOW_CONCURRENCY" in daemon.events("setting.unknown")[0]["remedy"]
    assert daemon.events("archive_folder.unusable")[0]["source"] == "RFQFLOW_ARCHIVE_DIR"
    assert daemon.events("provider_misconfigured.found")[0]["source"] == "RFQFLOW_MODEL"
    assert [one["code"] for one in kept] == ["unknown_setting", "provider_misconfigured", "archive_folder"]
    assert all(set(one) == set(Problem.__dataclass_fields__) for one in kept)
    assert answers == [{"provider": "rules", "model": "rules"}]
    reported = {row["code"]: row["sentence"] for row in found}
    assert reported["archive_folder"].startswith("RFQFLOW_ARCHIVE_DIR: the archive folder ")
    assert reported["provider_misconfigured"].startswith("RFQFLOW_MODEL: ")
    assert SECRET not in daemon.text + json.dumps(kept) + str(found)


async def answered_by_a_model(dsn: str, server: ModelServer) -> ForkedProcess:
    return await started(
        dsn, RFQFLOW_PROVIDER="openai", RFQFLOW_MODEL="m1", OPENAI_BASE_URL=server.url, OPENAI_API_KEY="k"
    )


@pytest.mark.fault("W14")
@pytest.mark.parametrize("chosen", ["", "rules"])
async def test_rules_in_place_of_a_model_are_reported_at_start_by_doctor_and_in_health(database, db, chosen):
    await insert(db, LONG.format("three"))
    daemon = await started(database, RFQFLOW_PROVIDER=chosen)
    assert daemon.events("rules_instead_of_model.found") == []
    assert await db.fetchval("select count(*) from ai.health where code = 'rules_instead_of_model'") == 0
    async with ModelServer() as server:
        await insert(db, *(LONG.format(number) for number in range(4)))
        await answered_by_a_model(database, server)
    assert await db.fetchval("select count(*) from ai.rag_runs where provider = 'openai' and status = 'succeeded'") == 4
    assert await db.fetchval("select count(*) from ai.health where code = 'rules_instead_of_model'") == 0

    await insert(db, *(LONG.format(f"{number} new") for number in range(10)))
    daemon = await started(database, RFQFLOW_PROVIDER=chosen)
    (reported,) = daemon.events("rules_instead_of_model.found")
    assert (reported["level"], reported["source"]) == ("warning", "RFQFLOW_PROVIDER")
    assert "m1 (openai)" in reported["what"]
    row = await db.fetchrow("select * from ai.health where code = 'rules_instead_of_model'")
    assert (row["severity"], row["count"]) == ("warning", 10)
    assert "10 RFQs so far" in row["sentence"]
    assert row["since"] == await db.fetchval(
        "select min(created_at) from ai.rag_runs where provider = 'rules' and created_at > (select max(created_at) "
        "from ai.rag_runs where provider = 'openai')"
    )
    assert "rfqflow rerun --prompt-version" in row["remedy"]
    again = await started(database, RFQFLOW_PROVIDER=chosen)
    assert "have answered 10 RFQ(s) since" in again.events("rules_instead_of_model.found")[0]["what"]

    async with ModelServer() as server:
        await insert(db, LONG.format("one more"))
        await answered_by_a_model(database, server)
    assert await db.fetchval("select count(*) from ai.health where code = 'rules_instead_of_model'") == 0


async def test_only_a_model_in_the_newest_runs_makes_a_start_with_rules_a_finding(database, db):
    await insert(db, LONG.format("three"))
    await started(database)
    ask = "select provider, model, rfqs, since is not null as counted from ai.rules_instead_of_model()"
    await db.execute(
        "insert into ai.run_days (day, status, reason, error_class, provider, model, prompt_version, cost_source, "
        "end_status, runs, calls, calls_of_unknown_cost, ended_without_call, input_tokens, cached_input_tokens, "
        "output_tokens, reasoning_tokens, cost_usd) "
        "select (now() at time zone 'UTC')::date - 40, 'succeeded', '', '', 'openai', 'm1', '', '', 'done', "
        "1, 1, 0, 0, 1, 0, 1, 0, 1"
    )
    assert (await db.fetchrow(ask))["rfqs"] is None
    await db.execute("update ai.run_days set day = (now() at time zone 'UTC')::date - 20 where model = 'm1'")
    assert tuple(await db.fetchrow(ask)) == ("openai", "m1", 1, True)
    await db.execute(
        "insert into ai.run_days select day + 3, status, reason, error_class, 'rules', 'rules', prompt_version, cost_source, "
        "end_status, 3000, 3000, 0, 0, 0, 0, 0, 0, 0 from ai.run_days where model = 'm1'"
    )
    assert tuple(await db.fetchrow(ask)) == ("openai", "m1", 1001, True)
