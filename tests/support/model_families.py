"""What servers of real model families reject, with their words: behaviours of the model server named `like_...`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.support.model_behaviours import BEHAVIOURS, WITHOUT_RESPONSES, behaviour
from tests.support.model_exchange import Exchange, as_json
from tests.support.responses_exchange import renamed

Rule = Callable[[Mapping[str, Any]], tuple[int, Any] | None]


def _openai(param: str | None, code: str | None, message: str) -> tuple[int, Any]:
    return 400, {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def no_max_tokens(body: Mapping[str, Any]) -> tuple[int, Any] | None:
    if "max_tokens" not in body:
        return None
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    return _openai("max_tokens", "unsupported_parameter", words)


def default_temperature(body: Mapping[str, Any]) -> tuple[int, Any] | None:
    if body.get("temperature", 1) == 1:
        return None
    words = (
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."
    )
    return _openai("temperature", "unsupported_value", words)


def one_of(name: str, *values: str) -> Rule:
    """Accepts only these values."""

    def rule(body: Mapping[str, Any]) -> tuple[int, Any] | None:
        if body.get(name) in (None, *values):
            return None
        listed = ", ".join(f"'{value}'" for value in values)
        words = f"Unsupported value: '{body[name]}' is not supported with this model. Supported values are: {listed}."
        return _openai(name, "unsupported_value", words)

    return rule


def unknown(*names: str) -> Rule:
    """Rejects a parameter as an older server of OpenAI or Azure does."""

    def rule(body: Mapping[str, Any]) -> tuple[int, Any] | None:
        sent = [name for name in names if name in body]
        return _openai(None, None, f"Unrecognized request argument supplied: {sent[0]}") if sent else None

    return rule


def forbidden(*names: str) -> Rule:
    """Rejects a parameter as a server that validates requests with FastAPI does, such as Mistral's."""

    def rule(body: Mapping[str, Any]) -> tuple[int, Any] | None:
        detail = [
            {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}
            for name in names
            if name in body
        ]
        return (422, {"detail": detail}) if detail else None

    return rule


def no_effort_of_xai(body: Mapping[str, Any]) -> tuple[int, Any] | None:
    if "reasoning_effort" not in body:
        return None
    words = "Model grok-4 does not support parameter reasoningEffort."
    return 400, {"code": "Client specified an invalid argument", "error": words}


def no_field_of_google(body: Mapping[str, Any]) -> tuple[int, Any] | None:
    if "verbosity" not in body:
        return None
    words = 'Invalid JSON payload received. Unknown name "verbosity": Cannot find field.'
    return 400, [{"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}}]


def litellm_temperature(body: Mapping[str, Any]) -> tuple[int, Any] | None:
    if body.get("temperature", 1) == 1:
        return None
    words = (
        "litellm.UnsupportedParamsError: gpt-5 models (including gpt-5-codex) don't support temperature=0. "
        "Only temperature=1 is supported. To drop unsupported params, set `litellm.drop_params = True`"
    )
    return 400, {"error": {"message": words, "type": "None", "param": "None", "code": "400"}}


FAMILIES: Mapping[str, tuple[str, Iterable[Rule]]] = {
    "like_gpt_5": (
        "gpt-5-mini",
        (
            no_max_tokens,
            default_temperature,
            one_of("reasoning_effort", "minimal", "low", "medium", "high"),
            one_of("verbosity", "low", "medium", "high"),
        ),
    ),
    "like_gpt_5_pro": ("gpt-5-pro", (no_max_tokens, default_temperature, one_of("reasoning_effort", "high"))),
    "like_gpt_5_chat": ("gpt-5-chat-latest", (unknown("reasoning_effort"), one_of("verbosity", "medium"))),
    "like_gpt_5_4": (
        "gpt-5.4-nano",
        (no_max_tokens, default_temperature, one_of("reasoning_effort", "none", "low", "medium", "high", "xhigh")),
    ),
    "like_o3": (
        "o3-mini-2025-01-31",
        (no_max_tokens, default_temperature, one_of("reasoning_effort", "low", "medium", "high"), unknown("verbosity")),
    ),
    "like_codex": (
        "gpt-5.1-codex",
        (
            no_max_tokens,
            default_temperature,
            one_of("reasoning_effort", "low", "medium", "high"),
            one_of("verbosity", "medium"),
        ),
    ),
    "like_gpt_4o": ("gpt-4o-mini", (unknown("reasoning_effort"), one_of("verbosity", "medium"))),
    "like_grok_4": ("grok-4-0709", (no_effort_of_xai,)),
    "like_gemini": ("gemini-2.5-flash", (no_field_of_google,)),
    "like_mistral": ("mistral-small-latest", (forbidden("reasoning_effort", "verbosity", "max_completion_tokens"),)),
    "like_litellm": ("openai/gpt-5-mini", (litellm_temperature,)),
}


def _serves(name: str, rules: Iterable[Rule]) -> None:
    @behaviour(name)
    async def reply(exchange: Exchange) -> None:
        refused = next(filter(None, (rule(exchange.body) for rule in rules)), None)
        if refused is None:
            await BEHAVIOURS["ok"](exchange)
        else:
            body = as_json(refused[1])
            await exchange.send(refused[0], renamed(body.decode()).encode() if exchange.in_responses else body)


WITHOUT_RESPONSES |= {"like_mistral", "like_gemini"}
for _name, (_model, _rules) in FAMILIES.items():
    _serves(_name, _rules)
