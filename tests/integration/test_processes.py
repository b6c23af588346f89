"""`rfqflow run --processes N`: one parent, one log, one port. Each process is a worker."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

from rfqflow.worker.processes import Processes
from tests.support.daemon import Process, eventually
from tests.support.http_client import ask

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the parent forks")
# The children here do no work that a thread of pytest's could block.
_FORKS = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def family(database: str, *options: str, count: int = 2) -> Process:
    return Process("run", "--processes", str(count), *options, RFQFLOW_DATABASE_URL=database)


async def insert(db, number: int) -> None:
    await db.execute(
        "insert into public.rfq_requests (message) select 'We need ' || n || ' pumps' from generate_series(1, $1) n",
        number,
    )


async def ended(db) -> int:
    return await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'done'")


async def alive(db) -> int:
    return await db.fetchval("select count(*) from ai.worker_status")


async def test_a_process_that_dies_is_replaced_and_the_port_answers_for_all(database, db):
    async with family(database, "--http", "127.0.0.1:0") as parent:
        await parent.until_event("worker.registered", 2)
        assert [line["processes"] for line in parent.events("daemon.started")] == [2]
        await insert(db, 20)
        await eventually(lambda: ended(db), lambda n: n == 20)
        url = parent.events("http.listening")[0]["url"]

        first = await _metrics(url)
        killed = await _pid_of(db, parent.events("worker.registered")[0]["worker"])
        os.kill(killed, signal.SIGKILL)
        died = await parent.until_event("process.ended")
        await parent.until_event("worker.registered", 3)
        health = await eventually(lambda: _health(url), lambda found: found["ok"])
        after = await _metrics(url)
        parent.send(signal.SIGTERM)
        assert await parent.exit_code() == 0

    assert (died["pid"], died["signal"]) == (killed, "SIGKILL")
    assert first["rfqflow_runs_total"] == after["rfqflow_runs_total"] == 20
    assert first["process_start_time_seconds"] == after["process_start_time_seconds"]
    assert sorted(health["processes"]) == ["1", "2"]
    assert {line["process"] for line in parent.events("worker.registered")} == {1, 2}
    assert await alive(db) == 0


async def test_processes_stop_when_their_parent_is_killed(database, db):
    async with family(database) as parent:
        await parent.until_event("worker.registered", 2)
        parent.send(signal.SIGKILL)
        assert await eventually(lambda: alive(db), lambda n: n == 0) == 0


async def test_a_drain_by_several_processes_ends_once_and_says_the_sum(database, db):
    await insert(db, 30)
    async with family(database, "--drain") as parent:
        assert await parent.exit_code(60) == 0

    assert await ended(db) == 30
    assert [line for line in parent.noise if line.startswith("drained")] == ["drained: 30 finished\n"]
    assert len(parent.events("worker.stopped")) == 2


async def test_an_error_that_stops_every_process_ends_the_parent_with_the_same_code(empty_database):
    async with family(empty_database) as parent:
        assert await parent.exit_code(60) == 1

    assert "rfqflow migrate" in parent.text
    assert not parent.events("process.ended")  # no process was started again


@_FORKS
def test_a_process_with_a_blocked_loop_is_killed_and_started_again(tmp_path):
    begun = tmp_path / "begun"

    def child(seat, _parent):
        with begun.open("a") as file:
            file.write(f"{seat.number}\n")
        seat.write({"ok": True, "ready": True, "in_flight": 0, "pid": os.getpid()})
        if begun.read_text() == "1\n":
            time.sleep(60)  # its loop is in a call that never returns
        return 0

    code, _ = Processes(1, child, drain=True, hung_seconds=0.2).run()

    assert code == 0
    assert begun.read_text() == "1\n1\n"


@_FORKS
def test_the_second_signal_reaches_processes_that_still_work():
    def child(_seat, _parent):
        seen = []
        signal.signal(signal.SIGTERM, lambda *_: seen.append(1))
        os.kill(os.getppid(), signal.SIGTERM)
        while not seen:
            time.sleep(0.01)
        os.kill(os.getppid(), signal.SIGTERM)
        while len(seen) < 2:
            time.sleep(0.01)
        return 0

    code, _ = Processes(1, child).run()

    assert code == 0


@_FORKS
def test_a_stop_ends_a_process_that_does_not_handle_signals_yet():
    def child(_seat, _parent):
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(5)  # it is still loading
        return 0

    code, _ = Processes(1, child).run()

    assert code == 128 + signal.SIGTERM


async def _metrics(url: str) -> dict[str, float]:
    answer = await ask(url + "/metrics")
    found: dict[str, float] = {}
    for name, value in re.findall(r"^(\w+)(?:\{.*\})? (\S+)$", answer.text, re.MULTILINE):
        found[name] = found.get(name, 0.0) + float(value)
    return found


async def _health(url: str) -> dict[str, object]:
    return json.loads((await ask(url + "/healthz")).text)


async def _pid_of(db, worker: int) -> int:
    return await db.fetchval("select pid from ai.workers where worker = $1", worker)
