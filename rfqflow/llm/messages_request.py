"""Requests for Anthropic's Messages API. What a model accepts is known from its family, or learnt from rejections.

The modes are those of `OutputMode`, with other meanings. `json_schema_strict` uses `output_config.format`, which the
server enforces. `json_schema` forces a tool call with the schema, for older models and gateways. `prompted` puts the
schema into the system part.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rfqflow.core.attachments.model import PageImage
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.llm.capabilities import ModelCapabilities, OutputMode
from rfqflow.llm.error_classification import Fault
from rfqflow.llm.pictures import PICTURES, for_messages, with_pictures

TOOL = "rfq_answer"
MOST_TOKENS = 8_000  # the limit if a prompt sets none, since the API requires one; `pricing.estimate` assumes it too
_SHORT_TAIL = 400  # characters
# Optional parameters, in the order in which rejections drop them. `reasoning_effort` is `output_config.effort` of the
# API.
_PARAMETERS = ("temperature", "top_p", "thinking", "reasoning_effort", "service_tier", "cache_control")
_TIERS = ("auto", "standard_only")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "thinking": ("thinking.type", "thinking"),
    "reasoning_effort": ("output_config.effort", "effort parameter", "effort"),
    "cache_control": ("cache_control", "system: input should be a valid string", "system must be a string"),
}
_MODE_NAMES: Mapping[OutputMode, tuple[str, ...]] = {
    OutputMode.STRICT: (
        *("output_config.format", "output_format", "json_schema", "structured output"),
        *("schema is too complex", "grammar", "schemas contain", "additionalproperties"),
    ),
    OutputMode.SCHEMA: ("tool_choice", "input_schema", "tools"),
}
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_CACHED = {"type": "ephemeral"}  # the API keeps the cache for five minutes after each call


@dataclass(frozen=True, slots=True)
class MessagesCapabilities(ModelCapabilities):
    """How to ask one model at one address."""

    def of_family(self, model: str) -> "MessagesCapabilities":
        return replace(ModelCapabilities.of_family(self, model), tokens_field=self.tokens_field)  # type: ignore[return-value]

    def known(self, kept: Mapping[str, Any]) -> "MessagesCapabilities":
        try:
            mode, rejected = OutputMode(kept["mode"]), frozenset(kept["rejected"]) & {*_PARAMETERS, PICTURES}
        except (KeyError, TypeError, ValueError):
            return self
        return replace(self, mode=mode, rejected=rejected)

    def optional(self, prompt: Prompt) -> dict[str, Any]:
        """The optional parameters of a call: rfqflow's names with the API's values."""
        wanted = {**self.family.parameters, **prompt.parameters, "cache_control": _CACHED}
        effort = wanted.pop("reasoning_effort", None)
        forced = self.mode is OutputMode.SCHEMA  # a forced tool call does not allow thinking
        if self.family.thinking_off and (forced or effort == "none"):
            wanted["thinking"] = {"type": "disabled"}
        if effort is not None and self.family.efforts:
            wanted["reasoning_effort"] = _nearest(effort, self.family.efforts)
        if "temperature" in wanted:
            wanted["temperature"] = min(wanted["temperature"], 1.0)  # the highest temperature of this API
        if wanted.get("service_tier") not in _TIERS:
            wanted.pop("service_tier", None)  # this value belongs to another provider
        never = self.rejected | self.family.rejects
        found = {name: wanted[name] for name in _PARAMETERS if name in wanted and name not in never}
        if "temperature" in found:
            found.pop("top_p", None)  # the API rejects temperature and top_p together
        return found

    def arguments(
        self,
        messages: Sequence[Mapping[str, str]],
        prompt: Prompt,
        *,
        max_output_tokens: int | None,
        pictures: Sequence[tuple[int, PageImage]] = (),
    ) -> dict[str, Any]:
        """The arguments of one call that depend on the model's capabilities."""
        system, *rest = for_messages(with_pictures(messages, pictures))
        optional = self.optional(prompt)
        effort, cache = optional.pop("reasoning_effort", None), optional.pop("cache_control", None)
        config: dict[str, Any] = {} if effort is None else {"effort": effort}
        schema = ""
        arguments: dict[str, Any] = {"max_tokens": max_output_tokens or MOST_TOKENS, "messages": rest, **optional}
        match self.mode:
            case OutputMode.STRICT:
                config["format"] = {"type": "json_schema", "schema": prompt.schema}
            case OutputMode.SCHEMA:
                tool = {"name": TOOL, "description": "Takes the answer.", "input_schema": prompt.schema}
                arguments["tools"] = [tool]
                arguments["tool_choice"] = {"type": "tool", "name": TOOL, "disable_parallel_tool_use": True}
            case _:
                schema = json.dumps(prompt.schema, separators=(",", ":"), ensure_ascii=False)
                schema = f"\n\nThe JSON schema of the answer:\n{schema}"
        arguments["system"] = _system(system["content"], schema, cache)
        if config:
            arguments["output_config"] = config
        return arguments

    def after(self, fault: Fault, prompt: Prompt, *, private: str) -> "MessagesCapabilities | None":
        if fault.status not in (400, 422) or fault.too_long:
            return None
        private = private.lower()

        def names(words: Sequence[str]) -> bool:
            return any(word in fault.words and word not in private for word in words)

        of_mode = names(_MODE_NAMES.get(self.mode, ()))
        for name in self.optional(prompt):
            if not of_mode and names(_NAMES.get(name, (name,))):
                return replace(self, rejected=self.rejected | {name})
        if of_mode:
            return replace(self, mode=self._next_mode())
        if not names(("output_config",)):
            return None
        # The gateway may support neither the effort nor the format, so drop both.
        mode = self._next_mode() if self.mode is OutputMode.STRICT else self.mode
        learnt = replace(self, mode=mode, rejected=self.rejected | {"reasoning_effort"})
        return None if learnt == self else learnt

    def _next_mode(self) -> OutputMode:
        thinks_always = bool(self.family.efforts) and not self.family.thinking_off
        return OutputMode.SCHEMA if self.mode is OutputMode.STRICT and not thinks_always else OutputMode.PROMPTED


def _nearest(effort: str, known: Sequence[str]) -> str:
    """The effort if the family has it, or else the next lower effort. For none and minimal: the lowest effort."""
    wanted = _EFFORTS.index(effort) if effort in _EFFORTS else 0
    return next((each for each in reversed(_EFFORTS[: wanted + 1]) if each in known), known[0])


def _system(text: str, schema: str, cache: Mapping[str, str] | None) -> str | list[dict[str, Any]]:
    """The system part of the prompt. The API caches it, but without a short last paragraph.

    The last paragraph of the shipped prompt has a code that differs between processes, so each process would need its
    own cache.
    """
    if cache is None:
        return f"{text}{schema}"  # without a cache, send one string, since some gateways reject a list of parts
    head, gap, tail = text.rpartition("\n\n")
    if not head.strip() or not tail.strip() or len(tail) > _SHORT_TAIL:
        head, gap, tail = text, "", ""
    cached: dict[str, Any] = {"type": "text", "text": f"{head}{schema}", "cache_control": cache}
    return [cached, {"type": "text", "text": f"{gap}{tail}"}] if tail else [cached]
