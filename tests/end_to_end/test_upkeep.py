"""`rfqflow maintain` and `rfqflow erase` as the real process, and the maintenance that the daemon does by itself."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys

import pytest

from tests.support.run_history import history
from tests.support.shell import Shell
from tests.support.worker_harness import Scripted, until, working


@pytest.fixture
def shell(database, tmp_path):
    return Shell(database, tmp_path)


async def test_maintain_archives_reports_and_restores(db, shell, tmp_path):
    await history(db)
    before = await db.fetchrow("select * from ai.week_fingerprint('-infinity', 'infinity')")

    reported = json.loads(await shell("maintain", "--json"))
    assert (reported["archived"], reported["steps"]["archive"]) == ([], 0)
    assert reported["due"] >= 7, "without a folder nothing is archived, and nothing dropped"
    assert await db.fetchrow("select * from ai.week_fingerprint('-infinity', 'infinity')") == before
    assert "RFQFLOW_ARCHIVE_DIR" in await shell("maintain")
    await shell("maintain", "--archive", code=2)

    shell.environment["RFQFLOW_ARCHIVE_DIR"] = str(tmp_path / "old runs")
    reported = json.loads(await shell("maintain", "--format", "jsonl.gz", "--json"))
    assert len(reported["archived"]) == 4, "a bounded part"
    reported = json.loads(await shell("maintain", "--archive", "--json"))
    assert reported["due"] == 0
    assert set(reported["steps"]) == {
        "attachment", "partitions", "workers", "holds", "prune", "erasures", "desk", "roll_up", "sweep", "vacuum", "archive",
        "attachments", "related",
    }  # fmt: skip
    assert len(list((tmp_path / "old runs").glob("*.json"))) == await db.fetchval("select count(*) from ai.archives")
    steps = {row["step"] for row in await db.fetch("select step from ai.maintenance_status where ran_at is not null")}
    assert steps == set(reported["steps"])
    assert "archive" in {step["step"] for step in json.loads(await shell("status", "--json"))["maintenance"]}

    for file in await db.fetch("select file from ai.archives"):
        await shell("maintain", "--restore", file["file"])
    assert await db.fetchrow("select * from ai.week_fingerprint('-infinity', 'infinity')") == before
    await shell("maintain", "--restore", "nothing.jsonl.gz", code=1)


async def test_without_an_archive_it_drops_only_with_the_option(db, shell):
    await history(db)

    reported = json.loads(await shell("maintain", "--drop-without-archive", "--actor", "ada", "--json"))

    assert reported["steps"]["archive"] > 1000
    assert reported["due"] == 0
    assert (
        await db.fetchval("select count(*) from ai.actions where action = 'drop_without_archive' and actor = 'ada'")
        >= 7
    )
    assert await db.fetchval("select bool_and(format = 'none' and file is null) from ai.archives")


async def test_erase_reports_how_much_and_where_more_must_be_done(db, shell, tmp_path):
    await history(db)
    rfq = await db.fetchval(
        "insert into public.rfq_requests (email, message) values ('ada@example.com', 'Please quote 9 valves') returning id"
    )
    await db.execute("update ai.rag_runs set rfq_id = $1 where run_id = (select max(run_id) from ai.rag_runs)", rfq)
    await db.execute("update ai.rag_runs set status = 'succeeded' where rfq_id = $1", rfq)
    folder = str(tmp_path / "archive")
    await shell("maintain", "--archive", "--archive-dir", folder)

    reported = json.loads(await shell("erase", "ADA@example.com", "--yes", "--json"))
    assert (reported["rfqs"], reported["rewritten"]) == (1, [])
    assert len(reported["pending"]) == 1
    reported = json.loads(await shell("erase", "ada@example.com", "--archive-dir", folder, "--yes", "--json"))
    assert reported["rfqs"] == 0, "the address is gone"
    assert len(reported["rewritten"]) == 1
    assert await db.fetchval("select count(*) from ai.archives where cardinality(erase_pending) > 0") == 0


async def test_erase_shows_address_and_counts_and_without_a_terminal_does_nothing(db, database, shell):
    await db.execute(
        "insert into public.rfq_requests (email, message) select 'ada@example.com', 'Please quote 9 valves' "
        "from generate_series(1, 3)"
    )
    said = await shell("erase", "ada@example.com", code=2)
    assert "To be erased for ada@example.com: 3 RFQs." in said
    assert "--yes" in said
    assert await db.fetchval("select count(*) from public.rfq_requests where email = 'ada@example.com'") == 3
    for answer, code, left in (("n", 1, 3), ("y", 0, 0)):
        ended, out = await asyncio.to_thread(typed, answer, shell, "erase", "ada@example.com")
        assert (ended, "To be erased for ada@example.com: 3 RFQs." in out) == (code, True), out
        assert await db.fetchval("select count(*) from public.rfq_requests where email = 'ada@example.com'") == left
    assert "check the spelling" in await shell("erase", "adda@example.com", "--yes")


def typed(answer: str, shell: Shell, *arguments: str) -> tuple[int, str]:
    """Runs the command on a terminal on which this text is typed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "rfqflow", *arguments], cwd=shell.folder, env=shell.environment, stdin=theirs,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        out, _ = process.communicate(timeout=60)
        os.close(ours)
    return process.returncode, out


async def test_the_daemon_archives_by_itself_and_keeps_working(db, database, tmp_path):
    await history(db)
    async with working(database, Scripted(), archive_dir=tmp_path / "archive"):
        await db.execute("insert into public.rfq_requests (message) values ('m1')")

        async def done() -> bool:
            return await db.fetchval(
                "select exists (select from ai.maintenance_status where step = 'archive' and rows > 0)"
            ) and await db.fetchval("select ai_status = 'done' from public.rfq_requests")

        await until(done, 60)
    steps = await db.fetch("select step, is_failing from ai.maintenance_status")
    assert {row["step"] for row in steps} >= {
        "partitions", "workers", "holds", "prune", "roll_up", "sweep", "vacuum", "archive",
    }  # fmt: skip
    assert not [row["step"] for row in steps if row["is_failing"]]
