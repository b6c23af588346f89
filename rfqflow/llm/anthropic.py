"""The provider for Anthropic's Messages API, through Anthropic's SDK (extra `rfqflow[anthropic]`).

The SDK's own retries, redirects, timeouts, parsing, tracing and search for credentials are off. They would multiply the
deadline, send the text elsewhere, or lose the bill. The OpenAI provider turns them off as well.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

from rfqflow.core import endpoint
from rfqflow.core.errors import CallError, ConfigError, ErrorClass
from rfqflow.llm import Request, error_classification, messages_reply
from rfqflow.llm.attempt import Attempt, CallTurn
from rfqflow.llm.capabilities import ModelCapabilities, OutputMode
from rfqflow.llm.chat import CONNECT_SECONDS, MAX_REPLY_BYTES, Price, unpriced
from rfqflow.llm.learning import LearningProvider, OnLearnt, call_headers, forget
from rfqflow.llm.messages_request import MessagesCapabilities
from rfqflow.llm.response import Reply

if TYPE_CHECKING:
    import httpx2

ANTHROPIC_URL = "https://api.anthropic.com"
_NO_KEY = "no-key"  # the SDK requires a key; with this key, it does not search the environment and files for another
_LIMITS = ("requests", "tokens", "input-tokens", "output-tokens")


class AnthropicProvider(LearningProvider):
    """A chain of models at one address, each with its own capabilities.

    It belongs to the event loop of its first call.
    """

    name: str = "anthropic"
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
    ) -> None:
        """Raises ConfigError if the SDK is not installed, or the environment holds an invalid header.

        `learnt`: by model, the capabilities that the fleet has learnt. The provider calls `on_learnt` with new
        capabilities.
        """
        sdk = _sdk()
        from rfqflow.llm import transport  # noqa: PLC0415 - imports httpx2: a command that calls no model should not spend the time

        super().__init__(
            model=model, fallback_models=fallback_models, price=price, learnt=learnt, on_learnt=on_learnt,
            best=MessagesCapabilities(mode=mode, tokens_field="max_tokens"),
        )  # fmt: skip
        self.secrets = (api_key,) if api_key else ()
        self._client = sdk.AsyncAnthropic(
            api_key=api_key or _NO_KEY,
            base_url=base_url or ANTHROPIC_URL,
            max_retries=0,
            # otherwise an environment variable could make the SDK write the customer's text into spans
            open_telemetry=False,
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
        """Makes the call. The model goes into the body only, since the SDK warns about old models in each call."""
        del capabilities
        raw = await self._client.messages.with_raw_response.create(
            model="",
            max_tokens=arguments["max_tokens"],
            messages=(),
            extra_headers=call_headers(request),
            extra_body={"model": request.model, **arguments},
        )
        answered: httpx2.Response = raw.http_response
        return answered

    def _reply_of(self, attempt: Attempt, turn: CallTurn, body: bytes) -> Reply:
        del turn
        return messages_reply.read(body, private=attempt.private)

    def _raised(self, attempt: Attempt, error: Exception) -> CallError:
        failure = super()._raised(attempt, error)
        if failure.error_class is ErrorClass.RATE_LIMIT and failure.retry_after_seconds is None:
            found = error_classification.fault_of(error)
            failure.retry_after_seconds = reset_seconds(found[1]) if found else None
        return failure


def reset_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds until the exhausted limits have room again. None if the headers do not say so."""
    now = datetime.now(UTC)
    waits = [
        (until - now).total_seconds()
        for limit in _LIMITS
        if headers.get(f"anthropic-ratelimit-{limit}-remaining") == "0"
        and (until := _time(headers.get(f"anthropic-ratelimit-{limit}-reset")))
    ]
    return min(max(*waits, 0.0), error_classification.MAX_RETRY_AFTER_SECONDS) if waits else None


def _time(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def check_environment() -> None:
    """Raises ConfigError if the SDK is missing, or if a request cannot carry a value of the environment."""
    sdk = _sdk()
    from rfqflow.llm import transport  # noqa: PLC0415 - imports httpx2: a command that calls no model should not spend the time

    client = sdk.AsyncAnthropic(api_key=_NO_KEY, base_url=ANTHROPIC_URL, http_client=transport.unused())
    _check_headers(client.default_headers)


def _check_headers(headers: Mapping[str, object]) -> None:
    """Raises ConfigError for invalid custom headers. The settings have checked the key already."""
    for name, value in headers.items():
        if isinstance(value, str) and name.lower() != "authorization" and not endpoint.is_header(name, value):
            raise ConfigError(
                "ANTHROPIC_CUSTOM_HEADERS holds a name or a value that no HTTP header can carry: "
                "set it again, or unset it"
            )


def _sdk() -> ModuleType:
    """The SDK, imported at its first use, since the import takes nearly a second."""
    try:
        import anthropic  # noqa: PLC0415 - see above
    except ImportError:
        raise ConfigError("the provider anthropic needs an extra: pip install 'rfqflow[anthropic]'") from None
    for logger in ("anthropic", "httpx2", "httpcore2"):
        # At level DEBUG the SDK logs whole requests, and ANTHROPIC_LOG can set that level.
        logging.getLogger(logger).setLevel(logging.WARNING)
    return anthropic
