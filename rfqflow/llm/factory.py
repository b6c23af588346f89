"""Creates the configured provider and its price book."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import ConfigError
from rfqflow.settings import ANTHROPIC_URL, OPENAI_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rfqflow.llm import Provider
    from rfqflow.llm.prices import PriceBook
    from rfqflow.settings import ProviderName, Settings


def provider_for(
    loaded: Settings,
    book: PriceBook,
    learnt: Mapping[str, Mapping[str, Any]] | None = None,
    on_learnt: Callable[[str, Mapping[str, Any]], None] = lambda _model, _capabilities: None,
) -> Provider:
    """The configured provider, or a chain of several providers. Prices come from the book, which may change later.

    `learnt` and `on_learnt`: capabilities of models, in the form of `CapabilityCaches`.
    """
    models: dict[ProviderName, list[str]] = {}
    for name, model in loaded.chain:
        models.setdefault(name, []).append(model)
    memory: dict[str, Any] = {"learnt": learnt, "on_learnt": on_learnt}
    providers = [_one(name, named, loaded, book, memory) for name, named in models.items()]
    if len(providers) == 1:
        return providers[0]
    from rfqflow.llm.provider_chain import ProviderChain

    return ProviderChain([model for _, model in loaded.chain], providers)


def _one(name: ProviderName, models: list[str], loaded: Settings, book: PriceBook, memory: dict[str, Any]) -> Provider:
    if name == "rules":
        from rfqflow.llm.rules import RulesProvider

        return RulesProvider()
    common: dict[str, Any] = {
        "price": partial(book.price, name),
        "model": models[0],
        "fallback_models": models[1:],
        "concurrency": loaded.concurrency,
    }
    if name == "ollama":
        from rfqflow.llm.ollama import OllamaProvider

        return OllamaProvider(**common, base_url=loaded.ollama_url)
    if name == "anthropic":
        from rfqflow.llm.anthropic import AnthropicProvider

        key = loaded.anthropic_api_key.get_secret_value() if loaded.anthropic_api_key else None
        if server_of(loaded, name) == ANTHROPIC_URL and key is None:
            raise ConfigError("no key is set: set ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a gateway without keys")
        book.warm()
        return AnthropicProvider(**common, **memory, api_key=key, base_url=loaded.anthropic_base_url)
    from rfqflow.llm.openai import OpenAIProvider
    from rfqflow.llm.openai_server import OpenAIServer

    key = loaded.openai_api_key.get_secret_value() if loaded.openai_api_key else None
    if OpenAIServer.at(server_of(loaded, name) or OPENAI_URL).lacks_key(key):
        raise ConfigError("no key is set: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server without keys")
    book.warm()
    return OpenAIProvider(
        **common, **memory, api_key=key, base_url=loaded.openai_base_url, api=loaded.openai_api,
        deployments=loaded.deployments,
    )  # fmt: skip


def check_environment(name: ProviderName) -> None:
    """Raises ConfigError if the provider's library reads a value from the environment that a request cannot carry."""
    if name == "openai":
        from rfqflow.llm import openai

        openai.check_environment()
    elif name == "anthropic":
        from rfqflow.llm import anthropic

        anthropic.check_environment()


def server_of(loaded: Settings, name: ProviderName) -> str | None:
    """The provider's address, if list prices and the vendor's model names apply there. Otherwise None."""
    match name:
        case "openai":
            return loaded.openai_base_url or OPENAI_URL
        case "anthropic":
            return loaded.anthropic_base_url or ANTHROPIC_URL
        case _:
            return None


def price_book(loaded: Settings, prices: list[dict[str, Any]]) -> PriceBook:
    """The prices by destination. `prices`: the operator's prices, which take precedence over a list."""
    from rfqflow.llm.prices import PriceBook

    book = PriceBook({name: server_of(loaded, name) for name, _ in loaded.chain})
    book.set_table(prices)
    return book


def prompt_version(provider: Provider) -> str | None:
    """The version that runs record for answers: the rules' version. None: the prompt's version."""
    if provider.name == "rules":
        from rfqflow.core.rules_version import RULES_VERSION

        return RULES_VERSION
    return None
