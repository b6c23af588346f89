"""Dates that Python lacks, and errors of the database: every page and command answers, with a message where necessary."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import uuid
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from rfqflow.cli import main
from rfqflow.core.text import times
from rfqflow.maintenance.archive_files import Writer, read
from tests.support.console_accounts import session_of
from tests.support.console_process import console
from tests.support.daemon import ForkedProcess
from tests.support.http_client import ask
from tests.support.http_daemon import answering

NEAR = dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
FAR = ["infinity", "-infinity", "57520-01-02 03:04:05+00", "0044-03-15 12:00+00 BC", "9999-12-31 23:59:59+00",
       "0001-01-01 00:00:00+00"]  # fmt: skip


async def test_every_time_of_the_database_is_read_printed_and_written_back_unchanged(db):
    for text in FAR:
        value = await db.fetchval(f"select '{text}'::timestamptz")
        assert await db.fetchval("select $1::timestamptz = $2::text::timestamptz", value, text), text
        assert await db.fetchval("select $1::timestamptz = $2", times.of_cursor(times.cursor(value)), value)
        assert str(value) == value.isoformat() == f"{value:%Y}" == value.strftime("%d")
        assert value.isoformat() == json.loads(await db.fetchval(f"select to_json('{text}'::timestamptz at time zone 'UTC')"))\
            .replace(" BC", "+00:00 BC").removesuffix("+00:00") + ("" if "infinity" in text or "BC" in text else "+00:00")  # fmt: skip
        assert value.astimezone() == value
    for kind, text in (("date", "infinity"), ("date", "5874897-12-31"), ("date", "4713-01-01 BC"), ("timestamp", "-infinity"),
                       ("timestamp", "294276-12-31"), ("timestamptz[]", "{infinity,NULL}")):  # fmt: skip
        value = await db.fetchval(f"select '{text}'::{kind}")
        assert await db.fetchval(f"select '{text}'::{kind} = $1", value), text
    assert isinstance(await db.fetchval("select '178000000 years'::interval"), dt.timedelta)


@given(st.datetimes(min_value=NEAR[0], max_value=NEAR[1], timezones=st.timezones()))
def test_a_time_that_python_has_stays_the_same(value):
    assert times.of_cursor(times.cursor(value)) == value.astimezone(dt.UTC)  # two zones never compare equal in a fold


@pytest.fixture
async def poisoned(database, db):
    """RFQs of every time, finished and waiting, and runs of a release that stored any time; ids by time."""
    insert = (
        "insert into public.rfq_requests (message, company, created_at) values ($1, 'Quux', $2::text::timestamptz) "
        "returning id"
    )
    ended = {text: await db.fetchval(insert, f"We need 5 pumps, DN {n}0", text) for n, text in enumerate(FAR, 2)}
    async with ForkedProcess("run", "--drain", RFQFLOW_DATABASE_URL=database) as daemon:
        assert await daemon.exit_code(60) == 0, daemon.text
    for text, rfq_id in ended.items():
        await db.execute("update ai.rag_runs set submitted_at = $2::text::timestamptz where rfq_id = $1", rfq_id, text)
    waiting = {text: await db.fetchval(insert, "We need 7 valves", text) for text in FAR}
    return {**ended, **{f"{text} waiting": rfq_id for text, rfq_id in waiting.items()}}


@pytest.mark.parametrize("form", ["parquet", "jsonl.gz"])
def test_an_archive_keeps_all_times(form, tmp_path):
    """In the form of to_json, in UTC."""
    pytest.importorskip("pyarrow")
    written = ["infinity", "-infinity", "57520-01-02T03:04:05.5+00:00", "0044-03-15T12:00:00+00:00 BC",
               "9999-12-31T23:59:59+00:00", "2026-03-01T08:00:00.123456+00:00", "2026-03-01T08:00:00+01:00"]  # fmt: skip
    lines = [json.dumps({"run_id": n, "created_at": written[5], "submitted_at": one}) for n, one in enumerate(written)]
    with Writer(tmp_path, f"w.{form}") as writer:
        writer.write(lines)
        writer.finish()
        (page,) = read(writer.path, parquet=form == "parquet")
    for line, one in zip(page, written, strict=True):
        found = json.loads(line)["submitted_at"]
        assert times.unix_of(found) == times.unix_of(one)
        assert found == one or one in written[2:3] + written[6:]


SAMPLED = "/dev/null"
READS = [("status",), ("report", "--json"), ("report", "--markdown"), ("report", "--output", "-"), ("eval", "sample", "--out", SAMPLED),
         ("eval", "drift"), ("budget",), ("breaker",), ("policy",), ("prompt", "list"), ("docs", "list"), ("doctor",),
         ("rerun", "--failed", "--dry-run"), ("backfill",), ("rerun", "--since", "7d", "--dry-run")]  # fmt: skip


@pytest.mark.fault("R1")
async def test_every_command_that_reads_such_times_prints_them_without_a_traceback(database, db, poisoned):
    commands = [*READS, *((*one, "--json") for one in READS if one[0] not in ("report", "eval"))]
    commands += [("show", str(one)) for one in poisoned.values()]
    commands += [("show", str(one), "--json") for one in poisoned.values()]
    reported = {}
    for command in commands:
        done = await asyncio.to_thread(CliRunner().invoke, main, [*command, "--database-url", database])
        reported[command] = done
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
        assert "internal error" not in done.output, (command, done.output)
        assert "the database refused" not in done.output, (command, done.output)
        assert done.exit_code in ((0, 1) if command[0] in ("doctor", "eval") else (0,)), (command, done.output)
    assert "infinity" in reported["show", str(poisoned["infinity"])].output
    assert "57520" in reported["show", str(poisoned[FAR[2]])].output
    assert "BC" in reported["show", str(poisoned[FAR[3]]), "--json"].output


@pytest.mark.fault("R1")
async def test_every_page_shows_such_times(database, db, poisoned):
    pages = ["/", "/rfqs", "/rfqs?within=all", "/rfqs?q=pumps", "/rfqs?status=done", "/failures", "/settings/routes", "/plots", "/budgets",
             "/prompts", "/overrides", *(f"/rfqs/{one}" for one in poisoned.values())]  # fmt: skip
    async with console(database) as (url, process):
        cookie = await logged_in(url)
        for page in pages:
            reply = await ask(url + page, headers={"Cookie": cookie})
            assert reply.status == 200, (page, process.text)
        everything = (await ask(url + "/rfqs?within=all", headers={"Cookie": cookie})).text
        for one in poisoned.values():
            assert str(one) in everything
        assert "infinity" in everything
        assert "57520" in everything
    assert "console.internal_error" not in process.text
    async with answering(database) as (url, process):
        for one in poisoned.values():
            assert (await ask(f"{url}/rfqs/{one}")).status == 200
        assert "rfqflow_database_up 1.0" in (await ask(url + "/metrics")).text


UNASKABLE = ("/rfqs?route=%00x", "/rfqs?q=%00", "/prompts/%00", "/evaluations/99999999999999999999", "/trials/9999999999999999999",
             "/evaluations/2147483648", "/compare?a=99999999999999999999&b=1", "/rfqs?before=99999999999999999999")  # fmt: skip


@pytest.mark.fault("D20")
async def test_a_page_address_with_an_impossible_value_gets_a_message(database):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with console(database) as (url, process):
        cookie = await logged_in(url)
        for page in UNASKABLE:
            reply = await ask(url + page, headers={"Cookie": cookie})
            assert reply.status in (200, 400, 404, 409), (page, process.text)
        assert (await ask(url + "/control/pause", "POST", {**form, "Cookie": cookie}, b"a=1&" * 3000)).status == 413
        assert (await ask(url + "/login", "POST", form, b"name=%00&password=%00")).status in (400, 403)
    assert "internal_error" not in process.text


async def logged_in(url: str) -> str:
    return (await session_of(url, "grace"))["Cookie"]


BROKEN = {
    "42501": "revoke all on all tables in schema ai from {role}",
    "42P01": "drop view ai.rfq_status cascade",
    "42883": "drop function ai.pause(text, text) cascade",
    "3F000": "alter schema ai rename to elsewhere",
    "22012": "create or replace view ai.queue_status as select 1 / (random() * 0)::int as claimable",
    "57014": "alter role {role} set statement_timeout = '1ms'",
}


@pytest.mark.fault("D20")
@pytest.mark.parametrize("break_it", ["revoked", "missing", "raises", "times out"])
async def test_any_error_of_the_database_is_one_line_and_a_page_with_a_message(database, db, break_it):
    role = f"reader_{uuid.uuid4().hex[:8]}"
    parts = urlsplit(database)
    await db.execute(
        f"create role {role} login password 'x' in role pg_read_all_data; grant usage on schema ai to {role}"
    )
    try:
        if break_it == "revoked":
            await db.execute(f"revoke pg_read_all_data from {role}")
        elif break_it == "missing":
            await db.execute("drop view ai.queue_status cascade; drop view ai.rfq_status cascade")
        elif break_it == "raises":
            await db.execute(
                "create function ai.zanzibar() returns bigint language plpgsql as "
                "$$ begin raise exception 'zanzibar said: %', 'secret text' using errcode = '22003'; end $$"
            )
            for view in ("queue_status", "rfq_status", "scorecard"):
                await db.execute(f"alter view ai.{view} rename to was_{view}")
                await db.execute(f"create view ai.{view} as select w.*, ai.zanzibar() as z from ai.was_{view} w")
                await db.execute("insert into public.rfq_requests (message) values ('We need pumps')")
        else:
            await db.execute(
                f"alter role {role} set statement_timeout = '1ms'; alter role {role} set lock_timeout = '1ms'"
            )
            await db.execute(
                "create function ai.slow() returns bigint language sql as $$ select 1::bigint from pg_sleep(1) $$"
            )
            await db.execute("alter view ai.queue_status rename to was_queue")
            await db.execute("create view ai.queue_status as select w.*, ai.slow() as z from ai.was_queue w")
        dsn = f"postgresql://{role}:x@{parts.hostname}:{parts.port}{parts.path}"
        for command in (["status"], ["show", str(uuid.uuid4())], ["report", "--json"], ["eval", "sample", "--out", SAMPLED],
                        ["pause"], ["docs", "list"], ["budget"], ["rerun", "--failed", "--dry-run"], ["backfill"]):  # fmt: skip
            done = await asyncio.to_thread(CliRunner().invoke, main, [*command, "--database-url", dsn])
            assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
            assert done.exit_code in ((0, 1, 3) if break_it == "times out" else (0, 1)), (command, done.output)
            assert "internal error" not in done.output, (command, done.output)
            if done.exit_code:
                assert done.stderr.splitlines()[-1].startswith("rfqflow: "), (command, done.output)
                assert "Traceback" not in done.output
            assert "zanzibar" not in done.output
    finally:
        await db.execute(f"drop owned by {role} cascade; drop role {role}")


@pytest.mark.fault("D20")
@pytest.mark.parametrize("break_it", sorted(BROKEN))
async def test_a_page_names_the_kind_of_error_and_the_log_its_sqlstate(database, db, break_it):
    role = f"console_{uuid.uuid4().hex[:8]}"
    parts = urlsplit(database)
    await db.execute(f"create role {role} login superuser password 'x'")
    dsn = f"postgresql://{role}:x@{parts.hostname}:{parts.port}{parts.path}"
    try:
        async with console(dsn) as (url, process):
            await db.execute(
                "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason) values (gen_random_uuid(), now(), 5, 'timeout')"
            )
            cookie = await logged_in(url)
            if break_it == "42501":
                await db.execute(f"alter role {role} nosuperuser")
            elif break_it == "57014":
                await db.execute("alter view ai.dead_letter_groups rename to was_dead; create view ai.dead_letter_groups as "
                                 "select w.* from ai.was_dead w right join (select from pg_sleep(20)) z on true")  # fmt: skip
            elif break_it == "22012":
                await db.execute("alter view ai.dead_letter_groups rename to was_dead; create view ai.dead_letter_groups as "
                                 "select w.* from ai.was_dead w right join (select 1 / (random() * 0)::int as z) n on z = 0")  # fmt: skip
                await db.execute("insert into public.rfq_requests (message) values ('x')")
            elif break_it != "42883":
                await db.execute(BROKEN[break_it].format(role=role))
            statuses = {}
            for page in ("/", "/rfqs", "/failures", "/settings/routes", "/budgets", "/prompts", "/plots"):
                reply = await ask(url + page, headers={"Cookie": cookie})
                statuses[page] = reply.status
                assert reply.status in (200, 500, 503), (page, reply.text)
                assert "Traceback" not in reply.text
                assert reply.status == 200 or "<h1>" in reply.text, page
        assert "Traceback" not in process.text
        assert "console.internal_error" not in process.text, process.text
        if break_it != "42883":
            assert set(statuses.values()) != {200}
            assert re.search(r'"sqlstate": "\w{5}"', process.text) or break_it == "57014", process.text
    finally:
        await db.execute(f"drop owned by {role} cascade; drop role {role}")
