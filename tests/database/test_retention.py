"""Runs older than ninety days go to files and can be restored: equal by count and checksum.

One person is erased everywhere.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from rfqflow.core.text.exact_json import as_text, parsed
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.maintenance import archive_files, archiving
from rfqflow.store.retention import Retention
from tests.support.figures import rewind
from tests.support.run_history import history

PRINT = "select runs, fingerprint from ai.week_fingerprint('-infinity', 'infinity')"


@pytest.fixture
async def store(database):
    line = ReconnectingConnection(database, "rfqflow test")
    yield Retention(line)
    await line.close()


# Columns of the runs that hold data of a person.
SAID = "select count(*) from ai.rag_runs where rfq_id = $1 and num_nonnulls(output, error_detail, email_hash) > 0"


async def everything(db: asyncpg.Connection) -> tuple[int, int]:
    return tuple(await db.fetchrow(PRINT))


@pytest.mark.parametrize("form", ["jsonl.gz", "parquet"])
async def test_ninety_days_are_archived_dropped_and_restored_equal_by_count_and_checksum(db, store, tmp_path, form):
    await history(db)
    before, figures = await everything(db), await db.fetch("select * from ai.metrics_daily order by day")
    due = await store.archivable()
    assert 7 <= len(due) <= 9

    done = await archiving.step(store, tmp_path, form, weeks=20)

    assert len(done.archived) == len(due)
    left = await db.fetch("select status, created_at from ai.rag_runs where created_at < $1", due[-1].end)
    assert {row["status"] for row in left} == {"failed"}
    assert len(left) == done.kept > 0
    assert done.dropped + done.kept == done.runs
    assert await db.fetch("select * from ai.metrics_daily order by day") == figures, "the roll-ups stay"
    assert await store.archivable() == []
    assert (await archiving.step(store, tmp_path, form)).archived == []

    for row in await db.fetch("select * from ai.archives"):
        manifest = json.loads((tmp_path / f"{row['file']}.json").read_text())
        assert manifest["sha256"] == row["sha256"].hex() == archive_files.sha256_of(tmp_path / row["file"])
        assert (manifest["runs"], manifest["fingerprint"]) == (row["runs"], str(row["fingerprint"]))
        assert (row["first_at"] is None) == (row["runs"] == 0)
        assert row["schema_version"] == manifest["schema_version"]
        runs, restored = await archiving.restore(store, tmp_path / row["file"])
        assert runs == row["runs"] == restored + row["kept"]
        assert await archiving.restore(store, tmp_path / row["file"]) == (runs, 0), "a repeat restores nothing"

    assert await everything(db) == before
    assert await db.fetchval("select count(*) from ai.rag_runs_default") == 0
    assert await db.fetch("select * from ai.metrics_daily order by day") == figures
    assert await store.droppable_weeks() == [], "what was restored stays for a while"
    await db.execute("update ai.archives set restored_at = restored_at - interval '31 days'")
    again = await archiving.step(store, tmp_path, form, weeks=20)
    assert (again.archived, again.dropped) == ([], done.dropped), "and goes again without another file"


async def test_failures_are_deleted_when_their_own_time_has_come(db, store, tmp_path):
    await history(db)
    done = await archiving.step(store, tmp_path, "jsonl.gz", weeks=20)
    assert done.kept
    await db.execute("select ai.set_policy('failed_retention_days', '31')")

    last = await archiving.step(store, tmp_path, "jsonl.gz", weeks=20)

    assert last.dropped == done.kept
    assert await db.fetchval("select min(created_at) > now() - interval '40 days' from ai.rag_runs")


async def test_a_file_with_other_content_than_written_drops_nothing(db, store, tmp_path, monkeypatch):
    await history(db)
    before = await everything(db)
    written = archive_files.Writer.finish

    def lossy(self):
        written(self)
        lines = gzip.decompress(self.path.read_bytes()).splitlines(keepends=True)
        self.path.write_bytes(gzip.compress(b"".join(lines[1:])))

    monkeypatch.setattr(archive_files.Writer, "finish", lossy)  # a disk that loses a page
    with pytest.raises(archiving.ArchiveMismatchError):
        await archiving.step(store, tmp_path, "jsonl.gz")

    assert await everything(db) == before
    assert await db.fetchval("select count(*) from ai.archives") == 0
    assert list(tmp_path.iterdir()) == [], "no half file is left behind"


async def test_runs_that_changed_after_they_were_written_are_not_dropped(db, store, tmp_path):
    await history(db)
    week = (await store.archivable())[0]
    await archiving.write(store, week, tmp_path, "jsonl.gz")
    await db.execute("update ai.rag_runs set latency_ms = 1 where run_id = (select min(run_id) from ai.rag_runs "
                     "where created_at >= $1 and created_at < $2)", week.start, week.end)  # fmt: skip
    before = await everything(db)

    with pytest.raises(asyncpg.PostgresError, match="differs from the runs"):
        await archiving.drop(store, (await store.droppable_weeks())[0].archive_id)

    assert await everything(db) == before
    assert (await archiving.step(store, tmp_path, "jsonl.gz", weeks=1)).dropped, "it is written again, then dropped"


async def test_runs_stay_in_the_database_if_their_file_is_gone_or_elsewhere(db, store, tmp_path):
    await history(db)
    before = await everything(db)
    await archiving.write(store, (await store.archivable())[0], tmp_path, "jsonl.gz")
    due = await store.droppable_weeks()
    (tmp_path / due[0].file).unlink()
    await db.execute(
        "update ai.rollup_progress set rolled_to = $1", (await store.archivable())[0].end
    )  # nothing else is due

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archiving, "write", lambda *_: asyncio.sleep(0, ("none", archiving.WeekFingerprint(0, 0))))
        assert (await archiving.step(store, tmp_path, "jsonl.gz")).dropped == 0

    assert await everything(db) == before
    assert (await archiving.step(store, tmp_path, "jsonl.gz")).dropped > 0, "it is written again"


async def test_a_file_is_not_kept_if_a_person_was_erased_while_it_was_written(db, store, tmp_path, monkeypatch):
    await history(db)
    ada, _ = await two_people(db)
    record = store.record

    async def late(manifest):
        await store.erase(PERSON, None, None)
        return await record(manifest)

    monkeypatch.setattr(store, "record", late)
    with pytest.raises(asyncpg.PostgresError, match="differs from the runs"):
        await archiving.step(store, tmp_path, "jsonl.gz", weeks=1)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    done = await archiving.step(store, tmp_path, "jsonl.gz", weeks=1)
    runs = [json.loads(line) for line in gzip.decompress((tmp_path / done.archived[0]).read_bytes()).splitlines()]
    assert [run["output"] for run in runs if run["rfq_id"] == str(ada)] == [None] * 3


async def test_a_worker_may_archive_and_drop_but_neither_restore_nor_erase(
    db, server_dsn, database, make_role, tmp_path
):
    from urllib.parse import urlsplit, urlunsplit

    role = await make_role("login password 'pw'")
    await history(db)
    await db.execute(f"grant rfqflow_worker to {role}")
    parts = urlsplit(database)
    line = ReconnectingConnection(
        urlunsplit(parts._replace(netloc=f"{role}:pw@{parts.hostname}:{parts.port}")), "rfqflow test"
    )
    store = Retention(line)
    try:
        done = await archiving.step(store, tmp_path, "jsonl.gz", weeks=1)
        assert done.dropped > 0
        assert await store.status() == []
        for refused in (
            store.restore(1, []),
            store.erase(PERSON, None, None),
            store.archive_of("x"),
            line.fetch("select ai.drop_without_archive(now(), 'x')"),
            line.fetch("select * from ai.rag_runs"),
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await refused
    finally:
        await line.close()


async def test_runs_that_are_not_rolled_up_are_not_archived(db, store):
    await history(db)
    await db.execute("update ai.rollup_progress set rolled_to = now() - interval '89 days'")

    assert await store.archivable() == []


async def test_a_damaged_or_foreign_file_is_not_restored(db, store, tmp_path):
    await history(db)
    done = await archiving.step(store, tmp_path, "jsonl.gz", weeks=1)
    path = tmp_path / done.archived[0]
    before = await everything(db)
    path.write_bytes(path.read_bytes()[:-9] + b"\0" * 9)

    with pytest.raises(archiving.ArchiveMismatchError, match="sha256"):
        await archiving.restore(store, path)
    with pytest.raises(archiving.ArchiveMismatchError, match=r"not in ai\.archives"):
        await archiving.restore(store, tmp_path / "rag_runs_1999w01.jsonl.gz")
    assert await everything(db) == before


async def test_finishes_continue_while_a_week_is_dropped_and_a_long_reader_blocks_no_session(
    db, store, tmp_path, open_connection
):
    await history(db)
    reader, writer = await open_connection(), await open_connection()
    transaction = reader.transaction()
    await transaction.start()
    await reader.fetch("select count(*) from ai.rag_runs")
    stop, waits = asyncio.Event(), []

    async def write():
        while not stop.is_set():
            began = asyncio.get_running_loop().time()
            await writer.execute(
                "insert into ai.rag_runs (rfq_id, attempt, status) values (gen_random_uuid(), 1, 'lost')"
            )
            await writer.execute("insert into public.rfq_requests (message) values ('Please quote 10 valves')")
            waits.append(asyncio.get_running_loop().time() - began)

    writing = asyncio.create_task(write())
    stepping = asyncio.create_task(archiving.step(store, tmp_path, "jsonl.gz", weeks=1))
    asked = "select exists (select from pg_locks where relation = 'ai.rag_runs'::regclass and not granted and mode = 'AccessExclusiveLock')"
    async with asyncio.timeout(40):  # while the drop requests its lock again and again
        for _ in range(3):
            while not await db.fetchval(asked):
                await asyncio.sleep(0.001)
            written = len(waits)
            while len(waits) < written + 5:
                await asyncio.sleep(0.01)
    assert await db.fetchval("select count(*) from ai.archives where dropped_at is not null") == 0
    await transaction.rollback()
    done = await stepping
    stop.set()
    await writing

    assert done.dropped > 0
    assert max(waits) < 2, "each waits for one short lock at most"


async def test_runs_whose_week_had_no_partition_are_archived_too(db, store, tmp_path):
    await db.execute(
        "insert into ai.rag_runs (created_at, rfq_id, attempt, status) "
        "select now() - interval '120 days', gen_random_uuid(), 1, 'succeeded' from generate_series(1, 5)"
    )
    await rewind(db)
    for _ in range(3):
        await db.execute("select ai.roll_up(1000, '0 s')")

    assert (await archiving.step(store, tmp_path, "jsonl.gz")).dropped == 5
    assert await db.fetchval("select count(*) from ai.rag_runs_default") == 0


PERSON = "ada@example.com"


async def two_people(db: asyncpg.Connection) -> tuple:
    """Ada and Bob, answered long ago; Ada's run is in an old week."""
    ids = [
        row["id"]
        for row in await db.fetch(
            "insert into public.rfq_requests (name, email, company, phone, source_ip, message, metadata) "
            "select 'Somebody', e, 'Firm', '+49 30 123', '10.0.0.1', 'Please quote 250 housings for me', '{\"a\": 1}' "
            "from unnest(array[' Ada@Example.com', 'bob@example.com']) e returning id"
        )
    ]
    await db.execute(
        "update public.rfq_requests set ai_status = 'done', ai_summary = 'Ada wants', ai_route = 'mechanical', "
        "ai_extracted = '{\"who\": \"Ada\"}', ai_content_sha256 = sha256('x')"
    )
    await db.execute("delete from ai.outbox")
    await db.execute(
        "update ai.rag_runs set rfq_id = $1, error_detail = 'urgency: \"Ada\"' "
        "where run_id in (select run_id from ai.rag_runs order by created_at limit 3)",
        ids[0],
    )
    return tuple(ids)


async def test_one_person_is_erased_everywhere_and_no_other_person(db, store, tmp_path):
    await history(db)
    ada, bob = await two_people(db)
    other = await db.fetchrow("select * from public.rfq_requests where id = $1", bob)
    rfqs = await db.fetchval("select count(*) from public.rfq_requests")
    done = await archiving.step(store, tmp_path, "jsonl.gz", weeks=1)
    file = tmp_path / done.archived[0]
    assert str(ada) in gzip.decompress(file.read_bytes()).decode()

    reported = await store.erase(PERSON, "grace", "asked for it")

    row = await db.fetchrow("select * from public.rfq_requests where id = $1", ada)
    assert [row[name] for name in ("name", "email", "company", "phone", "source_ip", "ai_summary", "ai_extracted")] == [
        None
    ] * 7
    assert (row["message"], row["metadata"], row["ai_route"]) == ("[erased]", "{}", "mechanical")
    assert (row["ai_status"], row["ai_reason"]) == ("done", "erased")
    assert await db.fetchrow("select * from public.rfq_requests where id = $1", bob) == other
    assert await db.fetchval("select count(*) from public.rfq_requests") == rfqs
    assert await db.fetchval("select count(*) from ai.outbox") == 0, "an erasure is no edit: nothing is asked again"
    assert (reported["rfqs"], reported["archives"]) == (1, [file.name])
    noted = await db.fetchrow("select actor, action, detail::text as detail from ai.actions order by id desc limit 1")
    assert (noted["actor"], noted["action"]) == ("grace", "erase")
    assert PERSON not in noted["detail"].lower()
    assert str(ada) in noted["detail"]

    lines = gzip.decompress(file.read_bytes()).decode().split("\n")[:-1]
    assert await archiving.erase_from_files(store, tmp_path) == [file.name]
    after = gzip.decompress(file.read_bytes()).decode().split("\n")[:-1]
    assert len(after) == len(lines)
    for old, new in zip(lines, after, strict=True):
        run = json.loads(new)
        if run["rfq_id"] == str(ada):
            assert [run[name] for name in ("output", "error_detail", "email_hash", "content_sha256")] == [None] * 4
        else:
            assert new == old
    assert await store.pending_erasures() == []
    runs, restored = await archiving.restore(store, file)
    assert (runs, restored) == (len(lines), done.dropped)
    assert await db.fetchval(SAID, ada) == 0
    assert await db.fetchval("select count(*) from ai.rag_runs where rfq_id = $1", ada) == 3


async def test_restoring_an_old_copy_of_an_archive_restores_no_erased_person(db, store, tmp_path):
    await history(db)
    ada, _ = await two_people(db)
    done = await archiving.step(store, tmp_path, "jsonl.gz", weeks=1)
    await store.erase(PERSON, None, None)

    await archiving.restore(store, tmp_path / done.archived[0])

    assert await db.fetchval("select count(*) from ai.rag_runs where rfq_id = $1", ada) == 3
    assert await db.fetchval(SAID, ada) == 0


async def test_a_worker_that_holds_the_text_cannot_restore_it(db, store):
    await db.execute(
        "insert into public.rfq_requests (email, message) values ($1, 'Please quote 250 housings')", PERSON
    )
    claim = await db.fetchrow("select * from ai.claim_outbox(1, 77, 1, '60 s')")
    await store.erase(PERSON, None, None)
    finished = {"outbox_id": claim["outbox_id"], "rfq_id": str(claim["rfq_id"]), "claim_id": 77, "verdict": "complete",
                "worker": 1, "attempt": 1, "status": "succeeded", "prompt_version": "p@1", "summary": "Ada wants",
                "output": {"summary": "Ada wants"}, "error_detail": "Ada wants"}  # fmt: skip
    outcome = await db.fetch("select * from ai.finish_outbox($1)", json.dumps([finished]))
    assert [row["outcome"] for row in outcome] == ["lost"]

    assert await store.finish_erasures() == 1

    assert (
        await db.fetchval("select count(*) from ai.rag_runs where output is not null or error_detail is not null") == 0
    )
    assert await db.fetchrow("select ai_status, ai_reason, ai_summary from public.rfq_requests") == (
        "skipped",
        "erased",
        None,
    )
    assert await db.fetchval("select ai.find_unqueued_rfqs()") == 0


async def test_one_of_many_sessions_takes_a_step_and_all_see_its_end(db, store, database):
    lines = [ReconnectingConnection(database, "rfqflow test") for _ in range(5)]
    taken = await asyncio.gather(*(Retention(line).take("archive", 60) for line in lines))
    for line in lines:
        await line.close()
    assert sum(taken) == 1

    await store.note("archive", rows=7, took_ms=5, next_seconds=60)
    await store.note("archive", rows=0, took_ms=1, next_seconds=60, sqlstate="55P03")

    row = (await store.status())[0]
    assert (row["step"], row["rows"], row["sqlstate"], row["is_failing"]) == ("archive", 7, "55P03", True)
    assert row["next_at"] - row["ran_at"] > timedelta(seconds=50)


def test_numbers_keep_their_digits():
    line = '{"a": 0.000100000, "b": 123456789012345678901234567890.5, "c": [1, 2.50, null, "ü\\n"], "d": {"e": true}}'

    assert as_text(parsed(line)) == line.replace("\\n", "\\n")


def test_a_file_with_nothing_but_a_draft_is_no_archive(tmp_path: Path):
    with archive_files.Writer(tmp_path, "rag_runs_2026w01.jsonl.gz") as writer:
        writer.write(['{"a": 1}'])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["rag_runs_2026w01.jsonl.gz", "rag_runs_2026w01.parquet"])
def test_an_interrupted_file_leaves_nothing_behind(tmp_path, name):
    def broken_off() -> None:
        with archive_files.Writer(tmp_path, name) as file:
            file.write(['{"run_id": 1}'] * 3)
            raise KeyError

    with pytest.raises(KeyError):
        broken_off()
    gc.collect()  # a file that is closed too late would cause a warning now

    assert list(tmp_path.iterdir()) == []
