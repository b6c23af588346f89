"""Parameters that a prompt or a row of `ai.model_parameters` may set."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_MOST_TOKENS = 1_000_000


class PromptParameters(BaseModel):
    """The parameters.

    For a parameter that is not set, the default of the model's family applies (`rfqflow/llm/model_families.toml`).
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    service_tier: (
        Literal["auto", "default", "flex", "priority", "scale", "standard_only", "on_demand", "performance"] | None
    ) = None
    prompt_cache_key: str | None = Field(None, pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    max_output_tokens: int | None = Field(None, gt=0, le=_MOST_TOKENS)
    max_output_tokens_retry: int | None = Field(None, gt=0, le=_MOST_TOKENS)
    answer_order: Literal["facts_first", "judgement_first"] | None = None
    deadline_seconds: float | None = Field(None, ge=1, le=3600)


def parameter_faults(parameters: Mapping[str, Any]) -> list[str]:
    """What is wrong with a prompt's parameters, one phrase per fault. Empty if nothing is wrong."""
    try:
        PromptParameters.model_validate(dict(parameters))
    except ValidationError as invalid:
        return [_fault(error["loc"], error["type"], error["msg"]) for error in invalid.errors()]
    return []


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(map(str, place))
    if kind == "extra_forbidden":
        return f"the parameter {name} is unknown, take one of {', '.join(PromptParameters.model_fields)}"
    return f"the parameter {name}: {message[:1].lower()}{message[1:]}"
