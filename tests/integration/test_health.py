"""`ai.health` names each problem, and each place that shows it has the same sentence, count and remedy."""

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rfqflow.http.app import HttpApp
from rfqflow.store.connection_pool import ConnectionPool
from rfqflow.store.fleet_queries import FleetQueries
from rfqflow.store.retention import Retention
from rfqflow.telemetry.prometheus import PrometheusMetrics
from tests.support import command_server
from tests.support.admission import claim, end, finish, insert, set_policy
from tests.support.health_states import STATES, deferred, worker

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
    """The HTTP answers of a daemon, without a daemon: a real one would count as a worker."""
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


def first_screen(database: str) -> list[str]:
    """The first lines of `rfqflow status --watch` on a terminal of 80 columns and 24 lines, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {key: value for key, value in KEPT.items() if key not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "rfqflow", "status", "--watch"], cwd=ROOT, stdout=theirs, stderr=theirs, stdin=theirs,
        env=environment | {"RFQFLOW_DATABASE_URL": database, "TERM": "xterm"}, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        while b"claimable" not in seen and b"..." not in seen:
            seen += os.read(ours, 65536)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode()).replace("\r", "").split("\n")


@pytest.mark.parametrize("name", STATES)
async def test_each_code_names_the_cause_its_count_and_its_remedy(db, name):
    state, code = STATES[name], name.partition("/")[0]
    await state.bring_about(db)

    (row,) = await found(db, code)
    assert (row["severity"], row["count"]) == (state.severity, state.count)
    assert [words for words in state.sentence if words not in row["sentence"]] == [], row["sentence"]
    assert [words for words in state.remedy if words not in row["remedy"]] == [], row["remedy"]
    assert not re.search(r"  | ,|: \.|\(\)", row["sentence"]), row["sentence"]
    assert row["since"] is not None or (state.count == 0 or code.endswith("trigger_missing"))
    assert row["sentence"].endswith(".")
    assert not row["remedy"].endswith(".") or row["remedy"].endswith("...")


async def test_a_waiting_rfq_shows_since_when_it_waits_after_any_number_of_retries(db):
    await deferred(db, 1, "model_not_found")
    await db.execute(
        "update public.rfq_requests set ai_updated_at = ai_updated_at - interval '3 hours';"
        "update ai.outbox_deferred set due_at = now(); select ai.promote_deferred()"
    )
    (row,) = await claim(db, 1)
    await finish(db, end(row, "defer", reason="model_not_found", error_class=None, admitted=False))

    (reported,) = await found(db, "waits_for_person")
    assert reported["since"] == await db.fetchval("select ai_updated_at from public.rfq_requests")
    assert await db.fetchval("select now() - $1 > interval '2 hours'", reported["since"])


async def test_a_mended_problem_is_no_longer_a_finding(db):
    await worker(db)
    await db.execute("select ai.open_breaker('p', 'm1', 'nora'); select ai.pause('nora')")
    assert {row["code"] for row in await found(db)} == {"breaker_open", "paused"}
    await db.execute("select ai.resume('nora'); select ai.close_breaker('p', 'm1', 'nora')")

    assert await found(db) == []


@pytest.mark.fault("O2")
async def test_raising_or_removing_a_cap_ends_the_finding(db):
    await worker(db)
    await STATES["call_exceeds_budget"].bring_about(db)
    (row,) = await found(db, "call_exceeds_budget")
    await db.execute("select ai.set_budget('global', 'day', 2.44)")
    assert not {row["code"] for row in await found(db)} & {"call_exceeds_budget", "budget_spent"}
    await db.execute("select ai.set_budget('global', 'day', 0.2)")
    assert (await found(db, "call_exceeds_budget"))[0]["sentence"] == row["sentence"]
    await db.execute("select ai.set_budget('global', 'day', null)")
    assert not {row["code"] for row in await found(db)} & {"call_exceeds_budget", "budget_spent"}


async def test_a_spent_budget_that_ends_rfqs_is_reported_so(db):
    await set_policy(db, budget_exhausted_action="skip")
    await STATES["budget_spent"].bring_about(db)
    await db.execute("delete from ai.outbox_deferred")

    (row,) = await found(db, "budget_spent")
    assert "RFQs are skipped until 20" in row["sentence"]


async def test_more_than_a_thousand_are_not_counted(db):
    await insert(db, 1500)

    (row,) = await found(db, "no_live_worker")
    assert row["count"] == 1001
    assert "more than 1,000 RFQs wait" in row["sentence"]


async def test_older_rfqs_are_those_that_no_backfill_has_enqueued(db):
    await STATES["older_rfqs"].bring_about(db)
    assert await db.fetchval("select enqueued from ai.backfill_rfqs(1)") == 1
    (row,) = await found(db, "older_rfqs")
    assert row["count"] == 3
    await db.execute("select ai.find_unqueued_rfqs()")
    assert [row["count"] for row in await found(db, "older_rfqs")] == [3]
    await db.fetch("select * from ai.backfill_rfqs()")
    assert await found(db, "older_rfqs") == []


async def test_status_watch_at_80_by_24_shows_workers_below_the_gravest_findings(db, database):
    for number in range(6):
        await worker(db, f"model-{number}")
    for name in ("waits_for_person", "unknown_price", "call_exceeds_budget", "paused"):
        await STATES[name].bring_about(db)
    lines = await asyncio.to_thread(first_screen, database)

    assert lines[0].startswith("critical  ")
    shown = "\n".join(lines[:24])
    assert "and 2 more: `rfqflow status` shows them" in shown
    assert [line for line in lines[:24] if line.startswith((" worker 1 ", "worker 1 "))] != [], shown
    assert "claimable" in shown


def test_each_existing_code_has_a_state():
    text = "".join(path.read_text() for path in (ROOT / "sql" / "functions").glob("9?_health*.sql"))
    codes = set(re.findall(r"'(?:critical|warning|info)'(?: end)?,\s+'([a-z_]+)'", text))

    assert len(codes) >= 15
    # Each list has all of them.
    comment = re.search(r"ai\.health\.code is\s+'([^']*)'", (ROOT / "sql" / "views" / "health.sql").read_text())
    listed = comment.group(1).partition(". ")[0].replace(" or ", ", ").split(", ")
    assert sorted(listed) == sorted(codes)
    assert codes == {name.partition("/")[0] for name in STATES}


# States that can exist at the same time, in an order in which none ends another.
TOGETHER = {
    "no worker": (
        "dead_letters", "waits_for_person", "call_exceeds_budget", "older_rfqs", "webhooks_failing", "maintenance_late",
        "enqueue_missed", "breaker_open", "no_live_worker", "paused", "trigger_missing", "file_trigger_missing",
    ),
    "running worker": (
        "rules_instead_of_model", "provider_misconfigured", "archive_folder", "unknown_price", "budget_spent",
        "claims_fail", "oldest_waiting", "console_plain_http", "drafts_waiting",
    ),
}  # fmt: skip


def test_each_code_is_shown_to_each_reader():
    assert {name for names in TOGETHER.values() for name in names} == {name.partition("/")[0] for name in STATES}


def reported(rows: list[dict]) -> list[tuple]:
    return [(row["severity"], row["code"], row["sentence"], row["count"], row["remedy"]) for row in rows]


@pytest.mark.fault("O1")
@pytest.mark.parametrize("names", TOGETHER.values(), ids=TOGETHER)
async def test_each_reader_has_the_same_sentences_counts_and_remedies(db, database, names):
    for name in names:
        await STATES[name].bring_about(db)
    await db.execute("update ai.workers set beat_at = now() + interval '1 hour'")
    rows = await found(db)
    assert {row["code"] for row in rows} >= set(names)

    code, said = await run(database, "status", "--json")
    assert (code, reported(json.loads(said)["health"])) == (0, reported(rows))
    code, said = await run(database, "status")
    lines = said.splitlines()
    assert code == 0
    assert lines[: 2 * len(rows)] == [
        line for row in rows for line in (f"{row['severity']}  {row['sentence']}", f"  {row['remedy']}")
    ]

    code, said = await run(database, "doctor", "--json")
    findings = [(one["level"], one["what"], one["remedy"]) for one in json.loads(said)["findings"]]
    level = {"critical": "fail", "warning": "warn", "info": "info"}
    assert [findings.count((level[row["severity"]], row["sentence"], row["remedy"])) for row in rows] == [1] * len(rows)
    assert code == 1

    async with pages(database) as page:
        ready, metrics = await page("/readyz"), await page("/metrics")
        while ready.json()["findings"] is None:  # on a busy machine: a probe does not wait for the findings
            ready = await page("/readyz")
    assert ready.status_code == 200, "it is about this process only"
    assert reported(ready.json()["findings"]) == reported(rows)
    samples = {
        (sample.labels["severity"], sample.labels["code"]): sample.value
        for family in text_string_to_metric_families(metrics.text)
        for sample in family.samples
        if sample.name == "rfqflow_health_findings"
    }
    keys = {(row["severity"], row["code"]) for row in rows}
    assert samples == {key: sum(row["count"] for row in rows if (row["severity"], row["code"]) == key) for key in keys}


async def test_a_step_that_recovered_and_archives_that_were_given_up_do_not_remain_findings(db):
    await worker(db)
    notes = Retention(db)
    await notes.note("reclaim_dead", rows=0, took_ms=0.0, next_seconds=None, sqlstate="57014")
    await notes.note("archive", rows=0, took_ms=0.0, next_seconds=3600, sqlstate="FileNotFoundError")
    assert {row["code"] for row in await found(db)} == {"maintenance_late", "archive_folder"}
    await notes.note("reclaim_dead", rows=0, took_ms=0.0, next_seconds=None)
    await db.execute(
        "update ai.maintenance set ran_at = ran_at - interval '2 days', failed_at = failed_at - interval '2 days', "
        "next_at = next_at - interval '2 days'"
    )
    assert await found(db) == []
    await notes.note("archive", rows=0, took_ms=0.0, next_seconds=3600)
    await db.execute("update ai.maintenance set next_at = next_at - interval '2 days'")
    assert await found(db) == []
