"""Builds the prompt: the text for the model, and the prompt's identity.

The customer's text may be hostile. It comes last, since providers cache the constant beginning. It is between two lines
with a mark that is random for each call, and each of its lines follows its number. It cannot imitate the mark or a
control token of a chat template, and it has no invisible characters. The fields for name, e-mail, telephone and address
are never sent.
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
_SOME_MARK = "0" * 16  # has the length of the nonces and canaries of real calls

_BLOCK = re.compile(r"\{\{([a-z_]+)\}\}")
_CANARY = "{{canary}}"
_LINE_WITH_DIGIT = re.compile(r"\d+[|>].*\d")  # matches lines as `_shown` writes them
_LONG_LINE, _LONG = re.compile(r"\d+[|>].{200,}"), 200
_SYSTEM_BLOCKS = frozenset({"routes", "canary"})
_TEMPLATE_BLOCKS = frozenset({"nonce", "company", "message"})
_OPTIONAL_BLOCKS = frozenset({"received"})
_OUR_MARK = re.compile(r"<(?=\s*/?\s*rfq)", re.IGNORECASE)
# Local servers interpret these tokens within content too. With them, a customer could end the turn and begin a system
# message.
_CONTROL_TOKEN = re.compile(
    r"<(?=\||\uff5c|/?s>|/?(?:start|end)_of_turn>|/?think>|</?SYS>)"
    r"|(?<=[|\uff5c])>"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS)\])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PromptText:
    """The text of a prompt, from the package's files or from `ai.prompts`."""

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
    """A prompt joined with the current routes. `sha256` is its identity, which does not depend on the model."""

    version: str
    sha256: bytes
    system: str  # the system part as written, which an answer must not repeat
    around_canary: tuple[str, ...]  # the system part with routes, split at the place of the canary
    template: str
    schema: Mapping[str, Any]
    parameters: Mapping[str, Any]
    fixed_bytes: int  # bytes that every call has: system part, frame and schema

    @classmethod
    def of(cls, text: PromptText, routes: Sequence[Route]) -> "Prompt":
        """Joins a text with the current routes. Raises ConfigError if the text cannot be used."""
        _refuse_unusable(text, routes)
        schema = answer_schema.schema(routes, text.parameters.get("answer_order"))
        identity = {
            "system": text.system,
            "template": text.template,
            "schema": schema,
            # The order is part of the identity: members of the schema are sorted below, but a model writes fields in
            # this order.
            "order": [*schema["properties"]],
            # A model reads the descriptions of routes, so they are part of the identity. It does not read their
            # keywords.
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
    """JSON in one canonical form, from which identities are computed: sorted keys, no white space, UTF-8."""
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
    """The messages of one call: the constant system part, and then the customer's text as data.

    `context`: the text of reference documents. It precedes the customer's text, and is data too.

    `nonce`: random for each call, so that no earlier text can contain it. `canary`: random for each process, so that
    all calls of a process have the same system part for the provider's cache. An answer that contains the canary has
    leaked the prompt.
    """
    return [
        {"role": "system", "content": canary.join(prompt.around_canary)},
        {"role": "user", "content": _asked(prompt, rfq, nonce, message_characters, context)},
    ]


def size_of(
    prompt: Prompt, rfq: Rfq, context: str = "", *, message_characters: int = MESSAGE_CHARACTERS
) -> MessageSize:
    """The size of one call in UTF-8: the messages of `build`, and the schema."""
    asked = _asked(prompt, rfq, _SOME_MARK, message_characters, "")
    return MessageSize(
        prompt.fixed_bytes,
        len(asked.encode("utf-8", "replace")),
        len(f"{context}\n\n".encode("utf-8", "replace")) if context else 0,
        _countable(asked),
        len(rfq.pictures),
    )


def _countable(asked: str) -> int:
    """An estimate of how many items a message asks for: lines with a digit, and lists within long lines."""
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
    """A customer's text in which nothing can imitate the mark or a control token, and nothing is invisible."""
    return _as_data(visible(text), nonce)


def _as_data(text: str, nonce: str) -> str:
    """As `as_data`, for a text without invisible characters."""
    if nonce and nonce in text:
        text = text.replace(nonce, "[mark]")
    if "<" not in text and ">" not in text and "[" not in text:
        return text
    text = _OUR_MARK.sub("(", text)
    return _CONTROL_TOKEN.sub(lambda found: " >" if found[0] == ">" else f"{found[0]} ", text)


def _numbered(lines: Sequence[Line | Omitted], nonce: str, limit: int) -> str:
    """The lines after their numbers. Quoted lines have another sign than the lines of the newest request.

    If they have more than `limit` characters, the lines in the middle are left out. Requests usually name their goods
    at the beginning, and place and date at the end.
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
    """How many of the first lines fit into the room."""
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
    # Replace in one pass, so that inserted text is not expanded again: `{{message}}` in a message does not change.
    pieces = list(_pieces(text))
    pieces[1::2] = [blocks.get(name, f"{{{{{name}}}}}") for name in pieces[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=64)
def _pieces(text: str) -> tuple[str, ...]:
    """The texts of a template, and between them the names of its blocks."""
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
