"""Probes a provider: whether it is reachable, accepts the key, has the model, and enforces the schema.

Many servers accept a schema and answer 200, but let the model ignore it. So the probe asks a question whose natural
answer breaks the schema. It sends no customer's text, and its findings contain no key.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2

from rfqflow.core.errors import CallError, ConfigError, ErrorClass, Usage
from rfqflow.core.finding import Finding, fail, ok, warn
from rfqflow.core.prompting.answer_schema import first_object
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.llm import error_classification, response, responses_reply
from rfqflow.llm.capabilities import Api, ModelCapabilities, OutputMode
from rfqflow.llm.chat import CONNECT_SECONDS
from rfqflow.llm.connectivity import reach
from rfqflow.llm.ollama import KEEP_ALIVE, OLLAMA_URL
from rfqflow.llm.openai import OPENAI_URL, check_environment
from rfqflow.llm.openai_server import ApiChoice, OpenAIServer
from rfqflow.llm.prices import PriceBook, vendor_of
from rfqflow.llm.transport import client
from rfqflow.llm.unpriced import Unpriced, is_private

_OK = 200
_NOT_FOUND = 404
_TOKENS = 2000  # enough for models that think before they answer
_LADDER = 8  # calls at most; more than there are capabilities to learn
_NAMED = 5
_SLOW_SHARE = 0.5

_FIELD = "plimsoll"
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {_FIELD: {"type": "string", "enum": ["quarrel-7", "umbra-4"]}},
    "required": [_FIELD],
    "additionalProperties": False,
}
_MESSAGES = (
    {"role": "system", "content": "You are a friendly assistant who answers in plain English sentences."},
    {"role": "user", "content": "What colour is a clear sky at noon? Answer in one short sentence of prose."},
)
_QUESTION = Prompt(
    version="doctor@1", sha256=b"", system="", around_canary=(), template="", schema=_SCHEMA,
    parameters={"temperature": 0}, fixed_bytes=0,
)  # fmt: skip
_REMEDIES: Mapping[ErrorClass, str] = {
    ErrorClass.AUTH: "check the key: it is wrong, revoked, or lacks access to this model",
    ErrorClass.QUOTA: "the account has no credit left: add credit or raise its limit",
    ErrorClass.RATE_LIMIT: "the account's rate limit is reached: retry later, or lower RFQFLOW_CONCURRENCY",
    ErrorClass.MODEL_NOT_FOUND: "check RFQFLOW_MODEL, and that the base URL ends with the API's path, such as /v1",
    ErrorClass.TIMEOUT: "raise RFQFLOW_CALL_DEADLINE_SECONDS and RFQFLOW_LEASE_SECONDS, or choose a faster model",
    ErrorClass.CONNECTION: "the base URL leads elsewhere (no redirect is followed), or the server hung up",
    ErrorClass.PROVIDER_5XX: "the server failed: check its log or status page, and retry",
    ErrorClass.BAD_REQUEST: "the server rejects the request: check its log",
    ErrorClass.CONTENT_FILTER: "a filter blocks a harmless question: check the account's moderation settings",
    ErrorClass.TOO_LARGE: "this is not a chat API: check the base URL",
    ErrorClass.INVALID_OUTPUT: "this is not a chat API: check the base URL",
}
_APIS: Mapping[Api, str] = {Api.RESPONSES: "by the Responses API", Api.CHAT: "by Chat Completions"}
_UNENFORCED = "it works, but some answers need a second call; prefer a server that enforces the schema"


@dataclass(frozen=True, slots=True)
class Target:
    """The server to probe, with its address, its model, and the limits of calls."""

    base_url: str | None
    model: str
    api_key: str | None
    deadline_seconds: float
    prices: tuple[Mapping[str, Any], ...] = ()
    api: ApiChoice = "auto"
    deployments: Mapping[str, str] = field(default_factory=dict)
    server: OpenAIServer | None = None  # None: derive it from the address
    key_variable: str = "OPENAI_API_KEY"  # empty if no key is sent


async def probe_openai(target: Target) -> AsyncGenerator[Finding, None]:
    """Yields findings about a server of OpenAI's APIs, in the order of the checks."""
    base_url = (target.base_url or OPENAI_URL).rstrip("/")
    if OpenAIServer.at(base_url).lacks_key(target.api_key):
        yield fail("no key is set", "set OPENAI_API_KEY, or OPENAI_BASE_URL for a server without keys")
        return
    async for finding in tried(
        base_url, "OPENAI_BASE_URL", lambda http: OpenAIProbe(ProbeCaller(http, base_url, target)).findings(),
        check=check_environment,
    ):  # fmt: skip
        yield finding


async def tried(
    base_url: str,
    variable: str,
    findings: Callable[[httpx2.AsyncClient], AsyncGenerator[Finding, None]],
    *,
    check: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Finding, None]:
    """Yields findings about the server at the address in `variable`.

    Checks the environment and the connection first. If they work, yields `findings` about the server itself.

    `check` raises ConfigError if `rfqflow run` would refuse the environment.
    """
    try:
        check()
    except ConfigError as error:
        yield fail(str(error), "`rfqflow run` refuses to start with it")
        return
    async for finding in reach(base_url, variable=variable):
        yield finding
        if finding.level == "fail":
            return
    async with client(concurrency=1, connect_seconds=CONNECT_SECONDS) as http:
        async for finding in findings(http):
            yield finding


async def probe_ollama(target: Target) -> AsyncGenerator[Finding, None]:
    """Yields findings about Ollama's own API, in the order of the checks."""
    base_url = (target.base_url or OLLAMA_URL).rstrip("/")
    async for finding in tried(
        base_url, "RFQFLOW_OLLAMA_URL", lambda http: _ollama(ProbeCaller(http, base_url, target))
    ):
        yield finding


async def probe_rules(_: Target) -> AsyncGenerator[Finding, None]:
    """The rules need no server."""
    yield ok("the built-in rules answer: without network, key or cost")


class ProbeCaller:
    """Makes HTTP calls to one server, with the key and a deadline."""

    def __init__(self, http: httpx2.AsyncClient, base_url: str, target: Target) -> None:
        self._http = http
        bearer = {"authorization": f"Bearer {target.api_key}"} if target.api_key else {}
        self._headers = (target.server or OpenAIServer.at(base_url)).key_headers(target.api_key) or bearer
        self.base_url = base_url
        self.target = target
        self.fault = error_classification.Fault(0)
        self.seconds = 0.0

    async def call(self, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        """Makes a call. Returns the reply's body, or raises CallError with the server's error in `fault`."""
        private = self.target.api_key or ""
        self.fault = error_classification.Fault(0)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self.target.deadline_seconds):
                response = await self._http.request(
                    "POST" if body else "GET", f"{self.base_url}{path}", json=body, headers=self._headers
                )
        except Exception as error:  # noqa: BLE001 - any exception of the client becomes an error class
            raise error_classification.exception_error(error, private=private) from None
        self.seconds = time.perf_counter() - began
        if response.status_code != _OK:
            self.fault = error_classification.Fault.of(response.status_code, _json(response.content))
            raise error_classification.status_error(self.fault, response.headers, private=private, request_id=None)
        return response.content


class OpenAIProbe:
    """The checks of a server of OpenAI's APIs. A subclass has the checks for another API."""

    _provider = "openai"
    _models = "/models"

    def __init__(self, caller: ProbeCaller) -> None:
        self._caller = caller
        self._target = caller.target
        model = self._target.model
        self._server = self._target.server or OpenAIServer.at(caller.base_url)
        self._capabilities = ModelCapabilities(
            tokens_field=self._server.tokens_field, apis=self._server.apis(self._target.api)
        ).of_family(self._target.deployments.get(model, model))

    async def findings(self) -> AsyncGenerator[Finding, None]:
        listed = await self._listed()
        if listed:
            yield listed
            if listed.level == "fail":
                return
        try:
            answered = await self._answered()
        except CallError as error:
            yield await self._lacks_v1(error) or _failed(error, self._target)
            return
        yield ok(f"the model {self._target.model} answers ({self._by()})")
        yield _enforced(self._capabilities.mode, answered.text, answered.finish_reason)
        yield self._parameters()
        yield _counted(answered.usage)
        yield _priced(self._provider, self._caller.base_url, self._target)
        yield _latency(self._caller.seconds, self._target.deadline_seconds)

    async def _listed(self) -> Finding | None:
        """A finding whether the server's list names the model. None if the server has no list, or is Azure.

        Azure lists models, not deployments.
        """
        if self._server.is_azure:
            return None
        try:
            listed = _json(await self._caller.call(self._models))
        except CallError as error:
            return _failed(error, self._target) if error.error_class is ErrorClass.AUTH else None
        members = listed.get("data") if isinstance(listed, Mapping) else None
        if not isinstance(members, list):
            return None
        names = [str(each.get("id")) for each in members if isinstance(each, Mapping)]
        if self._target.model in names:
            return ok(f"the server's list names the model {self._target.model}")
        return warn(
            f"the server's list does not name the model {self._target.model}", f"set RFQFLOW_MODEL{_some(names)}"
        )

    async def _lacks_v1(self, error: CallError) -> Finding | None:
        """A finding if the base URL lacks the path /v1, which is the most common error in a base URL."""
        base_url = self._caller.base_url
        if self._provider != "openai" or error.http_status != _NOT_FOUND or urlsplit(base_url).path.strip("/"):
            return None
        try:
            listed = _json(await self._caller.call(f"/v1{self._models}"))
        except CallError as below:
            if below.error_class is not ErrorClass.AUTH:
                return None
        else:
            if not isinstance(listed, Mapping) or "data" not in listed:
                return None
        return fail("the API is not at this address, but at /v1 below it", f"set OPENAI_BASE_URL={base_url}/v1")

    async def _answered(self) -> response.Reply:
        """Asks the question in the strictest mode that the server accepts.

        Raises CallError if the server accepts no mode.
        """
        error = CallError(ErrorClass.BAD_REQUEST, "bad_request: nothing was asked")
        for _ in range(_LADDER):
            body = self._capabilities.arguments(_MESSAGES, _QUESTION, max_output_tokens=_TOKENS)
            try:
                return await self._asked({"model": self._target.model, **body})
            except CallError as refused:
                error = refused
            learnt = self._capabilities.after(self._caller.fault, _QUESTION, private="")
            if learnt is None:
                break
            self._capabilities = learnt
        raise error

    async def _asked(self, body: dict[str, Any]) -> response.Reply:
        if self._capabilities.api is Api.RESPONSES:
            return responses_reply.read(await self._caller.call("/responses", body), private="")
        if self._server.keeps_chats:
            body["store"] = False
        return response.read(await self._caller.call("/chat/completions", body), private="")

    def _by(self) -> str:
        return _APIS[self._capabilities.api]

    def _parameters(self) -> Finding:
        learnt = [f"{name} is left out" for name in sorted(self._capabilities.rejected - {*Api})]
        if self._capabilities.tokens_field_swapped:
            learnt.append(f"the token limit is named {self._capabilities.tokens_field}")
        if not learnt:
            in_responses = self._capabilities.api is Api.RESPONSES
            limit = "max_output_tokens" if in_responses else self._capabilities.tokens_field
            accepted = (*self._capabilities.optional(_QUESTION), limit)
            return ok(f"all parameters are accepted: {', '.join(accepted)}")
        return warn(
            f"some parameters are rejected: {', '.join(learnt)}",
            "no action needed: a daemon learns each from one rejected call, at no cost",
        )


async def _ollama(caller: ProbeCaller) -> AsyncGenerator[Finding, None]:
    target = caller.target
    try:
        listed = _json(await caller.call("/api/tags"))
    except CallError:
        listed = None
    members = listed.get("models") if isinstance(listed, Mapping) else None
    if not isinstance(members, list):
        yield fail("no Ollama answers at this address", "check RFQFLOW_OLLAMA_URL: it must not contain /api or /v1")
        return
    yield ok("Ollama answers")
    names = [str(each.get("name")) for each in members if isinstance(each, Mapping)]
    if not {target.model, f"{target.model}:latest"} & {*names}:
        yield fail(f"model {target.model} not found", f"ollama pull {target.model}, or set RFQFLOW_MODEL{_some(names)}")
        return
    yield ok(f"the model {target.model} is available")
    question = {
        "model": target.model,
        "messages": list(_MESSAGES),
        "format": _SCHEMA,
        "stream": False,
        "think": False,
        "keep_alive": KEEP_ALIVE,
        "options": {"temperature": 0, "num_predict": _TOKENS},
    }
    try:
        answered = _json(await caller.call("/api/chat", question))
    except CallError as error:
        yield _failed(error, target)
        return
    message = answered.get("message") if isinstance(answered, Mapping) else None
    text = message.get("content") if isinstance(message, Mapping) else None
    yield _enforced(OutputMode.STRICT, text if isinstance(text, str) else "", None)
    yield _priced("ollama", None, target)
    yield _latency(caller.seconds, target.deadline_seconds)


def _failed(error: CallError, target: Target) -> Finding:
    status = f"HTTP {error.http_status}" if error.http_status else "no usable reply"
    match error.error_class:
        case ErrorClass.AUTH if target.key_variable and not target.api_key:
            return fail(f"the server requires a key, but none is set ({status})", f"set {target.key_variable}")
        case ErrorClass.AUTH:
            what = f"the key is not accepted ({status})"
        case ErrorClass.MODEL_NOT_FOUND:
            what = f"model {target.model} not found ({status})"
        case ErrorClass.TIMEOUT if not error.http_status:
            what = f"no answer within {target.deadline_seconds:g} s"
        case _:
            what = f"a harmless question ends in {error.error_class} ({status})"
    return fail(what, _REMEDIES.get(error.error_class, "check the server's log"))


def _enforced(mode: OutputMode, text: str, finish_reason: str | None) -> Finding:
    conforms = _conforms(first_object(text) if mode is OutputMode.PROMPTED else text)
    if not text or finish_reason in ("length", "max_tokens"):
        return warn("schema enforcement unknown: the model did not finish its answer", _UNENFORCED)
    match mode:
        case OutputMode.STRICT | OutputMode.SCHEMA if conforms:
            return ok(f"the schema is enforced ({mode})")
        case OutputMode.STRICT | OutputMode.SCHEMA:
            return warn(f"the schema is accepted but not enforced ({mode})", _UNENFORCED)
        case _ if conforms:
            return warn(f"the server accepts no schema; with {mode}, the model followed it", _UNENFORCED)
        case _:
            return warn(f"the server accepts no schema, and with {mode} the model did not follow it", _UNENFORCED)


def _conforms(text: str) -> bool:
    value = _json(text.encode("utf-8", "replace"))
    allowed = _SCHEMA["properties"][_FIELD]["enum"]
    return isinstance(value, dict) and [*value] == [_FIELD] and value[_FIELD] in allowed


def _counted(usage: Usage | None) -> Finding:
    if usage is not None:
        return ok("the server counts tokens")
    return warn("the server counts no tokens", "costs stay unknown; another version of the server may count tokens")


def _priced(provider: str, base_url: str | None, target: Target) -> Finding:
    book = PriceBook({provider: base_url})
    book.set_table(target.prices)
    sample = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
    cost, source = book.price(provider, target.model, sample)
    if cost is None:
        # An Ollama server belongs to the operator, so no list price applies.
        one = Unpriced(provider, target.model, base_url is None or is_private(base_url))
        return warn(one.sentence, one.remedy + ("" if vendor_of(base_url) is None else ", or install rfqflow[prices]"))
    return ok(f"the price of {target.model} is known ({source})")


def _latency(seconds: float, deadline_seconds: float) -> Finding:
    what = f"a short answer took {seconds:.2f} s"
    if seconds > _SLOW_SHARE * deadline_seconds:
        return warn(f"{what} of the call deadline of {deadline_seconds:g} s", _REMEDIES[ErrorClass.TIMEOUT])
    return ok(what)


def _some(names: list[str]) -> str:
    if not names:
        return "; the server has no model at all"
    more = ", ..." if len(names) > _NAMED else ""
    return f"; available: {', '.join(name[:80] for name in names[:_NAMED])}{more}"


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


PROBES: Mapping[str, Callable[[Target], AsyncGenerator[Finding, None]]] = {
    "openai": probe_openai,
    "ollama": probe_ollama,
    "rules": probe_rules,
}
