"""Batches requests of several tasks into one statement: requests that arrive during a statement join the next one.

Like group commit: the slower the database, the more requests each statement carries. An admission holds fleet-wide
locks until its commit. So one statement per request would make a slow disk the fleet's limit.
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
    """Calls `call` with at most `most` requests, or those of one task. It returns one answer per request, in order."""

    def __init__(self, call: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], *, most: int) -> None:
        self._call = call
        self._most = most
        self._waiting: list[_Pending[Q, A]] = []
        self._calling = asyncio.Lock()

    async def ask(self, questions: Sequence[Q]) -> list[A]:
        """The answers, in the order of the requests.

        Raises:
            DatabaseUnreachable: whether the statement took effect is unknown.
            asyncpg.PostgresError: the server refused these requests themselves, not only others of the batch.
        """
        part: _Pending[Q, A] = _Pending(questions)
        self._waiting.append(part)
        try:
            async with self._calling:
                while part.answers is None and part.failure is None:
                    await self._answer(self._next())
        finally:
            if part in self._waiting:  # cancelled: no task waits for the answer
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
            for part in parts:  # a request that fails must not fail the others
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
