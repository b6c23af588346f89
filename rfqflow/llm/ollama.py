"""The provider for Ollama's own API: `POST /api/chat` with the answer's schema as `format`.

Ollama also has OpenAI's API, but enforces a schema only in its own API.
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rfqflow.core.error_detail import MOST_SAID
from rfqflow.core.errors import CallError, ConfigError, ErrorClass, ReplyFault, Usage
from rfqflow.core.records import Completion
from rfqflow.llm import Request, error_classification, sending
from rfqflow.llm.attempt import Attempt, CallTurn
from rfqflow.llm.capabilities import ModelCapabilities
from rfqflow.llm.chat import CONNECT_SECONDS, MAX_REPLY_BYTES, ChatProvider, Price, unpriced
from rfqflow.llm.model_families import OPTIONAL_PARAMETERS
from rfqflow.llm.response import Reply, excerpt, unusable
from rfqflow.sockets import keepalive

if TYPE_CHECKING:
    import httpx

OLLAMA_URL = "http://127.0.0.1:11434"
KEEP_ALIVE = "10m"  # with Ollama's default of 5 minutes, every quiet period would be followed by a reload of the model
_MAX_TOKENS = 100_000_000  # above it a count is nonsense
_BYTES_PER_TOKEN = 3  # no text has fewer bytes per token
# Sizes of the context that rfqflow requests. By default Ollama silently cuts off the beginning of a text with more than
# 4096 tokens, and the instructions are at the beginning. There are few sizes, because a change of the size reloads the
# model.
_CONTEXTS = (8_192, 16_384, 32_768)
_ENDS = ("stop", "length")


class OllamaProvider(ChatProvider):
    """A chain of models at one address. Text goes to no other address."""

    name: str = "ollama"

    def __init__(
        self,
        *,
        model: str,
        fallback_models: Iterable[str] = (),
        base_url: str = OLLAMA_URL,
        concurrency: int = 64,
        max_reply_bytes: int = MAX_REPLY_BYTES,
        price: Price = unpriced,
        keep_alive: str = KEEP_ALIVE,
    ) -> None:
        """Raises ConfigError for an invalid address."""
        import httpx  # noqa: PLC0415 - a command that calls no model should not spend the time

        for logger in ("httpx", "httpcore"):
            logging.getLogger(logger).setLevel(logging.WARNING)
        super().__init__(model=model, fallback_models=fallback_models, price=price)
        self._url = f"{_address(base_url)}/api/chat"
        self._keep_alive = keep_alive
        self._max_reply_bytes = max_reply_bytes
        # No redirects, proxies or netrc, which would send the text elsewhere. No timeout: the caller has a deadline.
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            transport=httpx.AsyncHTTPTransport(
                limits=httpx.Limits(
                    max_connections=max(2 * concurrency, 16), max_keepalive_connections=max(concurrency, 8)
                ),
                socket_options=keepalive(),
                trust_env=False,
            ),
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": "identity", "user-agent": "rfqflow"},
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    def _capabilities_of(self, model: str) -> ModelCapabilities:
        del model
        return _TAKES

    async def _called(self, attempt: Attempt, turn: CallTurn) -> Completion | CallError:
        attempt.begin_call(turn)
        try:
            status, headers, body = await self._posted(attempt.request, turn)
            if status != 200:  # noqa: PLR2004 - any other status brings no answer, also a redirect
                return _status_error(status, headers, body, attempt)
            answered = _read(body)
            attempt.said = answered.text
            return self._completion(attempt, answered, answered.text, None)
        except CallError as error:
            return error
        except Exception as error:  # noqa: BLE001 - any exception of the client: see `ChatProvider.complete`
            attempt.cut = any(
                isinstance(each, error_classification.CutReplyError) for each in error_classification.chain(error)
            )
            return error_classification.exception_error(error, private=attempt.private, sent=attempt.sending.begun)

    async def _posted(self, request: Request, turn: CallTurn) -> tuple[int, Mapping[str, str], bytes]:
        import httpx  # noqa: PLC0415 - see above

        payload = {
            "model": request.model,
            "messages": turn.messages,
            "format": request.prompt.schema,
            "stream": False,
            "think": False,  # thinking would use up the time and the tokens of the answer
            "keep_alive": self._keep_alive,
            "options": _options(request, turn),
        }
        content = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"content-type": "application/json", "content-length": str(len(content)), **_ids(request.request_id)}
        asked = self._client.build_request("POST", self._url, content=sending.marked([content]), headers=headers)
        response = await self._client.send(asked, stream=True)
        try:
            if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
                if not response.is_success:
                    return response.status_code, response.headers, b""  # the status alone decides
                raise error_classification.EncodedReplyError
            try:
                return response.status_code, response.headers, await self._capped(response)
            except httpx.TimeoutException:
                raise
            except httpx.TransportError as error:
                raise error_classification.CutReplyError from error
        finally:
            await response.aclose()

    async def _capped(self, response: "httpx.Response") -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._max_reply_bytes:
                if not response.is_success:
                    break
                raise error_classification.ReplyTooLargeError
        return bytes(body)


_TAKES = ModelCapabilities(rejected=frozenset(OPTIONAL_PARAMETERS) - {"temperature", "top_p", "seed"})


def _options(request: Request, turn: CallTurn) -> dict[str, Any]:
    options = turn.capabilities.optional(request.prompt)
    if turn.max_output_tokens is not None:
        options["num_predict"] = turn.max_output_tokens
    size = sum(len(message["content"].encode("utf-8", "replace")) for message in turn.messages)
    needed = size // _BYTES_PER_TOKEN + (turn.max_output_tokens or 0)
    options["num_ctx"] = next((context for context in _CONTEXTS if context >= needed), _CONTEXTS[-1])
    return options


def _read(body: bytes) -> Reply:
    """The model's text. Raises CallError, with the usage if known, if there is no usable text."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, Mapping):
        raise unusable(ReplyFault.NO_OBJECT, None, excerpt(body))
    usage = _usage(value)
    message = value.get("message")
    if not isinstance(message, Mapping):
        if "error" in value:
            said = str(value["error"])[:MOST_SAID]
            raise CallError(ErrorClass.PROVIDER_5XX, "provider_5xx: an error in a good reply", usage=usage, said=said)
        raise unusable(ReplyFault.NO_MESSAGE, usage, excerpt(body))
    finish = value.get("done_reason")
    finish = finish if finish in _ENDS else None
    if finish == "length":
        raise CallError(ErrorClass.TRUNCATED, "truncated: the model ended with length", usage=usage)
    text = message.get("content")
    if not isinstance(text, str) or not text:
        raise unusable(ReplyFault.NO_TEXT, usage, excerpt(body))
    return Reply(text, usage, finish, reply_id=None)


def _usage(value: Mapping[str, Any]) -> Usage | None:
    """The counted tokens. None if a count is missing, as in versions that do not count a cached prompt."""
    given, made = _count(value.get("prompt_eval_count")), _count(value.get("eval_count"))
    return None if given is None or made is None else Usage(input_tokens=given, output_tokens=made)


def _count(value: Any) -> int | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_TOKENS
    return value if usable else None


def _status_error(status: int, headers: Mapping[str, str], body: bytes, attempt: Attempt) -> CallError:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = body[:4000].decode("utf-8", "replace")
    fault = error_classification.Fault.of(status, value)
    error = error_classification.status_error(fault, headers, private=attempt.private, request_id=None)
    cannot = "does not support" in fault.words and "does not support" not in attempt.private.lower()
    if error.error_class is ErrorClass.BAD_REQUEST and cannot:
        # The model is not a chat model. As a bad request, this would make every RFQ a dead letter.
        error.error_class = ErrorClass.MODEL_NOT_FOUND
    return error


def _address(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"RFQFLOW_OLLAMA_URL: must be an address such as {OLLAMA_URL}")
    return base_url.rstrip("/")


def _ids(request_id: str) -> dict[str, str]:
    plain = re.sub(r"[^A-Za-z0-9._:-]", "", request_id)[:128]
    return {"x-request-id": plain} if plain else {}
