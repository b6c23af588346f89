"""The base of all providers behind HTTP. An attempt is one call and at most one second call, under one deadline.

A failed call is returned as a value, or raised without its traceback, since causes and frames contain the customer's
text. Every result has the bill, also a failure.
"""

import abc
import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any

from rfqflow.core.error_detail import MOST_SAID, error_detail
from rfqflow.core.errors import CallError, ErrorClass, InvalidAnswer, Usage
from rfqflow.core.prompting import answer_schema
from rfqflow.core.prompting.prompt import MESSAGE_CHARACTERS, build
from rfqflow.core.records import Completion
from rfqflow.llm import Request, service_tier
from rfqflow.llm.attempt import Attempt, CallTurn, reask, wait_seconds
from rfqflow.llm.capabilities import ModelCapabilities
from rfqflow.llm.response import Reply

CONNECT_SECONDS = 5.0
MAX_REPLY_BYTES = 1 << 20

Price = Callable[[str, Usage], tuple[Decimal | None, str]]


def unpriced(_model: str, _usage: Usage) -> tuple[Decimal | None, str]:
    """The price of every model is unknown, which is not zero."""
    return None, "unknown"


class ChatProvider(abc.ABC):
    """A chain of models at one address. A subclass makes the calls."""

    name: str
    # Whether the server has the cheap service tier; False: it may have it; None: it has none.
    has_tiers: bool | None = None
    names: Mapping[str, str] = MappingProxyType({})
    takes_pictures: bool = False
    secrets: tuple[str, ...] = ()  # texts that no error detail may contain, such as the key
    free: bool = False  # false even for a local server, whose price in ai.model_prices is zero
    # shortest and longest pause in seconds after a failed call, before a second call
    second_call_seconds: tuple[float, float] = (0.2, 0.8)

    def __init__(self, *, model: str, fallback_models: Iterable[str], price: Price) -> None:
        self.models = tuple(dict.fromkeys((model, *fallback_models)))
        self._price = price
        self._canary = secrets.token_hex(8)

    @property
    def model(self) -> str:
        return self.models[0]

    def price(self, model: str, usage: Usage) -> tuple[Decimal | None, str]:
        try:
            return self._price(model, usage)
        except Exception:  # noqa: BLE001 - the answer is paid for, and an error in the price list must not lose it
            return None, "unknown"

    def rejected(self, model: str) -> frozenset[str]:
        """Returns an empty set: this provider does not learn."""
        del model
        return frozenset()

    def follow(self, learnt: Mapping[str, Mapping[str, Any]]) -> None:
        """Does nothing: this provider does not learn."""
        del learnt

    async def complete(self, request: Request) -> Completion:
        """The model's answer, which has passed the schema and the domain rules.

        Raises CallError with the bill of all calls.
        """
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
        except Exception as error:  # noqa: BLE001 - the boundary: any exception of a client becomes an error class
            failure = self._broken_off(attempt, error, late=deadline.expired())
            attempt.bill(failure.usage)
        failure.detail = error_detail(attempt.what(failure), failure.said, self.secrets)
        failure.said = ""
        # Raise without the traceback: causes and frames contain the customer's text.
        raise attempt.final_error(failure).with_traceback(None)

    @staticmethod
    def _broken_off(attempt: Attempt, error: Exception, *, late: bool) -> CallError:
        """The error of an attempt that the deadline or an internal error ended."""
        usage = None if attempt.sending.begun else Usage()
        if not late:
            return CallError(
                ErrorClass.INTERNAL, f"internal: {type(error).__name__}", usage=usage, said=str(error)[:MOST_SAID]
            )
        deadline = f"the deadline of {attempt.request.deadline_seconds:.1f} s passed"
        if attempt.sending.begun:
            return CallError(ErrorClass.TIMEOUT, f"timeout: {deadline} while the model was answering", usage=usage)
        if attempt.calls > 1:
            return CallError(ErrorClass.TIMEOUT, f"timeout: {deadline} between two calls", usage=usage)
        return CallError(ErrorClass.CONNECTION, f"connection: {deadline} before anything was sent", usage=usage)

    @abc.abstractmethod
    async def aclose(self) -> None:
        """Closes the connections."""

    @abc.abstractmethod
    async def _called(self, attempt: Attempt, turn: CallTurn) -> Completion | CallError:
        """Makes one HTTP call.

        Returns a failure as a value, so that no exception context contains the customer's text.
        """

    def _capabilities_of(self, model: str) -> ModelCapabilities:
        """The current capabilities of this model."""
        del model
        return ModelCapabilities()

    def _cost(self, attempt: Attempt) -> tuple[Decimal | None, str]:
        cost, source = self.price(attempt.request.model, attempt.usage)
        return (None, "unknown") if attempt.bill_unknown and source != "free" else (cost, source)

    async def _answered(self, attempt: Attempt) -> Completion:
        loop = asyncio.get_running_loop()
        service_tier.with_cheap(attempt, has_tiers=self.has_tiers)
        turn: CallTurn | None = CallTurn(
            self._messages(attempt, MESSAGE_CHARACTERS),
            attempt.request.first_limit,
            self._capabilities_of(attempt.request.model),
        )
        failure = CallError(ErrorClass.INTERNAL, "internal: nothing was asked")
        while turn is not None:
            await asyncio.sleep(turn.wait_seconds)
            started = loop.time()
            outcome = await self._called(attempt, turn)
            if isinstance(outcome, Completion):
                return outcome
            failure = outcome
            if failure.error_class is ErrorClass.TRUNCATED:
                failure.cut_at = turn.max_output_tokens
            attempt.failed(failure, turn)
            following, took = self._following(attempt, turn, failure), loop.time() - started
            is_in_time = following is not None and attempt.allows(following, took=took, now=loop.time())
            turn = following if following and is_in_time and await attempt.is_covered(following) else None
        raise failure

    def _completion(self, attempt: Attempt, answered: Reply, text: str, request_id: str | None) -> Completion:
        """The completion. `text`: the JSON that the model wrote. Raises CallError if it is not an answer."""
        request = attempt.request
        details: tuple[str, ...]
        try:
            read = request.read or partial(answer_schema.parse, schema=request.prompt.schema, rfq=request.rfq)
            answer = read(text, canary=self._canary, instructions=request.prompt.system)
        except InvalidAnswer as invalid:
            details, stage, said = invalid.details, invalid.stage, invalid.said
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
                provider_request_id=request_id,
                finish_reason=answered.finish_reason,
                bill_unknown=attempt.bill_unknown,
                refused=tuple(attempt.refused),
                reasks=attempt.reasks,
                parameters=attempt.sent(),
                pictures=len(attempt.pictures(attempt.turn)) if attempt.turn and self.takes_pictures else 0,
            )
        raise CallError(
            ErrorClass.INVALID_OUTPUT,
            "invalid_output: the model's text is not an answer",
            usage=answered.usage,
            provider_request_id=request_id,
            details=details,
            refused=(stage,),
            said=said,
        )

    def _messages(self, attempt: Attempt, characters: int) -> list[dict[str, str]]:
        request = attempt.request
        return build(
            request.prompt,
            request.rfq,
            nonce=attempt.nonce,
            canary=self._canary,
            message_characters=characters,
            context=request.context,
        )

    def _following(self, attempt: Attempt, turn: CallTurn, failure: CallError) -> CallTurn | None:
        """The second call after a failure. None if it would not help."""
        if service_tier.without_cheap(attempt, failure):
            attempt.adapted += 1  # the server rejected the call, so it costs nothing and does not count
            return turn
        match failure.error_class:
            case ErrorClass.INVALID_OUTPUT:
                return replace(turn, messages=[*turn.messages, *reask(attempt.said, failure.details)], is_reask=True)
            case ErrorClass.TRUNCATED:
                more = attempt.request.retry_limit
                useful = more is not None and more > (turn.max_output_tokens or more)
                return replace(turn, max_output_tokens=more) if useful else None
            case _:
                wait = wait_seconds(failure, cut=attempt.cut, spread=self.second_call_seconds)
                return None if wait is None else replace(turn, wait_seconds=wait)
