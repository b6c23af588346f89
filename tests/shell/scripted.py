"""A provider that does as it is told, and keeps a journal of what it was asked.

provider = Scripted()
provider.on("We need pumps", hang, ok)            # first call, then every further one
provider.default = take(0.2)
await provider.until(lambda: provider.in_flight == 3)
provider.release("We need pumps")                 # what hangs goes on
provider.calls("We need pumps")                   # how often it was asked
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rfqflow.core.answer import Answer
from rfqflow.core.errors import CallError, ErrorClass, Usage
from rfqflow.core.model import Completion
from rfqflow.llm import Request

VERSION = "scripted@1"
_SHA256 = b"\x5c" * 32

Behaviour = Callable[["Scripted", Request], Awaitable[Completion]]


@dataclass
class Call:
    """One call as the provider saw it; `end` is None while it runs."""

    message: str
    request: Request
    began: float
    ended: float | None = None
    end: str | None = None


def answer(request: Request, **fields: Any) -> Completion:
    known: dict[str, Any] = {
        "summary": "asked: " + request.rfq.message[:200],
        "route": request.routes[0].slug,
        "confidence": 0.9,
        **fields,
    }
    return Completion(Answer(**known), "scripted", "scripted-1", VERSION, _SHA256, Usage(10, 0, 5), cost_source="free")


async def ok(_: "Scripted", request: Request) -> Completion:
    return answer(request)


async def hang(provider: "Scripted", request: Request) -> Completion:
    """Until `release` is called for the message, or for all."""
    await provider.gate(request.rfq.message).wait()
    return answer(request)


def says(**fields: Any) -> Behaviour:
    async def behaviour(_: "Scripted", request: Request) -> Completion:
        return answer(request, **fields)

    return behaviour


def take(seconds: float) -> Behaviour:
    async def behaviour(_: "Scripted", request: Request) -> Completion:
        await asyncio.sleep(seconds)
        return answer(request)

    return behaviour


def fail(error_class: ErrorClass, **details: Any) -> Behaviour:
    async def behaviour(_: "Scripted", request: Request) -> Completion:
        raise CallError(error_class, "as told", **details)

    return behaviour


def crash(error: Exception) -> Behaviour:
    """What no provider may do."""

    async def behaviour(_: "Scripted", request: Request) -> Completion:
        raise error

    return behaviour


class Scripted:
    """Implements `rfqflow.llm.Provider`."""

    name: str = "scripted"
    model: str = "scripted-1"

    def __init__(self, default: Behaviour = ok) -> None:
        self.default = default
        self.journal: list[Call] = []
        self.in_flight = 0
        self.peak = 0
        self._told: dict[str, list[Behaviour]] = {}
        self._gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._all_released = False
        self._changed = asyncio.Event()

    def on(self, message: str, *behaviours: Behaviour) -> None:
        """What its calls meet, in order; the last one stays."""
        self._told[message] = list(behaviours)

    def gate(self, message: str) -> asyncio.Event:
        if self._all_released:
            self._gates[message].set()
        return self._gates[message]

    def release(self, *messages: str) -> None:
        """Lets what hangs go on; without names, all of it, now and later."""
        if not messages:
            self._all_released = True
        for message in messages or list(self._gates):
            self._gates[message].set()

    def calls(self, message: str) -> int:
        return sum(call.message == message for call in self.journal)

    def ends(self, message: str) -> list[str | None]:
        return [call.end for call in self.journal if call.message == message]

    async def until(self, met: Callable[[], bool], seconds: float = 10) -> None:
        """Returns at the change of the journal that meets the condition."""
        async with asyncio.timeout(seconds):
            while not met():
                self._changed.clear()
                await self._changed.wait()

    async def complete(self, request: Request) -> Completion:
        message = request.rfq.message
        call = Call(message, request, time.monotonic())
        self.journal.append(call)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        self._changed.set()
        told = self._told.get(message)
        behaviour = (told.pop(0) if len(told) > 1 else told[0]) if told else self.default
        try:
            completion = await behaviour(self, request)
        except BaseException as error:
            call.end = str(error.error_class) if isinstance(error, CallError) else type(error).__name__
            raise
        else:
            call.end = "ok"
            return completion
        finally:
            call.ended = time.monotonic()
            self.in_flight -= 1
            self._changed.set()

    async def aclose(self) -> None:
        """Nothing is held."""
