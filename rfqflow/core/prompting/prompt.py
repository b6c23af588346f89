"""Builds the prompt: the text for the model, and its identity.

The customer's text is the only hostile part. It comes last, since providers cache the constant beginning. It stands
between two lines with a mark drawn for this call, each line after its number. No text in it can imitate the mark or a
control token of a chat template, or be invisible. Name, e-mail, phone and address are never sent.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rfqflow.core.decisions.call_limits import MessageSize
from rfqflow.core.errors import ConfigError
from rfqflow.core.lists import Omitted, counted_in_prose, shortened
from rfqflow.core.prompting import answer_schema
from rfqflow.core.prompting.parameters import parameter_faults
from rfqflow.core.records import Rfq, Route
from rfqflow.core.text.reading import Line
from rfqflow.core.text.sanitize import one_line, visible
from rfqflow.core.text.thread import Part

MESSAGE_CHARACTERS = 24_000
_COMPANY_CHARACTERS = 160
_SOME_MARK = "0" * 16  # as long as the nonces and canaries of real calls

_BLOCK = re.compile(r"\{\{([a-z_]+)\}\}")
_CANARY = "{{canary}}"
_LINE_WITH_DIGIT = re.compile(r"\d+[|>].*\d")  # the output of `_shown`
_LONG_LINE, _LONG = re.compile(r"\d+[|>].{200,}"), 200
_SYSTEM_BLOCKS = frozenset({"routes", "canary"})
_TEMPLATE_BLOCKS = frozenset({"nonce", "company", "message"})
_OPTIONAL_BLOCKS = frozenset({"received"})
_OUR_MARK = re.compile(r"<(?=\s*/?\s*rfq)", re.IGNORECASE)
# Local servers parse these tokens inside content too: a customer could end the turn and begin a system message.
_CONTROL_TOKEN = re.compile(
    r"<(?=\||\uff5c|/?s>|/?(?:start|end)_of_turn>|/?think>|</?SYS>)"
    r"|(?<=[|\uff5c])>"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS)\])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt's text from the package's files or from `ai.prompts`."""

    name: str
    number: int
    system: str
    template: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return f"{self.name}@{self.number}"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt joined with the current routes; `sha256` is its identity, without the model."""

    version: str
    sha256: bytes
    system: str  # the text as written, which an answer must not repeat
    around_canary: tuple[str, ...]  # the same with routes, split at the place of the canary
    template: str
    schema: Mapping[str, Any]
    parameters: Mapping[str, Any]
    fixed_bytes: int  # in every call: system part, frame and schema

    @classmethod
    def of(cls, text: PromptText, routes: Sequence[Route]) -> "Prompt":
        """Joins a text with the current routes; raises ConfigError if the text is unusable."""
        _refuse_unusable(text, routes)
        schema = answer_schema.schema(routes, text.parameters.get("answer_order"))
        identity = {
            "system": text.system,
            "template": text.template,
            "schema": schema,
            # The schema's own members are sorted below; a model writes its fields in their order.
            "order": [*schema["properties"]],
            # A model reads the description of a route, so it is part of the identity; keywords are not.
            "routes": [[route.slug, route.description, route.fallback] for route in routes],
            "parameters": dict(text.parameters),
        }
        offered = {"routes": "\n".join(_route_line(route) for route in routes)}
        around_canary = tuple(_filled(part, offered) for part in text.system.split(_CANARY))
        return cls(
            version=text.version,
            sha256=hashlib.sha256(canonical(identity)).digest(),
            system=text.system,
            around_canary=around_canary,
            template=text.template,
            schema=schema,
            parameters=dict(text.parameters),
            fixed_bytes=len(canonical(schema)) + len(_SOME_MARK.join(around_canary).encode("utf-8", "replace")),
        )


def canonical(value: Any) -> bytes:
    """JSON in one canonical form: sorted keys, no white space, UTF-8; identities hash it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def build(
    prompt: Prompt,
    rfq: Rfq,
    *,
    nonce: str,
    canary: str = "none",
    message_characters: int = MESSAGE_CHARACTERS,
    context: str = "",
) -> list[dict[str, str]]:
    """The messages of one call: the constant system part, then the customer's text as data.

    `context` is the text that `context.render` made: it stands before the customer's text, and is data too.

    `nonce` is drawn for each call, so that no earlier text can hold it. `canary` is drawn once per process, so that the
    provider's cache still sees one system part. An answer that holds it leaks the prompt.
    """
    return [
        {"role": "system", "content": canary.join(prompt.around_canary)},
        {"role": "user", "content": _asked(prompt, rfq, nonce, message_characters, context)},
    ]


def size_of(
    prompt: Prompt, rfq: Rfq, context: str = "", *, message_characters: int = MESSAGE_CHARACTERS
) -> MessageSize:
    """The size of one call: the messages of `build`, and the schema, in UTF-8."""
    asked = _asked(prompt, rfq, _SOME_MARK, message_characters, "")
    return MessageSize(
        prompt.fixed_bytes,
        len(asked.encode("utf-8", "replace")),
        len(f"{context}\n\n".encode("utf-8", "replace")) if context else 0,
        _countable(asked),
        len(rfq.pictures),
    )


def _countable(asked: str) -> int:
    """An estimate of the things that a message counts: numbered lines with a digit, and lists in long lines."""
    numbered = [line for line in asked.split("\n") if line[:1].isdecimal()]
    long = (counted_in_prose(line) for line in numbered if len(line) > _LONG and _LONG_LINE.match(line))
    return sum(1 for line in numbered if _LINE_WITH_DIGIT.match(line)) + sum(long)


def _asked(prompt: Prompt, rfq: Rfq, nonce: str, message_characters: int, context: str) -> str:
    user = {
        "nonce": nonce,
        "received": _day(rfq.received) if rfq.received else "(not known)",
        "company": as_data(one_line(rfq.company or "")[:_COMPANY_CHARACTERS], nonce) or "(not given)",
        "message": _numbered(
            shortened(rfq.reading.lines, rfq.tables),
            nonce,
            message_characters + (rfq.file_characters if rfq.files else 0),
        ),
    }
    asked = _filled(prompt.template, user)
    return f"{context}\n\n{asked}" if context else asked


@lru_cache(maxsize=16)
def _day(received: dt.date) -> str:
    return f"{received:%Y-%m-%d, %A}"


def as_data(text: str, nonce: str) -> str:
    """Customer text in which nothing can imitate our mark or a control token, or hide from a reader."""
    return _as_data(visible(text), nonce)


def _as_data(text: str, nonce: str) -> str:
    """The same for a text without invisible characters."""
    if nonce and nonce in text:
        text = text.replace(nonce, "[mark]")
    if "<" not in text and ">" not in text and "[" not in text:
        return text
    text = _OUR_MARK.sub("(", text)
    return _CONTROL_TOKEN.sub(lambda found: " >" if found[0] == ">" else f"{found[0]} ", text)


def _numbered(lines: Sequence[Line | Omitted], nonce: str, limit: int) -> str:
    """The lines after their numbers; quoted lines have another sign than those of the newest request.

    If they have more than `limit` characters, the middle is left out: a request names its goods at the beginning, and
    place and date at the end.
    """
    shown = [_shown(line, nonce) for line in lines]
    if sum(map(len, shown)) + len(shown) <= limit:
        return "\n".join(shown)
    head, tail = _fitting(shown, limit * 2 // 3), _fitting(shown[::-1], limit // 3)
    gap = f"[... {len(shown) - head - tail} lines left out ...]"
    return "\n".join((*shown[:head], gap, *shown[len(shown) - tail :]))


def _shown(line: Line | Omitted, nonce: str) -> str:
    if isinstance(line, Omitted):
        return line.text
    return f"{line.number}{'>' if line.part is Part.QUOTED else '|'} {_as_data(line.text, nonce)}"


def _fitting(shown: Sequence[str], room: int) -> int:
    """How many of the first lines fit."""
    number = 0
    for line in shown:
        room -= len(line) + 1
        if room < 0:
            break
        number += 1
    return number


def _route_line(route: Route) -> str:
    fallback = " (the fallback: nothing else fits, or it is no request)" if route.fallback else ""
    return f"- `{route.slug}`: {one_line(route.description)}{fallback}"


def _filled(text: str, blocks: Mapping[str, str]) -> str:
    # One pass: inserted text is never expanded again, so `{{message}}` in a message stays unchanged.
    pieces = list(_pieces(text))
    pieces[1::2] = [blocks.get(name, f"{{{{{name}}}}}") for name in pieces[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=64)
def _pieces(text: str) -> tuple[str, ...]:
    """The text pieces of a template, and the names of the blocks between them."""
    return tuple(_BLOCK.split(text))


def _refuse_unusable(text: PromptText, routes: Sequence[Route]) -> None:
    if not routes:
        raise ConfigError("a prompt needs at least one route: add a row to ai.routes")
    absent = _TEMPLATE_BLOCKS - set(_BLOCK.findall(text.template))
    absent |= _SYSTEM_BLOCKS - set(_BLOCK.findall(text.system))
    unknown = set(_BLOCK.findall(text.template)) - _TEMPLATE_BLOCKS - _OPTIONAL_BLOCKS
    unknown |= set(_BLOCK.findall(text.system)) - _SYSTEM_BLOCKS
    wrong = [f"{{{{{name}}}}} is missing" for name in sorted(absent)]
    wrong += [f"{{{{{name}}}}} is unknown" for name in sorted(unknown)]
    wrong += parameter_faults(text.parameters)
    if wrong:
        raise ConfigError(f"prompt {text.version} cannot be used: {', '.join(wrong)}")
