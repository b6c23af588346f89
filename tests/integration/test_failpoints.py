"""Failpoints: off they are nothing, on they act once, at the pass they were told, and leave evidence."""

import subprocess
import sys

import pytest

from rfqflow import failpoints
from tests.support.daemon import Process


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


def test_a_kill_leaves_evidence_and_no_last_word():
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
def test_a_plan_that_is_none_is_refused(plan):
    with pytest.raises(ValueError, match=r"RFQFLOW_FAILPOINTS|invalid literal"):
        failpoints.armed(plan)


@pytest.mark.fault("W11")
async def test_a_worker_that_breaks_with_results_unrecorded_leaves_its_number_to_be_found_dead(database, db):
    await db.execute("insert into public.rfq_requests (message) values ('We need 20 pumps by the end of the month')")
    async with Process("run", RFQFLOW_DATABASE_URL=database, RFQFLOW_FAILPOINTS="before_finish=raise") as broken:
        assert await broken.exit_code() == 1

    assert await db.fetchval("select count(*) from ai.workers") == 1

    # Its lease would be believed for a minute; the loss of its lock tells at once.
    assert await db.fetchval("select ai.reclaim_dead(0)") == 1
    assert await db.fetchval("select claim_id from ai.outbox") is None
