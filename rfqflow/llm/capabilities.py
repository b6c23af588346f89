"""The dialect a server speaks: which of the optional parameters it takes, learnt from what it rejects.

"OpenAI-compatible" says little. The first call asks for the best (a strict schema, `temperature`); a 400 that
names one of these moves one step, and the provider remembers it, through
`rfqflow.worker.capability_cache` beyond its process.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from rfqflow.core.prompting.prompt import Prompt
from rfqflow.llm.error_classification import Fault

_SCHEMA_NAME = "rfq_answer"
_UNKNOWN_PARAMETER = (
    "unrecognized",
    "unknown",
    "unexpected",
    "extra",
    "not permitted",
    "unsupported parameter",
)


class OutputMode(StrEnum):
    """How the shape of the answer is asked for, the firmest first."""

    STRICT = "json_schema_strict"
    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PROMPTED = "prompted"


_MODES = tuple(OutputMode)


@dataclass(frozen=True, slots=True)
class ModelCapabilities:
    mode: OutputMode = OutputMode.STRICT
    tokens_field: str = "max_completion_tokens"
    tokens_field_swapped: bool = False
    temperature: bool = True

    def known(self, kept: Mapping[str, Any]) -> "ModelCapabilities":
        """This dialect with what was learnt earlier; as it is where a later release wrote what this one cannot read."""
        try:
            mode, tokens_field, temperature = (
                OutputMode(kept["mode"]),
                str(kept["tokens_field"]),
                bool(kept["temperature"]),
            )
        except (KeyError, ValueError):
            return self
        swapped = tokens_field != self.tokens_field
        return ModelCapabilities(mode, tokens_field, tokens_field_swapped=swapped, temperature=temperature)

    def kept(self) -> dict[str, Any]:
        """What `known` takes."""
        return {"mode": str(self.mode), "tokens_field": self.tokens_field, "temperature": self.temperature}

    def arguments(
        self, messages: Sequence[Mapping[str, str]], prompt: Prompt, *, max_output_tokens: int | None
    ) -> dict[str, Any]:
        """The arguments of one call that depend on the dialect."""
        arguments: dict[str, Any] = {"messages": list(messages)}
        if max_output_tokens is not None:
            arguments[self.tokens_field] = max_output_tokens
        if self.temperature and "temperature" in prompt.parameters:
            arguments["temperature"] = prompt.parameters["temperature"]
        if self.mode in (OutputMode.STRICT, OutputMode.SCHEMA):
            shape: dict[str, Any] = {"name": _SCHEMA_NAME, "schema": prompt.schema}
            if self.mode is OutputMode.STRICT:
                shape["strict"] = True
            arguments["response_format"] = {"type": "json_schema", "json_schema": shape}
            return arguments
        # Into the system part and not after it: some chat templates take one system message, at the start.
        system, *rest = messages
        schema = json.dumps(prompt.schema, separators=(",", ":"), ensure_ascii=False)
        arguments["messages"] = [
            {**system, "content": f"{system['content']}\n\nThe JSON schema of the answer:\n{schema}"},
            *rest,
        ]
        if self.mode is OutputMode.OBJECT:
            arguments["response_format"] = {"type": "json_object"}
        return arguments

    def after(self, fault: Fault, *, private: str) -> "ModelCapabilities | None":
        """The dialect to speak after a rejection, or None if the rejection is about something else.

        Error texts can echo the customer, so a word counts only if the customer did not write it.
        """
        if fault.status not in (400, 422) or fault.too_long:
            return None
        private = private.lower()

        def names(word: str) -> bool:
            return fault.param.startswith(word) or (word in fault.words and word not in private)

        if names(self.tokens_field) and not self.tokens_field_swapped:
            other = "max_tokens" if self.tokens_field == "max_completion_tokens" else "max_completion_tokens"
            return replace(self, tokens_field=other, tokens_field_swapped=True)
        if names("temperature") and self.temperature:
            return replace(self, temperature=False)
        if any(map(names, ("response_format", "json_schema", "json_object"))) and self.mode is not OutputMode.PROMPTED:
            return replace(self, mode=self._below(fault, names("json_schema"), names("strict")))
        return None

    def _below(self, fault: Fault, names_schema: bool, names_strict: bool) -> OutputMode:
        """One step down, further where the rejection says so: an attempt has a single second call."""
        if self.mode is OutputMode.STRICT and names_strict:
            return OutputMode.SCHEMA
        if self.mode in (OutputMode.STRICT, OutputMode.SCHEMA) and names_schema:
            return OutputMode.OBJECT
        if any(word in fault.words for word in _UNKNOWN_PARAMETER):
            return OutputMode.PROMPTED
        return _MODES[_MODES.index(self.mode) + 1]
