"""Questions of several tasks in one statement: whoever comes while one is under way goes along with the next.

As group commit does for transactions: the slower the database answers, the more questions each statement carries. What
admits calls holds locks that are the whole fleet's while it is committed, so that a statement for each would make a
slow disk the fleet's limit.
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
    """What one task asks."""

    questions: Sequence[Q]
    answers: list[A] | None = None
    failure: DatabaseUnreachable | asyncpg.PostgresError | None = None


class RequestBatcher(Generic[Q, A]):
    """`call` gets at most `most` questions, or those of one task, and gives an answer for each, in their order."""

    def __init__(self, call: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], *, most: int) -> None:
        self._call = call
        self._most = most
        self._waiting: list[_Pending[Q, A]] = []
        self._calling = asyncio.Lock()

    async def ask(self, questions: Sequence[Q]) -> list[A]:
        """The answers, in the order of the questions.

        Raises:
            DatabaseUnreachable: whether the statement took effect is unknown, as with any.
            asyncpg.PostgresError: the server refused these very questions, not only others' that went along.
        """
        part: _Pending[Q, A] = _Pending(questions)
        self._waiting.append(part)
        try:
            async with self._calling:
                while part.answers is None and part.failure is None:
                    await self._answer(self._next())
        finally:
            if part in self._waiting:  # cut off: nobody is there any more to hear the answer
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
            for part in parts:  # one that cannot be answered must not take the others along
                await self._answer([part])
        except DatabaseUnreachable as error:
            for part in parts:
                part.failure = error
        except BaseException:
            for part in parts:
                part.failure = DatabaseUnreachable("asked along with a task that was cut off")
            raise
        else:
            for part in parts:
                part.answers, answers = answers[: len(part.questions)], answers[len(part.questions) :]
