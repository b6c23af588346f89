"""A deadline that sets no timer for a task that does not wait."""

import asyncio

import pytest

from rfqflow.enrichment.deadline import within

pytestmark = pytest.mark.asyncio


async def returning(value):
    return value


async def test_work_that_does_not_wait_sets_no_timer():
    no_seconds = object()  # an object on which no timer can be set

    assert await within(no_seconds, returning(7)) == 7


async def test_work_that_waits_resumes_where_it_was():
    steps = []

    async def work():
        for step in range(3):
            steps.append(step)
            await asyncio.sleep(0)
        return await asyncio.get_running_loop().run_in_executor(None, lambda: "read")

    assert await within(60, work()) == "read"
    assert steps == [0, 1, 2]


@pytest.mark.parametrize("waits", [0, 1])
async def test_an_error_is_raised_unchanged(waits):
    async def work():
        for _ in range(waits):
            await asyncio.sleep(0)
        raise LookupError("no route")

    with pytest.raises(LookupError, match="no route"):
        await within(60, work())


async def test_work_that_takes_too_long_is_cancelled_and_may_clean_up():
    tidied = []

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            tidied.append(True)

    with pytest.raises(TimeoutError):
        await within(0.01, work())
    assert tidied == [True]


async def test_a_cancellation_reaches_the_awaited_task():
    begun, reported = asyncio.Event(), []

    async def work():
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            reported.append("cancelled")
            raise

    task = asyncio.create_task(within(60, work()))
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert reported == ["cancelled"]


async def test_work_may_handle_its_own_cancellation():
    async def work():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "what there is"

    task = asyncio.create_task(within(60, work()))
    await asyncio.sleep(0)
    task.cancel()

    assert await task == "what there is"
