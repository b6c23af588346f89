"""The provider for all that speaks OpenAI's chat completions: OpenAI, Azure, vLLM, llama.cpp, OpenRouter.

The SDK's own retries, redirects, timeouts and parsing are off: they multiply the deadline, post the text
elsewhere, lose the bill.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from rfqflow.core import endpoint
from rfqflow.core.errors import CallError, ConfigError, ErrorClass
from rfqflow.core.prompting import answer_schema
from rfqflow.core.prompting.prompt import MESSAGE_CHARACTERS
from rfqflow.core.records import Completion
from rfqflow.llm import Request, error_classification, response
from rfqflow.llm.attempt import Attempt, CallTurn
from rfqflow.llm.capabilities import ModelCapabilities, OutputMode
from rfqflow.llm.chat import CONNECT_SECONDS, MAX_REPLY_BYTES, ChatProvider, Price, unpriced

OPENAI_URL = "https://api.openai.com/v1"
_OPENAI_HOST = "api.openai.com"
_NO_KEY = "no-key"  # the SDK insists on one; given here, it also never takes OPENAI_API_KEY to a foreign server
_SHORTENED_CHARACTERS = MESSAGE_CHARACTERS // 4
_SET_BY = {"openai-organization": "OPENAI_ORG_ID", "openai-project": "OPENAI_PROJECT_ID"}


class OpenAIProvider(ChatProvider):
    """A chain of models at one address, each asked in its own way. It belongs to the event loop of its first call."""

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
        on_learnt: Callable[[str, Mapping[str, Any]], None] = lambda _model, _capabilities: None,
        name: str = "openai",
    ) -> None:
        """`learnt`: by model, what an earlier process has learnt; `on_learnt` is called with what is learnt now."""
        # Here and not above: importing the SDK takes 0.4 s, which no other command should pay.
        from openai import AsyncOpenAI  # noqa: PLC0415 - see above

        from rfqflow.llm import transport  # noqa: PLC0415 - imports httpx2, for the same reason

        for logger in ("openai", "httpx2", "httpcore2"):
            # At DEBUG the SDK logs whole requests; OPENAI_LOG could have switched that on.
            logging.getLogger(logger).setLevel(logging.WARNING)
        super().__init__(model=model, fallback_models=fallback_models, price=price)
        self.name = name
        base_url = base_url or OPENAI_URL
        self._is_openai = urlsplit(base_url).hostname == _OPENAI_HOST
        tokens_field = "max_completion_tokens" if self._is_openai else "max_tokens"
        best = ModelCapabilities(mode=mode, tokens_field=tokens_field)
        self._best, self._learnt = best, learnt or {}
        self._capabilities = {each: self._known(each) for each in self.models}
        self._on_learnt = on_learnt
        self._client = AsyncOpenAI(
            api_key=api_key or _NO_KEY,
            base_url=base_url,
            max_retries=0,
            http_client=transport.client(
                concurrency=concurrency, connect_seconds=CONNECT_SECONDS, max_reply_bytes=max_reply_bytes
            ),
        )

        _check_headers(self._client.default_headers)

    @property
    def mode(self) -> OutputMode:
        """How the first model's answers are asked for by now; it only ever steps down."""
        return self._capabilities[self.model].mode

    async def aclose(self) -> None:
        await self._client.close()

    async def _called(self, attempt: Attempt, turn: CallTurn) -> Completion | CallError:
        attempt.begin_call(turn)
        request_id: str | None = None
        arguments: dict[str, Any] = turn.capabilities.arguments(
            turn.messages, attempt.request.prompt, max_output_tokens=turn.max_output_tokens
        )
        if self._is_openai:
            arguments["store"] = False  # others do not know it, and some reject what they do not know
        try:
            # All of it as `extra_body`, which goes out as it is: the SDK would walk through messages and schema looking
            # for fields to rename, and take as long for it as for the call itself.
            raw = await self._client.chat.completions.with_raw_response.create(
                model=attempt.request.model, messages=(), extra_headers=_headers(attempt.request), extra_body=arguments
            )
            request_id = error_classification.token(raw.headers.get("x-request-id"), attempt.private)
            return self._read(attempt, turn, raw.http_response.content, request_id)
        except CallError as error:
            error.provider_request_id = error.provider_request_id or request_id
            return error
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises; see `ChatProvider.complete`
            found = error_classification.fault_of(error)
            attempt.fault = found[0] if found else None
            attempt.cut = any(
                isinstance(each, error_classification.CutReplyError) for each in error_classification.chain(error)
            )
            return error_classification.exception_error(error, private=attempt.private, sent=attempt.sending.begun)

    def _capabilities_of(self, model: str) -> ModelCapabilities:
        if model not in self._capabilities:  # not of the chain: a cascade's first
            self._capabilities[model] = self._known(model)
        return self._capabilities[model]

    def _known(self, model: str) -> ModelCapabilities:
        """How to ask a model: by its family, and by what an earlier process has learnt."""
        return self._best.of_family(model).known(self._learnt.get(model, {}))

    def _read(self, attempt: Attempt, turn: CallTurn, body: bytes, request_id: str | None) -> Completion:
        answered = response.read(body, private=attempt.private)
        attempt.said = answered.text
        text = (
            answer_schema.first_object(answered.text)
            if turn.capabilities.mode is OutputMode.PROMPTED
            else answered.text
        )
        return self._completion(attempt, answered, text, request_id or answered.reply_id)

    def _following(self, attempt: Attempt, turn: CallTurn, failure: CallError) -> CallTurn | None:
        if failure.error_class is ErrorClass.BAD_REQUEST:
            return self._adapted(attempt, turn, failure)
        return super()._following(attempt, turn, failure)

    def _adapted(self, attempt: Attempt, turn: CallTurn, failure: CallError) -> CallTurn | None:
        fault = attempt.fault
        if fault is None:
            return None
        if fault.too_long and len(attempt.request.rfq.message) > _SHORTENED_CHARACTERS:
            return replace(turn, messages=self._messages(attempt, _SHORTENED_CHARACTERS))
        learnt = turn.capabilities.after(fault, attempt.request.prompt, private=attempt.private)
        if learnt is None:
            return None
        model = attempt.request.model
        if self._capabilities[model] == turn.capabilities:  # else another call has learnt it meanwhile, or more
            self._capabilities[model] = learnt
            self._on_learnt(model, learnt.kept())
        # Learning is nobody's RFQ's fault: it counts as no call, and if the attempt ends here, it is tried again.
        attempt.adapted += 1
        failure.error_class = ErrorClass.INTERNAL
        failure.details = (f"adapted: {learnt.mode}",)
        return replace(turn, capabilities=self._capabilities[model])


def check_environment() -> None:
    """Raises ConfigError for what the SDK takes from the environment by itself, and no request could carry."""
    from openai import AsyncOpenAI  # noqa: PLC0415 - see above

    _check_headers(AsyncOpenAI(api_key=_NO_KEY, base_url=OPENAI_URL).default_headers)


def _check_headers(headers: Mapping[str, object]) -> None:
    """Raises ConfigError; the settings check the key."""
    for name, value in headers.items():
        if isinstance(value, str) and name.lower() != "authorization" and not endpoint.is_header(name, value):
            variable = _SET_BY.get(name.lower(), "OPENAI_CUSTOM_HEADERS")
            raise ConfigError(
                f"{variable} holds a line break, a blank at an end or a character that no HTTP header can carry: "
                "set it again, or unset it"
            )


def _headers(request: Request) -> dict[str, str]:
    plain = _plain(request.request_id)[:128]
    call = _plain(request.call_id)[-128:] or plain  # its end tells calls apart
    named = {"X-Request-ID": plain, "X-Client-Request-Id": call}
    return {name: value for name, value in named.items() if value}


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._:-]", "", text)
