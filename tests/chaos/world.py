"""One run: starts the servers, the model's server, the fleet, the load and the faults, and collects the history."""

import asyncio
import contextlib
import random
import re
import signal
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg

from rfqflow.database import migrate

from . import faults, faults_database, faults_files, faults_model, hostile  # noqa: F401 - the catalogue is filled by importing them
from . import provider as model
from .catalogue import FAULTS, LEASE_SECONDS
from .cluster import DATABASE, OWNER, Pair, free_port
from .fleet import KEY, Provider, Worker
from .invariants import KNOWN
from .links import Link
from .load import POISONED, Load
from .poison import kinds
from .table import Table
from .tiers import Tier

RECORDER = Path(__file__).with_name("recorder.sql")
_STUCK_SECONDS = 60.0
_BESIDE_MOST = 300  # pairs of ordinary RFQs that are inserted while a harmful one is left
_BACKLOG_MOST = 300
_TRIES = 4  # how often a fault that found nothing to harm is planned again


class World:
    """`faults` lists the faults that landed, with kind, evidence and time; `missed` counts those that never landed."""

    def __init__(self, folder: Path, tier: Tier, seed: int, table: Table, say: Callable[[str], None]) -> None:
        self.folder, self.tier, self.seed, self.table, self.say = folder, tier, seed, table, say
        self.pair = Pair(folder)
        self.provider = Provider(folder / "calls.jsonl", seed)
        self.load = Load(self._dsn_of, seed, table, folder / "files")
        self.workers: list[Worker] = []
        self.usual_mix = dict(model.USUAL)
        self.hurting: set[str] = set()
        self.hurt: list[tuple[float, float]] = []
        self.faults: list[dict[str, Any]] = []
        self.missed: Counter[str] = Counter()
        self.blocked: list[dict[str, Any]] = []
        self.sampled: dict[str, list[str]] = {}
        self.excused_until = 0.0  # monotonic: until then a worker that was stopped may keep a transaction
        self.payload_leaks = 0
        self.exits: list[dict[str, Any]] = []
        self.fallen: list[dict[str, Any]] = []  # workers that ended unasked
        self.sizes: dict[str, list[tuple[float, int, int]]] = {}
        self.drain_seconds = 0.0
        self.calm: tuple[float, float] = (0.0, 0.0)
        self.orphaned_holds = 0
        self._done = asyncio.Event()

    # -- from nothing ----------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        await asyncio.to_thread(self.pair.primary.initialise)
        await self.pair.primary.start()
        conn = await asyncpg.connect(self.pair.primary.dsn_of(OWNER, "postgres"))
        await conn.execute(f"create database {DATABASE}")
        await conn.close()
        conn = await self.pair.connect()
        if self.table.mapping is not None:
            await conn.execute(self.table.ddl)
        await migrate.migrate(conn, mapping=self.table.mapping)
        if self.table.mapping is None:
            await conn.execute(self.table.ddl)
        await conn.execute(self._recorder())
        await conn.close()
        await self.provider.start()
        await self.provider.control(mix=self.usual_mix, delay=0.04)
        for number in range(self.tier.workers):
            self.workers.append(await self._worker(f"w{number + 1}"))
        await asyncio.gather(*(worker.start() for worker in self.workers))
        async with asyncio.timeout(60):
            while not all(worker.number for worker in self.workers):
                await asyncio.sleep(0.05)

    def _recorder(self) -> str:
        business = [column for name, (column, _) in self.table.columns.items() if not name.startswith("ai_")]
        places = {
            "table": self.table.relation, "files": self.table.files, "schema": self.table.schema, "rfq_id": self.table.rfq_id,
            "new": ", ".join(f"new.{one}" for one in business), "old": ", ".join(f"old.{one}" for one in business),
        }  # fmt: skip
        return re.sub(r"\[\[(\w+)\]\]", lambda found: places[found[1]], RECORDER.read_text())

    async def _worker(self, name: str) -> Worker:
        links = {"model": Link("127.0.0.1", self.provider.port)}
        for node in (self.pair.primary, self.pair.spare):
            for kind in ("work", "listen"):
                links[f"{kind}:{node.name}"] = Link("127.0.0.1", node.port)
        for link in links.values():
            await link.__aenter__()

        def dsn(kind: str) -> str:
            hosts = ",".join(f"127.0.0.1:{links[f'{kind}:{node}'].port}" for node in ("one", "two"))
            return f"postgresql://chaos_worker@{hosts}/{DATABASE}"

        settings = {
            "RFQFLOW_DATABASE_URL": dsn("work"), "RFQFLOW_LISTEN_URL": dsn("listen"), "RFQFLOW_PROVIDER": "openai",
            "RFQFLOW_MODEL": "chaos-1", "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"http://127.0.0.1:{links['model'].port}/v1",
            "RFQFLOW_CONCURRENCY": str(self.tier.concurrency), "RFQFLOW_CALL_DEADLINE_SECONDS": "2",
            "RFQFLOW_LEASE_SECONDS": str(LEASE_SECONDS), "RFQFLOW_POLL_SECONDS": "0.5", "RFQFLOW_LOG_FORMAT": "json",
            "RFQFLOW_PII_PEPPER": "pepper", "RFQFLOW_DATA_DIR": str(self.folder), "RFQFLOW_HTTP": f"127.0.0.1:{free_port()}",
            "RFQFLOW_ATTACHMENT_ROOT": str(self.folder / "files"),
        }  # fmt: skip
        return Worker(name, links, self.folder / f"{name}.log", settings)

    def _dsn_of(self, role: str) -> str:
        return self.pair.primary.dsn_of(role)

    def link(self, worker: Worker, kind: str) -> Link:
        """The connection by which the worker reaches the current primary."""
        return worker.links[f"{kind}:{self.pair.primary.name}"]

    @contextlib.asynccontextmanager
    async def admin(self) -> AsyncIterator[asyncpg.Connection]:
        async with asyncio.timeout(60):
            while True:
                try:
                    conn = await self.pair.connect()
                    break
                except (OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InterfaceError):
                    await asyncio.sleep(0.1)
        try:
            yield conn
        finally:
            conn.terminate()

    async def until(self, true: Callable[[], bool], seconds: float) -> bool:
        by = time.monotonic() + seconds
        while not true():
            if time.monotonic() > by:
                return False
            await asyncio.sleep(0.02)
        return True

    # -- the run -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            sampling = group.create_task(self._sample())
            listening = group.create_task(self._listen())
            loading = group.create_task(self._load())
            supervising = group.create_task(self._supervise())
            await self._hurt()
            self.say(f"faults done: {len(self.faults)} landed, {sum(self.missed.values())} missed")
            self._done.set()
            await loading
            supervising.cancel()
            await self._heal()
            supervising = group.create_task(self._supervise())
            began = time.monotonic()
            await self._drain()
            self.drain_seconds = time.monotonic() - began
            if self.tier.poison:
                await self._poison_in_calm()
                await self._drain()
            supervising.cancel()
            await self._check_listeners()
            sampling.cancel()
            listening.cancel()
        await self._stop_workers()

    async def _load(self) -> None:
        tier = self.tier
        every = max(1, tier.rfqs // tier.poison) if tier.poison else 0
        await self.load.run(
            tier.rfqs,
            per_second=tier.per_second,
            writers=tier.writers,
            poison=every,
            files=tier.rfqs // tier.files if tier.files else 0,
        )
        self.say(f"load done: {self.load.invoked} RFQs")
        while not self._done.is_set():  # faults need claims in flight to harm
            if await self._backlog() > _BACKLOG_MOST:  # more would only make the drain longer where the machine is slow
                await asyncio.sleep(0.5)
                continue
            self.load.stopping = False
            await self.load.run(40, per_second=tier.per_second, writers=2, first=self.load.invoked + 30_000_000)

    async def _backlog(self) -> int:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            async with self.admin() as conn:
                waiting: int = await conn.fetchval("select count(*) from ai.outbox")
                return waiting
        return 0

    async def _hurt(self) -> None:
        draw = random.Random(self.seed)
        plan = [name for name, count in self.tier.faults.items() for _ in range(count)]
        draw.shuffle(plan)
        server = deque(name for name in plan if FAULTS[name].server)
        others = deque(name for name in plan if not FAULTS[name].server)
        pause = 0.0
        if self.tier.minutes:
            pause = self.tier.minutes * 60 / len(plan)
        tries: Counter[str] = Counter()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lane(server, draw.random(), tries, pause))
            for _ in range(self.tier.lanes):
                group.create_task(self._lane(others, draw.random(), tries, pause))

    async def _lane(self, plan: deque[str], seed: float, tries: Counter[str], pause: float) -> None:
        draw = random.Random(seed)
        while plan:
            name = plan.popleft()
            began, evidence, trouble = time.time(), None, None
            try:
                evidence = await FAULTS[name].do(self, draw)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                trouble = type(error).__name__  # two faults met: the server was down when this fault needed it
            if evidence is None:
                tries[name] += 1
                if tries[name] < _TRIES * self.tier.faults[name]:
                    plan.append(name)
                    await asyncio.sleep(0.3)
                else:
                    self.missed[name] += 1
                self.say(f"  {name}: did not land ({trouble or 'nothing to harm'})")
            else:
                self.faults.append({"kind": name, "began": began, "ended": time.time(), **evidence})
                self.say(f"  {name}: {evidence}")
            await asyncio.sleep(draw.uniform(0.1, 0.6) + pause)

    async def _supervise(self) -> None:
        """Starts each worker again that ended, as an init system does. A start without a database ends with 3."""
        while True:
            await asyncio.sleep(0.5)
            for worker in self.workers:
                if not worker.alive and worker.name not in self.hurting and worker.process:
                    self.fallen.append(
                        {
                            "worker": worker.name,
                            "code": worker.process.returncode or 0,
                            "asked_to_stop": worker.was_asked_to_stop,
                            "said": next(
                                (line["text"] for line in reversed(worker.lines) if line["event"] == "noise"), ""
                            ),
                            "at": time.time(),
                        }
                    )
                    await worker.start()

    async def _heal(self) -> None:
        for worker in self.workers:
            for link in worker.links.values():
                link.refusing, link.delay_seconds = False, 0.0
                link.disarm()
                link.resume()
            worker.send(signal.SIGCONT)
            if not worker.alive:
                await worker.start()
        await self.provider.control(mix={"ok": 1.0}, delay=0.02)

    async def _drain(self) -> None:
        """Waits until no queue holds a row. Rows are stuck if none has progressed for a minute.

        Ordinary RFQs keep coming while a harmful one is left: only beside others can a worker see that a text is
        refused alone.
        """
        least, least_harmful, by, number = float("inf"), float("inf"), time.monotonic() + _STUCK_SECONDS, 0
        harmful = [rfq["id"] for op in self.load.ops if op["op"] == "insert" for rfq in op["rfqs"] if "poison" in rfq]
        async with self.admin() as conn:
            while time.monotonic() < by:
                left, left_harmful = await conn.fetchrow(
                    "select count(distinct id), count(distinct id) filter (where id = any ($1::uuid[])) from ("
                    "select rfq_id as id from ai.outbox union all select rfq_id from ai.outbox_deferred union all "
                    "select rfq_id from ai.outbox_missed union all select rfq_id from ai.attachment_changes union all "
                    f"{self.table.unseen_files} union all "
                    f"select r.id from {self.table.rfqs} r where (r.ai_status is null or r.ai_status not in ('done', 'skipped', 'failed')) "
                    "and not exists (select from ai.outbox_dead x where x.rfq_id = r.id and x.error_class = 'write_refused') "
                    f"and {KNOWN}) x",
                    harmful,
                )
                if not left:
                    return
                if left < least or left_harmful < least_harmful:
                    by = time.monotonic() + _STUCK_SECONDS
                least, least_harmful = min(least, left), min(least_harmful, left_harmful)
                if left_harmful and number < _BESIDE_MOST:
                    self.load.stopping, number = False, number + 1
                    first = POISONED - 5_000_000 + self.load.invoked
                    await self.load.run(2, per_second=10, writers=1, first=first)
                await asyncio.sleep(0.2)

    async def _poison_in_calm(self) -> None:
        """No fault is active now. So an RFQ that is late is late because of the harmful ones beside it."""
        began, every = time.time(), 5
        first = POISONED - 10_000_000
        self.load.stopping = False
        count = every * len(kinds(self.table))
        await self.load.run(count, per_second=40, writers=3, first=first, poison=every)
        self.calm = (began, time.time())

    async def _check_listeners(self) -> None:
        """C4 and C6, after all faults healed: every worker listens, and the queue of notifications is empty."""
        async with self.admin() as conn:
            by = time.monotonic() + 15
            while True:
                listeners = await conn.fetchval(
                    "select count(*) from pg_stat_activity where application_name = 'rfqflow listener'"
                )
                usage = await conn.fetchval("select pg_notification_queue_usage()")
                if (listeners == self.tier.workers and usage < 0.1) or time.monotonic() > by:
                    break
                await asyncio.sleep(0.2)
        if listeners != self.tier.workers:
            self.sampled["live:C4 each worker listens once"] = [
                f"{listeners} listeners for {self.tier.workers} workers"
            ]
        if usage >= 0.1:
            self.sampled["live:C6 notifications are read"] = [f"{usage:.0%} of the queue in use"]

    async def _stop_workers(self) -> None:
        for worker in self.workers:
            began = time.monotonic()
            worker.send(signal.SIGTERM)
            code = await worker.exited(10)
            self.exits.append({"worker": worker.name, "code": code, "seconds": time.monotonic() - began})

    async def _listen(self) -> None:
        """Reads the notifications: no payload may contain data of an RFQ."""
        from .files import CANARY

        while True:
            async with self.admin() as conn:
                with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    for channel in ("rfqflow_wake", "rfqflow_done"):
                        await conn.add_listener(channel, lambda *got: self._heard(CANARY in str(got[3])))
                    while not conn.is_closed():
                        await asyncio.sleep(0.5)
                    await conn.execute("select 1")
            await asyncio.sleep(0.2)

    def _heard(self, leak: bool) -> None:
        self.payload_leaks += leak

    async def _sample(self) -> None:
        """Ten times a second: which sessions wait for ours, and whether a worker keeps a transaction open."""
        ticks = 0
        while True:
            async with self.admin() as conn:
                with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                    while True:
                        await self._look(conn)
                        ticks += 1
                        if ticks % 50 == 0:
                            self._weigh()
                        await asyncio.sleep(0.1)

    async def _look(self, conn: asyncpg.Connection) -> None:
        for row in await conn.fetch(
            "select extract(epoch from clock_timestamp() - l.waitstart)::float8 as seconds, extract(epoch from clock_timestamp())::float8 as at, "
            "l.locktype, l.locktype || ' ' || l.mode || ' behind ' || array_to_string(array("
            "select distinct coalesce(nullif(w.application_name, ''), w.usename) || case when exists (select from pg_locks h where h.pid = b "
            "and h.granted and (h.locktype, h.classid, h.objid) is not distinct from (l.locktype, l.classid, l.objid)) then ', who holds it' else '' end "
            "from unnest(pg_blocking_pids(l.pid)) b join pg_stat_activity w on w.pid = b), '; ') as what "
            "from pg_locks l join pg_stat_activity a on a.pid = l.pid "
            "where not l.granted and a.usename = 'chaos_app' and l.waitstart < clock_timestamp() - interval '100 ms' and ("
            "l.locktype = 'object' or exists ("  # the lock of NOTIFY: our notification causes any wait for it
            "select from unnest(pg_blocking_pids(l.pid)) b join pg_stat_activity w on w.pid = b where w.application_name like 'rfqflow %'))"
        ):
            self.blocked.append(dict(row))
        # A stopped worker finishes no message and ends no session: the server has to wait for as long as it is stopped.
        for row in await conn.fetch(
            "select application_name || ': ' || state || ' for ' || round(extract(epoch from clock_timestamp() - xact_start), 1) || ' s, ' "
            "|| coalesce(wait_event, 'running') "
            "from pg_stat_activity where application_name like 'rfqflow %' and application_name not like '%migrate' "
            "and (state = 'idle in transaction' and state_change < clock_timestamp() - interval '2 s' "
            "or xact_start < clock_timestamp() - case when $1 and state = 'active' and wait_event = 'ClientRead' then interval '24 s' else interval '12 s' end)",
            time.monotonic() < self.excused_until,
        ):
            self.sampled.setdefault("live:C5 no transaction stays open", []).append(row[0])

    def _weigh(self) -> None:
        for worker in self.workers:
            if worker.alive and worker.process:
                with contextlib.suppress(OSError):
                    pid = worker.process.pid
                    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                    descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
                    self.sizes.setdefault(f"{worker.name}:{pid}", []).append((time.time(), pages * 4096, descriptors))

    async def end(self) -> None:
        for worker in self.workers:
            await worker.end()
        with contextlib.suppress(ProcessLookupError, AssertionError):
            await self.provider.kill()
        self.pair.kill()

    # -- figures -----------------------------------------------------------------------------------------------------

    def recoveries(self, movements: list[dict[str, Any]]) -> dict[str, list[float]]:
        """The recovery times of the faults that landed, in seconds."""
        found: dict[str, list[float]] = {
            "killed worker's rows at work again": [], "half-open link noticed": [], "writes after promotion": [],
            "SIGTERM to exit, idle": [], "SIGTERM to exit, busy": [], "forgotten connections replaced": [],
        }  # fmt: skip
        for one in self.faults:
            if one["kind"].startswith("kill") and one.get("worker"):
                # Without its lease, a row waits in line again: from then on, a backlog decides, and not the kill.
                back = [
                    min(move["at"], move["old_lease"] or move["at"]) - one["at"] for move in movements
                    if move["old_worker"] == one["worker"] and move["at"] > one["at"] and move["op"] == "UPDATE"
                ]  # fmt: skip
                found["killed worker's rows at work again"] += [max(back)] if back else []
            elif one["kind"] == "half_open":
                found["half-open link noticed"].append(one["noticed_seconds"])
            elif one["kind"] == "forget_connections":
                found["forgotten connections replaced"].append(one["replaced_seconds"])
            elif one["kind"] == "promote":
                found["writes after promotion"].append(one["writes_after_seconds"])
            elif one["kind"] == "term" and one["exit"] == 0:
                found[f"SIGTERM to exit, {'busy' if one['busy'] else 'idle'}"].append(one["seconds"])
        found["SIGTERM to exit, idle"] += [one["seconds"] for one in self.exits if one["code"] == 0]
        return found
