"""A chain of models of several providers, as one provider. Each model's own provider answers."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rfqflow.core.errors import Usage
from rfqflow.core.records import Completion
from rfqflow.llm import Provider, Request


class ProviderChain:
    """The first provider gives the chain its name.

    It also answers for models outside the chain, such as the cascade's cheap model.
    """

    free: bool = False

    def __init__(self, models: Sequence[str], providers: Sequence[Provider]) -> None:
        """`models`: all models, in order of preference. `providers`: the first model's provider comes first."""
        self._providers = tuple(providers)
        self._first = self._providers[0]
        self._by_model = {model: each for each in self._providers for model in each.models}
        self.name = self._first.name
        self.models = tuple(models)
        self.takes_pictures = any(each.takes_pictures for each in self._providers)
        self.names: Mapping[str, str] = {
            model: each.name for model, each in self._by_model.items() if each is not self._first
        }

    @property
    def model(self) -> str:
        return self.models[0]

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        return self._of(model).price(model, usage)

    def rejected(self, model: str) -> frozenset[str]:
        return self._of(model).rejected(model)

    def follow(self, learnt: Mapping[str, Mapping[str, Any]]) -> None:
        for each in self._providers:
            each.follow(learnt)

    async def complete(self, request: Request) -> Completion:
        return await self._of(request.model).complete(request)

    async def aclose(self) -> None:
        for each in self._providers:
            await each.aclose()

    def _of(self, model: str) -> Provider:
        return self._by_model.get(model, self._first)
