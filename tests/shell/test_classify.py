"""From errors to classes: codes before statuses, causes as much as wrappers, and the provider's words kept quiet."""

import json

import pytest

from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.llm.classify import CutReplyError, Fault, ReplyTooLargeError, class_of, exception_error, token
from rfqflow.llm.dialect import Dialect, Mode

BODIES = {
    "a key with 400, as Gemini does": (400, {"error": {"message": "API key not valid."}}, ErrorClass.AUTH),
    "a model with 400, as OpenRouter does": (
        400,
        {"error": {"message": "x is not a valid model ID"}},
        "model_not_found",
    ),
    "a model with 400, as LiteLLM does": (
        400,
        {"error": {"message": "/chat/completions: Invalid model name passed in model=x.", "code": "400"}},
        "model_not_found",
    ),
    "a model without access": (403, {"error": {"code": "model_not_found"}}, "model_not_found"),
    "moderation with 403, as OpenRouter does": (
        403,
        {"error": {"message": "flagged", "metadata": {"flagged_input": "text"}}},
        "content_filter",
    ),
    "Azure's filter": (400, {"error": {"code": "content_filter"}}, "content_filter"),
    "Azure's inner error": (
        400,
        {"error": {"code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
        "content_filter",
    ),
    "an empty purse": (429, {"error": {"code": "insufficient_quota"}}, "quota"),
    "an empty purse by type": (429, {"error": {"type": "insufficient_quota"}}, "quota"),
    "a real rate limit": (429, {"error": {"code": "rate_limit_exceeded"}}, "rate_limit"),
    "a number as code": (400, {"error": {"message": "bad", "code": 400}}, "bad_request"),
    "FastAPI's detail": (422, {"detail": [{"loc": ["body", "messages"]}]}, "bad_request"),
    "a body of text": (502, "<html>Bad gateway</html>", "provider_5xx"),
    "no body": (599, None, "provider_5xx"),
    "a captive portal's redirect": (302, "", "connection"),
    "a wrong address": (405, "", "model_not_found"),
    "a teapot": (418, "", "bad_request"),
}


@pytest.mark.parametrize(("status", "body", "expected"), BODIES.values(), ids=BODIES)
def test_the_code_counts_before_the_status(status, body, expected):
    assert class_of(Fault.of(status, body)) == expected


@pytest.mark.parametrize("words", ["Invalid API key", "x is not a valid model", "The model AB-7 was not found"])
def test_an_echo_of_the_customer_is_not_the_providers_word(words):
    fault = Fault.of(400, {"error": {"message": f"Bad input: {words}."}})
    assert class_of(fault, f"Please quote. {words}.") is ErrorClass.BAD_REQUEST
    assert class_of(fault, "Please quote.") is not ErrorClass.BAD_REQUEST


class ConnectTimeout(Exception):
    pass


class TransportError(Exception):
    pass


class ReadError(TransportError):
    pass


class APIConnectionError(Exception):
    pass


class APITimeoutError(APIConnectionError):
    pass


def wrapped(outer, inner):
    try:
        raise outer from inner
    except type(outer) as error:
        return error


CHAINS = {
    "a refusal by the system": (ConnectionRefusedError(), "connection", Usage()),
    "a failed lookup inside": (wrapped(APIConnectionError(), OSError("getaddrinfo")), "connection", Usage()),
    "a broken line": (ReadError(), "connection", Usage()),
    "a reply cut short": (wrapped(APIConnectionError(), CutReplyError()), "connection", None),
    "a slow server": (APITimeoutError(), "timeout", None),
    "a slow handshake inside": (wrapped(APITimeoutError(), ConnectTimeout()), "connection", Usage()),
    "our own cap, wrapped": (wrapped(APIConnectionError(), ReplyTooLargeError()), "too_large", None),
    "our own cap, bare": (ReplyTooLargeError(), "too_large", None),
    "deep JSON": (RecursionError(), "invalid_output", None),
    "broken JSON": (json.JSONDecodeError("x", "secret", 0), "invalid_output", None),
    "a bug of ours": (KeyError("secret"), "internal", None),
}


@pytest.mark.parametrize(("error", "expected", "usage"), CHAINS.values(), ids=CHAINS)
def test_an_exception_is_known_by_its_causes_and_never_quoted(error, expected, usage):
    failure = exception_error(error, private="")
    assert (failure.error_class, failure.usage) == (expected, usage)
    assert "secret" not in f"{failure} {failure.details}"


@pytest.mark.parametrize("value", ["a b", "a\nb", "x" * 200, "", None, 7, "ünï", "Secret-Word"])
def test_a_token_that_could_carry_text_is_left_out(value):
    assert token(value, "our secret-word is here") is None


def test_a_dialect_steps_down_to_the_end_and_no_further():
    fault = Fault.of(400, {"error": {"param": "response_format", "message": "not supported"}})
    modes, dialect = [], Dialect()
    while dialect is not None:
        modes.append(dialect.mode)
        dialect = dialect.after(fault, private="")
    assert modes == list(Mode)


def test_a_length_error_that_names_the_token_limit_is_no_reason_to_step():
    words = "'max_tokens' is too large: 4000. This model's maximum context length is 2048 tokens"
    fault = Fault.of(400, {"error": {"message": words}})
    assert fault.too_long
    assert Dialect(tokens_field="max_tokens").after(fault, private="") is None


def test_the_name_of_the_token_limit_is_swapped_only_once():
    fault = Fault.of(400, {"error": {"param": "max_tokens"}})
    swapped = Dialect(tokens_field="max_tokens").after(fault, private="")
    assert swapped.tokens_field == "max_completion_tokens"
    assert swapped.after(Fault.of(400, {"error": {"param": "max_completion_tokens"}}), private="") is None
