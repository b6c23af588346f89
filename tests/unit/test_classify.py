"""From errors to classes: codes come before statuses, causes count like wrappers, and the provider's words stay out."""

import json
import socket

import pytest

from rfqflow.core.errors import ErrorClass, Usage
from rfqflow.llm.capabilities import ModelCapabilities, OutputMode
from rfqflow.llm.error_classification import (
    CutReplyError,
    Fault,
    ReplyTooLargeError,
    class_of,
    exception_error,
    is_billed,
    status_error,
    token,
)
from tests.support.provider_requests import PROMPT

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
    "a teapot": (418, "", "provider_5xx"),
    "a status of a gateway": (460, "<html>", "provider_5xx"),
    "a code that is the customer's word": (
        400,
        {"error": {"code": "zqx", "type": "invalid_request_error"}},
        "bad_request",
    ),
}


@pytest.mark.parametrize(("status", "body", "expected"), BODIES.values(), ids=BODIES)
def test_the_code_counts_before_the_status(status, body, expected):
    assert class_of(Fault.of(status, body)) == expected


@pytest.mark.parametrize("words", ["Invalid API key", "x is not a valid model", "The model AB-7 was not found"])
def test_an_echo_of_the_customers_text_is_not_taken_for_the_providers_word(words):
    fault = Fault.of(400, {"error": {"message": f"Bad input: {words}."}})
    assert class_of(fault, f"Please quote. {words}.") is ErrorClass.BAD_REQUEST
    assert class_of(fault, "Please quote.") is not ErrorClass.BAD_REQUEST


@pytest.mark.parametrize("code", ["invalid_api_key", "insufficient_quota", "model_not_found"])
def test_a_code_in_the_customers_text_says_nothing_about_the_account(code):
    fault = Fault.of(400, {"error": {"code": code, "type": code, "message": "Bad."}})
    assert class_of(fault, f"Please quote 5 {code}.") is ErrorClass.BAD_REQUEST
    assert class_of(fault, "Please quote.") is not ErrorClass.BAD_REQUEST


OF_ACCOUNT = {
    "a key's own code": (401, {"error": {"code": "invalid_api_key"}}, True),
    "a key's type": (401, {"error": {"type": "authentication_error"}}, True),
    "a purse's own code": (429, {"error": {"code": "insufficient_quota"}}, True),
    "a model's own code": (404, {"error": {"code": "model_not_found"}}, True),
    "a key in words": (400, {"error": {"message": "API key not valid."}}, True),
    "a model in words": (404, {"error": {"message": "The model x does not exist"}}, True),
    "a firewall's page": (403, "<html>Forbidden</html>", False),
    "a firewall's page with our word on it": (403, "<html>invalid api key?</html>", False),
    "a key's status in an API's own words": (401, {"detail": "Unauthorized"}, True),
    "a key's status and no more than a text": (401, {"error": "Unauthorized"}, True),
    "a key in words, in a list": (400, [{"error": {"message": "API key not valid."}}], True),
    "an API without a code": (403, {"error": {"message": "Blocked."}}, False),
    "a page for a status of a key": (401, "<html>", False),
    "too large for what is left": (402, {"error": {"message": "needs more credits, or fewer max_tokens"}}, False),
    "a page for a wrong address": (404, "<html>", False),
}


@pytest.mark.parametrize(("status", "body", "expected"), OF_ACCOUNT.values(), ids=OF_ACCOUNT)
def test_only_the_providers_own_word_decides_about_the_account(status, body, expected):
    assert status_error(Fault.of(status, body), {}, private="", request_id=None).unproven is not expected


BILLS = {
    "refused": ((400, 401, 402, 403, 404, 409, 413, 422, 425, 429, 451, 307, 529), False),
    "given up by a gateway": ((408, 418, 423, 424, 430, 460, 499, 500, 502, 503, 504, 520, 524, 599), True),
}


@pytest.mark.parametrize(("statuses", "billed"), BILLS.values(), ids=BILLS)
def test_a_status_is_free_only_if_it_says_that_the_request_was_not_processed(statuses, billed):
    assert {status for status in statuses if is_billed(Fault.of(status, "<html>"))} == (
        {*statuses} if billed else set()
    )


@pytest.mark.parametrize("status", [500, 503])
def test_a_500_in_the_words_of_an_api_is_free(status):
    assert not is_billed(Fault.of(status, {"error": {"message": "The server had an error."}}))


class ConnectTimeout(Exception):
    pass


class TransportError(Exception):
    pass


class ReadError(TransportError):
    pass


class WriteError(TransportError):
    pass


class LocalProtocolError(TransportError):
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
    "a failed lookup inside": (wrapped(APIConnectionError(), socket.gaierror("getaddrinfo")), "connection", Usage()),
    "a broken line": (ReadError(), "connection", None),
    "a line that the other end cut": (wrapped(APIConnectionError(), ConnectionResetError()), "connection", None),
    "a failed write": (WriteError(), "connection", None),
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
def test_an_exception_is_classified_by_its_causes_and_never_quoted(error, expected, usage):
    failure = exception_error(error, private="")
    assert (failure.error_class, failure.usage) == (expected, usage)
    assert "secret" not in f"{failure} {failure.details}"


UNSENT = {
    "a key that no header can hold": (UnicodeEncodeError("ascii", "secret", 0, 1, "no"), "not_sent"),
    "a request that breaks the protocol": (wrapped(APIConnectionError(), LocalProtocolError()), "not_sent"),
    "a broken line": (ReadError(), "connection"),
    "a deadline while connecting": (TimeoutError(), "connection"),
    "a bug of ours": (KeyError("secret"), "not_sent"),
}


@pytest.mark.parametrize(("error", "expected"), UNSENT.values(), ids=UNSENT)
def test_a_failure_before_the_request_was_sent_costs_nothing_and_is_charged_to_none(error, expected):
    failure = exception_error(error, private="", sent=False)
    assert (failure.error_class, failure.usage) == (expected, Usage())
    assert "secret" not in str(failure)


@pytest.mark.parametrize("value", ["a b", "a\nb", "x" * 200, "", None, 7, "ünï", "Secret-Word"])
def test_a_token_that_could_carry_text_is_left_out(value):
    assert token(value, "our secret-word is here") is None


def test_the_output_mode_steps_down_to_the_last_one_and_no_further():
    fault = Fault.of(400, {"error": {"param": "response_format", "message": "not supported"}})
    modes, capabilities = [], ModelCapabilities()
    while capabilities is not None:
        modes.append(capabilities.mode)
        capabilities = capabilities.after(fault, PROMPT, private="")
    assert modes == list(OutputMode)


def test_a_length_error_that_names_the_token_limit_does_not_change_the_mode():
    words = "'max_tokens' is too large: 4000. This model's maximum context length is 2048 tokens"
    fault = Fault.of(400, {"error": {"message": words}})
    assert fault.too_long
    assert ModelCapabilities(tokens_field="max_tokens").after(fault, PROMPT, private="") is None


def test_the_name_of_the_token_limit_is_swapped_only_once():
    fault = Fault.of(400, {"error": {"param": "max_tokens"}})
    swapped = ModelCapabilities(tokens_field="max_tokens").after(fault, PROMPT, private="")
    assert swapped.tokens_field == "max_completion_tokens"
    assert swapped.after(Fault.of(400, {"error": {"param": "max_completion_tokens"}}), PROMPT, private="") is None
