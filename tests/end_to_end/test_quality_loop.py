"""The quality loop from the command line: override, case, evaluation, activation, rollback; sample, gate, calibration."""

import asyncio
import json
import os
import re

import pytest

from tests.support import command_server
from tests.support.model_server import ModelServer

RUN = ("--model", "fake-1")
MESSAGES = (
    "Please quote 12 centrifugal pumps for our works, delivered to Cork. Call Ann on +353 21 555 0100 or ann@example.com.",
    "We need prices for 40 steel brackets, laser cut, galvanised, by the end of May.",
    "Bitte um ein Angebot über 30 Kugellager 6204 2RS, Lieferung nach Bremen.",
)


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@pytest.fixture
def rfqflow(database, tmp_path, server):
    async def run(*arguments, code=0, provider="openai"):
        environment = {
            **os.environ, "RFQFLOW_DATABASE_URL": database, "OPENAI_BASE_URL": server.url, "RFQFLOW_PROVIDER": provider,
            "RFQFLOW_MODEL": "fake-1", "PYTHONWARNINGS": "error", "RFQFLOW_LOG_LEVEL": "error", "COLUMNS": "160",
        }  # fmt: skip
        done = await asyncio.to_thread(
            command_server.run, *map(str, arguments), env=environment, cwd=tmp_path, seconds=90
        )
        out, err = done.stdout, done.stderr
        assert (done.returncode, "Traceback" in err) == (code, False), out + err
        return json.loads(out) if "--json" in arguments and out else out if code == 0 else out + err

    return run


async def enriched(db, rfqflow):
    await db.executemany("insert into public.rfq_requests (message) values ($1)", [(one,) for one in MESSAGES])
    await rfqflow("run", "--drain")
    return [row["id"] for row in await db.fetch("select id from public.rfq_requests order by message")]


async def test_an_override_becomes_a_case_and_an_evaluated_prompt_is_activated(db, rfqflow, server, repository):
    ids = await enriched(db, rfqflow)
    await rfqflow("override", ids[0], "--route", "materials", "--actor", "ada")
    assert {"new": 1, "changed": 0, "unchanged": 0, "unlabelled": 0} == await rfqflow(
        "eval", "import-overrides", "--json"
    )
    assert {"new": 0, "changed": 0, "unchanged": 1, "unlabelled": 0} == await rfqflow(
        "eval", "import-overrides", "--json"
    )
    (case,) = [json.loads(line) for line in (await rfqflow("eval", "export")).splitlines()]
    assert ({"route": "materials"}, "override", str(ids[0])) == (case["labels"], case["provenance"], case["rfq_id"])

    await rfqflow("prompt", "add", repository / "rfqflow" / "prompts" / "rfq", "--json")
    await db.execute("select ai.add_prompt('rfq', system || ' Be brief.', template, parameters) from ai.prompts")
    refused = await rfqflow("prompt", "activate", "rfq@2", code=1)
    assert "rfqflow eval run --cases db --prompt rfq@2" in refused
    assert "has not been evaluated" in await rfqflow("prompt", "canary", "rfq@2", code=1)

    asked = len(server.journal)
    report = await rfqflow("eval", "run", "--cases", "db", "--prompt", "rfq@2", *RUN, "--json")
    assert (1, asked + 1, 1) == (report["cases"], len(server.journal), report["baselines"]["majority"]["total"])
    assert "Be brief." in json.dumps(server.journal[-1]["body"])
    assert report["eval_run"] == (await rfqflow("eval", "list", "--json"))[0]["eval_run"]
    await rfqflow("eval", "run", "--cases", "db", "--prompt", "rfq@2", *RUN)
    assert len(server.journal) == asked + 1

    assert {"active": "rfq@2", "before": "rfq@1"} == await rfqflow("prompt", "activate", "rfq@2", "--json")
    assert {"active": "rfq@1", "before": None} == await rfqflow("prompt", "rollback", "--json")
    await rfqflow("override", ids[0], "--withdraw")
    await rfqflow("eval", "import-overrides")
    assert "" == (await rfqflow("eval", "export")).strip()


async def test_a_sample_is_masked_labelled_and_imported_again(db, rfqflow, tmp_path):
    await enriched(db, rfqflow)
    text = await rfqflow("eval", "sample", "--size", "10")
    lines = [json.loads(line) for line in text.splitlines()]
    assert 3 == len(lines)
    assert "ann@example.com" not in text
    assert "555 0100" not in text
    assert all(line["labels"] is None and line["suggested"]["route"] for line in lines)
    lines[0]["labels"] = {"route": "process", "language": "en"}
    (tmp_path / "labelled.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    reported = await rfqflow("eval", "import", "labelled.jsonl", "--json")
    assert {"new": 1, "changed": 0, "unchanged": 0, "unlabelled": 2} == reported
    assert 2 == len((await rfqflow("eval", "sample")).splitlines())

    (tmp_path / "strange.jsonl").write_text('{"id": "s", "message": "m", "labels": {"route": "nowhere"}}\n')
    assert 1 == (await rfqflow("eval", "import", "strange.jsonl", "--json"))["new"]
    cannot = await rfqflow("eval", "run", "--cases", "strange.jsonl", *RUN, "--html", "nowhere/r.html", code=2)
    assert "cannot be written" in cannot
    (tmp_path / "wrong.jsonl").write_text('{"id": "a"}\n{"id": "b", "message": "m", "labels": 3}\n')
    wrong = await rfqflow("eval", "import", "wrong.jsonl", code=2)
    assert "line 1: a lacks a message" in wrong
    assert "line 2: b: labels must be" in wrong
    assert "prompt rfq@7 not found" in await rfqflow("eval", "run", "--cases", "db", "--prompt", "rfq@7", code=2)
    ruled = await rfqflow("eval", "run", "--cases", "db", "--prompt", "rfq@1", "--model", "rules", code=2)
    assert "--prompt does not apply" in ruled
    assert "does not exist" in await rfqflow("eval", "run", "--cases", "none.jsonl", code=2)


async def test_rules_are_measured_compared_gated_and_calibrated(db, rfqflow, repository, tmp_path):
    corpus = repository / "tests" / "corpus" / "rfqs_dev.jsonl"
    shown = await rfqflow("eval", "run", "--cases", corpus, "--model", "rules", "--html", "r.html", "--junit", "r.xml")
    assert re.search(r"route accuracy +9\d\.\d%", shown)
    assert "majority" in shown
    assert "<svg" in (tmp_path / "r.html").read_text()
    assert (tmp_path / "r.xml").read_text().startswith("<?xml")
    assert shown == await rfqflow("eval", "show", "1")

    compared = await rfqflow("eval", "compare", "1", "rules@1")
    assert "can't tell with 141 cases: route accuracy +0.0 points" in compared
    assert "you would need" in compared
    assert "no finished evaluation number 9" in await rfqflow("eval", "compare", "1", "9", code=2)

    (tmp_path / "gate.toml").write_text(
        "[minimum]\nroute_accuracy = 0.8\n[maximum]\nfalse_skip_rate = 0\n[baseline]\nrun = 1\n"
    )
    assert "FAILED" not in await rfqflow("eval", "gate", "--config", "gate.toml")
    (tmp_path / "gate.toml").write_text("[minimum]\nroute_accuracy = 0.99\n")
    failed = await rfqflow("eval", "gate", "--config", "gate.toml", code=1)
    assert "FAILED  route_accuracy 0.9" in failed
    (tmp_path / "gate.toml").write_text("[minimum]\naccuracy = 0.99\n")
    assert "unknown key minimum.accuracy" in await rfqflow("eval", "gate", "--config", "gate.toml", code=2)

    made = await rfqflow("eval", "calibrate", "--json")
    assert ("rules", 141) == (made["model"], made["cases"])
    assert made["points"] == [list(one) for one in sorted(tuple(one) for one in made["points"])]
    assert await db.fetchval("select count(*) from ai.calibrations") == 1
    assert "dropped" in await rfqflow("eval", "calibrate", "--drop")
    assert "too few RFQs to compare" in await rfqflow("eval", "drift")


async def test_drift_is_reported(db, rfqflow):
    await db.execute(
        "insert into ai.rag_runs (created_at, rfq_id, attempt, status, provider, model, confidence, output) "
        "select now() - a.age, gen_random_uuid(), 1, 'succeeded', 'openai', 'm', 0.9, jsonb_build_object('route', a.route, 'language', 'en') "
        "from (values ('1 day'::interval, 'civil', 80), ('1 day', 'process', 20), ('20 days', 'civil', 200), ('20 days', 'process', 300)) "
        "as a(age, route, rfqs), generate_series(1, a.rfqs)"
    )
    reported = await rfqflow("eval", "drift", code=1)
    assert "differ from the weeks before in route" in reported
    assert re.search(r"route +MOVED", reported)
    assert re.search(r"language +steady", reported)


async def test_a_canary_is_started_watched_and_stopped(db, rfqflow):
    ids = await enriched(db, rfqflow)
    await db.execute("select ai.add_prompt('rfq', system || ' Be brief.', template, parameters) from ai.prompts")
    started = await rfqflow("prompt", "canary", "rfq@2", "--percent", "100", "--force", "--actor", "ada", "--json")
    await rfqflow("rerun", *ids, "--yes")
    await rfqflow("run", "--drain")
    assert 3 == await db.fetchval("select count(*) from public.rfq_requests where ai_prompt_version = 'rfq@2'")
    number = started["trial"]
    assert sorted(map(str, ids)) == (await rfqflow("prompt", "trial", number, "--ids")).split()
    shown = await rfqflow("prompt", "trial", number)
    assert "canary of rfq@2 against rfq@1, 100 %, running" in shown
    assert "rfqflow rerun $(" in shown
    assert "stopped" in await rfqflow("prompt", "stop", "canary")
    assert "no running canary" in await rfqflow("prompt", "stop", "canary")
    await rfqflow("rerun", *ids, "--yes")
    await rfqflow("run", "--drain")
    assert 3 == await db.fetchval("select count(*) from public.rfq_requests where ai_prompt_version = 'rfq@1'")
    assert "stopped by hand" in await rfqflow("prompt", "trials")
