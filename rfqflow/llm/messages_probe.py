"""Probes a server of Anthropic's Messages API, as `rfqflow.llm.probe` does for other APIs."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx2

from rfqflow.core.finding import Finding, fail
from rfqflow.llm import messages_reply, response
from rfqflow.llm.anthropic import ANTHROPIC_URL, check_environment
from rfqflow.llm.messages_request import MessagesCapabilities
from rfqflow.llm.probe import OpenAIProbe, ProbeCaller, Target, tried

_MESSAGES_VERSION = "2023-06-01"


class _MessagesCaller(ProbeCaller):
    def __init__(self, http: httpx2.AsyncClient, base_url: str, target: Target) -> None:
        super().__init__(http, base_url, target)
        self._headers = {**self._headers, "anthropic-version": _MESSAGES_VERSION}


class _Messages(OpenAIProbe):
    _provider = "anthropic"
    _models = "/v1/models"

    def __init__(self, caller: ProbeCaller) -> None:
        super().__init__(caller)
        self._capabilities = MessagesCapabilities(tokens_field="max_tokens").of_family(self._target.model)

    async def _asked(self, body: dict[str, Any]) -> response.Reply:
        return messages_reply.read(await self._caller.call("/v1/messages", body), private="")

    def _by(self) -> str:
        return "by the Messages API"


async def probe_anthropic(target: Target) -> AsyncGenerator[Finding, None]:
    """Yields findings about a server of Anthropic's Messages API, in the order of the checks."""
    base_url = (target.base_url or ANTHROPIC_URL).rstrip("/")
    if base_url == ANTHROPIC_URL and not target.api_key:
        yield fail("no key is set", "set ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a gateway without keys")
        return
    async for finding in tried(
        base_url, "ANTHROPIC_BASE_URL", lambda http: _Messages(_MessagesCaller(http, base_url, target)).findings(),
        check=check_environment,
    ):  # fmt: skip
        yield finding
