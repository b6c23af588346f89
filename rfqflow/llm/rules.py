"""The rules as a provider. They use no network, cost nothing, and always give the same answer to the same text."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any

from rfqflow.core.errors import CallError, ErrorClass, Usage
from rfqflow.core.records import Completion
from rfqflow.core.rules import answer
from rfqflow.core.rules_version import RULES_VERSION
from rfqflow.llm import Request
from rfqflow.llm.reading_thread import is_long, read_apart

SHA256 = hashlib.sha256(RULES_VERSION.encode()).digest()


class RulesProvider:
    """Answers by rules, if no model is configured. Evaluations compare models with it."""

    name: str = "rules"
    models: tuple[str, ...] = ("rules",)
    names: Mapping[str, str] = MappingProxyType({})
    takes_pictures: bool = False
    free: bool = True

    @property
    def model(self) -> str:
        return self.models[0]

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        """The rules cost nothing."""
        del model, usage
        return Decimal(0), "free"

    def rejected(self, model: str) -> frozenset[str]:
        """Returns an empty set: the rules call no server."""
        del model
        return frozenset()

    def follow(self, learnt: Mapping[str, Mapping[str, Any]]) -> None:
        """Does nothing: the rules learn nothing."""

    async def complete(self, request: Request) -> Completion:
        failure: CallError
        try:
            make = partial(answer, request.rfq, request.routes)
            return Completion(
                answer=await read_apart(make) if is_long(request.rfq) else make(),
                provider=self.name,
                model=self.model,
                prompt_version=RULES_VERSION,
                prompt_sha256=SHA256,
                cost_usd=Decimal(0),
                cost_source="free",
                finish_reason="stop",
            )
        except Exception as error:  # noqa: BLE001 - an error over one text must fail only that RFQ, not stop the worker
            failure = CallError(ErrorClass.INTERNAL, f"rules: {type(error).__name__}", usage=Usage())
        raise failure  # raise outside the handler: the message of the cause may contain the customer's text

    async def aclose(self) -> None:
        """Does nothing: there are no connections."""
