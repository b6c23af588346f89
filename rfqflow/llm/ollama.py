"""The provider for Ollama's own API: `POST /api/chat` with the answer's schema as `format`.

Ollama speaks OpenAI's dialect too, but holds a model to a schema by its own API only. One attempt is one call and at
most one more, under one deadline of ours, as with every provider.
"""

import asyncio
import json
import logging
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rfqflow.core import wire
from rfqflow.core.errors import CallError, ConfigError, ErrorClass, InvalidAnswer, Usage
from rfqflow.core.model import Completion
from rfqflow.core.prompt import MESSAGE_CHARACTERS, build
from rfqflow.llm import Request, classify
from rfqflow.llm.attempt import Attempt, Turn, reask, wait_seconds
from rfqflow.llm.dialect import Dialect
from rfqflow.llm.openai import CONNECT_SECONDS, MAX_REPLY_BYTES, Price, unpriced

if TYPE_CHECKING:
    import httpx

OLLAMA_URL = "http://127.0.0.1:11434"
KEEP_ALIVE = "10m"  # Ollama's own 5 minutes would load the model anew after every lull
_MAX_TOKENS = 100_000_000  # above it a count is nonsense
_BYTES_PER_TOKEN = 3  # fewer than any text has
# Left to itself Ollama cuts what passes its context of 4096 tokens, our rules first, without a word. Few steps,
# because each change loads the model anew.
_CONTEXTS = (8_192, 16_384, 32_768)
_ENDS = ("stop", "length")


@dataclass(frozen=True, slots=True)
class _Reply:
    text: str
    usage: Usage | None
    finish_reason: str | None


class OllamaProvider:
    """A chain of models at one address, which is the only one that text is sent to."""

    name: str = "ollama"
    free: bool = False  # a server of one's own is a row of zeros in ai.model_prices

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
        """ConfigError where the address is none."""
        import httpx  # noqa: PLC0415 - a command that asks nobody should not pay for it

        for logger in ("httpx", "httpcore"):
            logging.getLogger(logger).setLevel(logging.WARNING)
        self.models = tuple(dict.fromkeys((model, *fallback_models)))
        self._url = f"{_address(base_url)}/api/chat"
        self._price = price
        self._keep_alive = keep_alive
        self._max_reply_bytes = max_reply_bytes
        self._canary = secrets.token_hex(8)
        # Redirects, proxies and netrc of the environment would take the text elsewhere; the deadline is the caller's.
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            limits=httpx.Limits(
                max_connections=max(2 * concurrency, 16), max_keepalive_connections=max(concurrency, 8)
            ),
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": "identity", "user-agent": "rfqflow"},
        )

    @property
    def model(self) -> str:
        return self.models[0]

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        try:
            return self._price(model, usage)
        except Exception:  # noqa: BLE001 - an answer must not be lost to a price list that trips
            return None, "unknown"

    async def aclose(self) -> None:
        await self._client.aclose()

    async def complete(self, request: Request) -> Completion:
        """The model's answer, checked but not grounded; CallError else."""
        if not request.deadline_seconds > 0:
            raise CallError(ErrorClass.TIMEOUT, "timeout: no time was left to call", usage=Usage())
        attempt = Attempt(request, secrets.token_hex(8), asyncio.get_running_loop().time())
        deadline = asyncio.timeout(request.deadline_seconds)
        failure: CallError
        try:
            async with deadline:
                return await self._answered(attempt)
        except CallError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - the boundary: whatever a client raises becomes a class
            failure = classify.exception_error(error, private=attempt.private)
            if deadline.expired():
                failure = CallError(ErrorClass.TIMEOUT, "timeout: the deadline passed")
            attempt.bill(failure.usage)
        # Out here, and without its trace: causes and frames hold the customer's text.
        raise attempt.told(failure).with_traceback(None)

    async def _answered(self, attempt: Attempt) -> Completion:
        loop = asyncio.get_running_loop()
        turn: Turn | None = self._first_turn(attempt)
        failure = CallError(ErrorClass.INTERNAL, "internal: nothing was asked")
        while turn is not None:
            await asyncio.sleep(turn.wait_seconds)
            started = loop.time()
            outcome = await self._called(attempt, turn)
            if isinstance(outcome, Completion):
                return outcome
            failure = outcome
            attempt.failed(failure)
            following = _following(attempt, turn, failure)
            took = loop.time() - started
            turn = following if following and attempt.allows(following, took=took, now=loop.time()) else None
        raise failure

    async def _called(self, attempt: Attempt, turn: Turn) -> Completion | CallError:
        attempt.begin_call(turn)
        try:
            status, headers, body = await self._posted(attempt.request, turn)
            if status != 200:  # noqa: PLR2004 - any other, a redirect too, brings no answer
                return _status_error(status, headers, body, attempt)
            return self._completion(attempt, _read(body))
        except CallError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever the client raises; see `complete`
            attempt.cut = any(isinstance(each, classify.CutReplyError) for each in classify.chain(error))
            return classify.exception_error(error, private=attempt.private)

    async def _posted(self, request: Request, turn: Turn) -> tuple[int, Mapping[str, str], bytes]:
        import httpx  # noqa: PLC0415 - see above

        payload = {
            "model": request.model,
            "messages": turn.messages,
            "format": request.prompt.schema,
            "stream": False,
            "think": False,  # thoughts cost the time and the tokens that the answer needs
            "keep_alive": self._keep_alive,
            "options": _options(request, turn),
        }
        content = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
        asked = self._client.build_request(
            "POST", self._url, content=content, headers={"content-type": "application/json"} | _ids(request.request_id)
        )
        response = await self._client.send(asked, stream=True)
        try:
            if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
                raise classify.EncodedReplyError
            try:
                return response.status_code, response.headers, await self._capped(response)
            except httpx.TimeoutException:
                raise
            except httpx.TransportError as error:
                raise classify.CutReplyError from error
        finally:
            await response.aclose()

    async def _capped(self, response: "httpx.Response") -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._max_reply_bytes:
                raise classify.ReplyTooLargeError
        return bytes(body)

    def _completion(self, attempt: Attempt, answered: _Reply) -> Completion:
        attempt.said = answered.text
        request = attempt.request
        details: tuple[str, ...]
        try:
            answer = wire.parse(
                answered.text,
                routes=request.routes,
                rfq=request.rfq,
                canary=self._canary,
                told=request.prompt.system,
            )
        except InvalidAnswer as invalid:
            details, stage = invalid.details, invalid.stage
        else:
            attempt.bill(answered.usage)
            cost, source = self._cost(attempt)
            return Completion(
                answer=answer,
                provider=self.name,
                model=request.model,
                prompt_version=request.prompt.version,
                prompt_sha256=request.prompt.sha256,
                usage=attempt.usage,
                cost_usd=cost,
                cost_source=source,
                finish_reason=answered.finish_reason,
                bill_unknown=attempt.bill_unknown,
                refused=tuple(attempt.refused),
                reasks=attempt.reasks,
            )
        raise CallError(
            ErrorClass.INVALID_OUTPUT,
            "invalid_output: the model's text is not an answer",
            usage=answered.usage,
            details=details,
            refused=(stage,),
        )

    def _cost(self, attempt: Attempt) -> tuple[Decimal | None, str]:
        cost, source = self.price(attempt.request.model, attempt.usage)
        return (None, "unknown") if attempt.bill_unknown and source != "free" else (cost, source)

    def _first_turn(self, attempt: Attempt) -> Turn:
        request = attempt.request
        messages = build(
            request.prompt,
            request.rfq,
            request.routes,
            nonce=attempt.nonce,
            canary=self._canary,
            message_characters=MESSAGE_CHARACTERS,
            context=request.context,
        )
        return Turn(messages, request.prompt.parameters.get("max_output_tokens"), Dialect())


def _following(attempt: Attempt, turn: Turn, failure: CallError) -> Turn | None:
    """What to say in a second call, or None where it would not help."""
    match failure.error_class:
        case ErrorClass.INVALID_OUTPUT:
            return replace(turn, messages=[*turn.messages, *reask(attempt.said, failure.details)], is_reask=True)
        case ErrorClass.TRUNCATED:
            more = attempt.request.prompt.parameters.get("max_output_tokens_retry")
            useful = more is not None and more > (turn.max_output_tokens or more)
            return replace(turn, max_output_tokens=more) if useful else None
        case _:
            wait = wait_seconds(failure, cut=attempt.cut)
            return None if wait is None else replace(turn, wait_seconds=wait)


def _options(request: Request, turn: Turn) -> dict[str, Any]:
    parameters = request.prompt.parameters
    options = {name: parameters[name] for name in ("temperature", "top_p", "seed") if name in parameters}
    if turn.max_output_tokens is not None:
        options["num_predict"] = turn.max_output_tokens
    size = sum(len(message["content"].encode("utf-8", "replace")) for message in turn.messages)
    needed = size // _BYTES_PER_TOKEN + (turn.max_output_tokens or 0)
    options["num_ctx"] = next((context for context in _CONTEXTS if context >= needed), _CONTEXTS[-1])
    return options


def _read(body: bytes) -> _Reply:
    """The model's text; CallError, with the usage if any, when there is none to use."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, Mapping):
        raise _unusable("reply: is no JSON object", None)
    usage = _usage(value)
    message = value.get("message")
    if not isinstance(message, Mapping):
        if "error" in value:
            raise CallError(ErrorClass.PROVIDER_5XX, "provider_5xx: an error in a good reply", usage=usage)
        raise _unusable("reply: holds no message", usage)
    finish = value.get("done_reason")
    finish = finish if finish in _ENDS else None
    if finish == "length":
        raise CallError(ErrorClass.TRUNCATED, "truncated: the model ended with length", usage=usage)
    text = message.get("content")
    if not isinstance(text, str) or not text:
        raise _unusable("reply: holds no text", usage)
    return _Reply(text, usage, finish)


def _usage(value: Mapping[str, Any]) -> Usage | None:
    """Tokens counted, or None: a prompt that was still in the cache is left uncounted by some versions."""
    given, made = _count(value.get("prompt_eval_count")), _count(value.get("eval_count"))
    return None if given is None or made is None else Usage(input_tokens=given, output_tokens=made)


def _count(value: Any) -> int | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_TOKENS
    return value if usable else None


def _unusable(detail: str, usage: Usage | None) -> CallError:
    return CallError(ErrorClass.INVALID_OUTPUT, f"invalid_output: {detail}", usage=usage, details=(detail,))


def _status_error(status: int, headers: Mapping[str, str], body: bytes, attempt: Attempt) -> CallError:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = body[:4000].decode("utf-8", "replace")
    fault = classify.Fault.of(status, value)
    error = classify.status_error(fault, headers, private=attempt.private, request_id=None)
    cannot = "does not support" in fault.words and "does not support" not in attempt.private.lower()
    if error.error_class is ErrorClass.BAD_REQUEST and cannot:
        # The model cannot chat at all: as a bad request this would condemn every RFQ.
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
