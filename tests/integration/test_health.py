"""`ai.health` says what stands in the way, and everything that shows it says the same: sentence, count and remedy."""

import asyncio
import contextlib
import json
import os
import re
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rfqflow.http.app import HttpApp
from rfqflow.store.connection_pool import ConnectionPool
from rfqflow.store.fleet_queries import FleetQueries
from rfqflow.telemetry.prometheus import PrometheusMetrics
from tests.support import command_server
from tests.support.admission import claim, end, finish
from tests.support.health_states import STATES, deferred

ROOT = Path(__file__).resolve().parents[2]
KEPT = {name: value for name, value in os.environ.items() if not name.startswith(("RFQFLOW_", "DATABASE_URL"))}


async def found(db, code: str | None = None) -> list[dict]:
    rows = [dict(row) for row in await db.fetch("select * from ai.health")]
    return [row for row in rows if code in (None, row["code"])]


async def run(database: str, *arguments: str) -> tuple[int, str]:
    environment = KEPT | {"RFQFLOW_DATABASE_URL": database, "RFQFLOW_PROVIDER": "rules", "COLUMNS": "500"}
    done = await asyncio.to_thread(command_server.run, *arguments, env=environment, cwd=ROOT)
    return done.returncode, done.stdout


@contextlib.asynccontextmanager
async def pages(database: str):
    """What a daemon answers over HTTP, without a daemon: it would count as one that is at work."""
    lines = ConnectionPool(database, "rfqflow http", 2, pooled=False, seconds=20)
    meter = PrometheusMetrics(lambda: 0, provider="rules", model="rules", schema="0")
    site = HttpApp(
        lines, FleetQueries(lines), meter, listen_url=None, secret=None, heard_at=lambda: None, ready=lambda: True,
        claims=lambda: {"ok": True},
    )  # fmt: skip
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site.app), base_url="http://daemon") as client:
        try:
            yield client.get
        finally:
            await lines.close()


@pytest.mark.parametrize("name", STATES)
async def test_each_code_names_the_matter_its_count_and_its_remedy(db, name):
    state, code = STATES[name], name.partition("/")[0]
    await state.bring_about(db)

    (row,) = await found(db, code)
    assert (row["severity"], row["count"]) == (state.severity, state.count)
    assert [words for words in state.sentence if words not in row["sentence"]] == [], row["sentence"]
    assert [words for words in state.remedy if words not in row["remedy"]] == [], row["remedy"]
    assert not re.search(r"  | ,|: \.|\(\)", row["sentence"]), row["sentence"]
    assert row["since"] is not None or (state.count == 0 or code == "trigger_missing")
    assert row["sentence"].endswith(".")
    assert not row["remedy"].endswith(".") or row["remedy"].endswith("...")


async def test_who_waits_is_told_since_when_however_often_it_was_tried_again(db):
    await deferred(db, 1, "model_not_found")
    await db.execute(
        "update public.rfq_requests set ai_updated_at = ai_updated_at - interval '3 hours';"
        "update ai.outbox_deferred set due_at = now(); select ai.promote_deferred()"
    )
    (row,) = await claim(db, 1)
    await finish(db, end(row, "defer", reason="model_not_found", error_class=None, admitted=False))

    (told,) = await found(db, "waits_for_person")
    assert told["since"] == await db.fetchval("select ai_updated_at from public.rfq_requests")
    assert await db.fetchval("select now() - $1 > interval '2 hours'", told["since"])


def test_each_code_that_there_is_has_a_state():
    text = "".join(path.read_text() for path in (ROOT / "sql" / "functions").glob("9?_health*.sql"))
    codes = set(re.findall(r"'(?:critical|warning|info)'(?: end)?,\s+'([a-z_]+)'", text))

    assert len(codes) >= 15
    assert codes == {name.partition("/")[0] for name in STATES}


@pytest.mark.parametrize("name", [name for name in STATES if "/" not in name])
async def test_each_reader_says_the_same_sentence_count_and_remedy(db, database, name):
    await STATES[name].bring_about(db)
    rows = await found(db)
    (row,) = [row for row in rows if row["code"] == name]

    code, said = await run(database, "status", "--json")
    shown = json.loads(said)["health"]
    assert code == 0
    assert [(one["severity"], one["code"], one["sentence"], one["count"], one["remedy"]) for one in shown] == [
        (one["severity"], one["code"], one["sentence"], one["count"], one["remedy"]) for one in rows
    ]
    code, said = await run(database, "status")
    assert code == 0
    assert f"{row['severity']}  {row['sentence']}" in said
    assert row["remedy"] in said

    code, said = await run(database, "doctor", "--json")
    told = [(one["level"], one["what"], one["remedy"]) for one in json.loads(said)["findings"]]
    level = {"critical": "fail", "warning": "warn", "info": "info"}[row["severity"]]
    assert told.count((level, row["sentence"], row["remedy"])) == 1
    assert code == any(one["severity"] == "critical" for one in rows)

    async with pages(database) as page:
        ready, metrics = await page("/readyz"), await page("/metrics")
    assert ready.status_code == 200, "it is about this process only"
    assert [(one["code"], one["sentence"], one["count"], one["remedy"]) for one in ready.json()["findings"]] == [
        (one["code"], one["sentence"], one["count"], one["remedy"]) for one in rows
    ]
    samples = {
        (sample.labels["severity"], sample.labels["code"]): sample.value
        for family in text_string_to_metric_families(metrics.text)
        for sample in family.samples
        if sample.name == "rfqflow_health_findings"
    }
    assert samples[row["severity"], name] == sum(one["count"] for one in rows if one["code"] == name)
    assert {code for _, code in samples} == {one["code"] for one in rows}
