"""One read serves all callers that ask for the same data within a few seconds."""

import asyncio

import pytest

from rfqflow.console.shared_reads import SharedReads


class Counted:
    """A read that counts how often it was made, or fails."""

    def __init__(self, *, fails: int = 0) -> None:
        self.made, self._fails = 0, fails
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        self.made += 1
        number = self.made
        await self.may_end.wait()
        if number <= self._fails:
            raise RuntimeError("no database")
        return number


async def test_streams_share_a_read_in_progress_and_a_recent_one():
    shared, read = SharedReads(60), Counted()
    asking = [asyncio.create_task(shared.recent("tabs", read)) for _ in range(20)]
    await asyncio.sleep(0)
    asking.pop().cancel()  # a stream that leaves takes nothing from the others
    read.may_end.set()

    assert await asyncio.gather(*asking) == [1] * 19
    assert await shared.recent("tabs", read) == 1
    assert await shared.recent("another filter", read) == 2


async def test_a_page_reads_anew_and_the_streams_get_its_result():
    shared, read = SharedReads(60), Counted()
    read.may_end.set()
    await shared.recent("tabs", read)

    assert await shared.fresh("tabs", read) == 2
    assert await shared.recent("tabs", read) == 2


async def test_a_failure_reaches_all_waiting_callers_and_is_not_kept():
    shared, read = SharedReads(60), Counted(fails=1)
    read.may_end.set()
    with pytest.raises(RuntimeError):
        await shared.recent("tabs", read)

    assert await shared.recent("tabs", read) == 2


async def test_an_old_result_is_read_again():
    shared, read = SharedReads(0), Counted()
    read.may_end.set()
    for number in range(2000):
        await shared.recent(number, read)

    assert await shared.recent(1999, read) == 2001
