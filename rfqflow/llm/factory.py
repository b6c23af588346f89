"""The provider that the settings ask for, and what its calls cost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import ConfigError
from rfqflow.settings import ANTHROPIC_URL, OPENAI_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rfqflow.llm import Provider
    from rfqflow.llm.prices import PriceBook
    from rfqflow.settings import Settings


def provider_for(
    loaded: Settings,
    book: PriceBook,
    learnt: Mapping[str, Mapping[str, Any]] | None = None,
    on_learnt: Callable[[str, Mapping[str, Any]], None] = lambda _model, _capabilities: None,
) -> Provider:
    """The provider that the settings ask for; its costs are those of the book, which may change.

    `learnt` and `on_learnt`: how models have to be asked, as `CapabilityCache` keeps it.
    """
    if loaded.provider_name == "rules":
        from rfqflow.llm.rules import RulesProvider

        return RulesProvider()
    if loaded.provider_name == "ollama":
        from rfqflow.llm.ollama import OllamaProvider

        return OllamaProvider(
            price=partial(book.price, "ollama"),
            model=loaded.model,
            fallback_models=loaded.fallback_models,
            base_url=loaded.ollama_url,
            concurrency=loaded.concurrency,
        )
    if loaded.provider_name == "anthropic":
        return _anthropic(loaded, book, learnt, on_learnt)
    from rfqflow.llm.openai import OpenAIProvider
    from rfqflow.llm.openai_server import OpenAIServer

    key = loaded.openai_api_key.get_secret_value() if loaded.openai_api_key else None
    if OpenAIServer.at(server_of(loaded) or OPENAI_URL).lacks_key(key):
        raise ConfigError("no key is set: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server without keys")
    book.warm()
    return OpenAIProvider(
        price=partial(book.price, "openai"),
        model=loaded.model,
        fallback_models=loaded.fallback_models,
        api_key=key,
        base_url=loaded.openai_base_url,
        concurrency=loaded.concurrency,
        learnt=learnt,
        on_learnt=on_learnt,
        api=loaded.openai_api,
        deployments=loaded.deployments,
    )


def _anthropic(
    loaded: Settings,
    book: PriceBook,
    learnt: Mapping[str, Mapping[str, Any]] | None,
    on_learnt: Callable[[str, Mapping[str, Any]], None],
) -> Provider:
    from rfqflow.llm.anthropic import AnthropicProvider

    if server_of(loaded) == ANTHROPIC_URL and loaded.anthropic_api_key is None:
        raise ConfigError("no key is set: set ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a gateway without keys")
    book.warm()
    return AnthropicProvider(
        price=partial(book.price, "anthropic"),
        model=loaded.model,
        fallback_models=loaded.fallback_models,
        api_key=loaded.anthropic_api_key.get_secret_value() if loaded.anthropic_api_key else None,
        base_url=loaded.anthropic_base_url,
        concurrency=loaded.concurrency,
        learnt=learnt,
        on_learnt=on_learnt,
    )


def server_of(loaded: Settings) -> str | None:
    """Where a provider is whose models are asked as its server takes it, and may have list prices; None of others."""
    match loaded.provider_name:
        case "openai":
            return loaded.openai_base_url or OPENAI_URL
        case "anthropic":
            return loaded.anthropic_base_url or ANTHROPIC_URL
        case _:
            return None


def price_book(loaded: Settings, prices: list[dict[str, Any]]) -> PriceBook:
    """What calls cost where they go; `prices`: the operator's, which win over any list."""
    from rfqflow.llm.prices import PriceBook

    book = PriceBook({loaded.provider_name: server_of(loaded)})
    book.set_table(prices)
    return book


def prompt_version(provider: Provider) -> str | None:
    """What answers are filed under: the rules have no prompt, so their own version stands for it."""
    if provider.name == "rules":
        from rfqflow.core.rules import RULES_VERSION

        return RULES_VERSION
    return None
