"""Hostile answers by the thousand: each becomes an answer that can be stored, or raises InvalidAnswer.

    python tests/support/fuzz_answers.py --count 100000

The same seed gives the same answers. The command prints each answer that fails, with the seed.
"""

import argparse
import copy
import json
import random
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from rfqflow.core.answer import Answer
from rfqflow.core.checks import check
from rfqflow.core.errors import InvalidAnswer
from rfqflow.core.prompting import answer_schema
from rfqflow.core.records import Rfq, Route
from rfqflow.prompts import shipped

INSTRUCTIONS = shipped().system
ROUTES = (Route("machining", "Parts"), Route("electrical", "Cables"), Route("general", "Rest", fallback=True))
SCHEMA = answer_schema.schema(ROUTES)
SECRET = "kx93secretcustomerword"
RFQ = Rfq(
    UUID(int=1),
    "req-1",
    f"We need 250 pcs of part AB-1234-X in Landshut by 18.12.2026, budget 5,000 EUR. {SECRET}",
    name="Ada",
)
SECONDS_PER_ANSWER = 2.0

VALID: dict[str, Any] = {
    "summary": "Ada needs 250 brackets in Landshut before Christmas.",
    "language": "en",
    "intent": "rfq",
    "route": "machining",
    "route_alternatives": [{"route": "general", "share": 0.1}],
    "confidence": 0.85,
    "tags": ["brackets", "steel"],
    "urgency": "normal",
    "line_items": [
        {
            "description": "Brackets",
            "quantity": 250,
            "quantity_max": None,
            "unit": "pcs",
            "part_number": "AB-1234-X",
            "revision": "C",
            "material": "1.4301",
            "standards": ["ISO 2768-mK"],
        }
    ],
    "due_date": "2026-12-18",
    "due_date_text": "by 18.12.2026",
    "quote_deadline": None,
    "delivery_place": "Landshut",
    "incoterm": "DAP",
    "budget": {"amount": 5000, "currency": "EUR"},
    "certificates": ["EN 10204 3.1"],
    "missing": ["drawing"],
    "injection_suspected": False,
    "evidence": [{"field": "route", "text": "part AB-1234-X"}],
}

STRINGS = (
    "",
    " ",
    "x" * 5000,
    SECRET,
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\u202e\u200b\U000e0041",
    "\x1b[31mred",
    "a\nlevel=ERROR forged",
    "e" + "\u0301" * 3000,
    "\ufffe\uffff",
    "👩‍👩‍👧" * 200,
    "<script>alert(1)</script>",
    "[x](javascript:alert(1)) https://evil.example/?q=1",
    "'; drop table ai.outbox; --",
    "{{message}}",
    "\\u0000",
    "2027-13-45",
    "9999-12-31",
    "٢٠٢٧-٠١-٠١",  # noqa: RUF001 - a date in Arabic digits
    "NaN",
    "EUR",
    "machining",
    "MACHINING",
    "null",
)
NUMBERS = (0, -1, 1, 250, 0.85, 1e15, 1e16, 1e308, -0.0, 10**40, 1e-300, 0.1 + 0.2)
RAW = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e999999",
    "9" * 5000,
    "1E-400",
    "0x10",
    "01",
    "+1",
    "'x'",
    "",
)
DEEP = ("[" * 100_000, '{"a":' * 50_000, "[" * 20 + "]" * 20, '{"summary":' * 12 + "1" + "}" * 12)


def anything(draw: random.Random, depth: int = 0) -> Any:
    """A value of any type, seldom a large one."""
    kind = draw.randrange(8 if depth < 3 else 5)
    match kind:
        case 0:
            return draw.choice(STRINGS)
        case 1:
            return draw.choice(NUMBERS)
        case 2:
            return draw.choice((None, True, False))
        case 3:
            return "".join(chr(draw.choice((draw.randrange(128), draw.randrange(0x110000)))) for _ in range(8))
        case 4:
            return draw.randrange(-(10**6), 10**6)
        case 5 | 6:
            return [anything(draw, depth + 1) for _ in range(draw.choice((0, 1, 3, 60)) if depth == 0 else 2)]
        case _:
            return {str(anything(draw, 3)): anything(draw, depth + 1) for _ in range(3)}


def hostile(draw: random.Random) -> str:
    """One hostile text: a valid answer with damage to its values, its shape, its JSON or its bytes."""
    value = copy.deepcopy(VALID)
    for _ in range(draw.randrange(4)):
        draw.choice(_WOUNDS)(value, draw)
    text = json.dumps(value, ensure_ascii=draw.random() < 0.7)
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        text = draw.choice(_BREAKS)(text, draw)
    return text


def _replace(value: dict[str, Any], draw: random.Random) -> None:
    value[draw.choice([*VALID])] = anything(draw)


def _remove(value: dict[str, Any], draw: random.Random) -> None:
    value.pop(draw.choice([*VALID]), None)


def _add(value: dict[str, Any], draw: random.Random) -> None:
    value[str(anything(draw, 3))] = anything(draw)


def _hurt_inside(value: dict[str, Any], draw: random.Random) -> None:
    name = draw.choice(("line_items", "route_alternatives", "evidence", "budget"))
    inner = value.get(name)
    target = inner[0] if isinstance(inner, list) and inner else inner
    if isinstance(target, dict) and target:
        target[draw.choice([*target])] = anything(draw)


def _repeat(value: dict[str, Any], draw: random.Random) -> None:
    name = draw.choice(("line_items", "tags", "certificates", "missing", "evidence", "route_alternatives"))
    if isinstance(value.get(name), list):
        value[name] = (value[name] * draw.choice((2, 100, 1000)))[:2000]


def _lengthen(value: dict[str, Any], draw: random.Random) -> None:
    name = draw.choice([name for name in VALID if isinstance(VALID[name], str)])
    if isinstance(value.get(name), str):
        value[name] += draw.choice(STRINGS) * draw.choice((1, 50))


def _cut(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text) + 1)]


def _flip(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + chr(draw.choice((draw.randrange(128), draw.randrange(0x110000)))) + text[at + 1 :]


def _wrap(text: str, draw: random.Random) -> str:
    before, after = draw.choice(
        (
            ("```json\n", "\n```"),
            ("\ufeff", ""),
            ("Sure! ", ""),
            ("<think>{</think>", ""),
            ("[", "]"),
            ("{", "}"),
        )
    )
    return f"{before}{text}{after}"


def _raw_number(text: str, draw: random.Random) -> str:
    return text.replace(draw.choice(("0.85", "250", "5000", "0.1")), draw.choice(RAW), 1)


def _twice(text: str, draw: random.Random) -> str:
    return text.replace("{", '{"route": "general", ', 1) if draw.random() < 0.5 else text + text


def _bury(text: str, draw: random.Random) -> str:
    return draw.choice(DEEP) if draw.random() < 0.2 else text.replace("null", draw.choice(DEEP[2:]), 1)


_WOUNDS: tuple[Callable[[dict[str, Any], random.Random], None], ...] = (
    _replace,
    _replace,
    _remove,
    _add,
    _hurt_inside,
    _hurt_inside,
    _repeat,
    _lengthen,
)
_BREAKS: tuple[Callable[[str, random.Random], str], ...] = (_cut, _flip, _wrap, _raw_number, _twice, _bury)


OUTCOMES = {"invalid", "repaired", "answer"}


def outcome(text: str) -> str:
    """Parses and grounds one text as the pipeline does, and fails if the result breaks a promise."""
    began = time.thread_time()
    try:
        answer = answer_schema.parse(
            answer_schema.first_object(text), schema=SCHEMA, rfq=RFQ, instructions=INSTRUCTIONS
        )
    except InvalidAnswer as invalid:
        must_be_discreet(invalid)
        return "invalid"
    finally:
        assert time.thread_time() - began < SECONDS_PER_ANSWER
    must_be_storable(answer)
    checked = check(answer, RFQ)
    grounded = checked.answer
    must_be_storable(grounded)
    assert grounded.confidence == answer.confidence
    assert set(checked.taken_out) <= set(grounded.checks)
    return "repaired" if checked.taken_out else "answer"


def must_be_discreet(invalid: InvalidAnswer) -> None:
    """The error has at most five lines of a place and a rule, and no word of the text, not even in its cause."""
    assert 1 <= len(invalid.details) <= 5
    assert all(": " in detail and len(detail) < 120 for detail in invalid.details), invalid.details
    reported = f"{invalid!s} {invalid.details} {invalid.__cause__!r} {invalid.__context__!r}"
    assert SECRET not in reported
    assert invalid.__context__ is None


def must_be_storable(answer: Answer) -> None:
    """The answer is valid under the model's own rules, and as text and jsonb in PostgreSQL."""
    again = Answer.model_validate_json(answer.model_dump_json())
    assert again.route in {route.slug for route in ROUTES}
    stored = answer.model_dump_json()
    stored.encode("utf-8")
    assert "\\u0000" not in stored.replace("\\\\", "")
    shown = "".join((answer.summary, answer.delivery_place or "", *(i.description for i in answer.line_items)))
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp")]
    assert "://" not in answer.summary


def run(count: int, seed: int) -> Counter[str]:
    """The outcomes of `count` hostile answers. AssertionError: the seed and number of an answer that failed."""
    outcomes: Counter[str] = Counter()
    for number in range(count):
        text = hostile(random.Random(f"{seed}/{number}"))
        try:
            outcomes[outcome(text)] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}, answer {number}: {text[:2000]!r}") from error
    return outcomes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Parses hostile answers and checks what every one of them ends in.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(dict(run(options.count, options.seed)))
