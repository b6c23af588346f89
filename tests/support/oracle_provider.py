"""A provider that knows the correct answer, and errs at a set rate, always at the same cases."""

from __future__ import annotations

import asyncio
import hashlib
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from rfqflow.core.answer import Answer, LineItem
from rfqflow.core.errors import CallError, ErrorClass, Usage
from rfqflow.core.records import Completion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.llm import Request

COST = Decimal("0.001")
BILLED = Usage(100, 0, 50)


class Knowing:
    """`errs` and `breaks`: shares of cases with a wrong answer, or with none, by prompt version."""

    name = "openai"
    takes_pictures = False
    free = False
    models = ("m1",)
    names: Mapping[str, str] = MappingProxyType({})
    model = "m1"

    def __init__(
        self,
        routes: Mapping[str, str],
        errs: Mapping[str, float] | None = None,
        breaks: Mapping[str, float] | None = None,
    ) -> None:
        self.routes = routes
        self.errs = errs or {}
        self.breaks = breaks or {}
        self.calls: list[tuple[str, str]] = []  # prompt version and message
        self.in_flight = self.peak = 0
        self.confidence = 0.9
        self.held = COST  # the highest possible cost of a call
        self.fault: ErrorClass | None = None
        self.together: asyncio.Barrier | None = None

    async def complete(self, request: Request) -> Completion:
        message, version = request.rfq.message, request.prompt.version
        self.calls.append((version, message))
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        if self.together:
            await self.together.wait()
        self.in_flight -= 1
        draw = self.draw(message, version)
        if self.fault or draw < self.breaks.get(version, 0):
            raise CallError(self.fault or ErrorClass.INVALID_OUTPUT, "as scripted", usage=Usage(10, 0, 5))
        right = self.routes.get(message, "general")
        wrong = next(one.slug for one in request.routes if one.slug != right)
        route = wrong if draw > 1 - self.errs.get(version, 0) else right
        return Completion(
            Answer(
                summary="s", route=route, confidence=self.confidence, language="en",
                line_items=(LineItem(description=message[:80].strip() or "something"),),
            ),
            self.name, request.model, version, request.prompt.sha256, BILLED, COST, "table",
        )  # fmt: skip

    @staticmethod
    def draw(message: str, version: str) -> float:
        return int.from_bytes(hashlib.sha256(f"{version} {message}".encode()).digest()[:6]) / 2**48

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        return (COST if usage == BILLED else self.held), "table"

    def rejected(self, model: str) -> frozenset[str]:
        return frozenset()

    async def aclose(self) -> None:
        """Does nothing: the provider holds no resources."""
