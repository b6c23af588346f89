"""Any row that a role with INSERT writes harms its own RFQ alone.

These are property tests over every column, on two releases of PostgreSQL.

RFQFLOW_PROPERTY_EXAMPLES=500 draws 500 batches of rows, new ones in each run, and shrinks a batch that fails.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from tests.support.rows_of_any_kind import KNOWN, MAPPED, OURS, Place, Row, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
APP = f"rfqflow_poison_{os.getpid()}"
OLD = Path("/usr/lib/postgresql/15/bin")
EXAMPLES = int(os.environ.get("RFQFLOW_PROPERTY_EXAMPLES", "0"))
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
# Close to "never"; on an idle machine all ends within half a second.
END_SECONDS = 40.0
OTHERS_SECONDS = 1.0
MOST_MEGABYTES = 300
POLICY = {
    "retry_base_seconds": "0.05", "retry_cap_seconds": "0.2", "defer_seconds": "0.2", "sweep_seconds": "0.2", "max_attempts": "3",
    "breaker_cooldown_seconds": "0.2", "breaker_cooldown_cap_seconds": "0.5",
}  # fmt: skip
# Figures of the whole table or of one row: no value of a row may make these fail.
VIEWS = "select relname from pg_class where relnamespace = 'ai'::regnamespace and relkind = 'v' and relname <> 'rfqs' order by 1"


async def admin(server: str, statement: str) -> None:
    conn = await connect(server)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


class Rig:
    """One database with a daemon process and a model; a new one after an example has failed."""

    def __init__(self, server: str, place: Place, provider: str, folder: Path) -> None:
        self.server, self.place, self.provider, self.folder = server, place, provider, folder
        self.runner = asyncio.Runner()
        self.database = f"poison_{os.getpid()}_{time.monotonic_ns()}"
        self.dsn = server.rsplit("/", 1)[0] + "/" + self.database
        self.processes: list[subprocess.Popen[bytes]] = []
        self.number = 0
        self.log = folder / f"{self.database}.log"

    def begin(self) -> None:
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        await admin(self.server, f"create database {self.database}")
        await admin(self.server, f"do $$ begin create role {APP}; exception when duplicate_object then null; end $$")
        self.conn = await connect(self.dsn)
        await self.conn.execute(self.place.ddl or "select 1")
        await migrate.migrate(self.conn, mapping=self.place.mapping)
        await self.conn.execute(self.place.rules or "select 1")
        name, namespace = self.place.table, self.place.table.partition(".")[0]
        await self.conn.execute(
            f"create table public.twin (like {name} including all); grant usage on schema {namespace} to {APP}; "
            f"grant insert on {name}, public.twin to {APP}; "
            "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) values ('openai', 'm1', 1, 4);"
            "select ai.set_budget('global', 'day', 100000, 'test')"
        )
        await self.conn.executemany("select ai.set_policy($1, $2::text::jsonb)", [*POLICY.items()])
        model = subprocess.Popen(  # noqa: ASYNC220 - it outlives this call, as the daemon does
            [sys.executable, "tests/support/model_server.py"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert model.stdout
        url = model.stdout.readline().decode().split()[-1]
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "RFQFLOW_DATABASE_URL": self.dsn, "RFQFLOW_PROVIDER": self.provider, "RFQFLOW_MODEL": "m1", "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": url, "RFQFLOW_LOG_FORMAT": "json", "RFQFLOW_POLL_SECONDS": "0.2", "RFQFLOW_PII_PEPPER": "pepper",
            "RFQFLOW_CALL_DEADLINE_SECONDS": "5", "RFQFLOW_LEASE_SECONDS": "20", "RFQFLOW_CONCURRENCY": "8",
        }  # fmt: skip
        with self.log.open("wb") as log:
            self.daemon = subprocess.Popen(  # noqa: ASYNC220 - outlives the loop that starts it
                [sys.executable, "-m", "rfqflow", "run"], cwd=ROOT, env=environment, stderr=log
            )
        self.processes = [self.daemon, model]

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        self.runner.run(self._forget())
        self.runner.close()

    async def _forget(self) -> None:
        self.conn.terminate()
        await admin(self.server, f"drop database {self.database} with (force)")

    # -- one example ------------------------------------------------------------------------------------------------------

    async def insert(self, row: Row) -> str | None:
        """The row's id; None where PostgreSQL itself refuses the row, as it would without rfqflow."""
        self.number += 1
        row = Row(
            {"message": f"We need {self.number} pumps, as last year, by May.", **row, "id": self.place.id(self.number)}
        )
        conn = self.conn
        beside = conn.transaction()
        await beside.start()
        try:
            await conn.execute(f"set local role {APP}")
            statement, values = self.place.insert(row, "public.twin")
            await conn.execute(statement, *values)
        except asyncpg.PostgresError:
            return None
        finally:
            await beside.rollback()
        async with conn.transaction():
            await conn.execute(f"set local role {APP}")
            statement, values = self.place.insert(row)
            await conn.execute(statement, *values)
        return row["id"]

    async def play(self, batch: list[Row]) -> None:
        """Inserts poison with an ordinary RFQ before, between and after; returns when all have ended, as they must."""
        ordinary, poison = [], []
        for row in batch:
            ordinary.append(await self.insert(self.usual()))
            poison.append(await self.insert(row))
        ordinary.append(await self.insert(self.usual()))
        by, next_at = time.monotonic() + END_SECONDS, time.monotonic() + OTHERS_SECONDS
        while left := await self.unfinished():
            assert self.daemon.poll() is None, f"the daemon ended with {self.daemon.returncode}: {self.said()}"
            assert time.monotonic() < by, f"not ended: {left}; {self.said()}"
            if time.monotonic() > next_at:  # only beside others can a worker see that a text is refused alone
                ordinary.append(await self.insert(self.usual()))
                next_at = time.monotonic() + OTHERS_SECONDS
            await asyncio.sleep(0.01)
        await self.judge([one for one in ordinary if one], [one for one in poison if one])

    def usual(self) -> Row:
        text = (
            f"We need {self.number + 20} pcs of gear pumps, drawing D-{self.number}. Please send your offer this month."
        )
        return Row(
            message=text, email=f"buyer{self.number}@example.org", name="Ada", source_ip=f"10.2.{self.number % 200}.7"
        )

    async def unfinished(self) -> list[str]:
        return [
            str(row[0])
            for row in await self.conn.fetch(
                "select place || ' ' || rfq_id || ' ' || coalesce(why, '') from ("
                "select 'outbox' as place, rfq_id, 'attempt ' || attempt as why from ai.outbox union all "
                "select 'deferred', rfq_id, reason from ai.outbox_deferred union all "
                "select 'missed', rfq_id, sqlstate from ai.outbox_missed union all "
                "select 'rfq', r.rfq_id, r.ai_status from ai.rfqs r "
                "where (r.ai_status is null or r.ai_status not in ('done', 'skipped', 'failed')) "
                "and not exists (select from ai.outbox_dead x where x.rfq_id = r.rfq_id)) q limit 20"
            )
        ]

    async def judge(self, ordinary: list[str], poison: list[str]) -> None:
        key = self.place.columns["id"][0]
        found = await self.conn.fetch(
            f"select t.{key}::text as key, r.ai_status, r.ai_reason, r.rfq_id, "
            "(select array_agg(u.status order by u.run_id) from ai.rag_runs u where u.rfq_id = r.rfq_id) as runs, "
            "exists (select from ai.outbox_dead x where x.rfq_id = r.rfq_id) as is_dead "
            f"from {self.place.table} t join ai.rfqs r on r.place = t.ctid where t.{key}::text = any ($1::text[])",
            [*ordinary, *poison],
        )
        by_key = {row["key"]: row for row in found}
        for one in ordinary:
            row = by_key[one]
            ends = [status for status in row["runs"] or () if status != "deferred"]  # while a breaker is open
            assert (row["ai_status"], ends) == ("done", ["succeeded"]), f"an ordinary RFQ beside it: {dict(row)}"
        for one in poison:
            row = by_key[one]
            assert row["runs"], f"ended without a trace: {dict(row)}"
            assert row["ai_status"] == "done" or row["ai_reason"] or row["is_dead"], f"no reason is given: {dict(row)}"
            assert row["is_dead"] is (row["ai_status"] not in ("done", "skipped")), dict(row)
        books = await self.conn.fetch(
            "select * from ai.reconcile_budget() where spent_usd <> runs_usd or held_usd <> holds_usd"
        )
        assert not books, f"the books disagree: {books}"
        assert await self.conn.fetchval("select count(*) from ai.holds") == 0
        assert await self.conn.fetchval("select coalesce(sum(spent_nano_usd), 0) from ai.budget_windows where scope = 'global' and period = 'day'") == \
            await self.conn.fetchval("select coalesce(sum(booked_usd), 0) * 1000000000 from ai.rag_runs")  # fmt: skip

    # -- after all examples -----------------------------------------------------------------------------------------------

    async def read_everything(self) -> None:
        for (view,) in await self.conn.fetch(VIEWS):
            await self.conn.fetchval(f"select count(v::text) from ai.{view} v")

    @property
    def most_megabytes(self) -> int:
        status = Path(f"/proc/{self.daemon.pid}/status")
        if not status.exists():
            return 0
        return next(int(line.split()[1]) >> 10 for line in status.read_text().splitlines() if line.startswith("VmHWM"))

    def said(self) -> str:
        """The last lines of its log, without those that every RFQ causes."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(line[:600] for line in lines if '"event": "run.' not in line)[-3000:]


@pytest.fixture(scope="module", params=["the newest", "15"])
def server(request, server_dsn, open_folder) -> Iterator[str]:
    if request.param == "the newest":
        yield server_dsn
        asyncio.run(admin(server_dsn, f"drop role if exists {APP}"))
        return
    if not (OLD / "postgres").exists():
        pytest.skip(
            f"no PostgreSQL 15 in {OLD}: apt-get install postgresql-15, or postgresql where Debian 12 is what there is"
        )
    with EmbeddedPostgres(open_folder / "postgres15", binaries=OLD, settings=FAST) as old:
        yield old.dsn


TABLES = {
    "ours, by rules": (OURS, "rules"),
    "ours, by a model": (OURS, "openai"),
    "mapped, by a model": (MAPPED, "openai"),
}
_known = [*KNOWN.values()]


@pytest.mark.fault("R1", "R2", "R3")
@pytest.mark.timeout(300 + EXAMPLES * 10)
@pytest.mark.skipif(sys.platform == "win32", reason="signals and /proc")
@pytest.mark.parametrize("table", TABLES)
def test_any_row_that_a_role_with_insert_can_write_harms_itself_alone(server, table, open_folder):
    place, provider = TABLES[table]
    rigs: list[Rig] = []

    def rig() -> Rig:
        if not rigs or rigs[-1].daemon is None:
            rigs.append(Rig(server, place, provider, open_folder))
            rigs[-1].begin()
        return rigs[-1]

    @settings(
        max_examples=EXAMPLES or 6, derandomize=not EXAMPLES, database=None, report_multiple_bugs=False, print_blob=True,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if EXAMPLES else [])],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )  # fmt: skip
    @given(st.lists(rows(), min_size=1, max_size=4))
    @example(_known[:6])
    @example(_known[6:10])
    @example(_known[10:16])
    @example(_known[16:])
    def every_batch(batch: list[Row]) -> None:
        at = rig()
        try:
            at.runner.run(at.play(batch))
        except BaseException:
            at.end()  # a stuck row must not count against the next example
            at.daemon = None  # type: ignore[assignment]
            raise

    try:
        every_batch()
        last = rigs[-1]
        last.runner.run(last.read_everything())
        assert last.daemon.poll() is None
        assert last.most_megabytes < MOST_MEGABYTES
    finally:
        for one in rigs:
            if one.daemon is not None:
                one.end()


def test_postgresql_accepts_every_known_harmful_value() -> None:
    """A value that no table accepts would prove nothing."""
    names: dict[str, Any] = {name: [*row] for name, row in KNOWN.items()}
    assert all(set(columns) <= set(OURS.columns) for columns in names.values())
