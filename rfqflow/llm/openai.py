"""The provider for all that speaks OpenAI's chat completions: OpenAI, Azure, vLLM, llama.cpp, OpenRouter.

One attempt is one call and at most one more, for whatever reason, under one deadline of ours. The SDK's own
retries, redirects, timeouts and parsing are off: they multiply the deadline, post the text elsewhere, lose
the bill.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from rfqflow.core import wire
from rfqflow.core.errors import CallError, ErrorClass, InvalidAnswer, Usage
from rfqflow.core.model import Completion
from rfqflow.core.prompt import MESSAGE_CHARACTERS, build
from rfqflow.llm import Request, classify, reply
from rfqflow.llm.attempt import Attempt, Turn, reask, wait_seconds
from rfqflow.llm.dialect import Dialect, Mode

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 5.0
MAX_REPLY_BYTES = 1 << 20
_OPENAI_HOST = "api.openai.com"
_NO_KEY = "no-key"  # the SDK insists on one; given here, it also never takes OPENAI_API_KEY to a foreign server
_SHORTENED_CHARACTERS = MESSAGE_CHARACTERS // 4

Price = Callable[[str, Usage], tuple[Decimal | None, str]]


def unpriced(_model: str, _usage: Usage) -> tuple[Decimal | None, str]:
    """No price is known, which is not zero."""
    return None, "unknown"


class OpenAIProvider:
    """A chain of models at one address, each with its dialect. It belongs to the event loop of its first call."""

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
        mode: Mode = Mode.STRICT,
        dialects: Mapping[str, Mapping[str, Any]] | None = None,
        on_learnt: Callable[[str, Mapping[str, Any]], None] = lambda _model, _dialect: None,
        name: str = "openai",
    ) -> None:
        """`dialects`: by model what was learnt earlier; `on_learnt` is told what is learnt now."""
        # Here and not above: importing the SDK takes 0.4 s, which no other command should pay.
        from openai import AsyncOpenAI  # noqa: PLC0415 - see above

        from rfqflow.llm import transport  # noqa: PLC0415 - imports httpx2, for the same reason

        for logger in ("openai", "httpx2", "httpcore2"):
            # At DEBUG the SDK logs whole requests; OPENAI_LOG could have switched that on.
            logging.getLogger(logger).setLevel(logging.WARNING)
        self.name = name
        self.free = False
        self.models = tuple(dict.fromkeys((model, *fallback_models)))
        self._price = price
        base_url = base_url or OPENAI_URL
        self._is_openai = urlsplit(base_url).hostname == _OPENAI_HOST
        tokens_field = "max_completion_tokens" if self._is_openai else "max_tokens"
        best = Dialect(mode=mode, tokens_field=tokens_field)
        self._best, self._known = best, dialects or {}
        self._dialects = {each: best.known(self._known.get(each, {})) for each in self.models}
        self._on_learnt = on_learnt
        self._canary = secrets.token_hex(8)
        self._client = AsyncOpenAI(
            api_key=api_key or _NO_KEY,
            base_url=base_url,
            max_retries=0,
            http_client=transport.client(
                concurrency=concurrency, connect_seconds=CONNECT_SECONDS, max_reply_bytes=max_reply_bytes
            ),
        )

    @property
    def model(self) -> str:
        return self.models[0]

    @property
    def mode(self) -> Mode:
        """How the first model's answers are asked for by now; it only ever steps down."""
        return self._dialects[self.model].mode

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        try:
            return self._price(model, usage)
        except Exception:  # noqa: BLE001 - an answer is paid for; a price list that trips must not lose it
            return None, "unknown"

    async def aclose(self) -> None:
        await self._client.close()

    async def complete(self, request: Request) -> Completion:
        """The model's answer, checked but not grounded; CallError else, with all that was billed."""
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
        failure.usage = None if attempt.bill_unknown else attempt.usage
        # Out here, and without its trace: causes and frames hold the customer's text.
        raise failure.with_traceback(None)

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
            attempt.bill(failure.usage)
            turn = self._next_turn(attempt, turn, failure, took=loop.time() - started)
        raise failure

    async def _called(self, attempt: Attempt, turn: Turn) -> Completion | CallError:
        """One HTTP call; its failure is a value, so that no exception's context drags the text along."""
        attempt.begin_call()
        request_id: str | None = None
        arguments: dict[str, Any] = turn.dialect.arguments(
            turn.messages, attempt.request.prompt, max_output_tokens=turn.max_output_tokens
        )
        if self._is_openai:
            arguments["store"] = False  # others do not know it, and some reject what they do not know
        try:
            raw = await self._client.chat.completions.with_raw_response.create(
                model=attempt.request.model, extra_headers=_headers(attempt.request), **arguments
            )
            request_id = classify.token(raw.headers.get("x-request-id"), attempt.private)
            return self._completion(attempt, turn, raw.http_response.content, request_id)
        except CallError as error:
            error.provider_request_id = error.provider_request_id or request_id
            return error
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises; see `complete`
            found = classify.fault_of(error)
            attempt.fault = found[0] if found else None
            attempt.cut = any(isinstance(each, classify.CutReplyError) for each in classify.chain(error))
            return classify.exception_error(error, private=attempt.private)

    def _completion(self, attempt: Attempt, turn: Turn, body: bytes, request_id: str | None) -> Completion:
        answered = reply.read(body, private=attempt.private)
        attempt.said = answered.text
        text = wire.first_object(answered.text) if turn.dialect.mode is Mode.PROMPTED else answered.text
        details: tuple[str, ...]
        request = attempt.request
        try:
            answer = wire.parse(
                text, routes=request.routes, rfq=request.rfq, canary=self._canary, told=request.prompt.system
            )
        except InvalidAnswer as invalid:
            details = invalid.details
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
                provider_request_id=request_id or answered.reply_id,
                finish_reason=answered.finish_reason,
                bill_unknown=attempt.bill_unknown,
            )
        raise CallError(
            ErrorClass.INVALID_OUTPUT,
            "invalid_output: the model's text is not an answer",
            usage=answered.usage,
            provider_request_id=request_id or answered.reply_id,
            details=details,
        )

    def _cost(self, attempt: Attempt) -> tuple[Decimal | None, str]:
        return (None, "unknown") if attempt.bill_unknown else self.price(attempt.request.model, attempt.usage)

    def _first_turn(self, attempt: Attempt) -> Turn:
        return Turn(
            messages=self._messages(attempt, MESSAGE_CHARACTERS),
            max_output_tokens=attempt.request.prompt.parameters.get("max_output_tokens"),
            dialect=self._dialect(attempt.request.model),
        )

    def _dialect(self, model: str) -> Dialect:
        """How it is asked by now; one that is not of the chain, a cascade's first, is met here."""
        if model not in self._dialects:
            self._dialects[model] = self._best.known(self._known.get(model, {}))
        return self._dialects[model]

    def _messages(self, attempt: Attempt, characters: int) -> list[dict[str, str]]:
        request = attempt.request
        return build(
            request.prompt,
            request.rfq,
            request.routes,
            nonce=attempt.nonce,
            canary=self._canary,
            message_characters=characters,
            context=request.context,
        )

    def _next_turn(self, attempt: Attempt, turn: Turn, failure: CallError, *, took: float) -> Turn | None:
        """What to say in a second call, or None: it would not help, is not allowed, or time is short."""
        following = self._following(attempt, turn, failure)
        now = asyncio.get_running_loop().time()
        return following if following and attempt.allows(following, took=took, now=now) else None

    def _following(self, attempt: Attempt, turn: Turn, failure: CallError) -> Turn | None:
        match failure.error_class:
            case ErrorClass.BAD_REQUEST:
                return self._adapted(attempt, turn, failure)
            case ErrorClass.INVALID_OUTPUT:
                return replace(turn, messages=[*turn.messages, *reask(attempt.said, failure.details)])
            case ErrorClass.TRUNCATED:
                more = attempt.request.prompt.parameters.get("max_output_tokens_retry")
                useful = more is not None and more > (turn.max_output_tokens or more)
                return replace(turn, max_output_tokens=more) if useful else None
            case _:
                wait = wait_seconds(failure, cut=attempt.cut)
                return None if wait is None else replace(turn, wait_seconds=wait)

    def _adapted(self, attempt: Attempt, turn: Turn, failure: CallError) -> Turn | None:
        fault = attempt.fault
        if fault is None:
            return None
        if fault.too_long and len(attempt.request.rfq.message) > _SHORTENED_CHARACTERS:
            return replace(turn, messages=self._messages(attempt, _SHORTENED_CHARACTERS))
        learnt = turn.dialect.after(fault, private=attempt.private)
        if learnt is None:
            return None
        model = attempt.request.model
        if self._dialects[model] == turn.dialect:  # else another call has learnt it meanwhile, or more
            self._dialects[model] = learnt
            self._on_learnt(model, learnt.kept())
        # Learning is nobody's RFQ's fault: if the attempt ends here, it is tried again and not condemned.
        failure.error_class = ErrorClass.INTERNAL
        failure.details = (f"adapted: {learnt.mode}",)
        return replace(turn, dialect=self._dialects[model])


def _headers(request: Request) -> dict[str, str]:
    plain = _plain(request.request_id)[:128]
    call = _plain(request.call_id)[-128:] or plain  # its end tells calls apart
    named = {"X-Request-ID": plain, "X-Client-Request-Id": call}
    return {name: value for name, value in named.items() if value}


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._:-]", "", text)
