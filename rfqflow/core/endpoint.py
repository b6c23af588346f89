"""Checks that a key, an address or a model name can work. Pure. A ValueError says what to do, but not the value.

A worker must refuse to start with an unusable value, since every RFQ would fail because of it.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

OPENAI_HOST = "api.openai.com"
ANTHROPIC_HOST = "api.anthropic.com"
OLLAMA_ENDS = ("/api", "/api/chat", "/api/generate", "/api/tags", "/v1", "/v1/chat/completions")
ANTHROPIC_ENDS = ("/v1", "/v1/messages", "/messages", "/v1/models")
OPENAI_ENDS = ("/chat/completions", "/chat", "/completions", "/responses", "/embeddings", "/models")
# The hosts of Azure resources: new, old, and of Foundry. The same hosts in other clouds follow.
_AZURE = tuple(
    f".{service}.{cloud}"
    for cloud in ("com", "us", "cn")
    for service in ("openai.azure", "cognitiveservices.azure", "services.ai.azure")
)
_AZURE_PATH = "/openai/v1"
_HIGHEST_PORT = 65535
_QUOTES = "\"'`\u2018\u2019\u201c\u201d"
_MOST_NAME = 100  # the most that ai.open_breaker accepts
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


def key(text: str) -> str:
    """An API key that an HTTP header can carry."""
    text = _unquoted(text)
    if re.match(r"(?i)bearer\b|authorization\b|(export\s+)?[A-Z][A-Z0-9_]*_KEY=", text):
        raise ValueError("must be the key alone, without `Bearer` or a name before it")
    _without_gaps(text)
    if "\\" in text or text.startswith("$"):
        raise ValueError("must be the key itself: no shell replaces a `$` or a backslash here")
    if place := next((number for number, letter in enumerate(text, 1) if not "!" <= letter <= "~"), None):
        raise ValueError(f"holds a character that no HTTP header can carry, at place {place}: copy the key again")
    return text


def model_name(text: str) -> str:
    """A name of a model that the provider and rfqflow's commands accept."""
    text = _unquoted(text)
    _without_gaps(text)
    if len(text) > _MOST_NAME:
        raise ValueError(f"must be a model's name, which has at most {_MOST_NAME} characters")
    return text


def base_url(text: str, *, ends: Sequence[str], example: str) -> str:
    """An address to which a client appends paths. `ends`: these paths. The address may contain user and password."""
    text = _unquoted(text)
    parts = address(text, example=example)
    if parts.query or "?" in text:
        raise ValueError(f"must end before the query (the `?` and what follows), such as {example}")
    path = parts.path.rstrip("/")
    if re.search(r"[<>{}$]", path) or re.search(r"[\s\x00-\x1f]", unquote(path)):
        raise ValueError(f"must be the address itself, such as {example}: its path holds a blank, or a part to fill in")
    if "//" in path:
        raise ValueError(f"must be one address, such as {example}: its path holds `//`")
    if end := next((end for end in ends if path.lower().endswith(end)), None):
        raise ValueError(f"must end with the API's path, such as {example}: remove {end}")
    host = parts.hostname or ""
    if is_openai_host(host) and (parts.scheme != "https" or path != "/v1"):
        raise ValueError(f"must be https://{host}/v1 for OpenAI itself")
    if is_azure_host(host) and (parts.scheme != "https" or not path.endswith(_AZURE_PATH)):
        raise ValueError(f"must be https://{host}{_AZURE_PATH} for Azure, which takes a deployment's name as the model")
    if host == ANTHROPIC_HOST and ends is ANTHROPIC_ENDS and (parts.scheme != "https" or path):
        raise ValueError(f"must be https://{host} for Anthropic itself")
    return text.rstrip("/")


def is_openai_host(host: str) -> bool:
    """Whether the host is OpenAI's own, in any region."""
    return host == OPENAI_HOST or host.endswith(f".{OPENAI_HOST}")


def is_azure_host(host: str) -> bool:
    """Whether the host is an Azure resource with OpenAI's models."""
    return host.endswith(_AZURE)


def address(text: str, *, example: str) -> SplitResult:
    """The parts of an HTTP address."""
    _without_gaps(text)
    if not re.match(r"(?i)https?://", text):
        raise ValueError(f"must begin with https:// or http://, such as {example}")
    if "\\" in text or "#" in text:
        raise ValueError(f"must hold no `#` and no backslash, such as {example}")
    try:
        parts = urlsplit(text)
        usable = _is_host(parts.hostname or "") and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"must name a host and, if any, a port from 1 to 65535, such as {example}")
    return parts


@dataclass(frozen=True, slots=True)
class Listening:
    """The address on which a server listens. `loopback`: only this machine can reach it."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        return self.host == "localhost" or (_is_ip(self.host) and ipaddress.ip_address(self.host).is_loopback)


def listening(text: str) -> Listening:
    """Parses HOST:PORT. Errors do not repeat the value, which may be a URL with a password."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    is_port = port.isascii() and port.isdecimal() and int(port) <= _HIGHEST_PORT
    if not is_port or not (_is_ip(host) if ":" in host else host and _is_host(host)):
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8640 or 0.0.0.0:8640")
    return Listening(host, int(port))


def is_header(name: str, value: str) -> bool:
    """Whether HTTP can carry this header."""
    return bool(re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) and re.fullmatch(r"([!-~]([ -~]*[!-~])?)?", value))


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_host(host: str) -> bool:
    if ":" in host:
        return True  # urlsplit has checked an IPv6 address already
    try:
        plain = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return False
    return all(_LABEL.fullmatch(label) for label in plain.removesuffix(".").split("."))


def _unquoted(text: str) -> str:
    if not text:
        raise ValueError("is blank: give it a value, or unset it")
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        raise ValueError("must not be in quotes: here they are part of it (as in a file of `docker --env-file`)")
    return text


def _without_gaps(text: str) -> None:
    if re.search(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]", text):
        raise ValueError("must hold no blank, line break or invisible character: copy it again")
