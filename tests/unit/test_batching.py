"""Queries of several tasks go to the database together, and each task gets its own rows or its own failure."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from rfqflow.core.errors import DatabaseUnreachable
from rfqflow.store.batching import RequestBatcher


class Server:
    """Answers each number with its square, one call at a time, each when the test lets it."""

    def __init__(self, *, most: int = 100) -> None:
        self.calls: list[list[int]] = []
        self.failing: dict[int, Exception] = {}
        self.go = asyncio.Semaphore(0)
        self.together: RequestBatcher[int, int] = RequestBatcher(self._answer, most=most)

    async def _answer(self, numbers: list[int]) -> list[int]:
        self.calls.append(list(numbers))
        await self.go.acquire()
        for number in numbers:
            if number in self.failing:
                raise self.failing[number]
        return [number * number for number in numbers]

    def ask(self, *numbers: int) -> asyncio.Task[list[int]]:
        return asyncio.create_task(self.together.ask(numbers))

    async def called(self, times: int) -> None:
        while len(self.calls) < times:
            await asyncio.sleep(0)

    def answer(self, times: int) -> None:
        for _ in range(times):
            self.go.release()


async def test_a_query_that_comes_during_a_statement_joins_the_next_one():
    server = Server()
    first = server.ask(1)
    await server.called(1)
    others = [server.ask(2, 3), server.ask(4), server.ask(5, 6)]
    await asyncio.sleep(0)
    server.answer(2)

    assert await first == [1]
    assert [await one for one in others] == [[4, 9], [16], [25, 36]]
    assert server.calls == [[1], [2, 3, 4, 5, 6]]


async def test_one_statement_carries_no_more_than_its_limit():
    server = Server(most=3)
    tasks = [server.ask(1), server.ask(2, 3), server.ask(4, 5), server.ask(6), server.ask(7, 8, 9, 10)]
    await server.called(1)
    server.answer(4)

    assert [await one for one in tasks] == [[1], [4, 9], [16, 25], [36], [49, 64, 81, 100]]
    assert server.calls == [[1], [2, 3], [4, 5, 6], [7, 8, 9, 10]]


async def test_a_query_that_the_server_refuses_fails_no_other():
    server = Server()
    server.failing[3] = asyncpg.DataError("not that one")
    first = server.ask(1)
    await server.called(1)
    good, bad = server.ask(2), server.ask(3)
    await asyncio.sleep(0)
    server.answer(4)

    assert (await first, await good) == ([1], [4])
    with pytest.raises(asyncpg.DataError):
        await bad
    assert server.calls == [[1], [2, 3], [2], [3]]


async def test_a_lost_database_fails_all_waiting_requests_and_the_next_request_is_sent():
    server = Server()
    server.failing[2] = DatabaseUnreachable("gone")
    first = server.ask(1)
    await server.called(1)
    lost = [server.ask(2), server.ask(3)]
    await asyncio.sleep(0)
    server.answer(2)
    await first
    for one in lost:
        with pytest.raises(DatabaseUnreachable):
            await one

    server.answer(1)
    assert await server.ask(3) == [9]


async def test_a_query_that_is_cancelled_while_waiting_is_not_sent():
    server = Server()
    first = server.ask(1)
    await server.called(1)
    left, gone = server.ask(2), server.ask(3)
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    server.answer(2)

    assert (await first, await left) == ([1], [4])
    assert server.calls == [[1], [2]]


async def test_a_query_in_a_statement_that_was_cancelled_gets_an_unknown_outcome():
    server = Server()
    first = server.ask(1)
    await server.called(1)
    asking, along = server.ask(2), server.ask(3)
    await asyncio.sleep(0)
    server.answer(1)
    await first
    await server.called(2)
    asking.cancel()

    with pytest.raises(DatabaseUnreachable, match="cancelled task"):
        await along
    with pytest.raises(asyncio.CancelledError):
        await asking
