"""What the address of a server says of it: which of OpenAI's APIs it has, how it takes a key, what it keeps."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from rfqflow.core import endpoint
from rfqflow.llm.capabilities import Api

ApiChoice = Literal["auto", "responses", "chat"]
_SIGNED = "eyJ"  # a token of Entra begins with it, and goes as a bearer only
_API_KEY = "api-key"


@dataclass(frozen=True, slots=True)
class OpenAIServer:
    """OpenAI itself, Azure's v1 endpoint, or, with neither, any other that speaks OpenAI's APIs."""

    is_openai: bool = False
    is_azure: bool = False

    @classmethod
    def at(cls, base_url: str) -> OpenAIServer:
        host = (urlsplit(base_url).hostname or "").rstrip(".")
        return cls(endpoint.is_openai_host(host), endpoint.is_azure_host(host))

    def apis(self, choice: ApiChoice) -> tuple[Api, ...]:
        """The APIs by which it may be asked, the preferred one first.

        What others call compatible is Chat Completions; where they have Responses too, it is the younger part.
        """
        if choice == "chat":
            return (Api.CHAT,)
        prefers_responses = choice == "responses" or self.is_openai or self.is_azure
        return (Api.RESPONSES, Api.CHAT) if prefers_responses else (Api.CHAT, Api.RESPONSES)

    @property
    def tokens_field(self) -> str:
        """What Chat Completions there call the limit of output tokens; others know only the older name, or both."""
        return "max_completion_tokens" if self.is_openai or self.is_azure else "max_tokens"

    @property
    def keeps_chats(self) -> bool:
        """Whether it may keep what Chat Completions are sent; others reject what says that it should not."""
        return self.is_openai

    @property
    def has_tiers(self) -> bool:
        """Whether it sells several service tiers; others are asked for one only where the operator names it."""
        return self.is_openai

    def lacks_key(self, key: str | None) -> bool:
        """Whether no call can be made there; who sends headers of their own may have it among them."""
        return not key and (self.is_openai or (self.is_azure and not os.environ.get("OPENAI_CUSTOM_HEADERS")))

    def key_headers(self, key: str | None) -> dict[str, str]:
        """The headers that carry the key, where that is not OpenAI's bearer."""
        return {_API_KEY: key} if key and self.is_azure and not key.startswith(_SIGNED) else {}
