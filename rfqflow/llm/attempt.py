"""One attempt: a call, at most one second call, and the state between them.

If a server rejects a parameter, the call is repeated without the parameter, and the rejected call does not count.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rfqflow.core.attachments.model import PageImage
from rfqflow.core.decisions.pricing import DEARER_TIERS, NORMAL_TIER, dearer
from rfqflow.core.errors import CallError, ErrorClass, Stage, Usage
from rfqflow.llm import CALLS_PER_ATTEMPT, Request, response
from rfqflow.llm.capabilities import Api, ModelCapabilities
from rfqflow.llm.error_classification import Fault
from rfqflow.llm.pictures import PICTURES
from rfqflow.llm.sending import Sending, watch

_MAX_WAIT_SECONDS = 2.0
_MOST_ADAPTED = 16  # most rejected calls; a server rejects parameters one after the other
_REPEATED_CHARACTERS = 8_000
_SHARE_TO_TRY_AGAIN = 0.25
_REASK = (
    "That was not the JSON object asked for. What is wrong with it:\n{problems}\n"
    "Answer again with the whole, corrected JSON object alone."
)


@dataclass(frozen=True, slots=True)
class CallTurn:
    """The messages of one call."""

    messages: list[dict[str, str]]
    max_output_tokens: int | None
    capabilities: ModelCapabilities
    wait_seconds: float = 0.0
    is_reask: bool = False  # whether the last reply was not an answer, so that the model is asked again
    shows_pictures: bool = True


@dataclass(slots=True)
class Attempt:
    """The state of an attempt: its request, the bill so far, and how the last call ended."""

    request: Request
    nonce: str
    began: float
    usage: Usage = field(default_factory=Usage)
    # As `usage`, but a call with an unknown bill counts with the most that it can bill.
    most_billed: Usage = field(default_factory=Usage)
    bill_unknown: bool = False
    calls: int = 0
    adapted: int = 0  # number of rejected calls; they cost nothing and are repeated without the rejected parameter
    fault: Fault | None = None
    cut: bool = False
    said: str = ""
    refused: list[Stage] = field(default_factory=list)
    reasks: int = 0
    sending: Sending = field(default_factory=Sending)  # the state of the current call
    normal_tier: str = "default"  # the service tier to request if the cheap one is full
    turn: CallTurn | None = None  # the last call

    @property
    def private(self) -> str:
        """The texts of the customer, and of the team's reference documents.

        Errors must not quote them, and must not mistake them for the provider's words.
        """
        request = self.request
        return f"{request.rfq.reading.text}\n{request.rfq.company or ''}\n{request.context}"

    def pictures(self, turn: CallTurn) -> tuple[tuple[int, PageImage], ...]:
        """The pictures of this call, each with the number of its line. Empty for a model that rejects pictures."""
        is_shown = turn.shows_pictures and PICTURES not in turn.capabilities.rejected
        return self.request.rfq.pictures if is_shown else ()

    def begin_call(self, turn: CallTurn) -> None:
        self.calls += 1
        self.turn = turn
        self.reasks += turn.is_reask
        self.fault, self.cut, self.said = None, False, ""
        self.sending = watch()

    def bill(self, usage: Usage | None) -> None:
        """Adds a bill.

        If an expensive service tier was requested, the bill has that tier unless the reply names another.
        """
        asked = self.request.prompt.parameters.get("service_tier")
        if asked in DEARER_TIERS and usage and usage.output_tokens and usage.service_tier is None:
            usage = replace(usage, service_tier=self.sent().get("service_tier"))
        self.usage = response.added(self.usage, usage or Usage())
        self.bill_unknown |= usage is None

    def sent(self) -> dict[str, Any]:
        """The parameters of the last call. Empty before the first call."""
        if self.turn is None:
            return {}
        sent = self.turn.capabilities.optional(self.request.prompt)
        for name in ("prompt_cache_key", "cache_control"):  # these do not change the answer
            sent.pop(name, None)
        if self.turn.capabilities.api is Api.RESPONSES:
            sent.pop("seed", None)  # this API has no seed
        if self.turn.max_output_tokens is not None:
            sent["max_output_tokens"] = self.turn.max_output_tokens
        return sent

    def failed(self, failure: CallError, turn: CallTurn) -> None:
        """Records a failed call: its bill, and why its reply was not accepted."""
        self.sending = Sending()  # that call is over: its bill is known or unknown, and counted
        self.bill(failure.usage)
        self.most_billed = response.added(self.most_billed, failure.usage or self._most(turn))
        if failure.error_class is ErrorClass.INVALID_OUTPUT:
            self.refused += failure.refused or (Stage.PARSE,)

    def final_error(self, failure: CallError) -> CallError:
        """The attempt's final error. It has the bill of all calls, and why each reply was not accepted."""
        failure.usage = None if self.bill_unknown else self.usage
        failure.refused, failure.reasks, failure.parameters = tuple(self.refused), self.reasks, self.sent()
        return failure

    def what(self, failure: CallError) -> str:
        """The failure in rfqflow's own words, for the run's error detail."""
        text = str(failure)
        if failure.cut_at:
            text += f" at the limit of {failure.cut_at} output tokens"
        return f"{text} (after {self.calls} calls)" if self.calls > 1 else text

    def allows(self, following: CallTurn, *, took: float, now: float) -> bool:
        """Whether another call is allowed, and has time if it takes as long as the last call (`took`)."""
        deadline = self.request.deadline_seconds
        left = deadline - (now - self.began) - following.wait_seconds
        is_left = self.calls - self.adapted < CALLS_PER_ATTEMPT and self.adapted <= _MOST_ADAPTED
        return is_left and left >= max(took, _SHARE_TO_TRY_AGAIN * deadline)

    async def is_covered(self, following: CallTurn) -> bool:
        """Increases the attempt's hold for another call if needed. Returns whether the hold covers the call."""
        covers = self.request.covers
        return covers is None or await covers(response.added(self.most_billed, self._most(following)))

    def _most(self, turn: CallTurn) -> Usage:
        """The most tokens that a call can bill. The messages after the first two repeat the model's words."""
        repeated = sum(len(message["content"].encode("utf-8", "replace")) for message in turn.messages[2:])
        # If the cheap tier is full, the normal tier answers.
        tier = dearer(self.request.prompt.parameters.get("service_tier"), NORMAL_TIER)
        return Usage(self.request.input_tokens + repeated, output_tokens=turn.max_output_tokens or 0, service_tier=tier)


def reask(said: str, details: Sequence[str]) -> list[dict[str, str]]:
    """The messages that quote the model's reply and name its errors. Empty if the reply was empty."""
    if not said:
        return []
    problems = "\n".join(f"- {detail}" for detail in details)
    asked = [{"role": "user", "content": _REASK.format(problems=problems)}]
    if len(said) > _REPEATED_CHARACTERS:
        return asked
    return [{"role": "assistant", "content": said.encode("utf-8", "replace").decode()}, *asked]


def wait_seconds(failure: CallError, *, cut: bool, spread: tuple[float, float]) -> float | None:
    """Seconds until the same call may be repeated. None: a repetition is useless or not allowed."""
    jitter = random.uniform(*spread)  # noqa: S311 - spreads calls, guards nothing
    asked = failure.retry_after_seconds
    match failure.error_class:
        case ErrorClass.CONNECTION if cut or failure.http_status:
            return None  # the call was answered and may be billed, or a server that is not the provider's answered
        case ErrorClass.CONNECTION | ErrorClass.TIMEOUT:
            return jitter
        case ErrorClass.PROVIDER_5XX if asked is None:
            return jitter
        case ErrorClass.PROVIDER_5XX | ErrorClass.RATE_LIMIT:
            return asked if asked is not None and asked <= _MAX_WAIT_SECONDS else None
        case _:
            return None
