"""Facts about a server, by its address: its OpenAI APIs, how it takes a key, and what it stores."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from rfqflow.core import endpoint
from rfqflow.llm.capabilities import Api

ApiChoice = Literal["auto", "responses", "chat"]
_SIGNED = "eyJ"  # An Entra token begins with it, and is sent only as a bearer token
_API_KEY = "api-key"


@dataclass(frozen=True, slots=True)
class OpenAIServer:
    """OpenAI itself, Azure's v1 endpoint, or else any compatible server."""

    is_openai: bool = False
    is_azure: bool = False

    @classmethod
    def at(cls, base_url: str) -> OpenAIServer:
        host = (urlsplit(base_url).hostname or "").rstrip(".")
        return cls(endpoint.is_openai_host(host), endpoint.is_azure_host(host))

    def apis(self, choice: ApiChoice) -> tuple[Api, ...]:
        """The APIs to use, the preferred one first.

        For compatible servers that is Chat Completions: if they have Responses too, it is less mature.
        """
        if choice == "chat":
            return (Api.CHAT,)
        prefers_responses = choice == "responses" or self.is_openai or self.is_azure
        return (Api.RESPONSES, Api.CHAT) if prefers_responses else (Api.CHAT, Api.RESPONSES)

    @property
    def tokens_field(self) -> str:
        """The name of the output limit in Chat Completions; other servers know only the older name, or both."""
        return "max_completion_tokens" if self.is_openai or self.is_azure else "max_tokens"

    @property
    def keeps_chats(self) -> bool:
        """Whether it may store Chat Completions; other servers reject the parameter that forbids it."""
        return self.is_openai

    @property
    def has_tiers(self) -> bool:
        """Whether it sells several service tiers; others get one only if the operator names it."""
        return self.is_openai

    def lacks_key(self, key: str | None) -> bool:
        """Whether no call is possible without a key; custom headers may hold one."""
        return not key and (self.is_openai or (self.is_azure and not os.environ.get("OPENAI_CUSTOM_HEADERS")))

    def key_headers(self, key: str | None) -> dict[str, str]:
        """The headers with the key, if it is not OpenAI's bearer token."""
        return {_API_KEY: key} if key and self.is_azure and not key.startswith(_SIGNED) else {}
