"""The wire format of an answer: the JSON schema sent to a model, and the parser of its reply.

The schema uses only what every provider accepts: each field is required, null replaces optional fields, and there are
no additional properties, limits or defaults. `parse` also checks the reply against the schema, because many servers
that support json_schema do not enforce it. `rfqflow.core.prompting.answer_normalization` repairs answers and enforces
limits. The details of an error name a place and a rule. They never contain a value or the name of an unknown field,
since both can be the customer's text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NoReturn, get_args

from rfqflow.core import answer as domain
from rfqflow.core.answer import Answer
from rfqflow.core.errors import Stage
from rfqflow.core.prompting.answer_normalization import invalid, tidied
from rfqflow.core.prompting.prompt_leak import leaks
from rfqflow.core.records import Rfq, Route

MAX_CHARACTERS = 400_000  # much more than any real answer has, and too few to block the event loop
MAX_DEPTH = 12
_SURROGATE = re.compile("[\ud800-\udfff]")
JUDGEMENT_FIRST = "judgement_first"
_JUDGED = ("summary", "intent", "route", "route_alternatives", "confidence", "tags", "urgency")
_NUMBER_CHARACTERS = 40
_NUMBER_EXPONENT = 15
_OBJECTS_TRIED = 5
_ITEMS = "line_items"
# Values for the fields that a further part of a list does not answer; the first part answers them.
_NOT_ASKED: Mapping[str, Any] = {
    "language": None, "intent": "rfq", "due_date": None, "due_date_derived": None, "due_date_text": None,
    "quote_deadline": None, "delivery_place": None, "incoterm": None, "budget": None, "certificates": [], "missing": [],
    "cites": [], "injection_suspected": False, "tags": [], "urgency": "normal", "summary": "(items)", "evidence": [],
    "route": "", "route_alternatives": [], "confidence": 0,
}  # fmt: skip

_FENCE = re.compile(r"\A```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```\Z", re.DOTALL)
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_BRACKET = re.compile(r'["\\{}\[\]]')


def schema(routes: Sequence[Route], order: str | None = None) -> dict[str, Any]:
    """The wire schema for these routes.

    A model writes the fields in the order of the schema: facts first and judgements last, unless `order` is
    `judgement_first`.
    """
    text, number = {"type": "string"}, {"type": "number"}
    route = _enum([route.slug for route in routes])
    item = _object(
        description=text,
        quantity=_nullable(number),
        quantity_max=_nullable(number),
        unit=_nullable(text),
        part_number=_nullable(text),
        revision=_nullable(text),
        material=_nullable(text),
        standards=_array(text),
        lines=_array(number),
    )
    facts_first = _object(
        language=_nullable(text),
        intent=_enum(get_args(domain.Intent)),
        line_items=_array(item),
        due_date=_nullable(text),
        due_date_derived=_nullable(text),
        due_date_text=_nullable(text),
        quote_deadline=_nullable(text),
        delivery_place=_nullable(text),
        incoterm=_nullable(_enum(get_args(domain.Incoterm))),
        budget=_nullable(_object(amount=number, currency=text)),
        certificates=_array(text),
        missing=_array(_enum(get_args(domain.Missing))),
        cites=_array(_object(field=text, lines=_array(number))),
        injection_suspected={"type": "boolean"},
        tags=_array(text),
        urgency=_enum(get_args(domain.Urgency)),
        summary=text,
        evidence=_array(_object(field=text, text=text)),
        route=route,
        route_alternatives=_array(_object(route=route, share=number)),
        confidence=number,
    )
    if order != JUDGEMENT_FIRST:
        return facts_first
    fields = facts_first["properties"]
    return _object(**{name: fields[name] for name in (*_JUDGED, *fields)})


def items_alone(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The wire schema of an answer that has only line items, for a part of a long list."""
    return _object(line_items=whole["properties"][_ITEMS])


def parse(
    text: str, *, schema: Mapping[str, Any], rfq: Rfq, canary: str | None = None, instructions: str = ""
) -> Answer:
    """The answer in a model's text. Raises InvalidAnswer if the text does not match the schema.

    `answer_normalization` repairs the faults for which it has rules. Any other fault makes the whole answer invalid, so
    that no answer is applied in part. `canary`: the prompt's secret mark. `instructions`: the prompt's system part. An
    answer that contains the mark, or repeats several words of the instructions in sequence, has leaked the prompt.
    """
    value = value_of(text, canary)
    _give_defaults(value)
    if (alone := schema["properties"].keys() == {_ITEMS}) and isinstance(value, dict) and _ITEMS in value:
        value = {_ITEMS: value[_ITEMS]}  # drop other fields, which a weak model copies from an earlier prompt
    refuse_misfits(value, schema)
    answer = tidied({**_NOT_ASKED, **value} if alone else value, rfq)
    # Check after the repair: text that was removed cannot leak, and the rest is short.
    if instructions and leaks(set(_strings(answer.model_dump(mode="json"))), instructions, rfq.reading.text):
        raise invalid("text: repeats the instructions", stage=Stage.DOMAIN)
    return answer


def value_of(text: str, canary: str | None = None) -> Any:
    """The JSON in a model's text. Raises InvalidAnswer if there is no JSON, or if it contains the secret mark."""
    if len(text) > MAX_CHARACTERS:
        raise invalid("text: too long", stage=Stage.PARSE, text=text)
    value = _strict_json(_bare(text))
    # If the text has no escapes, its strings are unchanged in it, so a search of the text is enough.
    if canary and (canary in text or "\\" in text) and any(canary in string for string in _strings(value)):
        raise invalid("text: holds what must not leave the prompt", stage=Stage.DOMAIN)
    return value


def refuse_misfits(value: Any, schema: Mapping[str, Any]) -> None:
    """Raises InvalidAnswer, which names each place where the value violates the schema."""
    problems: dict[str, object] = {}
    _problems(value, schema, "", problems)
    if problems:
        raise invalid(*problems, stage=Stage.WIRE, values=tuple(problems.values()))


def _give_defaults(value: Any) -> None:
    """Completes an answer that has no citations, which a weak model or an earlier prompt may give."""
    if not isinstance(value, dict):
        return
    value.setdefault("cites", [])
    value.setdefault("due_date_derived", None)
    items = value.get("line_items")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            item.setdefault("lines", [])


def first_object(text: str) -> str:
    """The first complete JSON object in prose, or else the text. For models whose format is not enforced."""
    if len(text) > MAX_CHARACTERS:
        return text
    text = _THOUGHTS.sub("", text, count=1)
    start = -1
    for _ in range(_OBJECTS_TRIED):
        start = text.find("{", start + 1)
        end = _balanced_end(text, start) if start >= 0 else -1
        if end < 0:
            break
        try:
            json.loads(text[start:end])
        except (ValueError, RecursionError):
            start = end - 1
            continue
        return text[start:end]
    return text


def _bare(text: str) -> str:
    text = _THOUGHTS.sub("", text.lstrip("\ufeff"), count=1).strip()
    fenced = _FENCE.match(text)
    return fenced[1].strip() if fenced else text


def _balanced_end(text: str, start: int) -> int:
    depth, position, inside = 0, start, False
    while found := _BRACKET.search(text, position):
        position = found.end()
        match found[0]:
            case "\\":
                position += 1 if inside else 0
            case '"':
                inside = not inside
            case "{" | "[" if not inside:
                depth += 1
            case "}" | "]" if not inside:
                depth -= 1
                if depth == 0:
                    return position
            case _:
                pass
    return -1


class _BreachError(ValueError):
    """A violation of a rule of JSON that the module `json` does not enforce."""


def _strict_json(text: str) -> Any:
    problem: str
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_number,
            parse_int=_number,
        )
        _refuse_unstorable(value)
    except _BreachError as breach:
        problem = str(breach)
    except RecursionError:
        problem = "text: nested too deeply"
    except json.JSONDecodeError as error:
        problem = f"text: not JSON (at character {error.pos})"
    else:
        return value
    raise invalid(problem, stage=Stage.PARSE, text=text)  # raise outside the handler: the cause contains the whole text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _BreachError("text: an object names a field twice")
    return members


def _no_constant(_: str) -> NoReturn:
    raise _BreachError("text: NaN and Infinity are no numbers")


def _number(digits: str) -> Decimal:
    value = Decimal(digits) if len(digits) <= _NUMBER_CHARACTERS else None
    if value is None or (value and abs(value.adjusted()) > _NUMBER_EXPONENT):
        raise _BreachError("text: a number is out of all range")
    return value


def _refuse_unstorable(value: Any) -> None:
    """Refuses NUL and single halves of surrogate pairs, which PostgreSQL's text and jsonb cannot store."""
    text = "\n".join(_strings(value))
    if "\x00" in text:
        raise _BreachError("text: holds NUL")
    if not text.isascii() and _SURROGATE.search(text):
        raise _BreachError("text: holds half a surrogate pair")


def _strings(value: Any) -> list[str]:
    """All strings of a JSON value, including the names of fields."""
    found: list[str] = []
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _BreachError("text: nested too deeply")
        below: list[Any] = []
        for inner in level:
            if isinstance(inner, str):
                found.append(inner)
            elif isinstance(inner, dict):
                found += inner
                below += inner.values()
            elif isinstance(inner, list):
                below += inner
        level = below
    return found


def _problems(value: Any, rule: Mapping[str, Any], place: str, found: dict[str, object]) -> None:
    """Adds to `found` the places where the value violates the schema, and the values.

    Places have no indexes, so that a fault in 50 items is one line.
    """
    if "anyOf" in rule:
        if value is None:
            return
        rule = rule["anyOf"][0]
    if not isinstance(value, _TYPES[rule["type"]]):
        found.setdefault(f"{place or 'answer'}: must be of type {rule['type']}", value)
    elif "enum" in rule and value not in rule["enum"]:
        found.setdefault(f"{place}: must be one of the listed values", value)
    elif rule["type"] == "object":
        _members(value, rule["properties"], place, found)
    elif rule["type"] == "array":
        for member in value:
            _problems(member, rule["items"], f"{place}[]", found)


def _members(value: Mapping[str, Any], properties: Mapping[str, Any], place: str, found: dict[str, object]) -> None:
    if unknown := value.keys() - properties.keys():
        found.setdefault(f"{place or 'answer'}: has a field that is not in the schema", min(unknown))
    for name, rule in properties.items():
        inner = f"{place}.{name}" if place else name
        if name in value:
            _problems(value[name], rule, inner, found)
        else:
            found.setdefault(f"{inner}: is missing", None)


_TYPES: Mapping[str, Any] = {
    "string": str,
    "number": Decimal,
    "boolean": bool,
    "object": dict,
    "array": list,
}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _enum(values: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _nullable(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [rule, {"type": "null"}]}
