"""Joins requests of several tasks into one statement.

Requests that arrive during a statement go into the next statement.

This works like group commit: the slower the database, the more requests each statement carries. An admission holds
locks of the whole fleet until it commits. With one statement per request, a slow disk would limit the fleet.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import asyncpg

from rfqflow.core.errors import DatabaseUnreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(slots=True, eq=False)
class _Pending(Generic[Q, A]):
    """The requests of one task."""

    questions: Sequence[Q]
    answers: list[A] | None = None
    failure: DatabaseUnreachable | asyncpg.PostgresError | None = None


class RequestBatcher(Generic[Q, A]):
    """Calls `call` with at most `most` requests, or with all requests of one task.

    `call` returns one answer per request, in order.
    """

    def __init__(self, call: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], *, most: int) -> None:
        self._call = call
        self._most = most
        self._waiting: list[_Pending[Q, A]] = []
        self._calling = asyncio.Lock()

    async def ask(self, questions: Sequence[Q]) -> list[A]:
        """Returns the answers, in the order of the requests.

        Raises:
            DatabaseUnreachable: the connection was lost. Whether the statement took effect is unknown.
            asyncpg.PostgresError: the server refused requests of this task, and not only other requests of the batch.
        """
        part: _Pending[Q, A] = _Pending(questions)
        self._waiting.append(part)
        try:
            async with self._calling:
                while part.answers is None and part.failure is None:
                    await self._answer(self._next())
        finally:
            if part in self._waiting:  # the task was cancelled, so drop its requests
                self._waiting.remove(part)
        if part.answers is None:
            raise part.failure or DatabaseUnreachable("nothing was answered")
        return part.answers

    def _next(self) -> list[_Pending[Q, A]]:
        parts = [self._waiting.pop(0)]
        room = self._most - len(parts[0].questions)
        while self._waiting and len(self._waiting[0].questions) <= room:
            parts.append(self._waiting.pop(0))
            room -= len(parts[-1].questions)
        return parts

    async def _answer(self, parts: list[_Pending[Q, A]]) -> None:
        try:
            answers = list(await self._call([question for part in parts for question in part.questions]))
        except asyncpg.PostgresError as error:
            if len(parts) == 1:
                parts[0].failure = error
                return
            for part in parts:  # after an error, ask for each task alone, so that one bad request fails no other task
                await self._answer([part])
        except DatabaseUnreachable as error:
            for part in parts:
                part.failure = error
        except BaseException:
            for part in parts:
                part.failure = DatabaseUnreachable("shared a statement with a cancelled task")
            raise
        else:
            for part in parts:
                part.answers, answers = answers[: len(part.questions)], answers[len(part.questions) :]
