"""The base of providers that learn a model's capabilities when its server rejects calls.

A rejected call costs nothing and does not count as a call. It is repeated in a form that the server accepts.
"""

import abc
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import CallError, ErrorClass
from rfqflow.core.prompting import answer_schema
from rfqflow.core.prompting.prompt import MESSAGE_CHARACTERS
from rfqflow.core.records import Completion
from rfqflow.llm import Request, error_classification
from rfqflow.llm.attempt import Attempt, CallTurn
from rfqflow.llm.capabilities import ModelCapabilities, OutputMode
from rfqflow.llm.chat import ChatProvider, Price
from rfqflow.llm.model_families import ModelFamily, family_of
from rfqflow.llm.pictures import PICTURES, may_be_about, takes_none
from rfqflow.llm.response import Reply

if TYPE_CHECKING:
    import httpx2

_SHORTENED_CHARACTERS = MESSAGE_CHARACTERS // 4
# Tokens for the answer, if the prompt is shortened because prompt and answer share a small context.
_SHORTENED_TOKENS = 4_000

OnLearnt = Callable[[str, Mapping[str, Any]], None]


def forget(_model: str, _capabilities: Mapping[str, Any]) -> None:
    """Does nothing. For a provider whose capabilities are not stored."""


class LearningProvider(ChatProvider):
    """A chain of models at one address, each with its own capabilities."""

    def __init__(
        self,
        *,
        model: str,
        fallback_models: Iterable[str],
        price: Price,
        best: ModelCapabilities,
        learnt: Mapping[str, Mapping[str, Any]] | None,
        on_learnt: OnLearnt,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """`learnt`: by model, the capabilities that the fleet has learnt.

        The provider calls `on_learnt` with new capabilities.

        `names`: the vendor's name of a model that has another name here, such as a deployment.
        """
        super().__init__(model=model, fallback_models=fallback_models, price=price)
        self._best, self._learnt, self._names = best, learnt or {}, names or {}
        self._capabilities = {each: self._known(each) for each in self.models}
        self._on_learnt = on_learnt

    @property
    def mode(self) -> OutputMode:
        """The current output mode of the first model. It can only become less strict."""
        return self._capabilities[self.model].mode

    def rejected(self, model: str) -> frozenset[str]:
        return self._capabilities_of(model).rejected

    def follow(self, learnt: Mapping[str, Mapping[str, Any]]) -> None:
        """Applies the capabilities that the fleet has learnt.

        What the fleet has forgotten is tried again, since servers improve.
        """
        forgotten = self._learnt.keys() - learnt.keys()
        self._learnt = learnt
        for model, by_now in self._capabilities.items():
            if model in forgotten:
                self._capabilities[model] = self._known(model)
            elif model in learnt:
                self._capabilities[model] = by_now.joined(learnt[model])

    async def _called(self, attempt: Attempt, turn: CallTurn) -> Completion | CallError:
        attempt.begin_call(turn)
        request_id: str | None = None
        arguments: dict[str, Any] = turn.capabilities.arguments(
            turn.messages, attempt.request.prompt, max_output_tokens=turn.max_output_tokens,
            pictures=attempt.pictures(turn) if self.takes_pictures else (),
        )  # fmt: skip
        try:
            raw = await self._sent(turn.capabilities, attempt.request, arguments)
            request_id = error_classification.request_id_of(raw.headers, attempt.private)
            reply = self._reply_of(attempt, turn, raw.content)
            attempt.said = reply.text
            prompted = turn.capabilities.mode is OutputMode.PROMPTED
            text = answer_schema.first_object(reply.text) if prompted else reply.text
            return self._completion(attempt, reply, text, request_id or reply.reply_id)
        except CallError as error:
            error.provider_request_id = error.provider_request_id or request_id
            return error
        except Exception as error:  # noqa: BLE001 - any exception of the SDK: see `ChatProvider.complete`
            return self._raised(attempt, error)

    @abc.abstractmethod
    async def _sent(
        self, capabilities: ModelCapabilities, request: Request, arguments: dict[str, Any]
    ) -> "httpx2.Response":
        """Makes the call through the SDK. All arguments go into `extra_body`, which the SDK sends unchanged."""

    @abc.abstractmethod
    def _reply_of(self, attempt: Attempt, turn: CallTurn, body: bytes) -> Reply:
        """Parses the server's reply. Raises CallError if it has no usable text."""

    def _capabilities_of(self, model: str) -> ModelCapabilities:
        if model not in self._capabilities:  # a model outside the chain: the cascade's cheap model
            self._capabilities[model] = self._known(model)
        return self._capabilities[model]

    def _known(self, model: str) -> ModelCapabilities:
        """The capabilities from the model's family, and those that the fleet has learnt."""
        return self._best.of_family(self._names.get(model, model)).known(self._learnt.get(model, {}))

    def _note_family(self, asked: str, answered: str) -> None:
        """Learns the family of a deployment or an alias from the model that answers, if its name does not show it."""
        known = self._capabilities[asked]
        if known.family == ModelFamily() and answered and answered != asked:
            self._capabilities[asked] = known.with_family(family_of(answered))

    def _raised(self, attempt: Attempt, error: Exception) -> CallError:
        """The failed call for any exception of a client."""
        found = error_classification.fault_of(error)
        attempt.fault = found[0] if found else None
        attempt.cut = any(
            isinstance(each, error_classification.CutReplyError) for each in error_classification.chain(error)
        )
        return error_classification.exception_error(error, private=attempt.private, sent=attempt.sending.begun)

    def _following(self, attempt: Attempt, turn: CallTurn, failure: CallError) -> CallTurn | None:
        fault = attempt.fault
        if fault is None or not self.takes_pictures or not attempt.pictures(turn):
            return self._following_text(attempt, turn, failure)
        if takes_none(fault, attempt.private):
            learnt = replace(turn.capabilities, rejected=turn.capabilities.rejected | {PICTURES})
            return self._again(attempt, turn, failure, learnt)
        following = None if fault.too_long else self._following_text(attempt, turn, failure)
        if following is not None or not may_be_about(fault):
            return following
        attempt.adapted += 1  # the rejected call does not count; the model may accept the pictures of the next RFQ
        failure.error_class = ErrorClass.INTERNAL
        failure.details = ("adapted: without pictures",)
        return replace(turn, shows_pictures=False)

    def _following_text(self, attempt: Attempt, turn: CallTurn, failure: CallError) -> CallTurn | None:
        if failure.error_class is ErrorClass.BAD_REQUEST:
            return self._adapted(attempt, turn, failure)
        is_page = attempt.fault is not None and attempt.fault.status in (400, 422) and not attempt.fault.structured
        if is_page and (adapted := self._adapted(attempt, turn, failure)):
            return adapted  # the server is behind a gateway that reports errors as plain text
        return self._by_other_api(attempt, turn, failure) or super()._following(attempt, turn, failure)

    def _adapted(self, attempt: Attempt, turn: CallTurn, failure: CallError) -> CallTurn | None:
        fault = attempt.fault
        if fault is None:
            return None
        if fault.too_long and len(attempt.request.rfq.message) > _SHORTENED_CHARACTERS:
            room = min(turn.max_output_tokens or _SHORTENED_TOKENS, _SHORTENED_TOKENS)
            return replace(turn, messages=self._messages(attempt, _SHORTENED_CHARACTERS), max_output_tokens=room)
        most = fault.most_output_tokens or (_SHORTENED_TOKENS if fault.too_long else None)
        if most and turn.max_output_tokens and most < turn.max_output_tokens:
            attempt.adapted += 1
            failure.error_class = ErrorClass.INTERNAL
            failure.details = ("adapted: fewer output tokens",)
            return replace(turn, max_output_tokens=most)
        learnt = turn.capabilities.after(fault, attempt.request.prompt, private=attempt.private)
        return self._again(attempt, turn, failure, learnt) if learnt else None

    def _by_other_api(self, attempt: Attempt, turn: CallTurn, failure: CallError) -> CallTurn | None:
        """The same call through the other API. None: the failure is not about the API."""
        fault = attempt.fault
        if fault and (learnt := turn.capabilities.by_other_api(fault, private=attempt.private)):
            return self._again(attempt, turn, failure, learnt)
        if failure.error_class in (ErrorClass.MODEL_NOT_FOUND, ErrorClass.AUTH):
            # Both APIs failed, so the address, the model or the key is wrong. The preferred API may work later.
            self._learn(attempt, turn, turn.capabilities.with_first_api())
        return None

    def _again(self, attempt: Attempt, turn: CallTurn, failure: CallError, learnt: ModelCapabilities) -> CallTurn:
        self._learn(attempt, turn, learnt)
        # The RFQ is not at fault: the rejected call does not count, and if the attempt ends here, it is retried.
        attempt.adapted += 1
        failure.error_class = ErrorClass.INTERNAL
        failure.details = (f"adapted: {learnt.mode}",)
        return replace(turn, capabilities=self._capabilities[attempt.request.model])

    def _learn(self, attempt: Attempt, turn: CallTurn, learnt: ModelCapabilities) -> None:
        model = attempt.request.model
        # If the capabilities differ from those of this call, another call has learnt something meanwhile.
        if self._capabilities[model] == turn.capabilities != learnt:
            self._capabilities[model] = learnt
            self._on_learnt(model, learnt.kept())


def call_headers(request: Request) -> dict[str, str]:
    """Headers that identify the RFQ and the call in logs of servers and gateways."""
    plain = _plain(request.request_id)[:128]
    call = _plain(request.call_id)[-128:] or plain  # the end differs between calls
    named = {"X-Request-ID": plain, "X-Client-Request-Id": call}
    return {name: value for name, value in named.items() if value}


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._:-]", "", text)
