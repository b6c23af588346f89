"""Part `peers`: rfqflow and other queues on one cluster, in turn within each round.

Each peer drains its queue three times. The first handler does rfqflow's work, the second takes many jobs at once where
the peer offers that, and the third does nothing. The work is one transaction: read the RFQ, insert a run row with the
same indexes, update the RFQ.

The drain rate is the number of jobs over the time from the first handler's start to the last commit. For a peer, the
last commit is when a query on its tables finds no unfinished job. For rfqflow's worker, it is the reply to the last
commit. Every drain begins in a fresh copy of the peer's database. The peer's own bulk call has filled the copy; then
VACUUM, ANALYZE and a checkpoint have run. WAL and commits are those of the drain, with the start and the stop of the
worker. Every job is counted: a job that is lost or runs twice is an error.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from rfqflow.bench import drain, pickup
from rfqflow.bench.scratch_database import prepare, set_gates
from rfqflow.bench.statistics import Figure, percentile, ratio
from rfqflow.bench.subprocess_worker import Child
from rfqflow.core.errors import RfqflowError

from .grounds import Grounds, connected, tidy, url_of
from .peers.environments import Environment, Unavailable, environment
from .peers.registry import PEERS, QUEUE_ONLY, Peer

FULL = "rfqflow"
GUARDED = "rfqflow, all guards on"
OURS = (FULL, GUARDED, QUEUE_ONLY.name)
OWN_SETTINGS = {
    FULL: f"full write-back: run row, RFQ update; {drain.CONCURRENCY:,} slots, batches of {drain.BATCH}; no screening",
    GUARDED: "the same, and each text screened, each call asked for and its budget held, each answer grounded",
}
OWN_JOBS = {FULL: 50_000, GUARDED: 20_000}
TICKS_PER_SECOND = 50
LATE_SECONDS = 300.0
GRACE_SECONDS = 2.0  # until a worker has become idle, and for the pickup of the last jobs
LOOK_SECONDS = 0.002
SAME_WORK_JOBS = 10_000
SAME_WORK = Path(__file__).parent / "peers" / "same_work.sql"
WRITTEN = """
  select (select count(*) from bench.runs), (select count(*) from bench.bare where ai_status = 'done' and ai_summary is not null)
"""
Handler = Literal["", "each", "array"]
HANDLERS: dict[Handler, str] = {"each": ", the same work", "array": ", the same work in arrays", "": ""}
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass
class Figures:
    """The figures of one contender, a value per round."""

    per_second: list[float] = field(default_factory=list)
    wal_bytes_per_job: list[float] = field(default_factory=list)
    commits_per_1000_jobs: list[float] = field(default_factory=list)
    cpu_us_per_job: list[float] = field(default_factory=list)
    rss_mib: list[float] = field(default_factory=list)
    committed_to_started: list[list[float]] = field(default_factory=list)
    called_to_started: list[list[float]] = field(default_factory=list)

    def drained(self, jobs: int, seconds: float, wal: int, commits: int, said: dict[str, Any]) -> None:
        self.per_second.append(jobs / seconds)
        self.wal_bytes_per_job.append(wal / jobs)
        self.commits_per_1000_jobs.append(commits / jobs * 1000)
        self.cpu_us_per_job.append(said["cpu_seconds"] / jobs * 1e6)
        self.rss_mib.append(said["rss_mib"])


class Own:
    """rfqflow's worker, with all that it does for an RFQ."""

    versions: ClassVar[dict[str, str]] = {}
    warning = ""

    def __init__(self, grounds: Grounds, name: str, most_jobs: int) -> None:
        self._grounds = grounds
        self.name, self.settings = name, OWN_SETTINGS[name]
        self.jobs = min(OWN_JOBS[name], most_jobs)
        self._guarded = name == GUARDED
        self.figures = Figures()

    async def prepare(self) -> None:
        self._template = await self._grounds.ours()

    async def drain(self) -> None:
        dsn = await self._grounds.make(self._template)
        async with connected(dsn) as conn:
            await drain.fill(conn, self.jobs)
            await set_gates(conn, on=self._guarded)
        wal, commits = await self._grounds.counted(dsn)
        said = await drain.by_worker(dsn, self.jobs, drain.CONCURRENCY, guarded=self._guarded)
        wal_after, commits_after = await self._grounds.counted(dsn)
        async with connected(dsn) as conn:
            await drain.check(conn, self.jobs)
        self.figures.drained(self.jobs, said["seconds"], wal_after - wal, commits_after - commits, said)
        await self._grounds.drop(dsn)

    async def pick_up(self, seconds: float) -> None:
        dsn = await self._grounds.make(self._template)
        async with connected(dsn) as conn:
            await set_gates(conn, on=self._guarded)
            found = await pickup.one_round(dsn, conn, seconds, guarded=self._guarded)
        self.figures.committed_to_started.append(found["committed to started"])
        self.figures.called_to_started.append(found["called to started"])
        await self._grounds.drop(dsn)


class Other:
    """A peer, or rfqflow's queue alone, in its own process."""

    def __init__(self, grounds: Grounds, peer: Peer, place: Environment, most_jobs: int, handler: Handler = "") -> None:
        self._grounds, self._peer, self._place = grounds, peer, place
        self.name, self.settings, self.versions, self.warning = peer.name, peer.settings, place.versions, place.warning
        self.jobs = min(SAME_WORK_JOBS if handler else peer.jobs, most_jobs)
        self.handler = handler
        self.name += HANDLERS[handler]
        self.figures = Figures()

    async def prepare(self) -> None:
        self._template = await self._grounds.make()
        if self.handler:
            async with connected(self._template) as conn:
                await prepare(conn)
                await conn.execute(SAME_WORK.read_text("utf-8"))
        await self._reply_to("setup", self._template)
        await self._grounds.left(self._template)

    async def drain(self) -> None:
        jobs = self.jobs
        dsn = await self._grounds.make(self._template)
        array = {"array": self._peer.arrays} if self.handler == "array" else {}
        await self._reply_to("fill", dsn, jobs=jobs, **array)
        async with connected(dsn) as conn:
            if self.handler:
                await conn.execute("select bench.fill_bare($1)", jobs, timeout=LATE_SECONDS)
            await tidy(conn)
        wal, commits = await self._grounds.counted(dsn)
        handler = {"handler": self.handler} if self.handler else {}
        worker = await self._start("work", dsn, expected=jobs, **handler, **self._peer.drain)
        try:
            await worker.line(LATE_SECONDS)
            await worker.line(LATE_SECONDS)
            ended_at, looks = await self._finished(dsn)
        finally:
            said = await _last_word(worker)
        wal_after, commits_after = await self._grounds.counted(dsn)
        if (said["starts"], said["distinct"]) != (jobs, jobs):
            raise RfqflowError(f"{self.name}: of {jobs} jobs {said['distinct']} ran, in {said['starts']} starts")
        if self.handler:
            async with connected(dsn) as conn:
                written = await conn.fetchrow(WRITTEN)
            if tuple(written) != (jobs, jobs):
                raise RfqflowError(f"{self.name}: of {jobs} jobs {written} are written back")
        seconds = ended_at - said["first_at"]
        self.figures.drained(jobs, seconds, wal_after - wal, commits_after - commits - looks, said)
        await self._grounds.drop(dsn)

    async def _finished(self, dsn: str) -> tuple[float, int]:
        """The start of the query that found no unfinished job, and the number of queries until then."""
        async with connected(dsn) as conn:
            by, looks = time.monotonic() + LATE_SECONDS, 0
            while (now := time.monotonic()) < by:
                looks += 1
                if not await conn.fetchval(self._peer.unfinished):
                    return now, looks
                await asyncio.sleep(LOOK_SECONDS)
        raise RfqflowError(f"{self.name}: jobs that have run do not become finished")

    async def pick_up(self, seconds: float) -> None:
        if self.handler:  # its pickup is that of a job without work
            return
        dsn = await self._grounds.make(self._template)
        worker = await self._start("work", dsn, expected=None, **self._peer.pickup)
        try:
            await worker.line(LATE_SECONDS)
            await asyncio.sleep(GRACE_SECONDS)
            pace = {"per_second": TICKS_PER_SECOND, "seconds": seconds}
            made = await self._reply_to("produce", dsn, **pace)
            await asyncio.sleep(GRACE_SECONDS)
        finally:
            started = (await _last_word(worker))["started"]
        if set(started) != set(made["called"]):
            raise RfqflowError(f"{self.name}: of {len(made['called'])} jobs {len(started)} were picked up")
        for into, of in (
            (self.figures.committed_to_started, made["committed"]),
            (self.figures.called_to_started, made["called"]),
        ):
            into.append([(started[one] - at) * 1000 for one, at in of.items()])
        await self._grounds.left(dsn)
        await self._grounds.drop(dsn)

    async def _start(self, task: str, dsn: str, **given: Any) -> Child:
        return await Child.start(task, program=self._place.program, dsn=url_of(dsn), **given)

    async def _reply_to(self, task: str, dsn: str, **given: Any) -> dict[str, Any]:
        child = await self._start(task, dsn, **given)
        try:
            return await child.line(LATE_SECONDS)
        finally:
            await child.end()


async def _last_word(worker: Child) -> dict[str, Any]:
    """Ends the worker, and returns its last report."""
    ending = asyncio.create_task(worker.end())
    said: dict[str, Any] = {}
    with contextlib.suppress(RfqflowError):
        while True:
            said = await worker.line(LATE_SECONDS)
    await ending
    return said


async def measure(
    server_dsn: str, *, rounds: int, jobs: int, seconds: float, folder: Path, only: tuple[str, ...], say: Any
) -> dict[str, Any]:
    """Runs all contenders in each round; the order rotates. `only`: names of peers; empty: all.

    `jobs` is the largest number of one drain, and `seconds` the duration of one pickup.
    """
    missing: dict[str, str] = {}
    async with Grounds(server_dsn) as grounds:
        runners: list[Own | Other] = [Own(grounds, name, jobs) for name in OWN_SETTINGS]
        for peer in (QUEUE_ONLY, *PEERS):
            if only and peer is not QUEUE_ONLY and peer.name not in only:
                continue
            say(f"peers: environment of {peer.name}")
            try:
                place = await environment(peer, folder)
            except Unavailable as error:
                missing[peer.name] = str(error)
                continue
            handlers: tuple[Handler, ...] = ("",)
            if peer is not QUEUE_ONLY:
                handlers = ("each", "array", "") if peer.arrays else ("each", "")
            runners += [Other(grounds, peer, place, jobs, handler) for handler in handlers]
        for one in runners:
            await one.prepare()
        for number in range(rounds):
            for one in _turned(runners, number):
                say(f"peers: round {number + 1} of {rounds}, {one.name}")
                await one.drain()
                await one.pick_up(seconds)
    return {
        "seconds": seconds,
        "not_installed": missing,
        "contenders": {one.name: _figures_of(one, runners) for one in runners},
    }


def _turned(runners: list[Any], by: int) -> list[Any]:
    by %= len(runners)
    return runners[by:] + runners[:by]


def _figures_of(one: Own | Other, runners: list[Own | Other]) -> dict[str, Any]:
    found = one.figures
    peers = {
        handler: [other.figures for other in runners if isinstance(other, Other) and other.handler == handler
                  and other.name not in OURS]
        for handler in ("each", "")
    }  # fmt: skip
    reported: dict[str, Any] = {
        "settings": one.settings,
        "versions": one.versions,
        "warning": one.warning,
        "jobs": one.jobs,
        **{
            name: Figure.of(getattr(found, name)).plain()
            for name in ("per_second", "wal_bytes_per_job", "commits_per_1000_jobs", "cpu_us_per_job", "rss_mib")
        },
        **{
            kind: {
                f"{label}_ms": Figure.of([percentile(each, share) for each in getattr(found, kind)]).plain()
                for label, share in SHARES.items()
            }
            for kind in ("committed_to_started", "called_to_started")
            if getattr(found, kind)
        },
    }
    if one.name in OURS:
        # The queue alone is compared with jobs without work, and a whole enrichment with the same work.
        beside = peers["" if one.name == QUEUE_ONLY.name else "each"]
        if beside:
            best = [max(each) for each in zip(*(peer.per_second for peer in beside), strict=True)]
            reported["ratio_to_best_peer"] = ratio(found.per_second, best).plain()
    return reported
