"""Failpoints: switched off they do nothing. Switched on they act once, at the pass that is set, and leave evidence."""

import subprocess
import sys

import pytest

from rfqflow import failpoints
from rfqflow.core.errors import ConfigError
from tests.support.daemon import ForkedProcess, eventually


def test_without_a_plan_a_point_is_an_empty_call():
    reach = failpoints.armed("")

    assert reach.__code__.co_names == ()
    assert [reach(point) for point in failpoints.POINTS] == [None] * 6


def test_a_plan_acts_once_at_its_number(capfd):
    reach = failpoints.armed("before_send=raise@2")

    reach("before_send")
    reach("after_reply")
    with pytest.raises(RuntimeError, match="before_send"):
        reach("before_send")
    reach("before_send")

    assert capfd.readouterr().err == '{"event": "failpoint.reached", "point": "before_send", "action": "raise"}\n'


def test_a_kill_leaves_evidence_and_no_further_output():
    code = "from rfqflow import failpoints as f; f.reach('after_claim'); print('alive')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"RFQFLOW_FAILPOINTS": "after_claim=kill"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (-9, "")
    assert '"point": "after_claim"' in done.stderr


@pytest.mark.parametrize("plan", ["nowhere=kill", "after_claim=explode", "after_claim=kill@many"])
def test_an_invalid_plan_is_refused(plan):
    with pytest.raises(ConfigError, match="RFQFLOW_FAILPOINTS"):
        failpoints.armed(plan)


@pytest.mark.fault("W11")
async def test_a_worker_that_fails_with_unrecorded_results_records_them_when_it_continues(database, db):
    await db.execute("insert into public.rfq_requests (message) values ('We need 20 pumps by the end of the month')")
    async with ForkedProcess("run", RFQFLOW_DATABASE_URL=database, RFQFLOW_FAILPOINTS="before_finish=raise"):
        await eventually(lambda: db.fetchval("select ai_status from public.rfq_requests"), lambda now: now == "done")

    assert await db.fetchval("select count(*) from ai.rag_runs") == 1
    assert await db.fetchval("select count(*) from ai.outbox") == 0
