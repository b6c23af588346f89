"""Facts about a server, by its address: which of OpenAI's APIs it has, how it takes a key, and what it stores."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from rfqflow.core import endpoint
from rfqflow.llm.capabilities import Api

ApiChoice = Literal["auto", "responses", "chat"]
_SIGNED = "eyJ"  # an Entra token begins with this text, and is sent only as a bearer token
_API_KEY = "api-key"


@dataclass(frozen=True, slots=True)
class OpenAIServer:
    """A server of OpenAI, Azure's v1 endpoint, or a compatible server."""

    is_openai: bool = False
    is_azure: bool = False

    @classmethod
    def at(cls, base_url: str) -> OpenAIServer:
        host = (urlsplit(base_url).hostname or "").rstrip(".")
        return cls(endpoint.is_openai_host(host), endpoint.is_azure_host(host))

    def apis(self, choice: ApiChoice) -> tuple[Api, ...]:
        """The APIs to use, in order of preference.

        Compatible servers get Chat Completions only: if such a server also has Responses, that API is less mature.
        """
        if choice == "chat":
            return (Api.CHAT,)
        prefers_responses = choice == "responses" or self.is_openai or self.is_azure
        return (Api.RESPONSES, Api.CHAT) if prefers_responses else (Api.CHAT, Api.RESPONSES)

    @property
    def tokens_field(self) -> str:
        """The name of the output limit in Chat Completions. Compatible servers know the older name."""
        return "max_completion_tokens" if self.is_openai or self.is_azure else "max_tokens"

    @property
    def keeps_chats(self) -> bool:
        """Whether the server may store Chat Completions, so that the call must forbid it.

        Other servers reject that parameter.
        """
        return self.is_openai

    @property
    def has_tiers(self) -> bool:
        """Whether the server has several service tiers. Other servers get a tier only if the operator sets it."""
        return self.is_openai

    def lacks_key(self, key: str | None) -> bool:
        """Whether a key is missing that every call needs. Custom headers may contain a key."""
        return not key and (self.is_openai or (self.is_azure and not os.environ.get("OPENAI_CUSTOM_HEADERS")))

    def key_headers(self, key: str | None) -> dict[str, str]:
        """The headers with the key, if the server does not take it as OpenAI's bearer token."""
        return {_API_KEY: key} if key and self.is_azure and not key.startswith(_SIGNED) else {}
