"""The commands that show and change the state of RFQs, as the real process on a real database."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from rfqflow.cli.options import moment
from rfqflow.core.errors import ConfigError, ErrorClass
from tests.support.shell import Shell
from tests.support.worker_harness import Scripted, ended, insert, working


@pytest.fixture
def rfqflow(database, tmp_path) -> Shell:
    return Shell(database, tmp_path)


@pytest.fixture
async def mixed(database, db) -> dict[str, Any]:
    """One RFQ of each final status, by message: done, opted out (skipped), dead."""
    await insert(db, "fine", "also fine", "hopeless")
    await db.execute(
        "insert into public.rfq_requests (message, metadata) values ('let me be', '{\"ai_opt_out\": true}')"
    )
    provider = Scripted()
    provider.behaviours["hopeless"] = ErrorClass.REFUSAL
    async with working(database, provider, drain=True, alone=True):
        pass
    assert await ended(db, 2)()
    return {row[0]: row[1] for row in await db.fetch("select message, id from public.rfq_requests")}


# override


async def test_override_sets_withdraws_and_refuses(rfqflow, mixed, db):
    rfq = str(mixed["fine"])
    assert await rfqflow("override", rfq, "--route", "electrical", "--actor", "ada", "--reason", "knows") == (
        f"{rfq}: electrical (override)\n"
    )
    assert await rfqflow.json("override", rfq, "--withdraw", "--actor", "bob") == {
        "rfq_id": rfq, "route": "general", "route_source": "ai"
    }  # fmt: skip
    row = await db.fetchrow("select actor, reason, withdrawn_by from ai.overrides")
    assert tuple(row) == ("ada", "knows", "bob")

    assert "has no override" in await rfqflow("override", rfq, "--withdraw", code=1)
    assert "route pumps not found" in await rfqflow("override", rfq, "--route", "pumps", code=1)
    unknown = "6f1c1d5e-6a4b-4a37-9d0c-0a5a34b0c7f1"
    assert f"RFQ {unknown} not found" in await rfqflow("override", unknown, "--route", "general", code=1)
    assert "--withdraw" in await rfqflow("override", rfq, code=2)
    assert "--withdraw" in await rfqflow("override", rfq, "--route", "general", "--withdraw", code=2)


# show, status


async def test_show_lists_everything_in_the_order_of_time(rfqflow, mixed, db):
    rfq = mixed["hopeless"]
    await db.execute("select ai.override_rfq($1, 'electrical', 'ada', 'obvious')", rfq)
    await db.execute("select ai.override_rfq($1, 'mechanical', 'bob')", rfq)
    story = await rfqflow.json("show", str(rfq))

    assert [one["what"] for one in story["timeline"]] == [
        "submitted", "failed, attempt 1", "overridden: electrical", "withdrawn: electrical", "overridden: mechanical"
    ]  # fmt: skip
    assert [one["at"] for one in story["timeline"]] == sorted(one["at"] for one in story["timeline"])
    assert story["timeline"][1]["why"] == "refusal"
    assert story["timeline"][1]["by"] == "scripted m1 rfq@1"
    assert (story["rfq"]["route"], story["rfq"]["route_source"]) == ("mechanical", "override")
    assert len(story["overrides"]) == 2
    text = await rfqflow("show", str(rfq))
    assert "mechanical (override)" in text
    assert re.search(r"overridden: electrical\s+obvious\s+ada", text)


async def test_show_reports_the_next_attempt(rfqflow, mixed, db):
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) "
        "values ($1, now(), now() + interval '1 hour', 0, 'rate_limit')",
        mixed["fine"],
    )
    story = await rfqflow.json("show", str(mixed["fine"]))
    assert (story["timeline"][-1]["what"], story["timeline"][-1]["why"]) == ("next attempt", "rate_limit")


async def test_status_shows_queue_workers_breaker_and_budget(rfqflow, mixed, db):
    await db.execute("select ai.open_breaker('openai', '*', 'ada', 'maintenance')")
    text = await rfqflow("status")
    assert re.search(r"breaker openai \*\s+open, ", text)
    assert re.search(r"budget global per day\s+\d\.\d{4} USD of 5.00", text)
    state = await rfqflow.json("status")

    assert state["queue"]["depth"] == 0
    assert state["runs_today"] == {"failed": 1, "skipped": 1, "succeeded": 2}
    assert state["rates"]["calls_per_minute"] == pytest.approx(0.3)
    assert state["scorecard"].keys() >= {"rfqs", "p95_ms"}
    text = await rfqflow("status")
    assert re.search(r"last 10 min\s+\S+ finished, 0.3 calls, 0.1 errors a minute, 0.0002 USD", text)


async def test_a_readers_role_is_enough_for_status_and_report(rfqflow, mixed, db, database):
    role = f"rfqflow_eye_{os.getpid()}"
    await db.execute(f"create role {role} login password 'pw' in role rfqflow_reader")
    parts = urlsplit(database)
    rfqflow.environment["RFQFLOW_DATABASE_URL"] = urlunsplit(
        parts._replace(netloc=f"{role}:pw@{parts.hostname}:{parts.port}")
    )
    try:
        assert (await rfqflow.json("status"))["runs_today"] == {"failed": 1, "skipped": 1, "succeeded": 2}
        assert (await rfqflow.json("report"))["daily"][0]["runs"] == 4
        assert "use the role" in await rfqflow("override", str(mixed["fine"]), "--route", "general", code=1)
    finally:
        await db.execute(f"drop owned by {role}; drop role {role}")


def _take_interrupts() -> None:
    """Restores the handler of SIGINT.

    A background process of a shell ignores SIGINT, and so would the commands that its tests start.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def test_status_watch_runs_until_it_is_stopped(rfqflow):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rfqflow", "status", "--watch", "--json",
        cwd=rfqflow.folder, env=rfqflow.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        preexec_fn=_take_interrupts,
    )  # fmt: skip
    assert process.stdout
    ends = 0
    async with asyncio.timeout(30):
        while ends < 2:
            ends += (await process.stdout.readline()) == b"}\n"
    process.send_signal(signal.SIGINT)
    _, error = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, b"Traceback" in error) == (0, False)


# rerun


async def queued(db) -> set[str]:
    return {
        row[0]
        for row in await db.fetch("select message from public.rfq_requests r join ai.outbox o on o.rfq_id = r.id")
    }


@pytest.mark.parametrize(
    ("arguments", "wanted", "kept"),
    [
        (["--failed"], {"hopeless"}, 0),
        (["--skipped", "opted_out"], {"let me be"}, 0),
        (["--failed", "--skipped", "opted_out"], {"hopeless", "let me be"}, 0),
        (["--skipped", "spam"], set(), 0),
        (["--since", "1h"], {"hopeless", "let me be"}, 2),
        (["--since", "1h", "--force"], {"fine", "also fine", "hopeless", "let me be"}, 0),
        (["--since", "2999-01-01"], set(), 0),
        (["--prompt-version", "rfq@1"], set(), 2),
        (["--prompt-version", "rfq@1", "--force"], {"fine", "also fine"}, 0),
        (["--failed", "--since", "2999-01-01"], set(), 0),
        (["--failed", "--prompt-version", "rfq@1"], set(), 0),
    ],
)
async def test_rerun_counts_first_and_enqueues_the_matching_rfqs(rfqflow, mixed, db, arguments, wanted, kept):
    total = len(wanted) + kept
    assert await rfqflow.json("rerun", *arguments, "--dry-run") == {
        "asked": total,
        "enqueued": 0,
        "unchanged": kept,
        "dry_run": True,
    }
    assert await queued(db) == set()

    said = await rfqflow("rerun", *arguments)

    stays = "; 2 have an accepted answer for this content and prompt: add --force" if kept else ""
    cost = ", and each needs another paid call" if "--force" in arguments else ""
    assert said == f"{total} RFQ(s) match{cost}{stays}\n{len(wanted)} of {total} enqueued{stays}\n"
    assert await queued(db) == wanted


async def test_rerun_enqueues_rfqs_of_another_prompt_or_edited_meanwhile(rfqflow, mixed, db):
    await db.execute("update public.rfq_requests set message = 'fine, and more' where message = 'fine'")
    await db.execute("delete from ai.outbox")
    assert (await rfqflow.json("rerun", str(mixed["fine"])))["enqueued"] == 1
    await db.execute("select ai.add_prompt('rfq', 'S', 'U', '{}', 'ada', null)")
    await db.execute("select ai.activate_prompt('rfq@2', 'ada', null, true)")
    reported = await rfqflow.json("rerun", str(mixed["also fine"]))
    assert (reported["enqueued"], reported["unchanged"]) == (1, 0)


async def test_rerun_names_unknown_ids_and_then_does_nothing(rfqflow, mixed, db):
    dead = str(mixed["hopeless"])
    unknown = "6f1c1d5e-6a4b-4a37-9d0c-0a5a34b0c7f1"
    assert f"RFQ not found: {unknown}, Q-7. Nothing" in await rfqflow("rerun", dead, unknown, "Q-7", code=1)
    said = await rfqflow("rerun", "--failed", "--skipped", "nonsense", "--prompt-version", "rfq@99", code=2)
    assert "unknown reason 'nonsense': choose one of" in said
    assert "prompt version 'rfq@99' not found" in said
    assert await queued(db) == set()


async def test_an_rfq_is_found_by_the_applications_reference_and_several_are_listed(rfqflow, mixed, db):
    await db.execute("update public.rfq_requests set request_id = 'R-1' where message = 'hopeless'")
    await db.execute("update public.rfq_requests set request_id = '4711' where message like '%fine'")
    dead = str(mixed["hopeless"])
    assert (await rfqflow.json("show", "R-1"))["rfq"]["rfq_id"] == dead
    assert (await rfqflow.json("rerun", "R-1"))["enqueued"] == 1
    assert (await rfqflow.json("override", "R-1", "--route", "general"))["rfq_id"] == dead
    for command in (("show",), ("rerun",), ("override", "--withdraw")):
        said = await rfqflow(*command, "4711", code=1)
        assert {str(mixed["fine"]), str(mixed["also fine"])} <= set(said.split())
        said = await rfqflow(*command, "R-2", code=1)
        assert "R-2" in said
        assert "not found" in said


async def test_rerun_of_ids_narrowed_forced_and_refused(rfqflow, mixed, db):
    fine, dead = str(mixed["fine"]), str(mixed["hopeless"])
    assert await rfqflow.json("rerun", fine, dead, "--failed") == {
        "asked": 1, "enqueued": 1, "unchanged": 0, "dry_run": False
    }  # fmt: skip
    assert await queued(db) == {"hopeless"}
    assert "another paid call" in await rfqflow("rerun", fine, "--force")
    assert await db.fetchval("select forced from ai.outbox where rfq_id = $1", mixed["fine"])
    assert "--since" in await rfqflow("rerun", "--since", "yesterday", code=2)
    assert "--failed" in await rfqflow("rerun", code=2)


@pytest.mark.parametrize(
    ("answer", "arguments", "code", "done"), [("n", [], 1, 0), ("y", [], 0, 1), ("", ["--yes"], 0, 1)]
)
async def test_rerun_asks_on_a_terminal(rfqflow, mixed, db, answer, arguments, code, done):
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rfqflow", "rerun", "--failed", *arguments,
        cwd=rfqflow.folder, env=rfqflow.environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(theirs)
    if answer:
        os.write(ours, f"{answer}\n".encode())
    out, error = await asyncio.wait_for(process.communicate(), 30)
    os.close(ours)

    assert process.returncode == code, error
    assert out.startswith(b"1 RFQ(s) match\n")
    assert (b"now?" in out) == bool(answer)
    assert len(await queued(db)) == done


def test_a_time_is_iso_or_a_duration_ago():
    assert moment(None) is None
    assert moment("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert moment("2026-03-01T08:30+01:00") == datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    for text, ago in (("90m", timedelta(minutes=90)), ("36h", timedelta(hours=36)), ("7d", timedelta(days=7))):
        found = moment(text)
        assert found
        assert abs(datetime.now(UTC) - ago - found) < timedelta(seconds=5)
    for text in ("yesterday", "", "3y", "999999w", "2026-13-01"):
        with pytest.raises(ConfigError, match="--since takes a time"):
            moment(text)


# backfill


async def test_backfill_covers_all_rfqs_and_can_be_stopped_and_resumed(rfqflow, db):
    await db.execute("set session_replication_role = replica")
    await db.execute(
        "insert into public.rfq_requests (message, created_at, ai_status) "
        "select 'old ' || n, now() - interval '1 year', null from generate_series(1, 2500) n"
    )
    await db.execute("set session_replication_role = origin; analyze public.rfq_requests")

    first = await rfqflow.json("backfill", "--limit", "300")
    assert (first["enqueued"], first["ended"]) == (300, False)
    rest = await rfqflow.json("backfill", "--after", first["last_id"], "--per-minute", "6000")
    assert (rest["enqueued"], rest["ended"]) == (2200, True)
    assert first["looked_at"] + rest["looked_at"] == 2500
    assert await rfqflow("backfill") == "0 enqueued, 60 a minute\n"
    assert await db.fetchval("select count(*) from ai.outbox_deferred where reason = 'backfill'") == 2500


async def test_backfill_stopped_by_hand_says_how_to_resume(rfqflow, db, open_connection):
    await db.execute("set session_replication_role = replica")
    await db.execute(
        "insert into public.rfq_requests (message, created_at, ai_status) select 'old', now() - interval '1 year', null "
        "from generate_series(1, 1500)"
    )
    await db.execute("set session_replication_role = origin")
    other = await open_connection()
    # The second step meets an RFQ that another session is enqueueing, and waits.
    second = await db.fetchval("select id from public.rfq_requests order by id offset 1200 limit 1")
    await other.execute("begin")
    await other.execute(
        "insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason) values ($1, now(), now(), 0, 'retry')",
        second,
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rfqflow", "backfill", cwd=rfqflow.folder, env=rfqflow.environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, preexec_fn=_take_interrupts,
    )  # fmt: skip
    async with asyncio.timeout(30):
        while await db.fetchval("select count(*) from ai.outbox_deferred") < 1000 or not await db.fetchval(
            "select exists (select from pg_stat_activity where application_name = 'rfqflow command' and wait_event_type = 'Lock' "
            "and datname = current_database())"
        ):
            await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, error = await asyncio.wait_for(process.communicate(), 60)
    await other.execute("rollback")

    last = re.search(rb"stopped; resume with --after ([0-9a-f-]{36})", error)
    assert last, error
    assert process.returncode == 1
    assert b"Traceback" not in error
    rest = await rfqflow.json("backfill", "--after", last[1].decode())
    assert (rest["enqueued"], rest["ended"]) == (500, True)


# report


async def test_the_report_is_one_self_contained_file(rfqflow, mixed, db, tmp_path):
    await db.execute("select ai.override_rfq($1, 'electrical', 'ada')", mixed["fine"])
    assert await rfqflow("report") == "rfqflow-report.html\n"
    page = (tmp_path / "rfqflow-report.html").read_text()

    assert page.startswith("<!doctype html>")
    assert not re.search(r"https?://|<script|<img|<link|@import|url\(", page)
    assert page.count("<svg") == 3
    assert not re.search(r"\bada\b", page)
    assert await rfqflow("report", "--output", "-") != ""
    assert "cannot be written" in await rfqflow("report", "--output", "/nowhere/at/all.html", code=2)
    assert "not both" in await rfqflow("report", "--markdown", "--json", code=2)


async def test_the_reports_numbers_equal_the_views_and_each_states_its_limits(rfqflow, mixed, db):
    data = await rfqflow.json("report")
    card = dict(await db.fetchrow("select * from ai.scorecard"))
    assert data["scorecard"] == {
        key: None if value is None else pytest.approx(float(value)) for key, value in card.items()
    }
    assert set(data["about"]) == set(card)
    assert all(one["measured"] and one["not_seen"] for one in data["about"].values())
    (today,) = data["daily"]
    assert (today["calls"], today["runs"]) == (3, 4)
    assert data["causes"] == [{"error_class": "refusal", "provider": "scripted", "model": "m1", "runs": 1,
                               "rfqs_failed": data["causes"][0]["rfqs_failed"]}]  # fmt: skip

    text = await rfqflow("report", "--markdown")
    assert text.splitlines()[2] == f"**{data['verdict']['sentence']}**"
    assert "| Failure rate |" in text
    assert "| refusal | scripted | m1 | 1 |" in text
    assert "| global | day | $5.00 | " in text
    assert set(data["changes"]) == set(card)
    assert {change["word"] for change in data["changes"].values()} <= {"none before", "now only"}
    now, before = data["windows"]
    assert (now["calls"], now["last_day"], before["rfqs"]) == (3, data["last_day"], 0)
    assert sum(row["rfqs"] for row in data["routes"]) == now["enriched"]
    assert all("assumed_usd" in one for one in data["budgets"])


# limits of spending, and breakers


async def test_caps_are_set_and_removed_and_invalid_ones_are_refused_with_a_sentence(rfqflow, db):
    assert (
        await rfqflow("budget", "set", "global", "day", "7.50", "--actor", "ada") == "global day: 5 USD -> 7.50 USD\n"
    )
    reported = await rfqflow.json("budget", "set", "model:m1", "hour", "0.05", "--actor", "ada", "--reason", "try")
    expected = {"scope": "model:m1", "period": "hour", "cap_usd": 0.05, "old_cap_usd": None, "spent_usd": 0,
                "assumed_usd": 0, "held_usd": 0, "frees": 0, "stops": 0, "warnings": []}  # fmt: skip
    assert {key: reported[key] for key in expected} == expected
    assert await rfqflow("budget", "set", "model:m1", "hour", "none") == "model:m1 hour: 0.05 USD -> no cap\n"
    for amount in ("five", "1e999999", "1e-30", "NaN", "2000000000", ""):
        assert "a cap is an amount in US dollars" in await rfqflow("budget", "set", "global", "day", amount, code=2)
    for scope in ("x", "model:a b", "model:", "model:\x01", "sender:ada", ""):
        assert "A scope is global, evaluation, draft, sender or model:NAME" in await rfqflow(
            "budget", "set", scope, "day", "1", code=2
        )
    caps = {(row["scope"], row["period"]): row["cap_usd"] for row in await rfqflow.json("budget")}
    assert caps == {("global", "day"): 7.5, ("evaluation", "day"): 2, ("draft", "day"): 1}


async def test_a_breaker_is_opened_by_its_name_and_a_misspelt_name_is_refused(rfqflow, db):
    reported = await rfqflow("breaker", "open", "opnai", "--actor", "ada")
    assert "this model has no recorded calls" in reported
    assert "opnai *: open" in reported
    assert "opnai *: closed" in await rfqflow("breaker", "close", "opnai")
    assert "was not open" in await rfqflow("breaker", "close", "opnai", code=1)
    for provider, model in (("", "m"), ("openai", ""), ("a b", "m"), ("openai", "\x01"), ("p" * 101, "*")):
        assert "must not contain spaces" in await rfqflow("breaker", "open", provider, model, code=1)
    assert [row["provider"] for row in await rfqflow.json("breaker")] == ["opnai"]
