"""Ninety days of history, day by day: no table of schema ai grows for ever, and archives hold what the tables held.

One person is erased everywhere. The clock is the database's, so the test moves the database's clock forward. It does so
in a separate database. Before the installation, it renames `now()` and `clock_timestamp()`, and replaces them by
functions that are some days ahead.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from statistics import mean
from typing import TYPE_CHECKING, Any

import pytest

from rfqflow.database import migrate
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.maintenance import archive_files, archiving, scheduler
from rfqflow.store.queue import QueueStore
from rfqflow.store.retention import Retention
from rfqflow.store.webhooks import Webhooks
from tests.support.admission import admit, claim, end, finish, request, set_policy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import asyncpg

DAYS = 91
A_DAY = 40
TRIPS = 10  # breaker events of each day
FORTNIGHT = 14  # whole weeks, since partitions are weekly
ADA = "ada.okonkwo@example.com"
MARK = "okonkwo"
CLOCK = """
    create schema years;
    grant usage on schema years to public;
    create table years.clock (days integer not null);
    grant select on years.clock to public;
    insert into years.clock values (0);
    alter function pg_catalog.now() rename to real_now;
    alter function pg_catalog.clock_timestamp() rename to real_clock_timestamp;
    create function pg_catalog.now() returns timestamptz language sql stable parallel safe
      as 'select pg_catalog.real_now() + c.days * interval ''24 hours'' from years.clock c';
    create function pg_catalog.clock_timestamp() returns timestamptz language sql volatile parallel safe
      as 'select pg_catalog.real_clock_timestamp() + c.days * interval ''24 hours'' from years.clock c';
"""
# Rows per day that stay, by design: sums by day, the spending of a budget (400 days), an archive a week. Also a row for
# each RFQ with attachments that the application keeps.
STAYS = {"run_days": 8, "latency_days": 100, "budget_windows": 2, "archives": 1, "attachment_sets": 1}
SIZES = """
    select case when c.relname like 'rag\\_runs%' then 'rag_runs' else c.relname end as name,
      sum(pg_total_relation_size(c.oid))::bigint as bytes
    from pg_class c where c.relnamespace = 'ai'::regnamespace and c.relkind = 'r' group by 1
"""
TABLES = "select c.oid::regclass::text from pg_class c where c.relnamespace = 'ai'::regnamespace and c.relkind = 'r' order by 1"


class Years:
    """The work and the maintenance of one daemon in a database whose clock is set ahead."""

    def __init__(self, db: asyncpg.Connection, line: ReconnectingConnection, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.notes, self.webhooks = Retention(line), Webhooks(line)
        self.keeper = scheduler.MaintenanceRunner(QueueStore(line), self.notes, lambda: 10.0)
        self.seen: dict[str, Any] = {}  # what the database held of each week before it was archived
        self.runs = 0

    async def day(self, number: int) -> None:
        await self.db.execute("update years.clock set days = $1", number)
        await self.db.fetch("select * from ai.heartbeat(0, 0, 0, -1)")
        await self.arrive(number)
        await self.work()
        await self.db.execute(f"select ai.trip_breaker('p', 'm2', 'failures') from generate_series(1, {TRIPS})")
        await self.tell()
        # The application's own retention; it keeps one customer's RFQs.
        await self.db.execute(
            "delete from public.rfq_requests where created_at < now() - interval '31 days' and email <> $1", ADA
        )
        await self.keep_house()

    async def arrive(self, number: int) -> None:
        """Inserts RFQs: some with a key, one of Ada's each day, one text again and again."""
        await self.db.execute(
            "select public.submit_rfq("
            "case when n = 2 then 'Please quote 100 valves as always' else format('Please quote %s valves, day %s', n, $2::int) end"
            " || case when n = 1 then $3::text else '' end,"
            " case when n = 1 then $4::text else 's' || n || '@example.com' end,"
            " p_name => case when n = 1 then 'Ada Okonkwo' end, p_source_ip => ('10.0.0.' || n)::inet,"
            " p_idempotency_key => $2::int || '/' || n) from generate_series(1, $1::int) n",
            A_DAY, number, f" for {MARK}", ADA,
        )  # fmt: skip
        await self.db.execute(
            "insert into public.rfq_attachments (rfq_id, file_name, content) select id, 'drawing.pdf',"
            " convert_to($1, 'UTF8') from public.rfq_requests where email = $2 and created_at > now() - interval '1 hour'",
            MARK, ADA,
        )  # fmt: skip

    async def work(self) -> None:
        rows = await claim(self.db, 500)
        texts = [hashlib.sha256(row["message"].encode()).digest()[:16] for row in rows]
        facts = await self.db.fetch(
            "select * from ai.gate_facts($1, $2, $3, true)",
            [row["rfq_id"] for row in rows], texts, [row["attempt"] for row in rows],
        )  # fmt: skip
        senders = {fact["rfq_id"]: fact["sender"] for fact in facts}
        granted = await admit(self.db, *(request(row, sender=senders[row["rfq_id"]]) for row in rows))
        assert {refusal for _, refusal in granted} == {None}
        ends = [self.ended(place, row) for place, row in enumerate(rows)]
        assert await finish(self.db, *ends) == {}
        self.runs += len(ends)
        await self.webhooks.queue_end_webhooks([
            (one["rfq_id"], one["claim_id"], "done" if one["verdict"] == "complete" else "failed") for one in ends
        ])  # fmt: skip

    @staticmethod
    def ended(place: int, row: dict[str, Any]) -> dict[str, Any]:
        about = row["message"]
        said = {"output": {"summary": about, "items": [about] * 8}, "summary": about, "email_hash": f"hash of {about}"}
        if place % 10 == 3:
            return end(row, "discard", **said)
        if place % 10 == 4 and row["attempt"] == 1:
            return end(row, "retry", **said)
        # One bill in ten is above its hold, which the database reports.
        return end(row, **said, booked_nano=1500 if place % 10 == 5 else 500)

    async def tell(self) -> None:
        await self.webhooks.queue_event_webhooks()
        for message in await self.webhooks.claim(["crm"], 1000):
            await self.webhooks.settle(message, delivered=True, status="200")

    async def keep_house(self) -> None:
        for step in self.keeper.steps:
            _, did = await self.keeper.do(step)
            assert did >= 0, step
        for week in await self.notes.archivable():
            self.seen[week.name] = (week, (await self.notes.week_fingerprint(week))[0])
        await archiving.step(self.notes, self.folder, "jsonl.gz")
        # What autovacuum and the step `vacuum` do in a day.
        await self.db.execute("vacuum " + ", ".join(row[0] for row in await self.db.fetch(TABLES)))

    async def rows(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for row in await self.db.fetch(TABLES):
            name = row[0].split(".")[-1]
            counted["rag_runs" if name.startswith("rag_runs") else name] += await self.db.fetchval(
                f"select count(*) from {row[0]}"
            )
        counted["rfq_requests"] = await self.db.fetchval("select count(*) from public.rfq_requests")
        return counted

    async def traces(self) -> set[str]:
        """Tables with data about Ada."""
        names = [row[0] for row in await self.db.fetch(TABLES)] + ["public.rfq_requests"]
        found = [
            name.split(".")[-1]
            for name in names
            if await self.db.fetchval(f"select exists (select from {name} x where lower(x::text) like $1)", f"%{MARK}%")
        ]
        return {"rag_runs" if name.startswith("rag_runs") else name for name in found}

    async def transitions(self) -> int:
        return int(await self.db.fetchval(
            "select sum(value) from ai.metrics where name = 'rfqflow_breaker_transitions_total' and labels ->> 'reason' = 'failures'"
        ))  # fmt: skip


@pytest.fixture
async def years(empty_database, open_plain, tmp_path) -> AsyncIterator[Years]:
    db = await open_plain(empty_database)
    await db.execute(CLOCK)
    await migrate.migrate(db)
    await set_policy(db, retention_days=31, failed_retention_days=45, event_days=32, desk_days=33, related_days=34)
    await db.execute("select ai.set_budget('sender', 'day', 10), ai.set_budget('model:m1', 'day', 10)")
    await db.execute("select ai.open_breaker('p', 'm2', 'grace'), ai.close_breaker('p', 'm2', 'grace')")
    # Chat messages have no address.
    await db.execute(
        "insert into ai.webhooks (name, kinds) values ('crm', '{done,failed}'), ('chat', '{breaker,budget}')"
    )
    line = ReconnectingConnection(empty_database, "rfqflow test")
    yield Years(db, line, tmp_path)
    await line.close()


@pytest.mark.timeout(600)
async def test_after_ninety_days_nothing_keeps_growing_archives_are_complete_and_one_person_is_erased_everywhere(
    years,
):
    db = years.db
    sizes: list[dict[str, int]] = []
    rows: list[Counter[str]] = []
    for number in range(DAYS):
        await years.day(number)
        assert await years.transitions() == (number + 1) * TRIPS, "pruning lowers no total"
        if number >= DAYS - 2 * FORTNIGHT:
            sizes.append({row["name"]: row["bytes"] for row in await db.fetch(SIZES)})
            rows.append(await years.rows())
    nothing_grows(rows, sizes)
    # Sixteen bytes for each RFQ in an archive, by which an erasure finds a person's RFQs.
    index = await db.fetchrow(
        "select sum(pg_column_size(rfq_ids)) as bytes, sum(cardinality(rfq_ids)) as rfqs from ai.archives"
    )
    assert index["bytes"] < 17 * index["rfqs"] + 100 * len(years.seen)
    await all_is_there_again(years)
    await one_person_goes(years)


def nothing_grows(rows: list[Counter[str]], sizes: list[dict[str, int]]) -> None:
    """Compares the tables of a fortnight with the fortnight before.

    A table that grows steadily has a quarter more by then.
    """
    for name in sizes[-1]:
        before, after = (mean(day[name] for day in part) for part in (rows[:FORTNIGHT], rows[FORTNIGHT:]))
        if name in STAYS:
            assert after - before <= STAYS[name] * FORTNIGHT, name
        else:
            assert after <= before * 1.1, name
    for left_out, most in ((STAYS, 1.02), ((), 1.06)):
        totals = [sum(size for name, size in day.items() if name not in left_out) for day in sizes]
        assert mean(totals[FORTNIGHT:]) <= mean(totals[:FORTNIGHT]) * most


async def all_is_there_again(years: Years) -> None:
    """Each week equals the week before it was archived, and all weeks equal all runs that were recorded."""
    db = years.db
    entered = await db.fetch("select * from ai.archives where dropped_at is not null order by week_start")
    assert [row["file"].split(".")[0] for row in entered] == [*years.seen]
    assert len(entered) >= (DAYS - 45) // 7
    for row in entered:
        week, was = years.seen[row["file"].split(".")[0]]
        path = years.folder / row["file"]
        assert (row["runs"], row["fingerprint"]) == (was.runs, was.fingerprint)
        assert row["sha256"].hex() == archive_files.sha256_of(path)
        assert (await years.notes.week_fingerprint(week))[0] != was
        runs, restored = await archiving.restore(years.notes, path)
        assert runs == was.runs >= restored > 0
        assert (await years.notes.week_fingerprint(week))[0] == was
    assert await db.fetchval("select count(*) from ai.rag_runs") == years.runs
    assert await db.fetchval("select sum(value) from ai.metrics where name = 'rfqflow_runs_total'") == years.runs


async def one_person_goes(years: Years) -> None:
    """Erases by address: no row of any table and no line of any file has the person's text.

    That includes derived data. All RFQs are still counted.
    """
    db = years.db
    await db.execute(
        "with rfqs as (select r.id, r.message from public.rfq_requests r where r.email = $1), "
        "cases as (insert into ai.eval_cases (case_id, family, provenance, rfq_id, message, labels) "
        "select 'rfq-' || r.id, 'f', 'sample', r.id, r.message, '{}' from rfqs r), "
        "measured as (insert into ai.eval_runs (provider, model, prompt_version, prompt_sha256, source, cases, repeats) "
        "values ('p', 'm1', 'q@1', '\\x00', 'db', 1, 1) returning eval_run), "
        "answered as (insert into ai.eval_results (eval_run, case_id, repeat, case_sha256, prompt_sha256, provider, model, "
        "is_cached, facts, answer) select m.eval_run, 'rfq-' || r.id, 1, '\\x00', '\\x00', 'p', 'm1', false, '{}', "
        "to_jsonb(r.message) from measured m, rfqs r), "
        "prompts as (insert into ai.prompts (version, name, number, sha256, system, template, parameters, created_by) "
        "select 'q@' || n, 'q', n, sha256(n::text::bytea), 's', 't', '{}', 'grace' from generate_series(1, 2) n returning version), "
        "trial as (insert into ai.trials (kind, prompt_version, base_version, percent, started_by) "
        "select 'shadow', max(p.version), min(p.version), 50, 'grace' from prompts p returning trial) "
        "insert into ai.shadow_results (trial, rfq_id, base_output, answer) "
        "select t.trial, r.id, to_jsonb(r.message), to_jsonb(r.message) from trial t, rfqs r",
        ADA,
    )
    await db.execute(
        "select ai.save_draft(r.id, 'en', 'S', left(r.message, 8000), 'person', p_actor => 'grace') "
        "from public.rfq_requests r where r.email = $1",
        ADA,
    )
    before, files = await years.rows(), sorted(years.folder.glob("*.gz"))
    kept = {"rag_runs", "rfq_requests", "archives"}
    assert await years.traces() >= kept - {"archives"} | {"eval_cases", "eval_results", "shadow_results", "drafts"}
    assert all(MARK in gzip.decompress(file.read_bytes()).decode() for file in files)

    reported = await years.notes.erase(f" {ADA.upper()}", "grace", "asked for it")

    assert (reported["rfqs"], reported["cases"], reported["archives"]) == (DAYS, DAYS, [file.name for file in files])
    assert await archiving.erase_from_files(years.notes, years.folder) == reported["archives"]
    assert await years.traces() == set()
    assert not [file.name for file in files if MARK in gzip.decompress(file.read_bytes()).decode()]
    after = await years.rows()
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    for file in files:
        assert await archiving.restore(years.notes, file) == (years.seen[file.name.split(".")[0]][1].runs, 0)
    assert await years.traces() == set()
