"""The capabilities of a model. They are known from the model's family, or learnt when its server rejects a call.

"OpenAI-compatible" servers differ widely. The first call uses a strict schema and all parameters of the family. After a
400 that names a parameter or the schema, the provider sends less, and remembers that. `rfqflow.worker.capability_cache`
stores it for other processes.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from rfqflow.core.attachments.model import PageImage
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.llm import responses_request
from rfqflow.llm.error_classification import Fault, names_model, says
from rfqflow.llm.model_families import OPTIONAL_PARAMETERS, ModelFamily, family_of
from rfqflow.llm.pictures import PICTURES, with_pictures

_SCHEMA_NAME = "rfq_answer"
_UNKNOWN_PARAMETER = (
    "unrecognized",
    "unknown",
    "unexpected",
    "extra",
    "not permitted",
    "unsupported parameter",
)
# A server may reject a parameter under its name in the newer API.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "reasoning_effort": ("reasoning.effort", "reasoningeffort"),
    "verbosity": ("text.verbosity",),
}
# Groups of parameters in the newer API. A server may not know a whole group.
_REASONING, _TEXT = ("'reasoning'", "supplied: reasoning"), ("'text'", "supplied: text")
_FORMATS = ("response_format", "text.format", "json_schema", "json_object")
_TRUNCATION, _INSTRUCTIONS = "truncation", "instructions"
_STORE, _NO_INSTRUCTIONS = "'store'", ("'instructions'", "supplied: instructions", "supported: instructions")
_NO_LIMIT = "max_tokens"  # in `rejected`: the server knows the output limit under neither name
_KEPT = frozenset((*OPTIONAL_PARAMETERS, _TRUNCATION, _INSTRUCTIONS, _NO_LIMIT, PICTURES))
_NOT_THERE = frozenset((404, 405, 501))
_REJECTED = frozenset((400, 404, 422))
_FORBIDDEN = frozenset((401, 403))
# A right that an OpenAI key or an Azure role lacks. The key may still have the right to use Chat Completions.
_NO_RIGHT = re.compile(r"\bapi\.responses\b|\bopenai/responses/")


class OutputMode(StrEnum):
    """How the form of the answer is enforced. The strictest mode comes first."""

    STRICT = "json_schema_strict"
    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PROMPTED = "prompted"


_MODES = tuple(OutputMode)


class Api(StrEnum):
    """OpenAI's APIs for asking a model."""

    RESPONSES = "responses"
    CHAT = "chat_completions"


_NOT_FOR_MODEL = "operationnotsupported"  # Azure's code
_IN_WORDS: Mapping[Api, re.Pattern[str]] = {
    Api.RESPONSES: re.compile(
        r"(?:not supported|unsupported|cannot be used|not available|not enabled).{0,60}\bresponses\b"
        r"|responses (?:api|operation).{0,60}(?:not|only|unsupported)\b"
        # A server that handles all paths as Chat Completions.
        r"|\bmessages\b.{0,40}\brequired|(?:required|missing).{0,40}\bmessages\b"
    ),
    Api.CHAT: re.compile(
        r"not a chat model|(?:supported in|use|via) (?:the )?(?:/?v1/responses|responses api)"
        r"|chatcompletion operation.{0,60}\bnot\b"
    ),
}


def lacks(api: Api, fault: Fault, private: str) -> bool:
    """Whether a rejection shows that the server or the model does not have this API.

    For the Responses API, a 404 shows it. Every server has Chat Completions, so a 404 of that API means a wrong address
    or model.
    """
    if fault.code == _NOT_FOR_MODEL or (fault.status in _REJECTED and says(_IN_WORDS[api], fault.words, private)):
        return True
    if api is Api.CHAT:
        return False
    if fault.status in _FORBIDDEN:
        return says(_NO_RIGHT, fault.words, private)
    return fault.status in _NOT_THERE and not names_model(fault, private)


def _is_unknown(fault: Fault) -> bool:
    """Whether the server does not know the parameter, and does not only refuse its value."""
    return any(word in fault.words for word in (*_UNKNOWN_PARAMETER, "is unsupported", "not supported"))


@dataclass(frozen=True, slots=True)
class ModelCapabilities:
    """How to ask one model at one address.

    `rejected`: the optional parameters that the server has rejected, and an API of `apis` that it does not have.
    """

    mode: OutputMode = OutputMode.STRICT
    tokens_field: str = "max_completion_tokens"
    tokens_field_swapped: bool = False
    rejected: frozenset[str] = frozenset()
    family: ModelFamily = field(default_factory=ModelFamily)
    apis: tuple[Api, ...] = (Api.CHAT,)

    @property
    def api(self) -> Api:
        """The API to use."""
        return next((api for api in self.apis if api not in self.rejected), self.apis[0])

    def of_family(self, model: str) -> "ModelCapabilities":
        """These capabilities, and those of the family to which the name of the model belongs."""
        return self.with_family(family_of(model))

    def with_family(self, family: ModelFamily) -> "ModelCapabilities":
        """These capabilities, and those of the family."""
        field_ = self.tokens_field if self.tokens_field_swapped else family.tokens_field or self.tokens_field
        return replace(self, family=family, tokens_field=field_)

    def known(self, kept: Mapping[str, Any]) -> "ModelCapabilities":
        """Adds what was learnt earlier. Ignores entries of a later release that this release cannot read."""
        try:
            mode, tokens_field = OutputMode(kept["mode"]), str(kept["tokens_field"])
            rejected = frozenset(kept["rejected"]) & (_KEPT | {*Api})
        except (KeyError, TypeError, ValueError):
            return self
        swapped = tokens_field != self.tokens_field
        return replace(self, mode=mode, tokens_field=tokens_field, tokens_field_swapped=swapped, rejected=rejected)

    def joined(self, kept: Mapping[str, Any]) -> "ModelCapabilities":
        """Merges what other processes have learnt: takes the less strict mode, and all rejected parameters."""
        known = self.known(kept)
        return replace(
            known,
            mode=max(self.mode, known.mode, key=_MODES.index),
            tokens_field=self.tokens_field if self.tokens_field_swapped else known.tokens_field,
            tokens_field_swapped=self.tokens_field_swapped or known.tokens_field_swapped,
            rejected=self.rejected | known.rejected,
        )

    def kept(self) -> dict[str, Any]:
        """These capabilities in the form that `known` reads."""
        return {"mode": str(self.mode), "tokens_field": self.tokens_field, "rejected": sorted(self.rejected)}

    def optional(self, prompt: Prompt) -> dict[str, Any]:
        """The optional parameters of a call: the prompt's values, or else the family's defaults."""
        wanted = {**self.family.parameters, **prompt.parameters}
        if effort := wanted.get("reasoning_effort"):
            wanted["reasoning_effort"] = self.family.effort_sent(effort)
        never = self.rejected | self.family.rejects
        return {name: wanted[name] for name in OPTIONAL_PARAMETERS if name in wanted and name not in never}

    def arguments(
        self,
        messages: Sequence[Mapping[str, str]],
        prompt: Prompt,
        *,
        max_output_tokens: int | None,
        pictures: Sequence[tuple[int, PageImage]] = (),
    ) -> dict[str, Any]:
        """The arguments of one call that depend on the model's capabilities."""
        arguments = self._of_chat(with_pictures(messages, pictures), prompt, max_output_tokens=max_output_tokens)
        return responses_request.from_chat(arguments, self.rejected) if self.api is Api.RESPONSES else arguments

    def _of_chat(
        self, messages: Sequence[Mapping[str, Any]], prompt: Prompt, *, max_output_tokens: int | None
    ) -> dict[str, Any]:
        arguments: dict[str, Any] = {"messages": list(messages), **self.optional(prompt)}
        if max_output_tokens is not None and _NO_LIMIT not in self.rejected:
            arguments[self.tokens_field] = max_output_tokens
        if self.mode in (OutputMode.STRICT, OutputMode.SCHEMA):
            shape: dict[str, Any] = {"name": _SCHEMA_NAME, "schema": prompt.schema}
            if self.mode is OutputMode.STRICT:
                shape["strict"] = True
            arguments["response_format"] = {"type": "json_schema", "json_schema": shape}
            return arguments
        # Put the schema into the system message: some chat templates allow only one system message, at the start.
        system, *rest = messages
        schema = json.dumps(prompt.schema, separators=(",", ":"), ensure_ascii=False)
        arguments["messages"] = [
            {**system, "content": f"{system['content']}\n\nThe JSON schema of the answer:\n{schema}"},
            *rest,
        ]
        if self.mode is OutputMode.OBJECT:
            arguments["response_format"] = {"type": "json_object"}
        return arguments

    def after(self, fault: Fault, prompt: Prompt, *, private: str) -> "ModelCapabilities | None":
        """The capabilities to try after a rejected call. None: other capabilities would not help.

        An error text can repeat the customer's words, so a word counts only if the customer's text does not contain it.
        """
        if other := self.by_other_api(fault, private=private):
            return other
        if fault.status not in (400, 422) or fault.too_long:
            return None
        in_responses = self.api is Api.RESPONSES
        private = private.lower()

        def names(*words: str) -> bool:
            return any(fault.param.startswith(word) or (word in fault.words and word not in private) for word in words)

        if not in_responses and names(self.tokens_field) and (other := self._with_other_limit(fault)):
            return other
        for name in self.optional(prompt):
            if names(name, *_OTHER_NAMES.get(name, ())):
                return replace(self, rejected=self.rejected | {name})
        if names(*_FORMATS) and self.mode is not OutputMode.PROMPTED:
            return replace(self, mode=self._below(fault, names("json_schema"), names("strict")))
        return self._after_responses(fault, names) if in_responses else None

    def _with_other_limit(self, fault: Fault) -> "ModelCapabilities | None":
        """With the other name of the output limit. Without a limit if the server knows neither name."""
        if not self.tokens_field_swapped:
            field_ = "max_tokens" if self.tokens_field == "max_completion_tokens" else "max_completion_tokens"
            return replace(self, tokens_field=field_, tokens_field_swapped=True)
        is_left = _is_unknown(fault) and _NO_LIMIT not in self.rejected
        return replace(self, rejected=self.rejected | {_NO_LIMIT}) if is_left else None

    def _after_responses(self, fault: Fault, names: Callable[..., bool]) -> "ModelCapabilities | None":
        """For a server that supports only a part of the Responses API."""
        if names(_TRUNCATION) and _TRUNCATION not in self.rejected:
            return replace(self, rejected=self.rejected | {_TRUNCATION})
        if names(*_NO_INSTRUCTIONS) and _INSTRUCTIONS not in self.rejected:
            return replace(self, rejected=self.rejected | {_INSTRUCTIONS})
        if names(*_REASONING) and "reasoning_effort" not in self.rejected:
            return replace(self, rejected=self.rejected | {"reasoning_effort"})
        if names(*_TEXT) and self.mode is not OutputMode.PROMPTED:
            return replace(self, mode=OutputMode.PROMPTED, rejected=self.rejected | {"verbosity"})
        # Such a server may store requests for weeks. Its other API stores nothing by default.
        return self._other_api if names(_STORE) or (names("max_output_tokens") and _is_unknown(fault)) else None

    def by_other_api(self, fault: Fault, *, private: str) -> "ModelCapabilities | None":
        """With the other API, if the rejection shows that the server does not have this API. Otherwise None."""
        return self._other_api if lacks(self.api, fault, private) else None

    @property
    def _other_api(self) -> "ModelCapabilities | None":
        """With the other API. None: there is no other, or it was rejected before."""
        left = self.rejected & {*Api}
        return replace(self, rejected=self.rejected | {self.api}) if len(self.apis) > 1 and not left else None

    def with_first_api(self) -> "ModelCapabilities":
        """With the preferred API again, if the other API did not help either."""
        return replace(self, rejected=self.rejected - {*Api})

    def _below(self, fault: Fault, names_schema: bool, names_strict: bool) -> OutputMode:
        """The next less strict mode, or an even less strict one if the rejection says so."""
        if self.mode is OutputMode.STRICT and names_strict:
            return OutputMode.SCHEMA
        if self.mode in (OutputMode.STRICT, OutputMode.SCHEMA) and names_schema:
            return OutputMode.OBJECT
        if any(word in fault.words for word in _UNKNOWN_PARAMETER):
            return OutputMode.PROMPTED
        return _MODES[_MODES.index(self.mode) + 1]
