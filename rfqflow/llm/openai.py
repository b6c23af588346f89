"""The provider for OpenAI's APIs, Responses and Chat Completions, of OpenAI, Azure, vLLM, OpenRouter and others.

The SDK's own retries, redirects, timeouts and parsing are off. They would multiply the deadline, send the text
elsewhere, or lose the bill.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rfqflow.core import endpoint
from rfqflow.core.errors import ConfigError
from rfqflow.llm import Request, response, responses_reply
from rfqflow.llm.attempt import Attempt, CallTurn
from rfqflow.llm.capabilities import Api, ModelCapabilities, OutputMode
from rfqflow.llm.chat import CONNECT_SECONDS, MAX_REPLY_BYTES, Price, unpriced
from rfqflow.llm.learning import LearningProvider, OnLearnt, call_headers, forget
from rfqflow.llm.openai_server import ApiChoice, OpenAIServer
from rfqflow.llm.response import Reply

if TYPE_CHECKING:
    import httpx2

OPENAI_URL = "https://api.openai.com/v1"
_NO_KEY = "no-key"  # the SDK requires a key; with this key, it does not send OPENAI_API_KEY to another server
_SET_BY = {"openai-organization": "OPENAI_ORG_ID", "openai-project": "OPENAI_PROJECT_ID"}


class OpenAIProvider(LearningProvider):
    """A chain of models at one address, each with its own capabilities.

    It belongs to the event loop of its first call.
    """

    takes_pictures: bool = True

    def __init__(
        self,
        *,
        model: str,
        fallback_models: Iterable[str] = (),
        api_key: str | None = None,
        base_url: str | None = None,
        concurrency: int = 64,
        max_reply_bytes: int = MAX_REPLY_BYTES,
        price: Price = unpriced,
        mode: OutputMode = OutputMode.STRICT,
        learnt: Mapping[str, Mapping[str, Any]] | None = None,
        on_learnt: OnLearnt = forget,
        name: str = "openai",
        api: ApiChoice = "auto",
        deployments: Mapping[str, str] | None = None,
        server: OpenAIServer | None = None,
    ) -> None:
        """`learnt`: by model, the capabilities that the fleet has learnt.

        The provider calls `on_learnt` with new capabilities.

        `deployments`: by deployment name, the model behind it. `server`: the kind of server at the address.
        """
        # Import here: the SDK takes 0.4 s, which a command that calls no model should not spend.
        import httpx2  # noqa: PLC0415 - see above
        from openai import AsyncOpenAI, Omit  # noqa: PLC0415 - see above

        from rfqflow.llm import transport  # noqa: PLC0415 - imports httpx2, for the same reason

        self._raw_response = httpx2.Response
        for logger in ("openai", "httpx2", "httpcore2"):
            # At level DEBUG the SDK logs whole requests, and OPENAI_LOG can set that level.
            logging.getLogger(logger).setLevel(logging.WARNING)
        base_url = base_url or OPENAI_URL
        self._server = server or OpenAIServer.at(base_url)
        super().__init__(
            model=model, fallback_models=fallback_models, price=price, learnt=learnt, on_learnt=on_learnt,
            best=ModelCapabilities(mode=mode, tokens_field=self._server.tokens_field, apis=self._server.apis(api)),
            names=deployments,
        )  # fmt: skip
        self.name = name
        self.has_tiers = self._server.has_tiers
        key_headers = self._server.key_headers(api_key)
        self._key_headers: dict[str, Any] = {"Authorization": Omit(), **key_headers} if key_headers else {}
        self.secrets = (api_key,) if api_key else ()
        self._client = AsyncOpenAI(
            api_key=api_key or _NO_KEY,
            base_url=base_url,
            max_retries=0,
            http_client=transport.client(
                concurrency=concurrency, connect_seconds=CONNECT_SECONDS, max_reply_bytes=max_reply_bytes
            ),
        )

        _check_headers(self._client.default_headers)

    async def aclose(self) -> None:
        await self._client.close()

    async def _sent(
        self, capabilities: ModelCapabilities, request: Request, arguments: dict[str, Any]
    ) -> "httpx2.Response":
        """Makes the call, with the body as bytes.

        If it got arguments, the SDK would walk through messages and schema, which takes as long as the rest of the
        call.
        """
        path = "/responses" if capabilities.api is Api.RESPONSES else "/chat/completions"
        body = {"model": request.model, **arguments}
        if capabilities.api is not Api.RESPONSES and self._server.keeps_chats:
            body["store"] = False  # only servers of OpenAI know this parameter, and others may reject it
        return await self._client.post(
            path,
            cast_to=self._raw_response,
            content=json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(),
            options={"headers": call_headers(request) | self._key_headers},
        )

    def _reply_of(self, attempt: Attempt, turn: CallTurn, body: bytes) -> Reply:
        read = responses_reply.read if turn.capabilities.api is Api.RESPONSES else response.read
        reply = read(body, private=attempt.private)
        self._note_family(attempt.request.model, reply.model)
        return reply


def check_environment() -> None:
    """Raises ConfigError if the SDK would read a value from the environment that a request cannot carry."""
    from openai import AsyncOpenAI  # noqa: PLC0415 - see above

    from rfqflow.llm import transport  # noqa: PLC0415 - see above

    sdk = AsyncOpenAI(api_key=_NO_KEY, base_url=OPENAI_URL, http_client=transport.unused())
    _check_headers(sdk.default_headers)


def _check_headers(headers: Mapping[str, object]) -> None:
    """Raises ConfigError for invalid headers. The settings have checked the key already."""
    for name, value in headers.items():
        if isinstance(value, str) and name.lower() != "authorization" and not endpoint.is_header(name, value):
            variable = _SET_BY.get(name.lower(), "OPENAI_CUSTOM_HEADERS")
            raise ConfigError(
                f"{variable} holds a line break, a blank at an end or a character that no HTTP header can carry: "
                "set it again, or unset it"
            )
